use evidence::{MemberIndex, QuestionId, Verdict};

use crate::Device;

/// Why a party is sent to an officer. A party may have several causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The verdict says so; its reasons stand in [`Referral::verdict`].
    Verdict,
    /// No verdict came in time, from the office or from the lane's own engine.
    NoVerdict,
    /// The member's document has expired.
    DocumentExpired(MemberIndex),
    /// Not everything was shown in time.
    EvidenceIncomplete,
    /// No usable picture of the member's face came in time.
    FaceNotSeen(MemberIndex),
    /// The member's face does not look enough like the document's portrait.
    FaceNotMatched(MemberIndex),
    /// The document's portrait could not be used for a comparison.
    FaceNotComparable(MemberIndex),
    /// The traveller says that the declaration shown is not right.
    Disputed,
    /// The traveller asked for an officer.
    AskedForOfficer,
    /// The gate was opened and nobody, or not everybody, went through in time.
    PassageIncomplete,
    /// The gate did not open in time.
    GateDidNotOpen,
    /// The gate did not close in time.
    GateDidNotClose,
    /// A device that this journey needs failed.
    DeviceFailed(Device),
    /// The lane was interrupted, by a power cut for instance, while the party was in it.
    Interrupted,
    /// An officer has to look whether the member stands there in person. No accusation: a still face in flat light may do it.
    PresentationUnclear(MemberIndex),
    /// More people than the warrant names went in, or two at once, and the lane's rule is to close behind them.
    Tailgated,
}

impl Cause {
    /// The code that the journal keeps and the officer's panel shows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Verdict => "C-01",
            Self::NoVerdict => "C-02",
            Self::DocumentExpired(_) => "C-03",
            Self::EvidenceIncomplete => "C-04",
            Self::FaceNotSeen(_) => "C-05",
            Self::FaceNotMatched(_) => "C-06",
            Self::FaceNotComparable(_) => "C-07",
            Self::Disputed => "C-08",
            Self::AskedForOfficer => "C-09",
            Self::PassageIncomplete => "C-10",
            Self::GateDidNotOpen => "C-11",
            Self::GateDidNotClose => "C-12",
            Self::DeviceFailed(_) => "C-13",
            Self::Interrupted => "C-14",
            Self::PresentationUnclear(_) => "C-15",
            Self::Tailgated => "C-16",
        }
    }

    /// The member of the party whom it concerns, where it concerns one.
    pub const fn member(self) -> Option<MemberIndex> {
        match self {
            Self::DocumentExpired(member)
            | Self::FaceNotSeen(member)
            | Self::FaceNotMatched(member)
            | Self::FaceNotComparable(member)
            | Self::PresentationUnclear(member) => Some(member),
            Self::Verdict
            | Self::NoVerdict
            | Self::EvidenceIncomplete
            | Self::Disputed
            | Self::AskedForOfficer
            | Self::PassageIncomplete
            | Self::Tailgated
            | Self::GateDidNotOpen
            | Self::GateDidNotClose
            | Self::DeviceFailed(_)
            | Self::Interrupted => None,
        }
    }
}

/// A question to an officer. Only the officer's recorded decision on this very question ends it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Referral {
    /// The question that the officer's decision must name.
    pub id: QuestionId,
    /// Why, sorted, at least one.
    pub causes: Vec<Cause>,
    /// The verdict, where one was given.
    pub verdict: Option<Verdict>,
}
