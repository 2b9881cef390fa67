//! Watch lists: exact documents and exact names, kept only as digests, so that the list reveals nobody.

use crate::digest::{self, Digest, Key, KeyText};
use crate::policy::{day_of, line_of};
use evidence::{BirthDate, Date, DocumentNumber, Name, Sensitive, StateCode, Version};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use toml::value::Datetime;

/// Lost, stolen and watched documents, and watched names, by digest.
#[derive(Clone, Debug)]
pub struct Lists {
    version: Version,
    issued: Date,
    key: Option<Sensitive<Key>>,
    documents: BTreeSet<Digest>,
    names: BTreeSet<Digest>,
}

/// Why a list file is refused; the text names the key and the cure.
#[derive(Debug, thiserror::Error)]
pub enum ListsError {
    /// Not TOML, or a key that is missing, misspelt or of another kind.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line in the file, from 1.
        line: usize,
        /// What the reader says.
        message: String,
    },
    /// `version` is empty or too long.
    #[error("`version`: write 1 to 40 visible characters without spaces")]
    Version,
    /// `issued` is no calendar day.
    #[error("`issued` has to be a day such as 2026-11-23")]
    Issued,
    /// `key` is no key.
    #[error("`key`: write 64 hexadecimal digits (32 bytes), or leave it out")]
    Key,
    /// An entry is no digest.
    #[error(
        "`{list}`, entry {entry}: not 64 hexadecimal digits; entries are digests, not the values themselves"
    )]
    Entry {
        /// `documents` or `names`.
        list: &'static str,
        /// Position, from 1.
        entry: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    issued: Datetime,
    key: Option<KeyText>,
    #[serde(default)]
    documents: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

impl Lists {
    /// Reads a list file: `version`, `issued` (a day), `key` (optional; 32 bytes in hexadecimal digits) and the digests
    /// under `documents` and `names`. [`Draft::to_toml`] writes one.
    ///
    /// # Errors
    /// [`ListsError`] names the key and the cure.
    pub fn parse(text: &str) -> Result<Self, ListsError> {
        let file: File = toml::from_str(text).map_err(|error| ListsError::Syntax {
            line: line_of(text, error.span()),
            message: error.message().to_owned(),
        })?;
        let key = match &file.key {
            Some(text) => Some(text.key().ok_or(ListsError::Key)?),
            None => None,
        };
        Ok(Self {
            version: Version::parse(&file.version).ok_or(ListsError::Version)?,
            issued: day_of(file.issued).ok_or(ListsError::Issued)?,
            key,
            documents: digests("documents", &file.documents)?,
            names: digests("names", &file.names)?,
        })
    }

    /// The version that the file names; it travels into every verdict.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The day on which the lists were issued.
    #[must_use]
    pub fn issued(&self) -> Date {
        self.issued
    }

    /// Whether exactly this document is listed.
    #[must_use]
    pub fn has_document(&self, state: StateCode, number: &DocumentNumber) -> bool {
        self.documents
            .contains(&digest::of_document(self.key(), state, number))
    }

    /// Whether exactly this name, as transliterated in the machine-readable zone, is listed with this birth date.
    #[must_use]
    pub fn has_name(&self, name: &Name, birth: &BirthDate) -> bool {
        self.names
            .contains(&digest::of_name(self.key(), name, birth))
    }

    fn key(&self) -> Option<&Key> {
        self.key.as_ref().map(Sensitive::expose)
    }
}

fn digests(list: &'static str, entries: &[String]) -> Result<BTreeSet<Digest>, ListsError> {
    let mut set = BTreeSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut digest = Digest::default();
        hex::decode_to_slice(entry, &mut digest).map_err(|_| ListsError::Entry {
            list,
            entry: index + 1,
        })?;
        set.insert(digest);
    }
    Ok(set)
}

/// Lists as their author has them: in clear. Only [`Draft::to_toml`] leaves the author's desk.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Version of the lists.
    pub version: Version,
    /// Day of issue.
    pub issued: Date,
    /// Key of the digests; without one they are plain SHA-256, which a guesser of document numbers can search.
    pub key: Option<Sensitive<[u8; 32]>>,
    /// Documents by issuing state and number.
    pub documents: Vec<(StateCode, Sensitive<DocumentNumber>)>,
    /// Names as in the machine-readable zone, with birth dates.
    pub names: Vec<(Sensitive<Name>, Sensitive<BirthDate>)>,
}

impl Draft {
    /// The list file: digests in ascending order, so that their order tells nothing either.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let key = self.key.as_ref().map(Sensitive::expose);
        let documents: BTreeSet<Digest> = self
            .documents
            .iter()
            .map(|(state, number)| digest::of_document(key, *state, number.expose()))
            .collect();
        let names: BTreeSet<Digest> = self
            .names
            .iter()
            .map(|(name, birth)| digest::of_name(key, name.expose(), birth.expose()))
            .collect();
        let mut text = format!(
            "version = {}\nissued = {}\n",
            toml::Value::from(self.version.as_str()),
            self.issued
        );
        if let Some(key) = key {
            let _ = writeln!(text, "key = \"{}\"", hex::encode(key));
        }
        for (list, digests) in [("documents", documents), ("names", names)] {
            let _ = writeln!(text, "{list} = [");
            for digest in digests {
                let _ = writeln!(text, "  \"{}\",", hex::encode(digest));
            }
            text.push_str("]\n");
        }
        text
    }
}
