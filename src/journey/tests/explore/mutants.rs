//! The step with one guard taken away, to show that the search would notice.

use evidence::Decision as Outcome;
use journey::{Effect, Event, Lane, Record, Service, Stage};

use crate::world::Step;

/// The rule that each breaks, and the step without that rule's guard.
pub const ALL: [(&str, Step); 7] = [
    ("rule 1", any_verdict_will_do),
    ("rule 2", opens_unrecorded),
    ("rule 3", waits_for_ever),
    ("rule 4", finishes_the_passage_first),
    ("rule 5", remembers),
    ("rule 6", any_expiry_will_do),
    ("rule 7", fire_clears_the_desk),
];

/// Takes any verdict for the answer to the question at hand. The lane before has no way of telling, which is
/// what the question's number is for.
fn any_verdict_will_do(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    match (lane.stage(), event) {
        (Some(Stage::AwaitingRisk { question, .. }), Event::RiskAnswered { verdict, .. })
            if verdict.decision == Outcome::Clear =>
        {
            lane.step(Event::RiskAnswered {
                to: *question,
                verdict,
            })
        }
        (_, event) => lane.step(event),
    }
}

fn opens_unrecorded(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    let (lane, mut effects) = lane.step(event);
    effects.retain(|effect| !matches!(effect, Effect::Record(Record::Cleared { .. })));
    (lane, effects)
}

fn waits_for_ever(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    let (lane, mut effects) = lane.step(event);
    if matches!(lane.stage(), Some(Stage::AwaitingRisk { .. })) {
        effects.retain(|effect| !matches!(effect, Effect::Arm(_)));
    }
    (lane, effects)
}

fn finishes_the_passage_first(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    if event == Event::EvacuationSignalled && matches!(lane.stage(), Some(Stage::Closing { .. })) {
        return (lane.clone(), Vec::new());
    }
    lane.step(event)
}

fn remembers(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    let (mut next, effects) = lane.step(event);
    if effects
        .iter()
        .any(|effect| matches!(effect, Effect::Forget(_)))
    {
        next.journey.clone_from(&lane.journey);
    }
    (next, effects)
}

fn any_expiry_will_do(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    match (
        lane.journey.as_ref().and_then(|journey| journey.deadline),
        event,
    ) {
        (Some(deadline), Event::Expired(_)) => lane.step(Event::Expired(deadline)),
        (_, event) => lane.step(event),
    }
}

fn fire_clears_the_desk(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    let (mut next, effects) = lane.step(event);
    if next.service == Service::Evacuating && lane.service != Service::Evacuating {
        next.journey = None;
    }
    (next, effects)
}
