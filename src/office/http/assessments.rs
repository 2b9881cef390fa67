//! `POST /v1/assessments`: a lane's question, answered once.

use super::{Body, Desk, Shared, json, now, spoken_for, words};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::store::Outcome;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use evidence::{Decider, Decision, Verdict};
use risk::Case;
use risk::wire::{AssessmentRequest, AssessmentResponse};
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

/// Ask about a party
///
/// A question is answered once: the same body again, byte for byte or spelt otherwise, gets the stored answer.
#[utoipa::path(
    post, path = "/v1/assessments", operation_id = "assess", tag = "lane",
    request_body(content = words::Question, description = "The question; its name begins with the lane's"),
    responses(
        (status = 200, description = "The verdict", body = words::Answer),
        (status = 409, description = "Another question has this name", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn assess(
    State(desk): Shared,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let begun = Instant::now();
    let question: AssessmentRequest = json(&headers, body)?;
    let case =
        Case::try_from(&question).map_err(|error| Problem::invalid().detail(error.to_string()))?;
    let lane = spoken_for(&caller, case.lane.as_str())?;
    let name = case.question_name();
    // The question in our own spelling: blanks and the order of fields make no other question.
    let words = serde_json::to_vec(&AssessmentRequest::from(&case))
        .map(Zeroizing::new)
        .map_err(|error| Problem::fault(&error))?;
    // A search through long lists of names must not keep other lanes' lines waiting.
    let (verdict, answer) = {
        let _core = desk
            .cores
            .acquire()
            .await
            .map_err(|error| Problem::fault(&error))?;
        let (desk, name) = (Arc::clone(&desk), name.clone());
        tokio::task::spawn_blocking(move || desk.judge(&name, &case))
            .await
            .map_err(|error| Problem::fault(&error))??
    };
    let outcome = desk
        .store
        .answer_once(&lane, &name, words, now(), answer)
        .await?;
    let answer = match outcome {
        Outcome::Answered(answer) => {
            desk.note(&name, &verdict);
            answer
        }
        Outcome::Repeated(answer) => answer,
        Outcome::Conflict => {
            tracing::warn!(question = %name, "another question has this name");
            return Err(Problem::conflict());
        }
    };
    tracing::info!(question = %name, ms = begun.elapsed().as_millis(), "answered");
    Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
}

impl Desk {
    fn judge(&self, name: &str, case: &Case) -> Result<(Verdict, String), Problem> {
        let edition = self.edition.load();
        let verdict = risk::assess(case, &edition.policy, &edition.lists, Decider::Office);
        let answer = serde_json::to_string(&AssessmentResponse::new(name, &verdict))
            .map_err(|error| Problem::fault(&error))?;
        Ok((verdict, answer))
    }

    fn note(&self, question: &str, verdict: &Verdict) {
        let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
        tracing::info!(%question, decision = ?verdict.decision, reasons = reasons.join(" "), "assessed");
        self.gauges.assessed(match verdict.decision {
            Decision::Clear => "clear",
            Decision::Refer => "refer",
        });
    }
}
