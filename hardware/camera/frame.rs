//! One picture in memory.

use std::fmt;
use std::time::Instant;

use image::RgbImage;
use zeroize::{Zeroize as _, Zeroizing};

use crate::jpeg;

/// One frame. It shows people and their documents: it prints as its size only, and its memory is zeroed when it goes.
///
/// Luma, which every reader of codes and zones wants, stands ready. Colours stay packed as the camera gave them until
/// somebody asks.
pub struct Frame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// When it was taken.
    pub taken: Instant,
    luma: Vec<u8>,
    colour: Colour,
}

/// What a frame knows of its colours.
#[derive(Clone)]
enum Colour {
    /// Nothing: the camera sees grey.
    None,
    /// Red, green, blue: three bytes a pixel.
    Rgb(Vec<u8>),
    /// U V for two pixels of a row (4:2:2), BT.601 in the narrow range (Y 16-235), as webcams give it.
    PerPair(Vec<u8>),
    /// U V for two by two pixels (4:2:0), likewise.
    PerSquare(Vec<u8>),
    /// The JPEG that the luma was taken from.
    Jpeg(Vec<u8>),
}

impl Colour {
    fn name(&self) -> &'static str {
        match self {
            Self::None => "grey",
            Self::Rgb(_) => "RGB",
            Self::PerPair(_) => "YUYV",
            Self::PerSquare(_) => "NV12",
            Self::Jpeg(_) => "JPEG",
        }
    }
}

impl Frame {
    /// A frame of red, green and blue, taken now.
    #[must_use]
    pub fn from_rgb(picture: RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        Self::of_rgb(width, height, picture.into_raw(), Instant::now())
    }

    /// A frame of Y U Y V, four bytes for two pixels; none when these are not the bytes of such a frame. The bytes are
    /// copied, once.
    #[must_use]
    pub fn from_yuyv(width: u32, height: u32, bytes: &[u8], taken: Instant) -> Option<Self> {
        let pixels = area(width, height);
        if !width.is_multiple_of(2) || bytes.len() != pixels * 2 {
            return None;
        }
        let (mut luma, mut chroma) = (vec![0; pixels], vec![0; pixels]);
        let pairs = luma.chunks_exact_mut(2).zip(chroma.chunks_exact_mut(2));
        for (four, (y, uv)) in bytes.chunks_exact(4).zip(pairs) {
            (y[0], y[1]) = (four[0], four[2]);
            (uv[0], uv[1]) = (four[1], four[3]);
        }
        Some(Self::of(
            width,
            height,
            taken,
            luma,
            Colour::PerPair(chroma),
        ))
    }

    /// A frame of NV12: the Y plane, then U V for each two by two pixels; none when these are not the bytes of such a
    /// frame. The bytes are copied, once.
    #[must_use]
    pub fn from_nv12(width: u32, height: u32, bytes: &[u8], taken: Instant) -> Option<Self> {
        let pixels = area(width, height);
        let even = width.is_multiple_of(2) && height.is_multiple_of(2);
        if !even || bytes.len() != pixels / 2 * 3 {
            return None;
        }
        let (luma, chroma) = bytes.split_at(pixels);
        let colour = Colour::PerSquare(chroma.to_vec());
        Some(Self::of(width, height, taken, luma.to_vec(), colour))
    }

    /// A frame without colours; none when there is not one byte for each pixel.
    #[must_use]
    pub fn from_luma(width: u32, height: u32, luma: Vec<u8>, taken: Instant) -> Option<Self> {
        let right = luma.len() == area(width, height);
        right.then(|| Self::of(width, height, taken, luma, Colour::None))
    }

    pub(crate) fn of_rgb(width: u32, height: u32, bytes: Vec<u8>, taken: Instant) -> Self {
        // ITU-R BT.601 weights in 1/65536.
        let weighed = |p: &[u8]| {
            let sum = 19_595 * u32::from(p[0]) + 38_470 * u32::from(p[1]) + 7_471 * u32::from(p[2]);
            u8::try_from((sum + 0x8000) >> 16).unwrap_or(u8::MAX)
        };
        let luma = bytes.chunks_exact(3).map(weighed).collect();
        Self::of(width, height, taken, luma, Colour::Rgb(bytes))
    }

    /// Luma that was decoded from a JPEG, and that JPEG, from which the colours are decoded when somebody asks.
    pub(crate) fn of_jpeg(size: (u32, u32), luma: Vec<u8>, jpeg: &[u8], taken: Instant) -> Self {
        Self::of(size.0, size.1, taken, luma, Colour::Jpeg(jpeg.to_vec()))
    }

    fn of(width: u32, height: u32, taken: Instant, luma: Vec<u8>, colour: Colour) -> Self {
        Self {
            width,
            height,
            taken,
            luma,
            colour,
        }
    }

    /// The same picture, taken now.
    pub(crate) fn again(&self) -> Self {
        let (luma, colour) = (self.luma.clone(), self.colour.clone());
        Self::of(self.width, self.height, Instant::now(), luma, colour)
    }

    /// Eight-bit luma, one byte a pixel, row by row from the top left, without padding: of YUYV, NV12 and JPEG their
    /// Y plane as the camera gave it.
    #[must_use]
    pub fn luma_plane(&self) -> &[u8] {
        &self.luma
    }

    /// A copy of [`Frame::luma_plane`], which is the caller's to forget.
    #[must_use]
    pub fn luma(&self) -> Vec<u8> {
        self.luma.clone()
    }

    /// The frame in colour, made anew at each call. The copy is the caller's to forget.
    #[must_use]
    pub fn rgb(&self) -> RgbImage {
        self.reduced(1)
    }

    /// The frame in colour at one `by`th of its size, each pixel the mean of a square; `by` is at least one. Nothing of
    /// full size is made on the way, but from a JPEG. The copy is the caller's to forget.
    #[must_use]
    pub fn reduced(&self, by: u32) -> RgbImage {
        let by = by.clamp(1, self.width.min(self.height).max(1));
        let decoded;
        let rgb = match &self.colour {
            Colour::Rgb(bytes) => Some(bytes),
            Colour::Jpeg(bytes) => {
                // The luma was decoded from these same bytes, so that they fail only if memory does.
                decoded = jpeg::rgb(bytes, (self.width, self.height)).map(Zeroizing::new);
                decoded.as_deref()
            }
            Colour::None | Colour::PerPair(_) | Colour::PerSquare(_) => None,
        };
        let bytes = match rgb {
            Some(rgb) if by == 1 => rgb.clone(),
            Some(rgb) => self.mean_rgb(rgb, by),
            None if by == 1 => self.every_yuv(),
            None => self.mean_yuv(by),
        };
        let (width, height) = (self.width / by, self.height / by);
        RgbImage::from_raw(width, height, bytes).unwrap_or_else(|| RgbImage::new(width, height))
    }

    fn mean_rgb(&self, rgb: &[u8], by: u32) -> Vec<u8> {
        let (width, side) = (self.width as usize, by as usize);
        self.squares(by, |left, top| {
            let mut sums = [0_u32; 3];
            for row in top..top + side {
                let from = (row * width + left) * 3;
                for pixel in rgb[from..from + side * 3].chunks_exact(3) {
                    for (sum, &value) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(value);
                    }
                }
            }
            sums.map(|sum| u8::try_from(sum / (by * by)).unwrap_or(u8::MAX))
        })
    }

    fn every_yuv(&self) -> Vec<u8> {
        let width = self.width as usize;
        let mut bytes = Vec::with_capacity(self.luma.len() * 3);
        for (y, row) in self.luma.chunks_exact(width.max(1)).enumerate() {
            let chroma = match &self.colour {
                Colour::PerPair(chroma) => &chroma[y * width..][..width],
                Colour::PerSquare(chroma) => &chroma[y / 2 * width..][..width],
                Colour::None | Colour::Rgb(_) | Colour::Jpeg(_) => {
                    bytes.extend(row.iter().flat_map(|&y| [y; 3]));
                    continue;
                }
            };
            for (pair, uv) in row.chunks_exact(2).zip(chroma.chunks_exact(2)) {
                let uv = [uv[0], uv[1]].map(|value| i32::from(value) - 128);
                for &y in pair {
                    bytes.extend(colour(i32::from(y), uv));
                }
            }
        }
        bytes
    }

    fn mean_yuv(&self, by: u32) -> Vec<u8> {
        let (width, side) = (self.width as usize, by as usize);
        self.squares(by, |left, top| {
            let rows = || top..top + side;
            let light: u32 = rows()
                .flat_map(|row| &self.luma[row * width + left..][..side])
                .map(|&y| u32::from(y))
                .sum();
            // One pair of U and V in the middle of the square speaks for it: colours are coarse to begin with.
            let (x, y) = (left + side / 2, top + side / 2);
            let at = |chroma: &[u8], at: usize| {
                [chroma[at], chroma[at + 1]].map(|value| i32::from(value) - 128)
            };
            let light = (light / (by * by)).cast_signed();
            match &self.colour {
                Colour::PerPair(chroma) => colour(light, at(chroma, (y * width + x) & !1)),
                Colour::PerSquare(chroma) => colour(light, at(chroma, y / 2 * width + (x & !1))),
                Colour::None | Colour::Rgb(_) | Colour::Jpeg(_) => {
                    [u8::try_from(light).unwrap_or(u8::MAX); 3]
                }
            }
        })
    }

    /// One colour for each whole square of this side, given its left and upper edge.
    fn squares(&self, side: u32, colour: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
        let (across, down, side) = (self.width / side, self.height / side, side as usize);
        let mut bytes = Vec::with_capacity(area(across, down) * 3);
        for top in 0..down as usize {
            for left in 0..across as usize {
                bytes.extend(colour(left * side, top * side));
            }
        }
        bytes
    }
}

fn area(width: u32, height: u32) -> usize {
    width as usize * height as usize
}

/// BT.601 narrow range to full-range RGB, in 1/256 as in ITU-R BT.601's usual integer form; U and V count from 0.
fn colour(y: i32, [u, v]: [i32; 2]) -> [u8; 3] {
    let light = 298 * (y - 16) + 128;
    [409 * v, -100 * u - 208 * v, 516 * u]
        .map(|tint| u8::try_from(((light + tint) >> 8).clamp(0, 255)).unwrap_or(0))
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.luma.zeroize();
        match &mut self.colour {
            Colour::None => {}
            Colour::Rgb(bytes)
            | Colour::PerPair(bytes)
            | Colour::PerSquare(bytes)
            | Colour::Jpeg(bytes) => bytes.zeroize(),
        }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = (self.width, self.height);
        write!(f, "Frame({width}x{height}, {})", self.colour.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn yuyv(bytes: &[u8]) -> Frame {
        let width = u32::try_from(bytes.len() / 2).unwrap();
        Frame::from_yuyv(width, 1, bytes, Instant::now()).unwrap()
    }

    /// Y, U, V of the corners of the narrow range, of pure red (ITU-R BT.601), and of what no camera should send.
    const KNOWN: [([u8; 3], [u8; 3]); 4] = [
        ([16, 128, 128], [0, 0, 0]),
        ([235, 128, 128], [255, 255, 255]),
        ([82, 90, 240], [255, 1, 0]),
        ([0, 0, 0], [0, 135, 0]),
    ];

    #[track_caller]
    fn near(got: image::Rgb<u8>, want: [u8; 3]) {
        let close = got.0.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(close, "{got:?} for {want:?}");
    }

    #[test]
    fn yuyv_and_nv12_in_known_colours() {
        for ([y, u, v], colour) in KNOWN {
            let rgb = yuyv(&[y, u, y, v]).rgb();
            assert_eq!(rgb.dimensions(), (2, 1));
            near(*rgb.get_pixel(1, 0), colour);
            let nv12 = Frame::from_nv12(2, 2, &[y, y, y, y, u, v], Instant::now()).unwrap();
            near(*nv12.rgb().get_pixel(1, 1), colour);
        }
    }

    #[test]
    fn every_pixel_gets_the_colour_of_its_own_place() {
        // Left half red, right half white; in NV12 the lower half black as well.
        let (red, white) = ([82, 90, 82, 240], [235, 128, 235, 128]);
        let rgb = Frame::from_yuyv(4, 2, &[red, white, white, red].concat(), Instant::now())
            .unwrap()
            .rgb();
        for (x, y, want) in [
            (1, 0, [255, 1, 0]),
            (2, 0, [255; 3]),
            (0, 1, [255; 3]),
            (3, 1, [255, 1, 0]),
        ] {
            near(*rgb.get_pixel(x, y), want);
        }
        let planes: [&[u8]; 4] = [
            &[82, 82, 235, 235, 82, 82, 235, 235],
            &[16; 8],
            &[90, 240, 128, 128],
            &[128; 4],
        ];
        let rgb = Frame::from_nv12(4, 4, &planes.concat(), Instant::now())
            .unwrap()
            .rgb();
        for (x, y, want) in [
            (0, 1, [255, 1, 0]),
            (3, 0, [255; 3]),
            (0, 2, [0; 3]),
            (3, 3, [0; 3]),
        ] {
            near(*rgb.get_pixel(x, y), want);
        }
    }

    #[test]
    fn luma_is_the_y_plane_or_the_weighted_sum() {
        let frame = yuyv(&[10, 1, 20, 2, 30, 3, 40, 4]);
        assert_eq!(frame.luma_plane(), [10, 20, 30, 40]);
        assert_eq!(frame.luma(), frame.luma_plane());
        let nv12 = Frame::from_nv12(2, 2, &[5, 6, 7, 8, 1, 2], Instant::now()).unwrap();
        assert_eq!(nv12.luma_plane(), [5, 6, 7, 8]);
        for (colour, luma) in [
            ([77; 3], 77),
            ([255; 3], 255),
            ([255, 0, 0], 76),
            ([0, 0, 255], 29),
        ] {
            let frame = Frame::from_rgb(RgbImage::from_pixel(3, 2, image::Rgb(colour)));
            assert_eq!(frame.luma_plane(), [luma; 6]);
        }
    }

    #[test]
    fn a_grey_frame_is_grey() {
        let frame = Frame::from_luma(2, 1, vec![9, 200], Instant::now()).unwrap();
        assert_eq!(frame.rgb().into_raw(), [9, 9, 9, 200, 200, 200]);
    }

    #[test]
    fn bytes_of_another_size_are_no_frame() {
        let now = Instant::now();
        assert!(Frame::from_yuyv(2, 2, &[0; 7], now).is_none());
        assert!(
            Frame::from_yuyv(3, 1, &[0; 6], now).is_none(),
            "half a pair"
        );
        assert!(Frame::from_nv12(2, 2, &[0; 7], now).is_none());
        assert!(
            Frame::from_nv12(3, 2, &[0; 9], now).is_none(),
            "half a square"
        );
        assert!(Frame::from_luma(2, 2, vec![0; 5], now).is_none());
    }

    #[test]
    fn reduced_is_the_mean_of_squares_in_every_packing() {
        let picture = RgbImage::from_fn(7, 4, |x, y| {
            let shade = if x < 2 && y < 2 {
                10 * (x + 2 * y)
            } else {
                200
            };
            image::Rgb([u8::try_from(shade).unwrap(); 3])
        });
        let luma: Vec<u8> = picture.pixels().map(|p| p.0[0]).collect();
        let even: Vec<u8> = luma.chunks(7).flat_map(|row| row[..6].to_vec()).collect();
        let narrow: Vec<u8> = even.iter().flat_map(|&y| [y, 128]).collect();
        let now = Instant::now();
        for (frame, size, first) in [
            (Frame::from_rgb(picture), (3, 2), 15),
            (Frame::from_luma(7, 4, luma, now).unwrap(), (3, 2), 15),
            (Frame::from_yuyv(6, 4, &narrow, now).unwrap(), (3, 2), 0),
        ] {
            let small = frame.reduced(2);
            assert_eq!(small.dimensions(), size, "{frame:?}");
            assert_eq!(small.get_pixel(0, 0).0, [first; 3], "{frame:?}");
            assert!(small.get_pixel(2, 1).0[0] >= 199, "{frame:?}");
            assert_eq!(frame.reduced(0).dimensions(), (frame.width, frame.height));
            assert_eq!(frame.reduced(99).dimensions().1, 1);
        }
    }

    #[test]
    fn a_frame_prints_nothing_that_it_shows() {
        let frame = Frame::from_rgb(RgbImage::from_pixel(2, 2, image::Rgb([201, 202, 203])));
        assert_eq!(format!("{frame:?}"), "Frame(2x2, RGB)");
    }
}
