//! The question about the party and its answer.

use evidence::{Decision, Question, QuestionId, Verdict};

use super::{Effects, refer};
use crate::{
    Effect, Ground, Journey, Lamp, Lane, Look, Party, Passage, Record, Stage, Timer, Warrant,
};

pub(super) fn ask(journey: &mut Journey, party: Party, effects: &mut Effects) {
    let question = journey.ask();
    effects.push(Effect::Look(Look::Nothing));
    effects.push(Effect::AskRisk(Box::new(Question {
        id: question,
        on: party.on,
        declaration: party.declaration.clone(),
        documents: party.documents.clone(),
    })));
    journey.stage = Stage::AwaitingRisk { party, question };
    journey.arm(Timer::Verdict, effects);
}

pub(super) fn answered(lane: &mut Lane, to: QuestionId, verdict: Verdict, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    let Stage::AwaitingRisk { party, question } = &journey.stage else {
        return;
    };
    if *question != to {
        return;
    }
    if verdict.decision == Decision::Refer || !party.causes.is_empty() {
        refer(lane, &[], Some(verdict), effects);
        return;
    }
    let persons = party.persons();
    let (known, faces) = party.clone().into_known();
    effects.push(Effect::Record(Record::Cleared {
        question: to,
        verdict,
        persons,
    }));
    release(
        lane,
        Ground::Verdict(to),
        Passage::new(persons, known, faces),
        effects,
    );
}

/// Opens the gate for a party whose record of release stands among the effects.
pub(super) fn release(lane: &mut Lane, ground: Ground, passage: Passage, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    effects.push(Effect::OpenGate(Warrant::new(
        journey.id,
        passage.persons,
        ground,
    )));
    effects.push(Effect::Light(Lamp::Go));
    journey.stage = Stage::Releasing(passage);
    journey.arm(Timer::GateOpens, effects);
    lane.gate_open = true;
    lane.settle();
}
