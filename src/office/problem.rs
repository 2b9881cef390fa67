//! Problem details (RFC 9457): what went wrong, for machines by `type` and for people by `title` and `detail`.

use crate::store::StoreError;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::error::Error;
use utoipa::ToSchema;

/// What went wrong (RFC 9457). No field ever repeats what was sent, since it may be personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:sekisho:problem:invalid", "title": "A field has no possible value", "status": 422,
    "detail": "`question`: lane and number of the question, such as lane-3/J42-7",
}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Problem {
    /// What kind of problem, for machines.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:sekisho:problem:[a-z-]+$")]
    kind: &'static str,
    /// What kind of problem, for people; the same for every problem of a kind.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What about this one: the field and what belongs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// The record number that the office expects next; with kind `gap` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    expected: Option<u64>,
    /// Seconds after which it may be tried again; sent as `Retry-After`.
    #[serde(skip)]
    retry_after: Option<u64>,
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
                    expected: None,
                    retry_after: (StatusCode::$status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
                }
            })*
        }

        /// Every kind with its status and title, for the README and the tests.
        #[cfg(test)]
        pub(crate) const KINDS: &[(&str, u16, &str)] =
            &[$(($kind, StatusCode::$status.as_u16(), $title)),*];
    };
}

problems! {
    malformed              BAD_REQUEST            "malformed"         "The body is not in the agreed form"
    interrupted            BAD_REQUEST            "interrupted"       "The body ended early"
    bad_request            BAD_REQUEST            "bad-request"       "The request is not well formed"
    another_lane           FORBIDDEN              "another-lane"      "The certificate is another lane's"
    retired                FORBIDDEN              "retired"           "The lane was retired"
    not_enrolled           FORBIDDEN              "not-enrolled"      "The lane is not enrolled"
    no_certificate         FORBIDDEN              "no-certificate"    "This takes a lane's certificate"
    no_such_place          NOT_FOUND              "no-such-place"     "There is nothing at this address"
    no_such_method         METHOD_NOT_ALLOWED     "no-such-method"    "This address does not serve this method"
    conflict               CONFLICT               "another-question"  "Another question has this name"
    fork                   CONFLICT               "fork"              "Another record has this number"
    other_history          CONFLICT               "other-history"     "The checkpoint is over other records"
    other_disagreement     CONFLICT               "other-verdicts"    "Other verdicts were told of this question"
    too_large              PAYLOAD_TOO_LARGE      "too-large"         "The body is larger than any that belongs here"
    not_json               UNSUPPORTED_MEDIA_TYPE "not-json"          "The body has to be application/json"
    not_pem                UNSUPPORTED_MEDIA_TYPE "not-pem"           "The body has to be application/x-pem-file"
    no_such_range          RANGE_NOT_SATISFIABLE  "no-such-range"     "The file has no such range"
    precondition           PRECONDITION_FAILED    "precondition"      "The file is another than was asked for"
    invalid                UNPROCESSABLE_ENTITY   "invalid"           "A field has no possible value"
    unsigned               UNPROCESSABLE_ENTITY   "unsigned"          "A signature does not hold"
    gap                    UNPROCESSABLE_ENTITY   "gap"               "A record before these is missing"
    too_many               TOO_MANY_REQUESTS      "too-many"          "This caller asks too often"
    broken                 INTERNAL_SERVER_ERROR  "broken"            "The office cannot answer"
    busy                   SERVICE_UNAVAILABLE    "busy"              "Too many requests at the same time"
    late                   SERVICE_UNAVAILABLE    "late"              "The request took too long"
    issues_nothing         SERVICE_UNAVAILABLE    "issues-nothing"    "This office has no key to issue certificates with"
}

impl Problem {
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    pub(crate) fn expecting(self, seq: u64) -> Self {
        Self {
            expected: Some(seq),
            ..self
        }
    }

    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// A fault of the office's own: told to the log, and not to the caller.
    pub(crate) fn fault(error: &(dyn Error + 'static)) -> Self {
        let mut chain = error.to_string();
        let mut next = error.source();
        while let Some(source) = next {
            chain = format!("{chain}: {source}");
            next = source.source();
        }
        tracing::error!(error = chain, "the office cannot answer");
        Self::broken()
    }

    /// A body that is in no form: serde's own message would repeat what it stumbled over.
    pub(crate) fn no_json(error: &serde_json::Error) -> Self {
        Self::malformed().detail(format!("line {}, column {}", error.line(), error.column()))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Retired => Self::retired(),
            StoreError::NotEnrolled => Self::not_enrolled(),
            StoreError::Open(_)
            | StoreError::Migrate(_)
            | StoreError::Use(_)
            | StoreError::Commit(_)
            | StoreError::Salt(_)
            | StoreError::Thread(_)
            | StoreError::Closed
            | StoreError::Spoilt(_) => Self::fault(&error),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::too_large()
        } else {
            Self::interrupted()
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
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
