#![allow(clippy::unwrap_used, clippy::expect_used)]

use image::{GrayImage, imageops};
use proptest::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use super::*;

/// A code as a camera might see it.
#[derive(Clone, Copy)]
struct Shown {
    /// 1 to 40, of level M.
    version: u8,
    /// Pixels a module.
    module: f32,
    degrees: f32,
    /// Gaussian, in pixels.
    blur: f32,
    /// A dark theme's code: light modules on a dark screen.
    inverted: bool,
}

const PLAIN: Shown = Shown {
    version: 10,
    module: 4.0,
    degrees: 0.0,
    blur: 0.0,
    inverted: false,
};
const FRAME: (u32, u32) = (1280, 720);

/// As many characters of base45 as the version holds nearly full.
fn text_for(version: u8) -> String {
    let most = 20 * usize::from(version);
    "SKD1:".chars().chain("6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC".chars().cycle()).take(most).collect()
}

fn code(version: u8) -> QrCode {
    drawn::code(&text_for(version), version)
}

/// The code in the middle of a grey frame with a quiet zone of four modules.
fn picture(shown: Shown) -> GrayImage {
    place(&[(shown, (FRAME.0 as f32 / 2.0, FRAME.1 as f32 / 2.0))])
}

fn place(codes: &[(Shown, (f32, f32))]) -> GrayImage {
    let mut frame = GrayImage::from_pixel(FRAME.0, FRAME.1, image::Luma([120]));
    for &(shown, (middle_x, middle_y)) in codes {
        let code = code(shown.version);
        let half = code.size() as f32 / 2.0;
        let (sin, cos) = shown.degrees.to_radians().sin_cos();
        for (x, y, pixel) in frame.enumerate_pixels_mut() {
            // Four samples a pixel, so that modules of broken size have grey edges as through a lens.
            let (mut light, mut inside) = (0u16, 0u16);
            for (i, j) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (dx, dy) = (
                    (x as f32 + i - middle_x) / shown.module,
                    (y as f32 + j - middle_y) / shown.module,
                );
                let (u, v) = (dx * cos + dy * sin + half, dy * cos - dx * sin + half);
                if u.min(v) < -4.0 || u.max(v) >= code.size() as f32 + 4.0 {
                    continue;
                }
                inside += 1;
                let dark = code.get_module(u.floor() as i32, v.floor() as i32) != shown.inverted;
                light += if dark { 30 } else { 225 };
            }
            if inside == 4 {
                pixel.0 = [(light / 4) as u8];
            }
        }
    }
    let blur = codes
        .iter()
        .map(|(shown, _)| shown.blur)
        .fold(0.0, f32::max);
    if blur > 0.0 {
        imageops::blur(&frame, blur)
    } else {
        frame
    }
}

fn texts(codes: &[CodeReading]) -> Vec<&str> {
    codes.iter().map(|code| code.text.as_str()).collect()
}

#[test]
fn codes_of_every_size_are_read_however_they_are_held() {
    let mut table = Vec::new();
    for version in [5, 10, 13, 19, 25] {
        let module = if version < 20 { 5.0 } else { 4.0 };
        for inverted in [false, true] {
            for degrees in [0.0, 12.0, 45.0, 90.0, 180.0, 283.0] {
                table.push(Shown {
                    version,
                    module,
                    degrees,
                    inverted,
                    ..PLAIN
                });
            }
            table.push(Shown {
                version,
                module: 3.0,
                inverted,
                ..PLAIN
            });
            table.push(Shown {
                version,
                module,
                degrees: 7.0,
                blur: module * 0.3,
                inverted,
            });
        }
    }
    for shown in table {
        let frame = picture(shown);
        let codes = CodeReader::new().read(Luma::from(&frame));
        let Shown {
            version,
            module,
            degrees,
            blur,
            inverted,
        } = shown;
        assert_eq!(
            texts(&codes),
            [text_for(version)],
            "version {version}, {module} pixels a module, {degrees} degrees, blur {blur}, inverted {inverted}"
        );
    }
}

#[test]
fn corners_bound_the_code_from_its_own_top_left() {
    // Version 10 is 57 modules; 228 pixels here, about (640, 360).
    let upright = [(526, 246), (754, 246), (754, 474), (526, 474)];
    for (degrees, first) in [(0.0, 0), (90.0, 1), (180.0, 2), (270.0, 3)] {
        let frame = picture(Shown { degrees, ..PLAIN });
        let codes = CodeReader::new().read(Luma::from(&frame));
        for (index, (x, y)) in codes[0].corners.into_iter().enumerate() {
            let (ex, ey) = upright[(index + first) % 4];
            assert!(
                (x - ex).abs() <= 6 && (y - ey).abs() <= 6,
                "{degrees} degrees: {:?}",
                codes[0].corners
            );
        }
    }
}

#[test]
fn corners_are_in_the_frame_whatever_stage_read_the_code() {
    let mut reader = CodeReader::new();
    for stage in ALWAYS.into_iter().chain(TURNS) {
        // At quarter size a code of version 10 needs eight pixels a module to keep two.
        let module = if stage == Stage::Quarter { 8.0 } else { 4.0 };
        let frame = picture(Shown { module, ..PLAIN });
        let frame = Arc::new(Plane::copy_of(Luma::from(&frame)));
        let half = (28.5 * module) as i32;
        let codes = reader.try_stage(stage, &frame, &[], Deadline::Still, &mut Nobody);
        assert_eq!(texts(&codes), [text_for(10)], "{stage:?}");
        assert_eq!(codes[0].stage, stage);
        let upright = [
            (640 - half, 360 - half),
            (640 + half, 360 - half),
            (640 + half, 360 + half),
            (640 - half, 360 + half),
        ];
        for ((x, y), (ex, ey)) in codes[0].corners.into_iter().zip(upright) {
            assert!(
                (x - ex).abs() <= 16 && (y - ey).abs() <= 16,
                "{stage:?}: {:?}",
                codes[0].corners
            );
        }
    }
}

#[test]
fn all_codes_in_view_are_returned() {
    let frame = place(&[
        (
            Shown {
                version: 5,
                ..PLAIN
            },
            (250.0, 200.0),
        ),
        (
            Shown {
                version: 8,
                degrees: 20.0,
                ..PLAIN
            },
            (900.0, 450.0),
        ),
    ]);
    let codes = CodeReader::new().read(Luma::from(&frame));
    let mut seen = texts(&codes);
    seen.sort_by_key(|text| text.len());
    assert_eq!(seen, [text_for(5), text_for(8)]);
}

#[test]
fn a_padded_frame_reads_as_the_same_frame() {
    let frame = picture(PLAIN);
    let stride = FRAME.0 as usize + 64;
    let mut padded = vec![200; stride * FRAME.1 as usize];
    for (row, out) in frame
        .as_raw()
        .chunks_exact(FRAME.0 as usize)
        .zip(padded.chunks_exact_mut(stride))
    {
        out[..row.len()].copy_from_slice(row);
    }
    let padded = Luma::new(FRAME.0 as usize, FRAME.1 as usize, stride, &padded).unwrap();
    let mut reader = CodeReader::new();
    assert_eq!(reader.read(padded), reader.read(Luma::from(&frame)));
}

/// A code too soft for rxing, and one at the sensor's limit: blur of 0.62 modules, 2.1 pixels a module.
#[test]
fn soft_and_dense_codes_are_read_in_the_first_frame() {
    let table = [
        (10, 4.0, 0.62, false),
        (10, 4.0, 0.62, true),
        (20, 3.0, 0.6, false),
        (25, 2.5, 0.5, true),
        (25, 2.1, 0.45, false),
    ];
    for (version, module, share, inverted) in table {
        let frame = picture(Shown {
            version,
            module,
            degrees: 5.0,
            blur: module * share,
            inverted,
        });
        let codes = CodeReader::new().read(Luma::from(&frame));
        assert_eq!(
            texts(&codes),
            [text_for(version)],
            "{version} {module} {inverted}"
        );
    }
}

#[test]
fn a_frame_without_effort_left_is_not_read_and_texture_spends_all_that_there_is() {
    use effort::Effort;
    let soft = picture(Shown {
        degrees: 5.0,
        blur: 2.0,
        ..PLAIN
    });
    let read = |frame: &GrayImage, effort: &mut Effort| {
        let sights = sampled::read(
            Luma::from(frame),
            &mut Track::default(),
            1,
            &[],
            None,
            effort,
        );
        sights.into_iter().find_map(|sight| sight.text)
    };
    assert_eq!(read(&soft, &mut Effort::frame()), Some(text_for(10)));
    let mut none = Effort::frame();
    none.cap(0);
    assert_eq!(read(&soft, &mut none), None);
    // Three modules of random black and white: there is no end of what might be a symbol.
    let mut state = 9u64;
    let blocks: Vec<u8> = (0..427 * 240)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            if state >> 63 == 1 { 30 } else { 220 }
        })
        .collect();
    let texture = GrayImage::from_fn(FRAME.0, FRAME.1, |x, y| {
        image::Luma([blocks[(y / 3 * 427 + x / 3) as usize]])
    });
    let mut effort = Effort::frame();
    assert_eq!(read(&texture, &mut effort), None);
    assert!(!effort.has(1_200_000), "{effort:?}");
}

#[test]
fn another_code_does_not_keep_the_reader_from_the_wanted_one() {
    let soft = Shown {
        version: 10,
        module: 4.0,
        degrees: 5.0,
        blur: 2.5,
        inverted: true,
    };
    let mut frame = picture(soft);
    let poster = QrCode::encode_text("HTTPS://POSTER.EXAMPLE", QrCodeEcc::Medium).unwrap();
    for (x, y, pixel) in frame.enumerate_pixels_mut() {
        let module = |at: u32| (at as i32 - 40) / 5 - 4;
        if (40..205).contains(&x) && (40..205).contains(&y) {
            pixel.0 = [if poster.get_module(module(x), module(y)) {
                20
            } else {
                235
            }];
        }
    }
    let content = CodeReader::new().read(Luma::from(&frame));
    assert_eq!(texts(&content), ["HTTPS://POSTER.EXAMPLE"]);
    let codes = CodeReader::wanting("SKD1:").read(Luma::from(&frame));
    let mut seen = texts(&codes);
    seen.sort_by_key(|text| text.len());
    assert_eq!(seen, ["HTTPS://POSTER.EXAMPLE", text_for(10).as_str()]);
}

#[test]
fn a_still_picture_is_read_at_any_size() {
    let at = |side: u32, quiet: i32, version: u8| {
        let code = code(version);
        let modules = code.size() + 2 * quiet;
        let scale = side as f32 / modules as f32;
        GrayImage::from_fn(side, side, |x, y| {
            // Four by four samples a pixel.
            let mut light = 0u32;
            for (i, j) in (0..16).map(|n| (n % 4, n / 4)) {
                let at =
                    |v: u32, n: u32| ((v as f32 + (n as f32 + 0.5) / 4.0) / scale) as i32 - quiet;
                light += if code.get_module(at(x, i), at(y, j)) {
                    20
                } else {
                    235
                };
            }
            image::Luma([(light / 16) as u8])
        })
    };
    for (side, quiet, version) in [
        (100, 4, 5),
        (90, 0, 3),
        (130, 1, 10),
        (700, 0, 12),
        (3200, 4, 15),
    ] {
        let picture = at(side, quiet, version);
        let codes = CodeReader::new().read_still(Luma::from(&picture));
        assert_eq!(
            texts(&codes),
            [text_for(version)],
            "{side} pixels, quiet zone {quiet}"
        );
        let middle = codes[0]
            .corners
            .iter()
            .fold((0, 0), |m, c| (m.0 + c.0 / 4, m.1 + c.1 / 4));
        let off = (middle.0 - side as i32 / 2)
            .abs()
            .max((middle.1 - side as i32 / 2).abs());
        assert!(off < side as i32 / 10, "{side}: {middle:?}");
    }
}

#[test]
fn a_witness_hears_every_stage_and_sees_what_it_works_on() {
    #[derive(Default)]
    struct Book(Vec<&'static str>, Vec<(&'static str, usize)>);
    impl Witness for Book {
        fn enters(&mut self, stage: &'static str) {
            self.0.push(stage);
        }
        fn sees(&mut self, stage: &'static str, picture: Luma<'_>) {
            self.1.push((stage, picture.width));
        }
        fn wants_pictures(&self) -> bool {
            true
        }
    }
    let mut book = Book::default();
    let grey = GrayImage::from_pixel(640, 480, image::Luma([90]));
    assert_eq!(
        CodeReader::new().read_still_before(Luma::from(&grey), &mut book),
        []
    );
    let all = [
        "qr full",
        "qr rescaled",
        "qr sampled",
        "qr sharpened",
        "qr half",
        "qr quarter",
        "qr second",
    ];
    assert_eq!(book.0[..7], all);
    let widths = [640, 960, 640, 640, 320, 160, 640];
    assert_eq!(
        book.1[..7],
        std::array::from_fn::<_, 7, _>(|i| (all[i], widths[i]))
    );
    let mut book = Book::default();
    let _ = CodeReader::new().read_before(Luma::from(&picture(PLAIN)), &mut book);
    assert_eq!(book.0, ["qr full"]);
    let mut book = Book::default();
    let grey = GrayImage::from_pixel(FRAME.0, FRAME.1, image::Luma([90]));
    let _ = CodeReader::new().read_before(Luma::from(&grey), &mut book);
    let widths = [1280, 640, 1280, 1280];
    assert_eq!(
        book.1,
        std::array::from_fn::<_, 4, _>(|i| (all[i], widths[i]))
    );
}

#[test]
fn what_is_no_code_yields_none() {
    let mut noise = GrayImage::new(FRAME.0, FRAME.1);
    let mut state = 1u32;
    for pixel in noise.pixels_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pixel.0 = [(state >> 24) as u8];
    }
    let mut stripes = GrayImage::new(FRAME.0, FRAME.1);
    for (x, y, pixel) in stripes.enumerate_pixels_mut() {
        pixel.0 = [if (x / 7 + y / 7) % 2 == 0 { 20 } else { 240 }];
    }
    // Three finder patterns and rubbish between them.
    let mut torn = picture(PLAIN);
    for (x, y, pixel) in torn.enumerate_pixels_mut() {
        if (560..720).contains(&x) && (280..440).contains(&y) {
            pixel.0 = [if (x * 31 + y * 17) % 5 < 2 { 20 } else { 230 }];
        }
    }
    let table = [
        ("noise", noise),
        ("a chequerboard", stripes),
        ("a torn code", torn),
        ("black", GrayImage::new(640, 480)),
        ("one pixel", GrayImage::new(1, 1)),
        ("nothing", GrayImage::new(0, 0)),
    ];
    for (name, frame) in table {
        let mut reader = CodeReader::new();
        for _frame in 0..=TURNS.len() {
            assert_eq!(reader.read(Luma::from(&frame)), [], "{name}");
        }
        assert_eq!(reader.read_still(Luma::from(&frame)), [], "{name}");
    }
}

#[test]
fn a_reading_does_not_print_what_the_code_says() {
    let reading = CodeReading {
        text: "SKD1:SECRET".to_owned(),
        corners: [(0, 0); 4],
        stage: Stage::Full,
    };
    let printed = format!("{reading:?}");
    assert!(
        printed.contains("11 characters") && !printed.contains("SECRET"),
        "{printed}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn no_bytes_and_no_size_make_a_reader_panic(
        width in 1usize..90,
        height in 1usize..90,
        pad in 0usize..3,
        seed in proptest::collection::vec(any::<u8>(), 1..600),
        coarse in 1usize..9,
    ) {
        // Blocks of random grey: some sizes have accidental finder patterns.
        let stride = width + pad;
        let bytes: Vec<u8> = (0..stride * height)
            .map(|i| seed[(i / stride / coarse * 31 + i % stride / coarse) % seed.len()])
            .collect();
        let frame = Luma::new(width, height, stride, &bytes).unwrap();
        let mut reader = CodeReader::new();
        for _frame in 0..TURNS.len() {
            let _ = reader.read(frame);
        }
        let _ = reader.read_still(frame);
    }
}
