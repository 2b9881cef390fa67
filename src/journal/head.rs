//! Where the journal ends, under the key's seal.

use rusqlite::Connection;

use crate::{
    Digest, DigestKey,
    tree::{self, Extent},
};

/// The head as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) root: Digest,
    pub(crate) next_journey: i64,
    pub(crate) acknowledged: u64,
    pub(crate) seal: Digest,
}

impl Head {
    /// The head of a journal without records. Journeys count from 1.
    pub(crate) fn first(key: &DigestKey) -> Self {
        Self {
            seq: 0,
            root: tree::EMPTY,
            next_journey: 1,
            acknowledged: 0,
            seal: tree::EMPTY,
        }
        .sealed(key)
    }

    #[must_use]
    pub(crate) fn sealed(self, key: &DigestKey) -> Self {
        Self {
            seal: key.of_head(self.seq, self.root, self.next_journey, self.acknowledged),
            ..self
        }
    }

    pub(crate) const fn extent(&self) -> Extent {
        Extent {
            records: self.seq,
            root: self.root,
        }
    }

    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT seq, root, next_journey, acknowledged, seal FROM head WHERE only = 1",
            )?
            .query_one([], |row| {
                Ok(Self {
                    seq: row.get::<_, i64>(0)?.unsigned_abs(),
                    root: row.get(1).map(Digest::new)?,
                    next_journey: row.get(2)?,
                    acknowledged: row.get::<_, i64>(3)?.unsigned_abs(),
                    seal: row.get(4).map(Digest::new)?,
                })
            })
    }

    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .execute(
                "INSERT INTO head (only, seq, root, next_journey, acknowledged, seal) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
                self.columns(),
            )
            .map(drop)
    }

    pub(crate) fn update(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "UPDATE head SET seq = ?1, root = ?2, next_journey = ?3, acknowledged = ?4, seal = ?5 WHERE only = 1",
            )?
            .execute(self.columns())
            .map(drop)
    }

    const fn columns(&self) -> (i64, &[u8; 32], i64, i64, &[u8; 32]) {
        (
            self.seq.cast_signed(),
            self.root.as_bytes(),
            self.next_journey,
            self.acknowledged.cast_signed(),
            self.seal.as_bytes(),
        )
    }
}
