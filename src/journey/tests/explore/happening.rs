//! What can happen to the lane, without numbers: an answer is to the question that is awaited, or to a former one.

use evidence::{
    Decision as Outcome, JourneyId, Likeness, MemberIndex, Presentation, Quality, QuestionId,
    declaration::{CodeRefusal, Flaw, OpenRefusal},
};
use journey::{
    Alarm, Code, Deadline, Decision, DecisionReason, Device, Event, FaceHint, FaceOutcome, Lane,
    OfficerId, Service, Stage, Timer, Touch,
};

use crate::{cast, cast::Cast};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    ShowsCode(u8),
    ShowsDocument(u8),
    ShowsAnotherCode,
    ShowsSmudge,
    Opens,
    OpensSpoilt,
    Looks(To, Seen),
    Judged(To, Outcome),
    Decides(To, Decision),
    Expires(To),
    Nears,
    Touches(Touch),
    GateOpened,
    Passed(u8),
    PassageCleared,
    GateClosed,
    Alarmed,
    Fails(Device),
    Recovers(Device),
    Fire,
    FireEnds,
    Drain,
    Resume,
}

/// Which question an answer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The one that the lane waits for.
    Awaited,
    /// The one with the same serial number, of the party before.
    Former,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Alike,
    Unlike,
    Incomparable,
    /// Alike, but perhaps not in person.
    InDoubt,
    NotYet,
}

/// Whether the journal takes the records of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    Takes,
    Refuses,
}

/// Everything that may happen next.
pub fn all(lane: &Lane) -> Vec<Happening> {
    use Happening::*;
    let mut all = vec![
        ShowsAnotherCode,
        ShowsSmudge,
        Opens,
        OpensSpoilt,
        Looks(To::Awaited, Seen::Alike),
        Looks(To::Awaited, Seen::Unlike),
        Looks(To::Awaited, Seen::Incomparable),
        Looks(To::Awaited, Seen::InDoubt),
        Looks(To::Awaited, Seen::NotYet),
        Judged(To::Awaited, Outcome::Clear),
        Judged(To::Awaited, Outcome::Refer),
        Judged(To::Former, Outcome::Clear),
        Decides(To::Former, Decision::Released),
        Expires(To::Awaited),
        Expires(To::Former),
        Nears,
        GateOpened,
        PassageCleared,
        GateClosed,
        Alarmed,
        Fire,
        FireEnds,
        Drain,
        Resume,
    ];
    all.extend((0..2).map(ShowsCode));
    all.extend((0..3).map(ShowsDocument));
    // Three travellers, so three may walk through whatever the warrant says.
    all.extend((1..=3).map(Passed));
    all.extend(Decision::ALL.map(|decision| Decides(To::Awaited, decision)));
    all.extend(
        [
            Touch::Confirm,
            Touch::Dispute,
            Touch::AskOfficer,
            Touch::MoreTime,
        ]
        .map(Touches),
    );
    let devices = [
        Device::Gate,
        Device::DocumentCamera,
        Device::FaceCamera,
        Device::Journal,
    ];
    all.extend(devices.map(|device| {
        if lane.troubles.has(device) {
            Recovers(device)
        } else {
            Fails(device)
        }
    }));
    all
}

/// The question that the lane waits to be answered.
pub fn awaited(lane: &Lane) -> Option<QuestionId> {
    match lane.stage()? {
        Stage::Gathering(gathering) => match &gathering.code {
            Code::Sealed { opening, .. } => *opening,
            Code::Missing | Code::Opened(_) => None,
        },
        Stage::Facing { question, .. } | Stage::AwaitingRisk { question, .. } => Some(*question),
        Stage::Referred { referral, .. } => Some(referral.id),
        Stage::Reviewing(_) | Stage::Releasing(_) | Stage::Passing(_) | Stage::Closing { .. } => {
            None
        }
    }
}

pub fn deadline(lane: &Lane) -> Option<Deadline> {
    lane.journey.as_ref()?.deadline
}

/// The same number, given to the party before.
pub fn former(question: QuestionId) -> QuestionId {
    QuestionId {
        journey: JourneyId::new(question.journey.get() - 1),
        ..question
    }
}

impl To {
    fn question(self, lane: &Lane) -> Option<QuestionId> {
        match self {
            Self::Awaited => awaited(lane),
            Self::Former => awaited(lane).map(former),
        }
    }
}

/// The event of a happening, if it can be one now.
pub fn event(cast: &Cast, lane: &Lane, happening: Happening) -> Option<Event> {
    Some(match happening {
        Happening::ShowsCode(party) => {
            Event::DeclarationRead(cast.parties[usize::from(party)].sealed.clone())
        }
        Happening::ShowsDocument(who) => Event::DocumentRead {
            document: cast.documents[usize::from(who)].clone(),
            on: cast::TODAY,
        },
        Happening::ShowsAnotherCode => Event::CodeRefused(CodeRefusal::Expired),
        Happening::ShowsSmudge => Event::DocumentUnreadable,
        Happening::Opens | Happening::OpensSpoilt => {
            let Some(Stage::Gathering(gathering)) = lane.stage() else {
                return None;
            };
            let Code::Sealed {
                declaration,
                tried,
                opening,
            } = &gathering.code
            else {
                return None;
            };
            let to = (*opening)?;
            let party = cast
                .parties
                .iter()
                .find(|party| party.sealed.code_id() == declaration.code_id())?;
            let declarant = party.opened.member_of(&gathering.documents[*tried])
                == Some(MemberIndex::DECLARANT);
            Event::DeclarationOpened {
                to,
                outcome: match (declarant, happening) {
                    (true, Happening::Opens) => Ok(party.opened.clone()),
                    (true, _) => Err(OpenRefusal::Malformed(Flaw::Base45)),
                    (false, _) => Err(OpenRefusal::NotThisDocument),
                },
            }
        }
        Happening::Looks(to, seen) => Event::FaceLooked {
            to: in_stage(lane, to, |stage| matches!(stage, Stage::Facing { .. }))?,
            outcome: outcome(seen),
        },
        Happening::Judged(to, outcome) => Event::RiskAnswered {
            to: in_stage(lane, to, |stage| {
                matches!(stage, Stage::AwaitingRisk { .. })
            })?,
            verdict: cast::verdict(outcome),
        },
        Happening::Decides(to, decision) => decided(
            in_stage(lane, to, |stage| matches!(stage, Stage::Referred { .. }))?,
            decision,
        ),
        Happening::Expires(To::Awaited) => Event::Expired(deadline(lane)?),
        Happening::Expires(To::Former) => {
            let deadline = deadline(lane)?;
            Event::Expired(Deadline {
                arming: former(deadline.arming),
                ..deadline
            })
        }
        Happening::Nears => Event::Nearing(deadline(lane)?),
        Happening::Touches(touch) => Event::Touched(touch),
        Happening::GateOpened => Event::GateOpened,
        Happening::Passed(total) => Event::PersonPassed { total },
        Happening::PassageCleared => Event::PassageCleared,
        Happening::GateClosed => Event::GateClosed,
        Happening::Alarmed => Event::GateAlarmed(Alarm::Tailgating),
        Happening::Fails(device) => Event::DeviceFailed(device),
        Happening::Recovers(device) => Event::DeviceRecovered(device),
        Happening::Fire => Event::EvacuationSignalled,
        Happening::FireEnds if lane.service != Service::Evacuating => return None,
        Happening::FireEnds => Event::EvacuationEnded,
        Happening::Drain => Event::DrainOrdered { officer: None },
        Happening::Resume => Event::ResumeOrdered { officer: officer() },
    })
}

fn in_stage(lane: &Lane, to: To, is: fn(&Stage) -> bool) -> Option<QuestionId> {
    lane.stage()
        .is_some_and(is)
        .then(|| to.question(lane))
        .flatten()
}

pub fn outcome(seen: Seen) -> FaceOutcome {
    let likeness = match seen {
        Seen::Alike | Seen::InDoubt => Likeness::new(800),
        Seen::Unlike => Likeness::new(100),
        Seen::Incomparable => None,
        Seen::NotYet => return FaceOutcome::NotYet(FaceHint::HoldStill),
    };
    FaceOutcome::Captured {
        quality: Quality::new(900).unwrap(),
        likeness,
        presentation: match seen {
            Seen::InDoubt => Presentation::NeedsOfficer,
            Seen::Alike | Seen::Unlike | Seen::Incomparable | Seen::NotYet => {
                Presentation::BonaFide
            }
        },
    }
}

pub fn decided(referral: QuestionId, decision: Decision) -> Event {
    Event::OfficerDecided {
        referral,
        officer: officer(),
        decision,
        reason: DecisionReason::IdentityConfirmed,
    }
}

fn officer() -> OfficerId {
    OfficerId::parse("K-1").unwrap()
}

/// Answers and expiries that name something that the lane does not wait for: a question of the party before, one
/// already answered, and the right number in the wrong place.
pub fn strangers(cast: &Cast, lane: &Lane) -> Vec<Event> {
    let expected = awaited(lane);
    let deadline = deadline(lane);
    let known = expected
        .or(deadline.map(|deadline| deadline.arming))
        .unwrap_or(QuestionId {
            journey: JourneyId::new(1),
            serial: 1,
        });
    let mut numbers = vec![
        former(known),
        QuestionId {
            serial: known.serial.wrapping_sub(1),
            ..known
        },
    ];
    numbers.extend(expected);
    numbers.extend(deadline.map(|deadline| deadline.arming));
    let mut events = Vec::new();
    for number in numbers {
        let answers_in =
            |stage: fn(&Stage) -> bool| Some(number) == expected && lane.stage().is_some_and(stage);
        if !answers_in(|stage| matches!(stage, Stage::Gathering(_))) {
            events.push(Event::DeclarationOpened {
                to: number,
                outcome: Ok(cast.parties[0].opened.clone()),
            });
        }
        if !answers_in(|stage| matches!(stage, Stage::Facing { .. })) {
            events.push(Event::FaceLooked {
                to: number,
                outcome: outcome(Seen::Alike),
            });
        }
        if !answers_in(|stage| matches!(stage, Stage::AwaitingRisk { .. })) {
            events.push(Event::RiskAnswered {
                to: number,
                verdict: cast::verdict(Outcome::Clear),
            });
        }
        if !answers_in(|stage| matches!(stage, Stage::Referred { .. })) {
            events.push(decided(number, Decision::Released));
        }
        for timer in [Timer::Passage, Timer::Verdict] {
            let expiry = Deadline {
                timer,
                arming: number,
            };
            if deadline != Some(expiry) {
                events.push(Event::Expired(expiry));
            }
        }
    }
    events
}
