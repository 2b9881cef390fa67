//! The gate's line is pulled while it opens: nobody is told to walk, an officer is called, and when it is back so is the lane.

use std::time::Duration;

use dock::cast::Traveller;
use dock::controller::Travel;
use dock::rig::Setup;
use gate::Leaf;
use journey::{Cause, Device, Service};
use ui::View;

use crate::hall::{Hall, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn in_mid_opening() {
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
    hall.is_referred(&[Cause::DeviceFailed(Device::Gate)]).await;
    let service = hall.rig.lane().service;
    assert_eq!(service, Service::OutOfService);
    hall.officer_takes_over().await;
    hall.sees("that the lane is closed", |screen| {
        screen.view == View::OutOfService
    })
    .await;

    hall.rig.hands.replug();
    hall.rig
        .until("the gate is back", PATIENCE, |lane| lane.troubles.none())
        .await
        .unwrap();
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        [
            "began", "gathered", "cleared", "referred", "decided", "ended"
        ]
    );
    assert_eq!(hall.openings(), 1);
}
