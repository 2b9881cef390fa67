//! The office's addresses: `POST /v1/assessments` and `GET /v1/health`.

use crate::config::Limits;
use crate::problem::Problem;
use crate::store::{Outcome, Store, StoreError};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use evidence::{Decider, Verdict};
use risk::wire::{AssessmentRequest, AssessmentResponse};
use risk::{Case, Lists, Policy};
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

/// What requests share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) policy: Policy,
    pub(crate) lists: Lists,
    pub(crate) store: Store,
}

pub(crate) fn router(desk: Arc<Desk>, limits: &Limits) -> Router {
    let gate = Arc::new(Gate {
        places: Semaphore::new(limits.concurrent_requests.min(Semaphore::MAX_PERMITS)),
        longest: Duration::from_millis(limits.request_ms),
    });
    Router::new()
        .route("/v1/assessments", post(assess))
        .route("/v1/health", get(health))
        .method_not_allowed_fallback(|| async { Problem::no_such_method() })
        .fallback(|| async { Problem::no_such_place() })
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(middleware::from_fn_with_state(gate, one_of_a_few))
        .with_state(desk)
}

/// How many requests at a time, and how long each.
struct Gate {
    places: Semaphore,
    longest: Duration,
}

async fn one_of_a_few(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let Ok(_place) = gate.places.try_acquire() else {
        tracing::warn!("too many requests at the same time");
        return Problem::busy().into_response();
    };
    tokio::time::timeout(gate.longest, next.run(request))
        .await
        .unwrap_or_else(|_| {
            tracing::warn!(ms = gate.longest.as_millis(), "a request took too long");
            Problem::late().into_response()
        })
}

async fn assess(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let begun = Instant::now();
    let case = question(&headers, body)?;
    // The question in our own spelling: blanks and the order of fields make no other question.
    let words =
        serde_json::to_vec(&AssessmentRequest::from(&case)).map_err(|error| broken(&error))?;
    let name = case.question_name();
    let outcome = {
        let name = name.clone();
        tokio::task::spawn_blocking(move || desk.answer(&name, &words, &case)).await
    };
    match outcome
        .map_err(|error| broken(&error))?
        .map_err(|error| broken(&error))?
    {
        Outcome::Answered(answer) | Outcome::Repeated(answer) => {
            tracing::info!(question = %name, ms = begun.elapsed().as_millis(), "answered");
            Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
        }
        Outcome::Conflict => {
            tracing::warn!(question = %name, "another question has this name");
            Err(Problem::conflict())
        }
    }
}

impl Desk {
    fn answer(&self, name: &str, words: &[u8], case: &Case) -> Result<Outcome, StoreError> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        self.store.answer_once(name, words, now, || {
            let verdict = risk::assess(case, &self.policy, &self.lists, Decider::Office);
            log(name, &verdict);
            serde_json::to_string(&AssessmentResponse::new(name, &verdict)).unwrap_or_default()
        })
    }
}

fn log(question: &str, verdict: &Verdict) {
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
    tracing::info!(%question, decision = ?verdict.decision, reasons = reasons.join(" "), "assessed");
}

fn question(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Case, Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::not_json());
    }
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large()
        } else {
            Problem::interrupted()
        }
    })?;
    // serde's own message would repeat what it stumbled over.
    let words: AssessmentRequest = serde_json::from_slice(&body).map_err(|error| {
        Problem::malformed().detail(format!("line {}, column {}", error.line(), error.column()))
    })?;
    Case::try_from(&words).map_err(|error| Problem::invalid().detail(error.to_string()))
}

fn broken(error: &(dyn Error + 'static)) -> Problem {
    let mut chain = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        chain = format!("{chain}: {source}");
        next = source.source();
    }
    tracing::error!(error = chain, "the office cannot answer");
    Problem::broken()
}

/// What `GET /v1/health` tells.
#[derive(Serialize)]
struct Health<'a> {
    status: &'static str,
    policy: &'a str,
    lists: &'a str,
    lists_issued: String,
}

async fn health(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let checked = {
        let desk = Arc::clone(&desk);
        tokio::task::spawn_blocking(move || desk.store.check()).await
    };
    checked
        .map_err(|error| broken(&error))?
        .map_err(|error| broken(&error))?;
    let health = Health {
        status: "serving",
        policy: desk.policy.version().as_str(),
        lists: desk.lists.version().as_str(),
        lists_issued: desk.lists.issued().to_string(),
    };
    Ok(axum::Json(health).into_response())
}
