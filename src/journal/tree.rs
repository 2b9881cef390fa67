//! The tree of RFC 6962 over the records: what is kept of it, and how it grows.

use std::cell::RefCell;

use rusqlite::{Connection, OptionalExtension as _};
use tlog_tiles::tlog::{self, Hash, HashReader};

use crate::Digest;

/// A journal has fewer records than this. Beyond it the numbering of nodes would not fit SQLite's whole numbers.
pub(crate) const LARGEST: u64 = 1 << 61;

/// The root of the tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1).
pub(crate) const EMPTY: Digest = Digest::new(tlog::EMPTY_HASH.0);

/// How far a journal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// How many records there are; also the `seq` of the last one, and the size of the tree.
    pub records: u64,
    /// The tree's root; SHA-256 of nothing when there is no record.
    pub root: Digest,
}

/// The hashes in the file: leaves stand with their records, the rest in `node`.
pub(crate) struct Nodes<'file> {
    connection: &'file Connection,
    failure: RefCell<Option<rusqlite::Error>>,
}

impl<'file> Nodes<'file> {
    pub(crate) const fn of(connection: &'file Connection) -> Self {
        Self {
            connection,
            failure: RefCell::new(None),
        }
    }

    /// Takes the leaf of the record `seq` into the tree.
    pub(crate) fn append(&self, seq: u64, leaf: Digest) -> rusqlite::Result<()> {
        let number = seq - 1;
        let grown = self.told(tlog::stored_hashes_for_record_hash(
            number,
            leaf.into(),
            self,
        ))?;
        let first = tlog::stored_hash_index(0, number);
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO node (at, digest) VALUES (?1, ?2)")?;
        // The first is the leaf itself.
        for (at, hash) in (first..).zip(grown).skip(1) {
            insert.execute((at.cast_signed(), hash.0))?;
        }
        Ok(())
    }

    /// The root of the tree of the first `size` records.
    pub(crate) fn root(&self, size: u64) -> rusqlite::Result<Digest> {
        self.told(tlog::tree_hash(size, self)).map(Digest::from)
    }

    /// The complete trees that the first `size` records consist of, the largest first.
    pub(crate) fn peaks(&self, size: u64) -> rusqlite::Result<Frontier> {
        let indexes = tlog::sub_tree_index(0, size, Vec::new());
        let peaks = self.told(self.read_hashes(&indexes))?;
        Ok(Frontier {
            size,
            peaks: peaks.into_iter().map(Digest::from).collect(),
        })
    }

    /// The tree's library passes no error of ours through, so it waits here.
    pub(crate) fn told<T>(&self, result: Result<T, tlog::Error>) -> rusqlite::Result<T> {
        result.map_err(|_| {
            self.failure
                .take()
                .unwrap_or(rusqlite::Error::QueryReturnedNoRows)
        })
    }

    fn node(&self, index: u64) -> rusqlite::Result<Option<Hash>> {
        let (sql, at) = match tlog::split_stored_hash_index(index) {
            (0, number) => ("SELECT leaf FROM record WHERE seq = ?1", number + 1),
            _ => ("SELECT digest FROM node WHERE at = ?1", index),
        };
        self.connection
            .prepare_cached(sql)?
            .query_row([at.cast_signed()], |row| row.get(0).map(Hash))
            .optional()
    }
}

impl HashReader for Nodes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
        let mut hashes = Vec::with_capacity(indexes.len());
        for index in indexes {
            match self.node(*index) {
                Ok(Some(hash)) => hashes.push(hash),
                Ok(None) => return Err(tlog::Error::IndexesNotInTree),
                Err(error) => {
                    self.failure.replace(Some(error));
                    return Err(tlog::Error::IndexesNotInTree);
                }
            }
        }
        Ok(hashes)
    }
}

/// A tree of which only the roots of its complete parts are kept, the largest first: enough to go on and to name its root. An
/// office that keeps one for each lane holds every checkpoint to the records that it has, without reading them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Default for Frontier {
    fn default() -> Self {
        Self::empty()
    }
}

impl Frontier {
    /// The tree without leaves.
    pub const fn empty() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// A tree that was computed so far, from its [`Frontier::size`] and [`Frontier::peaks`]; none if it cannot have these.
    pub fn resumed(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (size <= LARGEST && peaks.len() == size.count_ones() as usize)
            .then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its complete parts: at most 62.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Takes one more leaf: a record's [`crate::Leaf::digest`].
    pub fn push(&mut self, leaf: Digest) {
        self.grow(leaf, |_| ());
    }

    /// Takes one more leaf, and hands every node that is complete now to `grown`, the lowest first.
    pub(crate) fn grow(&mut self, leaf: Digest, mut grown: impl FnMut(Digest)) {
        let mut top = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            top = tlog::node_hash(left.into(), top.into()).into();
            grown(top);
        }
        self.peaks.push(top);
        self.size += 1;
    }

    /// The root, as a checkpoint has it.
    pub fn root(&self) -> Digest {
        let mut smallest_first = self.peaks.iter().rev().copied();
        let Some(last) = smallest_first.next() else {
            return EMPTY;
        };
        smallest_first.fold(last, |right, left| {
            tlog::node_hash(left.into(), right.into()).into()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use sha2::Sha256;

    use super::*;

    /// Another implementation of RFC 6962, which keeps every leaf.
    #[test]
    fn the_root_is_what_another_implementation_finds() {
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut ours = Frontier::empty();
        assert_eq!(ours.root().as_bytes()[..], theirs.root().as_bytes()[..]);
        for number in 0_u32..300 {
            let content = number.to_be_bytes().to_vec();
            ours.push(tlog::record_hash(&content).into());
            theirs.push(content);
            assert_eq!(ours.root().as_bytes()[..], theirs.root().as_bytes()[..]);
            let again = Frontier::resumed(ours.size, ours.peaks.clone()).unwrap();
            assert_eq!(again.root(), ours.root());
        }
        assert_eq!(Frontier::resumed(3, vec![EMPTY]), None);
    }
}
