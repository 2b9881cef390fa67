#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::num::NonZeroU16;

use proptest::prelude::*;
use time::Date;

use super::tests::{NOW, anna, envelope, issuers, key};
use super::*;
use crate::document::{BirthDate, DocumentNumber, Name};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

fn contents() -> impl Strategy<Value = Content> {
    let states: Vec<StateCode> = StateCode::all().collect();
    let member = (
        ("[A-Z]{1,12}( [A-Z]{1,8})?", "([A-Z]{1,12}( [A-Z]{1,8})?)?"),
        "[A-Z0-9]{7,14}",
        (
            1900_u16..=2100,
            proptest::option::of((1_u8..=12, proptest::option::of(1_u8..=28))),
        ),
        2_400_000_i32..2_500_000,
        proptest::sample::select(states),
    )
        .prop_map(|(name, number, birth, expiry, nationality)| Member {
            name: Sensitive::new(Name::new(&name.0, &name.1).unwrap()),
            number: Sensitive::new(DocumentNumber::parse(&number).unwrap()),
            birth: Sensitive::new(
                BirthDate::new(
                    birth.0,
                    birth.1.map(|(month, _)| month),
                    birth.1.and_then(|(_, day)| day),
                )
                .unwrap(),
            ),
            expiry: Date::from_julian_day(expiry).unwrap(),
            nationality,
        });
    let goods = (
        proptest::sample::select(GoodsKind::ALL.to_vec()),
        1_u32..,
        1_u16..,
        any::<u32>(),
        "\\PC{1,10}",
        proptest::option::of(0_u8..10),
    );
    (
        proptest::collection::vec(member, 1..=10),
        proptest::collection::vec(goods, 0..8),
        (0_u8..64, any::<u16>()),
        (
            "[A-Z]{2,3}",
            1_u16..=9999,
            "[A-Z]{3}",
            2_400_000_i32..2_500_000,
        ),
    )
        .prop_map(|(party, goods, answers, trip)| Content {
            flight: Flight::new(&trip.0, trip.1).unwrap(),
            arrival: Date::from_julian_day(trip.3).unwrap(),
            departure: Airport::parse(&trip.2).unwrap(),
            answers: Answers::of_bits(answers.0, NonZeroU16::new(answers.1)).unwrap(),
            goods: goods
                .into_iter()
                .map(
                    |(kind, quantity, packages, value_yen, name, owner)| GoodsLine {
                        packages,
                        owner: owner
                            .filter(|&owner| usize::from(owner) < party.len())
                            .and_then(MemberIndex::new),
                        ..GoodsLine::new(kind, quantity, value_yen, &name)
                    },
                )
                .collect(),
            party,
        })
        .prop_filter("no document twice, names that print", |content| {
            content.check().is_ok()
        })
}

proptest! {
    #[test]
    fn any_content_reads_back(content in contents()) {
        let bytes = cbor::content(&content);
        prop_assert_eq!(cbor::read_content(&bytes), Ok(content));
    }

    #[test]
    fn any_bytes_are_content_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = cbor::read_content(&bytes);
        let _ = cbor::Signed::read(&bytes);
        let _ = cbor::read_payload(&bytes, &envelope().key_id);
    }

    #[test]
    fn an_altered_content_is_another_or_refused(
        content in contents(), at in any::<proptest::sample::Index>(), to in any::<u8>(),
    ) {
        let mut bytes = cbor::content(&content).to_vec();
        let at = at.index(bytes.len());
        if bytes[at] != to {
            bytes[at] = to;
            prop_assert_ne!(cbor::read_content(&bytes), Ok(content));
        }
    }

    #[test]
    fn any_text_is_a_declaration_or_refused(text in "(SKD1:)?[0-9A-Z $%*+./:-]{0,300}", other in ".{0,60}") {
        let issuers = issuers(&key(Algorithm::EdDsa));
        prop_assert!(read(&text, &issuers, NOW).is_err());
        prop_assert!(read(&other, &issuers, NOW).is_err());
        let prefixed = format!("{PREFIX}{other}");
        prop_assert!(read(&prefixed, &issuers, NOW).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn what_is_sealed_opens_with_the_declarants_document_only(
        content in contents(), nonce in any::<[u8; 12]>(), id in any::<[u8; 16]>(), es256 in any::<bool>(),
    ) {
        let key = key(if es256 { Algorithm::Es256 } else { Algorithm::EdDsa });
        let envelope = Envelope { code_id: CodeId::new(id), ..envelope() };
        match seal(&content, &envelope, nonce, &key) {
            Ok(text) => {
                let sealed = read(&text, &issuers(&key), NOW).unwrap();
                let mut document = anna();
                prop_assert_eq!(sealed.open(&document), Err(OpenRefusal::NotThisDocument));
                let declarant = &content.party[0];
                document.number = declarant.number.clone();
                document.birth = declarant.birth.clone();
                document.expiry = declarant.expiry;
                let opened = sealed.open(&document).unwrap();
                prop_assert_eq!(opened.content(), &content);
            }
            Err(refusal) => {
                let too_long = matches!(refusal, SealError::TooLong { .. });
                prop_assert!(too_long, "{refusal}");
            }
        }
    }
}
