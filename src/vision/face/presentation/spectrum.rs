//! The grid of a screen's pixels, seen through a camera's: a few sharp peaks where skin has none.

use std::f32::consts::TAU;

use image::RgbImage;
use zeroize::Zeroizing;

use super::super::FaceReading;

/// A peak so many times as high as what is usual at its fineness is a grid.
pub(super) const GRID: f32 = 50.0;
/// Side of the patch that is looked at, in pixels of the picture.
const SIDE: usize = 128;
/// Coarser than this, in periods over the patch, features of a face have peaks of their own.
const COARSEST: f32 = 14.0;

/// How many times the highest peak of the face's spectrum exceeds the median at its fineness.
pub(super) fn grid(picture: &RgbImage, face: &FaceReading) -> f32 {
    let corner = |start: i32, length: i32, whole: u32| {
        let middle = start + length / 2 - SIDE as i32 / 2;
        let last = i32::try_from(whole).ok()? - SIDE as i32;
        (last >= 0).then(|| middle.clamp(0, last) as u32)
    };
    let frame = &face.frame;
    let (Some(left), Some(top)) = (
        corner(frame.x, frame.width, picture.width()),
        corner(frame.y, frame.height, picture.height()),
    ) else {
        return 0.0;
    };
    let mut patch = Zeroizing::new(vec![0f32; SIDE * SIDE]);
    for (at, value) in patch.iter_mut().enumerate() {
        let [r, g, b] = picture
            .get_pixel(left + (at % SIDE) as u32, top + (at / SIDE) as u32)
            .0;
        *value = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
    }
    highest_peak(&patch)
}

fn highest_peak(patch: &[f32]) -> f32 {
    let power = power(patch);
    let fineness = |u: usize, v: usize| (u as f32).hypot(signed(v));
    let rings = SIDE / 2 + 1;
    let mut by_ring = vec![Vec::new(); rings];
    for v in 0..SIDE {
        for u in 0..=SIDE / 2 {
            let ring = fineness(u, v).round() as usize;
            if ring < rings {
                by_ring[ring].push(power[v * SIDE + u]);
            }
        }
    }
    let usual: Vec<f32> = by_ring
        .iter_mut()
        .map(|ring| {
            ring.sort_by(f32::total_cmp);
            ring.get(ring.len() / 2).copied().unwrap_or(f32::MAX)
        })
        .collect();
    let mut highest = 0f32;
    for v in 0..SIDE {
        for u in 0..=SIDE / 2 {
            let fine = fineness(u, v);
            let ring = fine.round() as usize;
            if fine < COARSEST || ring >= rings || is_block(u, v) {
                continue;
            }
            // A little power is always there: without it a flat patch would have peaks of rounding errors.
            highest = highest.max(power[v * SIDE + u] / (usual[ring] + 100.0));
        }
    }
    highest
}

fn signed(v: usize) -> f32 {
    if v <= SIDE / 2 {
        v as f32
    } else {
        v as f32 - SIDE as f32
    }
}

/// JPEG's blocks of 8 pixels have peaks on both axes, and so has whatever is cut off at the patch's edge.
fn is_block(u: usize, v: usize) -> bool {
    u <= 1 || signed(v).abs() <= 1.0
}

/// Power of the patch's spectrum under a Hann window, its mean removed.
fn power(patch: &[f32]) -> Vec<f32> {
    let mean = patch.iter().sum::<f32>() / patch.len().max(1) as f32;
    let hann: Vec<f32> = (0..SIDE)
        .map(|i| 0.5 - 0.5 * (TAU * (i as f32 + 0.5) / SIDE as f32).cos())
        .collect();
    let mut values: Vec<(f32, f32)> = patch
        .iter()
        .enumerate()
        .map(|(at, v)| ((v - mean) * hann[at % SIDE] * hann[at / SIDE], 0.0))
        .collect();
    let mut line = vec![(0.0, 0.0); SIDE];
    for row in values.chunks_exact_mut(SIDE) {
        transform(row);
    }
    for column in 0..SIDE {
        for (row, value) in line.iter_mut().enumerate() {
            *value = values[row * SIDE + column];
        }
        transform(&mut line);
        for (row, value) in line.iter().enumerate() {
            values[row * SIDE + column] = *value;
        }
    }
    values.iter().map(|(re, im)| re * re + im * im).collect()
}

/// The discrete Fourier transform of a power of two of values, in place (Cooley and Tukey).
fn transform(values: &mut [(f32, f32)]) {
    let n = values.len();
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = (i as u32).reverse_bits() >> (32 - bits);
        if (j as usize) > i {
            values.swap(i, j as usize);
        }
    }
    let mut size = 2;
    while size <= n {
        let half = size / 2;
        for start in (0..n).step_by(size) {
            for k in 0..half {
                let (sin, cos) = (-TAU * k as f32 / size as f32).sin_cos();
                let (a, b) = (values[start + k], values[start + k + half]);
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                values[start + k] = (a.0 + turned.0, a.1 + turned.1);
                values[start + k + half] = (a.0 - turned.0, a.1 - turned.1);
            }
        }
        size *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(value: impl Fn(f32, f32) -> f32) -> Vec<f32> {
        (0..SIDE * SIDE)
            .map(|at| value((at % SIDE) as f32, (at / SIDE) as f32))
            .collect()
    }

    /// Seeded noise of about one grey level.
    fn noise(x: f32, y: f32) -> f32 {
        let mixed = (x * 12.9898 + y * 78.233).sin() * 43_758.547;
        4.0 * (mixed - mixed.floor()) - 2.0
    }

    #[test]
    fn a_wave_has_its_power_at_its_frequency() {
        let power = power(&patch(|x, _| 100.0 * (TAU * 20.0 * x / SIDE as f32).cos()));
        let loudest = (0..=SIDE / 2).max_by(|&a, &b| power[a].total_cmp(&power[b]));
        assert_eq!(loudest, Some(20));
    }

    #[test]
    fn a_faint_grid_stands_out_of_noise_and_shade() {
        let shade = |x: f32, y: f32| 120.0 + 40.0 * (x / 40.0).sin() + 20.0 * (y / 30.0).cos();
        let plain = highest_peak(&patch(|x, y| shade(x, y) + noise(x, y)));
        let grid = highest_peak(&patch(|x, y| {
            shade(x, y) * (1.0 + 0.03 * (1.1 * x + 0.4 * y).cos()) + noise(x, y)
        }));
        assert!(plain < GRID, "{plain}");
        assert!(grid > 3.0 * GRID, "{grid}");
    }

    #[test]
    fn a_flat_patch_has_no_peak() {
        assert!(highest_peak(&patch(|_, _| 77.0)) < 1.0);
    }
}
