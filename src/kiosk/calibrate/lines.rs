//! A sighting as a line.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use vision::measure::{Distance, Focus, Light, REGIONS};

use super::sighting::{Glimpse, Seen, Sighting};

/// For eyes.
pub(super) struct Plain<'a>(pub(super) &'a Sighting);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.0;
        let (width, height) = now.colours.dimensions();
        write!(
            f,
            "{} {width}x{height} {:.1}/s | {}",
            now.number,
            now.rate,
            focus(now.sharpness.focus())
        )?;
        if let Some(rise) = now.sharpness.rise {
            write!(f, " {rise:.1} px")?;
        }
        let exposure = &now.exposure;
        write!(
            f,
            " detail {:.0} best {:.0} | {} mean {:.0} black {:.1} % white {:.1} %",
            now.sharpness.laplacian,
            now.best,
            light(exposure.light()),
            exposure.mean,
            f32::from(exposure.black) / 10.0,
            f32::from(exposure.white) / 10.0
        )?;
        for (name, glimpse) in [("code", &now.code), ("mrz", &now.zone), ("face", &now.face)] {
            write!(f, " | {name}")?;
            match &glimpse.seen {
                None => f.write_str(" -")?,
                Some(seen) => sight(f, seen)?,
            }
            write!(f, " {:.1} ms", glimpse.ms)?;
        }
        Ok(())
    }
}

fn sight(f: &mut fmt::Formatter<'_>, seen: &Seen) -> fmt::Result {
    write!(f, " {}", seen.figure)?;
    if !seen.sound {
        f.write_str(" check digits wrong")?;
    }
    if let Some(spacing) = seen.spacing {
        write!(
            f,
            " {} {:.1} px",
            distance(spacing.distance),
            spacing.pixels
        )?;
    }
    if let Some(millimetres) = seen.millimetres {
        write!(f, " {millimetres:.0} mm")?;
    }
    if !seen.text.is_empty() {
        write!(f, " \"{}\"", *seen.text)?;
    }
    Ok(())
}

/// For programs.
#[derive(Serialize)]
struct Line<'a> {
    frame: u64,
    size: (u32, u32),
    rate: f32,
    sharpness: SharpnessLine,
    exposure: ExposureLine<'a>,
    code: Option<SeenLine<'a>>,
    mrz: Option<SeenLine<'a>>,
    face: Option<SeenLine<'a>>,
    ms: Milliseconds,
}

#[derive(Serialize)]
struct SharpnessLine {
    focus: &'static str,
    edge_px: Option<f32>,
    laplacian: f32,
    best: f32,
    regions: [[f32; REGIONS]; REGIONS],
}

#[derive(Serialize)]
struct ExposureLine<'a> {
    light: &'static str,
    mean: f32,
    black_per_mille: u16,
    white_per_mille: u16,
    percentiles: [u8; 3],
    histogram: &'a [u32],
}

#[derive(Serialize)]
struct SeenLine<'a> {
    figure: &'a str,
    text: &'a str,
    valid: bool,
    px: Option<f32>,
    distance: Option<&'static str>,
    mm: Option<f32>,
    corners: [(i32, i32); 4],
}

#[derive(Serialize)]
struct Milliseconds {
    qr: f64,
    mrz: f64,
    face: f64,
}

/// Writes a sighting as JSON and ends the line.
pub(super) fn json(now: &Sighting, out: &mut impl Write) -> io::Result<()> {
    let line = Line {
        frame: now.number,
        size: now.colours.dimensions(),
        rate: tenths(now.rate),
        sharpness: SharpnessLine {
            focus: focus(now.sharpness.focus()),
            edge_px: now.sharpness.rise.map(tenths),
            laplacian: tenths(now.sharpness.laplacian),
            best: tenths(now.best),
            regions: now.sharpness.regions.map(|row| row.map(tenths)),
        },
        exposure: ExposureLine {
            light: light(now.exposure.light()),
            mean: tenths(now.exposure.mean),
            black_per_mille: now.exposure.black,
            white_per_mille: now.exposure.white,
            percentiles: now.exposure.percentiles,
            histogram: &now.exposure.histogram,
        },
        code: seen(&now.code),
        mrz: seen(&now.zone),
        face: seen(&now.face),
        ms: Milliseconds {
            qr: now.code.ms,
            mrz: now.zone.ms,
            face: now.face.ms,
        },
    };
    serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
    writeln!(out)
}

fn seen(glimpse: &Glimpse<Seen>) -> Option<SeenLine<'_>> {
    glimpse.seen.as_ref().map(|seen| SeenLine {
        figure: &seen.figure,
        text: &seen.text,
        valid: seen.sound,
        px: seen.spacing.map(|spacing| tenths(spacing.pixels)),
        distance: seen.spacing.map(|spacing| distance(spacing.distance)),
        mm: seen.millimetres.map(f32::round),
        corners: seen.corners,
    })
}

fn tenths(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}

fn focus(focus: Focus) -> &'static str {
    match focus {
        Focus::Sharp => "sharp",
        Focus::Soft => "soft",
        Focus::Blurred => "blurred",
        Focus::Unknown => "nothing to focus on",
    }
}

fn light(light: Light) -> &'static str {
    match light {
        Light::Good => "well lit",
        Light::Dark => "too dark",
        Light::Bright => "too bright",
        Light::Flat => "no contrast",
    }
}

fn distance(distance: Distance) -> &'static str {
    match distance {
        Distance::Far => "too far",
        Distance::Ideal => "ideal",
        Distance::Near => "too near",
    }
}
