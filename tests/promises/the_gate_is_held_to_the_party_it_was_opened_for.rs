//! One more than was cleared is an alarm; one fewer, or nobody, is an officer's affair; and the gate closes behind all of them.

use dock::cast::Traveller;
use dock::controller::Walker;
use dock::papers::{BADGE, PIN};
use dock::rig::Setup;
use gate::{Leaf, Sounder};
use journey::{Alarm, Cause, OnTailgating, StageName};
use ui::Intent;

use crate::hall::{Hall, PATIENCE, brisk};

/// The wait for the next person is short, and nothing else.
async fn hall() -> Hall {
    Hall::with(runtime::Timings {
        passage: brisk().passage,
        ..runtime::Timings::default()
    })
    .await
}

/// One is cleared and two walk.
async fn is_tailgated(hall: &mut Hall) {
    let anna = Traveller::specimen(0).unwrap();
    hall.goes_to_the_gate(&[&anna]).await;
    hall.rig.hands.walkers(&[Walker::Adult, Walker::Tailgater]);
    let mut state = hall.rig.hands.state();
    tokio::time::timeout(PATIENCE, state.wait_for(|gate| gate.walked == 2))
        .await
        .expect("two walk through")
        .unwrap();
}

async fn sounds(hall: &Hall, what: Sounder) {
    let mut state = hall.rig.hands.state();
    tokio::time::timeout(PATIENCE, state.wait_for(|gate| gate.sounder == what))
        .await
        .unwrap_or_else(|_| panic!("the sounder does not give {what:?}"))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tailgater_is_an_alarm_that_an_officer_hears_sees_and_ends() {
    let mut hall = hall().await;
    is_tailgated(&mut hall).await;
    sounds(&hall, Sounder::Alarm).await;
    hall.rig
        .until("the lane is empty", PATIENCE, |lane| lane.journey.is_none())
        .await
        .unwrap();
    hall.signs_in(BADGE, PIN).await;
    hall.panel("the alarm", |panel| panel.alarms == [Alarm::Tailgating])
        .await;
    // It waits for whoever looks next.
    hall.touches(Intent::LeavePanel);
    hall.signs_in(BADGE, PIN).await;
    hall.panel("the alarm again", |panel| {
        panel.alarms == [Alarm::Tailgating]
    })
    .await;
    hall.touches(Intent::SawAlarms);
    hall.panel("no alarm", |panel| panel.alarms.is_empty())
        .await;
    sounds(&hall, Sounder::Silent).await;
    hall.touches(Intent::LeavePanel);
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        ["began", "gathered", "cleared", "alarmed", "ended"]
    );
    let alarm = hall.record("alarmed");
    assert_eq!(alarm.body["alarm"], "tailgating");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_nobody_ends_falls_silent_by_itself() {
    let mut hall = Hall::with(runtime::Timings {
        alarm: brisk().alarm,
        ..runtime::Timings::default()
    })
    .await;
    is_tailgated(&mut hall).await;
    sounds(&hall, Sounder::Alarm).await;
    sounds(&hall, Sounder::Silent).await;
    hall.is_ready_for_the_next().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tailgater_sends_the_party_to_an_officer_where_the_lane_is_set_so() {
    let mut hall = Hall::open(Setup {
        tailgating: OnTailgating::Close,
        ..Setup::default()
    })
    .await;
    is_tailgated(&mut hall).await;
    hall.is_referred(&[Cause::Tailgated]).await;
    hall.leaf(Leaf::Closed).await;
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        [
            "began", "gathered", "cleared", "alarmed", "referred", "decided", "ended"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters() {
    let mut hall = hall().await;
    let anna = Traveller::specimen(0).unwrap();
    hall.goes_to_the_gate(&[&anna]).await;
    hall.stage(StageName::Passing).await;
    hall.is_referred(&[Cause::PassageIncomplete]).await;
    hall.leaf(Leaf::Closed).await;
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        [
            "began", "gathered", "cleared", "referred", "decided", "ended"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_stays_behind() {
    let mut hall = hall().await;
    let [anna, lars] = [0, 1].map(|n| Traveller::specimen(n).unwrap());
    hall.goes_to_the_gate(&[&anna, &lars]).await;
    hall.rig.hands.walk(1);
    hall.is_referred(&[Cause::PassageIncomplete]).await;
    hall.leaf(Leaf::Closed).await;
    assert_eq!(hall.rig.hands.state().borrow().walked, 1);
    assert_eq!(hall.record("cleared").body["persons"], 2);
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    let ended = hall.record("ended");
    assert_eq!(ended.body["ending"], "decided");
}
