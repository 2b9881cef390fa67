//! `lists.toml`: the edition's name and day, small exact lists, and the binary files that belong to it.

use super::{Digest, ListsError};
use crate::digest::{Key, KeyText};
use crate::policy::{day_of, line_of};
use evidence::{Date, Sensitive, Version};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::value::Datetime;

/// What `lists.toml` says.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub(crate) version: Version,
    pub(crate) issued: Date,
    pub(crate) expires: Option<Date>,
    pub(crate) key: Option<Sensitive<Key>>,
    pub(crate) documents: BTreeSet<Digest>,
    pub(crate) names: BTreeSet<Digest>,
    pub(crate) files: Files,
}

/// The binary files of an edition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) document_filter: Option<Named>,
    pub(crate) document_delta: Option<Named>,
    pub(crate) names: Option<Named>,
}

/// A file, and what its bytes hash to.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) sha256: [u8; 32],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    issued: Datetime,
    expires: Option<Datetime>,
    key: Option<KeyText>,
    #[serde(default)]
    documents: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    files: FileFiles,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FileFiles {
    document_filter: Option<FileNamed>,
    document_delta: Option<FileNamed>,
    names: Option<FileNamed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNamed {
    name: String,
    sha256: String,
}

impl Manifest {
    /// Reads a manifest: `version`, `issued` (a day), `expires` (optional, the last day of use), `key` (optional; 32 bytes in
    /// hexadecimal digits), the digests under `documents` and `names`, and under `files.document_filter`,
    /// `files.document_delta` and `files.names` the `name` and `sha256` of binary files in the same folder.
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
        let issued = day_of(file.issued).ok_or(ListsError::Issued)?;
        let expires = match file.expires {
            Some(day) => Some(
                day_of(day)
                    .filter(|day| *day >= issued)
                    .ok_or(ListsError::Expires)?,
            ),
            None => None,
        };
        let files = Files {
            document_filter: named("document_filter", file.files.document_filter)?,
            document_delta: named("document_delta", file.files.document_delta)?,
            names: named("names", file.files.names)?,
        };
        if files.document_delta.is_some() && files.document_filter.is_none() {
            return Err(ListsError::DeltaAlone);
        }
        if key.is_none() && files.document_filter.is_some() {
            return Err(ListsError::FilesWithoutKey);
        }
        Ok(Self {
            version: Version::parse(&file.version).ok_or(ListsError::Version)?,
            issued,
            expires,
            key,
            documents: digests("documents", &file.documents)?,
            names: digests("names", &file.names)?,
            files,
        })
    }

    /// The binary files that belong to the edition, by their names in its folder.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.names()
    }
}

impl Files {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.document_filter, &self.document_delta, &self.names]
            .into_iter()
            .flatten()
            .map(|named| named.name.as_str())
    }
}

fn named(key: &'static str, file: Option<FileNamed>) -> Result<Option<Named>, ListsError> {
    let Some(file) = file else { return Ok(None) };
    // A name that could leave the folder would let a list read any file of the lane.
    let plain = (1..=80).contains(&file.name.len())
        && !file.name.starts_with('.')
        && file
            .name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let mut sha256 = [0; 32];
    if !plain || hex::decode_to_slice(&file.sha256, &mut sha256).is_err() {
        return Err(ListsError::File(key));
    }
    Ok(Some(Named {
        name: file.name,
        sha256,
    }))
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
