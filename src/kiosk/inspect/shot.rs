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

    /// Of a decoded picture. What is transparent in it shows white, as in a viewer: codes are often drawn black on nothing.
    pub(crate) fn of(picture: DynamicImage) -> Self {
        let picture = if picture.color().has_alpha() {
            DynamicImage::ImageRgb8(on_white(picture))
        } else {
            picture
        };
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

fn on_white(picture: DynamicImage) -> RgbImage {
    let mut seen = picture.into_rgba8();
    let flat = RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [colours @ .., alpha] = seen.get_pixel(x, y).0;
        let alpha = u32::from(alpha);
        let over = |colour: u8| {
            let mixed = (u32::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        image::Rgb(colours.map(over))
    });
    seen.as_flat_samples_mut().samples.zeroize();
    flat
}
