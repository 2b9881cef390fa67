//! States and organisations that issue travel documents, and nationalities.

use std::fmt;

use crate::states::STATES;

/// A three-letter code of ICAO Doc 9303-3 (8th edition) section 5: ISO 3166-1 alpha-3, with `D` for Germany, the codes of British
/// nationality, of the United Nations and other organisations, and of persons without a defined nationality.
///
/// `IAO` is left out: ICAO signs lists with it, and no document carries it.
///
/// `UTO` (Utopia, the state of ICAO's specimens) is accepted as a code, so that specimens and demonstrations read like
/// documents; whoever lists the issuing states that a lane trusts leaves it out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateCode([u8; 3]);

impl StateCode {
    /// Germany, whose code in travel documents is one letter.
    pub const GERMANY: Self = Self(*b"D<<");
    /// Japan.
    pub const JAPAN: Self = Self(*b"JPN");
    /// Utopia, the issuing state of ICAO's specimens.
    pub const UTOPIA: Self = Self(*b"UTO");

    /// The code as printed, with or without the fillers of the MRZ (`D`, `D<<`, `JPN`). `None` when section 5 has no
    /// such code.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut code = *b"<<<";
        code.get_mut(..bytes.len())?.copy_from_slice(bytes);
        STATES
            .binary_search_by_key(&code, |(code, _)| *code)
            .ok()
            .map(|_| Self(code))
    }

    /// The code without fillers: `D`, `JPN`.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == b'<').unwrap_or(3);
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }

    /// The three characters of the MRZ: `D<<`, `JPN`.
    pub const fn mrz(self) -> [u8; 3] {
        self.0
    }

    /// English short name.
    pub fn name(&self) -> &'static str {
        STATES
            .binary_search_by_key(&self.0, |(code, _)| *code)
            .map_or("", |found| STATES[found].1)
    }

    /// Every code, in byte order.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        STATES.iter().map(|(code, _)| Self(*code))
    }
}

impl fmt::Display for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_list_is_sorted_and_reads_back() {
        assert!(STATES.is_sorted_by(|(a, _), (b, _)| a < b));
        for code in StateCode::all() {
            assert_eq!(StateCode::parse(code.as_str()), Some(code));
            assert!(!code.name().is_empty());
        }
    }

    #[test]
    fn codes_are_those_of_documents() {
        for (text, name) in [
            ("D", "Germany"),
            ("D<<", "Germany"),
            ("JPN", "Japan"),
            ("UTO", "Utopia (specimen)"),
            ("GBN", "British National (Overseas)"),
            ("XXA", "Stateless person"),
            ("UNO", "United Nations"),
            ("RKS", "Kosovo"),
        ] {
            assert_eq!(StateCode::parse(text).unwrap().name(), name, "{text}");
        }
        for text in [
            "", "<<<", "DEU", "d", "JP", "jpn", "ZZZ", "JPNX", "日", "XKX",
        ] {
            assert_eq!(StateCode::parse(text), None, "{text}");
        }
    }
}
