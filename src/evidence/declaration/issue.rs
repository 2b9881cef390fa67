//! The writer of declaration codes: the issuer's side, and what tests and demonstrations hold up to the lane.

use std::fmt;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use p256::ecdsa::signature::Signer as _;
use thiserror::Error;

use super::issuers::Algorithm;
use super::{Content, ContentError, Envelope, LONGEST, PREFIX, Sealed, cbor, key};

/// A key that signs declaration codes. `Debug` tells only the algorithm.
#[derive(Clone)]
pub enum SigningKey {
    /// ECDSA on P-256 with SHA-256; signatures are deterministic (RFC 6979).
    Es256(p256::ecdsa::SigningKey),
    /// EdDSA on Ed25519.
    EdDsa(ed25519_dalek::SigningKey),
}

impl SigningKey {
    /// A key in PEM (PKCS #8); the algorithm is the one that the PEM names.
    ///
    /// # Errors
    /// [`SealError::Key`] when it is not a private key of P-256 or Ed25519.
    pub fn from_pem(pem: &str) -> Result<Self, SealError> {
        p256::ecdsa::SigningKey::from_pkcs8_pem(pem)
            .map(Self::Es256)
            .or_else(|_| ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map(Self::EdDsa))
            .map_err(|_| SealError::Key)
    }

    /// A key of its 32 secret bytes.
    ///
    /// # Errors
    /// [`SealError::Key`] when they are no scalar of P-256 (zero, or not below the order). Any bytes are an Ed25519 key.
    pub fn from_bytes(algorithm: Algorithm, secret: &[u8; 32]) -> Result<Self, SealError> {
        match algorithm {
            Algorithm::Es256 => p256::ecdsa::SigningKey::from_slice(secret)
                .map(Self::Es256)
                .map_err(|_| SealError::Key),
            Algorithm::EdDsa => Ok(Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(secret))),
        }
    }

    /// The algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The public key in PEM (SubjectPublicKeyInfo), as [`Issuers`](super::Issuers) reads it.
    ///
    /// # Errors
    /// [`SealError::Key`] when the key has no such encoding.
    pub fn public(&self) -> Result<String, SealError> {
        match self {
            Self::Es256(key) => key.verifying_key().to_public_key_pem(LineEnding::LF),
            Self::EdDsa(key) => key.verifying_key().to_public_key_pem(LineEnding::LF),
        }
        .map_err(|_| SealError::Key)
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_vec()
            }
            Self::EdDsa(key) => key.sign(message).to_vec(),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

/// Why no code can be issued. The issuer mends what it gave in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum SealError {
    /// Not a private key of P-256 or Ed25519.
    #[error("the signing key is not a private key of P-256 or Ed25519 (PKCS #8 PEM, or 32 bytes)")]
    Key,
    /// The content is not that of a declaration.
    #[error("the content is not that of a declaration")]
    Content(#[from] ContentError),
    /// The issuer's name is empty, too long or not ASCII, or the code would expire before it is issued.
    #[error(
        "the issuer's name must be 1 to 32 visible ASCII characters or spaces, and the expiry after the issue"
    )]
    Envelope,
    /// The code would have more than [`LONGEST`] characters.
    #[error("the code would be {characters} characters long, more than {LONGEST}")]
    TooLong {
        /// How many it would have.
        characters: usize,
    },
    /// Encryption or encoding failed, which nothing that can be given in brings about.
    #[error("the code cannot be encoded")]
    Encoding,
}

/// Seals and signs a declaration: the text of its code.
///
/// The nonce must not serve twice with the same code id; the code id must be drawn at random for each code, since it is the salt.
///
/// # Errors
/// [`SealError`] names what cannot be in a code.
pub fn seal(
    content: &Content,
    envelope: &Envelope,
    nonce: [u8; 12],
    key: &SigningKey,
) -> Result<String, SealError> {
    content.check()?;
    if !envelope.is_sound() {
        return Err(SealError::Envelope);
    }
    let declarant = content.party.first().ok_or(ContentError::Party)?;
    let secret = key::derive(
        declarant.number.expose(),
        declarant.birth.expose(),
        declarant.expiry,
        &envelope.code_id,
    );
    let plaintext = cbor::content(content);
    let additional = cbor::additional(envelope);
    let ciphertext = Aes256Gcm::new((&*secret).into())
        .encrypt(
            (&nonce).into(),
            Payload {
                msg: &plaintext,
                aad: &additional,
            },
        )
        .map_err(|_| SealError::Encoding)?;
    let payload =
        cbor::payload(envelope, &Sealed { nonce, ciphertext }).ok_or(SealError::Encoding)?;
    let mut signed = cbor::Signed::new(
        key.algorithm(),
        envelope.key_id.clone(),
        payload,
        Vec::new(),
    );
    signed.message.signature = key.sign(&signed.message.tbs_data(b""));
    let text = format!(
        "{PREFIX}{}",
        base45::encode(&signed.write().ok_or(SealError::Encoding)?)
    );
    if text.len() > LONGEST {
        Err(SealError::TooLong {
            characters: text.len(),
        })
    } else {
        Ok(text)
    }
}
