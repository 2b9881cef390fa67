#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;

use clap::Parser as _;
use evidence::MrzFormat;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::Value;

use super::{Arguments, export, size};
use crate::chance::Chance;
use crate::specimen;

fn exported(words: &str) -> (tempfile::TempDir, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("pictures {words} --into");
    let arguments = Arguments::try_parse_from(
        words
            .split_whitespace()
            .map(Into::into)
            .chain([folder.path().as_os_str().to_owned()]),
    );
    export(&arguments.unwrap()).unwrap();
    let truth = fs::read_to_string(folder.path().join("truth.jsonl")).unwrap();
    let truth = truth
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let truth = truth.collect();
    (folder, truth)
}

#[test]
fn each_kind_is_drawn_with_its_truth() {
    let (folder, truth) = exported("--count 9 --size 320x180");
    assert_eq!(truth.len(), 9);
    for line in &truth {
        let picture = line["picture"].as_str().unwrap();
        let drawn = image::open(folder.path().join(picture)).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (320, 180));
        let kind = line["kind"].as_str().unwrap();
        let seen = (
            line["codes"].as_array().unwrap().len(),
            line["mrz"]["format"].as_str(),
            line["faces"].as_array().unwrap().len(),
        );
        let expected = match kind {
            "passport" => (0, Some("TD3"), 0),
            "card" => (0, Some("TD1"), 0),
            "td2" => (0, Some("TD2"), 0),
            "visa" => (0, Some("MRV-A"), 0),
            "small-visa" => (0, Some("MRV-B"), 0),
            "phone" => (1, None, 0),
            "face" => (0, None, 1),
            "pair" => (0, None, 2),
            "empty" => (0, None, 0),
            other => panic!("{other}"),
        };
        assert_eq!(seen, expected, "{kind}");
    }
    let kinds: BTreeSet<_> = truth.iter().map(|line| line["kind"].to_string()).collect();
    assert_eq!(kinds.len(), 9);
}

#[test]
fn what_travellers_bring_and_what_hides_a_face_is_drawn_where_it_is_asked_for() {
    let words = "--kind code --kind covered --conditions kiosk --conditions close";
    let (_folder, truth) = exported(&format!("{words} --count 4 --size 320x180"));
    let seen: Vec<_> = truth
        .iter()
        .map(|line| {
            let count = |key: &str| line[key].as_array().unwrap().len();
            (
                line["kind"].as_str().unwrap(),
                count("codes"),
                count("faces"),
            )
        })
        .collect();
    let (code, covered) = (("code", 1, 0), ("covered", 0, 1));
    assert_eq!(seen, [code, covered, code, covered]);
}

#[test]
fn corners_go_round_the_thing_and_the_nearer_person_comes_first() {
    let (_folder, truth) =
        exported("--kind pair --kind phone --conditions good --count 2 --size 640x360");
    let area = |corners: &Value| {
        let four: Vec<[f64; 2]> = serde_json::from_value(corners.clone()).unwrap();
        let twice: f64 = (0..4)
            .map(|at| {
                let ([x, y], [u, v]) = (four[at], four[(at + 1) % 4]);
                x * v - u * y
            })
            .sum();
        twice / 2.0
    };
    let faces = truth[0]["faces"].as_array().unwrap();
    let [near, far] = [&faces[0], &faces[1]].map(|face| area(&face["corners"]));
    // Clockwise with rows downwards: positive by the shoelace formula.
    assert!(near > far && far > 0.0, "{near} {far}");
    let code = area(&truth[1]["codes"][0]["corners"]);
    assert!((0.05..0.9).contains(&(code / (640.0 * 360.0))), "{code}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let runs = ["11", "11", "12"].map(|seed| {
        let (folder, truth) = exported(&format!(
            "--kind phone --count 1 --size 160x90 --seed {seed}"
        ));
        let picture = truth[0]["picture"].as_str().unwrap().to_owned();
        (fs::read(folder.path().join(picture)).unwrap(), truth)
    });
    assert!(runs[0] == runs[1]);
    assert!(runs[0].0 != runs[2].0 && runs[0].1 != runs[2].1);
}

#[test]
fn a_burst_has_a_line_a_frame_and_shows_what_the_still_shows() {
    let (folder, truth) = exported(
        "--kind passport --conditions ordinary --count 1 --size 160x91 --video --frames 4",
    );
    assert_eq!(truth.len(), 5);
    assert!(truth[0]["frame"].is_null());
    let corners: BTreeSet<_> = truth[1..]
        .iter()
        .enumerate()
        .map(|(number, line)| {
            assert_eq!(line["frame"], number);
            assert_eq!(line["mrz"]["lines"], truth[0]["mrz"]["lines"]);
            line["mrz"]["page"].to_string()
        })
        .collect();
    assert_eq!(corners.len(), 4, "a hand is never still");
    let video = fs::File::open(folder.path().join(truth[1]["picture"].as_str().unwrap())).unwrap();
    let mut video = y4m::decode(video).unwrap();
    let still = image::open(folder.path().join(truth[0]["picture"].as_str().unwrap())).unwrap();
    let still = still.to_luma8();
    assert_eq!((video.get_width(), video.get_height()), (160, 91));
    for number in 0..4 {
        let frame = video.read_frame().unwrap();
        let apart = frame.get_y_plane().iter().zip(still.as_raw());
        let apart: u32 = apart.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        let apart = apart / (160 * 91);
        assert!(apart < 30, "frame {number}: {apart} levels apart");
    }
    assert!(matches!(video.read_frame(), Err(y4m::Error::EOF)));
}

#[test]
fn specimens_are_valid_in_every_format_and_codes_have_every_version() {
    let mut versions = BTreeSet::new();
    for seed in 0..400 {
        let mut chance = Chance::new(seed);
        for format in MrzFormat::ALL {
            let page = specimen::page(&mut chance, format);
            let lines: Vec<&str> = page.lines.iter().map(String::as_str).collect();
            assert!(evidence::mrz::is_valid(&lines), "{lines:?}");
            assert_eq!(MrzFormat::of(&lines), Some(format));
        }
        let code = specimen::code(&mut chance);
        let drawn = QrCode::encode_text(&code.text, QrCodeEcc::Medium).unwrap();
        assert_eq!(drawn.version().value(), code.version);
        versions.insert(code.version);
    }
    assert_eq!(versions, (5..=25).collect());
}

#[test]
fn a_size_is_two_sides_within_bounds() {
    assert_eq!(size("1920x1080"), Ok((1920, 1080)));
    for (text, said) in [
        ("1920", "1280x720"),
        ("x", "1280x720"),
        ("-1x5", "1280x720"),
        ("63x1080", "64 to 8192"),
        ("64x9000", "64 to 8192"),
    ] {
        assert!(size(text).unwrap_err().contains(said), "{text}");
    }
}
