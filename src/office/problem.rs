//! Problem details (RFC 9457): what went wrong, for machines by `type` and for people by `title` and `detail`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// One problem. No field ever repeats what was sent, since it may be personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

macro_rules! problems {
    ($($name:ident $status:ident $kind:literal $title:literal)*) => {
        impl Problem {
            $(pub(crate) fn $name() -> Self {
                Self {
                    kind: concat!("urn:sekisho:problem:", $kind),
                    title: $title,
                    status: StatusCode::$status.as_u16(),
                    detail: None,
                }
            })*
        }
    };
}

problems! {
    not_json               UNSUPPORTED_MEDIA_TYPE "not-json"          "The body has to be application/json"
    malformed              BAD_REQUEST            "malformed"         "The body is not a question in format 1"
    invalid                UNPROCESSABLE_ENTITY   "invalid"           "A field of the question has no possible value"
    too_large              PAYLOAD_TOO_LARGE      "too-large"         "The body is larger than any question"
    interrupted            BAD_REQUEST            "interrupted"       "The body ended early"
    conflict               CONFLICT               "another-question"  "Another question has this name"
    busy                   SERVICE_UNAVAILABLE    "busy"              "Too many questions at the same time"
    late                   SERVICE_UNAVAILABLE    "late"              "The question took too long"
    broken                 INTERNAL_SERVER_ERROR  "broken"            "The office cannot answer"
    no_such_place          NOT_FOUND              "no-such-place"     "There is nothing at this address"
    no_such_method         METHOD_NOT_ALLOWED     "no-such-method"    "This address does not serve this method"
}

impl Problem {
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        let mut response = (status, [kind], body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
