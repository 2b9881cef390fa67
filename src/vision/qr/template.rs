//! Finder patterns by their likeness to a template.
//!
//! A blurred or smeared pattern has lost the edges that `finders.rs` counts along, but not its likeness: a square in a ring in a
//! ring in a ring, nine modules wide with its separator. Sums over squares of any size cost four look-ups, so that the
//! correlation costs the same at every scale. What is searched is counted: texture costs no more than a code.

use rten_simd::{Isa, SimdOp};
use zeroize::Zeroizing;

use super::decoders::Corners;
use super::finders::{Finder, Ink};
use super::texture::{self, Region};
use crate::luma::Luma;

/// Sides of the squares of three, five, seven and nine modules, in pixels. Larger modules are looked for in halved pictures.
const SCALES: [[usize; 4]; 4] = [
    [6, 10, 14, 18],
    [7, 13, 17, 23],
    [9, 15, 21, 27],
    [11, 17, 25, 31],
];
/// Pixels that the picture is continued by beyond its edge, as its edge is: a code held close has lost its quiet zone.
const PAD: usize = 10;
/// Square of the least correlation that makes a pattern. Chance among data modules seldom reaches 0.45.
const LEAST: f32 = 0.17;
/// Standard deviation of brightness below which a likeness is one of noise.
const LEAST_SPREAD: f32 = 3.0;
/// Patterns kept of one picture.
const MOST: usize = 48;

/// Places of a row that are worked on at a time.
const LANES: usize = 16;

/// Pixels, counted once for each scale, that one frame's search may visit.
pub(super) const PIXELS: usize = 3_000_000;

/// What a search of a picture's pixels, all of them, visits.
pub(super) const fn cost(pixels: usize) -> usize {
    pixels * SCALES.len()
}

/// Sums of brightness and of its square over everything above and left.
struct Sums {
    stride: usize,
    height: usize,
    plain: Zeroizing<Vec<u32>>,
    squares: Zeroizing<Vec<u32>>,
}

impl Sums {
    fn of(picture: Luma<'_>, region: Region) -> Self {
        let (width, height) = (region.width + 2 * PAD, region.height + 2 * PAD);
        let stride = width + 1;
        let mut plain = Zeroizing::new(vec![0u32; stride * (height + 1) + LANES]);
        let mut squares = Zeroizing::new(vec![0u32; stride * (height + 1) + LANES]);
        let mut padded = Zeroizing::new(vec![0u8; width]);
        let (left, right) = (
            region.left.saturating_sub(PAD),
            (region.left + region.width + PAD).min(picture.width),
        );
        let before = PAD - (region.left - left);
        for y in 0..height {
            let at = (region.top + y).saturating_sub(PAD).min(picture.height - 1);
            let row = &picture.row(at)[left..right];
            padded[..before].fill(row[0]);
            padded[before..before + row.len()].copy_from_slice(row);
            padded[before + row.len()..].fill(row[row.len() - 1]);
            let (above, below) = plain[y * stride..].split_at_mut(stride);
            let (above2, below2) = squares[y * stride..].split_at_mut(stride);
            let (mut sum, mut square) = (0u32, 0u32);
            let plain = above[1..].iter().zip(&mut below[1..]);
            let squares = above2[1..].iter().zip(&mut below2[1..]);
            for ((&pixel, (over, out)), (over2, out2)) in padded.iter().zip(plain).zip(squares) {
                let pixel = u32::from(pixel);
                sum = sum.wrapping_add(pixel);
                square = square.wrapping_add(pixel * pixel);
                *out = over.wrapping_add(sum);
                *out2 = over2.wrapping_add(square);
            }
        }
        Self {
            stride,
            height,
            plain,
            squares,
        }
    }

    /// One row of squared correlations, negative where the pattern is light on dark. The widest square about `out[x]`
    /// begins at `x`, `y`.
    #[inline(always)]
    fn likeness(&self, sides: [usize; 4], y: usize, out: &mut [f32]) {
        let count = out.len();
        debug_assert!(count.is_multiple_of(LANES));
        let [_, _, _, widest] = sides;
        let corners = |side: usize| {
            let off = (widest - side) / 2;
            let (top, bottom) = ((y + off) * self.stride, (y + off + side) * self.stride);
            [
                top + off,
                top + off + side,
                bottom + off,
                bottom + off + side,
            ]
            .map(|start| start..start + count)
        };
        let [a, b, c, d] =
            sides.map(|side| corners(side).map(|r| self.plain[r].as_chunks::<LANES>().0));
        let q = corners(widest).map(|r| self.squares[r].as_chunks::<LANES>().0);
        let area = |side: usize| (side * side) as f32;
        let dark_area = area(sides[0]) + area(sides[2]) - area(sides[1]);
        let all = area(widest);
        let light_area = all - dark_area;
        let norm = 1.0 / (all * (1.0 / dark_area + 1.0 / light_area));
        let (dark_part, light_part, part) = (1.0 / dark_area, 1.0 / light_area, 1.0 / all);
        let floor = LEAST_SPREAD * LEAST_SPREAD;
        for (i, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let lanes = |s: &[&[[u32; LANES]]; 4], lane: usize| {
                s[3][i][lane]
                    .wrapping_add(s[0][i][lane])
                    .wrapping_sub(s[1][i][lane])
                    .wrapping_sub(s[2][i][lane])
            };
            for (lane, out) in out.iter_mut().enumerate() {
                let dark = lanes(&a, lane)
                    .wrapping_add(lanes(&c, lane))
                    .wrapping_sub(lanes(&b, lane)) as i32 as f32;
                let nine = lanes(&d, lane) as i32 as f32;
                let mean = nine * part;
                let variance = lanes(&q, lane) as i32 as f32 * part - mean * mean;
                let differs = (nine - dark) * light_part - dark * dark_part;
                let spread = if variance > floor { variance } else { floor };
                *out = differs * differs.abs() * norm / spread;
            }
        }
    }

    /// Where the likeness is highest about a place.
    #[inline(always)]
    fn peaks(&self, sides: [usize; 4], found: &mut Vec<(usize, usize, f32)>) {
        let widest = sides[3];
        let (Some(across), Some(down)) = (
            (self.stride - 1).checked_sub(widest),
            self.height.checked_sub(widest),
        ) else {
            return;
        };
        // Beyond the last place a row holds what is of no use.
        let row = vec![0f32; across.next_multiple_of(LANES)];
        let mut rows = [row.clone(), row.clone(), row];
        for y in 0..down {
            self.likeness(sides, y, &mut rows[y % 3]);
            if y < 2 {
                continue;
            }
            let [above, here, below] = [&rows[(y - 2) % 3], &rows[(y - 1) % 3], &rows[y % 3]];
            for (x, window) in here[..across].windows(3).enumerate() {
                let value = window[1];
                if value.abs() < LEAST {
                    continue;
                }
                let around = [&above[x..x + 3], window, &below[x..x + 3]];
                let sign = value.signum();
                if around
                    .iter()
                    .flat_map(|r| r.iter())
                    .all(|&a| a * sign <= value * sign)
                {
                    found.push((x + 1, y - 1, value));
                }
            }
        }
    }
}

/// The search at one scale, compiled for every width of register that the machine may have; all give the same.
struct Search<'a> {
    sums: &'a Sums,
    sides: [usize; 4],
}

impl SimdOp for Search<'_> {
    type Output = Vec<(usize, usize, f32)>;

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) -> Self::Output {
        let mut found = Vec::new();
        self.sums.peaks(self.sides, &mut found);
        found
    }
}

/// The patterns in one picture, which is `scale` times smaller than the frame. `left` is how many pixels may still be
/// visited; `turn` says which part of too large a texture is searched. Codes that are `known`, in pixels of the frame, are left out.
pub(super) fn find(
    picture: Luma<'_>,
    scale: f32,
    known: &[Corners],
    left: &mut usize,
    turn: usize,
) -> Vec<Finder> {
    let known: Vec<Corners> = known
        .iter()
        .map(|code| code.map(|(x, y)| (x / scale, y / scale)))
        .collect();
    let mut found = Vec::new();
    for region in texture::regions(picture, &known) {
        let Some(region) = affordable(region, *left / SCALES.len(), turn) else {
            break;
        };
        *left -= region.area() * SCALES.len();
        let sums = Sums::of(picture, region);
        for sides in SCALES {
            let search = Search { sums: &sums, sides };
            for (x, y, value) in search.dispatch() {
                let half = sides[3] as f32 / 2.0 - PAD as f32;
                found.push(Finder::soft(
                    (
                        ((region.left + x) as f32 + half) * scale,
                        ((region.top + y) as f32 + half) * scale,
                    ),
                    sides[3] as f32 / 9.0 * scale,
                    value.abs().sqrt(),
                    if value > 0.0 { Ink::Dark } else { Ink::Light },
                ));
            }
        }
    }
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    found.truncate(MOST);
    found
}

/// The region, or as much of its height as so many pixels allow: another part in every turn.
fn affordable(region: Region, pixels: usize, turn: usize) -> Option<Region> {
    if region.area() <= pixels {
        return Some(region);
    }
    let height = pixels / region.width.max(1);
    if height < 4 * PAD {
        return None;
    }
    // The middle first, for that is where things are held.
    let share = [2, 0, 4, 1, 3][turn % 5];
    Some(Region {
        top: region.top + (region.height - height) * share / 4,
        height,
        ..region
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::{GrayImage, imageops};

    use super::*;

    /// Finder patterns of a module's size about places, on a ground that noise makes uneven.
    fn patterns(module: f32, places: &[(f32, f32)], ink: Ink) -> GrayImage {
        let mut state = 5u32;
        GrayImage::from_fn(400, 300, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 27) as u8;
            let ring = places
                .iter()
                .map(|place| {
                    let (dx, dy) = (x as f32 + 0.5 - place.0, y as f32 + 0.5 - place.1);
                    (dx.abs().max(dy.abs()) / module + 0.5) as u32
                })
                .min()
                .unwrap();
            let dark = matches!(ring, 0 | 1 | 3) == (ink == Ink::Dark);
            image::Luma([if dark { 40 } else { 180 } + noise])
        })
    }

    #[test]
    fn a_pattern_whose_edges_are_gone_is_found_by_its_likeness() {
        for (module, ink) in [(2.2, Ink::Dark), (2.9, Ink::Light), (3.6, Ink::Dark)] {
            let places = [(90.0, 80.0), (290.0, 150.0)];
            let soft = imageops::blur(&patterns(module, &places, ink), 0.7 * module);
            let mut left = PIXELS;
            let found = find(Luma::from(&soft), 1.0, &[], &mut left, 0);
            for place in places {
                let near = |f: &&Finder| (f.x - place.0).hypot(f.y - place.1) < 0.6 * module;
                let one = found.iter().find(near).expect("the pattern is found");
                assert!(one.ink == ink && one.strength > 0.5, "{one:?}");
                assert!((one.module / module - 1.0).abs() < 0.3, "{one:?}");
            }
        }
    }

    #[test]
    fn texture_is_searched_in_parts_that_can_be_paid() {
        let whole = Region {
            left: 0,
            top: 20,
            width: 1000,
            height: 900,
        };
        assert_eq!(affordable(whole, 900_000, 0), Some(whole));
        assert_eq!(affordable(whole, 9_000, 0), None, "too thin for a pattern");
        let parts: Vec<Region> = (0..5)
            .map(|turn| affordable(whole, 300_000, turn).unwrap())
            .collect();
        assert!(parts.iter().all(|part| part.area() <= 300_000));
        for y in [20, 250, 470, 690, 919] {
            let holds = |part: &Region| (part.top..part.top + part.height).contains(&y);
            assert!(parts.iter().any(holds), "row {y} has a turn");
        }

        let noise: Vec<u8> = (0..1280u64 * 720)
            .map(|i| (i.wrapping_mul(6_364_136_223_846_793_005) >> 40) as u8)
            .collect();
        let mut left = 400_000;
        let _ = find(
            Luma::new(1280, 720, 1280, &noise).unwrap(),
            1.0,
            &[],
            &mut left,
            0,
        );
        assert!(
            left < 10_000,
            "some was spent, and never more than there was"
        );
    }
}
