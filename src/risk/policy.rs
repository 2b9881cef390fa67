//! The policy: dated rules with their sources. Numbers of customs practice live here and never in code.

use crate::digest::{Key, KeyText};
use evidence::{Date, Sensitive, Version};
use serde::Deserialize;
use std::fmt;
use toml::value::Datetime;

/// Which declared answers refer, what is free of duty on which day, how many travellers are picked, how old lists may be.
#[derive(Clone, Debug)]
pub struct Policy {
    version: Version,
    lists_greatest_age_days: u16,
    picks: Picks,
    referrals: Vec<Dated<DeclaredAnswer>>,
    allowances: Vec<Dated<Allowances>>,
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

/// Random selection: how many of a thousand, and the key that decides who.
#[derive(Clone, Debug)]
pub struct Picks {
    pub(crate) per_mille: u16,
    pub(crate) key: Sensitive<Key>,
}

/// What one traveller may bring free of duty ([customs answer 7104]).
///
/// [customs answer 7104]: https://www.customs.go.jp/english/c-answer_e/keitaibetsuso/7104_e.htm
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowances {
    pub(crate) age: Ages,
    pub(crate) alcohol: Alcohol,
    pub(crate) tobacco: Tobacco,
    pub(crate) perfume: Perfume,
    pub(crate) other_goods: OtherGoods,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ages {
    pub(crate) alcohol_and_tobacco_from: u8,
    pub(crate) own_goods_only_below: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alcohol {
    pub(crate) bottles: u32,
    pub(crate) bottle_ml: u32,
}

/// The allowance of one kind of tobacco when it is the only one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tobacco {
    pub(crate) cigarettes: u32,
    pub(crate) cigars: u32,
    pub(crate) heated_packs: u32,
    pub(crate) heated_pack_sticks: u32,
    pub(crate) other_g: u32,
}

impl Tobacco {
    pub(crate) fn heated_sticks(&self) -> u32 {
        self.heated_packs.saturating_mul(self.heated_pack_sticks)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Perfume {
    pub(crate) tenths_of_ounce: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtherGoods {
    pub(crate) total_yen: u32,
    pub(crate) one_kind_free_yen: u32,
}

#[derive(Clone, Debug)]
struct Dated<T> {
    from: Date,
    to: Option<Date>,
    rule: T,
}

impl<T> Dated<T> {
    fn valid_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

/// Why a policy file is refused; the text names the key and the cure.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a key that is missing, misspelt or of another kind.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line in the file, from 1.
        line: usize,
        /// What the reader says; it names keys, never the value of `random.key`.
        message: String,
    },
    /// `version` is empty or too long.
    #[error("`version`: write 1 to 40 visible characters without spaces")]
    Version,
    /// `random.key` is no key.
    #[error(
        "`random.key`: write 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes them"
    )]
    Key,
    /// `random.per_mille` is over 1000.
    #[error("`random.per_mille` is {0}: write 0 to 1000")]
    PerMille(u16),
    /// A date is no calendar day.
    #[error("`{key}`, rule {rule}: `{field}` has to be a day such as 2026-11-23")]
    Day {
        /// `referral` or `allowance`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
        /// `valid_from` or `valid_to`.
        field: &'static str,
    },
    /// A rule ends before it begins.
    #[error("`{key}`, rule {rule}: `valid_to` is before `valid_from`; exchange them")]
    EndsBeforeItBegins {
        /// `referral` or `allowance`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
    },
    /// A rule names no source.
    #[error(
        "`{key}`, rule {rule}: `source` has to be the https address of the page that states the rule"
    )]
    Source {
        /// `referral` or `allowance`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
    },
    /// Two rules for the same thing are valid on the same day.
    #[error(
        "`{key}`, rules {first} and {second} are valid on the same day; end one with `valid_to`"
    )]
    Overlap {
        /// `referral` or `allowance`.
        key: &'static str,
        /// Position of one rule, from 1.
        first: usize,
        /// Position of the other.
        second: usize,
    },
    /// There is no allowance rule at all.
    #[error(
        "no `[[allowance]]` rule: without one every traveller is referred; add the one of customs answer 7104"
    )]
    NoAllowance,
    /// A quantity of tobacco is nought, or so large that shares of it cannot be counted.
    #[error("`allowance.{field}`, rule {rule}: write 1 to 10000, as customs answer 7104 does")]
    Tobacco {
        /// Position of the rule, from 1.
        rule: usize,
        /// The key.
        field: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    lists: FileLists,
    random: FileRandom,
    #[serde(default)]
    referral: Vec<FileReferral>,
    #[serde(default)]
    allowance: Vec<FileAllowance>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLists {
    greatest_age_days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRandom {
    per_mille: u16,
    key: KeyText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileReferral {
    answer: DeclaredAnswer,
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAllowance {
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    source: String,
    age: Ages,
    alcohol: Alcohol,
    tobacco: Tobacco,
    perfume: Perfume,
    other_goods: OtherGoods,
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
        let key = file.random.key.key().ok_or(PolicyError::Key)?;

        let mut referrals = Vec::new();
        for (index, entry) in file.referral.into_iter().enumerate() {
            let entry_dates = (entry.valid_from, entry.valid_to, entry.source);
            referrals.push(dated("referral", index + 1, entry_dates, entry.answer)?);
        }
        let mut allowances = Vec::new();
        for (index, entry) in file.allowance.into_iter().enumerate() {
            let rule = Allowances {
                age: entry.age,
                alcohol: entry.alcohol,
                tobacco: entry.tobacco,
                perfume: entry.perfume,
                other_goods: entry.other_goods,
            };
            rule.check(index + 1)?;
            let entry_dates = (entry.valid_from, entry.valid_to, entry.source);
            allowances.push(dated("allowance", index + 1, entry_dates, rule)?);
        }
        if allowances.is_empty() {
            return Err(PolicyError::NoAllowance);
        }
        no_overlap("referral", &referrals, |one, other| one == other)?;
        no_overlap("allowance", &allowances, |_, _| true)?;
        Ok(Self {
            version,
            lists_greatest_age_days: file.lists.greatest_age_days,
            picks: Picks {
                per_mille: file.random.per_mille,
                key,
            },
            referrals,
            allowances,
        })
    }

    /// The version that the file names; it travels into every verdict.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whether this answer, when it is yes, refers on this day.
    #[must_use]
    pub fn refers(&self, answer: DeclaredAnswer, day: Date) -> bool {
        self.referrals
            .iter()
            .any(|dated| dated.rule == answer && dated.valid_on(day))
    }

    /// The allowances of this day; `None` when no rule is valid.
    #[must_use]
    pub fn allowances(&self, day: Date) -> Option<&Allowances> {
        self.allowances
            .iter()
            .find(|dated| dated.valid_on(day))
            .map(|dated| &dated.rule)
    }

    /// Days after their issue during which lists may clear a traveller.
    #[must_use]
    pub fn lists_greatest_age_days(&self) -> u16 {
        self.lists_greatest_age_days
    }

    pub(crate) fn picks(&self) -> &Picks {
        &self.picks
    }
}

impl Allowances {
    fn check(&self, rule: usize) -> Result<(), PolicyError> {
        let quantities = [
            ("tobacco.cigarettes", self.tobacco.cigarettes),
            ("tobacco.cigars", self.tobacco.cigars),
            ("tobacco.heated_packs", self.tobacco.heated_sticks()),
            ("tobacco.other_g", self.tobacco.other_g),
        ];
        match quantities
            .iter()
            .find(|(_, quantity)| !(1..=10_000).contains(quantity))
        {
            Some((field, _)) => Err(PolicyError::Tobacco { rule, field }),
            None => Ok(()),
        }
    }
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

fn dated<T>(
    key: &'static str,
    rule: usize,
    (from, to, source): (Datetime, Option<Datetime>, String),
    value: T,
) -> Result<Dated<T>, PolicyError> {
    let from = day_of(from).ok_or(PolicyError::Day {
        key,
        rule,
        field: "valid_from",
    })?;
    let to = match to {
        Some(to) => Some(day_of(to).ok_or(PolicyError::Day {
            key,
            rule,
            field: "valid_to",
        })?),
        None => None,
    };
    if to.is_some_and(|to| to < from) {
        return Err(PolicyError::EndsBeforeItBegins { key, rule });
    }
    if !source.starts_with("https://") {
        return Err(PolicyError::Source { key, rule });
    }
    Ok(Dated {
        from,
        to,
        rule: value,
    })
}

fn no_overlap<T>(
    key: &'static str,
    rules: &[Dated<T>],
    same: impl Fn(&T, &T) -> bool,
) -> Result<(), PolicyError> {
    for (first, one) in rules.iter().enumerate() {
        for (second, other) in rules.iter().enumerate().skip(first + 1) {
            if same(&one.rule, &other.rule) && one.overlaps(other) {
                return Err(PolicyError::Overlap {
                    key,
                    first: first + 1,
                    second: second + 1,
                });
            }
        }
    }
    Ok(())
}

/// A TOML local date; a date with a time of day is none.
pub(crate) fn day_of(value: Datetime) -> Option<Date> {
    let (Some(date), None, None) = (value.date, value.time, value.offset) else {
        return None;
    };
    let month = time::Month::try_from(date.month).ok()?;
    Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
}

pub(crate) fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let end = span.map_or(0, |span| span.start).min(text.len());
    1 + text.as_bytes()[..end]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
