//! How the party arrives.

use std::fmt;

/// A flight: the carrier's designator of two letters or digits (IATA) or three letters (ICAO), and a number of 1 to 4 digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Flight {
    carrier: String,
    number: u16,
}

impl Flight {
    /// A flight as it is written on a boarding pass, without spaces: `JL61`, `NH0211`, `5J5054`.
    /// `None` when it is not a designator and a number of 1 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        [2, 3].into_iter().find_map(|length| {
            let (carrier, number) = text.split_at_checked(length)?;
            Self::new(
                carrier,
                number
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
                    .then(|| number.parse().ok())??,
            )
        })
    }

    /// A flight of its designator and number.
    pub fn new(carrier: &str, number: u16) -> Option<Self> {
        let plain = carrier
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let known = match carrier.len() {
            2 => plain && carrier.bytes().any(|byte| byte.is_ascii_uppercase()),
            3 => carrier.bytes().all(|byte| byte.is_ascii_uppercase()),
            _ => false,
        };
        (known && (1..=9999).contains(&number)).then(|| Self {
            carrier: carrier.to_owned(),
            number,
        })
    }

    /// The carrier's designator.
    pub fn carrier(&self) -> &str {
        &self.carrier
    }

    /// The flight number, 1 to 9999.
    pub const fn number(&self) -> u16 {
        self.number
    }
}

/// `JL61`.
impl fmt::Display for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.carrier, self.number)
    }
}

/// An airport's IATA location identifier, three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Airport([u8; 3]);

impl Airport {
    /// `None` when it is not three letters A to Z.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = <[u8; 3]>::try_from(text.as_bytes()).ok()?;
        letters
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(letters))
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Airport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Airport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flights_are_designator_and_number() {
        for (text, shown) in [
            ("JL61", Some("JL61")),
            ("NH0211", Some("NH211")),
            ("5J5054", Some("5J5054")),
            ("JAL61", Some("JAL61")),
            ("JL0", None),
            ("JL", None),
            ("JL12345", None),
            ("1234", None),
            ("jl61", None),
            ("JL+61", None),
            ("日本61", None),
            ("", None),
        ] {
            assert_eq!(
                Flight::parse(text)
                    .map(|flight| flight.to_string())
                    .as_deref(),
                shown,
                "{text}"
            );
        }
        assert_eq!(
            Airport::parse("HEL")
                .map(|airport| airport.to_string())
                .as_deref(),
            Some("HEL")
        );
        assert_eq!(Airport::parse("hel"), None);
    }
}
