#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;

use pictures::{
    Conditions, PassportPage, Portrait, face_frame, passport_frame, phone_frame, save_png,
};
use serde_json::Value;

use crate::rig::kiosk;

const SIZE: (u32, u32) = (1280, 720);
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
    fs::create_dir(&shown).unwrap();
    save_png(
        &passport_frame(&page, SIZE, &good).unwrap(),
        &shown.join("1 page.png"),
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
    let errors = String::from_utf8(told.stderr).unwrap();
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
    let lines = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [page, phone, face] = lines.as_slice() else {
        panic!("{} lines", lines.len());
    };
    for line in &lines {
        assert_eq!(
            keys(line),
            ["codes", "faces", "mrz", "ms", "picture"].into()
        );
        assert_eq!(keys(&line["ms"]), ["face", "mrz", "qr"].into());
        assert!(
            ["qr", "mrz", "face"]
                .iter()
                .all(|reader| line["ms"][reader].is_f64())
        );
    }
    assert!(page["picture"].as_str().unwrap().ends_with("1 page.png"));
    assert_eq!(keys(&page["mrz"]), ["format", "lines", "valid"].into());
    assert_eq!(page["mrz"]["format"], "TD3");
    assert_eq!(page["mrz"]["lines"], serde_json::json!(SPECIMEN));
    assert_eq!(page["mrz"]["valid"], true);
    assert!(phone["picture"].as_str().unwrap().ends_with("2 phone.PNG"));
    assert_eq!(phone["codes"], serde_json::json!([{"text": "SKD1:HELLO"}]));
    assert!(phone["mrz"].is_null());
    let faces = face["faces"].as_array().unwrap();
    assert_eq!(faces.len(), 1);
    assert_eq!(keys(&faces[0]), ["box", "quality"].into());
    assert_eq!(faces[0]["box"].as_array().unwrap().len(), 4);
    assert!((1..=1000).contains(&faces[0]["quality"].as_u64().unwrap()));
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
