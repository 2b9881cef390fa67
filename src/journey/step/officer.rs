//! What an officer decides.

use evidence::QuestionId;

use super::{Effects, finish, passage, verdict};
use crate::{
    Cause, Decision, DecisionReason, Device, Effect, Ending, Ground, Lane, OfficerId, Passage,
    Record, Service, Stage, lane::Order,
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
    let tried_to_close = referral.causes.contains(&Cause::GateDidNotClose);
    let persons = known.persons();
    let passage = Passage::new(persons, known.clone(), faces.clone());
    let through_gate = decision == Decision::Released
        && lane.service != Service::Evacuating
        && lane.order != Order::LookFirst
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
    } else if lane.may_close() && !tried_to_close {
        // The next traveller is served only when the gate is known to be closed again. A gate that would not close is
        // no longer the affair of the party that went through it: it keeps the lane out of service.
        if let Some(journey) = lane.journey.as_mut() {
            passage::close(journey, passage, Ending::Decided(decision), effects);
        }
        lane.settle();
    } else {
        finish(lane, Ending::Decided(decision), effects);
    }
}
