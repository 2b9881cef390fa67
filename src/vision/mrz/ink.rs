//! Marks on paper: the picture at a working size, its dark strokes, and the connected marks of a character's size.

use crate::luma::{Luma, Plane};

/// Half the side of the square whose mean and deviation a pixel is compared with, in working pixels.
const REACH: usize = 16;
/// More marks than this are texture, not print; the smallest go first.
const MOST_MARKS: usize = 9_000;

/// What makes a pixel ink.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    /// Darker than the mean of its surroundings by so many levels.
    pub(super) least: f32,
    /// And by so many deviations of them.
    pub(super) deviations: f32,
}

/// One connected mark: its bounding box in working pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    /// Middle of the box.
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// The picture with its longest side brought to about `side` pixels: areas are averaged on the way down, pixels
/// interpolated on the way up. Returns working pixels per picture pixel too.
pub(super) fn resized(frame: Luma<'_>, side: usize) -> (Plane, f32) {
    let longest = frame.width.max(frame.height);
    if longest == side {
        return (Plane::copy_of(frame), 1.0);
    }
    let scale = side as f32 / longest as f32;
    let width = ((frame.width as f32 * scale) as usize).max(1);
    let height = ((frame.height as f32 * scale) as usize).max(1);
    let mut plane = Plane::blank(width, height);
    let columns = taps(frame.width, width);
    let rows = taps(frame.height, height);
    let mut line = vec![0.0f32; frame.width];
    for (out, row) in plane.bytes.chunks_exact_mut(width).zip(&rows) {
        line.fill(0.0);
        for (n, &weight) in row.weights().iter().enumerate() {
            for (sum, &pixel) in line.iter_mut().zip(frame.row(row.first + n)) {
                *sum += weight * f32::from(pixel);
            }
        }
        for (pixel, column) in out.iter_mut().zip(&columns) {
            let weights = column.weights();
            let sum: f32 = line[column.first..]
                .iter()
                .zip(weights)
                .map(|(v, w)| v * w)
                .sum();
            *pixel = (sum + 0.5) as u8;
        }
    }
    (plane, scale)
}

/// Which source pixels make one target pixel, and how much of each.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

impl Tap {
    fn weights(&self) -> &[f32] {
        &self.weights
    }
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let step = from as f32 / to as f32;
    (0..to)
        .map(|at| {
            // A tent as wide as the step when shrinking, one source pixel when growing.
            let middle = (at as f32 + 0.5) * step - 0.5;
            let reach = if step > 1.0 { step * 0.5 + 0.5 } else { 1.0 };
            let first = ((middle - reach).ceil().max(0.0) as usize).min(from - 1);
            let last = ((middle + reach).floor().max(0.0) as usize).clamp(first, from - 1);
            let mut weights: Vec<f32> = (first..=last)
                .map(|n| {
                    let off = (n as f32 - middle).abs();
                    if step > 1.0 {
                        (step * 0.5 + 0.5 - off).clamp(0.0, 1.0)
                    } else {
                        (1.0 - off).max(0.0)
                    }
                })
                .collect();
            let sum: f32 = weights.iter().sum();
            if sum > 0.0 {
                weights.iter_mut().for_each(|w| *w /= sum);
            } else {
                weights.fill(1.0 / (last - first + 1) as f32);
            }
            Tap { first, weights }
        })
        .collect()
}

/// Pixels clearly darker than their surroundings.
pub(super) fn strokes(plane: &Plane, threshold: Threshold) -> Vec<bool> {
    let Threshold { least, deviations } = threshold;
    let (width, height) = (plane.width, plane.height);
    let mut dark = vec![false; width * height];
    let mut sums = vec![0u32; width];
    let mut squares = vec![0u32; width];
    let add = |sums: &mut [u32], squares: &mut [u32], y: usize, sign: bool| {
        for ((sum, square), &pixel) in sums
            .iter_mut()
            .zip(squares)
            .zip(&plane.bytes[y * width..(y + 1) * width])
        {
            let value = u32::from(pixel);
            if sign {
                *sum += value;
                *square += value * value;
            } else {
                *sum -= value;
                *square -= value * value;
            }
        }
    };
    for y in 0..REACH.min(height) {
        add(&mut sums, &mut squares, y, true);
    }
    for y in 0..height {
        if y + REACH < height {
            add(&mut sums, &mut squares, y + REACH, true);
        }
        if y > REACH {
            add(&mut sums, &mut squares, y - REACH - 1, false);
        }
        let rows = (y + REACH).min(height - 1) - y.saturating_sub(REACH) + 1;
        let line = &plane.bytes[y * width..(y + 1) * width];
        let out = &mut dark[y * width..(y + 1) * width];
        let (mut sum, mut square) = (0u32, 0u32);
        for x in 0..REACH.min(width) {
            sum += sums[x];
            square += squares[x];
        }
        for x in 0..width {
            if x + REACH < width {
                sum += sums[x + REACH];
                square += squares[x + REACH];
            }
            if x > REACH {
                sum -= sums[x - REACH - 1];
                square -= squares[x - REACH - 1];
            }
            let columns = (x + REACH).min(width - 1) - x.saturating_sub(REACH) + 1;
            let n = (rows * columns) as f32;
            let mean = sum as f32 / n;
            let below = mean - f32::from(line[x]);
            if below > least {
                let variance = square as f32 / n - mean * mean;
                out[x] = below * below > deviations * deviations * variance;
            }
        }
    }
    dark
}

/// The connected marks (eight neighbours) whose size could be a printed character's.
pub(super) fn marks(dark: &[bool], width: usize, height: usize) -> Vec<Mark> {
    let mut areas: Vec<Area> = Vec::new();
    let mut above: Vec<(usize, usize, u32)> = Vec::new();
    let mut here: Vec<(usize, usize, u32)> = Vec::new();
    for y in 0..height {
        let line = &dark[y * width..(y + 1) * width];
        let mut x = 0;
        let mut candidate = 0;
        while let Some(start) = line[x..].iter().position(|&d| d).map(|n| n + x) {
            let end = line[start..]
                .iter()
                .position(|&d| !d)
                .map_or(width, |n| n + start);
            let mut label = u32::MAX;
            while candidate < above.len() && above[candidate].1 < start {
                candidate += 1;
            }
            let mut next = candidate;
            while next < above.len() && above[next].0 <= end {
                let other = root(&mut areas, above[next].2);
                label = if label == u32::MAX {
                    other
                } else {
                    join(&mut areas, label, other)
                };
                next += 1;
            }
            if label == u32::MAX {
                label = areas.len() as u32;
                areas.push(Area {
                    parent: label,
                    left: start,
                    right: end,
                    top: y,
                    bottom: y + 1,
                    ink: 0,
                });
            }
            let area = &mut areas[label as usize];
            area.left = area.left.min(start);
            area.right = area.right.max(end);
            area.bottom = y + 1;
            area.ink += end - start;
            here.push((start, end, label));
            x = end;
        }
        std::mem::swap(&mut above, &mut here);
        here.clear();
    }
    let mut found: Vec<Mark> = areas
        .iter()
        .enumerate()
        .filter(|(n, area)| area.parent as usize == *n)
        .filter_map(|(_, area)| area.as_character())
        .collect();
    if found.len() > MOST_MARKS {
        found.sort_by(|a, b| (b.height * b.width).total_cmp(&(a.height * a.width)));
        found.truncate(MOST_MARKS);
    }
    found
}

struct Area {
    parent: u32,
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    ink: usize,
}

impl Area {
    fn as_character(&self) -> Option<Mark> {
        let (width, height) = (self.right - self.left, self.bottom - self.top);
        let (long, short) = (width.max(height), width.min(height));
        let fits = (5..=90).contains(&long)
            && short >= 2
            && long <= 7 * short
            && self.ink * 10 >= width * height;
        fits.then(|| Mark {
            x: (self.left + self.right) as f32 * 0.5,
            y: (self.top + self.bottom) as f32 * 0.5,
            width: width as f32,
            height: height as f32,
        })
    }
}

fn root(areas: &mut [Area], mut label: u32) -> u32 {
    while areas[label as usize].parent != label {
        let parent = areas[label as usize].parent;
        areas[label as usize].parent = areas[parent as usize].parent;
        label = parent;
    }
    label
}

fn join(areas: &mut [Area], a: u32, b: u32) -> u32 {
    if a == b {
        return a;
    }
    let (keep, gone) = (a.min(b), a.max(b));
    let (left, right, top, bottom, ink) = {
        let area = &areas[gone as usize];
        (area.left, area.right, area.top, area.bottom, area.ink)
    };
    areas[gone as usize].parent = keep;
    let area = &mut areas[keep as usize];
    area.left = area.left.min(left);
    area.right = area.right.max(right);
    area.top = area.top.min(top);
    area.bottom = area.bottom.max(bottom);
    area.ink += ink;
    keep
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_u_shaped_mark_is_one_mark() {
        let mut plane = Plane::blank(60, 60);
        plane.bytes.fill(200);
        for (x, y) in (10..30)
            .flat_map(|n| [(10, n), (11, n), (24, n), (25, n)])
            .chain((10..26).flat_map(|n| [(n, 29), (n, 30)]))
        {
            plane.bytes[y * 60 + x] = 20;
        }
        let dark = strokes(
            &plane,
            Threshold {
                least: 8.0,
                deviations: 1.1,
            },
        );
        let found = marks(&dark, 60, 60);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].width, found[0].height), (16.0, 21.0));
    }

    #[test]
    fn a_flat_picture_keeps_its_level_at_any_size() {
        let bytes = vec![93; 64 * 48];
        let frame = Luma::new(64, 48, 64, &bytes).unwrap();
        for side in [1, 7, 63, 64, 65, 200] {
            assert!(
                resized(frame, side).0.bytes.iter().all(|&b| b == 93),
                "{side}"
            );
        }
    }
}
