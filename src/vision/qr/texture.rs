//! Where a picture has texture as fine and as close as a code's. Most of a frame is out of focus or smooth, and need not be
//! searched for what is small.

use super::decoders::Corners;
use super::grid;
use crate::luma::Luma;

/// Pixels a side of the blocks that are judged: two to four modules of the size that is looked for.
pub(super) const BLOCK: usize = 8;
/// A place is judged by the blocks so far about it, both ways. It counts when they are as uneven as if this share of a hundred were
/// just not flat, ...
const REACH: usize = 3;
const DENSE: u32 = 45;
/// ... and this share as uneven as the most uneven place: a code is what stands out most from its surroundings.
const OF_MOST: u32 = 50;
/// Blocks added all round: a code's corner has little code about it.
const MARGIN: usize = 4;

/// An upright part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Region {
    pub(super) fn area(&self) -> usize {
        self.width * self.height
    }
}

/// Which blocks of a picture are uneven, and which lie in dense texture.
struct Blocks {
    across: usize,
    down: usize,
    /// Row by row: brightest less darkest pixel, or nothing where that is no more than noise.
    uneven: Vec<u32>,
    dense: Vec<u32>,
}

impl Blocks {
    /// What lies in codes that are `known` is taken as smooth: beside a code in good light, one on a dim screen would not stand out.
    fn of(picture: Luma<'_>, known: &[Corners]) -> Option<Self> {
        let (across, down) = (picture.width / BLOCK, picture.height / BLOCK);
        if across == 0 || down == 0 {
            return None;
        }
        let mut ranges = ranges(picture, across, down);
        for &code in known {
            for (i, range) in ranges.iter_mut().enumerate() {
                if grid::hold(code, middle(i, across)) {
                    *range = 0;
                }
            }
        }
        let mut sorted = ranges.clone();
        let median = *sorted.select_nth_unstable(across * down / 2).1;
        // Half of a frame shows what the sensor's noise alone does, unless a code fills it.
        let flat = (u16::from(median) * 8 / 5).clamp(9, 26) as u8;
        // What is smooth counts nothing, or a bright edge would make its whole surroundings look rich.
        let uneven: Vec<u32> = ranges
            .iter()
            .map(|&r| if r >= flat { u32::from(r) } else { 0 })
            .collect();
        let near = windows(&uneven, across, down, REACH);
        let most = near.iter().copied().max().unwrap_or(0);
        let side = 2 * REACH as u32 + 1;
        let least = (most * OF_MOST / 100).max(side * side * u32::from(flat) * DENSE / 100);
        let dense = near.iter().map(|&n| u32::from(n > least)).collect();
        Some(Self {
            across,
            down,
            uneven,
            dense,
        })
    }
}

/// The middle of a block, in pixels.
fn middle(block: usize, across: usize) -> (f32, f32) {
    let middle = |at: usize| (at * BLOCK + BLOCK / 2) as f32;
    (middle(block % across), middle(block / across))
}

/// The parts with dense texture, the largest first; they may overlap. Codes that are `known` are left out.
pub(super) fn regions(picture: Luma<'_>, known: &[Corners]) -> Vec<Region> {
    let Some(blocks) = Blocks::of(picture, known) else {
        return Vec::new();
    };
    let (across, down) = (blocks.across, blocks.down);
    let near = windows(&blocks.dense, across, down, MARGIN);
    let mut regions = Vec::new();
    for part in patches(&near, across, down) {
        let (mut low, mut high) = ((across, down), (0, 0));
        for (x, y) in part.iter().map(|at| (at % across, at / across)) {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        // The last block takes the odd edge along.
        let end = |block: usize, blocks: usize, pixels: usize| {
            if block + 1 == blocks {
                pixels
            } else {
                (block + 1) * BLOCK
            }
        };
        let (left, top) = (low.0 * BLOCK, low.1 * BLOCK);
        regions.push(Region {
            left,
            top,
            width: end(high.0, across, picture.width) - left,
            height: end(high.1, down, picture.height) - top,
        });
    }
    regions.sort_by_key(|r| std::cmp::Reverse(r.area()));
    regions
}

/// The cells that are not nothing, in parts that hang together over their sides.
fn patches(cells: &[u32], across: usize, down: usize) -> Vec<Vec<usize>> {
    let mut left: Vec<bool> = cells.iter().map(|&cell| cell > 0).collect();
    let mut patches = Vec::new();
    for start in 0..left.len() {
        if !std::mem::take(&mut left[start]) {
            continue;
        }
        let mut part = vec![start];
        let mut next = 0;
        while let Some(&at) = part.get(next) {
            let (x, y) = (at % across, at / across);
            let beside = [
                (x > 0).then(|| at - 1),
                (x + 1 < across).then(|| at + 1),
                (y > 0).then(|| at - across),
                (y + 1 < down).then(|| at + across),
            ];
            let fresh = |at: &usize| std::mem::take(&mut left[*at]);
            part.extend(beside.into_iter().flatten().filter(fresh));
            next += 1;
        }
        patches.push(part);
    }
    patches
}

/// A patch is solid about a block if of the blocks so far about it so many are uneven.
const THICK: usize = 2;
const FILLED: u32 = 22;
/// Blocks a side of the least square.
const LEAST_SIDE: usize = 8;
/// A row or column of blocks belongs to a square if it has so large a share of the fullest one's texture.
const OF_FULLEST: f32 = 0.5;

/// The squares of dense texture, the largest first: corners clockwise, as a square turned by less than an eighth has them. Codes that are
/// `known` are left out.
pub(super) fn squares(picture: Luma<'_>, known: &[Corners]) -> Vec<Corners> {
    let Some(blocks) = Blocks::of(picture, known) else {
        return Vec::new();
    };
    let mut squares: Vec<(usize, Corners)> = Vec::new();
    for part in patches(&blocks.solid(), blocks.across, blocks.down) {
        if part.len() >= LEAST_SIDE * LEAST_SIDE / 2
            && let Some(corners) = blocks.square(picture, &part)
        {
            squares.push((part.len(), corners));
        }
    }
    squares.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    squares.into_iter().map(|(_, corners)| corners).collect()
}

impl Blocks {
    /// Blocks of patches that are uneven throughout: a screen's edge and a line of text are thin.
    fn solid(&self) -> Vec<u32> {
        let uneven: Vec<u32> = self.uneven.iter().map(|&u| u32::from(u > 0)).collect();
        let near = windows(&uneven, self.across, self.down, THICK);
        let core: Vec<u32> = near.iter().map(|&n| u32::from(n >= FILLED)).collect();
        let near = windows(&core, self.across, self.down, THICK);
        let is_solid = |(&near, &uneven): (&u32, &u32)| u32::from(near > 0 && uneven > 0);
        near.iter().zip(&uneven).map(is_solid).collect()
    }

    /// The square that most of a patch of texture makes up.
    fn square(&self, picture: Luma<'_>, part: &[usize]) -> Option<Corners> {
        let turn = turn(
            picture,
            part.iter().map(|&block| middle(block, self.across)),
        )?;
        let (sine, cosine) = turn.sin_cos();
        let places: Vec<(f32, f32)> = part
            .iter()
            .map(|&block| {
                let (x, y) = middle(block, self.across);
                (x * cosine + y * sine, y * cosine - x * sine)
            })
            .collect();
        let (left, right) = extent(places.iter().map(|p| p.0))?;
        let (top, bottom) = extent(places.iter().map(|p| p.1))?;
        let back = |(u, v): (f32, f32)| (u * cosine - v * sine, u * sine + v * cosine);
        let long = LEAST_SIDE as f32 * BLOCK as f32;
        (right - left >= long && bottom - top >= long)
            .then(|| [(left, top), (right, top), (right, bottom), (left, bottom)].map(back))
    }
}

/// From where to where there are as many places as in the fullest part.
fn extent(places: impl Iterator<Item = f32> + Clone) -> Option<(f32, f32)> {
    let bin = BLOCK as f32;
    let low = places.clone().fold(f32::INFINITY, f32::min);
    let high = places.clone().fold(f32::NEG_INFINITY, f32::max);
    if high <= low {
        return None;
    }
    let mut counts = vec![0u32; ((high - low) / bin) as usize + 1];
    for place in places {
        counts[((place - low) / bin) as usize] += 1;
    }
    let mut sorted = counts.clone();
    sorted.sort_unstable();
    // One bin may be overfull by how blocks fall into it.
    let fullest = sorted[sorted.len() * 4 / 5] as f32;
    let full = |count: &u32| *count as f32 >= fullest * OF_FULLEST;
    let first = counts.iter().position(full)?;
    let last = counts.iter().rposition(full)?;
    Some((
        low + first as f32 * bin - bin / 2.0,
        low + (last + 1) as f32 * bin - bin / 2.0,
    ))
}

/// By what angle the edges of texture are turned, less than an eighth either way: all that are at right angles add up.
fn turn(picture: Luma<'_>, blocks: impl Iterator<Item = (f32, f32)>) -> Option<f32> {
    let (mut real, mut imaginary) = (0.0f32, 0.0f32);
    let at = |x: usize, y: usize| f32::from(picture.bytes[y * picture.stride + x]);
    for (x, y) in blocks {
        let (left, top) = (x as usize - BLOCK / 2, y as usize - BLOCK / 2);
        for y in (top..top + BLOCK).step_by(2) {
            for x in (left..left + BLOCK).step_by(2) {
                if x == 0 || y == 0 || x + 1 >= picture.width || y + 1 >= picture.height {
                    continue;
                }
                let (gx, gy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
                let power = gx * gx + gy * gy;
                if power > 0.0 {
                    // The fourth power of the gradient, as a complex number, with the weight of its square.
                    let (re, im) = (gx * gx - gy * gy, 2.0 * gx * gy);
                    real += (re * re - im * im) / power;
                    imaginary += 2.0 * re * im / power;
                }
            }
        }
    }
    (real != 0.0 || imaginary != 0.0).then(|| imaginary.atan2(real) / 4.0)
}

/// Brightest less darkest pixel of each block.
fn ranges(picture: Luma<'_>, across: usize, down: usize) -> Vec<u8> {
    let (mut low, mut high) = (vec![0u8; picture.width], vec![0u8; picture.width]);
    let mut ranges = Vec::with_capacity(across * down);
    for block_y in 0..down {
        low.fill(255);
        high.fill(0);
        for y in 0..BLOCK {
            let row = picture.row(block_y * BLOCK + y);
            for ((low, high), &pixel) in low.iter_mut().zip(&mut high).zip(row) {
                *low = pixel.min(*low);
                *high = pixel.max(*high);
            }
        }
        let blocks = low.chunks_exact(BLOCK).zip(high.chunks_exact(BLOCK));
        ranges.extend(blocks.map(|(low, high)| {
            let least = low.iter().fold(255, |a: u8, &b| a.min(b));
            high.iter().fold(0, |a: u8, &b| a.max(b)) - least
        }));
    }
    ranges
}

/// For each cell the sum over all cells up to `reach` away, both ways.
fn windows(cells: &[u32], across: usize, down: usize, reach: usize) -> Vec<u32> {
    let stride = across + 1;
    let mut sums = vec![0u32; stride * (down + 1)];
    for y in 0..down {
        let mut row = 0;
        for x in 0..across {
            row += cells[y * across + x];
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
        }
    }
    let mut windows = Vec::with_capacity(cells.len());
    for y in 0..down {
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(down));
        for x in 0..across {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(across));
            let at = |x: usize, y: usize| sums[y * stride + x];
            windows.push(at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top));
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::GrayImage;
    use imageproc::filter::gaussian_blur_f32;

    use super::*;

    #[test]
    fn a_patch_of_fine_texture_is_a_region_and_an_edge_is_none() {
        let (width, height) = (640, 480);
        let mut bytes: Vec<u8> = (0..width * height)
            .map(|i| 100 + (i * 7 % 5) as u8)
            .collect();
        for y in 0..height {
            for x in 0..width {
                if (200..330).contains(&x) && (120..250).contains(&y) {
                    bytes[y * width + x] = if (x / 3 * 7 + y / 3 * 5) % 4 < 2 {
                        30
                    } else {
                        200
                    };
                } else if (500..504).contains(&x) {
                    bytes[y * width + x] = 220;
                }
            }
        }
        let regions = regions(Luma::new(width, height, width, &bytes).unwrap(), &[]);
        assert_eq!(regions.len(), 1, "{regions:?}");
        let found = regions[0];
        assert!(
            found.left <= 200 && found.left + found.width >= 330,
            "{found:?}"
        );
        assert!(
            found.top <= 120 && found.top + found.height >= 250,
            "{found:?}"
        );
        assert!(found.area() < 260 * 260, "{found:?}");
    }

    #[test]
    fn a_square_is_found_as_it_is_turned_and_a_screens_edge_is_no_part_of_it() {
        let (width, height) = (640, 480);
        for degrees in [-30.0f32, -12.0, 0.0, 20.0, 38.0] {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            let mut bytes = vec![110u8; width * height];
            for (i, byte) in bytes.iter_mut().enumerate() {
                let (x, y) = ((i % width) as f32 - 330.0, (i / width) as f32 - 230.0);
                let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
                if u.abs() < 100.0 && v.abs() < 100.0 {
                    let (column, row) = ((u / 4.0).floor() as i32, (v / 4.0).floor() as i32);
                    let mixed = (column.wrapping_mul(0x2c1b_3c6d) ^ row.wrapping_mul(0x297a_2d39))
                        .wrapping_mul(0x045d_9f3b);
                    *byte = if mixed >> 16 & 1 == 0 { 30 } else { 200 };
                } else if (u.abs() - 140.0).abs() < 4.0 && v.abs() < 220.0 {
                    *byte = 250;
                }
            }
            let picture = GrayImage::from_raw(width as u32, height as u32, bytes).unwrap();
            let picture = gaussian_blur_f32(&picture, 1.2);
            let squares = squares(Luma::from(&picture), &[]);
            assert_eq!(squares.len(), 1, "{degrees} {squares:?}");
            let [a, b, c, d] = squares[0];
            let angle = (b.1 - a.1).atan2(b.0 - a.0).to_degrees();
            assert!((angle - degrees).abs() < 2.0, "{degrees} {angle}");
            let side = (b.0 - a.0).hypot(b.1 - a.1);
            assert!((180.0..240.0).contains(&side), "{degrees} {side}");
            let middle = ((a.0 + b.0 + c.0 + d.0) / 4.0, (a.1 + b.1 + c.1 + d.1) / 4.0);
            assert!(
                (middle.0 - 330.0).hypot(middle.1 - 230.0) < 10.0,
                "{middle:?}"
            );
        }
    }
}
