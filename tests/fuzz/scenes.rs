//! Pictures from recipes: a few bytes name a drawn frame and what is done to it, so that a fuzzer which turns one byte gets
//! another picture, not another pixel.
//!
//! A recipe is the number of a base and then orders of five bytes: what is done (low four bits) and how much (high four), and
//! a region or two sizes.

#![allow(unreachable_pub)]

/// Orders that are obeyed; what follows is left over.
const MOST_ORDERS: usize = 24;
/// The most pixels that an order may make: the readers take frames, and a fuzzer takes hours anyway.
const MOST_PIXELS: usize = 640 * 480;

/// Rows of pixels, one or three bytes each.
#[derive(Clone)]
pub struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes a pixel.
    pub channels: usize,
    /// Row by row.
    pub bytes: Vec<u8>,
}

/// A part of a canvas, never empty.
#[derive(Clone, Copy)]
struct Region {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// splitmix64, for what looks like chance.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (z >> 56) as u8
    }
}

/// What a recipe makes of one of the bases, and whether it is that base untouched. None of no bytes.
pub fn cooked(recipe: &[u8], bases: &[Canvas]) -> Option<(Canvas, Option<usize>)> {
    let (first, orders) = recipe.split_first()?;
    let index = usize::from(*first) % bases.len().max(1);
    let base = bases.get(index)?;
    let mut canvas = base.clone();
    let mut untouched = Some(index);
    for order in orders.chunks_exact(5).take(MOST_ORDERS) {
        canvas.obey(order, base);
        untouched = None;
    }
    Some((canvas, untouched))
}

impl Canvas {
    fn obey(&mut self, order: &[u8], base: &Self) {
        let [what, a, b, c, d] = *order else { return };
        let (what, much) = (what & 15, usize::from(what >> 4));
        let region = self.region([a, b, c, d]);
        match what {
            0 => self.crop(region),
            1 => self.paint(region, |v, _, _| !v),
            2 => self.paint(region, |v, x, y| {
                if (x + y * 7).is_multiple_of(1 + much / 8 * 5) {
                    v ^ (1 << (much % 8))
                } else {
                    v
                }
            }),
            3 => self.resample(16 + usize::from(a) * 4, 16 + usize::from(b) * 3),
            4 => {
                let mut noise = Noise(u64::from(c) << 8 | u64::from(d));
                self.paint(region, |v, _, _| {
                    let by = usize::from(noise.next()) * (much + 1) / 16;
                    (usize::from(v) + by)
                        .saturating_sub((much + 1) * 8)
                        .min(255) as u8
                });
            }
            5 => {
                let span = (region.right - region.left).max(1);
                self.paint(region, |v, x, _| {
                    let share = (x - region.left) * 16 / span;
                    (usize::from(v) * (16 + share * (much + 1) / 4) / 32).min(255) as u8
                });
            }
            6 => self.tile(region),
            7 => self.paint(region, |_, x, y| {
                if (x / (1 + much) + y / (1 + much)).is_multiple_of(2) {
                    20
                } else {
                    235
                }
            }),
            8 => self.paint(region, |_, x, y| glyph(x, y, 5 + much, usize::from(a))),
            9 => self.paint(region, |_, x, y| finder(x, y, 1 + much % 6)),
            10 => self.turn(),
            11 => self.paint(
                region,
                |v, _, _| if usize::from(v) > much * 16 { 255 } else { 0 },
            ),
            12 => self.paint(region, |v, _, _| {
                let v = (i32::from(v) - 128) * (much as i32 + 1) / 6 + i32::from(d);
                v.clamp(0, 255) as u8
            }),
            13 => self.smear(1 + much),
            14 => self.stamp(base, region),
            _ => self.paint(region, |_, x, y| {
                if ((x * usize::from(c) + y * usize::from(d)) / (32 + 16 * much)).is_multiple_of(2)
                {
                    40
                } else {
                    210
                }
            }),
        }
    }

    fn region(&self, [a, b, c, d]: [u8; 4]) -> Region {
        let part = |of: u8, length: usize| usize::from(of) * length / 256;
        let (left, top) = (part(a, self.width), part(b, self.height));
        Region {
            left,
            top,
            right: (left + 1 + part(c, self.width)).min(self.width),
            bottom: (top + 1 + part(d, self.height)).min(self.height),
        }
    }

    /// Each byte of the region made anew from itself and its place.
    fn paint(&mut self, region: Region, mut anew: impl FnMut(u8, usize, usize) -> u8) {
        for y in region.top..region.bottom {
            for x in region.left..region.right {
                let at = (y * self.width + x) * self.channels;
                for byte in &mut self.bytes[at..at + self.channels] {
                    *byte = anew(*byte, x, y);
                }
            }
        }
    }

    /// Another canvas of this size from this one's pixels.
    fn mapped(
        &self,
        width: usize,
        height: usize,
        from: impl Fn(usize, usize) -> (usize, usize),
    ) -> Self {
        let mut bytes = Vec::with_capacity(width * height * self.channels);
        for y in 0..height {
            for x in 0..width {
                let (x, y) = from(x, y);
                let at = (y * self.width + x) * self.channels;
                bytes.extend_from_slice(&self.bytes[at..at + self.channels]);
            }
        }
        Self {
            width,
            height,
            channels: self.channels,
            bytes,
        }
    }

    fn crop(&mut self, region: Region) {
        let (width, height) = (region.right - region.left, region.bottom - region.top);
        *self = self.mapped(width, height, |x, y| (x + region.left, y + region.top));
    }

    fn resample(&mut self, width: usize, height: usize) {
        if width * height <= MOST_PIXELS {
            *self = self.mapped(width, height, |x, y| {
                (x * self.width / width, y * self.height / height)
            });
        }
    }

    fn tile(&mut self, region: Region) {
        let (width, height) = (region.right - region.left, region.bottom - region.top);
        *self = self.mapped(self.width, self.height, |x, y| {
            (region.left + x % width, region.top + y % height)
        });
    }

    fn turn(&mut self) {
        *self = self.mapped(self.height, self.width, |x, y| (y, self.height - 1 - x));
    }

    fn smear(&mut self, reach: usize) {
        let before = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let near = x.saturating_sub(reach)..=x;
                let count = near.clone().count();
                for channel in 0..self.channels {
                    let at = |x: usize| (y * self.width + x) * self.channels + channel;
                    let sum: usize = near.clone().map(|x| usize::from(before.bytes[at(x)])).sum();
                    self.bytes[at(x)] = (sum / count) as u8;
                }
            }
        }
    }

    /// The base once more, at its own size, from the region's corner on.
    fn stamp(&mut self, base: &Self, region: Region) {
        let part = Region {
            right: (region.left + base.width).min(self.width),
            bottom: (region.top + base.height).min(self.height),
            ..region
        };
        let channels = self.channels;
        for y in part.top..part.bottom {
            let length = (part.right - part.left) * channels;
            let to = (y * self.width + part.left) * channels;
            let from = (y - part.top) * base.width * channels;
            self.bytes[to..to + length].copy_from_slice(&base.bytes[from..from + length]);
        }
    }
}

/// Marks of a character's size in rows of a zone's pitch: what a finder of zones has the most work with.
fn glyph(x: usize, y: usize, size: usize, seed: usize) -> u8 {
    let (column, row) = (x / size, y / (size * 2));
    let mark = (column * 61 + row * 389 + seed * 7_919).wrapping_mul(0x9e37_79b1) >> 13;
    let (along, down) = (x % size * 4 / size, y % (size * 2) * 7 / (size * 2));
    if along < 3 && down < 5 && mark >> (down * 3 + along) & 1 == 1 {
        30
    } else {
        225
    }
}

/// Finder patterns of codes, side by side (ISO/IEC 18004, section 6.3.3): what a finder of codes has the most work with.
fn finder(x: usize, y: usize, module: usize) -> u8 {
    let ring = |at: usize| (at / module % 8).abs_diff(3);
    match ring(x).max(ring(y)) {
        0 | 1 | 3 => 15,
        _ => 240,
    }
}
