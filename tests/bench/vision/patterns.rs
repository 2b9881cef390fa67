//! What looks like much and is nothing: photographs without any, and patterns that cost readers the most.

use anyhow::{Context, Result};
use image::{Rgb, RgbImage};

use super::specimens::Chance;

/// Photographs that PyPI `scikit-image` ships: a cat, a cup, a rocket at its tower.
pub(super) fn photographs() -> Result<Vec<RgbImage>> {
    let folder = dock::rig::models();
    ["chelsea.png", "coffee.png", "rocket.jpg"]
        .into_iter()
        .map(|file| {
            let path = folder.join(file);
            let picture = image::open(&path).with_context(|| path.display().to_string())?;
            Ok(picture.into_rgb8())
        })
        .collect()
}

/// Each pattern at this size.
pub(super) fn all(size: (u32, u32), seed: u64) -> Vec<RgbImage> {
    [checkerboard, finders, glyphs, noise, stripes]
        .into_iter()
        .map(|pattern| {
            let mut chance = Chance::new(seed);
            pattern(size, &mut chance)
        })
        .collect()
}

fn grey(size: (u32, u32), mut level: impl FnMut(u32, u32) -> u8) -> RgbImage {
    RgbImage::from_fn(size.0, size.1, |x, y| Rgb([level(x, y); 3]))
}

fn checkerboard(size: (u32, u32), _: &mut Chance) -> RgbImage {
    grey(size, |x, y| if (x / 6 + y / 6) % 2 == 0 { 30 } else { 225 })
}

/// Wallpaper of a code's finder patterns (ISO/IEC 18004: 7, 5 and 3 modules), which belong to no code.
fn finders(size: (u32, u32), _: &mut Chance) -> RgbImage {
    const MODULE: u32 = 3;
    grey(size, |x, y| {
        let ring = |at: u32| (at / MODULE % 10).abs_diff(3);
        match ring(x).max(ring(y)) {
            0 | 1 | 3 => 20,
            _ => 235,
        }
    })
}

/// Rows and rows of marks of a character's size at a zone's pitch.
fn glyphs(size: (u32, u32), chance: &mut Chance) -> RgbImage {
    let marks: Vec<u32> = (0..4_096).map(|_| chance.below(1 << 15) as u32).collect();
    grey(size, |x, y| {
        let (column, row) = (x / 14, y / 24);
        let (along, down) = (x % 14 / 3, y % 24 / 3);
        let mark = marks[(column * 61 + row * 389) as usize % marks.len()];
        if along < 3 && down < 5 && mark >> (down * 3 + along) & 1 == 1 {
            35
        } else {
            220
        }
    })
}

fn noise(size: (u32, u32), chance: &mut Chance) -> RgbImage {
    grey(size, |_, _| chance.below(256) as u8)
}

fn stripes(size: (u32, u32), _: &mut Chance) -> RgbImage {
    grey(size, |x, y| if (x + y / 3) / 4 % 2 == 0 { 60 } else { 200 })
}
