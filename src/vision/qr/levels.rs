//! Samples of a symbol's modules brought to even light and contrast, and what several frames saw added up.

use zeroize::Zeroizing;

use super::finders::Ink;
use super::symbol::Layout;

/// Rows and columns about the symbol that are sampled with it.
pub(super) const MARGIN: usize = 3;
/// Light and contrast are judged over this many modules before and after, both ways.
const REACH: usize = 5;
/// Brightness at which a sensor has no more to tell.
const BURNT: f32 = 250.0;

/// Samples brought to even light and contrast.
#[derive(Clone, Default)]
pub(super) struct Levelled {
    /// Row by row with margin; dark modules positive.
    pub(super) values: Zeroizing<Vec<f32>>,
    /// How much of a value is known only to be so bright at least: 1 where the sensor was at its end, 0 elsewhere.
    pub(super) burnt: Zeroizing<Vec<f32>>,
    /// Positive where bright is dark's opposite.
    pub(super) bright: f32,
    /// Frames that were added up.
    frames: f32,
}

impl Levelled {
    /// Adds another frame's, and lets what was there count less.
    pub(super) fn add(&mut self, other: &Self, fading: f32) {
        let all = self.frames * fading + other.frames;
        let (old, new) = (self.frames * fading / all, other.frames / all);
        let mix = |sum: &mut f32, &one: &f32| *sum = *sum * old + one * new;
        let values = self.values.iter_mut().zip(other.values.iter());
        values.for_each(|(sum, one)| mix(sum, one));
        let burnt = self.burnt.iter_mut().zip(other.burnt.iter());
        burnt.for_each(|(sum, one)| mix(sum, one));
        self.frames = all;
    }
}

/// Samples (with margin) brought to even light and contrast.
pub(super) fn levelled(samples: &[f32], layout: &Layout, ink: Ink) -> Levelled {
    let wide = layout.side + 2 * MARGIN;
    let stride = wide + 1;
    let mut sums = vec![(0.0f64, 0.0f64); stride * stride];
    for y in 0..wide {
        let mut row = (0.0, 0.0);
        for x in 0..wide {
            let value = f64::from(samples[y * wide + x]);
            row = (row.0 + value, row.1 + value * value);
            let above = sums[y * stride + x + 1];
            sums[(y + 1) * stride + x + 1] = (above.0 + row.0, above.1 + row.1);
        }
    }
    let whole = {
        let (sum, squares) = sums[stride * stride - 1];
        let n = (wide * wide) as f64;
        (squares / n - (sum / n) * (sum / n)).max(1.0).sqrt()
    };
    let sign = if ink == Ink::Dark { -1.0 } else { 1.0 };
    // The quiet zone is no part of the neighbourhood: the margin may be a phone's edge or a hand.
    let range = |at: usize| {
        let at = at.clamp(MARGIN, wide - MARGIN - 1);
        let low = at.saturating_sub(REACH).max(MARGIN);
        (low, (at + REACH + 1).min(wide - MARGIN))
    };
    let mut levelled = Vec::with_capacity(wide * wide);
    for y in 0..wide {
        let (top, bottom) = range(y);
        for x in 0..wide {
            let (left, right) = range(x);
            let at = |x: usize, y: usize| sums[y * stride + x];
            let pick = |f: fn((f64, f64)) -> f64| {
                f(at(right, bottom)) + f(at(left, top)) - f(at(left, bottom)) - f(at(right, top))
            };
            let n = ((right - left) * (bottom - top)) as f64;
            let mean = pick(|s| s.0) / n;
            let spread = (pick(|s| s.1) / n - mean * mean).max(0.0).sqrt();
            // Where there is next to no contrast, noise must not look like certainty.
            let value = (f64::from(samples[y * wide + x]) - mean) / (spread + 0.12 * whole + 0.5);
            levelled.push((sign * value).clamp(-2.5, 2.5) as f32);
        }
    }
    Levelled {
        values: Zeroizing::new(levelled),
        burnt: Zeroizing::new(
            samples
                .iter()
                .map(|&s| f32::from(u8::from(s >= BURNT)))
                .collect(),
        ),
        bright: if ink == Ink::Dark { -1.0 } else { 1.0 },
        frames: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_added_by_how_many_they_are() {
        let of = |value: f32, frames: f32| Levelled {
            values: Zeroizing::new(vec![value; 3]),
            burnt: Zeroizing::new(vec![0.0; 3]),
            bright: 1.0,
            frames,
        };
        let mut sum = of(3.0, 2.0);
        sum.add(&of(0.0, 1.0), 1.0);
        assert_eq!((sum.values[1], sum.frames), (2.0, 3.0));
        sum.add(&of(0.0, 1.0), 0.5);
        assert_eq!((sum.values[1], sum.frames), (1.2, 2.5));
    }
}
