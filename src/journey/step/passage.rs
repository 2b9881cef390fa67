//! The gate's reports.

use super::{Effects, finish};
use crate::{
    Alarm, Effect, Ending, Journey, Lamp, Lane, OnTailgating, Passage, Record, Stage, Timer,
};

pub(super) fn opened(lane: &mut Lane, effects: &mut Effects) {
    lane.gate_open = true;
    match lane.journey.as_mut() {
        Some(Journey {
            stage: stage @ Stage::Releasing(_),
            ..
        }) => {
            if let Stage::Releasing(passage) = stage {
                *stage = Stage::Passing(passage.clone());
            }
            if let Some(journey) = lane.journey.as_mut() {
                journey.arm(Timer::Passage, effects);
            }
        }
        Some(Journey {
            stage: Stage::Passing(_) | Stage::Closing { .. },
            ..
        }) => {}
        Some(_) | None => {
            // Nobody asked for it. While everybody leaves, an open gate is as it should be.
            if lane.may_close() {
                effects.push(Effect::CloseGate);
            }
            super::service::reopen(lane, effects);
        }
    }
}

pub(super) fn passed(lane: &mut Lane, total: u8, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    match &mut journey.stage {
        Stage::Releasing(passage) | Stage::Passing(passage) => {
            if total <= passage.passed {
                return;
            }
            passage.passed = total;
            passage.occupied = true;
            journey.stage = Stage::Passing(passage.clone());
            journey.arm(Timer::Passage, effects);
        }
        Stage::Closing { passage, ending } => {
            if total <= passage.passed {
                return;
            }
            passage.passed = total;
            if let Ending::Passed(passed) = ending {
                *passed = total;
            }
        }
        Stage::Gathering(_)
        | Stage::Reviewing(_)
        | Stage::Facing { .. }
        | Stage::AwaitingRisk { .. }
        | Stage::Referred { .. } => return,
    }
    // Not every gate tells tailgating by itself; a count above the warrant is the same.
    if lane
        .passage()
        .is_some_and(|passage| passage.passed > passage.persons.get())
    {
        alarmed(lane, Alarm::Tailgating, effects);
    }
}

pub(super) fn cleared(lane: &mut Lane, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    if let Stage::Passing(passage) = &mut journey.stage {
        passage.occupied = false;
        if passage.passed >= passage.persons.get() {
            let ending = Ending::Passed(passage.passed);
            let passage = passage.clone();
            close(journey, passage, ending, effects);
        }
    }
}

/// Closes the gate; `ending` is what the journey ends with once it is closed.
pub(super) fn close(
    journey: &mut Journey,
    passage: Passage,
    ending: Ending,
    effects: &mut Effects,
) {
    effects.push(Effect::CloseGate);
    effects.push(Effect::Light(Lamp::Wait));
    journey.stage = Stage::Closing { passage, ending };
    journey.arm(Timer::GateCloses, effects);
}

pub(super) fn closed(lane: &mut Lane, effects: &mut Effects) {
    // The order to open is on its way; how the leaf stood before tells nothing of how it will stand.
    lane.gate_open = matches!(lane.stage(), Some(Stage::Releasing(_)));
    match lane.stage() {
        Some(Stage::Closing { ending, .. }) => {
            let ending = *ending;
            finish(lane, ending, effects);
        }
        Some(Stage::Passing(passage)) => {
            if passage.passed >= passage.persons.get() {
                let ending = Ending::Passed(passage.passed);
                finish(lane, ending, effects);
            } else {
                super::refer(lane, &[crate::Cause::PassageIncomplete], None, effects);
            }
        }
        Some(
            Stage::Gathering(_)
            | Stage::Reviewing(_)
            | Stage::Facing { .. }
            | Stage::AwaitingRisk { .. }
            | Stage::Releasing(_)
            | Stage::Referred { .. },
        )
        | None => super::service::reopen(lane, effects),
    }
}

pub(super) fn alarmed(lane: &mut Lane, alarm: Alarm, effects: &mut Effects) {
    let going_in = matches!(lane.stage(), Some(Stage::Releasing(_) | Stage::Passing(_)));
    let mut parted = false;
    if alarm == Alarm::Tailgating
        && let Some(passage) = lane.passage_mut()
    {
        // The gate's own word and the count above the warrant are one alarm.
        if std::mem::replace(&mut passage.tailgated, true) {
            return;
        }
        parted = going_in;
    }
    effects.push(Effect::Record(Record::Alarmed {
        journey: lane.journey.as_ref().map(|journey| journey.id),
        alarm,
    }));
    if parted && lane.rules.tailgating == OnTailgating::Close {
        super::refer(lane, &[crate::Cause::Tailgated], None, effects);
    } else if lane.passage().is_some() {
        // It concerns whoever is in the gate, not the next in the queue.
        effects.push(Effect::Light(Lamp::SeeOfficer));
    }
    effects.push(Effect::RaiseAlarm(alarm));
}
