//! A record as it leaves the lane: signed, so that whoever holds the lane's public key can check it without the journal.

use std::{collections::BTreeMap, fmt};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use ciborium::Value;
use coset::{
    CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable as _,
    iana,
};
use ed25519_dalek::{Signature, VerifyingKey};
use thiserror::Error;

use crate::{
    LaneKey,
    body::canonical,
    lane::is_lane,
    leaf::{LANE, Leaf, encoded},
    tree::LARGEST,
};

/// What keeps a signature over a record from being taken for one over anything else: COSE's external data.
const PURPOSE: &[u8] = b"sekisho journal record 1";

/// The longest signed record that is looked at, in bytes. A party of ten with every cause there is takes a tenth of it.
pub const LONGEST: usize = 64 * 1024;

/// Why something signed is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum SignedError {
    /// It is not what the lane's software writes, byte by byte: whoever sent it must look at the connection or the software.
    #[error("it is not written as a lane writes it ({0})")]
    Malformed(&'static str),
    /// The signature is not the lane's: the key belongs to another lane, or somebody changed it.
    #[error("its signature is not made with this lane's key")]
    BadSignature,
    /// It is another lane's.
    #[error("it is another lane's")]
    OtherLane,
    /// The tree is not the earlier one with records added: the lane has changed what it had said before.
    #[error("the tree does not grow out of the earlier one")]
    NotConsistent,
    /// The record is not in the tree.
    #[error("the record is not in the tree")]
    NotIncluded,
}

/// What a signed record says, once its signature has been found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The lane that signed it.
    pub lane: String,
    /// The record, whose [`Leaf::digest`] is the leaf in the lane's tree.
    pub leaf: Leaf,
}

/// A record in a COSE_Sign1 (RFC 9052, tagged 18): EdDSA, the lane's name as key id, and as payload the leaf's map with the
/// lane's name under 1, in deterministic CBOR.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRecord {
    seq: u64,
    bytes: Vec<u8>,
}

impl fmt::Debug for SignedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedRecord({}, {} bytes)", self.seq, self.bytes.len())
    }
}

impl SignedRecord {
    /// Signs a record. The same record under the same key gives the same bytes (RFC 8032).
    pub fn sign(leaf: &Leaf, key: &LaneKey) -> Self {
        let unsigned = message(key.lane(), leaf, Vec::new());
        let signature = key.sign(&unsigned.tbs_data(PURPOSE)).to_vec();
        Self {
            seq: leaf.seq,
            bytes: written(message(key.lane(), leaf, signature)),
        }
    }

    /// Checks a signed record with the lane's public key. There is one way to write each: what is taken twice is the same
    /// record.
    ///
    /// # Errors
    /// [`SignedError::Malformed`] and [`SignedError::BadSignature`].
    pub fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Entry, SignedError> {
        if bytes.len() > LONGEST {
            return Err(SignedError::Malformed("too long"));
        }
        let signed = CoseSign1::from_tagged_slice(bytes)
            .map_err(|_| SignedError::Malformed("no COSE_Sign1"))?;
        let payload = signed
            .payload
            .as_deref()
            .ok_or(SignedError::Malformed("no payload"))?;
        let entry = entry(payload).ok_or(SignedError::Malformed("the payload"))?;
        let signature = Signature::from_slice(&signed.signature)
            .map_err(|_| SignedError::Malformed("the signature"))?;
        let proper = message(&entry.lane, &entry.leaf, signed.signature);
        let signed = proper.tbs_data(PURPOSE);
        if written(proper) != bytes {
            return Err(SignedError::Malformed("not deterministic"));
        }
        key.verify_strict(&signed, &signature)
            .map_err(|_| SignedError::BadSignature)?;
        Ok(entry)
    }

    /// The record's number.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The COSE_Sign1.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The COSE_Sign1 as it stands in JSON: base64url without padding (RFC 4648, section 5).
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.bytes)
    }
}

/// The bytes of a signed record that came as text; none if it is no base64url.
pub fn of_text(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

fn message(lane: &str, leaf: &Leaf, signature: Vec<u8>) -> CoseSign1 {
    let header = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(lane.as_bytes().to_vec())
        .build();
    let mut entries = vec![(LANE.into(), lane.into())];
    entries.extend(leaf.entries());
    CoseSign1Builder::new()
        .protected(header)
        .payload(encoded(&Value::Map(entries)))
        .signature(signature)
        .build()
}

fn written(message: CoseSign1) -> Vec<u8> {
    // It cannot fail for what `message` builds; and nothing that is empty is ever taken.
    message.to_tagged_vec().unwrap_or_default()
}

/// What the payload says, if it is what the journal writes.
fn entry(payload: &[u8]) -> Option<Entry> {
    let map = Value::from_slice(payload).ok()?.into_map().ok()?;
    let mut entries = BTreeMap::new();
    for (key, value) in map {
        let key = i64::try_from(key.into_integer().ok()?).ok()?;
        if entries.insert(key, value).is_some() {
            return None;
        }
    }
    let lane = entries.remove(&LANE)?.into_text().ok()?;
    let leaf = Leaf::of_entries(&mut entries)?;
    let body: serde_json::Value = serde_json::from_str(&leaf.body).ok()?;
    let named = |name: &str| (1..=32).contains(&name.chars().count());
    let sound = is_lane(&lane)
        && entries.is_empty()
        && (1..=LARGEST).contains(&leaf.seq)
        && leaf
            .journey
            .is_none_or(|journey| i64::try_from(journey).is_ok())
        && named(&leaf.kind)
        && leaf.commitments.keys().all(|name| named(name))
        && body.is_object()
        && canonical(&body) == leaf.body;
    sound.then_some(Entry { lane, leaf })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Digest, Stamp};

    fn key() -> LaneKey {
        LaneKey::new("lane-3", &[7; 32]).unwrap()
    }

    fn leaf() -> Leaf {
        Leaf {
            seq: 12,
            at: Stamp::new(1_790_000_000_000),
            journey: Some(4),
            kind: "gathered".to_owned(),
            body: r#"{"a":1}"#.to_owned(),
            commitments: [("code".to_owned(), Digest::new([9; 32]))].into(),
        }
    }

    #[test]
    fn what_was_signed_is_what_is_found() {
        let signed = SignedRecord::sign(&leaf(), &key());
        let entry = SignedRecord::verify(signed.as_bytes(), &key().verifying_key()).unwrap();
        assert_eq!((entry.lane.as_str(), &entry.leaf), ("lane-3", &leaf()));
        assert_eq!(of_text(&signed.to_text()).unwrap(), signed.as_bytes());
        assert_eq!(SignedRecord::sign(&leaf(), &key()), signed);
    }

    #[test]
    fn every_turned_bit_is_found() {
        let signed = SignedRecord::sign(&leaf(), &key());
        for bit in 0..signed.as_bytes().len() * 8 {
            let mut bytes = signed.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(
                SignedRecord::verify(&bytes, &key().verifying_key()).is_err(),
                "bit {bit}"
            );
        }
        for length in 0..signed.as_bytes().len() {
            assert!(
                SignedRecord::verify(&signed.as_bytes()[..length], &key().verifying_key()).is_err()
            );
        }
    }

    #[test]
    fn another_key_s_and_another_purpose_s_signature_are_refused() {
        let other = LaneKey::new("lane-3", &[8; 32]).unwrap();
        let signed = SignedRecord::sign(&leaf(), &other);
        assert_eq!(
            SignedRecord::verify(signed.as_bytes(), &key().verifying_key()),
            Err(SignedError::BadSignature)
        );
        let unsigned = message("lane-3", &leaf(), Vec::new());
        let signature = key().sign(&unsigned.tbs_data(b"")).to_vec();
        let bytes = written(message("lane-3", &leaf(), signature));
        assert_eq!(
            SignedRecord::verify(&bytes, &key().verifying_key()),
            Err(SignedError::BadSignature)
        );
    }

    #[test]
    fn what_a_lane_would_not_write_is_refused_even_when_signed() {
        for strange in [
            Leaf { seq: 0, ..leaf() },
            Leaf {
                journey: Some(u64::MAX),
                ..leaf()
            },
            Leaf {
                kind: String::new(),
                ..leaf()
            },
            Leaf {
                kind: "x".repeat(33),
                ..leaf()
            },
            Leaf {
                body: "[]".to_owned(),
                ..leaf()
            },
            Leaf {
                body: r#"{ "a":1}"#.to_owned(),
                ..leaf()
            },
            Leaf {
                body: "{".to_owned(),
                ..leaf()
            },
            Leaf {
                body: format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST)),
                ..leaf()
            },
        ] {
            let signed = SignedRecord::sign(&strange, &key());
            let refused = SignedRecord::verify(signed.as_bytes(), &key().verifying_key());
            assert!(
                matches!(refused, Err(SignedError::Malformed(_))),
                "{refused:?}"
            );
        }
    }
}
