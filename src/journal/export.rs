//! The journal as lines of JSON that can be checked without the journal, its key, or this lane.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::{
    Checkpoint, JournalError, LaneKey, Operation, Reader, SignedRecord, TreeError, body::canonical,
    row::Row, tree::Nodes,
};

/// What the first line says that it is.
pub(crate) const FORM: &str = "sekisho journal export 1";

/// How many records are read in one go.
const PAGE: u32 = 256;

/// Whether what is personal is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Only the commitments are, as the office gets them.
    Withheld,
    /// The fields are told with their salts, as far as they are not erased. The lines are then personal data themselves.
    Told,
}

/// Why an export could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lines cannot be written.
    #[error("cannot write the export")]
    Write(#[from] io::Error),
}

/// Writes the records after `after` as canonical JSON, one a line, and tells how many: a first line that names the lane and the
/// tree so far, a line for each record with what it says and its signature, and a last line with the signed checkpoint.
/// [`crate::verify_export`] takes them. A lane may write meanwhile; what it writes is not among them.
///
/// # Errors
/// If the journal cannot be read or has no record `after`, or the lines cannot be written.
pub fn export(
    reader: &Reader,
    key: &LaneKey,
    after: u64,
    privacy: Privacy,
    out: &mut impl Write,
) -> Result<u64, ExportError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Read, reader.path(), source);
    let extent = reader.extent()?;
    if after > extent.records {
        let error = JournalError::NotThatFar {
            asked: after,
            records: extent.records,
        };
        return Err(error.into());
    }
    let before = Nodes::of(reader.connection())
        .peaks(after)
        .map_err(of_sqlite)?;
    let peaks: Vec<String> = before.peaks().iter().map(ToString::to_string).collect();
    let head = json!({ "form": FORM, "lane": key.lane(), "after": after, "peaks": peaks });
    writeln!(out, "{}", canonical(&head))?;
    let mut last = after;
    while last < extent.records {
        let page = Row::page(reader.connection(), last, PAGE).map_err(of_sqlite)?;
        let altered = |fault| ExportError::from(JournalError::altered(reader.path(), fault));
        if page.is_empty() {
            return Err(altered(TreeError::Missing { seq: last + 1 }));
        }
        for row in page
            .into_iter()
            .take_while(|row| row.leaf.seq <= extent.records)
        {
            let seq = last + 1;
            if row.leaf.seq != seq {
                return Err(altered(TreeError::Missing { seq }));
            }
            let line = (row.leaf.digest() == row.digest)
                .then(|| line(&row, key, privacy))
                .flatten()
                .ok_or_else(|| altered(TreeError::Changed { seq }))?;
            writeln!(out, "{}", canonical(&line))?;
            last = seq;
        }
    }
    let note = Checkpoint::sign(extent.records, extent.root, key);
    writeln!(out, "{}", canonical(&json!({ "checkpoint": note })))?;
    Ok(extent.records - after)
}

fn line(row: &Row, key: &LaneKey, privacy: Privacy) -> Option<Value> {
    let leaf = &row.leaf;
    let mut line = json!({
        "seq": leaf.seq,
        "at": leaf.at.unix_milliseconds(),
        "journey": leaf.journey,
        "kind": leaf.kind,
        "body": serde_json::from_str::<Value>(&leaf.body).ok()?,
        "record": SignedRecord::sign(leaf, key).to_text(),
    });
    if privacy == Privacy::Told && !row.personal.is_empty() {
        let mut personal = Map::new();
        for (field, opened) in &row.personal {
            let value: Value = serde_json::from_str(&opened.value).ok()?;
            let salt = hex::encode(opened.salt);
            personal.insert(field.clone(), json!({ "salt": salt, "value": value }));
        }
        line["personal"] = Value::Object(personal);
    }
    Some(line)
}
