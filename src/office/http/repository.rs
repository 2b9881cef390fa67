//! `GET /v1/tuf/...`: signed policies and lists as files (The Update Framework). Who trusts them, trusts their signatures.

use super::Shared;
use super::words::File;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::path::Path;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// A file of the repository's metadata
///
/// Roots, timestamps, snapshots and targets as their roles signed them.
#[utoipa::path(
    get, path = "/v1/tuf/metadata/{file}", operation_id = "metadata", tag = "lane",
    params(("file" = String, Path, description = "Name of the file", example = "timestamp.json")),
    responses(
        (status = 200, description = "The file", body = Object, content_type = "application/json"),
        (status = 206, description = "The part of it that was asked for", body = File, content_type = "application/json"),
        (status = 304, description = "It is what the caller has"),
        (status = 404, description = "There is no such file", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is another than was asked for", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "It has no such part", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn metadata(State(desk): Shared, request: Request) -> Response {
    // A client asks for the timestamp to learn whether there is something new: no copy on the way will do.
    file(desk.repository.as_deref(), "metadata", "no-cache", request).await
}

/// A target of the repository
///
/// Policies and lists, each under a name that begins with its digest.
#[utoipa::path(
    get, path = "/v1/tuf/targets/{file}", operation_id = "target", tag = "lane",
    params(("file" = String, Path, description = "Name of the file", example = "00.documents.bin")),
    responses(
        (status = 200, description = "The file", body = File, content_type = "application/octet-stream"),
        (status = 206, description = "The part of it that was asked for", body = File, content_type = "application/octet-stream"),
        (status = 304, description = "It is what the caller has"),
        (status = 404, description = "There is no such file", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It is another than was asked for", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "It has no such part", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn target(State(desk): Shared, request: Request) -> Response {
    file(desk.repository.as_deref(), "targets", "no-cache", request).await
}

async fn file(
    folder: Option<&Path>,
    part: &str,
    keep: &'static str,
    mut request: Request,
) -> Response {
    let Some(folder) = folder else {
        return Problem::no_such_place().into_response();
    };
    let prefix = format!("/v1/tuf/{part}");
    let Some(Ok(uri)) = request
        .uri()
        .path()
        .strip_prefix(&prefix)
        .map(str::parse::<Uri>)
    else {
        return Problem::no_such_place().into_response();
    };
    *request.uri_mut() = uri;
    let files = ServeDir::new(folder.join(part)).append_index_html_on_directories(false);
    let mut response = match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    let problem = match response.status() {
        status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
            let kind = match part {
                "metadata" => "application/json",
                _ => "application/octet-stream",
            };
            let headers = response.headers_mut();
            if headers.contains_key(header::CONTENT_TYPE) {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
            return response;
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Problem::no_such_range(),
        StatusCode::PRECONDITION_FAILED => Problem::precondition(),
        status if status.is_server_error() => {
            tracing::error!(%status, "a file of the repository cannot be read");
            Problem::broken()
        }
        _ => Problem::no_such_place(),
    };
    let mut answer = problem.into_response();
    if let Some(range) = response.headers().get(header::CONTENT_RANGE) {
        answer
            .headers_mut()
            .insert(header::CONTENT_RANGE, range.clone());
    }
    answer
}
