//! Numbers that name a journey, a question of that journey, and a traveller of its party.

use std::fmt;

/// One party's passage through the lane. The journal gives the numbers out; they never restart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JourneyId(u64);

impl JourneyId {
    /// The journey with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The journey after this one. Stays at the largest number, which a lane that passes a party a second would
    /// reach after 584 thousand million years.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// `J42`.
impl fmt::Display for JourneyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "J{}", self.0)
    }
}

/// One question about a journey; an answer names the question that it answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QuestionId {
    /// The journey that the question is about.
    pub journey: JourneyId,
    /// Counts the questions of the journey.
    pub serial: u32,
}

/// `J42-7`.
impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.journey, self.serial)
    }
}

/// A traveller's position in the declaration's party, 0 to 9. Zero is the declarant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MemberIndex(u8);

impl MemberIndex {
    /// The member who signs for the party and whose passport opens the declaration.
    pub const DECLARANT: Self = Self(0);

    /// The index, or `None` above 9.
    pub const fn new(index: u8) -> Option<Self> {
        if index < 10 { Some(Self(index)) } else { None }
    }

    /// The index, 0 to 9.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The index as a position in a slice.
    pub const fn position(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_the_officer_reads_them() {
        let journey = JourneyId::new(42);
        assert_eq!(journey.to_string(), "J42");
        assert_eq!(QuestionId { journey, serial: 7 }.to_string(), "J42-7");
        assert_eq!(journey.next().get(), 43);
        assert_eq!(JourneyId::new(u64::MAX).next().get(), u64::MAX);
    }

    #[test]
    fn a_party_has_ten_places() {
        assert_eq!(MemberIndex::new(9).map(MemberIndex::position), Some(9));
        assert_eq!(MemberIndex::new(10), None);
        assert_eq!(MemberIndex::DECLARANT.get(), 0);
    }
}
