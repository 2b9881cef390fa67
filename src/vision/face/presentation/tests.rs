#![allow(clippy::unwrap_used, clippy::expect_used)]

use image::RgbImage;
use pictures::{Attack, Conditions, Portrait, Scene, Standing, Worn};

use super::super::FaceReader;
use super::*;
use crate::test_models::models;

const SIZE: (u32, u32) = (960, 540);
const FRAMES: usize = 7;

fn studied(reader: &mut FaceReader, frames: impl Iterator<Item = RgbImage>) -> PresentationCheck {
    let mut check = PresentationCheck::new();
    for frame in frames.take(FRAMES) {
        let face = reader.find(&frame).remove(0);
        reader.study(&frame, &face, &mut check);
    }
    check
}

fn start(seed: u64) -> Conditions {
    if seed.is_multiple_of(2) {
        Conditions::good(seed)
    } else {
        Conditions::ordinary(seed)
    }
}

/// Standing and walking up, in light good and ordinary.
#[test]
fn living_faces_pass() {
    let mut reader = FaceReader::load(&models()).unwrap();
    for seed in 40..46u32 {
        let approach = if seed % 3 == 0 { 0.01 } else { 0.0 };
        let person = Standing::new(
            Portrait::variant(seed % 5),
            Worn::Nothing,
            SIZE,
            start(seed.into()),
        )
        .walking(approach);
        let check = studied(&mut reader, person.map(Result::unwrap));
        assert_eq!(
            check.judge(),
            Presentation::Genuine,
            "{seed}: {:?}",
            check.signs()
        );
    }
}

/// A wall's opening frames the head as a sheet would, and stays where it is. Who hardly moves within the burst is still sent.
#[test]
fn a_doorway_behind_a_living_head_seldom_calls_an_officer() {
    let mut reader = FaceReader::load(&models()).unwrap();
    let mut judged = Vec::new();
    for seed in 70..76u32 {
        let person = Standing::new(
            Portrait::variant(seed % 5),
            Worn::Nothing,
            SIZE,
            Conditions::good(seed.into()),
        )
        .before_a_doorway();
        let check = studied(&mut reader, person.map(Result::unwrap));
        judged.push((seed, check.judge(), check.signs()));
    }
    let told = |wanted: AttackSign| {
        let signs = judged.iter().map(|(_, _, signs)| signs);
        signs.filter(|signs| signs.contains(&wanted)).count()
    };
    assert!(told(AttackSign::FrameThatStays) >= 2, "{judged:?}");
    assert!(told(AttackSign::Frame) <= 2, "{judged:?}");
}

/// Measured on the bursts of this test: prints by their edges, screens by edges, moire and what moves along.
#[test]
fn pictures_held_up_go_to_an_officer() {
    let mut reader = FaceReader::load(&models()).unwrap();
    for (kind, sign) in [
        (Attack::Print, AttackSign::Frame),
        (Attack::Phone, AttackSign::Frame),
        (Attack::Tablet, AttackSign::ScreenMoire),
    ] {
        for seed in 60..62u32 {
            let scene = Scene::attack(&Portrait::variant(seed % 4), kind).unwrap();
            let burst = scene.held(SIZE, start(seed.into()));
            let check = studied(&mut reader, burst.map(Result::unwrap));
            let Presentation::NeedsOfficer(signs) = check.judge() else {
                panic!("{kind:?} {seed}: {:?}", check.signs());
            };
            assert!(signs.contains(&sign), "{kind:?} {seed}: {signs:?}");
        }
    }
}

#[test]
fn a_picture_that_never_changes_is_still_and_few_frames_say_nothing() {
    let mut reader = FaceReader::load(&models()).unwrap();
    let frame = pictures::face_frame(&Portrait::original(), SIZE, &Conditions::good(3)).unwrap();
    let face = reader.find(&frame).remove(0);
    let mut check = PresentationCheck::new();
    for _ in 1..PresentationCheck::LEAST_FRAMES {
        reader.study(&frame, &face, &mut check);
        assert_eq!(check.judge(), Presentation::TooLittle);
    }
    reader.study(&frame, &face, &mut check);
    assert_eq!(check.signs(), [AttackSign::Still]);
    assert_eq!(check.judge(), Presentation::Genuine);
    check.clear();
    assert_eq!(check.judge(), Presentation::TooLittle);
    assert_eq!(format!("{check:?}"), "PresentationCheck(0 frames)");
}
