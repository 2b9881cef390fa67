use evidence::verdict::{Reason, Verdict};
use journey::{Cause, Referral};

/// Why somebody is sent to an officer, as far as they may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is said in words in `words.slint`")]
pub enum Plain {
    DeclaredProhibited,
    DeclaredGold,
    DeclaredOverAllowance,
    DeclaredCommercial,
    DeclaredForOthers,
    DeclaredCash,
    DeclaredUnaccompanied,
    AllowanceExceeded,
    ListsOld,
    NotFinished,
    DocumentExpired,
    Incomplete,
    Face,
    Disputed,
    Asked,
    PassageIncomplete,
    LaneFault,
    Interrupted,
    PartyRule,
    DocumentRule,
    FlightRule,
}

impl Plain {
    /// What of a referral the traveller may know, each once. Empty when nothing may be told.
    pub fn of(referral: &Referral) -> Vec<Self> {
        let verdict = referral
            .verdict
            .as_ref()
            .filter(|_| referral.causes.contains(&Cause::Verdict));
        // A rule may be silent although its sort of reason may be told.
        let silent = |verdict: &Verdict, reason: Reason| {
            let mut grounds = verdict
                .grounds
                .iter()
                .filter(|ground| ground.reason == reason)
                .peekable();
            grounds.peek().is_some() && grounds.all(|ground| ground.told.is_none())
        };
        let told = verdict
            .into_iter()
            .flat_map(|verdict| {
                verdict
                    .reasons
                    .iter()
                    .filter(|reason| !silent(verdict, **reason))
            })
            .filter_map(|reason| Self::of_reason(*reason));
        let mut plain: Vec<Self> = Vec::new();
        for one in referral
            .causes
            .iter()
            .filter_map(|cause| Self::of_cause(*cause))
            .chain(told)
        {
            if !plain.contains(&one) {
                plain.push(one);
            }
        }
        plain
    }

    fn of_cause(cause: Cause) -> Option<Self> {
        match cause {
            Cause::Verdict => None,
            Cause::NoVerdict => Some(Self::NotFinished),
            Cause::DocumentExpired(_) => Some(Self::DocumentExpired),
            Cause::EvidenceIncomplete => Some(Self::Incomplete),
            Cause::FaceNotSeen(_)
            | Cause::FaceNotMatched(_)
            | Cause::FaceNotComparable(_)
            | Cause::PresentationUnclear(_) => Some(Self::Face),
            Cause::Disputed => Some(Self::Disputed),
            Cause::AskedForOfficer => Some(Self::Asked),
            Cause::PassageIncomplete | Cause::Tailgated => Some(Self::PassageIncomplete),
            Cause::GateDidNotOpen | Cause::GateDidNotClose | Cause::DeviceFailed(_) => {
                Some(Self::LaneFault)
            }
            Cause::Interrupted => Some(Self::Interrupted),
        }
    }

    /// Follows [`Reason::traveller_may_know`]; lists and chance stay unsaid.
    fn of_reason(reason: Reason) -> Option<Self> {
        let plain = match reason {
            Reason::DeclaredProhibited => Self::DeclaredProhibited,
            Reason::DeclaredGold => Self::DeclaredGold,
            Reason::DeclaredOverAllowance => Self::DeclaredOverAllowance,
            Reason::DeclaredCommercial => Self::DeclaredCommercial,
            Reason::DeclaredForOthers => Self::DeclaredForOthers,
            Reason::DeclaredCash => Self::DeclaredCash,
            Reason::DeclaredUnaccompanied => Self::DeclaredUnaccompanied,
            Reason::AllowanceExceeded(_) => Self::AllowanceExceeded,
            Reason::ListsOutOfDate => Self::ListsOld,
            Reason::PartyRule => Self::PartyRule,
            Reason::DocumentRule(_) => Self::DocumentRule,
            Reason::FlightRule => Self::FlightRule,
            Reason::DocumentListed(_) | Reason::NameListed(_) | Reason::RandomSelection => {
                return None;
            }
        };
        reason.traveller_may_know().then_some(plain)
    }
}
