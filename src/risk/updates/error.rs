//! Why there is no newer edition, and who has to act.

use crate::edition::EditionError;
use crate::line::{Blame, ClientError, ClientSetupError};
use sigstore_tuf::Error as Tuf;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateBlame {
    /// The author of the editions: what is published will not do, or nothing has been published in time.
    Author,
    /// The office or the line to it; or somebody who would like lanes to judge by something else.
    Service,
    /// This lane: its disk or its configuration.
    Us,
}

/// Why there is no newer edition. The one in place stays in use.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The repository's address is none.
    #[error("the repository's address cannot be used")]
    Address(#[source] ClientSetupError),
    /// A file or folder of the lane's.
    #[error("{} cannot be used", .0.display())]
    Disk(PathBuf, #[source] io::Error),
    /// Another process holds the folder.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The office did not give a file.
    #[error("the repository cannot be read")]
    Fetch(#[source] ClientError),
    /// What the office gave is not signed as it has to be, is out of date, or older than what was here.
    #[error("the repository's metadata is refused")]
    Metadata(#[source] Tuf),
    /// An edition older than the one in use.
    #[error("edition {number} is older than the one in use")]
    Older {
        /// Its number.
        number: u64,
    },
    /// A file that would not stay in its folder.
    #[error("`{0}` is no plain file name")]
    Name(String),
    /// More than any edition has.
    #[error("the edition has more files or bytes than any may have")]
    TooLarge,
    /// A file that was signed is not there.
    #[error("`{0}` is missing in the repository")]
    Absent(String),
    /// A file is not what was signed.
    #[error("`{0}` is not the file that was signed")]
    Tampered(String),
    /// A file without the digest that everything rests on.
    #[error("`{0}` has no SHA-256 digest")]
    NoDigest(String),
    /// The edition is signed and cannot be judged by.
    #[error("the edition cannot be judged by")]
    Edition(#[source] EditionError),
    /// The program is ending.
    #[error("the program is ending")]
    Stopped,
}

impl UpdateError {
    /// What the verifier reports, with a fault of the line told as one.
    pub(super) fn metadata(error: Tuf) -> Self {
        match error {
            Tuf::Transport {
                message,
                source: Some(source),
            } => match source.downcast() {
                Ok(client) => Self::Fetch(*client),
                Err(source) => Self::Metadata(Tuf::Transport {
                    message,
                    source: Some(source),
                }),
            },
            other => Self::Metadata(other),
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> UpdateBlame {
        match self {
            Self::Address(_) | Self::Disk(..) | Self::InUse(_) | Self::Stopped => UpdateBlame::Us,
            Self::Fetch(error) => match error.blame() {
                Blame::Service => UpdateBlame::Service,
                Blame::Us => UpdateBlame::Us,
            },
            Self::Metadata(Tuf::Expired { .. })
            | Self::Name(_)
            | Self::TooLarge
            | Self::NoDigest(_)
            | Self::Edition(_) => UpdateBlame::Author,
            Self::Metadata(_) | Self::Older { .. } | Self::Absent(_) | Self::Tampered(_) => {
                UpdateBlame::Service
            }
        }
    }

    /// The error with all its causes and who has to act, in one line.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text.push_str(match self.blame() {
            UpdateBlame::Author => {
                " (for the author of the lists: publish anew, or `office publish --refresh`)"
            }
            UpdateBlame::Service => " (for the office's operator)",
            UpdateBlame::Us => " (for this lane's operator)",
        });
        text
    }
}
