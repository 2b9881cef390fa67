#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;
use std::time::{Duration, Instant};

use image::{DynamicImage, RgbImage};
use serde_json::json;

use super::*;
use crate::Nobody;
use crate::Witness as _;
use crate::face::{Advice, FaceBox};
use crate::qr::Stage;
use crate::test_models::models;

fn page(second: &str) -> Vec<String> {
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", second]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn the_keys_are_those_that_field_engineers_know() {
    let mut readers = Readers::load(&models()).unwrap();
    let astronaut = image::open(models().join("astronaut.png")).unwrap();
    let mut face = readers.faces.find(&astronaut.into_rgb8()).remove(0);
    face.frame = FaceBox {
        x: -3,
        y: 4,
        width: 50,
        height: 60,
    };
    face.confidence = 900;
    face.quality.score = evidence::Quality::new(450).unwrap();
    face.quality.advice = Some(Advice::ComeCloser);
    let drawn = pictures::PassportPage::specimen(
        page("L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        pictures::Portrait::original(),
    );
    let drawn =
        pictures::passport_frame(&drawn, (1280, 720), &pictures::Conditions::perfect(1)).unwrap();
    let drawn = DynamicImage::ImageRgb8(drawn).into_luma8();
    let zone = readers.mrz.read(Luma::from(&drawn)).unwrap();
    let specimen = |second: &str| {
        let mut zone = zone.clone();
        zone.lines = page(second);
        zone.confidences = vec![vec![990, 1000], vec![1000, 870]];
        zone.corners = [(1, 2), (3, 4), (5, 6), (7, 8)];
        zone
    };
    let drawn = pictures::code_image("SKD1:X", 6).unwrap();
    let mut code = readers.codes.read_still(Luma::from(&drawn)).remove(0);
    code.corners = [(0, 0), (9, 0), (9, 9), (0, 9)];
    code.stage = Stage::Half;
    let inspection = |frame, mrz| Inspection {
        picture: "page.png".to_owned(),
        frame,
        codes: vec![code.clone()],
        mrz,
        voted: None,
        faces: vec![face.clone()],
        ms: Milliseconds {
            qr: 1.5,
            mrz: 2.0,
            face: 3.25,
        },
        stages: vec![StageTime {
            reader: Reader::Mrz,
            stage: "strokes",
            ms: 2.0,
        }],
    };
    // The specimen of ICAO Doc 9303 part 4, then with its last check digit wrong.
    let lines = [
        ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", true),
        ("L898902C36UTO7408122F1204159ZE184226B<<<<<11", false),
    ];
    for (line, valid) in lines {
        let value = serde_json::to_value(inspection(None, Some(specimen(line)))).unwrap();
        assert_eq!(
            value,
            json!({
                "picture": "page.png",
                "codes": [{"text": "SKD1:X", "corners": [[0, 0], [9, 0], [9, 9], [0, 9]], "stage": "half"}],
                "mrz": {
                    "format": "TD3",
                    "lines": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", line],
                    "valid": valid,
                    "checks": [
                        {"field": "document number", "valid": true},
                        {"field": "birth date", "valid": true},
                        {"field": "date of expiry", "valid": true},
                        {"field": "optional field", "valid": true},
                        {"field": "composite", "valid": valid}
                    ],
                    "confidence": [990, 870],
                    "corners": [[1, 2], [3, 4], [5, 6], [7, 8]]
                },
                "faces": [{"box": [-3, 4, 50, 60], "quality": 450, "advice": "come closer", "confidence": 900}],
                "ms": {"qr": 1.5, "mrz": 2.0, "face": 3.25},
                "stages": [{"reader": "mrz", "stage": "strokes", "ms": 2.0}]
            })
        );
    }
    let value = serde_json::to_value(inspection(Some(7), None)).unwrap();
    assert!(value["mrz"].is_null());
    assert_eq!(value["frame"], 7);
    assert!(value.get("voted").is_none());
}

#[test]
fn the_frames_of_a_burst_elect_a_zone_together_and_begin_anew() {
    let mut readers = Readers::load(&models()).unwrap();
    let lines = page("L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    let drawn = pictures::PassportPage::specimen(lines.clone(), pictures::Portrait::original());
    let conditions = pictures::Conditions::perfect(1);
    let colours = pictures::passport_frame(&drawn, (1280, 720), &conditions).unwrap();
    let grey = DynamicImage::ImageRgb8(colours.clone()).into_luma8();
    let view = View {
        luma: Luma::from(&grey),
        colours: &colours,
    };
    let seen = |readers: &mut Readers, number| {
        let manner = Manner::Frame(number);
        let seen = look(readers, "a.y4m", view, manner, Instant::now, &mut Nobody);
        serde_json::to_value(&seen).unwrap()["voted"].clone()
    };
    let voted: Vec<_> = (0..4).map(|number| seen(&mut readers, number)).collect();
    assert!(voted[0].is_null(), "one frame elects nobody");
    assert_eq!(voted[3], json!(lines));
    readers.begin_anew();
    assert!(
        seen(&mut readers, 0).is_null(),
        "another document's frames voted"
    );
}

/// Every look at it is five milliseconds later.
fn ticking() -> impl Fn() -> Instant {
    let (start, looks) = (Instant::now(), Cell::new(0));
    move || {
        looks.set(looks.get() + 1);
        start + Duration::from_millis(5) * looks.get()
    }
}

#[test]
fn a_portrait_has_a_face_and_nothing_else() {
    let mut readers = Readers::load(&models()).unwrap();
    let picture = image::open(models().join("astronaut.png")).unwrap();
    let inspection = inspect(&mut readers, "astronaut.png", &picture, ticking());
    let value = serde_json::to_value(&inspection).unwrap();
    assert_eq!(value["codes"], json!([]));
    assert!(value["mrz"].is_null());
    assert_eq!(value["faces"].as_array().unwrap().len(), 1);
    let taken = |reader| -> f64 {
        let stages = inspection
            .stages
            .iter()
            .filter(|stage| stage.reader == reader);
        stages.map(|stage| stage.ms).sum()
    };
    let ms = inspection.ms;
    for (reader, whole) in [
        (Reader::Qr, ms.qr),
        (Reader::Mrz, ms.mrz),
        (Reader::Face, ms.face),
    ] {
        let stages = taken(reader);
        assert!(
            0.0 < stages && stages <= whole,
            "{reader:?}: {stages} of {whole}"
        );
    }
}

#[test]
fn time_is_the_callers_and_looking_on_costs_the_reader_nothing() {
    struct Slow(Vec<(Reader, &'static str)>);
    impl Onlooker for Slow {
        fn sees(&mut self, reader: Reader, stage: &'static str, _: Luma<'_>) {
            self.0.push((reader, stage));
        }
    }
    let clock = ticking();
    let bytes = [0; 4];
    let picture = Luma::new(2, 2, 2, &bytes).unwrap();
    let mut slow = Slow(Vec::new());
    let mut watch = Watch::new(&clock, &mut slow);
    let ((), whole) = watch.over(Reader::Mrz, |watch| {
        watch.enters("first");
        watch.sees("first", picture);
        watch.enters("second");
    });
    let ms = |stage, ms| StageTime {
        reader: Reader::Mrz,
        stage,
        ms,
    };
    // Looks at the clock: begin, enters, two about seeing, enters, end.
    assert_eq!(watch.into_stages(), [ms("first", 10.0), ms("second", 5.0)]);
    assert!((whole - 20.0).abs() < 1e-9, "{whole}");
    assert_eq!(slow.0, [(Reader::Mrz, "first")]);
}

#[test]
fn frames_are_numbered_and_a_code_is_read_as_on_a_camera() {
    let mut readers = Readers::load(&models()).unwrap();
    let code = pictures::code_image("SKD1:FRAME", 6).unwrap();
    let colours = DynamicImage::ImageLuma8(code.clone()).into_rgb8();
    let view = View {
        luma: Luma::from(&code),
        colours: &colours,
    };
    for number in 0..2 {
        let manner = Manner::Frame(number);
        let seen = look(
            &mut readers,
            "a.y4m",
            view,
            manner,
            Instant::now,
            &mut Nobody,
        );
        assert_eq!(seen.frame, Some(number));
        assert_eq!(seen.codes.len(), 1);
        assert_eq!(seen.codes[0].text, "SKD1:FRAME");
    }
}

#[test]
fn a_picture_of_nothing_is_inspected_as_well() {
    let mut readers = Readers::load(&models()).unwrap();
    for (width, height) in [(0, 0), (1, 1), (7, 300)] {
        let picture = DynamicImage::ImageRgb8(RgbImage::new(width, height));
        let inspection = inspect(&mut readers, "nothing", &picture, Instant::now);
        assert!(
            inspection.codes.is_empty() && inspection.mrz.is_none() && inspection.faces.is_empty()
        );
    }
}
