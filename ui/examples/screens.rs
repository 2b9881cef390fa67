//! Renders every sample screen without a display, in each language, theme and size, and a contact sheet of each
//! language: `cargo run -p ui --example screens -- --into DIR [--only NAME] [--brief]`.
//! `--window NAME` shows one sample in a real window instead, and prints what is touched.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/glass/mod.rs"]
mod glass;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use glass::Glass;
use image::{RgbImage, imageops};
use journey::Language;
use slint::ComponentHandle;
use ui::calibrate::Calibrator;
use ui::{Contrast, Display, Settings, Size, calibrations, samples};

fn main() {
    let mut into = PathBuf::from("target/screens");
    let (mut only, mut brief) = (None, false);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--into" => into = arguments.next().expect("--into needs a folder").into(),
            "--only" => only = arguments.next(),
            "--brief" => brief = true,
            "--window" => {
                return window(&arguments.next().expect("--window needs a sample's name"));
            }
            other => {
                panic!(
                    "unknown argument {other}; there are --into DIR, --only NAME, --brief and --window NAME"
                )
            }
        }
    }
    fs::create_dir_all(&into).expect("the folder can be made");
    let sizes: &[Size] = if brief {
        &[Size::PORTRAIT, Size::SMALL]
    } else {
        &Size::ALL
    };
    let contrasts: &[Contrast] = if brief {
        &[Contrast::Normal]
    } else {
        &[Contrast::Normal, Contrast::High]
    };
    let mut pictures = 0;
    for &size in sizes {
        for &contrast in contrasts {
            let glass = Glass::new(&Settings {
                size: Some(size),
                contrast,
                ..glass::settings()
            });
            for language in Language::ALL {
                let mut sheet = Vec::new();
                for (name, screen) in samples() {
                    if only
                        .as_ref()
                        .is_some_and(|only| !name.starts_with(only.as_str()))
                    {
                        continue;
                    }
                    let picture = glass.picture_of(name, screen, language);
                    let theme = if contrast == Contrast::High {
                        "-high"
                    } else {
                        ""
                    };
                    let file = format!(
                        "{name}-{}-{}x{}{theme}.png",
                        language.tag(),
                        size.width,
                        size.height
                    );
                    picture
                        .save(into.join(file))
                        .expect("the picture can be written");
                    pictures += 1;
                    sheet.push(picture);
                }
                if contrast == Contrast::Normal {
                    pictures += calibrations_into(&into, only.as_deref(), size, language);
                }
                if contrast == Contrast::Normal && !sheet.is_empty() {
                    let file = format!("all-{}-{}x{}.png", language.tag(), size.width, size.height);
                    contact_sheet(&sheet)
                        .save(into.join(file))
                        .expect("the sheet can be written");
                }
            }
        }
    }
    println!("{pictures} pictures in {}", into.display());
}

/// The field engineer's window; how many pictures there are of it.
fn calibrations_into(into: &Path, only: Option<&str>, size: Size, language: Language) -> usize {
    let wanted = |name: &str| only.is_none_or(|only| name.starts_with(only));
    let samples = calibrations();
    let samples = samples.iter().filter(|(name, _)| wanted(name));
    samples
        .map(|(name, calibration)| {
            let window = Calibrator::new(Some(size), language).expect("there is a backend");
            window.window().show().expect("the window can be shown");
            window.paint(calibration);
            let (tag, Size { width, height }) = (language.tag(), size);
            let file = into.join(format!("{name}-{tag}-{width}x{height}.png"));
            glass::photographed(window.window().window())
                .save(file)
                .expect("the picture can be written");
        })
        .count()
}

/// One sample in a window of half size.
fn window(name: &str) {
    let (_, screen) = samples()
        .into_iter()
        .find(|(known, _)| *known == name)
        .expect("there is such a sample");
    let size = Some(Size {
        width: 540,
        height: 960,
    });
    let settings = Settings {
        size,
        ..glass::settings()
    };
    let display =
        Display::with(&settings, |intent| println!("{intent:?}")).expect("there is a display");
    display.paint(screen);
    display.run().expect("the window runs");
}

/// All pictures side by side, small.
fn contact_sheet(pictures: &[RgbImage]) -> RgbImage {
    const GAP: u32 = 16;
    let Some(first) = pictures.first() else {
        return RgbImage::new(1, 1);
    };
    let columns = if first.width() < first.height() { 8 } else { 5 };
    let (width, height) = (first.width() / 4, first.height() / 4);
    let rows = u32::try_from(pictures.len()).unwrap().div_ceil(columns);
    let mut sheet = RgbImage::from_pixel(
        columns * (width + GAP) + GAP,
        rows * (height + GAP) + GAP,
        image::Rgb([236, 236, 236]),
    );
    for (at, picture) in (0u32..).zip(pictures) {
        let small = imageops::resize(picture, width, height, imageops::FilterType::Triangle);
        let (x, y) = (
            GAP + at % columns * (width + GAP),
            GAP + at / columns * (height + GAP),
        );
        imageops::replace(&mut sheet, &small, x.into(), y.into());
    }
    sheet
}
