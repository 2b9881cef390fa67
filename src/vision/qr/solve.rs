//! Equalising and correcting by turns. A dense symbol has a dozen blocks and more, woven into each other: the modules of a block that could be
//! corrected are known for certain, and tell how the picture mixes modules and what it mixes into those of the others.

use zeroize::Zeroizing;

use super::blocks::{Part, Reading};
use super::effort::Effort;
use super::equaliser::{self, Breadth, Equalised};
use super::levels::Levelled;
use super::symbol::Layout;

/// Share of a symbol's fixed modules that must come out right before its data are tried. Chance gives a half.
pub(super) const LEAST_FIT: f32 = 0.8;
/// Turns after the first; each takes one more block at least.
const TURNS: usize = 5;

/// What levelled samples came to.
pub(super) struct Solved {
    pub(super) equalised: Equalised,
    pub(super) text: Option<String>,
    pub(super) part: Part,
}

/// Equalises samples and corrects what it can, as long as that helps and can be paid. `known` are the blocks that were read before. The first turn
/// is always taken.
pub(super) fn solved(
    levelled: &Levelled,
    layout: &Layout,
    known: &Part,
    breadth: Breadth,
    effort: &mut Effort,
) -> Solved {
    let cost = layout.side * layout.side * breadth.cost();
    let mut part = known.clone();
    let mut turn = 0;
    loop {
        effort.spend(cost);
        let equalised = equaliser::equalised(levelled, layout, &part.modules, breadth);
        let before = part.blocks;
        let text = if equalised.fit < LEAST_FIT {
            None
        } else {
            read(&equalised, layout, breadth, &mut part, effort)
        };
        turn += 1;
        if text.is_some() || part.blocks == before || turn > TURNS || !effort.has(cost) {
            return Solved {
                equalised,
                text,
                part,
            };
        }
    }
}

/// Corrects what it can: by algebra, which is quick, and where that adds no block, bit by bit. Cancelling errs less while little is known; both
/// ways of undoing a mixture err in places of their own, and their mean errs least once most is.
fn read(
    equalised: &Equalised,
    layout: &Layout,
    breadth: Breadth,
    part: &mut Part,
    effort: &mut Effort,
) -> Option<String> {
    let before = part.blocks;
    let both = equalised.dark.iter().zip(&equalised.cancelled);
    let mean: Zeroizing<Vec<f32>> = Zeroizing::new(both.map(|(a, b)| (a + b) / 2.0).collect());
    for (values, closely) in [
        (&equalised.dark, false),
        (&equalised.cancelled, false),
        (&mean, false),
        (
            if before > 0 {
                &mean
            } else {
                &equalised.cancelled
            },
            true,
        ),
    ] {
        let reading = match closely {
            true if part.blocks > before => return None,
            true => layout.read_closely(values, part, effort),
            false => layout.read(values, part),
        };
        match reading {
            Reading::Text(text, whole) => {
                *part = whole;
                return Some(text);
            }
            Reading::Part(more) if more.blocks > part.blocks => *part = more,
            Reading::Part(_) | Reading::Nothing => {}
        }
        if breadth == Breadth::Glance {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::drawn::code;
    use super::super::finders::Ink;
    use super::super::levels::{MARGIN, levelled};
    use super::*;

    #[test]
    fn blocks_that_were_read_help_to_read_the_others() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(60);
        let code = code(&text, 22);
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
            let read = |values: &[f32]| layout.text(values).is_some();
            at_once += u32::from(read(&once.dark) || read(&once.cancelled));
            let solved = solved(
                &seen,
                &layout,
                &Part::nothing(&layout),
                Breadth::Cross,
                &mut Effort::frame(),
            );
            if let Some(read) = solved.text {
                assert_eq!(read, text);
                by_turns += 1;
            }
        }
        assert!(at_once > 0 && by_turns > at_once, "{at_once} {by_turns}");
        assert!(by_turns < 30, "no noise is too much");
    }
}
