//! The rules behind a verdict, in words. No name, no number of a document and no good is among them.

use super::{DocumentWord, Reason};
use evidence::{
    Airport, Allowance, Certainty, Commitment, Fact, Feature, Flight, Ground, Measure, MemberIndex,
    RuleId, StateCode, Told,
};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU16;

/// One rule that refers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundWords {
    /// Id of the rule in the policy.
    pub rule: String,
    /// [`Reason::code`].
    pub code: String,
    /// The member whom it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<u8>,
    /// What the rule saw, for the officer.
    pub evidence: Vec<FactWords>,
    /// What the traveller may hear; missing is silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldWords>,
}

/// What a traveller may hear.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of evidence::Told")]
pub enum ToldWords {
    Answers,
    Alcohol,
    Tobacco,
    Perfume,
    OtherGoods,
    Party,
    Document,
    Flight,
    Gate,
}

/// Something that a rule saw: [`Fact`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are those of evidence::Fact")]
pub enum FactWords {
    AnsweredYes,
    Pieces {
        pieces: NonZeroU16,
    },
    Amount {
        measure: MeasureWord,
        declared: u64,
        free: u64,
    },
    Travellers {
        travellers: u8,
    },
    YoungerThan {
        years: u8,
        travellers: u8,
    },
    NoDocument,
    Kind {
        kind: DocumentWord,
    },
    IssuedBy {
        state: String,
    },
    Nationality {
        state: String,
    },
    ExpiresIn {
        days: i32,
    },
    Flight {
        flight: String,
    },
    Departure {
        airport: String,
    },
    Listed {
        /// Missing where the list itself says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrong_per_million: Option<u16>,
    },
    Entry {
        entry: u32,
    },
    Likeness {
        score: u16,
        threshold: u16,
    },
    Weighed {
        feature: FeatureWord,
        alike: u16,
        weight: u16,
    },
    Drawn {
        per_mille: u16,
    },
    ListsAge {
        days: i32,
        allowed: u16,
    },
    ListsExpired,
    NoRuleForTheDay,
}

/// A unit: [`Measure`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of evidence::Measure")]
pub enum MeasureWord {
    Millilitres,
    TobaccoPerMille,
    TenthsOfOunce,
    Yen,
}

/// A feature: [`Feature`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of evidence::Feature")]
pub enum FeatureWord {
    Name,
    Birth,
    Nationality,
}

impl std::fmt::Debug for FactWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactWords([hidden])")
    }
}

pub(super) fn promise_of(digits: &str) -> Option<Commitment> {
    let mut promise = [0; 32];
    hex::decode_to_slice(digits, &mut promise).ok()?;
    Some(Commitment(promise))
}

impl From<&Ground> for GroundWords {
    fn from(ground: &Ground) -> Self {
        Self {
            rule: ground.rule.to_string(),
            code: ground.reason.code().to_owned(),
            member: ground.reason.member().map(MemberIndex::get),
            evidence: ground.evidence.iter().map(FactWords::from).collect(),
            told: ground.told.map(|told| match told {
                Told::Answers => ToldWords::Answers,
                Told::Goods(Allowance::Alcohol) => ToldWords::Alcohol,
                Told::Goods(Allowance::Tobacco) => ToldWords::Tobacco,
                Told::Goods(Allowance::Perfume) => ToldWords::Perfume,
                Told::Goods(Allowance::OtherGoods) => ToldWords::OtherGoods,
                Told::Party => ToldWords::Party,
                Told::Document(_) => ToldWords::Document,
                Told::Flight => ToldWords::Flight,
                Told::Gate => ToldWords::Gate,
            }),
        }
    }
}

impl GroundWords {
    /// The ground; `None` when a word of it means nothing here.
    pub(super) fn read(&self) -> Option<Ground> {
        let member = match self.member {
            Some(index) => Some(MemberIndex::new(index)?),
            None => None,
        };
        let told = match self.told {
            None => None,
            Some(told) => Some(match told {
                ToldWords::Answers => Told::Answers,
                ToldWords::Alcohol => Told::Goods(Allowance::Alcohol),
                ToldWords::Tobacco => Told::Goods(Allowance::Tobacco),
                ToldWords::Perfume => Told::Goods(Allowance::Perfume),
                ToldWords::OtherGoods => Told::Goods(Allowance::OtherGoods),
                ToldWords::Party => Told::Party,
                ToldWords::Document => Told::Document(member?),
                ToldWords::Flight => Told::Flight,
                ToldWords::Gate => Told::Gate,
            }),
        };
        let reason = Reason::parse(&self.code, member)?;
        // A list or chance that is told would be told to the traveller.
        if told.is_some() && !reason.traveller_may_know() {
            return None;
        }
        Some(Ground {
            rule: RuleId::parse(&self.rule)?,
            reason,
            evidence: self
                .evidence
                .iter()
                .map(FactWords::read)
                .collect::<Option<_>>()?,
            told,
        })
    }
}

impl From<&Fact> for FactWords {
    fn from(fact: &Fact) -> Self {
        match *fact {
            Fact::AnsweredYes => Self::AnsweredYes,
            Fact::Pieces(pieces) => Self::Pieces { pieces },
            Fact::Amount {
                measure,
                declared,
                free,
            } => Self::Amount {
                measure: match measure {
                    Measure::Millilitres => MeasureWord::Millilitres,
                    Measure::TobaccoPerMille => MeasureWord::TobaccoPerMille,
                    Measure::TenthsOfOunce => MeasureWord::TenthsOfOunce,
                    Measure::Yen => MeasureWord::Yen,
                },
                declared,
                free,
            },
            Fact::Travellers(travellers) => Self::Travellers { travellers },
            Fact::YoungerThan { years, travellers } => Self::YoungerThan { years, travellers },
            Fact::NoDocument => Self::NoDocument,
            Fact::Kind(kind) => Self::Kind {
                kind: DocumentWord::of(kind),
            },
            Fact::IssuedBy(state) => Self::IssuedBy {
                state: state.to_string(),
            },
            Fact::Nationality(state) => Self::Nationality {
                state: state.to_string(),
            },
            Fact::ExpiresIn(days) => Self::ExpiresIn { days },
            Fact::Flight(ref flight) => Self::Flight {
                flight: flight.to_string(),
            },
            Fact::Departure(airport) => Self::Departure {
                airport: airport.to_string(),
            },
            Fact::Listed(certainty) => Self::Listed {
                wrong_per_million: match certainty {
                    Certainty::Exact => None,
                    Certainty::Probable { wrong_per_million } => Some(wrong_per_million),
                },
            },
            Fact::Entry(entry) => Self::Entry { entry },
            Fact::Likeness { score, threshold } => Self::Likeness { score, threshold },
            Fact::Weighed {
                feature,
                alike,
                weight,
            } => Self::Weighed {
                feature: match feature {
                    Feature::Name => FeatureWord::Name,
                    Feature::Birth => FeatureWord::Birth,
                    Feature::Nationality => FeatureWord::Nationality,
                },
                alike,
                weight,
            },
            Fact::Drawn { per_mille } => Self::Drawn { per_mille },
            Fact::ListsAge { days, allowed } => Self::ListsAge { days, allowed },
            Fact::ListsExpired => Self::ListsExpired,
            Fact::NoRuleForTheDay => Self::NoRuleForTheDay,
        }
    }
}

impl FactWords {
    fn read(&self) -> Option<Fact> {
        Some(match self {
            Self::AnsweredYes => Fact::AnsweredYes,
            Self::Pieces { pieces } => Fact::Pieces(*pieces),
            Self::Amount {
                measure,
                declared,
                free,
            } => Fact::Amount {
                measure: match measure {
                    MeasureWord::Millilitres => Measure::Millilitres,
                    MeasureWord::TobaccoPerMille => Measure::TobaccoPerMille,
                    MeasureWord::TenthsOfOunce => Measure::TenthsOfOunce,
                    MeasureWord::Yen => Measure::Yen,
                },
                declared: *declared,
                free: *free,
            },
            Self::Travellers { travellers } => Fact::Travellers(*travellers),
            Self::YoungerThan { years, travellers } => Fact::YoungerThan {
                years: *years,
                travellers: *travellers,
            },
            Self::NoDocument => Fact::NoDocument,
            Self::Kind { kind } => Fact::Kind(kind.kind()),
            Self::IssuedBy { state } => Fact::IssuedBy(StateCode::parse(state)?),
            Self::Nationality { state } => Fact::Nationality(StateCode::parse(state)?),
            Self::ExpiresIn { days } => Fact::ExpiresIn(*days),
            Self::Flight { flight } => Fact::Flight(Flight::parse(flight)?),
            Self::Departure { airport } => Fact::Departure(Airport::parse(airport)?),
            Self::Listed { wrong_per_million } => Fact::Listed(
                wrong_per_million.map_or(Certainty::Exact, |wrong_per_million| {
                    Certainty::Probable { wrong_per_million }
                }),
            ),
            Self::Entry { entry } => Fact::Entry(*entry),
            Self::Likeness { score, threshold } => Fact::Likeness {
                score: *score,
                threshold: *threshold,
            },
            Self::Weighed {
                feature,
                alike,
                weight,
            } => Fact::Weighed {
                feature: match feature {
                    FeatureWord::Name => Feature::Name,
                    FeatureWord::Birth => Feature::Birth,
                    FeatureWord::Nationality => Feature::Nationality,
                },
                alike: *alike,
                weight: *weight,
            },
            Self::Drawn { per_mille } => Fact::Drawn {
                per_mille: *per_mille,
            },
            Self::ListsAge { days, allowed } => Fact::ListsAge {
                days: *days,
                allowed: *allowed,
            },
            Self::ListsExpired => Fact::ListsExpired,
            Self::NoRuleForTheDay => Fact::NoRuleForTheDay,
        })
    }
}
