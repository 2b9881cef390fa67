//! A face cut out as document portraits are: upright, level eyes, head and shoulders.
//!
//! ISO/IEC 39794-5:2019, annex D.1 (reference face images for machine readable travel documents; the same figures in ICAO's
//! *Portrait Quality*, 2018) asks, of an image of width A and height B: the face's middle at 45 to 55 % of A; the eyes' line
//! at 30 to 50 % of B from the top; a head 50 to 75 % of A wide and 60 to 90 % of B long; A to B from 74 to 80 %; at
//! least 90 pixels between the eyes. The token image of ISO/IEC 19794-5 lies inside all of them: eyes a quarter of A apart,
//! 45 % of B down, 3 : 4.

use std::fmt;
use std::ops::Deref;

use image::RgbImage;

use super::FaceReading;
use super::align::Similarity;
use super::best::wipe;

/// Width of a portrait, in pixels: a quarter of it, the distance of the eyes, is the least that the standard takes.
pub const PORTRAIT_WIDTH: u32 = 360;
/// Height of a portrait, in pixels.
pub const PORTRAIT_HEIGHT: u32 = 480;

/// Eyes, nose and mouth corners of a mean face, the eyes' middle at the origin and their distance 1 (OFIQ's aligned face).
const MEAN_FACE: [(f32, f32); 5] = [
    (-0.5, 0.0),
    (0.5, 0.0),
    (0.0, 0.566),
    (-0.412, 1.150),
    (0.412, 1.150),
];

/// A portrait of [`PORTRAIT_WIDTH`] by [`PORTRAIT_HEIGHT`] pixels; wiped on drop.
pub struct Portrait(RgbImage);

impl Portrait {
    /// The picture; from here on the caller wipes it.
    #[must_use]
    pub fn into_picture(mut self) -> RgbImage {
        std::mem::take(&mut self.0)
    }
}

impl Deref for Portrait {
    type Target = RgbImage;

    fn deref(&self) -> &RgbImage {
        &self.0
    }
}

impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portrait(hidden)")
    }
}

impl Drop for Portrait {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Cuts the face out of the picture it was found in; black where the picture has ended, and where the landmarks have no size.
#[must_use]
pub fn portrait(picture: &RgbImage, face: &FaceReading) -> Portrait {
    let (width, height) = (PORTRAIT_WIDTH as f32, PORTRAIT_HEIGHT as f32);
    let place = MEAN_FACE.map(|(x, y)| {
        (
            0.5 * width + 0.25 * width * x,
            0.45 * height + 0.25 * width * y,
        )
    });
    let landmarks = face.landmarks.map(|(x, y)| (x as f32, y as f32));
    let mut pixels = vec![0u8; (PORTRAIT_WIDTH * PORTRAIT_HEIGHT * 3) as usize];
    if let Some(fit) = Similarity::between(&place, &landmarks) {
        let crop = fit.crop_to(picture, PORTRAIT_WIDTH as usize, PORTRAIT_HEIGHT as usize);
        for (out, colour) in pixels.chunks_exact_mut(3).zip(crop.iter()) {
            for (out, value) in out.iter_mut().zip(colour) {
                *out = value.round().clamp(0.0, 255.0) as u8;
            }
        }
    }
    Portrait(RgbImage::from_raw(PORTRAIT_WIDTH, PORTRAIT_HEIGHT, pixels).unwrap_or_default())
}
