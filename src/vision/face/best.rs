//! The best picture of a burst, and the portrait that is cut from it.

use std::fmt;

use image::RgbImage;
use zeroize::Zeroize;

use super::FaceReading;
use super::portrait::{Portrait, portrait};

/// Keeps the picture with the best face of those it is offered, and no other: what loses is wiped at once.
#[derive(Default)]
pub struct BestShot {
    best: Option<Shot>,
    offered: usize,
}

impl BestShot {
    /// Nothing offered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a picture with the face that was found in it; of two equally good ones the earlier stays.
    pub fn offer(&mut self, picture: RgbImage, face: FaceReading) {
        self.offered += 1;
        let shot = Shot { picture, face };
        let better = self
            .best
            .as_ref()
            .is_none_or(|best| shot.face.quality.score > best.face.quality.score);
        if better {
            self.best = Some(shot);
        }
    }

    /// How many pictures were offered.
    #[must_use]
    pub fn offered(&self) -> usize {
        self.offered
    }

    /// The best so far.
    #[must_use]
    pub fn best(&self) -> Option<&Shot> {
        self.best.as_ref()
    }

    /// The best of all; the next burst begins.
    pub fn take(&mut self) -> Option<Shot> {
        self.offered = 0;
        self.best.take()
    }

    /// Wipes what is kept; the next burst begins.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A picture and the face in it; wiped on drop.
pub struct Shot {
    picture: RgbImage,
    face: FaceReading,
}

impl Shot {
    /// The whole picture.
    #[must_use]
    pub fn picture(&self) -> &RgbImage {
        &self.picture
    }

    /// The face, in pixels of the picture.
    #[must_use]
    pub fn face(&self) -> &FaceReading {
        &self.face
    }

    /// The face cut out upright; see [`portrait`].
    #[must_use]
    pub fn portrait(&self) -> Portrait {
        portrait(&self.picture, &self.face)
    }
}

impl fmt::Debug for Shot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shot(hidden)")
    }
}

impl Drop for Shot {
    fn drop(&mut self) {
        wipe(&mut self.picture);
    }
}

/// Overwrites the pixels and leaves an empty picture.
pub(super) fn wipe(picture: &mut RgbImage) {
    std::mem::take(picture).into_raw().zeroize();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use evidence::Quality;
    use image::Rgb;

    use super::*;
    use crate::face::{FaceBox, FaceQuality};

    fn face(score: u16) -> FaceReading {
        FaceReading {
            frame: FaceBox {
                x: 0,
                y: 0,
                width: 8,
                height: 8,
            },
            landmarks: [(0, 0); 5],
            confidence: 900,
            quality: FaceQuality {
                score: Quality::new(score).unwrap(),
                advice: None,
            },
        }
    }

    fn plain(grey: u8) -> RgbImage {
        RgbImage::from_pixel(8, 8, Rgb([grey; 3]))
    }

    #[test]
    fn the_best_stays_and_of_equals_the_first() {
        let mut burst = BestShot::new();
        for (grey, score) in [(1, 600), (2, 900), (3, 700), (4, 900)] {
            burst.offer(plain(grey), face(score));
        }
        assert_eq!(burst.offered(), 4);
        let shot = burst.take().unwrap();
        assert_eq!(shot.picture().get_pixel(0, 0).0, [2; 3]);
        assert_eq!(shot.face().quality.score.per_mille(), 900);
        assert_eq!(burst.offered(), 0);
        assert!(burst.best().is_none());
    }

    #[test]
    fn a_cleared_burst_holds_nothing() {
        let mut burst = BestShot::new();
        burst.offer(plain(9), face(800));
        burst.clear();
        assert!(burst.take().is_none());
    }

    #[test]
    fn a_shot_does_not_print() {
        let shot = Shot {
            picture: plain(7),
            face: face(800),
        };
        assert_eq!(format!("{shot:?}"), "Shot(hidden)");
    }

    #[test]
    fn wiping_leaves_no_picture() {
        let mut picture = plain(200);
        wipe(&mut picture);
        assert_eq!(picture.dimensions(), (0, 0));
    }
}
