//! Pictures of people are on the glass only where they belong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glass;

use glass::Glass;
use journey::Language;
use ui::{Camera, LivePicture, Screen, samples};

fn sample(name: &str) -> Screen {
    samples()
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap()
        .1
}

fn frame(camera: Camera, shade: u8) -> LivePicture {
    LivePicture {
        camera,
        picture: glass::drawn(64, 48, |_, _| [shade, 200, 30]),
        outline: None,
    }
}

#[test]
fn a_late_frame_of_the_other_camera_is_not_shown() {
    let glass = Glass::new(&glass::settings());
    for (name, wrong) in [
        ("gathering-family", Camera::Face),
        ("face", Camera::Documents),
        ("referral", Camera::Face),
    ] {
        let before = glass.picture_of(name, sample(name), Language::English);
        glass.display.paint_live(frame(wrong, 250));
        assert!(glass.picture() == before, "{name}");
    }
}

#[test]
fn a_new_screen_does_not_inherit_the_other_cameras_picture() {
    let glass = Glass::new(&glass::settings());
    glass.display.paint(sample("face"));
    let without = glass.picture();
    glass.display.paint(sample("gathering-family"));
    glass.display.paint_live(frame(Camera::Documents, 250));
    glass.display.paint(sample("face"));
    assert!(glass.picture() == without);
}

#[test]
fn the_officers_pictures_go_when_they_are_taken_away() {
    let glass = Glass::new(&glass::settings());
    glass.display.paint(sample("desk"));
    let without = glass.picture();
    glass.display.paint_evidence(glass::evidence());
    assert!(glass.picture() != without);
    glass.display.paint_evidence(Vec::new());
    assert!(glass.picture() == without);
}
