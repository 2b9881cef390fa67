//! Answers that come too late, and an office that is spared and found again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
#[path = "cases/pretend.rs"]
mod pretend;
#[path = "cases/tls.rs"]
mod tls;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use cases::{case, lane, line, lists, policy_without_chance, question};
use evidence::{Decider, Decision, GoodsKind};
use pretend::{PATIENT, Pretend, config, right_answer};
use risk::line::{Breaking, Disagreement, LineState};
use risk::wire::AssessmentRequest;
use risk::{Assessor, Case, Client, ClientError, Late, LineOptions, Policy, assess};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// A handshake of an unoptimised build has to fit in, and the test waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(1);

fn asked() -> Case {
    case(&[30], vec![line(GoodsKind::Cigars, 51, 1)])
}

fn is_question(body: &[u8]) -> bool {
    serde_json::from_slice::<AssessmentRequest>(body).is_ok()
}

/// An office that answers questions only when it is let, and takes everything else.
async fn slow_office(reports: mpsc::Sender<Vec<u8>>) -> (Pretend, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let office = Pretend::answering(move |_, _, body| {
        let (held, reports) = (Arc::clone(&held), reports.clone());
        async move {
            if is_question(&body) {
                let _permit = held.acquire_owned().await.unwrap();
                return right_answer(&body).into_response();
            }
            reports.send(body.to_vec()).await.unwrap();
            StatusCode::NO_CONTENT.into_response()
        }
    })
    .await;
    (office, gate)
}

async fn late(policy: &Policy) -> (risk::Answer, Late, Option<Vec<u8>>) {
    let (to_reports, mut reports) = mpsc::channel(4);
    let (to_late, mut late) = mpsc::channel(4);
    let (office, gate) = slow_office(to_reports).await;
    let options = LineOptions {
        late: PATIENT,
        ..LineOptions::default()
    };
    let client = Client::with(config(office.addr, &office.authority, DEADLINE), options).unwrap();
    let assessor = Assessor::new(lane(), policy.clone(), lists().clone())
        .with_office(client)
        .with_late(to_late);
    let answer = assessor.verdict(&question(&asked())).await;
    assert!(
        late.try_recv().is_err(),
        "not before the office has said it"
    );
    gate.add_permits(10);
    let late = late.recv().await.unwrap();
    let report = if late.agrees {
        None
    } else {
        reports.recv().await
    };
    assert!(reports.try_recv().is_err());
    (answer, late, report)
}

#[tokio::test]
async fn a_late_answer_that_agrees_is_on_record_and_changes_nothing() {
    let (answer, late, report) = late(policy_without_chance()).await;
    assert!(matches!(answer.fallback, Some(ClientError::Late(DEADLINE))));
    assert_eq!(answer.verdict.decided_by, Decider::Lane);
    assert_eq!(late.question, asked().id);
    assert_eq!(late.lane, answer.verdict);
    assert_eq!(late.office.decided_by, Decider::Office);
    assert_eq!((late.agrees, report), (true, None));
}

#[tokio::test]
async fn a_late_answer_that_disagrees_is_told_to_the_office() {
    // A lane whose rules free more cigars than the office's.
    let lenient = cases::POLICY.replace("per_mille = 5", "per_mille = 0");
    let lenient = lenient.replace("cigars = 50", "cigars = 60");
    let lenient = Policy::parse(&lenient).unwrap();
    assert_eq!(
        assess(&asked(), &lenient, lists(), Decider::Lane).decision,
        Decision::Clear,
        "the sample policy has changed"
    );
    let (answer, late, report) = late(&lenient).await;
    assert_eq!(answer.verdict.decision, Decision::Clear);
    assert_eq!(late.office.decision, Decision::Refer);
    assert!(!late.agrees);
    let report: Disagreement = serde_json::from_slice(&report.unwrap()).unwrap();
    assert_eq!(
        (report.lane.as_str(), report.question.as_str()),
        ("lane-3", "lane-3/J42-1")
    );
    assert_eq!(report.lane_verdict.decided_by, "lane");
    assert_eq!(report.office_verdict.reasons.len(), 1);
}

#[tokio::test]
async fn a_late_answer_to_another_question_is_not_even_recorded() {
    let (to_late, mut late) = mpsc::channel(4);
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let office = Pretend::answering(move |_, _, body| {
        let held = Arc::clone(&held);
        async move {
            let _permit = held.acquire_owned().await.unwrap();
            right_answer(&body)
                .replace("J42-1", "J41-1")
                .into_response()
        }
    })
    .await;
    let options = LineOptions {
        late: PATIENT,
        ..LineOptions::default()
    };
    let client = Client::with(config(office.addr, &office.authority, DEADLINE), options).unwrap();
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone())
        .with_office(client)
        .with_late(to_late);
    let answer = assessor.verdict(&question(&asked())).await;
    assert_eq!(answer.verdict.decided_by, Decider::Lane);
    drop(assessor);
    gate.add_permits(10);
    // The last sender goes when the answer has been heard out.
    assert_eq!(late.recv().await, None);
}

#[tokio::test]
async fn after_the_deadline_nothing_is_begun() {
    let (to_late, mut late) = mpsc::channel(4);
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let office = Pretend::answering(move |_, _, _| {
        let held = Arc::clone(&held);
        async move {
            let _permit = held.acquire_owned().await.unwrap();
            // The connection is cut, which before the deadline would be a reason to try again.
            std::panic::resume_unwind(Box::new(()))
        }
    })
    .await;
    let options = LineOptions {
        late: PATIENT,
        ..LineOptions::default()
    };
    let client = Client::with(config(office.addr, &office.authority, DEADLINE), options).unwrap();
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone())
        .with_office(client)
        .with_late(to_late);
    let answer = assessor.verdict(&question(&asked())).await;
    assert!(matches!(answer.fallback, Some(ClientError::Late(_))));
    drop(assessor);
    gate.add_permits(10);
    assert_eq!(late.recv().await, None);
    assert_eq!(office.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_office_that_keeps_failing_is_spared_and_found_again() {
    let well = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&well);
    let office = Pretend::answering(move |_, _, body| {
        let well = seen.load(Ordering::SeqCst);
        async move {
            match (well, is_question(&body)) {
                (false, _) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                (true, true) => right_answer(&body).into_response(),
                (true, false) => "{}".into_response(),
            }
        }
    })
    .await;
    let options = LineOptions {
        breaking: Breaking {
            failures: 3,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(20),
        },
        seed: Some(1),
        ..LineOptions::default()
    };
    let client = Client::with(config(office.addr, &office.authority, PATIENT), options).unwrap();
    let mut status = client.status();
    for _ in 0..3 {
        let error = client.assess_case(&asked()).await.unwrap_err();
        assert!(matches!(error, ClientError::Trouble { .. }), "{error:?}");
    }
    assert_ne!(status.borrow_and_update().state, LineState::Closed);

    let keeping = client.clone();
    let keeper = tokio::spawn(async move { keeping.keep_line().await });
    status
        .wait_for(|status| status.openings >= 3)
        .await
        .unwrap();
    well.store(true, Ordering::SeqCst);
    status
        .wait_for(|status| status.state == LineState::Closed)
        .await
        .unwrap();
    assert!(client.assess_case(&asked()).await.is_ok());
    assert_eq!(client.status().borrow().failures, 0);
    keeper.abort();
}

#[tokio::test]
async fn while_the_line_is_open_nobody_waits() {
    let office = Pretend::saying(StatusCode::INTERNAL_SERVER_ERROR, "").await;
    let client = office.client(PATIENT);
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone())
        .with_office(client.clone());
    for _ in 0..3 {
        let answer = assessor.verdict(&question(&asked())).await;
        assert!(matches!(answer.fallback, Some(ClientError::Trouble { .. })));
    }
    let heard = office.asked.load(Ordering::SeqCst);
    let answer = assessor.verdict(&question(&asked())).await;
    assert!(matches!(answer.fallback, Some(ClientError::Resting(_))));
    assert_eq!(answer.verdict.decided_by, Decider::Lane);
    assert_eq!(office.asked.load(Ordering::SeqCst), heard, "it was asked");
    assert_eq!(client.status().borrow().state, LineState::Open);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_opens_nothing() {
    let office = Pretend::saying(StatusCode::CONFLICT, "").await;
    let client = office.client(PATIENT);
    for _ in 0..5 {
        let error = client.assess_case(&asked()).await.unwrap_err();
        assert!(matches!(error, ClientError::Refused { .. }), "{error:?}");
    }
    assert_eq!(client.status().borrow().state, LineState::Closed);
}

#[tokio::test]
async fn grounds_are_renewed_while_the_lane_runs() {
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone());
    let running = assessor.clone();
    let newer = risk::Draft {
        version: evidence::Version::parse("lists-2").unwrap(),
        ..cases::draft()
    };
    let before = running.edition();
    assessor.renew(risk::Edition {
        policy: policy_without_chance().clone(),
        lists: risk::Lists::parse(&newer.to_toml()).unwrap(),
    });
    assert_eq!(before.lists.version().as_str(), "lists-1");
    let answer = running.verdict(&question(&asked())).await;
    assert_eq!(answer.verdict.lists.as_str(), "lists-2");
}
