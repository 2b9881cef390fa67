//! The gate's line is pulled while it opens: what the traveller reads, what the officer reads, what the journal keeps and what
//! the gate did are one story.

use std::time::Duration;

use dock::cast::Traveller;
use dock::controller::Travel;
use dock::papers::{BADGE, PIN};
use dock::rig::Setup;
use gate::Leaf;
use journey::{Cause, Decision, DecisionReason, Device, Service};
use ui::{Plain, View};

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread")]
async fn for_the_traveller_for_the_officer_and_for_good() {
    let slow = Travel {
        open: Duration::from_secs(4),
        ..Travel::default()
    };
    let mut hall = Hall::open(Setup {
        travel: slow,
        ..Setup::default()
    })
    .await;
    let anna = Traveller::specimen(0).unwrap();
    hall.goes_to_the_gate(&[&anna]).await;
    hall.leaf(Leaf::Opening).await;
    hall.rig.hands.unplug();

    // The traveller is not told to walk any more, but that the lane has a fault, and to whom to go with which number.
    let why = Cause::DeviceFailed(Device::Gate);
    let screen = hall.is_referred(&[why]).await;
    let View::Referral {
        number,
        plain,
        persons,
    } = screen.view
    else {
        panic!("no referral: {:?}", screen.view);
    };
    assert_eq!((plain, persons.get()), (vec![Plain::LaneFault], 1));
    assert_eq!(screen.journey, Some(number));

    // The officer finds the same journey, the same reason, and that the gate is what fails.
    hall.signs_in(BADGE, PIN).await;
    let panel = hall
        .panel("the referral", |panel| panel.referral.is_some())
        .await;
    assert_eq!(panel.service, Service::OutOfService);
    let troubles: Vec<_> = panel.troubles.iter().collect();
    assert_eq!(troubles, [Device::Gate]);
    let referral = panel.referral.unwrap();
    assert_eq!(referral.causes, [why]);
    assert_eq!(hall.rig.lane().journey.unwrap().id, number);
    assert_eq!(referral.dossiers.len(), 1);

    // The gate was opened once, by an order that was recorded before, and it counted nobody.
    let referred = hall.record("referred");
    let cleared = hall.record("cleared");
    assert_eq!(hall.openings(), 1);
    assert!(cleared.seq < referred.seq);
    assert_eq!(cleared.journey, referred.journey);
    assert_eq!(referred.body["causes"][0]["code"], why.code());
    assert_eq!(referred.body["causes"][0]["device"], "gate");
    let mut failures = hall.journal();
    failures.retain(|entry| entry.kind == "device_changed" && entry.body["works"] == false);
    let failed: Vec<_> = failures.iter().map(|entry| &entry.body["device"]).collect();
    assert_eq!(failed, ["gate"]);
    assert!(cleared.seq < failures[0].seq && failures[0].seq < referred.seq);
    assert_eq!(hall.rig.hands.state().borrow().walked, 0);

    // And it ends for all of them with what the officer decides.
    hall.decides(Decision::SentToInspection, DecisionReason::GoodsToExamine)
        .await;
    hall.sees("that the lane is closed", |screen| {
        screen.view == View::OutOfService
    })
    .await;
    hall.rig.hands.replug();
    hall.is_ready_for_the_next().await;
    let ended = hall.record("ended");
    assert_eq!(ended.journey, referred.journey);
    assert_eq!(ended.body["ending"], "decided");
    assert_eq!(
        ended.body["decision"],
        Decision::SentToInspection.code(),
        "nobody passed"
    );
    assert_eq!(hall.openings(), 1, "coming back moves nothing");
}
