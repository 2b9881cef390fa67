//! The readers before any picture: raw bytes, a drawn frame and whatever is done to it, a picture's file.

#![allow(clippy::expect_used, unreachable_pub)]

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use camera::{Encoding, Format, Offer, Pictures, Source as _};
use evidence::mrz;
use image::{GrayImage, RgbImage};
use vision::face::{self, FaceReader, FaceReading, PresentationCheck};
use vision::mrz::{MrzReader, MrzReading, MrzTrail, MrzVotes};
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

/// A picture before the zone reader, as a frame and as a still.
pub fn zone_luma(input: &[u8]) -> bool {
    picture(input).is_some_and(|luma| {
        if let Some(zone) = ZONES.with_borrow_mut(|zones| zones.read_still(luma)) {
            is_shaped(&zone);
        }
        zone(luma).is_some_and(|lines| is_valid(&lines))
    })
}

/// A drawn zone and what a recipe makes of it, as one frame and as a burst whose frames vote.
pub fn zone_scene(input: &[u8]) -> bool {
    GREY.with(|bases| {
        let Some((scene, untouched)) = cooked(input, bases) else {
            return false;
        };
        let luma = Luma::new(scene.width, scene.height, scene.width, &scene.bytes).expect("it is");
        let lines = zone(luma);
        let (mut trail, mut votes) = (MrzTrail::default(), MrzVotes::default());
        for _ in 0..3 {
            let sighting = ZONES.with_borrow_mut(|zones| zones.follow(luma, &mut trail));
            if let Some(sighting) = &sighting {
                is_shaped(sighting.reading());
                votes.cast(sighting.reading());
            }
        }
        if let Some(elected) = votes.elected() {
            assert!(is_valid(&elected), "elected in spite of its check digits");
        }
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
    is_shaped(&zone);
    Some(zone.lines.clone())
}

fn is_shaped(zone: &MrzReading) {
    let columns = zone.format.columns();
    assert_eq!(zone.lines.len(), zone.format.rows());
    assert_eq!(zone.confidences.len(), zone.format.rows());
    assert!(zone.lines.iter().all(|line| line.len() == columns));
    assert!(zone.confidences.iter().all(|sure| sure.len() == columns));
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
        // Embedding costs as much as finding; the nearest face is the one that is compared, followed, studied and kept.
        if let Some(face) = found.first() {
            reader.follow(picture, face);
            let mut check = PresentationCheck::default();
            for _ in 0..2 {
                reader.study(picture, face, &mut check);
            }
            let kept = face::portrait(picture, face).into_picture();
            assert!(kept.width() > 0 && kept.height() > 0, "{face:?}");
            let template = reader.embed(picture, face);
            assert!(
                template.likeness(&template).per_mille() >= 990,
                "unlike itself: {face:?}"
            );
        }
        found.len()
    })
}

/// A camera driver's buffer in some packing and size: an encoding in the first byte, width and height in fours in the next two. What is
/// taken has all its pixels.
pub fn driver_buffer(input: &[u8]) -> bool {
    let Some((&[encoding, width, height], bytes)) = input.split_first_chunk() else {
        return false;
    };
    let offer = Offer {
        format: Format {
            width: u32::from(width) * 4,
            height: u32::from(height) * 4,
            fps: 30,
        },
        encoding: match encoding % 6 {
            0 => Encoding::Yuyv,
            1 => Encoding::Nv12,
            2 => Encoding::Rgb,
            3 => Encoding::Bgr,
            4 => Encoding::Grey,
            _ => Encoding::Mjpeg,
        },
    };
    let Ok(frame) = offer.frame("fuzzed", bytes, std::time::Instant::now()) else {
        return false;
    };
    let pixels = frame.width as usize * frame.height as usize;
    assert_eq!(
        (frame.width, frame.height),
        (offer.format.width, offer.format.height)
    );
    assert_eq!(frame.luma().len(), pixels);
    assert_eq!(frame.rgb().into_raw().len(), pixels * 3);
    true
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
