//! What the office has still to get, and how far it has everything.

use std::path::Path;

use rusqlite::Connection;
use tlog_tiles::tlog;

use crate::{
    Checkpoint, Digest, Journal, JournalError, LaneKey, Operation, Reader, SignedRecord, TreeError,
    head::Head, row::Row, store::Step, tree::Nodes,
};

/// Records in the order of their numbers that the office has not acknowledged, signed, and the checkpoint of the tree that ends
/// with the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The lane that signed them.
    pub lane: String,
    /// The records, without a gap. The first follows what the office has.
    pub records: Vec<SignedRecord>,
    /// The signed checkpoint over everything up to the last of these records; none when there is none.
    pub checkpoint: Option<String>,
    /// The last record that the office has acknowledged; 0 when it has none.
    pub acknowledged: u64,
    /// How many records come after this batch.
    pub remaining: u64,
}

impl Journal {
    /// At most `limit` of the records that the office has not acknowledged. Asked again, the same come, byte for byte.
    ///
    /// # Errors
    /// If the file cannot be read, or a record was altered.
    pub fn outbox(&self, key: &LaneKey, limit: u32) -> Result<Batch, JournalError> {
        outbox(self.connection(), self.path(), key, None, limit)
    }

    /// Notes that the office has everything up to the record `seq`, on its disk. When it returns `Ok` the note outlives a
    /// power cut. It never goes back: what was acknowledged before stays so.
    ///
    /// # Errors
    /// [`JournalError::NeverWritten`] if there is no such record; and what the disk refuses.
    pub fn acknowledge(&mut self, seq: u64) -> Result<(), JournalError> {
        let (connection, path, key) = self.parts();
        let mut step = Step::begin(connection, path, key, Operation::Acknowledge)?;
        let records = step.head.seq;
        if seq > records {
            return Err(JournalError::NeverWritten {
                path: path.to_owned(),
                acknowledged: seq,
                records,
            });
        }
        if seq <= step.head.acknowledged {
            return Ok(());
        }
        step.head.acknowledged = seq;
        step.commit()
    }

    /// The signed checkpoint of the whole tree.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn checkpoint(&self, key: &LaneKey) -> Result<String, JournalError> {
        let extent = self.extent()?;
        Ok(Checkpoint::sign(extent.records, extent.root, key))
    }

    /// The proof that the tree of the first `to` records is that of the first `from` with records added, for
    /// [`Checkpoint::follows`]. Nothing needs no proof.
    ///
    /// # Errors
    /// [`JournalError::NotThatFar`] if there are fewer records, or `from` is more than `to`.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, JournalError> {
        consistency(self.connection(), self.path(), from, to)
    }

    /// The proof that the record `seq` is in the tree of the first `size` records, for [`Checkpoint::includes`].
    ///
    /// # Errors
    /// [`JournalError::NotThatFar`] if there are fewer records, or `seq` is none of them.
    pub fn inclusion(&self, seq: u64, size: u64) -> Result<Vec<Digest>, JournalError> {
        inclusion(self.connection(), self.path(), seq, size)
    }
}

/// The same beside the process or thread that writes: whoever delivers need not wait for the lane.
impl Reader {
    /// See [`Journal::outbox`].
    ///
    /// # Errors
    /// Those of [`Journal::outbox`].
    pub fn outbox(&self, key: &LaneKey, limit: u32) -> Result<Batch, JournalError> {
        outbox(self.connection(), self.path(), key, None, limit)
    }

    /// At most `limit` records after the record `after`, whether or not the office has acknowledged them: for an office that
    /// has lost what it had.
    ///
    /// # Errors
    /// Those of [`Journal::outbox`].
    pub fn outbox_after(
        &self,
        key: &LaneKey,
        after: u64,
        limit: u32,
    ) -> Result<Batch, JournalError> {
        outbox(self.connection(), self.path(), key, Some(after), limit)
    }

    /// See [`Journal::checkpoint`].
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn checkpoint(&self, key: &LaneKey) -> Result<String, JournalError> {
        let extent = self.extent()?;
        Ok(Checkpoint::sign(extent.records, extent.root, key))
    }

    /// See [`Journal::consistency`].
    ///
    /// # Errors
    /// Those of [`Journal::consistency`].
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, JournalError> {
        consistency(self.connection(), self.path(), from, to)
    }

    /// See [`Journal::inclusion`].
    ///
    /// # Errors
    /// Those of [`Journal::inclusion`].
    pub fn inclusion(&self, seq: u64, size: u64) -> Result<Vec<Digest>, JournalError> {
        inclusion(self.connection(), self.path(), seq, size)
    }
}

fn outbox(
    connection: &Connection,
    path: &Path,
    key: &LaneKey,
    after: Option<u64>,
    limit: u32,
) -> Result<Batch, JournalError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Read, path, source);
    // One look, so that head, records and nodes belong together.
    let look = connection.unchecked_transaction().map_err(of_sqlite)?;
    let head = Head::read(&look).map_err(of_sqlite)?;
    let after = after.unwrap_or(head.acknowledged);
    let rows = Row::page(&look, after, limit).map_err(of_sqlite)?;
    let mut records = Vec::with_capacity(rows.len());
    let mut last = after;
    for row in rows {
        let seq = last + 1;
        if row.leaf.seq != seq {
            return Err(JournalError::altered(path, TreeError::Missing { seq }));
        }
        // A lane does not sign what it did not write.
        if row.leaf.digest() != row.digest {
            return Err(JournalError::altered(path, TreeError::Changed { seq }));
        }
        records.push(SignedRecord::sign(&row.leaf, key));
        last = seq;
    }
    let checkpoint = if records.is_empty() {
        None
    } else {
        let root = Nodes::of(&look).root(last).map_err(of_sqlite)?;
        Some(Checkpoint::sign(last, root, key))
    };
    Ok(Batch {
        lane: key.lane().to_owned(),
        records,
        checkpoint,
        acknowledged: head.acknowledged,
        remaining: head.seq.saturating_sub(last),
    })
}

fn consistency(
    connection: &Connection,
    path: &Path,
    from: u64,
    to: u64,
) -> Result<Vec<Digest>, JournalError> {
    let nodes = reaching(connection, path, to)?;
    if from > to {
        return Err(JournalError::NotThatFar {
            asked: from,
            records: to,
        });
    }
    if from == 0 {
        return Ok(Vec::new());
    }
    proof(&nodes, path, tlog::prove_tree(to, from, &nodes))
}

fn inclusion(
    connection: &Connection,
    path: &Path,
    seq: u64,
    size: u64,
) -> Result<Vec<Digest>, JournalError> {
    let nodes = reaching(connection, path, size)?;
    if !(1..=size).contains(&seq) {
        return Err(JournalError::NotThatFar {
            asked: seq,
            records: size,
        });
    }
    proof(&nodes, path, tlog::prove_record(size, seq - 1, &nodes))
}

/// The nodes of a tree that has at least so many records.
fn reaching<'file>(
    connection: &'file Connection,
    path: &Path,
    asked: u64,
) -> Result<Nodes<'file>, JournalError> {
    let head = Head::read(connection)
        .map_err(|source| JournalError::sqlite(Operation::Read, path, source))?;
    if asked > head.seq {
        return Err(JournalError::NotThatFar {
            asked,
            records: head.seq,
        });
    }
    Ok(Nodes::of(connection))
}

fn proof(
    nodes: &Nodes<'_>,
    path: &Path,
    proof: Result<Vec<tlog::Hash>, tlog::Error>,
) -> Result<Vec<Digest>, JournalError> {
    let proof = nodes
        .told(proof)
        .map_err(|source| JournalError::sqlite(Operation::Read, path, source))?;
    Ok(proof.into_iter().map(Digest::from).collect())
}
