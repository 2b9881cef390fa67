//! The field engineer's window with content.

use zeroize::Zeroizing;

use super::sound;
use crate::calibrate::{Calibration, Distance, Eye, Focus, Gauge, Light, REGIONS, Sight};
use crate::{Camera, Picture};

/// The window by name: a passport well seen, a face too far away, everything at once, a camera
/// that shows nothing.
pub fn calibrations() -> Vec<(&'static str, Calibration)> {
    vec![
        ("calibrate-documents", documents()),
        ("calibrate-face", face()),
        ("calibrate-everything", everything()),
        ("calibrate-no-picture", nothing()),
    ]
}

/// A zone's lines, masked.
const HIDDEN: &str = "P<UTO******** ********";

/// A page on a desk, as far as shades go.
fn page() -> Picture {
    let (width, height) = (320_u32, 180_u32);
    let rgb = (0..height).flat_map(|y| {
        (0..width).flat_map(move |x| {
            let on_page = (50..270).contains(&x) && (20..160).contains(&y);
            let print = on_page && (120..150).contains(&y) && y / 8 % 2 == 0 && x % 5 < 3;
            if print {
                [62, 60, 70]
            } else if on_page {
                [226, 220, 206]
            } else {
                [84, 82, 78]
            }
        })
    });
    sound(Picture::new(width, height, rgb.collect()))
}

/// What most pictures look like: shades about two middles.
fn histogram() -> Vec<u32> {
    let hill = |at: i32, middle: i32, high: i32| (high - (at - middle).pow(2) * 8).max(0);
    (0..64)
        .map(|at| (40 + hill(at, 20, 900) + hill(at, 54, 1_800)).unsigned_abs())
        .collect()
}

fn seen(eye: Eye, ms: f64, figure: &str, text: &str, spacing: (f32, Distance)) -> Gauge {
    Gauge {
        eye,
        sight: Some(Sight {
            figure: figure.to_owned(),
            text: Zeroizing::new(text.to_owned()),
            sound: true,
            spacing: Some(spacing),
            millimetres: Some(253.0),
        }),
        ms,
    }
}

fn unseen(eye: Eye, ms: f64) -> Gauge {
    Gauge {
        eye,
        sight: None,
        ms,
    }
}

fn documents() -> Calibration {
    Calibration {
        camera: Camera::Documents,
        picture: Some(page()),
        outlines: vec![[(52, 118), (268, 118), (268, 152), (52, 152)]],
        size: (1920, 1080),
        rate: 14.8,
        focus: Focus::Sharp,
        rise: Some(2.1),
        detail: (812.0, 930.0),
        regions: [
            90.0, 160.0, 80.0, 420.0, 700.0, 390.0, 830.0, 1_120.0, 640.0,
        ],
        light: Light::Good,
        mean: 131.0,
        clipped: (2, 14),
        histogram: histogram(),
        gauges: vec![
            unseen(Eye::Code, 8.4),
            seen(Eye::Zone, 31.2, "TD3", HIDDEN, (20.4, Distance::Ideal)),
            unseen(Eye::Face, 38.0),
        ],
    }
}

fn face() -> Calibration {
    Calibration {
        camera: Camera::Face,
        outlines: vec![[(120, 30), (180, 30), (180, 110), (120, 110)]],
        size: (1280, 720),
        rate: 9.5,
        focus: Focus::Blurred,
        rise: Some(6.8),
        detail: (41.0, 187.0),
        regions: [12.0, 30.0, 9.0, 20.0, 70.0, 22.0, 6.0, 40.0, 11.0],
        light: Light::Dark,
        mean: 44.0,
        clipped: (310, 0),
        gauges: vec![
            unseen(Eye::Code, 12.1),
            unseen(Eye::Zone, 22.6),
            seen(Eye::Face, 37.5, "412", "", (31.0, Distance::Far)),
        ],
        ..documents()
    }
}

/// A code before a page, and its holder behind them: as much as ever stands on the glass.
fn everything() -> Calibration {
    let mut zone = seen(Eye::Zone, 31.2, "MRV-A", HIDDEN, (20.4, Distance::Ideal));
    if let Some(sight) = &mut zone.sight {
        sight.sound = false;
    }
    Calibration {
        gauges: vec![
            seen(
                Eye::Code,
                8.4,
                "1451",
                "SKD1:********",
                (2.6, Distance::Far),
            ),
            zone,
            seen(Eye::Face, 38.0, "912", "", (212.5, Distance::Near)),
        ],
        ..documents()
    }
}

fn nothing() -> Calibration {
    Calibration {
        picture: None,
        outlines: Vec::new(),
        focus: Focus::Unknown,
        rise: None,
        detail: (0.0, 0.0),
        regions: [0.0; REGIONS],
        light: Light::Flat,
        mean: 0.0,
        clipped: (1_000, 0),
        histogram: vec![0; 64],
        gauges: [Eye::Code, Eye::Zone, Eye::Face]
            .map(|eye| unseen(eye, 0.0))
            .to_vec(),
        ..documents()
    }
}
