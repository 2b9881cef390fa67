//! The office is slow: the lane does not wait for it, and what it says afterwards is about somebody who has gone.

use std::net::SocketAddr;
use std::time::Duration;

use dock::cast::{Traveller, carrying_for_others};
use dock::rig::{Line, Setup};
use journey::Cause;
use runtime::Timings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use ui::{Plain, View};

use crate::hall::Hall;

/// A line that carries questions at once, and answers when it is told to.
struct SlowLine {
    listener: TcpListener,
    flows: watch::Sender<bool>,
}

impl SlowLine {
    async fn lay() -> Self {
        Self {
            listener: TcpListener::bind(("127.0.0.1", 0)).await.unwrap(),
            flows: watch::Sender::new(false),
        }
    }

    fn at(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Connects its far end.
    fn to(self, office: SocketAddr) -> watch::Sender<bool> {
        let flows = self.flows.clone();
        tokio::spawn(async move {
            while let Ok((lane, _)) = self.listener.accept().await {
                let (from_lane, to_lane) = lane.into_split();
                let Ok(far) = TcpStream::connect(office).await else {
                    continue;
                };
                let (from_office, to_office) = far.into_split();
                let (asked, asking) = watch::channel(0);
                tokio::spawn(questions(from_lane, to_office, asked));
                tokio::spawn(answers(
                    from_office,
                    to_lane,
                    asking,
                    self.flows.subscribe(),
                ));
            }
        });
        flows
    }
}

/// Counts what the lane says.
async fn questions(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: watch::Sender<u32>) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        asked.send_modify(|asked| *asked += 1);
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Lets the greeting pass (RFC 8446: the lane speaks, the office speaks, and only then comes a question), and nothing more
/// until answers flow.
async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    asked: watch::Receiver<u32>,
    mut flows: watch::Receiver<bool>,
) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let greeting = *asked.borrow() < 2;
        if !greeting && flows.wait_for(|flows| *flows).await.is_err() {
            return;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_about_somebody_who_has_gone() {
    let line = SlowLine::lay().await;
    // The line's own patience is long here, so that the answer does come, and comes late.
    let timings = Timings {
        verdict: Duration::from_secs(4),
        ..Timings::default()
    };
    let mut hall = Hall::open(Setup {
        timings,
        line: Some(Line {
            at: line.at(),
            deadline: Duration::from_secs(300),
        }),
        ..Setup::default()
    })
    .await;
    let flows = line.to(hall.rig.office_at());
    let [anna, erika] = [0, 4].map(|n| Traveller::specimen(n).unwrap());

    let code = hall.code(&[&anna]);
    hall.shows_all(&[&anna], &code).await;
    hall.confirms_and_faces(&[&anna]).await;
    let screen = hall.is_referred(&[Cause::NoVerdict]).await;
    assert!(matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::NotFinished]));
    let asked = hall
        .rig
        .steps()
        .iter()
        .flat_map(|step| step.effects.clone())
        .find_map(|effect| {
            effect
                .strip_suffix(": ask for a verdict")
                .map(str::to_owned)
        })
        .unwrap();
    hall.officer_takes_over().await;
    hall.sees("the invitation", |screen| screen.view == View::Attract)
        .await;

    let content = carrying_for_others(hall.content(&[&erika]));
    let code = hall.rig.papers.code(&content).unwrap();
    hall.shows_all(&[&erika], &code).await;
    flows.send_replace(true);
    let late = hall.heard(&format!("{asked}: Office says Clear")).await;
    assert!(late.effects.is_empty(), "it did {:?}", late.effects);
    assert!(matches!(
        hall.rig.lane().stage(),
        Some(journey::Stage::Reviewing(_))
    ));
    hall.confirms_and_faces(&[&erika]).await;
    hall.is_referred(&[Cause::Verdict]).await;
    assert_eq!(hall.openings(), 0);
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.openings(), 0);
    assert_eq!(
        hall.kinds(2),
        ["began", "gathered", "referred", "decided", "ended"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lane_decides_by_itself_in_time() {
    let line = SlowLine::lay().await;
    let mut hall = Hall::open(Setup {
        line: Some(Line {
            at: line.at(),
            deadline: risk::DEADLINE,
        }),
        ..Setup::default()
    })
    .await;
    let flows = line.to(hall.rig.office_at());
    let anna = Traveller::specimen(0).unwrap();
    hall.goes_to_the_gate(&[&anna]).await;
    assert_eq!(hall.record("cleared").body["verdict"]["decided_by"], "lane");
    flows.send_replace(true);
    hall.is_on_record("answered_late").await;
    hall.rig.hands.walk(1);
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        ["began", "gathered", "cleared", "answered_late", "ended"]
    );
    let late = hall.record("answered_late");
    assert_eq!(late.body["verdict"]["decided_by"], "office");
    assert_eq!(late.body["agrees"], true);
    assert_eq!(hall.openings(), 1);
}
