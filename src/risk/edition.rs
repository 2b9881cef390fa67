//! What a lane judges by when it judges alone: policy and lists that belong together, in one folder.

use crate::lists::{Lists, ListsError};
use crate::policy::{Policy, PolicyError};
use std::io;
use std::path::{Path, PathBuf};

/// Policy and lists that belong together.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The rules.
    pub policy: Policy,
    /// The lists.
    pub lists: Lists,
}

/// Why a folder cannot be judged by.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// A file is missing or cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// The policy is none.
    #[error("policy.toml is refused")]
    Policy(#[source] PolicyError),
    /// The lists are none.
    #[error("lists.toml is refused")]
    Lists(#[source] ListsError),
}

impl Edition {
    /// Reads and checks `policy.toml` and `lists.toml` of a folder.
    ///
    /// # Errors
    /// [`EditionError`] names the file and what is wrong with it.
    pub fn load(folder: &Path) -> Result<Self, EditionError> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(|error| EditionError::Read(path, error))
        };
        Ok(Self {
            policy: Policy::parse(&read("policy.toml")?).map_err(EditionError::Policy)?,
            lists: Lists::parse(&read("lists.toml")?).map_err(EditionError::Lists)?,
        })
    }
}
