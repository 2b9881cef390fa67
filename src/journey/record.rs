use std::num::NonZeroU8;

use evidence::{
    DocumentNumber, JourneyId, QuestionId, Sensitive, Verdict,
    declaration::{CodeId, CodeRefusal},
};

use crate::{Alarm, Cause, Decision, DecisionReason, Device, HandReason, OfficerId, StageName};

/// What is put on record for good. Document numbers are here so that the journal can keep a keyed
/// digest of them; the journal never writes the number itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Record {
    /// Someone presented something; the journey has a number.
    Began {
        /// The journey.
        journey: JourneyId,
    },
    /// A code that looks like a declaration was refused.
    CodeRefused {
        /// The journey.
        journey: JourneyId,
        /// Why.
        refusal: CodeRefusal,
    },
    /// The declaration is open and each member's document has been read.
    Gathered {
        /// The journey.
        journey: JourneyId,
        /// Which declaration.
        code: CodeId,
        /// The documents in the order of the party.
        documents: Vec<Sensitive<DocumentNumber>>,
    },
    /// The party may pass, by verdict.
    Cleared {
        /// The question that was answered.
        question: QuestionId,
        /// The answer.
        verdict: Verdict,
        /// How many may pass.
        persons: NonZeroU8,
    },
    /// The party is sent to an officer.
    Referred {
        /// The question to the officer.
        referral: QuestionId,
        /// Why.
        causes: Vec<Cause>,
        /// The verdict, where one was given.
        verdict: Option<Verdict>,
    },
    /// An officer decided.
    Decided {
        /// Which referral.
        referral: QuestionId,
        /// Who.
        officer: OfficerId,
        /// What.
        decision: Decision,
        /// Why.
        reason: DecisionReason,
        /// How many may pass through the gate; none if it stays shut.
        persons: Option<NonZeroU8>,
    },
    /// More people than the warrant allows went through, or someone came through the wrong way or by force.
    Alarmed {
        /// The journey during which it happened, if there was one.
        journey: Option<JourneyId>,
        /// What the gate noticed.
        alarm: Alarm,
    },
    /// The journey is over.
    Ended {
        /// The journey.
        journey: JourneyId,
        /// How.
        ending: Ending,
    },
    /// Evacuation began or ended. The only record that may follow its act.
    Evacuation {
        /// True when it began.
        began: bool,
    },
    /// A device failed or is back.
    DeviceChanged {
        /// Which.
        device: Device,
        /// True when it works.
        works: bool,
    },
    /// The lane was taken out of service or brought back by order.
    ServiceOrdered {
        /// Who ordered it; none for a stop of the software itself.
        officer: Option<OfficerId>,
        /// True when it was brought back.
        open: bool,
    },
    /// The gate is opened by hand, and the lane does not run. No step makes this record: the program that opens does.
    OpenedByHand {
        /// By whom.
        officer: OfficerId,
        /// How many may pass.
        persons: NonZeroU8,
        /// Why.
        reason: HandReason,
    },
    /// The office answered a question that the lane had decided itself meanwhile. It changes nothing, and no step makes
    /// this record: the runtime does.
    AnsweredLate {
        /// The question.
        question: QuestionId,
        /// What the office said.
        office: Verdict,
        /// Whether the lane had said the same.
        agrees: bool,
    },
}

/// How a journey ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// This many went through and the gate is closed.
    Passed(u8),
    /// An officer took over.
    Decided(Decision),
    /// Whoever it was left before anything could be read.
    Abandoned,
    /// Evacuation or a power cut ended it at this stage, or a device failed before anything had been shown.
    Interrupted(StageName),
}

impl Record {
    /// The journey that it belongs to, if it belongs to one.
    pub fn journey(&self) -> Option<JourneyId> {
        match self {
            Self::Began { journey }
            | Self::CodeRefused { journey, .. }
            | Self::Gathered { journey, .. }
            | Self::Ended { journey, .. } => Some(*journey),
            Self::Cleared { question, .. } | Self::AnsweredLate { question, .. } => {
                Some(question.journey)
            }
            Self::Referred { referral, .. } | Self::Decided { referral, .. } => {
                Some(referral.journey)
            }
            Self::Alarmed { journey, .. } => *journey,
            Self::Evacuation { .. }
            | Self::DeviceChanged { .. }
            | Self::ServiceOrdered { .. }
            | Self::OpenedByHand { .. } => None,
        }
    }
}
