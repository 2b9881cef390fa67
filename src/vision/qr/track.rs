//! What is known of a code that is in view and not read yet.

use zeroize::Zeroizing;

use super::effort::Effort;
use super::equaliser::Breadth;
use super::finders::Ink;
use super::grid::Perspective;
use super::levels::Levelled;
use super::sampled::{Sight, Way, layout};
use super::solve::{LEAST_FIT, solved};

/// Where the last frame's symbol was and what was seen of it: the next frame begins there, and what several frames saw
/// is added up, module by module.
#[derive(Default)]
pub(super) struct Track {
    pub(super) held: Option<Held>,
}

pub(super) struct Held {
    pub(super) version: usize,
    pub(super) ink: Ink,
    pub(super) place: Perspective,
    /// The way of sampling it that fitted best.
    pub(super) way: Way,
    /// How surely each module is dark.
    dark: Zeroizing<Vec<f32>>,
    /// What all frames saw of each module, added up; older frames count less. The mixture is undone in the sum, where there is less noise to
    /// be amplified.
    levelled: Levelled,
    /// Frames since it was last seen.
    unseen: u32,
}

/// What an older frame counts against the newest.
const FADING: f32 = 0.95;
/// A symbol is looked for where it was for so many frames.
const PATIENCE: u32 = 4;

impl Track {
    /// Where the symbol was, in pixels of the frame.
    pub(super) fn corners(&self) -> Option<[(f32, f32); 4]> {
        Some(self.held.as_ref()?.place.corners())
    }

    /// Another frame without it.
    pub(super) fn ages(&mut self) {
        if let Some(held) = &mut self.held {
            held.unseen += 1;
            if held.unseen > PATIENCE {
                self.held = None;
            }
        }
    }

    /// Adds a sight to what is known of its symbol, and reads both together.
    pub(super) fn takes(&mut self, sight: &mut Sight, effort: &mut Effort) {
        if sight.fit < LEAST_FIT {
            return;
        }
        let (middle, size) = (sight.place.middle(), sight.place.module() * 8.0);
        let same = self.held.as_mut().filter(|held| {
            let was = held.place.middle();
            held.version == sight.version
                && held.ink == sight.ink
                && (was.0 - middle.0).hypot(was.1 - middle.1) < size * 2.0
                && alike(&held.dark, &sight.dark)
        });
        let Some(held) = same else {
            self.held = Some(Held {
                version: sight.version,
                ink: sight.ink,
                place: sight.place,
                way: sight.way,
                dark: sight.dark.clone(),
                levelled: sight.levelled.clone(),
                unseen: 0,
            });
            return;
        };
        held.levelled.add(&sight.levelled, FADING);
        held.place = sight.place;
        held.way = sight.way;
        held.unseen = 0;
        let Some(layout) = layout(held.version) else {
            return;
        };
        for breadth in [Breadth::Cross, Breadth::Broad] {
            if sight.text.is_some() || effort.is_spent() {
                return;
            }
            let together = solved(&held.levelled, layout, breadth, effort);
            sight.text = together.text;
            held.dark = Zeroizing::new(together.equalised.dark);
        }
    }
}

/// Whether two sights of one version agree in most modules: the same code and not the next one on the screen.
fn alike(one: &[f32], other: &[f32]) -> bool {
    let agree = one
        .iter()
        .zip(other)
        .filter(|(a, b)| (**a > 0.0) == (**b > 0.0));
    agree.count() * 4 > one.len() * 3
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::{QrCode, QrCodeEcc};

    use super::super::levels::{self, MARGIN};
    use super::super::sampled;
    use super::super::threes::Triple;
    use super::*;
    use crate::luma::Luma;

    #[test]
    fn frames_that_are_unreadable_alone_are_read_together_and_forgotten_with_the_track() {
        let code = QrCode::encode_text("SKD1:ADDED.UP.OVER.FRAMES", QrCodeEcc::Medium).unwrap();
        let (side, version) = (code.size(), usize::from(code.version().value()));
        let layout = layout(version).unwrap();
        let mut state = 11u64;
        let mut noise = || {
            let sum: f32 = (0..12)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 40) as f32 / (1u64 << 24) as f32
                })
                .sum();
            45.0 * (sum - 6.0)
        };
        let mut triple = Triple::specimen(side as f32);
        (triple.top_left, triple.top_right, triple.bottom_left) =
            ((35.0, 35.0), (175.0, 35.0), (35.0, 175.0));
        let wide = side + 2 * MARGIN as i32;
        let mut sight = || {
            let samples: Vec<f32> = (0..wide * wide)
                .map(|i| {
                    let (x, y) = (i % wide - MARGIN as i32, i / wide - MARGIN as i32);
                    noise() + if code.get_module(x, y) { 70.0 } else { 170.0 }
                })
                .collect();
            let levelled = levels::levelled(&samples, layout, Ink::Dark);
            let alone = solved(&levelled, layout, Breadth::Cross, &mut Effort::frame());
            assert_eq!(alone.text, None, "readable alone");
            Sight {
                version,
                ink: Ink::Dark,
                place: Perspective::of(&triple, side as usize, 1.0),
                way: Way::Bent,
                dark: Zeroizing::new(alone.equalised.dark),
                levelled,
                fit: 0.87,
                text: None,
            }
        };
        let mut track = Track::default();
        let mut read = None;
        for _frame in 0..8 {
            let mut sight = sight();
            track.takes(&mut sight, &mut Effort::frame());
            read = read.or(sight.text);
        }
        assert_eq!(read.as_deref(), Some("SKD1:ADDED.UP.OVER.FRAMES"));
        assert!(track.corners().is_some() && Track::default().corners().is_none());
        for _frame in 0..=PATIENCE {
            track.ages();
        }
        assert!(track.corners().is_none(), "gone from view");
    }

    #[test]
    fn a_code_beside_the_wanted_one_does_not_keep_it_from_being_followed() {
        // A dense code smeared over two modules, and a boarding pass in the other hand.
        const SEED: u64 = 5_000_478;
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG.FKY*4GO0.O1CV2".repeat(37);
        let mut shown = pictures::CodeShown::varied(&text, SEED);
        shown.beside = Some("M1SPECIMEN/ANNA       EABC123".to_owned());
        let scene = pictures::Scene::code(&shown).unwrap();
        let conditions = pictures::Conditions::kiosk(SEED);
        let frame = scene.frame((1920, 1080), &conditions).unwrap();
        let frame = image::DynamicImage::ImageRgb8(frame).into_luma8();
        let mut track = Track::default();
        let seen = sampled::read(
            Luma::from(&frame),
            &mut track,
            0,
            &[],
            Some("SKD1:"),
            &mut Effort::frame(),
        );
        let texts: Vec<_> = seen.iter().filter_map(|s| s.text.as_ref()).collect();
        assert!(texts.contains(&shown.beside.as_ref().unwrap()));
        let wanted = texts.contains(&&text);
        assert!(
            wanted || track.corners().is_some(),
            "neither read nor followed"
        );
    }
}
