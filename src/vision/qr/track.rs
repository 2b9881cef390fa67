//! What is known of a code that is in view and not read yet.

use zeroize::{Zeroize, Zeroizing};

use super::blocks::Part;
use super::effort::Effort;
use super::equaliser::Breadth;
use super::finders::Ink;
use super::grid::Perspective;
use super::levels::Levelled;
use super::sight::{SURE, Sight, Supposed, Way, layout};
use super::solve::{LEAST_FIT, solved};

/// Where the last frame's symbol was and what was seen of it: the next frame begins there, and what several frames saw
/// is added up, module by module.
#[derive(Default)]
pub(super) struct Track {
    pub(super) held: Option<Held>,
}

pub(super) struct Held {
    version: usize,
    ink: Ink,
    place: Perspective,
    /// The way of sampling it that fitted best.
    pub(super) way: Way,
    /// How surely each module is dark.
    dark: Zeroizing<Vec<f32>>,
    /// What all frames saw of each module, added up; older frames count less. The mixture is undone in the sum, where there is less noise to
    /// be amplified.
    levelled: Levelled,
    /// The blocks that could be read in any of them.
    pub(super) part: Part,
    /// Share of its fixed modules that came out right when it was last seen in this way.
    fit: f32,
    /// Frames in which it was seen.
    seen: u32,
    /// Frames since it was last seen.
    unseen: u32,
}

impl Held {
    /// What is supposed of the symbol in the next frame.
    pub(super) fn supposed(&self) -> Supposed {
        Supposed {
            version: self.version,
            ink: self.ink,
            place: self.place,
        }
    }
}

/// What an older frame counts against the newest.
const FADING: f32 = 0.95;
/// By so much another way of sampling must fit better, or else chance would decide between them.
const BETTER: f32 = 0.02;
/// A symbol is looked for where it was for so many frames.
const PATIENCE: u32 = 4;

impl Track {
    /// Where the symbol was, in pixels of the frame.
    pub(super) fn corners(&self) -> Option<[(f32, f32); 4]> {
        Some(self.held.as_ref()?.place.corners())
    }

    /// Whether it is surely known where the symbol is: it fits as no other does, a block of it was read, or two frames showed the same.
    pub(super) fn is_sure(&self) -> bool {
        self.held.as_ref().is_some_and(|held| {
            held.unseen <= 1 && (held.fit > SURE || held.part.blocks > 0 || held.seen > 1)
        })
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
                part: sight.part.clone(),
                fit: sight.fit,
                seen: 1,
                unseen: 0,
            });
            return;
        };
        held.levelled.add(&sight.levelled, FADING);
        held.place = sight.place;
        held.way = sight.way;
        held.fit = sight.fit;
        held.seen += 1;
        held.unseen = 0;
        let Some(layout) = layout(held.version) else {
            return;
        };
        // The next code on the screen may have some blocks in common with the last.
        let known = layout.joined(&sight.part, &held.part, &sight.dark);
        if known.blocks > sight.part.blocks {
            sight.part = known;
        }
        if sight.text.is_none() && !effort.is_spent() {
            let mut together = solved(&held.levelled, layout, &sight.part, Breadth::Broad, effort);
            held.dark = Zeroizing::new(together.equalised.dark);
            let borne_out = layout.confirmed(&together.part, &sight.dark).blocks;
            if borne_out == together.part.blocks {
                sight.text = together.text;
            } else {
                together.text.zeroize();
            }
            sight.part = together.part;
        }
    }

    /// Keeps what could be read of the symbol that is followed, and begins to add up anew if another way of sampling it fits better.
    pub(super) fn keeps(&mut self, sight: &Sight) {
        let Some(held) = &mut self.held else {
            return;
        };
        if held.version != sight.version || sight.fit < LEAST_FIT {
            return;
        }
        if sight.part.blocks > held.part.blocks {
            held.part = sight.part.clone();
        }
        if sight.way != held.way && sight.fit > held.fit + BETTER {
            held.way = sight.way;
            held.fit = sight.fit;
            held.levelled = sight.levelled.clone();
        }
    }
}

/// Whether two sights of one version agree in most modules: the same code and not the next one on the screen.
fn alike(one: &[f32], other: &[f32]) -> bool {
    let agree = one
        .iter()
        .zip(other)
        .filter(|(a, b)| (**a > 0.0) == (**b > 0.0));
    agree.count() * 3 > one.len() * 2
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::{QrCode, QrCodeEcc};

    use super::super::drawn::code;
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
        let triple = Triple::supposed(
            [(35.0, 35.0), (175.0, 35.0), (35.0, 175.0)],
            side as f32,
            Ink::Dark,
        );
        let wide = side + 2 * MARGIN as i32;
        let mut sight = || {
            let samples: Vec<f32> = (0..wide * wide)
                .map(|i| {
                    let (x, y) = (i % wide - MARGIN as i32, i / wide - MARGIN as i32);
                    noise() + if code.get_module(x, y) { 70.0 } else { 170.0 }
                })
                .collect();
            let levelled = levels::levelled(&samples, layout, Ink::Dark);
            let nothing = Part::nothing(layout);
            let mut effort = Effort::frame();
            let alone = solved(&levelled, layout, &nothing, Breadth::Cross, &mut effort);
            assert_eq!(alone.text, None, "readable alone");
            Sight {
                version,
                ink: Ink::Dark,
                place: Perspective::of(&triple, side as usize, 1.0),
                way: Way::Bent,
                dark: Zeroizing::new(alone.equalised.dark),
                levelled,
                fit: 0.87,
                part: nothing,
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

    /// A sight of a version 10 symbol, five blocks, of which those that are `hidden` show chance.
    fn sight_of(text: &str, hidden: &[usize]) -> Sight {
        let code = code(text, 10);
        let layout = layout(10).unwrap();
        let side = code.size();
        let wide = side + 2 * MARGIN as i32;
        let mut samples: Vec<f32> = (0..wide * wide)
            .map(|i| {
                let (x, y) = (i % wide - MARGIN as i32, i / wide - MARGIN as i32);
                if code.get_module(x, y) { 70.0 } else { 170.0 }
            })
            .collect();
        // The blocks' codewords take turns while all of them have some.
        for (bit, &index) in layout.path.iter().enumerate() {
            let (x, y) = (
                index as usize % side as usize,
                index as usize / side as usize,
            );
            if bit / 8 < 215 && hidden.contains(&(bit / 8 % 5)) {
                samples[(y + MARGIN) * wide as usize + x + MARGIN] =
                    if (bit * 7_919) % 16 < 8 { 70.0 } else { 170.0 };
            }
        }
        let levelled = levels::levelled(&samples, layout, Ink::Dark);
        let alone = solved(
            &levelled,
            layout,
            &Part::nothing(layout),
            Breadth::Cross,
            &mut Effort::frame(),
        );
        let triple = Triple::supposed(
            [(35.0, 35.0), (285.0, 35.0), (35.0, 285.0)],
            side as f32,
            Ink::Dark,
        );
        Sight {
            version: 10,
            ink: Ink::Dark,
            place: Perspective::of(&triple, side as usize, 1.0),
            way: Way::Bent,
            dark: Zeroizing::new(alone.equalised.dark),
            levelled,
            fit: alone.equalised.fit,
            part: alone.part,
            text: alone.text,
        }
    }

    #[test]
    fn a_block_that_one_frame_showed_needs_no_other_to_show_it() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        let mut track = Track::default();
        let mut first = sight_of(&text, &[1]);
        assert_eq!((first.part.blocks, first.text.is_some()), (4, false));
        track.takes(&mut first, &mut Effort::frame());
        let mut second = sight_of(&text, &[3]);
        assert_eq!((second.part.blocks, second.text.is_some()), (4, false));
        track.takes(&mut second, &mut Effort::frame());
        assert_eq!(second.text, Some(text));
    }

    #[test]
    fn blocks_of_two_codes_are_never_put_together() {
        let first = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        // The next code on the screen begins as the first does.
        let second = first[..90].to_owned() + &"Z0.".repeat((first.len() - 90) / 3);
        let mut track = Track::default();
        for (text, hidden) in [
            (&first, [4]),
            (&second, [0]),
            (&first, [2]),
            (&second, [4]),
            (&second, [0]),
        ] {
            let mut sight = sight_of(text, &hidden);
            track.takes(&mut sight, &mut Effort::frame());
            track.keeps(&sight);
            assert!(
                sight.text.as_ref().is_none_or(|read| read == text),
                "{:?}",
                sight.text
            );
        }
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
