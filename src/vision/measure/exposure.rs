//! How light a picture is.

use crate::Luma;

/// Columns of the histogram.
pub const BINS: usize = 64;

/// Which levels a camera calls black and white.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Levels {
    /// 0 and 255, as pictures have it.
    #[default]
    Full,
    /// 16 and 235 (ITU-R BT.601), as webcams' YUYV has it.
    Narrow,
}

impl Levels {
    /// At and beyond these nothing more can be told apart.
    const fn ends(self) -> (u8, u8) {
        match self {
            Self::Full => (1, 254),
            Self::Narrow => (16, 235),
        }
    }
}

/// How light a picture is.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// Mean level, 0 to 255.
    pub mean: f32,
    /// Share of pixels that are black beyond telling apart, per mille.
    pub black: u16,
    /// Share of pixels that are white beyond telling apart, per mille.
    pub white: u16,
    /// Levels below which 5, 50 and 95 % of the pixels lie.
    pub percentiles: [u8; 3],
    /// How many pixels lie in each sixty-fourth of the levels.
    pub histogram: [u32; BINS],
}

/// The exposure in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Light {
    /// As it should be.
    Good,
    /// More light, or a longer exposure.
    Dark,
    /// Less light, or a shorter exposure: a page's paper has no print left on it.
    Bright,
    /// Nothing is dark and nothing is bright: fog, a covered lens, a wall.
    Flat,
}

impl Exposure {
    /// In words. The bounds are a judgement, tried on one drawn page at four exposures: a lamp to look by, not a limit of the readers.
    #[must_use]
    pub fn light(&self) -> Light {
        let [dark, _, bright] = self.percentiles;
        if self.white >= 100 {
            Light::Bright
        } else if bright < 90 {
            Light::Dark
        } else if bright - dark < 40 {
            Light::Flat
        } else {
            Light::Good
        }
    }
}

/// Measures a picture. One without pixels is black.
#[must_use]
pub fn exposure(frame: Luma<'_>, levels: Levels) -> Exposure {
    let mut counts = [0u32; 256];
    for y in 0..frame.height {
        for &level in frame.row(y) {
            counts[usize::from(level)] += 1;
        }
    }
    let pixels = (frame.width as u64 * frame.height as u64).max(1);
    let sum: u64 = (0u64..)
        .zip(&counts)
        .map(|(level, &n)| level * u64::from(n))
        .sum();
    let (black, white) = levels.ends();
    let per_mille = |counts: &[u32]| {
        let pixels_there: u64 = counts.iter().map(|&n| u64::from(n)).sum();
        u16::try_from(pixels_there * 1000 / pixels).unwrap_or(1000)
    };
    let percentile = |share: u64| {
        let mut below = 0;
        let level = counts.iter().position(|&n| {
            below += u64::from(n);
            below * 100 >= pixels * share
        });
        u8::try_from(level.unwrap_or(0)).unwrap_or(u8::MAX)
    };
    let mut histogram = [0; BINS];
    for (level, &n) in counts.iter().enumerate() {
        histogram[level * BINS / counts.len()] += n;
    }
    Exposure {
        mean: (sum as f64 / pixels as f64) as f32,
        black: per_mille(&counts[..=usize::from(black)]),
        white: per_mille(&counts[usize::from(white)..]),
        percentiles: [5, 50, 95].map(percentile),
        histogram,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::DynamicImage;
    use pictures::{Conditions, PassportPage, Portrait};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures_of_a_known_picture() {
        // 10 black, 30 at 100, 60 white pixels.
        let bytes = [vec![0; 10], vec![100; 30], vec![255; 60]].concat();
        let measured = exposure(Luma::new(10, 10, 10, &bytes).unwrap(), Levels::Full);
        assert!((measured.mean - 183.0).abs() < 1e-3);
        assert_eq!((measured.black, measured.white), (100, 600));
        assert_eq!(measured.percentiles, [0, 255, 255]);
        assert_eq!(
            (
                measured.histogram[0],
                measured.histogram[25],
                measured.histogram[63]
            ),
            (10, 30, 60)
        );
    }

    #[test]
    fn a_cameras_black_and_white_are_those_of_its_range() {
        let bytes = [[16; 10], [235; 10]].concat();
        let frame = Luma::new(10, 2, 10, &bytes).unwrap();
        let ends = |levels| {
            let measured = exposure(frame, levels);
            (measured.black, measured.white)
        };
        assert_eq!(ends(Levels::Narrow), (500, 500));
        assert_eq!(ends(Levels::Full), (0, 0));
    }

    #[test]
    fn words_follow_the_shutter() {
        let lines = [
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ];
        let lines = lines.map(str::to_owned).to_vec();
        let page = PassportPage::specimen(lines, Portrait::original());
        for (exposed, expected) in [
            (0.12, Light::Dark),
            (1.0, Light::Good),
            (4.0, Light::Bright),
        ] {
            let conditions = Conditions {
                exposure: exposed,
                ..Conditions::good(4)
            };
            let frame = pictures::passport_frame(&page, (640, 360), &conditions).unwrap();
            let luma = DynamicImage::ImageRgb8(frame).into_luma8();
            let measured = exposure(Luma::from(&luma), Levels::Full);
            assert_eq!(measured.light(), expected, "{exposed}: {measured:?}");
        }
        let fog = [120; 100];
        let fog = exposure(Luma::new(10, 10, 10, &fog).unwrap(), Levels::Full);
        assert_eq!(fog.light(), Light::Flat);
    }

    proptest! {
        #[test]
        fn every_pixel_is_counted_once(width in 1usize..40, height in 1usize..40, bytes in proptest::collection::vec(any::<u8>(), 1600)) {
            let measured = exposure(Luma::new(width, height, width, &bytes).unwrap(), Levels::Full);
            prop_assert_eq!(measured.histogram.iter().sum::<u32>() as usize, width * height);
            prop_assert!(measured.percentiles.is_sorted());
        }
    }
}
