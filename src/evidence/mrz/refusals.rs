#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::tests::{ON, TD1, TD3};
use super::*;
use crate::document::{BirthDate, DocumentKind, DocumentNumber, Name, Sex};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

/// The second line of a passport with its check digits made right.
fn second_line(number: &str, nationality: &str, birth: &str, sex: char, expiry: &str) -> String {
    let digit = |field: &str| check_digit(field.as_bytes()).unwrap();
    let (n, b, e, o) = (digit(number), digit(birth), digit(expiry), "<".repeat(15));
    let composite = digit(&format!("{number}{n}{birth}{b}{expiry}{e}{o}"));
    format!("{number}{n}{nationality}{birth}{b}{sex}{expiry}{e}{o}{composite}")
}

#[test]
fn fields_that_mean_nothing_are_refused_by_name() {
    let first = TD3[0];
    let good = |birth: &str, expiry: &str| second_line("L898902C3", "UTO", birth, 'F', expiry);
    for (first, second, field) in [
        (first, good("741301", "300101"), Field::Birth),
        (first, good("<<0812", "300101"), Field::Birth),
        (first, good("<<<<<<", "300101"), Field::Birth),
        (first, good("74<<12", "300101"), Field::Birth),
        (first, good("7408<2", "300101"), Field::Birth),
        (first, good("740812", "300230"), Field::Expiry),
        (
            first,
            second_line("L898902C3", "ZZZ", "740812", 'F', "300101"),
            Field::Nationality,
        ),
        (
            first,
            second_line("<<<<<<<<<", "UTO", "740812", 'F', "300101"),
            Field::Number,
        ),
        (
            "P<ZZZERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            good("740812", "300101"),
            Field::IssuingState,
        ),
        (
            "P<DEUMUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<",
            good("740812", "300101"),
            Field::IssuingState,
        ),
        (
            "P<UTO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            good("740812", "300101"),
            Field::Name,
        ),
        (
            "<<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            good("740812", "300101"),
            Field::DocumentCode,
        ),
    ] {
        match parse(&[first, &second], ON) {
            Err(MrzError::Meaning { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let visa_card = ["V<UTOD231458907<<<<<<<<<<<<<<<", TD1[1], TD1[2]];
    assert!(matches!(
        parse(&visa_card, ON),
        Err(MrzError::Meaning {
            field: Field::DocumentCode,
            ..
        })
    ));
}

#[test]
fn germans_unknown_birthdays_and_unstated_sexes_read() {
    let second = second_line("C01X00T47", "D<<", "64<<<<", '<', "300228");
    let read = parse(
        &["P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", &second],
        ON,
    )
    .unwrap();
    assert_eq!(
        (read.issuing_state, read.nationality),
        (StateCode::GERMANY, StateCode::GERMANY)
    );
    assert_eq!(
        *read.birth.expose(),
        BirthDate::new(1964, None, None).unwrap()
    );
    assert_eq!(read.sex, Sex::Unspecified);
}

#[test]
fn names_keep_their_parts() {
    for (field, primary, secondary, truncated) in [
        (
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "ERIKSSON",
            "ANNA MARIA",
            false,
        ),
        (
            "ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            "ARKFREITH",
            "",
            false,
        ),
        (
            "VAN<DER<MUELLEN<<MARTIN<SVEN<<<<<<<<<<<",
            "VAN DER MUELLEN",
            "MARTIN SVEN",
            false,
        ),
        (
            "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
            "NILAVADHANANANDA",
            "CHAYAPA DEJTHAMRONG K",
            true,
        ),
        (
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA",
            "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNA",
            "",
            true,
        ),
        (
            "ERIKSSON<<ANNA<<MARIA<<<<<<<<<<<<<<<<<<",
            "ERIKSSON",
            "ANNA MARIA",
            false,
        ),
    ] {
        assert_eq!(field.len(), 39);
        let first = format!("P<UTO{field}");
        let read = parse(&[&first, TD3[1]], ON).unwrap();
        assert_eq!(read.name.expose(), &Name::new(primary, secondary).unwrap());
        assert_eq!(read.name_truncated, truncated, "{field}");
    }
}

#[test]
fn long_names_are_cut_to_a_letter() {
    let mut document = parse(&TD3, ON).unwrap();
    for (primary, secondary, field) in [
        (
            "NILAVADHANANANDA",
            "CHAYAPA DEJTHAMRONG KRASUANG",
            "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
        ),
        (
            "NILAVADHANANAND",
            "ACHAYAPAD DEJTHAMRONG KRASUANG",
            "NILAVADHANANAND<<ACHAYAPAD<DEJTHAMRON<K",
        ),
        (
            "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL",
            "DINGO",
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WA<<D",
        ),
        (
            "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL",
            "",
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA",
        ),
    ] {
        document.name = Sensitive::new(Name::new(primary, secondary).unwrap());
        let lines = compose(&document).unwrap();
        assert_eq!(&lines[0][5..], field);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert!(parse(&lines, ON).unwrap().name_truncated);
    }
}

#[test]
fn garbage_is_refused_in_clear_words() {
    let lower = TD3[1].to_lowercase();
    let accent = TD3[0].replace("ANNA", "ÄNNA");
    let table: [(Vec<&str>, &str); 9] = [
        (
            vec![],
            "expected 3 lines of 30, 2 of 36 or 2 of 44 characters A to Z, 0 to 9 and <, found 0 lines of nothing",
        ),
        (
            vec![TD3[0]],
            "expected 3 lines of 30, 2 of 36 or 2 of 44 characters A to Z, 0 to 9 and <, found 1 lines of 44",
        ),
        (
            vec![TD3[0], &TD3[1][..43]],
            "expected 3 lines of 30, 2 of 36 or 2 of 44 characters A to Z, 0 to 9 and <, found 2 lines of 44 and 43",
        ),
        (
            vec![&accent, TD3[1]],
            "expected 3 lines of 30, 2 of 36 or 2 of 44 characters A to Z, 0 to 9 and <, found 2 lines of 44 and 44",
        ),
        (
            vec![TD3[0], &lower],
            "line 2, column 1, document number: expected A to Z, 0 to 9 or <, found a lower-case letter",
        ),
        (
            vec!["P<UTOERIKSS0N<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", TD3[1]],
            "line 1, column 12, name: expected A to Z or <, found a digit",
        ),
        (
            vec![TD3[0], "L898902C36UTO74O8122F1204159ZE184226B<<<<<10"],
            "line 2, column 16, birth date: expected 0 to 9 or <, found a letter",
        ),
        (
            vec![TD3[0], "L898902C36UTO7408122X1204159ZE184226B<<<<<10"],
            "line 2, column 21, sex: expected F, M or <, found a letter",
        ),
        (
            vec![TD3[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<1\0"],
            "line 2, column 44, composite: expected 0 to 9, found a character that no machine-readable zone has",
        ),
    ];
    for (lines, words) in table {
        assert_eq!(parse(&lines, ON).unwrap_err().to_string(), words);
        assert!(!is_valid(&lines));
    }
    assert_eq!(
        parse(
            &[TD3[0], "L898902C35UTO7408122F1204159ZE184226B<<<<<10"],
            ON
        )
        .unwrap_err()
        .to_string(),
        "line 2, column 10, check digit of the document number: expected 6, found 5"
    );
}

#[test]
fn what_does_not_fit_is_not_written() {
    let sample = || parse(&TD3, ON).unwrap();
    let mut document = sample();
    document.number = Sensitive::new(DocumentNumber::parse("L898902C34").unwrap());
    assert_eq!(
        compose(&document),
        Err(ComposeError::NumberTooLong(MrzFormat::Td3))
    );
    let mut document = sample();
    document.optional[0] = Sensitive::new("zé".to_owned());
    assert_eq!(
        compose(&document),
        Err(ComposeError::Optional(MrzFormat::Td3))
    );
    let mut document = sample();
    document.optional[1] = Sensitive::new("A".to_owned());
    assert_eq!(
        compose(&document),
        Err(ComposeError::Optional(MrzFormat::Td3))
    );
    let mut document = sample();
    document.format = MrzFormat::MrvA;
    assert_eq!(compose(&document), Err(ComposeError::Kind(MrzFormat::MrvA)));
    let mut document = sample();
    document.kind = DocumentKind::Other;
    assert_eq!(compose(&document), Err(ComposeError::Kind(MrzFormat::Td3)));
    for (format, longest) in [(MrzFormat::Td1, 22), (MrzFormat::Td2, 14)] {
        let mut document = parse(&TD1, ON).unwrap();
        document.format = format;
        document.number = Sensitive::new(DocumentNumber::parse(&"7".repeat(longest)).unwrap());
        let lines = compose(&document).unwrap();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(parse(&lines, ON).unwrap(), document);
        document.number = Sensitive::new(DocumentNumber::parse(&"7".repeat(longest + 1)).unwrap());
        assert_eq!(compose(&document), Err(ComposeError::NumberTooLong(format)));
    }
}
