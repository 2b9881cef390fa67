//! `POST /v1/certificates`: a lane renews its certificate.

use super::{Body, Shared, essence};
use crate::authority::{LONGEST_REQUEST, RequestError};
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use time::OffsetDateTime;

const PEM: &str = "application/x-pem-file";

/// Renew a certificate
///
/// A lane that shows a valid certificate gets a new one for the key of its request, under its own name and no other.
#[utoipa::path(
    post, path = "/v1/certificates", operation_id = "renew", tag = "lane",
    request_body(
        content = String, content_type = "application/x-pem-file",
        description = "PKCS #10 request, PEM, signed with the new key; subject and DNS name are the lane's name",
    ),
    responses(
        (status = 200, description = "The certificate and its authority's after it, PEM", body = String, content_type = "application/x-pem-file"),
    )
)]
pub(super) async fn certify(
    State(desk): Shared,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if essence(&headers) != PEM {
        return Err(Problem::not_pem());
    }
    let body = body?;
    if body.len() > LONGEST_REQUEST {
        return Err(Problem::too_large());
    }
    let Caller::Lane(lane) = caller else {
        return Err(Problem::no_certificate());
    };
    desk.store.admits(&lane).await?;
    let no_request = || Problem::malformed().detail(RequestError::NoRequest.to_string());
    let request = std::str::from_utf8(&body).map_err(|_| no_request())?;
    let chain = match &*desk.authority.load() {
        None => None,
        Some(authority) => authority
            .certify(&lane, request, OffsetDateTime::now_utc(), desk.lifetime)
            .map_err(|error| match error {
                RequestError::NoRequest => no_request(),
                RequestError::NotPossessed => Problem::unsigned(),
                RequestError::AnotherName => {
                    tracing::warn!(%lane, "asks for another lane's certificate");
                    Problem::another_lane().detail(error.to_string())
                }
                RequestError::KeyKind => Problem::invalid().detail(error.to_string()),
                RequestError::Sign(source) => Problem::fault(&source),
            })?,
    };
    let chain = chain.ok_or_else(|| Problem::issues_nothing().retry_after(3_600))?;
    tracing::info!(%lane, "certificate renewed");
    desk.gauges.certified();
    Ok(([(header::CONTENT_TYPE, PEM)], chain).into_response())
}
