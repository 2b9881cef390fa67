//! The field engineer's window: a camera's picture, how sharp and how light it is, and what each reader makes of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journey::Language;
use slint::{ComponentHandle, Image, ModelRc, PhysicalSize, PlatformError, VecModel};
use zeroize::Zeroizing;

use crate::{Camera, Picture, Size, paint, view};

/// Regions of a picture, row by row.
pub const REGIONS: usize = 9;

/// How sharp a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// Nothing to focus on is in view.
    Unknown,
    /// In focus.
    Sharp,
    /// Nearly.
    Soft,
    /// Not.
    Blurred,
}

/// How light a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// As it should be.
    Good,
    /// Too dark.
    Dark,
    /// Too bright.
    Bright,
    /// Without contrast.
    Flat,
}

/// How far away a thing is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Too far.
    Far,
    /// As it should be.
    Ideal,
    /// Too near.
    Near,
}

/// Which reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eye {
    /// Codes: its figure is a number of characters.
    Code,
    /// Machine readable zones: its figure is the format's name.
    Zone,
    /// Faces: its figure is the quality, per mille.
    Face,
}

/// What a reader saw.
#[derive(Clone, PartialEq)]
pub struct Sight {
    /// See [`Eye`].
    pub figure: String,
    /// What it says: masked, unless the engineer asked for it.
    pub text: Zeroizing<String>,
    /// Whether its check digits are right; true of what has none.
    pub sound: bool,
    /// Pixels a module, a character, or between the eyes, and what that means.
    pub spacing: Option<(f32, Distance)>,
    /// How far away it is, where the lens is known.
    pub millimetres: Option<f32>,
}

/// One reader's line.
#[derive(Clone, PartialEq)]
pub struct Gauge {
    /// Whose.
    pub eye: Eye,
    /// What it saw.
    pub sight: Option<Sight>,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// A frame, if there was one, and what was measured of it.
#[derive(Clone, PartialEq)]
pub struct Calibration {
    /// Which camera.
    pub camera: Camera,
    /// The frame, made small; none when the camera shows nothing.
    pub picture: Option<Picture>,
    /// What was read, in pixels of the picture.
    pub outlines: Vec<[(i32, i32); 4]>,
    /// The frame's own size.
    pub size: (u32, u32),
    /// Frames a second.
    pub rate: f32,
    /// How sharp it is.
    pub focus: Focus,
    /// How many pixels wide the sharper edges are.
    pub rise: Option<f32>,
    /// Variance of the Laplacian, and the highest since the window was opened.
    pub detail: (f32, f32),
    /// The same in each region.
    pub regions: [f32; REGIONS],
    /// How light it is.
    pub light: Light,
    /// Mean level, 0 to 255.
    pub mean: f32,
    /// Shares of black and of white pixels, per mille.
    pub clipped: (u16, u16),
    /// Pixels in each part of the levels.
    pub histogram: Vec<u32>,
    /// Each reader.
    pub gauges: Vec<Gauge>,
}

/// The window. It stays on the main thread, which its event loop owns.
pub struct Calibrator {
    window: view::Calibrate,
    waits: Arc<Mutex<Option<Calibration>>>,
}

/// The way to the window from another thread. The newest picture wins.
#[derive(Clone)]
pub struct CalibratorHandle {
    window: slint::Weak<view::Calibrate>,
    waits: Arc<Mutex<Option<Calibration>>>,
}

fn lock(waits: &Mutex<Option<Calibration>>) -> MutexGuard<'_, Option<Calibration>> {
    // It is replaced whole, so a panic elsewhere leaves nothing half done.
    waits.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Calibrator {
    /// A window of this size, or of its own choice, that speaks this language.
    ///
    /// # Errors
    /// [`PlatformError`] when there is no display or no font.
    pub fn new(size: Option<Size>, language: Language) -> Result<Self, PlatformError> {
        let window = view::Calibrate::new()?;
        if let Some(size) = size {
            window
                .window()
                .set_size(PhysicalSize::new(size.width, size.height));
        }
        let bridge = window.global::<view::Bridge>();
        paint::tongue(&bridge, language);
        window.window().on_close_requested(|| {
            // Outside an event loop there is nothing to quit.
            let _ = slint::quit_event_loop();
            slint::CloseRequestResponse::HideWindow
        });
        Ok(Self {
            window,
            waits: Arc::default(),
        })
    }

    /// Shows the window and runs its loop until it is closed.
    ///
    /// # Errors
    /// [`PlatformError`] when the window cannot be shown or its connection breaks.
    pub fn run(&self) -> Result<(), PlatformError> {
        self.window.show()?;
        slint::run_event_loop_until_quit()
    }

    /// A handle for another thread.
    pub fn handle(&self) -> CalibratorHandle {
        CalibratorHandle {
            window: self.window.as_weak(),
            waits: Arc::clone(&self.waits),
        }
    }

    /// Draws at once, from the main thread.
    pub fn paint(&self, calibration: &Calibration) {
        draw(&self.window, calibration);
    }

    /// The window itself.
    pub fn window(&self) -> &view::Calibrate {
        &self.window
    }
}

impl CalibratorHandle {
    /// Shows this, unless something newer comes before it can be drawn.
    pub fn show(&self, calibration: Calibration) {
        if lock(&self.waits).replace(calibration).is_some() {
            return;
        }
        let waits = Arc::clone(&self.waits);
        let summoned = self.window.upgrade_in_event_loop(move |window| {
            let next = lock(&waits).take();
            if let Some(next) = next {
                draw(&window, &next);
            }
        });
        if summoned.is_err() {
            // The window is gone, and with it whoever could see the picture.
            lock(&self.waits).take();
        }
    }

    /// Ends [`Calibrator::run`].
    pub fn quit(&self) {
        // An event loop that does not run has nothing to quit.
        let _ = slint::quit_event_loop();
    }
}

fn model<T: Clone + 'static>(items: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from_iter(items))
}

fn draw(window: &view::Calibrate, now: &Calibration) {
    window.set_face_camera(now.camera == Camera::Face);
    window.set_present(now.picture.is_some());
    let live = now.picture.as_ref().map(paint::pixels);
    window.set_live(live.map(Image::from_rgb8).unwrap_or_default());
    window.set_arounds(model(now.outlines.iter().map(around)));
    window.set_across(now.size.0.to_string().into());
    window.set_down(now.size.1.to_string().into());
    window.set_rate(format!("{:.1}", now.rate).into());

    window.set_focused(match now.focus {
        Focus::Unknown => view::Focused::Unknown,
        Focus::Sharp => view::Focused::Sharp,
        Focus::Soft => view::Focused::Soft,
        Focus::Blurred => view::Focused::Blurred,
    });
    let rise = now
        .rise
        .map_or_else(String::new, |rise| format!("{rise:.1}"));
    window.set_rise(rise.into());
    let (detail, best) = now.detail;
    window.set_detail(format!("{detail:.0}").into());
    window.set_best(format!("{best:.0}").into());
    window.set_share(if best > 0.0 { detail / best } else { 0.0 });
    window.set_regions(model(shares(&now.regions)));

    window.set_lit(match now.light {
        Light::Good => view::Lit::Good,
        Light::Dark => view::Lit::Dark,
        Light::Bright => view::Lit::Bright,
        Light::Flat => view::Lit::Flat,
    });
    let per_cent = |per_mille: u16| format!("{:.1}", f32::from(per_mille) / 10.0).into();
    window.set_mean(format!("{:.0}", now.mean).into());
    window.set_black(per_cent(now.clipped.0));
    window.set_white(per_cent(now.clipped.1));
    // A single column would flatten all others: the root shows them.
    let columns: Vec<f32> = now.histogram.iter().map(|&n| (n as f32).sqrt()).collect();
    window.set_histogram(model(shares(&columns)));
    window.set_readings(model(now.gauges.iter().map(reading)));
}

/// Each as a share of the largest.
fn shares(values: &[f32]) -> Vec<f32> {
    let largest = values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    values.iter().map(|value| value / largest).collect()
}

fn around(corners: &[(i32, i32); 4]) -> view::Around {
    let [a, b, c, d] = corners.map(|(x, y)| (x as f32, y as f32));
    view::Around {
        ax: a.0,
        ay: a.1,
        bx: b.0,
        by: b.1,
        cx: c.0,
        cy: c.1,
        dx: d.0,
        dy: d.1,
    }
}

fn reading(gauge: &Gauge) -> view::Reading {
    let sight = gauge.sight.as_ref();
    let spacing = sight.and_then(|sight| sight.spacing);
    view::Reading {
        eye: match gauge.eye {
            Eye::Code => view::Eye::Code,
            Eye::Zone => view::Eye::Zone,
            Eye::Face => view::Eye::Face,
        },
        seen: match sight {
            None => view::Seen::Nothing,
            Some(sight) if sight.sound => view::Seen::Read,
            Some(_) => view::Seen::Failing,
        },
        figure: sight.map_or("", |sight| &sight.figure).into(),
        text: sight.map_or("", |sight| &sight.text).into(),
        pixels: spacing
            .map_or_else(String::new, |(pixels, _)| format!("{pixels:.1}"))
            .into(),
        held: match spacing {
            None => view::Held::Unknown,
            Some((_, Distance::Far)) => view::Held::Far,
            Some((_, Distance::Ideal)) => view::Held::Ideal,
            Some((_, Distance::Near)) => view::Held::Near,
        },
        millimetres: sight
            .and_then(|sight| sight.millimetres)
            .map_or_else(String::new, |mm| format!("{mm:.0}"))
            .into(),
        ms: format!("{:.1}", gauge.ms).into(),
    }
}
