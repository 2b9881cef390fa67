//! A zone read under each format that fits, and how far the best can be trusted.

use std::fmt;

use evidence::mrz::{self, MrzFormat};
use zeroize::Zeroize;

use super::alphabet;
use super::decode::{self, Line};
use super::net::{FRAMES, Frames, Net};
use super::strip;
use super::zone::Zone;
use crate::luma::Luma;

/// Characters of one line may begin this many frames apart from the other lines': columns stand one below the other.
const RAGGED: usize = 3;

/// What was seen of a machine readable zone. Its `Debug` hides the lines, and they are zeroed when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct MrzReading {
    /// The format whose lines fit.
    pub format: MrzFormat,
    /// The lines as they were seen, [`MrzFormat::rows`] of [`MrzFormat::columns`] characters, never repaired.
    pub lines: Vec<String>,
    /// How sure each character is, per mille.
    pub confidences: Vec<Vec<u16>>,
    /// The zone's corners in the picture's pixels, as the text runs: first line's begin and end, last line's end and begin.
    pub corners: [(i32, i32); 4],
}

impl fmt::Debug for MrzReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MrzReading")
            .field("format", &self.format)
            .field("corners", &self.corners)
            .finish_non_exhaustive()
    }
}

impl Drop for MrzReading {
    fn drop(&mut self) {
        self.lines.zeroize();
    }
}

/// A reading that has not yet earned trust.
pub(super) struct Candidate {
    reading: MrzReading,
    valid: bool,
    /// Least confidence of a character, and the mean.
    least: f32,
    mean: f32,
}

impl Candidate {
    /// Check digits agree and no character is in doubt: nothing better can come.
    pub(super) fn is_certain(&self) -> bool {
        self.valid && self.least >= 0.5 && self.mean >= 0.9
    }

    /// Good enough to be said. Without the check digits' word every character must be clear.
    pub(super) fn is_clear(&self) -> bool {
        self.is_certain() || (self.least >= 0.75 && self.mean >= 0.965)
    }

    pub(super) fn rank(&self) -> f32 {
        self.mean + 0.25 * self.least + if self.valid { 0.5 } else { 0.0 }
    }

    pub(super) fn into_reading(self) -> MrzReading {
        self.reading
    }
}

/// The zone's best reading over the formats that its size allows; None when none fits at all.
pub(super) fn candidate(
    net: &Net,
    frame: Luma<'_>,
    zone: &Zone,
    flipped: bool,
) -> Option<Candidate> {
    let formats: &[MrzFormat] = match (zone.rows, zone.span) {
        (3, ..=33) => &[MrzFormat::Td1],
        (2, ..=29) => &[MrzFormat::Td2, MrzFormat::MrvB],
        (2, ..=40) => &[
            MrzFormat::Td2,
            MrzFormat::MrvB,
            MrzFormat::Td3,
            MrzFormat::MrvA,
        ],
        (2, _) => &[MrzFormat::Td3, MrzFormat::MrvA],
        _ => return None,
    };
    let columns = formats.iter().map(|f| f.columns()).max()?;
    let margin = 2 + columns.saturating_sub(zone.span).min(9);
    let strips = strip::cut(frame, zone, margin, flipped);
    let frames = net.run(&strips).ok()?;
    let (format, lines) = formats
        .iter()
        .filter_map(|&format| read(&frames, format).map(|lines| (format, lines)))
        .max_by(|(_, a), (_, b)| score(a).total_cmp(&score(b)))?;
    let text: Vec<String> = lines
        .iter()
        .map(|line| line.text.iter().map(|&b| char::from(b)).collect())
        .collect();
    let valid = mrz::is_valid(&text.iter().map(String::as_str).collect::<Vec<_>>());
    let all = lines
        .iter()
        .flat_map(|line| line.confidences.iter().copied());
    let least = all.clone().fold(1.0, f32::min);
    let mean = all.clone().sum::<f32>() / all.count().max(1) as f32;
    let confidences = lines
        .iter()
        .map(|line| {
            line.confidences
                .iter()
                .map(|c| (c * 1000.0).round().clamp(0.0, 1000.0) as u16)
                .collect()
        })
        .collect();
    let corners = corners(zone, &lines, margin, flipped);
    Some(Candidate {
        reading: MrzReading {
            format,
            lines: text,
            confidences,
            corners,
        },
        valid,
        least,
        mean,
    })
}

fn score(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.score).sum()
}

/// All lines of the format. A line that begins elsewhere than the clearest one is read again where that one begins.
fn read(frames: &[Frames], format: MrzFormat) -> Option<Vec<Line>> {
    let last = frames.first()?.at.len();
    let mut lines = frames
        .iter()
        .enumerate()
        .map(|(row, frames)| decode::decode(frames, &alphabet::line(format, row), 0..=last))
        .collect::<Option<Vec<_>>>()?;
    let start = lines
        .iter()
        .max_by(|a, b| a.score.total_cmp(&b.score))?
        .start;
    for (row, line) in lines.iter_mut().enumerate() {
        if line.start.abs_diff(start) >= RAGGED {
            let starts = start.saturating_sub(RAGGED - 1)..=start + RAGGED - 1;
            *line = decode::decode(&frames[row], &alphabet::line(format, row), starts)?;
        }
    }
    Some(lines)
}

fn corners(zone: &Zone, lines: &[Line], margin: usize, flipped: bool) -> [(i32, i32); 4] {
    let start = lines.iter().map(|line| line.start).min().unwrap_or(0);
    let end = lines.iter().map(|line| line.end).max().unwrap_or(0);
    let u = |frame: f64| frame / FRAMES as f64 - margin as f64;
    let (left, right) = (u(start as f64 - 1.0), u(end as f64 + 1.0));
    let (top, bottom) = (-0.3 * zone.strip, (zone.rows - 1) as f64 + 0.3 * zone.strip);
    [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(u, v)| {
        let (u, v) = if flipped {
            (zone.span as f64 - u, (zone.rows - 1) as f64 - v)
        } else {
            (u, v)
        };
        let (x, y) = zone.map.map(u, v);
        (x.round() as i32, y.round() as i32)
    })
}
