//! The program `office`, killed again and again while lanes ask and deliver: what it acknowledged is there afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use place::history::History;
use place::{Place, asked};
use reqwest::{Client, StatusCode};
use risk::LaneName;
use risk::wire::AssessmentRequest;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

const LANES: usize = 6;
const KILLS: u64 = 16;

/// What the office said is on its disk.
#[derive(Default)]
struct Acknowledged {
    answers: BTreeMap<String, String>,
    records: BTreeMap<String, u64>,
}

/// The program at work; killed where it stands when it is dropped.
struct Program(Child);

impl Program {
    fn start(place: &mut Place, config: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_office"));
        command.args(["run", "--config"]).arg(config);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.lines();
        let listening = lines
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
            .find(|line| line["fields"]["message"] == "listening")
            .unwrap();
        let addr = listening["fields"]["addr"].as_str().unwrap();
        place.config.listen = addr.parse().unwrap();
        // A log that nobody reads would hold the program up once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// One lane: a question, a few records, and on, until the office is gone.
async fn lane(
    place: &Place,
    client: &Client,
    history: History<'_>,
    serials: &AtomicU64,
    so_far: &Mutex<Acknowledged>,
    progress: &Notify,
) {
    loop {
        let mut case = asked();
        case.lane = LaneName::parse(history.lane).unwrap();
        case.id.journey = evidence::JourneyId::new(serials.fetch_add(1, Ordering::Relaxed) + 1);
        let question = client
            .post(place.at("/v1/assessments"))
            .json(&AssessmentRequest::from(&case));
        let Ok(answer) = question.send().await else {
            return;
        };
        assert_eq!(answer.status(), StatusCode::OK);
        // An answer that broke off in the middle is none.
        let Ok(answer) = answer.text().await else {
            return;
        };
        so_far
            .lock()
            .unwrap()
            .answers
            .insert(case.question_name(), answer);
        progress.notify_one();

        let here = so_far.lock().unwrap().records.get(history.lane).copied();
        let here = here.unwrap_or(0);
        // The last one comes again, as after an acknowledgement that was lost.
        let delivery = history.delivery(here.max(1)..=here + 3);
        let records = client.post(place.at("/v1/records")).json(&delivery);
        let Ok(answer) = records.send().await else {
            return;
        };
        assert_eq!(answer.status(), StatusCode::OK);
        let Ok(answer) = answer.json::<Value>().await else {
            return;
        };
        let seq = answer["acknowledged"].as_u64().unwrap();
        assert!(seq >= here + 3);
        so_far
            .lock()
            .unwrap()
            .records
            .insert(history.lane.to_owned(), seq);
        progress.notify_one();
    }
}

fn nothing_is_missing(database: &Path, so_far: &Acknowledged) {
    let disk = Connection::open(database).unwrap();
    let whole: String = disk
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    for (question, answer) in &so_far.answers {
        let kept: String = disk
            .query_row(
                "SELECT answer FROM assessment WHERE question = ?1",
                [question],
                |row| row.get(0),
            )
            .unwrap_or_else(|error| panic!("{question}: {error}"));
        assert_eq!(kept, *answer);
    }
    for (lane, seq) in &so_far.records {
        let history = History { lane, which: 1 };
        let mut select = disk
            .prepare("SELECT seq, leaf FROM record WHERE lane = ?1 ORDER BY seq")
            .unwrap();
        let kept: Vec<(u64, [u8; 32])> = select
            .query_map([lane], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(kept.len() as u64 >= *seq, "{lane}: {} of {seq}", kept.len());
        for ((number, leaf), expected) in kept.into_iter().zip(1..) {
            assert_eq!(number, expected);
            assert_eq!(leaf, *history.leaf(number).digest().as_bytes());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_office_is_killed_under_load() {
    let mut place = Place::guarded();
    let config = place.file(
        "office.toml",
        "listen = \"127.0.0.1:0\"\ndatabase = \"office.sqlite\"\n\
         tls = { certificate = \"office.crt.pem\", key = \"office.key.pem\" }\n\
         risk = { edition = \"edition\" }\n\
         lanes = { ca = \"lanes.crt.pem\", ca_key = \"lanes.key.pem\" }\n\
         limits = { request_ms = 30_000, lane_per_second = 100_000, lane_burst = 100_000 }\n\
         log = { filter = \"office=info\" }\n",
    );
    let lanes: Vec<String> = (0..LANES).map(|n| format!("lane-{n}")).collect();
    for lane in &lanes {
        place.enroll(lane).await;
    }
    let identities: Vec<String> = lanes.iter().map(|lane| place.identity(lane)).collect();
    let (serials, so_far) = (AtomicU64::new(0), Mutex::new(Acknowledged::default()));
    for kill in 0..KILLS {
        let program = Program::start(&mut place, &config);
        let progress = Notify::new();
        let clients: Vec<Client> = identities
            .iter()
            .map(|identity| place.showing(Some(identity)))
            .collect();
        let asking = lanes.iter().zip(&clients).map(|(name, client)| {
            let history = History {
                lane: name,
                which: 1,
            };
            lane(&place, client, history, &serials, &so_far, &progress)
        });
        let asking = futures(asking.collect());
        let killing = async {
            // After another number of acknowledgements each time, and so at another point of the office's work.
            for _ in 0..20 + 5 * kill {
                progress.notified().await;
            }
            drop(program);
        };
        tokio::join!(asking, killing);
        nothing_is_missing(&place.config.database, &so_far.lock().unwrap());
    }
    let so_far = so_far.into_inner().unwrap();
    assert_eq!(so_far.records.len(), LANES);
    assert!(so_far.answers.len() as u64 >= KILLS * 10);
}

/// All of them, side by side.
async fn futures<F: Future<Output = ()>>(all: Vec<F>) {
    let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
