//! A version supposed at three finder patterns.

use super::effort::Effort;
use super::finders::Ink;
use super::grid::Perspective;
use super::marks::{Marks, climbed, finder_and_timing, timing};
use super::symbol::Layout;
use crate::luma::Luma;

/// The logarithm of how much nearer one side of a symbol may be than the other. All that is within is tried before the climb begins, in steps
/// that move the middle of a timing pattern by half a module: two modules further on it would look the same.
const NEARER: f32 = 0.24;

/// A version supposed at three finder patterns.
pub(super) struct Guess<'a> {
    picture: Luma<'a>,
    marks: Marks,
    version_marks: Option<Marks>,
    start: Perspective,
    /// The perspective of those tried that fits best, and how much the fixed patterns and the version's own mark stand out, in counts.
    best: (Perspective, f32),
}

impl<'a> Guess<'a> {
    /// `picture` shows modules at two to four pixels, if it can.
    pub(super) fn of(
        picture: Luma<'a>,
        layout: &Layout,
        start: Perspective,
        ink: Ink,
        effort: &mut Effort,
    ) -> Self {
        let marks = Marks::of(layout, ink, &finder_and_timing(layout));
        let step = 2.0 / (layout.side as f32 - 7.0);
        let steps = (NEARER / step).ceil() as i32;
        let nearest = |line: Marks, tilted: &dyn Fn(f32) -> Perspective| {
            (-steps..=steps)
                .map(|i| (i as f32 * step).exp())
                .map(|near| (near, line.contrast(picture, &tilted(near))))
                .fold((1.0, f32::NEG_INFINITY), |best, one| {
                    if one.1 > best.1 { one } else { best }
                })
                .0
        };
        // Either timing pattern tells of its own side, whatever the other's is.
        let [across, down] = timing(layout).map(|line| Marks::of(layout, ink, &[line]));
        effort.spend(2 * (2 * steps as usize + 1) * across.len() + 2 * marks.len());
        let alpha = nearest(across, &|near| start.tilted(near, 1.0));
        let beta = nearest(down, &|near| start.tilted(alpha, near));
        let best = [start, start.tilted(alpha, beta)]
            .map(|place| (place, marks.contrast(picture, &place)));
        Self {
            picture,
            marks,
            version_marks: version_mark(layout).map(|patches| Marks::of(layout, ink, &patches)),
            start,
            best: if best[1].1 > best[0].1 {
                best[1]
            } else {
                best[0]
            },
        }
    }

    /// How well it fits.
    pub(super) fn contrast(&self) -> f32 {
        let (place, contrast) = self.best;
        contrast
            + match &self.version_marks {
                Some(marks) => marks.contrast(self.picture, &place),
                // Versions without a mark are few and small, and their timing patterns tell.
                None => contrast / 2.0,
            }
    }

    /// Moves it to where it fits best.
    pub(super) fn settle(&mut self, effort: &mut Effort) {
        let module = self.start.module();
        let steps = [0.6 * module, 0.25 * module];
        let tried = self.best.0;
        self.best = climbed(self.picture, &self.marks, tried, &steps, effort);
        if tried != self.start {
            let level = climbed(self.picture, &self.marks, self.start, &steps, effort);
            if level.1 > self.best.1 {
                self.best = level;
            }
        }
    }

    pub(super) fn place(&self) -> Perspective {
        self.best.0
    }
}

/// The two blocks that say the version (from 7 on), beside the finder patterns.
fn version_mark(layout: &Layout) -> Option<[Vec<(usize, usize)>; 2]> {
    let side = layout.side;
    (side >= 45).then(|| {
        let block = |i: usize| (side - 11 + i % 3, i / 3);
        [
            (0..18).map(block).collect(),
            (0..18).map(block).map(|(x, y)| (y, x)).collect(),
        ]
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::GrayImage;

    use super::super::drawn::code;
    use super::super::threes::Triple;
    use super::*;

    #[test]
    fn a_version_is_told_by_its_own_mark_where_the_timing_patterns_would_fit_another() {
        const MODULE: u32 = 3;
        let code = code("SKD1:WHICH.VERSION", 14);
        let long = MODULE * code.size() as u32 + 40;
        let picture = GrayImage::from_fn(long, long, |x, y| {
            let module = |at: u32| (at as i32 - 20).div_euclid(MODULE as i32);
            image::Luma([if code.get_module(module(x), module(y)) {
                40
            } else {
                200
            }])
        });
        let near = 20.0 + 3.5 * MODULE as f32;
        let far = 20.0 + (code.size() as f32 - 3.5) * MODULE as f32;
        let triple = Triple::supposed(
            [(near, near), (far, near), (near, far)],
            code.size() as f32,
            Ink::Dark,
        );
        let contrast = |version: usize| {
            let layout = Layout::of(version).unwrap();
            let start = Perspective::of(&triple, layout.side, 1.0);
            let mut effort = Effort::frame();
            let mut guess = Guess::of((&picture).into(), &layout, start, Ink::Dark, &mut effort);
            guess.settle(&mut effort);
            guess.contrast()
        };
        let right = contrast(14);
        for other in [11, 12, 13, 15, 16, 17] {
            assert!(contrast(other) * 2.0 < right, "{other}");
        }
    }
}
