//! Whether the journal is what was written: its pages, its shape, every leaf, every node, every commitment, and its head.

use std::{collections::BTreeMap, path::Path};

use rusqlite::Connection;
use thiserror::Error;
use tlog_tiles::tlog;

use crate::{
    Digest, DigestKey, Extent, JournalError, Operation,
    body::ERASED,
    file,
    head::Head,
    retention::Erased,
    row::Row,
    tree::{Frontier, Nodes},
};

/// How many of the last records are checked at every start. They are those that an interruption can have touched;
/// the rest is for [`whole`], whose time grows with the journal.
const TAIL: u64 = 512;

/// How many records are looked at in one go.
const PAGE: u32 = 512;

/// What does not hold in a journal.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The record's content does not have the leaf that stands beside it.
    #[error("record {seq} was changed or moved")]
    Changed {
        /// Which.
        seq: u64,
    },
    /// A record is not there.
    #[error("record {seq} is missing")]
    Missing {
        /// Which.
        seq: u64,
    },
    /// A node above the leaves is not what its leaves make it.
    #[error("the tree above record {seq} was altered")]
    NodeAltered {
        /// The record that completes it.
        seq: u64,
    },
    /// The records are not those whose root the head names.
    #[error("the records up to {records} are not those that the head names")]
    RootDiffers {
        /// How many there are.
        records: u64,
    },
    /// The last records are not those that the head names.
    #[error("the journal's end was altered: its head names {head} records, {found} are there")]
    EndAltered {
        /// How many the head names.
        head: u64,
        /// How many there are.
        found: u64,
    },
    /// The head's seal was not made with the journal's key.
    #[error("the journal's head was altered: its seal does not hold")]
    SealBroken,
    /// A journey has a number that the head has still to give out.
    #[error("journey {journey} is there and its number has not been given out")]
    NumberNotGiven {
        /// Which.
        journey: u64,
    },
    /// A personal field is not the one that the record is committed to.
    #[error("the field {field} of record {seq} was changed, or moved there")]
    PersonalChanged {
        /// The record.
        seq: u64,
        /// The field.
        field: String,
    },
    /// A personal field is gone and no record says that it was erased.
    #[error("the field {field} of record {seq} is gone, and no record says that it was erased")]
    PersonalMissing {
        /// The record.
        seq: u64,
        /// The field.
        field: String,
    },
    /// A personal field is there although a record says that it was erased.
    #[error("the field {field} of record {seq} is there, and a record says that it was erased")]
    NotErased {
        /// The record.
        seq: u64,
        /// The field.
        field: String,
    },
    /// A table, index or trigger is not as this software makes it.
    #[error("the journal's {part} was altered")]
    ShapeAltered {
        /// Which.
        part: String,
    },
    /// The file itself is damaged.
    #[error("the journal's file is damaged: {finding}")]
    Damaged {
        /// The first thing that SQLite's integrity check found.
        finding: String,
    },
    /// The file cannot be read.
    #[error("the journal cannot be read")]
    Unreadable(#[source] Box<JournalError>),
}

/// Checks the file's pages, indexes and triggers, and then everything from the first record to the head.
pub(crate) fn whole(
    connection: &Connection,
    path: &Path,
    key: &DigestKey,
) -> Result<Extent, TreeError> {
    let unreadable = |source| unreadable(Operation::Read, path, source);
    // One transaction, so that a writer beside us does not move the head between two looks.
    let look = connection.unchecked_transaction().map_err(unreadable)?;
    let finding: String = look
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(unreadable)?;
    if finding != "ok" {
        return Err(TreeError::Damaged { finding });
    }
    let misshapen = file::misshapen(&look).map_err(|source| {
        let error = JournalError::Migration {
            path: path.to_owned(),
            source,
        };
        TreeError::Unreadable(Box::new(error))
    })?;
    if let Some(part) = misshapen {
        return Err(TreeError::ShapeAltered { part });
    }
    let erasures = erasures(&look).map_err(unreadable)?;
    let extent = Walk {
        connection: &look,
        key,
        from: Frontier::empty(),
    }
    .follow(unreadable, |row| commitments(row, &erasures))?;
    strangers(&look, extent).map_err(unreadable)?
}

/// Checks the last records and the head.
pub(crate) fn end(
    connection: &Connection,
    path: &Path,
    key: &DigestKey,
) -> Result<(), JournalError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Open, path, source);
    let last: i64 = connection
        .query_one("SELECT coalesce(max(seq), 0) FROM record", [], |row| {
            row.get(0)
        })
        .map_err(of_sqlite)?;
    let before = last.unsigned_abs().saturating_sub(TAIL);
    let from = match Nodes::of(connection).peaks(before) {
        Ok(peaks) => peaks,
        // A leaf or a node below the tail is not there.
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            let altered = TreeError::NodeAltered { seq: before };
            return Err(JournalError::altered(path, altered));
        }
        Err(source) => return Err(of_sqlite(source)),
    };
    Walk {
        connection,
        key,
        from,
    }
    .follow(
        |source| unreadable(Operation::Open, path, source),
        |_| Ok(()),
    )
    .map(drop)
    .map_err(|error| match error {
        TreeError::Unreadable(error) => *error,
        broken => JournalError::altered(path, broken),
    })
}

fn unreadable(operation: Operation, path: &Path, source: rusqlite::Error) -> TreeError {
    TreeError::Unreadable(Box::new(JournalError::sqlite(operation, path, source)))
}

/// The way from a tree that is known to the head.
struct Walk<'file> {
    connection: &'file Connection,
    key: &'file DigestKey,
    from: Frontier,
}

impl Walk<'_> {
    fn follow(
        self,
        unreadable: impl Fn(rusqlite::Error) -> TreeError,
        mut visit: impl FnMut(&Row) -> Result<(), TreeError>,
    ) -> Result<Extent, TreeError> {
        let connection = self.connection;
        let head = Head::read(connection).map_err(&unreadable)?;
        if head != head.sealed(self.key) {
            return Err(TreeError::SealBroken);
        }
        let mut tree = self.from;
        let mut nodes = connection
            .prepare("SELECT at, digest FROM node WHERE at > ?1 ORDER BY at")
            .map_err(&unreadable)?;
        let known = tlog::stored_hash_count(tree.size()).cast_signed() - 1;
        let mut nodes = nodes.query([known]).map_err(&unreadable)?;
        loop {
            let page = Row::page(connection, tree.size(), PAGE).map_err(&unreadable)?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let seq = row.leaf.seq;
                if seq != tree.size() + 1 {
                    return Err(TreeError::Missing {
                        seq: tree.size() + 1,
                    });
                }
                if row.leaf.digest() != row.digest {
                    return Err(TreeError::Changed { seq });
                }
                let mut at = tlog::stored_hash_index(0, seq - 1).cast_signed();
                let mut stands = Ok(true);
                tree.grow(row.digest, |grown| {
                    at += 1;
                    if let Ok(true) = stands {
                        stands = next_node(&mut nodes).map(|node| node == Some((at, grown)));
                    }
                });
                if !stands.map_err(&unreadable)? {
                    return Err(TreeError::NodeAltered { seq });
                }
                if let Some(journey) = row
                    .leaf
                    .journey
                    .filter(|journey| *journey >= head.next_journey.unsigned_abs())
                {
                    return Err(TreeError::NumberNotGiven { journey });
                }
                visit(&row)?;
            }
        }
        if tree.size() != head.seq {
            return Err(TreeError::EndAltered {
                head: head.seq,
                found: tree.size(),
            });
        }
        if tree.root() != head.root {
            return Err(TreeError::RootDiffers {
                records: tree.size(),
            });
        }
        if next_node(&mut nodes).map_err(&unreadable)?.is_some() {
            return Err(TreeError::NodeAltered { seq: tree.size() });
        }
        Ok(head.extent())
    }
}

fn next_node(nodes: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Option<(i64, Digest)>> {
    nodes
        .next()?
        .map(|row| Ok((row.get(0)?, row.get(1).map(Digest::new)?)))
        .transpose()
}

/// Up to which record each field was erased, as the records say.
pub(crate) fn erasures(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut reach = BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT body FROM record WHERE kind = ?1 ORDER BY seq")?;
    let mut rows = statement.query([ERASED])?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        // A body that says nothing erases nothing; whether it was changed, its leaf tells.
        let Some(erased) = Erased::read(&body) else {
            continue;
        };
        for field in erased.fields {
            let through = reach.entry(field).or_insert(0);
            *through = erased.through.max(*through);
        }
    }
    Ok(reach)
}

fn commitments(row: &Row, erasures: &BTreeMap<String, u64>) -> Result<(), TreeError> {
    let seq = row.leaf.seq;
    for (field, committed) in &row.leaf.commitments {
        let field = field.clone();
        let erased = erasures.get(&field).is_some_and(|through| seq <= *through);
        match row.personal.get(&field) {
            Some(_) if erased => return Err(TreeError::NotErased { seq, field }),
            Some(opened) if opened.commitment(&field) != *committed => {
                return Err(TreeError::PersonalChanged { seq, field });
            }
            Some(_) => {}
            None if erased => {}
            None => return Err(TreeError::PersonalMissing { seq, field }),
        }
    }
    match row
        .personal
        .keys()
        .find(|field| !row.leaf.commitments.contains_key(*field))
    {
        Some(field) => Err(TreeError::PersonalChanged {
            seq,
            field: field.clone(),
        }),
        None => Ok(()),
    }
}

/// A personal field of no record at all.
fn strangers(
    connection: &Connection,
    extent: Extent,
) -> rusqlite::Result<Result<Extent, TreeError>> {
    let mut statement = connection.prepare(
        "SELECT seq, field FROM personal WHERE seq < 1 OR seq > ?1 ORDER BY seq LIMIT 1",
    )?;
    let mut rows = statement.query([extent.records.cast_signed()])?;
    Ok(match rows.next()? {
        Some(row) => Err(TreeError::PersonalChanged {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            field: row.get(1)?,
        }),
        None => Ok(extent),
    })
}
