#![allow(clippy::unwrap_used, clippy::expect_used)]

use time::Date;
use time::macros::date;

use super::*;
use crate::document::{BirthDate, DocumentCode, Name};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

pub(super) const ON: Date = date!(2026 - 11 - 23);

/// The specimen of Doc 9303-4.
pub(super) const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
/// The specimen of Doc 9303-5.
pub(super) const TD1: [&str; 3] = [
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
/// The specimen of Doc 9303-6.
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
/// The full-size specimen of Doc 9303-7.
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
/// The small specimen of Doc 9303-7.
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

pub(super) const SPECIMENS: [&[&str]; 6] = [&TD3, &TD1, &TD1_LONG, &TD2, &MRV_A, &MRV_B];

/// What a specimen says.
struct Specimen {
    lines: &'static [&'static str],
    format: MrzFormat,
    code: &'static str,
    name: [&'static str; 2],
    number: &'static str,
    nationality: &'static str,
    dates: [Date; 2],
    optional: [&'static str; 2],
}

#[test]
fn icao_specimens_read() {
    let card = Specimen {
        lines: &TD1,
        format: MrzFormat::Td1,
        code: "I<",
        name: ["ERIKSSON", "ANNA MARIA"],
        number: "D23145890",
        nationality: "UTO",
        dates: [date!(1974 - 08 - 12), date!(2012 - 04 - 15)],
        optional: ["", ""],
    };
    let visa = Specimen {
        lines: &MRV_A,
        format: MrzFormat::MrvA,
        code: "V<",
        number: "L8988901C",
        nationality: "XXX",
        dates: [date!(1940 - 09 - 07), date!(1996 - 12 - 10)],
        optional: ["6ZE184226B", ""],
        ..card
    };
    for specimen in [
        Specimen {
            lines: &TD3,
            format: MrzFormat::Td3,
            code: "P<",
            number: "L898902C3",
            optional: ["ZE184226B", ""],
            ..card
        },
        Specimen {
            lines: &TD1_LONG,
            name: ["STEVENSON", "PETER JOHN"],
            number: "D23145890734",
            dates: [date!(1934 - 07 - 12), date!(1995 - 07 - 12)],
            ..card
        },
        Specimen {
            lines: &TD2,
            format: MrzFormat::Td2,
            ..card
        },
        Specimen {
            lines: &MRV_B,
            format: MrzFormat::MrvB,
            optional: ["", ""],
            ..visa
        },
        card,
        visa,
    ] {
        let Specimen { lines, format, .. } = specimen;
        let read = parse(lines, ON).unwrap();
        assert_eq!(read.format, format);
        assert_eq!(read.code, DocumentCode::parse(specimen.code).unwrap());
        assert_eq!(read.kind, read.code.kind());
        assert_eq!(read.issuing_state, StateCode::UTOPIA);
        assert_eq!(read.nationality.as_str(), specimen.nationality);
        let [primary, secondary] = specimen.name;
        assert_eq!(*read.name.expose(), Name::new(primary, secondary).unwrap());
        assert!(!read.name_truncated);
        assert_eq!(read.number.expose().as_str(), specimen.number);
        assert_eq!(
            *read.birth.expose(),
            BirthDate::try_from(specimen.dates[0]).unwrap()
        );
        assert_eq!(read.expiry, specimen.dates[1]);
        assert_eq!(
            read.optional
                .each_ref()
                .map(|field| field.expose().as_str()),
            specimen.optional
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
