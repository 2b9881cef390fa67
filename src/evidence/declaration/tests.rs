#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::num::NonZeroU16;

use time::Date;
use time::macros::date;

use super::*;
use crate::document::{BirthDate, DocumentNumber, Name, Sex};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

pub(super) const NOW: Moment = Moment::new(1_795_400_000); // 2026-11-22T21:33:20Z
pub(super) const NONCE: [u8; 12] = *b"number once.";

pub(super) fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::from_bytes(algorithm, &[7; 32]).unwrap()
}

pub(super) fn issuers(key: &SigningKey) -> Issuers {
    let algorithm = match key.algorithm() {
        Algorithm::Es256 => "ES256",
        Algorithm::EdDsa => "EdDSA",
    };
    let pem = key.public().unwrap();
    Issuers::parse(&format!(
        "[[issuer]]\nid = \"01a2b3c4\"\nname = \"JP-CUSTOMS\"\nalgorithm = \"{algorithm}\"\npublic_key = '''{pem}'''\n\
         valid_from = 2026-01-01T00:00:00Z\nvalid_to = 2027-12-31T23:59:59+09:00\n"
    ))
    .unwrap()
}

pub(super) fn envelope() -> Envelope {
    Envelope {
        issuer: "JP-CUSTOMS".to_owned(),
        key_id: KeyId::new(&[0x01, 0xa2, 0xb3, 0xc4]).unwrap(),
        issued_at: NOW.plus_seconds(-3_600),
        expires_at: NOW.plus_seconds(86_400),
        code_id: CodeId::new(*b"sixteen bytes id"),
    }
}

fn passport(primary: &str, secondary: &str, number: &str, born: Date) -> TravelDocument {
    TravelDocument::passport(
        StateCode::UTOPIA,
        Name::new(primary, secondary).unwrap(),
        DocumentNumber::parse(number).unwrap(),
        BirthDate::try_from(born).unwrap(),
        Sex::Female,
        date!(2032 - 04 - 15),
    )
}

pub(super) fn anna() -> TravelDocument {
    passport("ERIKSSON", "ANNA MARIA", "L898902C3", date!(1974 - 08 - 12))
}

fn family() -> Vec<TravelDocument> {
    vec![
        anna(),
        passport("ERIKSSON", "LARS JOHAN", "L898902D4", date!(1972 - 01 - 30)),
        passport(
            "ERIKSSON",
            "KARIN ELISABETH",
            "L898902E5",
            date!(2008 - 05 - 02),
        ),
        passport("ERIKSSON", "NILS OLOF", "L898902F6", date!(2012 - 12 - 24)),
        passport(
            "STEVENSON",
            "PETER JOHN",
            "L898902G7",
            date!(1945 - 03 - 09),
        ),
        passport(
            "STEVENSON",
            "MARGARETA INGRID",
            "L898902H8",
            date!(1948 - 10 - 17),
        ),
    ]
}

pub(super) fn content(travellers: usize, goods: usize) -> Content {
    let line = |kind, quantity, packages, value, name, owner| GoodsLine {
        packages,
        owner: MemberIndex::new(owner).filter(|owner| owner.position() < travellers),
        ..GoodsLine::new(kind, quantity, value, name)
    };
    let all = [
        line(GoodsKind::WineOrBeer, 2_250, 3, 9_000, "RED WINE", 0),
        line(
            GoodsKind::Spirits(Spirits::WhiskyOrBrandy),
            750,
            1,
            8_000,
            "WHISKY",
            1,
        ),
        line(GoodsKind::Cigarettes, 200, 1, 5_000, "CIGARETTES", 1),
        line(GoodsKind::Perfume, 10, 1, 12_000, "PERFUME", 0),
        line(GoodsKind::Other, 1, 1, 100_000, "HANDBAG", 0),
        line(GoodsKind::Other, 1, 1, 120_000, "RING", 0),
        line(GoodsKind::Watch, 1, 1, 50_000, "WRIST WATCH", 4),
        line(GoodsKind::Other, 6, 1, 200_000, "CHILDREN'S CLOTHES", 3),
        line(GoodsKind::Other, 2, 1, 24_000, "SHOES", 2),
        line(GoodsKind::Other, 12, 1, 15_000, "CHOCOLATE", 5),
    ];
    Content {
        flight: Flight::parse("AY73").unwrap(),
        arrival: date!(2026 - 11 - 23),
        departure: Airport::parse("HEL").unwrap(),
        party: family()
            .iter()
            .take(travellers)
            .map(Member::from_document)
            .collect(),
        answers: Answers {
            over_allowance: Answer::Yes,
            unaccompanied: NonZeroU16::new(2).filter(|_| goods > 0),
            ..Answers::default()
        },
        goods: all.into_iter().take(goods).collect(),
    }
}

/// Characters that an alphanumeric QR code of level M holds, by version (ISO/IEC 18004 table 7).
const CAPACITY_M: [usize; 20] = [
    20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970,
];

fn version(text: &str) -> usize {
    CAPACITY_M
        .iter()
        .position(|&capacity| text.len() <= capacity)
        .map_or(99, |at| at + 1)
}

#[test]
fn codes_stay_small() {
    // README.md repeats these figures.
    for (travellers, goods, bytes, characters, smallest) in [
        (1, 0, 228, 347, 11),
        (1, 3, 284, 431, 13),
        (6, 10, 599, 904, 19),
    ] {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let content = content(travellers, goods);
            let text = seal(&content, &envelope(), NONCE, &key(algorithm)).unwrap();
            let length = base45::decode(text.strip_prefix(PREFIX).unwrap())
                .unwrap()
                .len();
            assert_eq!(
                (length, text.len(), version(&text)),
                (bytes, characters, smallest)
            );
            assert!(smallest <= 20 && characters <= LONGEST);
        }
    }
}

#[test]
fn a_party_reads_back_with_either_algorithm() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let (key, content) = (key(algorithm), content(6, 10));
        let text = seal(&content, &envelope(), NONCE, &key).unwrap();
        let sealed = read(&text, &issuers(&key), NOW).unwrap();
        assert_eq!(*sealed.envelope(), envelope());
        assert_eq!(
            sealed.code_id().to_string(),
            "7369787465656e206279746573206964"
        );
        assert_eq!(
            (sealed.issuer(), sealed.expires_at()),
            ("JP-CUSTOMS", envelope().expires_at)
        );
        assert_eq!(sealed.open(&family()[1]), Err(OpenRefusal::NotThisDocument));
        let opened = sealed.open(&anna()).unwrap();
        assert_eq!(*opened.content(), content);
        assert_eq!(opened, Declaration::attested(envelope(), content).unwrap());
        for (index, document) in family().iter().enumerate() {
            assert_eq!(
                opened.member_of(document).map(MemberIndex::position),
                Some(index)
            );
        }
        let stranger = passport("ERIKSSON", "ANNA MARIA", "X00000001", date!(1974 - 08 - 12));
        assert_eq!(opened.member_of(&stranger), None);
    }
}

#[test]
fn nothing_personal_prints_or_is_readable_in_the_code() {
    let key = key(Algorithm::EdDsa);
    let text = seal(&content(6, 10), &envelope(), NONCE, &key).unwrap();
    let sealed = read(&text, &issuers(&key), NOW).unwrap();
    let opened = sealed.open(&anna()).unwrap();
    let shown = format!(
        "{sealed:?} {opened:?} {:?} {:?} {:?} {key:?}",
        opened.party(),
        opened.goods(),
        opened.content()
    );
    let bytes = base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
    for personal in [
        "ERIKSSON",
        "ANNA",
        "L898902C3",
        "1974",
        "2032",
        "HANDBAG",
        "AY73",
    ] {
        assert!(!shown.contains(personal), "{personal}");
        assert!(
            !bytes
                .windows(personal.len())
                .any(|window| window == personal.as_bytes()),
            "{personal}"
        );
    }
}

#[test]
fn one_flipped_bit_anywhere_never_verifies() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = key(algorithm);
        let issuers = issuers(&key);
        let text = seal(&content(1, 0), &envelope(), NONCE, &key).unwrap();
        let bytes = base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let altered = format!("{PREFIX}{}", base45::encode(&altered));
            assert!(read(&altered, &issuers, NOW).is_err(), "bit {bit}");
        }
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(
                read(std::str::from_utf8(&altered).unwrap(), &issuers, NOW).is_err(),
                "character {at}"
            );
            assert!(read(&text[..at], &issuers, NOW).is_err(), "cut at {at}");
        }
    }
}

#[test]
fn every_refusal_has_its_reason() {
    let key = key(Algorithm::EdDsa);
    let known = issuers(&key);
    let sealed = |envelope: &Envelope| seal(&content(1, 0), envelope, NONCE, &key).unwrap();
    let text = sealed(&envelope());
    let with = |change: fn(&mut Envelope)| {
        let mut envelope = envelope();
        change(&mut envelope);
        sealed(&envelope)
    };
    let table = [
        (
            "https://example.org/".to_owned(),
            NOW,
            CodeRefusal::NotADeclaration,
        ),
        (String::new(), NOW, CodeRefusal::NotADeclaration),
        ("HC1:6BF".to_owned(), NOW, CodeRefusal::NotADeclaration),
        (text.to_lowercase(), NOW, CodeRefusal::NotADeclaration),
        (
            format!("SKD1:{}", "0".repeat(1_196)),
            NOW,
            CodeRefusal::TooLong,
        ),
        ("SKD1:".to_owned(), NOW, CodeRefusal::Malformed(Flaw::Cbor)),
        (
            "SKD1:日本".to_owned(),
            NOW,
            CodeRefusal::Malformed(Flaw::Base45),
        ),
        (
            format!("{text}0"),
            NOW,
            CodeRefusal::Malformed(Flaw::Base45),
        ),
        (
            format!("{text} "),
            NOW,
            CodeRefusal::Malformed(Flaw::Base45),
        ),
        (
            "SKD1::::".to_owned(),
            NOW,
            CodeRefusal::Malformed(Flaw::Base45),
        ),
        (
            with(|envelope| envelope.key_id = KeyId::new(&[9]).unwrap()),
            NOW,
            CodeRefusal::UnknownIssuer,
        ),
        (
            with(|envelope| envelope.issuer = "SOMEBODY".to_owned()),
            NOW,
            CodeRefusal::UnknownIssuer,
        ),
        (
            with(|envelope| envelope.issued_at = Moment::new(0)),
            NOW,
            CodeRefusal::IssuerNotValid,
        ),
        (
            text.clone(),
            Moment::new(1_830_265_200),
            CodeRefusal::IssuerNotValid,
        ),
        (
            with(|envelope| envelope.issued_at = NOW.plus_seconds(301)),
            NOW,
            CodeRefusal::NotYetValid,
        ),
        (text.clone(), envelope().expires_at, CodeRefusal::Expired),
    ];
    for (text, now, refusal) in table {
        assert_eq!(read(&text, &known, now), Err(refusal), "{text}");
    }
    assert!(
        read(
            &with(|envelope| envelope.issued_at = NOW.plus_seconds(300)),
            &known,
            NOW
        )
        .is_ok()
    );
    assert!(read(&text, &known, envelope().expires_at.plus_seconds(-1)).is_ok());
    let forger = SigningKey::from_bytes(Algorithm::EdDsa, &[8; 32]).unwrap();
    let forged = seal(&content(1, 0), &envelope(), NONCE, &forger).unwrap();
    assert_eq!(read(&forged, &known, NOW), Err(CodeRefusal::BadSignature));
    let other = SigningKey::from_bytes(Algorithm::Es256, &[7; 32]).unwrap();
    let confused = seal(&content(1, 0), &envelope(), NONCE, &other).unwrap();
    assert_eq!(
        read(&confused, &known, NOW),
        Err(CodeRefusal::UnknownIssuer)
    );
}

#[test]
fn only_number_birth_and_expiry_together_open() {
    let key = key(Algorithm::EdDsa);
    let text = seal(&content(1, 0), &envelope(), NONCE, &key).unwrap();
    let sealed = read(&text, &issuers(&key), NOW).unwrap();
    let mut others = [anna(), anna(), anna(), anna()];
    others[0].number = Sensitive::new(DocumentNumber::parse("L898902C4").unwrap());
    others[1].birth = Sensitive::new(BirthDate::new(1974, Some(8), None).unwrap());
    others[2].expiry = date!(2032 - 04 - 16);
    others[3].number =
        Sensitive::new(DocumentNumber::parse("L898902C3<".trim_end_matches('<')).unwrap());
    let opened: Vec<bool> = others
        .iter()
        .map(|document| sealed.open(document).is_ok())
        .collect();
    assert_eq!(opened, [false, false, false, true]);
}

#[test]
fn lists_of_issuers_are_refused_with_the_cure() {
    let good = "[[issuer]]\nid = \"01\"\nname = \"A\"\nalgorithm = \"EdDSA\"\n\
        public_key = \"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"\n\
        valid_from = 2026-01-01T00:00:00Z\nvalid_to = 2027-01-01T00:00:00Z\n";
    let known = Issuers::parse(good).unwrap();
    let only = known.iter().next().unwrap();
    assert_eq!(
        (only.name(), only.key_id().to_string().as_str()),
        ("A", "01")
    );
    assert_eq!(only.valid_from(), Moment::new(1_767_225_600));
    assert_eq!(only.valid_to(), Moment::new(1_798_761_600));
    for (bad, words) in [
        (String::new(), "names no issuer"),
        (format!("{good}{good}"), "is there twice"),
        (good.replace("\"01\"", "\"0g\""), "hexadecimal"),
        (
            good.replace("\"01\"", &format!("\"{}\"", "00".repeat(17))),
            "1 to 16 bytes",
        ),
        (good.replace("\"A\"", "\"日本\""), "name must be"),
        (good.replace("EdDSA", "ES256"), "public_key"),
        (good.replace("EdDSA", "RS256"), "unknown variant"),
        (good.replace("d75a", "d75"), "public_key"),
        (
            good.replace(
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                &format!("01{}", "00".repeat(31)),
            ),
            "public_key",
        ),
        (
            good.replace("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
            "in this order",
        ),
        (
            good.replace("2026-01-01T00:00:00Z", "2026-01-01"),
            "with an offset",
        ),
        (good.replace("valid_from", "valid_form"), "valid_form"),
    ] {
        let error = Issuers::parse(&bad).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn signing_keys_come_from_pem() {
    // RFC 8410 section 10.3.
    let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let key = SigningKey::from_pem(ed25519).unwrap();
    assert_eq!(key.algorithm(), Algorithm::EdDsa);
    assert!(
        key.public()
            .unwrap()
            .contains("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
    );
    assert_eq!(SigningKey::from_pem("no key").err(), Some(SealError::Key));
    assert_eq!(
        SigningKey::from_bytes(Algorithm::Es256, &[0; 32]).err(),
        Some(SealError::Key)
    );
}
