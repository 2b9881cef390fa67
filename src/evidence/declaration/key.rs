//! The key of the personal part: it comes from the declarant's travel document and is never kept.

use argon2::{Algorithm, Argon2, Params, Version};
use time::Date;
use zeroize::{Zeroize, Zeroizing};

use super::CodeId;
use crate::document::{BirthDate, DocumentNumber};

/// Memory in KiB, passes and lanes of Argon2id: what OWASP's page on password storage names as the least. RFC 9106 section 4 would
/// rather have 64 MiB, which a lane beside its cameras and an issuer at its peak cannot spare. About 40 ms on one core.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Derives the AES-256 key of one code from a document: Argon2id (RFC 9106) over number, birth date and expiry date, each after its
/// length in one byte, dates as `YYYYMMDD` with `<<` for unknown parts; the salt is the code's id.
#[expect(
    clippy::expect_used,
    reason = "the parameters are constants, and salt and output have fixed lengths"
)]
pub(super) fn derive(
    number: &DocumentNumber,
    birth: &BirthDate,
    expiry: Date,
    code_id: &CodeId,
) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    let part = |part: Option<u8>| part.map_or_else(|| "<<".to_owned(), |part| format!("{part:02}"));
    let mut fields = [
        number.as_str().to_owned(),
        format!(
            "{:04}{}{}",
            birth.year(),
            part(birth.month()),
            part(birth.day())
        ),
        format!(
            "{:04}{:02}{:02}",
            expiry.year(),
            u8::from(expiry.month()),
            expiry.day()
        ),
    ];
    for field in &mut fields {
        secret.extend(u8::try_from(field.len()));
        secret.extend(field.as_bytes());
        field.zeroize();
    }
    let mut key = Zeroizing::new([0; 32]);
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, Some(key.len())).expect("constants in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(&secret, code_id.bytes(), &mut *key)
        .expect("salt of 16 and output of 32 bytes");
    key
}
