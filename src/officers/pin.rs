//! PINs: typed, compared by Argon2id, forgotten.

use std::fmt;

use argon2::{
    Argon2, Params,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Random bytes that are different for each PIN hash.
pub type Salt = [u8; 16];

/// A typed PIN: 6 to 12 digits. Its memory is overwritten when it is dropped, and nothing prints it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

/// What was typed is not a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a PIN is 6 to 12 digits")]
pub struct PinError;

impl Pin {
    /// The fewest digits. NIST SP 800-63B, 5.1.1: six for a secret of digits whose tries are limited.
    pub const FEWEST: usize = 6;
    /// The most digits.
    pub const MOST: usize = 12;

    /// Takes over what was typed; if it is no PIN its memory is overwritten too.
    ///
    /// # Errors
    /// [`PinError`] if it is not 6 to 12 digits.
    pub fn parse(mut typed: String) -> Result<Self, PinError> {
        if (Self::FEWEST..=Self::MOST).contains(&typed.len())
            && typed.bytes().all(|byte| byte.is_ascii_digit())
        {
            Ok(Self(typed))
        } else {
            typed.zeroize();
            Err(PinError)
        }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// The hash could not be made: there was no memory for it.
#[derive(Debug, Error)]
#[error("cannot hash the PIN")]
pub struct HashError(#[source] argon2::password_hash::Error);

/// The cost of new hashes: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet, Argon2id).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The most that a hash of the roster may cost, so that a slip in a number does not freeze the panel.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
const MOST_PASSES: u32 = 10;
const MOST_LANES: u32 = 4;

/// What the roster keeps of a PIN: a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
///
/// # Errors
/// [`HashError`] if there is no memory for it.
pub fn hash_pin(pin: &Pin, salt: &Salt) -> Result<String, HashError> {
    let hashed = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(argon2::password_hash::Error::from)
        .and_then(|params| {
            Argon2::default().hash_password_with_params(pin.0.as_bytes(), salt, params)
        });
    hashed.map(|hash| hash.to_string()).map_err(HashError)
}

/// A PIN hash that has been found sound.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PinHash {
    hash: PasswordHash,
    /// Memory times passes: what a comparison costs.
    pub(crate) work: u64,
}

impl PinHash {
    /// Reads a PHC string; the error says what is wrong with it and shows nothing of it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).map_err(|_| "is not a PHC string")?;
        if hash.algorithm.as_str() != "argon2id" || hash.version != Some(19) {
            return Err("is not an Argon2id hash, version 19");
        }
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err("has no salt or no hash");
        }
        let params =
            Params::try_from(&hash).map_err(|_| "has parameters that Argon2id does not know")?;
        if params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES {
            return Err("is too cheap: at least m=19456 and t=2");
        }
        if params.m_cost() > MOST_MEMORY_KIB
            || params.t_cost() > MOST_PASSES
            || params.p_cost() > MOST_LANES
        {
            return Err("is too costly: at most m=262144, t=10 and p=4");
        }
        Ok(Self {
            work: u64::from(params.m_cost()) * u64::from(params.t_cost()),
            hash,
        })
    }

    /// Whether this is the PIN. Takes the same time whether or not it is.
    pub(crate) fn matches(&self, pin: &Pin) -> bool {
        Argon2::default()
            .verify_password(pin.0.as_bytes(), &self.hash)
            .is_ok()
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pin_is_six_to_twelve_digits() {
        for (typed, good) in [
            ("123456", true),
            ("123456789012", true),
            ("12345", false),
            ("1234567890123", false),
            ("12345a", false),
            ("１２３４５６", false),
            (" 123456", false),
            ("", false),
        ] {
            assert_eq!(Pin::parse(typed.to_owned()).is_ok(), good, "{typed}");
        }
    }

    #[test]
    fn a_hash_knows_its_pin_and_no_other() {
        let pin = Pin::parse("271828".to_owned()).unwrap();
        let text = hash_pin(&pin, &[7; 16]).unwrap();
        assert!(
            text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{text}"
        );
        assert_ne!(text, hash_pin(&pin, &[8; 16]).unwrap());
        let hash = PinHash::parse(&text).unwrap();
        assert!(hash.matches(&pin));
        assert!(!hash.matches(&Pin::parse("271829".to_owned()).unwrap()));
    }

    #[test]
    fn nothing_prints_a_pin_or_its_hash() {
        let pin = Pin::parse("271828".to_owned()).unwrap();
        assert_eq!(format!("{pin:?}"), "[hidden]");
        let hash = PinHash::parse(&hash_pin(&pin, &[7; 16]).unwrap()).unwrap();
        assert_eq!(format!("{hash:?}"), "[hidden]");
    }

    #[test]
    fn an_unsound_hash_is_refused() {
        let salt_and_hash = "BwcHBwcHBwcHBwcHBwcHBw$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAphArZgxoCVXbbg";
        for (text, complaint) in [
            ("271828".to_owned(), "is not a PHC string"),
            (String::new(), "is not a PHC string"),
            (
                format!("$argon2i$v=19$m=19456,t=2,p=1${salt_and_hash}"),
                "is not an Argon2id hash, version 19",
            ),
            (
                format!("$argon2id$v=16$m=19456,t=2,p=1${salt_and_hash}"),
                "is not an Argon2id hash, version 19",
            ),
            (
                format!("$argon2id$m=19456,t=2,p=1${salt_and_hash}"),
                "is not an Argon2id hash, version 19",
            ),
            (
                "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
                "has no salt or no hash",
            ),
            (
                format!("$argon2id$v=19$m=4096,t=2,p=1${salt_and_hash}"),
                "is too cheap: at least m=19456 and t=2",
            ),
            (
                format!("$argon2id$v=19$m=19456,t=1,p=1${salt_and_hash}"),
                "is too cheap: at least m=19456 and t=2",
            ),
            (
                format!("$argon2id$v=19$m=999999,t=2,p=1${salt_and_hash}"),
                "is too costly: at most m=262144, t=10 and p=4",
            ),
            (
                format!("$argon2id$v=19$m=19456,t=99,p=1${salt_and_hash}"),
                "is too costly: at most m=262144, t=10 and p=4",
            ),
        ] {
            assert_eq!(PinHash::parse(&text).map(drop), Err(complaint), "{text}");
        }
    }
}
