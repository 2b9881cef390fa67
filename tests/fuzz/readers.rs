//! The readers before any picture: raw bytes, a drawn frame and whatever is done to it, a picture's file.

#![allow(clippy::expect_used, unreachable_pub)]

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use camera::{Pictures, Source as _};
use evidence::mrz;
use image::{GrayImage, RgbImage};
use vision::face::{FaceReader, FaceReading};
use vision::mrz::{MrzReader, MrzReading};
use vision::qr::CodeReader;
use vision::{Luma, Witness};

use super::scenes::{Canvas, cooked};

/// The most stages that a reader goes through for one picture, however much there seems to be in it. Counted, since time
/// depends on the machine.
const MOST_STAGES: usize = 1_000;

thread_local! {
    static ZONES: RefCell<MrzReader> = RefCell::new(MrzReader::new().expect("the model is built in"));
    static FACES: RefCell<FaceReader> =
        RefCell::new(FaceReader::load(&models()).expect("cargo xtask setup fetches the face models"));
    static GREY: Vec<Canvas> = vec![
        raw(include_bytes!("seeds/code_luma/small")),
        raw(include_bytes!("seeds/zone_luma/td3")),
        grey(include_bytes!("bases/phone.jpg")),
    ];
    static COLOUR: Vec<Canvas> = vec![colour(include_bytes!("bases/person.jpg"))];
}

/// Where set-up puts the face models: in the folder that `SEKISHO_MODELS` names, or in `target/models` of the workspace.
fn models() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let usual = here.ancestors().map(|folder| folder.join("target/models"));
    let named = std::env::var_os("SEKISHO_MODELS").map(PathBuf::from);
    let mut folders = named.into_iter().chain(usual);
    folders
        .find(|folder| folder.join("face_detection.onnx").is_file())
        .expect("cargo xtask setup fetches the face models")
}

/// A width in the first byte, in fours, and pixels.
fn picture(input: &[u8]) -> Option<Luma<'_>> {
    let (width, pixels) = input.split_first()?;
    let width = usize::from(*width) * 4;
    let height = pixels.len().checked_div(width)?;
    Luma::new(width, height, width, pixels).ok()
}

fn raw(seed: &[u8]) -> Canvas {
    let luma = picture(seed).expect("the seed is a picture");
    Canvas {
        width: luma.width,
        height: luma.height,
        channels: 1,
        bytes: luma.bytes[..luma.width * luma.height].to_vec(),
    }
}

fn decoded(file: &[u8]) -> image::DynamicImage {
    image::load_from_memory(file).expect("the base is a picture")
}

fn grey(file: &[u8]) -> Canvas {
    let picture: GrayImage = decoded(file).into_luma8();
    Canvas {
        width: picture.width() as usize,
        height: picture.height() as usize,
        channels: 1,
        bytes: picture.into_raw(),
    }
}

fn colour(file: &[u8]) -> Canvas {
    let picture: RgbImage = decoded(file).into_rgb8();
    Canvas {
        width: picture.width() as usize,
        height: picture.height() as usize,
        channels: 3,
        bytes: picture.into_raw(),
    }
}

/// Counts what a reader begins.
#[derive(Default)]
struct Stages(usize);

impl Witness for Stages {
    fn enters(&mut self, stage: &'static str) {
        self.0 += 1;
        assert!(self.0 <= MOST_STAGES, "{} stages, now at {stage}", self.0);
    }

    fn sees(&mut self, _: &'static str, _: Luma<'_>) {}
}

/// A picture before the code reader, through every stage.
pub fn code_luma(input: &[u8]) -> bool {
    picture(input).is_some_and(|luma| !codes(luma).is_empty())
}

/// A drawn code and what a recipe makes of it, as a still and as frames that give every stage its turn.
pub fn code_scene(input: &[u8]) -> bool {
    GREY.with(|bases| {
        let Some((scene, untouched)) = cooked(input, bases) else {
            return false;
        };
        let luma = Luma::new(scene.width, scene.height, scene.width, &scene.bytes).expect("it is");
        let still = codes(luma);
        let mut reader = CodeReader::new();
        for _ in 0..6 {
            let read = reader.read(luma);
            assert!(
                read.iter().all(|code| !code.text.is_empty()),
                "a code that says nothing"
            );
        }
        // The second base is a page.
        if let Some(0 | 2) = untouched {
            assert_eq!(still, ["SEKISHO"], "the drawn code itself is not read");
        }
        true
    })
}

fn codes(luma: Luma<'_>) -> Vec<String> {
    vision::qr::hush_isolated_panics();
    let read = CodeReader::new().read_still_before(luma, &mut Stages::default());
    read.into_iter().map(|code| code.text).collect()
}

/// A picture before the zone reader.
pub fn zone_luma(input: &[u8]) -> bool {
    picture(input).is_some_and(|luma| zone(luma).is_some_and(|lines| is_valid(&lines)))
}

/// A drawn zone and what a recipe makes of it.
pub fn zone_scene(input: &[u8]) -> bool {
    GREY.with(|bases| {
        let Some((scene, untouched)) = cooked(input, bases) else {
            return false;
        };
        let luma = Luma::new(scene.width, scene.height, scene.width, &scene.bytes).expect("it is");
        let lines = zone(luma);
        if untouched == Some(1) {
            assert!(
                lines.is_some_and(|lines| is_valid(&lines)),
                "the drawn zone itself is not read"
            );
        }
        true
    })
}

fn is_valid(lines: &[String]) -> bool {
    mrz::is_valid(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is read has the shape of its format, and a confidence for each character.
fn zone(luma: Luma<'_>) -> Option<Vec<String>> {
    let zone: MrzReading =
        ZONES.with_borrow_mut(|zones| zones.read_before(luma, &mut Stages::default()))?;
    assert_eq!(zone.lines.len(), zone.format.rows());
    assert!(
        zone.lines
            .iter()
            .all(|line| line.len() == zone.format.columns())
    );
    Some(zone.lines.clone())
}

/// A picture before the face reader: a width in the first byte, in fours, and colours. What is found is judged, and is
/// like itself.
pub fn face_rgb(input: &[u8]) -> bool {
    let Some((width, pixels)) = input.split_first() else {
        return false;
    };
    let width = u32::from(*width) * 4;
    let height = (pixels.len() as u32 / 3).checked_div(width).unwrap_or(0);
    let bytes = pixels[..(width * height * 3) as usize].to_vec();
    let picture = RgbImage::from_raw(width, height, bytes).expect("so many bytes");
    faces(&picture) > 0
}

/// A drawn person and what a recipe makes of it.
pub fn face_scene(input: &[u8]) -> bool {
    COLOUR.with(|bases| {
        let Some((scene, untouched)) = cooked(input, bases) else {
            return false;
        };
        let picture = RgbImage::from_raw(scene.width as u32, scene.height as u32, scene.bytes)
            .expect("so many bytes");
        let found = faces(&picture);
        if untouched.is_some() {
            assert_eq!(found, 1, "the drawn person is not found");
        }
        true
    })
}

fn faces(picture: &RgbImage) -> usize {
    FACES.with_borrow_mut(|reader| {
        let found: Vec<FaceReading> = reader.find_before(picture, &mut Stages::default());
        for face in &found {
            assert!(
                face.confidence <= 1000 && face.quality.score.per_mille() <= 1000,
                "{face:?}"
            );
            assert!(face.frame.width > 0 && face.frame.height > 0, "{face:?}");
        }
        // Embedding costs as much as finding; the nearest face is the one that is compared.
        if let Some(face) = found.first() {
            let template = reader.embed(picture, face);
            assert!(
                template.likeness(&template).per_mille() >= 990,
                "unlike itself: {face:?}"
            );
        }
        found.len()
    })
}

/// A picture's file, as an engineer inspects it and as the cameras' stand-in plays it. What is taken has all its pixels.
pub fn picture_file(input: &[u8]) -> bool {
    let path = std::env::temp_dir().join(format!("sekisho-fuzz-{}.png", std::process::id()));
    fs::write(&path, input).expect("the temporary folder takes a file");
    let shown = Pictures::open(&path, 1_000_000).and_then(|mut pictures| pictures.frame());
    let _ = fs::remove_file(&path);
    let Ok(frame) = shown else {
        return false;
    };
    let pixels = frame.width as usize * frame.height as usize;
    assert_eq!(frame.luma().len(), pixels);
    assert_eq!(frame.rgb().into_raw().len(), pixels * 3);
    true
}
