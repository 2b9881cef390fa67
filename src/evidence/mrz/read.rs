//! Lines in, a travel document out, or the first fault.

use time::{Date, Month};
use zeroize::Zeroizing;

use super::error::{Alphabet, Found, MrzError};
use super::layout::{Layout, Span};
use super::{Field, FieldCheck, MrzFormat, check_digit};
use crate::document::{
    BirthDate, DocumentCode, DocumentKind, DocumentNumber, Name, Sex, TravelDocument,
};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

/// Reads the lines of a machine-readable zone, top to bottom, as printed. Every check digit must be right: a wrong one is
/// refused and never repaired.
///
/// `on`, the date at the lane, settles the century of two-digit years. A birth date is the latest one that is not
/// after `on` (an unknown day or month counts as the first), so a centenarian reads as a child and meets an officer. An expiry
/// year lies from 49 years before `on` to 50 years after: documents are valid for ten years as a rule, and some
/// identity cards for half a century.
///
/// A name may part its words with more than one filler (issuers differ); no check digit covers names. The optional field's
/// check digit in a passport may be `<` or 0 when the field is empty (Doc 9303-4 section 4.2.2). A wholly unknown birth date is
/// refused, since neither age nor the key of a declaration follows from it.
///
/// # Errors
/// [`MrzError`] names line, columns, field, and what should stand there.
pub fn parse(lines: &[&str], on: Date) -> Result<TravelDocument, MrzError> {
    let format = MrzFormat::of(lines).ok_or_else(|| MrzError::NoFormat {
        lines: lines.len(),
        lengths: lines
            .iter()
            .take(4)
            .map(|line| line.chars().count())
            .collect(),
    })?;
    if let Some(wrong) = first_wrong_character(lines) {
        return Err(wrong);
    }
    let layout = format.layout();
    if let Some(failed) = checks(layout, lines)
        .into_iter()
        .find(|check| !check.valid())
    {
        return Err(failed.error());
    }

    let code = DocumentCode::parse(layout.code.of(lines))
        .ok()
        .filter(|code| (code.kind() == DocumentKind::Visa) == format.is_visa())
        .ok_or_else(|| {
            meaning(
                layout.code,
                Field::DocumentCode,
                "a document code of this format",
            )
        })?;
    let state = |span: Span, field| {
        StateCode::parse(span.of(lines))
            .ok_or_else(|| meaning(span, field, "a code of ICAO Doc 9303-3 section 5"))
    };
    let number = Number::split(layout, lines);
    let field = layout.name.of(lines);
    Ok(TravelDocument {
        format,
        kind: code.kind(),
        code,
        issuing_state: state(layout.issuing_state, Field::IssuingState)?,
        nationality: state(layout.nationality, Field::Nationality)?,
        name: Sensitive::new(name(field).ok_or_else(|| {
            meaning(layout.name, Field::Name, "a name that begins with a letter")
        })?),
        name_truncated: !field.ends_with('<'),
        number: Sensitive::new(
            DocumentNumber::parse(&Zeroizing::new(number.whole.replace('<', "")))
                .map_err(|_| meaning(layout.number, Field::Number, "a document number"))?,
        ),
        birth: Sensitive::new(birth(layout.birth.of(lines), on).ok_or_else(|| {
            meaning(
                layout.birth,
                Field::Birth,
                "a day (YYMMDD) whose year is known",
            )
        })?),
        sex: match layout.sex.first(lines) {
            b'F' => Sex::Female,
            b'M' => Sex::Male,
            _ => Sex::Unspecified,
        },
        expiry: expiry(layout.expiry.of(lines), on)
            .ok_or_else(|| meaning(layout.expiry, Field::Expiry, "a day (YYMMDD)"))?,
        optional: [
            Sensitive::new(number.optional.trim_end_matches('<').to_owned()),
            Sensitive::new(
                layout.optional[1]
                    .map_or("", |span| span.of(lines))
                    .trim_end_matches('<')
                    .to_owned(),
            ),
        ],
    })
}

/// Each check digit's verdict, in the order of the fields. `None` when the lines fit no format. Needs no date, and repairs nothing:
/// it serves whoever has to choose between two readings of one picture.
pub fn verdicts(lines: &[&str]) -> Option<Vec<FieldCheck>> {
    let layout = MrzFormat::of(lines)?.layout();
    Some(
        checks(layout, lines)
            .into_iter()
            .map(|check| FieldCheck {
                field: check.field,
                valid: check.valid(),
            })
            .collect(),
    )
}

/// The first character that its position does not allow; `None` also when the lines fit no format.
pub(super) fn first_wrong_character(lines: &[&str]) -> Option<MrzError> {
    let layout = MrzFormat::of(lines)?.layout();
    let mut wrong = Vec::new();
    for (field, span, check) in layout.spans() {
        let expected = alphabet(field, check);
        for (offset, byte) in span.of(lines).bytes().enumerate() {
            if !expected.allows(byte) {
                let (line, column) = (span.line + 1, span.from + offset + 1);
                wrong.push((
                    line,
                    column,
                    MrzError::Character {
                        line,
                        column,
                        field,
                        expected,
                        found: Found::of(byte),
                    },
                ));
            }
        }
    }
    wrong
        .into_iter()
        .min_by_key(|(line, column, _)| (*line, *column))
        .map(|(.., error)| error)
}

const fn alphabet(field: Field, check: bool) -> Alphabet {
    match (field, check) {
        // TD1 and TD2 put `<` here when the number is long; passports when the optional field is empty.
        (Field::Number | Field::Optional, true) => Alphabet::DigitsOrFiller,
        (_, true) => Alphabet::Digits,
        (Field::DocumentCode | Field::IssuingState | Field::Nationality | Field::Name, false) => {
            Alphabet::Letters
        }
        (Field::Number | Field::Optional | Field::Composite, false) => Alphabet::Any,
        (Field::Birth, false) => Alphabet::DigitsOrFiller,
        (Field::Expiry, false) => Alphabet::Digits,
        (Field::Sex, false) => Alphabet::Sex,
    }
}

/// One check digit: where it stands, what it says, and what it should say.
struct Check {
    field: Field,
    line: usize,
    column: usize,
    found: u8,
    /// `None` when the field has a character that no MRZ has.
    expected: Option<u8>,
    /// Another character that means the same.
    also: Option<u8>,
}

impl Check {
    fn new(field: Field, at: Span, lines: &[&str], covered: &str) -> Self {
        let expected = check_digit(covered.as_bytes()).map(|digit| digit + b'0');
        Self {
            field,
            line: at.line,
            column: at.from,
            found: at.first(lines),
            expected,
            also: None,
        }
    }

    fn valid(&self) -> bool {
        self.expected.is_some()
            && (self.expected == Some(self.found) || self.also == Some(self.found))
    }

    fn error(&self) -> MrzError {
        MrzError::CheckDigit {
            line: self.line + 1,
            column: self.column + 1,
            field: self.field,
            expected: char::from(self.expected.unwrap_or(b'?')),
            found: char::from(self.found),
        }
    }
}

fn checks(layout: &Layout, lines: &[&str]) -> Vec<Check> {
    let number = Number::split(layout, lines);
    let mut checks = vec![
        Check::new(Field::Number, number.check, lines, &number.whole),
        Check::new(
            Field::Birth,
            layout.birth_check,
            lines,
            layout.birth.of(lines),
        ),
        Check::new(
            Field::Expiry,
            layout.expiry_check,
            lines,
            layout.expiry.of(lines),
        ),
    ];
    if let (Some(at), Some(span)) = (layout.optional_check, layout.optional[0]) {
        let covered = span.of(lines);
        let mut check = Check::new(Field::Optional, at, lines, covered);
        check.also = covered.bytes().all(|byte| byte == b'<').then_some(b'<');
        checks.push(check);
    }
    if let Some((at, spans)) = layout.composite {
        let covered: Zeroizing<String> =
            Zeroizing::new(spans.iter().map(|span| span.of(lines)).collect());
        checks.push(Check::new(Field::Composite, at, lines, &covered));
    }
    checks
}

/// The document number, put together when it is long.
struct Number<'a> {
    /// Field and continuation, with any fillers that the check digit covers.
    whole: Zeroizing<String>,
    /// Where the number's check digit stands.
    check: Span,
    /// What is left of the first optional field.
    optional: &'a str,
}

impl<'a> Number<'a> {
    /// A number of more than nine characters (Doc 9303-5 and -6, notes to section 4.2.2): `<` in place of the check digit, and
    /// the first optional field begins with the remaining characters, the check digit and a filler.
    fn split(layout: &Layout, lines: &[&'a str]) -> Self {
        let field = layout.number.of(lines);
        let optional = layout.optional[0];
        let text = optional.map_or("", |span| span.of(lines));
        let short = Self {
            whole: Zeroizing::new(field.to_owned()),
            check: layout.number_check,
            optional: text,
        };
        let (true, b'<', Some(span)) = (
            layout.long_number,
            layout.number_check.first(lines),
            optional,
        ) else {
            return short;
        };
        let end = text.find('<').unwrap_or(text.len());
        if end < 2 {
            return short;
        }
        let (continuation, rest) = text.split_at(end - 1);
        Self {
            whole: Zeroizing::new(format!("{field}{continuation}")),
            check: Span {
                line: span.line,
                from: span.from + end - 1,
                to: span.from + end,
            },
            optional: rest.get(2..).unwrap_or_default(),
        }
    }
}

fn meaning(span: Span, field: Field, expected: &'static str) -> MrzError {
    MrzError::Meaning {
        line: span.line + 1,
        from: span.from + 1,
        to: span.to,
        field,
        expected,
    }
}

/// `ERIKSSON<<ANNA<MARIA<<<`
fn name(field: &str) -> Option<Name> {
    if field.starts_with('<') {
        return None;
    }
    let (primary, secondary) = field.split_once("<<").unwrap_or((field, ""));
    let words = |part: &str| {
        Zeroizing::new(
            part.split('<')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    Name::new(&words(primary), &words(secondary)).ok()
}

/// Two digits of a field; `Some(None)` for two fillers.
fn pair(field: &str, at: usize) -> Option<Option<u8>> {
    match field.get(at..at + 2)? {
        "<<" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    }
}

fn birth(field: &str, on: Date) -> Option<BirthDate> {
    let (year, month, day) = (pair(field, 0)??, pair(field, 2)?, pair(field, 4)?);
    let this_century = on.year().div_euclid(100) * 100 + i32::from(year);
    [this_century, this_century - 100]
        .into_iter()
        .filter_map(|year| BirthDate::new(u16::try_from(year).ok()?, month, day).ok())
        .find(|birth| birth.earliest().is_some_and(|day| day <= on))
}

fn expiry(field: &str, on: Date) -> Option<Date> {
    let (year, month, day) = (
        i32::from(pair(field, 0)??),
        pair(field, 2)??,
        pair(field, 4)??,
    );
    let earliest = on.year() - 49;
    let year = earliest + (year - earliest).rem_euclid(100);
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}
