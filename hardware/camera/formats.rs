//! What a camera offers, and what we take of it.

use std::fmt;
use std::time::Instant;

use nokhwa::utils::{CameraFormat, FrameFormat};

use crate::unpack::unpack;
use crate::{CameraError, Frame};

/// What is wanted of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second.
    pub fps: u32,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{} at {}/s", self.width, self.height, self.fps)
    }
}

/// How a camera packs its pixels. What we cannot unpack is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// Y U Y V, uncompressed: the luma that the readers want stands in it ready.
    Yuyv,
    /// A plane of Y and one of U V for two by two pixels, uncompressed.
    Nv12,
    /// Red, green, blue, uncompressed.
    Rgb,
    /// Blue, green, red, uncompressed.
    Bgr,
    /// Luma alone, uncompressed: all that codes and lines need, but faces are told apart by colour too.
    Grey,
    /// One JPEG a frame: it costs decoding and blurs fine print, but is all that USB 2 carries at large sizes.
    Mjpeg,
}

/// One line of the list that a driver gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Size and rate.
    pub format: Format,
    /// Packing.
    pub encoding: Encoding,
}

impl Offer {
    /// A driver's buffer in this packing made into a frame, taken at that moment; `camera` is named where it is none. The buffer's
    /// length is never trusted: a short one is an error, and what is behind a whole picture is not looked at.
    ///
    /// # Errors
    /// [`CameraError::Short`] for too few bytes or another size, [`CameraError::Unreadable`] for a broken JPEG.
    pub fn frame(self, camera: &str, buffer: &[u8], taken: Instant) -> Result<Frame, CameraError> {
        unpack(camera, self, buffer, taken)
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.encoding, self.format)
    }
}

/// What was chosen, and whether it is what was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The wanted size and at least the wanted rate.
    Exact(Offer),
    /// The nearest there is.
    Nearest(Offer),
}

impl Choice {
    /// What was chosen.
    #[must_use]
    pub fn offer(self) -> Offer {
        match self {
            Self::Exact(offer) | Self::Nearest(offer) => offer,
        }
    }
}

/// Chooses from a driver's list.
///
/// The size comes first, then a rate that suffices, then the packing: nokhwa's own `Closest` has picked 10 frames a second
/// where 30 were wanted and offered. A size larger than wanted beats a smaller one, since fine print that was not taken cannot
/// be read. Among rates that suffice the lowest wins: more frames than wanted only heat the computer.
#[must_use]
pub fn choose(offers: &[Offer], wanted: Format) -> Option<Choice> {
    let key = |offer: &Offer| {
        let Format { width, height, fps } = offer.format;
        let area = |w: u32, h: u32| u64::from(w) * u64::from(h);
        let (have, want) = (area(width, height), area(wanted.width, wanted.height));
        let size = match (width, height) == (wanted.width, wanted.height) {
            true => (0, 0),
            false if width >= wanted.width && height >= wanted.height => (1, have - want),
            false => (2, have.abs_diff(want)),
        };
        let rate = if fps >= wanted.fps {
            (0, fps)
        } else {
            (1, wanted.fps - fps)
        };
        (size, rate.0, offer.encoding, rate.1)
    };
    let best = *offers
        .iter()
        .filter(|o| o.format.width > 0 && o.format.height > 0 && o.format.fps > 0)
        .min_by_key(|o| key(o))?;
    let exact = (best.format.width, best.format.height) == (wanted.width, wanted.height);
    Some(if exact && best.format.fps >= wanted.fps {
        Choice::Exact(best)
    } else {
        Choice::Nearest(best)
    })
}

/// What we make of a line of the driver's list; none where the size does not suit the packing.
pub(crate) fn offer(format: &CameraFormat) -> Option<Offer> {
    let encoding = match format.format() {
        FrameFormat::YUYV => Encoding::Yuyv,
        FrameFormat::NV12 => Encoding::Nv12,
        FrameFormat::MJPEG => Encoding::Mjpeg,
        FrameFormat::RAWRGB => Encoding::Rgb,
        FrameFormat::RAWBGR => Encoding::Bgr,
        FrameFormat::GRAY => Encoding::Grey,
    };
    let (width, height) = (format.width(), format.height());
    let suits = match encoding {
        Encoding::Yuyv => width.is_multiple_of(2),
        Encoding::Nv12 => width.is_multiple_of(2) && height.is_multiple_of(2),
        Encoding::Rgb | Encoding::Bgr | Encoding::Grey | Encoding::Mjpeg => true,
    };
    suits.then_some(Offer {
        format: Format {
            width,
            height,
            fps: format.frame_rate(),
        },
        encoding,
    })
}

/// The same in nokhwa's words.
pub(crate) fn camera_format(offer: Offer) -> CameraFormat {
    let packing = match offer.encoding {
        Encoding::Yuyv => FrameFormat::YUYV,
        Encoding::Nv12 => FrameFormat::NV12,
        Encoding::Mjpeg => FrameFormat::MJPEG,
        Encoding::Rgb => FrameFormat::RAWRGB,
        Encoding::Bgr => FrameFormat::RAWBGR,
        Encoding::Grey => FrameFormat::GRAY,
    };
    let Format { width, height, fps } = offer.format;
    CameraFormat::new_from(width, height, packing, fps)
}
