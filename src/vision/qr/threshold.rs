//! A picture as black and white, each pixel against the middle of its surroundings, as the open decoders do it
//! (blocks of eight pixels, a block without contrast taken for ground), and the rows' runs that may cut a finder pattern.
//!
//! The decoders' own thresholds take as long as all their reading; here sixteen pixels go at a time.

use rxing::Point;
use rxing::common::cpp_essentials::{ConcentricPattern, LocateConcentricPattern};
use rxing::common::{BitArray, BitMatrix};
use zeroize::Zeroizing;

use super::finders::Bits;
use crate::luma::{Luma, Plane};

/// Pixels a side of a block.
const BLOCK: usize = 8;
/// Brightest less darkest pixel of a block that shows more than ground.
const CONTRAST: u8 = 24;
/// The threshold is the mean over so many blocks before and after, both ways.
const REACH: usize = 2;
/// Rows from one that is searched to the next; a pattern's core is three modules high.
const STEP: usize = 3;
/// Places of one polarity that are looked at closely, some microseconds each.
const MOST_PLACES: usize = 1200;
/// Patterns found in one polarity: of a wallpaper of them there is no need to know all.
const MOST_FOUND: usize = 96;

/// Dark (1) and light (0), one byte a pixel.
pub(super) struct BlackAndWhite {
    width: usize,
    height: usize,
    dark: Zeroizing<Vec<u8>>,
}

/// The least, the greatest and the mean of each block.
fn blocks(picture: Luma<'_>, across: usize, down: usize) -> Vec<(u8, u8, u8)> {
    let width = across * BLOCK;
    let (mut low, mut high) = (vec![0u8; width], vec![0u8; width]);
    let mut sums = vec![0u16; width];
    let mut blocks = Vec::with_capacity(across * down);
    for block_y in 0..down {
        low.fill(255);
        high.fill(0);
        sums.fill(0);
        for y in 0..BLOCK {
            let row = &picture.row(block_y * BLOCK + y)[..width];
            for (((low, high), sum), &pixel) in
                low.iter_mut().zip(&mut high).zip(&mut sums).zip(row)
            {
                *low = pixel.min(*low);
                *high = pixel.max(*high);
                *sum += u16::from(pixel);
            }
        }
        for x in (0..width).step_by(BLOCK) {
            let least = low[x..x + BLOCK].iter().fold(255, |a: u8, &b| a.min(b));
            let most = high[x..x + BLOCK].iter().fold(0, |a: u8, &b| a.max(b));
            let sum: u16 = sums[x..x + BLOCK].iter().sum();
            blocks.push((least, most, (sum / (BLOCK * BLOCK) as u16) as u8));
        }
    }
    blocks
}

impl BlackAndWhite {
    /// Sharpened first, and ground all light: see [`Bits`].
    pub(super) fn sharpened(picture: Luma<'_>) -> Self {
        let bits = Bits::of(picture);
        Self {
            width: bits.width,
            height: bits.height,
            dark: bits.dark,
        }
    }

    /// None of a picture of fewer than five blocks a side.
    pub(super) fn of(picture: Luma<'_>) -> Option<Self> {
        let (across, down) = (picture.width / BLOCK, picture.height / BLOCK);
        if across <= 2 * REACH || down <= 2 * REACH {
            return None;
        }
        let mut middles = vec![0u32; across * down];
        for (i, (low, high, mean)) in blocks(picture, across, down).into_iter().enumerate() {
            let (x, y) = (i % across, i / across);
            middles[i] = if high - low > CONTRAST {
                u32::from(mean)
            } else {
                // Ground is light, unless it is darker than what its neighbours tell dark from light by.
                let about = (x > 0 && y > 0).then(|| {
                    (middles[i - across] + 2 * middles[i - 1] + middles[i - across - 1]) / 4
                });
                match about {
                    Some(about) if u32::from(low) < about => about,
                    _ => u32::from(low) / 2,
                }
            };
        }
        let (width, height) = (picture.width, picture.height);
        let mut dark = Zeroizing::new(vec![0u8; width * height]);
        let mut levels = vec![0u8; width];
        for (y, out) in dark.chunks_exact_mut(width).enumerate() {
            if y % BLOCK == 0 && y / BLOCK < down {
                let middle = (y / BLOCK).clamp(REACH, down - REACH - 1);
                let columns: Vec<u32> = (0..across)
                    .map(|x| {
                        (middle - REACH..=middle + REACH)
                            .map(|y| middles[y * across + x])
                            .sum()
                    })
                    .collect();
                for (x, level) in levels.chunks_mut(BLOCK).enumerate() {
                    let middle = x.clamp(REACH, across - REACH - 1);
                    let sum: u32 = columns[middle - REACH..=middle + REACH].iter().sum();
                    level.fill((sum / 25) as u8);
                }
            }
            for ((out, &pixel), &level) in out.iter_mut().zip(picture.row(y)).zip(&levels) {
                *out = u8::from(pixel <= level);
            }
        }
        Some(Self {
            width,
            height,
            dark,
        })
    }

    /// To be looked at.
    pub(super) fn picture(&self) -> Plane {
        let mut plane = Plane::blank(self.width, self.height);
        for (pixel, &dark) in plane.bytes.iter_mut().zip(self.dark.iter()) {
            *pixel = 255 * (1 - dark);
        }
        plane
    }

    /// For the decoders.
    pub(super) fn matrix(&self) -> Option<BitMatrix> {
        let (width, height) = (
            u32::try_from(self.width).ok()?,
            u32::try_from(self.height).ok()?,
        );
        let mut matrix = BitMatrix::new(width, height).ok()?;
        let mut bits = BitArray::with_size(self.width);
        for (y, row) in (0..height).zip(self.dark.chunks_exact(self.width)) {
            for (at, part) in row.chunks(64).enumerate() {
                let mut word = 0u64;
                for (i, bytes) in part.chunks(8).enumerate() {
                    let mut eight = [0u8; 8];
                    eight[..bytes.len()].copy_from_slice(bytes);
                    // Eight bytes of 0 or 1 become eight bits: each is shifted to a place of its own in the top byte.
                    let packed =
                        u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                    word |= packed << (8 * i);
                }
                bits.setBulk(at * 64, word as usize);
            }
            matrix.setRow(y, &bits);
        }
        Some(matrix)
    }

    /// Middles of the runs that may cut a finder pattern's core, and how long all five runs are, dark ones and light ones. First some
    /// rows from all over the picture, then those between.
    pub(super) fn places(&self) -> [Vec<(f32, f32, i32)>; 2] {
        const ROUNDS: usize = 4;
        let mut places = [Vec::new(), Vec::new()];
        let mut edges = Vec::new();
        for round in [0, 2, 1, 3] {
            for y in (STEP - 1 + round * STEP..self.height).step_by(STEP * ROUNDS) {
                let row = &self.dark[y * self.width..][..self.width];
                edges_of(row, &mut edges);
                for window in edges.windows(6) {
                    let runs: [usize; 5] = std::array::from_fn(|i| window[i + 1] - window[i]);
                    let [a, b, c, d, e] = runs;
                    if c < 3 || c < 2 * a.max(e) || c < b.max(d) {
                        continue;
                    }
                    let of = &mut places[usize::from(row[window[2]] == 0)];
                    if of.len() < MOST_PLACES && fits(runs) {
                        let middle = (window[2] + window[3]) as f32 / 2.0;
                        let long = runs.iter().sum::<usize>() as i32;
                        of.push((middle, y as f32 + 0.5, long));
                    }
                }
            }
        }
        places
    }
}

/// One, one, three, one and one module, where ink that bleeds makes dark modules wider than light ones.
fn fits(runs: [usize; 5]) -> bool {
    let [a, b, c, d, e] = runs.map(|r| r as f32);
    let (bar, gap) = ((a + c + e) / 5.0, (b + d) / 2.0);
    let near =
        |run: f32, modules: f32, module: f32| (run - modules * module).abs() <= 0.5 * module + 0.5;
    bar.max(gap) <= 4.0 * bar.min(gap)
        && near(a, 1.0, bar)
        && near(c, 3.0, bar)
        && near(e, 1.0, bar)
        && near(b, 1.0, gap)
        && near(d, 1.0, gap)
}

/// Where a row changes, with its start and end.
pub(super) fn edges_of(row: &[u8], edges: &mut Vec<usize>) {
    edges.clear();
    edges.push(0);
    let mut x = 1;
    while x < row.len() {
        // Eight pixels at once where nothing changes.
        if x + 8 <= row.len() && row[x - 1..x + 7] == row[x..x + 8] {
            x += 8;
            continue;
        }
        if row[x] != row[x - 1] {
            edges.push(x);
        }
        x += 1;
    }
    edges.push(row.len());
}

/// The finder patterns about these places that decoders would find, too.
pub(super) fn patterns(matrix: &BitMatrix, places: &[(f32, f32, i32)]) -> Vec<ConcentricPattern> {
    let mut found: Vec<ConcentricPattern> = Vec::new();
    for &(x, y, long) in places {
        let place = Point { x, y };
        let known = |p: &ConcentricPattern| Point::distance(place, p.p) < p.size as f32 / 2.0;
        if found.iter().any(known) {
            continue;
        }
        if found.len() >= MOST_FOUND {
            break;
        }
        found.extend(LocateConcentricPattern::<true, 5, 7>(
            matrix,
            &[1, 1, 3, 1, 1],
            place,
            3 * long,
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use rxing::common::HybridBinarizer;
    use rxing::{BinaryBitmap, Luma8Source};

    use super::*;

    #[test]
    fn a_picture_is_as_black_and_white_as_the_decoder_itself_makes_it() {
        // A ramp with blobs and flat parts, in whole blocks, where both do the same.
        let (width, height) = (168usize, 120usize);
        let bytes: Vec<u8> = (0..width * height)
            .map(|i| {
                let (x, y) = (i % width, i / width);
                let blob = (x / 5 * 7 + y / 4 * 3) % 11 < 4 && x > 40;
                (60 + x / 2 + (i * 31 % 7)) as u8 + if blob { 70 } else { 0 }
            })
            .collect();
        let ours = BlackAndWhite::of(Luma::new(width, height, width, &bytes).unwrap()).unwrap();
        let matrix = ours.matrix().unwrap();
        let source = Luma8Source::new_with_slice(&bytes, width as u32, height as u32).unwrap();
        let theirs = BinaryBitmap::new(HybridBinarizer::new(source));
        assert_eq!(&matrix, theirs.get_black_matrix());
    }

    #[test]
    fn a_wallpaper_of_finder_patterns_is_cut_short() {
        let (width, height) = (1280usize, 720usize);
        let ring = |at: usize| (at / 2 % 11).abs_diff(3);
        let bytes: Vec<u8> = (0..width * height)
            .map(|i| match ring(i % width).max(ring(i / width)) {
                0 | 1 | 3 => 20,
                _ => 235,
            })
            .collect();
        let picture = BlackAndWhite::of(Luma::new(width, height, width, &bytes).unwrap()).unwrap();
        let [dark, light] = picture.places();
        assert_eq!(dark.len(), MOST_PLACES);
        assert!(light.len() <= MOST_PLACES);
        let high = dark.iter().filter(|place| place.1 < 360.0).count();
        // In order of rows, all of them would lie above the middle.
        assert!(
            high * 3 < dark.len() * 2,
            "{high}: rows from all over come first"
        );
        let found = patterns(&picture.matrix().unwrap(), &dark);
        assert_eq!(found.len(), MOST_FOUND);
    }
}
