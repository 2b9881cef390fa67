//! `GET /v1/health`: whether the office answers, and by what it judges.

use super::{Shared, words};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;

/// How the office is
#[utoipa::path(
    get, path = "/v1/health", operation_id = "health", tag = "operator",
    responses((status = 200, description = "It serves", body = words::OfficeHealth))
)]
pub(super) async fn health(State(desk): Shared) -> Result<Json<words::OfficeHealth>, Problem> {
    desk.store.check().await?;
    let edition = desk.edition.load();
    Ok(Json(words::OfficeHealth {
        status: "serving",
        policy: edition.policy.version().to_string(),
        lists: edition.lists.version().to_string(),
        lists_issued: edition.lists.issued().to_string(),
    }))
}
