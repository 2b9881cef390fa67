//! A picture's file as a person sees it: the way up that its camera noted, and on white where it is transparent.

use std::io::{BufRead, Seek};

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};
use thiserror::Error;
use zeroize::Zeroize;

/// Why a file is not read as a picture.
#[derive(Debug, Error)]
pub enum StillError {
    /// More pixels than wanted, or longer than [`LONGEST_SIDE`]. Nothing was unpacked.
    #[error("{width} x {height} pixels are too many; make the picture smaller")]
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Damaged, or no picture.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// The longest side of a picture that is read, in pixels.
pub const LONGEST_SIDE: u32 = 16_384;

/// The PNG or JPEG in a file, of at most `most` pixels: a file of a kilobyte can claim to hold gigabytes. It has no alpha.
///
/// # Errors
/// [`StillError`] for one that is too large, damaged or no picture.
pub fn still(file: impl BufRead + Seek, most: u64) -> Result<DynamicImage, StillError> {
    let mut reader = ImageReader::new(file)
        .with_guessed_format()
        .map_err(ImageError::IoError)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(1 << 30);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // Sixteen bits a colour take twice the memory, and count so.
    if width.max(height) > LONGEST_SIDE || pixels.max(decoder.total_bytes() / 4) > most {
        return Err(StillError::TooLarge { width, height });
    }
    // What a camera noted wrongly is no reason not to look at the picture.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    // Codes are often drawn black on nothing.
    Ok(match picture.color().has_alpha() {
        true => DynamicImage::ImageRgb8(on_white(picture)),
        false => picture,
    })
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
