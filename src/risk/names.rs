//! Names that are like a listed name: transliterated as passports are, tolerant of typing, of order, of what a zone cut off
//! and of how another clerk romanised, and qualified by birth date and nationality. Every part of a likeness is told, in whole
//! per mille, so that an officer sees why.

mod alike;
mod file;
mod icao;
mod index;
mod sound;

pub use file::NameList;
pub use icao::{Language, UnknownLetter, transliterate};
pub(crate) use index::NameIndex;

use crate::policy::Bar;
use alike::{OwnWord, Word, names_alike, words_alike};
use evidence::{BirthDate, Feature, Name, StateCode};

/// A listed name that is alike enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The entry of the list, counted from 1.
    pub entry: u32,
    /// The weighted mean of the parts, per mille.
    pub score: u16,
    /// How much is enough, per mille; higher where no birth date qualifies the name.
    pub threshold: u16,
    /// What it is made of.
    pub parts: Vec<Part>,
}

impl Likeness {
    /// Whether it is enough.
    #[must_use]
    pub fn is_hit(&self) -> bool {
        self.score >= self.threshold
    }
}

/// One part of a likeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which feature.
    pub feature: Feature,
    /// How alike, per mille.
    pub alike: u16,
    /// What it counts among the features that are known on both sides, per mille.
    pub weight: u16,
}

/// Somebody whose name is compared.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The name in the letters of the machine-readable zone.
    pub name: &'a Name,
    /// The birth date, where it is known.
    pub birth: Option<&'a BirthDate>,
    /// The nationality, where it is known.
    pub nationality: Option<StateCode>,
}

/// How alike two persons are; `truncated` says that the first name may go on where it ends. Birth date and nationality count
/// where both sides know them. The list's search finds the same for every entry that it looks at.
#[must_use]
pub fn compare(one: &Person<'_>, other: &Person<'_>, truncated: bool, bar: &Bar) -> Likeness {
    let (ours, theirs) = (own_words(one.name), own_words(other.name));
    let (ours, theirs): (Vec<Word<'_>>, Vec<Word<'_>>) = (
        ours.iter().map(OwnWord::word).collect(),
        theirs.iter().map(OwnWord::word).collect(),
    );
    let name = names_alike(&ours, &theirs, truncated, |i, j| {
        words_alike(ours[i], theirs[j])
    });
    let birth = one
        .birth
        .zip(other.birth)
        .map(|(one, other)| births_alike(packed(one), packed(other)));
    let nationality = one
        .nationality
        .zip(other.nationality)
        .map(|(one, other)| if one == other { 1000 } else { 0 });
    weigh(0, name, birth, nationality, bar)
}

/// Words of a name, at most 16 of them, which is more than the 39 places of a zone hold of any that is known.
fn own_words(name: &Name) -> Vec<OwnWord> {
    let part = |text: &str, primary| -> Vec<OwnWord> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| OwnWord::new(word.as_bytes(), primary))
            .collect()
    };
    let mut words = part(name.primary(), true);
    words.extend(part(name.secondary(), false));
    words.truncate(16);
    words
}

fn weigh(
    entry: u32,
    name: u16,
    birth: Option<u16>,
    nationality: Option<u16>,
    bar: &Bar,
) -> Likeness {
    let known = [
        (Feature::Name, Some(name), bar.name),
        (Feature::Birth, birth, bar.birth),
        (Feature::Nationality, nationality, bar.nationality),
    ];
    let all: u32 = known
        .iter()
        .filter(|(_, alike, _)| alike.is_some())
        .map(|(_, _, weight)| u32::from(*weight))
        .sum();
    let mut score = 0;
    let parts = known
        .into_iter()
        .filter_map(|(feature, alike, weight)| {
            let alike = alike?;
            score += u32::from(alike) * u32::from(weight);
            Some(Part {
                feature,
                alike,
                weight: per_mille(u32::from(weight) * 1000 / all.max(1)),
            })
        })
        .collect();
    Likeness {
        entry,
        score: per_mille(score / all.max(1)),
        threshold: if birth.is_some() {
            bar.threshold
        } else {
            bar.alone
        },
        parts,
    }
}

fn per_mille(value: u32) -> u16 {
    u16::try_from(value.min(1000)).unwrap_or(1000)
}

/// A birth date in one number: year, month and day, unknown parts 0.
fn packed(birth: &BirthDate) -> u32 {
    u32::from(birth.year()) << 16
        | u32::from(birth.month().unwrap_or(0)) << 8
        | u32::from(birth.day().unwrap_or(0))
}

/// How alike two birth dates are. Clerks exchange day and month, and mistype a digit; lists often know the year alone.
fn births_alike(one: u32, other: u32) -> u16 {
    let apart = |birth: u32| (birth >> 16, birth >> 8 & 0xff, birth & 0xff);
    let ((year, month, day), (their_year, their_month, their_day)) = (apart(one), apart(other));
    let unknown = month == 0 || their_month == 0 || day == 0 || their_day == 0;
    if year == their_year {
        let months = month == their_month || month == 0 || their_month == 0;
        return match (unknown, months) {
            (false, _) if (month, day) == (their_month, their_day) => 1000,
            (false, _) if (month, day) == (their_day, their_month) => 900,
            (false, _) if digits_apart(one, other) == 1 => 800,
            (false, true) => 500,
            (false, false) => 400,
            // January the first is what is written for who does not know.
            (true, true) if month == 0 || their_month == 0 => 700,
            (true, true) => 850,
            (true, false) => 300,
        };
    }
    if !unknown && digits_apart(one, other) == 1 {
        return 700;
    }
    match year.abs_diff(their_year) {
        1 if unknown => 400,
        1 if (month, day) == (their_month, their_day) => 600,
        1 => 200,
        _ => 0,
    }
}

fn digits_apart(one: u32, other: u32) -> usize {
    let digits = |birth: u32| {
        let (year, month, day) = (birth >> 16, birth >> 8 & 0xff, birth & 0xff);
        let number = year * 10_000 + month * 100 + day;
        (0..8).map(move |place| number / 10_u32.pow(place) % 10)
    };
    digits(one)
        .zip(digits(other))
        .filter(|(one, other)| one != other)
        .count()
}
