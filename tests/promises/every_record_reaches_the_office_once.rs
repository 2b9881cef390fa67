//! The line is cut while travellers pass: the lane goes on, its records wait, and when the line is back the office has every one
//! of them, once and in order.

use dock::cast::Traveller;
use dock::papers::{BADGE, PIN};
use gate::Leaf;
use ui::{Intent, View};

use crate::hall::{Hall, PATIENCE};

/// Walks through, and leaves the lane as it was.
async fn passes(hall: &mut Hall, traveller: &Traveller) {
    hall.goes_to_the_gate(&[traveller]).await;
    hall.rig.hands.walk(1);
    hall.puts_away();
    hall.sees("the invitation", |screen| {
        screen.view == View::Attract && screen.journey.is_none()
    })
    .await;
    hall.leaf(Leaf::Closed).await;
}

/// Waits at the panel until nothing waits for the office; gives how many records it then has.
async fn delivered(hall: &Hall) -> u64 {
    hall.signs_in(BADGE, PIN).await;
    hall.panel("that nothing waits", |panel| panel.standing.waiting == 0)
        .await;
    hall.touches(Intent::LeavePanel);
    let books = hall.rig.papers.books().unwrap();
    let lanes = books.lanes().await.unwrap();
    let [lane] = &lanes[..] else {
        panic!("one lane, and not {lanes:?}");
    };
    assert_eq!(lane.forks, 0);
    lane.records
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_cut_and_mended() {
    let mut hall = Hall::with(runtime::Timings::default()).await;
    let [anna, erika] = [0, 4].map(|n| Traveller::specimen(n).unwrap());
    passes(&mut hall, &anna).await;
    assert_eq!(
        hall.record("cleared").body["verdict"]["decided_by"],
        "office"
    );
    let before = delivered(&hall).await;
    assert_eq!(before, hall.rig.journal().unwrap().len() as u64);

    hall.rig.cut_network().await.unwrap();
    passes(&mut hall, &erika).await;
    let alone: Vec<_> = hall
        .rig
        .journal()
        .unwrap()
        .into_iter()
        .filter(|entry| entry.kind == "cleared" && entry.body["verdict"]["decided_by"] == "lane")
        .collect();
    assert_eq!(alone.len(), 1);
    hall.signs_in(BADGE, PIN).await;
    hall.panel("that records wait", |panel| panel.standing.waiting > 0)
        .await;
    hall.touches(Intent::LeavePanel);

    hall.rig.mend_network().await.unwrap();
    let after = delivered(&hall).await;
    assert!(after > before);
    assert_eq!(after, hall.rig.journal().unwrap().len() as u64);
    hall.is_ready_for_the_next().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_lost_its_disk_is_given_everything_again() {
    let mut hall = Hall::with(runtime::Timings::default()).await;
    let [anna, erika] = [0, 4].map(|n| Traveller::specimen(n).unwrap());
    passes(&mut hall, &anna).await;
    let before = delivered(&hall).await;

    hall.rig.cut_network().await.unwrap();
    for file in ["office.sqlite", "office.sqlite-wal", "office.sqlite-shm"] {
        let _gone = std::fs::remove_file(hall.rig.papers.path(file));
    }
    hall.rig.mend_network().await.unwrap();
    assert_eq!(
        hall.rig.papers.books().unwrap().lanes().await.unwrap()[0].records,
        0
    );
    passes(&mut hall, &erika).await;
    // The courier hears of the loss with the next record.
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(50));
    let everything = async {
        while delivered(&hall).await < hall.rig.journal().unwrap().len() as u64 {
            looks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, everything)
        .await
        .expect("everything arrives");
    assert!(delivered(&hall).await > before);
    hall.is_ready_for_the_next().await;
}
