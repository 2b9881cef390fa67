//! Policy and lists, fetched from the office as signed files (The Update Framework, specification 1.0): checked before they
//! are used, put in place whole, and kept when anything newer will not do.
//!
//! Nothing here trusts the office, the line or the disk: what a lane judges by has been signed by the keys that its shipped root
//! names, and hashes to what was signed. An edition never replaces a newer one.

mod crypto;
mod error;
mod fetch;
mod shelf;

pub use crypto::install_crypto;
pub use error::{UpdateBlame, UpdateError};
pub use shelf::{LONGEST_NAME, is_plain_name};

use crate::assessor::Assessor;
use crate::edition::Edition;
use crate::line::{Client, ClientError};
use fetch::{Office, Places};
use jiff::Timestamp;
use reqwest::Url;
use shelf::{Kept, Shelf};
use sigstore_tuf::{FileStore, Metadata, Targets, Updater, UpdaterConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;

/// How often a lane looks for a newer edition where its configuration says nothing.
pub const EVERY: Duration = Duration::from_secs(5 * 60);

/// How long one look may take: 300 MB at 700 kbit/s. Whoever lets a lane have a byte now and then does not keep it from looking anew.
const LONGEST_LOOK: Duration = Duration::from_secs(60 * 60);

/// Files of one edition at most.
pub const MOST_FILES: usize = 64;

/// Bytes of one edition at most: some hundred million documents, names and room for more.
pub const LARGEST_EDITION: u64 = 4 << 30;

/// Where editions come from and where they are kept.
#[derive(Clone, Debug)]
pub struct UpdatesConfig {
    /// The root that is trusted from the start: `root.json`, as `office keys new` made it and the lane was set up with.
    pub root: PathBuf,
    /// The repository's address: `https://office.example:8443/v1/tuf/`. Left out, it is the office's.
    pub repository: Option<Url>,
    /// How often to look.
    pub every: Duration,
    /// A folder of the updates' own, on a disk that keeps its promises at a power cut.
    pub folder: PathBuf,
}

/// What is to be seen of the updates, for the officer's panel and for metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdatesStatus {
    /// Number of the edition in use; none before the first has come.
    pub edition: Option<u64>,
    /// When the office last confirmed it as the newest.
    pub confirmed: Option<OffsetDateTime>,
    /// Until when the office's word is good; a newer word has to come before.
    pub word_good_until: Option<OffsetDateTime>,
    /// Why the last look did not do, with who has to act.
    pub trouble: Option<String>,
}

/// What came of a look.
#[derive(Debug)]
pub enum Looked {
    /// The edition in use is the newest.
    Unchanged,
    /// A newer one is in place.
    Renewed(Box<Edition>),
}

/// The editions of one lane. One process at a time may hold them.
#[derive(Debug)]
pub struct Updates {
    config: UpdatesConfig,
    client: Client,
    places: Arc<Places>,
    root: Vec<u8>,
    shelf: Arc<Shelf>,
    status: watch::Sender<UpdatesStatus>,
}

impl Updates {
    /// Opens the folder, and gives the edition that is in place there, checked anew: signature, digests, and whether it can be
    /// judged by. An edition may have expired, since a lane without a line goes on; its policy says how old its lists may
    /// become. Blocks for about a second for each 300 MB.
    ///
    /// # Errors
    /// [`UpdateError`]: the folder or the root cannot be used. An edition that does not hold is no error, but none.
    pub fn open(
        config: UpdatesConfig,
        client: Client,
    ) -> Result<(Self, Option<Edition>), UpdateError> {
        install_crypto();
        let root = std::fs::read(&config.root)
            .map_err(|error| UpdateError::Disk(config.root.clone(), error))?;
        let roots = shelf::chain(&root, &config.folder.join("metadata"))?;
        let base = match &config.repository {
            Some(url) => url.clone(),
            None => client.url("v1/tuf/").map_err(UpdateError::Address)?,
        };
        let places = Arc::new(Places::new(base)?);
        let shelf = Shelf::open(&config.folder)?;
        let mut status = status_on_disk(&config.folder);
        let edition = match shelf.current(&roots) {
            Ok(Some((number, edition))) => {
                status.edition = Some(number);
                Some(edition)
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(error = %error.in_full(), "the edition on the disk does not hold");
                status.trouble = Some(error.in_full());
                None
            }
        };
        if edition.is_none() {
            status.edition = None;
        }
        let updates = Self {
            config,
            client,
            places,
            root,
            shelf: Arc::new(shelf),
            status: watch::Sender::new(status),
        };
        Ok((updates, edition))
    }

    /// What is to be seen, and every change of it.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<UpdatesStatus> {
        self.status.subscribe()
    }

    /// Looks for a newer edition, and puts it in place. What has come is kept when the line breaks, and only the rest is fetched
    /// next time.
    ///
    /// # Errors
    /// [`UpdateError`]; the edition in place stays in use.
    pub async fn look(&mut self, now: Timestamp) -> Result<Looked, UpdateError> {
        let looked = tokio::time::timeout(LONGEST_LOOK, self.fetch(now))
            .await
            .unwrap_or(Err(UpdateError::Fetch(ClientError::Late(LONGEST_LOOK))));
        if looked.is_ok() {
            self.shelf.confirm(now);
        }
        self.status.send_modify(|status| match &looked {
            Ok((number, until, _)) => {
                *status = UpdatesStatus {
                    edition: Some(*number),
                    confirmed: moment(now),
                    word_good_until: moment(*until),
                    trouble: None,
                };
            }
            Err(error) => status.trouble = Some(error.in_full()),
        });
        looked.map(|(_, _, looked)| looked)
    }

    async fn fetch(&mut self, now: Timestamp) -> Result<(u64, Timestamp, Looked), UpdateError> {
        let office = Office {
            client: self.client.clone(),
            places: Arc::clone(&self.places),
        };
        let mut limits = UpdaterConfig::default();
        limits.snapshot_max_length = 64 * 1024;
        limits.targets_max_length = 256 * 1024;
        let mut updater = Updater::new(office, &self.root)
            .map_err(UpdateError::Metadata)?
            .with_config(limits)
            .with_store(Kept(FileStore::new(self.config.folder.join("metadata"))));
        updater.refresh(now).await.map_err(UpdateError::metadata)?;
        let trusted = updater.trusted();
        let (Some(timestamp), Some(targets)) =
            (trusted.timestamp(), trusted.targets_role("targets"))
        else {
            return Err(UpdateError::Metadata(sigstore_tuf::Error::NotRefreshed));
        };
        let (number, until) = (targets.version, timestamp.expires);
        let in_use = self.status.borrow().edition;
        if in_use == Some(number) {
            return Ok((number, until, Looked::Unchanged));
        }
        if in_use.is_some_and(|in_use| in_use > number) && self.shelf.stands(trusted.root()) {
            return Err(UpdateError::Older { number });
        }
        check(targets)?;
        let consistent = trusted.root().consistent_snapshot;
        for (name, file) in &targets.targets {
            fetch::target(
                &self.client,
                &self.places,
                &self.shelf,
                consistent,
                name,
                file,
            )
            .await?;
        }
        let shelf = Arc::clone(&self.shelf);
        let targets = targets.clone();
        let signed = self.config.folder.join("metadata/targets.json");
        let edition = tokio::task::spawn_blocking(move || shelf.put_in_place(&targets, &signed))
            .await
            .map_err(|_| UpdateError::Stopped)??;
        Ok((number, until, Looked::Renewed(Box::new(edition))))
    }

    /// Looks for as long as it runs, and lets the lane judge by what comes.
    pub async fn keep(&mut self, assessor: &Assessor) {
        loop {
            match self.look(Timestamp::now()).await {
                Ok(Looked::Unchanged) => {}
                Ok(Looked::Renewed(edition)) => {
                    let (policy, lists) = (edition.policy.version(), edition.lists.version());
                    tracing::info!(%policy, %lists, "judging by a new edition");
                    assessor.renew(*edition);
                }
                Err(error) => {
                    tracing::warn!(error = %error.in_full(), blame = ?error.blame(), "no newer edition");
                }
            }
            // Lanes that were started together do not all ask in the same moment.
            tokio::time::sleep(self.client.jittered(self.config.every)).await;
        }
    }
}

/// What a folder tells of its updates, whoever holds it: for `doctor`, and for the panel of a lane that has just started without a
/// line. Nothing is checked.
#[must_use]
pub fn status_on_disk(folder: &Path) -> UpdatesStatus {
    let read = |name: &str| std::fs::read(folder.join(name)).ok();
    let number = std::fs::read_link(folder.join("current"))
        .ok()
        .and_then(|to| to.file_name()?.to_str()?.parse().ok());
    let confirmed = read("confirmed")
        .and_then(|text| std::str::from_utf8(&text).ok()?.trim().parse().ok())
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let until = read("metadata/timestamp.json")
        .and_then(|text| Metadata::<sigstore_tuf::Timestamp>::from_slice(&text).ok())
        .and_then(|word| moment(word.signed().expires));
    UpdatesStatus {
        edition: number,
        confirmed,
        word_good_until: until,
        trouble: None,
    }
}

fn moment(at: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.as_second()).ok()
}

/// Whether these files may be an edition at all.
fn check(targets: &Targets) -> Result<(), UpdateError> {
    if let Some(name) = targets.targets.keys().find(|name| !is_plain_name(name)) {
        return Err(UpdateError::Name(name.clone()));
    }
    let bytes = targets
        .targets
        .values()
        .try_fold(0_u64, |sum, file| sum.checked_add(file.length));
    if targets.targets.len() > MOST_FILES || bytes.is_none_or(|bytes| bytes > LARGEST_EDITION) {
        return Err(UpdateError::TooLarge);
    }
    Ok(())
}
