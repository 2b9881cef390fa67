//! How sharp a picture is: what a lens is focused by.

use crate::Luma;

/// The picture is measured in so many regions across, and as many down.
pub const REGIONS: usize = 3;
/// Rows that are searched for edges: enough for a figure, few enough for every frame.
const SEARCHED: usize = 120;
/// An edge of fewer levels may be noise.
const STRONG: i32 = 40;
/// With fewer edges than this there is nothing to focus on.
const FEW: usize = 40;
/// Edges wider than this are shades of the scene, whatever the lens does.
const WIDEST: usize = 40;

/// How sharp a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpness {
    /// Variance of the Laplacian (Pech-Pacheco et al., *ICPR* 2000) in squared levels. It is highest where the focus is best, and says
    /// nothing between one scene and another. Noise raises it.
    pub laplacian: f32,
    /// The same in regions, rows from the top.
    pub regions: [[f32; REGIONS]; REGIONS],
    /// How many pixels the sharper edges take from 10 to 90 % of their step: the quarter of all edges that is sharpest is sharper
    /// than this. A Gaussian blur of one pixel gives 2.6. None where there are hardly any edges.
    pub rise: Option<f32>,
}

/// The rise in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Focus {
    /// Print of the least size that is read stands apart.
    Sharp,
    /// Near things are read, far ones may not be.
    Soft,
    /// Out of focus, or moving.
    Blurred,
    /// Nothing to focus on is in view.
    Unknown,
}

impl Sharpness {
    /// The rise in words: a module or a stroke of three pixels is lost when edges are wider than it.
    #[must_use]
    pub fn focus(&self) -> Focus {
        match self.rise {
            None => Focus::Unknown,
            Some(rise) if rise <= 3.0 => Focus::Sharp,
            Some(rise) if rise <= 5.0 => Focus::Soft,
            Some(_) => Focus::Blurred,
        }
    }
}

/// Measures a picture. One that has no pixel inside its border has zeros and no edge.
#[must_use]
pub fn sharpness(frame: Luma<'_>) -> Sharpness {
    let mut sums = [[Moments::default(); REGIONS]; REGIONS];
    for y in 1..frame.height.saturating_sub(1) {
        let (above, row, below) = (frame.row(y - 1), frame.row(y), frame.row(y + 1));
        let band = &mut sums[y * REGIONS / frame.height];
        for x in 1..frame.width.saturating_sub(1) {
            let around = i32::from(above[x])
                + i32::from(below[x])
                + i32::from(row[x - 1])
                + i32::from(row[x + 1]);
            band[x * REGIONS / frame.width].add(around - 4 * i32::from(row[x]));
        }
    }
    let mut whole = Moments::default();
    for region in sums.iter().flatten() {
        whole.join(region);
    }
    Sharpness {
        laplacian: whole.variance(),
        regions: sums.map(|band| band.map(|region| region.variance())),
        rise: rise(frame),
    }
}

#[derive(Clone, Copy, Default)]
struct Moments {
    count: u64,
    sum: i64,
    squares: u64,
}

impl Moments {
    fn add(&mut self, value: i32) {
        self.count += 1;
        self.sum += i64::from(value);
        self.squares += u64::from(value.unsigned_abs()).pow(2);
    }

    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn variance(&self) -> f32 {
        if self.count == 0 {
            return 0.0;
        }
        let count = self.count as f64;
        let mean = self.sum as f64 / count;
        (self.squares as f64 / count - mean * mean).max(0.0) as f32
    }
}

/// The lower quartile of the rises of strong edges along some of the rows.
fn rise(frame: Luma<'_>) -> Option<f32> {
    let step = (frame.height / SEARCHED).max(1);
    let mut rises: Vec<f32> = (0..frame.height)
        .step_by(step)
        .flat_map(|y| rises(frame.row(y)))
        .collect();
    if rises.len() < FEW {
        return None;
    }
    let quarter = rises.len() / 4;
    let (_, rise, _) = rises.select_nth_unstable_by(quarter, f32::total_cmp);
    Some(*rise)
}

/// The rises of the strong edges of one row: runs of pixels that only climb or only fall.
fn rises(row: &[u8]) -> Vec<f32> {
    let mut found = Vec::new();
    let mut begin = 0;
    while begin + 1 < row.len() {
        let climbs = row[begin + 1] > row[begin];
        let goes_on = |at: usize| {
            at + 1 < row.len() && row[at] != row[at + 1] && (row[at + 1] > row[at]) == climbs
        };
        let mut end = begin;
        while goes_on(end) {
            end += 1;
        }
        if end == begin {
            begin += 1;
            continue;
        }
        let height = (i32::from(row[end]) - i32::from(row[begin])).abs();
        if height >= STRONG && end - begin <= WIDEST {
            let run = &row[begin..=end];
            found.push(crossing(run, 0.9) - crossing(run, 0.1));
        }
        begin = end;
    }
    found
}

/// Where a run of climbing or falling pixels reaches this share of its step, in pixels from its begin.
fn crossing(run: &[u8], share: f32) -> f32 {
    let (first, last) = (f32::from(run[0]), f32::from(run[run.len() - 1]));
    let level = |byte: u8| (f32::from(byte) - first) / (last - first);
    let at = run
        .iter()
        .position(|&byte| level(byte) >= share)
        .unwrap_or(run.len() - 1)
        .max(1);
    let (low, high) = (level(run[at - 1]), level(run[at]));
    at as f32 - (high - share) / (high - low)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::{GrayImage, imageops};
    use proptest::prelude::*;

    use super::*;

    /// Stripes of 16 pixels, which a lens of this Gaussian blur has photographed.
    fn stripes(sigma: f32) -> GrayImage {
        let sharp = GrayImage::from_fn(320, 240, |x, _| {
            image::Luma([if x / 16 % 2 == 0 { 40 } else { 210 }])
        });
        if sigma > 0.0 {
            imageops::blur(&sharp, sigma)
        } else {
            sharp
        }
    }

    #[test]
    fn an_edge_rises_over_two_and_a_half_times_the_blurs_sigma() {
        for sigma in [1.0, 1.5, 2.0, 3.0] {
            let measured = sharpness(Luma::from(&stripes(sigma))).rise.unwrap();
            // From 10 to 90 % of a Gaussian edge are 2.563 sigma; a pixel's own width adds a little.
            assert!(
                (measured - 2.563 * sigma).abs() < 0.35,
                "{sigma}: {measured}"
            );
        }
        assert!(sharpness(Luma::from(&stripes(0.0))).rise.unwrap() < 1.0);
    }

    #[test]
    fn words_and_variance_follow_the_blur() {
        let measured = [0.0, 0.7, 1.6, 3.0].map(|sigma| sharpness(Luma::from(&stripes(sigma))));
        let words = measured.map(|sharpness| sharpness.focus());
        assert_eq!(
            words,
            [Focus::Sharp, Focus::Sharp, Focus::Soft, Focus::Blurred]
        );
        assert!(measured.is_sorted_by(|a, b| a.laplacian > b.laplacian));
        let wall = GrayImage::from_pixel(300, 200, image::Luma([90]));
        let nothing = sharpness(Luma::from(&wall));
        assert_eq!(nothing.focus(), Focus::Unknown);
        assert_eq!((nothing.laplacian, nothing.rise), (0.0, None));
    }

    #[test]
    fn a_region_is_measured_where_it_is() {
        let mut picture = GrayImage::from_pixel(90, 60, image::Luma([128]));
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if x >= 60 && y < 20 {
                *pixel = image::Luma([if (x + y) % 2 == 0 { 0 } else { 255 }]);
            }
        }
        let regions = sharpness(Luma::from(&picture)).regions;
        let busiest = regions[0][2];
        assert!(busiest > 100_000.0, "{regions:?}");
        let others = regions
            .iter()
            .flatten()
            .filter(|&&region| region < busiest / 50.0);
        assert_eq!(others.count(), 8, "{regions:?}");
    }

    proptest! {
        #[test]
        fn any_picture_has_a_figure(width in 1usize..50, height in 1usize..50, pad in 0usize..4, bytes in proptest::collection::vec(any::<u8>(), 54 * 50)) {
            let frame = Luma::new(width, height, width + pad, &bytes).unwrap();
            let measured = sharpness(frame);
            prop_assert!(measured.laplacian.is_finite());
            prop_assert!(measured.rise.is_none_or(|rise| (0.0..=WIDEST as f32).contains(&rise)));
        }
    }
}
