//! `POST /v1/lanes/{lane}/health` and `GET /v1/lanes`: how the lanes are.

use super::{Body, Shared, json, now, spoken_for, words};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::store::LaneRow;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Say how a lane is
///
/// The last word stays until the next.
#[utoipa::path(
    post, path = "/v1/lanes/{lane}/health", operation_id = "report", tag = "lane",
    params(("lane" = String, Path, description = "The lane's name", pattern = "^[A-Za-z0-9_-]{1,32}$", example = "lane-3")),
    request_body = words::LaneHealth,
    responses((status = 204, description = "Kept"))
)]
pub(super) async fn report(
    State(desk): Shared,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| Problem::bad_request())?;
    let said: words::LaneHealth = json(&headers, body)?;
    let lane = spoken_for(&caller, &name)?;
    said.check()
        .map_err(|(field, cure)| Problem::invalid().detail(format!("`{field}`: {cure}")))?;
    let text = serde_json::to_string(&said).map_err(|error| Problem::fault(&error))?;
    let at = now();
    desk.store.report(&lane, text, at).await?;
    desk.gauges.reported(lane.as_str(), at, said.outbox.into());
    Ok(StatusCode::NO_CONTENT)
}

/// How the lanes are
///
/// Every lane that was enrolled or has reported.
#[utoipa::path(
    get, path = "/v1/lanes", operation_id = "lanes", tag = "operator",
    responses((status = 200, description = "The lanes by name", body = words::Lanes))
)]
pub(super) async fn list(State(desk): Shared) -> Result<Json<words::Lanes>, Problem> {
    let lanes = desk.store.lanes().await?;
    Ok(Json(words::Lanes {
        lanes: lanes.into_iter().map(words::Lane::from).collect(),
    }))
}

impl From<LaneRow> for words::Lane {
    fn from(row: LaneRow) -> Self {
        Self {
            lane: row.lane,
            enrolled: row.enrolled_at.and_then(moment),
            retired: row.retired_at.and_then(moment),
            records: row.records,
            forks: row.forks,
            seen: row.seen_at.and_then(moment),
            // A word from an earlier version of the office may no longer be one.
            health: row.said.and_then(|said| serde_json::from_str(&said).ok()),
        }
    }
}

fn moment(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()?
        .format(&Rfc3339)
        .ok()
}
