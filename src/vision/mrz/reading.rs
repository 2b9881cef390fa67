//! A zone read under each format that fits.

use std::fmt;

use evidence::mrz::MrzFormat;
use zeroize::{Zeroize, Zeroizing};

use super::alphabet;
use super::decode::{self, Line};
use super::effort::Effort;
use super::net::{BLANK, Care, FRAMES, Frames, Nets};
use super::strip::{self, HEIGHT, Part, Strips, Twist};
use super::trust::{self, Trust};
use super::zone::Zone;
use crate::luma::{Luma, Plane};
use crate::witness::Witness;

/// Characters of a glance.
const GLANCE: usize = 16;
/// Characters of one line may begin this many frames apart from the other lines': columns stand one below the other.
const RAGGED: usize = 3;
/// Cuts that differ by what a finder cannot measure: a line is read through all of them where one was not enough.
const TWISTS: [Twist; 4] = [
    Twist {
        aside: -0.05,
        taller: 1.0,
    },
    Twist {
        aside: 0.05,
        taller: 1.0,
    },
    Twist {
        aside: 0.0,
        taller: 1.14,
    },
    Twist {
        aside: 0.0,
        taller: 0.88,
    },
];

/// Readings that must be the same where none is so clear that it is enough: cuts of the careful net, and the quick one's.
const LEAST_SAID: usize = 3;

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

/// A reading, and how far it can be trusted.
pub(super) struct Candidate {
    pub(super) reading: MrzReading,
    pub(super) trust: Trust,
}

/// What reading needs besides the zone.
pub(super) struct Desk<'a> {
    pub(super) nets: &'a Nets,
    pub(super) frame: Luma<'a>,
    pub(super) effort: &'a mut Effort,
    pub(super) witness: &'a mut dyn Witness,
}

impl Desk<'_> {
    /// Frames of part of the zone; None when the work is spent.
    fn frames(&mut self, care: Care, zone: &Zone, part: &Part) -> Option<Vec<Frames>> {
        let (cell, stage) = match care {
            Care::Quick => (Effort::QUICK_CELL, "net"),
            Care::Careful => (Effort::CAREFUL_CELL, "careful net"),
        };
        self.effort
            .spend(cell * (part.rows.len() * part.length) as u32)?;
        self.witness.enters("strips");
        let strips = strip::cut(self.frame, zone, part);
        if self.witness.wants_pictures() {
            self.witness.sees("strips", picture(&strips).luma());
        }
        self.witness.enters(stage);
        let frames = self.nets.run(care, &strips);
        self.witness.enters("decode");
        frames.ok()
    }

    /// How much a part of the second line looks like print, 0..=1: in every format its beginning holds a number or dates, so
    /// a glance tells print from texture, and upright from upside down, at a sixth of the price of a reading.
    pub(super) fn glance(&mut self, zone: &Zone, flipped: bool) -> f32 {
        let part = Part {
            rows: 1..2,
            lead: glanced_at(zone),
            length: GLANCE,
            flipped,
            twist: Twist::NONE,
        };
        let Some(frames) = self.frames(Care::Quick, zone, &part) else {
            return 0.0;
        };
        let ink = frames
            .iter()
            .flat_map(|strip| &strip.at)
            .filter_map(|frame| {
                let (class, best) = frame.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
                (class != BLANK).then(|| best.exp())
            });
        let (sum, count) = ink.fold((0.0, 0u8), |(sum, count), p| (sum + p, count + 1));
        if count < 14 {
            0.0
        } else {
            sum / f32::from(count)
        }
    }

    /// The zone's best reading over the formats that its size allows; None when none fits at all. Where one cut gives
    /// print but no certainty, further cuts of the same picture are heard too.
    pub(super) fn candidate(&mut self, zone: &Zone, flipped: bool) -> Option<Candidate> {
        let formats = formats(zone);
        let columns = formats.iter().map(|f| f.columns()).max()?;
        let margin = 2 + columns.saturating_sub(zone.span).min(9);
        let part = |twist| Part {
            rows: 0..zone.rows,
            lead: margin as i32,
            length: zone.span + 2 * margin,
            flipped,
            twist,
        };
        let heard = self.frames(Care::Quick, zone, &part(Twist::NONE))?;
        let quick = read_as(formats, &heard)?;
        let mut trust = Trust::of(quick.0, &quick.1);
        if trust.is_settled() || !trust.is_print() {
            return Some(finish(zone, quick, trust, margin, flipped));
        }
        let Some(mut heard) = self.frames(Care::Careful, zone, &part(Twist::NONE)) else {
            trust.torn = true;
            return Some(finish(zone, quick, trust, margin, flipped));
        };
        let quickly = text_of(&quick.1);
        let careful = read_as(formats, &heard)?;
        let mut said = vec![text_of(&careful.1)];
        let better = Trust::of(careful.0, &careful.1);
        if better.is_settled() {
            return Some(finish(zone, careful, better, margin, flipped));
        }
        let mut cuts = 1u8;
        for twist in TWISTS {
            let Some(again) = self.frames(Care::Careful, zone, &part(twist)) else {
                break;
            };
            said.extend(read_as(formats, &again).map(|(_, lines)| text_of(&lines)));
            for (sum, more) in heard.iter_mut().zip(&again) {
                add(sum, more);
            }
            cuts += 1;
        }
        for frames in &mut heard {
            shared_out(frames, cuts);
        }
        let careful = read_as(formats, &heard)?;
        let mut better = Trust::of(careful.0, &careful.1);
        let all = text_of(&careful.1);
        let few = said.len() + usize::from(all == quickly) < LEAST_SAID;
        better.torn = !better.is_settled() && (few || said.iter().any(|text| *text != all));
        tracing::trace!(?trust, ?better, "heard again");
        Some(finish(zone, careful, better, margin, flipped))
    }
}

/// All lines in one, zeroed when dropped.
fn text_of(lines: &[Line]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(
        lines
            .iter()
            .flat_map(|line| line.text.iter().copied())
            .collect(),
    )
}

/// What a zone of that span can be. Security print or a table's grain may prolong a row by many marks, so a long one is not
/// always a long format.
fn formats(zone: &Zone) -> &'static [MrzFormat] {
    match (zone.rows, zone.span) {
        (3, _) => &[MrzFormat::Td1],
        (2, ..=29) => &[MrzFormat::Td2, MrzFormat::MrvB],
        (2, 41..=46) => &[MrzFormat::Td3, MrzFormat::MrvA],
        (2, _) => &[
            MrzFormat::Td2,
            MrzFormat::MrvB,
            MrzFormat::Td3,
            MrzFormat::MrvA,
        ],
        _ => &[],
    }
}

/// Where a glance begins: a little before the zone, or in the middle of one that is longer than any line, since nobody knows on which
/// side it was prolonged.
fn glanced_at(zone: &Zone) -> i32 {
    let longest = if zone.rows == 3 { 31 } else { 45 };
    if zone.span <= longest {
        return 1;
    }
    -((zone.span - GLANCE) as i32 / 2)
}

/// Adds up log-probabilities, frame by frame.
fn add(sum: &mut Frames, more: &Frames) {
    for (sum, more) in sum.at.iter_mut().zip(&more.at) {
        for (sum, more) in sum.iter_mut().zip(more) {
            *sum += more;
        }
    }
}

/// Makes sums over all cuts probabilities again: their geometric mean.
fn shared_out(frames: &mut Frames, cuts: u8) {
    let share = 1.0 / f32::from(cuts);
    for frame in &mut frames.at {
        frame.iter_mut().for_each(|v| *v *= share);
        let all: f32 = frame.iter().map(|v| v.exp()).sum();
        let all = all.max(f32::MIN_POSITIVE).ln();
        frame.iter_mut().for_each(|v| *v -= all);
    }
}

/// The likeliest format's lines. One that reads as print throughout comes before one that counts marks beside the zone in.
fn read_as(formats: &[MrzFormat], frames: &[Frames]) -> Option<(MrzFormat, Vec<Line>)> {
    formats
        .iter()
        .filter_map(|&format| read(frames, format).map(|lines| (format, lines)))
        .max_by(|(_, a), (_, b)| {
            let likelier = score(a).total_cmp(&score(b));
            trust::reads_as_print(a)
                .cmp(&trust::reads_as_print(b))
                .then(likelier)
        })
}

fn finish(
    zone: &Zone,
    (format, lines): (MrzFormat, Vec<Line>),
    trust: Trust,
    margin: usize,
    flipped: bool,
) -> Candidate {
    let confidences = lines
        .iter()
        .map(|line| {
            line.confidences
                .iter()
                .map(|c| (c * 1000.0).round().clamp(0.0, 1000.0) as u16)
                .collect()
        })
        .collect();
    let reading = MrzReading {
        format,
        lines: lines.iter().map(Line::to_text).collect(),
        confidences,
        corners: corners(zone, &lines, margin, flipped),
    };
    Candidate { reading, trust }
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

/// The strips one below the other, as a person can look at them.
fn picture(strips: &Strips) -> Plane {
    let mut plane = Plane::blank(strips.width, strips.rows * HEIGHT);
    for (byte, &value) in plane.bytes.iter_mut().zip(&strips.pixels) {
        *byte = (value * 50.0 + 140.0).clamp(0.0, 255.0) as u8;
    }
    plane
}
