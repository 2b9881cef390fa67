//! One frame, measured and read.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use camera::Frame;
use image::{GrayImage, RgbImage};
use vision::face::FaceReading;
use vision::inspect::{Manner, Readers, View, advice_in_words, look};
use vision::measure::{self, Exposure, Levels, Sharpness, Spacing};
use vision::mrz::MrzReading;
use vision::qr::CodeReading;
use vision::{Luma, Nobody};
use zeroize::{Zeroize, Zeroizing};

use super::Text;

/// Frames a second are counted over this time.
const COUNTED: Duration = Duration::from_secs(3);
/// A zone's first characters are the document's sort and its state; what comes after is its holder's.
const NOBODYS: usize = 5;

/// What is known of the lens.
pub(super) struct Lens {
    pub(super) levels: Levels,
    pub(super) field_of_view: Option<f32>,
}

/// What looks at each frame, and what it remembers of those before: no pixel.
pub(super) struct Watch {
    readers: Readers,
    lens: Lens,
    text: Text,
    number: u64,
    taken: VecDeque<Instant>,
    best: f32,
}

/// A frame, measured and read. Its pixels and texts are zeroed when it goes.
pub(super) struct Sighting {
    pub(super) number: u64,
    pub(super) colours: RgbImage,
    /// Frames a second.
    pub(super) rate: f32,
    pub(super) sharpness: Sharpness,
    /// The highest variance of the Laplacian so far.
    pub(super) best: f32,
    pub(super) exposure: Exposure,
    pub(super) code: Glimpse<Seen>,
    pub(super) zone: Glimpse<Seen>,
    pub(super) face: Glimpse<Seen>,
}

/// What one reader saw, and how many milliseconds it looked.
pub(super) struct Glimpse<T> {
    pub(super) seen: Option<T>,
    pub(super) ms: f64,
}

/// A thing that was read.
pub(super) struct Seen {
    /// What sort of thing: characters of a code, a zone's format, a face's quality.
    pub(super) figure: String,
    /// What it says, masked or not; of a face, what would help.
    pub(super) text: Zeroizing<String>,
    /// Whether its check digits are right.
    pub(super) sound: bool,
    pub(super) spacing: Option<Spacing>,
    pub(super) millimetres: Option<f32>,
    pub(super) corners: [(i32, i32); 4],
}

impl Watch {
    pub(super) fn new(readers: Readers, lens: Lens, text: Text) -> Self {
        Self {
            readers,
            lens,
            text,
            number: 0,
            taken: VecDeque::new(),
            best: 0.0,
        }
    }

    pub(super) fn look(&mut self, frame: &Frame) -> Sighting {
        let colours = frame.rgb();
        let luma = GrayImage::from_raw(frame.width, frame.height, frame.luma());
        let mut luma = luma.unwrap_or_else(|| GrayImage::new(frame.width, frame.height));
        let view = View {
            luma: Luma::from(&luma),
            colours: &colours,
        };
        let manner = Manner::Frame(self.number);
        let read = look(
            &mut self.readers,
            "",
            view,
            manner,
            Instant::now,
            &mut Nobody,
        );
        let sharpness = measure::sharpness(view.luma);
        self.best = self.best.max(sharpness.laplacian);
        let glimpse = |seen, ms| Glimpse { seen, ms };
        let code = read.codes.first().map(|code| self.code(view.luma, code));
        let zone = read.mrz.as_ref().map(|zone| self.zone(view.luma, zone));
        let face = read.faces.first().map(|face| self.face(view.luma, face));
        let sighting = Sighting {
            number: self.number,
            rate: self.rate(frame.taken),
            sharpness,
            best: self.best,
            exposure: measure::exposure(view.luma, self.lens.levels),
            code: glimpse(code, read.ms.qr),
            zone: glimpse(zone, read.ms.mrz),
            face: glimpse(face, read.ms.face),
            colours,
        };
        for mut code in read.codes {
            code.text.zeroize();
        }
        luma.as_flat_samples_mut().samples.zeroize();
        self.number += 1;
        sighting
    }

    /// Frames a second, over the last few.
    fn rate(&mut self, taken: Instant) -> f32 {
        self.taken.push_back(taken);
        while self
            .taken
            .front()
            .is_some_and(|&first| taken.saturating_duration_since(first) > COUNTED)
        {
            self.taken.pop_front();
        }
        let first = self.taken.front().copied().unwrap_or(taken);
        let time = taken.saturating_duration_since(first).as_secs_f32();
        if time > 0.0 {
            (self.taken.len() - 1) as f32 / time
        } else {
            0.0
        }
    }

    fn code(&self, frame: Luma<'_>, code: &CodeReading) -> Seen {
        Seen {
            figure: code.text.chars().count().to_string(),
            text: self.said(&code.text),
            sound: true,
            spacing: measure::of_code(frame, code),
            // Codes are as large as whoever shows them likes.
            millimetres: None,
            corners: code.corners,
        }
    }

    fn zone(&self, frame: Luma<'_>, zone: &MrzReading) -> Seen {
        let lines: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
        let text = Zeroizing::new(lines.join(" "));
        let spacing = measure::of_zone(frame, zone);
        Seen {
            figure: zone.format.name().to_owned(),
            text: self.said(&text),
            sound: evidence::mrz::is_valid(&lines),
            millimetres: self.away(frame, spacing, measure::MRZ_PITCH_MM),
            spacing: Some(spacing),
            corners: zone.corners,
        }
    }

    fn face(&self, frame: Luma<'_>, face: &FaceReading) -> Seen {
        let spacing = measure::of_face(frame, face);
        let (left, top) = (face.frame.x, face.frame.y);
        let (right, bottom) = (left + face.frame.width, top + face.frame.height);
        Seen {
            figure: face.quality.score.per_mille().to_string(),
            text: Zeroizing::new(face.quality.advice.map(advice_in_words).unwrap_or_default()),
            sound: true,
            millimetres: self.away(frame, spacing, measure::EYES_MM),
            spacing: Some(spacing),
            corners: [(left, top), (right, top), (right, bottom), (left, bottom)],
        }
    }

    fn away(&self, frame: Luma<'_>, spacing: Spacing, size: f32) -> Option<f32> {
        let degrees = self.lens.field_of_view?;
        measure::millimetres(spacing.pixels, size, frame.width, degrees)
    }

    fn said(&self, text: &str) -> Zeroizing<String> {
        match self.text {
            Text::Shown => Zeroizing::new(text.to_owned()),
            Text::Masked => Zeroizing::new(masked(text)),
        }
    }
}

impl Drop for Sighting {
    fn drop(&mut self) {
        self.colours.as_flat_samples_mut().samples.zeroize();
    }
}

/// What tells the sort of thing, and a star for every other character but spaces.
fn masked(text: &str) -> String {
    text.chars()
        .enumerate()
        .map(|(at, letter)| {
            if at < NOBODYS || letter == ' ' {
                letter
            } else {
                '*'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_holder_is_left_by_the_mask() {
        let table = [
            (
                "P<UTOERIKSSON<<ANNA L898902C36",
                "P<UTO************** **********",
            ),
            ("SKD1:6BF+7", "SKD1:*****"),
            ("AB", "AB"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(masked(text), expected);
        }
    }
}
