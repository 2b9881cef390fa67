#![allow(clippy::unwrap_used, clippy::expect_used)]

use ciborium::Value;

use super::tests::{NONCE, NOW, content, envelope, issuers, key};
use super::*;

/// Alters the entries of a map.
type Change<'a> = &'a dyn Fn(&mut Vec<(Value, Value)>);

/// A code around any payload, signed with the known key.
fn signed(payload: Vec<u8>) -> Vec<u8> {
    let key = key(Algorithm::EdDsa);
    let SigningKey::EdDsa(secret) = &key else {
        unreachable!()
    };
    let mut signed = cbor::Signed::new(key.algorithm(), envelope().key_id, payload, Vec::new());
    signed.message.signature =
        ed25519_dalek::Signer::sign(secret, &signed.message.tbs_data(b"")).to_vec();
    signed.write().unwrap()
}

fn payload_of(text: &str) -> Vec<u8> {
    let bytes = base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
    cbor::Signed::read(&bytes).unwrap().payload().to_vec()
}

#[test]
fn other_encodings_of_the_same_are_refused_though_rightly_signed() {
    let key = key(Algorithm::EdDsa);
    let known = issuers(&key);
    let payload = payload_of(&seal(&content(1, 0), &envelope(), NONCE, &key).unwrap());
    let judge = |bytes: &[u8]| read(&format!("{PREFIX}{}", base45::encode(bytes)), &known, NOW);
    assert!(judge(&signed(payload.clone())).is_ok());

    let value: Value = ciborium::from_reader(&*payload).unwrap();
    let entries = value.into_map().unwrap();
    let written = |entries: Vec<(Value, Value)>| {
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(entries), &mut bytes).unwrap();
        bytes
    };
    let reversed: Vec<_> = entries.iter().cloned().rev().collect();
    let mut doubled = entries.clone();
    doubled.insert(1, entries[0].clone());
    let mut extra = entries.clone();
    extra.push((Value::from(99), Value::Null));
    let mut indefinite = payload.clone();
    indefinite[0] = 0xbf;
    indefinite.push(0xff);
    let mut longer = vec![0xb8, 0x05];
    longer.extend(&payload[1..]);
    let mut trailing = payload.clone();
    trailing.push(0);
    let missing: Vec<_> = entries[1..].to_vec();
    let deep = [vec![0x81; 200], vec![0]].concat();
    for (what, bytes) in [
        ("reversed", written(reversed)),
        ("doubled key", written(doubled)),
        ("unknown key", written(extra)),
        ("missing key", written(missing)),
        ("indefinite length", indefinite),
        ("long length", longer),
        ("trailing byte", trailing),
        ("nesting", deep),
        ("empty", Vec::new()),
    ] {
        let refusal = judge(&signed(bytes)).unwrap_err();
        assert!(
            matches!(refusal, CodeRefusal::Malformed(_)),
            "{what}: {refusal:?}"
        );
    }

    let whole = signed(payload);
    let tagged = [vec![0xd2], whole.clone()].concat();
    let trailing = [whole.clone(), vec![0]].concat();
    let mut unprotected = whole;
    let at = 1 + 1 + usize::from(unprotected[1] & 0x1f);
    unprotected.splice(at..=at, [0xa1, 0x18, 0x63, 0x00]);
    for bytes in [
        tagged,
        trailing,
        unprotected,
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x81; 700],
    ] {
        assert!(matches!(judge(&bytes), Err(CodeRefusal::Malformed(_))));
    }
}

#[test]
fn contents_that_are_no_declaration_are_refused() {
    let sound = content(2, 3);
    let bytes = cbor::content(&sound);
    assert_eq!(cbor::read_content(&bytes), Ok(sound.clone()));
    let value: Value = ciborium::from_reader(&**bytes).unwrap();
    let judge = |change: Change<'_>| {
        let mut entries = value.clone().into_map().unwrap();
        change(&mut entries);
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(entries), &mut bytes).unwrap();
        cbor::read_content(&bytes)
    };
    assert_eq!(judge(&|_| ()), Ok(sound.clone()));
    let member = |at: usize, item: usize, with: Value| {
        judge(&move |entries| {
            entries[3].1.as_array_mut().unwrap()[at]
                .as_array_mut()
                .unwrap()[item] = with.clone()
        })
    };
    for refused in [
        judge(&|entries| entries[0].1 = Value::from("flight")),
        judge(&|entries| entries[1].1 = Value::from(i64::MAX)),
        judge(&|entries| entries[2].1 = Value::Null),
        judge(&|entries| entries[3].1 = Value::Array(Vec::new())),
        judge(&|entries| entries[4].1 = Value::from(64)),
        judge(&|entries| entries[4].1 = Value::from(-1)),
        judge(&|entries| entries[5].1 = Value::from(0)),
        judge(&|entries| entries[6].1 = Value::Array(Vec::new())),
        judge(&|entries| {
            entries[6].1.as_array_mut().unwrap()[0]
                .as_array_mut()
                .unwrap()[0] = Value::from(12)
        }),
        judge(&|entries| {
            entries[6].1.as_array_mut().unwrap()[0]
                .as_array_mut()
                .unwrap()[1] = Value::from(0)
        }),
        judge(&|entries| {
            entries[6].1.as_array_mut().unwrap()[0]
                .as_array_mut()
                .unwrap()[3] = Value::from("\u{7}")
        }),
        judge(&|entries| {
            entries[6].1.as_array_mut().unwrap()[0]
                .as_array_mut()
                .unwrap()[5] = Value::from(2)
        }),
        judge(&|entries| {
            entries[6].1.as_array_mut().unwrap()[0]
                .as_array_mut()
                .unwrap()
                .push(Value::Null)
        }),
        judge(&|entries| drop(entries.remove(0))),
        judge(&|entries| entries.push((Value::from(8), Value::from(1)))),
        judge(&|entries| entries.swap(0, 1)),
        member(0, 0, Value::from("<<ANNA MARIA")),
        member(1, 0, Value::from("ERIKSSON<<LARS JOHAN")), // the declarant's name is left out
        member(1, 0, Value::from("eriksson")),
        member(1, 1, Value::from("L898902C3")), // the declarant's number
        member(1, 2, Value::from(31)),
        member(1, 3, Value::from("soon")),
        judge(&|entries| {
            entries[3].1.as_array_mut().unwrap()[1]
                .as_array_mut()
                .unwrap()
                .push(Value::from("UTO"))
        }),
    ] {
        assert!(refused.is_err(), "{refused:?}");
    }
    for bad in [
        content(0, 0),
        Content {
            party: vec![sound.party[0].clone(); 2],
            ..content(1, 0)
        },
    ] {
        assert!(matches!(
            seal(&bad, &envelope(), NONCE, &key(Algorithm::EdDsa)),
            Err(SealError::Content(_))
        ));
        assert!(Declaration::attested(envelope(), bad).is_err());
    }
    let long = GoodsLine::new(GoodsKind::Other, 1, 1, &"日".repeat(40));
    let long = Content {
        goods: vec![long; 20],
        ..content(1, 0)
    };
    assert!(matches!(
        seal(&long, &envelope(), NONCE, &key(Algorithm::EdDsa)),
        Err(SealError::TooLong { .. })
    ));
    let nameless = Envelope {
        issuer: String::new(),
        ..envelope()
    };
    assert_eq!(
        seal(&content(1, 0), &nameless, NONCE, &key(Algorithm::EdDsa)),
        Err(SealError::Envelope)
    );
}
