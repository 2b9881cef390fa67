//! Whether a living face is presented, or a picture of one: ISO/IEC 30107 calls the latter a presentation attack.
//!
//! No sign here is proof. Each is small and can be wrong by itself, so that they are counted over a burst, and the answer is
//! never guilt but *an officer should look*. What is not seen: masks of a face, a face put into the camera's stream, a
//! good video on a screen that fills the view.

mod border;
mod glance;
mod liveness;
mod motion;
mod spectrum;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;

use image::RgbImage;

use super::FaceReading;
use glance::{Anchor, Glance};

pub(super) use liveness::LivenessNet;

/// Frames that are kept to compare the newest with; half a second.
const KEPT: usize = 16;
/// Signs that weigh less than this together are nothing to call an officer for.
const ENOUGH: u32 = 2;

/// What speaks for a picture of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttackSign {
    /// Nothing moves, as nobody alive can stand.
    Still,
    /// The face moves, and all of it as one plane.
    MovesAsPlane,
    /// What surrounds the face moves along with it.
    SurroundMovesAlong,
    /// The face is covered by a grid, as of a screen's pixels.
    ScreenMoire,
    /// Straight edges frame the face.
    Frame,
    /// Straight edges frame the face, and stay where they are while it moves.
    FrameThatStays,
    /// The evaluation-only net takes it for a picture.
    Model,
}

impl AttackSign {
    /// Somebody may stand very still or in a doorway, a short burst tells little of depth, and the net is of unknown origin:
    /// these need company.
    fn weight(self) -> u32 {
        match self {
            Self::Still | Self::MovesAsPlane | Self::FrameThatStays | Self::Model => 1,
            Self::SurroundMovesAlong | Self::ScreenMoire | Self::Frame => 2,
        }
    }
}

/// The judgement over a burst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presentation {
    /// Too few frames to say anything.
    TooLittle,
    /// Not enough speaks against a living face.
    Genuine,
    /// An officer should look at the traveller.
    NeedsOfficer(Vec<AttackSign>),
}

/// Collects signs over a burst of one person. What it keeps of the frames is grey, small, and wiped on drop.
#[derive(Default)]
pub struct PresentationCheck {
    anchor: Option<Anchor>,
    glances: VecDeque<Glance>,
    moire: Vec<f32>,
    frames: Vec<bool>,
    live: Vec<f32>,
}

impl PresentationCheck {
    /// Fewer frames say nothing.
    pub const LEAST_FRAMES: usize = 6;

    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all; the next burst begins.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many frames were seen.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.moire.len()
    }

    pub(super) fn see(&mut self, picture: &RgbImage, face: &FaceReading, live: Option<f32>) {
        let holds = self.anchor.is_some_and(|anchor| anchor.holds(face));
        if !holds {
            // Somebody who walks up is compared from where he stands.
            self.glances.clear();
        }
        let anchor = if let (Some(anchor), true) = (self.anchor, holds) {
            anchor
        } else {
            Anchor::about(face)
        };
        self.anchor = Some(anchor);
        let glance = Glance::of(picture, face, &anchor);
        self.moire.push(spectrum::grid(picture, face));
        self.frames.push(border::edges(&glance).is_some());
        self.live.extend(live);
        self.glances.push_back(glance);
        if self.glances.len() > KEPT {
            self.glances.pop_front();
        }
    }

    /// The signs so far, whatever they weigh.
    #[must_use]
    pub fn signs(&self) -> Vec<AttackSign> {
        let mut signs = Vec::new();
        let motion = motion::judge(&self.glances);
        if motion.still {
            signs.push(AttackSign::Still);
        }
        if motion.plane {
            signs.push(AttackSign::MovesAsPlane);
        }
        if motion.surround {
            signs.push(AttackSign::SurroundMovesAlong);
        }
        if median(&self.moire) > spectrum::GRID {
            signs.push(AttackSign::ScreenMoire);
        }
        // What lies behind a living face frames it now and then, a sheet's edge always.
        let framed = self.frames.iter().filter(|&&framed| framed).count();
        if framed > 0 && framed * 5 >= self.frames.len() * 4 {
            signs.push(if motion::frame_stays(&self.glances) {
                AttackSign::FrameThatStays
            } else {
                AttackSign::Frame
            });
        }
        if !self.live.is_empty() && median(&self.live) < liveness::LEAST_LIVE {
            signs.push(AttackSign::Model);
        }
        signs
    }

    /// What the signs come to.
    #[must_use]
    pub fn judge(&self) -> Presentation {
        if self.seen() < Self::LEAST_FRAMES {
            return Presentation::TooLittle;
        }
        let signs = self.signs();
        if signs.iter().map(|sign| sign.weight()).sum::<u32>() >= ENOUGH {
            Presentation::NeedsOfficer(signs)
        } else {
            Presentation::Genuine
        }
    }
}

impl fmt::Debug for PresentationCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresentationCheck({} frames)", self.seen())
    }
}

fn median(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
