//! Reading what was recorded: entry by entry, or beside the process that writes.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    DigestKey, JournalError, Operation, Stamp,
    chain::{self, ChainError, Digest, Extent, Head, Link},
    file,
};

/// One record as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number: 1, 2, 3 and so on without a gap.
    pub seq: u64,
    /// When it was committed.
    pub at: Stamp,
    /// The number of the journey that it belongs to, if it belongs to one.
    pub journey: Option<u64>,
    /// What happened, in one word: `began`, `cleared` and so on. The README lists them.
    pub kind: String,
    /// The particulars. The README lists them.
    pub body: Value,
    /// The digest that stands in the chain.
    pub digest: Digest,
}

/// The entries after a given one, in order. Read in pages: nothing is locked between them.
#[derive(Debug)]
pub struct Entries<'journal> {
    connection: &'journal Connection,
    path: &'journal Path,
    after: i64,
    page: VecDeque<Entry>,
    done: bool,
}

impl<'journal> Entries<'journal> {
    const PAGE: i64 = 256;

    pub(crate) fn new(connection: &'journal Connection, path: &'journal Path, after: u64) -> Self {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        Self {
            connection,
            path,
            after,
            page: VecDeque::new(),
            done: false,
        }
    }

    fn turn(&mut self) -> Result<(), JournalError> {
        let of_sqlite = |source| JournalError::sqlite(Operation::Read, self.path, source);
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT {} FROM record WHERE seq > ?1 ORDER BY seq LIMIT {}",
                Link::COLUMNS,
                Self::PAGE
            ))
            .map_err(of_sqlite)?;
        let links = statement
            .query_map([self.after], Link::of_row)
            .map_err(of_sqlite)?;
        for link in links {
            let link = link.map_err(of_sqlite)?;
            self.after = link.seq;
            let body = serde_json::from_str(&link.body).map_err(|_| {
                JournalError::altered(
                    self.path,
                    ChainError::Changed {
                        seq: link.seq.unsigned_abs(),
                    },
                )
            })?;
            self.page.push_back(Entry {
                seq: link.seq.unsigned_abs(),
                at: Stamp::new(link.at),
                journey: link.journey.map(i64::unsigned_abs),
                kind: link.kind,
                body,
                digest: link.digest,
            });
        }
        Ok(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.done {
            if let Err(error) = self.turn() {
                self.done = true;
                self.page.clear();
                return Some(Err(error));
            }
            self.done = self.page.is_empty();
        }
        self.page.pop_front().map(Ok)
    }
}

/// Reads a journal, also one that another process is writing. It changes nothing and closes nothing.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    key: DigestKey,
}

impl Reader {
    /// Opens the journal at `path`, which was begun with `key`.
    ///
    /// # Errors
    /// Those of [`crate::Journal::open`] but [`JournalError::InUse`]; [`JournalError::FileSystem`] if there is none.
    pub fn open(path: &Path, key: DigestKey) -> Result<Self, JournalError> {
        let connection = file::open_to_read(path)?;
        check_key(&connection, path, &key)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            key,
        })
    }

    /// The entries whose `seq` is greater than `after`.
    pub fn entries(&self, after: u64) -> Entries<'_> {
        Entries::new(&self.connection, &self.path, after)
    }

    /// Recomputes the whole chain, as [`crate::Journal::verify`] does.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self) -> Result<Extent, ChainError> {
        verify(&self.connection, &self.path, &self.key)
    }
}

/// Refuses another key than the one that the journal was begun with.
pub(crate) fn check_key(
    connection: &Connection,
    path: &Path,
    key: &DigestKey,
) -> Result<(), JournalError> {
    let head = Head::read(connection)
        .map_err(|source| JournalError::sqlite(Operation::Open, path, source))?;
    if head.key_check == key.check() {
        Ok(())
    } else {
        Err(JournalError::WrongKey {
            path: path.to_owned(),
        })
    }
}

/// Checks the file's pages, indexes and triggers, and then the chain from the first record to the head.
pub(crate) fn verify(
    connection: &Connection,
    path: &Path,
    key: &DigestKey,
) -> Result<Extent, ChainError> {
    let unreadable = |source| {
        ChainError::Unreadable(Box::new(JournalError::sqlite(
            Operation::Read,
            path,
            source,
        )))
    };
    // One transaction, so that a writer beside us does not move the head between two looks.
    let look = connection.unchecked_transaction().map_err(unreadable)?;
    let finding: String = look
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(unreadable)?;
    if finding != "ok" {
        return Err(ChainError::Damaged { finding });
    }
    let misshapen = file::misshapen(&look).map_err(|source| {
        let error = JournalError::Migration {
            path: path.to_owned(),
            source,
        };
        ChainError::Unreadable(Box::new(error))
    })?;
    if let Some(part) = misshapen {
        return Err(ChainError::ShapeAltered { part });
    }
    chain::walk(&look, key, (0, Digest::NONE), unreadable)
}
