//! How far away a thing is held, by the size at which what stands on it is seen.

use crate::Luma;
use crate::face::FaceReading;
use crate::mrz::MrzReading;
use crate::qr::CodeReading;

/// From one character of a machine readable zone to the next (ICAO Doc 9303-3: OCR-B at ten to the inch).
pub const MRZ_PITCH_MM: f32 = 2.54;
/// Between the pupils of a grown person (Dodgson, *Proc. SPIE* 5291, 2004: mean 63, nearly all from 50 to 75).
pub const EYES_MM: f32 = 63.0;

/// Fewer pixels a module are read in good light only.
const MODULE: f32 = 3.0;
/// Fewer pixels a character are read in good light only.
const CHARACTER: f32 = 11.0;
/// Fewer pixels between the eyes cost quality: see `face::FaceQuality`.
const EYES: f32 = 45.0;
/// A thing whose corner comes nearer to the picture's edge than this share of a side is about to leave it.
const MARGIN: f32 = 0.015;
/// A face that is higher than this share of the picture leaves no room to move.
const FACE: f32 = 0.75;

/// How far away, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distance {
    /// It is seen too small.
    Far,
    /// As it should be.
    Ideal,
    /// It leaves the picture, or is about to.
    Near,
}

/// The size at which a thing is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Pixels a module of a code, from one character of a zone to the next, or between the eyes.
    pub pixels: f32,
    /// In words.
    pub distance: Distance,
}

type Point = (f32, f32);

/// Of a code. Its modules are counted in the picture, to about a tenth: half of the modules differ from the one before them, since
/// a code is masked to look like chance (ISO/IEC 18004, 7.8). None where there is nothing to count.
#[must_use]
pub fn of_code(frame: Luma<'_>, code: &CodeReading) -> Option<Spacing> {
    let corners = code.corners.map(|(x, y)| (x as f32, y as f32));
    let [a, b, c, d] = corners;
    let across = modules(frame, (a, d), (b, c))?;
    let down = modules(frame, (a, b), (d, c))?;
    let side = (apart(a, b) + apart(b, c) + apart(c, d) + apart(d, a)) / 4.0;
    let pixels = side / ((across + down) / 2.0);
    Some(spacing(frame, &corners, pixels, MODULE))
}

/// Of a machine readable zone in a picture.
#[must_use]
pub fn of_zone(frame: Luma<'_>, zone: &MrzReading) -> Spacing {
    let corners = zone.corners.map(|(x, y)| (x as f32, y as f32));
    let [a, b, c, d] = corners;
    let columns = zone.format.columns() as f32;
    let pixels = (apart(a, b) + apart(d, c)) / 2.0 / columns;
    spacing(frame, &corners, pixels, CHARACTER)
}

/// Of a face in a picture.
#[must_use]
pub fn of_face(frame: Luma<'_>, face: &FaceReading) -> Spacing {
    let [right, left, ..] = face.landmarks.map(|(x, y)| (x as f32, y as f32));
    let pixels = apart(right, left);
    let distance = if face.frame.height as f32 > FACE * frame.height as f32 {
        Distance::Near
    } else if pixels < EYES {
        Distance::Far
    } else {
        Distance::Ideal
    };
    Spacing { pixels, distance }
}

/// How far a thing of `millimetres` that is seen as `pixels` is from a lens without distortion, which sees `degrees` over the
/// picture's `width` in pixels. None for what no lens sees.
#[must_use]
pub fn millimetres(pixels: f32, millimetres: f32, width: usize, degrees: f32) -> Option<f32> {
    let focal = width as f32 / 2.0 / (degrees.to_radians() / 2.0).tan();
    let away = focal * millimetres / pixels;
    ((1.0..180.0).contains(&degrees) && away.is_finite()).then_some(away)
}

fn spacing(frame: Luma<'_>, corners: &[Point], pixels: f32, least: f32) -> Spacing {
    let (width, height) = (frame.width as f32, frame.height as f32);
    let margin = MARGIN * width.min(height);
    let leaves = |&(x, y): &Point| x.min(width - x) < margin || y.min(height - y) < margin;
    let distance = if corners.iter().any(leaves) {
        Distance::Near
    } else if pixels < least {
        Distance::Far
    } else {
        Distance::Ideal
    };
    Spacing { pixels, distance }
}

fn apart(a: Point, b: Point) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn between(a: Point, b: Point, share: f32) -> Point {
    (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
}

/// Modules along lines that run from one side of a code (given by its ends) to the other.
fn modules(frame: Luma<'_>, from: (Point, Point), to: (Point, Point)) -> Option<f32> {
    const LINES: u16 = 40;
    let mut changes = 0;
    for line in 0..LINES {
        // Not through the outermost modules, where a corner that is a module off would leave the code.
        let share = 0.06 + 0.88 * (f32::from(line) + 0.5) / f32::from(LINES);
        let ends = (between(from.0, from.1, share), between(to.0, to.1, share));
        changes += changes_along(frame, ends.0, ends.1)?;
    }
    let mean = changes as f32 / f32::from(LINES);
    (mean >= 1.0).then_some(2.0 * mean + 1.0)
}

/// How often the picture changes between dark and light along a line; None where the line leaves it.
fn changes_along(frame: Luma<'_>, from: Point, to: Point) -> Option<usize> {
    let steps = apart(from, to).ceil();
    if !(2.0..65_536.0).contains(&steps) {
        return None;
    }
    let count = steps as u32 * 2;
    let levels = (0..=count)
        .map(|step| level(frame, between(from, to, step as f32 / count as f32)))
        .collect::<Option<Vec<f32>>>()?;
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let (dark, light) = (sorted[sorted.len() / 10], sorted[sorted.len() * 9 / 10]);
    // A change has to cross a band about the middle, so that noise is none.
    let (low, high) = (dark + 0.4 * (light - dark), dark + 0.6 * (light - dark));
    let sides = levels.iter().filter_map(|&level| {
        if level <= low {
            Some(false)
        } else if level >= high {
            Some(true)
        } else {
            None
        }
    });
    let sides: Vec<bool> = sides.collect();
    Some(sides.windows(2).filter(|two| two[0] != two[1]).count())
}

/// The level between four pixels; None outside the picture.
fn level(frame: Luma<'_>, (x, y): Point) -> Option<f32> {
    if !(x >= 0.0 && y >= 0.0) {
        return None;
    }
    let (column, row) = (x as usize, y as usize);
    if column + 1 >= frame.width || row + 1 >= frame.height {
        return None;
    }
    let (along, down) = (x - column as f32, y - row as f32);
    let mix =
        |row: &[u8]| f32::from(row[column]) * (1.0 - along) + f32::from(row[column + 1]) * along;
    Some(mix(frame.row(row)) * (1.0 - down) + mix(frame.row(row + 1)) * down)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::LazyLock;

    use image::{DynamicImage, GrayImage, imageops};
    use pictures::{Conditions, Polarity};
    use proptest::prelude::*;

    use super::*;
    use crate::face::FaceReader;
    use crate::mrz::MrzReader;
    use crate::qr::CodeReader;
    use crate::test_models::models;

    #[test]
    fn modules_are_as_wide_as_they_were_drawn() {
        let text = |length| {
            "6BF+70790T9WJWG.FKY*4GO0.O1CV2"
                .chars()
                .cycle()
                .take(length)
                .collect::<String>()
        };
        for (length, scale) in [(80, 3), (80, 9), (300, 4), (900, 5)] {
            let code = pictures::code_image(&text(length), scale).unwrap();
            // Room about it, so that it does not leave the picture.
            let mut frame =
                GrayImage::from_pixel(code.width() + 60, code.height() + 60, image::Luma([255]));
            imageops::overlay(&mut frame, &code, 30, 30);
            let frame = Luma::from(&frame);
            let codes = CodeReader::new().read_still(frame);
            let measured = of_code(frame, &codes[0]).unwrap();
            let off = measured.pixels / scale as f32 - 1.0;
            assert!(off.abs() < 0.12, "{length} x {scale}: {measured:?}");
        }
    }

    #[test]
    fn a_phone_is_far_ideal_or_near_as_it_is_held() {
        let text = "SKD1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8".repeat(8);
        for (away, expected) in [
            (2.6, Distance::Far),
            (1.3, Distance::Ideal),
            (0.73, Distance::Near),
        ] {
            let conditions = Conditions {
                distance: away,
                ..Conditions::perfect(2)
            };
            let frame = pictures::phone_frame(&text, (1280, 720), &conditions).unwrap();
            let luma = DynamicImage::ImageRgb8(frame).into_luma8();
            let frame = Luma::from(&luma);
            let codes = CodeReader::new().read_still(frame);
            let measured = of_code(frame, &codes[0]).unwrap();
            assert_eq!(measured.distance, expected, "{away}: {measured:?}");
        }
        let scene = pictures::Scene::phone(&text, Polarity::DarkOnLight).unwrap();
        let [[a, b, ..]] = scene.corners((1280, 720), &Conditions::perfect(2))[..] else {
            panic!("one phone");
        };
        assert!(apart(a, b) > 400.0);
    }

    #[test]
    fn zones_and_faces_are_judged_by_pitch_and_eyes() {
        let page = pictures::PassportPage::specimen(
            [
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
            ]
            .map(str::to_owned)
            .to_vec(),
            pictures::Portrait::original(),
        );
        let page = pictures::passport_frame(&page, (1280, 720), &Conditions::perfect(1)).unwrap();
        let page = DynamicImage::ImageRgb8(page).into_luma8();
        let frame = Luma::from(&page);
        let seen = MrzReader::new().unwrap().read(frame).unwrap();
        let zone = |left: i32, width: i32| {
            let (mut zone, right) = (seen.clone(), left + width);
            zone.corners = [(left, 500), (right, 500), (right, 560), (left, 560)];
            zone
        };
        let table = [
            (zone(100, 880), 20.0, Distance::Ideal),
            (zone(100, 352), 8.0, Distance::Far),
            (zone(4, 1232), 28.0, Distance::Near),
        ];
        for (zone, pixels, distance) in table {
            assert_eq!(of_zone(frame, &zone), Spacing { pixels, distance });
        }
        let astronaut = image::open(models().join("astronaut.png")).unwrap();
        let mut faces = FaceReader::load(&models()).unwrap();
        let seen = faces.find(&astronaut.into_rgb8()).remove(0);
        let face = |eyes: i32, height: i32| {
            let mut face = seen.clone();
            face.frame.height = height;
            (face.landmarks[0], face.landmarks[1]) = ((600, 200), (600 + eyes, 200));
            face
        };
        let table = [
            (face(90, 250), 90.0, Distance::Ideal),
            (face(30, 90), 30.0, Distance::Far),
            (face(220, 600), 220.0, Distance::Near),
        ];
        for (face, pixels, distance) in table {
            assert_eq!(of_face(frame, &face), Spacing { pixels, distance });
        }
    }

    #[test]
    fn millimetres_by_the_pinhole() {
        // Half of 90 degrees: as far away as the picture is wide in half. 63 mm over 63 of 1000 pixels: 500 mm.
        let away = millimetres(63.0, EYES_MM, 1000, 90.0).unwrap();
        assert!((away - 500.0).abs() < 0.01, "{away}");
        for (pixels, degrees) in [(0.0, 90.0), (63.0, 0.0), (63.0, 180.0), (63.0, f32::NAN)] {
            assert_eq!(millimetres(pixels, EYES_MM, 1000, degrees), None);
        }
    }

    fn hello() -> CodeReading {
        static HELLO: LazyLock<CodeReading> = LazyLock::new(|| {
            let code = pictures::code_image("HELLO", 5).unwrap();
            CodeReader::new().read_still(Luma::from(&code)).remove(0)
        });
        HELLO.clone()
    }

    proptest! {
        #[test]
        fn corners_anywhere_are_no_trouble(corners in proptest::array::uniform4((-2000i32..2000, -2000i32..2000)), fill in proptest::collection::vec(any::<u8>(), 64 * 48)) {
            let frame = Luma::new(64, 48, 64, &fill).unwrap();
            let mut code = hello();
            code.corners = corners;
            if let Some(measured) = of_code(frame, &code) {
                prop_assert!(measured.pixels.is_finite());
            }
        }
    }
}
