//! Machine readable zones: found and read in a camera's picture, at any right-angle turn and some tilt.
//!
//! Marks of a character's size that stand in regular rows are found without learning; a small net reads the rows, and a larger one
//! those in which the small one is in doubt.
//! Nothing is repaired: the lines are what was seen, whatever their check digits say.

mod alphabet;
mod decode;
mod effort;
mod ink;
mod net;
#[cfg(test)]
mod pages;
mod plane;
mod reading;
mod rows;
mod search;
mod strip;
#[cfg(test)]
mod tests;
mod trail;
mod trust;
mod votes;
mod zone;

use crate::luma::Luma;
use crate::witness::{Nobody, Witness};
use effort::Effort;
pub use net::LineReaderError;
use net::Nets;
use reading::Desk;
pub use reading::MrzReading;
use search::{FRAME_PASSES, Find, STILL_PASSES};
pub use trail::{MrzSighting, MrzTrail};
pub use votes::MrzVotes;

/// Pictures with a shorter side than this hold no two lines of text.
const LEAST_SIDE: usize = 24;

/// Finds and reads machine readable zones. Keeps nothing of a picture.
pub struct MrzReader {
    nets: Nets,
}

impl MrzReader {
    /// A reader with the line readers that this crate ships.
    ///
    /// # Errors
    /// When the shipped models cannot be run here, which no test machine has shown.
    pub fn new() -> Result<Self, LineReaderError> {
        Ok(Self {
            nets: Nets::shipped()?,
        })
    }

    /// The zone of a camera's frame, if there is one that can be read with confidence. Lines whose check digits are wrong
    /// are given only where every character was clear. The work is bounded at about 100 ms of one core.
    pub fn read(&mut self, frame: Luma<'_>) -> Option<MrzReading> {
        self.read_before(frame, &mut Nobody)
    }

    /// [`MrzReader::read`] with somebody looking on.
    pub fn read_before(
        &mut self,
        frame: Luma<'_>,
        witness: &mut dyn Witness,
    ) -> Option<MrzReading> {
        let found = self.find(frame, Effort::frame(), FRAME_PASSES.iter(), witness)?;
        said(found)
    }

    /// [`MrzReader::read`] for a picture of which no second one comes: more ways to look are tried, for about 1 s at most.
    pub fn read_still(&mut self, picture: Luma<'_>) -> Option<MrzReading> {
        self.read_still_before(picture, &mut Nobody)
    }

    /// [`MrzReader::read_still`] with somebody looking on.
    pub fn read_still_before(
        &mut self,
        picture: Luma<'_>,
        witness: &mut dyn Witness,
    ) -> Option<MrzReading> {
        let passes = FRAME_PASSES.iter().chain(&STILL_PASSES);
        said(self.find(picture, Effort::still(), passes, witness)?)
    }

    /// The zone of the next frame of a burst: first where the trail leads, then everywhere. A zone that looks like print is
    /// told even where it is not clear, so that several frames can vote on it.
    pub fn follow(&mut self, frame: Luma<'_>, trail: &mut MrzTrail) -> Option<MrzSighting> {
        self.follow_before(frame, trail, &mut Nobody)
    }

    /// [`MrzReader::follow`] with somebody looking on.
    pub fn follow_before(
        &mut self,
        frame: Luma<'_>,
        trail: &mut MrzTrail,
        witness: &mut dyn Witness,
    ) -> Option<MrzSighting> {
        let mut effort = Effort::frame();
        let near = trail.last.take().and_then(|place| {
            let mut desk = Desk {
                nets: &self.nets,
                frame,
                effort: &mut effort,
                witness,
            };
            witnessed(&mut desk);
            search::nearby(&mut desk, &place)
        });
        let found = match near {
            Some(found) => Some(found),
            None => self.find(frame, effort, FRAME_PASSES.iter(), witness),
        }?;
        trail.sighted(found)
    }

    fn find<'p>(
        &self,
        frame: Luma<'_>,
        mut effort: Effort,
        passes: impl Iterator<Item = &'p search::Pass>,
        witness: &mut dyn Witness,
    ) -> Option<Find> {
        if frame.width.min(frame.height) < LEAST_SIDE {
            return None;
        }
        let mut desk = Desk {
            nets: &self.nets,
            frame,
            effort: &mut effort,
            witness,
        };
        witnessed(&mut desk);
        search::everywhere(&mut desk, passes)
    }
}

fn witnessed(desk: &mut Desk<'_>) {
    desk.witness.enters("mrz");
    if desk.witness.wants_pictures() {
        desk.witness.sees("mrz", desk.frame);
    }
}

fn said(found: Find) -> Option<MrzReading> {
    let candidate = found.candidate;
    candidate.trust.is_clear().then_some(candidate.reading)
}
