//! What lanes recorded, delivered over the line and kept for good.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use place::history::History;
use place::{Place, problem};
use proptest::prelude::*;
use proptest::test_runner::{Config as Proptest, TestRunner};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

const TRUE: History<'static> = History {
    lane: "lane-3",
    which: 1,
};
const OTHER: History<'static> = History {
    lane: "lane-3",
    which: 0,
};

struct Line {
    client: Client,
    url: String,
}

impl Line {
    async fn of(place: &Place, lane: &str) -> Self {
        place.enroll(lane).await;
        Self {
            client: place.showing(Some(&place.identity(lane))),
            url: place.at("/v1/records"),
        }
    }

    async fn send(&self, body: &Value) -> Response {
        let request = self.client.post(&self.url).json(body);
        request.send().await.unwrap()
    }

    async fn acknowledged(&self, body: &Value) -> u64 {
        let response = self.send(body).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["lane"], "lane-3");
        answer["acknowledged"].as_u64().unwrap()
    }

    async fn refused(&self, body: &Value) -> (StatusCode, String) {
        problem(self.send(body).await).await
    }
}

#[tokio::test]
async fn records_are_acknowledged_once_in_order_and_survive_a_cut() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let line = Line::of(&place, "lane-3").await;
    let nothing = json!({"lane": "lane-3", "records": [], "checkpoint": null});
    assert_eq!(line.acknowledged(&nothing).await, 0);
    assert_eq!(line.acknowledged(&TRUE.delivery(1..=5)).await, 5);
    assert_eq!(line.acknowledged(&TRUE.delivery(1..=5)).await, 5);
    assert_eq!(line.acknowledged(&TRUE.delivery(4..=8)).await, 8);
    office.cut().await.unwrap();

    let office = place.open().await;
    assert_eq!(line.acknowledged(&nothing).await, 8);
    let gap = line.send(&TRUE.delivery(10..=11)).await;
    assert_eq!(gap.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let gap: Value = gap.json().await.unwrap();
    assert_eq!(gap["type"], "urn:sekisho:problem:gap");
    assert_eq!(gap["expected"], 9);
    assert_eq!(line.acknowledged(&TRUE.delivery(9..=11)).await, 11);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_history_is_refused_and_kept_as_evidence() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let line = Line::of(&place, "lane-3").await;
    assert_eq!(line.acknowledged(&TRUE.delivery(1..=3)).await, 3);
    let fork = (StatusCode::CONFLICT, "fork".to_owned());
    assert_eq!(line.refused(&OTHER.delivery(3..=5)).await, fork);
    let told = json!({"lane": "lane-3", "records": [], "checkpoint": OTHER.checkpoint(2)});
    let other = (StatusCode::CONFLICT, "other-history".to_owned());
    assert_eq!(line.refused(&told).await, other);
    // The true history goes on, and both pieces of evidence are there.
    assert_eq!(line.acknowledged(&TRUE.delivery(4..=6)).await, 6);
    let lanes = line.client.get(place.at("/v1/lanes"));
    let lanes: Value = lanes.send().await.unwrap().json().await.unwrap();
    assert_eq!(lanes["lanes"][0]["forks"], 2);
    assert_eq!(lanes["lanes"][0]["records"], 6);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn what_the_lane_did_not_sign_is_not_taken_in() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let line = Line::of(&place, "lane-3").await;
    let stranger = History {
        lane: "lane-4",
        which: 1,
    };
    let unsigned = (StatusCode::UNPROCESSABLE_ENTITY, "unsigned".to_owned());
    let invalid = (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned());
    let malformed = (StatusCode::BAD_REQUEST, "malformed".to_owned());
    let another = (StatusCode::FORBIDDEN, "another-lane".to_owned());
    let with = |records: Value, checkpoint: Value| json!({"lane": "lane-3", "records": records, "checkpoint": checkpoint});
    let mut flipped = TRUE.record(2).into_bytes();
    flipped[60] ^= 1;
    let flipped = String::from_utf8(flipped).unwrap();
    for (body, expected) in [
        (with(json!([stranger.record(1)]), Value::Null), &unsigned),
        (with(json!([]), json!(stranger.checkpoint(0))), &unsigned),
        (stranger.delivery(1..=1), &another),
        (with(json!(["!"]), Value::Null), &invalid),
        (with(json!(["AAAA"]), Value::Null), &invalid),
        (with(json!([]), json!("AAAA")), &invalid),
        (with(json!([1]), Value::Null), &malformed),
        (json!({"lane": "lane-3"}), &malformed),
        (
            with(json!(vec![TRUE.record(1); 1_001]), Value::Null),
            &invalid,
        ),
    ] {
        assert_eq!(line.refused(&body).await, *expected, "{body}");
    }
    let (status, kind) = line
        .refused(&with(json!([TRUE.record(1), flipped]), Value::Null))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
    // Nothing of a delivery that is refused has been kept.
    let nothing = json!({"lane": "lane-3", "records": [], "checkpoint": null});
    assert_eq!(line.acknowledged(&nothing).await, 0);

    let unknown = place.showing(Some(&place.identity("lane-4")));
    let refused = unknown.post(&line.url).json(&stranger.delivery(1..=1));
    let not_enrolled = (StatusCode::FORBIDDEN, "not-enrolled".to_owned());
    assert_eq!(problem(refused.send().await.unwrap()).await, not_enrolled);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn random_bytes_in_a_delivery_never_break_an_office() {
    let mut place = Place::guarded();
    let office = place.open().await;
    let line = Line::of(&place, "lane-3").await;
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(Proptest {
            failure_persistence: None,
            ..Proptest::with_cases(200)
        });
        let text = prop_oneof![
            "[A-Za-z0-9_-]{0,200}",
            any::<String>(),
            (0_usize..400, any::<char>()).prop_map(|(at, change)| {
                let mut record: Vec<char> = TRUE.record(1).chars().collect();
                let at = at % record.len();
                record[at] = change;
                record.into_iter().collect()
            }),
        ];
        let checkpoint = prop::option::of("[A-Za-z0-9_-]{0,200}");
        let delivery = (prop::collection::vec(text, 0..4), checkpoint);
        runner
            .run(&delivery, |(records, checkpoint)| {
                let sound = records.iter().all(|text| *text == TRUE.record(1));
                let body = json!({"lane": "lane-3", "records": records, "checkpoint": checkpoint});
                let status = runtime.block_on(line.send(&body)).status();
                let expected = if sound && checkpoint.is_none() {
                    StatusCode::OK
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                prop_assert_eq!(status, expected, "{}", body);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
    office.stop().await.unwrap();
}
