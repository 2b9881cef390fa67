//! The two decoders behind one shape: a luma picture in, codes in the frame's coordinates out.

use std::collections::HashSet;

use image::{GenericImage, GenericImageView, GrayImage};
use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::QRCodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, Point, RXingResult, Reader};
use zeroize::Zeroize;

use super::isolation::{self, Deadline, Isolation};
use super::{CodeReading, Stage};
use crate::luma::{Luma, Plane};

/// rxing's two QR readers on the picture and, where it shows none, on its negative. `to_frame` turns a coordinate of this
/// picture into one of the frame. Its own assertions count as nothing seen.
pub(super) fn rxing(
    picture: Luma<'_>,
    stage: Stage,
    to_frame: impl Fn(f32) -> f32,
) -> Vec<CodeReading> {
    let seen = isolation::quietly(|| seen_by_rxing(picture)).unwrap_or_default();
    let in_frame = |(x, y)| (pixel(to_frame(x)), pixel(to_frame(y)));
    seen.into_iter()
        .map(|(text, corners)| CodeReading {
            text,
            corners: corners.map(in_frame),
            stage,
        })
        .collect()
}

/// Clockwise from the top left.
type Corners = [(f32, f32); 4];

/// A code's text, and where it is.
type Seen = (String, Corners);

fn seen_by_rxing(picture: Luma<'_>) -> Vec<Seen> {
    let pixels = picture.packed();
    let (Ok(width), Ok(height)) = (u32::try_from(picture.width), u32::try_from(picture.height))
    else {
        return Vec::new();
    };
    let Ok(source) = Luma8Source::new_with_slice(&pixels, width, height) else {
        return Vec::new();
    };
    if picture.is_empty() {
        return Vec::new();
    }
    let hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        ..DecodeHints::default()
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    for _polarity in ["dark on light", "light on dark"] {
        let several = QrReader
            .decode_multiple_with_hints(&mut bitmap, &hints)
            .unwrap_or_default();
        let several: Vec<_> = several
            .iter()
            .filter_map(|code| with_corners(code, corners))
            .collect();
        if !several.is_empty() {
            return several;
        }
        if let Ok(one) = QRCodeReader::new().decode_with_hints(&mut bitmap, &hints) {
            return with_corners(&one, finder_centres).into_iter().collect();
        }
        bitmap.invert();
    }
    Vec::new()
}

fn with_corners(code: &RXingResult, order: fn(&[Point]) -> Option<Corners>) -> Option<Seen> {
    Some((code.getText().to_owned(), order(code.getPoints())?))
}

/// The newer reader gives the corners row by row: top left, top right, bottom left, bottom right.
fn corners(points: &[Point]) -> Option<Corners> {
    let [top_left, top_right, bottom_left, bottom_right] =
        points.first_chunk()?.map(|p: Point| (p.x, p.y));
    Some([top_left, top_right, bottom_right, bottom_left])
}

/// The older one gives finder centres: bottom left, top left, top right. The fourth closes the parallelogram.
fn finder_centres(points: &[Point]) -> Option<Corners> {
    let [bottom_left, top_left, top_right] = points.first_chunk()?.map(|p: Point| (p.x, p.y));
    let bottom_right = (
        top_right.0 + bottom_left.0 - top_left.0,
        top_right.1 + bottom_left.1 - top_left.1,
    );
    Some([top_left, top_right, bottom_right, bottom_left])
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates, and a lost corner is no harm"
)]
fn pixel(at: f32) -> i32 {
    at.round() as i32
}

/// rqrr on a copy of the frame, on its own thread.
pub(super) fn rqrr(
    isolation: &mut Isolation,
    frame: Luma<'_>,
    deadline: Deadline,
) -> Vec<CodeReading> {
    if isolation.is_busy() {
        return Vec::new();
    }
    let copy = Plane::copy_of(frame);
    isolation
        .run(deadline, move || seen_by_rqrr(copy))
        .unwrap_or_default()
}

fn seen_by_rqrr(mut picture: Plane) -> Vec<CodeReading> {
    let (Ok(width), Ok(height)) = (u32::try_from(picture.width), u32::try_from(picture.height))
    else {
        return Vec::new();
    };
    let Some(pixels) = GrayImage::from_raw(width, height, std::mem::take(&mut picture.bytes))
    else {
        return Vec::new();
    };
    let mut prepared = rqrr::PreparedImage::prepare(Wiped(pixels));
    let grids = prepared.detect_grids();
    grids
        .iter()
        .filter_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            Some(CodeReading {
                text,
                corners: grid.bounds.map(|p| (p.x, p.y)),
                stage: Stage::Second,
            })
        })
        .collect()
}

/// A picture for rqrr, which keeps and clones it as it likes; every copy is zeroed when it goes.
#[derive(Clone)]
struct Wiped(GrayImage);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.as_flat_samples_mut().samples.zeroize();
    }
}

impl GenericImageView for Wiped {
    type Pixel = image::Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Self::Pixel {
        *self.0.get_pixel(x, y)
    }
}

impl GenericImage for Wiped {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Self::Pixel {
        self.0.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Self::Pixel) {
        self.0.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Self::Pixel) {
        self.0.put_pixel(x, y, pixel);
    }
}
