//! Turns the brightness of modules into how surely each is dark.
//!
//! A blurred module is a mixture of itself and its neighbours. The mixture is learnt from the modules that the standard fixes (some
//! hundreds in a symbol) and undone: a linear equaliser over a neighbourhood, as in radio and disk reading. It undoes defocus,
//! smear in any direction, and a module grid that is off by a part of a module.

use rten_simd::{Isa, SimdOp};

use super::levels::{Levelled, MARGIN};
use super::normal::Normal;
use super::symbol::Layout;

/// Neighbours taken in: a cross of 13 within two modules.
const CROSS: [(isize, isize); 13] = [
    (0, 0),
    (1, 0),
    (-1, 0),
    (0, 1),
    (0, -1),
    (1, 1),
    (-1, 1),
    (1, -1),
    (-1, -1),
    (2, 0),
    (-2, 0),
    (0, 2),
    (0, -2),
];
/// And a constant.
const CROSS_TAPS: usize = CROSS.len() + 1;
/// Twenty-five, for a picture in which noise is no longer what hinders.
const BROAD: [(isize, isize); 25] = {
    let mut near = [(0, 0); 25];
    let mut i = 0;
    while i < 25 {
        // The middle comes first and changes places with the first.
        let at = if i == 0 {
            12
        } else if i == 12 {
            0
        } else {
            i
        };
        near[i] = (at as isize % 5 - 2, at as isize / 5 - 2);
        i += 1;
    }
    near
};
const BROAD_TAPS: usize = BROAD.len() + 1;

/// How surely the modules of a symbol are dark: about 1 for dark, -1 for light.
pub(super) struct Equalised {
    /// Row by row, without margin.
    pub(super) dark: Vec<f32>,
    /// The same with each module's neighbours taken off as they were decided: better in noise, worse where decisions are.
    pub(super) cancelled: Vec<f32>,
    /// Share of the fixed modules that came out right, before cancelling.
    pub(super) fit: f32,
}

/// How many neighbours are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breadth {
    /// Thirteen, and nothing cancelled: to see whether there is a symbol at all.
    Glance,
    /// Thirteen: what one frame's noise allows.
    Cross,
    /// Twenty-five, at three times the cost.
    Broad,
}

impl Breadth {
    /// What equalising and decoding a module costs, in samples.
    pub(super) const fn cost(self) -> usize {
        match self {
            Self::Glance => 7,
            Self::Cross => 28,
            Self::Broad => 46,
        }
    }
}

/// Equalises [`levelled`] samples: learnt from the `known` modules (1 dark, -1 light, 0 unknown; those that the standard fixes, or more), then
/// once more from all that came out sure.
pub(super) fn equalised(
    levelled: &Levelled,
    layout: &Layout,
    known: &[i8],
    breadth: Breadth,
) -> Equalised {
    let lesson = |is_cancelled| (levelled, layout, known, is_cancelled);
    match breadth {
        Breadth::Glance => Lesson::<CROSS_TAPS>(lesson(false), &CROSS).dispatch(),
        Breadth::Cross => Lesson::<CROSS_TAPS>(lesson(true), &CROSS).dispatch(),
        Breadth::Broad => Lesson::<BROAD_TAPS>(lesson(true), &BROAD).dispatch(),
    }
}

/// The work, compiled for every width of register that the machine may have; all give the same.
struct Lesson<'a, const TAPS: usize>(
    (&'a Levelled, &'a Layout, &'a [i8], bool),
    &'a [(isize, isize)],
);

impl<const TAPS: usize> SimdOp for Lesson<'_, TAPS> {
    type Output = Equalised;

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) -> Equalised {
        let (seen, layout, known, is_cancelled) = self.0;
        learnt::<TAPS>(seen, layout, known, is_cancelled, self.1)
    }
}

#[inline(always)]
fn learnt<const TAPS: usize>(
    seen: &Levelled,
    layout: &Layout,
    known: &[i8],
    is_cancelled: bool,
    near: &[(isize, isize)],
) -> Equalised {
    let levelled = &seen.values;
    let side = layout.side;
    let wide = side + 2 * MARGIN;
    let offsets: Vec<isize> = near
        .iter()
        .map(|(dx, dy)| dy * wide as isize + dx)
        .collect();
    let index = |x: usize, y: usize| (y + MARGIN) * wide + x + MARGIN;
    let taps = |at: usize| -> [f32; TAPS] {
        std::array::from_fn(|i| {
            offsets
                .get(i)
                .map_or(1.0, |&o| levelled[at.wrapping_add_signed(o)])
        })
    };
    let apply = |weights: &[f32; TAPS]| -> Vec<f32> {
        (0..side * side)
            .map(|i| {
                let taps = taps(index(i % side, i / side));
                taps.iter().zip(weights).map(|(t, w)| t * w).sum()
            })
            .collect()
    };
    let mut weights = [0.0f32; TAPS];
    weights[0] = 1.0;
    let mut normal = Normal::<TAPS>::about(&weights, 12.0);
    for (i, &known) in known.iter().enumerate() {
        if known != 0 {
            normal.add(&taps(index(i % side, i / side)), f32::from(known), 1.0);
        }
    }
    let mut dark = vec![];
    if let Some(learnt) = normal.solved() {
        weights = learnt;
        dark = apply(&weights);
        // All sure modules are now known to be what they are.
        let mut again = Normal::<TAPS>::about(&weights, 12.0);
        for (i, (&known, &value)) in known.iter().zip(&dark).enumerate() {
            let (wanted, weight) = match known {
                0 if value.abs() > 0.45 => (value.signum(), std::f32::consts::FRAC_1_SQRT_2),
                0 => continue,
                _ => (f32::from(known), 1.0),
            };
            again.add(&taps(index(i % side, i / side)), wanted, weight);
        }
        if let Some(learnt) = again.solved() {
            dark = apply(&learnt);
        }
    }
    if dark.is_empty() {
        dark = apply(&weights);
    }
    let (mut right, mut all) = (0u32, 0u32);
    for (&fixed, &value) in layout.fixed.iter().zip(&dark) {
        if fixed != 0 {
            all += 1;
            right += u32::from((value > 0.0) == (fixed > 0));
        }
    }
    let mut cancelled = if is_cancelled {
        cancelled::<TAPS>(seen, &dark, side, known, &offsets)
    } else {
        dark.clone()
    };
    for (i, (&known, &fixed)) in known.iter().zip(&layout.fixed).enumerate() {
        if known != fixed {
            dark[i] = f32::from(known);
            cancelled[i] = f32::from(known);
        }
    }
    Equalised {
        cancelled,
        dark,
        fit: right as f32 / all.max(1) as f32,
    }
}

/// How often the mixture is learnt, each time from better decisions.
const LESSONS: usize = 3;
/// Steps of descent after each.
const STEPS: usize = 7;

/// Interference cancelling: the mixture is learnt the other way round (from modules to brightness), and modules between light and dark are
/// looked for whose mixture is most like the picture: least squares within bounds, by accelerated projected gradients (Beck and
/// Teboulle, 2009). An equaliser alone amplifies noise.
#[inline(always)]
fn cancelled<const TAPS: usize>(
    seen: &Levelled,
    dark: &[f32],
    side: usize,
    known: &[i8],
    offsets: &[isize],
) -> Vec<f32> {
    let wide = side + 2 * MARGIN;
    let index = |i: usize| (i / side + MARGIN) * wide + i % side + MARGIN;
    // About the symbol nothing is decided: there the picture is taken as it is.
    let mut decided: Vec<f32> = seen.values.iter().map(|l| l.clamp(-1.0, 1.0)).collect();
    for (i, (&value, &known)) in dark.iter().zip(known).enumerate() {
        decided[index(i)] = if known == 0 {
            (1.3 * value).clamp(-1.0, 1.0)
        } else {
            f32::from(known)
        };
    }
    let mut mixed = Mixture::<TAPS>::of(seen, wide);
    for _lesson in 0..LESSONS {
        mixed.learn(&decided, offsets, (0..side * side).step_by(2).map(index));
        let mut before = decided.clone();
        let mut ahead = decided.clone();
        for step in 0..STEPS {
            let pull = mixed.pull(&ahead, offsets);
            let momentum = step as f32 / (step as f32 + 3.0);
            for (i, &known) in known.iter().enumerate() {
                if known == 0 {
                    let at = index(i);
                    let moved = (ahead[at] + mixed.step * pull[at]).clamp(-1.0, 1.0);
                    decided[at] = moved;
                    ahead[at] = moved + momentum * (moved - before[at]);
                }
            }
            before.copy_from_slice(&decided);
        }
    }
    // What the picture says of each module when all others are as decided.
    let pull = mixed.pull(&decided, offsets);
    (0..side * side)
        .map(|i| decided[index(i)] + pull[index(i)] / mixed.power.max(0.05))
        .collect()
}

/// How each place of a picture mixes the modules about it.
struct Mixture<'a, const TAPS: usize> {
    seen: &'a Levelled,
    wide: usize,
    weights: [f32; TAPS],
    power: f32,
    step: f32,
}

impl<'a, const TAPS: usize> Mixture<'a, TAPS> {
    fn of(seen: &'a Levelled, wide: usize) -> Self {
        let mut weights = [0.0; TAPS];
        weights[0] = 1.0;
        Self {
            seen,
            wide,
            weights,
            power: 1.0,
            step: 1.0,
        }
    }

    #[inline(always)]
    fn learn(&mut self, modules: &[f32], offsets: &[isize], places: impl Iterator<Item = usize>) {
        let mut start = [0.0f32; TAPS];
        start[0] = 1.0;
        let mut normal = Normal::<TAPS>::about(&start, 6.0);
        for at in places {
            if self.seen.burnt[at] > 0.5 {
                continue;
            }
            let taps = std::array::from_fn(|t| {
                offsets
                    .get(t)
                    .map_or(1.0, |&o| modules[at.wrapping_add_signed(o)])
            });
            normal.add(&taps, self.seen.values[at], 1.0);
        }
        if let Some(learnt) = normal.solved() {
            self.weights = learnt;
        }
        let weights = &self.weights[..offsets.len()];
        self.power = weights.iter().map(|w| w * w).sum();
        // No step is longer than the steepest pattern of modules allows.
        let steepest: f32 = weights.iter().map(|w| w.abs()).sum();
        self.step = 1.0 / (steepest * steepest).max(0.05);
    }

    /// Which way, and how much, the picture pulls each module.
    #[inline(always)]
    fn pull(&self, modules: &[f32], offsets: &[isize]) -> Vec<f32> {
        const CHUNK: usize = 512;
        let wide = self.wide;
        // All rows in one, from the first place with neighbours to the last; the two columns at either edge are of no use.
        let (start, end) = (2 * wide + 2, modules.len() - 2 * wide - 2);
        let mut rest = vec![0.0f32; modules.len()];
        let mut pull = vec![0.0f32; modules.len()];
        let constant = self.weights[TAPS - 1];
        for (chunk, rest) in rest[start..end].chunks_mut(CHUNK).enumerate() {
            let at = start + chunk * CHUNK;
            let values = &self.seen.values[at..][..rest.len()];
            for (rest, value) in rest.iter_mut().zip(values) {
                *rest = value - constant;
            }
            for (&offset, &weight) in offsets.iter().zip(&self.weights) {
                let from = &modules[at.wrapping_add_signed(offset)..][..rest.len()];
                for (rest, module) in rest.iter_mut().zip(from) {
                    *rest -= weight * module;
                }
            }
        }
        for row in rest.chunks_exact_mut(wide) {
            row[..2].fill(0.0);
            row[wide - 2..].fill(0.0);
        }
        // Where the sensor was at its end, brighter is as good.
        for (rest, burnt) in rest.iter_mut().zip(self.seen.burnt.iter()) {
            if *rest * self.seen.bright < 0.0 {
                *rest *= 1.0 - burnt;
            }
        }
        for (chunk, pull) in pull[start..end].chunks_mut(CHUNK).enumerate() {
            let at = start + chunk * CHUNK;
            for (&offset, &weight) in offsets.iter().zip(&self.weights) {
                let from = &rest[at.wrapping_add_signed(-offset)..][..pull.len()];
                for (pull, rest) in pull.iter_mut().zip(from) {
                    *pull += weight * rest;
                }
            }
        }
        pull
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::QrCode;

    use super::super::drawn::code;
    use super::super::finders::Ink;
    use super::super::levels::levelled;
    use super::*;

    /// What a sensor that ends at `end` sees of a symbol's modules through a blur of a module.
    fn blurred(code: &QrCode, end: f32) -> Vec<f32> {
        let wide = code.size() + 2 * MARGIN as i32;
        let mut state = 3u32;
        (0..wide * wide)
            .map(|i| {
                let mut sum = 0.0;
                for (dx, dy) in (0..25).map(|n| (n % 5 - 2, n / 5 - 2)) {
                    let (x, y) = (i % wide - 3 + dx, i / wide - 3 + dy);
                    let light = if code.get_module(x, y) { 20.0 } else { 300.0 };
                    let weight = (-((dx * dx + dy * dy) as f32) / 1.3).exp();
                    sum += weight * light / 3.71;
                }
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (sum + (state >> 28) as f32 - 8.0).min(end)
            })
            .collect()
    }

    fn symbol() -> (QrCode, Layout) {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        (code(&text, 10), Layout::of(10).unwrap())
    }

    fn wrong(values: &[f32], code: &QrCode) -> usize {
        let side = code.size();
        let dark = |i: usize| code.get_module(i as i32 % side, i as i32 / side);
        let wrong = |(i, value): (usize, &f32)| (*value > 0.0) != dark(i);
        values.iter().enumerate().filter(|v| wrong(*v)).count()
    }

    #[test]
    fn a_mixture_of_modules_is_undone_and_best_where_all_are_decided_together() {
        let (code, layout) = symbol();
        let seen = levelled(&blurred(&code, 400.0), &layout, Ink::Dark);
        for breadth in [Breadth::Cross, Breadth::Broad] {
            let equalised = equalised(&seen, &layout, &layout.fixed, breadth);
            let (alone, together) = (
                wrong(&equalised.dark, &code),
                wrong(&equalised.cancelled, &code),
            );
            assert!(equalised.fit > 0.9, "{}", equalised.fit);
            assert!(together * 5 < alone * 4, "{alone} {together}");
        }
    }

    #[test]
    fn a_burnt_out_module_may_have_been_brighter() {
        let (code, layout) = symbol();
        let burnt = levelled(&blurred(&code, 255.0), &layout, Ink::Dark);
        let mut believed = burnt.clone();
        believed.burnt.fill(0.0);
        let errors = |seen: &Levelled| {
            wrong(
                &equalised(seen, &layout, &layout.fixed, Breadth::Cross).cancelled,
                &code,
            )
        };
        assert!(
            errors(&burnt) < errors(&believed),
            "{} {}",
            errors(&burnt),
            errors(&believed)
        );
    }
}
