//! Whatever happens, in whatever order: two hundred events drawn by chance, with a party of ten, smudges, visas, other
//! languages and answers to anything; more than the search explores, and less than everything.

use std::sync::LazyLock;

use evidence::{
    CodeRefusal, Decision as Outcome, DocumentCode, DocumentKind, JourneyId, OpenRefusal,
    QuestionId, TravelDocument,
};
use journey::{
    Alarm, Code, Deadline, Decision, Device, Effect, Event, FaceHint, FaceOutcome, Ground, Lane,
    Language, Record, Stage, Timer, Touch,
};
use proptest::prelude::*;

use crate::{
    cast::{self, Party},
    walk::{CAST, Walk, captured, decided, officer},
};

/// Ten travellers under one code.
static CROWD: LazyLock<(Vec<TravelDocument>, Party)> = LazyLock::new(|| {
    let documents: Vec<_> = (0..10)
        .map(|who| cast::passport(&format!("C0000000{who}")))
        .collect();
    let party = cast::party(9, &documents);
    (documents, party)
});

type Draw = (u8, u8, u8);

/// Three times out of four the number that the lane waits for.
fn number(lane: &Lane, draw: u8, wanted: Option<QuestionId>) -> QuestionId {
    wanted
        .filter(|_| !draw.is_multiple_of(4))
        .unwrap_or_else(|| QuestionId {
            journey: JourneyId::new(
                lane.journey
                    .as_ref()
                    .map_or(7, |journey| journey.id.get())
                    .saturating_sub(u64::from(draw / 4 % 2)),
            ),
            serial: u32::from(draw / 8),
        })
}

fn opening(lane: &Lane, draw: u8) -> Event {
    let (wanted, outcome) = match lane.stage() {
        Some(Stage::Gathering(gathering)) => match &gathering.code {
            Code::Sealed {
                declaration,
                tried,
                opening,
            } => {
                let party = [&CAST.parties[0], &CAST.parties[1], &CROWD.1]
                    .into_iter()
                    .find(|party| party.sealed.code_id() == declaration.code_id())
                    .unwrap();
                let declarant = gathering
                    .documents
                    .get(*tried)
                    .and_then(|document| party.opened.member_of(document))
                    .is_some_and(|member| member.get() == 0);
                let outcome = if declarant {
                    Ok(party.opened.clone())
                } else {
                    Err(OpenRefusal::NotThisDocument)
                };
                (*opening, outcome)
            }
            Code::Missing | Code::Opened(_) => (None, Err(OpenRefusal::NotThisDocument)),
        },
        _ => (None, Ok(CAST.parties[0].opened.clone())),
    };
    Event::DeclarationOpened {
        to: number(lane, draw, wanted),
        outcome,
    }
}

fn document(which: u8) -> TravelDocument {
    let mut document = match which % 16 {
        who @ 0..10 => CROWD.0[usize::from(who)].clone(),
        who => CAST.documents[usize::from(who % 3)].clone(),
    };
    if which % 16 == 15 {
        (document.kind, document.code) = (DocumentKind::Visa, DocumentCode::VISA);
    }
    document
}

fn event(lane: &Lane, (kind, which, draw): Draw) -> Event {
    let stage = lane.stage();
    let device = [
        Device::Gate,
        Device::DocumentCamera,
        Device::FaceCamera,
        Device::Journal,
    ][usize::from(which % 4)];
    let deadline = lane
        .journey
        .as_ref()
        .and_then(|journey| journey.deadline)
        .filter(|_| !draw.is_multiple_of(4))
        .unwrap_or(Deadline {
            timer: [Timer::Gathering, Timer::Verdict, Timer::Passage][usize::from(which % 3)],
            arming: number(lane, draw, None),
        });
    match kind % 32 {
        0 | 1 => Event::DeclarationRead(
            [&CAST.parties[0], &CAST.parties[1], &CROWD.1][usize::from(which % 3)]
                .sealed
                .clone(),
        ),
        2..=9 => Event::DocumentRead {
            document: document(which),
            on: cast::TODAY,
        },
        10..=12 => opening(lane, draw),
        13 => Event::CodeRefused(CodeRefusal::BadSignature),
        14 => Event::DocumentUnreadable,
        15..=18 => {
            let wanted = match stage {
                Some(Stage::Facing { question, .. }) => Some(*question),
                _ => None,
            };
            Event::FaceLooked {
                to: number(lane, draw, wanted),
                outcome: match which % 8 {
                    0 => FaceOutcome::NotYet(FaceHint::ComeCloser),
                    1 => captured(None),
                    2 => captured(Some(100)),
                    _ => captured(Some(900)),
                },
            }
        }
        19 | 20 => {
            let wanted = match stage {
                Some(Stage::AwaitingRisk { question, .. }) => Some(*question),
                _ => None,
            };
            Event::RiskAnswered {
                to: number(lane, draw, wanted),
                verdict: cast::verdict(if which % 4 == 0 {
                    Outcome::Refer
                } else {
                    Outcome::Clear
                }),
            }
        }
        21 => Event::GateOpened,
        22 => Event::PersonPassed { total: which % 12 },
        23 => Event::PassageCleared,
        24 => Event::GateClosed,
        25 if lane.troubles.has(device) => Event::DeviceRecovered(device),
        25 => Event::DeviceFailed(device),
        26 if lane.troubles.has(Device::Journal) => Event::DeviceRecovered(Device::Journal),
        26 => Event::GateAlarmed(Alarm::WrongWay),
        27 => Event::Touched(
            [
                Touch::Confirm,
                Touch::Dispute,
                Touch::AskOfficer,
                Touch::MoreTime,
                Touch::Language(Language::Japanese),
            ][usize::from(which % 5)],
        ),
        28 => {
            let wanted = match stage {
                Some(Stage::Referred { referral, .. }) => Some(referral.id),
                _ => None,
            };
            decided(
                number(lane, draw, wanted),
                Decision::ALL[usize::from(which % 3)],
            )
        }
        29 if which % 4 == 0 => Event::EvacuationSignalled,
        29 => Event::EvacuationEnded,
        30 if which % 4 == 0 => Event::DrainOrdered { officer: None },
        30 => Event::ResumeOrdered { officer: officer() },
        _ if which % 2 == 0 => Event::Nearing(deadline),
        _ => Event::Expired(deadline),
    }
}

/// Records first, and each opening after the record of its own ground.
fn in_order(effects: &[Effect]) -> bool {
    let rank = |effect: &Effect| match effect {
        Effect::Evacuate => 0,
        Effect::Record(_) => 1,
        _ => 2,
    };
    let grounds = |ground| {
        effects.iter().any(|effect| match effect {
            Effect::Record(Record::Cleared { question, .. }) => {
                Ground::Verdict(*question) == ground
            }
            Effect::Record(Record::Decided { referral, .. }) => {
                Ground::Officer(*referral) == ground
            }
            _ => false,
        })
    };
    effects.is_sorted_by_key(rank)
        && effects.iter().all(|effect| match effect {
            Effect::OpenGate(warrant) => grounds(warrant.ground()),
            _ => true,
        })
}

/// A deadline is armed, or a human owns it.
fn is_owned(lane: &Lane, armed: Option<Deadline>) -> bool {
    lane.journey.as_ref().is_none_or(|journey| {
        matches!(journey.stage, Stage::Referred { .. })
            || lane.troubles.has(Device::Journal)
            || (journey.deadline.is_some() && journey.deadline == armed)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_records_come_first_and_nobody_is_left_waiting(
        draws in prop::collection::vec(any::<Draw>(), 200),
        refused in prop::collection::vec(0..200_usize, 0..3),
    ) {
        let mut walk = Walk::begin();
        let mut armed = None;
        for (at, draw) in draws.into_iter().enumerate() {
            let event = event(&walk.lane, draw);
            if let Event::Expired(deadline) = &event {
                armed = armed.filter(|held| held != deadline);
            }
            let (_, effects) = walk.lane.step(event.clone());
            let records = effects.iter().any(|effect| matches!(effect, Effect::Record(_)));
            let evacuates = effects.first() == Some(&Effect::Evacuate);
            if refused.contains(&at) && records && !evacuates {
                walk.on(Event::RecordFailed);
            } else {
                walk.on(event);
            }
            for effect in &walk.effects {
                match effect {
                    Effect::Arm(deadline) => armed = Some(*deadline),
                    Effect::Disarm => armed = None,
                    _ => {}
                }
            }
            prop_assert!(in_order(&walk.effects), "{:?}", walk.effects);
            prop_assert!(is_owned(&walk.lane, armed), "{:?}", walk.at());
            prop_assert!(walk.effects.iter().all(|effect| !matches!(effect, Effect::Forget(_))) || walk.lane.journey.is_none());
        }
    }
}
