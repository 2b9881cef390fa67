//! `office keys` and `office publish`.

use super::{Life, PublishError, Role, new_keys, publish, refresh, renew};
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use time::{Duration, OffsetDateTime};

/// What is to be done with the author's keys.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make the keys of all roles, and the root that lanes are set up with.
    New {
        /// Folder for the keys. The root's own belong into safes, each in another; the rest stays at the author's desk.
        #[arg(long, value_name = "FOLDER")]
        keys: PathBuf,
        /// How many keys the root has.
        #[arg(long, default_value_t = 3)]
        root_keys: u8,
        /// How many of them a new root needs.
        #[arg(long, default_value_t = 2)]
        root_threshold: u8,
    },
    /// Make a new root, signed by the old one's keys: with new keys for a role, or with a later end only.
    Renew {
        /// Folder of the keys, the root's among them.
        #[arg(long, value_name = "FOLDER")]
        keys: PathBuf,
        /// The role that gets new keys.
        #[arg(long)]
        role: Option<Role>,
    },
}

/// What is published.
#[derive(Args)]
pub struct PublishCommand {
    /// Folder of the edition: policy.toml, lists.toml and the files that it names. Nothing else may lie in it.
    #[arg(long, value_name = "FOLDER", required_unless_present = "refresh")]
    from: Option<PathBuf>,
    /// Say once more that the edition is the newest, and no more. For a timer.
    #[arg(long, conflicts_with = "from")]
    refresh: bool,
    /// Folder of the repository; office.toml names it under [repository].
    #[arg(long, value_name = "FOLDER")]
    repository: PathBuf,
    /// Folder of the keys; --refresh needs the timestamp's only.
    #[arg(long, value_name = "FOLDER")]
    keys: PathBuf,
    /// Days for which lanes take the edition for the newest without a word more.
    #[arg(long, default_value_t = 2)]
    timestamp_days: u16,
    /// Days for which the edition is signed.
    #[arg(long, default_value_t = 90)]
    edition_days: u16,
}

impl KeysCommand {
    /// Does it, and says what was done.
    ///
    /// # Errors
    /// [`PublishError`]
    pub fn run(self, said: &mut impl Write) -> Result<(), PublishError> {
        let now = OffsetDateTime::now_utc();
        match self {
            Self::New {
                keys,
                root_keys,
                root_threshold,
            } => {
                new_keys(&keys, (root_keys, root_threshold), now, Life::default())?;
                say(
                    said,
                    &format!(
                        "{} is for the lanes (`[updates] root`). Bring root-*.key.pem into safes.",
                        keys.join("root.json").display()
                    ),
                )
            }
            Self::Renew { keys, role } => {
                let version = renew(&keys, role, now, Life::default())?;
                say(
                    said,
                    &format!(
                        "root {version} is made; `office publish --from ...` brings it to the lanes"
                    ),
                )
            }
        }
    }
}

impl PublishCommand {
    /// Does it, and says what was done.
    ///
    /// # Errors
    /// [`PublishError`]
    pub fn run(self, said: &mut impl Write) -> Result<(), PublishError> {
        let now = OffsetDateTime::now_utc();
        let life = Life {
            timestamp: Duration::days(self.timestamp_days.into()),
            targets: Duration::days(self.edition_days.into()),
            snapshot: Duration::days(self.edition_days.into()),
            ..Life::default()
        };
        let done = match &self.from {
            Some(from) => publish(from, &self.repository, &self.keys, now, life)?,
            None => refresh(&self.repository, &self.keys, now, life)?,
        };
        let what = match self.from {
            Some(_) => format!(
                "edition {} is published: {} files, {} of them new",
                done.edition, done.files, done.new_files
            ),
            None => format!("edition {} is still the newest", done.edition),
        };
        say(
            said,
            &format!("{what}; good until {}", done.good_until.date()),
        )
    }
}

fn say(to: &mut impl Write, text: &str) -> Result<(), PublishError> {
    writeln!(to, "{text}").map_err(|error: io::Error| {
        super::files::Disk::Write(PathBuf::from("standard output"), error).into()
    })
}
