//! A driver's buffer made into a frame: the only copy of its bytes.

use std::io::ErrorKind;
use std::time::Instant;

use image::ImageError;

use crate::formats::{Encoding, Format, Offer};
use crate::jpeg::{self, Refusal};
use crate::{CameraError, Frame};

/// Unpacks a buffer, never trusting its length: drivers hand over short ones, and nokhwa's own converters panic on them.
pub(crate) fn unpack(
    name: &str,
    offer: Offer,
    bytes: &[u8],
    taken: Instant,
) -> Result<Frame, CameraError> {
    let Format { width, height, .. } = offer.format;
    let area = width as usize * height as usize;
    let short = |got, want| CameraError::Short {
        name: name.to_owned(),
        got,
        want,
    };
    // Some drivers pad the buffer at its end.
    let whole = |want| bytes.get(..want).ok_or_else(|| short(bytes.len(), want));
    let odd = || short(0, area);
    match offer.encoding {
        Encoding::Yuyv => Frame::from_yuyv(width, height, whole(area * 2)?, taken).ok_or_else(odd),
        Encoding::Nv12 => {
            Frame::from_nv12(width, height, whole(area / 2 * 3)?, taken).ok_or_else(odd)
        }
        Encoding::Grey => {
            Frame::from_luma(width, height, whole(area)?.to_vec(), taken).ok_or_else(odd)
        }
        Encoding::Rgb => Ok(Frame::of_rgb(
            width,
            height,
            whole(area * 3)?.to_vec(),
            taken,
        )),
        Encoding::Bgr => {
            let mut pixels = whole(area * 3)?.to_vec();
            pixels
                .chunks_exact_mut(3)
                .for_each(|pixel| pixel.swap(0, 2));
            Ok(Frame::of_rgb(width, height, pixels, taken))
        }
        Encoding::Mjpeg => {
            let unreadable = |source| CameraError::Unreadable {
                name: name.to_owned(),
                source,
            };
            let torn = || unreadable(ImageError::IoError(ErrorKind::UnexpectedEof.into()));
            let jpeg = jpeg::whole(bytes).ok_or_else(torn)?;
            match jpeg::luma(jpeg, (width, height)) {
                Ok(luma) => Ok(Frame::of_jpeg((width, height), luma, jpeg, taken)),
                Err(Refusal::Size(wide, high)) => Err(short(wide * high, area)),
                Err(Refusal::Broken(source)) => Err(unreadable(source)),
            }
        }
    }
}
