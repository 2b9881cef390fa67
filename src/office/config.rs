//! The office's configuration file.

use crate::complaint::complaint;
pub use crate::complaint::{Complaint, ConfigError};
use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;
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
    /// How lanes are known; without it nobody is asked for a certificate.
    pub lanes: Option<Lanes>,
    /// The signed lists and policies that lanes fetch.
    pub repository: Option<Repository>,
    /// Where the office's figures are read.
    pub metrics: Option<Metrics>,
    /// How long what is kept is kept.
    #[serde(default)]
    pub retention: Retention,
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
    /// Folder with `policy.toml`, `lists.toml` and the files that it names.
    pub edition: PathBuf,
    /// The listed documents themselves, beside the edition's filter.
    pub exact_documents: Option<PathBuf>,
}

/// How lanes are known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lanes {
    /// Certificates of the lanes' authority, PEM; the first issues.
    pub ca: PathBuf,
    /// The first one's private key, PEM. Without it nothing is issued here.
    pub ca_key: Option<PathBuf>,
    /// Whether whoever shows no certificate is turned away at the handshake.
    #[serde(default = "yes")]
    pub required: bool,
    /// Days that a lane's certificate is valid.
    #[serde(default = "month")]
    pub certificate_days: u16,
}

fn yes() -> bool {
    true
}

fn month() -> u16 {
    30
}

/// The signed lists and policies that lanes fetch (TUF).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// Folder with `metadata` and `targets`.
    pub folder: PathBuf,
}

/// Where the office's figures are read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Address and port, plain HTTP; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// How long what is kept is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days after which answers and disagreements are deleted. Records never are.
    pub answers_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { answers_days: 365 }
    }
}

/// Limits on requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body, bytes; of anything but records.
    pub body_bytes: usize,
    /// Largest delivery of records, bytes.
    pub records_bytes: usize,
    /// Requests in work at the same time.
    pub concurrent_requests: usize,
    /// Requests a second that one lane may make in the long run.
    pub lane_per_second: u32,
    /// Requests that one lane may make at once.
    pub lane_burst: u32,
    /// Milliseconds that a request may take.
    pub request_ms: u64,
    /// Seconds that requests in work get when the office is stopped.
    pub stop_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 65_536,
            records_bytes: 2_097_152,
            concurrent_requests: 256,
            lane_per_second: 50,
            lane_burst: 100,
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
            &mut config.risk.edition,
        ] {
            *file = folder.join(&*file);
        }
        if let Some(exact) = &mut config.risk.exact_documents {
            *exact = folder.join(&*exact);
        }
        if let Some(lanes) = &mut config.lanes {
            lanes.ca = folder.join(&lanes.ca);
            lanes.ca_key = lanes.ca_key.take().map(|key| folder.join(key));
        }
        if let Some(repository) = &mut config.repository {
            repository.folder = folder.join(&repository.folder);
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
        let complaints = config.complaints();
        if complaints.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Keys(complaints))
        }
    }
}

impl Config {
    fn complaints(&self) -> Vec<Complaint> {
        let limits = &self.limits;
        let days = self
            .lanes
            .as_ref()
            .map_or(1, |lanes| lanes.certificate_days);
        [
            ("limits.body_bytes", limits.body_bytes == 0),
            ("limits.records_bytes", limits.records_bytes == 0),
            (
                "limits.concurrent_requests",
                limits.concurrent_requests == 0,
            ),
            ("limits.lane_per_second", limits.lane_per_second == 0),
            ("limits.lane_burst", limits.lane_burst == 0),
            ("limits.request_ms", limits.request_ms == 0),
            ("lanes.certificate_days", days == 0),
            ("retention.answers_days", self.retention.answers_days == 0),
        ]
        .into_iter()
        .filter(|(_, nought)| *nought)
        .map(|(key, _)| Complaint {
            key: key.to_owned(),
            trouble: "is 0, with which nobody could be served".to_owned(),
            cure: "write 1 or more, or leave it out".to_owned(),
        })
        .collect()
    }
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
        assert_eq!(config.retention, Retention::default());
        let short = SAMPLE.split("[retention]").next().unwrap();
        let lanes = config.lanes.as_ref().unwrap();
        assert!(lanes.required && lanes.certificate_days == month());
        let short = short
            .replace("required = true\n", "")
            .replace("certificate_days = 30\n", "");
        assert_eq!(Config::parse(&short).unwrap(), config);
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
            ("\nkey = \"office.key.pem\"", "", "tls.key", "add it"),
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
            ("ca = ", "cas = ", "lanes.cas", "did you mean `ca`?"),
            (
                "certificate_days = 30",
                "certificate_days = 0",
                "lanes.certificate_days",
                "write 1 or more",
            ),
            ("folder = \"repository\"", "", "repository.folder", "add it"),
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
