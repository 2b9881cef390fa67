//! The secret behind the journal: it encrypts the file, turns document numbers into digests and seals the head. Each use has
//! a key of its own, derived from the one.

use std::{fmt, path::Path};

use evidence::DocumentNumber;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Digest, JournalError};

/// What a journal's file begins with, in the clear.
pub(crate) const FILE_KIND: [u8; 4] = *b"SKJ2";

/// 32 secret bytes. Whoever has them can read the journal and try every document number against a digest, so they belong in
/// a credential or a file of their own, never in the configuration, and never leave the lane. Once they are destroyed, nobody
/// reads the journal any more, and the digests tell nothing about anybody.
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
    pub(crate) fn of_head(
        &self,
        seq: u64,
        root: Digest,
        next_journey: i64,
        acknowledged: u64,
    ) -> Digest {
        self.mac(
            "head",
            &[
                &seq.to_be_bytes(),
                root.as_bytes(),
                &next_journey.to_be_bytes(),
                &acknowledged.to_be_bytes(),
            ],
        )
    }

    /// The first 16 bytes of every journal's file under this key: `SKJ2`, and what tells this key from another without
    /// telling the key. To SQLCipher they are the file's salt, which only has to differ from its other salts: the key below
    /// is random already, and each page has an initialisation vector of its own.
    pub(crate) fn file_head(&self) -> [u8; 16] {
        let mut head = [0; 16];
        let (name, check) = head.split_at_mut(FILE_KIND.len());
        name.copy_from_slice(&FILE_KIND);
        check.copy_from_slice(&self.mac("file head", &[]).as_bytes()[..12]);
        head
    }

    /// The statement that gives SQLCipher the file's key, raw, with its salt (SQLCipher API, `PRAGMA key`, example 3).
    pub(crate) fn unlocking(&self) -> Zeroizing<String> {
        let file_key = Zeroizing::new(*self.mac("file", &[]).as_bytes());
        let mut digits = Zeroizing::new([0; 96]);
        let (key, salt) = digits.split_at_mut(64);
        let written = hex::encode_to_slice(file_key.as_slice(), key)
            .and_then(|()| hex::encode_to_slice(self.file_head(), salt));
        debug_assert!(written.is_ok(), "two digits a byte");
        let mut statement = Zeroizing::new(String::with_capacity(128));
        statement.push_str("PRAGMA key = \"x'");
        statement.extend(digits.iter().map(|digit| char::from(*digit)));
        statement.push_str("'\"");
        statement
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
    fn the_files_key_is_of_96_digits_and_no_other_uses_key() {
        let key = DigestKey::new([7; 32]);
        let statement = key.unlocking();
        let digits = statement
            .strip_prefix("PRAGMA key = \"x'")
            .and_then(|rest| rest.strip_suffix("'\""))
            .unwrap();
        assert_eq!(digits.len(), 96);
        assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_eq!(digits[64..], hex::encode(key.file_head()));
        assert!(!digits.contains(&hex::encode([7; 32])));
        assert_ne!(*statement, *DigestKey::new([8; 32]).unlocking());
        assert_ne!(key.file_head(), DigestKey::new([8; 32]).file_head());
        assert_eq!(key.file_head()[..4], *b"SKJ2");
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
