#![allow(clippy::unwrap_used, clippy::expect_used)]

use time::Date;
use time::macros::date;

use super::*;
use crate::document::{BirthDate, DocumentCode, DocumentKind, DocumentNumber, Name, Sex};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

pub(super) const ON: Date = date!(2026 - 11 - 23);

/// Doc 9303-4 appendix B.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
/// Doc 9303-5 appendix B.
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
/// Doc 9303-5, with a document number of more than nine characters.
const TD1_LONG: [&str; 3] = [
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
];
/// Doc 9303-6 appendix B.
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
/// Doc 9303-7 appendix A.
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
/// Doc 9303-7 appendix B.
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

pub(super) const SPECIMENS: [&[&str]; 6] = [&TD3, &TD1, &TD1_LONG, &TD2, &MRV_A, &MRV_B];

#[test]
fn icao_specimens_read() {
    #[rustfmt::skip]
    let table: [(&[&str], MrzFormat, &str, &str, &str, &str, Date, &str, Date, [&str; 2]); 6] = [
        (&TD3, MrzFormat::Td3, "ERIKSSON", "ANNA MARIA", "L898902C3", "UTO", date!(1974 - 08 - 12), "P<", date!(2012 - 04 - 15), ["ZE184226B", ""]),
        (&TD1, MrzFormat::Td1, "ERIKSSON", "ANNA MARIA", "D23145890", "UTO", date!(1974 - 08 - 12), "I<", date!(2012 - 04 - 15), ["", ""]),
        (&TD1_LONG, MrzFormat::Td1, "STEVENSON", "PETER JOHN", "D23145890734", "UTO", date!(1934 - 07 - 12), "I<", date!(1995 - 07 - 12), ["", ""]),
        (&TD2, MrzFormat::Td2, "ERIKSSON", "ANNA MARIA", "D23145890", "UTO", date!(1974 - 08 - 12), "I<", date!(2012 - 04 - 15), ["", ""]),
        (&MRV_A, MrzFormat::MrvA, "ERIKSSON", "ANNA MARIA", "L8988901C", "XXX", date!(1940 - 09 - 07), "V<", date!(1996 - 12 - 10), ["6ZE184226B", ""]),
        (&MRV_B, MrzFormat::MrvB, "ERIKSSON", "ANNA MARIA", "L8988901C", "XXX", date!(1940 - 09 - 07), "V<", date!(1996 - 12 - 10), ["", ""]),
    ];
    for (lines, format, primary, secondary, number, nationality, birth, code, expiry, optional) in
        table
    {
        let read = parse(lines, ON).unwrap();
        assert_eq!(read.format, format);
        assert_eq!(read.code, DocumentCode::parse(code).unwrap());
        assert_eq!(read.kind, read.code.kind());
        assert_eq!(read.issuing_state, StateCode::UTOPIA);
        assert_eq!(read.nationality.as_str(), nationality);
        assert_eq!(read.name.expose(), &Name::new(primary, secondary).unwrap());
        assert!(!read.name_truncated);
        assert_eq!(read.number.expose().as_str(), number);
        assert_eq!(read.birth.expose(), &BirthDate::try_from(birth).unwrap());
        assert_eq!(
            read.expiry,
            if expiry.year() < 1977 {
                date!(2099 - 01 - 01)
            } else {
                expiry
            }
        );
        assert_eq!(
            read.optional
                .each_ref()
                .map(|field| field.expose().as_str()),
            optional
        );
        assert!(is_valid(lines));
        assert_eq!(compose(&read).unwrap(), lines, "{format}");
    }
}

#[test]
fn every_wrong_check_digit_is_refused_and_named() {
    let mut tried = 0;
    for lines in SPECIMENS {
        let checks = verdicts(lines).unwrap();
        let layout = MrzFormat::of(lines).unwrap().layout();
        let long = layout.long_number && layout.number_check.first(lines) == b'<';
        for (field, span, check) in layout.spans() {
            if !check || (long && field == Field::Number) {
                continue;
            }
            let right = char::from(span.first(lines));
            for wrong in ('0'..='9').filter(|&digit| digit != right) {
                let altered = replace(lines, span.line, span.from, wrong);
                let altered: Vec<&str> = altered.iter().map(String::as_str).collect();
                let (line, column) = (span.line + 1, span.from + 1);
                let error = MrzError::CheckDigit {
                    line,
                    column,
                    field,
                    expected: right,
                    found: wrong,
                };
                assert_eq!(parse(&altered, ON), Err(error), "{altered:?}");
                assert!(!is_valid(&altered));
                let failed: Vec<Field> = verdicts(&altered)
                    .unwrap()
                    .iter()
                    .filter(|check| !check.valid)
                    .map(|check| check.field)
                    .collect();
                assert_eq!(failed[0], field);
                tried += 1;
            }
        }
        assert!(checks.iter().all(|check| check.valid));
    }
    // Nine wrong digits for every printed check digit of the six specimens.
    assert_eq!(tried, 9 * (5 + 4 + 3 + 4 + 3 + 3));
}

#[test]
fn every_wrong_digit_under_a_check_digit_is_refused() {
    // The weights 7, 3 and 1 have no factor in common with 10, so a wrong digit always shows.
    for lines in SPECIMENS {
        for (field, span, check) in MrzFormat::of(lines).unwrap().layout().spans() {
            if check || !matches!(field, Field::Number | Field::Birth | Field::Expiry) {
                continue;
            }
            for at in span.from..span.to {
                let right = char::from(lines[span.line].as_bytes()[at]);
                for wrong in ('0'..='9').filter(|&digit| right.is_ascii_digit() && digit != right) {
                    let altered = replace(lines, span.line, at, wrong);
                    let altered: Vec<&str> = altered.iter().map(String::as_str).collect();
                    assert!(matches!(
                        parse(&altered, ON),
                        Err(MrzError::CheckDigit { .. })
                    ));
                }
            }
        }
    }
}

#[test]
fn a_long_number_of_a_card_is_put_together() {
    let mut wrong = TD1_LONG;
    wrong[0] = "I<UTOD23145890<7348<<<<<<<<<<<";
    let error = MrzError::CheckDigit {
        line: 1,
        column: 19,
        field: Field::Number,
        expected: '9',
        found: '8',
    };
    assert_eq!(parse(&wrong, ON), Err(error));
    // A filler for a check digit and nothing that continues.
    wrong[0] = "I<UTOD23145890<<<<<<<<<<<<<<<<";
    assert!(matches!(
        parse(&wrong, ON),
        Err(MrzError::CheckDigit {
            column: 15,
            field: Field::Number,
            found: '<',
            ..
        })
    ));
    // A passport has no continuation.
    let passport = [TD3[0], "L898902C3<UTO7408122F1204159ZE184226B<<<<<10"];
    assert!(matches!(
        parse(&passport, ON),
        Err(MrzError::CheckDigit {
            line: 2,
            column: 10,
            field: Field::Number,
            ..
        })
    ));
}

#[test]
fn the_empty_optional_field_of_a_passport_has_a_zero_or_a_filler() {
    for digit in ['0', '<'] {
        let covered = format!("L898902C3674081221204159{}{digit}", "<".repeat(14));
        let composite = check_digit(covered.as_bytes()).unwrap();
        let second = format!(
            "L898902C36UTO7408122F1204159{}{digit}{composite}",
            "<".repeat(14)
        );
        let read = parse(&[TD3[0], &second], ON).unwrap();
        assert_eq!(read.optional[0].expose(), "");
        assert_eq!(compose(&read).unwrap()[1].as_bytes()[42], b'<');
    }
    let second = format!("{}<0", &TD3[1][..42]);
    assert!(matches!(
        parse(&[TD3[0], &second], ON),
        Err(MrzError::CheckDigit {
            field: Field::Optional,
            expected: '1',
            found: '<',
            ..
        })
    ));
}

#[test]
fn centuries_are_settled_by_the_date_at_the_lane() {
    let sample = |birth: BirthDate, expiry: Date| {
        let mut document = parse(&TD3, ON).unwrap();
        document.birth = Sensitive::new(birth);
        document.expiry = expiry;
        compose(&document).unwrap()
    };
    let born = |year, month, day| BirthDate::new(year, month, day).unwrap();
    for (written, read_as) in [
        (
            born(2026, Some(11), Some(23)),
            born(2026, Some(11), Some(23)),
        ),
        (
            born(2026, Some(11), Some(24)),
            born(1926, Some(11), Some(24)),
        ),
        (
            born(1926, Some(11), Some(24)),
            born(1926, Some(11), Some(24)),
        ),
        (born(1925, Some(1), Some(1)), born(2025, Some(1), Some(1))),
        (born(2026, None, None), born(2026, None, None)),
        (born(2026, Some(11), None), born(2026, Some(11), None)),
        (born(2026, Some(12), None), born(1926, Some(12), None)),
        (born(2000, Some(2), Some(29)), born(2000, Some(2), Some(29))),
    ] {
        let lines = sample(written, date!(2030 - 01 - 01));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(*parse(&lines, ON).unwrap().birth.expose(), read_as);
    }
    for (written, read_as) in [
        (date!(2026 - 01 - 01), date!(2026 - 01 - 01)),
        (date!(2076 - 12 - 31), date!(2076 - 12 - 31)),
        (date!(2077 - 01 - 01), date!(1977 - 01 - 01)),
        (date!(1999 - 12 - 31), date!(1999 - 12 - 31)),
        (date!(2028 - 02 - 29), date!(2028 - 02 - 29)),
    ] {
        let lines = sample(born(1974, Some(8), Some(12)), written);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(parse(&lines, ON).unwrap().expiry, read_as);
    }
}

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

#[test]
fn every_character_of_a_format_belongs_to_one_field() {
    for format in MrzFormat::ALL {
        let mut owners = vec![vec![0; format.columns()]; format.rows()];
        for (_, span, _) in format.layout().spans() {
            owners[span.line][span.from..span.to]
                .iter_mut()
                .for_each(|count| *count += 1);
        }
        assert!(owners.iter().flatten().all(|&count| count == 1), "{format}");
    }
}

pub(super) fn replace(lines: &[&str], line: usize, column: usize, with: char) -> Vec<String> {
    let mut altered: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    altered[line].replace_range(column..=column, &with.to_string());
    altered
}
