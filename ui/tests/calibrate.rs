//! The field engineer's window, in each language and size.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glass;

use i_slint_backend_testing::ElementQuery;
use image::RgbImage;
use journey::Language;
use slint::ComponentHandle;
use ui::calibrate::{Calibration, Calibrator};
use ui::{Size, calibrations};

fn shown(calibration: &Calibration, size: Size, language: Language) -> (Calibrator, RgbImage) {
    glass::backend();
    let window = Calibrator::new(Some(size), language).unwrap();
    window.window().show().unwrap();
    window.paint(calibration);
    let picture = glass::photographed(window.window().window());
    (window, picture)
}

/// What each text says, and the rectangle it stands in.
fn texts(window: &Calibrator) -> Vec<(String, bool, [f32; 4])> {
    ElementQuery::from_root(window.window())
        .match_descendants()
        .find_all()
        .iter()
        .filter_map(|element| {
            let id = element.accessible_id().filter(|id| !id.is_empty())?;
            let label = element
                .accessible_label()
                .filter(|label| !label.is_empty())?;
            let (corner, size) = (element.absolute_position(), element.size());
            let (right, bottom) = (corner.x + size.width, corner.y + size.height);
            Some((
                label.into(),
                id == "fits",
                [corner.x, corner.y, right, bottom],
            ))
        })
        .collect()
}

#[test]
fn every_text_has_room_on_every_size_in_each_language() {
    let mut wrong = Vec::new();
    for size in Size::ALL {
        for language in Language::ALL {
            for (name, calibration) in calibrations() {
                let (window, picture) = shown(&calibration, size, language);
                assert_eq!(picture.dimensions(), (size.width, size.height));
                let texts = texts(&window);
                assert!(texts.len() > 10, "{name}: {}", texts.len());
                // The camera's name is the first text, above the picture.
                assert!(
                    texts[0].2[3] < size.height as f32 / 8.0,
                    "{name}: {:?}",
                    texts[0]
                );
                for (text, fits, [left, top, right, bottom]) in texts {
                    let inside = left >= -1.0
                        && top >= -1.0
                        && right <= size.width as f32 + 1.0
                        && bottom <= size.height as f32 + 1.0;
                    if !fits || !inside {
                        wrong.push(format!("{name} {} {size:?}: {text:?}", language.tag()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_measured_stands_on_it_in_words_and_figures() {
    let said = |name: &str| -> Vec<String> {
        let samples = calibrations();
        let (_, calibration) = samples.iter().find(|(known, _)| *known == name).unwrap();
        let (window, _) = shown(calibration, Size::LANDSCAPE, Language::English);
        texts(&window).into_iter().map(|(text, ..)| text).collect()
    };
    for (name, words) in [
        (
            "calibrate-documents",
            [
                "Sharp",
                "Well lit",
                "TD3",
                "20.4 pixels, 253 mm: good distance",
                "31.2 ms",
            ],
        ),
        (
            "calibrate-face",
            [
                "Out of focus",
                "Too dark",
                "quality 412 of 1000",
                "Face camera",
                "Nothing seen",
            ],
        ),
        (
            "calibrate-no-picture",
            [
                "Nothing to focus on",
                "No contrast",
                "No picture from this camera",
                "Document camera",
                "Code",
            ],
        ),
    ] {
        let said = said(name);
        for word in words {
            assert!(
                said.iter().any(|text| text.contains(word)),
                "{name} lacks {word:?}: {said:?}"
            );
        }
    }
}

#[test]
fn a_picture_is_gone_when_the_camera_shows_nothing() {
    let samples = calibrations();
    let (window, with) = shown(&samples[0].1, Size::SMALL, Language::English);
    window.paint(&samples[3].1);
    let without = glass::photographed(window.window().window());
    let (_, never) = shown(&samples[3].1, Size::SMALL, Language::English);
    assert!(with != without && without == never);
}
