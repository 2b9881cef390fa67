//! What is wrong with a configuration: the key, the trouble and the cure.

use figment::error::Kind;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration {}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Keys are wrong; each complaint names key and cure.
    #[error("configuration: {}", Complaints(.0))]
    Keys(Vec<Complaint>),
}

/// One wrong key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The key with its table: `limits.body_bytes`.
    pub key: String,
    /// What is wrong with it.
    pub trouble: String,
    /// What to write.
    pub cure: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}: {}", self.key, self.trouble, self.cure)
    }
}

struct Complaints<'a>(&'a [Complaint]);

impl fmt::Display for Complaints<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, complaint) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            complaint.fmt(f)?;
        }
        Ok(())
    }
}

pub(crate) fn complaint(error: figment::Error) -> Complaint {
    let path = error.path.join(".");
    let at = |field: &str| {
        if path.is_empty() {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        }
    };
    match &error.kind {
        Kind::UnknownField(field, known) => Complaint {
            // The path of an unknown key ends in the key itself.
            key: if error.path.last() == Some(field) {
                path.clone()
            } else {
                at(field)
            },
            trouble: "is no key".to_owned(),
            cure: nearest(field, known).map_or_else(
                || format!("take it out; known here are {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            ),
        },
        Kind::MissingField(field) => Complaint {
            key: at(field),
            trouble: "is missing".to_owned(),
            cure: "add it; office.sample.toml shows how".to_owned(),
        },
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => Complaint {
            key: path,
            trouble: format!("is {found}"),
            cure: format!("write {expected}"),
        },
        Kind::UnknownVariant(found, known) => Complaint {
            key: path,
            trouble: format!("is {found:?}"),
            cure: format!("write one of {}", known.join(", ")),
        },
        other => Complaint {
            key: if path.is_empty() {
                "file".to_owned()
            } else {
                path
            },
            trouble: "cannot be read".to_owned(),
            cure: other.to_string(),
        },
    }
}

fn nearest(field: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(field, known), *known))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, known)| known)
}
