//! The policy: versioned and dated rules with their sources, each under an id of its own. Numbers of customs practice live
//! here and never in code.

mod allowances;
mod dates;
mod error;
mod file;
mod rules;

pub use allowances::Allowances;
pub(crate) use allowances::Tobacco;
pub(crate) use dates::{day_of, line_of};
pub use error::PolicyError;

use crate::digest::Key;
use dates::{Authority, Dated, dated, no_overlap};
use evidence::{Commitment, Date, RuleId, Sensitive, Version};
use file::{File, FileNames};
use rules::{Conditions, Spoken};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;

/// Which declared answers refer, what is free of duty on which day, how many travellers are picked, how old lists may be,
/// how alike names have to be, and the house's own rules.
#[derive(Clone, Debug)]
pub struct Policy {
    version: Version,
    issued: Date,
    pub(crate) lists: ListsRule,
    pub(crate) documents: DocumentsRule,
    pub(crate) names: NamesRule,
    picks: Picks,
    referrals: Vec<Dated<DeclaredAnswer>>,
    allowances: Vec<Dated<Allowances>>,
    rules: Vec<Dated<Conditions>>,
}

/// An answer of form C-5360 that a policy may refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredAnswer {
    /// Question 1 (1): prohibited or restricted articles.
    Prohibited,
    /// Question 1 (2): gold bullion or products of gold.
    Gold,
    /// Question 1 (3): goods over the duty-free allowance.
    OverAllowance,
    /// Question 1 (4): commercial goods or samples.
    Commercial,
    /// Question 1 (5): articles carried for somebody else.
    ForOthers,
    /// Question 2: means of payment or precious metal over the limit.
    CashOverLimit,
    /// Question 3: unaccompanied articles.
    Unaccompanied,
}

/// How old lists may be.
#[derive(Clone, Debug)]
pub(crate) struct ListsRule {
    pub(crate) id: RuleId,
    pub(crate) greatest_age_days: u16,
}

/// What a document on a list means.
#[derive(Clone, Debug)]
pub(crate) struct DocumentsRule {
    pub(crate) id: RuleId,
    pub(crate) confirm_at_office: bool,
}

/// How alike a name on a list has to be.
#[derive(Clone, Debug)]
pub(crate) struct NamesRule {
    pub(crate) id: RuleId,
    pub(crate) bar: Bar,
}

/// What the features of a likeness count, and how much of it is enough; all per mille, the weights together 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The least likeness that is a hit where both sides know a birth date.
    pub threshold: u16,
    /// The least that is one where they do not: a name is many people's.
    pub alone: u16,
    /// What the name counts.
    pub name: u16,
    /// What the birth date counts, where it is known on both sides.
    pub birth: u16,
    /// What the nationality counts, where it is known on both sides.
    pub nationality: u16,
}

/// Random selection: how many of a thousand, and the key that decides who.
#[derive(Clone, Debug)]
pub struct Picks {
    pub(crate) id: RuleId,
    pub(crate) per_mille: u16,
    pub(crate) key: Sensitive<Key>,
}

impl Policy {
    /// Reads a policy file (TOML; `policy.sample.toml` explains every key).
    ///
    /// # Errors
    /// [`PolicyError`] names the key and the cure.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(text).map_err(|error| PolicyError::Syntax {
            line: line_of(text, error.span()),
            message: error.message().to_owned(),
        })?;
        let version = Version::parse(&file.version).ok_or(PolicyError::Version)?;
        if file.random.per_mille > 1000 {
            return Err(PolicyError::PerMille(file.random.per_mille));
        }
        let mut referrals = Vec::new();
        for (index, entry) in file.referral.into_iter().enumerate() {
            let (head, place) = (entry.head(), index + 1);
            referrals.push(dated(
                "referral",
                place,
                head,
                Authority::Page,
                entry.answer,
            )?);
        }
        let mut allowances = Vec::new();
        for (index, entry) in file.allowance.into_iter().enumerate() {
            let (head, place) = (entry.head(), index + 1);
            let rule = Allowances {
                age: entry.age,
                alcohol: entry.alcohol,
                tobacco: entry.tobacco,
                perfume: entry.perfume,
                other_goods: entry.other_goods,
            };
            rule.check(place)?;
            allowances.push(dated("allowance", place, head, Authority::Page, rule)?);
        }
        if allowances.is_empty() {
            return Err(PolicyError::NoAllowance);
        }
        let mut rules = Vec::new();
        for (index, entry) in file.rule.into_iter().enumerate() {
            let (head, place) = (entry.head(), index + 1);
            let conditions = entry.when.read(place)?;
            rules.push(dated(
                "rule",
                place,
                head,
                Authority::PageOrOrder,
                conditions,
            )?);
        }
        no_overlap("referral", &referrals, |one, other| one == other)?;
        no_overlap("allowance", &allowances, |_, _| true)?;
        let policy = Self {
            version,
            issued: day_of(file.issued).ok_or(PolicyError::Issued)?,
            lists: ListsRule {
                id: id("lists", &file.lists.id)?,
                greatest_age_days: file.lists.greatest_age_days,
            },
            documents: DocumentsRule {
                id: id("documents", &file.documents.id)?,
                confirm_at_office: file.documents.confirm_at_office,
            },
            names: NamesRule {
                id: id("names", &file.names.id)?,
                bar: bar(&file.names)?,
            },
            picks: Picks {
                id: id("random", &file.random.id)?,
                per_mille: file.random.per_mille,
                key: file.random.key.key().ok_or(PolicyError::Key)?,
            },
            referrals,
            allowances,
            rules,
        };
        policy.ids_differ()?;
        Ok(policy)
    }

    fn ids_differ(&self) -> Result<(), PolicyError> {
        let singles = [
            &self.lists.id,
            &self.documents.id,
            &self.names.id,
            &self.picks.id,
        ];
        let mut seen = BTreeSet::new();
        match singles
            .into_iter()
            .chain(self.referrals.iter().map(|dated| &dated.id))
            .chain(self.allowances.iter().map(|dated| &dated.id))
            .chain(self.rules.iter().map(|dated| &dated.id))
            .find(|id| !seen.insert(*id))
        {
            Some(twice) => Err(PolicyError::SameId(twice.clone())),
            None => Ok(()),
        }
    }

    /// The version that the file names; it travels into every verdict.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The day on which the policy was issued.
    #[must_use]
    pub fn issued(&self) -> Date {
        self.issued
    }

    /// Whether this answer, when it is yes, refers on this day.
    #[must_use]
    pub fn refers(&self, answer: DeclaredAnswer, day: Date) -> bool {
        self.referral(answer, day).is_some()
    }

    /// The rule by which this answer, when it is yes, refers on this day.
    #[must_use]
    pub fn referral(&self, answer: DeclaredAnswer, day: Date) -> Option<&RuleId> {
        self.referrals
            .iter()
            .find(|dated| dated.rule == answer && dated.valid_on(day))
            .map(|dated| &dated.id)
    }

    /// The allowances of this day; `None` when no rule is valid.
    #[must_use]
    pub fn allowances(&self, day: Date) -> Option<&Allowances> {
        self.allowance(day).map(|(_, rule)| rule)
    }

    pub(crate) fn allowance(&self, day: Date) -> Option<(&RuleId, &Allowances)> {
        self.allowances
            .iter()
            .find(|dated| dated.valid_on(day))
            .map(|dated| (&dated.id, &dated.rule))
    }

    /// What the house's own rules say of a case, each with its id.
    pub(crate) fn own_rules(&self, case: &crate::Case) -> Vec<(&RuleId, Spoken)> {
        self.rules
            .iter()
            .filter(|dated| dated.valid_on(case.on))
            .flat_map(|dated| {
                let spoken = dated.rule.spoken(case);
                spoken.into_iter().map(|said| (&dated.id, said))
            })
            .collect()
    }

    /// Days after their issue during which lists may clear a traveller.
    #[must_use]
    pub fn lists_greatest_age_days(&self) -> u16 {
        self.lists.greatest_age_days
    }

    /// Whether a hit of the document filter is to be confirmed by the office, which has the list itself. Such a hit may be
    /// wrong at the lane and absent at the office; nothing else may differ between them.
    #[must_use]
    pub fn documents_are_confirmed_at_the_office(&self) -> bool {
        self.documents.confirm_at_office
    }

    /// How alike names have to be.
    #[must_use]
    pub fn bar(&self) -> Bar {
        self.names.bar
    }

    /// Travellers of a thousand who are picked.
    #[must_use]
    pub fn picks_per_mille(&self) -> u16 {
        self.picks.per_mille
    }

    /// The promise of the key by which the travellers of a day are drawn.
    #[must_use]
    pub fn commitment(&self, day: Date) -> Commitment {
        self.picks.day_key(day).commitment()
    }

    /// The key by which the travellers of a day are drawn: to be revealed when the day is over. It tells nothing of the
    /// master key, and so of no other day.
    #[must_use]
    pub fn day_key(&self, day: Date) -> crate::selection::DayKey {
        self.picks.day_key(day)
    }

    pub(crate) fn picks(&self) -> &Picks {
        &self.picks
    }
}

fn id(key: &'static str, text: &str) -> Result<RuleId, PolicyError> {
    RuleId::parse(text).ok_or(PolicyError::Id { key, rule: 1 })
}

fn bar(names: &FileNames) -> Result<Bar, PolicyError> {
    let weights = &names.weights;
    let refuse = |field, cure| Err(PolicyError::Names { field, cure });
    let sum = [weights.name, weights.birth, weights.nationality]
        .into_iter()
        .map(u32::from)
        .sum::<u32>();
    if sum != 1000 {
        return refuse("weights", "the three weights are 1000 together");
    }
    if weights.name < 500 {
        return refuse(
            "weights",
            "the name counts 500 or more: a birth date alone is nobody's",
        );
    }
    if !(500..=1000).contains(&names.threshold_per_mille) {
        return refuse("threshold_per_mille", "write 500 to 1000");
    }
    if !(names.threshold_per_mille..=1000).contains(&names.alone_per_mille) {
        return refuse(
            "alone_per_mille",
            "write `threshold_per_mille` to 1000: a name alone tells less",
        );
    }
    Ok(Bar {
        threshold: names.threshold_per_mille,
        alone: names.alone_per_mille,
        name: weights.name,
        birth: weights.birth,
        nationality: weights.nationality,
    })
}

impl fmt::Display for DeclaredAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prohibited => "prohibited",
            Self::Gold => "gold",
            Self::OverAllowance => "over_allowance",
            Self::Commercial => "commercial",
            Self::ForOthers => "for_others",
            Self::CashOverLimit => "cash_over_limit",
            Self::Unaccompanied => "unaccompanied",
        })
    }
}
