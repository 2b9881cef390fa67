#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use image::RgbImage;

use crate::{
    Burst, Conditions, PageFormat, PassportPage, PictureError, Polarity, Portrait, Scene,
    code_image, empty_frame, face_frame, passport_frame, phone_frame, save_png, two_faces_frame,
};

const SIZE: (u32, u32) = (1280, 720);
const CODE: &str = "SKD1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA%G7X+AQB";

fn page() -> PassportPage {
    let lines = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ];
    PassportPage::specimen(lines.map(String::from).to_vec(), Portrait::variant(1))
}

fn luma(picture: &RgbImage, x: f32, y: f32) -> f32 {
    let p = picture.get_pixel(x as u32, y as u32).0;
    0.3 * f32::from(p[0]) + 0.59 * f32::from(p[1]) + 0.11 * f32::from(p[2])
}

/// Every kind of frame, by name.
fn all(size: (u32, u32), c: &Conditions) -> Vec<(&'static str, Result<RgbImage, PictureError>)> {
    let (one, two) = (Portrait::original(), Portrait::variant(2));
    vec![
        ("passport", passport_frame(&page(), size, c)),
        ("phone", phone_frame(CODE, size, c)),
        ("face", face_frame(&one, size, c)),
        ("two faces", two_faces_frame((&one, &two), size, c)),
        ("empty", empty_frame(size, c)),
    ]
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for ((name, a), (_, b)) in all(SIZE, &Conditions::ordinary(5))
        .into_iter()
        .zip(all(SIZE, &Conditions::ordinary(5)))
    {
        assert!(a.unwrap() == b.unwrap(), "{name} differs between two runs");
    }
    for ((name, a), (_, b)) in all(SIZE, &Conditions::ordinary(5))
        .into_iter()
        .zip(all(SIZE, &Conditions::ordinary(6)))
    {
        assert!(a.unwrap() != b.unwrap(), "{name} does not heed its seed");
    }
    // Built anew, without the kept scene.
    let anew = Scene::passport(&page())
        .unwrap()
        .frame(SIZE, &Conditions::hard(8))
        .unwrap();
    assert!(anew == passport_frame(&page(), SIZE, &Conditions::hard(8)).unwrap());
}

#[test]
fn odd_sizes_are_drawn_and_unusable_ones_refused() {
    for size in [(64, 64), (641, 479), (333, 777), (97, 720), (1920, 1080)] {
        for (name, picture) in all(size, &Conditions::hard(3)) {
            assert_eq!(picture.unwrap().dimensions(), size, "{name}");
        }
    }
    for size in [(0, 0), (63, 720), (1280, 10), (9000, 720)] {
        for (name, picture) in all(size, &Conditions::good(3)) {
            assert!(
                matches!(picture, Err(PictureError::UnusableSize { .. })),
                "{name}"
            );
        }
    }
}

#[test]
fn conditions_out_of_their_range_still_give_a_picture() {
    let mut c = Conditions::hard(1);
    c.distance = 0.0;
    c.pitch = 100.0;
    c.jpeg = Some(0);
    c.blur = 40.0;
    c.motion = 300.0;
    c.noise = 200.0;
    c.shift = (3.0, -3.0);
    for (name, picture) in all((320, 240), &c) {
        assert!(picture.is_ok(), "{name}");
    }
    c.roll = f32::NAN;
    c.exposure = f32::NAN;
    for (name, picture) in all((320, 240), &c) {
        assert!(picture.is_ok(), "{name}");
    }
}

/// Reads the code's modules off a frame at the places the geometry promises, and counts the wrong ones.
fn wrong_modules(text: &str, c: &Conditions) -> (usize, usize) {
    let scene = Scene::phone(text, c.polarity).unwrap();
    let picture = scene.frame(SIZE, c).unwrap();
    let corners = scene.corners(SIZE, c)[0];
    let code = code_image(text, 1).unwrap();
    let side = code.width();
    let at = |x: u32, y: u32| {
        // Within one card the perspective is mild: a bilinear blend of the corners lands inside each module.
        let (u, v) = (
            (x as f32 + 0.5) / side as f32,
            (y as f32 + 0.5) / side as f32,
        );
        let mix =
            |a: (f32, f32), b: (f32, f32), t: f32| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let p = mix(
            mix(corners[0], corners[1], u),
            mix(corners[3], corners[2], u),
            v,
        );
        luma(&picture, p.0, p.1)
    };
    let mut wrong = 0;
    for y in 4..side - 4 {
        for x in 4..side - 4 {
            // Against the mean of a neighbourhood, as readers do.
            let around: f32 = (0..7)
                .flat_map(|j| (0..7).map(move |i| (i, j)))
                .map(|(i, j)| {
                    at(
                        (x + i).saturating_sub(3).min(side - 1),
                        (y + j).saturating_sub(3).min(side - 1),
                    )
                })
                .sum::<f32>()
                / 49.0;
            let dark = at(x, y) < around;
            let meant = (code.get_pixel(x, y).0[0] == 0) != (c.polarity == Polarity::LightOnDark);
            wrong += usize::from(dark != meant);
        }
    }
    (wrong, ((side - 8) * (side - 8)) as usize)
}

#[test]
fn a_codes_modules_survive_the_camera() {
    let long = "A1B2C3D4E5".repeat(96);
    for text in [CODE, long.as_str()] {
        for polarity in [Polarity::DarkOnLight, Polarity::LightOnDark] {
            for seed in 0..3 {
                let c = Conditions {
                    polarity,
                    roll: 0.0,
                    pitch: 0.0,
                    yaw: 0.0,
                    ..Conditions::good(seed)
                };
                let (wrong, all) = wrong_modules(text, &c);
                assert!(
                    wrong * 100 < all * 3,
                    "{wrong} of {all} modules lost, seed {seed}, {polarity:?}"
                );
            }
        }
    }
}

#[test]
fn machine_readable_lines_are_dark_on_light_where_the_geometry_says() {
    let scene = Scene::passport(&page()).unwrap();
    let c = Conditions {
        roll: 0.0,
        pitch: 0.0,
        yaw: 0.0,
        ..Conditions::good(2)
    };
    let picture = scene.frame(SIZE, &c).unwrap();
    let [upper_left, upper_right, _, lower_left] = scene.corners(SIZE, &c)[0];
    let (w, h) = PageFormat::Td3.size_mm();
    let scale = (upper_right.0 - upper_left.0) / w;
    assert!((scale - (lower_left.1 - upper_left.1) / h).abs() < 0.02);
    for middle in [14.9, 8.5] {
        let row = |mm: f32| {
            let y = lower_left.1 - mm * scale;
            let x0 = upper_left.0 + 8.0 * scale;
            let values: Vec<f32> = (0..(105.0 * scale) as u32)
                .map(|x| luma(&picture, x0 + x as f32, y))
                .collect();
            (
                values.iter().copied().fold(255.0, f32::min),
                values.iter().sum::<f32>() / values.len() as f32,
            )
        };
        let (ink, _) = row(middle);
        let (_, paper) = row(middle + 3.2);
        assert!(
            paper - ink > 90.0,
            "contrast of the line {middle} mm up is {paper} - {ink}"
        );
        assert!(
            scale * 2.54 > 14.0,
            "a character is only {} pixels wide",
            scale * 2.54
        );
    }
}

#[test]
fn shapes_of_lines_choose_the_format() {
    let with = |lines: &[String]| {
        PassportPage {
            lines: lines.to_vec(),
            ..page()
        }
        .format()
    };
    let row = |start: &str, n: usize| format!("{start:<<n$}");
    assert_eq!(
        with(&[row("P", 44), row("L", 44)]).unwrap(),
        PageFormat::Td3
    );
    assert_eq!(
        with(&[row("V", 44), row("L", 44)]).unwrap(),
        PageFormat::MrvA
    );
    assert_eq!(
        with(&[row("I", 36), row("L", 36)]).unwrap(),
        PageFormat::Td2
    );
    assert_eq!(
        with(&[row("V", 36), row("L", 36)]).unwrap(),
        PageFormat::MrvB
    );
    assert_eq!(
        with(&[row("I", 30), row("L", 30), row("E", 30)]).unwrap(),
        PageFormat::Td1
    );
    assert!(matches!(
        with(&[]),
        Err(PictureError::UnfitLines { rows: 0, .. })
    ));
    assert!(matches!(
        with(&[row("P", 44)]),
        Err(PictureError::UnfitLines { rows: 1, .. })
    ));
    let refused = PassportPage {
        lines: vec![row("P", 43), row("L", 44)],
        ..page()
    };
    assert!(passport_frame(&refused, SIZE, &Conditions::good(1)).is_err());
}

#[test]
fn every_format_is_drawn() {
    for (start, columns, rows) in [
        ("P<UTO", 44, 2),
        ("V<UTO", 44, 2),
        ("I<UTO", 36, 2),
        ("V<UTO", 36, 2),
        ("I<UTO", 30, 3),
    ] {
        let lines = (0..rows).map(|_| format!("{start:<<columns$}")).collect();
        let page = PassportPage { lines, ..page() };
        assert!(
            passport_frame(&page, (640, 480), &Conditions::good(1)).is_ok(),
            "{start} {columns}"
        );
    }
}

#[test]
fn a_text_too_long_for_a_code_is_refused() {
    let text = "x".repeat(3000);
    assert!(matches!(
        phone_frame(&text, SIZE, &Conditions::good(1)),
        Err(PictureError::TooLongForACode { bytes: 3000 })
    ));
    assert_eq!(code_image("1", 0).unwrap().width(), 29);
}

#[test]
fn a_burst_moves_a_little_and_repeats_exactly() {
    let scene = Scene::phone(CODE, Polarity::DarkOnLight).unwrap();
    let take = || {
        Burst::new(&scene, (640, 360), Conditions::good(3))
            .take(4)
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    let (one, two) = (take(), take());
    assert!(one == two);
    assert!(one.windows(2).all(|pair| pair[0] != pair[1]));
    let burst = Burst::new(&scene, (640, 360), Conditions::good(3));
    for moment in 1..60 {
        let here = scene.corners((640, 360), &burst.conditions(moment))[0][0];
        let before = scene.corners((640, 360), &burst.conditions(moment - 1))[0][0];
        let moved = (here.0 - before.0).hypot(here.1 - before.1);
        assert!(moved < 12.0, "the hand jumped {moved} pixels at {moment}");
    }
}

#[test]
fn variants_differ_from_each_other() {
    let c = Conditions::perfect(1);
    let faces: Vec<_> = (0..5)
        .map(|n| face_frame(&Portrait::variant(n), (320, 180), &c).unwrap())
        .collect();
    for (i, a) in faces.iter().enumerate() {
        for b in &faces[..i] {
            let apart = a
                .iter()
                .zip(b.iter())
                .map(|(x, y)| f64::from(x.abs_diff(*y)))
                .sum::<f64>()
                / a.len() as f64;
            assert!(apart > 3.0, "two variants differ by {apart} only");
        }
    }
}

#[test]
fn saving_makes_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b.png");
    let picture = empty_frame((64, 64), &Conditions::good(1)).unwrap();
    save_png(&picture, &path).unwrap();
    assert!(image::open(&path).unwrap().into_rgb8() == picture);
}

#[test]
fn a_frame_is_drawn_fast_enough_for_a_demo() {
    // The bound is loose, for machines under load; the README has the measured figures.
    let c = Conditions::ordinary(4);
    let _ = all(SIZE, &c);
    let begin = Instant::now();
    let frames = all(SIZE, &c).len() as u32;
    let each = begin.elapsed() / frames;
    assert!(each.as_millis() < 1500, "{each:?} a frame");
}
