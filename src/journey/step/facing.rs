//! Face and portrait, one member after the other.

use evidence::{MemberIndex, Presentation, QuestionId};

use super::{Effects, documents::members, verdict};
use crate::{
    Cause, Effect, Face, FaceHint, FaceOutcome, Journey, Lane, Look, Party, Rules, Stage, Timer,
};

/// From the review to the first face.
pub(super) fn begin(lane: &mut Lane, effects: &mut Effects) {
    let rules = lane.rules;
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    if let Stage::Reviewing(party) = &journey.stage {
        let party = party.clone();
        next_member(journey, party, rules, effects);
    }
}

pub(super) fn looked(lane: &mut Lane, to: QuestionId, outcome: FaceOutcome, effects: &mut Effects) {
    let rules = lane.rules;
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    let id = journey.id;
    let serial = journey.serial + 1;
    let Stage::Facing {
        party,
        member,
        question,
        misses,
        hint,
    } = &mut journey.stage
    else {
        return;
    };
    if *question != to {
        return;
    }
    let (quality, likeness, presentation) = match outcome {
        FaceOutcome::NotYet(what) => {
            *hint = Some(what);
            return;
        }
        FaceOutcome::Captured {
            quality,
            likeness,
            presentation,
        } => (quality, likeness, presentation),
    };
    let member = *member;
    let alike = likeness.is_some_and(|likeness| likeness >= rules.alike_from);
    if !alike && likeness.is_some() && *misses + 1 < rules.face_tries {
        *misses += 1;
        *hint = Some(FaceHint::LookStraight);
        *question = QuestionId {
            journey: id,
            serial,
        };
        effects.push(Effect::Look(Look::Face {
            question: *question,
            member,
        }));
        journey.serial = serial;
        return;
    }
    let mut party = party.clone();
    party.faces.push((member, Face { quality, likeness }));
    if likeness.is_none() {
        party.causes.push(Cause::FaceNotComparable(member));
    } else if !alike {
        party.causes.push(Cause::FaceNotMatched(member));
    }
    match presentation {
        Presentation::BonaFide => {}
        // However alike: a good picture of the right person is the commonest attack.
        Presentation::NeedsOfficer => party.causes.push(Cause::PresentationUnclear(member)),
    }
    next_member(journey, party, rules, effects);
}

/// Nobody was seen well enough. Whoever stands there has waited long enough: the verdict is asked for
/// now, so that the officer has it too.
pub(super) fn expired(lane: &mut Lane, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    if let Stage::Facing { party, member, .. } = &journey.stage {
        let mut party = party.clone();
        party.causes.push(Cause::FaceNotSeen(*member));
        verdict::ask(journey, party, effects);
    }
}

fn next_member(journey: &mut Journey, party: Party, rules: Rules, effects: &mut Effects) {
    let to_see = members(&party.declaration).find(|member| {
        party.faces.iter().all(|(seen, _)| seen != member) && must_show_face(&party, *member, rules)
    });
    match to_see {
        Some(member) => {
            let question = journey.ask();
            journey.stage = Stage::Facing {
                party,
                member,
                question,
                misses: 0,
                hint: None,
            };
            effects.push(Effect::Look(Look::Face { question, member }));
            journey.arm(Timer::Facing, effects);
        }
        None => verdict::ask(journey, party, effects),
    }
}

fn must_show_face(party: &Party, member: MemberIndex, rules: Rules) -> bool {
    party
        .documents
        .get(usize::from(member.get()))
        .is_none_or(|document| document.birth.expose().age_on(party.on) >= rules.face_from_age)
}
