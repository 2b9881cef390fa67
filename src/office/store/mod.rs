//! The office's database: what is acknowledged is on the disk before the acknowledgement leaves.
//!
//! One thread writes. What many lanes send at the same moment is written in one transaction, so that one flush of the
//! disk serves them all; each sender's part is a savepoint of its own, and none can spoil another's.

mod answers;
mod disagreements;
mod lanes;
mod records;
mod tree;
mod writer;

pub use answers::Outcome;
pub use disagreements::Noted;
pub use lanes::{Enrolled, LaneRow};
pub use records::{Delivery, Incoming, Ingested, Root};
pub use tree::Tree;

use crate::gauges::Gauges;
use risk::LaneName;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use writer::Writer;

const STEPS: &[M<'static>] = &[
    M::up(include_str!(
        "../../../migrations/office/0001_assessments.sql"
    )),
    M::up(include_str!("../../../migrations/office/0002_lanes.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// How long another process may hold the database: `office enroll` for a moment, or an office that was stopped just now.
const BUSY: Duration = Duration::from_secs(2);

/// Why the database does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[source] rusqlite::Error),
    /// Its tables cannot be brought up to date.
    #[error("the database's tables cannot be brought up to date")]
    Migrate(#[source] rusqlite_migration::Error),
    /// It cannot be read or written.
    #[error("the database cannot be read or written")]
    Use(#[from] rusqlite::Error),
    /// What several requests wrote together cannot be put on the disk.
    #[error("the database cannot be written")]
    Commit(#[source] Arc<rusqlite::Error>),
    /// The system gives no random salt.
    #[error("the system gives no random numbers")]
    Salt(#[source] getrandom::Error),
    /// The thread that writes cannot be started.
    #[error("the thread that writes the database cannot be started")]
    Thread(#[source] std::io::Error),
    /// The thread that writes has ended.
    #[error("the database is closed")]
    Closed,
    /// What stands in the database was not written by an office.
    #[error("the database holds what no office writes: {0}")]
    Spoilt(&'static str),
    /// The lane was retired.
    #[error("the lane was retired")]
    Retired,
    /// No such lane was enrolled.
    #[error("no lane of this name is enrolled")]
    NotEnrolled,
}

/// The database. Dropping it waits for what is being written.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the database, makes it when it is missing, and brings its tables up to date. Blocks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_counted(path, Gauges::new())
    }

    pub(crate) fn open_counted(path: &Path, gauges: Arc<Gauges>) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path).map_err(StoreError::Open)?;
        // FULL: an answer that a lane has received is on the disk, whatever happens to the power.
        for (pragma, value) in [
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
        ] {
            connection
                .pragma_update(None, pragma, value)
                .map_err(StoreError::Open)?;
        }
        connection.busy_timeout(BUSY).map_err(StoreError::Open)?;
        MIGRATIONS
            .to_latest(&mut connection)
            .map_err(StoreError::Migrate)?;
        let reader = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(StoreError::Open)?;
        reader.busy_timeout(BUSY).map_err(StoreError::Open)?;
        Ok(Self {
            writer: Writer::start(connection, gauges)?,
            reader: Arc::new(Mutex::new(reader)),
        })
    }

    /// Reads beside the thread that writes.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        tokio::task::spawn_blocking(move || {
            work(&reader.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    /// Whether the database can be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.read(|connection| {
            connection.query_row(
                "SELECT count(*) FROM (SELECT 1 FROM assessment LIMIT 1)",
                [],
                |_| Ok(()),
            )?;
            Ok(())
        })
        .await
    }

    /// Forgets answers and disagreements from before `before` (Unix seconds), at most `most` of each, and tells how many
    /// went. Records stay.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has been forgotten then.
    pub async fn forget(&self, before: i64, most: u32) -> Result<usize, StoreError> {
        self.writer
            .write(move |connection| {
                let answers = connection.execute(
                    "DELETE FROM assessment WHERE question IN
                     (SELECT question FROM assessment WHERE answered_at < ?1 LIMIT ?2)",
                    (before, most),
                )?;
                let disagreements = connection.execute(
                    "DELETE FROM disagreement WHERE question IN
                     (SELECT question FROM disagreement WHERE received_at < ?1 LIMIT ?2)",
                    (before, most),
                )?;
                Ok(answers + disagreements)
            })
            .await
    }
}

/// Refuses a lane that was retired. A lane that was never enrolled shows a certificate of the lanes' authority, or the
/// office asks for none.
fn not_retired(connection: &Connection, lane: &LaneName) -> Result<(), StoreError> {
    match lanes::standing(connection, lane)? {
        lanes::Standing::Retired => Err(StoreError::Retired),
        lanes::Standing::Enrolled | lanes::Standing::Unknown => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn migrations_are_sound() {
        MIGRATIONS.validate().unwrap();
    }

    /// A killed program loses nothing even without this; a power cut would.
    #[tokio::test]
    async fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("office.sqlite")).unwrap();
        let how = store.writer.write(|connection| {
            let synchronous =
                connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
            let journal = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            Ok((synchronous, journal))
        });
        let how: (i64, String) = how.await.unwrap();
        assert_eq!(how, (2, "wal".to_owned()));
    }

    #[tokio::test]
    async fn what_lanes_recorded_cannot_be_changed_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("office.sqlite")).unwrap();
        let lane = LaneName::parse("lane-1").unwrap();
        store.enroll(&lane, None, 0).await.unwrap();
        let record = Incoming {
            seq: 1,
            leaf: [1; 32],
            signed: vec![1],
        };
        let delivery = Delivery {
            records: vec![record],
            checkpoint: None,
        };
        store.ingest(&lane, delivery, 0).await.unwrap();
        for statement in [
            "UPDATE record SET signed = x'00'",
            "DELETE FROM record",
            "DELETE FROM lane",
        ] {
            let tried = store
                .writer
                .write(move |connection| Ok(connection.execute(statement, [])?));
            assert!(tried.await.is_err(), "{statement}");
        }
    }
}
