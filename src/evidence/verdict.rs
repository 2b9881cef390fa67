//! The answer to a question about a party: through, or to an officer, and why.

use std::fmt;

use crate::ground::{Commitment, Ground};
use crate::ids::MemberIndex;

/// What was decided about one party, by whom, and on what grounds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Verdict {
    /// Through the gate, or to an officer.
    pub decision: Decision,
    /// Why; empty only when the decision is [`Decision::Clear`].
    pub reasons: Vec<Reason>,
    /// Who assessed the question.
    pub decided_by: Decider,
    /// The policy that was applied.
    pub policy: Version,
    /// The lists that were searched.
    pub lists: Version,
    /// The rules behind the reasons, each with what it saw, in the order of [`Reason`] and then of their names.
    pub grounds: Vec<Ground>,
    /// The promise of the key by which this day's travellers are drawn, where the decider knows it.
    pub draw: Option<Commitment>,
}

/// Where the party goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decision {
    /// Through the gate.
    Clear,
    /// To an officer.
    Refer,
}

/// Who assessed a question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decider {
    /// The customs office's server.
    Office,
    /// The lane itself, on its own copy of policy and lists.
    Lane,
}

/// The name of a policy or list edition: 1 to 40 visible ASCII characters, such as `2026-11-01.3`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(String);

impl Version {
    /// The version with this name, or `None` when it is empty, too long, or has spaces or other invisible characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A duty-free allowance of Japan Customs (c-answer 7104).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Allowance {
    /// Alcoholic drinks, three bottles.
    Alcohol,
    /// Cigarettes, heated tobacco, cigars and other tobacco.
    Tobacco,
    /// Perfume, two ounces.
    Perfume,
    /// Everything else, 200,000 yen.
    OtherGoods,
}

/// Why a party is sent to an officer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Form C-5360, question 1 (1): prohibited or restricted goods.
    DeclaredProhibited,
    /// Question 1 (2): gold bullion or gold products.
    DeclaredGold,
    /// Question 1 (3): goods over the duty-free allowance.
    DeclaredOverAllowance,
    /// Question 1 (4): commercial goods or samples.
    DeclaredCommercial,
    /// Question 1 (5): carried for somebody else.
    DeclaredForOthers,
    /// Question 2: means of payment over 1,000,000 yen or precious metal over 1 kg.
    DeclaredCash,
    /// Question 3: unaccompanied articles.
    DeclaredUnaccompanied,
    /// The goods lines exceed an allowance although the answers do not say so.
    AllowanceExceeded(Allowance),
    /// The member's document number stands on a list.
    DocumentListed(MemberIndex),
    /// The member's name and birth date stand on a list.
    NameListed(MemberIndex),
    /// Chosen at random.
    RandomSelection,
    /// The lane's lists are older than the policy allows.
    ListsOutOfDate,
    /// A rule of the policy about the party.
    PartyRule,
    /// A rule of the policy about this member's document.
    DocumentRule(MemberIndex),
    /// A rule of the policy about the flight.
    FlightRule,
}

impl Reason {
    /// The code that the journal keeps and the officer's panel shows. Codes are never reused.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DeclaredProhibited => "R-101",
            Self::DeclaredGold => "R-102",
            Self::DeclaredOverAllowance => "R-103",
            Self::DeclaredCommercial => "R-104",
            Self::DeclaredForOthers => "R-105",
            Self::DeclaredCash => "R-106",
            Self::DeclaredUnaccompanied => "R-107",
            Self::AllowanceExceeded(Allowance::Alcohol) => "R-201",
            Self::AllowanceExceeded(Allowance::Tobacco) => "R-202",
            Self::AllowanceExceeded(Allowance::Perfume) => "R-203",
            Self::AllowanceExceeded(Allowance::OtherGoods) => "R-204",
            Self::DocumentListed(_) => "R-301",
            Self::NameListed(_) => "R-302",
            Self::RandomSelection => "R-401",
            Self::ListsOutOfDate => "R-501",
            Self::PartyRule => "R-601",
            Self::DocumentRule(_) => "R-602",
            Self::FlightRule => "R-603",
        }
    }

    /// Whether the traveller's screen may name a reason of this sort; a rule may be kept silent beside
    /// ([`Ground::told`]). Lists stay unspoken, and so does chance: where chance is
    /// told, silence would mean a list.
    pub const fn traveller_may_know(self) -> bool {
        match self {
            Self::DeclaredProhibited
            | Self::DeclaredGold
            | Self::DeclaredOverAllowance
            | Self::DeclaredCommercial
            | Self::DeclaredForOthers
            | Self::DeclaredCash
            | Self::DeclaredUnaccompanied
            | Self::AllowanceExceeded(_)
            | Self::ListsOutOfDate
            | Self::PartyRule
            | Self::DocumentRule(_)
            | Self::FlightRule => true,
            Self::DocumentListed(_) | Self::NameListed(_) | Self::RandomSelection => false,
        }
    }

    /// The member that the reason is about, when it is about one.
    pub const fn member(self) -> Option<MemberIndex> {
        match self {
            Self::DocumentListed(member)
            | Self::NameListed(member)
            | Self::DocumentRule(member) => Some(member),
            Self::DeclaredProhibited
            | Self::DeclaredGold
            | Self::DeclaredOverAllowance
            | Self::DeclaredCommercial
            | Self::DeclaredForOthers
            | Self::DeclaredCash
            | Self::DeclaredUnaccompanied
            | Self::AllowanceExceeded(_)
            | Self::RandomSelection
            | Self::ListsOutOfDate
            | Self::PartyRule
            | Self::FlightRule => None,
        }
    }

    /// The reason of a code, the reverse of [`Reason::code`] with [`Reason::member`].
    /// `None` for an unknown code, and where the code needs a member and none is given or the other way round.
    pub fn parse(code: &str, member: Option<MemberIndex>) -> Option<Self> {
        let reason = match code {
            "R-101" => Self::DeclaredProhibited,
            "R-102" => Self::DeclaredGold,
            "R-103" => Self::DeclaredOverAllowance,
            "R-104" => Self::DeclaredCommercial,
            "R-105" => Self::DeclaredForOthers,
            "R-106" => Self::DeclaredCash,
            "R-107" => Self::DeclaredUnaccompanied,
            "R-201" => Self::AllowanceExceeded(Allowance::Alcohol),
            "R-202" => Self::AllowanceExceeded(Allowance::Tobacco),
            "R-203" => Self::AllowanceExceeded(Allowance::Perfume),
            "R-204" => Self::AllowanceExceeded(Allowance::OtherGoods),
            "R-301" => Self::DocumentListed(member?),
            "R-302" => Self::NameListed(member?),
            "R-401" => Self::RandomSelection,
            "R-501" => Self::ListsOutOfDate,
            "R-601" => Self::PartyRule,
            "R-602" => Self::DocumentRule(member?),
            "R-603" => Self::FlightRule,
            _ => return None,
        };
        (reason.member() == member).then_some(reason)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_code_reads_back() {
        let member = MemberIndex::new(3);
        for number in 100..700 {
            let code = format!("R-{number}");
            for member in [None, member] {
                if let Some(reason) = Reason::parse(&code, member) {
                    assert_eq!(reason.code(), code);
                    assert_eq!(reason.member(), member);
                }
            }
        }
        assert_eq!(Reason::parse("R-301", None), None);
        assert_eq!(Reason::parse("R-101", member), None);
    }

    #[test]
    fn a_list_is_never_told() {
        assert!(!Reason::DocumentListed(MemberIndex::DECLARANT).traveller_may_know());
        assert!(!Reason::NameListed(MemberIndex::DECLARANT).traveller_may_know());
        assert!(Reason::DeclaredGold.traveller_may_know());
    }

    #[test]
    fn versions_are_short_and_visible() {
        assert_eq!(
            Version::parse("2026-11-01.3").unwrap().to_string(),
            "2026-11-01.3"
        );
        for bad in ["", "two words", "tab\t", "日本", &"x".repeat(41)] {
            assert_eq!(Version::parse(bad), None);
        }
    }
}
