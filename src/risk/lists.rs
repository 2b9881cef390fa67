//! Watch lists. Exact documents and names are kept only as digests, so that the list reveals nobody; the names that are
//! searched for likeness stand in clear, because a digest has no likeness.

mod documents;
mod draft;
pub(crate) mod file;
mod manifest;

pub(crate) use documents::{DocumentDelta, DocumentFilter, Documents, ExactDocuments};
pub use documents::{DocumentDigests, SnapshotId};
pub use draft::Draft;
pub use file::FileError;
pub use manifest::Manifest;

use crate::case::Traveller;
use crate::digest::{self, Digest, Key, Shortener};
use crate::names::{Likeness, NameIndex};
use crate::policy::Bar;
use evidence::{BirthDate, Certainty, Date, DocumentNumber, Name, Sensitive, StateCode, Version};
use std::sync::Arc;

/// Lost, stolen and watched documents, and watched names. A copy shares what is large.
#[derive(Clone, Debug)]
pub struct Lists {
    manifest: Arc<Manifest>,
    documents: Option<Arc<Documents>>,
    names: Option<Arc<NameIndex>>,
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
    /// `expires` is no calendar day, or is before `issued`.
    #[error("`expires` has to be a day such as 2026-12-23, and not before `issued`")]
    Expires,
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
    /// A file's name or hash cannot be used.
    #[error(
        "`files.{0}`: `name` is a file of this folder (A-Z, a-z, 0-9, `.`, `-`, `_`), `sha256` its 64 hexadecimal digits"
    )]
    File(&'static str),
    /// A filter holds keyed digests.
    #[error(
        "`files.document_filter` needs a `key`: write the 64 hexadecimal digits that it was made with"
    )]
    FilesWithoutKey,
    /// A delta without what it changes.
    #[error("`files.document_delta` needs `files.document_filter`, which it changes")]
    DeltaAlone,
    /// A list file alone, which names others.
    #[error("it names other files: load the folder, not this file alone")]
    FilesNotLoaded,
}

impl Lists {
    /// Reads a list file that stands alone, without binary files. [`Draft::to_toml`] writes one; [`Manifest::parse`] tells
    /// what may stand in it.
    ///
    /// # Errors
    /// [`ListsError`] names the key and the cure.
    pub fn parse(text: &str) -> Result<Self, ListsError> {
        let manifest = Manifest::parse(text)?;
        if manifest.files().next().is_some() {
            return Err(ListsError::FilesNotLoaded);
        }
        Ok(Self::of(manifest, None, None))
    }

    /// Lists of files that are in memory, and whose hashes somebody else has checked: [`crate::Edition::load`] does both.
    ///
    /// # Errors
    /// [`FileError`] for the first file that is refused; a filter without a key in the manifest is refused as of another key.
    pub fn of_files(
        manifest: Manifest,
        filter: Option<&[u8]>,
        delta: Option<&[u8]>,
        names: Option<&[u8]>,
    ) -> Result<Self, FileError> {
        let documents = match filter {
            None => None,
            Some(mut bytes) => {
                let key = manifest.key.as_ref().ok_or(FileError::Key)?;
                let mut documents = Documents::new(Shortener::new(key.expose()));
                let length = bytes.len() as u64;
                let snapshot = manifest.files.document_filter.as_ref();
                let snapshot = snapshot.map_or([0; 32], |named| named.sha256);
                documents.filter = Some(DocumentFilter::read(
                    &mut bytes,
                    length,
                    documents.shortener(),
                )?);
                if let Some(mut bytes) = delta {
                    let length = bytes.len() as u64;
                    let delta = DocumentDelta::read(&mut bytes, length, documents.shortener())?;
                    documents.follow(delta, &snapshot)?;
                }
                Some(documents)
            }
        };
        let names = match names {
            None => None,
            Some(mut bytes) => {
                let length = bytes.len() as u64;
                Some(NameIndex::read(&mut bytes, length)?)
            }
        };
        Ok(Self::of(manifest, documents, names))
    }

    pub(crate) fn of(
        manifest: Manifest,
        documents: Option<Documents>,
        names: Option<NameIndex>,
    ) -> Self {
        Self {
            manifest: Arc::new(manifest),
            documents: documents.map(Arc::new),
            names: names.map(Arc::new),
        }
    }

    /// The version that the file names; it travels into every verdict.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.manifest.version
    }

    /// The day on which the lists were issued.
    #[must_use]
    pub fn issued(&self) -> Date {
        self.manifest.issued
    }

    /// The last day of use that the lists state themselves.
    #[must_use]
    pub fn expires(&self) -> Option<Date> {
        self.manifest.expires
    }

    /// Whether this document is listed, and how sure that is.
    #[must_use]
    pub fn document(&self, state: StateCode, number: &DocumentNumber) -> Option<Certainty> {
        if self.has_document(state, number) {
            return Some(Certainty::Exact);
        }
        self.documents.as_ref()?.listed(state, number)
    }

    /// Whether exactly this document stands on the short list.
    #[must_use]
    pub fn has_document(&self, state: StateCode, number: &DocumentNumber) -> bool {
        !self.manifest.documents.is_empty()
            && self
                .manifest
                .documents
                .contains(&digest::of_document(self.key(), state, number))
    }

    /// Whether exactly this name, as transliterated in the machine-readable zone, is listed with this birth date.
    #[must_use]
    pub fn has_name(&self, name: &Name, birth: &BirthDate) -> bool {
        !self.manifest.names.is_empty()
            && self
                .manifest
                .names
                .contains(&digest::of_name(self.key(), name, birth))
    }

    /// The listed name that is most like the traveller's, if it is alike enough.
    #[must_use]
    pub fn nearest_name(&self, traveller: &Traveller, bar: &Bar) -> Option<Likeness> {
        self.names.as_ref()?.nearest(traveller, bar)
    }

    /// Bytes of memory that the lists' files take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.documents
            .as_ref()
            .map_or(0, |documents| documents.size())
            + self.names.as_ref().map_or(0, |names| names.size())
    }

    fn key(&self) -> Option<&Key> {
        self.manifest.key.as_ref().map(Sensitive::expose)
    }
}
