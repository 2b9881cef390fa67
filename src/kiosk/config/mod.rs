//! The lane's configuration file. Nothing secret stands in it: keys and PIN hashes are files of their own.

mod keys;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use camera::{Format, Tuning};
use evidence::UtcOffset;
use gate::SerialPort;
use journey::Rules;
use risk::{LaneName, Url};

pub use keys::Complaint;

/// The commented sample that ships, with every key.
pub const SAMPLE: &str = include_str!("../kiosk.sample.toml");

/// How one lane is set up; `kiosk.sample.toml` explains every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that it was read from.
    pub file: PathBuf,
    /// The lane's name in its office.
    pub lane: LaneName,
    /// The lane's offset from UTC.
    pub offset: UtcOffset,
    /// The screen.
    pub screen: ui::Settings,
    /// What looks at passports and codes.
    pub documents: Camera,
    /// What looks at faces; the same camera where there is none of its own.
    pub face: Option<Camera>,
    /// The line to the gate.
    pub port: SerialPort,
    /// The register map of its controller.
    pub map: Map,
    /// The office, unless the lane decides alone.
    pub office: Option<Office>,
    /// Where newer policies and lists come from; none where they are put there by hand.
    pub updates: Option<Updates>,
    /// The policy by which the lane decides alone.
    pub policy: PathBuf,
    /// The lists by which the lane decides alone.
    pub lists: PathBuf,
    /// The keys whose signatures are accepted.
    pub issuers: PathBuf,
    /// Who may sign in.
    pub roster: PathBuf,
    /// The journal.
    pub journal: PathBuf,
    /// The file of its key; if none is named, the service manager's credential `journal.key`.
    pub journal_key: Option<PathBuf>,
    /// How long what is personal stays in the journal.
    pub retention: journal::Retention,
    /// The file of the lane's signing key; if none is named, the service manager's credential `lane.key`.
    pub lane_key: Option<PathBuf>,
    /// The folder of the face models; if none is named, [`crate::models::folder`] looks for it.
    pub models: Option<PathBuf>,
    /// A net that takes part in telling a live face from a picture of one; evaluation only.
    pub presentation: Option<PathBuf>,
    /// What decisions are measured by.
    pub rules: Rules,
    /// How long things may take.
    pub timings: runtime::Timings,
    /// The log.
    pub log: Log,
}

/// One camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Where its frames come from.
    pub source: Source,
    /// What is wanted of it.
    pub format: Format,
    /// What is set on it.
    pub tuning: Tuning,
}

/// Where frames come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A V4L2 device.
    V4l2(PathBuf),
    /// A picture, or a folder of pictures.
    Pictures(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4l2(path) => write!(f, "v4l2:{}", path.display()),
            Self::Pictures(path) => write!(f, "pictures:{}", path.display()),
        }
    }
}

/// The register map of the gate's controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// The built-in map of a controller with position, counters and faults.
    Controller,
    /// The built-in map of a relay and input module.
    RelayBox,
    /// A file.
    File(PathBuf),
}

/// The office, as the lane reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its https address.
    pub url: Url,
    /// The authorities that may vouch for it, PEM.
    pub ca: PathBuf,
    /// From question to answer.
    pub deadline: Duration,
    /// Certificate and key by which the office knows the lane, PEM; renewed by themselves.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Where newer policies and lists come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updates {
    /// The root that is trusted from the start.
    pub root: PathBuf,
    /// The repository, where it is not the office's.
    pub repository: Option<Url>,
    /// How often to look.
    pub every: Duration,
    /// The updates' own folder.
    pub folder: PathBuf,
}

/// How log lines look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// JSON or text.
    pub format: LogFormat,
    /// Filter directives of `tracing`.
    pub filter: String,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    #[error("configuration {}: cannot be read ({source}); check the path after --config and the file's rights", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Keys are wrong, or what they name does not serve.
    #[error("configuration {}:{}", path.display(), Listed(.complaints))]
    Complaints {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        complaints: Vec<Complaint>,
    },
}

struct Listed<'a>(&'a [Complaint]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|complaint| write!(f, "\n  {complaint}"))
    }
}

impl Config {
    /// Reads a configuration file. Paths in it that are not absolute start at its folder.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, every wrong key, and the cure.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads a configuration's text, as if it stood in `file`.
    ///
    /// # Errors
    /// [`ConfigError::Complaints`] names every wrong key and its cure.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        read::config(text, file).map_err(|complaints| ConfigError::Complaints {
            path: file.to_owned(),
            complaints,
        })
    }
}
