//! The step, sorted by what an event concerns.

mod documents;
mod facing;
mod officer;
mod passage;
mod service;
mod verdict;

use evidence::Decision as Outcome;

use crate::{
    Cause, Effect, Ending, Event, Journey, Lamp, Lane, Look, Record, Referral, Service, Stage,
    StageName, Timer, Touch,
};

type Effects = Vec<Effect>;

pub(crate) fn step(lane: &mut Lane, event: Event, effects: &mut Effects) {
    match event {
        Event::DeclarationRead(declaration) => {
            documents::declaration_read(lane, declaration, effects)
        }
        Event::CodeRefused(refusal) => documents::code_refused(lane, refusal, effects),
        Event::DeclarationOpened { to, outcome } => {
            documents::declaration_opened(lane, to, outcome, effects)
        }
        Event::DocumentRead { document, on } => {
            documents::document_read(lane, document, on, effects)
        }
        Event::DocumentUnreadable => documents::document_unreadable(lane, effects),
        Event::FaceLooked { to, outcome } => facing::looked(lane, to, outcome, effects),
        Event::RiskAnswered { to, verdict } => verdict::answered(lane, to, verdict, effects),
        Event::GateOpened => passage::opened(lane, effects),
        Event::PersonPassed { total } => passage::passed(lane, total, effects),
        Event::PassageCleared => passage::cleared(lane, effects),
        Event::GateClosed => passage::closed(lane, effects),
        Event::GateAlarmed(alarm) => passage::alarmed(lane, alarm, effects),
        Event::DeviceFailed(device) => service::failed(lane, device, effects),
        Event::DeviceRecovered(device) => service::recovered(lane, device, effects),
        Event::RecordFailed => service::record_failed(lane, effects),
        Event::Touched(touch) => touched(lane, touch, effects),
        Event::OfficerDecided {
            referral,
            officer,
            decision,
            reason,
        } => {
            officer::decided(lane, referral, officer, (decision, reason), effects);
        }
        Event::EvacuationSignalled => service::evacuate(lane, effects),
        Event::EvacuationEnded => service::evacuation_ended(lane, effects),
        Event::DrainOrdered { officer } => service::drain(lane, officer, effects),
        Event::ResumeOrdered { officer } => service::resume(lane, officer, effects),
        Event::Nearing(deadline) => {
            if let Some(journey) = lane
                .journey
                .as_mut()
                .filter(|journey| journey.deadline == Some(deadline))
            {
                journey.nearing = true;
            }
        }
        Event::Expired(deadline) => {
            if lane
                .journey
                .as_ref()
                .is_some_and(|journey| journey.deadline == Some(deadline))
            {
                expired(lane, deadline.timer, effects);
            }
        }
    }
    records_first(effects);
}

/// Record, then act; only evacuation acts first.
fn records_first(effects: &mut Effects) {
    effects.sort_by_key(|effect| match effect {
        Effect::Evacuate => 0,
        Effect::Record(_) => 1,
        Effect::OpenGate(_)
        | Effect::CloseGate
        | Effect::Light(_)
        | Effect::Look(_)
        | Effect::OpenDeclaration { .. }
        | Effect::AskRisk(_)
        | Effect::Arm(_)
        | Effect::Disarm
        | Effect::SummonOfficer(_)
        | Effect::RaiseAlarm(_)
        | Effect::Forget(_) => 2,
    });
}

fn expired(lane: &mut Lane, timer: Timer, effects: &mut Effects) {
    match timer {
        Timer::Gathering => documents::gathering_expired(lane, effects),
        Timer::Reviewing => facing::begin(lane, effects),
        Timer::Facing => facing::expired(lane, effects),
        Timer::Verdict => refer(lane, &[Cause::NoVerdict], None, effects),
        Timer::GateOpens => refer(lane, &[Cause::GateDidNotOpen], None, effects),
        Timer::Passage => refer(lane, &[Cause::PassageIncomplete], None, effects),
        Timer::GateCloses => refer(lane, &[Cause::GateDidNotClose], None, effects),
    }
}

fn touched(lane: &mut Lane, touch: Touch, effects: &mut Effects) {
    match touch {
        Touch::Confirm => {
            if matches!(lane.stage(), Some(Stage::Reviewing(_))) {
                facing::begin(lane, effects);
            }
        }
        Touch::Dispute => {
            if matches!(lane.stage(), Some(Stage::Reviewing(_))) {
                refer(lane, &[Cause::Disputed], None, effects);
            }
        }
        Touch::AskOfficer => {
            if begin(lane, effects).is_some_and(before_release) {
                refer(lane, &[Cause::AskedForOfficer], None, effects);
            }
        }
        Touch::MoreTime => more_time(lane, effects),
        Touch::Language(language) => {
            if let Some(journey) = begin(lane, effects) {
                journey.language = language;
                journey.language_chosen = true;
            }
        }
    }
}

/// A traveller may have as much time as they need for what they do themselves; machines may not.
fn more_time(lane: &mut Lane, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    let Some(deadline) = journey.deadline else {
        return;
    };
    match deadline.timer {
        Timer::Gathering | Timer::Reviewing | Timer::Facing | Timer::Passage => {
            journey.arm(deadline.timer, effects)
        }
        Timer::Verdict | Timer::GateOpens | Timer::GateCloses => {}
    }
}

fn before_release(journey: &mut Journey) -> bool {
    match journey.stage {
        Stage::Gathering(_)
        | Stage::Reviewing(_)
        | Stage::Facing { .. }
        | Stage::AwaitingRisk { .. } => true,
        Stage::Releasing(_)
        | Stage::Passing(_)
        | Stage::Closing { .. }
        | Stage::Referred { .. } => false,
    }
}

/// The journey in the lane; begins one if the lane takes travellers and has none.
fn begin<'lane>(lane: &'lane mut Lane, effects: &mut Effects) -> Option<&'lane mut Journey> {
    if lane.journey.is_none() {
        if lane.service != Service::InService {
            return None;
        }
        let mut journey = Journey::new(lane.next, lane.rules.language);
        lane.next = lane.next.next();
        effects.push(Effect::Record(Record::Began {
            journey: journey.id,
        }));
        journey.arm(Timer::Gathering, effects);
        lane.journey = Some(journey);
    }
    lane.journey.as_mut()
}

/// Sends the party to an officer, if it is not with one already.
fn refer(
    lane: &mut Lane,
    causes: &[Cause],
    verdict: Option<evidence::Verdict>,
    effects: &mut Effects,
) {
    let gate_open = lane.gate_open;
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    if matches!(journey.stage, Stage::Referred { .. }) {
        return;
    }
    journey.disarm(effects);
    let former = std::mem::replace(
        &mut journey.stage,
        Stage::Gathering(crate::Gathering::default()),
    );
    let mut causes = causes.to_vec();
    let (known, faces) = match former {
        Stage::Gathering(known) => (known.set_aside(), Vec::new()),
        Stage::Reviewing(party)
        | Stage::Facing { party, .. }
        | Stage::AwaitingRisk { party, .. } => {
            causes.extend_from_slice(&party.causes);
            party.into_known()
        }
        Stage::Releasing(passage) | Stage::Passing(passage) | Stage::Closing { passage, .. } => {
            (passage.known, passage.faces)
        }
        Stage::Referred { known, faces, .. } => (known, faces),
    };
    if verdict
        .as_ref()
        .is_some_and(|verdict| verdict.decision == Outcome::Refer)
    {
        causes.push(Cause::Verdict);
    }
    causes.sort_unstable();
    causes.dedup();
    let referral = Referral {
        id: journey.ask(),
        causes,
        verdict,
    };
    effects.push(Effect::Record(Record::Referred {
        referral: referral.id,
        causes: referral.causes.clone(),
        verdict: referral.verdict.clone(),
    }));
    effects.push(Effect::SummonOfficer(referral.clone()));
    journey.stage = Stage::Referred {
        referral,
        known,
        faces,
    };
    if gate_open {
        effects.push(Effect::CloseGate);
    }
    effects.push(Effect::Look(Look::Nothing));
    effects.push(Effect::Light(Lamp::SeeOfficer));
    lane.settle();
}

/// Sends the party to an officer because something that it needs has failed; whoever has shown nothing yet is nobody
/// to call an officer for.
fn give_up(lane: &mut Lane, cause: Cause, effects: &mut Effects) {
    match lane.stage() {
        Some(Stage::Gathering(gathering)) if gathering.is_empty() => {
            finish(lane, Ending::Interrupted(StageName::Gathering), effects);
        }
        Some(_) | None => refer(lane, &[cause], None, effects),
    }
}

/// Ends the journey and forgets everybody in it.
fn finish(lane: &mut Lane, ending: Ending, effects: &mut Effects) {
    let Some(mut journey) = lane.journey.take() else {
        return;
    };
    journey.disarm(effects);
    effects.push(Effect::Record(Record::Ended {
        journey: journey.id,
        ending,
    }));
    effects.push(Effect::Forget(journey.id));
    lane.settle();
    await_next(lane, effects);
}

/// Sets lamp and cameras for a lane in which no traveller is under way.
fn await_next(lane: &Lane, effects: &mut Effects) {
    let (look, lamp) = match lane.service {
        Service::Evacuating => (Look::Nothing, Lamp::Go),
        Service::InService | Service::Draining | Service::OutOfService
            if lane.journey.is_some() =>
        {
            (Look::Nothing, Lamp::SeeOfficer)
        }
        Service::InService => (Look::Documents, Lamp::Wait),
        Service::Draining | Service::OutOfService => (Look::Nothing, Lamp::Off),
    };
    effects.push(Effect::Look(look));
    effects.push(Effect::Light(lamp));
}
