//! The words between lane and office (JSON), version 1. Unknown fields are refused on both sides; nothing of a text that
//! is refused is repeated, since it may be personal.

use crate::case::{Case, LaneName, Traveller};
use crate::digest::birth_text;
use evidence::{
    Answer, Answers, BirthDate, Content, Date, Decider, Decision, DocumentNumber, GoodsKind,
    GoodsLine, JourneyId, MemberIndex, Name, QuestionId, Reason, Sensitive, Spirits, StateCode,
    Verdict, Version,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU16;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use zeroize::Zeroize;

/// The version of these words.
pub const FORMAT: u8 = 1;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A personal text on its way: its `Debug` hides it, and it is overwritten when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

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
    /// `clear` with reasons, or `refer` without.
    #[error("decision and reasons contradict each other")]
    Contradiction,
    /// A reason that the lane does not know.
    #[error("a reason is unknown")]
    Reason,
    /// No name of an edition.
    #[error("`{0}` is no name of an edition")]
    Edition(&'static str),
}

impl From<&Case> for AssessmentRequest {
    fn from(case: &Case) -> Self {
        Self {
            format: FORMAT,
            question: case.question_name(),
            on: case.on.format(DAY).unwrap_or_default(),
            travellers: case.travellers.iter().map(TravellerWords::from).collect(),
            answers: AnswerWords::from(&case.answers),
            goods: case.goods.iter().map(GoodsWords::from).collect(),
        }
    }
}

impl From<&Traveller> for TravellerWords {
    fn from(traveller: &Traveller) -> Self {
        Self {
            state: Hidden::new(traveller.state.as_str()),
            number: Hidden::new(traveller.number.expose().as_str()),
            primary: Hidden::new(traveller.name.expose().primary()),
            secondary: Hidden::new(traveller.name.expose().secondary()),
            birth: Hidden(birth_text(traveller.birth.expose())),
        }
    }
}

impl From<&Answers> for AnswerWords {
    fn from(answers: &Answers) -> Self {
        Self {
            prohibited: answers.prohibited.is_yes(),
            gold: answers.gold.is_yes(),
            over_allowance: answers.over_allowance.is_yes(),
            commercial: answers.commercial.is_yes(),
            for_others: answers.for_others.is_yes(),
            cash_over_limit: answers.cash_over_limit.is_yes(),
            unaccompanied_pieces: answers.unaccompanied.map_or(0, NonZeroU16::get),
        }
    }
}

impl From<&GoodsLine> for GoodsWords {
    fn from(line: &GoodsLine) -> Self {
        Self {
            kind: KindWord::from(line.kind),
            quantity: line.quantity,
            packages: line.packages,
            value_yen: line.value_yen,
            name: Hidden::new(line.name.expose()),
            owner: line.owner.map(MemberIndex::get),
        }
    }
}

impl From<GoodsKind> for KindWord {
    fn from(kind: GoodsKind) -> Self {
        match kind {
            GoodsKind::WineOrBeer => Self::WineOrBeer,
            GoodsKind::Spirits(Spirits::WhiskyOrBrandy) => Self::WhiskyOrBrandy,
            GoodsKind::Spirits(Spirits::RumGinOrVodka) => Self::RumGinOrVodka,
            GoodsKind::Spirits(Spirits::Liqueur) => Self::Liqueur,
            GoodsKind::Spirits(Spirits::OtherDistilled) => Self::OtherDistilled,
            GoodsKind::Cigarettes => Self::Cigarettes,
            GoodsKind::HeatedTobacco => Self::HeatedTobacco,
            GoodsKind::Cigars => Self::Cigars,
            GoodsKind::OtherTobacco => Self::OtherTobacco,
            GoodsKind::Perfume => Self::Perfume,
            GoodsKind::Watch => Self::Watch,
            GoodsKind::Other => Self::Other,
        }
    }
}

impl From<KindWord> for GoodsKind {
    fn from(kind: KindWord) -> Self {
        match kind {
            KindWord::WineOrBeer => Self::WineOrBeer,
            KindWord::WhiskyOrBrandy => Self::Spirits(Spirits::WhiskyOrBrandy),
            KindWord::RumGinOrVodka => Self::Spirits(Spirits::RumGinOrVodka),
            KindWord::Liqueur => Self::Spirits(Spirits::Liqueur),
            KindWord::OtherDistilled => Self::Spirits(Spirits::OtherDistilled),
            KindWord::Cigarettes => Self::Cigarettes,
            KindWord::HeatedTobacco => Self::HeatedTobacco,
            KindWord::Cigars => Self::Cigars,
            KindWord::OtherTobacco => Self::OtherTobacco,
            KindWord::Perfume => Self::Perfume,
            KindWord::Watch => Self::Watch,
            KindWord::Other => Self::Other,
        }
    }
}

impl TryFrom<&AssessmentRequest> for Case {
    type Error = QuestionError;

    fn try_from(words: &AssessmentRequest) -> Result<Self, QuestionError> {
        let wrong = |field, cure| QuestionError { field, cure };
        if words.format != FORMAT {
            return Err(wrong("format", "this office understands format 1"));
        }
        let (lane, id) = question_of(&words.question).ok_or_else(|| {
            wrong(
                "question",
                "lane and number of the question, such as lane-3/J42-7",
            )
        })?;
        let on =
            Date::parse(&words.on, DAY).map_err(|_| wrong("on", "a day such as 2026-11-23"))?;
        if !(1..=Content::LARGEST_PARTY).contains(&words.travellers.len()) {
            return Err(wrong("travellers", "a party has 1 to 10 travellers"));
        }
        if words.goods.len() > Content::MOST_GOODS {
            return Err(wrong("goods", "there are at most 20 lines"));
        }
        let party = words.travellers.len();
        Ok(Self {
            lane,
            id,
            on,
            travellers: words
                .travellers
                .iter()
                .map(traveller_of)
                .collect::<Result<_, _>>()?,
            answers: answers_of(&words.answers),
            goods: words
                .goods
                .iter()
                .map(|line| goods_of(line, party))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn question_of(text: &str) -> Option<(LaneName, QuestionId)> {
    let (lane, number) = text.split_once('/')?;
    let (journey, serial) = number.strip_prefix('J')?.split_once('-')?;
    let id = QuestionId {
        journey: JourneyId::new(journey.parse().ok()?),
        serial: serial.parse().ok()?,
    };
    // Only the one right spelling: no plus signs, no leading noughts.
    (id.to_string() == number).then_some((LaneName::parse(lane)?, id))
}

fn traveller_of(words: &TravellerWords) -> Result<Traveller, QuestionError> {
    let wrong = |field, cure| QuestionError { field, cure };
    let state = StateCode::parse(&words.state.0).ok_or_else(|| {
        wrong(
            "travellers.state",
            "a three-letter code of ICAO Doc 9303-3 section 5",
        )
    })?;
    let number = DocumentNumber::parse(&words.number.0).map_err(|_| {
        wrong(
            "travellers.number",
            "1 to 24 characters of A to Z and 0 to 9",
        )
    })?;
    let name = Name::new(&words.primary.0, &words.secondary.0).map_err(|_| {
        wrong(
            "travellers.primary",
            "names are words of A to Z, as in the machine-readable zone",
        )
    })?;
    let birth = birth_of(&words.birth.0).ok_or_else(|| {
        wrong(
            "travellers.birth",
            "a day such as 19740812; unknown parts are <<",
        )
    })?;
    Ok(Traveller {
        state,
        number: Sensitive::new(number),
        name: Sensitive::new(name),
        birth: Sensitive::new(birth),
    })
}

fn birth_of(text: &str) -> Option<BirthDate> {
    let part = |range: std::ops::Range<usize>| -> Option<Option<u8>> {
        match text.get(range)? {
            "<<" => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().map(Some)
            }
            _ => None,
        }
    };
    let year = text
        .get(0..4)
        .filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    if text.len() != 8 {
        return None;
    }
    BirthDate::new(year.parse().ok()?, part(4..6)?, part(6..8)?).ok()
}

fn answers_of(words: &AnswerWords) -> Answers {
    let answer = |yes| if yes { Answer::Yes } else { Answer::No };
    Answers {
        prohibited: answer(words.prohibited),
        gold: answer(words.gold),
        over_allowance: answer(words.over_allowance),
        commercial: answer(words.commercial),
        for_others: answer(words.for_others),
        cash_over_limit: answer(words.cash_over_limit),
        unaccompanied: NonZeroU16::new(words.unaccompanied_pieces),
    }
}

fn goods_of(words: &GoodsWords, party: usize) -> Result<GoodsLine, QuestionError> {
    let wrong = |field, cure| QuestionError { field, cure };
    let name = &words.name.0;
    if !(1..=GoodsLine::LONGEST_NAME).contains(&name.chars().count())
        || name.chars().any(char::is_control)
    {
        return Err(wrong(
            "goods.name",
            "1 to 40 characters, none of them a control character",
        ));
    }
    if words.quantity == 0 || words.packages == 0 {
        return Err(wrong(
            "goods.quantity",
            "quantity and packages are at least 1",
        ));
    }
    let owner = match words.owner {
        None => None,
        Some(owner) => Some(
            MemberIndex::new(owner)
                .filter(|owner| owner.position() < party)
                .ok_or_else(|| wrong("goods.owner", "a member of the party, counted from 0"))?,
        ),
    };
    Ok(GoodsLine {
        kind: words.kind.into(),
        quantity: words.quantity,
        packages: words.packages,
        value_yen: words.value_yen,
        name: Sensitive::new(name.clone()),
        owner,
    })
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
        Ok(Verdict {
            decision,
            reasons,
            decided_by: Decider::Office,
            policy: Version::parse(&self.policy).ok_or(AnswerError::Edition("policy"))?,
            lists: Version::parse(&self.lists).ok_or(AnswerError::Edition("lists"))?,
        })
    }
}
