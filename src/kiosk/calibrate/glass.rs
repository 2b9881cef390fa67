//! A sighting as the window shows it.

use image::imageops;
use ui::Picture;
use ui::calibrate::{Calibration, Distance, Eye, Focus, Gauge, Light, REGIONS, Sight};
use vision::measure;
use zeroize::Zeroizing;

use super::Which;
use super::sighting::{Glimpse, Seen, Sighting};

/// The longer side of the picture that is shown: the software renderer pays for every pixel.
const LONGER_SIDE: u32 = 960;

/// A frame with its figures.
pub(super) fn shown(now: &Sighting, camera: Which) -> Calibration {
    let (width, height) = now.colours.dimensions();
    let factor = (LONGER_SIDE as f32 / width.max(height).max(1) as f32).min(1.0);
    let side = |length: u32| ((length as f32 * factor) as u32).max(1);
    let small = imageops::thumbnail(&now.colours, side(width), side(height));
    let (small_width, small_height) = small.dimensions();
    let glimpses = [
        (Eye::Code, &now.code),
        (Eye::Zone, &now.zone),
        (Eye::Face, &now.face),
    ];
    let scaled = |(x, y): (i32, i32)| ((x as f32 * factor) as i32, (y as f32 * factor) as i32);
    let mut regions = [0.0; REGIONS];
    for (place, &region) in regions
        .iter_mut()
        .zip(now.sharpness.regions.iter().flatten())
    {
        *place = region;
    }
    Calibration {
        camera: lens(camera),
        picture: Picture::new(small_width, small_height, small.into_raw()),
        outlines: glimpses
            .iter()
            .filter_map(|(_, glimpse)| Some(glimpse.seen.as_ref()?.corners.map(scaled)))
            .collect(),
        size: (width, height),
        rate: now.rate,
        focus: match now.sharpness.focus() {
            measure::Focus::Sharp => Focus::Sharp,
            measure::Focus::Soft => Focus::Soft,
            measure::Focus::Blurred => Focus::Blurred,
            measure::Focus::Unknown => Focus::Unknown,
        },
        rise: now.sharpness.rise,
        detail: (now.sharpness.laplacian, now.best),
        regions,
        light: match now.exposure.light() {
            measure::Light::Good => Light::Good,
            measure::Light::Dark => Light::Dark,
            measure::Light::Bright => Light::Bright,
            measure::Light::Flat => Light::Flat,
        },
        mean: now.exposure.mean,
        clipped: (now.exposure.black, now.exposure.white),
        histogram: now.exposure.histogram.to_vec(),
        gauges: glimpses.map(|(eye, glimpse)| gauge(eye, glimpse)).to_vec(),
    }
}

/// A camera that shows nothing.
pub(super) fn blind(camera: Which) -> Calibration {
    Calibration {
        camera: lens(camera),
        picture: None,
        outlines: Vec::new(),
        size: (0, 0),
        rate: 0.0,
        focus: Focus::Unknown,
        rise: None,
        detail: (0.0, 0.0),
        regions: [0.0; REGIONS],
        light: Light::Flat,
        mean: 0.0,
        clipped: (0, 0),
        histogram: Vec::new(),
        gauges: Vec::new(),
    }
}

/// A mask is as long as what it hides; eight stars of each run say as much.
fn shortened(text: &str) -> Zeroizing<String> {
    let mut run = 0;
    let shown = text.chars().filter(|&letter| {
        run = if letter == '*' { run + 1 } else { 0 };
        run <= 8
    });
    Zeroizing::new(shown.collect())
}

fn lens(camera: Which) -> ui::Camera {
    match camera {
        Which::Documents => ui::Camera::Documents,
        Which::Face => ui::Camera::Face,
    }
}

fn gauge(eye: Eye, glimpse: &Glimpse<Seen>) -> Gauge {
    Gauge {
        eye,
        sight: glimpse.seen.as_ref().map(|seen| Sight {
            figure: seen.figure.clone(),
            // A face says nothing; what would help is told in the lines, which know one language.
            text: match eye {
                Eye::Code | Eye::Zone => shortened(&seen.text),
                Eye::Face => Zeroizing::default(),
            },
            sound: seen.sound,
            spacing: seen.spacing.map(|spacing| {
                let distance = match spacing.distance {
                    measure::Distance::Far => Distance::Far,
                    measure::Distance::Ideal => Distance::Ideal,
                    measure::Distance::Near => Distance::Near,
                };
                (spacing.pixels, distance)
            }),
            millimetres: seen.millimetres,
        }),
        ms: glimpse.ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_cut_short_and_a_text_is_not() {
        for (text, expected) in [
            ("P<UTO*************** **********", "P<UTO******** ********"),
            ("SKD1:A*B**C HELLO", "SKD1:A*B**C HELLO"),
        ] {
            assert_eq!(*shortened(text), expected);
        }
    }
}
