//! The declaration code: read and verified at once, opened only with the declarant's travel document.

mod answers;
mod cbor;
mod content;
#[cfg(test)]
mod encodings;
mod flight;
#[cfg(test)]
mod golden;
mod goods;
mod issue;
mod issuers;
mod key;
#[cfg(test)]
mod properties;
mod read;
#[cfg(test)]
mod tests;

pub use answers::{Answer, Answers};
pub use content::{Content, ContentError, Member};
pub use flight::{Airport, Flight};
pub use goods::{GoodsKind, GoodsLine, Spirits, Unit};
pub use issue::{SealError, SigningKey, seal};
pub use issuers::{Algorithm, Issuer, Issuers, IssuersError};
pub use read::{CLOCK_TOLERANCE_SECONDS, CodeRefusal, Flaw, OpenRefusal, read};

use std::fmt;

use time::Date;

use crate::document::TravelDocument;
use crate::ids::MemberIndex;
use crate::moment::Moment;

/// What every declaration code's text begins with.
pub const PREFIX: &str = "SKD1:";

/// Characters in the longest declaration code, prefix included.
pub const LONGEST: usize = 1_200;

/// Names one declaration code; the issuer draws it at random. It is also the salt of the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeId([u8; 16]);

impl CodeId {
    /// The code with this id.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeId({self})")
    }
}

/// Names an issuing key: 1 to 16 bytes, the COSE header parameter `kid`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// The key id of 1 to 16 bytes, or `None` for none or more.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=16)
            .contains(&bytes.len())
            .then(|| Self(bytes.to_vec()))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What a code says in the clear, readable and verifiable without any passport.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope {
    /// The issuer's name, 1 to 32 visible ASCII characters or spaces; must be the name that the lane knows the key by.
    pub issuer: String,
    /// The key that signs.
    pub key_id: KeyId,
    /// When the code was issued.
    pub issued_at: Moment,
    /// From when on the code is no longer accepted.
    pub expires_at: Moment,
    /// The code's id.
    pub code_id: CodeId,
}

impl Envelope {
    fn is_sound(&self) -> bool {
        is_issuer_name(&self.issuer) && self.issued_at < self.expires_at
    }
}

fn is_issuer_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// State of a [`Declaration`] whose signature is verified and whose personal part is still encrypted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed {
    nonce: [u8; 12],
    ciphertext: Vec<u8>,
}

/// State of a [`Declaration`] that the declarant's travel document has opened.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Verified {
    content: Content,
}

/// A declaration code whose signature has been verified. `Debug` tells the envelope and nothing of the content.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Declaration<S> {
    envelope: Envelope,
    state: S,
}

impl<S> Declaration<S> {
    /// The code's id.
    pub const fn code_id(&self) -> CodeId {
        self.envelope.code_id
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &str {
        &self.envelope.issuer
    }

    /// When the code was issued.
    pub const fn issued_at(&self) -> Moment {
        self.envelope.issued_at
    }

    /// From when on the code is no longer accepted.
    pub const fn expires_at(&self) -> Moment {
        self.envelope.expires_at
    }

    /// Everything that the code says in the clear.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

impl fmt::Debug for Declaration<Sealed> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declaration<Sealed>")
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Declaration<Verified> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declaration<Verified>")
            .field("envelope", &self.envelope)
            .field("travellers", &self.state.content.party.len())
            .finish_non_exhaustive()
    }
}

impl Declaration<Verified> {
    /// A declaration that somebody else verified and opened: the office takes the lane's word for it, and a model checker makes
    /// one up. The lane itself has only [`read`] and [`Declaration::open`].
    ///
    /// # Errors
    /// [`ContentError`] when the content is not that of a declaration.
    pub fn attested(envelope: Envelope, content: Content) -> Result<Self, ContentError> {
        content.check()?;
        Ok(Self {
            envelope,
            state: Verified { content },
        })
    }

    /// The flight that the party arrives by.
    pub const fn flight(&self) -> &Flight {
        &self.state.content.flight
    }

    /// The date of arrival.
    pub const fn arrival(&self) -> Date {
        self.state.content.arrival
    }

    /// The airport where the flight departed.
    pub const fn departure(&self) -> Airport {
        self.state.content.departure
    }

    /// The travellers, 1 to 10; the first is the declarant.
    pub fn party(&self) -> &[Member] {
        &self.state.content.party
    }

    /// The answers to form C-5360's questions.
    pub const fn answers(&self) -> Answers {
        self.state.content.answers
    }

    /// The goods lines of form C-5360, side B.
    pub fn goods(&self) -> &[GoodsLine] {
        &self.state.content.goods
    }

    /// All of it.
    pub const fn content(&self) -> &Content {
        &self.state.content
    }

    /// The member whose document this is: number, birth date and expiry date are those that the declaration names. `None` when
    /// the document belongs to nobody of the party.
    pub fn member_of(&self, document: &TravelDocument) -> Option<MemberIndex> {
        let position = self
            .party()
            .iter()
            .position(|member| member.holds(document))?;
        MemberIndex::new(u8::try_from(position).ok()?)
    }
}
