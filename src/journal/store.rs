//! The journal itself.

use std::path::{Path, PathBuf};

use evidence::JourneyId;
use journey::Record;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::{
    DigestKey, Entries, Extent, JournalError, Operation, Stamp, TreeError, body, file,
    head::Head,
    lock::WriterLock,
    recovery::{self, Recovery},
    row::Row,
    tree::{self, Nodes},
    verify,
};

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
        let connection = file::open(path, &key)?;
        verify::end(&connection, path, &key)?;
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

    /// Recomputes the whole tree, and checks every commitment and the file's pages and indexes. Its time grows with the
    /// journal.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self) -> Result<Extent, TreeError> {
        verify::whole(&self.connection, &self.path, &self.key)
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
        let mut step = Step::begin(connection, path, key, operation)?;
        for record in records {
            step.head.next_journey = numbered(record, step.head.next_journey)?;
            let written = body::write(record, key);
            let journey = written.journey.map(JourneyId::get);
            step.add((at, journey), written.kind, written.body, written.personal)
                .map_err(|error| match (&error, written.journey) {
                    (JournalError::Sqlite { source, .. }, Some(journey))
                        if source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
                    {
                        JournalError::Contradiction {
                            journey,
                            contradiction: "ended before",
                        }
                    }
                    _ => error,
                })?;
        }
        step.commit()
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What a change needs: the connection, the path and the key.
    pub(crate) fn parts(&mut self) -> (&mut Connection, &Path, &DigestKey) {
        (&mut self.connection, &self.path, &self.key)
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

/// One transaction that moves the head on. Dropped before [`Step::commit`], it leaves nothing.
pub(crate) struct Step<'journal> {
    pub(crate) transaction: Transaction<'journal>,
    pub(crate) head: Head,
    path: &'journal Path,
    key: &'journal DigestKey,
    operation: Operation,
}

impl<'journal> Step<'journal> {
    pub(crate) fn begin(
        connection: &'journal mut Connection,
        path: &'journal Path,
        key: &'journal DigestKey,
        operation: Operation,
    ) -> Result<Self, JournalError> {
        let of_sqlite = |source| JournalError::sqlite(operation, path, source);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(of_sqlite)?;
        let head = Head::read(&transaction).map_err(of_sqlite)?;
        if head != head.sealed(key) {
            return Err(JournalError::altered(path, TreeError::SealBroken));
        }
        Ok(Self {
            transaction,
            head,
            path,
            key,
            operation,
        })
    }

    pub(crate) fn sqlite(&self, source: rusqlite::Error) -> JournalError {
        JournalError::sqlite(self.operation, self.path, source)
    }

    /// Adds one record to the table and the tree.
    pub(crate) fn add(
        &mut self,
        (at, journey): (Stamp, Option<u64>),
        kind: &str,
        body: String,
        personal: Vec<body::Personal>,
    ) -> Result<(), JournalError> {
        let seq = self.head.seq + 1;
        if seq > tree::LARGEST {
            return Err(JournalError::Full {
                path: self.path.to_owned(),
            });
        }
        let row = Row::new((seq, at, journey), kind, body, personal).map_err(|source| {
            JournalError::NoChance {
                operation: self.operation,
                path: self.path.to_owned(),
                source,
            }
        })?;
        row.insert(&self.transaction)
            .and_then(|()| Nodes::of(&self.transaction).append(seq, row.digest))
            .map_err(|source| self.sqlite(source))?;
        self.head.seq = seq;
        Ok(())
    }

    /// Names the new root under the seal, and waits for the disk.
    pub(crate) fn commit(mut self) -> Result<(), JournalError> {
        let of_sqlite = |source| JournalError::sqlite(self.operation, self.path, source);
        self.head.root = Nodes::of(&self.transaction)
            .root(self.head.seq)
            .map_err(of_sqlite)?;
        self.head
            .sealed(self.key)
            .update(&self.transaction)
            .map_err(of_sqlite)?;
        self.transaction.commit().map_err(of_sqlite)
    }
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
