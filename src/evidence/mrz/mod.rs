//! The machine-readable zone of ICAO Doc 9303 parts 3 to 7: read once, every check digit verified, nothing repaired.

mod error;
mod layout;
#[cfg(test)]
mod properties;
mod read;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tests;
mod write;

pub use error::{Alphabet, Found, MrzError};
pub use read::{parse, verdicts};
pub use write::{ComposeError, compose};

use std::fmt;

use layout::Layout;

/// A layout of the machine-readable zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MrzFormat {
    /// Card size, three lines of 30 (Doc 9303-5).
    Td1,
    /// Larger card, two lines of 36 (Doc 9303-6).
    Td2,
    /// Passport booklet, two lines of 44 (Doc 9303-4).
    Td3,
    /// Full-size visa, two lines of 44 (Doc 9303-7).
    MrvA,
    /// Small visa, two lines of 36 (Doc 9303-7).
    MrvB,
}

impl MrzFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Td1, Self::Td2, Self::Td3, Self::MrvA, Self::MrvB];

    /// Number of lines.
    pub const fn rows(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td2 | Self::Td3 | Self::MrvA | Self::MrvB => 2,
        }
    }

    /// Characters in a line.
    pub const fn columns(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// The standard's name: `TD1`, `TD2`, `TD3`, `MRV-A`, `MRV-B`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::MrvA => "MRV-A",
            Self::MrvB => "MRV-B",
        }
    }

    /// The format of these lines, from their number and length; a first letter V tells visas from documents of the same
    /// size. `None` when no format fits.
    pub fn of(lines: &[&str]) -> Option<Self> {
        let visa = lines.first()?.starts_with('V');
        Self::ALL.into_iter().find(|format| {
            format.rows() == lines.len()
                && lines
                    .iter()
                    .all(|line| line.is_ascii() && line.len() == format.columns())
                && (format.rows() == 3 || format.is_visa() == visa)
        })
    }

    /// Whether the format is that of a visa.
    pub const fn is_visa(self) -> bool {
        match self {
            Self::MrvA | Self::MrvB => true,
            Self::Td1 | Self::Td2 | Self::Td3 => false,
        }
    }

    const fn layout(self) -> &'static Layout {
        match self {
            Self::Td1 => &layout::TD1,
            Self::Td2 => &layout::TD2,
            Self::Td3 => &layout::TD3,
            Self::MrvA => &layout::MRV_A,
            Self::MrvB => &layout::MRV_B,
        }
    }
}

impl fmt::Display for MrzFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field of the machine-readable zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    /// The two characters that say what sort of document it is.
    DocumentCode,
    /// The state or organisation that issued the document.
    IssuingState,
    /// The holder's name.
    Name,
    /// The document number, with its continuation in the optional field when it is long.
    Number,
    /// The holder's nationality.
    Nationality,
    /// The holder's birth date.
    Birth,
    /// The holder's sex.
    Sex,
    /// The document's date of expiry.
    Expiry,
    /// An optional field at the state's choice (in passports, the personal number).
    Optional,
    /// The composite check digit over the fields that have check digits of their own, and more.
    Composite,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DocumentCode => "document code",
            Self::IssuingState => "issuing state",
            Self::Name => "name",
            Self::Number => "document number",
            Self::Nationality => "nationality",
            Self::Birth => "birth date",
            Self::Sex => "sex",
            Self::Expiry => "date of expiry",
            Self::Optional => "optional field",
            Self::Composite => "composite",
        })
    }
}

/// Whether one field's check digit is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FieldCheck {
    /// The field that the check digit covers.
    pub field: Field,
    /// Whether the digit is the one that the field gives.
    pub valid: bool,
}

/// The check digit, 0 to 9, of a field (Doc 9303-3 section 4.9): values 0 to 9, A = 10 to Z = 35, `<` = 0, weights 7, 3, 1 repeating, modulo 10.
/// `None` when the field has a character that no MRZ has.
pub fn check_digit(field: &[u8]) -> Option<u8> {
    let mut sum = 0_u32;
    for (&byte, weight) in field.iter().zip([7, 3, 1].into_iter().cycle()) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'<' => 0,
            _ => return None,
        };
        sum = (sum + u32::from(value) * weight) % 10;
    }
    u8::try_from(sum).ok()
}

/// Whether lines fit a format, have only characters that their positions allow, and every check digit is right.
pub fn is_valid(lines: &[&str]) -> bool {
    read::first_wrong_character(lines).is_none()
        && verdicts(lines).is_some_and(|checks| checks.iter().all(|check| check.valid))
}
