use evidence::{
    JourneyId, MemberIndex, Question, QuestionId, TravelDocument,
    declaration::{Declaration, Sealed},
};

use crate::{Alarm, Deadline, Record, Referral, Warrant};

/// What must be done. The performer promises:
///
/// 1. effects are performed in the order in which a step returned them;
/// 2. the next lane takes effect when the step's records are committed; if one cannot be, nothing more
///    of the step is performed, the former lane stands, and it is stepped with [`crate::Event::RecordFailed`];
/// 3. [`Effect::Evacuate`] alone may stand before a record; a step that evacuates takes effect at once and is performed
///    whole, and if its records cannot be committed the lane is stepped with [`crate::Event::RecordFailed`] after it;
/// 4. a gate that already stands as ordered is reported again: [`Effect::OpenGate`] is answered by
///    [`crate::Event::GateOpened`] and [`Effect::CloseGate`] by [`crate::Event::GateClosed`] even if nothing moved;
/// 5. when the journal is back, what the lane could not be told meanwhile is told again as it stands now: the leaf, the
///    evacuation input, each device.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Commit this record.
    Record(Record),
    /// Open the gate for the party that the warrant names.
    OpenGate(Warrant),
    /// Close the gate, when nobody stands in it.
    CloseGate,
    /// Open the gate for everybody, at once.
    Evacuate,
    /// Show this lamp.
    Light(Lamp),
    /// Read this from the cameras from now on.
    Look(Look),
    /// Try to open the declaration with this document.
    OpenDeclaration {
        /// To be named by the answer.
        question: QuestionId,
        /// The declaration.
        declaration: Declaration<Sealed>,
        /// The document.
        document: Box<TravelDocument>,
    },
    /// Ask for a verdict.
    AskRisk(Box<Question>),
    /// Send [`crate::Event::Nearing`] and then [`crate::Event::Expired`] for this deadline. It replaces the one before it.
    Arm(Deadline),
    /// No deadline is awaited any more.
    Disarm,
    /// Call an officer to this referral.
    SummonOfficer(Referral),
    /// Tell the officers what the gate noticed.
    RaiseAlarm(Alarm),
    /// Drop every picture and personal value that belongs to this journey.
    Forget(JourneyId),
}

/// The lamps at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lamp {
    /// Wait here.
    Wait,
    /// Walk through.
    Go,
    /// See an officer.
    SeeOfficer,
    /// Not in service.
    Off,
}

/// What the cameras are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Codes and machine-readable zones.
    Documents,
    /// A face, to be compared with this member's document.
    Face {
        /// To be named by the answer.
        question: QuestionId,
        /// Whose.
        member: MemberIndex,
    },
    /// Nothing.
    Nothing,
}
