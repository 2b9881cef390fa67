//! Every sample on the glass, in each language, size and theme.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glass;

use std::collections::BTreeSet;

use glass::Glass;
use i_slint_backend_testing::{AccessibleRole, ElementHandle};
use image::RgbImage;
use journey::Language;
use ui::{Contrast, Motion, Settings, Size, View, samples};

fn shades(picture: &RgbImage) -> usize {
    let mut shades: Vec<_> = picture.pixels().step_by(97).map(|pixel| pixel.0).collect();
    shades.sort_unstable();
    shades.dedup();
    shades.len()
}

fn every_screen_is_drawn(size: Size, contrast: Contrast) {
    let glass = Glass::new(&Settings {
        size: Some(size),
        contrast,
        ..glass::settings()
    });
    for (name, screen) in samples() {
        let [english, japanese] = [Language::English, Language::Japanese].map(|language| {
            let picture = glass.picture_of(name, screen.clone(), language);
            assert_eq!(picture.dimensions(), (size.width, size.height), "{name}");
            assert!(shades(&picture) > 3, "{name} is blank in {language:?}");
            picture
        });
        if !matches!(screen.view, View::Evacuating) {
            assert!(
                english != japanese,
                "{name} says the same in both languages"
            );
        }
    }
}

#[test]
fn every_screen_is_drawn_upright() {
    every_screen_is_drawn(Size::PORTRAIT, Contrast::Normal);
}

#[test]
fn every_screen_is_drawn_in_high_contrast() {
    every_screen_is_drawn(Size::SMALL, Contrast::High);
}

#[test]
fn the_same_screen_is_the_same_picture() {
    let settings = Settings {
        motion: Motion::Reduced,
        ..glass::settings()
    };
    let (first, second) = (Glass::new(&settings), Glass::new(&settings));
    let (name, screen) = samples().swap_remove(0);
    assert_eq!(
        first.picture_of(name, screen.clone(), Language::Japanese),
        second.picture_of(name, screen, Language::Japanese)
    );
}

/// The rectangle of an element on the glass.
fn place(element: &ElementHandle) -> [f32; 4] {
    let (corner, size) = (element.absolute_position(), element.size());
    [
        corner.x,
        corner.y,
        corner.x + size.width,
        corner.y + size.height,
    ]
}

fn overlap(one: [f32; 4], other: [f32; 4]) -> bool {
    const SLACK: f32 = 2.0;
    one[0] + SLACK < other[2]
        && other[0] + SLACK < one[2]
        && one[1] + SLACK < other[3]
        && other[1] + SLACK < one[3]
}

/// Every text has the room that it needs, stands on the glass and within its control, and touches no other text.
fn every_text_fits(size: Size) {
    let glass = Glass::new(&Settings {
        size: Some(size),
        ..glass::settings()
    });
    let glass_area = [0.0, 0.0, size.width as f32, size.height as f32];
    let mut wrong = Vec::new();
    for (name, screen) in samples() {
        for language in Language::ALL {
            glass.show(name, screen.clone(), language);
            let (mut texts, mut controls, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
            for element in glass.elements() {
                if element.accessible_role() == Some(AccessibleRole::Button) {
                    controls.push(place(&element));
                }
                let id = element.accessible_id().unwrap_or_default();
                let label = element.accessible_label().unwrap_or_default();
                // A component and its base are found as two elements in one place.
                if id.is_empty()
                    || label.is_empty()
                    || !known.insert(format!("{label} {:?}", place(&element)))
                {
                    continue;
                }
                let seen = format!(
                    "{name} {} {}x{}: {label:?}",
                    language.tag(),
                    size.width,
                    size.height
                );
                if id == "clipped" {
                    wrong.push(format!("{seen} needs more room"));
                }
                let place = place(&element);
                let inside = place[0] >= -1.0
                    && place[1] >= -1.0
                    && place[2] <= glass_area[2] + 1.0
                    && place[3] <= glass_area[3] + 1.0;
                // Lists of goods roll; what has rolled out of sight is cut off by the list.
                if !inside && id != "rolling" {
                    wrong.push(format!("{seen} leaves the glass: {place:?}"));
                }
                if id != "rolling" {
                    texts.push((seen, place));
                }
            }
            for (seen, text) in &texts {
                let middle = [(text[0] + text[2]) / 2.0, (text[1] + text[3]) / 2.0];
                let spills = |control: &&[f32; 4]| {
                    let over = |point: [f32; 2]| {
                        (control[0]..=control[2]).contains(&point[0])
                            && (control[1]..=control[3]).contains(&point[1])
                    };
                    over(middle) && !(over([text[0], text[1]]) && over([text[2], text[3]]))
                };
                if controls.iter().any(|control| spills(&control)) {
                    wrong.push(format!("{seen} spills over its control"));
                }
            }
            for (at, (seen, place)) in texts.iter().enumerate() {
                for (other, other_place) in &texts[..at] {
                    if overlap(*place, *other_place) {
                        wrong.push(format!("{seen} lies over {other}"));
                    }
                }
            }
            assert!(!texts.is_empty(), "{name} says nothing");
        }
    }
    assert!(
        wrong.is_empty(),
        "{} texts do not fit:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_text_fits_upright() {
    every_text_fits(Size::PORTRAIT);
}

#[test]
fn every_text_fits_on_its_side() {
    every_text_fits(Size::LANDSCAPE);
}

#[test]
fn every_text_fits_on_a_small_panel() {
    every_text_fits(Size::SMALL);
}

/// 72 pixels are 20 mm on a 24 inch portrait display of 1080 pixels.
#[test]
fn every_control_is_large_enough_for_a_finger() {
    let glass = Glass::new(&glass::settings());
    for (name, screen) in samples() {
        let officers = matches!(screen.view, View::SignIn { .. } | View::Desk(_));
        glass.show(name, screen, Language::English);
        for element in glass.elements() {
            if element.accessible_role() == Some(AccessibleRole::Button) {
                let (size, label) = (
                    element.size(),
                    element.accessible_label().unwrap_or_default(),
                );
                assert!(!label.is_empty(), "a control of {name} has no label");
                let least = if officers { 64.0 } else { 72.0 };
                assert!(
                    size.width >= least && size.height >= least,
                    "{label:?} of {name} is {size:?}"
                );
            }
        }
    }
}
