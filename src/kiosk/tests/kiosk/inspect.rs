#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, RgbImage};
use pictures::{
    Burst, Conditions, PassportPage, Polarity, Portrait, Scene, face_frame, passport_frame,
    phone_frame, save_png,
};
use serde_json::Value;

use crate::rig::kiosk;

const SIZE: (u32, u32) = (1280, 720);
const SMALL: (u32, u32) = (480, 270);
const SPECIMEN: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn each_picture_is_one_line_with_the_agreed_keys_and_a_bad_one_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = Conditions::good(3);
    let portrait = Portrait::original();
    let page = PassportPage::specimen(SPECIMEN.map(str::to_owned).to_vec(), portrait);
    let shown = folder.path().join("shown");
    save_png(
        &passport_frame(&page, SIZE, &good).unwrap(),
        &shown.join("1 deeper/1 page.png"),
    )
    .unwrap();
    save_png(
        &phone_frame("SKD1:HELLO", SIZE, &good).unwrap(),
        &shown.join("2 phone.PNG"),
    )
    .unwrap();
    fs::write(shown.join("notes.txt"), "no picture").unwrap();
    save_png(
        &face_frame(&portrait, SIZE, &good).unwrap(),
        &at("face.png"),
    )
    .unwrap();
    fs::write(at("torn.png"), b"\x89PNG\r\n\x1a\n torn").unwrap();
    fs::write(at("letter.png"), "dear all").unwrap();
    fs::create_dir(at("empty")).unwrap();
    let told = kiosk()
        .arg("inspect")
        .args([
            at("torn.png"),
            shown,
            at("letter.png"),
            at("missing.png"),
            at("empty"),
            at("face.png"),
        ])
        .output()
        .unwrap();
    let errors = String::from_utf8(told.stderr.clone()).unwrap();
    assert_eq!(told.status.code(), Some(1), "{errors}");
    for (name, cure) in [
        ("torn.png", "copy it again"),
        ("letter.png", "give a PNG or a JPEG"),
        ("missing.png", "check the path"),
        ("empty", "name a folder that does"),
    ] {
        let line = errors
            .lines()
            .find(|line| line.contains(name))
            .expect(&errors);
        assert!(line.contains(cure), "{line}");
    }
    let lines = lines(&told);
    let [page, phone, face] = lines.as_slice() else {
        panic!("{} lines", lines.len());
    };
    for line in &lines {
        assert_eq!(
            keys(line),
            ["codes", "faces", "mrz", "ms", "picture", "stages"].into()
        );
        assert_eq!(keys(&line["ms"]), ["face", "mrz", "qr"].into());
        let stages = line["stages"].as_array().unwrap();
        for reader in ["qr", "mrz", "face"] {
            let whole = line["ms"][reader].as_f64().unwrap();
            let its = stages.iter().filter(|stage| stage["reader"] == reader);
            let parts: f64 = its.map(|stage| stage["ms"].as_f64().unwrap()).sum();
            // Times are given to the microsecond.
            assert!(
                0.0 < parts && parts <= whole + 0.1,
                "{reader}: {parts} of {whole}"
            );
        }
    }
    assert!(page["picture"].as_str().unwrap().ends_with("1 page.png"));
    assert_eq!(
        keys(&page["mrz"]),
        [
            "checks",
            "confidence",
            "corners",
            "format",
            "lines",
            "valid"
        ]
        .into()
    );
    assert_eq!(page["mrz"]["format"], "TD3");
    assert_eq!(page["mrz"]["lines"], serde_json::json!(SPECIMEN));
    assert_eq!(page["mrz"]["valid"], true);
    assert!(phone["picture"].as_str().unwrap().ends_with("2 phone.PNG"));
    assert_eq!(phone["codes"].as_array().unwrap().len(), 1);
    assert_eq!(phone["codes"][0]["text"], "SKD1:HELLO");
    assert!(phone["mrz"].is_null());
    let faces = face["faces"].as_array().unwrap();
    assert_eq!(faces.len(), 1);
    assert_eq!(
        keys(&faces[0]),
        ["advice", "box", "confidence", "quality"].into()
    );
    assert_eq!(faces[0]["box"].as_array().unwrap().len(), 4);
    assert!((1..=1000).contains(&faces[0]["quality"].as_u64().unwrap()));
}

/// Each line that standard output holds; nothing else may stand there.
fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn code_burst(frames: usize) -> Vec<RgbImage> {
    let scene = Scene::phone("SKD1:HELLO", Polarity::DarkOnLight).unwrap();
    let burst = Burst::new(&scene, SMALL, Conditions::good(5));
    burst.take(frames).map(Result::unwrap).collect()
}

fn y4m(frames: &[RgbImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let size = (SMALL.0 as usize, SMALL.1 as usize);
    let mut encoder = y4m::encode(size.0, size.1, y4m::Ratio::new(30, 1))
        .with_colorspace(y4m::Colorspace::Cmono)
        .write_header(&mut bytes)
        .unwrap();
    for frame in frames {
        let grey = DynamicImage::ImageRgb8(frame.clone()).into_luma8();
        let frame = y4m::Frame::new([grey.as_raw(), &[], &[]], None);
        encoder.write_frame(&frame).unwrap();
    }
    bytes
}

#[test]
fn a_video_has_a_numbered_line_a_frame_and_a_torn_one_keeps_those_before_the_tear() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let frames = code_burst(3);
    let whole = y4m(&frames);
    fs::write(at("1 whole.y4m"), &whole).unwrap();
    fs::write(at("2 torn.y4m"), &whole[..whole.len() - 5]).unwrap();
    let mut jpegs = Vec::new();
    for frame in &frames[..2] {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, 92);
        frame.write_with_encoder(encoder).unwrap();
        jpegs.extend(bytes);
    }
    fs::write(at("3 stream.mjpeg"), jpegs).unwrap();
    let told = kiosk()
        .args(["inspect", "--summary"])
        .arg(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(told.stderr.clone()).unwrap();
    assert_eq!(told.status.code(), Some(1), "{errors}");
    let lines = lines(&told);
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            let name = line["picture"].as_str().unwrap().rsplit('/').next();
            assert_eq!(line["codes"][0]["text"], "SKD1:HELLO", "{line}");
            (name.unwrap(), line["frame"].as_u64().unwrap())
        })
        .collect();
    let expected = [
        ("1 whole.y4m", 0),
        ("1 whole.y4m", 1),
        ("1 whole.y4m", 2),
        ("2 torn.y4m", 0),
        ("2 torn.y4m", 1),
        ("3 stream.mjpeg", 0),
        ("3 stream.mjpeg", 1),
    ];
    assert_eq!(seen, expected);
    assert!(
        errors.contains("2 torn.y4m: frame 2: ends in the middle"),
        "{errors}"
    );
    assert!(
        errors.contains(
            "7 pictures: 7 with a code, 0 with a zone (0 valid), 0 with a face; 1 could not be read"
        ),
        "{errors}"
    );
    for reader in ["qr", "mrz", "face"] {
        assert!(
            errors.lines().any(|line| line.starts_with(reader)),
            "{errors}"
        );
    }
}

#[test]
fn the_pictures_of_a_folder_can_be_read_as_the_frames_of_one_burst() {
    let folder = tempfile::tempdir().unwrap();
    for burst in ["first", "second"] {
        fs::create_dir(folder.path().join(burst)).unwrap();
        for (number, frame) in code_burst(2).iter().enumerate() {
            let name = format!("{burst}/{number}.png");
            pictures::save_png(frame, &folder.path().join(name)).unwrap();
        }
    }
    let told = kiosk()
        .args(["inspect", "--live"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(told.status.success());
    let numbers: Vec<_> = lines(&told)
        .iter()
        .map(|line| {
            assert_eq!(line["codes"][0]["text"], "SKD1:HELLO", "{line}");
            line["frame"].as_u64()
        })
        .collect();
    assert_eq!(numbers, [Some(0), Some(1), Some(0), Some(1)]);
}

#[test]
fn a_trace_shows_what_each_reader_saw_of_each_picture() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let frames = code_burst(2);
    save_png(&frames[0], &at("phone.png")).unwrap();
    fs::write(at("walk.y4m"), y4m(&frames)).unwrap();
    let told = kiosk()
        .arg("inspect")
        .args([
            at("phone.png"),
            at("walk.y4m"),
            "--trace".into(),
            at("seen"),
        ])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(told.stderr.is_empty(), "{told:?}");
    assert_eq!(lines(&told).len(), 3);
    let names: BTreeSet<_> = fs::read_dir(at("seen"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for prefix in [
        "0001-phone-qr-01",
        "0001-phone-mrz-01",
        "0002-walk-f00000-qr-01",
        "0002-walk-f00001-mrz-01",
    ] {
        let name = names.iter().find(|name| name.starts_with(prefix));
        let name = name.unwrap_or_else(|| panic!("{prefix}: {names:?}"));
        let picture = image::open(at("seen").join(name)).unwrap().into_luma8();
        assert!(picture.pixels().any(|p| p.0 != picture.get_pixel(0, 0).0));
    }
}

#[test]
fn a_video_that_only_ffmpeg_reads_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.mp4");
    fs::write(&film, b"\0\0\0\x18ftypisom no film").unwrap();
    // Nothing is installed in an empty path.
    let told = kiosk()
        .env("PATH", folder.path())
        .arg("inspect")
        .arg(&film)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1));
    assert!(told.stdout.is_empty());
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(errors.contains("apt-get install ffmpeg"), "{errors}");
}

#[test]
fn models_that_are_not_there_are_told_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let told = kiosk()
        .args(["inspect", "any.png", "--models"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1));
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(
        errors.contains("face_detection.onnx") && errors.contains("fetch.py"),
        "{errors}"
    );
}
