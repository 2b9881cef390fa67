//! What an officer decides.

use evidence::QuestionId;

use super::{Effects, finish, passage, verdict};
use crate::{
    Decision, DecisionReason, Device, Effect, Ending, Ground, Lane, OfficerId, Passage, Record,
    Service, Stage,
};

pub(super) fn decided(
    lane: &mut Lane,
    named: QuestionId,
    officer: OfficerId,
    (decision, reason): (Decision, DecisionReason),
    effects: &mut Effects,
) {
    let Some(Stage::Referred {
        referral,
        known,
        faces,
    }) = lane.stage()
    else {
        return;
    };
    if referral.id != named {
        return;
    }
    let persons = known.persons();
    let passage = Passage::new(persons, known.clone(), faces.clone());
    let through_gate = decision == Decision::Released
        && lane.service != Service::Evacuating
        && !lane.troubles.has(Device::Gate);
    effects.push(Effect::Record(Record::Decided {
        referral: named,
        officer,
        decision,
        reason,
        persons: through_gate.then_some(persons),
    }));
    if through_gate {
        verdict::release(lane, Ground::Officer(named), passage, effects);
    } else if lane.gate_open
        && lane.service != Service::Evacuating
        && !lane.troubles.has(Device::Gate)
    {
        // The next traveller is served only when the gate is known to be closed again.
        if let Some(journey) = lane.journey.as_mut() {
            passage::close(journey, passage, Ending::Decided(decision), effects);
        }
        lane.settle();
    } else {
        finish(lane, Ending::Decided(decision), effects);
    }
}
