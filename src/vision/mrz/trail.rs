//! From one frame of a burst to the next.

use super::reading::MrzReading;
use super::search::{Find, Place};

/// Where the last frame's zone was. It holds a place in the picture, no pixel and no character.
#[derive(Debug, Clone, Default)]
pub struct MrzTrail {
    pub(super) last: Option<Place>,
}

impl MrzTrail {
    /// Forgets where the zone was.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Remembers the place of what was found, when it is print, and says what it says.
    pub(super) fn sighted(&mut self, found: Find) -> Option<MrzSighting> {
        let Find { candidate, place } = found;
        if candidate.trust.is_clear() {
            self.last = Some(place);
            return Some(MrzSighting::Clear(candidate.reading));
        }
        if candidate.trust.is_print() {
            self.last = Some(place);
            return Some(MrzSighting::Vague(candidate.reading));
        }
        None
    }
}

/// A zone in one frame of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MrzSighting {
    /// What [`MrzReader::read`](super::MrzReader::read) gives.
    Clear(MrzReading),
    /// Print in which characters are in doubt. Good for a vote together with other frames, never to be told alone.
    Vague(MrzReading),
}

impl MrzSighting {
    /// The reading, clear or not.
    pub fn reading(&self) -> &MrzReading {
        match self {
            Self::Clear(reading) | Self::Vague(reading) => reading,
        }
    }
}
