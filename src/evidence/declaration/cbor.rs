//! The bytes of a declaration code (README.md has the schema). There is one encoding of each declaration: whatever is read is
//! written again and compared.

use std::num::NonZeroU16;

use ciborium::Value;
use coset::iana::Algorithm as Registered;
use coset::{
    AsCborValue, CborSerializable, CoseEncrypt0, CoseSign1, Header, HeaderBuilder, ProtectedHeader,
};
use time::Date;
use zeroize::{Zeroize, Zeroizing};

use super::issuers::Algorithm;
use super::{
    Airport, Answers, CodeId, Content, Envelope, Flaw, Flight, GoodsKind, GoodsLine, KeyId,
    LONGEST, Member, Sealed,
};
use crate::document::{BirthDate, DocumentNumber, Name};
use crate::ids::MemberIndex;
use crate::moment::Moment;
use crate::sensitive::Sensitive;
use crate::state::StateCode;

/// Claim keys of a CBOR Web Token (RFC 8392), and a private one for the personal part.
const ISSUER: i64 = 1;
const EXPIRES_AT: i64 = 4;
const ISSUED_AT: i64 = 6;
const CODE_ID: i64 = 7;
const PERSONAL: i64 = -65_537;

/// The deepest item: content, party, member, value.
const DEEPEST: usize = 8;
/// Of the Julian day number of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// Writes the value and overwrites its texts.
fn encode(mut value: Value) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    // Writing to memory cannot fail; were it to, the comparison after reading refuses the short bytes.
    let _ = ciborium::into_writer(&value, &mut *bytes);
    wipe(&mut value);
    bytes
}

fn wipe(value: &mut Value) {
    match value {
        Value::Text(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, value)| wipe(value)),
        _ => {}
    }
}

fn decode(bytes: &[u8]) -> Result<Value, Flaw> {
    ciborium::de::from_reader_with_recursion_limit(bytes, DEEPEST).map_err(|_| Flaw::Cbor)
}

fn map(entries: Vec<(i64, Value)>) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (Value::from(key), value))
            .collect(),
    )
}

fn array<const N: usize>(value: Value, what: &'static str) -> Result<[Value; N], Flaw> {
    value
        .into_array()
        .ok()
        .and_then(|items| items.try_into().ok())
        .ok_or(Flaw::Shape(what))
}

/// Entries of a map that are taken by key; none may be left.
struct Entries(Vec<(Value, Value)>, &'static str);

impl Entries {
    fn of(value: Value, what: &'static str) -> Result<Self, Flaw> {
        value
            .into_map()
            .map(|entries| Self(entries, what))
            .map_err(|_| Flaw::Shape(what))
    }

    fn take(&mut self, key: i64) -> Option<Value> {
        let at = self
            .0
            .iter()
            .position(|(found, _)| *found == Value::from(key))?;
        Some(self.0.remove(at).1)
    }

    fn need(&mut self, key: i64) -> Result<Value, Flaw> {
        self.take(key).ok_or(Flaw::Shape(self.1))
    }

    fn end(self) -> Result<(), Flaw> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Flaw::Shape(self.1))
        }
    }
}

fn text(value: Value, what: &'static str) -> Result<Zeroizing<String>, Flaw> {
    value
        .into_text()
        .map(Zeroizing::new)
        .map_err(|_| Flaw::Shape(what))
}

fn bytes(value: Value, what: &'static str) -> Result<Vec<u8>, Flaw> {
    value.into_bytes().map_err(|_| Flaw::Shape(what))
}

fn whole<T: TryFrom<ciborium::value::Integer>>(
    value: &Value,
    what: &'static str,
) -> Result<T, Flaw> {
    value
        .as_integer()
        .and_then(|integer| T::try_from(integer).ok())
        .ok_or(Flaw::Shape(what))
}

/// A COSE_Sign1 whose parts have been told apart and whose signature nobody has verified.
pub(super) struct Signed {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: KeyId,
    pub(super) message: CoseSign1,
}

fn signed_header(algorithm: Algorithm, key_id: &KeyId) -> Header {
    let registered = match algorithm {
        Algorithm::Es256 => Registered::ES256,
        Algorithm::EdDsa => Registered::EdDSA,
    };
    HeaderBuilder::new()
        .algorithm(registered)
        .key_id(key_id.bytes().to_vec())
        .build()
}

fn protected(header: Header) -> ProtectedHeader {
    ProtectedHeader {
        original_data: None,
        header,
    }
}

impl Signed {
    pub(super) fn new(
        algorithm: Algorithm,
        key_id: KeyId,
        payload: Vec<u8>,
        signature: Vec<u8>,
    ) -> Self {
        let message = CoseSign1 {
            protected: protected(signed_header(algorithm, &key_id)),
            unprotected: Header::default(),
            payload: Some(payload),
            signature,
        };
        Self {
            algorithm,
            key_id,
            message,
        }
    }

    pub(super) fn payload(&self) -> &[u8] {
        self.message.payload.as_deref().unwrap_or_default()
    }

    pub(super) fn read(from: &[u8]) -> Result<Self, Flaw> {
        const WHAT: &str = "COSE_Sign1";
        let [header, _unprotected, payload, signature] = array(decode(from)?, WHAT)?;
        let mut header = Entries::of(decode(&bytes(header, WHAT)?)?, WHAT)?;
        let algorithm = match whole::<i64>(&header.need(1)?, WHAT)? {
            -7 => Algorithm::Es256,
            -8 => Algorithm::EdDsa,
            _ => return Err(Flaw::Shape("algorithm")),
        };
        let key_id = KeyId::new(&bytes(header.need(4)?, WHAT)?).ok_or(Flaw::Shape("key id"))?;
        header.end()?;
        let signed = Self::new(
            algorithm,
            key_id,
            bytes(payload, WHAT)?,
            bytes(signature, WHAT)?,
        );
        if signed.write().as_deref() == Some(from) {
            Ok(signed)
        } else {
            Err(Flaw::NotDeterministic)
        }
    }

    pub(super) fn write(&self) -> Option<Vec<u8>> {
        self.message.clone().to_vec().ok()
    }
}

fn claims(envelope: &Envelope) -> Vec<(i64, Value)> {
    vec![
        (ISSUER, Value::from(envelope.issuer.as_str())),
        (EXPIRES_AT, Value::from(envelope.expires_at.unix_seconds())),
        (ISSUED_AT, Value::from(envelope.issued_at.unix_seconds())),
        (CODE_ID, Value::Bytes(envelope.code_id.bytes().to_vec())),
    ]
}

/// The clear part, which the encryption binds as additional data.
fn clear(envelope: &Envelope) -> Zeroizing<Vec<u8>> {
    encode(map(claims(envelope)))
}

fn encrypted(nonce: [u8; 12], ciphertext: Option<Vec<u8>>) -> CoseEncrypt0 {
    CoseEncrypt0 {
        protected: protected(HeaderBuilder::new().algorithm(Registered::A256GCM).build()),
        unprotected: HeaderBuilder::new().iv(nonce.to_vec()).build(),
        ciphertext,
    }
}

/// What AES-GCM authenticates beside the ciphertext: RFC 9052's Enc_structure over the header and the clear part.
pub(super) fn additional(envelope: &Envelope) -> Vec<u8> {
    let header = protected(HeaderBuilder::new().algorithm(Registered::A256GCM).build());
    coset::enc_structure_data(
        coset::EncryptionContext::CoseEncrypt0,
        header,
        &clear(envelope),
    )
}

/// The signed payload.
pub(super) fn payload(envelope: &Envelope, sealed: &Sealed) -> Option<Vec<u8>> {
    let mut entries = claims(envelope);
    let personal = encrypted(sealed.nonce, Some(sealed.ciphertext.clone()));
    entries.push((PERSONAL, personal.to_cbor_value().ok()?));
    Some(encode(map(entries)).to_vec())
}

pub(super) fn read_payload(from: &[u8], key_id: &KeyId) -> Result<(Envelope, Sealed), Flaw> {
    const WHAT: &str = "claims";
    const PART: &str = "COSE_Encrypt0";
    let mut entries = Entries::of(decode(from)?, WHAT)?;
    let envelope = Envelope {
        issuer: text(entries.need(ISSUER)?, "issuer")?.to_string(),
        key_id: key_id.clone(),
        issued_at: Moment::new(whole(&entries.need(ISSUED_AT)?, "issued-at")?),
        expires_at: Moment::new(whole(&entries.need(EXPIRES_AT)?, "expiry")?),
        code_id: CodeId::new(
            bytes(entries.need(CODE_ID)?, "code id")?
                .try_into()
                .map_err(|_| Flaw::Shape("code id"))?,
        ),
    };
    if !envelope.is_sound() {
        return Err(Flaw::Shape(WHAT));
    }
    let [_header, unprotected, ciphertext] = array(entries.need(PERSONAL)?, PART)?;
    entries.end()?;
    let mut unprotected = Entries::of(unprotected, PART)?;
    let nonce = bytes(unprotected.need(5)?, PART)?
        .try_into()
        .map_err(|_| Flaw::Shape(PART))?;
    let sealed = Sealed {
        nonce,
        ciphertext: bytes(ciphertext, PART)?,
    };
    if payload(&envelope, &sealed).as_deref() == Some(from) {
        Ok((envelope, sealed))
    } else {
        Err(Flaw::NotDeterministic)
    }
}

/// The personal part.
pub(super) fn content(content: &Content) -> Zeroizing<Vec<u8>> {
    let mut party = Vec::new();
    for member in &content.party {
        party.push(write_member(
            member,
            content
                .party
                .first()
                .filter(|first| !std::ptr::eq(*first, member)),
        ));
    }
    let mut entries = vec![
        (1, Value::from(content.flight.to_string())),
        (2, Value::from(days(content.arrival))),
        (3, Value::from(content.departure.as_str())),
        (4, Value::Array(party)),
        (5, Value::from(content.answers.bits())),
    ];
    if let Some(pieces) = content.answers.unaccompanied {
        entries.push((6, Value::from(pieces.get())));
    }
    if !content.goods.is_empty() {
        entries.push((
            7,
            Value::Array(content.goods.iter().map(write_goods).collect()),
        ));
    }
    encode(map(entries))
}

pub(super) fn read_content(from: &[u8]) -> Result<Content, Flaw> {
    let mut entries = Entries::of(decode(from)?, "content")?;
    let flight = Flight::parse(&text(entries.need(1)?, "flight")?).ok_or(Flaw::Shape("flight"))?;
    let arrival = date(&entries.need(2)?, "arrival")?;
    let departure =
        Airport::parse(&text(entries.need(3)?, "departure")?).ok_or(Flaw::Shape("departure"))?;
    let mut party: Vec<Member> = Vec::new();
    for value in entries
        .need(4)?
        .into_array()
        .map_err(|_| Flaw::Shape("party"))?
    {
        let member = read_member(value, party.first())?;
        party.push(member);
    }
    let bits = whole(&entries.need(5)?, "answers")?;
    let unaccompanied = match entries.take(6) {
        Some(value) => Some(
            NonZeroU16::new(whole(&value, "unaccompanied")?).ok_or(Flaw::Shape("unaccompanied"))?,
        ),
        None => None,
    };
    let answers = Answers::of_bits(bits, unaccompanied).ok_or(Flaw::Shape("answers"))?;
    let goods = match entries.take(7) {
        Some(value) => value.into_array().map_err(|_| Flaw::Shape("goods"))?,
        None => Vec::new(),
    };
    let goods = goods
        .into_iter()
        .map(read_goods)
        .collect::<Result<_, _>>()?;
    entries.end()?;
    let read = Content {
        flight,
        arrival,
        departure,
        party,
        answers,
        goods,
    };
    read.check().map_err(Flaw::Content)?;
    if *content(&read) == from {
        Ok(read)
    } else {
        Err(Flaw::NotDeterministic)
    }
}

/// A member; what is the same as the declarant's is left out.
fn write_member(member: &Member, declarant: Option<&Member>) -> Value {
    let name = member.name.expose();
    let same_primary =
        declarant.is_some_and(|first| first.name.expose().primary() == name.primary());
    let written = match (name.secondary(), same_primary) {
        ("", _) => name.primary().to_owned(),
        (secondary, true) => format!("<<{secondary}"),
        (secondary, false) => format!("{}<<{secondary}", name.primary()),
    };
    let mut items = vec![
        Value::from(written),
        Value::from(member.number.expose().as_str()),
        Value::from(birth_number(member.birth.expose())),
        Value::from(days(member.expiry)),
    ];
    if declarant.is_none_or(|first| first.nationality != member.nationality) {
        items.push(Value::from(member.nationality.as_str()));
    }
    Value::Array(items)
}

fn read_member(value: Value, declarant: Option<&Member>) -> Result<Member, Flaw> {
    const WHAT: &str = "member";
    const FLAW: Flaw = Flaw::Shape(WHAT);
    let mut items = value.into_array().map_err(|_| FLAW)?.into_iter();
    let mut next = || items.next().ok_or(FLAW);
    let (written, number) = (text(next()?, WHAT)?, text(next()?, WHAT)?);
    let (birth, expiry) = (whole::<u32>(&next()?, WHAT)?, date(&next()?, WHAT)?);
    let nationality = match (next(), declarant) {
        (Ok(value), _) => StateCode::parse(&text(value, WHAT)?).ok_or(FLAW)?,
        (Err(_), Some(first)) => first.nationality,
        (Err(flaw), None) => return Err(flaw),
    };
    if next().is_ok() {
        return Err(FLAW);
    }
    let (primary, secondary) = written.split_once("<<").unwrap_or((&written, ""));
    let primary = match (primary, declarant) {
        ("", Some(first)) => first.name.expose().primary(),
        (primary, _) => primary,
    };
    Ok(Member {
        name: Sensitive::new(Name::new(primary, secondary).map_err(|_| FLAW)?),
        number: Sensitive::new(DocumentNumber::parse(&number).map_err(|_| FLAW)?),
        birth: Sensitive::new(birth_of(birth).ok_or(FLAW)?),
        expiry,
        nationality,
    })
}

/// A goods line; one package and no owner are left out.
fn write_goods(line: &GoodsLine) -> Value {
    let mut items = vec![
        Value::from(line.kind.number()),
        Value::from(line.quantity),
        Value::from(line.value_yen),
        Value::from(line.name.expose().as_str()),
    ];
    if line.packages != 1 || line.owner.is_some() {
        items.push(Value::from(line.packages));
    }
    if let Some(owner) = line.owner {
        items.push(Value::from(owner.get()));
    }
    Value::Array(items)
}

fn read_goods(value: Value) -> Result<GoodsLine, Flaw> {
    const WHAT: &str = "goods line";
    const FLAW: Flaw = Flaw::Shape(WHAT);
    let mut items = value.into_array().map_err(|_| FLAW)?.into_iter();
    let mut next = || items.next().ok_or(FLAW);
    let kind = GoodsKind::of_number(whole(&next()?, WHAT)?).ok_or(FLAW)?;
    let (quantity, value_yen) = (whole(&next()?, WHAT)?, whole(&next()?, WHAT)?);
    let name = Sensitive::new(text(next()?, WHAT)?.to_string());
    let packages = next().map_or(Ok(1), |value| whole(&value, WHAT))?;
    let owner = match next() {
        Ok(value) => Some(MemberIndex::new(whole(&value, WHAT)?).ok_or(FLAW)?),
        Err(_) => None,
    };
    if next().is_ok() {
        return Err(FLAW);
    }
    Ok(GoodsLine {
        kind,
        quantity,
        packages,
        value_yen,
        name,
        owner,
    })
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    date.to_julian_day() - EPOCH
}

fn date(value: &Value, what: &'static str) -> Result<Date, Flaw> {
    let day = whole::<i32>(value, what)?
        .checked_add(EPOCH)
        .ok_or(Flaw::Shape(what))?;
    Date::from_julian_day(day).map_err(|_| Flaw::Shape(what))
}

/// Three bytes for births to 2057, five after: `((year - 1900) * 13 + month) * 32 + day`, where 0 is an unknown month or day.
fn birth_number(birth: &BirthDate) -> u32 {
    let (month, day) = (birth.month().unwrap_or(0), birth.day().unwrap_or(0));
    (u32::from(birth.year() - BirthDate::EARLIEST_YEAR) * 13 + u32::from(month)) * 32
        + u32::from(day)
}

fn birth_of(number: u32) -> Option<BirthDate> {
    let part = |part: u32| {
        u8::try_from(part)
            .ok()
            .map(|part| (part > 0).then_some(part))
    };
    let (months, day) = (number / 32, number % 32);
    let year = u16::try_from(months / 13)
        .ok()?
        .checked_add(BirthDate::EARLIEST_YEAR)?;
    BirthDate::new(year, part(months % 13)?, part(day)?).ok()
}
