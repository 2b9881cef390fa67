//! The hash chain: each record holds the digest of the one before, so none can be changed, removed or moved alone.

use std::fmt;

use rusqlite::{Connection, Row};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{DigestKey, JournalError};

/// 32 bytes that SHA-256 or HMAC-SHA-256 made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What stands before the first record.
    pub(crate) const NONE: Self = Self([0; 32]);

    /// The digest with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How far a journal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// How many records there are; also the `seq` of the last one.
    pub records: u64,
    /// The last record's digest; all zero when there is none.
    pub head: Digest,
}

/// What does not hold in a journal's chain.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The record's content does not have the digest that stands beside it.
    #[error("record {seq} was changed or moved")]
    Changed {
        /// Which.
        seq: u64,
    },
    /// The record does not follow the one before it.
    #[error("record {seq} does not follow the record before it")]
    Unlinked {
        /// Which.
        seq: u64,
    },
    /// A record is not there.
    #[error("record {seq} is missing")]
    Missing {
        /// Which.
        seq: u64,
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

/// One row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) journey: Option<i64>,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) previous: Digest,
    pub(crate) digest: Digest,
}

impl Link {
    pub(crate) const COLUMNS: &str = "seq, at, journey, kind, body, previous, digest";

    pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            journey: row.get(2)?,
            kind: row.get(3)?,
            body: row.get(4)?,
            previous: Digest(row.get(5)?),
            digest: Digest(row.get(6)?),
        })
    }

    /// The digest that this row ought to have: SHA-256 over seven fields, each after its length in bytes as a 32-bit
    /// big-endian number: the words `sekisho record 1`, seq, at and journey as 64-bit big-endian numbers (journey is
    /// empty where there is none), kind, body, and the previous digest.
    pub(crate) fn proper_digest(&self) -> Digest {
        let journey = self.journey.map(i64::to_be_bytes);
        let fields: [&[u8]; 7] = [
            b"sekisho record 1",
            &self.seq.to_be_bytes(),
            &self.at.to_be_bytes(),
            journey.as_ref().map_or(&[], <[u8; 8]>::as_slice),
            self.kind.as_bytes(),
            self.body.as_bytes(),
            self.previous.as_bytes(),
        ];
        let mut hash = Sha256::new();
        for field in fields {
            // SQLite holds no value of 2^31 bytes or more, so the length always fits.
            hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(field);
        }
        Digest(hash.finalize().into())
    }
}

/// The head as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) digest: Digest,
    pub(crate) next_journey: i64,
    pub(crate) seal: Digest,
    pub(crate) key_check: Digest,
}

impl Head {
    /// The head of a journal without records. Journeys count from 1.
    pub(crate) fn first(key: &DigestKey) -> Self {
        Self {
            seq: 0,
            digest: Digest::NONE,
            next_journey: 1,
            seal: Digest::NONE,
            key_check: key.check(),
        }
        .sealed(key)
    }

    #[must_use]
    pub(crate) fn sealed(self, key: &DigestKey) -> Self {
        Self {
            seal: key.of_head(self.seq, self.digest, self.next_journey),
            ..self
        }
    }

    pub(crate) fn extent(&self) -> Extent {
        Extent {
            records: self.seq.unsigned_abs(),
            head: self.digest,
        }
    }

    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT seq, digest, next_journey, seal, key_check FROM head WHERE only = 1",
            )?
            .query_one([], |row| {
                Ok(Self {
                    seq: row.get(0)?,
                    digest: Digest(row.get(1)?),
                    next_journey: row.get(2)?,
                    seal: Digest(row.get(3)?),
                    key_check: Digest(row.get(4)?),
                })
            })
    }
}

/// Walks the records after `after`, whose digest is `digest`, to the head, and hands each to `visit`.
pub(crate) fn walk(
    connection: &Connection,
    key: &DigestKey,
    (after, digest): (i64, Digest),
    unreadable: impl Fn(rusqlite::Error) -> ChainError,
) -> Result<Extent, ChainError> {
    let head = Head::read(connection).map_err(&unreadable)?;
    if head != head.sealed(key) {
        return Err(ChainError::SealBroken);
    }
    let mut statement = connection
        .prepare(&format!(
            "SELECT {} FROM record WHERE seq > ?1 ORDER BY seq",
            Link::COLUMNS
        ))
        .map_err(&unreadable)?;
    let mut rows = statement.query([after]).map_err(&unreadable)?;
    let (mut last, mut previous) = (after, digest);
    while let Some(row) = rows.next().map_err(&unreadable)? {
        let link = Link::of_row(row).map_err(&unreadable)?;
        let seq = link.seq.unsigned_abs();
        if link.seq != last + 1 {
            return Err(ChainError::Missing {
                seq: (last + 1).unsigned_abs(),
            });
        }
        if link.proper_digest() != link.digest {
            return Err(ChainError::Changed { seq });
        }
        if link.previous != previous {
            return Err(ChainError::Unlinked { seq });
        }
        if let Some(journey) = link.journey.filter(|journey| *journey >= head.next_journey) {
            return Err(ChainError::NumberNotGiven {
                journey: journey.unsigned_abs(),
            });
        }
        (last, previous) = (link.seq, link.digest);
    }
    if (last, previous) == (head.seq, head.digest) {
        Ok(head.extent())
    } else {
        Err(ChainError::EndAltered {
            head: head.seq.unsigned_abs(),
            found: last.unsigned_abs(),
        })
    }
}
