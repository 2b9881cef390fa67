//! One picture in memory.

use std::borrow::Cow;
use std::fmt;
use std::time::Instant;

use image::RgbImage;
use zeroize::Zeroize as _;

/// The pixels of a frame, row by row from the top left.
#[derive(Clone, PartialEq, Eq)]
pub enum Pixels {
    /// Red, green, blue: three bytes a pixel.
    Rgb8(Vec<u8>),
    /// Y U Y V: four bytes for two pixels, BT.601 in the narrow range (Y 16-235), as webcams give it.
    Yuyv(Vec<u8>),
}

/// One frame. It shows people and their documents: it prints as its size only, and its memory is zeroed when it goes.
pub struct Frame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// What was seen.
    pub pixels: Pixels,
    /// When it was taken.
    pub taken: Instant,
}

impl Frame {
    /// A frame of red, green and blue, taken now.
    #[must_use]
    pub fn from_rgb(picture: RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        Self {
            width,
            height,
            pixels: Pixels::Rgb8(picture.into_raw()),
            taken: Instant::now(),
        }
    }

    /// Eight-bit luma, one byte a pixel, without padding.
    ///
    /// From YUYV it is the Y plane as the camera gave it: sixty times faster than by way of colours.
    #[must_use]
    pub fn luma(&self) -> Vec<u8> {
        match &self.pixels {
            Pixels::Yuyv(bytes) => bytes.iter().step_by(2).copied().collect(),
            // ITU-R BT.601 weights in 1/65536.
            Pixels::Rgb8(bytes) => bytes
                .chunks_exact(3)
                .map(|p| {
                    let sum = 19_595 * u32::from(p[0])
                        + 38_470 * u32::from(p[1])
                        + 7_471 * u32::from(p[2]);
                    u8::try_from((sum + 0x8000) >> 16).unwrap_or(u8::MAX)
                })
                .collect(),
        }
    }

    /// The frame in colour; borrowed bytes are copied, since an [`RgbImage`] owns its own.
    ///
    /// The copy is the caller's to forget.
    #[must_use]
    pub fn rgb(&self) -> RgbImage {
        let bytes: Cow<'_, [u8]> = match &self.pixels {
            Pixels::Rgb8(bytes) => Cow::Borrowed(bytes),
            Pixels::Yuyv(bytes) => Cow::Owned(colours(bytes)),
        };
        RgbImage::from_raw(self.width, self.height, bytes.into_owned())
            .unwrap_or_else(|| RgbImage::new(self.width, self.height))
    }
}

/// BT.601 narrow range to full-range RGB, in 1/256 as in ITU-R BT.601's usual integer form.
fn colours(yuyv: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(yuyv.len() / 2 * 3);
    for four in yuyv.chunks_exact(4) {
        let (u, v) = (i32::from(four[1]) - 128, i32::from(four[3]) - 128);
        for y in [four[0], four[2]] {
            let light = 298 * (i32::from(y) - 16) + 128;
            let channel = |value: i32| u8::try_from((value >> 8).clamp(0, 255)).unwrap_or(0);
            rgb.extend([
                channel(light + 409 * v),
                channel(light - 100 * u - 208 * v),
                channel(light + 516 * u),
            ]);
        }
    }
    rgb
}

impl Drop for Frame {
    fn drop(&mut self) {
        match &mut self.pixels {
            Pixels::Rgb8(bytes) | Pixels::Yuyv(bytes) => bytes.zeroize(),
        }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Frame({}x{}, {:?})",
            self.width, self.height, self.pixels
        )
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rgb8(_) => "RGB",
            Self::Yuyv(_) => "YUYV",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn yuyv(bytes: &[u8]) -> Frame {
        let width = u32::try_from(bytes.len() / 2).unwrap();
        Frame {
            width,
            height: 1,
            pixels: Pixels::Yuyv(bytes.to_vec()),
            taken: Instant::now(),
        }
    }

    #[test]
    fn yuyv_in_known_colours() {
        // Y, U, V of the corners of the narrow range and of pure red (ITU-R BT.601).
        for (bytes, colour) in [
            ([16, 128, 16, 128], [0, 0, 0]),
            ([235, 128, 235, 128], [255, 255, 255]),
            ([82, 90, 82, 240], [255, 1, 0]),
            ([0, 0, 0, 0], [0, 135, 0]),
        ] {
            let rgb = yuyv(&bytes).rgb();
            assert_eq!(rgb.dimensions(), (2, 1));
            for (got, want) in rgb.get_pixel(1, 0).0.iter().zip(colour) {
                assert!(
                    got.abs_diff(want) <= 1,
                    "{bytes:?}: {:?}",
                    rgb.get_pixel(1, 0)
                );
            }
        }
    }

    #[test]
    fn luma_of_yuyv_is_its_y_and_of_rgb_its_weighted_sum() {
        assert_eq!(yuyv(&[10, 1, 20, 2, 30, 3, 40, 4]).luma(), [10, 20, 30, 40]);
        let grey = Frame::from_rgb(RgbImage::from_pixel(3, 2, image::Rgb([77, 77, 77])));
        assert_eq!(grey.luma(), [77; 6]);
        let white = Frame::from_rgb(RgbImage::from_pixel(1, 1, image::Rgb([255, 255, 255])));
        assert_eq!(white.luma(), [255]);
    }

    #[test]
    fn a_frame_prints_nothing_that_it_shows() {
        let frame = Frame::from_rgb(RgbImage::from_pixel(2, 2, image::Rgb([201, 202, 203])));
        assert_eq!(format!("{frame:?}"), "Frame(2x2, RGB)");
    }
}
