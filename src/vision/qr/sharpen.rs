//! Unsharp masking and local-mean thresholding: a soft, unevenly lit code as clean black and white.

use zeroize::Zeroizing;

use crate::luma::{Luma, Plane};

/// Seven pixels: about two modules of a code that is only just resolved.
const BLUR_RADIUS: usize = 3;
/// How much of what the blur removed is added again; tried on kiosk frames, higher turns noise into modules.
const GAIN_TENTHS: i32 = 25;
/// The threshold's window is a fortieth of the picture's width: wider than a finder pattern's core, narrower than a shadow.
const WINDOW_OF_WIDTH: usize = 40;

/// The picture as 0 and 255: sharpened, then black where darker than its neighbourhood's mean.
pub(super) fn binarised(picture: Luma<'_>) -> Plane {
    let mut sharp = Plane::blank(picture.width, picture.height);
    if picture.is_empty() {
        return sharp;
    }
    let blurred = Means::of(picture);
    for y in 0..picture.height {
        let row = picture.row(y);
        let out = &mut sharp.bytes[y * picture.width..][..picture.width];
        for (x, (pixel, &was)) in out.iter_mut().zip(row).enumerate() {
            let was = i32::from(was);
            let lost = was - i32::from(blurred.around(x, y, BLUR_RADIUS));
            *pixel = (was + lost * GAIN_TENTHS / 10).clamp(0, 255) as u8;
        }
    }
    let radius = (picture.width / (2 * WINDOW_OF_WIDTH)).max(BLUR_RADIUS);
    let means = Means::of(sharp.luma());
    let mut black_and_white = Plane::blank(picture.width, picture.height);
    for (index, (pixel, &is)) in black_and_white
        .bytes
        .iter_mut()
        .zip(&sharp.bytes)
        .enumerate()
    {
        let (x, y) = (index % picture.width, index / picture.width);
        *pixel = if is < means.around(x, y, radius) {
            0
        } else {
            255
        };
    }
    black_and_white
}

/// Mean over any upright window in constant time (a summed-area table).
struct Means {
    width: usize,
    height: usize,
    /// Sum of all pixels above and left, one column and row more than the picture. Sums wrap: a window's is the difference
    /// of four, and is right as long as the window itself stays under 16 million pixels.
    sums: Zeroizing<Vec<u32>>,
}

impl Means {
    fn of(picture: Luma<'_>) -> Self {
        let stride = picture.width + 1;
        let mut sums = Zeroizing::new(vec![0u32; stride * (picture.height + 1)]);
        for y in 0..picture.height {
            let (above, below) = sums.split_at_mut((y + 1) * stride);
            let above = &above[y * stride..];
            let mut row_sum = 0u32;
            for (x, &pixel) in picture.row(y).iter().enumerate() {
                row_sum = row_sum.wrapping_add(u32::from(pixel));
                below[x + 1] = above[x + 1].wrapping_add(row_sum);
            }
        }
        Self {
            width: picture.width,
            height: picture.height,
            sums,
        }
    }

    /// The mean of the window from `radius` before to `radius` after, cut at the picture's edge.
    fn around(&self, x: usize, y: usize, radius: usize) -> u8 {
        let stride = self.width + 1;
        let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(self.width));
        let (top, bottom) = (
            y.saturating_sub(radius) * stride,
            (y + radius + 1).min(self.height) * stride,
        );
        let sum = self.sums[bottom + right]
            .wrapping_add(self.sums[top + left])
            .wrapping_sub(self.sums[top + right])
            .wrapping_sub(self.sums[bottom + left]);
        let area = (right - left) * ((bottom - top) / stride);
        (sum / area as u32) as u8
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_mean_is_that_of_its_window() {
        let bytes: Vec<u8> = (0..9 * 7).map(|i| (i * 37 % 251) as u8).collect();
        let picture = Luma::new(9, 7, 9, &bytes).unwrap();
        let means = Means::of(picture);
        for (x, y) in [(0, 0), (4, 3), (8, 6), (8, 0)] {
            let window: Vec<u32> = (0..7usize)
                .flat_map(|v| (0..9usize).map(move |u| (u, v)))
                .filter(|&(u, v)| u.abs_diff(x) <= 2 && v.abs_diff(y) <= 2)
                .map(|(u, v)| u32::from(bytes[v * 9 + u]))
                .collect();
            let expected = window.iter().sum::<u32>() / window.len() as u32;
            assert_eq!(u32::from(means.around(x, y, 2)), expected, "at {x}, {y}");
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
