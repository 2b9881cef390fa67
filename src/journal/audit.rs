//! An export, checked line by line with the lane's public key and nothing else.

use std::io::{self, BufRead, Read as _};

use ed25519_dalek::VerifyingKey;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    Checkpoint, Digest, Extent, Leaf, SignedRecord,
    body::canonical,
    export::FORM,
    lane::is_lane,
    leaf::commitment,
    signed::{self, SignedError},
    tree::{Frontier, LARGEST},
};

/// The longest line that is read, in bytes: a record twice over, and a few personal fields.
const LONGEST: u64 = 256 * 1024;

/// What an export holds whose every line is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The lane that signed it.
    pub lane: String,
    /// How many records come before it.
    pub after: u64,
    /// How far the journal reached, as the lane signed it.
    pub extent: Extent,
    /// How many personal fields are told and are what the records are committed to.
    pub personal: u64,
}

/// What is wrong with an export.
#[derive(Debug, Error)]
pub enum Fault {
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// It is not as an export writes it.
    #[error("it is not as an export writes it ({0})")]
    Malformed(&'static str),
    /// The record's or checkpoint's signature does not hold.
    #[error("what is signed in it does not hold")]
    Signed(#[source] SignedError),
    /// What the line says is not what was signed.
    #[error("record {seq} was changed: the line does not say what was signed")]
    Changed {
        /// Which.
        seq: u64,
    },
    /// Another record is expected here.
    #[error(
        "record {found} stands where record {expected} belongs: records are missing or have changed places"
    )]
    Misplaced {
        /// The record that is here.
        found: u64,
        /// The one that belongs here.
        expected: u64,
    },
    /// A personal field is not the one that the record is committed to.
    #[error("the field {field} of record {seq} is not the one that was recorded")]
    PersonalChanged {
        /// The record.
        seq: u64,
        /// The field.
        field: String,
    },
    /// It ends before its checkpoint.
    #[error("it ends without its checkpoint: its end is missing")]
    CutShort,
    /// The checkpoint is over more or fewer records.
    #[error("its checkpoint is over {signed} records, {found} are there: its end was altered")]
    EndAltered {
        /// How many the lane signed.
        signed: u64,
        /// How many there are, with those before the export.
        found: u64,
    },
    /// The records do not make the tree whose root was signed.
    #[error("its records are not those whose root the lane signed")]
    RootDiffers,
    /// Something follows the checkpoint.
    #[error("something follows its checkpoint")]
    More,
}

/// Where an export is wrong.
#[derive(Debug, Error)]
#[error("line {line}: {fault}")]
pub struct AuditError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// Checks an export: every record's signature, place and words, every personal field that is told, and that all of them
/// together are the tree whose root the lane signed.
///
/// It takes no secret. What it cannot tell is whether the lane signed another journal for somebody else: compare the checkpoint
/// with one that the office kept.
///
/// # Errors
/// The first line that is wrong.
pub fn verify_export(mut lines: impl BufRead, key: &VerifyingKey) -> Result<Audit, AuditError> {
    let mut number = 0;
    let mut next = || {
        number += 1;
        let line = read(&mut lines).map_err(|fault| AuditError {
            line: number,
            fault,
        })?;
        Ok((number, line))
    };
    let at = |line| move |fault| AuditError { line, fault };
    let (line, first) = next()?;
    let first = first.ok_or(Fault::CutShort).map_err(at(line))?;
    let mut state = State::begin(first, key).map_err(at(line))?;
    loop {
        let (line, object) = next()?;
        let object = object.ok_or(Fault::CutShort).map_err(at(line))?;
        if object.contains_key("checkpoint") {
            let audit = state.end(object).map_err(at(line))?;
            let (line, more) = next()?;
            return match more {
                None => Ok(audit),
                Some(_) => Err(at(line)(Fault::More)),
            };
        }
        state.record(object).map_err(at(line))?;
    }
}

/// The next line, none at the end.
fn read(lines: &mut impl BufRead) -> Result<Option<Map<String, Value>>, Fault> {
    let mut line = Vec::new();
    lines
        .take(LONGEST)
        .read_until(b'\n', &mut line)
        .map_err(Fault::Unreadable)?;
    if line.is_empty() {
        return Ok(None);
    }
    let text = line
        .strip_suffix(b"\n")
        .ok_or(Fault::Malformed("a line too long, or cut off"))?;
    let value: Value = serde_json::from_slice(text).map_err(|_| Fault::Malformed("no JSON"))?;
    // One way to write it: nothing stands twice, of which one reader takes the first and another the last.
    if canonical(&value).as_bytes() != text {
        return Err(Fault::Malformed("not canonical"));
    }
    match value {
        Value::Object(object) => Ok(Some(object)),
        _ => Err(Fault::Malformed("no object")),
    }
}

struct State<'key> {
    lane: String,
    after: u64,
    tree: Frontier,
    personal: u64,
    key: &'key VerifyingKey,
}

impl<'key> State<'key> {
    fn begin(mut first: Map<String, Value>, key: &'key VerifyingKey) -> Result<Self, Fault> {
        let malformed = Fault::Malformed("the first line");
        let parsed = (|| {
            let form = first.remove("form")?;
            let lane = first.remove("lane")?.as_str()?.to_owned();
            let after = first.remove("after")?.as_u64()?;
            let peaks = first.remove("peaks")?;
            let peaks: Option<Vec<Digest>> = peaks
                .as_array()?
                .iter()
                .map(|peak| Digest::parse(peak.as_str()?))
                .collect();
            let tree = Frontier::resumed(after, peaks?)?;
            (form == FORM && is_lane(&lane) && first.is_empty()).then_some((lane, after, tree))
        })();
        let (lane, after, tree) = parsed.ok_or(malformed)?;
        Ok(Self {
            lane,
            after,
            tree,
            personal: 0,
            key,
        })
    }

    fn record(&mut self, mut line: Map<String, Value>) -> Result<(), Fault> {
        let record = line
            .remove("record")
            .and_then(|record| signed::of_text(record.as_str()?))
            .ok_or(Fault::Malformed("no record"))?;
        let entry = SignedRecord::verify(&record, self.key).map_err(Fault::Signed)?;
        if entry.lane != self.lane {
            return Err(Fault::Signed(SignedError::OtherLane));
        }
        let leaf = entry.leaf;
        let (seq, expected) = (leaf.seq, self.tree.size() + 1);
        if seq != expected || seq > LARGEST {
            return Err(Fault::Misplaced {
                found: seq,
                expected,
            });
        }
        let personal = line.remove("personal");
        if !says(line, &leaf) {
            return Err(Fault::Changed { seq });
        }
        if let Some(personal) = personal {
            let fields = personal
                .as_object()
                .ok_or(Fault::Malformed("personal fields"))?;
            for (field, opened) in fields {
                if !is_committed(&leaf, field, opened) {
                    return Err(Fault::PersonalChanged {
                        seq,
                        field: field.clone(),
                    });
                }
                self.personal += 1;
            }
        }
        self.tree.push(leaf.digest());
        Ok(())
    }

    fn end(self, mut line: Map<String, Value>) -> Result<Audit, Fault> {
        let note = line.remove("checkpoint");
        let note = note
            .as_ref()
            .and_then(Value::as_str)
            .filter(|_| line.is_empty())
            .ok_or(Fault::Malformed("the last line"))?;
        let checkpoint = Checkpoint::verify(note, self.key).map_err(Fault::Signed)?;
        if checkpoint.lane != self.lane {
            return Err(Fault::Signed(SignedError::OtherLane));
        }
        if checkpoint.records != self.tree.size() {
            return Err(Fault::EndAltered {
                signed: checkpoint.records,
                found: self.tree.size(),
            });
        }
        if checkpoint.root != self.tree.root() {
            return Err(Fault::RootDiffers);
        }
        Ok(Audit {
            lane: self.lane,
            after: self.after,
            extent: Extent {
                records: checkpoint.records,
                root: checkpoint.root,
            },
            personal: self.personal,
        })
    }
}

/// Whether the line's words, and no more, are the signed record's.
fn says(mut line: Map<String, Value>, leaf: &Leaf) -> bool {
    line.remove("seq") == Some(leaf.seq.into())
        && line.remove("at") == Some(leaf.at.unix_milliseconds().into())
        && line.remove("journey") == Some(leaf.journey.into())
        && line.remove("kind") == Some(leaf.kind.as_str().into())
        && line
            .remove("body")
            .is_some_and(|body| canonical(&body) == leaf.body)
        && line.is_empty()
}

fn is_committed(leaf: &Leaf, field: &str, opened: &Value) -> bool {
    let salt = opened["salt"]
        .as_str()
        .and_then(Digest::parse)
        .filter(|_| opened.as_object().is_some_and(|opened| opened.len() == 2));
    let committed = leaf.commitments.get(field);
    match (salt, opened.get("value"), committed) {
        (Some(salt), Some(value), Some(committed)) => {
            commitment(field, salt.as_bytes(), &canonical(value)) == *committed
        }
        _ => false,
    }
}
