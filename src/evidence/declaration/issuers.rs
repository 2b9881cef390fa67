//! The keys whose signatures the lane accepts.

use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::Verifier as _;
use serde::Deserialize;
use thiserror::Error;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use super::KeyId;
use crate::moment::Moment;

/// A signature algorithm of RFC 9053.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// EdDSA on Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// One key of an issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuer {
    name: String,
    key_id: KeyId,
    key: PublicKey,
    valid_from: Moment,
    valid_to: Moment,
}

impl Issuer {
    /// The issuer's name, as its codes spell it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The first second at which the key is valid.
    pub const fn valid_from(&self) -> Moment {
        self.valid_from
    }

    /// The last second at which the key is valid.
    pub const fn valid_to(&self) -> Moment {
        self.valid_to
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self.key {
            PublicKey::Es256(_) => Algorithm::Es256,
            PublicKey::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    pub(super) fn valid_at(&self, moment: Moment) -> bool {
        (self.valid_from..=self.valid_to).contains(&moment)
    }

    /// Whether the signature (64 bytes: r and s, or R and S) is this key's over the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            PublicKey::Es256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            PublicKey::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum PublicKey {
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
}

/// The keys that the lane trusts, read from its configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuers(Vec<Issuer>);

impl Issuers {
    /// Reads TOML with one `[[issuer]]` table a key:
    ///
    /// ```toml
    /// [[issuer]]
    /// id = "01a2b3c4"                     # the key id, 1 to 16 bytes in hexadecimal
    /// name = "Sekisho demo"               # as the codes spell it
    /// algorithm = "EdDSA"                 # or "ES256"
    /// public_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" # or PEM
    /// valid_from = 2026-01-01T00:00:00Z
    /// valid_to = 2027-12-31T23:59:59Z
    /// ```
    ///
    /// A public key is PEM (SubjectPublicKeyInfo) or hexadecimal (Ed25519: 32 bytes; ES256: a point of SEC 1, 33 or 65 bytes).
    ///
    /// # Errors
    /// [`IssuersError`] names the key id and what is wrong with it.
    pub fn parse(toml: &str) -> Result<Self, IssuersError> {
        let file: File =
            toml::from_str(toml).map_err(|error| IssuersError::Toml(error.to_string()))?;
        let mut issuers: Vec<Issuer> = Vec::new();
        for entry in file.issuer {
            let issuer = entry.issuer()?;
            if issuers.iter().any(|other| other.key_id == issuer.key_id) {
                return Err(IssuersError::Twice {
                    id: issuer.key_id.to_string(),
                });
            }
            issuers.push(issuer);
        }
        if issuers.is_empty() {
            Err(IssuersError::Nobody)
        } else {
            Ok(Self(issuers))
        }
    }

    /// Every key, in the order of the file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Issuer> {
        self.0.iter()
    }

    pub(super) fn find(&self, key_id: &KeyId) -> Option<&Issuer> {
        self.0.iter().find(|issuer| issuer.key_id == *key_id)
    }
}

/// Why a list of issuers is refused. The operator mends the configuration.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Error)]
pub enum IssuersError {
    /// Not TOML, or a key of it is missing, unknown or of the wrong type.
    #[error("the list of issuers cannot be read: {0}")]
    Toml(String),
    /// No `[[issuer]]` at all: no code could ever be read.
    #[error("the list names no issuer; add an [[issuer]] table")]
    Nobody,
    /// A key id that is not 1 to 16 bytes in hexadecimal.
    #[error("issuer id `{id}` is not 1 to 16 bytes in hexadecimal")]
    KeyId {
        /// As written.
        id: String,
    },
    /// Two keys with one id.
    #[error("issuer id `{id}` is there twice; give every key its own id")]
    Twice {
        /// The key id.
        id: String,
    },
    /// A name that no code can spell.
    #[error("issuer `{id}`: name must be 1 to 32 visible ASCII characters or spaces")]
    Name {
        /// The key id.
        id: String,
    },
    /// A public key that is not one of its algorithm.
    #[error("issuer `{id}`: public_key is neither PEM nor hexadecimal of a key for its algorithm")]
    PublicKey {
        /// The key id.
        id: String,
    },
    /// Validity without an offset, or that ends before it begins.
    #[error(
        "issuer `{id}`: valid_from and valid_to must be date-times with an offset such as 2026-01-01T00:00:00Z, in this order"
    )]
    Validity {
        /// The key id.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuer: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    algorithm: Algorithm,
    public_key: String,
    valid_from: toml::value::Datetime,
    valid_to: toml::value::Datetime,
}

impl Entry {
    fn issuer(self) -> Result<Issuer, IssuersError> {
        let id = self.id;
        let Some(key_id) = hex::decode(&id).ok().and_then(|bytes| KeyId::new(&bytes)) else {
            return Err(IssuersError::KeyId { id });
        };
        if !super::is_issuer_name(&self.name) {
            return Err(IssuersError::Name { id });
        }
        let Some(key) = public_key(self.algorithm, self.public_key.trim()) else {
            return Err(IssuersError::PublicKey { id });
        };
        match (moment(&self.valid_from), moment(&self.valid_to)) {
            (Some(valid_from), Some(valid_to)) if valid_from <= valid_to => Ok(Issuer {
                name: self.name,
                key_id,
                key,
                valid_from,
                valid_to,
            }),
            _ => Err(IssuersError::Validity { id }),
        }
    }
}

fn public_key(algorithm: Algorithm, text: &str) -> Option<PublicKey> {
    let pem = text.starts_with("-----BEGIN");
    let bytes = if pem {
        Vec::new()
    } else {
        hex::decode(text).ok()?
    };
    match (algorithm, pem) {
        (Algorithm::Es256, true) => p256::ecdsa::VerifyingKey::from_public_key_pem(text)
            .ok()
            .map(PublicKey::Es256),
        (Algorithm::Es256, false) => p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes)
            .ok()
            .map(PublicKey::Es256),
        (Algorithm::EdDsa, true) => ed25519_dalek::VerifyingKey::from_public_key_pem(text)
            .ok()
            .map(PublicKey::EdDsa),
        (Algorithm::EdDsa, false) => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()?;
            (!key.is_weak()).then_some(PublicKey::EdDsa(key))
        }
    }
}

fn moment(written: &toml::value::Datetime) -> Option<Moment> {
    let (date, at, offset) = (written.date?, written.time?, written.offset?);
    let minutes = match offset {
        toml::value::Offset::Z => 0,
        toml::value::Offset::Custom { minutes } => i32::from(minutes),
    };
    let day = Date::from_calendar_date(
        i32::from(date.year),
        Month::try_from(date.month).ok()?,
        date.day,
    )
    .ok()?;
    let time = Time::from_hms(at.hour, at.minute, at.second.unwrap_or(0).min(59)).ok()?;
    let offset = UtcOffset::from_whole_seconds(minutes * 60).ok()?;
    Some(Moment::new(
        OffsetDateTime::new_in_offset(day, time, offset).unix_timestamp(),
    ))
}
