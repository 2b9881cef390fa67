//! `kiosk journal`: the lane's record in the hands of those who audit it. Nothing here writes to it.

mod arguments;
mod export;
mod stats;
mod verify;

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::ExitCode;

use journal::{JournalError, Reader, Stamp};

use crate::config::Complaint;
use crate::trouble::{line, say};
use crate::{Config, ConfigError, chain, provisions};

pub use arguments::Journal;

/// How a command ended, as its exit code. 2 is what a wrong command line ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, and the record holds.
    Well = 0,
    /// It was altered, or is damaged.
    Altered = 1,
    /// It cannot be read.
    OutOfReach = 3,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Why a command came to nothing.
type Trouble = crate::trouble::Trouble<Outcome>;

/// What the journal says, sorted by whether it is the record that is wrong.
fn of_record(error: &JournalError) -> Trouble {
    match error {
        JournalError::Altered { .. } | JournalError::Damaged { .. } => {
            Trouble::new(Outcome::Altered, chain(error), EVIDENCE)
        }
        _ => Trouble::new(Outcome::OutOfReach, chain(error), ""),
    }
}

/// What to do with a record that does not hold.
const EVIDENCE: &str =
    "stop the lane, keep the file aside as evidence, and compare it with what the office has";

/// Carries out one of the commands.
///
/// # Errors
/// [`ConfigError`] for what the configuration says or names; else what the system refuses. What is wrong with the record is told
/// and is an exit code.
pub fn run(command: &Journal) -> anyhow::Result<ExitCode> {
    let ended = match command {
        Journal::Verify(verify) => verify::verify(verify),
        Journal::Export(export) => export::export(export),
        Journal::Stats(stats) => stats::show(stats),
    };
    let trouble = match ended.map_err(|error| error.downcast::<Trouble>()) {
        Ok(()) => return Ok(Outcome::Well.into()),
        Err(Err(error)) => return Err(error),
        Err(Ok(trouble)) => trouble,
    };
    trouble.tell(command.json())?;
    Ok(trouble.outcome.into())
}

/// The configuration and its journal, to be read.
fn opened(path: &Path) -> anyhow::Result<(Config, Reader)> {
    let config = Config::load(path)?;
    let key = provisions::journal_key(&config).map_err(|complaint| wrong(&config, complaint))?;
    owned(&config.journal)?;
    let reader = Reader::open(&config.journal, key).map_err(|error| of_record(&error))?;
    Ok((config, reader))
}

fn wrong(config: &Config, complaint: Complaint) -> ConfigError {
    ConfigError::Complaints {
        path: config.file.clone(),
        complaints: vec![complaint],
    }
}

/// Whoever reads makes the index of the log, too, if it is not there: root's the lane could not open.
fn owned(journal: &Path) -> Result<(), Trouble> {
    match journal.metadata() {
        Ok(about) if about.uid() == rustix::process::geteuid().as_raw() => Ok(()),
        Ok(about) => Err(Trouble::new(
            Outcome::OutOfReach,
            "the journal belongs to another user",
            format!(
                "run this as the lane's user: sudo -u '#{}' kiosk journal ...",
                about.uid()
            ),
        )),
        Err(error) => Err(Trouble::new(
            Outcome::OutOfReach,
            format!("{} cannot be read ({error})", journal.display()),
            "start the lane once, or correct [journal] path",
        )),
    }
}

fn row(name: &str, words: &str) -> io::Result<()> {
    line(&format!("{name:<16} {words}"))
}

/// A stamp in UTC, as RFC 3339 has it; as a number where the clock said what no calendar has.
fn time(stamp: Stamp) -> String {
    let nanoseconds = i128::from(stamp.unix_milliseconds()) * 1_000_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|time| {
            time.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_else(|| format!("{} ms", stamp.unix_milliseconds()))
}
