//! Frames cut, turned and made small for people to look at.

use camera::Frame;
use image::{RgbImage, imageops};
use ui::Picture;
use zeroize::Zeroize;

/// The longer side of a live picture, in pixels, at most. The place for it on the screen is no larger in physical size than a
/// hand, and the software renderer pays for every pixel.
const LIVE_SIDE: u32 = 640;

/// A frame in colour, zeroed when it goes.
pub(crate) struct Colour(pub(crate) RgbImage);

impl Colour {
    pub(crate) fn of(frame: &Frame) -> Self {
        Self(frame.rgb())
    }

    /// Turned clockwise by so many right angles.
    pub(crate) fn turned(self, quarters: u8) -> Self {
        Self(match quarters % 4 {
            0 => return self,
            1 => imageops::rotate90(&self.0),
            2 => imageops::rotate180(&self.0),
            _ => imageops::rotate270(&self.0),
        })
    }

    /// The part of the picture round a face, head and shoulders, for an officer to look at.
    pub(crate) fn portrait(&self, face: &vision::face::FaceBox) -> Option<Picture> {
        let (x, y) = (face.x - face.width / 2, face.y - face.height / 2);
        let (right, bottom) = (face.x + face.width * 3 / 2, face.y + face.height * 7 / 4);
        let (width, height) = self.0.dimensions();
        let clamp = |value: i32, most: u32| u32::try_from(value.max(0)).unwrap_or(0).min(most);
        let (x, y, right, bottom) = (
            clamp(x, width),
            clamp(y, height),
            clamp(right, width),
            clamp(bottom, height),
        );
        let cut = imageops::crop_imm(&self.0, x, y, right.checked_sub(x)?, bottom.checked_sub(y)?)
            .to_image();
        whole(Self(cut))
    }
}

/// The whole frame, small; and by what its coordinates are to be divided.
pub(crate) fn live(frame: &Frame) -> Option<(Picture, i32)> {
    let by = frame.width.max(frame.height).div_ceil(LIVE_SIDE).max(1);
    let picture = whole(Colour(frame.reduced(by)))?;
    Some((picture, i32::try_from(by).unwrap_or(1)))
}

/// The picture as the screen takes it; none of an empty one.
pub(crate) fn whole(mut colour: Colour) -> Option<Picture> {
    let (width, height) = colour.0.dimensions();
    let pixels = std::mem::take(&mut colour.0).into_raw();
    Picture::new(width, height, pixels)
}

impl Drop for Colour {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_raw().zeroize();
    }
}
