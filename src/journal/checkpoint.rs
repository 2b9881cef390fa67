//! The tree's root under the lane's signature, and proofs that a tree holds what it held before.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use tlog_tiles::tlog::{self, Hash};

use crate::{
    Digest, LaneKey, Leaf,
    lane::is_lane,
    signed::SignedError,
    tree::{self, LARGEST},
};

/// What a checkpoint's origin and its key's name begin with; the lane's name follows.
const ORIGIN: &str = "sekisho/";

/// The longest checkpoint that is looked at, in bytes: room for a hundred witnesses.
const LONGEST: usize = 16 * 1024;

/// An Ed25519 key in a signed note (C2SP signed-note, section "Signature types").
const ED25519: u8 = 1;

/// The longest proof is of two hashes a level.
const LONGEST_PROOF: usize = 128;

/// How far a lane's journal reached, in the lane's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The lane.
    pub lane: String,
    /// How many records there were: the tree's size.
    pub records: u64,
    /// The tree's root (RFC 6962).
    pub root: Digest,
}

impl Checkpoint {
    /// The checkpoint as a signed note: C2SP tlog-checkpoint, with the origin `sekisho/<lane>`. A witness may add lines of
    /// its own below the lane's.
    pub fn sign(records: u64, root: Digest, key: &LaneKey) -> String {
        let origin = format!("{ORIGIN}{}", key.lane());
        let text = text(&origin, records, root);
        let mut signature = key_id(&origin, &key.verifying_key()).to_vec();
        signature.extend(key.sign(text.as_bytes()));
        format!(
            "{text}\n\u{2014} {origin} {}\n",
            BASE64_STANDARD.encode(signature)
        )
    }

    /// Checks a signed checkpoint with the lane's public key. Other signatures below it are passed over.
    ///
    /// # Errors
    /// [`SignedError::Malformed`] and [`SignedError::BadSignature`].
    pub fn verify(note: &str, key: &VerifyingKey) -> Result<Self, SignedError> {
        if note.len() > LONGEST {
            return Err(SignedError::Malformed("too long"));
        }
        // The text ends with the line break before the empty line.
        let (text, signatures) = note
            .rfind("\n\n")
            .map(|at| (&note[..=at], &note[at + 2..]))
            .ok_or(SignedError::Malformed("no signed note"))?;
        let (origin, checkpoint) = Self::parse(text).ok_or(SignedError::Malformed("the text"))?;
        let lines = signatures
            .strip_suffix('\n')
            .ok_or(SignedError::Malformed("the last line"))?;
        let mut found = false;
        for line in lines.split('\n') {
            let (name, signature) = line
                .strip_prefix("\u{2014} ")
                .and_then(|rest| rest.split_once(' '))
                .ok_or(SignedError::Malformed("a signature's line"))?;
            let signature = BASE64_STANDARD
                .decode(signature)
                .map_err(|_| SignedError::Malformed("a signature"))?;
            let (id, signature) = signature
                .split_first_chunk()
                .ok_or(SignedError::Malformed("a signature"))?;
            if name != origin || *id != key_id(origin, key) {
                continue;
            }
            Signature::from_slice(signature)
                .and_then(|signature| key.verify_strict(text.as_bytes(), &signature))
                .map_err(|_| SignedError::BadSignature)?;
            found = true;
        }
        found.then_some(checkpoint).ok_or(SignedError::BadSignature)
    }

    fn parse(text: &str) -> Option<(&str, Self)> {
        let read = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).ok()?;
        let lane = read
            .origin()
            .strip_prefix(ORIGIN)
            .filter(|lane| is_lane(lane))?;
        let checkpoint = Self {
            lane: lane.to_owned(),
            records: Some(read.size()).filter(|size| *size <= LARGEST)?,
            root: (*read.hash()).into(),
        };
        let origin = text.lines().next()?;
        // One way to write it, and nothing that this release does not know.
        (self::text(origin, checkpoint.records, checkpoint.root) == text)
            .then_some((origin, checkpoint))
    }

    /// Whether this tree is the earlier one with records added at its end.
    ///
    /// # Errors
    /// [`SignedError::OtherLane`], or [`SignedError::NotConsistent`] if it is not, or the proof does not show it.
    pub fn follows(&self, earlier: &Self, proof: &[Digest]) -> Result<(), SignedError> {
        if self.lane != earlier.lane {
            return Err(SignedError::OtherLane);
        }
        let consistent = match earlier.records {
            0 => proof.is_empty() && earlier.root == tree::EMPTY,
            _ => {
                self.records <= LARGEST
                    && proof.len() <= LONGEST_PROOF
                    && tlog::check_tree(
                        &hashes(proof),
                        self.records,
                        self.root.into(),
                        earlier.records,
                        earlier.root.into(),
                    )
                    .is_ok()
            }
        };
        consistent.then_some(()).ok_or(SignedError::NotConsistent)
    }

    /// Whether this record is in this tree.
    ///
    /// # Errors
    /// [`SignedError::NotIncluded`] if it is not, or the proof does not show it.
    pub fn includes(&self, leaf: &Leaf, proof: &[Digest]) -> Result<(), SignedError> {
        let included = self.records <= LARGEST
            && (1..=self.records).contains(&leaf.seq)
            && proof.len() <= LONGEST_PROOF
            && tlog::check_record(
                &hashes(proof),
                self.records,
                self.root.into(),
                leaf.seq - 1,
                leaf.digest().into(),
            )
            .is_ok();
        included.then_some(()).ok_or(SignedError::NotIncluded)
    }
}

fn hashes(proof: &[Digest]) -> Vec<Hash> {
    proof.iter().map(|digest| Hash::from(*digest)).collect()
}

fn text(origin: &str, records: u64, root: Digest) -> String {
    format!(
        "{origin}\n{records}\n{}\n",
        BASE64_STANDARD.encode(root.as_bytes())
    )
}

/// C2SP signed-note: the first four bytes of SHA-256 over the name, a line break, the signature's type and the public key.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', ED25519]);
    hash.update(key.as_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key() -> LaneKey {
        LaneKey::new("lane-3", &[7; 32]).unwrap()
    }

    fn note() -> String {
        Checkpoint::sign(12, Digest::new([5; 32]), &key())
    }

    #[test]
    fn a_checkpoint_is_a_signed_note() {
        let checkpoint = Checkpoint::verify(&note(), &key().verifying_key()).unwrap();
        assert_eq!(checkpoint.lane, "lane-3");
        assert_eq!(
            (checkpoint.records, checkpoint.root),
            (12, Digest::new([5; 32]))
        );
        assert!(note().starts_with(
            "sekisho/lane-3\n12\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n\n\u{2014} sekisho/lane-3 "
        ));
        // A witness's line changes nothing.
        let witnessed =
            note() + "\u{2014} witness.example/w1 " + &BASE64_STANDARD.encode([1; 76]) + "\n";
        assert_eq!(
            Checkpoint::verify(&witnessed, &key().verifying_key()),
            Ok(checkpoint)
        );
    }

    /// The key id and the signature of the note in the Go standard's documentation (golang.org/x/mod/sumdb/note).
    #[test]
    fn a_key_id_is_what_the_standard_s_own_example_has() {
        let public = BASE64_STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        let public = VerifyingKey::from_bytes(public[1..].try_into().unwrap()).unwrap();
        assert_eq!(hex::encode(key_id("PeterNeumann", &public)), "c74f20a3");
    }

    #[test]
    fn changed_and_foreign_checkpoints_are_refused() {
        let key = key().verifying_key();
        for bit in 0..note().len() * 8 {
            let mut bytes = note().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Checkpoint::verify(&changed, &key).is_err(), "{changed}");
            }
        }
        let other = LaneKey::new("lane-3", &[8; 32]).unwrap();
        let foreign = Checkpoint::sign(12, Digest::new([5; 32]), &other);
        assert_eq!(
            Checkpoint::verify(&foreign, &key),
            Err(SignedError::BadSignature)
        );
        let doubled = note().replace("12\n", "012\n");
        assert!(matches!(
            Checkpoint::verify(&doubled, &key),
            Err(SignedError::Malformed(_))
        ));
        for note in ["", "\n\n", "a\n\n\u{2014} a b\n", &"x".repeat(LONGEST + 1)] {
            assert!(matches!(
                Checkpoint::verify(note, &key),
                Err(SignedError::Malformed(_))
            ));
        }
    }
}
