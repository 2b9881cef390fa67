//! One still picture through every reader: what `kiosk inspect` prints.

use std::path::Path;
use std::time::Instant;

use evidence::MrzFormat;
use image::DynamicImage;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use zeroize::Zeroize;

use crate::Luma;
use crate::face::{FaceBox, FaceReader, FaceReading, ModelError};
use crate::mrz::{LineReaderError, MrzReader, MrzReading};
use crate::qr::{CodeReader, CodeReading};

/// Why the readers cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ReadersError {
    /// The reader of machine readable zones.
    #[error(transparent)]
    LineReader(#[from] LineReaderError),
    /// The face models.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// All readers of this crate.
pub struct Readers {
    /// QR codes.
    pub codes: CodeReader,
    /// Machine readable zones.
    pub mrz: MrzReader,
    /// Faces.
    pub faces: FaceReader,
}

impl Readers {
    /// The readers, faces by the two files in the folder `models` (see [`FaceReader::load`]).
    pub fn load(models: &Path) -> Result<Self, ReadersError> {
        Ok(Self {
            codes: CodeReader::new(),
            mrz: MrzReader::new()?,
            faces: FaceReader::load(models)?,
        })
    }
}

/// What the readers see in one picture. It holds personal values and has no `Debug`; its only way out is serde:
///
/// ```json
/// {"picture":"a.png","codes":[{"text":"SKD1:..."}],
///  "mrz":{"format":"TD3","lines":["P<UTO...","L898..."],"valid":true},
///  "faces":[{"box":[178,63,90,114],"quality":1000}],
///  "ms":{"qr":4.2,"mrz":31.0,"face":38.5}}
/// ```
///
/// `mrz` is null when none is found; `valid` says that every check digit is right; a box is left, top, width, height in
/// pixels; quality is per mille; `ms` are milliseconds per reader.
#[derive(Serialize)]
pub struct Inspection {
    /// The picture's name, as given.
    pub picture: String,
    /// The codes in view.
    #[serde(serialize_with = "each_code")]
    pub codes: Vec<CodeReading>,
    /// The machine readable zone.
    #[serde(serialize_with = "zone")]
    pub mrz: Option<MrzReading>,
    /// The faces, nearest first.
    #[serde(serialize_with = "each_face")]
    pub faces: Vec<FaceReading>,
    /// How long each reader took.
    pub ms: Milliseconds,
}

/// How long each reader took, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Milliseconds {
    /// The code reader, all its stages.
    pub qr: f64,
    /// The zone reader.
    pub mrz: f64,
    /// Finding and judging faces, without comparing any.
    pub face: f64,
}

/// Shows a picture to every reader. `clock` is the caller's, since this crate has none.
pub fn inspect(
    readers: &mut Readers,
    name: &str,
    picture: &DynamicImage,
    clock: impl Fn() -> Instant,
) -> Inspection {
    let mut grey = picture.to_luma8();
    let mut colours = picture.to_rgb8();
    let (codes, qr) = timed(&clock, || readers.codes.read_still(Luma::from(&grey)));
    let (mrz, mrz_ms) = timed(&clock, || readers.mrz.read(Luma::from(&grey)));
    let (faces, face) = timed(&clock, || readers.faces.find(&colours));
    grey.as_flat_samples_mut().samples.zeroize();
    colours.as_flat_samples_mut().samples.zeroize();
    Inspection {
        picture: name.to_owned(),
        codes,
        mrz,
        faces,
        ms: Milliseconds {
            qr,
            mrz: mrz_ms,
            face,
        },
    }
}

fn timed<T>(clock: impl Fn() -> Instant, read: impl FnOnce() -> T) -> (T, f64) {
    let before = clock();
    let reading = read();
    let milliseconds = clock().saturating_duration_since(before).as_secs_f64() * 1e3;
    (reading, (milliseconds * 1e3).round() / 1e3)
}

fn each_code<S: Serializer>(codes: &[CodeReading], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Code<'a> {
        text: &'a str,
    }
    serializer.collect_seq(codes.iter().map(|code| Code { text: &code.text }))
}

fn zone<S: Serializer>(zone: &Option<MrzReading>, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(zone) = zone else {
        return serializer.serialize_none();
    };
    let format = match zone.format {
        MrzFormat::Td1 => "TD1",
        MrzFormat::Td2 => "TD2",
        MrzFormat::Td3 => "TD3",
        MrzFormat::MrvA => "MRV-A",
        MrzFormat::MrvB => "MRV-B",
    };
    let lines: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("format", format)?;
    map.serialize_entry("lines", &lines)?;
    map.serialize_entry("valid", &evidence::mrz::is_valid(&lines))?;
    map.end()
}

fn each_face<S: Serializer>(faces: &[FaceReading], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Face {
        r#box: [i32; 4],
        quality: u16,
    }
    serializer.collect_seq(faces.iter().map(|face| {
        let FaceBox {
            x,
            y,
            width,
            height,
        } = face.frame;
        Face {
            r#box: [x, y, width, height],
            quality: face.quality.score.per_mille(),
        }
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::cell::Cell;
    use std::time::Duration;

    use image::RgbImage;
    use serde_json::json;

    use super::*;
    use crate::qr::Stage;
    use crate::test_models::models;

    #[test]
    fn the_keys_are_those_that_field_engineers_know() {
        let face = FaceReading {
            frame: FaceBox {
                x: -3,
                y: 4,
                width: 50,
                height: 60,
            },
            landmarks: [(0, 0); 5],
            confidence: 900,
            quality: crate::face::FaceQuality {
                score: evidence::Quality::new(750).unwrap(),
                advice: None,
            },
        };
        let specimen = |second: &str| MrzReading {
            format: MrzFormat::Td3,
            lines: vec![
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
                second.to_owned(),
            ],
            confidences: Vec::new(),
            corners: [(0, 0); 4],
        };
        let inspection = |mrz| Inspection {
            picture: "page.png".to_owned(),
            codes: vec![CodeReading {
                text: "SKD1:X".to_owned(),
                corners: [(0, 0); 4],
                stage: Stage::Half,
            }],
            mrz,
            faces: vec![face.clone()],
            ms: Milliseconds {
                qr: 1.5,
                mrz: 2.0,
                face: 3.25,
            },
        };
        // The specimen of ICAO Doc 9303 part 4, then with its last check digit wrong.
        let lines = [
            ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", true),
            ("L898902C36UTO7408122F1204159ZE184226B<<<<<11", false),
        ];
        for (line, valid) in lines {
            let value = serde_json::to_value(inspection(Some(specimen(line)))).unwrap();
            assert_eq!(
                value,
                json!({
                    "picture": "page.png",
                    "codes": [{"text": "SKD1:X"}],
                    "mrz": {
                        "format": "TD3",
                        "lines": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", line],
                        "valid": valid
                    },
                    "faces": [{"box": [-3, 4, 50, 60], "quality": 750}],
                    "ms": {"qr": 1.5, "mrz": 2.0, "face": 3.25}
                })
            );
        }
        assert!(serde_json::to_value(inspection(None)).unwrap()["mrz"].is_null());
    }

    #[test]
    fn a_portrait_has_a_face_and_nothing_else_and_time_is_the_callers() {
        let mut readers = Readers::load(&models()).unwrap();
        let picture = image::open(models().join("astronaut.png")).unwrap();
        let start = Instant::now();
        let looks = Cell::new(0);
        let clock = || {
            looks.set(looks.get() + 1);
            start + Duration::from_millis(5) * looks.get()
        };
        let inspection = inspect(&mut readers, "astronaut.png", &picture, clock);
        let value = serde_json::to_value(&inspection).unwrap();
        assert_eq!(value["codes"], json!([]));
        assert!(value["mrz"].is_null());
        assert_eq!(value["faces"].as_array().unwrap().len(), 1);
        assert_eq!(value["ms"], json!({"qr": 5.0, "mrz": 5.0, "face": 5.0}));
    }

    #[test]
    fn a_picture_of_nothing_is_inspected_as_well() {
        let mut readers = Readers::load(&models()).unwrap();
        for (width, height) in [(0, 0), (1, 1), (7, 300)] {
            let picture = DynamicImage::ImageRgb8(RgbImage::new(width, height));
            let inspection = inspect(&mut readers, "nothing", &picture, Instant::now);
            assert!(
                inspection.codes.is_empty()
                    && inspection.mrz.is_none()
                    && inspection.faces.is_empty()
            );
        }
    }
}
