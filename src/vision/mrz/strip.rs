//! Strips: a zone's rows cut out level, 16 pixels a character, as the line reader was trained on them.

use std::ops::Range;

use super::zone::Zone;
use crate::luma::Luma;

/// Pixels a character.
pub(super) const CELL: usize = 16;
/// Pixels from the strip's top to its bottom.
pub(super) const HEIGHT: usize = 28;
/// Half the levelling window: five characters. `training/lines.py` has the same.
const WINDOW: usize = 5 * CELL;

/// Added to the deviation, in levels: what is all noise stays small. `training/lines.py` has the same.
const LEAST_DEVIATION: f32 = 2.0;

/// A zone's strips, one after the other, and where they lie.
pub(super) struct Strips {
    /// rows x HEIGHT x width, levelled.
    pub(super) pixels: Vec<f32>,
    pub(super) rows: usize,
    pub(super) width: usize,
}

/// Which part of a zone to cut.
pub(super) struct Part {
    /// Rows, counted as they read.
    pub(super) rows: Range<usize>,
    /// Characters before the first mark; where it is negative the part begins so many behind it.
    pub(super) lead: i32,
    /// Characters in all.
    pub(super) length: usize,
    /// Read the zone upside down.
    pub(super) flipped: bool,
    /// How the cut departs from where the zone seems to lie.
    pub(super) twist: Twist,
}

/// A small departure from a zone's place: what the finder cannot measure to the pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twist {
    /// Rows lower, as the zone's map counts them.
    pub(super) aside: f64,
    /// Strips taller by this factor.
    pub(super) taller: f64,
}

impl Twist {
    pub(super) const NONE: Self = Self {
        aside: 0.0,
        taller: 1.0,
    };
}

/// Cuts part of a zone.
pub(super) fn cut(frame: Luma<'_>, zone: &Zone, part: &Part) -> Strips {
    let flipped = part.flipped;
    let width = part.length * CELL;
    let mut pixels = Vec::with_capacity(part.rows.len() * HEIGHT * width);
    // Where the picture is finer than the strip several samples make a pixel, or strokes would flicker.
    let fine = ((zone.pitch / (1.3 * CELL as f64)).ceil() as usize).clamp(1, 5);
    let offsets: Vec<f64> = (0..fine)
        .map(|n| (n as f64 + 0.5) / fine as f64 - 0.5)
        .collect();
    let share = 1.0 / (fine * fine) as f32;
    let map = zone.map.0.map(|term| term as f32);
    for row in part.rows.clone() {
        let seen = if flipped { zone.rows - 1 - row } else { row };
        let (along, across) = &zone.bends[seen];
        let start = pixels.len();
        // The map's three terms at each column, on the row's own curve; a step down adds the same to all.
        let columns: Vec<[f32; 3]> = (0..width * fine)
            .map(|n| {
                let x = (n / fine) as f64 + 0.5 + offsets[n % fine];
                let u = x / CELL as f64 - f64::from(part.lead);
                let u = if flipped { zone.span as f64 - u } else { u };
                let v = (seen as f64 + across.at(u) + part.twist.aside) as f32;
                let u = (u + along.at(u)) as f32;
                [0, 3, 6].map(|n| map[n] * u + map[n + 1] * v + map[n + 2])
            })
            .collect();
        for y in 0..HEIGHT {
            let line = pixels.len();
            pixels.resize(line + width, 0.0);
            for offset in &offsets {
                let down = (y as f64 + 0.5 + offset - HEIGHT as f64 / 2.0) / HEIGHT as f64
                    * zone.strip
                    * part.twist.taller;
                let down = (if flipped { -down } else { down }) as f32;
                let step = [map[1] * down, map[4] * down, map[7] * down];
                for (pixel, samples) in pixels[line..].iter_mut().zip(columns.chunks_exact(fine)) {
                    for terms in samples {
                        let scale = 1.0 / (terms[2] + step[2]);
                        *pixel += sample(
                            frame,
                            (terms[0] + step[0]) * scale,
                            (terms[1] + step[1]) * scale,
                        );
                    }
                }
            }
            for pixel in &mut pixels[line..] {
                *pixel *= share;
            }
        }
        level(&mut pixels[start..], width);
    }
    Strips {
        pixels,
        rows: part.rows.len(),
        width,
    }
}

/// Bilinear; the border goes on for ever.
#[inline]
fn sample(frame: Luma<'_>, x: f32, y: f32) -> f32 {
    let x = (x - 0.5).clamp(0.0, (frame.width - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (frame.height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let right = (left + 1).min(frame.width - 1);
    let bottom = (top + 1).min(frame.height - 1);
    let at = |x: usize, y: usize| f32::from(frame.bytes[y * frame.stride + x]);
    let upper = at(left, top) + (at(right, top) - at(left, top)) * fx;
    let lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * fx;
    upper + (lower - upper) * fy
}

/// Subtracts the sliding mean and divides by the sliding deviation, so that light and contrast are equal everywhere.
fn level(strip: &mut [f32], width: usize) {
    let (mut one, mut two) = (vec![0.0f64; width + 1], vec![0.0f64; width + 1]);
    for line in strip.chunks_exact(width) {
        for (n, &value) in line.iter().enumerate() {
            one[n + 1] += f64::from(value);
            two[n + 1] += f64::from(value) * f64::from(value);
        }
    }
    for n in 0..width {
        one[n + 1] += one[n];
        two[n + 1] += two[n];
    }
    let terms: Vec<(f32, f32)> = (0..width)
        .map(|n| {
            let (a, b) = (n.saturating_sub(WINDOW), (n + WINDOW + 1).min(width));
            let count = ((b - a) * HEIGHT) as f64;
            let mean = (one[b] - one[a]) / count;
            let variance = ((two[b] - two[a]) / count - mean * mean).max(0.0);
            (
                mean as f32,
                1.0 / (variance.sqrt() as f32 + LEAST_DEVIATION),
            )
        })
        .collect();
    for line in strip.chunks_exact_mut(width) {
        for (value, (mean, scale)) in line.iter_mut().zip(&terms) {
            *value = (*value - mean) * scale;
        }
    }
}
