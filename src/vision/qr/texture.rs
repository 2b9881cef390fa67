//! Where a picture has texture as fine and as close as a code's. Most of a frame is out of focus or smooth, and need not be
//! searched for what is small.

use crate::luma::Luma;

/// Pixels a side of the blocks that are judged: two to four modules of the size that is looked for.
const BLOCK: usize = 8;
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

/// The parts with dense texture, the largest first; they may overlap.
pub(super) fn regions(picture: Luma<'_>) -> Vec<Region> {
    let (across, down) = (picture.width / BLOCK, picture.height / BLOCK);
    if across == 0 || down == 0 {
        return Vec::new();
    }
    let ranges = ranges(picture, across, down);
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
    let dense: Vec<u32> = near.iter().map(|&n| u32::from(n > least)).collect();
    let mut mask: Vec<bool> = windows(&dense, across, down, MARGIN)
        .iter()
        .map(|&n| n > 0)
        .collect();
    let mut regions = Vec::new();
    let mut stack = Vec::new();
    for start in 0..mask.len() {
        if !mask[start] {
            continue;
        }
        let (mut low, mut high) = ((across, down), (0, 0));
        mask[start] = false;
        stack.push(start);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % across, at / across);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
            let mut visit = |at: usize| {
                if std::mem::take(&mut mask[at]) {
                    stack.push(at);
                }
            };
            if x > 0 {
                visit(at - 1);
            }
            if x + 1 < across {
                visit(at + 1);
            }
            if y > 0 {
                visit(at - across);
            }
            if y + 1 < down {
                visit(at + across);
            }
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
        let regions = regions(Luma::new(width, height, width, &bytes).unwrap());
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
}
