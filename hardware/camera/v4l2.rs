//! A real camera, by V4L2 through nokhwa.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nokhwa::Camera;
use nokhwa::utils::{CameraIndex, RequestedFormat, RequestedFormatType, frame_formats};

use crate::backlog::Backlog;
use crate::controls::{Metering, Panel, Stuck, automatic, listed};
use crate::exposure::Aim;
use crate::formats::{Choice, Format, Offer, camera_format, choose, offer};
use crate::newest::{Nothing, Put, Take, newest};
use crate::{CameraError, Frame, Source};

/// How long a camera may take from opening to its first frame: exposure control settles over many frames.
const FIRST: Duration = Duration::from_secs(5);
/// How long it may take from one frame to the next.
const NEXT: Duration = Duration::from_secs(1);

/// Frames in a row that may be torn or short before the camera is opened again: a busy bus tears one now and then.
const SPOILT: u8 = 5;

/// Who sets the exposure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposure {
    /// The camera always.
    Automatic,
    /// We, while a bright screen is seen and wanted ([`Aim::Screens`]); otherwise the camera.
    #[default]
    ForScreens,
}

/// How the lens is focused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// As somebody left it.
    #[default]
    AsItIs,
    /// By the camera.
    Automatic,
    /// At one distance, in the camera's own unit: where things are held is known, and no time is lost in searching.
    Fixed(u16),
}

/// What is set on a camera besides its format. A camera that lacks a control is used as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Who sets the exposure.
    pub exposure: Exposure,
    /// How the lens is focused.
    pub focus: Focus,
}

/// A V4L2 camera.
///
/// Its frames are taken on a thread of its own, because the driver's wait for a frame has no time-out: a camera whose
/// cable was pulled at the wrong moment is waited for without end. Such a thread is left behind, and the device is
/// opened again once it has let go.
#[derive(Debug)]
pub struct V4l2 {
    path: PathBuf,
    wanted: Format,
    tuning: Tuning,
    /// Whether screens are wanted: [`Aim`] as the thread that works the camera reads it.
    screens: Arc<AtomicBool>,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    frames: Take<Taken>,
    patience: Duration,
}

type Taken = Result<Frame, CameraError>;

impl V4l2 {
    /// Opens a camera by its path; best by the name that a udev rule gives it, since `video0` may be another one tomorrow.
    ///
    /// # Errors
    /// When it is missing, is no camera, or offers nothing usable.
    pub fn open(path: impl Into<PathBuf>, wanted: Format) -> Result<Self, CameraError> {
        Self::tuned(path, wanted, Tuning::default())
    }

    /// [`V4l2::open`], and sets more than the format.
    ///
    /// # Errors
    /// Likewise; a control that is absent or does not turn is no error.
    pub fn tuned(
        path: impl Into<PathBuf>,
        wanted: Format,
        tuning: Tuning,
    ) -> Result<Self, CameraError> {
        let mut camera = Self {
            path: path.into(),
            wanted,
            tuning,
            screens: Arc::default(),
            worker: None,
        };
        camera.worker = Some(camera.begin()?);
        Ok(camera)
    }

    fn begin(&self) -> Result<Worker, CameraError> {
        // The cheap check first, on this thread, so that a missing camera is named at once.
        index(&self.path)?;
        let (put, frames) = newest();
        let work = Work {
            path: self.path.clone(),
            wanted: self.wanted,
            tuning: self.tuning,
            screens: Arc::clone(&self.screens),
            put,
        };
        thread::Builder::new()
            .name("v4l2".to_owned())
            .spawn(move || work.run())
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
        match worker.frames.take(worker.patience) {
            Ok(Ok(frame)) => {
                worker.patience = NEXT;
                self.worker = Some(worker);
                Ok(frame)
            }
            Ok(Err(error)) => Err(error),
            Err(Nothing::Yet) => {
                let after = worker.patience;
                self.worker = Some(worker);
                Err(CameraError::Stalled {
                    name: self.describe(),
                    after,
                })
            }
            Err(Nothing::Ever) => Err(CameraError::Stopped {
                name: self.describe(),
            }),
        }
    }

    fn describe(&self) -> String {
        format!("camera {}", self.path.display())
    }

    fn aim(&mut self, aim: Aim) {
        let screens = aim == Aim::Screens && self.tuning.exposure == Exposure::ForScreens;
        self.screens.store(screens, Ordering::Relaxed);
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

/// What the thread that works a camera knows.
struct Work {
    path: PathBuf,
    wanted: Format,
    tuning: Tuning,
    screens: Arc<AtomicBool>,
    put: Put<Taken>,
}

impl Work {
    fn run(self) {
        if let Err(error) = self.stream() {
            // Nobody may be listening any more.
            let _unheard = self.put.put(Err(error));
        }
    }

    fn failed(&self, operation: &'static str) -> impl Fn(nokhwa::NokhwaError) -> CameraError {
        let path = self.path.clone();
        move |source| CameraError::Device {
            path: path.clone(),
            operation,
            source,
        }
    }

    fn stream(&self) -> Result<(), CameraError> {
        let (mut camera, chosen) = self.opened()?;
        let listed = listed(&camera);
        // A camera without an automatic is not asked for it.
        let automatic = automatic(&listed).unwrap_or_default();
        let mut panel = Panel {
            camera: &mut camera,
            automatic,
        };
        self.heed(panel.focus(self.tuning.focus));
        let mut metering = Metering::new(&mut panel, chosen.format.fps);
        camera
            .open_stream()
            .map_err(self.failed("starting the stream"))?;
        let name = self.path.display().to_string();
        let mut spoilt = 0;
        let interval = Duration::from_secs(1) / chosen.format.fps.max(1);
        let mut backlog = Backlog::new(interval);
        loop {
            let asked = Instant::now();
            // The driver's own buffer is lent: nokhwa's `frame` would copy it first, and leave the copy in freed memory.
            let buffer = camera.frame_raw().map_err(self.failed("taking a frame"))?;
            // The buffer's own time is absent on the first frames of some cameras, so ours is used.
            let taken = Instant::now();
            if backlog.holds(asked, taken) {
                continue;
            }
            let frame = match chosen.frame(&name, &buffer, taken) {
                Ok(frame) => frame,
                Err(error) if spoilt == SPOILT => return Err(error),
                Err(error) => {
                    spoilt += 1;
                    tracing::debug!(error = &error as &dyn std::error::Error, "a spoilt frame");
                    continue;
                }
            };
            spoilt = 0;
            drop(buffer);
            let aim = match self.screens.load(Ordering::Relaxed) {
                true => Aim::Screens,
                false => Aim::Scene,
            };
            let mut panel = Panel {
                camera: &mut camera,
                automatic,
            };
            self.heed(metering.look(aim, &frame, &mut panel));
            if self.put.put(Ok(frame)).is_err() {
                return camera
                    .stop_stream()
                    .map_err(self.failed("stopping the stream"));
            }
        }
    }

    /// The camera in the format that suits best.
    fn opened(&self) -> Result<(Camera, Offer), CameraError> {
        let number = index(&self.path)?;
        let any = RequestedFormat::with_formats(RequestedFormatType::None, frame_formats());
        let mut camera =
            Camera::new(CameraIndex::Index(number), any).map_err(self.failed("opening"))?;
        let listed = camera
            .compatible_camera_formats()
            .map_err(self.failed("listing formats"))?;
        let offers: Vec<Offer> = listed.iter().filter_map(offer).collect();
        let wanted = self.wanted;
        let choice = choose(&offers, wanted).ok_or_else(|| CameraError::NoFormat {
            path: self.path.clone(),
            wanted,
            offered: listed
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        if let Choice::Nearest(offer) = choice {
            tracing::warn!(camera = %self.path.display(), %wanted, %offer, "the camera has no such format: the nearest is used");
        }
        let chosen = choice.offer();
        let exact = RequestedFormatType::Exact(camera_format(chosen));
        let formats = [camera_format(chosen).format()];
        camera
            .set_camera_requset(RequestedFormat::with_formats(exact, &formats))
            .map_err(self.failed("setting the format"))?;
        Ok((camera, chosen))
    }

    /// A control that does not turn costs a good picture at worst, and is told once.
    fn heed(&self, turned: Result<(), Stuck>) {
        if let Err(error) = turned {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(camera = %self.path.display(), error, "left as it is");
        }
    }
}

#[cfg(test)]
#[path = "v4l2_tests.rs"]
mod tests;
