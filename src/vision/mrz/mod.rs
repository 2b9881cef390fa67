//! Machine readable zones: found and read in a camera's picture, at any right-angle turn and some tilt.
//!
//! Marks of a character's size that stand in regular rows are found without learning; a small net reads the rows.
//! Nothing is repaired: the lines are what was seen, whatever their check digits say.

mod alphabet;
mod decode;
mod ink;
mod net;
mod plane;
mod reading;
mod rows;
mod strip;
#[cfg(test)]
mod tests;
mod zone;

use std::path::Path;

use crate::luma::Luma;
use crate::witness::Witness;
use ink::Mark;
pub use net::LineReaderError;
use net::Net;
pub use reading::MrzReading;
use reading::{Candidate, candidate, glance};
use zone::{Back, Zone};

/// Working sizes (longest side, pixels) and least stroke contrast (levels), in the order tried. The first suits a page
/// that fills half the picture or more; the second small or coarse print; the third a page far away.
const PASSES: [(usize, f32); 3] = [(1_280, 7.0), (800, 5.0), (2_200, 6.0)];
/// Zones read of one pass: bounds the work on a picture full of regular texture.
const MOST_ZONES: usize = 5;
/// Glances (0..=1) at right zones are above 0.82, at texture mostly below 0.6; upside-down print comes between.
const LIKE_PRINT: f32 = 0.7;
const SURELY_PRINT: f32 = 0.93;
/// Pictures with a shorter side than this hold no two lines of text.
const LEAST_SIDE: usize = 24;

/// Finds and reads machine readable zones. Keeps nothing of a picture.
pub struct MrzReader {
    net: Net,
}

impl MrzReader {
    /// A reader with the line reader that this crate ships.
    ///
    /// # Errors
    /// When the shipped model cannot be run here, which no test machine has shown.
    pub fn new() -> Result<Self, LineReaderError> {
        Ok(Self {
            net: Net::shipped()?,
        })
    }

    /// A reader with another line reader: an ONNX of the same shape, as `training/` makes it.
    ///
    /// # Errors
    /// When the file is absent, no ONNX, or of another shape.
    pub fn load(path: &Path) -> Result<Self, LineReaderError> {
        Ok(Self {
            net: Net::load(path)?,
        })
    }

    /// The zone of the picture, if there is one that can be read with confidence. Lines whose check digits are wrong
    /// are given only where every character was clear.
    pub fn read(&mut self, frame: Luma<'_>) -> Option<MrzReading> {
        if frame.width.min(frame.height) < LEAST_SIDE {
            return None;
        }
        let longest = frame.width.max(frame.height);
        let mut best: Option<Candidate> = None;
        for (side, least) in PASSES {
            // Enlarging beyond twice adds nothing, and the last pass is for pictures that have more to give.
            let side = side.min(longest * 2);
            if side > 1_280 && longest < 1_600 {
                continue;
            }
            for zone in find(frame, side, least) {
                let Some(seen) = self.look(frame, &zone) else {
                    continue;
                };
                if seen.is_certain() {
                    return Some(seen.into_reading());
                }
                if best.as_ref().is_none_or(|b| seen.rank() > b.rank()) {
                    best = Some(seen);
                }
            }
        }
        best.filter(Candidate::is_clear)
            .map(Candidate::into_reading)
    }

    /// [`MrzReader::read`] with somebody looking on.
    pub fn read_before(
        &mut self,
        frame: Luma<'_>,
        witness: &mut dyn Witness,
    ) -> Option<MrzReading> {
        witness.enters("mrz");
        witness.sees("mrz", frame);
        self.read(frame)
    }

    /// The zone read the way up that looks like print; None when neither does.
    fn look(&self, frame: Luma<'_>, zone: &Zone) -> Option<Candidate> {
        let read = |flipped| candidate(&self.net, frame, zone, flipped);
        let upright = glance(&self.net, frame, zone, false);
        let first = (upright >= SURELY_PRINT).then(|| read(false)).flatten();
        if first.as_ref().is_some_and(Candidate::is_certain) {
            return first;
        }
        let turned = glance(&self.net, frame, zone, true);
        let second = (turned >= LIKE_PRINT).then(|| read(true)).flatten();
        if second.as_ref().is_some_and(Candidate::is_certain) {
            return second;
        }
        let unsure = (LIKE_PRINT..SURELY_PRINT).contains(&upright);
        let third = unsure.then(|| read(false)).flatten();
        [first, second, third]
            .into_iter()
            .flatten()
            .max_by(|a, b| a.rank().total_cmp(&b.rank()))
    }
}

/// The zones of the picture at one working size, best supported first.
fn find(frame: Luma<'_>, side: usize, least: f32) -> Vec<Zone> {
    let (plane, scale) = ink::resized(frame, side);
    let dark = ink::strokes(&plane, least);
    let marks = ink::marks(&dark, plane.width, plane.height);
    let mut found = Vec::new();
    for turned in [false, true] {
        let marks: Vec<Mark> = if turned {
            marks.iter().map(turn).collect()
        } else {
            marks.clone()
        };
        let rows = rows::rows(&marks);
        found.extend(zone::zones(
            &rows,
            &Back {
                scale: f64::from(scale),
                turned,
            },
        ));
    }
    found.sort_by_key(|zone| std::cmp::Reverse(zone.marks));
    found.truncate(MOST_ZONES);
    found
}

fn turn(mark: &Mark) -> Mark {
    Mark {
        x: mark.y,
        y: -mark.x,
        width: mark.height,
        height: mark.width,
    }
}
