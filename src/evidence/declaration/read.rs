//! A code's text in, a verified declaration out; a travel document in, its content out.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use thiserror::Error;
use zeroize::Zeroizing;

use super::issuers::Issuers;
use super::{ContentError, Declaration, LONGEST, PREFIX, Sealed, Verified, cbor, key};
use crate::document::TravelDocument;
use crate::moment::Moment;

/// How far the issuer's clock may be ahead of the lane's, in seconds: a code is often issued minutes before it is shown, and lanes
/// without a network drift by about a second a day.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// Why a code is refused before any passport is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum CodeRefusal {
    /// Some other code: the text does not begin with [`PREFIX`]. The traveller shows another.
    #[error("the code is not a declaration")]
    NotADeclaration,
    /// More than [`LONGEST`] characters.
    #[error("the code is longer than {LONGEST} characters")]
    TooLong,
    /// It begins like a declaration and is none, or is misread.
    #[error("the code is damaged: {0}")]
    Malformed(Flaw),
    /// Signed by a key that the lane does not know, or in another name than the key's.
    #[error("the code's issuer is not known here")]
    UnknownIssuer,
    /// The key is not valid now, or was not when the code was issued.
    #[error("the issuer's key is not valid")]
    IssuerNotValid,
    /// The signature is not the key's over this payload.
    #[error("the code's signature is wrong")]
    BadSignature,
    /// Issued in the future.
    #[error("the code is not valid yet")]
    NotYetValid,
    /// The traveller declares again.
    #[error("the code has expired")]
    Expired,
}

/// Why a verified code does not open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum OpenRefusal {
    /// The document is not the declarant's.
    #[error("the declaration was made with another travel document")]
    NotThisDocument,
    /// It opens, and its content is not that of a declaration: the issuer's fault.
    #[error("the declaration's content is damaged: {0}")]
    Malformed(Flaw),
}

/// What is wrong with bytes that should be a declaration. No value is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum Flaw {
    /// Not base45 (RFC 9285), or not the only way to write its bytes.
    #[error("not base45")]
    Base45,
    /// Not CBOR (RFC 8949), or nested more deeply than a declaration is.
    #[error("not CBOR")]
    Cbor,
    /// Something is missing, left over, or of the wrong type or size.
    #[error("{0} is not as the schema says")]
    Shape(&'static str),
    /// The same could be written in other bytes, and these are not the deterministic ones (RFC 8949 section 4.2).
    #[error("the encoding is not deterministic")]
    NotDeterministic,
    /// The content breaks a rule of declarations.
    #[error("{0}")]
    Content(ContentError),
    /// The first of the party is not the document's holder.
    #[error("the document that opens the declaration is not the declarant's")]
    Declarant,
}

/// Reads a declaration code and verifies its signature and its validity at `now`; the personal part stays sealed.
///
/// The issuing key must be valid now (a stolen old key could write any date of issue) and at the code's date of issue, and the
/// issuer must be named as the key's. A code may be issued up to [`CLOCK_TOLERANCE_SECONDS`] in the future; at its expiry it
/// is refused.
///
/// # Errors
/// [`CodeRefusal`] says why the lane takes no notice of the code.
pub fn read(
    text: &str,
    issuers: &Issuers,
    now: Moment,
) -> Result<Declaration<Sealed>, CodeRefusal> {
    let encoded = text
        .strip_prefix(PREFIX)
        .ok_or(CodeRefusal::NotADeclaration)?;
    if text.len() > LONGEST {
        return Err(CodeRefusal::TooLong);
    }
    let bytes = base45::decode(encoded).map_err(|_| CodeRefusal::Malformed(Flaw::Base45))?;
    if base45::encode(&bytes) != encoded {
        return Err(CodeRefusal::Malformed(Flaw::Base45));
    }
    let signed = cbor::Signed::read(&bytes).map_err(CodeRefusal::Malformed)?;
    let issuer = issuers
        .find(&signed.key_id)
        .filter(|issuer| issuer.algorithm() == signed.algorithm)
        .ok_or(CodeRefusal::UnknownIssuer)?;
    if !issuer.verifies(&signed.message.tbs_data(b""), &signed.message.signature) {
        return Err(CodeRefusal::BadSignature);
    }
    let (envelope, state) =
        cbor::read_payload(signed.payload(), &signed.key_id).map_err(CodeRefusal::Malformed)?;
    if envelope.issuer != issuer.name() {
        return Err(CodeRefusal::UnknownIssuer);
    }
    if !issuer.valid_at(now) || !issuer.valid_at(envelope.issued_at) {
        return Err(CodeRefusal::IssuerNotValid);
    }
    if envelope.issued_at > now.plus_seconds(CLOCK_TOLERANCE_SECONDS) {
        return Err(CodeRefusal::NotYetValid);
    }
    if envelope.expires_at <= now {
        return Err(CodeRefusal::Expired);
    }
    Ok(Declaration { envelope, state })
}

impl Declaration<Sealed> {
    /// Opens the personal part with the declarant's travel document. Takes about 40 ms and 19 MiB of memory, so whoever has
    /// several documents at hand tries them one by one and not in a loop over frames.
    ///
    /// # Errors
    /// [`OpenRefusal::NotThisDocument`] when it is another's document; [`OpenRefusal::Malformed`] when the issuer sealed something
    /// that is not a declaration.
    pub fn open(&self, document: &TravelDocument) -> Result<Declaration<Verified>, OpenRefusal> {
        let secret = key::derive(
            document.number.expose(),
            document.birth.expose(),
            document.expiry,
            &self.envelope.code_id,
        );
        let additional = cbor::additional(&self.envelope);
        let plaintext = Aes256Gcm::new((&*secret).into())
            .decrypt(
                (&self.state.nonce).into(),
                Payload {
                    msg: &self.state.ciphertext,
                    aad: &additional,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| OpenRefusal::NotThisDocument)?;
        let content = cbor::read_content(&plaintext).map_err(OpenRefusal::Malformed)?;
        if !content
            .party
            .first()
            .is_some_and(|declarant| declarant.holds(document))
        {
            return Err(OpenRefusal::Malformed(Flaw::Declarant));
        }
        Ok(Declaration {
            envelope: self.envelope.clone(),
            state: Verified { content },
        })
    }
}
