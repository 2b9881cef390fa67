//! The secret that turns document numbers into digests and seals the journal's head.

use std::{fmt, path::Path};

use evidence::DocumentNumber;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Digest, JournalError};

/// 32 secret bytes. Whoever has them can try every document number against a digest, so they belong in a
/// credential or a file of their own, never in the configuration, and never leave the lane. Once they are
/// destroyed, the digests tell nothing about anybody.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DigestKey([u8; 32]);

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl DigestKey {
    /// The key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key from a file that holds 32 bytes, or 64 hexadecimal digits and at most white space after them.
    ///
    /// # Errors
    /// [`JournalError::KeyUnreadable`] if the file cannot be read, [`JournalError::KeyMalformed`] if it holds
    /// something else.
    pub fn from_file(path: &Path) -> Result<Self, JournalError> {
        let content =
            Zeroizing::new(
                std::fs::read(path).map_err(|source| JournalError::KeyUnreadable {
                    path: path.to_owned(),
                    source,
                })?,
            );
        let malformed = || JournalError::KeyMalformed {
            path: path.to_owned(),
        };
        let mut key = Self([0; 32]);
        if content.len() == key.0.len() {
            key.0.copy_from_slice(&content);
        } else {
            hex::decode_to_slice(content.trim_ascii_end(), &mut key.0).map_err(|_| malformed())?;
        }
        Ok(key)
    }

    /// The digest under which the journal knows this document.
    pub(crate) fn of_document(&self, number: &DocumentNumber) -> Digest {
        self.mac("document number", &[number.as_str().as_bytes()])
    }

    /// The seal on the journal's head.
    pub(crate) fn of_head(&self, seq: i64, digest: Digest, next_journey: i64) -> Digest {
        self.mac(
            "head",
            &[
                &seq.to_be_bytes(),
                digest.as_bytes(),
                &next_journey.to_be_bytes(),
            ],
        )
    }

    /// What tells this key from another without telling the key.
    pub(crate) fn check(&self) -> Digest {
        self.mac("key check", &[])
    }

    /// HMAC-SHA-256 (RFC 2104). The purpose, ended by a zero byte, keeps the uses of the key apart; every use has
    /// parts of fixed length but the last.
    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Digest {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(b"sekisho journal ");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        for part in parts {
            mac.update(part);
        }
        Digest::new(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_file_holds_bytes_or_hexadecimal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.key");
        let hexadecimal = "0f".repeat(32);
        for (content, good) in [
            (vec![15; 32], true),
            (hexadecimal.clone().into_bytes(), true),
            (format!("{hexadecimal}\n").into_bytes(), true),
            (vec![15; 31], false),
            (vec![15; 33], false),
            ("xy".repeat(32).into_bytes(), false),
            (vec![], false),
        ] {
            std::fs::write(&path, &content).unwrap();
            let key = DigestKey::from_file(&path);
            assert_eq!(key.is_ok(), good, "{content:?}");
            if let Ok(key) = key {
                assert_eq!(key.0, [15; 32]);
            }
        }
        assert!(matches!(
            DigestKey::from_file(&folder.path().join("none")),
            Err(JournalError::KeyUnreadable { .. })
        ));
    }

    #[test]
    fn nothing_prints_the_key() {
        assert_eq!(format!("{:?}", DigestKey::new([7; 32])), "[hidden]");
    }

    #[test]
    fn the_digest_depends_on_key_and_number() {
        let number = DocumentNumber::parse("L898902C3").unwrap();
        let other = DocumentNumber::parse("L898902C4").unwrap();
        let key = DigestKey::new([7; 32]);
        assert_eq!(key.of_document(&number), key.of_document(&number));
        assert_ne!(key.of_document(&number), key.of_document(&other));
        assert_ne!(
            key.of_document(&number),
            DigestKey::new([8; 32]).of_document(&number)
        );
    }
}
