//! The engineer's hand: who it is, and the journal that keeps what it does.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use evidence::Moment;
use journal::{Journal, JournalError, Stamp};
use journey::Record;
use officers::{Action, Desk, Officer, Refusal};

use super::{Outcome, Trouble};
use crate::{Config, ConfigError, chain, officer, provisions};

/// Somebody who has signed in, with the lane's journal in the other hand. The lane cannot start while it is held.
pub(super) struct Hand {
    journal: Journal,
    pub(super) officer: Officer,
}

fn refused(says: impl Into<String>, cure: impl Into<String>) -> Trouble {
    Trouble::new(Outcome::NotTried, says, cure)
}

impl Hand {
    /// Signs in with this badge and the PIN that is asked for, and takes the journal. One of `actions` must be theirs.
    pub(super) fn sign_in(
        config: &Config,
        badge: &str,
        actions: &[Action],
    ) -> anyhow::Result<Self> {
        let complaints = |complaint| ConfigError::Complaints {
            path: config.file.clone(),
            complaints: vec![complaint],
        };
        let roster = provisions::roster(config).map_err(complaints)?;
        let key = provisions::journal_key(config).map_err(complaints)?;
        owned(&config.journal)?;
        let pin = officer::pin(&format!("PIN of {badge}: "))
            .map_err(|error| refused(format!("{error:#}"), "give the PIN of this badge"))?;
        let officer = Desk::new(roster)
            .sign_in(badge, &pin, moment())
            .map_err(|refusal| match refusal {
                Refusal::NotRecognised { .. } | Refusal::LockedOut { .. } => refused(
                    "the badge or the PIN is not right",
                    "compare the badge with the roster, and type the PIN again",
                ),
            })?;
        if !actions.iter().any(|action| officer.may(*action)) {
            return Err(refused(
                format!(
                    "badge {badge} is a {}'s, who may not do this",
                    officer.role.word()
                ),
                "an engineer tests devices; engineers and supervisors open by hand",
            )
            .into());
        }
        let (journal, _) =
            Journal::open(&config.journal, key, stamp()).map_err(|error| match &error {
                JournalError::InUse { .. } => refused(
                    format!("the lane runs: {}", chain(&error)),
                    "stop the lane first (systemctl stop sekisho-kiosk); the party in it finishes",
                ),
                _ => refused(
                    format!("nothing can be put on record: {}", chain(&error)),
                    "`kiosk doctor` says what is wrong with the journal",
                ),
            })?;
        Ok(Self { journal, officer })
    }

    /// Puts this on record. What it tells of may be done when this returns.
    pub(super) fn record(&mut self, record: Record) -> Result<(), Trouble> {
        self.journal.commit(&[record], stamp()).map_err(|error| {
            refused(
                format!("the journal does not take the record: {}", chain(&error)),
                "nothing was moved; `kiosk doctor` says what is wrong with the journal",
            )
        })
    }
}

/// What root wrote into the journal's folder the lane could not open again.
fn owned(journal: &Path) -> Result<(), Trouble> {
    let folder = journal
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let Ok(folder) = folder.metadata() else {
        return Err(refused(
            format!("the journal's folder is not there: {}", folder.display()),
            "start the lane once, or make the folder for the lane's user",
        ));
    };
    if folder.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(refused(
        "the journal belongs to another user",
        format!(
            "run this as the lane's user, whose number is {}: sudo -u '#{}' kiosk gate ...",
            folder.uid(),
            folder.uid()
        ),
    ))
}

fn stamp() -> Stamp {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Stamp::new(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

fn moment() -> Moment {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment::new(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
