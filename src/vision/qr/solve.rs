//! Equalising and correcting by turns. A dense symbol has a dozen blocks and more, woven into each other: the modules of a block that could be
//! corrected are known for certain, and tell how the picture mixes modules and what it mixes into those of the others.

use std::borrow::Cow;

use super::effort::Effort;
use super::equaliser::{self, Breadth, Equalised};
use super::levels::Levelled;
use super::symbol::{Layout, Reading};

/// Share of a symbol's fixed modules that must come out right before its data are tried. Chance gives a half.
pub(super) const LEAST_FIT: f32 = 0.8;
/// Turns after the first; each takes one more block at least.
const TURNS: usize = 5;

/// What levelled samples came to.
pub(super) struct Solved {
    pub(super) equalised: Equalised,
    pub(super) text: Option<String>,
}

/// Equalises samples and corrects what it can, as long as that helps and can be paid. The first turn is always taken.
pub(super) fn solved(
    levelled: &Levelled,
    layout: &Layout,
    breadth: Breadth,
    effort: &mut Effort,
) -> Solved {
    let cost = layout.side * layout.side * breadth.cost();
    effort.spend(cost);
    let mut equalised = equaliser::equalised(levelled, layout, &layout.fixed, breadth);
    let mut known: Cow<'_, [i8]> = Cow::Borrowed(&layout.fixed);
    let (mut blocks, mut text) = (0, None);
    for turn in 0..=TURNS {
        if equalised.fit < LEAST_FIT {
            break;
        }
        let before = blocks;
        for values in [&equalised.dark, &equalised.cancelled] {
            match layout.read(values) {
                Reading::Text(read) => {
                    text = Some(read);
                    break;
                }
                Reading::Part(part) if part.blocks > blocks => {
                    blocks = part.blocks;
                    known = Cow::Owned(part.modules.to_vec());
                }
                Reading::Part(_) | Reading::Nothing => {}
            }
        }
        if text.is_some() || blocks == before || turn == TURNS || !effort.has(cost) {
            break;
        }
        effort.spend(cost);
        equalised = equaliser::equalised(levelled, layout, &known, breadth);
    }
    Solved { equalised, text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

    use super::super::finders::Ink;
    use super::super::levels::{MARGIN, levelled};
    use super::*;

    #[test]
    fn blocks_that_were_read_help_to_read_the_others() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(60);
        let version = Version::new(22);
        let segments = QrSegment::make_segments(&text);
        let level = QrCodeEcc::Medium;
        let code =
            QrCode::encode_segments_advanced(&segments, level, version, version, None, false)
                .unwrap();
        let layout = Layout::of(22).unwrap();
        let wide = code.size() + 2 * MARGIN as i32;
        // A blur of a module, and ever more noise.
        let blurred = |noise: f32| {
            let mut state = 3u32;
            let mut next = move || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as f32 / 65_536.0
            };
            (0..wide * wide)
                .map(|i| {
                    let mut sum = 0.0;
                    for (dx, dy) in (0..25).map(|n| (n % 5 - 2, n / 5 - 2)) {
                        let (x, y) = (i % wide - 3 + dx, i / wide - 3 + dy);
                        let light = if code.get_module(x, y) { 60.0 } else { 180.0 };
                        sum += light * (-((dx * dx + dy * dy) as f32) / 1.3).exp() / 3.71;
                    }
                    sum + noise * (0..4).map(|_| next() - 0.5).sum::<f32>()
                })
                .collect::<Vec<f32>>()
        };
        let (mut at_once, mut by_turns) = (0, 0);
        for noise in 2..32 {
            let seen = levelled(&blurred(noise as f32), &layout, Ink::Dark);
            let once = equaliser::equalised(&seen, &layout, &layout.fixed, Breadth::Cross);
            let read = |values: &[f32]| matches!(layout.read(values), Reading::Text(_));
            at_once += u32::from(read(&once.dark) || read(&once.cancelled));
            let solved = solved(&seen, &layout, Breadth::Cross, &mut Effort::frame());
            if let Some(read) = solved.text {
                assert_eq!(read, text);
                by_turns += 1;
            }
        }
        assert!(at_once > 0 && by_turns > at_once, "{at_once} {by_turns}");
        assert!(by_turns < 30, "no noise is too much");
    }
}
