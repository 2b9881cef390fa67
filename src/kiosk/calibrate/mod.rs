//! `kiosk calibrate`: a camera's picture, how sharp and how light it is, how far away things are held, and what each reader makes
//! of it; in a window, or as lines. What documents say is masked unless it is asked for.

mod glass;
mod lines;
mod sighting;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use camera::{Aim, Capture, Format, Health, Tuning};
use journey::Language;
use vision::inspect::Readers;
use vision::measure::Levels;

use crate::cameras::Patient;
use crate::config::{Camera, Config, Source};
use crate::{chain, models};
use sighting::{Lens, Sighting, Watch};

/// No frame in this time is told.
const PATIENCE: Duration = Duration::from_secs(1);
/// A run of so many frames gives up when the camera has shown nothing so often.
const TRIES: u32 = 3;
/// Lines without end come this far apart.
const PACE: Duration = Duration::from_secs(1);
/// What is wanted of a camera that no configuration describes.
const FORMAT: Format = Format {
    width: 1280,
    height: 720,
    fps: 30,
};

/// What is looked at, and how it is told.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where the frames come from.
    pub from: Origin<'a>,
    /// Which of the lane's cameras it is.
    pub camera: Which,
    /// Folder of the face models, when it is named.
    pub models: Option<&'a Path>,
    /// Whether what documents say is told.
    pub text: Text,
    /// How many degrees the lens sees across the picture, when that is known: then distances are told in millimetres.
    pub field_of_view: Option<f32>,
}

/// Where frames come from.
#[derive(Debug)]
pub enum Origin<'a> {
    /// The camera that this configuration names.
    Config(&'a Path),
    /// A V4L2 device.
    Device(&'a Path),
    /// A folder of pictures, or one.
    Pictures(&'a Path),
}

/// One of the lane's cameras.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Which {
    /// The one that sees passports and codes.
    #[default]
    Documents,
    /// The one that sees faces; the other one, where there is none of its own.
    Face,
}

/// Whether what documents say is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Text {
    /// Only what sort of thing it is.
    #[default]
    Masked,
    /// All of it.
    Shown,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For eyes.
    Plain,
    /// One JSON object each.
    Json,
}

/// How long lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// A line a second until it is ended.
    Endless,
    /// A line for each of so many frames.
    Frames(u64),
}

/// Writes lines.
///
/// # Errors
/// When the configuration or the models do not serve, nobody reads what is written, or a run of so many frames sees none.
pub fn lines(
    request: &Request<'_>,
    form: Form,
    run: Run,
    out: &mut impl Write,
    troubles: &mut impl Write,
) -> anyhow::Result<()> {
    let mut watched = Watched::start(request)?;
    let (mut written, mut blind, mut last) = (0, 0, None::<Instant>);
    loop {
        let sighting = match watched.next() {
            Ok(sighting) => sighting,
            Err(trouble) => {
                blind += 1;
                if matches!(run, Run::Frames(_)) && blind >= TRIES {
                    anyhow::bail!("{trouble}");
                }
                writeln!(troubles, "{trouble}")?;
                continue;
            }
        };
        blind = 0;
        if run == Run::Endless && last.is_some_and(|last| last.elapsed() < PACE) {
            continue;
        }
        last = Some(Instant::now());
        match form {
            Form::Plain => writeln!(out, "{}", lines::Plain(&sighting)),
            Form::Json => lines::json(&sighting, out),
        }
        .and_then(|()| out.flush())
        .context("standard output takes nothing")?;
        written += 1;
        if run == Run::Frames(written) {
            return Ok(());
        }
    }
}

/// Shows the window until it is closed.
///
/// # Errors
/// When the configuration or the models do not serve, or there is no display.
pub fn window(request: &Request<'_>) -> anyhow::Result<()> {
    let mut watched = Watched::start(request)?;
    let window = ui::calibrate::Calibrator::new(None, Language::English)
        .context("no window can be shown; --headless writes lines instead")?;
    let (handle, camera) = (window.handle(), request.camera);
    let closed = Arc::new(AtomicBool::new(false));
    let is_closed = Arc::clone(&closed);
    let thread = thread::Builder::new()
        .name("calibrate".to_owned())
        .spawn(move || {
            while !is_closed.load(Ordering::Relaxed) {
                handle.show(match watched.next() {
                    Ok(sighting) => glass::shown(&sighting, camera),
                    Err(_) => glass::blind(camera),
                });
            }
        })?;
    let ran = window.run();
    closed.store(true, Ordering::Relaxed);
    // A panic there has been printed already, and the window is gone.
    let _ = thread.join();
    ran.context("the window broke down; --headless writes lines instead")
}

/// A camera at work, and everything that looks at it.
struct Watched {
    capture: Capture,
    watch: Watch,
}

impl Watched {
    fn start(request: &Request<'_>) -> anyhow::Result<Self> {
        vision::qr::hush_isolated_panics();
        let (camera, named) = chosen(request)?;
        let folder = models::folder(request.models.or(named.as_deref()));
        let readers = Readers::load(&folder)
            .map_err(|error| anyhow::anyhow!("--models: {}", models::complaint(&folder, &error)))?;
        let lens = Lens {
            // Webcams' own levels; a picture has all of them.
            levels: match &camera.source {
                Source::V4l2(_) => Levels::Narrow,
                Source::Pictures(_) => Levels::Full,
            },
            field_of_view: request.field_of_view,
        };
        let capture = Capture::start(Patient::new(camera)).context("no thread for the camera")?;
        // As in the lane: whoever turns the lens sees what becomes of a telephone's screen.
        capture.aim(match request.camera {
            Which::Documents => Aim::Screens,
            Which::Face => Aim::Scene,
        });
        Ok(Self {
            capture,
            watch: Watch::new(readers, lens, request.text),
        })
    }

    /// What the next frame shows, or why there is none.
    fn next(&mut self) -> Result<Sighting, String> {
        match self.capture.newest(PATIENCE) {
            Ok(frame) => Ok(self.watch.look(&frame)),
            Err(stalled) => Err(match self.capture.health() {
                Health::Ill(error) => chain(&*error),
                Health::Starting | Health::Working => chain(&stalled),
            }),
        }
    }
}

/// The camera, and the folder of models that the configuration names.
fn chosen(request: &Request<'_>) -> anyhow::Result<(Camera, Option<PathBuf>)> {
    let alone = |source| Camera {
        source,
        format: FORMAT,
        tuning: Tuning::default(),
    };
    Ok(match request.from {
        Origin::Device(path) => (alone(Source::V4l2(path.to_owned())), None),
        Origin::Pictures(path) => (alone(Source::Pictures(path.to_owned())), None),
        Origin::Config(path) => {
            let config = Config::load(path)?;
            let camera = match request.camera {
                Which::Documents => config.documents,
                Which::Face => config.face.unwrap_or(config.documents),
            };
            (camera, config.models)
        }
    })
}
