//! The timing pattern that begins at a finder pattern (ISO/IEC 18004, 6.3.5), followed through a picture to where it stands out most.

use super::effort::Effort;
use super::finders::Ink;
use super::grid::brightness;
use super::marks::square;
use super::symbol::Layout;
use crate::luma::Luma;

/// Modules that are followed at first, and how much further each time.
const FIRST: usize = 8;
const FURTHER: f32 = 1.4;
/// While so few modules are followed, the finder pattern says as much as they do.
const FEW: usize = 24;
/// While so few are, no bend can be told.
const STRAIGHT: usize = 16;
/// Steps of the climb, in modules at the far end.
const STEPS: [f32; 3] = [0.7, 0.35, 0.2];

/// A place or a step, in pixels.
pub(super) type Vector = (f32, f32);

pub(super) fn plus(a: Vector, b: Vector) -> Vector {
    (a.0 + b.0, a.1 + b.1)
}

pub(super) fn minus(a: Vector, b: Vector) -> Vector {
    (a.0 - b.0, a.1 - b.1)
}

pub(super) fn times(a: Vector, by: f32) -> Vector {
    (a.0 * by, a.1 * by)
}

/// Modules from a finder pattern's centre, along the side and along the arm, with their weights: light ones count for it, dark ones
/// against it.
type Marks = Vec<(f32, f32, f32)>;

/// The picture in which arms are followed, and what one looks like.
pub(super) struct Sought<'a> {
    picture: Luma<'a>,
    ink: Ink,
    finder: Marks,
}

impl<'a> Sought<'a> {
    pub(super) fn of(picture: Luma<'a>, layout: &Layout, ink: Ink) -> Self {
        let sign = if ink == Ink::Dark { 1.0 } else { -1.0 };
        // With its separator on the inner sides.
        let modules = square((3, 3), 4, layout.side);
        let dark = |&(x, y): &(usize, usize)| layout.fixed[y * layout.side + x] > 0;
        let count = modules.iter().filter(|m| dark(m)).count() as f32;
        let others = modules.len() as f32 - count;
        let weight = |m| {
            if dark(m) {
                -sign / count
            } else {
                sign / others
            }
        };
        let finder = modules
            .iter()
            .map(|m| (m.0 as f32 - 3.0, m.1 as f32 - 3.0, weight(m)))
            .collect();
        Self {
            picture,
            ink,
            finder,
        }
    }

    /// How much the finder pattern at the arm's corner stands out, in counts.
    pub(super) fn finder(&self, arm: &Arm) -> f32 {
        arm.contrast(self.picture, &self.finder)
    }

    /// The first modules of a timing pattern behind a finder pattern.
    fn timing(&self, length: usize) -> Marks {
        let sign = if self.ink == Ink::Dark { 1.0 } else { -1.0 };
        let (dark, light) = (length.div_ceil(2) as f32, (length / 2).max(1) as f32);
        let weight = |n: usize| {
            if n.is_multiple_of(2) {
                -sign / dark
            } else {
                sign / light
            }
        };
        (0..length)
            .map(|n| (3.0, 5.0 + n as f32, weight(n)))
            .collect()
    }

    /// The arm moved to where `last` modules of its timing pattern stand out most, and how much they do. None when that is less than
    /// `least` before, or when the work is spent.
    pub(super) fn followed(
        &self,
        mut arm: Arm,
        last: usize,
        least: f32,
        effort: &mut Effort,
    ) -> Option<(Arm, f32)> {
        let mut length = FIRST.min(last);
        loop {
            let timing = self.timing(length);
            let numbers = if length < STRAIGHT { 2 } else { 4 };
            if length < FEW {
                let both: Marks = timing.iter().chain(&self.finder).copied().collect();
                arm = self.climbed(arm, &both, numbers, length, effort)?;
            } else {
                arm = self.climbed(arm, &timing, numbers, length, effort)?;
            }
            let seen = arm.contrast(self.picture, &timing);
            if length == last {
                return Some((arm, seen));
            }
            if length > FIRST && seen < least {
                return None;
            }
            length = ((length as f32 * FURTHER) as usize).min(last);
        }
    }

    fn climbed(
        &self,
        mut arm: Arm,
        marks: &Marks,
        numbers: usize,
        length: usize,
        effort: &mut Effort,
    ) -> Option<Arm> {
        let mut best = arm.contrast(self.picture, marks);
        for step in STEPS {
            for _round in 0..3 {
                let before = best;
                for number in 0..numbers {
                    for by in [step, -step] {
                        if !effort.spend(marks.len()) {
                            return None;
                        }
                        let moved = arm.moved(number, by, length as f32 + 4.0);
                        let contrast = moved.contrast(self.picture, marks);
                        if contrast > best {
                            (arm, best) = (moved, contrast);
                        }
                    }
                }
                if best <= before {
                    break;
                }
            }
        }
        Some(arm)
    }
}

/// One side of a symbol, from a corner's finder pattern on, where the side that meets it there is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arm {
    /// The finder pattern's centre.
    corner: Vector,
    /// A module along the known side.
    side: Vector,
    /// A module along the arm, and how it changes from module to module.
    arm: Vector,
    bend: Vector,
}

impl Arm {
    pub(super) fn new(corner: Vector, side: Vector, arm: Vector) -> Self {
        Self {
            corner,
            side,
            arm,
            bend: (0.0, 0.0),
        }
    }

    /// So many modules along the arm from the finder pattern's centre.
    pub(super) fn at(&self, modules: f32) -> Vector {
        self.beside(0.0, modules)
    }

    fn beside(&self, side: f32, modules: f32) -> Vector {
        let far = plus(
            times(self.arm, modules),
            times(self.bend, modules * modules),
        );
        plus(plus(self.corner, times(self.side, side)), far)
    }

    /// A module's step, so many modules along the arm.
    pub(super) fn step(&self, modules: f32) -> Vector {
        plus(self.arm, times(self.bend, 2.0 * modules))
    }

    /// One of its four numbers moved by so many modules at a distance.
    fn moved(mut self, number: usize, by: f32, distance: f32) -> Self {
        let pixels = by * self.side.0.hypot(self.side.1) / distance;
        match number {
            0 => self.arm.0 += pixels,
            1 => self.arm.1 += pixels,
            2 => self.bend.0 += pixels / distance,
            _ => self.bend.1 += pixels / distance,
        }
        self
    }

    fn contrast(&self, picture: Luma<'_>, marks: &Marks) -> f32 {
        marks
            .iter()
            .map(|&(side, modules, weight)| {
                weight * brightness(picture, self.beside(side, modules))
            })
            .sum()
    }
}
