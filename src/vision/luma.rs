//! The picture that the readers of codes and zones work on: one byte a pixel, 0 black, 255 white.

use std::borrow::Cow;

use image::GrayImage;
use zeroize::Zeroize;

/// The longest side accepted, in pixels: larger than any camera's, small enough that sums over a picture fit 64 bits.
const LONGEST_SIDE: usize = 16_384;

/// A borrowed 8-bit luma picture, top row first. The Y plane of a camera's frame fits as it is.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Luma<'a> {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes from one row's start to the next, at least `width`.
    pub stride: usize,
    /// At least `stride * (height - 1) + width` bytes.
    pub bytes: &'a [u8],
}

/// Why bytes are not a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPicture {
    /// A side is zero.
    #[error("a picture of {width} x {height} pixels has nothing to read")]
    Empty {
        /// Pixels a row, as claimed.
        width: usize,
        /// Rows, as claimed.
        height: usize,
    },
    /// A side is longer than 16,384 pixels.
    #[error("a picture of {width} x {height} pixels is larger than any camera's")]
    TooLarge {
        /// Pixels a row, as claimed.
        width: usize,
        /// Rows, as claimed.
        height: usize,
    },
    /// The rows overlap.
    #[error("a stride of {stride} bytes is shorter than a row of {width} pixels")]
    ShortStride {
        /// Bytes a row, as claimed.
        stride: usize,
        /// Pixels a row, as claimed.
        width: usize,
    },
    /// The bytes end before the last row does.
    #[error("the picture needs {needed} bytes and has {got}")]
    TooShort {
        /// Bytes that the claimed size needs.
        needed: usize,
        /// Bytes given.
        got: usize,
    },
}

impl<'a> Luma<'a> {
    /// A view of `bytes`, checked to hold `height` rows of `width` pixels, `stride` bytes apart.
    pub fn new(
        width: usize,
        height: usize,
        stride: usize,
        bytes: &'a [u8],
    ) -> Result<Self, BadPicture> {
        if width == 0 || height == 0 {
            return Err(BadPicture::Empty { width, height });
        }
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(BadPicture::TooLarge { width, height });
        }
        if stride < width {
            return Err(BadPicture::ShortStride { stride, width });
        }
        let needed = stride.saturating_mul(height - 1).saturating_add(width);
        if bytes.len() < needed {
            return Err(BadPicture::TooShort {
                needed,
                got: bytes.len(),
            });
        }
        Ok(Self {
            width,
            height,
            stride,
            bytes,
        })
    }

    /// The pixels of row `y`, counted from the top.
    ///
    /// # Panics
    /// When `y` is not below `height`.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        assert!(y < self.height, "row {y} of {}", self.height);
        &self.bytes[y * self.stride..][..self.width]
    }

    /// The part from `x`, `y`, of a size, cut at the picture's edge; the pixels are the same ones.
    pub(crate) fn part(self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let (x, y) = (x.min(self.width), y.min(self.height));
        let (width, height) = (width.min(self.width - x), height.min(self.height - y));
        let start = (y * self.stride + x).min(self.bytes.len());
        Self {
            width,
            height,
            stride: self.stride,
            bytes: &self.bytes[start..],
        }
    }

    /// True of a picture without pixels, which only an empty [`GrayImage`] gives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// All pixels without gaps: borrowed where the rows touch already.
    pub(crate) fn packed(&self) -> Cow<'a, [u8]> {
        if self.stride == self.width || self.height <= 1 {
            return Cow::Borrowed(&self.bytes[..self.width * self.height]);
        }
        Cow::Owned(
            (0..self.height)
                .flat_map(|y| self.row(y))
                .copied()
                .collect(),
        )
    }
}

impl<'a> From<&'a GrayImage> for Luma<'a> {
    fn from(picture: &'a GrayImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        Self {
            width,
            height,
            stride: width,
            bytes: picture.as_raw(),
        }
    }
}

/// An owned luma picture for a reader's intermediate steps; its pixels are zeroed when it goes.
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Plane {
    pub(crate) fn blank(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bytes: vec![0; width * height],
        }
    }

    /// A picture of which each pixel is given by its column and row.
    pub(crate) fn drawn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Self {
        let mut plane = Self::blank(width, height);
        for (y, row) in plane.bytes.chunks_exact_mut(width.max(1)).enumerate() {
            for (x, out) in row.iter_mut().enumerate() {
                *out = pixel(x, y);
            }
        }
        plane
    }

    pub(crate) fn copy_of(frame: Luma<'_>) -> Self {
        Self {
            width: frame.width,
            height: frame.height,
            bytes: frame.packed().into_owned(),
        }
    }

    pub(crate) fn luma(&self) -> Luma<'_> {
        Luma {
            width: self.width,
            height: self.height,
            stride: self.width,
            bytes: &self.bytes,
        }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The picture at half its size: each pixel the mean of two by two. None when a side would vanish.
pub(crate) fn halved(frame: Luma<'_>) -> Option<Plane> {
    let (width, height) = (frame.width / 2, frame.height / 2);
    if width == 0 || height == 0 {
        return None;
    }
    let mut half = Plane::blank(width, height);
    for (y, out) in half.bytes.chunks_exact_mut(width).enumerate() {
        let (upper, lower) = (frame.row(2 * y), frame.row(2 * y + 1));
        for ((pixel, a), b) in out
            .iter_mut()
            .zip(upper.chunks_exact(2))
            .zip(lower.chunks_exact(2))
        {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            *pixel = ((sum + 2) / 4) as u8;
        }
    }
    Some(half)
}

/// The picture at one and a half times its size, bilinear.
pub(crate) fn enlarged(frame: Luma<'_>) -> Plane {
    let (width, height) = (frame.width * 3 / 2, frame.height * 3 / 2);
    let mut large = Plane::blank(width, height);
    if frame.is_empty() {
        return large;
    }
    // Source positions in sixths of a pixel: 2/3 of a pixel a step, from 1/6 before the first centre.
    let taps = |at: usize, length: usize| {
        let sixths = (4 * at).saturating_sub(1);
        let first = (sixths / 6).min(length - 1);
        (first, (first + 1).min(length - 1), (sixths % 6) as u32)
    };
    let columns: Vec<_> = (0..width).map(|x| taps(x, frame.width)).collect();
    for (y, out) in large.bytes.chunks_exact_mut(width.max(1)).enumerate() {
        let (top, bottom, down) = taps(y, frame.height);
        let (upper, lower) = (frame.row(top), frame.row(bottom));
        for (pixel, &(left, right, along)) in out.iter_mut().zip(&columns) {
            let mix =
                |row: &[u8]| u32::from(row[left]) * (6 - along) + u32::from(row[right]) * along;
            *pixel = ((mix(upper) * (6 - down) + mix(lower) * down + 18) / 36) as u8;
        }
    }
    large
}

/// The picture at a whole multiple of its size, bilinear; pixel centres stay where they are in the whole.
pub(crate) fn multiplied(frame: Luma<'_>, factor: usize) -> Plane {
    let (width, height) = (frame.width * factor, frame.height * factor);
    let mut large = Plane::blank(width, height);
    if frame.is_empty() || factor == 0 {
        return large;
    }
    let taps = |at: usize, length: usize| {
        let from = ((at as f32 + 0.5) / factor as f32 - 0.5).clamp(0.0, (length - 1) as f32);
        let first = from as usize;
        (first, (first + 1).min(length - 1), from - first as f32)
    };
    let columns: Vec<_> = (0..width).map(|x| taps(x, frame.width)).collect();
    for (y, out) in large.bytes.chunks_exact_mut(width).enumerate() {
        let (top, bottom, down) = taps(y, frame.height);
        let (upper, lower) = (frame.row(top), frame.row(bottom));
        for (pixel, &(left, right, along)) in out.iter_mut().zip(&columns) {
            let mix = |row: &[u8]| {
                f32::from(row[left]) + (f32::from(row[right]) - f32::from(row[left])) * along
            };
            let over = mix(upper);
            *pixel = (over + (mix(lower) - over) * down + 0.5) as u8;
        }
    }
    large
}

/// The picture with a border of one brightness round it.
pub(crate) fn bordered(frame: Luma<'_>, border: usize, brightness: u8) -> Plane {
    let mut framed = Plane::blank(frame.width + 2 * border, frame.height + 2 * border);
    framed.bytes.fill(brightness);
    let width = framed.width;
    for (y, out) in framed
        .bytes
        .chunks_exact_mut(width.max(1))
        .skip(border)
        .take(frame.height)
        .enumerate()
    {
        out[border..][..frame.width].copy_from_slice(frame.row(y));
    }
    framed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_are_not_the_claimed_picture_are_refused() {
        let bytes = [0; 24];
        let table = [
            ((6, 4, 6), None),
            ((5, 4, 6), None),
            (
                (6, 4, 7),
                Some(BadPicture::TooShort {
                    needed: 27,
                    got: 24,
                }),
            ),
            (
                (0, 4, 6),
                Some(BadPicture::Empty {
                    width: 0,
                    height: 4,
                }),
            ),
            (
                (6, 0, 6),
                Some(BadPicture::Empty {
                    width: 6,
                    height: 0,
                }),
            ),
            (
                (6, 4, 5),
                Some(BadPicture::ShortStride {
                    stride: 5,
                    width: 6,
                }),
            ),
            (
                (20_000, 1, 20_000),
                Some(BadPicture::TooLarge {
                    width: 20_000,
                    height: 1,
                }),
            ),
            (
                (2, 3, usize::MAX),
                Some(BadPicture::TooShort {
                    needed: usize::MAX,
                    got: 24,
                }),
            ),
        ];
        for ((width, height, stride), expected) in table {
            assert_eq!(Luma::new(width, height, stride, &bytes).err(), expected);
        }
    }

    #[test]
    fn rows_leave_the_padding_out() {
        let bytes: Vec<u8> = (0..12).collect();
        let frame = Luma::new(3, 3, 4, &bytes).unwrap();
        assert_eq!(frame.row(1), [4, 5, 6]);
        assert_eq!(*frame.packed(), [0, 1, 2, 4, 5, 6, 8, 9, 10]);
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        let bytes = [77; 15 * 9];
        let frame = Luma::new(15, 9, 15, &bytes).unwrap();
        assert!(halved(frame).unwrap().bytes.iter().all(|&b| b == 77));
        let large = enlarged(frame);
        assert_eq!((large.width, large.height), (22, 13));
        assert!(large.bytes.iter().all(|&b| b == 77));
    }

    #[test]
    fn a_part_a_border_and_a_multiple_hold_the_same_picture() {
        let bytes: Vec<u8> = (0..48).collect();
        let frame = Luma::new(6, 7, 7, &bytes).unwrap();
        let part = frame.part(2, 3, 3, 9);
        assert_eq!((part.width, part.height), (3, 4));
        assert_eq!(part.row(3), [44, 45, 46]);
        assert!(frame.part(6, 7, 1, 1).is_empty());
        let framed = bordered(part, 2, 255);
        assert_eq!((framed.width, framed.height), (7, 8));
        assert_eq!(framed.luma().row(1), [255; 7]);
        assert_eq!(framed.luma().row(5), [255, 255, 44, 45, 46, 255, 255]);
        let large = multiplied(part, 3);
        assert_eq!((large.width, large.height), (9, 12));
        // The middle of each three by three is the pixel that it came from.
        for (y, row) in large.bytes.chunks_exact(9).skip(1).step_by(3).enumerate() {
            assert!(row.iter().skip(1).step_by(3).eq(part.row(y)));
        }
        assert!(multiplied(frame.part(0, 0, 0, 0), 2).bytes.is_empty());
    }

    proptest! {
        #[test]
        fn scaling_takes_any_size(width in 1usize..40, height in 1usize..40, pad in 0usize..5, fill: u8) {
            let bytes = vec![fill; (width + pad) * height];
            let frame = Luma::new(width, height, width + pad, &bytes).unwrap();
            prop_assert_eq!(halved(frame).is_some(), width > 1 && height > 1);
            prop_assert!(enlarged(frame).bytes.iter().all(|&b| b == fill));
        }
    }
}
