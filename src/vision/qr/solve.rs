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
