//! Questions and answers as `risk::wire` reads and writes them, described for machines. Nobody makes one of these.
#![allow(
    dead_code,
    reason = "their fields are names and limits in the document, and not read"
)]

use super::{Decision, Reason};
use serde::Deserialize;
use utoipa::ToSchema;

/// A question about a party, format 2.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "format": 2, "question": "lane-3/J42-7", "on": "2026-11-23",
    "travellers": [{
        "state": "UTO", "number": "L898902C3", "primary": "ERIKSSON", "secondary": "ANNA MARIA", "birth": "19740812",
        "nationality": "UTO", "document": {"kind": "passport", "expiry": "2031-01-01", "name_truncated": false},
    }],
    "answers": {"prohibited": false, "gold": false, "over_allowance": false, "commercial": false, "for_others": false, "cash_over_limit": false, "unaccompanied_pieces": 0},
    "goods": [{"kind": "perfume", "quantity": 3, "packages": 1, "value_yen": 9000, "name": "perfume", "owner": 0}],
    "flight": "JL61", "departure": "HEL",
}))]
pub(crate) struct Question {
    /// Version of these words.
    #[schema(minimum = 2, maximum = 2)]
    pub(crate) format: u8,
    /// Lane and number of the question. The same question always has the same body.
    #[schema(pattern = r"^[A-Za-z0-9._-]{1,32}/J(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,8})$")]
    pub(crate) question: String,
    /// Day at the lane.
    #[schema(format = Date, pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub(crate) on: String,
    /// The party, the declarant first.
    #[schema(min_items = 1, max_items = 10)]
    pub(crate) travellers: Vec<Traveller>,
    pub(crate) answers: Answers,
    /// The declared goods.
    #[schema(max_items = 20)]
    pub(crate) goods: Vec<Goods>,
    /// The declared flight.
    #[schema(pattern = "^[A-Z0-9]{2}[0-9]{1,4}$")]
    pub(crate) flight: String,
    /// The airport where it departed, IATA.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub(crate) departure: String,
}

/// One traveller, by the document shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Traveller {
    /// State that issued the document, ICAO Doc 9303-3.
    #[schema(pattern = "^[A-Z]{1,3}$")]
    pub(crate) state: String,
    /// Document number.
    #[schema(pattern = "^[A-Z0-9]{1,24}$")]
    pub(crate) number: String,
    /// Primary identifier as in the machine-readable zone.
    #[schema(pattern = "^[A-Z]+( [A-Z]+)*$", max_length = 60)]
    pub(crate) primary: String,
    /// Secondary identifier; may be empty.
    #[schema(pattern = "^([A-Z]+( [A-Z]+)*)?$", max_length = 60)]
    pub(crate) secondary: String,
    /// Birth date; unknown parts are `<<`.
    #[schema(pattern = "^[0-9]{4}([0-9]{2}|<<)([0-9]{2}|<<)$")]
    pub(crate) birth: String,
    /// Nationality, ICAO Doc 9303-3.
    #[schema(pattern = "^[A-Z]{1,3}$")]
    pub(crate) nationality: String,
    /// What else the document says; missing where none was shown.
    pub(crate) document: Option<Document>,
}

/// A document that was shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) kind: DocumentKind,
    /// Last day on which it is valid.
    #[schema(format = Date, pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub(crate) expiry: String,
    /// Whether its name fills the machine-readable zone.
    pub(crate) name_truncated: bool,
}

/// The sort of a document.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DocumentKind {
    Passport,
    IdentityCard,
    Visa,
    Other,
}

/// The answers of form C-5360: true is yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    /// Question 1 (1).
    pub(crate) prohibited: bool,
    /// Question 1 (2).
    pub(crate) gold: bool,
    /// Question 1 (3).
    pub(crate) over_allowance: bool,
    /// Question 1 (4).
    pub(crate) commercial: bool,
    /// Question 1 (5).
    pub(crate) for_others: bool,
    /// Question 2.
    pub(crate) cash_over_limit: bool,
    /// Question 3: pieces; 0 is no.
    #[schema(maximum = 65535)]
    pub(crate) unaccompanied_pieces: u16,
}

/// One line of goods.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goods {
    pub(crate) kind: Kind,
    /// In the kind's unit: millilitres, pieces, grams or tenths of an ounce.
    #[schema(minimum = 1, maximum = 4_294_967_295_u32)]
    pub(crate) quantity: u32,
    /// Bottles, packs or boxes.
    #[schema(minimum = 1, maximum = 65535)]
    pub(crate) packages: u16,
    /// Overseas retail price of the line, yen.
    #[schema(maximum = 4_294_967_295_u32)]
    pub(crate) value_yen: u32,
    /// As declared.
    #[schema(min_length = 1, max_length = 40)]
    pub(crate) name: String,
    /// Member whose it is.
    #[schema(maximum = 9)]
    pub(crate) owner: Option<u8>,
}

/// The kind of a line of goods.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
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

/// The office's verdict, format 2.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// Version of these words.
    #[schema(minimum = 2, maximum = 2)]
    pub(crate) format: u8,
    /// The question that this answers.
    pub(crate) question: String,
    pub(crate) decision: Decision,
    /// Why; none exactly when the decision is `clear`.
    pub(crate) reasons: Vec<Reason>,
    /// Edition of the policy.
    pub(crate) policy: String,
    /// Edition of the lists.
    pub(crate) lists: String,
    /// The rules behind the reasons.
    pub(crate) grounds: Vec<Ground>,
    /// The promise of the key by which the day's travellers are drawn.
    #[schema(pattern = "^[0-9a-f]{64}$", nullable = false)]
    pub(crate) draw: Option<String>,
}

/// One rule that refers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ground {
    /// Name of the rule in the policy.
    #[schema(pattern = "^[a-z0-9.-]{1,40}$")]
    pub(crate) rule: String,
    /// Code of its reason.
    #[schema(pattern = "^[A-Z]-[0-9]{3}$")]
    pub(crate) code: String,
    /// The member of the party whom it is about, where it is about one.
    #[schema(maximum = 9, nullable = false)]
    pub(crate) member: Option<u8>,
    /// What the rule saw, for the officer's eyes only.
    pub(crate) evidence: Vec<Fact>,
    /// What the traveller may hear; missing is silence.
    #[schema(pattern = "^[a-z-]+$", nullable = false)]
    pub(crate) told: Option<String>,
}

/// Something that a rule saw; further fields depend on what it is.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Fact {
    /// What it is.
    #[schema(pattern = "^[a-z-]+$")]
    pub(crate) fact: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::cases;
    use evidence::Decider;
    use proptest::prelude::*;
    use risk::wire::{AssessmentRequest, AssessmentResponse};

    proptest! {
        /// What is described for machines is what goes over the line.
        #[test]
        fn questions_and_answers_are_as_they_are_described(case in cases::any_case()) {
            let sent = serde_json::to_string(&AssessmentRequest::from(&case)).unwrap();
            let described: Result<Question, _> = serde_json::from_str(&sent);
            prop_assert!(described.is_ok(), "{:?}", described.err());
            let verdict = risk::assess(&case, cases::policy(), cases::lists(), Decider::Office);
            let answer = AssessmentResponse::new(&case.question_name(), &verdict);
            let described: Result<Answer, _> = serde_json::from_str(&serde_json::to_string(&answer).unwrap());
            prop_assert!(described.is_ok(), "{:?}", described.err());
        }
    }
}
