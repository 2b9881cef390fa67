#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use time::Date;

use super::tests::{ON, SPECIMENS, replace};
use super::*;
use crate::document::{BirthDate, DocumentCode, DocumentNumber, Name, Sex, TravelDocument};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

fn documents() -> impl Strategy<Value = TravelDocument> {
    let states: Vec<StateCode> = StateCode::all().collect();
    let known = (
        1927_u16..=2026,
        proptest::option::of((1_u8..=12, proptest::option::of(1_u8..=28))),
    );
    let birth = known.prop_map(|(year, rest)| {
        BirthDate::new(
            year,
            rest.map(|(month, _)| month),
            rest.and_then(|(_, day)| day),
        )
        .unwrap()
    });
    (
        proptest::sample::select(MrzFormat::ALL.to_vec()),
        "[A-Z]?",
        (
            proptest::sample::select(states.clone()),
            proptest::sample::select(states),
        ),
        ("[A-Z]{1,9}( [A-Z]{1,3})?", "([A-Z]{1,8}( [A-Z]{1,2})?)?"),
        "[A-Z0-9]{1,14}",
        birth.prop_filter("born by now", |birth| {
            birth.earliest().is_some_and(|day| day <= ON)
        }),
        proptest::sample::select(vec![Sex::Female, Sex::Male, Sex::Unspecified]),
        (1977_i32..=2076, 1_u16..=365),
        ("([A-Z0-9<]{0,6}[A-Z0-9])?", "([A-Z0-9<]{0,10}[A-Z0-9])?"),
    )
        .prop_map(
            |(format, letter, states, name, number, birth, sex, expiry, optional)| {
                let first = if format.is_visa() {
                    "V"
                } else if format == MrzFormat::Td3 {
                    "P"
                } else {
                    "C"
                };
                let code = DocumentCode::parse(&format!("{first}{letter}")).unwrap();
                let long = matches!(format, MrzFormat::Td1 | MrzFormat::Td2);
                let number = if long {
                    number.as_str()
                } else {
                    &number[..number.len().min(9)]
                };
                let crowded = format == MrzFormat::Td2 && number.len() > 9;
                let first = if crowded { String::new() } else { optional.0 };
                let second = if format == MrzFormat::Td1 {
                    optional.1
                } else {
                    String::new()
                };
                TravelDocument {
                    format,
                    kind: code.kind(),
                    code,
                    issuing_state: states.0,
                    nationality: states.1,
                    name: Sensitive::new(Name::new(&name.0, &name.1).unwrap()),
                    name_truncated: false,
                    number: Sensitive::new(DocumentNumber::parse(number).unwrap()),
                    birth: Sensitive::new(birth),
                    sex,
                    expiry: Date::from_ordinal_date(expiry.0, expiry.1).unwrap(),
                    optional: [Sensitive::new(first), Sensitive::new(second)],
                }
            },
        )
}

proptest! {
    #[test]
    fn what_is_composed_reads_back(document in documents()) {
        let lines = compose(&document).unwrap();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        prop_assert!(is_valid(&lines), "{:?}", lines);
        prop_assert_eq!(MrzFormat::of(&lines), Some(document.format));
        prop_assert_eq!(parse(&lines, ON).unwrap(), document);
    }

    #[test]
    fn any_text_is_read_or_refused(lines in proptest::collection::vec(".{0,50}", 0..5)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let _ = (parse(&lines, ON), verdicts(&lines), is_valid(&lines));
    }

    #[test]
    fn any_characters_of_a_format_are_read_or_refused(
        at in 0..MrzFormat::ALL.len(),
        characters in proptest::collection::vec(proptest::sample::select(b"ABCDPVMFUTOJN0123456789<<<<<<".to_vec()), 90),
        year in -9999_i32..=9999,
    ) {
        let format = MrzFormat::ALL[at];
        let text: String = characters.into_iter().map(char::from).collect();
        let lines: Vec<&str> = (0..format.rows()).map(|row| &text[row * format.columns()..][..format.columns()]).take(format.rows()).collect();
        let on = Date::from_ordinal_date(year, 1).unwrap();
        let read = parse(&lines, on);
        prop_assert!(read.is_err() || is_valid(&lines));
    }

    #[test]
    fn one_altered_character_never_changes_a_document_in_silence(
        which in 0..SPECIMENS.len(), line in 0_usize..3, column in 0_usize..44, to in proptest::char::range('\u{0}', 'z'),
    ) {
        let lines = SPECIMENS[which];
        if let Some(found) = lines.get(line).and_then(|line| line.chars().nth(column)) {
            let altered = replace(lines, line, column, to);
            let altered: Vec<&str> = altered.iter().map(String::as_str).collect();
            if found != to && let Ok(read) = parse(&altered, ON) {
                // Only what no check digit covers, or a letter ten apart from another, gets through.
                let right = parse(lines, ON).unwrap();
                prop_assert_eq!(read.birth, right.birth);
                prop_assert_eq!(read.expiry, right.expiry);
            }
        }
    }
}
