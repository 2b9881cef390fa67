//! Frames from a camera, or from whatever stands in for one. Nobody is recognised here, and no frame is ever written
//! to a file.
//!
//! A [`Source`] gives frames one by one; [`Capture`] runs it on a thread of its own and keeps only the newest frame.

mod backlog;
mod capture;
mod controls;
mod exposure;
mod formats;
mod frame;
mod jpeg;
mod newest;
mod pictures;
mod stage;
mod still;
mod unpack;
mod v4l2;

pub use capture::{Capture, Health};
pub use exposure::{Aim, Dials, Light, Range, Regulator, Setting};
pub use formats::{Choice, Encoding, Format, Offer, choose};
pub use frame::Frame;
pub use pictures::Pictures;
pub use stage::Stage;
pub use still::{LONGEST_SIDE, StillError, still};
pub use v4l2::{Exposure, Focus, Tuning, V4l2};

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Something that a lens looks at.
pub trait Source: Send {
    /// Waits for the next frame.
    ///
    /// # Errors
    /// When none comes. The caller may ask again: a source opens again by itself what it has lost.
    fn frame(&mut self) -> Result<Frame, CameraError>;

    /// What an engineer would call it.
    fn describe(&self) -> String;

    /// Hears what its frames are wanted for. A source that has no exposure to set leaves it at that.
    fn aim(&mut self, _: Aim) {}
}

/// Why there is no frame.
#[derive(Debug, Error)]
pub enum CameraError {
    /// There is no such camera, folder or file.
    #[error("{}: not there; is the camera plugged in, and does its udev name match the configuration?", path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// What the system said, if it said anything.
        source: Option<std::io::Error>,
    },
    /// The path is there but is no video device.
    #[error("{}: not a video device (a name such as /dev/video0 or a link to one is needed)", path.display())]
    NotACamera {
        /// What was looked for.
        path: PathBuf,
    },
    /// The camera refused.
    #[error("{operation} on {}", path.display())]
    Device {
        /// Which camera.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
        /// What the driver said.
        source: nokhwa::NokhwaError,
    },
    /// The camera has no format that can be used.
    #[error("{} offers no usable format for {wanted}; it offers {offered}", path.display())]
    NoFormat {
        /// Which camera.
        path: PathBuf,
        /// What was wanted.
        wanted: Format,
        /// What there is.
        offered: String,
    },
    /// No frame came in time.
    #[error("{name} has shown nothing for {after:?}")]
    Stalled {
        /// Which source.
        name: String,
        /// How long we waited.
        after: Duration,
    },
    /// A frame was not what its format promises.
    #[error("{name} gave {got} bytes for a frame of {want}")]
    Short {
        /// Which source.
        name: String,
        /// How many bytes came.
        got: usize,
        /// How many belong to such a frame.
        want: usize,
    },
    /// A picture cannot be read: half written, or not a picture.
    #[error("{name} cannot be read as a picture")]
    Unreadable {
        /// Which file, or which camera.
        name: String,
        /// Why.
        source: image::ImageError,
    },
    /// A picture has more pixels than any camera's.
    #[error(
        "{name} has {width} x {height} pixels, too many to stand in for a camera's frame; make it smaller"
    )]
    TooLarge {
        /// Which file.
        name: String,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// A folder holds no pictures.
    #[error("{} holds no .png or .jpg", path.display())]
    Empty {
        /// Which folder.
        path: PathBuf,
    },
    /// The capture thread has ended.
    #[error("{name}: the capture has stopped")]
    Stopped {
        /// Which source.
        name: String,
    },
}
