//! Referrals and orders.

use evidence::{Decision as Outcome, QuestionId};
use journey::{
    Cause, Decision, Device, Effect, Ending, Event, Ground, JourneyId, Lamp, Look, Record, Service,
    Touch,
};

use crate::walk::{DEVICES, Walk, decided, officer};

#[test]
fn an_officer_is_called_with_every_cause_and_the_verdict() {
    let walk = Walk::referred();
    let referral = walk.referral().clone();
    assert_eq!(referral.causes, [Cause::Verdict]);
    assert_eq!(referral.verdict, Some(crate::cast::verdict(Outcome::Refer)));
    assert!(matches!(
        &walk.effects[..],
        [
            Effect::Record(Record::Referred { referral: named, .. }),
            Effect::Disarm,
            Effect::SummonOfficer(called),
            Effect::Look(Look::Nothing),
            Effect::Light(Lamp::SeeOfficer)
        ] if *named == referral.id && *called == referral
    ));
}

#[test]
fn a_release_is_recorded_and_then_opens_the_gate() {
    let mut walk = Walk::referred();
    let id = walk.referral().id;
    walk.decides(Decision::Released);
    assert!(matches!(
        &walk.effects[..2],
        [
            Effect::Record(Record::Decided { referral, persons: Some(_), .. }),
            Effect::OpenGate(warrant)
        ] if *referral == id && warrant.ground() == Ground::Officer(id)
    ));
}

#[test]
fn every_other_decision_ends_the_journey_with_the_gate_shut() {
    for decision in [Decision::Held, Decision::SentToInspection] {
        let mut walk = Walk::referred();
        walk.decides(decision);
        assert!(walk.warrant().is_none());
        assert_eq!(walk.at(), None);
        let ending = Ending::Decided(decision);
        assert!(walk.records().contains(&&Record::Ended {
            journey: JourneyId::new(7),
            ending
        }));
    }
}

#[test]
fn a_decision_on_another_referral_decides_nothing() {
    let walk = Walk::referred();
    let id = walk.referral().id;
    for other in [
        QuestionId {
            serial: id.serial - 1,
            ..id
        },
        QuestionId {
            serial: id.serial + 1,
            ..id
        },
        QuestionId {
            journey: JourneyId::new(6),
            ..id
        },
    ] {
        assert!(walk.ignores(decided(other, Decision::Released)));
    }
}

#[test]
fn a_referral_has_no_deadline_and_nothing_but_a_decision_ends_it() {
    let mut walk = Walk::referred();
    let id = walk.referral().id;
    assert_eq!(walk.deadline(), None);
    for event in [
        Event::DeviceFailed(Device::Gate),
        Event::DeviceRecovered(Device::Gate),
        Event::DeviceFailed(Device::Journal),
        Event::DeviceRecovered(Device::Journal),
        Event::RecordFailed,
        Event::GateOpened,
        Event::GateClosed,
        Event::EvacuationSignalled,
        Event::EvacuationEnded,
        Event::DrainOrdered { officer: None },
        Event::ResumeOrdered { officer: officer() },
        Event::Touched(Touch::AskOfficer),
        Event::Touched(Touch::Confirm),
        Event::CodeRefused(evidence::CodeRefusal::Expired),
        Event::DocumentUnreadable,
    ] {
        walk.on(event);
        assert_eq!(walk.referral().id, id);
    }
}

#[test]
fn whoever_is_released_while_the_gate_is_broken_walks_beside_it() {
    let mut walk = Walk::referred();
    walk.on(Event::DeviceFailed(Device::Gate))
        .decides(Decision::Released);
    assert!(walk.warrant().is_none());
    assert!(
        walk.records()
            .iter()
            .any(|record| matches!(record, Record::Decided { persons: None, .. }))
    );
    assert_eq!(walk.at(), None);
    assert_eq!(walk.lane.service, Service::OutOfService);
}

#[test]
fn an_officer_may_be_asked_for_by_somebody_who_showed_nothing() {
    let mut walk = Walk::begin();
    walk.touch(Touch::AskOfficer);
    assert_eq!(walk.referral().causes, [Cause::AskedForOfficer]);
    walk.decides(Decision::Released);
    assert_eq!(walk.warrant().unwrap().persons().get(), 1);
}

#[test]
fn an_officer_is_not_called_for_a_party_that_may_already_go() {
    for walk in [Walk::releasing(), Walk::passing(), Walk::closing()] {
        assert!(walk.ignores(Event::Touched(Touch::AskOfficer)));
    }
}

#[test]
fn a_draining_lane_finishes_with_its_party_and_takes_no_other() {
    let mut walk = Walk::awaiting();
    walk.on(Event::DrainOrdered {
        officer: Some(officer()),
    });
    assert_eq!(walk.lane.service, Service::Draining);
    assert!(!walk.lane.is_wanted());
    walk.verdict(Outcome::Clear)
        .on(Event::GateOpened)
        .on(Event::PersonPassed { total: 1 })
        .on(Event::PassageCleared)
        .on(Event::GateClosed);
    assert_eq!(walk.lane.service, Service::OutOfService);
    assert_eq!(walk.signs(), (Some(Lamp::Off), Some(Look::Nothing)));
    assert!(walk.ignores(Event::Touched(Touch::AskOfficer)));
    walk.on(Event::ResumeOrdered { officer: officer() });
    assert_eq!(walk.lane.service, Service::InService);
    assert_eq!(walk.signs(), (Some(Lamp::Wait), Some(Look::Documents)));
}

#[test]
fn a_referral_outlasts_the_order_to_drain_and_its_release_still_opens() {
    let mut walk = Walk::referred();
    walk.on(Event::DrainOrdered { officer: None });
    assert_eq!(walk.lane.service, Service::OutOfService);
    walk.decides(Decision::Released);
    assert!(walk.warrant().is_some());
    assert_eq!(walk.lane.service, Service::Draining);
}

#[test]
fn an_order_given_twice_is_recorded_once() {
    let mut walk = Walk::begin();
    let resume = || Event::ResumeOrdered { officer: officer() };
    assert!(walk.ignores(resume()));
    walk.on(Event::DrainOrdered { officer: None });
    assert!(walk.ignores(Event::DrainOrdered {
        officer: Some(officer())
    }));
}

#[test]
fn a_referral_that_a_power_cut_left_open_waits_for_its_officer() {
    let id = QuestionId {
        journey: JourneyId::new(6),
        serial: 12,
    };
    let mut walk = Walk::cold(Some(id));
    assert_eq!(walk.referral().id, id);
    assert_eq!(walk.referral().causes, [Cause::Interrupted]);
    assert_eq!(walk.lane.service, Service::OutOfService);
    for device in DEVICES {
        walk.on(Event::DeviceRecovered(device));
        assert_eq!(walk.signs().0, Some(Lamp::SeeOfficer));
    }
    walk.on(Event::GateClosed).decides(Decision::Held);
    assert_eq!(walk.at(), None);
    assert_eq!(walk.lane.service, Service::InService);
    walk.traveller(0);
    assert_eq!(
        walk.lane.journey.map(|journey| journey.id),
        Some(JourneyId::new(7))
    );
}
