//! Lanes known by their certificates: who may speak, for whom, and how a certificate is renewed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use office::LaneName;
use office::config::Metrics;
use office::store::Store;
use place::history::History;
use place::{Place, asked, problem, request};
use rcgen::KeyPair;
use reqwest::{Client, Response, StatusCode};
use risk::Identity;
use risk::line::Renewed;
use risk::wire::AssessmentRequest;
use serde_json::{Value, json};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use time::OffsetDateTime;

fn health() -> Value {
    json!({
        "version": "0.4.0", "policy": "sample-2026-11", "lists": "lists-1", "lists_issued": "2026-11-23",
        "outbox": 7, "service": "in-service", "gate": "shut", "troubles": ["printer"],
    })
}

fn disagreement(lane: &str) -> Value {
    json!({
        "lane": lane, "question": format!("{lane}/J42-7"),
        "lane_verdict": {"decision": "clear", "reasons": [], "decided_by": "lane", "policy": "p-1", "lists": "lists-1"},
        "office_verdict": {
            "decision": "refer", "reasons": [{"code": "R-202", "member": 0}, {"code": "R-202"}],
            "decided_by": "office", "policy": "p-1", "lists": "lists-2",
        },
    })
}

/// Everything that lane-3 may say, said by this client.
async fn everything(place: &Place, client: &Client) -> Vec<Response> {
    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let question = serde_json::to_value(AssessmentRequest::from(&asked())).unwrap();
    let mut answers = Vec::new();
    for (path, body) in [
        ("/v1/assessments", question),
        ("/v1/records", history.delivery(1..=2)),
        ("/v1/disagreements", disagreement("lane-3")),
        ("/v1/lanes/lane-3/health", health()),
    ] {
        let sent = client.post(place.at(path)).json(&body).send();
        answers.push(sent.await.unwrap());
    }
    let key = KeyPair::generate().unwrap();
    let renewal = client
        .post(place.at("/v1/certificates"))
        .header("content-type", "application/x-pem-file")
        .body(request(&key, "lane-3"));
    answers.push(renewal.send().await.unwrap());
    answers
}

#[tokio::test]
async fn whoever_shows_no_certificate_of_the_lanes_authority_is_turned_away() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let elsewhere = Place::guarded();
    let foreign = elsewhere.identity("lane-3");
    let two_days_ago = OffsetDateTime::now_utc() - time::Duration::days(2);
    let expired = place.identity_since("lane-3", two_days_ago);
    for identity in [None, Some(&*foreign), Some(&*expired)] {
        let client = place.showing(identity);
        let refused = client.get(place.at("/v1/health")).send().await;
        assert!(refused.is_err(), "{refused:?}");
    }
    let lane = place.showing(Some(&place.identity("lane-3")));
    let served = lane.get(place.at("/v1/health")).send().await.unwrap();
    assert_eq!(served.status(), StatusCode::OK);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_certificate_whose_names_differ_is_no_lanes() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    for (common, dns) in [
        ("lane-3", "lane-4"),
        ("lane-4", "lane-3"),
        ("lane 3", "lane-3"),
    ] {
        let nameless = place.showing(Some(&place.identity_of(common, dns)));
        let refused = (StatusCode::FORBIDDEN, "no-certificate".to_owned());
        for answer in everything(&place, &nameless).await {
            assert_eq!(problem(answer).await, refused, "{common} {dns}");
        }
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_lane_speaks_for_itself_and_no_other() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    place.enroll("lane-4").await;
    let other = place.showing(Some(&place.identity("lane-4")));
    let another = (StatusCode::FORBIDDEN, "another-lane".to_owned());
    for refused in everything(&place, &other).await {
        assert_eq!(problem(refused).await, another);
    }
    let own = place.showing(Some(&place.identity("lane-3")));
    let statuses: Vec<u16> = everything(&place, &own)
        .await
        .iter()
        .map(|answer| answer.status().as_u16())
        .collect();
    assert_eq!(statuses, [200, 200, 204, 204, 200]);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_retired_lane_is_refused_whatever_it_shows() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    let own = place.showing(Some(&place.identity("lane-3")));
    assert_eq!(everything(&place, &own).await[0].status(), StatusCode::OK);
    // As `office retire` does it, beside the office that runs.
    let beside = Store::open(&place.config.database).unwrap();
    let lane = LaneName::parse("lane-3").unwrap();
    beside.retire(&lane, 1).await.unwrap();
    let retired = (StatusCode::FORBIDDEN, "retired".to_owned());
    for refused in everything(&place, &own).await {
        assert_eq!(problem(refused).await, retired);
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_renewed_certificate_opens_the_door_as_the_old_one_did() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let old = place.showing(Some(&place.identity("lane-3")));
    let ask = |body: String, kind: &'static str| {
        old.post(place.at("/v1/certificates"))
            .header("content-type", kind)
            .body(body)
            .send()
    };
    let pem = "application/x-pem-file";
    let key = KeyPair::generate().unwrap();
    let answer = ask(request(&key, "lane-3"), pem).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], pem);
    let chain = answer.text().await.unwrap();
    let new = place.showing(Some(&format!("{chain}{}", key.serialize_pem())));
    let served = new.get(place.at("/v1/health")).send().await.unwrap();
    assert_eq!(served.status(), StatusCode::OK);

    let refused = |status, kind: &str| (status, kind.to_owned());
    for (body, kind, expected) in [
        (
            request(&key, "lane-4"),
            pem,
            refused(StatusCode::FORBIDDEN, "another-lane"),
        ),
        (
            request(&key, "lane-3"),
            "text/plain",
            refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-pem"),
        ),
        (
            String::new(),
            pem,
            refused(StatusCode::BAD_REQUEST, "malformed"),
        ),
        (
            "x".repeat(20_000),
            pem,
            refused(StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        ),
    ] {
        assert_eq!(problem(ask(body, kind).await.unwrap()).await, expected);
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn an_office_without_the_authoritys_key_issues_nothing() {
    let mut place = Place::guarded();
    let lane = place.identity("lane-3");
    place.config.lanes.as_mut().unwrap().ca_key = None;
    let office = place.open().await;
    let renewal = place
        .showing(Some(&lane))
        .post(place.at("/v1/certificates"))
        .header("content-type", "application/x-pem-file")
        .body(request(&KeyPair::generate().unwrap(), "lane-3"));
    let expected = (StatusCode::SERVICE_UNAVAILABLE, "issues-nothing".to_owned());
    assert_eq!(problem(renewal.send().await.unwrap()).await, expected);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn while_certificates_are_optional_a_name_that_is_shown_still_counts() {
    let mut place = Place::guarded();
    place.config.lanes.as_mut().unwrap().required = false;
    let office = place.open().await;
    place.enroll("lane-3").await;
    let nobody = place.showing(None);
    let mut answers = everything(&place, &nobody).await;
    let renewal = (StatusCode::FORBIDDEN, "no-certificate".to_owned());
    assert_eq!(problem(answers.pop().unwrap()).await, renewal);
    assert!(answers.iter().all(|answer| answer.status().is_success()));
    let other = place.showing(Some(&place.identity("lane-4")));
    for refused in everything(&place, &other).await {
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn what_lanes_report_is_seen_by_operators() {
    let mut place = Place::guarded();
    place.config.metrics = Some(Metrics {
        listen: "127.0.0.1:0".parse().unwrap(),
    });
    let office = place.open().await;
    place.enroll("lane-3").await;
    place.enroll("lane-5").await;
    let own = place.showing(Some(&place.identity("lane-3")));
    for _ in 0..2 {
        for answer in everything(&place, &own).await {
            assert!(answer.status().is_success());
        }
    }
    let lanes = own.get(place.at("/v1/lanes")).send().await.unwrap();
    let lanes: Value = lanes.json().await.unwrap();
    let lane = &lanes["lanes"][0];
    assert_eq!(
        (&lane["lane"], &lane["health"]),
        (&json!("lane-3"), &health())
    );
    assert_eq!((&lane["records"], &lane["forks"]), (&json!(2), &json!(0)));
    assert!(lane["seen"].as_str().unwrap().starts_with("20"));
    let silent = &lanes["lanes"][1];
    assert_eq!(
        (&silent["lane"], &silent["seen"]),
        (&json!("lane-5"), &Value::Null)
    );

    let figures = format!("http://{}/metrics", office.metrics_addr().unwrap());
    let figures = place.browser().get(figures).send().await.unwrap();
    let figures = figures.text().await.unwrap();
    for line in [
        "office_requests_total{route=\"/v1/records\",status=\"200\"} 2",
        "office_records_total 2",
        "office_disagreements_total 1",
        "office_assessments_total{decision=\"refer\"} 1",
        "office_certificates_total 2",
        "office_lane_outbox_records{lane=\"lane-3\"} 7",
        "# TYPE office_commit_seconds histogram",
    ] {
        assert!(figures.contains(line), "{line} is not in\n{figures}");
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn reports_hold_words_of_a_fixed_form_and_nothing_else() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let own = place.showing(Some(&place.identity("lane-3")));
    let refused = async |path: &str, body: &Value| {
        let sent = own.post(place.at(path)).json(body).send().await.unwrap();
        let status = sent.status();
        let text = sent.text().await.unwrap();
        assert!(!text.contains("ERIKSSON"), "{text}");
        status
    };
    for (field, value) in [
        ("gate", json!("ERIKSSON")),
        ("service", json!("")),
        ("service", json!("a".repeat(41))),
        ("version", json!("two words")),
        ("lists_issued", json!("2026-02-30")),
        ("troubles", json!(["printer", "ERIKSSON"])),
        ("troubles", json!(vec!["printer"; 21])),
    ] {
        let mut report = health();
        report[field] = value;
        assert_eq!(
            refused("/v1/lanes/lane-3/health", &report).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{report}"
        );
    }
    let mut report = health();
    report["photo"] = json!("ERIKSSON");
    assert_eq!(
        refused("/v1/lanes/lane-3/health", &report).await,
        StatusCode::BAD_REQUEST
    );

    for (pointer, value) in [
        ("/question", json!("lane-4/J42-7")),
        ("/question", json!("lane-3/J042-7")),
        ("/question", json!("lane-3/ERIKSSON")),
        ("/lane_verdict/decision", json!("refer")),
        ("/office_verdict/decision", json!("clear")),
        ("/office_verdict/reasons/0/code", json!("ERIKSSON")),
        ("/office_verdict/reasons/0/member", json!(10)),
        ("/office_verdict/policy", json!("")),
        ("/lane_verdict/lists", json!("ANNA ERIKSSON")),
    ] {
        let mut told = disagreement("lane-3");
        *told.pointer_mut(pointer).unwrap() = value;
        assert_eq!(
            refused("/v1/disagreements", &told).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{told}"
        );
    }
    let told = disagreement("lane-3");
    for _ in 0..2 {
        assert_eq!(
            refused("/v1/disagreements", &told).await,
            StatusCode::NO_CONTENT
        );
    }
    let mut other = told;
    other["lane_verdict"]["lists"] = json!("lists-9");
    assert_eq!(
        refused("/v1/disagreements", &other).await,
        StatusCode::CONFLICT
    );
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_lane_that_asks_too_often_waits_and_holds_up_nobody_else() {
    let mut place = Place::guarded();
    place.config.limits.lane_per_second = 1;
    place.config.limits.lane_burst = 3;
    let office = place.open().await;
    let (busy, other) = ("lane-3", "lane-4");
    let [busy, other] = [busy, other].map(|lane| place.showing(Some(&place.identity(lane))));
    let url = place.at("/v1/health");
    let mut turned_away = None;
    for _ in 0..30 {
        let answer = busy.get(&url).send().await.unwrap();
        if answer.status() != StatusCode::OK {
            turned_away = Some(answer);
            break;
        }
    }
    let turned_away = turned_away.expect("thirty requests are more than three and one a second");
    let wait = turned_away.headers()["retry-after"].to_str().unwrap();
    assert!((1..=2).contains(&wait.parse::<u32>().unwrap()));
    let expected = (StatusCode::TOO_MANY_REQUESTS, "too-many".to_owned());
    assert_eq!(problem(turned_away).await, expected);
    let served = other.get(&url).send().await.unwrap();
    assert_eq!(served.status(), StatusCode::OK);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn the_lanes_own_client_is_understood() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    let identity = place.identity("lane-3");
    let key = identity.find("-----BEGIN PRIVATE KEY").unwrap();
    let certificate = place.file("lane.crt.pem", &identity[..key]);
    let key = place.file("lane.key.pem", &identity[key..]);
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let client = place.line(Some(Identity::load(&certificate, &key).unwrap()));

    assert!(client.assess_case(&asked()).await.is_ok());
    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let records = history.delivery(1..=3).to_string();
    assert_eq!(client.deliver(records).await.unwrap(), 3);
    let report = serde_json::from_value(health()).unwrap();
    client.report_health(&report).await.unwrap();
    let told = serde_json::from_value(disagreement("lane-3")).unwrap();
    client.report_late(&told).await.unwrap();
    let soon = OffsetDateTime::now_utc() + time::Duration::hours(23);
    let renewed = client.renew_if_due(soon).await.unwrap();
    assert!(matches!(renewed, Renewed::Renewed(_)), "{renewed:?}");
    office.stop().await.unwrap();
}
