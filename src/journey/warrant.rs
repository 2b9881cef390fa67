use std::num::NonZeroU8;

use evidence::{JourneyId, QuestionId};

/// The permission to open the gate once, for one party.
///
/// Its fields are private and it is not `Clone`: a warrant exists only because [`crate::Lane::step`]
/// decided, and it is spent by being performed.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Warrant {
    journey: JourneyId,
    persons: NonZeroU8,
    ground: Ground,
}

/// What the permission rests on; the record of the same ground is committed before the gate moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// A verdict of *clear*, in answer to this question.
    Verdict(QuestionId),
    /// An officer's decision to release, on this referral.
    Officer(QuestionId),
}

impl Warrant {
    pub(crate) const fn new(journey: JourneyId, persons: NonZeroU8, ground: Ground) -> Self {
        Self {
            journey,
            persons,
            ground,
        }
    }

    /// The journey whose party may pass.
    pub const fn journey(&self) -> JourneyId {
        self.journey
    }

    /// How many may pass, one to ten.
    pub const fn persons(&self) -> NonZeroU8 {
        self.persons
    }

    /// Why they may.
    pub const fn ground(&self) -> Ground {
        self.ground
    }
}
