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
mod zone;

use std::path::Path;

use crate::luma::Luma;
use ink::Mark;
pub use net::LineReaderError;
use net::Net;
pub use reading::MrzReading;
use reading::{Candidate, candidate};
use zone::{Back, Zone};

/// Working sizes (longest side, pixels) and least stroke contrast (levels), in the order tried. The first suits a page
/// that fills half the picture or more; the second small or coarse print; the third a page far away.
const PASSES: [(usize, f32); 3] = [(1_280, 7.0), (800, 5.0), (2_200, 6.0)];
/// Zones read of one pass: bounds the work on a picture full of regular texture.
const MOST_ZONES: usize = 5;
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

    /// The zone read upright, and upside down when that says nothing.
    fn look(&self, frame: Luma<'_>, zone: &Zone) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for flipped in [false, true] {
            let Some(seen) = candidate(&self.net, frame, zone, flipped) else {
                continue;
            };
            let enough = seen.is_certain();
            if best.as_ref().is_none_or(|b| seen.rank() > b.rank()) {
                best = Some(seen);
            }
            if enough {
                break;
            }
        }
        best
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::{GrayImage, Luma as Grey};

    use super::*;

    /// Among three thousand marks some always stand in a row by chance; the line reader must not see letters in them.
    #[test]
    fn scattered_marks_are_no_zone() {
        let mut reader = MrzReader::new().unwrap();
        for seed in 7..10u32 {
            let mut state = seed;
            let mut roll = |n: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) % n
            };
            let mut picture = GrayImage::from_pixel(1_280, 720, Grey([210]));
            for _ in 0..3_000 {
                let (left, top) = (roll(1_270), roll(707));
                for (x, y) in (0..12).flat_map(|y| (0..9).map(move |x| (x, y))) {
                    picture.put_pixel(left + x, top + y, Grey([40]));
                }
            }
            assert_eq!(reader.read(Luma::from(&picture)), None);
        }
    }
}
