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

fn mac(key: &Key) -> Hmac<Sha256> {
    // HMAC takes keys of every length, so a fixed block is filled here instead of handling an error that cannot be.
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..key.len()].copy_from_slice(key);
    Hmac::<Sha256>::new(&(*block).into())
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn keyed(key: &Key, parts: &[&[u8]]) -> Digest {
    let mut mac = mac(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Short digests of documents under one key: the first eight bytes of [`of_document`]. Of a hundred million listed
/// documents, one in two thousand million million others has the digest of one of them by chance.
#[derive(Clone)]
pub(crate) struct Shortener(Hmac<Sha256>);

impl Shortener {
    pub(crate) fn new(key: &Key) -> Self {
        Self(mac(key))
    }

    pub(crate) fn of_document(&self, state: StateCode, number: &DocumentNumber) -> u64 {
        let mut mac = self.0.clone();
        for part in document_parts(&state, number) {
            mac.update(part);
        }
        first(&mac.finalize().into_bytes().into())
    }

    /// Tells a file made with this key from one made with another, and nothing else about the key.
    pub(crate) fn key_check(&self) -> u64 {
        let mut mac = self.0.clone();
        mac.update(b"key-check");
        first(&mac.finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for Shortener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shortener([hidden])")
    }
}

fn first(digest: &Digest) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn document_parts<'a>(state: &'a StateCode, number: &'a DocumentNumber) -> [&'a [u8]; 4] {
    [
        b"document:",
        state.as_str().as_bytes(),
        b"/",
        number.as_str().as_bytes(),
    ]
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
    digest(key, &document_parts(&state, number))
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
