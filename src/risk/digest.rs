//! Digests by which a list names a document or a person without showing either.

use evidence::{BirthDate, DocumentNumber, Name, Sensitive, StateCode};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// SHA-256, or HMAC-SHA-256 when the list has a key.
pub(crate) type Digest = [u8; 32];

/// Secret of 32 bytes.
pub(crate) type Key = [u8; 32];

/// A key as it stands in a file, in hexadecimal digits; overwritten when dropped.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct KeyText(String);

impl KeyText {
    /// The key; `None` when the text is not 64 hexadecimal digits.
    pub(crate) fn key(&self) -> Option<Sensitive<Key>> {
        let mut key = Zeroizing::new(Key::default());
        hex::decode_to_slice(&self.0, &mut *key).ok()?;
        Some(Sensitive::new(*key))
    }
}

impl Drop for KeyText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn keyed(key: &Key, parts: &[&[u8]]) -> Digest {
    // HMAC takes keys of every length, so a fixed block is filled here instead of handling an error that cannot be.
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..key.len()].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn digest(key: Option<&Key>, parts: &[&[u8]]) -> Digest {
    match key {
        Some(key) => keyed(key, parts),
        None => {
            let mut hash = Sha256::new();
            for part in parts {
                hash.update(part);
            }
            hash.finalize().into()
        }
    }
}

/// Digest of `document:UTO/L898902C3`.
pub(crate) fn of_document(key: Option<&Key>, state: StateCode, number: &DocumentNumber) -> Digest {
    digest(
        key,
        &[
            b"document:",
            state.as_str().as_bytes(),
            b"/",
            number.as_str().as_bytes(),
        ],
    )
}

/// Digest of `name:ERIKSSON/ANNA MARIA/19740812`; unknown parts of the birth date are `<<`, as in the MRZ
/// (ICAO Doc 9303-3 section 4.8).
pub(crate) fn of_name(key: Option<&Key>, name: &Name, birth: &BirthDate) -> Digest {
    let day = Zeroizing::new(birth_text(birth));
    digest(
        key,
        &[
            b"name:",
            name.primary().as_bytes(),
            b"/",
            name.secondary().as_bytes(),
            b"/",
            day.as_bytes(),
        ],
    )
}

/// `19740812`; `197408<<` where the day is unknown.
pub(crate) fn birth_text(birth: &BirthDate) -> String {
    let part = |part: Option<u8>| part.map_or_else(|| "<<".to_owned(), |part| format!("{part:02}"));
    format!(
        "{:04}{}{}",
        birth.year(),
        part(birth.month()),
        part(birth.day())
    )
}
