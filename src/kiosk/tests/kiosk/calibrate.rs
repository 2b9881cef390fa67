#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::Output;

use pictures::{
    Conditions, PassportPage, Portrait, face_frame, passport_frame, phone_frame, save_png,
};
use serde_json::Value;

use crate::rig::{Rig, kiosk};

const SIZE: (u32, u32) = (1280, 720);
const SPECIMEN: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

fn page(at: &Path, conditions: &Conditions) {
    let page = PassportPage::specimen(SPECIMEN.map(str::to_owned).to_vec(), Portrait::original());
    save_png(&passport_frame(&page, SIZE, conditions).unwrap(), at).unwrap();
}

fn calibrated(pictures: &Path, words: &[&str]) -> Output {
    let mut kiosk = kiosk();
    kiosk.arg("calibrate").arg("--pictures").arg(pictures);
    kiosk.args(words).output().unwrap()
}

fn line(told: &Output) -> Value {
    assert!(told.status.success(), "{told:?}");
    serde_json::from_slice(&told.stdout).unwrap()
}

#[test]
fn a_page_well_seen_is_sharp_well_lit_ideal_and_its_holder_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    page(&folder.path().join("page.png"), &Conditions::good(3));
    let seen = line(&calibrated(
        folder.path(),
        &["--once", "--json", "--field-of-view", "56"],
    ));
    assert_eq!(seen["sharpness"]["focus"], "sharp", "{seen}");
    assert_eq!(seen["exposure"]["light"], "well lit", "{seen}");
    assert_eq!(seen["mrz"]["figure"], "TD3");
    assert_eq!(seen["mrz"]["valid"], true);
    assert_eq!(seen["mrz"]["distance"], "ideal", "{seen}");
    // The drawn camera's focal length is 0.94 of the frame's width; a page of 125 mm takes nine tenths of its height or width.
    let away = seen["mrz"]["mm"].as_f64().unwrap();
    assert!((100.0..260.0).contains(&away), "{away}");
    let text = seen["mrz"]["text"].as_str().unwrap();
    assert!(text.starts_with("P<UTO*") && text.len() == 89, "{text}");
    assert!(!seen.to_string().contains("ERIKSSON"));
    assert!(seen["code"].is_null());
    let shown = line(&calibrated(
        folder.path(),
        &["--once", "--json", "--show-text"],
    ));
    assert_eq!(shown["mrz"]["text"], SPECIMEN.join(" "));
    assert!(shown["mrz"]["mm"].is_null());
}

#[test]
fn what_is_wrong_with_a_picture_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let blurred = Conditions {
        blur: 4.0,
        exposure: 0.1,
        ..Conditions::good(3)
    };
    page(&folder.path().join("page.png"), &blurred);
    let seen = line(&calibrated(folder.path(), &["--once", "--json"]));
    assert_ne!(seen["sharpness"]["focus"], "sharp", "{seen}");
    assert_eq!(seen["exposure"]["light"], "too dark", "{seen}");
    assert!(seen["mrz"].is_null());
}

#[test]
fn a_line_a_frame_names_what_each_reader_sees() {
    let folder = tempfile::tempdir().unwrap();
    let good = Conditions::good(3);
    let (phone, person) = (folder.path().join("1.png"), folder.path().join("2.png"));
    save_png(
        &phone_frame("SKD1:HELLO WORLD", SIZE, &good).unwrap(),
        &phone,
    )
    .unwrap();
    save_png(
        &face_frame(&Portrait::original(), SIZE, &good).unwrap(),
        &person,
    )
    .unwrap();
    for (picture, code, face) in [
        (phone, "| code 16 ", "| face - "),
        (person, "| code - ", " ideal "),
    ] {
        let told = calibrated(&picture, &["--frames", "2"]);
        assert!(told.status.success(), "{told:?}");
        let text = String::from_utf8(told.stdout).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        for (number, line) in text.lines().enumerate() {
            assert!(line.starts_with(&format!("{number} 1280x720 ")), "{line}");
            assert!(line.contains("| mrz - ") && line.contains(code), "{line}");
            assert!(line.contains(face), "{line}");
            // A frontal face in good light and focus: per mille, by the measures of `vision::face`.
            let quality = line
                .split("| face ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next()?.parse::<u16>().ok());
            assert_eq!(
                quality.is_some_and(|quality| quality >= 900),
                face == " ideal ",
                "{line}"
            );
            assert_eq!(line.contains("\"SKD1:***** *****\""), code.contains("16"));
        }
    }
}

#[test]
fn the_lanes_cameras_are_found_by_its_configuration() {
    let rig = Rig::new();
    let told = rig
        .kiosk()
        .args([
            "calibrate",
            "--config",
            "kiosk.toml",
            "--camera",
            "face",
            "--once",
            "--json",
        ])
        .output()
        .unwrap();
    let seen = line(&told);
    // A black picture.
    assert_eq!(seen["size"], serde_json::json!([64, 36]));
    assert_eq!(seen["exposure"]["black_per_mille"], 1000);
    let told = rig
        .kiosk()
        .args(["calibrate", "--config", "none.toml", "--once"])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(78), "{told:?}");
}

#[test]
fn a_camera_that_shows_nothing_is_told_and_ends_a_counted_run() {
    let folder = tempfile::tempdir().unwrap();
    let told = calibrated(&folder.path().join("nowhere"), &["--once"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(told.stdout.is_empty());
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(errors.contains("nowhere"), "{errors}");
    let told = kiosk().arg("calibrate").output().unwrap();
    assert_eq!(told.status.code(), Some(2), "a camera has to be named");
}

#[test]
fn without_a_display_the_way_out_is_said() {
    let folder = tempfile::tempdir().unwrap();
    page(&folder.path().join("page.png"), &Conditions::good(3));
    let mut kiosk = kiosk();
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        kiosk.env_remove(name);
    }
    let told = kiosk
        .arg("calibrate")
        .arg("--pictures")
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(errors.contains("--headless"), "{errors}");
}
