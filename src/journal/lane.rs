//! The lane's own key, with which it signs what leaves it.

use std::{fmt, path::Path};

use ed25519_dalek::{
    Signer as _, SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _},
};
use zeroize::Zeroizing;

use crate::JournalError;

/// The longest name of a lane, in characters.
const LONGEST_NAME: usize = 32;

/// A lane's name with its Ed25519 key (RFC 8032). The key belongs in a credential or a file of its own and never leaves the
/// lane; its public half is the office's.
pub struct LaneKey {
    lane: String,
    key: SigningKey,
}

/// The name, and nothing of the key.
impl fmt::Debug for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LaneKey({}, [hidden])", self.lane)
    }
}

impl LaneKey {
    /// The key with these 32 secret bytes, of the lane with this name: 1 to 32 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
    /// None if it is no such name.
    pub fn new(lane: &str, secret: &[u8; 32]) -> Option<Self> {
        is_lane(lane).then(|| Self {
            lane: lane.to_owned(),
            key: SigningKey::from_bytes(secret),
        })
    }

    /// Reads the key from a file in PEM, as `openssl genpkey -algorithm ed25519` makes it (PKCS #8, RFC 8410).
    ///
    /// # Errors
    /// [`JournalError::KeyUnreadable`] if the file cannot be read, [`JournalError::LaneKeyMalformed`] if it holds something
    /// else or the lane's name is none.
    pub fn from_file(lane: &str, path: &Path) -> Result<Self, JournalError> {
        let unreadable = |source| JournalError::KeyUnreadable {
            path: path.to_owned(),
            source,
        };
        let pem = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
        SigningKey::from_pkcs8_pem(&pem)
            .ok()
            .filter(|_| is_lane(lane))
            .map(|key| Self {
                lane: lane.to_owned(),
                key,
            })
            .ok_or_else(|| JournalError::LaneKeyMalformed {
                path: path.to_owned(),
            })
    }

    /// The lane's name.
    pub fn lane(&self) -> &str {
        &self.lane
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// Reads a lane's public key from PEM, as `openssl pkey -pubout` makes it (SubjectPublicKeyInfo, RFC 8410).
///
/// # Errors
/// [`JournalError::KeyUnreadable`] if the file cannot be read, [`JournalError::LaneKeyMalformed`] if it holds something else.
pub fn verifying_key(path: &Path) -> Result<VerifyingKey, JournalError> {
    let pem = std::fs::read_to_string(path).map_err(|source| JournalError::KeyUnreadable {
        path: path.to_owned(),
        source,
    })?;
    VerifyingKey::from_public_key_pem(&pem).map_err(|_| JournalError::LaneKeyMalformed {
        path: path.to_owned(),
    })
}

/// Whether a lane may have this name.
pub(crate) fn is_lane(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ed25519_dalek::pkcs8::{
        EncodePrivateKey as _, EncodePublicKey as _, spki::der::pem::LineEnding,
    };

    use super::*;

    #[test]
    fn keys_are_read_from_pem() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, public) = (
            folder.path().join("lane.key"),
            folder.path().join("lane.pub"),
        );
        let key = LaneKey::new("lane-3", &[7; 32]).unwrap();
        std::fs::write(&secret, &*key.key.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap();
        let pem = key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .unwrap();
        std::fs::write(&public, pem).unwrap();
        let read = LaneKey::from_file("lane-3", &secret).unwrap();
        assert_eq!(read.verifying_key(), key.verifying_key());
        assert_eq!(verifying_key(&public).unwrap(), key.verifying_key());
        for error in [
            LaneKey::from_file("lane 3", &secret).unwrap_err(),
            LaneKey::from_file("lane-3", &public).unwrap_err(),
            verifying_key(&secret).unwrap_err(),
        ] {
            assert!(
                matches!(error, JournalError::LaneKeyMalformed { .. }),
                "{error}"
            );
        }
        for name in ["", "lane 3", "spur/3", "Straße", &"x".repeat(33)] {
            assert!(LaneKey::new(name, &[7; 32]).is_none(), "{name}");
        }
        assert_eq!(format!("{read:?}"), "LaneKey(lane-3, [hidden])");
    }
}
