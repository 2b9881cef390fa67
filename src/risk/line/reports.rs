//! What the lane tells the office without being asked: records, late disagreements, its health.

use super::client::Client;
use super::error::ClientError;
use super::exchange::LONGEST_ANSWER;
use crate::wire::{DecisionWord, ReasonWords};
use bytes::Bytes;
use evidence::{Decider, Decision, MemberIndex, Verdict};
use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a report may take. Nobody waits for it, and a slow line still gets a batch of records through.
const REPORT: Duration = Duration::from_secs(30);

/// The office's word that records are on its disk: answer to `POST /v1/records`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Whose records.
    pub lane: String,
    /// The highest number up to which the office has every record.
    pub acknowledged: u64,
}

impl Delivery {
    /// The number, if it is one for this lane.
    ///
    /// # Errors
    /// [`ClientError::Unreadable`] or [`ClientError::AnotherLane`].
    pub fn read(answer: &[u8], lane: &str) -> Result<u64, ClientError> {
        let delivery: Self = serde_json::from_slice(answer).map_err(ClientError::Unreadable)?;
        if delivery.lane == lane {
            Ok(delivery.acknowledged)
        } else {
            Err(ClientError::AnotherLane)
        }
    }
}

/// Records on their way: body of `POST /v1/records`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RecordWords<'a> {
    /// Whose records.
    pub lane: &'a str,
    /// The signed records, base64url without padding, without a gap.
    pub records: Vec<String>,
    /// The signed checkpoint over everything up to the last of them.
    pub checkpoint: Option<String>,
}

/// A verdict in words, with who gave it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictWords {
    /// Through, or to an officer.
    pub decision: DecisionWord,
    /// Why.
    pub reasons: Vec<ReasonWords>,
    /// `lane` or `office`.
    pub decided_by: String,
    /// Edition of the policy.
    pub policy: String,
    /// Edition of the lists.
    pub lists: String,
}

impl From<&Verdict> for VerdictWords {
    fn from(verdict: &Verdict) -> Self {
        Self {
            decision: match verdict.decision {
                Decision::Clear => DecisionWord::Clear,
                Decision::Refer => DecisionWord::Refer,
            },
            reasons: verdict
                .reasons
                .iter()
                .map(|reason| ReasonWords {
                    code: reason.code().to_owned(),
                    member: reason.member().map(MemberIndex::get),
                })
                .collect(),
            decided_by: match verdict.decided_by {
                Decider::Lane => "lane".to_owned(),
                Decider::Office => "office".to_owned(),
            },
            policy: verdict.policy.to_string(),
            lists: verdict.lists.to_string(),
        }
    }
}

/// Lane and office judged the same question differently: body of `POST /v1/disagreements`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// The lane.
    pub lane: String,
    /// The question: `lane-3/J42-7`.
    pub question: String,
    /// What the lane decided and acted on.
    pub lane_verdict: VerdictWords,
    /// What the office said too late.
    pub office_verdict: VerdictWords,
}

/// How a lane is; nothing here is about a traveller. Body of `POST /v1/lanes/{lane}/health`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneHealth {
    /// Version of the lane's program.
    pub version: String,
    /// Edition of the policy that it judges by.
    pub policy: String,
    /// Edition of the lists that it judges by.
    pub lists: String,
    /// Their day of issue: `2026-11-23`.
    pub lists_issued: String,
    /// Records that are not delivered yet.
    pub outbox: u64,
    /// In service, draining and so on: 1 to 40 small letters, digits and hyphens, a letter first; so are all words here.
    pub service: String,
    /// What the gate says of itself.
    pub gate: String,
    /// What does not work, at most 20.
    #[serde(default)]
    pub troubles: Vec<String>,
}

impl Client {
    /// Delivers records (`POST /v1/records`); the body is [`RecordWords`]. Gives the number up to which the office has
    /// everything on its disk.
    ///
    /// # Errors
    /// [`ClientError`]; nothing may be taken for delivered then.
    pub async fn deliver(&self, body: impl Into<Bytes>) -> Result<u64, ClientError> {
        let answer = self
            .report(&self.places.records, body.into(), StatusCode::OK)
            .await?;
        Delivery::read(&answer, self.lane().as_str())
    }

    /// Tells of a disagreement (`POST /v1/disagreements`). Telling it twice is telling it once.
    ///
    /// # Errors
    /// [`ClientError`]: the office has not taken it.
    pub async fn report_late(&self, disagreement: &Disagreement) -> Result<(), ClientError> {
        let body = serde_json::to_vec(disagreement).map_err(ClientError::Unwritable)?;
        self.report(
            &self.places.disagreements,
            body.into(),
            StatusCode::NO_CONTENT,
        )
        .await
        .map(drop)
    }

    /// Tells how the lane is (`POST /v1/lanes/lane-3/health`). The last word stays until the next.
    ///
    /// # Errors
    /// [`ClientError`]: the office has not taken it.
    pub async fn report_health(&self, health: &LaneHealth) -> Result<(), ClientError> {
        let body = serde_json::to_vec(health).map_err(ClientError::Unwritable)?;
        self.report(
            &self.places.lane_health,
            body.into(),
            StatusCode::NO_CONTENT,
        )
        .await
        .map(drop)
    }

    async fn report(
        &self,
        place: &Url,
        body: Bytes,
        agreed: StatusCode,
    ) -> Result<Vec<u8>, ClientError> {
        let request = self
            .exchange
            .post(place)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        tokio::time::timeout(REPORT, self.exchange.fetch(request, agreed, LONGEST_ANSWER))
            .await
            .unwrap_or(Err(ClientError::Late(REPORT)))
    }
}
