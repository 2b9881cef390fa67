//! Seventy-two hours without a line: the lane goes on and keeps every record, and when the line is back, as bad as lines are,
//! the office has each of them once and in order.

use std::num::NonZeroU8;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dock::cast::{Traveller, declared_by};
use dock::papers::Papers;
use evidence::{CodeId, Decider, JourneyId, Question, QuestionId, UtcOffset, declaration};
use journal::{Journal, SignedRecord, Stamp};
use journey::{Ending, Record};
use risk::line::RecordWords;
use risk::{Case, Client};

const JOURNEYS: u64 = 20_000;
const HOURS: i64 = 72;

/// Journeys in one commit: the disk is another promise's affair.
const TOGETHER: u64 = 50;

/// Records in one delivery, as the courier has it.
const DELIVERED: u32 = 200;

/// A small, even generator (SplitMix64): which deliveries go wrong must not change with a library's version.
struct Chance(u64);

impl Chance {
    fn one_in(&mut self, many: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).is_multiple_of(many)
    }
}

/// A traveller's question, as each of the journeys asks it.
fn question(papers: &Papers) -> Question {
    let anna = Traveller::specimen(0).unwrap();
    let today = papers.now.date_at(UtcOffset::UTC);
    let code = papers.code(&declared_by(&[&anna], today).unwrap()).unwrap();
    let sealed = declaration::read(&code, &papers.issuers().unwrap(), papers.now).unwrap();
    Question {
        id: QuestionId {
            journey: JourneyId::new(1),
            serial: 1,
        },
        on: today,
        declaration: sealed.open(&anna.document).unwrap(),
        documents: vec![anna.document.clone()],
    }
}

/// Lives through the three days; gives how many records they left.
fn alone(journal: &mut Journal, papers: &Papers) -> u64 {
    let mut question = question(papers);
    let (policy, lists) = papers.judgement().unwrap();
    let lane = dock::papers::lane_name().unwrap();
    let end = papers.now.unix_seconds() * 1000;
    for first in (1..=JOURNEYS).step_by(usize::try_from(TOGETHER).unwrap()) {
        let mut records = Vec::new();
        for number in first..first + TOGETHER {
            let journey = JourneyId::new(number);
            question.id.journey = journey;
            let mut code = [0; 16];
            code[..8].copy_from_slice(&number.to_be_bytes());
            let case = Case::new(&lane, &question);
            records.extend([
                Record::Began { journey },
                Record::Gathered {
                    journey,
                    code: CodeId::new(code),
                    documents: vec![question.documents[0].number.clone()],
                },
                Record::Cleared {
                    question: question.id,
                    verdict: risk::assess(&case, &policy, &lists, Decider::Lane),
                    persons: NonZeroU8::MIN,
                },
                Record::Ended {
                    journey,
                    ending: Ending::Passed(1),
                },
            ]);
        }
        let left = i64::try_from((JOURNEYS - first) * 3_600_000 / JOURNEYS).unwrap() * HOURS;
        journal.commit(&records, Stamp::new(end - left)).unwrap();
    }
    journal.extent().unwrap().records
}

async fn deliver(client: &Client, batch: &journal::Batch) -> Result<u64, risk::ClientError> {
    let body = serde_json::to_vec(&RecordWords {
        lane: &batch.lane,
        records: batch.records.iter().map(SignedRecord::to_text).collect(),
        checkpoint: batch
            .checkpoint
            .as_ref()
            .map(|text| URL_SAFE_NO_PAD.encode(text)),
    })
    .unwrap();
    client.deliver(body).await
}

async fn office(papers: &Papers, at: std::net::SocketAddr) -> office::Running {
    papers.enroll().await.unwrap();
    let mut config = papers.office(at).unwrap();
    // A lane in use delivers now and then, and not three days at once.
    config.limits.lane_per_second = 100_000;
    config.limits.lane_burst = 100_000;
    office::serve(config).await.unwrap()
}

#[expect(
    clippy::print_stderr,
    reason = "how often the line broke is what a reader asks first"
)]
#[tokio::test(flavor = "multi_thread")]
async fn every_record_of_twenty_thousand_journeys() {
    let folder = tempfile::tempdir().unwrap();
    let papers = Papers::lay_out(folder.path(), dock::rig::now()).unwrap();
    let stamp = Stamp::new((papers.now.unix_seconds() - HOURS * 3_600) * 1000);
    let path = papers.path("journal.sqlite");
    let open = || {
        Journal::open(&path, papers.digest_key().unwrap(), stamp)
            .unwrap()
            .0
    };
    let mut journal = open();
    let records = alone(&mut journal, &papers);
    assert_eq!(records, 4 * JOURNEYS);
    let key = papers.signing_key().unwrap();
    assert_eq!(journal.outbox(&key, 1).unwrap().remaining, records - 1);

    let mut running = office(&papers, ([127, 0, 0, 1], 0).into()).await;
    let at = running.addr();
    let client = papers.client(at, risk::DEADLINE).unwrap();
    let mut chance = Chance(0x72);
    let (mut sent, mut doubled, mut cut, mut restarted) = (0, 0, 0, 0);
    loop {
        let batch = journal.outbox(&key, DELIVERED).unwrap();
        if batch.records.is_empty() {
            break;
        }
        sent += 1;
        let acknowledged = deliver(&client, &batch).await.unwrap();
        assert_eq!(
            acknowledged,
            batch.acknowledged + batch.records.len() as u64
        );
        if chance.one_in(10) {
            // The acknowledgement is lost on the way, and the same comes again.
            doubled += 1;
            continue;
        }
        journal.acknowledge(acknowledged).unwrap();
        if chance.one_in(40) {
            // The office dies, and what comes next meets nobody.
            running.cut().await.unwrap();
            cut += 1;
            let next = journal.outbox(&key, DELIVERED).unwrap();
            if !next.records.is_empty() {
                deliver(&client, &next).await.unwrap_err();
            }
            running = office(&papers, at).await;
        }
        if chance.one_in(40) {
            restarted += 1;
            drop(journal);
            journal = open();
        }
    }
    eprintln!(
        "{records} records in {sent} deliveries; {doubled} came twice, the office died {cut} times, the lane {restarted} times"
    );
    let lanes = papers.books().unwrap().lanes().await.unwrap();
    let [lane] = &lanes[..] else {
        panic!("one lane, and not {lanes:?}");
    };
    assert_eq!((lane.records, lane.forks), (records, 0));
    assert!(doubled > 10 && cut > 2 && restarted > 2, "it went too well");
    running.stop().await.unwrap();
}
