//! A record as the tree knows it: one way to write it in bytes, with what is personal only as commitments.

use std::collections::BTreeMap;

use ciborium::Value;
use sha2::{Digest as _, Sha256};
use tlog_tiles::tlog;

use crate::{Digest, Stamp};

/// A record without anything personal: a leaf of the journal's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its number: 1, 2, 3 and so on without a gap. The tree counts leaves from 0, so it is leaf `seq - 1`.
    pub seq: u64,
    /// When it was committed.
    pub at: Stamp,
    /// The number of the journey that it belongs to, if it belongs to one.
    pub journey: Option<u64>,
    /// What happened, in one word.
    pub kind: String,
    /// The particulars that are not personal, as canonical JSON.
    pub body: String,
    /// A commitment to each personal field, by the field's name.
    pub commitments: BTreeMap<String, Digest>,
}

/// The keys of the map that a leaf is in CBOR. 1 is the lane's, where a leaf is signed.
pub(crate) const LANE: i64 = 1;
const SEQ: i64 = 2;
const AT: i64 = 3;
const JOURNEY: i64 = 4;
const KIND: i64 = 5;
const BODY: i64 = 6;
const COMMITMENTS: i64 = 7;

impl Leaf {
    /// The leaf's bytes: a map in deterministic CBOR (RFC 8949, section 4.2.1) of seq (2), time in Unix milliseconds (3),
    /// journey (4, absent where there is none), kind (5), body (6) and commitments (7, a map from name to 32 bytes, absent
    /// where there is none).
    pub fn bytes(&self) -> Vec<u8> {
        encoded(&Value::Map(self.entries()))
    }

    /// The leaf's hash in the tree: SHA-256 over a zero byte and [`Leaf::bytes`] (RFC 6962, section 2.1).
    pub fn digest(&self) -> Digest {
        tlog::record_hash(&self.bytes()).into()
    }

    pub(crate) fn entries(&self) -> Vec<(Value, Value)> {
        let mut entries = vec![
            (SEQ.into(), self.seq.into()),
            (AT.into(), self.at.unix_milliseconds().into()),
        ];
        if let Some(journey) = self.journey {
            entries.push((JOURNEY.into(), journey.into()));
        }
        entries.push((KIND.into(), self.kind.as_str().into()));
        entries.push((BODY.into(), self.body.as_str().into()));
        if !self.commitments.is_empty() {
            let mut names: Vec<_> = self.commitments.iter().collect();
            // As their encodings sort: the length comes first.
            names.sort_by_key(|(name, _)| (name.len(), *name));
            let commitments = names
                .into_iter()
                .map(|(name, digest)| {
                    (
                        name.as_str().into(),
                        Value::Bytes(digest.as_bytes().to_vec()),
                    )
                })
                .collect();
            entries.push((COMMITMENTS.into(), Value::Map(commitments)));
        }
        entries
    }

    /// Takes the leaf's keys out of a map, whatever their order. Whoever cares for the order compares the bytes.
    pub(crate) fn of_entries(entries: &mut BTreeMap<i64, Value>) -> Option<Self> {
        let whole = |value: Value| value.into_integer().ok();
        Some(Self {
            seq: whole(entries.remove(&SEQ)?)?.try_into().ok()?,
            at: Stamp::new(whole(entries.remove(&AT)?)?.try_into().ok()?),
            journey: match entries.remove(&JOURNEY) {
                Some(journey) => Some(whole(journey)?.try_into().ok()?),
                None => None,
            },
            kind: entries.remove(&KIND)?.into_text().ok()?,
            body: entries.remove(&BODY)?.into_text().ok()?,
            commitments: match entries.remove(&COMMITMENTS) {
                Some(commitments) => commitments
                    .into_map()
                    .ok()?
                    .into_iter()
                    .map(|(name, digest)| {
                        let digest = digest.into_bytes().ok()?.try_into().ok()?;
                        Some((name.into_text().ok()?, Digest::new(digest)))
                    })
                    .collect::<Option<_>>()?,
                None => BTreeMap::new(),
            },
        })
    }
}

/// Deterministic as long as the maps are in order: ciborium writes every number and length in its shortest form.
pub(crate) fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    #[expect(
        clippy::expect_used,
        reason = "a vector takes every byte, and the value holds no tag or float that could not be written"
    )]
    ciborium::into_writer(value, &mut bytes).expect("a vector takes every byte");
    bytes
}

/// What a record holds in place of a personal field: SHA-256 over the words `sekisho personal field 1`, a zero byte, the salt,
/// the field's name, a zero byte, and the value as canonical JSON. Without the 32 random bytes of salt nobody can try values
/// against it.
pub(crate) fn commitment(field: &str, salt: &[u8; 32], value: &str) -> Digest {
    let mut hash = Sha256::new();
    hash.update(b"sekisho personal field 1\0");
    hash.update(salt);
    hash.update(field.as_bytes());
    hash.update([0]);
    hash.update(value.as_bytes());
    Digest::new(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn leaf() -> Leaf {
        Leaf {
            seq: 3,
            at: Stamp::new(-1),
            journey: Some(24),
            kind: "gathered".to_owned(),
            body: "{}".to_owned(),
            commitments: [("documents", 0xdd), ("code", 0xcc)]
                .map(|(name, byte)| (name.to_owned(), Digest::new([byte; 32])))
                .into(),
        }
    }

    #[test]
    fn a_leaf_has_one_way_to_be_written() {
        let expected = format!(
            "a6\
             0203\
             0320\
             041818\
             05686761746865726564\
             06627b7d\
             07a2\
             64636f64655820{}\
             69646f63756d656e74735820{}",
            "cc".repeat(32),
            "dd".repeat(32)
        );
        assert_eq!(hex::encode(leaf().bytes()), expected);
        let bare = Leaf {
            journey: None,
            commitments: BTreeMap::new(),
            ..leaf()
        };
        assert_eq!(
            hex::encode(bare.bytes()),
            "a40203032005686761746865726564\
             06627b7d"
        );
    }

    #[test]
    fn a_commitment_depends_on_salt_field_and_value() {
        let all = [
            commitment("officer", &[1; 32], "\"E-05\""),
            commitment("officer", &[2; 32], "\"E-05\""),
            commitment("officers", &[1; 32], "\"E-05\""),
            commitment("officer", &[1; 32], "\"E-06\""),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(!all[..n].contains(one));
        }
    }
}
