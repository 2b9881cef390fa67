//! A travel document as its machine-readable zone tells it.

use std::fmt;

use thiserror::Error;
use time::Date;
use zeroize::Zeroize;

use crate::mrz::MrzFormat;
use crate::sensitive::Sensitive;
use crate::state::StateCode;

/// Why a value cannot stand in a travel document. The value itself is not repeated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum DocumentError {
    /// Not 1 to 24 characters of A to Z and 0 to 9.
    #[error("a document number has 1 to 24 characters, A to Z and 0 to 9")]
    Number,
    /// Not words of A to Z, or too long.
    #[error("a name has 1 to 60 characters: words of A to Z parted by single spaces")]
    Name,
    /// Not a calendar date with or without its month and day.
    #[error("a birth date is a calendar date; the day, or month and day, may be unknown")]
    Birth,
    /// Not a document code.
    #[error("a document code is a letter A to Z and then a letter or nothing")]
    Code,
}

/// A document number as it identifies the document: without the fillers that stand for spaces and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct DocumentNumber(String);

impl DocumentNumber {
    /// The longest number: nine characters in the number's field and up to twelve more in TD1's optional field, with room.
    pub const LONGEST: usize = 24;

    /// Takes 1 to 24 characters of A to Z and 0 to 9.
    ///
    /// # Errors
    /// [`DocumentError::Number`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if fits && plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(DocumentError::Number)
        }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name in the letters of the MRZ: A to Z and single spaces, transliterated as ICAO Doc 9303-3 section 6 says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct Name {
    primary: String,
    secondary: String,
}

impl Name {
    /// The longest of either part. The MRZ holds 39 characters of both.
    pub const LONGEST: usize = 60;

    /// A name of a primary identifier (as a rule the surname) and a secondary one, which may be empty.
    ///
    /// # Errors
    /// [`DocumentError::Name`] when a part is not words of A to Z parted by single spaces, is longer than 60 characters, or the
    /// primary part is empty.
    pub fn new(primary: &str, secondary: &str) -> Result<Self, DocumentError> {
        let worded = |part: &str| {
            part.len() <= Self::LONGEST
                && part.split(' ').all(|word| {
                    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())
                })
        };
        if worded(primary) && (secondary.is_empty() || worded(secondary)) {
            Ok(Self {
                primary: primary.to_owned(),
                secondary: secondary.to_owned(),
            })
        } else {
            Err(DocumentError::Name)
        }
    }

    /// The primary identifier, as a rule the surname.
    pub fn primary(&self) -> &str {
        &self.primary
    }

    /// The secondary identifier, as a rule the given names; may be empty.
    pub fn secondary(&self) -> &str {
        &self.secondary
    }
}

/// A birth date of which the day, or month and day, may be unknown (ICAO Doc 9303-3 section 4.8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct BirthDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl BirthDate {
    /// The first year that is accepted; nobody alive was born before it.
    pub const EARLIEST_YEAR: u16 = 1900;

    /// A birth date in the years 1900 to 2400.
    ///
    /// # Errors
    /// [`DocumentError::Birth`] when there is no such day, or a day without a month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, DocumentError> {
        if day.is_some() && month.is_none() || !(Self::EARLIEST_YEAR..=2400).contains(&year) {
            return Err(DocumentError::Birth);
        }
        let birth = Self { year, month, day };
        birth.earliest().map(|_| birth).ok_or(DocumentError::Birth)
    }

    /// The year.
    pub const fn year(&self) -> u16 {
        self.year
    }

    /// The month, 1 to 12, when it is known.
    pub const fn month(&self) -> Option<u8> {
        self.month
    }

    /// The day of the month, 1 to 31, when it is known.
    pub const fn day(&self) -> Option<u8> {
        self.day
    }

    /// Completed years of life on a date. Unknown parts count as the earliest possible, that is, the traveller is taken
    /// to be as old as the document allows, because allowances grow with age. Before birth the age is 0; it stays
    /// at 255.
    pub fn age_on(&self, on: Date) -> u8 {
        let years = on.year() - i32::from(self.year);
        let birthday = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let reached = (u8::from(on.month()), on.day()) >= birthday;
        u8::try_from((years - i32::from(!reached)).max(0)).unwrap_or(u8::MAX)
    }

    /// The first day that the date may mean.
    pub(crate) fn earliest(&self) -> Option<Date> {
        let month = time::Month::try_from(self.month.unwrap_or(1)).ok()?;
        Date::from_calendar_date(i32::from(self.year), month, self.day.unwrap_or(1)).ok()
    }
}

impl TryFrom<Date> for BirthDate {
    type Error = DocumentError;

    /// A fully known date.
    fn try_from(date: Date) -> Result<Self, DocumentError> {
        let year = u16::try_from(date.year()).map_err(|_| DocumentError::Birth)?;
        Self::new(year, Some(u8::from(date.month())), Some(date.day()))
    }
}

/// Sex as the document states it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sex {
    /// `F`
    Female,
    /// `M`
    Male,
    /// `<` in the MRZ, X in print.
    Unspecified,
}

/// What sort of document it is, from the first letter of its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DocumentKind {
    /// `P`
    Passport,
    /// `I`, `A` or `C`: an official travel document of card size, as a rule an identity card.
    IdentityCard,
    /// `V`
    Visa,
    /// Any other letter.
    Other,
}

/// The first two characters of an MRZ: a letter, and a letter at the issuing state's choice (`P`, `PM`, `ID`, `AC`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentCode([u8; 2]);

impl DocumentCode {
    /// An ordinary passport.
    pub const PASSPORT: Self = Self(*b"P<");
    /// An identity card.
    pub const IDENTITY_CARD: Self = Self(*b"I<");
    /// A visa.
    pub const VISA: Self = Self(*b"V<");

    /// The code with or without its filler.
    ///
    /// # Errors
    /// [`DocumentError::Code`] when it is not a letter and then a letter, a filler or nothing.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        match *text.as_bytes() {
            [first] if first.is_ascii_uppercase() => Ok(Self([first, b'<'])),
            [first, second]
                if first.is_ascii_uppercase()
                    && (second.is_ascii_uppercase() || second == b'<') =>
            {
                Ok(Self([first, second]))
            }
            _ => Err(DocumentError::Code),
        }
    }

    /// The two characters of the MRZ.
    pub const fn mrz(self) -> [u8; 2] {
        self.0
    }

    /// The sort of document.
    pub const fn kind(self) -> DocumentKind {
        match self.0[0] {
            b'P' => DocumentKind::Passport,
            b'I' | b'A' | b'C' => DocumentKind::IdentityCard,
            b'V' => DocumentKind::Visa,
            _ => DocumentKind::Other,
        }
    }
}

impl fmt::Debug for DocumentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

/// One travel document, read from its MRZ, every check digit right. `Debug` tells format, code and issuing state only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TravelDocument {
    /// The layout of its MRZ.
    pub format: MrzFormat,
    /// What sort of document it is; always that of `code`.
    pub kind: DocumentKind,
    /// The document code.
    pub code: DocumentCode,
    /// The state or organisation that issued it.
    pub issuing_state: StateCode,
    /// The holder's nationality.
    pub nationality: StateCode,
    /// The holder's name, as far as the MRZ holds it.
    pub name: Sensitive<Name>,
    /// Whether the name fills its field to the last character, so that more of it may be missing (Doc 9303-4, truncation of names).
    pub name_truncated: bool,
    /// The document's number (for a visa, the visa's or the passport's, as the state chooses).
    pub number: Sensitive<DocumentNumber>,
    /// The holder's birth date.
    pub birth: Sensitive<BirthDate>,
    /// The holder's sex.
    pub sex: Sex,
    /// The last day on which the document is valid.
    pub expiry: Date,
    /// Optional fields at the issuing state's choice: A to Z, 0 to 9 and `<`, without trailing fillers. TD1 has two, of which
    /// the first may be empty.
    pub optional: [Sensitive<String>; 2],
}

impl TravelDocument {
    /// An ordinary TD3 passport whose holder has the nationality of the issuing state, without optional field.
    pub fn passport(
        issuing_state: StateCode,
        name: Name,
        number: DocumentNumber,
        birth: BirthDate,
        sex: Sex,
        expiry: Date,
    ) -> Self {
        Self {
            format: MrzFormat::Td3,
            kind: DocumentKind::Passport,
            code: DocumentCode::PASSPORT,
            issuing_state,
            nationality: issuing_state,
            name: Sensitive::new(name),
            name_truncated: false,
            number: Sensitive::new(number),
            birth: Sensitive::new(birth),
            sex,
            expiry,
            optional: [Sensitive::new(String::new()), Sensitive::new(String::new())],
        }
    }

    /// Whether the document's validity has ended before this date. The expiry date itself is a valid day.
    pub fn expired_on(&self, on: Date) -> bool {
        self.expiry < on
    }
}

impl fmt::Debug for TravelDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TravelDocument")
            .field("format", &self.format)
            .field("code", &self.code)
            .field("issuing_state", &self.issuing_state)
            .finish_non_exhaustive()
    }
}

macro_rules! hidden {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([hidden])"))
            }
        }
    )*};
}

hidden!(DocumentNumber, Name, BirthDate);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use time::macros::date;

    #[test]
    fn ages_turn_on_the_birthday() {
        let born = |year, month, day| BirthDate::new(year, month, day).unwrap();
        for (birth, on, age) in [
            (born(1974, Some(8), Some(12)), date!(2026 - 08 - 11), 51),
            (born(1974, Some(8), Some(12)), date!(2026 - 08 - 12), 52),
            (born(2006, Some(11), None), date!(2026 - 11 - 01), 20),
            (born(2006, None, None), date!(2026 - 01 - 01), 20),
            (born(2004, Some(2), Some(29)), date!(2024 - 02 - 28), 19),
            (born(2004, Some(2), Some(29)), date!(2025 - 03 - 01), 21),
            (born(2030, Some(1), Some(1)), date!(2026 - 01 - 01), 0),
        ] {
            assert_eq!(birth.age_on(on), age);
        }
    }

    #[test]
    fn impossible_values_are_refused() {
        assert!(BirthDate::new(2025, Some(2), Some(29)).is_err());
        assert!(BirthDate::new(2025, None, Some(1)).is_err());
        assert!(BirthDate::new(2025, Some(13), None).is_err());
        for bad in [
            "",
            "l898902c3",
            "L898902<3",
            "AB 12",
            "日本",
            &"9".repeat(25),
        ] {
            assert!(DocumentNumber::parse(bad).is_err());
        }
        for (primary, secondary) in [
            ("", "ANNA"),
            ("ERIKSSON ", ""),
            ("ERIKSSON", "ANNA  MARIA"),
            ("O'CONNOR", ""),
            ("Müller", ""),
        ] {
            assert!(Name::new(primary, secondary).is_err());
        }
        for bad in ["", "<", "p", "P1", "P<<", "<P"] {
            assert!(DocumentCode::parse(bad).is_err());
        }
    }

    #[test]
    fn debug_of_a_document_tells_no_personal_value() {
        let document = TravelDocument::passport(
            StateCode::UTOPIA,
            Name::new("ERIKSSON", "ANNA MARIA").unwrap(),
            DocumentNumber::parse("L898902C3").unwrap(),
            BirthDate::try_from(date!(1974 - 08 - 12)).unwrap(),
            Sex::Female,
            date!(2032 - 04 - 15),
        );
        let shown = format!("{document:?} {document:#?}");
        for personal in ["ERIKSSON", "ANNA", "L898902C3", "1974", "2032", "Female"] {
            assert!(!shown.contains(personal), "{personal}");
        }
        assert!(!document.expired_on(date!(2032 - 04 - 15)));
        assert!(document.expired_on(date!(2032 - 04 - 16)));
    }
}
