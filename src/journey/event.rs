use evidence::{
    Date, Likeness, Presentation, Quality, QuestionId, TravelDocument, Verdict,
    declaration::{CodeRefusal, Declaration, OpenRefusal, Sealed, Verified},
};

use crate::{Decision, DecisionReason, Language, OfficerId};

/// What happened. Answers and timers name what they answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// A declaration code was read and its signature holds.
    DeclarationRead(Declaration<Sealed>),
    /// A code was read that the lane cannot take.
    CodeRefused(CodeRefusal),
    /// A document tried to open the declaration.
    DeclarationOpened {
        /// The question of [`crate::Effect::OpenDeclaration`].
        to: QuestionId,
        /// What came of it.
        outcome: Result<Declaration<Verified>, OpenRefusal>,
    },
    /// A travel document was read and all its check digits hold.
    DocumentRead {
        /// The document.
        document: TravelDocument,
        /// Today's date at the lane.
        on: Date,
    },
    /// A machine-readable zone was seen again and again and its check digits do not hold.
    DocumentUnreadable,
    /// A face was looked at in answer to [`crate::Look::Face`].
    FaceLooked {
        /// The question of [`crate::Look::Face`].
        to: QuestionId,
        /// What was seen.
        outcome: FaceOutcome,
    },
    /// The verdict.
    RiskAnswered {
        /// The question of [`crate::Effect::AskRisk`].
        to: QuestionId,
        /// The answer.
        verdict: Verdict,
    },
    /// The gate's leaf reports open.
    GateOpened,
    /// The gate counted someone through; the total since it opened.
    PersonPassed {
        /// Persons since the gate was opened.
        total: u8,
    },
    /// Nobody stands in the lane's passage any more.
    PassageCleared,
    /// The gate's leaf reports closed.
    GateClosed,
    /// The gate noticed something that an officer must see to.
    GateAlarmed(Alarm),
    /// A device does not work.
    DeviceFailed(Device),
    /// A device works again.
    DeviceRecovered(Device),
    /// The records of the last step could not be committed, so that step did not take place.
    RecordFailed,
    /// The traveller touched the screen.
    Touched(Touch),
    /// An officer, identified and permitted, decided a referral.
    OfficerDecided {
        /// The referral.
        referral: QuestionId,
        /// Who.
        officer: OfficerId,
        /// What.
        decision: Decision,
        /// Why.
        reason: DecisionReason,
    },
    /// The fire or emergency input is active.
    EvacuationSignalled,
    /// The fire or emergency input is at rest again.
    EvacuationEnded,
    /// Take no further travellers; an officer's order, or the software is asked to stop.
    DrainOrdered {
        /// Who; none when the software is asked to stop.
        officer: Option<OfficerId>,
    },
    /// Take travellers again.
    ResumeOrdered {
        /// Who.
        officer: OfficerId,
    },
    /// Most of a deadline's time is gone.
    Nearing(Deadline),
    /// A deadline has passed.
    Expired(Deadline),
}

/// What was seen when a face was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceOutcome {
    /// A picture good enough to compare.
    Captured {
        /// Its quality.
        quality: Quality,
        /// How much it is like the document's portrait; none if the portrait cannot be compared.
        likeness: Option<Likeness>,
        /// Whether an officer has to look at who stands there.
        presentation: Presentation,
    },
    /// Not yet; what the traveller could change.
    NotYet(FaceHint),
}

/// What a traveller can do to be seen better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceHint {
    /// Nobody is seen.
    LookHere,
    /// More than one person stands close.
    OneAtATime,
    /// Step closer.
    ComeCloser,
    /// Step back.
    StepBack,
    /// The face is too dark.
    MoreLight,
    /// The face is too bright.
    LessLight,
    /// The head is turned or tilted.
    LookStraight,
    /// The picture is blurred.
    HoldStill,
    /// Something covers mouth or nose.
    UncoverMouth,
    /// Something covers the eyes.
    UncoverEyes,
}

/// What the gate notices by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Alarm {
    /// More people than permitted.
    Tailgating,
    /// Someone came from the exit side.
    WrongWay,
    /// The leaf was moved by force.
    ForcedEntry,
}

/// A part of the lane that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Device {
    /// The gate and the bus to it.
    Gate,
    /// The camera that sees passports and codes.
    DocumentCamera,
    /// The camera that sees faces.
    FaceCamera,
    /// The journal on disk.
    Journal,
}

/// What a traveller can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touch {
    /// The declaration shown is right.
    Confirm,
    /// The declaration shown is not right.
    Dispute,
    /// An officer, please.
    AskOfficer,
    /// More time, please.
    MoreTime,
    /// This language, please.
    Language(Language),
}

/// Which wait. How long it lasts is settled by the runtime's timings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timer {
    /// Showing passports and the code.
    Gathering,
    /// Reading what was declared.
    Reviewing,
    /// Looking at the camera.
    Facing,
    /// The verdict.
    Verdict,
    /// The leaf's opening.
    GateOpens,
    /// Walking through.
    Passage,
    /// The leaf's closing.
    GateCloses,
}

/// One arming of one timer. An expiry that names an earlier arming is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// Which wait.
    pub timer: Timer,
    /// The journey and the number of the arming in it.
    pub arming: QuestionId,
}
