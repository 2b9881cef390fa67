//! Finder patterns (ISO/IEC 18004, 6.3.3) in a picture, dark on light and light on dark in one pass, where their edges are
//! sharp enough for their runs to be told apart, at any angle.

use zeroize::Zeroizing;

use super::grid::brightness;
use super::threshold::edges_of;
use crate::luma::Luma;

/// Pixels a side of the blocks whose means make the threshold.
const BLOCK: usize = 8;
/// The threshold at a pixel is the mean over this many blocks before and after its own, both ways.
const REACH: usize = 3;
/// Smaller modules, in pixels, cannot be told apart in any case.
const LEAST_MODULE: f32 = 1.4;
/// Places of one picture that are looked at closely, a microsecond or less each.
const MOST_PLACES: usize = 1500;
/// Patterns found in one picture.
const MOST_FOUND: usize = 150;
/// At most this many patterns of one polarity are combined: texture can show hundreds.
pub(super) const MOST: usize = 20;

/// One finder pattern, in pixels of the full frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finder {
    pub(super) x: f32,
    pub(super) y: f32,
    /// A seventh of the pattern, as cut by a row and by a column.
    pub(super) module: f32,
    /// Scan lines that met it, weighed by how much its gap differs from its core and ring.
    pub(super) strength: f32,
    contrast: f32,
    pub(super) ink: Ink,
    /// Found by its likeness, which is then its strength.
    pub(super) soft: bool,
}

impl Finder {
    /// One that was found by its likeness, from 0 to 1.
    pub(super) fn soft((x, y): (f32, f32), module: f32, likeness: f32, ink: Ink) -> Self {
        Self {
            x,
            y,
            module,
            strength: likeness,
            contrast: likeness,
            ink,
            soft: true,
        }
    }
}

/// Which modules are dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ink {
    Dark,
    Light,
}

/// A picture as dark (1) and light (0), one byte a pixel.
pub(super) struct Bits {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) dark: Zeroizing<Vec<u8>>,
    /// Differences below this are the sensor's noise.
    noise: f32,
}

impl Bits {
    /// Sharpened (a blurred code keeps its gaps) and compared with the neighbourhood's mean. Suits modules of two to six pixels.
    pub(super) fn of(picture: Luma<'_>) -> Self {
        let (width, height) = (picture.width, picture.height);
        let mut dark = Zeroizing::new(vec![0u8; width * height]);
        if width < 2 * BLOCK || height < 2 * BLOCK {
            return Self {
                width,
                height,
                dark,
                noise: 0.0,
            };
        }
        let means = BlockMeans::of(picture);
        let mut columns = Zeroizing::new(vec![0u16; width]);
        let mut around = Zeroizing::new(vec![0u16; width]);
        let mut levels = Zeroizing::new(vec![0i16; width]);
        let last = height - 1;
        let row_at = |y: isize| picture.row(y.clamp(0, last as isize) as usize);
        for y in -2..=2 {
            add(&mut columns, row_at(y));
        }
        for (y, out) in dark.chunks_exact_mut(width).enumerate() {
            let sums = &columns[..];
            let inner = width - 4;
            for (x, sum) in around[2..][..inner].iter_mut().enumerate() {
                *sum = sums[x] + sums[x + 1] + sums[x + 2] + sums[x + 3] + sums[x + 4];
            }
            (around[0], around[1]) = (around[2], around[2]);
            (around[width - 1], around[width - 2]) = (around[width - 3], around[width - 3]);
            if y % BLOCK == 0 {
                means.row(y / BLOCK, &mut levels);
            }
            let row = picture.row(y);
            for (((bit, &pixel), &sum), &level) in
                out.iter_mut().zip(row).zip(&around[..]).zip(&levels[..])
            {
                // Three times the pixel less twice the mean of five by five; 1311 / 32768 is a twenty-fifth.
                let mean = ((u32::from(sum) * 1311) >> 15) as i16;
                *bit = u8::from(3 * i16::from(pixel) - 2 * mean < level);
            }
            let y = y as isize;
            add(&mut columns, row_at(y + 3));
            subtract(&mut columns, row_at(y - 2));
        }
        Self {
            width,
            height,
            dark,
            noise: means.noise,
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.dark[y * self.width..][..self.width]
    }
}

fn add(sums: &mut [u16], row: &[u8]) {
    for (sum, &pixel) in sums.iter_mut().zip(row) {
        *sum += u16::from(pixel);
    }
}

fn subtract(sums: &mut [u16], row: &[u8]) {
    for (sum, &pixel) in sums.iter_mut().zip(row) {
        *sum -= u16::from(pixel);
    }
}

/// Means over neighbourhoods of blocks.
struct BlockMeans {
    across: usize,
    down: usize,
    /// `i16::MIN` in a neighbourhood so even that anything seen there would be noise.
    means: Vec<i16>,
    noise: f32,
}

impl BlockMeans {
    fn of(picture: Luma<'_>) -> Self {
        let (across, down) = (picture.width / BLOCK, picture.height / BLOCK);
        let mut sums = vec![0u32; (across + 1) * (down + 1)];
        let mut columns = vec![0u16; picture.width];
        let (mut low, mut high) = (vec![0u8; picture.width], vec![0u8; picture.width]);
        let mut ranges = vec![0u8; across * down];
        for block_y in 0..down {
            columns.fill(0);
            low.fill(255);
            high.fill(0);
            for y in 0..BLOCK {
                let row = picture.row(block_y * BLOCK + y);
                add(&mut columns, row);
                for ((low, high), &pixel) in low.iter_mut().zip(&mut high).zip(row) {
                    *low = pixel.min(*low);
                    *high = pixel.max(*high);
                }
            }
            for (block_x, range) in ranges[block_y * across..][..across].iter_mut().enumerate() {
                let span = block_x * BLOCK..(block_x + 1) * BLOCK;
                let least = low[span.clone()].iter().fold(255, |a: u8, &b| a.min(b));
                *range = high[span].iter().fold(0, |a: u8, &b| a.max(b)) - least;
            }
            let mut row_sum = 0u32;
            for block_x in 0..across {
                let block = &columns[block_x * BLOCK..][..BLOCK];
                row_sum += block.iter().map(|&c| u32::from(c)).sum::<u32>();
                sums[(block_y + 1) * (across + 1) + block_x + 1] =
                    sums[block_y * (across + 1) + block_x + 1] + row_sum;
            }
        }
        // Most of a frame is out of focus and shows what noise alone does, unless a code fills it.
        let mut sorted = ranges.clone();
        let median = *sorted.select_nth_unstable(across * down / 2).1;
        let flat = (u16::from(median) * 8 / 5).clamp(9, 26) as u8;
        let mut means = vec![0i16; across * down];
        for y in 0..down {
            let (top, bottom) = (y.saturating_sub(REACH), (y + REACH + 1).min(down));
            for x in 0..across {
                let (left, right) = (x.saturating_sub(REACH), (x + REACH + 1).min(across));
                let at = |x: usize, y: usize| sums[y * (across + 1) + x];
                let sum = at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top);
                let area = ((right - left) * (bottom - top) * BLOCK * BLOCK) as u32;
                // A little under the mean, or an even ground would be all speckles.
                means[y * across + x] = (sum / area) as i16 - 1;
                let near = |at: usize, most: usize| at.saturating_sub(1)..(at + 2).min(most);
                let even = |y: usize| near(x, across).all(|x| ranges[y * across + x] < flat);
                if near(y, down).all(even) {
                    means[y * across + x] = i16::MIN;
                }
            }
        }
        Self {
            across,
            down,
            means,
            // Sixty-four normal deviates span 4.7 standard deviations; a mean of four is held against three of its own.
            noise: (f32::from(median) * 0.4).clamp(4.0, 12.0),
        }
    }

    /// The mean for each pixel of a row of blocks; the frame's odd edge takes its neighbour's.
    fn row(&self, block_y: usize, out: &mut [i16]) {
        let row = &self.means[block_y.min(self.down - 1) * self.across..][..self.across];
        for (block, &mean) in out.chunks_mut(BLOCK).zip(row.iter().chain(row.last())) {
            block.fill(mean);
        }
    }
}

/// The patterns in one picture, which is `scale` times smaller than the frame, best supported first. Rows from all over the picture
/// come first, then those between: texture uses up the places that are looked at, and must not hide what is below it.
pub(super) fn find(picture: Luma<'_>, bits: &Bits, scale: f32) -> Vec<Finder> {
    const ROUNDS: usize = 4;
    const STEP: usize = 2;
    let mut found: Vec<Finder> = Vec::new();
    let mut edges: Vec<usize> = Vec::new();
    let mut places = 0;
    for round in [0, 2, 1, 3] {
        for y in (1 + round * STEP..bits.height).step_by(STEP * ROUNDS) {
            if places >= MOST_PLACES {
                break;
            }
            edges_of(bits.row(y), &mut edges);
            for window in edges.windows(6) {
                let runs: [usize; 5] = std::array::from_fn(|i| window[i + 1] - window[i]);
                // Most runs are told by whole numbers: a core is about three times as wide as the gaps beside it.
                if 27 * runs[2] < 10 * (runs[1] + runs[3])
                    || seventh(&runs).is_none_or(|module| module < LEAST_MODULE)
                {
                    continue;
                }
                places += 1;
                let x = (window[2] + window[3]) / 2;
                let near = |f: &Finder| {
                    let reach = f.module / scale * 1.6;
                    (f.x / scale - x as f32).abs() < reach && (f.y / scale - y as f32).abs() < reach
                };
                if let Some(known) = found.iter_mut().find(|f| near(f)) {
                    known.strength += known.contrast;
                    continue;
                }
                if found.len() < MOST_FOUND
                    && let Some(one) = checked(picture, bits, x, y, scale)
                {
                    found.push(one);
                }
            }
        }
    }
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    found
}

/// A seventh of five runs that look like a cut through a finder pattern. Distances from edge to the next edge of the same kind
/// are taken, which a wrong threshold or a bleeding screen leaves alone.
fn seventh(runs: &[usize; 5]) -> Option<f32> {
    let [a, b, c, d, e] = runs.map(|r| r as f32);
    let module = (b + 2.0 * c + d) / 8.0;
    let slack = module * 0.75 + 0.6;
    let inner = (b + c - 4.0 * module).abs() <= slack
        && c >= 1.7 * module
        && c <= 4.4 * module
        && b.max(d) <= 2.3 * module + 0.5;
    // A ring whose outside merges with a dark surround is known by its other side.
    let (left, right) = (a + b - 2.0 * module, d + e - 2.0 * module);
    let outer = left.abs().min(right.abs()) <= slack && left.min(right) >= -slack;
    (inner && outer).then_some(module)
}

/// The pattern whose core lies at a pixel, cut by a column and again by a row.
fn checked(picture: Luma<'_>, bits: &Bits, x: usize, y: usize, scale: f32) -> Option<Finder> {
    let down = cut(bits, x, y, Cut::Column)?;
    let across = cut(bits, x, down.middle as usize, Cut::Row)?;
    let down = cut(
        bits,
        across.middle as usize,
        down.middle as usize,
        Cut::Column,
    )?;
    let larger = across.module.max(down.module);
    if larger > 1.9 * across.module.min(down.module) {
        return None;
    }
    let ink = if bits.row(y)[x] == 1 {
        Ink::Dark
    } else {
        Ink::Light
    };
    let sign = if ink == Ink::Dark { 1.0 } else { -1.0 };
    let cross = |modules: f32| {
        let (dx, dy) = (across.module * modules, down.module * modules);
        let (x, y) = (across.middle, down.middle);
        [(x - dx, y), (x + dx, y), (x, y - dy), (x, y + dy)]
            .map(|at| brightness(picture, at))
            .iter()
            .sum::<f32>()
            / 4.0
    };
    let core = brightness(picture, (across.middle, down.middle));
    let contrast = sign * (cross(2.0) - core.midpoint(cross(3.0)));
    (contrast > bits.noise).then_some(Finder {
        x: across.middle * scale,
        y: down.middle * scale,
        module: (across.module + down.module) / 2.0 * scale,
        contrast,
        strength: contrast,
        ink,
        soft: false,
    })
}

#[derive(Clone, Copy)]
enum Cut {
    Row,
    Column,
}

struct Chord {
    middle: f32,
    module: f32,
}

/// Five runs about a pixel along its row or column.
fn cut(bits: &Bits, x: usize, y: usize, along: Cut) -> Option<Chord> {
    let (start, length) = match along {
        Cut::Row => (x, bits.width),
        Cut::Column => (y, bits.height),
    };
    let at = |i: usize| match along {
        Cut::Row => bits.dark[y * bits.width + i],
        Cut::Column => bits.dark[i * bits.width + x],
    };
    let core = at(start);
    let mut ends = [[0usize; 3]; 2];
    // Backwards, then forwards: where the core, the gap and the ring end.
    let mut at_edge = start;
    for (index, end) in ends[0].iter_mut().enumerate() {
        let colour = if index % 2 == 0 { core } else { 1 - core };
        while at_edge > 0 && at(at_edge - 1) == colour {
            at_edge -= 1;
        }
        *end = at_edge;
    }
    let mut at_edge = start + 1;
    for (index, end) in ends[1].iter_mut().enumerate() {
        let colour = if index % 2 == 0 { core } else { 1 - core };
        while at_edge < length && at(at_edge) == colour {
            at_edge += 1;
        }
        *end = at_edge;
    }
    let runs = [
        ends[0][1] - ends[0][2],
        ends[0][0] - ends[0][1],
        ends[1][0] - ends[0][0],
        ends[1][1] - ends[1][0],
        ends[1][2] - ends[1][1],
    ];
    let module = seventh(&runs)?;
    Some(Chord {
        middle: (ends[0][0] + ends[1][0]) as f32 / 2.0,
        module,
    })
}

/// Patterns found at several sizes of one frame: each once, the best supported first, few of each polarity.
pub(super) fn merged(levels: impl IntoIterator<Item = Vec<Finder>>) -> Vec<Finder> {
    let mut all: Vec<Finder> = Vec::new();
    let mut counts = [0usize; 2];
    let mut found: Vec<Finder> = levels.into_iter().flatten().collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    for finder in found {
        let same = |f: &Finder| {
            f.ink == finder.ink
                && (f.x - finder.x).hypot(f.y - finder.y) < f.module.max(finder.module) * 2.0
        };
        if all.iter().any(same) {
            continue;
        }
        let count = &mut counts[finder.ink as usize];
        if *count < 3 * MOST {
            *count += 1;
            all.push(finder);
        }
    }
    all
}
