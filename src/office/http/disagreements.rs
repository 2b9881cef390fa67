//! `POST /v1/disagreements`: a lane judged alone, and the office's verdict came late and was another.

use super::{Body, Shared, json, now, spoken_for, words};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::store::Noted;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use evidence::{MemberIndex, Version};

/// Tell of a disagreement
///
/// What the lane decided alone and what the office said too late. Telling it twice is telling it once.
#[utoipa::path(
    post, path = "/v1/disagreements", operation_id = "disagree", tag = "lane",
    request_body = words::Disagreement,
    responses(
        (status = 204, description = "Kept"),
        (status = 409, description = "Other verdicts were told of this question", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn disagree(
    State(desk): Shared,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let told: words::Disagreement = json(&headers, body)?;
    let lane = spoken_for(&caller, &told.lane)?;
    told.check()
        .map_err(|(field, cure)| Problem::invalid().detail(format!("`{field}`: {cure}")))?;
    let said = serde_json::to_string(&[&told.lane_verdict, &told.office_verdict])
        .map_err(|error| Problem::fault(&error))?;
    match desk
        .store
        .disagree(&lane, &told.question, said, now())
        .await?
    {
        Noted::New => {
            tracing::warn!(question = %told.question, "lane and office disagree");
            desk.gauges.disagreed();
        }
        Noted::Again => {}
        Noted::Otherwise => return Err(Problem::other_disagreement()),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// More reasons than a verdict on ten travellers can have.
const MOST_REASONS: usize = 64;

type Wrong = (&'static str, &'static str);

impl words::Disagreement {
    /// Only words that stand for nothing personal are kept.
    fn check(&self) -> Result<(), Wrong> {
        if !words::is_question_of(&self.question, &self.lane) {
            return Err((
                "question",
                "this lane's name and the question's number, such as lane-3/J42-7",
            ));
        }
        self.lane_verdict.check("lane_verdict")?;
        self.office_verdict.check("office_verdict")
    }
}

impl words::Verdict {
    fn check(&self, field: &'static str) -> Result<(), Wrong> {
        // Not only the codes that this office knows: a lane may be newer.
        let coded = self.reasons.iter().all(|reason| {
            let code = reason.code.as_bytes();
            let member = reason.member.is_none_or(|member| MemberIndex::new(member).is_some());
            matches!(code, [b'A'..=b'Z', b'-', digits @ ..] if digits.len() == 3 && digits.iter().all(u8::is_ascii_digit))
                && member
        });
        if !coded || self.reasons.len() > MOST_REASONS {
            return Err((
                field,
                "the reasons have to be codes such as R-202, with a member from 0 to 9",
            ));
        }
        if (self.decision == words::Decision::Clear) != self.reasons.is_empty() {
            return Err((field, "`clear` has no reasons, and `refer` has some"));
        }
        let editions = [&self.policy, &self.lists];
        if editions
            .iter()
            .any(|edition| Version::parse(edition).is_none())
        {
            return Err((
                field,
                "policy and lists are names of editions: 1 to 40 visible characters",
            ));
        }
        Ok(())
    }
}
