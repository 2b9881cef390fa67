//! What a question comes down to: the facts that the engine judges, the same at the lane and at the office.

use evidence::{
    Airport, Answers, BirthDate, Date, DocumentKind, DocumentNumber, Flight, GoodsLine,
    MemberIndex, Name, Question, QuestionId, Sensitive, StateCode, TravelDocument,
};
use std::fmt;

/// The name of a lane in its office: 1 to 32 characters of A-Z, a-z, 0-9, `.`, `_` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LaneName(String);

impl LaneName {
    /// The lane of this name; `None` when it is empty, too long or has other characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        (plain && (1..=32).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LaneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The facts of one question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The lane that asks.
    pub lane: LaneName,
    /// The question's number in that lane.
    pub id: QuestionId,
    /// The day at the lane: it picks the dated rules and settles ages.
    pub on: Date,
    /// The party, 1 to 10, the declarant first.
    pub travellers: Vec<Traveller>,
    /// The answers of form C-5360.
    pub answers: Answers,
    /// The declared goods.
    pub goods: Vec<GoodsLine>,
    /// The declared flight.
    pub flight: Flight,
    /// The airport where it departed.
    pub departure: Airport,
}

/// One traveller of the party, by the document shown; by the declaration where none was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traveller {
    /// State that issued the document; without a document the nationality.
    pub state: StateCode,
    /// Number of the document.
    pub number: Sensitive<DocumentNumber>,
    /// Name in the letters of the machine-readable zone.
    pub name: Sensitive<Name>,
    /// Birth date.
    pub birth: Sensitive<BirthDate>,
    /// Nationality.
    pub nationality: StateCode,
    /// What else the document says; `None` where none was shown.
    pub shown: Option<Shown>,
}

/// A document that was shown. `Debug` tells its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The sort of document.
    pub kind: DocumentKind,
    /// The last day on which it is valid.
    pub expiry: Date,
    /// Whether its name fills the machine-readable zone, so that more of it may be missing.
    pub name_truncated: bool,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl From<&TravelDocument> for Traveller {
    fn from(document: &TravelDocument) -> Self {
        Self {
            state: document.issuing_state,
            number: document.number.clone(),
            name: document.name.clone(),
            birth: document.birth.clone(),
            nationality: document.nationality,
            shown: Some(Shown {
                kind: document.kind,
                expiry: document.expiry,
                name_truncated: document.name_truncated,
            }),
        }
    }
}

impl Case {
    /// The facts of a question that this lane asks.
    #[must_use]
    pub fn new(lane: &LaneName, question: &Question) -> Self {
        let declaration = &question.declaration;
        let travellers = declaration
            .party()
            .iter()
            .enumerate()
            .map(|(index, member)| match question.documents.get(index) {
                Some(document) => Traveller::from(document),
                None => Traveller {
                    state: member.nationality,
                    number: member.number.clone(),
                    name: member.name.clone(),
                    birth: member.birth.clone(),
                    nationality: member.nationality,
                    shown: None,
                },
            })
            .collect();
        Self {
            lane: lane.clone(),
            id: question.id,
            on: question.on,
            travellers,
            answers: declaration.answers(),
            goods: declaration.goods().to_vec(),
            flight: declaration.flight().clone(),
            departure: declaration.departure(),
        }
    }

    /// The travellers with their places in the party.
    pub fn members(&self) -> impl Iterator<Item = (MemberIndex, &Traveller)> {
        (0..=u8::MAX)
            .map_while(MemberIndex::new)
            .zip(&self.travellers)
    }

    /// The question's name at the office, where many lanes ask: `lane-3/J42-7`.
    #[must_use]
    pub fn question_name(&self) -> String {
        format!("{}/{}", self.lane, self.id)
    }
}
