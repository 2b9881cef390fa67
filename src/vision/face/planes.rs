//! Pictures as the nets take them.

use image::RgbImage;
use zeroize::Zeroizing;

/// YuNet halves the picture five times.
const MULTIPLE_OF: usize = 32;

/// The net's input: blue, green and red planes of values 0 to 255, padded with black at the right and below to a size that
/// the net can halve (as OpenCV does).
pub(super) struct Planes {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Zeroizing<Vec<f32>>,
}

/// A part of a picture, inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Window {
    /// The part of a square about a place that lies inside the picture; none where that is less than 16 pixels.
    pub(super) fn about(picture: &RgbImage, centre: (f32, f32), side: f32) -> Option<Self> {
        let span = |middle: f32, length: u32| {
            let low = (middle - side / 2.0).round().clamp(0.0, length as f32) as usize;
            let high = (middle + side / 2.0).round().clamp(0.0, length as f32) as usize;
            (high >= low + 16).then_some((low, high - low))
        };
        let (left, width) = span(centre.0, picture.width())?;
        let (top, height) = span(centre.1, picture.height())?;
        Some(Self {
            left,
            top,
            width,
            height,
        })
    }
}

impl Planes {
    /// The same picture in a mirror. What was padding at the right is padding at the left then.
    pub(super) fn mirrored(mut self) -> Self {
        for row in self.values.chunks_exact_mut(self.width) {
            row.reverse();
        }
        self
    }

    /// What the net is shown, as luma, for somebody who looks on.
    pub(super) fn luma(&self) -> Zeroizing<Vec<u8>> {
        let area = self.width * self.height;
        let (blue, rest) = self.values.split_at(area);
        let (green, red) = rest.split_at(area);
        let luma = blue.iter().zip(green).zip(red).map(|((b, g), r)| {
            (0.114 * b + 0.587 * g + 0.299 * r)
                .round()
                .clamp(0.0, 255.0) as u8
        });
        Zeroizing::new(luma.collect())
    }

    /// A square crop, whose side the net can halve, as it is.
    pub(super) fn square(crop: &[[f32; 3]], side: usize) -> Self {
        let mut values = Zeroizing::new(vec![0f32; 3 * crop.len()]);
        for (at, &[red, green, blue]) in crop.iter().enumerate() {
            for (plane, value) in [blue, green, red].into_iter().enumerate() {
                values[plane * crop.len() + at] = value;
            }
        }
        Self {
            width: side,
            height: side,
            values,
        }
    }

    /// The picture made `scale` times smaller; each value is the mean of the pixels it covers.
    pub(super) fn of(picture: &RgbImage, scale: f64) -> Self {
        let window = Window {
            left: 0,
            top: 0,
            width: picture.width() as usize,
            height: picture.height() as usize,
        };
        Self::of_window(picture, window, scale)
    }

    /// [`Planes::of`] a part of the picture.
    pub(super) fn of_window(picture: &RgbImage, window: Window, scale: f64) -> Self {
        let (from_width, from_height) = (window.width, window.height);
        let fit =
            |length: usize| ((length as f64 / scale).round() as usize).clamp(1, length.max(1));
        let (to_width, to_height) = (fit(from_width), fit(from_height));
        let (width, height) = (
            to_width.next_multiple_of(MULTIPLE_OF),
            to_height.next_multiple_of(MULTIPLE_OF),
        );
        let mut values = Zeroizing::new(vec![0f32; 3 * width * height]);
        let area = width * height;
        let mut row = Zeroizing::new(vec![0u32; 3 * from_width]);
        for y in 0..to_height {
            let (top, bottom) = (
                y * from_height / to_height,
                (y + 1) * from_height / to_height,
            );
            row.fill(0);
            let lines = picture.as_raw().chunks_exact(3 * picture.width() as usize);
            for line in lines.skip(window.top + top).take(bottom - top) {
                let line = &line[3 * window.left..][..3 * from_width];
                for (sum, &value) in row.iter_mut().zip(line) {
                    *sum += u32::from(value);
                }
            }
            for x in 0..to_width {
                let (left, right) = (x * from_width / to_width, (x + 1) * from_width / to_width);
                let (mut red, mut green, mut blue) = (0, 0, 0);
                for pixel in row[3 * left..3 * right].chunks_exact(3) {
                    (red, green, blue) = (red + pixel[0], green + pixel[1], blue + pixel[2]);
                }
                let part = 1.0 / ((right - left) * (bottom - top)) as f32;
                for (plane, sum) in [blue, green, red].into_iter().enumerate() {
                    values[plane * area + y * width + x] = sum as f32 * part;
                }
            }
        }
        Self {
            width,
            height,
            values,
        }
    }
}
