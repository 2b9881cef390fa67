//! One JPEG of a motion JPEG stream.

use image::ImageError;
use image::error::{DecodingError, ImageFormatHint};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The bytes of the picture that stands at the beginning of a buffer, from its first marker to its last; none when there
/// is no whole one. What follows is left from a longer picture that was in the buffer before, and a picture that broke
/// off runs into it: decoded, it would show half of each.
///
/// Markers: ITU-T T.81, annex B.
pub(crate) fn whole(buffer: &[u8]) -> Option<&[u8]> {
    const START: u8 = 0xD8;
    const END: u8 = 0xD9;
    const SCAN: u8 = 0xDA;
    if buffer.get(..2)? != [0xFF, START] {
        return None;
    }
    let mut at = 2;
    loop {
        let marker = at + buffer.get(at..)?.windows(2).position(is_marker)?;
        let kind = buffer[marker + 1];
        at = marker + 2;
        match kind {
            END => return Some(&buffer[..at]),
            START => return None,
            // Between the segments nothing else may stand; within a scan only its coded bytes, and they are searched for
            // the next marker.
            _ => {
                let length = buffer.get(at..at + 2)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
                if kind != SCAN && buffer.get(at)? != &0xFF {
                    return None;
                }
            }
        }
    }
}

/// True of a marker that is more than a stuffed byte, a restart or a filling.
fn is_marker(two: &[u8]) -> bool {
    two[0] == 0xFF && !matches!(two[1], 0x00 | 0x01 | 0xFF | 0xD0..=0xD7)
}

/// The Y plane as it is coded: no colours are made on the way.
///
/// The size is checked before anything is decoded; one that differs is given back as the error.
pub(crate) fn luma(jpeg: &[u8], size: (u32, u32)) -> Result<Vec<u8>, Refusal> {
    decode(jpeg, size, ColorSpace::Luma)
}

/// Red, green, blue; none when the bytes are no such picture.
pub(crate) fn rgb(jpeg: &[u8], size: (u32, u32)) -> Option<Vec<u8>> {
    decode(jpeg, size, ColorSpace::RGB).ok()
}

/// Why a JPEG was not decoded.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is another size.
    Size(usize, usize),
    /// It is broken.
    Broken(ImageError),
}

fn decode(jpeg: &[u8], size: (u32, u32), into: ColorSpace) -> Result<Vec<u8>, Refusal> {
    let broken = |error: DecodeErrors| {
        let jpeg = ImageFormatHint::Exact(image::ImageFormat::Jpeg);
        Refusal::Broken(ImageError::Decoding(DecodingError::new(jpeg, error)))
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(into);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    if (width, height) != (size.0 as usize, size.1 as usize) {
        return Err(Refusal::Size(width, height));
    }
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap_or_default()];
    decoder.decode_into(&mut pixels).map_err(broken)?;
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::{GrayImage, Rgb, RgbImage};

    use super::*;

    fn picture() -> RgbImage {
        RgbImage::from_fn(48, 32, |x, y| {
            Rgb([(x * 5) as u8, (y * 7) as u8, ((x + y) * 3) as u8])
        })
    }

    fn coded(picture: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode_image(picture)
            .unwrap();
        bytes
    }

    #[test]
    fn luma_and_colours_agree_with_the_picture() {
        let picture = picture();
        let bytes = coded(&picture);
        let luma = luma(&bytes, (48, 32)).unwrap();
        let wanted = crate::Frame::from_rgb(picture.clone());
        let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) < 8;
        assert!(luma.iter().zip(wanted.luma_plane()).all(near));
        let colours = rgb(&bytes, (48, 32)).unwrap();
        let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) < 32;
        assert!(colours.iter().zip(picture.as_raw()).all(near));
    }

    #[test]
    fn a_grey_jpeg_is_read_too() {
        let grey = GrayImage::from_fn(16, 16, |x, y| image::Luma([(x * 9 + y * 3) as u8]));
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode_image(&grey)
            .unwrap();
        let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) < 12;
        assert!(
            luma(&bytes, (16, 16))
                .unwrap()
                .iter()
                .zip(grey.as_raw())
                .all(near)
        );
        assert_eq!(rgb(&bytes, (16, 16)).unwrap().len(), 16 * 16 * 3);
    }

    #[test]
    fn a_picture_ends_where_it_ends_whatever_stood_in_the_buffer_before() {
        let bytes = coded(&picture());
        assert_eq!(whole(&bytes), Some(&bytes[..]));
        let older = coded(&RgbImage::from_pixel(48, 32, Rgb([9, 90, 200])));
        for rest in [
            vec![0; 700],
            vec![0xFF; 9],
            older.clone(),
            older[9..].to_vec(),
        ] {
            let buffer = [&bytes[..], &rest].concat();
            assert_eq!(whole(&buffer), Some(&bytes[..]));
        }
    }

    #[test]
    fn a_torn_picture_is_not_whole() {
        let bytes = coded(&picture());
        for end in 0..bytes.len() {
            assert_eq!(whole(&bytes[..end]), None, "{end}");
        }
        let older = coded(&RgbImage::from_pixel(48, 32, Rgb([9, 90, 200])));
        let scan = bytes
            .windows(2)
            .position(|two| two == [0xFF, 0xDA])
            .unwrap();
        for end in scan + 14..bytes.len() - 1 {
            let buffer = [&bytes[..end], &older[..]].concat();
            assert_eq!(whole(&buffer), None, "{end}: another picture begins");
        }
    }

    #[test]
    fn another_size_is_refused_before_it_is_decoded() {
        let bytes = coded(&picture());
        assert!(matches!(luma(&bytes, (64, 32)), Err(Refusal::Size(48, 32))));
        assert!(matches!(
            luma(b"no picture", (64, 32)),
            Err(Refusal::Broken(_))
        ));
        assert!(rgb(&bytes, (64, 32)).is_none());
    }
}
