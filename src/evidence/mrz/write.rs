//! A travel document in, lines with their check digits out.

use thiserror::Error;
use time::Date;

use super::error::Alphabet;
use super::layout::Span;
use super::{MrzFormat, check_digit};
use crate::document::{BirthDate, DocumentKind, Name, Sex, TravelDocument};

/// Why a document cannot be written in its format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum ComposeError {
    /// The number is longer than the format holds: 22 characters in TD1, 14 in TD2, 9 elsewhere, and less when the optional field is used too.
    #[error("the document number is longer than {0} holds")]
    NumberTooLong(MrzFormat),
    /// An optional field is longer than the format holds, or has other characters than A to Z, 0 to 9 and `<`.
    #[error("an optional field does not fit {0}")]
    Optional(MrzFormat),
    /// The kind is not that of the document code, or a visa's format is used for another document or the other way round.
    #[error("{0} is not the format of this kind of document")]
    Kind(MrzFormat),
}

/// Writes the lines that [`parse`](super::parse) reads as this document.
///
/// A name that is too long is cut as Doc 9303-4 truncates names: at least one letter of the secondary identifier stays, and the last
/// character of the field is a letter.
///
/// # Errors
/// [`ComposeError`] when a value does not fit the document's format.
pub fn compose(document: &TravelDocument) -> Result<Vec<String>, ComposeError> {
    let format = document.format;
    let layout = format.layout();
    let kind = document.code.kind();
    if kind != document.kind || (kind == DocumentKind::Visa) != format.is_visa() {
        return Err(ComposeError::Kind(format));
    }
    let mut page = Page(vec![vec![b'<'; format.columns()]; format.rows()]);
    page.put(layout.code, &document.code.mrz());
    page.put(layout.issuing_state, &document.issuing_state.mrz());
    page.put(layout.nationality, &document.nationality.mrz());
    page.put(
        layout.name,
        &name(document.name.expose(), layout.name.length()),
    );
    page.put(layout.birth, &birth(document.birth.expose()));
    page.put(layout.birth_check, &[page.digit(&[layout.birth])]);
    page.put(
        layout.sex,
        match document.sex {
            Sex::Female => b"F",
            Sex::Male => b"M",
            Sex::Unspecified => b"<",
        },
    );
    page.put(layout.expiry, &expiry(document.expiry));
    page.put(layout.expiry_check, &[page.digit(&[layout.expiry])]);

    let number = document.number.expose().as_str().as_bytes();
    let (in_field, continuation) = number.split_at(number.len().min(layout.number.length()));
    page.put(layout.number, in_field);
    let mut optional = document.optional[0].expose().clone().into_bytes();
    if continuation.is_empty() {
        page.put(layout.number_check, &[page.digit(&[layout.number])]);
    } else {
        let mut long = continuation.to_vec();
        long.push(check(number));
        long.push(b'<');
        if !layout.long_number || layout.optional[0].is_none_or(|span| long.len() > span.length()) {
            return Err(ComposeError::NumberTooLong(format));
        }
        long.append(&mut optional);
        optional = long;
    }
    for (span, text) in layout
        .optional
        .iter()
        .zip([optional, document.optional[1].expose().clone().into_bytes()])
    {
        let room = span.map_or(0, Span::length);
        if text.len() > room || !text.iter().all(|&byte| Alphabet::Any.allows(byte)) {
            return Err(ComposeError::Optional(format));
        }
        if let Some(span) = span {
            page.put(*span, &text);
        }
    }
    if let (Some(at), Some(span)) = (layout.optional_check, layout.optional[0]) {
        let empty = page.read(span).iter().all(|&byte| byte == b'<');
        page.put(at, &[if empty { b'<' } else { page.digit(&[span]) }]);
    }
    if let Some((at, spans)) = layout.composite {
        page.put(at, &[page.digit(spans)]);
    }
    Ok(page
        .0
        .into_iter()
        .map(|line| line.into_iter().map(char::from).collect())
        .collect())
}

/// Lines of fillers that the fields are put into.
struct Page(Vec<Vec<u8>>);

impl Page {
    fn put(&mut self, span: Span, text: &[u8]) {
        for (place, &byte) in self.0[span.line][span.from..span.to].iter_mut().zip(text) {
            *place = byte;
        }
    }

    fn read(&self, span: Span) -> &[u8] {
        &self.0[span.line][span.from..span.to]
    }

    fn digit(&self, spans: &[Span]) -> u8 {
        check(
            &spans
                .iter()
                .flat_map(|span| self.read(*span))
                .copied()
                .collect::<Vec<_>>(),
        )
    }
}

/// The check digit as a character. Only characters of the MRZ are ever on the page.
fn check(field: &[u8]) -> u8 {
    check_digit(field).map_or(b'<', |digit| digit + b'0')
}

fn birth(birth: &BirthDate) -> Vec<u8> {
    let two = |part: Option<u8>| part.map_or_else(|| "<<".to_owned(), |part| format!("{part:02}"));
    format!(
        "{:02}{}{}",
        birth.year() % 100,
        two(birth.month()),
        two(birth.day())
    )
    .into_bytes()
}

fn expiry(day: Date) -> Vec<u8> {
    format!(
        "{:02}{:02}{:02}",
        day.year().rem_euclid(100),
        u8::from(day.month()),
        day.day()
    )
    .into_bytes()
}

fn name(name: &Name, room: usize) -> Vec<u8> {
    let mrz = |part: &str| part.replace(' ', "<").into_bytes();
    let (mut primary, secondary) = (mrz(name.primary()), mrz(name.secondary()));
    if secondary.is_empty() {
        return cut(primary, room);
    }
    if primary.len() + 3 > room {
        primary = cut(primary, room - 3);
    }
    primary.extend(b"<<");
    let left = room - primary.len();
    primary.extend(cut(secondary, left));
    primary
}

/// The first `room` characters; when they would end in a filler, the word before it gives up its last letter to the next word's first.
fn cut(mut words: Vec<u8>, room: usize) -> Vec<u8> {
    while words.len() > room && room > 0 && words[room - 1] == b'<' {
        if room >= 2 && words[room - 2] != b'<' {
            words.remove(room - 2);
        } else {
            words.remove(room - 1);
        }
    }
    words.truncate(room);
    words
}
