//! Pages drawn in OCR-B and held to the camera in every way that the reader promises to bear.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use evidence::mrz::MrzFormat;
use image::{GrayImage, Luma as Grey};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};
use proptest::prelude::*;

use super::*;

/// Debian package fonts-ocr-b.
const OCR_B: &str = "/usr/share/fonts/opentype/ocr-b/OCRB.otf";
/// Pixels a millimetre on the drawn page.
const FINE: f32 = 8.0;
const PITCH: f32 = 2.54;

/// The specimens of Doc 9303 parts 4 to 7.
const SPECIMENS: [(MrzFormat, &[&str]); 5] = [
    (
        MrzFormat::Td1,
        &[
            "I<UTOD231458907<<<<<<<<<<<<<<<",
            "7408122F1204159UTO<<<<<<<<<<<6",
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ],
    ),
    (
        MrzFormat::Td2,
        &[
            "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
            "D231458907UTO7408122F1204159<<<<<<<6",
        ],
    ),
    (
        MrzFormat::Td3,
        &[
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ],
    ),
    (
        MrzFormat::MrvA,
        &[
            "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
        ],
    ),
    (
        MrzFormat::MrvB,
        &[
            "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
            "L8988901C4XXX4009078F9612109<<<<<<<<",
        ],
    ),
];

/// The lower half of a document: lines at the standard's pitch and distance on light paper.
fn page(lines: &[&str]) -> GrayImage {
    let font = FontVec::try_from_vec(std::fs::read(OCR_B).expect("fonts-ocr-b")).unwrap();
    let step = if lines.len() == 3 { 4.23 } else { 6.35 };
    let columns = lines.iter().map(|line| line.len()).max().unwrap_or(0) as f32;
    let (width, height) = ((columns * PITCH + 12.0) * FINE, 42.0 * FINE);
    let mut page = GrayImage::from_pixel(width as u32, height as u32, Grey([215]));
    let unit = font.as_scaled(PxScale::from(100.0));
    let scale = PxScale::from(100.0 * PITCH * FINE / unit.h_advance(font.glyph_id('H')));
    for (row, line) in lines.iter().enumerate() {
        let baseline = height - (8.0 + step * (lines.len() - 1 - row) as f32) * FINE;
        for (column, letter) in line.chars().enumerate() {
            let x = (6.0 + column as f32 * PITCH) * FINE;
            let glyph = font
                .glyph_id(letter)
                .with_scale_and_position(scale, ab_glyph::point(x, baseline));
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, ink| {
                let (x, y) = (corner.x as u32 + dx, corner.y as u32 + dy);
                if x < page.width() && y < page.height() {
                    page.put_pixel(x, y, Grey([(215.0 - 170.0 * ink) as u8]));
                }
            });
        }
    }
    page
}

/// The page in front of a dark hall: turned by `degrees`, leaning by `lean` (share of the size that is lost over its
/// height), as wide as `share` of the frame allows.
fn shot(page: &GrayImage, size: (u32, u32), degrees: f32, lean: f32, share: f32) -> GrayImage {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let room = |a: f32, b: f32| (width * a).abs() + (height * b).abs();
    let fit = (size.0 as f32 / room(cos, sin)).min(size.1 as f32 / room(sin, cos)) * share;
    let corner = |x: f32, y: f32| {
        let near = 1.0 + lean * (y / height - 0.5);
        let (x, y) = (
            (x - width / 2.0) * fit / near,
            (y - height / 2.0) * fit / near,
        );
        (
            size.0 as f32 / 2.0 + x * cos - y * sin,
            size.1 as f32 / 2.0 + x * sin + y * cos,
        )
    };
    let from = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let map = Projection::from_control_points(from, from.map(|(x, y)| corner(x, y))).unwrap();
    let soft = imageproc::filter::gaussian_blur_f32(page, 0.45 / fit.min(0.9));
    let mut frame = GrayImage::new(size.0, size.1);
    warp_into(&soft, &map, Interpolation::Bilinear, Grey([60]), &mut frame);
    frame
}

fn read(reader: &mut MrzReader, frame: &GrayImage) -> Option<(MrzFormat, Vec<String>)> {
    let reading = reader.read(Luma::from(frame))?;
    Some((reading.format, reading.lines.clone()))
}

#[test]
fn every_format_is_read_at_every_turn_and_tilt() {
    let mut reader = MrzReader::new().unwrap();
    for (format, lines) in SPECIMENS {
        let page = page(lines);
        for turn in [0.0, 90.0, 180.0, 270.0] {
            for (tilt, lean) in [(0.0, 0.0), (25.0, 0.0), (-25.0, 0.1), (9.0, -0.15)] {
                let frame = shot(&page, (1920, 1080), turn + tilt, lean, 0.95);
                let seen = read(&mut reader, &frame);
                let name = format.name();
                assert!(seen.is_some(), "{name} at {turn} and {tilt}: missed");
                let right = seen.is_some_and(|(f, l)| f == format && l == lines);
                assert!(right, "{name} at {turn} and {tilt}: misread");
            }
        }
    }
}

#[test]
fn a_page_is_read_in_frames_scans_and_thumbnails() {
    let (format, lines) = SPECIMENS[2];
    let page = page(lines);
    let mut reader = MrzReader::new().unwrap();
    for size in [
        (640, 360),
        (1280, 720),
        (1920, 1080),
        (3000, 2000),
        (720, 1280),
    ] {
        let seen = read(&mut reader, &shot(&page, size, 3.0, 0.05, 0.9));
        assert!(
            seen.is_some_and(|(f, l)| f == format && l == lines),
            "{size:?}"
        );
    }
}

#[test]
fn a_wrong_check_digit_is_told_as_it_was_seen() {
    let (_, lines) = SPECIMENS[2];
    let wrong = lines[1].replace("L898902C36", "L898902C37");
    let page = page(&[lines[0], &wrong]);
    let mut reader = MrzReader::new().unwrap();
    let (_, seen) = read(&mut reader, &shot(&page, (1280, 720), 2.0, 0.0, 0.9)).unwrap();
    assert_eq!(seen, [lines[0], &wrong]);
    assert!(!evidence::mrz::is_valid(&[&seen[0], &seen[1]]));
}

#[test]
fn the_corners_lie_around_the_text() {
    let page = page(SPECIMENS[2].1);
    let mut reader = MrzReader::new().unwrap();
    for (turn, start) in [(0.0, (0, 360)), (180.0, (1280, 360))] {
        let frame = shot(&page, (1280, 720), turn, 0.0, 0.9);
        let corners = reader.read(Luma::from(&frame)).unwrap().corners;
        let begins = (corners[0].0 - start.0).abs() < 200;
        let ends = (corners[1].0 - start.0).abs() > 1000;
        assert!(begins && ends, "{turn}: {corners:?}");
    }
}

/// A page that moves between frames is followed where it goes, and one that is gone is not seen any more.
#[test]
fn a_zone_is_followed_from_frame_to_frame() {
    let (format, lines) = SPECIMENS[2];
    let page = page(lines);
    let mut reader = MrzReader::new().unwrap();
    for turn in [0.0, 90.0, 180.0] {
        let mut trail = MrzTrail::default();
        for (degrees, share) in [(0.0, 0.8), (1.5, 0.79), (3.0, 0.81), (4.0, 0.8)] {
            let frame = shot(&page, (1920, 1080), turn + degrees, 0.0, share);
            let mut stages = Stages::default();
            let followed = trail.last.is_some();
            let seen = reader.follow_before(Luma::from(&frame), &mut trail, &mut stages);
            let Some(MrzSighting::Clear(seen)) = seen else {
                panic!("{turn} {degrees}: not clear");
            };
            assert!(
                seen.format == format && seen.lines == lines,
                "{turn} {degrees}"
            );
            assert_eq!(followed, degrees > 0.0);
            // The neighbourhood alone was looked at, along one axis.
            assert_eq!(
                stages.of("rows"),
                if followed { 1 } else { 2 },
                "{turn} {degrees}"
            );
        }
        let empty = GrayImage::from_pixel(1920, 1080, Grey([90]));
        assert_eq!(reader.follow(Luma::from(&empty), &mut trail), None);
        assert!(trail.last.is_none());
    }
}

/// Which stages a reader entered.
#[derive(Default)]
struct Stages {
    entered: Vec<&'static str>,
    seen: Vec<(&'static str, usize, usize)>,
}

impl Stages {
    fn of(&self, stage: &str) -> usize {
        self.entered.iter().filter(|&&s| s == stage).count()
    }
}

impl Witness for Stages {
    fn enters(&mut self, stage: &'static str) {
        self.entered.push(stage);
    }

    fn sees(&mut self, stage: &'static str, picture: Luma<'_>) {
        self.seen.push((stage, picture.width, picture.height));
    }

    fn wants_pictures(&self) -> bool {
        true
    }
}

#[test]
fn a_witness_is_told_every_stage_and_sees_what_it_works_on() {
    let page = page(SPECIMENS[2].1);
    let frame = shot(&page, (1280, 720), 0.0, 0.0, 0.9);
    let mut reader = MrzReader::new().unwrap();
    let mut stages = Stages::default();
    assert!(
        reader
            .read_before(Luma::from(&frame), &mut stages)
            .is_some()
    );
    for stage in ["mrz", "ink", "rows", "zones", "strips", "net", "decode"] {
        assert!(stages.of(stage) > 0, "{stage}");
    }
    for stage in ["mrz", "plane", "ink", "strips"] {
        assert!(stages.seen.iter().any(|s| s.0 == stage), "{stage}");
    }
    // The last strips are the two lines that were read, 28 pixels each.
    assert_eq!(stages.seen.last().map(|s| s.2), Some(56));
}

/// A wall of print in which any two lines could be a zone's: no more of it is read than the bound allows.
#[test]
fn work_on_a_wall_of_print_is_bounded() {
    let lines: Vec<String> = (0..5)
        .map(|n| "8K<X0BQW6M1VZ7".chars().cycle().skip(n).take(40).collect())
        .collect();
    let tile = page(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let tile = image::imageops::resize(&tile, 960, 340, image::imageops::FilterType::Triangle);
    let mut picture = GrayImage::from_pixel(1920, 1080, Grey([210]));
    for (x, y) in (0..2).flat_map(|x| (0..3).map(move |y| (x, y))) {
        image::imageops::overlay(&mut picture, &tile, x * 960, 20 + y * 340);
    }
    let mut reader = MrzReader::new().unwrap();
    let mut stages = Stages::default();
    assert_eq!(reader.read_before(Luma::from(&picture), &mut stages), None);
    let strips = stages.seen.iter().filter(|s| s.0 == "strips");
    let cells: Vec<usize> = strips
        .map(|s| s.1 * s.2 / (strip::CELL * strip::HEIGHT))
        .collect();
    let looks = stages.entered.iter().filter_map(|&stage| match stage {
        "net" => Some(Effort::QUICK_CELL),
        "careful net" => Some(Effort::CAREFUL_CELL),
        _ => None,
    });
    let looks: Vec<u32> = looks.collect();
    assert_eq!(cells.len(), looks.len());
    assert!(cells.iter().sum::<usize>() > 100, "too little print");
    let cost: usize = cells
        .iter()
        .zip(looks)
        .map(|(n, cell)| n * cell as usize)
        .sum();
    assert!(cost <= 100_000, "{cost}");
}

/// The page with a wall of grain above it, each of whose lines goes on behind its end in marks of the same pitch, as security print or a
/// table's grain does.
fn prolonged(lines: &[&str], by: usize) -> GrayImage {
    let padded: Vec<String> = lines
        .iter()
        .map(|line| format!("{line}{}", " ".repeat(by)))
        .collect();
    let page = page(&padded.iter().map(String::as_str).collect::<Vec<_>>());
    let (pitch, side) = (PITCH * FINE, PITCH * FINE * 0.7);
    let step = if lines.len() == 3 { 4.23 } else { 6.35 };
    let above = (40.0 * pitch) as u32;
    let mut table = GrayImage::from_fn(page.width(), page.height() + above, |x, y| {
        let is_grain = x as f32 % pitch < side && y as f32 % (pitch * 1.25) < side;
        Grey([if is_grain { 90 } else { 180 }])
    });
    image::imageops::overlay(&mut table, &page, 0, i64::from(above));
    for row in 0..lines.len() {
        let baseline = table.height() as f32 - (8.0 + step * row as f32) * FINE;
        for column in lines[0].len()..lines[0].len() + by {
            let left = (6.0 + column as f32 * PITCH) * FINE + 0.15 * pitch;
            for (x, y) in (0..side as u32).flat_map(|x| (0..side as u32).map(move |y| (x, y))) {
                table.put_pixel(left as u32 + x, (baseline - side) as u32 + y, Grey([60]));
            }
        }
    }
    table
}

#[test]
fn a_zone_is_found_though_marks_beside_it_prolong_its_lines() {
    let mut reader = MrzReader::new().unwrap();
    for (format, lines) in SPECIMENS {
        // Beyond 52 marks in a row nothing is taken for a line.
        let by = (50 - format.columns()).min(12);
        for turn in [0.0, 180.0] {
            let frame = shot(&prolonged(lines, by), (1920, 1080), turn + 1.5, 0.0, 1.0);
            let read = reader.read_still(Luma::from(&frame));
            let seen = read.map(|reading| reading.lines.clone());
            let name = format.name();
            assert_eq!(seen.unwrap_or_default(), lines, "{name} at {turn}");
        }
    }
}

#[test]
fn pages_without_a_zone_give_nothing() {
    let mut reader = MrzReader::new().unwrap();
    let table: [&[&str]; 5] = [
        &["", ""],
        &[
            "THE QUICK BROWN FOX JUMPS OVER A LAZY DOG",
            "PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS NOW",
        ],
        &["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"],
        &["0123456789012345678901234567890123456789"; 2],
        &["<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"; 2],
    ];
    for (n, lines) in table.iter().enumerate() {
        for turn in [0.0, 90.0, 180.0] {
            let frame = shot(&page(lines), (1280, 720), turn + 4.0, 0.0, 0.9);
            assert!(read(&mut reader, &frame).is_none(), "{n} at {turn}");
        }
    }
}

/// Among three thousand marks some always stand in a row by chance; the line reader must not see letters in them.
#[test]
fn scattered_marks_are_no_zone() {
    let mut reader = MrzReader::new().unwrap();
    for seed in 7..10u32 {
        let mut state = seed;
        let mut roll = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % n
        };
        let mut picture = GrayImage::from_pixel(1_280, 720, Grey([210]));
        for _ in 0..3_000 {
            let (left, top) = (roll(1_270), roll(707));
            for (x, y) in (0..12).flat_map(|y| (0..9).map(move |x| (x, y))) {
                picture.put_pixel(left + x, top + y, Grey([40]));
            }
        }
        assert_eq!(reader.read(Luma::from(&picture)), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_of_any_size_are_borne(
        width in 1usize..400,
        height in 1usize..300,
        pad in 0usize..4,
        bytes in prop::collection::vec(any::<u8>(), 1..600),
    ) {
        let stride = width + pad;
        let bytes: Vec<u8> = bytes.iter().copied().cycle().take(stride * height).collect();
        let frame = Luma::new(width, height, stride, &bytes).unwrap();
        let mut reader = MrzReader::new().unwrap();
        prop_assert_eq!(reader.read(frame), None);
    }
}
