//! How well a symbol's fixed patterns fit a place in a picture, and the climb to where they fit best.

use super::effort::Effort;
use super::finders::Ink;
use super::grid::{Perspective, brightness};
use super::symbol::Layout;
use crate::luma::Luma;

/// Modules whose weighted sum of brightness is high where a pattern lies as supposed: light ones count for it, dark ones
/// against it, and even light for nothing.
pub(super) struct Marks {
    /// Place between the finder centres, and weight.
    marks: Vec<(f32, f32, f32)>,
}

impl Marks {
    pub(super) fn of(layout: &Layout, ink: Ink, patches: &[Vec<(usize, usize)>]) -> Self {
        let span = layout.side as f32 - 7.0;
        let mut marks = Vec::new();
        for patch in patches {
            let sign = |&(x, y): &(usize, usize)| layout.fixed[y * layout.side + x];
            let dark = patch.iter().filter(|m| sign(m) > 0).count() as f32;
            let light = patch.iter().filter(|m| sign(m) < 0).count() as f32;
            if dark == 0.0 || light == 0.0 {
                continue;
            }
            let share = (dark + light) * if ink == Ink::Dark { 1.0 } else { -1.0 };
            for module in patch {
                let weight = match sign(module) {
                    1 => -share / dark,
                    -1 => share / light,
                    _ => continue,
                };
                let place = |at: usize| (at as f32 + 0.5 - 3.5) / span;
                marks.push((place(module.0), place(module.1), weight));
            }
        }
        let total: f32 = marks.iter().map(|m| m.2.abs()).sum::<f32>() / 2.0;
        for mark in &mut marks {
            mark.2 /= total.max(1.0);
        }
        Self { marks }
    }

    /// How many places are looked at each time.
    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    /// How much lighter the light marks are than the dark ones, in counts.
    pub(super) fn contrast(&self, picture: Luma<'_>, place: &Perspective) -> f32 {
        self.marks
            .iter()
            .map(|&(p, q, weight)| weight * brightness(picture, place.between(p, q)))
            .sum()
    }
}

/// The modules of a square, as far as they lie in the symbol.
pub(super) fn square(centre: (usize, usize), reach: usize, side: usize) -> Vec<(usize, usize)> {
    let range = |c: usize| c.saturating_sub(reach)..=(c + reach).min(side - 1);
    range(centre.1)
        .flat_map(|y| range(centre.0).map(move |x| (x, y)))
        .collect()
}

/// Finder patterns with their separators, and the timing patterns in parts.
pub(super) fn finder_and_timing(layout: &Layout) -> Vec<Vec<(usize, usize)>> {
    let side = layout.side;
    let mut patches: Vec<_> = [(3, 3), (side - 4, 3), (3, side - 4)]
        .map(|centre| square(centre, 4, side))
        .into();
    let line: Vec<usize> = (8..side - 8).collect();
    for part in line.chunks(10) {
        patches.push(part.iter().map(|&i| (i, 6)).collect());
        patches.push(part.iter().map(|&i| (6, i)).collect());
    }
    patches
}

/// The timing patterns, across and down.
pub(super) fn timing(layout: &Layout) -> [Vec<(usize, usize)>; 2] {
    let line = || 8..layout.side - 8;
    [
        line().map(|i| (i, 6)).collect(),
        line().map(|i| (6, i)).collect(),
    ]
}

/// Moves one number at a time as long as the contrast grows, in ever smaller steps (pixels).
pub(super) fn climbed(
    picture: Luma<'_>,
    marks: &Marks,
    start: Perspective,
    steps: &[f32],
    effort: &mut Effort,
) -> (Perspective, f32) {
    let mut best = (start, marks.contrast(picture, &start));
    for &step in steps {
        for _round in 0..3 {
            let before = best.1;
            for number in 0..8 {
                for by in [step, -step] {
                    let mut stride = by;
                    // Goes on in a direction that pays, twice as far each time.
                    for _further in 0..3 {
                        if !effort.spend(marks.len()) {
                            return best;
                        }
                        let moved = best.0.moved(number, stride);
                        let contrast = marks.contrast(picture, &moved);
                        if contrast <= best.1 {
                            break;
                        }
                        best = (moved, contrast);
                        stride *= 1.5;
                    }
                }
            }
            if best.1 <= before + 0.02 * before.abs() {
                break;
            }
        }
    }
    best
}
