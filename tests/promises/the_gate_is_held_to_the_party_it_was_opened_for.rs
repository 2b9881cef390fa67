//! One more than was cleared is an alarm; one fewer, or nobody, is an officer's affair; and the gate closes behind all of them.

use dock::cast::Traveller;
use dock::controller::{Hands, Walker};
use gate::Leaf;
use journey::{Cause, StageName};

use crate::hall::{Hall, PATIENCE, brisk};

/// The wait for the next person is short, and nothing else.
async fn hall() -> Hall {
    Hall::with(runtime::Timings {
        passage: brisk().passage,
        ..runtime::Timings::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tailgater_is_an_alarm_on_record() {
    let mut hall = hall().await;
    let anna = Traveller::specimen(0).unwrap();
    let walk = |hands: &Hands| hands.walkers(&[Walker::Adult, Walker::Tailgater]);
    hall.goes_to_the_gate(&[&anna]).await;
    walk(&hall.rig.hands);
    let mut state = hall.rig.hands.state();
    tokio::time::timeout(PATIENCE, state.wait_for(|gate| gate.walked == 2))
        .await
        .expect("two walk through")
        .unwrap();
    hall.rig
        .until("the lane is empty", PATIENCE, |lane| lane.journey.is_none())
        .await
        .unwrap();
    hall.is_ready_for_the_next().await;
    let alarm = hall.record("alarmed");
    assert_eq!(alarm.body["alarm"], "tailgating");
    assert_eq!(alarm.journey, Some(1));
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
