//! A real office on loopback, asked by the real client.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use evidence::Decider;
use office::Config;
use place::cases::{self, any_case, case, lane, lists, policy, question};
use place::{Place, asked, problem};
use proptest::prelude::*;
use proptest::test_runner::{Config as Proptest, TestRunner};
use reqwest::StatusCode;
use risk::wire::AssessmentRequest;
use risk::{Assessor, Case, ClientError, assess};

#[tokio::test]
async fn client_and_office_agree_with_the_lane_on_random_questions() {
    let mut place = Place::new();
    let office = place.open().await;
    let client = place.client();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(Proptest {
            failure_persistence: None,
            ..Proptest::with_cases(300)
        });
        let mut serial = 0;
        let asked = std::cell::RefCell::new(&mut serial);
        runner
            .run(&any_case(), |mut case| {
                // Every case is another question.
                **asked.borrow_mut() += 1;
                case.id.serial = **asked.borrow();
                let there = runtime.block_on(client.assess_case(&case)).unwrap();
                let here = assess(&case, policy(), lists(), Decider::Lane);
                prop_assert_eq!(&there.reasons, &here.reasons);
                prop_assert_eq!(there.decision, here.decision);
                prop_assert_eq!(there.policy, here.policy);
                prop_assert_eq!(there.lists, here.lists);
                prop_assert_eq!(there.decided_by, Decider::Office);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
    office.stop().await.unwrap();
}

#[tokio::test]
async fn the_same_question_has_one_answer_even_under_other_lists_after_a_restart() {
    let mut place = Place::new();
    let office = place.open().await;
    let first = place.ask(&asked()).await.text().await.unwrap();
    assert!(first.contains("R-202"), "{first}");
    assert_eq!(place.ask(&asked()).await.text().await.unwrap(), first);
    office.stop().await.unwrap();

    let newer = risk::Draft {
        version: evidence::Version::parse("lists-2").unwrap(),
        ..cases::draft()
    };
    std::fs::write(
        place.config.risk.edition.join("lists.toml"),
        newer.to_toml(),
    )
    .unwrap();
    let office = place.open().await;
    assert_eq!(place.ask(&asked()).await.text().await.unwrap(), first);
    let mut next = asked();
    next.id.serial += 1;
    assert!(
        place
            .ask(&next)
            .await
            .text()
            .await
            .unwrap()
            .contains("lists-2")
    );
    office.stop().await.unwrap();
}

#[tokio::test]
async fn blanks_make_no_other_question_but_another_body_does() {
    let mut place = Place::new();
    let office = place.open().await;
    let first = place.ask(&asked()).await.text().await.unwrap();
    let spaced = serde_json::to_string_pretty(&AssessmentRequest::from(&asked())).unwrap();
    let again = place.post("application/json; charset=utf-8", spaced).await;
    assert_eq!(again.text().await.unwrap(), first);

    let other = case(&[31], vec![]);
    assert_eq!(
        problem(place.ask(&other).await).await,
        (StatusCode::CONFLICT, "another-question".to_owned())
    );
    let error = place.client().assess_case(&other).await.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Refused {
                status: StatusCode::CONFLICT,
                ..
            }
        ),
        "{error:?}"
    );
    office.stop().await.unwrap();
}

#[tokio::test]
async fn many_lanes_asking_the_same_at_once_get_one_answer() {
    let mut place = Place::new();
    let office = place.open().await;
    let client = place.client();
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.assess_case(&asked()).await.unwrap() })
        })
        .collect();
    let mut verdicts = Vec::new();
    for answer in asking {
        verdicts.push(answer.await.unwrap());
    }
    verdicts.dedup();
    assert_eq!(verdicts.len(), 1);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_cut_office_is_replaced_by_the_lane_and_comes_back_at_the_same_port() {
    let mut place = Place::new();
    let office = place.open().await;
    let assessor =
        Assessor::new(lane(), policy().clone(), lists().clone()).with_office(place.client());
    let ask = |serial: u32| {
        let mut case = asked();
        case.id.serial = serial;
        question(&case)
    };
    assert_eq!(
        assessor.verdict(&ask(1)).await.verdict.decided_by,
        Decider::Office
    );

    office.cut().await.unwrap();
    let alone = assessor.verdict(&ask(2)).await;
    assert_eq!(alone.verdict.decided_by, Decider::Lane);
    assert!(matches!(
        alone.fallback,
        Some(ClientError::Unreachable(_) | ClientError::Interrupted(_))
    ));

    let office = place.open().await;
    for serial in 3..6 {
        let answer = assessor.verdict(&ask(serial)).await;
        assert_eq!(
            answer.verdict.decided_by,
            Decider::Office,
            "{:?}",
            answer.fallback
        );
        office_agrees(&answer.verdict, &ask(serial));
    }
    office.stop().await.unwrap();
}

fn office_agrees(verdict: &evidence::Verdict, question: &evidence::Question) {
    let here = assess(
        &Case::new(&lane(), question),
        policy(),
        lists(),
        Decider::Office,
    );
    assert_eq!(*verdict, here);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_has_its_problem() {
    let mut place = Place::new();
    place.config.limits.body_bytes = 2_000;
    let office = place.open().await;
    let json = "application/json";
    let question = serde_json::to_value(AssessmentRequest::from(&asked())).unwrap();
    let mut invalid = question.clone();
    invalid["travellers"][0]["number"] = "l898902c3".into();
    let mut unknown = question.clone();
    unknown["photo"] = "ERIKSSON".into();
    for (kind, body, expected) in [
        (
            "text/plain",
            question.to_string(),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"),
        ),
        (json, String::new(), (StatusCode::BAD_REQUEST, "malformed")),
        (
            json,
            "{\"format\":".to_owned(),
            (StatusCode::BAD_REQUEST, "malformed"),
        ),
        (
            json,
            unknown.to_string(),
            (StatusCode::BAD_REQUEST, "malformed"),
        ),
        (
            json,
            invalid.to_string(),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ),
        (
            json,
            " ".repeat(2_001),
            (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        ),
    ] {
        let (status, kind) = problem(place.post(kind, body).await).await;
        assert_eq!((status, kind.as_str()), expected);
    }
    let text = place
        .post(json, unknown.to_string())
        .await
        .text()
        .await
        .unwrap();
    assert!(
        !text.contains("ERIKSSON") && !text.contains("photo"),
        "{text}"
    );

    let at = |path: &str| format!("https://{}{path}", place.config.listen);
    let browser = place.browser();
    let missing = browser.get(at("/v1/nothing")).send().await.unwrap();
    assert_eq!(
        problem(missing).await,
        (StatusCode::NOT_FOUND, "no-such-place".to_owned())
    );
    let get = browser.get(at("/v1/assessments")).send().await.unwrap();
    assert_eq!(get.headers()["allow"], "POST");
    assert_eq!(
        problem(get).await,
        (StatusCode::METHOD_NOT_ALLOWED, "no-such-method".to_owned())
    );
    office.stop().await.unwrap();
}

#[tokio::test]
async fn random_bytes_never_break_an_office() {
    let mut place = Place::new();
    let office = place.open().await;
    let client = place.browser();
    let url = format!("https://{}/v1/assessments", place.config.listen);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(Proptest {
            failure_persistence: None,
            ..Proptest::with_cases(200)
        });
        runner
            .run(&prop::collection::vec(any::<u8>(), 0..400), |bytes| {
                let sent = client
                    .post(&url)
                    .header("content-type", "application/json")
                    .body(bytes)
                    .send();
                let status = runtime.block_on(sent).unwrap().status();
                prop_assert_eq!(status, StatusCode::BAD_REQUEST);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
    office.stop().await.unwrap();
}

#[tokio::test]
async fn health_tells_by_what_the_office_judges() {
    let mut place = Place::new();
    let office = place.open().await;
    let url = format!("https://{}/v1/health", place.config.listen);
    let health: serde_json::Value = place
        .browser()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let expected = serde_json::json!({
        "status": "serving", "policy": "sample-2026-11", "lists": "lists-1", "lists_issued": "2026-11-23",
    });
    assert_eq!(health, expected);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn the_database_holds_nothing_personal() {
    let mut place = Place::new();
    let office = place.open().await;
    assert_eq!(place.ask(&asked()).await.status(), StatusCode::OK);
    office.stop().await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(place.folder.path()).unwrap() {
        let entry = entry.unwrap();
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("office.sqlite")
        {
            files += 1;
            let bytes = std::fs::read(entry.path()).unwrap();
            for personal in ["ERIKSSON", "ANNA", "L898902C3", "as declared", "19961123"] {
                assert!(
                    !bytes
                        .windows(personal.len())
                        .any(|found| found == personal.as_bytes()),
                    "{personal}"
                );
            }
        }
    }
    assert!(files > 0);
}

#[tokio::test]
async fn an_office_that_cannot_start_names_the_key() {
    let mut place = Place::new();
    let office = place.open().await;
    let good = place.config.clone();
    let broken = |change: fn(&mut Config)| {
        let mut config = good.clone();
        config.listen = "127.0.0.1:0".parse().unwrap();
        change(&mut config);
        config
    };
    for (config, key) in [
        (good.clone(), "`listen`"),
        (
            broken(|config| config.tls.key = "missing.pem".into()),
            "`tls.key`",
        ),
        (
            broken(|config| config.tls.key = config.tls.certificate.clone()),
            "`tls.key`",
        ),
        (
            broken(|config| config.risk.edition = config.risk.edition.join("below")),
            "`risk.edition`",
        ),
        (
            broken(|config| config.database = config.database.join("below")),
            "`database`",
        ),
    ] {
        let error = office::serve(config).await.unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
    office.stop().await.unwrap();
}
