#![allow(clippy::unwrap_used, clippy::expect_used)]

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder as _, RgbImage};
use proptest::prelude::*;

use super::*;

fn picture() -> RgbImage {
    RgbImage::from_fn(37, 23, |x, y| {
        image::Rgb([(x * 7) as u8, (y * 11) as u8, (x * y) as u8])
    })
}

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode_image(&picture())
        .unwrap();
    bytes
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn y4m() -> Vec<u8> {
    [
        b"YUV4MPEG2 W6 H4 F30:1 C420jpeg\n".as_slice(),
        b"FRAME\n",
        &[90; 36],
        b"FRAME Ixyz\n",
        &[200; 36],
    ]
    .concat()
}

/// How many pictures or frames there are, and how many complaints.
fn looked_at(name: &str, bytes: &[u8]) -> (usize, usize) {
    let (mut shots, mut complaints) = (0, 0);
    match contents(Path::new(name), bytes) {
        Err(_) => complaints += 1,
        Ok(Contents::Still(mut stream)) => {
            let mut whole = Vec::new();
            stream.read_to_end(&mut whole).unwrap();
            match still::decoded(&whole) {
                Ok(shot) => {
                    let view = shot.view();
                    assert_eq!(view.luma.width, view.colours.width() as usize);
                    assert_eq!(view.luma.height, view.colours.height() as usize);
                    shots += 1;
                }
                Err(_) => complaints += 1,
            }
        }
        Ok(Contents::Video(mut video)) => loop {
            match video.next() {
                Ok(Some(_)) => shots += 1,
                Ok(None) => break,
                Err(Trouble::Frame(_)) => complaints += 1,
                Err(Trouble::Final(_)) => {
                    complaints += 1;
                    break;
                }
            }
        },
    }
    (shots, complaints)
}

#[test]
fn a_file_is_known_by_how_it_begins_and_only_then_by_its_name() {
    let three = [jpeg(), b"junk".to_vec(), jpeg(), jpeg()].concat();
    let avi = [
        b"RIFF\0\0\0\0AVI LIST....strhvidsMJPG....movi00dc".as_slice(),
        &three,
    ]
    .concat();
    let table: [(&str, &[u8], (usize, usize)); 9] = [
        ("a.png", &png(&DynamicImage::ImageRgb8(picture())), (1, 0)),
        // The names say something else.
        ("a.dat", &jpeg(), (1, 0)),
        ("a.mp4", &jpeg(), (1, 0)),
        ("a.jpg", &y4m(), (2, 0)),
        ("a.mjpeg", &three, (3, 0)),
        ("a.avi", &avi, (3, 0)),
        ("a.y4m", b"no video", (0, 1)),
        ("a.png", b"", (0, 1)),
        ("a.mjpg", b"nothing in it", (0, 0)),
    ];
    for (name, bytes, expected) in table {
        assert_eq!(looked_at(name, bytes), expected, "{name}");
    }
}

#[test]
fn a_torn_frame_costs_itself_and_a_torn_picture_is_none() {
    let whole = jpeg();
    let torn = &whole[..whole.len() / 2];
    assert_eq!(looked_at("a.jpg", torn), (0, 1));
    assert_eq!(looked_at("a.mjpeg", &[&whole, torn].concat()), (1, 1));
    let png = png(&DynamicImage::ImageRgb8(picture()));
    assert_eq!(looked_at("a.png", &png[..png.len() - 30]), (0, 1));
}

#[test]
fn every_sort_of_png_is_seen_as_it_looks_in_a_viewer() {
    let grey = GrayImage::from_fn(9, 5, |x, _| image::Luma([(x * 30) as u8]));
    let sixteen = DynamicImage::ImageLuma8(grey.clone()).into_luma16();
    let table = [
        DynamicImage::ImageLuma8(grey.clone()),
        DynamicImage::ImageLuma16(sixteen),
        DynamicImage::ImageRgb16(DynamicImage::ImageLuma8(grey.clone()).into_rgb16()),
        DynamicImage::ImageLumaA8(DynamicImage::ImageLuma8(grey.clone()).into_luma_alpha8()),
    ];
    for picture in table {
        let shot = still::decoded(&png(&picture)).unwrap();
        assert_eq!(
            shot.view().luma.bytes,
            grey.as_raw(),
            "{:?}",
            picture.color()
        );
    }
    // Black on nothing, as codes are often drawn.
    let clear = image::RgbaImage::from_fn(2, 1, |x, _| image::Rgba([0, 0, 0, 255 * x as u8]));
    let shot = still::decoded(&png(&DynamicImage::ImageRgba8(clear))).unwrap();
    assert_eq!(shot.view().luma.bytes, [255, 0]);
}

#[test]
fn a_picture_is_turned_as_its_camera_noted() {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    // A TIFF header and one entry: orientation (0x0112), one short, 6: turn a quarter clockwise (Exif 2.32, 4.6.4).
    let exif = [
        b"II*\0\x08\0\0\0".as_slice(),
        b"\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
    ]
    .concat();
    encoder.set_exif_metadata(exif).unwrap();
    let wide = GrayImage::from_fn(32, 16, |x, _| image::Luma([if x < 16 { 0 } else { 255 }]));
    encoder
        .write_image(wide.as_raw(), 32, 16, ExtendedColorType::L8)
        .unwrap();
    let shot = still::decoded(&bytes).unwrap();
    let luma = shot.view().luma;
    assert_eq!((luma.width, luma.height), (16, 32));
    assert!(luma.row(2)[8] < 40 && luma.row(29)[8] > 215);
}

#[test]
fn a_jpeg_that_lacks_only_its_end_is_seen_and_one_that_lacks_more_is_not() {
    let picture = GrayImage::from_fn(160, 160, |x, y| image::Luma([(x * 3 % 97 + y % 101) as u8]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .write_image(picture.as_raw(), 160, 160, ExtendedColorType::L8)
        .unwrap();
    let whole = still::decoded(&bytes).unwrap();
    let endless = still::decoded(&bytes[..bytes.len() - 2]).unwrap();
    assert_eq!(whole.view().luma.bytes, endless.view().luma.bytes);
    for share in [3, 5, 8] {
        let error = still::decoded(&bytes[..bytes.len() * share / 10])
            .err()
            .unwrap();
        assert!(error.contains("copy it again"), "{share}: {error}");
    }
}

#[test]
fn a_picture_larger_than_any_camera_is_refused_before_it_is_unpacked() {
    let mut header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    header.extend([0, 0, 0x3A, 0x98, 0, 0, 0x3A, 0x98, 8, 2, 0, 0, 0]);
    let mut bytes = header.clone();
    bytes.extend(crc(&header[12..]).to_be_bytes());
    bytes.extend(b"\0\0\0\x04IDAT\0\0\0\0");
    let error = still::decoded(&bytes).err().unwrap();
    assert!(
        error.contains("15000 x 15000") && error.contains("make it smaller"),
        "{error}"
    );
}

/// Of a PNG's chunk (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_as_any_file_are_a_reading_or_a_complaint(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        start in prop::sample::select(vec![
            b"".to_vec(),
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec(),
            b"\xFF\xD8\xFF".to_vec(),
            b"YUV4MPEG2 W3 H2 C".to_vec(),
            b"YUV4MPEG2 W2 H1 Cmono\n".to_vec(),
        ]),
        name in prop::sample::select(vec!["a.png", "a.jpg", "a.y4m", "a.mjpeg", "a"]),
    ) {
        looked_at(name, &[start, bytes].concat());
    }

    #[test]
    fn damaged_files_are_a_reading_or_a_complaint(
        which in 0usize..4,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let (name, mut bytes) = match which {
            0 => ("a.png", png(&DynamicImage::ImageRgb8(picture()))),
            1 => ("a.jpg", jpeg()),
            2 => ("a.mjpeg", [jpeg(), jpeg()].concat()),
            _ => ("a.y4m", y4m()),
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        looked_at(name, &bytes);
    }
}
