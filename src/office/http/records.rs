//! `POST /v1/records`: what a lane recorded, taken in once and in order, and acknowledged when it is on the disk.

use super::{Body, Shared, json, now, spoken_for, words};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::signed::{self, Refusal};
use crate::store::Ingested;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};

/// Most records in one delivery: their signatures are checked one by one, 0.1 ms each.
const MOST: usize = 1_000;

/// Deliver records
///
/// In the order of their numbers and without a gap; a record that is here already is passed over. What is acknowledged is
/// on the office's disk.
#[utoipa::path(
    post, path = "/v1/records", operation_id = "deliver", tag = "lane",
    request_body = words::Records,
    responses(
        (status = 200, description = "Everything up to this number is on the office's disk", body = words::Acknowledged),
        (status = 409, description = "Another record has this number, or the checkpoint is over other records: both are kept as evidence", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn deliver(
    State(desk): Shared,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<words::Acknowledged>, Problem> {
    let sent: words::Records = json(&headers, body)?;
    let lane = spoken_for(&caller, &sent.lane)?;
    if sent.records.len() > MOST {
        return Err(Problem::invalid().detail(format!("`records`: at most {MOST}")));
    }
    let keys = desk.store.keys(&lane).await?;
    let delivery = {
        let lane = lane.clone();
        tokio::task::spawn_blocking(move || {
            signed::delivery(&lane, &keys, &sent.records, sent.checkpoint.as_deref())
        })
        .await
        .map_err(|error| Problem::fault(&error))?
    };
    let delivery = delivery.map_err(|refusal| {
        tracing::warn!(%lane, %refusal, "a delivery is refused");
        let detail = refusal.to_string();
        match refusal {
            Refusal::Unsigned(_) => Problem::unsigned().detail(detail),
            Refusal::OtherLane(_) => Problem::another_lane().detail(detail),
            Refusal::Malformed(_) => Problem::invalid().detail(detail),
        }
    })?;
    let outcome = desk.store.ingest(&lane, delivery, now()).await?;
    match outcome {
        Ingested::Acknowledged { seq, new } => {
            if new > 0 {
                tracing::info!(%lane, seq, new, "records taken in");
                desk.gauges.recorded(new);
            }
            Ok(Json(words::Acknowledged {
                lane: lane.to_string(),
                acknowledged: seq,
            }))
        }
        Ingested::Gap { expected } => Err(Problem::gap()
            .detail(format!("record {expected} comes next"))
            .expecting(expected)),
        Ingested::Fork { seq } => {
            tracing::error!(%lane, seq, "the lane has a second history: another record has this number");
            desk.gauges.forked();
            Err(Problem::fork().detail(format!("record {seq}")))
        }
        Ingested::OtherHistory { size } => {
            tracing::error!(%lane, size, "the lane has a second history: its checkpoint is over other records");
            desk.gauges.forked();
            Err(Problem::other_history().detail(format!("checkpoint over {size} records")))
        }
    }
}
