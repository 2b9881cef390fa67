//! `kiosk doctor`: what is plugged in, what answers, what is out of date. It gives the gate no command, and while the lane runs
//! it leaves gate and cameras to it.

mod devices;
mod office;
mod sound;
mod system;

pub(crate) use system::running;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use evidence::Moment;
use serde::Serialize;

use crate::config::Complaint;
use crate::{Config, ConfigError};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line each, for eyes.
    Text,
    /// One JSON object each: `check`, `state`, `says`, and `cure` where there is something to do.
    Json,
}

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Well.
    Ok,
    /// It works, and needs attention soon.
    Warning,
    /// It does not work.
    Fault,
}

impl State {
    /// The exit code of a doctor whose worst finding this is.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Fault => 2,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        })
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub says: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            says: says.into(),
            cure: None,
        }
    }

    fn warning(check: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Warning,
            says: says.into(),
            cure: Some(cure.into()),
        }
    }

    fn fault(check: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            state: State::Fault,
            ..Self::warning(check, says, cure)
        }
    }

    fn complaint(check: &'static str, complaint: Complaint) -> Self {
        let at = complaint
            .line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        let says = format!("{at}`{}` {}", complaint.key, complaint.trouble);
        Self::fault(check, says, complaint.cure)
    }
}

/// Looks at everything that the configuration names and tells each finding as it is made; gives the worst.
///
/// # Errors
/// When nobody takes what is written.
pub fn examine(config: &Path, form: Form, out: &mut impl Write) -> io::Result<State> {
    vision::qr::hush_isolated_panics();
    risk::install_crypto();
    let mut worst = State::Ok;
    let mut tell = |finding: Finding| {
        worst = worst.max(finding.state);
        write(&finding, form, out)
    };
    let config = match Config::load(config) {
        Ok(config) => config,
        Err(ConfigError::Complaints { complaints, .. }) => {
            for complaint in complaints {
                tell(Finding::complaint("configuration", complaint))?;
            }
            return Ok(worst);
        }
        Err(error @ ConfigError::Unreadable { .. }) => {
            let cure = "check the path after --config and the file's rights";
            tell(Finding::fault("configuration", error.to_string(), cure))?;
            return Ok(worst);
        }
    };
    let says = format!("{}: lane {}", config.file.display(), config.lane);
    tell(Finding::ok("configuration", says))?;
    let now = now();
    let running = system::running(&config);
    tell(match &running {
        Some(process) => Finding::ok("lane", format!("it runs ({process})")),
        None => Finding::ok("lane", "it does not run"),
    })?;
    let (journal, last) = system::journal(&config);
    for finding in [
        journal,
        system::disk(&config),
        system::key(&config),
        sound::policy(&config, now),
        sound::lists(&config, now),
        sound::issuers(&config, now),
        sound::roster(&config),
        sound::models(&config),
        system::fonts(),
        system::clock(now, last),
    ] {
        tell(finding)?;
    }
    for finding in devices::cameras(&config, running.is_some()) {
        tell(finding)?;
    }
    tell(devices::gate(&config, running.is_some()))?;
    tell(office::office(&config, now))?;
    Ok(worst)
}

fn write(finding: &Finding, form: Form, out: &mut impl Write) -> io::Result<()> {
    match form {
        Form::Json => serde_json::to_writer(&mut *out, finding)?,
        Form::Text => {
            let Finding {
                check, state, says, ..
            } = finding;
            write!(out, "{state:<8} {check:<16} {says}")?;
            if let Some(cure) = &finding.cure {
                write!(out, " -> {cure}")?;
            }
        }
    }
    writeln!(out)?;
    out.flush()
}

fn now() -> Moment {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
