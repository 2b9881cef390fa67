//! The link against the pretend controller, over a real pseudo-terminal.

use std::num::NonZeroU8;
use std::path::Path;
use std::time::Duration;

use gate::{
    Alarm, Command, Evacuation, Lamp, Leaf, Link, LinkError, News, Parity, RegisterMap, SerialPort,
    Status, Timings,
};
use tokio::sync::mpsc::Receiver;

use crate::{Cause, Controller, Deed, Faulty, Snapshot, Travel, Verdict};

/// Generous: a loaded machine must not fail a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Quick enough for tests, slow enough to be caught in the middle.
fn travel() -> Travel {
    Travel {
        open: Duration::from_millis(300),
        close: Duration::from_millis(300),
        clear: Duration::from_millis(50),
        strain: Duration::from_millis(100),
        watchdog: Duration::from_secs(10),
        boot: Duration::from_millis(300),
    }
}

fn timings() -> Timings {
    Timings {
        poll: Duration::from_millis(10),
        acknowledge: Duration::from_secs(10),
        patience: Duration::from_millis(200),
        reopen: Duration::from_millis(20),
        ..Timings::default()
    }
}

fn port(path: &Path) -> SerialPort {
    SerialPort {
        path: path.to_str().unwrap().to_owned(),
        baud: 19_200,
        parity: Parity::Even,
    }
}

fn open(persons: u8) -> Command {
    Command::Open {
        persons: NonZeroU8::new(persons).unwrap(),
    }
}

struct Lane {
    link: Link,
    news: Receiver<News>,
    last: Option<Status>,
}

impl Lane {
    async fn at(controller: &Controller, map: RegisterMap) -> Self {
        let (link, news) = Link::spawn(port(controller.path()), map, timings());
        let mut lane = Self {
            link,
            news,
            last: None,
        };
        lane.connected().await;
        lane
    }

    async fn next(&mut self) -> News {
        tokio::time::timeout(PATIENCE, self.news.recv())
            .await
            .expect("news in time")
            .expect("the link lives")
    }

    async fn connected(&mut self) -> Status {
        loop {
            if let News::Connected(status) = self.next().await {
                self.last = Some(status);
                return status;
            }
        }
    }

    async fn lost(&mut self) {
        while !matches!(self.next().await, News::Lost(_)) {}
    }

    /// Waits until the gate says so.
    async fn sees(&mut self, what: impl Fn(&Status) -> bool) -> Status {
        loop {
            if let Some(status) = self.last.filter(&what) {
                return status;
            }
            match self.next().await {
                News::Connected(status) | News::Changed(status) => self.last = Some(status),
                News::Lost(error) => panic!("lost: {error}"),
            }
        }
    }
}

async fn until(controller: &Controller, what: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let mut state = controller.hands().state();
    let seen = tokio::time::timeout(PATIENCE, state.wait_for(what))
        .await
        .expect("in time");
    *seen.expect("the controller lives")
}

fn openings(controller: &Controller) -> usize {
    let opened = |deed: &Deed| {
        matches!(
            deed,
            Deed::Opened {
                cause: Cause::Command
            }
        )
    };
    controller
        .hands()
        .log()
        .iter()
        .filter(|entry| opened(&entry.deed))
        .count()
}

#[tokio::test]
async fn two_persons_pass_and_the_gate_closes_behind_them() {
    for map in [
        RegisterMap::controller().unwrap(),
        RegisterMap::relay_box().unwrap(),
    ] {
        let controller = Controller::start(map.clone(), travel()).unwrap();
        let mut lane = Lane::at(&controller, map).await;
        assert_eq!(lane.last.unwrap().leaf, Leaf::Closed);
        lane.link.command(Command::Lamp(Lamp::Go)).await.unwrap();
        until(&controller, |now| now.lamp == Lamp::Go).await;
        lane.link.command(open(2)).await.unwrap();
        lane.sees(|s| s.leaf == Leaf::Open).await;
        controller.hands().walk(2);
        let status = lane.sees(|s| s.passed == 2).await;
        assert_eq!(status.tailgate, Alarm::Quiet);
        lane.link.command(Command::Lock).await.unwrap();
        lane.sees(|s| s.leaf == Leaf::Closed).await;
        assert_eq!(openings(&controller), 1);
    }
}

#[tokio::test]
async fn a_third_behind_two_raises_the_tailgating_alarm() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let mut lane = Lane::at(&controller, map).await;
    lane.link.command(open(2)).await.unwrap();
    controller.hands().walk(3);
    let status = lane.sees(|s| s.tailgate == Alarm::Raised).await;
    assert_eq!(status.passed, 3);
}

#[tokio::test]
async fn a_jam_is_reported_and_after_mending_the_gate_serves_again() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let hands = controller.hands();
    let mut lane = Lane::at(&controller, map).await;
    hands.jam();
    lane.link.command(open(1)).await.unwrap();
    let status = lane.sees(|s| s.fault.is_some()).await;
    assert_eq!(status.fault.unwrap().to_string(), "F001");
    let refused = lane.link.command(Command::Close).await.expect_err("faulty");
    assert!(
        matches!(refused, LinkError::Refused { ref meaning, .. } if meaning == "a fault stands"),
        "{refused}"
    );
    hands.unjam();
    lane.link.command(Command::ClearFault).await.unwrap();
    lane.sees(|s| s.fault.is_none()).await;
    lane.link.command(open(1)).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Open).await;
}

#[tokio::test]
async fn fire_opens_and_the_bus_cannot_close() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let mut lane = Lane::at(&controller, map).await;
    lane.link.command(Command::Lock).await.unwrap();
    controller.hands().fire(true);
    lane.sees(|s| s.leaf == Leaf::Open && s.evacuation == Evacuation::On)
        .await;
    let refused = lane.link.command(Command::Close).await.expect_err("fire");
    assert!(matches!(refused, LinkError::Refused { .. }), "{refused}");
    lane.link.command(Command::Evacuate).await.unwrap();
    controller.hands().fire(false);
    lane.link.command(Command::Close).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Closed && s.evacuation == Evacuation::Off)
        .await;
}

#[tokio::test]
async fn unplugged_while_opening_it_says_lost_and_after_replugging_how_the_gate_stands() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let hands = controller.hands();
    let mut lane = Lane::at(&controller, map).await;
    lane.link.command(open(1)).await.unwrap();
    hands.unplug();
    lane.lost().await;
    let error = lane
        .link
        .command(Command::Close)
        .await
        .expect_err("nobody there");
    assert!(matches!(error, LinkError::OutOfReach { .. }), "{error}");
    hands.replug();
    assert_ne!(lane.connected().await.leaf, Leaf::Closed);
    lane.sees(|s| s.leaf == Leaf::Open).await;
    assert_eq!(openings(&controller), 1, "reconnecting moves nothing");
    lane.link.command(Command::Close).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Closed).await;
}

#[tokio::test]
async fn a_cut_wire_shorter_than_the_patience_is_not_worth_a_word_and_repeats_no_command() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let hands = controller.hands();
    let timings = Timings {
        patience: PATIENCE,
        ..timings()
    };
    let (link, news) = Link::spawn(port(controller.path()), map, timings);
    let mut lane = Lane {
        link,
        news,
        last: None,
    };
    lane.connected().await;
    hands.cut();
    let link = lane.link.clone();
    let mut ordered = tokio::spawn(async move { link.command(open(1)).await });
    let early = tokio::time::timeout(Duration::from_millis(600), &mut ordered).await;
    assert!(early.is_err(), "nobody can have confirmed it: {early:?}");
    hands.replug();
    ordered.await.unwrap().unwrap();
    lane.sees(|s| s.leaf == Leaf::Open).await;
    assert_eq!(openings(&controller), 1);
}

#[tokio::test]
async fn a_reboot_in_mid_travel_is_told_as_it_is() {
    let map = RegisterMap::controller().unwrap();
    let slow = Travel {
        open: Duration::from_secs(5),
        boot: Duration::from_secs(1),
        ..travel()
    };
    let controller = Controller::start(map.clone(), slow).unwrap();
    let mut lane = Lane::at(&controller, map).await;
    lane.link.command(open(1)).await.unwrap();
    until(&controller, |now| now.position > 50).await;
    controller.hands().reboot();
    lane.lost().await;
    assert_eq!(lane.connected().await.leaf, Leaf::Between);
    lane.link.command(Command::Close).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Closed).await;
}

#[tokio::test]
async fn when_the_lane_dies_the_watchdog_closes_and_the_next_lane_finds_the_line_open() {
    let map = RegisterMap::controller().unwrap();
    let quick = Travel {
        watchdog: Duration::from_millis(500),
        ..travel()
    };
    let controller = Controller::start(map.clone(), quick).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("gate.jsonl");
    controller.log_to(&log).unwrap();
    let mut lane = Lane::at(&controller, map.clone()).await;
    lane.link.command(open(1)).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Open).await;
    drop(lane);
    let now = until(&controller, |now| {
        now.watchdog_tripped && now.leaf == Leaf::Closed
    })
    .await;
    assert!(now.locked);
    let mut lane = Lane::at(&controller, map).await;
    // Tickets go on from where the dead lane left them: a fresh lane's first command is not taken for an old one.
    lane.link.command(open(1)).await.unwrap();
    lane.sees(|s| s.leaf == Leaf::Open).await;
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let openings: Vec<_> = lines
        .iter()
        .filter(|line| line["event"] == "opened")
        .collect();
    assert_eq!(openings.len(), 2, "{log}");
    assert!(
        openings
            .iter()
            .all(|line| line["cause"] == "command" && line["wall_ms"].as_u64().unwrap() > 0)
    );
    let sequences: Vec<_> = lines
        .iter()
        .map(|line| line["sequence"].as_u64().unwrap())
        .collect();
    assert!(
        sequences.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{sequences:?}"
    );
}

#[tokio::test]
async fn on_a_bad_cable_every_command_is_done_once_and_every_person_counted_once() {
    let map = RegisterMap::controller().unwrap();
    let controller = Controller::start(map.clone(), travel()).unwrap();
    let cable = Faulty::new(port(controller.path()), 7).drop(20).flip(30);
    let timings = Timings {
        answer: Duration::from_millis(60),
        silence: Duration::from_millis(15),
        patience: PATIENCE,
        ..timings()
    };
    let (link, news) = Link::spawn(cable, map, timings);
    let mut lane = Lane {
        link,
        news,
        last: None,
    };
    lane.connected().await;
    for round in 1..=3_u8 {
        lane.link.command(open(round)).await.unwrap();
        lane.sees(|s| s.leaf == Leaf::Open).await;
        controller.hands().walk(round);
        lane.sees(|s| s.passed == u16::from(round)).await;
        lane.link.command(Command::Close).await.unwrap();
        lane.sees(|s| s.leaf == Leaf::Closed).await;
    }
    assert_eq!(openings(&controller), 3);
    assert_eq!(until(&controller, |_| true).await.walked, 6);
    let refused = |deed: &Deed| matches!(deed, Deed::Commanded { verdict, .. } if *verdict != Verdict::Accepted);
    assert!(
        !controller
            .hands()
            .log()
            .iter()
            .any(|entry| refused(&entry.deed))
    );
}
