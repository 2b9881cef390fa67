//! Readings as JSON.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use zeroize::Zeroizing;

use crate::face::{Advice, FaceBox, FaceReading};
use crate::mrz::MrzReading;
use crate::qr::CodeReading;

pub(super) fn each_code<S: Serializer>(
    codes: &[CodeReading],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Code<'a> {
        text: &'a str,
        corners: [(i32, i32); 4],
        stage: String,
    }
    serializer.collect_seq(codes.iter().map(|code| Code {
        text: &code.text,
        corners: code.corners,
        stage: in_words(&format!("{:?}", code.stage)),
    }))
}

pub(super) fn zone<S: Serializer>(
    zone: &Option<MrzReading>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(zone) = zone else {
        return serializer.serialize_none();
    };
    let lines: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
    let least = zone.confidences.iter().map(|line| line.iter().min());
    let mut map = serializer.serialize_map(Some(6))?;
    map.serialize_entry("format", zone.format.name())?;
    map.serialize_entry("lines", &lines)?;
    map.serialize_entry("valid", &evidence::mrz::is_valid(&lines))?;
    map.serialize_entry("checks", &checks(&lines))?;
    map.serialize_entry("confidence", &least.collect::<Vec<_>>())?;
    map.serialize_entry("corners", &zone.corners)?;
    map.end()
}

pub(super) fn voted<S: Serializer>(
    lines: &Option<Zeroizing<Vec<String>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    lines.as_deref().serialize(serializer)
}

#[derive(Serialize)]
struct Check {
    field: String,
    valid: bool,
}

/// Each check digit's verdict, in the order of the fields.
fn checks(lines: &[&str]) -> Vec<Check> {
    let verdicts = evidence::mrz::verdicts(lines).unwrap_or_default();
    verdicts
        .into_iter()
        .map(|verdict| Check {
            field: verdict.field.to_string(),
            valid: verdict.valid,
        })
        .collect()
}

pub(super) fn each_face<S: Serializer>(
    faces: &[FaceReading],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Face {
        r#box: [i32; 4],
        quality: u16,
        advice: Option<String>,
        confidence: u16,
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
            advice: face.quality.advice.map(advice_in_words),
            confidence: face.confidence,
        }
    }))
}

/// An advice as an engineer reads it: `come closer`.
#[must_use]
pub fn advice_in_words(advice: Advice) -> String {
    in_words(&format!("{advice:?}"))
}

/// A variant's name as words: `ComeCloser` is `come closer`. Names here hold no personal value.
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
