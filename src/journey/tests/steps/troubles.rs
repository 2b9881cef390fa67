//! Devices, the journal and fire.

use evidence::Decision as Outcome;
use journey::{
    Cause, Decision, Device, Effect, Ending, Event, Lamp, Look, Record, Service, StageName, Touch,
};

use crate::walk::{DEVICES, Walk, clear, officer};

#[test]
fn a_lane_serves_when_every_device_has_reported_and_the_gate_is_closed() {
    let mut walk = Walk::cold(None);
    for event in DEVICES.map(Event::DeviceRecovered) {
        assert_eq!(walk.lane.service, Service::OutOfService);
        assert!(walk.ignores(Event::Touched(Touch::AskOfficer)));
        walk.on(event);
    }
    assert_eq!(
        walk.lane.service,
        Service::OutOfService,
        "the gate may stand open"
    );
    walk.on(Event::GateClosed);
    assert_eq!(walk.lane.service, Service::InService);
    assert_eq!(walk.signs(), (Some(Lamp::Wait), Some(Look::Documents)));
}

#[test]
fn a_party_meets_an_officer_when_what_it_still_needs_fails() {
    use StageName::*;
    let (document, face) = (Device::DocumentCamera, Device::FaceCamera);
    for (device, needed_in) in [
        (document, vec![Gathering]),
        (face, vec![Gathering, Reviewing, Facing]),
        (
            Device::Gate,
            vec![
                Gathering,
                Reviewing,
                Facing,
                AwaitingRisk,
                Releasing,
                Passing,
                Closing,
            ],
        ),
    ] {
        for mut walk in Walk::everywhere() {
            let before = walk.at();
            walk.on(Event::DeviceFailed(device));
            assert!(walk.ignores(Event::DeviceFailed(device)));
            if before.is_some_and(|stage| needed_in.contains(&stage)) {
                assert_eq!(walk.referral().causes, [Cause::DeviceFailed(device)]);
            } else {
                assert_eq!(walk.at(), before, "{device:?} is not needed any more");
            }
            assert_ne!(walk.lane.service, Service::InService);
        }
    }
}

#[test]
fn nobody_is_called_for_a_party_that_has_shown_nothing_when_a_device_fails() {
    let mut walk = Walk::begin();
    walk.on(Event::DocumentUnreadable)
        .on(Event::DeviceFailed(Device::FaceCamera));
    assert_eq!(walk.at(), None);
    assert!(walk.records().contains(&&Record::Ended {
        journey: journey::JourneyId::new(7),
        ending: Ending::Interrupted(StageName::Gathering)
    }));
    assert_eq!(walk.signs(), (Some(Lamp::Off), Some(Look::Nothing)));
}

#[test]
fn a_device_that_is_back_leaves_the_referral_to_the_officer() {
    let mut walk = Walk::awaiting();
    walk.on(Event::DeviceFailed(Device::Gate))
        .on(Event::DeviceRecovered(Device::Gate))
        .on(Event::GateClosed);
    assert_eq!(walk.referral().causes, [Cause::DeviceFailed(Device::Gate)]);
    walk.decides(Decision::Released);
    assert!(walk.warrant().is_some());
}

#[test]
fn the_gate_stays_shut_when_the_release_cannot_be_recorded() {
    let mut walk = Walk::awaiting();
    let journey::Stage::AwaitingRisk { question, .. } = walk.lane.stage().unwrap() else {
        panic!("no verdict is awaited");
    };
    let answer = Event::RiskAnswered {
        to: *question,
        verdict: clear(),
    };
    walk.refused(answer);
    assert_eq!(walk.lane.service, Service::OutOfService);
    assert_eq!(
        walk.effects,
        [Effect::Look(Look::Nothing), Effect::Light(Lamp::Off)]
    );
    assert!(walk.ignores(Event::RecordFailed));
    walk.on(Event::DeviceRecovered(Device::Journal));
    assert_eq!(
        walk.referral().causes,
        [Cause::DeviceFailed(Device::Journal)]
    );
    assert_eq!(walk.signs().0, Some(Lamp::SeeOfficer));
}

#[test]
fn an_open_gate_closes_when_the_journal_fails() {
    let mut walk = Walk::passing();
    walk.refused(Event::GateAlarmed(journey::Alarm::Tailgating));
    assert!(walk.orders(&Effect::CloseGate));
}

#[test]
fn a_referral_has_its_lamp_again_when_the_journal_is_back() {
    let mut walk = Walk::referred();
    let id = walk.referral().id;
    walk.refused(crate::walk::decided(id, Decision::Released));
    assert_eq!(walk.signs().0, Some(Lamp::Off));
    walk.on(Event::DeviceRecovered(Device::Journal));
    assert_eq!(walk.referral().id, id);
    assert_eq!(walk.signs().0, Some(Lamp::SeeOfficer));
    walk.decides(Decision::Released);
    assert!(walk.warrant().is_some());
}

#[test]
fn evacuation_comes_first_from_everywhere_and_forgets_the_party() {
    for mut walk in Walk::everywhere() {
        let before = walk.at();
        walk.on(Event::EvacuationSignalled);
        assert_eq!(walk.effects.first(), Some(&Effect::Evacuate));
        assert_eq!(walk.lane.service, Service::Evacuating);
        assert_eq!(walk.signs(), (Some(Lamp::Go), Some(Look::Nothing)));
        let referred = before == Some(StageName::Referred);
        assert_eq!(walk.at(), before.filter(|_| referred));
        if let Some(stage) = before.filter(|_| !referred) {
            assert!(walk.records().iter().any(|record| matches!(
                record,
                Record::Ended { ending: Ending::Interrupted(at), .. } if *at == stage
            )));
            assert!(walk.orders(&Effect::Forget(journey::JourneyId::new(7))));
        }
    }
}

#[test]
fn an_alarm_repeated_is_obeyed_again_and_recorded_once() {
    let mut walk = Walk::begin();
    walk.on(Event::EvacuationSignalled)
        .on(Event::EvacuationSignalled);
    assert_eq!(walk.effects, [Effect::Evacuate]);
}

#[test]
fn nothing_holds_up_those_who_leave() {
    for event in [
        Event::GateAlarmed(journey::Alarm::ForcedEntry),
        Event::GateOpened,
        Event::GateClosed,
        Event::RecordFailed,
        Event::DeviceFailed(Device::FaceCamera),
        Event::DeviceFailed(Device::Gate),
        Event::DrainOrdered { officer: None },
        Event::ResumeOrdered { officer: officer() },
        Event::Touched(Touch::AskOfficer),
    ] {
        for mut walk in [Walk::begin(), Walk::referred()] {
            walk.on(Event::EvacuationSignalled).on(event.clone());
            assert!(!walk.orders(&Effect::CloseGate), "{event:?}");
            assert!(matches!(walk.signs().0, None | Some(Lamp::Go)), "{event:?}");
            assert_eq!(walk.lane.service, Service::Evacuating);
        }
    }
}

#[test]
fn after_a_fire_the_gate_stays_open_until_an_officer_has_looked() {
    let mut walk = Walk::begin();
    walk.on(Event::EvacuationSignalled)
        .on(Event::EvacuationEnded);
    assert_eq!(walk.lane.service, Service::OutOfService);
    for event in [
        Event::GateOpened,
        Event::DeviceFailed(Device::Gate),
        Event::DeviceRecovered(Device::Gate),
        Event::DrainOrdered { officer: None },
    ] {
        walk.on(event);
        assert!(!walk.orders(&Effect::CloseGate));
    }
    walk.on(Event::ResumeOrdered { officer: officer() });
    assert!(walk.orders(&Effect::CloseGate));
    assert_eq!(walk.lane.service, Service::OutOfService);
    walk.on(Event::GateClosed);
    assert_eq!(walk.lane.service, Service::InService);
}

#[test]
fn a_referral_decided_during_or_after_a_fire_moves_no_gate() {
    for ended in [false, true] {
        for decision in Decision::ALL {
            let mut walk = Walk::referred();
            walk.on(Event::EvacuationSignalled);
            if ended {
                walk.on(Event::EvacuationEnded);
                assert_eq!(walk.signs().0, Some(Lamp::SeeOfficer));
            }
            walk.decides(decision);
            assert_eq!(walk.at(), None);
            assert!(walk.warrant().is_none() && !walk.orders(&Effect::CloseGate));
        }
    }
}

#[test]
fn a_referral_open_when_the_lane_serves_again_finds_the_gate_closed() {
    let mut walk = Walk::referred();
    walk.on(Event::EvacuationSignalled)
        .on(Event::EvacuationEnded)
        .on(Event::ResumeOrdered { officer: officer() });
    assert!(walk.orders(&Effect::CloseGate));
    walk.on(Event::GateClosed).decides(Decision::Released);
    assert!(walk.warrant().is_some());
}

#[test]
fn a_verdict_that_was_asked_before_the_fire_opens_nothing() {
    let mut walk = Walk::awaiting();
    let journey::Stage::AwaitingRisk { question, .. } = walk.lane.stage().unwrap() else {
        panic!("no verdict is awaited");
    };
    let to = *question;
    walk.on(Event::EvacuationSignalled);
    assert!(walk.ignores(Event::RiskAnswered {
        to,
        verdict: crate::cast::verdict(Outcome::Clear),
    }));
}
