//! Why a verdict says what it says: the rule of the policy that spoke, what it saw, and what the traveller may hear of it.

use std::fmt;
use std::num::NonZeroU16;

use crate::declaration::{Airport, Flight};
use crate::document::DocumentKind;
use crate::ids::MemberIndex;
use crate::state::StateCode;
use crate::verdict::{Allowance, Reason};

/// The name of a rule in its policy: 1 to 40 characters of a-z, 0-9, `.` and `-`, such as `answers.gold`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(String);

impl RuleId {
    /// The rule of this name; `None` when it is empty, too long or has other characters.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        });
        (plain && (1..=40).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One rule that refers a party.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ground {
    /// The rule, by its name in the policy that the verdict names.
    pub rule: RuleId,
    /// Its reason, for the officer and the journal.
    pub reason: Reason,
    /// What the rule saw, for the officer's eyes only.
    pub evidence: Vec<Fact>,
    /// What the traveller may hear of it; `None` is silence.
    pub told: Option<Told>,
}

/// What a traveller may hear. Lists and chance have no word here: where one is told, silence would mean the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Told {
    /// What you answered has to be seen by an officer.
    Answers,
    /// Your goods may be over what is free of duty.
    Goods(Allowance),
    /// An officer speaks with parties like yours.
    Party,
    /// An officer looks at this member's document.
    Document(MemberIndex),
    /// An officer speaks with the passengers of your flight.
    Flight,
    /// The gate cannot decide at present, whoever you are.
    Gate,
}

/// How sure a list is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Certainty {
    /// The list itself says so.
    Exact,
    /// A filter says so, which is wrong for so many of a million documents that are on no list. The office has the list
    /// itself and answers exactly.
    Probable {
        /// Wrong hits in a million documents that are not listed.
        wrong_per_million: u16,
    },
}

/// In what an amount is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Measure {
    /// Millilitres of drinks.
    Millilitres,
    /// Thousandths of one traveller's whole tobacco allowance.
    TobaccoPerMille,
    /// Tenths of a fluid ounce of perfume.
    TenthsOfOunce,
    /// Yen, overseas retail price.
    Yen,
}

/// What a likeness of names is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Feature {
    /// The words of the two names, laid side by side.
    Name,
    /// The birth dates.
    Birth,
    /// The nationalities.
    Nationality,
}

/// Something that a rule saw. It has no `Display`, and its `Debug` tells the kind of fact alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The answer on the form was yes.
    AnsweredYes,
    /// Unaccompanied articles, in pieces.
    Pieces(NonZeroU16),
    /// An amount over what the party may have free, all goods of the sort together. Where goods have an owner the amount may
    /// be below `free` and still too much for that owner.
    Amount {
        /// The unit of both.
        measure: Measure,
        /// As declared.
        declared: u64,
        /// What the whole party may have.
        free: u64,
    },
    /// The size of the party.
    Travellers(u8),
    /// How many of the party are younger than the rule's age.
    YoungerThan {
        /// The rule's age, years.
        years: u8,
        /// Travellers below it.
        travellers: u8,
    },
    /// The member showed no document.
    NoDocument,
    /// The sort of document.
    Kind(DocumentKind),
    /// The state that issued the document.
    IssuedBy(StateCode),
    /// The member's nationality.
    Nationality(StateCode),
    /// Days for which the document is still valid; negative when it has expired.
    ExpiresIn(i32),
    /// The flight.
    Flight(Flight),
    /// Where the flight came from.
    Departure(Airport),
    /// The document or name stands on a list.
    Listed(Certainty),
    /// The entry of the list of names, counted from 1.
    Entry(u32),
    /// How alike name, birth date and nationality are to the entry's, and how much is enough; per mille.
    Likeness {
        /// The weighted mean of the features.
        score: u16,
        /// The policy's threshold.
        threshold: u16,
    },
    /// One part of the likeness; per mille.
    Weighed {
        /// Which.
        feature: Feature,
        /// How alike.
        alike: u16,
        /// How much it counts, of the features that are known on both sides.
        weight: u16,
    },
    /// Drawn by lot at this rate.
    Drawn {
        /// Of a thousand.
        per_mille: u16,
    },
    /// The age of the lists in days, and how old they may be.
    ListsAge {
        /// Days since their issue.
        days: i32,
        /// Days that the policy allows.
        allowed: u16,
    },
    /// The lists' own last day has passed.
    ListsExpired,
    /// The policy has no allowance rule for the day.
    NoRuleForTheDay,
}

impl Fact {
    /// The kind of fact, as records and wires name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AnsweredYes => "answered-yes",
            Self::Pieces(_) => "pieces",
            Self::Amount { .. } => "amount",
            Self::Travellers(_) => "travellers",
            Self::YoungerThan { .. } => "younger-than",
            Self::NoDocument => "no-document",
            Self::Kind(_) => "kind",
            Self::IssuedBy(_) => "issued-by",
            Self::Nationality(_) => "nationality",
            Self::ExpiresIn(_) => "expires-in",
            Self::Flight(_) => "flight",
            Self::Departure(_) => "departure",
            Self::Listed(_) => "listed",
            Self::Entry(_) => "entry",
            Self::Likeness { .. } => "likeness",
            Self::Weighed { .. } => "weighed",
            Self::Drawn { .. } => "drawn",
            Self::ListsAge { .. } => "lists-age",
            Self::ListsExpired => "lists-expired",
            Self::NoRuleForTheDay => "no-rule-for-the-day",
        }
    }
}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A promise made before a day begins: SHA-256 of the key by which that day's travellers are drawn. Who later gets the key
/// can check it against this, and every draw against the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment(pub [u8; 32]);

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rules_have_short_plain_names() {
        assert_eq!(
            RuleId::parse("answers.gold").unwrap().to_string(),
            "answers.gold"
        );
        for bad in ["", "Gold", "two words", "日本", &"x".repeat(41)] {
            assert_eq!(RuleId::parse(bad), None);
        }
    }

    #[test]
    fn debug_of_a_fact_tells_its_kind_alone() {
        let fact = Fact::Nationality(StateCode::JAPAN);
        assert_eq!(format!("{fact:?}"), "nationality");
        assert!(!format!("{:?}", Fact::ExpiresIn(31)).contains("31"));
    }
}
