//! The gate's reports, and what it does that nobody asked for.

use evidence::Decision as Outcome;
use journey::{
    Alarm, Cause, Decision, Device, Effect, Ending, Event, Lamp, Look, OnTailgating, Record,
    Service, StageName,
};

use crate::walk::Walk;

#[test]
fn a_gate_that_does_not_open_calls_an_officer() {
    let mut walk = Walk::releasing();
    walk.expires();
    assert_eq!(walk.referral().causes, [Cause::GateDidNotOpen]);
    assert!(
        walk.orders(&Effect::CloseGate),
        "or it opens late with nobody watching"
    );
}

#[test]
fn a_gate_left_open_is_closed_and_calls_an_officer() {
    let mut walk = Walk::passing();
    walk.expires();
    assert_eq!(walk.referral().causes, [Cause::PassageIncomplete]);
    assert!(walk.orders(&Effect::CloseGate));
}

#[test]
fn a_gate_that_closes_on_half_a_family_calls_an_officer() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(0).opens().traveller(1);
    walk.touch(journey::Touch::Confirm)
        .face(Some(800))
        .face(Some(800))
        .verdict(Outcome::Clear);
    walk.on(Event::GateOpened)
        .on(Event::PersonPassed { total: 1 })
        .on(Event::GateClosed);
    assert_eq!(walk.referral().causes, [Cause::PassageIncomplete]);
    assert!(!walk.orders(&Effect::CloseGate));
}

#[test]
fn a_gate_that_closed_behind_everybody_needs_no_order() {
    let mut walk = Walk::passing();
    walk.on(Event::PersonPassed { total: 1 })
        .on(Event::GateClosed);
    assert_eq!(walk.at(), None);
}

#[test]
fn a_gate_that_will_not_close_keeps_the_lane_and_not_the_party() {
    let mut walk = Walk::closing();
    walk.expires();
    assert_eq!(walk.referral().causes, [Cause::GateDidNotClose]);
    walk.decides(Decision::Held);
    assert_eq!(walk.at(), None);
    assert_eq!(walk.lane.service, Service::OutOfService);
    walk.on(Event::GateClosed);
    assert_eq!(walk.lane.service, Service::InService);
    assert_eq!(walk.signs(), (Some(Lamp::Wait), Some(Look::Documents)));
}

#[test]
fn a_gate_that_opens_by_itself_takes_the_idle_lane_out_of_service() {
    let mut walk = Walk::begin();
    walk.on(Event::GateOpened);
    assert!(walk.orders(&Effect::CloseGate));
    assert_eq!(walk.lane.service, Service::OutOfService);
    assert!(walk.ignores(Event::DeclarationRead(
        crate::walk::CAST.parties[1].sealed.clone()
    )));
    walk.on(Event::GateClosed);
    assert_eq!(walk.lane.service, Service::InService);
}

#[test]
fn a_report_of_closed_from_before_the_order_to_open_is_not_believed() {
    let mut walk = Walk::releasing();
    assert!(walk.ignores(Event::GateClosed));
    walk.on(Event::GateOpened);
    assert_eq!(walk.at(), Some(StageName::Passing));
}

#[test]
fn a_person_counted_is_proof_that_the_gate_is_open() {
    let mut walk = Walk::releasing();
    walk.on(Event::PersonPassed { total: 1 })
        .on(Event::PassageCleared);
    assert_eq!(walk.at(), Some(StageName::Closing));
}

#[test]
fn the_same_count_told_twice_counts_once() {
    let mut walk = Walk::passing();
    walk.on(Event::PersonPassed { total: 1 });
    assert!(walk.ignores(Event::PersonPassed { total: 1 }));
}

#[test]
fn a_tailgater_is_on_record_with_the_number_that_went_through() {
    let mut walk = Walk::passing();
    walk.on(Event::PersonPassed { total: 2 });
    assert!(matches!(
        walk.records()[..],
        [Record::Alarmed {
            journey: Some(_),
            alarm: Alarm::Tailgating
        }]
    ));
    assert!(walk.orders(&Effect::RaiseAlarm(Alarm::Tailgating)));
    assert_eq!(walk.signs().0, Some(Lamp::SeeOfficer));
    // Many gates also say so themselves; it is one alarm.
    assert!(walk.ignores(Event::GateAlarmed(Alarm::Tailgating)));
    walk.on(Event::PassageCleared).on(Event::GateClosed);
    assert!(matches!(
        walk.records()[..],
        [Record::Ended {
            ending: Ending::Passed(2),
            ..
        }]
    ));
}

#[test]
fn a_lane_that_closes_on_tailgating_calls_an_officer() {
    let two_at_once = Event::GateAlarmed(Alarm::Tailgating);
    let one_too_many = Event::PersonPassed { total: 2 };
    for event in [two_at_once, one_too_many] {
        let mut walk = Walk::passing();
        walk.lane.rules.tailgating = OnTailgating::Close;
        walk.on(event);
        assert_eq!(walk.referral().causes, [Cause::Tailgated]);
        assert!(walk.orders(&Effect::CloseGate));
        assert!(walk.orders(&Effect::RaiseAlarm(Alarm::Tailgating)));
        assert!(matches!(
            walk.records()[..],
            [Record::Alarmed { .. }, Record::Referred { .. }]
        ));
        walk.decides(Decision::SentToInspection)
            .on(Event::GateClosed);
        assert_eq!(walk.at(), None);
    }
}

#[test]
fn two_at_once_go_on_where_the_lane_lets_them_through() {
    let mut walk = Walk::passing();
    walk.on(Event::GateAlarmed(Alarm::Tailgating));
    assert_eq!(walk.at(), Some(StageName::Passing));
    assert!(!walk.orders(&Effect::CloseGate));
    assert!(walk.orders(&Effect::RaiseAlarm(Alarm::Tailgating)));
}

#[test]
fn somebody_coming_the_wrong_way_is_not_the_next_travellers_fault() {
    let mut walk = Walk::begin();
    walk.on(Event::GateAlarmed(Alarm::WrongWay));
    assert!(walk.orders(&Effect::RaiseAlarm(Alarm::WrongWay)));
    assert_eq!(walk.signs().0, None);
}

#[test]
fn the_gate_has_its_lamp_again_when_it_is_back() {
    let mut idle = Walk::begin();
    let mut referred = Walk::referred();
    for (walk, lamp) in [(&mut idle, Lamp::Wait), (&mut referred, Lamp::SeeOfficer)] {
        walk.on(Event::DeviceFailed(Device::Gate))
            .on(Event::DeviceRecovered(Device::Gate));
        assert!(walk.orders(&Effect::CloseGate));
        walk.on(Event::GateClosed);
        walk.on(Event::DeviceFailed(Device::Gate))
            .on(Event::GateClosed)
            .on(Event::DeviceRecovered(Device::Gate));
        assert_eq!(walk.signs().0, Some(lamp));
    }
}
