//! A picture file: PNG or JPEG, the way up that its camera noted.

use std::io::Cursor;

use camera::{LONGEST_SIDE, StillError};
use image::error::{ImageError, LimitErrorKind};

use super::shot::Shot;
use super::video::jpeg;
use crate::chain;

/// More pixels than this cost more memory than a picture is worth: up to twelve bytes each while they are read.
pub(super) const MOST_PIXELS: u64 = 100_000_000;

/// The picture that these bytes are; the error says why they are none, and what to do.
pub(super) fn decoded(bytes: &[u8]) -> Result<Shot, String> {
    let shot = camera::still(Cursor::new(bytes), MOST_PIXELS)
        .map(Shot::of)
        .map_err(|error| match error {
            StillError::TooLarge { width, height } => too_large(&format!("{width} x {height}")),
            StillError::Image(error) => damaged(&error),
        })?;
    // The JPEG decoder fills what is missing with grey, and a grey half would be read as a picture without anything in it. Some
    // programs leave out only the end marker.
    if jpeg::begins(bytes) && !jpeg::is_whole(bytes) && has_a_filled_side(&shot) {
        return Err("ends too early; copy it again".to_owned());
    }
    Ok(shot)
}

/// Whether one side of the picture, whichever was the lower one before it was turned, is what the decoder fills with.
fn has_a_filled_side(shot: &Shot) -> bool {
    const FILLED: u8 = 128;
    let luma = shot.view().luma;
    let column = |x: usize| (0..luma.height).all(|y| luma.row(y)[x] == FILLED);
    let row = |y: usize| luma.row(y).iter().all(|&pixel| pixel == FILLED);
    row(0) || row(luma.height - 1) || column(0) || column(luma.width - 1)
}

/// Nothing when a picture of this size can be read.
pub(super) fn bounded(width: u32, height: u32) -> Result<(), String> {
    if width == 0 || height == 0 {
        return Err(format!("has {width} x {height} pixels: nothing to read"));
    }
    if width > LONGEST_SIDE
        || height > LONGEST_SIDE
        || u64::from(width) * u64::from(height) > MOST_PIXELS
    {
        return Err(too_large(&format!("{width} x {height}")));
    }
    Ok(())
}

fn too_large(size: &str) -> String {
    format!(
        "is too large ({size} pixels; at most {LONGEST_SIDE} a side and {} million in all); make it smaller",
        MOST_PIXELS / 1_000_000
    )
}

fn damaged(error: &ImageError) -> String {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                too_large("more than fit")
            }
            _ => too_large("more than allowed"),
        },
        _ => format!(
            "is damaged, or no picture ({}); copy it again, or give a PNG or a JPEG",
            chain(error)
        ),
    }
}
