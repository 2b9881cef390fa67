//! An edition: policy and lists as they lie in one folder, read and checked as a whole or refused as a whole. This is the
//! only place of the crate that opens files.

use crate::digest::Shortener;
use crate::lists::{
    DocumentDelta, DocumentFilter, Documents, ExactDocuments, FileError, Lists, ListsError,
    Manifest,
};
use crate::names::NameIndex;
use crate::policy::{Policy, PolicyError};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// The policy's file in the folder.
pub const POLICY: &str = "policy.toml";

/// The lists' file in the folder.
pub const LISTS: &str = "lists.toml";

/// Longest text that is read as policy or lists, bytes: room for 200,000 digests, and no room for an accident.
const LONGEST_TEXT: u64 = 16 << 20;

/// Policy and lists that belong together.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The policy.
    pub policy: Policy,
    /// The lists.
    pub lists: Lists,
}

/// Why a folder is no edition. The author of the edition has to act; a lane keeps the edition that it has.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// A file is missing or cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A text is longer than any policy or list is.
    #[error("{} is longer than {LONGEST_TEXT} bytes", .0.display())]
    TooLong(PathBuf),
    /// The policy is refused.
    #[error("{POLICY} is refused")]
    Policy(#[source] PolicyError),
    /// The lists are refused.
    #[error("{LISTS} is refused")]
    Lists(#[source] ListsError),
    /// A binary file is refused.
    #[error("{} is refused", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: FileError,
    },
    /// A binary file is not the one that the lists name.
    #[error("{} has another SHA-256 than {LISTS} says: it belongs to another edition, or is spoilt", .0.display())]
    Checksum(PathBuf),
}

impl Edition {
    /// Reads the edition in a folder: `policy.toml`, `lists.toml` and the files that it names. Takes as much memory as the
    /// binary files have bytes, and 64 KiB. Blocks; a hundred million documents take about a second.
    ///
    /// # Errors
    /// [`EditionError`] names the file and what is wrong with it.
    pub fn load(folder: &Path) -> Result<Self, EditionError> {
        Self::read(folder, None)
    }

    /// Reads the edition in a folder as an office has it: with the list itself beside the filter, so that a document's hit
    /// is sure. The list lies in a file of its own, which never goes to a lane.
    ///
    /// # Errors
    /// [`EditionError`] names the file and what is wrong with it.
    pub fn load_with_exact_documents(folder: &Path, exact: &Path) -> Result<Self, EditionError> {
        Self::read(folder, Some(exact))
    }

    fn read(folder: &Path, exact: Option<&Path>) -> Result<Self, EditionError> {
        let policy = Policy::parse(&text(&folder.join(POLICY))?).map_err(EditionError::Policy)?;
        let manifest = Manifest::parse(&text(&folder.join(LISTS))?).map_err(EditionError::Lists)?;
        let documents = match &manifest.key {
            Some(key) => documents(folder, &manifest, Shortener::new(key.expose()), exact)?,
            // Digests without a key are of another kind; a list beside them would be passed over in silence.
            None if exact.is_some() => {
                return Err(EditionError::Lists(ListsError::FilesWithoutKey));
            }
            None => None,
        };
        let names = match &manifest.files.names {
            Some(named) => Some(checked(
                &folder.join(&named.name),
                &named.sha256,
                NameIndex::read,
            )?),
            None => None,
        };
        Ok(Self {
            policy,
            lists: Lists::of(manifest, documents, names),
        })
    }
}

fn documents(
    folder: &Path,
    manifest: &Manifest,
    shortener: Shortener,
    exact: Option<&Path>,
) -> Result<Option<Documents>, EditionError> {
    let mut documents = Documents::new(shortener);
    if let Some(named) = &manifest.files.document_filter {
        let path = folder.join(&named.name);
        documents.filter = Some(checked(&path, &named.sha256, |from, length| {
            DocumentFilter::read(from, length, documents.shortener())
        })?);
        if let Some(changes) = &manifest.files.document_delta {
            let path = folder.join(&changes.name);
            let delta = checked(&path, &changes.sha256, |from, length| {
                DocumentDelta::read(from, length, documents.shortener())
            })?;
            documents
                .follow(delta, &named.sha256)
                .map_err(|source| EditionError::File { path, source })?;
        }
    }
    if let Some(path) = exact {
        let (list, _) = hashed(path, |from, length| {
            ExactDocuments::read(from, length, documents.shortener())
        })?;
        documents.exact = Some(list);
    }
    let any = documents.filter.is_some() || documents.exact.is_some();
    Ok(any.then_some(documents))
}

fn text(path: &Path) -> Result<String, EditionError> {
    let failed = |source| EditionError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    File::open(path)
        .map_err(failed)?
        .take(LONGEST_TEXT + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > LONGEST_TEXT {
        return Err(EditionError::TooLong(path.to_owned()));
    }
    Ok(text)
}

/// What `read` makes of the file, whose bytes have to hash to `sha256`.
fn checked<T>(
    path: &Path,
    sha256: &[u8; 32],
    read: impl FnOnce(&mut dyn Read, u64) -> Result<T, FileError>,
) -> Result<T, EditionError> {
    let (value, found) = hashed(path, read)?;
    if found == *sha256 {
        Ok(value)
    } else {
        Err(EditionError::Checksum(path.to_owned()))
    }
}

fn hashed<T>(
    path: &Path,
    read: impl FnOnce(&mut dyn Read, u64) -> Result<T, FileError>,
) -> Result<(T, [u8; 32]), EditionError> {
    let failed = |source| EditionError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut hashing = Hashing {
        from: BufReader::with_capacity(1 << 16, file),
        hash: Sha256::new(),
    };
    let value = read(&mut hashing, length).map_err(|source| EditionError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok((value, hashing.hash.finalize().into()))
}

struct Hashing<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.hash.update(&into[..count]);
        Ok(count)
    }
}
