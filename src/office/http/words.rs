//! The words of the office's addresses, with what may stand in each field. Questions and answers are read by
//! `risk::wire`; here they are only described.

mod assessment;

pub(crate) use assessment::{Answer, Question};

use risk::LaneName;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Through the gate, or to an officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decision {
    Clear,
    Refer,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Its code.
    #[schema(pattern = "^[A-Z]-[0-9]{3}$")]
    pub(crate) code: String,
    /// The member of the party whom it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9)]
    pub(crate) member: Option<u8>,
}

/// Who judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Judge {
    Lane,
    Office,
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    pub(crate) decision: Decision,
    /// Why; none exactly when the decision is `clear`.
    #[schema(max_items = 64)]
    pub(crate) reasons: Vec<Reason>,
    pub(crate) decided_by: Judge,
    /// Edition of the policy.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub(crate) policy: String,
    /// Edition of the lists.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub(crate) lists: String,
}

/// A lane judged alone, and the office otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lane": "lane-3", "question": "lane-3/J42-7",
    "lane_verdict": {"decision": "clear", "reasons": [], "decided_by": "lane", "policy": "2026-11", "lists": "lists-1"},
    "office_verdict": {"decision": "refer", "reasons": [{"code": "R-202", "member": 0}], "decided_by": "office", "policy": "2026-11", "lists": "lists-2"},
}))]
pub(crate) struct Disagreement {
    /// The lane.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,32}$")]
    pub(crate) lane: String,
    /// The question.
    #[schema(pattern = r"^[A-Za-z0-9._-]{1,32}/J(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,8})$")]
    pub(crate) question: String,
    /// What the lane decided and acted on.
    pub(crate) lane_verdict: Verdict,
    /// What the office said too late.
    pub(crate) office_verdict: Verdict,
}

/// Whether this is a question's name, and of this lane.
pub(crate) fn is_question_of(question: &str, lane: &str) -> bool {
    let plain = |number: &str| {
        number
            .parse::<u64>()
            .is_ok_and(|value| value.to_string() == number)
    };
    question
        .strip_prefix(lane)
        .and_then(|rest| rest.strip_prefix("/J"))
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(journey, serial)| plain(journey) && plain(serial))
        && LaneName::parse(lane).is_some()
}

/// Signed records of a lane, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lane": "lane-3", "records": [], "checkpoint": null}))]
pub(crate) struct Records {
    /// The lane.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,32}$")]
    pub(crate) lane: String,
    /// COSE_Sign1 (RFC 9052) of the lane's Ed25519 key, base64url without padding.
    #[schema(max_items = 1000, format = "base64url", pattern = "^[A-Za-z0-9_-]*$")]
    pub(crate) records: Vec<String>,
    /// The lane's signed word on its records up to the last of these (C2SP tlog-checkpoint), base64url without padding.
    #[schema(format = "base64url", pattern = "^[A-Za-z0-9_-]*$")]
    pub(crate) checkpoint: Option<String>,
}

/// What of a lane's records is on the office's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledged {
    /// The lane.
    pub(crate) lane: String,
    /// Highest number up to which the office has every record.
    pub(crate) acknowledged: u64,
}

/// How a lane is. Nothing here is about a traveller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": "0.4.0", "policy": "2026-11", "lists": "lists-1", "lists_issued": "2026-11-23", "outbox": 0,
    "service": "in-service", "gate": "shut", "troubles": ["printer"],
}))]
pub(crate) struct LaneHealth {
    /// Version of the lane's program.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub(crate) version: String,
    /// Edition of the policy that it judges by.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub(crate) policy: String,
    /// Edition of the lists that it judges by.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub(crate) lists: String,
    /// Their day of issue.
    #[schema(format = Date, pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub(crate) lists_issued: String,
    /// Records that are not delivered yet.
    #[schema(maximum = 4_294_967_295_u32)]
    pub(crate) outbox: u32,
    /// In service, draining and so on, as the lane calls it.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,39}$")]
    pub(crate) service: String,
    /// What the gate says of itself.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,39}$")]
    pub(crate) gate: String,
    /// What does not work.
    #[serde(default)]
    #[schema(max_items = 20, pattern = "^[a-z][a-z0-9-]{0,39}$")]
    pub(crate) troubles: Vec<String>,
}

impl LaneHealth {
    /// Only words of a fixed alphabet and a fixed length: nobody writes a name into one by mistake.
    pub(crate) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        const EDITION: &str = "1 to 40 visible characters without spaces";
        const WORD: &str = "1 to 40 small letters, digits and hyphens, a letter first";
        for (field, value) in [
            ("version", &self.version),
            ("policy", &self.policy),
            ("lists", &self.lists),
        ] {
            if !(1..=40).contains(&value.len())
                || !value.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err((field, EDITION));
            }
        }
        if time::Date::parse(&self.lists_issued, DAY).is_err() {
            return Err(("lists_issued", "a day such as 2026-11-23"));
        }
        let troubles = self.troubles.iter().map(|trouble| ("troubles", trouble));
        let words = [("service", &self.service), ("gate", &self.gate)];
        if self.troubles.len() > 20 {
            return Err(("troubles", "at most 20"));
        }
        match words
            .into_iter()
            .chain(troubles)
            .find(|(_, word)| !is_word(word))
        {
            None => Ok(()),
            Some((field, _)) => Err((field, WORD)),
        }
    }
}

const DAY: &[time::format_description::BorrowedFormatItem<'_>] =
    time::macros::format_description!("[year]-[month]-[day]");

fn is_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.len() <= 40
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A lane, as the office knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lane {
    /// Its name.
    pub(crate) lane: String,
    /// When it was enrolled; null for one that only reports.
    #[schema(format = DateTime)]
    pub(crate) enrolled: Option<String>,
    /// When it was retired.
    #[schema(format = DateTime)]
    pub(crate) retired: Option<String>,
    /// Highest number up to which all its records are here.
    pub(crate) records: u64,
    /// How often it showed a second history; above 0 somebody has to look.
    pub(crate) forks: u64,
    /// When it last reported.
    #[schema(format = DateTime)]
    pub(crate) seen: Option<String>,
    /// What it last reported.
    pub(crate) health: Option<LaneHealth>,
}

/// All lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lanes {
    /// By name.
    pub(crate) lanes: Vec<Lane>,
}

/// A file; its kind is said by its media type.
pub(crate) struct File;

impl ToSchema for File {}

impl PartialSchema for File {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .content_media_type("application/octet-stream")
            .into()
    }
}

/// How the office is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficeHealth {
    /// `serving`; an office that does not serve answers otherwise.
    #[schema(pattern = "^serving$")]
    pub(crate) status: &'static str,
    /// Edition of the policy.
    pub(crate) policy: String,
    /// Edition of the lists.
    pub(crate) lists: String,
    /// Their day of issue.
    #[schema(format = Date)]
    pub(crate) lists_issued: String,
}
