//! One picture in memory, as the readers want it.

use image::{DynamicImage, GrayImage, RgbImage};
use vision::Luma;
use vision::inspect::View;
use zeroize::Zeroize;

/// Luma and colours of one picture, zeroed when it goes.
pub(crate) struct Shot {
    luma: GrayImage,
    colours: RgbImage,
}

impl Shot {
    /// Both of the same size.
    pub(crate) fn new(luma: GrayImage, colours: RgbImage) -> Self {
        Self { luma, colours }
    }

    /// Of a decoded picture.
    pub(crate) fn of(picture: DynamicImage) -> Self {
        let luma = picture.to_luma8();
        Self {
            luma,
            colours: picture.into_rgb8(),
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            luma: Luma::from(&self.luma),
            colours: &self.colours,
        }
    }
}

impl Drop for Shot {
    fn drop(&mut self) {
        self.luma.as_flat_samples_mut().samples.zeroize();
        self.colours.as_flat_samples_mut().samples.zeroize();
    }
}
