//! The foreign decoders behind one shape: a luma picture in, codes in its coordinates out.

use std::collections::HashSet;

use image::{GenericImage, GenericImageView, GrayImage};
use rxing::common::cpp_essentials::ConcentricPattern;
use rxing::common::{BitMatrix, DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::QRCodeReader;
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{GenerateFinderPatternSets, SampleQR};
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, Point, Reader};
use zeroize::Zeroize;

use super::isolation;
use super::threshold::{self, BlackAndWhite};
use crate::luma::{Luma, Plane};

/// Clockwise from the top left.
pub(super) type Corners = [(f32, f32); 4];

/// A code's text, and where it is.
pub(super) type Seen = (String, Corners);

/// Finder patterns that are combined into symbols: texture can show hundreds, whose threes would be tens of thousands.
const MOST_PATTERNS: usize = 48;
/// Threes of finder patterns that are sampled, a fraction of a millisecond each.
const MOST_THREES: usize = 40;

/// Finder patterns and places that might be some in a picture that is shown to rqrr: its time grows with their number's square.
const MOST_FOR_RQRR: (usize, usize) = (12, 300);

/// rxing's newer reader on the picture and, where it shows none, on its negative. Its own assertions count as nothing seen.
pub(super) fn quick(picture: Luma<'_>) -> Vec<Seen> {
    isolation::quietly(|| newer_of_both(&BlackAndWhite::of(picture)?))
        .flatten()
        .unwrap_or_default()
}

/// Its older reader, too, where the newer sees nothing. Nothing bounds its work.
pub(super) fn thorough(picture: Luma<'_>) -> Vec<Seen> {
    let seen = quick(picture);
    if !seen.is_empty() {
        return seen;
    }
    isolation::quietly(|| older_of_both(picture))
        .flatten()
        .unwrap_or_default()
}

/// rxing on the picture sharpened.
pub(super) fn sharpened(picture: Luma<'_>) -> Vec<Seen> {
    isolation::quietly(|| newer_of_both(&BlackAndWhite::sharpened(picture)))
        .flatten()
        .unwrap_or_default()
}

/// rxing's newer reader, dark on light and then light on dark.
fn newer_of_both(black: &BlackAndWhite) -> Option<Vec<Seen>> {
    let mut matrix = black.matrix()?;
    let places = black.places();
    for places in &places {
        let seen = newer(&matrix, threshold::patterns(&matrix, places));
        if !seen.is_empty() {
            return Some(seen);
        }
        matrix.flip_self();
    }
    None
}

/// rxing's older reader, dark on light and then light on dark.
fn older_of_both(picture: Luma<'_>) -> Option<Vec<Seen>> {
    let pixels = picture.packed();
    let (width, height) = (
        u32::try_from(picture.width).ok()?,
        u32::try_from(picture.height).ok()?,
    );
    let source = Luma8Source::new_with_slice(&pixels, width, height).ok()?;
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    for _polarity in ["dark on light", "light on dark"] {
        if let Some(one) = older(&mut bitmap) {
            return Some(vec![one]);
        }
        bitmap.invert();
    }
    None
}

/// What rxing's newer reader does with finder patterns, with bounds on what it combines.
fn newer(black: &BitMatrix, mut patterns: Vec<ConcentricPattern>) -> Vec<Seen> {
    if patterns.len() > MOST_PATTERNS {
        patterns.sort_by_key(|p| std::cmp::Reverse(p.size));
        patterns.truncate(MOST_PATTERNS);
    }
    let mut used: Vec<ConcentricPattern> = Vec::new();
    let mut seen = Vec::new();
    for three in GenerateFinderPatternSets(&mut patterns)
        .into_iter()
        .take(MOST_THREES)
    {
        let corners_of = [three.bl, three.tl, three.tr];
        if corners_of.iter().any(|p| used.contains(p)) {
            continue;
        }
        let Ok(symbol) = SampleQR(black, &three) else {
            continue;
        };
        let Ok(code) = Decode(symbol.getBits()) else {
            continue;
        };
        if !code.isValid() {
            continue;
        }
        used.extend(corners_of);
        if let Some(corners) = corners(symbol.getPoints()) {
            seen.push((code.text(), corners));
        }
    }
    seen
}

fn older(bitmap: &mut BinaryBitmap<HybridBinarizer<Luma8Source<'_>>>) -> Option<Seen> {
    let hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        ..DecodeHints::default()
    };
    let one = QRCodeReader::new().decode_with_hints(bitmap, &hints).ok()?;
    Some((one.getText().to_owned(), finder_centres(one.getPoints())?))
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

/// [`rqrr`] where there is not so much that looks like finder patterns that it would take too long.
pub(super) fn rqrr_unless_textured(picture: Luma<'_>) -> Vec<Seen> {
    let Some(black) = BlackAndWhite::of(picture) else {
        return rqrr(picture);
    };
    let [dark, light] = black.places();
    let (patterns, places) = MOST_FOR_RQRR;
    if dark.len() + light.len() > places {
        return Vec::new();
    }
    let found = isolation::quietly(|| Some(threshold::patterns(&black.matrix()?, &dark).len()));
    if found.flatten().is_none_or(|found| found > patterns) {
        return Vec::new();
    }
    rqrr(picture)
}

/// rqrr, which works on a copy that it keeps and clones as it likes.
pub(super) fn rqrr(picture: Luma<'_>) -> Vec<Seen> {
    let mut copy = Plane::copy_of(picture);
    let (Ok(width), Ok(height)) = (u32::try_from(copy.width), u32::try_from(copy.height)) else {
        return Vec::new();
    };
    let Some(pixels) = GrayImage::from_raw(width, height, std::mem::take(&mut copy.bytes)) else {
        return Vec::new();
    };
    let mut prepared = rqrr::PreparedImage::prepare(Wiped(pixels));
    let grids = prepared.detect_grids();
    grids
        .iter()
        .filter_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            Some((text, grid.bounds.map(|p| (p.x as f32, p.y as f32))))
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
