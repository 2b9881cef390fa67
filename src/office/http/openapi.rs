//! `GET /v1/openapi.json`: what is promised above, for machines (OpenAPI 3.1).

use super::addresses;
use crate::config::Limits;
use crate::problem::Problem;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::OnceLock;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, Ref, RefOr,
    Response as Described, ResponseBuilder, Type,
};
use utoipa::{PartialSchema as _, ToSchema as _};

/// The office's addresses as an OpenAPI 3.1 document in JSON, byte for byte as it is served.
#[must_use]
pub fn openapi() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let text = document().to_pretty_json().unwrap_or_default();
        // The registry of formats has `uint32`, which utoipa 6.0 spells `u-int32`.
        format!("{}\n", text.replace("\"u-int", "\"uint"))
    })
}

/// This document
#[utoipa::path(
    get, path = "/v1/openapi.json", operation_id = "describe", tag = "operator",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
pub(super) async fn describe() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

fn document() -> OpenApi {
    let (_, mut api) = addresses(&Limits::default()).split_for_parts();
    api.info = InfoBuilder::new()
        .title("Sekisho office")
        .version("1")
        .description(Some(
            "What lanes ask of the customs office and tell it, over TLS with certificates on both sides. \
             Whatever goes wrong is told as problem details (RFC 9457), which never repeat what was sent.",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("GPL-3.0-or-later")
                .identifier(Some("GPL-3.0-or-later"))
                .build(),
        ))
        .build();
    api.tags = Some(vec![
        TagBuilder::new()
            .name("lane")
            .description(Some("What lanes use"))
            .build(),
        TagBuilder::new()
            .name("operator")
            .description(Some("What operators look at"))
            .build(),
    ]);
    if let Some(components) = &mut api.components {
        components
            .schemas
            .insert(Problem::name().into_owned(), Problem::schema());
    }
    for path in api.paths.paths.values_mut() {
        let with_body = path.post.is_some();
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            for (status, description, body_only) in EVERYWHERE {
                if with_body || !body_only {
                    responses
                        .entry((*status).to_owned())
                        .or_insert_with(|| RefOr::T(trouble(status, description)));
                }
            }
        }
    }
    api
}

/// What every address may answer; whether only those that take a body.
const EVERYWHERE: &[(&str, &str, bool)] = &[
    (
        "400",
        "The body or the request is not in the agreed form",
        true,
    ),
    (
        "403",
        "The certificate is another lane's, the lane was retired, or it is not enrolled",
        true,
    ),
    ("413", "The body is larger than any that belongs here", true),
    ("415", "The body is of another media type", true),
    (
        "422",
        "A field has no possible value, or a signature does not hold",
        true,
    ),
    ("405", "This address does not serve this method", false),
    ("429", "The caller asks too often", false),
    ("500", "The office cannot answer", false),
    (
        "503",
        "Too many requests at the same time, or this one took too long: the lane decides alone",
        false,
    ),
];

fn trouble(status: &str, description: &str) -> Described {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build();
    let answer = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    if matches!(status, "429" | "503") {
        let seconds = HeaderBuilder::new()
            .schema(Some(
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(1)),
            ))
            .description(Some("Seconds after which it may be tried again"))
            .build();
        answer.header("Retry-After", seconds).build()
    } else {
        answer.build()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_document_that_is_checked_in_is_the_one_that_is_served() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let served = openapi();
        if std::fs::read_to_string(kept).unwrap_or_default() != served {
            let fresh = std::env::temp_dir().join("office-openapi.json");
            std::fs::write(&fresh, served).unwrap();
            panic!(
                "src/office/openapi.json is out of date: copy {}",
                fresh.display()
            );
        }
    }

    #[test]
    fn every_kind_of_problem_has_a_documented_status() {
        let api = document();
        for (kind, status, title) in crate::problem::KINDS {
            assert!(!title.is_empty());
            let documented = api.paths.paths.values().any(|path| {
                [&path.get, &path.post]
                    .into_iter()
                    .flatten()
                    .any(|operation| {
                        operation
                            .responses
                            .responses
                            .contains_key(&status.to_string())
                    })
            });
            assert!(documented, "{kind} {status}");
        }
    }
}
