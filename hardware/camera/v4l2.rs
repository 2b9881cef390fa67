//! A real camera, by V4L2 through nokhwa.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use nokhwa::Camera;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};

use crate::{CameraError, Frame, Pixels, Source};

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
    /// Red, green, blue, uncompressed.
    Rgb,
    /// Blue, green, red, uncompressed.
    Bgr,
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

/// How long a camera may take from opening to its first frame: exposure control settles over many frames.
const FIRST: Duration = Duration::from_secs(5);
/// How long it may take from one frame to the next.
const NEXT: Duration = Duration::from_secs(1);

/// A V4L2 camera.
///
/// Its frames are taken on a thread of its own, because the driver's wait for a frame has no time-out: a camera whose
/// cable was pulled at the wrong moment is waited for without end. Such a thread is left behind, and the device is
/// opened again once it has let go.
#[derive(Debug)]
pub struct V4l2 {
    path: PathBuf,
    wanted: Format,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    frames: Receiver<Result<Frame, CameraError>>,
    patience: Duration,
}

impl V4l2 {
    /// Opens a camera by its path; best by the name that a udev rule gives it, since `video0` may be another one tomorrow.
    ///
    /// # Errors
    /// When it is missing, is no camera, or offers nothing usable.
    pub fn open(path: impl Into<PathBuf>, wanted: Format) -> Result<Self, CameraError> {
        let mut camera = Self {
            path: path.into(),
            wanted,
            worker: None,
        };
        camera.worker = Some(camera.begin()?);
        Ok(camera)
    }

    fn begin(&self) -> Result<Worker, CameraError> {
        // The cheap check first, on this thread, so that a missing camera is named at once.
        index(&self.path)?;
        // One frame waits at most: an older one is of no use.
        let (put, frames) = sync_channel(1);
        let (path, wanted) = (self.path.clone(), self.wanted);
        thread::Builder::new()
            .name("v4l2".to_owned())
            .spawn(move || work(&path, wanted, &put))
            .map_err(|source| CameraError::Missing {
                path: self.path.clone(),
                source: Some(source),
            })?;
        Ok(Worker {
            frames,
            patience: FIRST,
        })
    }
}

impl Source for V4l2 {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.begin()?,
        };
        match worker.frames.recv_timeout(worker.patience) {
            Ok(Ok(frame)) => {
                worker.patience = NEXT;
                self.worker = Some(worker);
                Ok(frame)
            }
            Ok(Err(error)) => Err(error),
            Err(RecvTimeoutError::Timeout) => {
                let after = worker.patience;
                self.worker = Some(worker);
                Err(CameraError::Stalled {
                    name: self.describe(),
                    after,
                })
            }
            Err(RecvTimeoutError::Disconnected) => Err(CameraError::Stopped {
                name: self.describe(),
            }),
        }
    }

    fn describe(&self) -> String {
        format!("camera {}", self.path.display())
    }
}

/// The number of the video device behind a path: `/dev/video2`, or a link to it.
fn index(path: &Path) -> Result<u32, CameraError> {
    let real = fs::canonicalize(path).map_err(|source| CameraError::Missing {
        path: path.to_owned(),
        source: Some(source),
    })?;
    number(&real).ok_or_else(|| CameraError::NotACamera {
        path: path.to_owned(),
    })
}

fn number(real: &Path) -> Option<u32> {
    real.file_name()?
        .to_str()?
        .strip_prefix("video")?
        .parse()
        .ok()
}

fn work(path: &Path, wanted: Format, put: &SyncSender<Result<Frame, CameraError>>) {
    if let Err(error) = stream(path, wanted, put) {
        // Nobody may be listening any more.
        let _unheard = put.send(Err(error));
    }
}

fn stream(
    path: &Path,
    wanted: Format,
    put: &SyncSender<Result<Frame, CameraError>>,
) -> Result<(), CameraError> {
    let failed = |operation| {
        move |source| CameraError::Device {
            path: path.to_owned(),
            operation,
            source,
        }
    };
    let number = index(path)?;
    let first = RequestedFormat::new::<RgbFormat>(RequestedFormatType::None);
    let mut camera = Camera::new(CameraIndex::Index(number), first).map_err(failed("opening"))?;
    let listed = camera
        .compatible_camera_formats()
        .map_err(failed("listing formats"))?;
    let offers: Vec<Offer> = listed.iter().filter_map(offer).collect();
    let choice = choose(&offers, wanted).ok_or_else(|| CameraError::NoFormat {
        path: path.to_owned(),
        wanted,
        offered: listed
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    if let Choice::Nearest(offer) = choice {
        tracing::warn!(camera = %path.display(), %wanted, %offer, "the camera has no such format: the nearest is used");
    }
    let chosen = choice.offer();
    let exact = RequestedFormatType::Exact(camera_format(chosen));
    let formats = [camera_format(chosen).format()];
    camera
        .set_camera_requset(RequestedFormat::with_formats(exact, &formats))
        .map_err(failed("setting the format"))?;
    camera
        .open_stream()
        .map_err(failed("starting the stream"))?;
    loop {
        let buffer = camera.frame().map_err(failed("taking a frame"))?;
        // The buffer's own time is absent on the first frames of some cameras, so ours is used.
        let taken = Instant::now();
        let frame = unpack(&path.display().to_string(), chosen, buffer.buffer(), taken)?;
        match put.try_send(Ok(frame)) {
            Ok(()) | Err(std::sync::mpsc::TrySendError::Full(_)) => {}
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => {
                return camera.stop_stream().map_err(failed("stopping the stream"));
            }
        }
    }
}

fn offer(format: &CameraFormat) -> Option<Offer> {
    let encoding = match format.format() {
        FrameFormat::YUYV => Encoding::Yuyv,
        FrameFormat::MJPEG => Encoding::Mjpeg,
        FrameFormat::RAWRGB => Encoding::Rgb,
        FrameFormat::RAWBGR => Encoding::Bgr,
        FrameFormat::NV12 | FrameFormat::GRAY => return None,
    };
    Some(Offer {
        format: Format {
            width: format.width(),
            height: format.height(),
            fps: format.frame_rate(),
        },
        encoding,
    })
}

fn camera_format(offer: Offer) -> CameraFormat {
    let packing = match offer.encoding {
        Encoding::Yuyv => FrameFormat::YUYV,
        Encoding::Mjpeg => FrameFormat::MJPEG,
        Encoding::Rgb => FrameFormat::RAWRGB,
        Encoding::Bgr => FrameFormat::RAWBGR,
    };
    CameraFormat::new_from(
        offer.format.width,
        offer.format.height,
        packing,
        offer.format.fps,
    )
}

/// Unpacks a buffer, never trusting its length: drivers hand over short ones, and nokhwa's own converters panic on them.
fn unpack(name: &str, offer: Offer, bytes: &[u8], taken: Instant) -> Result<Frame, CameraError> {
    let Format { width, height, .. } = offer.format;
    let whole = |depth: usize| {
        let want = width as usize * height as usize * depth;
        let short = || CameraError::Short {
            name: name.to_owned(),
            got: bytes.len(),
            want,
        };
        // Some drivers pad the buffer at its end.
        bytes.get(..want).ok_or_else(short)
    };
    let frame = |pixels| Frame {
        width,
        height,
        pixels,
        taken,
    };
    match offer.encoding {
        Encoding::Yuyv => Ok(frame(Pixels::Yuyv(whole(2)?.to_vec()))),
        Encoding::Rgb => Ok(frame(Pixels::Rgb8(whole(3)?.to_vec()))),
        Encoding::Bgr => {
            let mut pixels = whole(3)?.to_vec();
            pixels
                .chunks_exact_mut(3)
                .for_each(|pixel| pixel.swap(0, 2));
            Ok(frame(Pixels::Rgb8(pixels)))
        }
        Encoding::Mjpeg => {
            let unreadable = |source| CameraError::Unreadable {
                name: name.to_owned(),
                source,
            };
            let picture = image::load_from_memory_with_format(bytes, image::ImageFormat::Jpeg)
                .map_err(unreadable)?;
            let mut decoded = Frame::from_rgb(picture.into_rgb8());
            decoded.taken = taken;
            if (decoded.width, decoded.height) == (width, height) {
                Ok(decoded)
            } else {
                let got = decoded.width as usize * decoded.height as usize * 3;
                Err(CameraError::Short {
                    name: name.to_owned(),
                    got,
                    want: width as usize * height as usize * 3,
                })
            }
        }
    }
}

#[cfg(test)]
#[path = "v4l2_tests.rs"]
mod tests;
