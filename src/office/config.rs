//! The office's configuration file.

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How an office runs; `office.sample.toml` explains every key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// SQLite database; made when missing.
    pub database: PathBuf,
    /// Certificate and key.
    pub tls: Tls,
    /// Policy and lists.
    pub risk: Risk,
    /// Limits on requests.
    #[serde(default)]
    pub limits: Limits,
    /// Log format and filter; only the program `office` uses them.
    #[serde(default)]
    pub log: Log,
}

/// The office's identity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// What questions are judged by.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Policy file.
    pub policy: PathBuf,
    /// List file.
    pub lists: PathBuf,
}

/// Limits on requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Requests in work at the same time.
    pub concurrent_requests: usize,
    /// Milliseconds that a request may take.
    pub request_ms: u64,
    /// Seconds that requests in work get when the office is stopped.
    pub stop_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 65_536,
            concurrent_requests: 64,
            request_ms: 1_400,
            stop_seconds: 5,
        }
    }
}

/// How log lines look.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// JSON or text.
    pub format: LogFormat,
    /// Filter directives of `tracing`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            filter: "info".to_owned(),
        }
    }
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}

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

impl Config {
    /// Reads a configuration file; relative paths start at its folder.
    ///
    /// # Errors
    /// [`ConfigError`] names file or key, and the cure.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut config = Self::parse(&text)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [
            &mut config.database,
            &mut config.tls.certificate,
            &mut config.tls.key,
            &mut config.risk.policy,
            &mut config.risk.lists,
        ] {
            *file = folder.join(&*file);
        }
        Ok(config)
    }

    /// Reads a configuration's text; paths stay as they are written.
    ///
    /// # Errors
    /// [`ConfigError::Keys`] names every wrong key and its cure.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| ConfigError::Keys(error.into_iter().map(complaint).collect()))?;
        let complaints = config.limits.complaints();
        if complaints.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Keys(complaints))
        }
    }
}

impl Limits {
    fn complaints(&self) -> Vec<Complaint> {
        [
            ("limits.body_bytes", self.body_bytes == 0),
            ("limits.concurrent_requests", self.concurrent_requests == 0),
            ("limits.request_ms", self.request_ms == 0),
        ]
        .into_iter()
        .filter(|(_, nought)| *nought)
        .map(|(key, _)| Complaint {
            key: key.to_owned(),
            trouble: "is 0, so that nobody could ask".to_owned(),
            cure: "write 1 or more, or leave it out".to_owned(),
        })
        .collect()
    }
}

fn complaint(error: figment::Error) -> Complaint {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SAMPLE: &str = include_str!("office.sample.toml");

    #[test]
    fn the_shipped_sample_is_a_configuration_and_states_the_defaults() {
        let config = Config::parse(SAMPLE).unwrap();
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.log, Log::default());
        let short = SAMPLE.split("[limits]").next().unwrap();
        assert_eq!(Config::parse(short).unwrap(), config);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_cure() {
        for (from, to, key, cure) in [
            (
                "body_bytes",
                "bodybytes",
                "limits.bodybytes",
                "did you mean `body_bytes`?",
            ),
            ("[tls]", "[tsl]", "tsl", "did you mean `tls`?"),
            ("database =", "# database =", "database", "add it"),
            ("key = \"office.key.pem\"", "", "tls.key", "add it"),
            (
                "body_bytes = 65_536",
                "body_bytes = \"many\"",
                "limits.body_bytes",
                "write usize",
            ),
            (
                "body_bytes = 65_536",
                "body_bytes = 0",
                "limits.body_bytes",
                "write 1 or more",
            ),
            (
                "format = \"json\"",
                "format = \"xml\"",
                "log.format",
                "write one of json, text",
            ),
            (
                "listen = \"127.0.0.1:8443\"",
                "listen = \"here\"",
                "listen",
                "socket address",
            ),
            ("[limits]", "[limits", "file", "TOML"),
        ] {
            assert!(SAMPLE.contains(from), "{from}");
            let error = Config::parse(&SAMPLE.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(error.contains(&format!("`{key}`")), "{error}");
            assert!(error.contains(cure), "{error}");
        }
    }
}
