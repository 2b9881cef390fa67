//! The journal itself.

use std::path::{Path, PathBuf};

use evidence::JourneyId;
use journey::Record;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::{
    DigestKey, Entries, JournalError, Operation, Stamp, body,
    chain::{self, ChainError, Digest, Extent, Head, Link},
    file,
    lock::WriterLock,
    read,
    recovery::{self, Recovery},
};

/// How many of the last records are checked at every start. They are those that an interruption can have touched;
/// the rest is for [`Journal::verify`], whose time grows with the journal.
const TAIL: i64 = 512;

/// The lane's append-only record. It is the only writer of its file for as long as it lives.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    key: DigestKey,
    // After the connection: fields are dropped in order, and the lock outlives the last write.
    _lock: WriterLock,
}

impl Journal {
    /// Opens the journal at `path`, or begins one there if there never was one, checks its end, and closes the journeys
    /// that an interruption left open. A journal is always opened with the key that it was begun with.
    ///
    /// # Errors
    /// [`JournalError::InUse`] if another process writes it; [`JournalError::Missing`], [`JournalError::NotAJournal`],
    /// [`JournalError::Damaged`] and [`JournalError::Altered`] if it is not whole; [`JournalError::WrongKey`],
    /// [`JournalError::Newer`]; and what the disk refuses.
    pub fn open(path: &Path, key: DigestKey, now: Stamp) -> Result<(Self, Recovery), JournalError> {
        let mut lock = WriterLock::take(path)?;
        if !path.exists() {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            if lock.held_before() || Path::new(&log).exists() {
                return Err(JournalError::Missing {
                    path: path.to_owned(),
                });
            }
            file::create(path, &key)?;
        }
        let connection = file::open(path)?;
        read::check_key(&connection, path, &key)?;
        check_end(&connection, path, &key)?;
        lock.sign()?;
        let mut journal = Self {
            connection,
            path: path.to_owned(),
            key,
            _lock: lock,
        };
        let recovery = recovery::recover(&mut journal, now)?;
        Ok((journal, recovery))
    }

    /// Puts these records on the disk, in this order, all or none. When it returns `Ok` they outlive a power cut. No
    /// records are no work.
    ///
    /// # Errors
    /// [`JournalError::DiskFull`], [`JournalError::NotWritable`], [`JournalError::DiskFailed`] and the like: then none
    /// of these records counts, and the next commit may be tried. If the disk failed at the last moment the records may
    /// still be found after a power cut: a record without its act, never an act without its record.
    /// [`JournalError::Contradiction`] if a journey begins or ends twice, or has a record before it begins.
    pub fn commit(&mut self, records: &[Record], at: Stamp) -> Result<(), JournalError> {
        if records.is_empty() {
            return Ok(());
        }
        self.append(records, at, Operation::Commit)
    }

    /// Recomputes the whole chain, and checks the file's pages and indexes. Its time grows with the journal.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self) -> Result<Extent, ChainError> {
        read::verify(&self.connection, &self.path, &self.key)
    }

    /// How far the journal reaches, as its head says.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn extent(&self) -> Result<Extent, JournalError> {
        Head::read(&self.connection)
            .map(|head| head.extent())
            .map_err(|source| JournalError::sqlite(Operation::Read, &self.path, source))
    }

    /// The entries whose `seq` is greater than `after`.
    pub fn entries(&self, after: u64) -> Entries<'_> {
        Entries::new(&self.connection, &self.path, after)
    }

    pub(crate) fn append(
        &mut self,
        records: &[Record],
        at: Stamp,
        operation: Operation,
    ) -> Result<(), JournalError> {
        let Self {
            connection,
            path,
            key,
            ..
        } = self;
        let of_sqlite = |source| JournalError::sqlite(operation, path, source);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(of_sqlite)?;
        let former = Head::read(&transaction).map_err(of_sqlite)?;
        if former != former.sealed(key) {
            return Err(JournalError::altered(path, ChainError::SealBroken));
        }
        let mut head = former;
        for record in records {
            head.next_journey = numbered(record, head.next_journey)?;
            let written = body::write(record, key);
            let link = Link {
                seq: head.seq + 1,
                at: at.unix_milliseconds(),
                journey: written.journey.map(row_number).transpose()?,
                kind: written.kind.to_owned(),
                body: written.body,
                previous: head.digest,
                digest: Digest::NONE,
            };
            let link = Link {
                digest: link.proper_digest(),
                ..link
            };
            insert(&transaction, &link).map_err(|source| {
                match (source.sqlite_error_code(), written.journey) {
                    (Some(ErrorCode::ConstraintViolation), Some(journey)) => {
                        JournalError::Contradiction {
                            journey,
                            contradiction: "ended before",
                        }
                    }
                    _ => of_sqlite(source),
                }
            })?;
            (head.seq, head.digest) = (link.seq, link.digest);
        }
        let head = head.sealed(key);
        transaction
            .prepare_cached("UPDATE head SET seq = ?1, digest = ?2, next_journey = ?3, seal = ?4 WHERE only = 1")
            .and_then(|mut update| {
                update.execute((head.seq, head.digest.as_bytes(), head.next_journey, head.seal.as_bytes()))
            })
            .map_err(of_sqlite)?;
        transaction.commit().map_err(of_sqlite)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn next(&self) -> Result<JourneyId, JournalError> {
        Head::read(&self.connection)
            .map(|head| JourneyId::new(head.next_journey.unsigned_abs()))
            .map_err(|source| JournalError::sqlite(Operation::Recover, &self.path, source))
    }
}

/// The next journey's number after this record.
fn numbered(record: &Record, next: i64) -> Result<i64, JournalError> {
    let Some(journey) = record.journey() else {
        return Ok(next);
    };
    let number = row_number(journey)?;
    let contradiction = |contradiction| JournalError::Contradiction {
        journey,
        contradiction,
    };
    if matches!(record, Record::Began { .. }) {
        if number < next {
            return Err(contradiction("began before"));
        }
        return number
            .checked_add(1)
            .ok_or_else(|| contradiction("has the last number that there is"));
    }
    if number < next {
        Ok(next)
    } else {
        Err(contradiction("has not begun"))
    }
}

/// SQLite's whole numbers end at 2^63 - 1.
fn row_number(journey: JourneyId) -> Result<i64, JournalError> {
    i64::try_from(journey.get()).map_err(|_| JournalError::Contradiction {
        journey,
        contradiction: "has a number beyond 2^63 - 1",
    })
}

fn insert(transaction: &Transaction<'_>, link: &Link) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO record (seq, at, journey, kind, body, previous, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            link.seq,
            link.at,
            link.journey,
            &link.kind,
            &link.body,
            link.previous.as_bytes(),
            link.digest.as_bytes(),
        ))
        .map(drop)
}

fn check_end(connection: &Connection, path: &Path, key: &DigestKey) -> Result<(), JournalError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Open, path, source);
    let unreadable = |source| ChainError::Unreadable(Box::new(of_sqlite(source)));
    let last: i64 = connection
        .query_one("SELECT coalesce(max(seq), 0) FROM record", [], |row| {
            row.get(0)
        })
        .map_err(of_sqlite)?;
    let before = (last - TAIL).max(0);
    let digest = if before == 0 {
        Digest::NONE
    } else {
        connection
            .query_one(
                "SELECT digest FROM record WHERE seq = ?1",
                [before],
                |row| row.get(0).map(Digest::new),
            )
            .map_err(of_sqlite)?
    };
    chain::walk(connection, key, (before, digest), unreadable)
        .map(drop)
        .map_err(|error| match error {
            ChainError::Unreadable(error) => *error,
            broken => JournalError::altered(path, broken),
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOON: Stamp = Stamp::new(1_790_000_000_000);

    fn began(journey: u64) -> Record {
        Record::Began {
            journey: JourneyId::new(journey),
        }
    }

    fn open(folder: &tempfile::TempDir) -> Journal {
        Journal::open(
            &folder.path().join("journal.db"),
            DigestKey::new([1; 32]),
            NOON,
        )
        .unwrap()
        .0
    }

    #[test]
    fn a_full_disk_is_named_and_costs_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(&folder);
        // The same code as from a full file system: no page can be had.
        let pages: i64 = journal
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        journal
            .connection
            .pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(()))
            .unwrap();
        let (last, error) = (1..)
            .find_map(|journey| {
                journal
                    .commit(&[began(journey)], NOON)
                    .err()
                    .map(|error| (journey - 1, error))
            })
            .unwrap();
        assert!(
            matches!(
                error,
                JournalError::DiskFull {
                    operation: Operation::Commit,
                    ..
                }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("make room"), "{error}");
        assert_eq!(journal.verify().unwrap().records, last);
        journal.commit(&[began(last + 1)], NOON).unwrap_err();
        journal
            .connection
            .pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(()))
            .unwrap();
        journal.commit(&[began(last + 1)], NOON).unwrap();
        assert_eq!(journal.verify().unwrap().records, last + 1);
        drop(journal);
        assert_eq!(
            open(&folder)
                .entries(0)
                .filter(|entry| entry.as_ref().unwrap().kind == "began")
                .count() as u64,
            last + 1
        );
    }

    #[test]
    fn a_disk_that_went_read_only_is_named_and_costs_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(&folder);
        journal.commit(&[began(1)], NOON).unwrap();
        journal
            .connection
            .pragma_update(None, "query_only", true)
            .unwrap();
        let error = journal.commit(&[began(2)], NOON).unwrap_err();
        assert!(
            matches!(
                error,
                JournalError::NotWritable {
                    operation: Operation::Commit,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(journal.verify().unwrap().records, 1);
        journal
            .connection
            .pragma_update(None, "query_only", false)
            .unwrap();
        journal.commit(&[began(2)], NOON).unwrap();
        assert_eq!(journal.verify().unwrap().records, 2);
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        let mode: String = journal
            .connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        let synchronous: i64 = journal
            .connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
    }
}
