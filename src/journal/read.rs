//! Reading what was recorded: entry by entry, or beside the process that writes.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    Digest, DigestKey, Extent, JournalError, Operation, Stamp, TreeError, file, head::Head,
    row::Row, verify,
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
    /// The particulars. The README lists them. What was erased is not among them.
    pub body: Value,
    /// The personal fields that were erased, by name.
    pub erased: Vec<String>,
    /// The record's leaf in the tree.
    pub digest: Digest,
}

impl Entry {
    /// None if the record's particulars are not as this crate writes them.
    fn of_row(row: Row) -> Option<Self> {
        Some(Self {
            body: row.body()?,
            erased: row
                .leaf
                .commitments
                .keys()
                .filter(|field| !row.personal.contains_key(*field))
                .cloned()
                .collect(),
            seq: row.leaf.seq,
            at: row.leaf.at,
            journey: row.leaf.journey,
            kind: row.leaf.kind,
            digest: row.digest,
        })
    }
}

/// The entries after a given one, in order. Read in pages: nothing is locked between them.
#[derive(Debug)]
pub struct Entries<'journal> {
    connection: &'journal Connection,
    path: &'journal Path,
    after: u64,
    page: VecDeque<Entry>,
    done: bool,
}

impl<'journal> Entries<'journal> {
    const PAGE: u32 = 256;

    pub(crate) const fn new(
        connection: &'journal Connection,
        path: &'journal Path,
        after: u64,
    ) -> Self {
        Self {
            connection,
            path,
            after,
            page: VecDeque::new(),
            done: false,
        }
    }

    fn turn(&mut self) -> Result<(), JournalError> {
        let rows = Row::page(self.connection, self.after, Self::PAGE)
            .map_err(|source| JournalError::sqlite(Operation::Read, self.path, source))?;
        for row in rows {
            let seq = row.leaf.seq;
            self.after = seq;
            let entry = Entry::of_row(row)
                .ok_or_else(|| JournalError::altered(self.path, TreeError::Changed { seq }))?;
            self.page.push_back(entry);
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

/// Reads a journal, also one that another process or thread is writing. It changes nothing and closes nothing.
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
        let connection = file::open_to_read(path, &key)?;
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

    /// How far the journal reaches, as its head says.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn extent(&self) -> Result<Extent, JournalError> {
        Head::read(&self.connection)
            .map(|head| head.extent())
            .map_err(|source| JournalError::sqlite(Operation::Read, &self.path, source))
    }

    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Recomputes the whole tree, as [`crate::Journal::verify`] does.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self) -> Result<Extent, TreeError> {
        verify::whole(&self.connection, &self.path, &self.key)
    }
}
