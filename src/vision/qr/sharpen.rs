//! Unsharp masking and local-mean thresholding: a soft, unevenly lit code as clean black and white.

use zeroize::Zeroizing;

use crate::luma::{Luma, Plane};

/// Seven pixels: about two modules of a code that is only just resolved.
const BLUR_RADIUS: usize = 3;
/// The threshold's window is a fortieth of the picture's width: wider than a finder pattern's core, narrower than a shadow.
const WINDOW_OF_WIDTH: usize = 40;

/// The picture as 0 and 255: sharpened, then black where darker than its neighbourhood's mean.
pub(super) fn binarised(picture: Luma<'_>) -> Plane {
    let mut sharp = Plane::blank(picture.width, picture.height);
    if picture.is_empty() {
        return sharp;
    }
    let mut means = Zeroizing::new(vec![0u8; picture.width]);
    let sums = Sums::of(picture);
    for (y, out) in sharp.bytes.chunks_exact_mut(picture.width).enumerate() {
        sums.means(y, BLUR_RADIUS, &mut means);
        for ((pixel, &was), &mean) in out.iter_mut().zip(picture.row(y)).zip(means.iter()) {
            // Two and a half times what the blur took is given back; more turned noise into modules on kiosk frames.
            let sharpened = (7 * i16::from(was) - 5 * i16::from(mean)) / 2;
            *pixel = sharpened.clamp(0, 255) as u8;
        }
    }
    let radius = (picture.width / (2 * WINDOW_OF_WIDTH)).max(BLUR_RADIUS);
    let sums = Sums::of(sharp.luma());
    for (y, row) in sharp.bytes.chunks_exact_mut(picture.width).enumerate() {
        sums.means(y, radius, &mut means);
        for (pixel, &mean) in row.iter_mut().zip(means.iter()) {
            *pixel = if *pixel < mean { 0 } else { 255 };
        }
    }
    sharp
}

/// A summed-area table, for the mean over any upright window in constant time.
struct Sums {
    width: usize,
    height: usize,
    /// Sum of all pixels above and left, one column and row more than the picture. It wraps: a window's sum is the
    /// difference of four entries, and is right as long as the window itself stays under 16 million pixels.
    sums: Zeroizing<Vec<u32>>,
}

impl Sums {
    fn of(picture: Luma<'_>) -> Self {
        let stride = picture.width + 1;
        let mut sums = Zeroizing::new(vec![0u32; stride * (picture.height + 1)]);
        for y in 0..picture.height {
            let (above, below) = sums[y * stride..].split_at_mut(stride);
            let mut row_sum = 0u32;
            for ((sum, &over), &pixel) in below[1..].iter_mut().zip(&above[1..]).zip(picture.row(y))
            {
                row_sum = row_sum.wrapping_add(u32::from(pixel));
                *sum = over.wrapping_add(row_sum);
            }
        }
        Self {
            width: picture.width,
            height: picture.height,
            sums,
        }
    }

    /// For each pixel of row `y`, the mean from `radius` before to `radius` after it both ways, cut at the picture's edge.
    fn means(&self, y: usize, radius: usize, out: &mut [u8]) {
        let stride = self.width + 1;
        let (top, bottom) = (y.saturating_sub(radius), (y + radius + 1).min(self.height));
        let (above, below) = (
            &self.sums[top * stride..][..stride],
            &self.sums[bottom * stride..][..stride],
        );
        let cut = |x: usize| {
            let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(self.width));
            let sum = below[right]
                .wrapping_add(above[left])
                .wrapping_sub(above[right])
                .wrapping_sub(below[left]);
            let area = ((right - left) * (bottom - top)) as u32;
            ((sum + area / 2) / area) as u8
        };
        let whole = self.width.saturating_sub(2 * radius);
        let edge = if whole == 0 { self.width } else { radius };
        for x in (0..edge).chain((edge + whole).min(self.width)..self.width) {
            out[x] = cut(x);
        }
        if whole == 0 {
            return;
        }
        // Away from the edges all windows are alike, and the compiler takes eight at a time.
        let part = 1.0 / ((2 * radius + 1) * (bottom - top)) as f32;
        let (above_left, above_right) = (&above[..whole], &above[2 * radius + 1..]);
        let (below_left, below_right) = (&below[..whole], &below[2 * radius + 1..]);
        let left = above_left.iter().zip(below_left);
        let right = above_right.iter().zip(below_right);
        for (mean, ((al, bl), (ar, br))) in out[radius..][..whole].iter_mut().zip(left.zip(right)) {
            let sum = br.wrapping_add(*al).wrapping_sub(*ar).wrapping_sub(*bl);
            *mean = (sum as i32 as f32 * part + 0.5) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_mean_is_that_of_its_window() {
        for (width, height) in [(9usize, 7usize), (3, 7), (5, 1), (1, 1), (40, 4)] {
            let bytes: Vec<u8> = (0..width * height).map(|i| (i * 37 % 251) as u8).collect();
            let sums = Sums::of(Luma::new(width, height, width, &bytes).unwrap());
            let mut means = vec![0; width];
            for y in 0..height {
                sums.means(y, 2, &mut means);
                for (x, &mean) in means.iter().enumerate() {
                    let near = |at: usize, i: usize| i.abs_diff(at) <= 2;
                    let window: Vec<u32> = (0..width * height)
                        .filter(|i| near(x, i % width) && near(y, i / width))
                        .map(|i| u32::from(bytes[i]))
                        .collect();
                    let expected = window.iter().sum::<u32>() as f32 / window.len() as f32;
                    assert!(
                        (f32::from(mean) - expected).abs() <= 0.51,
                        "{mean}, not {expected}, at {x}, {y}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_shadow_across_stripes_does_not_swallow_them() {
        // Stripes of four pixels, 60 apart, under light that falls from 250 to 110 across the picture.
        let (width, height) = (320, 40);
        let light = |x: usize| 250 - (x * 140 / width) as u8;
        let bytes: Vec<u8> = (0..width * height)
            .map(|i| light(i % width) - if (i % width) / 4 % 2 == 1 { 60 } else { 0 })
            .collect();
        let clean = binarised(Luma::new(width, height, width, &bytes).unwrap());
        let row = clean.luma().row(20);
        let wrong = (8..width - 8)
            .filter(|&x| (row[x] == 0) != (x / 4 % 2 == 1))
            .count();
        assert_eq!(wrong, 0);
    }
}
