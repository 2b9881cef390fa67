//! Why lines are not a machine-readable zone. Of what was read, only check digits are repeated.

use std::fmt;

use thiserror::Error;

use super::Field;

/// Why lines were refused. Lines and columns count from 1, as people do.
///
/// The traveller presents the document again; when it is refused again, an officer looks at it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Error)]
pub enum MrzError {
    /// The number of lines and their lengths fit no format.
    #[error(
        "expected 3 lines of 30, 2 of 36 or 2 of 44 characters A to Z, 0 to 9 and <, found {lines} lines of {}",
        Lengths(lengths)
    )]
    NoFormat {
        /// How many lines there are.
        lines: usize,
        /// Characters in each of the first four lines.
        lengths: Vec<usize>,
    },
    /// A character that cannot stand there. The character itself is not repeated.
    #[error("line {line}, column {column}, {field}: expected {expected}, found {found}")]
    Character {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field.
        field: Field,
        /// What may stand there.
        expected: Alphabet,
        /// What sort of character stands there.
        found: Found,
    },
    /// A check digit that does not fit its field.
    #[error(
        "line {line}, column {column}, check digit of the {field}: expected {expected}, found {found}"
    )]
    CheckDigit {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field that the digit covers.
        field: Field,
        /// The digit that the field gives.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// A field that its check digit (or its lack of one) lets through but that means nothing.
    #[error("line {line}, columns {from} to {to}, {field}: expected {expected}")]
    Meaning {
        /// The line.
        line: usize,
        /// The first column of the field.
        from: usize,
        /// The last column of the field.
        to: usize,
        /// The field.
        field: Field,
        /// What should stand there.
        expected: &'static str,
    },
}

/// The characters that a position allows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alphabet {
    /// A to Z and `<`.
    Letters,
    /// 0 to 9.
    Digits,
    /// 0 to 9 and `<`.
    DigitsOrFiller,
    /// A to Z, 0 to 9 and `<`.
    Any,
    /// F, M and `<`.
    Sex,
}

impl Alphabet {
    pub(super) const fn allows(self, byte: u8) -> bool {
        match self {
            Self::Letters => byte.is_ascii_uppercase() || byte == b'<',
            Self::Digits => byte.is_ascii_digit(),
            Self::DigitsOrFiller => byte.is_ascii_digit() || byte == b'<',
            Self::Any => byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<',
            Self::Sex => matches!(byte, b'F' | b'M' | b'<'),
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Letters => "A to Z or <",
            Self::Digits => "0 to 9",
            Self::DigitsOrFiller => "0 to 9 or <",
            Self::Any => "A to Z, 0 to 9 or <",
            Self::Sex => "F, M or <",
        })
    }
}

/// The sort of character that was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Found {
    /// A to Z.
    Letter,
    /// a to z.
    LowercaseLetter,
    /// 0 to 9.
    Digit,
    /// `<`
    Filler,
    /// Anything else.
    Other,
}

impl Found {
    pub(super) const fn of(byte: u8) -> Self {
        match byte {
            b'A'..=b'Z' => Self::Letter,
            b'a'..=b'z' => Self::LowercaseLetter,
            b'0'..=b'9' => Self::Digit,
            b'<' => Self::Filler,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Letter => "a letter",
            Self::LowercaseLetter => "a lower-case letter",
            Self::Digit => "a digit",
            Self::Filler => "the filler <",
            Self::Other => "a character that no machine-readable zone has",
        })
    }
}

/// `44 and 43`
struct Lengths<'a>(&'a [usize]);

impl fmt::Display for Lengths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (at, length) in self.0.iter().enumerate() {
            write!(f, "{}{length}", if at == 0 { "" } else { " and " })?;
        }
        Ok(())
    }
}
