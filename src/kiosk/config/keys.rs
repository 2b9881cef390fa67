//! Reads keys out of TOML one by one and gathers every complaint, so that a file is mended in one go.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line in the file, from 1, where there is one.
    pub line: Option<usize>,
    /// The key with its section: `gate.baud`.
    pub key: String,
    /// What is wrong with it.
    pub trouble: String,
    /// What to do.
    pub cure: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "`{}` {}: {}", self.key, self.trouble, self.cure)
    }
}

/// The complaints so far; those of the second kind are about keys that are not there.
#[derive(Default)]
struct Complaints {
    wrong: Vec<Complaint>,
    missing: Vec<Complaint>,
}

/// The whole file.
pub(super) struct Document<'a> {
    text: &'a str,
    complaints: RefCell<Complaints>,
}

/// What stands at a key.
enum Found<T> {
    Nothing,
    Wrong,
    Value(T),
}

/// One section of the file, or one that is not there.
pub(super) struct Section<'a, 'i> {
    document: &'a Document<'i>,
    table: Option<&'a DeTable<'i>>,
    path: String,
    known: Vec<&'static str>,
}

impl<'i> Document<'i> {
    /// Reads the text with `read`, which takes what it knows; whatever else is there is complained about.
    ///
    /// # Errors
    /// Every complaint, in the order of the file.
    pub(super) fn read<T>(
        text: &'i str,
        read: impl FnOnce(&mut Section<'_, 'i>) -> Option<T>,
    ) -> Result<T, Vec<Complaint>> {
        let table = DeTable::parse(text).map_err(|error| {
            vec![Complaint {
                line: error.span().map(|span| line_of(text, &span)),
                key: "file".to_owned(),
                trouble: "is not TOML".to_owned(),
                cure: error.message().to_owned(),
            }]
        })?;
        let document = Self {
            text,
            complaints: RefCell::default(),
        };
        let mut top = Section {
            document: &document,
            table: Some(table.get_ref()),
            path: String::new(),
            known: Vec::new(),
        };
        let value = read(&mut top);
        top.refuse_the_rest();
        let Complaints { mut wrong, missing } = document.complaints.into_inner();
        wrong.sort_by_key(|complaint| complaint.line);
        wrong.extend(missing);
        match value {
            Some(value) if wrong.is_empty() => Ok(value),
            _ => Err(wrong),
        }
    }

    fn wrong(&self, at: &Range<usize>, key: String, trouble: String, cure: String) {
        self.complaints.borrow_mut().wrong.push(Complaint {
            line: Some(line_of(self.text, at)),
            key,
            trouble,
            cure,
        });
    }
}

impl<'a, 'i> Section<'a, 'i> {
    fn full(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn at(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.table?.get(key)
    }

    /// Whether there is such a section.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Reads the section `key`, which may be absent.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'a, 'i>) -> T,
    ) -> T {
        let value = self.at(key);
        let table = value.and_then(|value| value.get_ref().as_table());
        let mut section = Section {
            document: self.document,
            table,
            path: self.full(key),
            known: Vec::new(),
        };
        let read = read(&mut section);
        section.refuse_the_rest();
        if let (Some(value), None) = (value, table) {
            self.complain(key, value.span(), "a section of keys");
            self.not_missing(key);
        }
        read
    }

    /// What is there in the wrong shape, or misspelt, is not missing as well.
    fn not_missing(&self, key: &str) {
        let (is, within) = (self.full(key), format!("{}.", self.full(key)));
        self.document
            .complaints
            .borrow_mut()
            .missing
            .retain(|missing| missing.key != is && !missing.key.starts_with(&within));
    }

    fn complain(&self, key: &str, at: Range<usize>, want: &str) {
        let shown: String = self.document.text.get(at.clone()).map_or_else(
            || "something else".to_owned(),
            |text| {
                text.lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(60)
                    .collect()
            },
        );
        self.document.wrong(
            &at,
            self.full(key),
            format!("is {shown}"),
            format!("write {want}"),
        );
    }

    fn find<T>(
        &mut self,
        key: &'static str,
        want: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Found<T> {
        let Some(value) = self.at(key) else {
            return Found::Nothing;
        };
        match read(value.get_ref()) {
            Some(value) => Found::Value(value),
            None => {
                self.complain(key, value.span(), want);
                Found::Wrong
            }
        }
    }

    /// A value that has to be there.
    pub(super) fn needed<T>(
        &mut self,
        key: &'static str,
        want: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        match self.find(key, want, read) {
            Found::Value(value) => Some(value),
            Found::Wrong => None,
            Found::Nothing => {
                let complaint = Complaint {
                    line: None,
                    key: self.full(key),
                    trouble: "is missing".to_owned(),
                    cure: format!("add it: {want}"),
                };
                self.document
                    .complaints
                    .borrow_mut()
                    .missing
                    .push(complaint);
                None
            }
        }
    }

    /// A value that may be left out; `None` only when it is wrong.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        want: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.find(key, want, read) {
            Found::Value(value) => Some(Some(value)),
            Found::Nothing => Some(None),
            Found::Wrong => None,
        }
    }

    /// A value with a default; `None` only when it is wrong.
    pub(super) fn or<T>(
        &mut self,
        key: &'static str,
        default: T,
        want: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        Some(self.optional(key, want, read)?.unwrap_or(default))
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        default: T,
        words: &[(&str, T)],
    ) -> Option<T> {
        let list: Vec<String> = words
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        let want = format!("one of {}", list.join(", "));
        self.or(key, default, &want, |value| {
            let text = value.as_str()?;
            words
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, meaning)| *meaning)
        })
    }

    /// A whole number.
    pub(super) fn number<N>(
        &mut self,
        key: &'static str,
        default: N,
        range: RangeInclusive<N>,
    ) -> Option<N>
    where
        N: TryFrom<i64> + PartialOrd + fmt::Display + Copy,
    {
        let want = format!("a whole number from {} to {}", range.start(), range.end());
        self.or(key, default, &want, |value| {
            let number = N::try_from(integer(value)?).ok()?;
            range.contains(&number).then_some(number)
        })
    }

    fn refuse_the_rest(self) {
        let Some(table) = self.table else { return };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let near = nearest(name, &self.known);
            let cure = near.map_or_else(
                || format!("take it out; known here are {}", self.known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            if let Some(near) = near.filter(|near| !table.contains_key(*near)) {
                self.not_missing(near);
            }
            self.document
                .wrong(&key.span(), self.full(name), "is no key".to_owned(), cure);
        }
    }
}

fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .filter(|(distance, known)| *distance <= 3 && *distance < known.chars().count())
        .min()
        .map(|(_, known)| known)
}

fn line_of(text: &str, at: &Range<usize>) -> usize {
    text.bytes()
        .take(at.start)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// A text that is not empty.
pub(super) fn text(value: &DeValue<'_>) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A time with its unit: `20 s`, `1500 ms`, `2 min`.
pub(super) fn duration(value: &DeValue<'_>) -> Option<Duration> {
    let text = value.as_str()?.trim();
    let unit = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit);
    let count: u64 = count.parse().ok()?;
    let milliseconds = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        _ => return None,
    };
    let length = Duration::from_millis(count.checked_mul(milliseconds)?);
    // More than a day is a slip in a unit, and none is no wait at all.
    (Duration::from_millis(1)..=Duration::from_secs(86_400))
        .contains(&length)
        .then_some(length)
}
