//! The words between lane and office (JSON), version 2. Unknown fields are refused on both sides; nothing of a text that
//! is refused is repeated, since it may be personal.

mod convert;
mod grounds;
mod hidden;

pub use grounds::{FactWords, FeatureWord, GroundWords, MeasureWord, ToldWords};
pub use hidden::Hidden;

use crate::case::{Case, LaneName, Shown, Traveller};
use crate::digest::birth_text;
use evidence::{
    Airport, Answer, Answers, BirthDate, Content, Date, Decider, Decision, DocumentKind,
    DocumentNumber, Flight, GoodsKind, GoodsLine, Ground, JourneyId, MemberIndex, Name, QuestionId,
    Reason, Sensitive, Spirits, StateCode, Verdict, Version,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroU16;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// The version of these words.
pub const FORMAT: u8 = 2;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A question: body of `POST /v1/assessments`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentRequest {
    /// [`FORMAT`].
    pub format: u8,
    /// Lane and number of the question: `lane-3/J42-7`. The same question always has the same body.
    pub question: String,
    /// Day at the lane: `2026-11-23`.
    pub on: String,
    /// The party, 1 to 10, the declarant first.
    pub travellers: Vec<TravellerWords>,
    /// The answers of form C-5360.
    pub answers: AnswerWords,
    /// The declared goods, at most 20 lines.
    pub goods: Vec<GoodsWords>,
    /// The declared flight: `JL61`.
    pub flight: String,
    /// The airport where it departed: `HEL`.
    pub departure: String,
}

/// One traveller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravellerWords {
    /// Three letters of the state that issued the document.
    pub state: Hidden,
    /// Document number, A to Z and 0 to 9.
    pub number: Hidden,
    /// Primary identifier as in the machine-readable zone.
    pub primary: Hidden,
    /// Secondary identifier; may be empty.
    pub secondary: Hidden,
    /// Birth date: `19740812`, unknown parts `<<`.
    pub birth: Hidden,
    /// Three letters of the nationality.
    pub nationality: Hidden,
    /// What else the document says; missing where none was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentWords>,
}

/// A document that was shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentWords {
    /// The sort of document.
    pub kind: DocumentWord,
    /// Last day on which it is valid: `2031-01-01`.
    pub expiry: Hidden,
    /// Whether its name fills the machine-readable zone.
    pub name_truncated: bool,
}

/// The sort of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of evidence::DocumentKind")]
pub enum DocumentWord {
    Passport,
    IdentityCard,
    Visa,
    Other,
}

/// The answers: true is yes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerWords {
    /// Question 1 (1).
    pub prohibited: bool,
    /// Question 1 (2).
    pub gold: bool,
    /// Question 1 (3).
    pub over_allowance: bool,
    /// Question 1 (4).
    pub commercial: bool,
    /// Question 1 (5).
    pub for_others: bool,
    /// Question 2.
    pub cash_over_limit: bool,
    /// Question 3: pieces; 0 is no.
    pub unaccompanied_pieces: u16,
}

/// One line of goods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoodsWords {
    /// What it is.
    pub kind: KindWord,
    /// In the kind's unit: millilitres, pieces, grams or tenths of an ounce.
    pub quantity: u32,
    /// Bottles, packs or boxes.
    pub packages: u16,
    /// Overseas retail price of the line, yen.
    pub value_yen: u32,
    /// As declared, at most 40 characters.
    pub name: Hidden,
    /// Member whose it is, 0 to 9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<u8>,
}

/// The kind of a line of goods.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(
    missing_docs,
    reason = "the names are those of evidence::GoodsKind and evidence::Spirits"
)]
pub enum KindWord {
    WineOrBeer,
    WhiskyOrBrandy,
    RumGinOrVodka,
    Liqueur,
    OtherDistilled,
    Cigarettes,
    HeatedTobacco,
    Cigars,
    OtherTobacco,
    Perfume,
    Watch,
    Other,
}

/// A verdict: body of the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentResponse {
    /// [`FORMAT`].
    pub format: u8,
    /// The question that this answers.
    pub question: String,
    /// Through, or to an officer.
    pub decision: DecisionWord,
    /// Why; none exactly when the decision is `clear`.
    pub reasons: Vec<ReasonWords>,
    /// Edition of the policy.
    pub policy: String,
    /// Edition of the lists.
    pub lists: String,
    /// The rules behind the reasons.
    pub grounds: Vec<GroundWords>,
    /// The promise of the key by which the day's travellers are drawn, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<String>,
}

/// The decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionWord {
    /// Through the gate.
    Clear,
    /// To an officer.
    Refer,
}

/// One reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonWords {
    /// [`Reason::code`].
    pub code: String,
    /// The member whom it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<u8>,
}

/// Why a question in JSON is none. Names the field, never its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{field}`: {cure}")]
pub struct QuestionError {
    /// The field.
    pub field: &'static str,
    /// What belongs there.
    pub cure: &'static str,
}

/// Why an answer in JSON is none to the question.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AnswerError {
    /// Another version of the words.
    #[error("the answer is in format {0}, not {FORMAT}")]
    Format(u8),
    /// An answer to another question. A verdict on somebody else must never be used.
    #[error("the answer is not to the question that was asked")]
    AnotherQuestion,
    /// `clear` with reasons, `refer` without, or reasons that are not those of the rules.
    #[error("decision and reasons contradict each other")]
    Contradiction,
    /// A reason that the lane does not know.
    #[error("a reason is unknown")]
    Reason,
    /// No name of an edition.
    #[error("`{0}` is no name of an edition")]
    Edition(&'static str),
    /// A rule or what it saw is none.
    #[error("a ground is none that this lane understands")]
    Ground,
    /// No promise.
    #[error("`draw` is no promise")]
    Draw,
}

impl AssessmentResponse {
    /// Puts the office's verdict on a question into words.
    #[must_use]
    pub fn new(question: &str, verdict: &Verdict) -> Self {
        Self {
            format: FORMAT,
            question: question.to_owned(),
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
            policy: verdict.policy.to_string(),
            lists: verdict.lists.to_string(),
            grounds: verdict.grounds.iter().map(GroundWords::from).collect(),
            draw: verdict.draw.map(|draw| draw.to_string()),
        }
    }

    /// The verdict, if it is one on the question that was asked.
    ///
    /// # Errors
    /// [`AnswerError`] tells what cannot be used.
    pub fn verdict_on(self, asked: &str) -> Result<Verdict, AnswerError> {
        if self.format != FORMAT {
            return Err(AnswerError::Format(self.format));
        }
        if self.question != asked {
            return Err(AnswerError::AnotherQuestion);
        }
        let reasons: Vec<Reason> = self
            .reasons
            .iter()
            .map(|words| {
                let member = match words.member {
                    None => None,
                    Some(index) => Some(MemberIndex::new(index).ok_or(AnswerError::Reason)?),
                };
                Reason::parse(&words.code, member).ok_or(AnswerError::Reason)
            })
            .collect::<Result<_, _>>()?;
        let decision = match self.decision {
            DecisionWord::Clear if reasons.is_empty() => Decision::Clear,
            DecisionWord::Refer if !reasons.is_empty() => Decision::Refer,
            DecisionWord::Clear | DecisionWord::Refer => return Err(AnswerError::Contradiction),
        };
        let grounds: Vec<Ground> = self
            .grounds
            .iter()
            .map(|words| words.read().ok_or(AnswerError::Ground))
            .collect::<Result<_, _>>()?;
        let spoken: BTreeSet<Reason> = grounds.iter().map(|ground| ground.reason).collect();
        if spoken != reasons.iter().copied().collect() {
            return Err(AnswerError::Contradiction);
        }
        let draw = match &self.draw {
            Some(digits) => Some(grounds::promise_of(digits).ok_or(AnswerError::Draw)?),
            None => None,
        };
        Ok(Verdict {
            decision,
            reasons,
            decided_by: Decider::Office,
            policy: Version::parse(&self.policy).ok_or(AnswerError::Edition("policy"))?,
            lists: Version::parse(&self.lists).ok_or(AnswerError::Edition("lists"))?,
            grounds,
            draw,
        })
    }
}
