//! Fire opens the gate for everybody, whatever the lane was at; it serves again when an officer has looked.

use dock::cast::Traveller;
use dock::controller::{Cause, Deed};
use dock::papers::{BADGE, PIN};
use dock::rig::Setup;
use gate::Leaf;
use journey::Service;
use ui::{Intent, View};

use crate::hall::{Hall, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_journey() {
    let mut hall = Hall::open(Setup::default()).await;
    let anna = Traveller::specimen(0).unwrap();
    let code = hall.code(&[&anna]);
    hall.shows_all(&[&anna], &code).await;

    hall.rig.hands.fire(true);
    hall.sees("everybody out", |screen| screen.view == View::Evacuating)
        .await;
    hall.leaf(Leaf::Open).await;
    assert_eq!(hall.record("ended").body["ending"], "interrupted");
    assert_eq!(hall.record("evacuation").body["began"], true);

    hall.rig.hands.fire(false);
    hall.sees("that the lane is closed", |screen| {
        screen.view == View::OutOfService
    })
    .await;
    let log = hall.rig.hands.log();
    let openings: Vec<_> = log
        .iter()
        .filter_map(|entry| match entry.deed {
            Deed::Opened { cause } => Some(cause),
            _ => None,
        })
        .collect();
    assert_eq!(openings, [Cause::Fire]);
    assert_eq!(hall.rig.hands.state().borrow().leaf, Leaf::Open);

    hall.signs_in(BADGE, PIN).await;
    hall.panel("the panel", |panel| panel.service == Service::OutOfService)
        .await;
    hall.touches(Intent::OrderService { open: true });
    hall.leaf(Leaf::Closed).await;
    hall.rig
        .until("the lane serves again", PATIENCE, |lane| {
            lane.service == Service::InService
        })
        .await
        .unwrap();
    hall.touches(Intent::LeavePanel);
    hall.is_ready_for_the_next().await;
    let ordered = hall.record("service_ordered");
    assert_eq!(ordered.body["officer"], BADGE);
}
