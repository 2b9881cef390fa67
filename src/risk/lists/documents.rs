//! Lost and stolen documents by the hundred million: a binary fuse filter of short digests, the changes since it was made,
//! and, at the office, the list itself.
//!
//! A filter never misses a document that was put in, and takes a document that was not for one that was in 1.5 of 100,000
//! cases (2 to the power of -16). It costs 18 bits a document.

use super::file::{FileError, HEAD, Head, digests, long, number, words, write_digests};
use crate::digest::Shortener;
use evidence::{Certainty, DocumentNumber, Sensitive, StateCode};
use std::fmt;
use std::io::{self, Read, Write};
use xorf::{BinaryFuse16, Filter};

const FILTER: [u8; 8] = *b"SKDFUSE1";
const DELTA: [u8; 8] = *b"SKDDELT1";
const EXACT: [u8; 8] = *b"SKDEXAC1";

/// Wrong hits of the filter in a million documents that are not listed: 2^-16.
const WRONG_PER_MILLION: u16 = 15;

/// A name for the bytes of a snapshot: SHA-256 of its filter's file.
pub type SnapshotId = [u8; 32];

/// Digests of listed documents as their author collects them.
pub struct DocumentDigests {
    shortener: Shortener,
    digests: Vec<u64>,
}

impl DocumentDigests {
    /// None yet, under this key.
    #[must_use]
    pub fn new(key: &Sensitive<[u8; 32]>) -> Self {
        Self {
            shortener: Shortener::new(key.expose()),
            digests: Vec::new(),
        }
    }

    /// Room for so many, so that a hundred million do not move.
    pub fn reserve(&mut self, more: usize) {
        self.digests.reserve(more);
    }

    /// Adds a document; 8 bytes of it remain.
    pub fn add(&mut self, state: StateCode, number: &DocumentNumber) {
        self.digests.push(self.shortener.of_document(state, number));
    }

    /// Documents added so far, those that were added twice counted twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether none was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Sorts what was added, and leaves each document once.
    pub fn settle(&mut self) {
        self.digests.sort_unstable();
        self.digests.dedup();
    }

    /// Writes the filter's file. Needs about 26 bytes a document beside the digests themselves. Call [`Self::settle`] first.
    ///
    /// # Errors
    /// What the writer says; [`io::ErrorKind::InvalidInput`] when the digests are not settled.
    pub fn write_filter(&self, into: &mut impl Write) -> io::Result<()> {
        self.settled()?;
        let filter = BinaryFuse16::try_from(self.digests.as_slice())
            .map_err(|what| io::Error::new(io::ErrorKind::InvalidInput, what))?;
        let check = self.shortener.key_check();
        Head::write(into, &FILTER, self.digests.len() as u64, check)?;
        into.write_all(&filter.descriptor.seed.to_le_bytes())?;
        into.write_all(&filter.descriptor.segment_length.to_le_bytes())?;
        into.write_all(&filter.descriptor.segment_count_length.to_le_bytes())?;
        into.write_all(&(filter.fingerprints.len() as u64).to_le_bytes())?;
        for portion in filter.fingerprints.chunks(32_768) {
            let bytes: Vec<u8> = portion.iter().flat_map(|word| word.to_le_bytes()).collect();
            into.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Writes the list itself, which only the office has. Call [`Self::settle`] first.
    ///
    /// # Errors
    /// What the writer says; [`io::ErrorKind::InvalidInput`] when the digests are not settled.
    pub fn write_exact(&self, into: &mut impl Write) -> io::Result<()> {
        self.settled()?;
        let check = self.shortener.key_check();
        Head::write(into, &EXACT, self.digests.len() as u64, check)?;
        write_digests(into, &self.digests)
    }

    /// Writes a delta: what was listed and what was taken off since the snapshot. Call [`Self::settle`] on both first.
    ///
    /// # Errors
    /// What the writer says; [`io::ErrorKind::InvalidInput`] when one of the two is not settled, or a document stands in both.
    pub fn write_delta(
        added: &Self,
        removed: &Self,
        snapshot: &SnapshotId,
        into: &mut impl Write,
    ) -> io::Result<()> {
        added.settled()?;
        removed.settled()?;
        let both = |digest| added.digests.binary_search(digest).is_ok();
        if removed.digests.iter().any(both) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a document is both added and removed",
            ));
        }
        let check = added.shortener.key_check();
        Head::write(into, &DELTA, added.digests.len() as u64, check)?;
        into.write_all(&(removed.digests.len() as u64).to_le_bytes())?;
        into.write_all(snapshot)?;
        write_digests(into, &added.digests)?;
        write_digests(into, &removed.digests)
    }

    fn settled(&self) -> io::Result<()> {
        if self.digests.is_sorted_by(|one, other| one < other) {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the digests are not settled",
            ))
        }
    }
}

/// The filter as a lane has it.
pub(crate) struct DocumentFilter {
    count: u64,
    filter: BinaryFuse16,
}

impl DocumentFilter {
    /// Reads a filter's file of so many bytes.
    pub(crate) fn read(
        from: &mut dyn Read,
        length: u64,
        shortener: &Shortener,
    ) -> Result<Self, FileError> {
        let head = Head::read(from, &FILTER, shortener.key_check())?;
        let seed = number(from)?;
        let [segment_length, segment_count_length] = words(from, 2, u32::from_le_bytes)?[..] else {
            return Err(FileError::Shape("it has no segments"));
        };
        let fingerprints = number(from)?;
        long(
            length,
            fingerprints
                .checked_mul(2)
                .and_then(|bytes| bytes.checked_add(HEAD + 24)),
        )?;
        // A lookup reaches 2 segments beyond `segment_count_length` and nothing farther (binary fuse graph of arity 3).
        let reach = u64::from(segment_count_length) + 2 * u64::from(segment_length);
        let sound = segment_length.is_power_of_two()
            && segment_count_length.is_multiple_of(segment_length)
            && segment_count_length > 0
            && reach == fingerprints
            && u32::try_from(fingerprints).is_ok()
            && head.count <= fingerprints;
        if !sound {
            return Err(FileError::Shape("its segments do not fit its length"));
        }
        let count =
            usize::try_from(fingerprints).map_err(|_| FileError::Shape("it is too large"))?;
        // The crate builds a filter of keys alone; one of a file is an empty one with its parts exchanged.
        let mut filter = BinaryFuse16::try_from(&[][..]).map_err(FileError::Shape)?;
        filter.descriptor.seed = seed;
        filter.descriptor.segment_length = segment_length;
        filter.descriptor.segment_length_mask = segment_length - 1;
        filter.descriptor.segment_count_length = segment_count_length;
        filter.fingerprints = words(from, count, u16::from_le_bytes)?.into_boxed_slice();
        Ok(Self {
            count: head.count,
            filter,
        })
    }

    fn holds(&self, digest: u64) -> bool {
        self.count > 0 && self.filter.contains(&digest)
    }
}

/// What was listed and taken off since the snapshot.
pub(crate) struct DocumentDelta {
    snapshot: SnapshotId,
    added: Vec<u64>,
    removed: Vec<u64>,
}

impl DocumentDelta {
    /// Reads a delta's file of so many bytes.
    pub(crate) fn read(
        from: &mut dyn Read,
        length: u64,
        shortener: &Shortener,
    ) -> Result<Self, FileError> {
        let head = Head::read(from, &DELTA, shortener.key_check())?;
        let removed = number(from)?;
        let bytes = head
            .count
            .checked_add(removed)
            .and_then(|count| count.checked_mul(8))
            .and_then(|bytes| bytes.checked_add(HEAD + 40));
        long(length, bytes)?;
        let mut snapshot = [0; 32];
        from.read_exact(&mut snapshot)?;
        Ok(Self {
            snapshot,
            added: digests(from, head.count)?,
            removed: digests(from, removed)?,
        })
    }
}

/// The list itself.
pub(crate) struct ExactDocuments(Vec<u64>);

impl ExactDocuments {
    /// Reads a list's file of so many bytes.
    pub(crate) fn read(
        from: &mut dyn Read,
        length: u64,
        shortener: &Shortener,
    ) -> Result<Self, FileError> {
        let head = Head::read(from, &EXACT, shortener.key_check())?;
        let bytes = head.count.checked_mul(8);
        long(length, bytes.and_then(|bytes| bytes.checked_add(HEAD)))?;
        Ok(Self(digests(from, head.count)?))
    }
}

/// Everything that an edition knows of documents by the million.
pub(crate) struct Documents {
    shortener: Shortener,
    pub(crate) filter: Option<DocumentFilter>,
    pub(crate) delta: Option<DocumentDelta>,
    pub(crate) exact: Option<ExactDocuments>,
}

impl Documents {
    pub(crate) fn new(shortener: Shortener) -> Self {
        Self {
            shortener,
            filter: None,
            delta: None,
            exact: None,
        }
    }

    pub(crate) fn shortener(&self) -> &Shortener {
        &self.shortener
    }

    /// Takes the delta in, if it is one to this snapshot.
    pub(crate) fn follow(
        &mut self,
        delta: DocumentDelta,
        snapshot: &SnapshotId,
    ) -> Result<(), FileError> {
        if delta.snapshot != *snapshot {
            return Err(FileError::Snapshot);
        }
        self.delta = Some(delta);
        Ok(())
    }

    /// Whether the document is listed, and how sure that is. The list itself settles it where it is there.
    pub(crate) fn listed(&self, state: StateCode, number: &DocumentNumber) -> Option<Certainty> {
        let digest = self.shortener.of_document(state, number);
        if let Some(delta) = &self.delta {
            if delta.added.binary_search(&digest).is_ok() {
                return Some(Certainty::Exact);
            }
            if delta.removed.binary_search(&digest).is_ok() {
                return None;
            }
        }
        if let Some(exact) = &self.exact {
            return exact
                .0
                .binary_search(&digest)
                .is_ok()
                .then_some(Certainty::Exact);
        }
        self.filter
            .as_ref()
            .is_some_and(|filter| filter.holds(digest))
            .then_some(Certainty::Probable {
                wrong_per_million: WRONG_PER_MILLION,
            })
    }

    /// Bytes of memory.
    pub(crate) fn size(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, |held| held.filter.len() * 2);
        let exact = self.exact.as_ref().map_or(0, |exact| exact.0.len() * 8);
        let delta = |delta: &DocumentDelta| (delta.added.len() + delta.removed.len()) * 8;
        filter + exact + self.delta.as_ref().map_or(0, delta)
    }
}

macro_rules! counted {
    ($($name:ident: $count:expr),* $(,)?) => {$(
        impl fmt::Debug for $name {
            /// Tells how many digests, and none of them.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let count: fn(&Self) -> usize = $count;
                write!(f, concat!(stringify!($name), "({})"), count(self))
            }
        }
    )*};
}

counted! {
    DocumentDigests: |list| list.digests.len(),
    DocumentFilter: |list| list.filter.len(),
    DocumentDelta: |list| list.added.len() + list.removed.len(),
    ExactDocuments: |list| list.0.len(),
    Documents: Documents::size,
}
