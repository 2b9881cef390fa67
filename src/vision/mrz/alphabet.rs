//! Which characters may stand where: ICAO Doc 9303 parts 4 to 7, data structure of each format's lines.

use evidence::mrz::MrzFormat;

use super::net::ALPHABET;

/// A set of the net's classes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alphabet(u64);

impl Alphabet {
    const DIGITS: Self = Self((1 << 10) - 1);
    const FILLER: Self = Self(1 << 36);
    const LETTERS: Self = Self(((1 << 26) - 1) << 10);
    const ANY: Self = Self((1 << 37) - 1);

    const fn of(letters: &[u8]) -> Self {
        let (mut set, mut n) = (0, 0);
        while n < letters.len() {
            set |= 1 << (10 + letters[n] - b'A');
            n += 1;
        }
        Self(set)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has(self, class: usize) -> bool {
        self.0 >> class & 1 == 1
    }

    pub(super) fn classes(self) -> impl Iterator<Item = usize> {
        (0..ALPHABET.len()).filter(move |&class| self.has(class))
    }
}

/// The alphabet of each character of one line.
///
/// A line is written as runs: A letter or filler, D digit, N digit or filler, X anything, S sex, and for the first
/// character P (passport), V (visa) or C (card: A, C, I).
pub(super) fn line(format: MrzFormat, row: usize) -> Vec<Alphabet> {
    let runs = match (format, row) {
        (MrzFormat::Td1, 0) => "C1A4X9N1X15",
        (MrzFormat::Td1, 1) => "N6D1S1N6D1A3X11D1",
        (MrzFormat::Td1, _) => "A30",
        (MrzFormat::Td2, 0) => "C1A35",
        (MrzFormat::Td2, _) => "X9N1A3N6D1S1N6D1X7D1",
        (MrzFormat::Td3, 0) => "P1A43",
        (MrzFormat::Td3, _) => "X9D1A3N6D1S1N6D1X14N1D1",
        (MrzFormat::MrvA, 0) => "V1A43",
        (MrzFormat::MrvA, _) => "X9D1A3N6D1S1N6D1X16",
        (MrzFormat::MrvB, 0) => "V1A35",
        (MrzFormat::MrvB, _) => "X9D1A3N6D1S1N6D1X8",
    };
    let mut line = Vec::with_capacity(format.columns());
    let mut rest = runs.as_bytes();
    while let [kind, more @ ..] = rest {
        let digits = more.iter().take_while(|b| b.is_ascii_digit()).count();
        let count = more[..digits]
            .iter()
            .fold(0, |n, b| n * 10 + usize::from(b - b'0'));
        let set = match kind {
            b'A' => Alphabet::LETTERS.and(Alphabet::FILLER),
            b'D' => Alphabet::DIGITS,
            b'N' => Alphabet::DIGITS.and(Alphabet::FILLER),
            b'S' => Alphabet::of(b"FMX").and(Alphabet::FILLER),
            b'P' => Alphabet::of(b"P"),
            b'V' => Alphabet::of(b"V"),
            b'C' => Alphabet::of(b"ACI"),
            _ => Alphabet::ANY,
        };
        line.extend(std::iter::repeat_n(set, count));
        rest = &more[digits..];
    }
    line
}

/// Characters that a person too tells apart only by where they stand.
pub(super) fn twins(class: usize) -> &'static [u8] {
    match ALPHABET[class] {
        b'0' => b"OQD",
        b'O' | b'Q' | b'D' => b"0",
        b'1' => b"IL",
        b'I' | b'L' => b"1",
        b'2' => b"Z",
        b'Z' => b"2",
        b'5' => b"S",
        b'S' => b"5",
        b'6' => b"G",
        b'G' => b"6",
        b'8' => b"B",
        b'B' => b"8",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn every_line_has_its_formats_length() {
        for format in MrzFormat::ALL {
            for row in 0..format.rows() {
                assert_eq!(
                    line(format, row).len(),
                    format.columns(),
                    "{} {row}",
                    format.name()
                );
            }
        }
    }

    #[test]
    fn specimens_fit_their_alphabets() {
        let table: [(MrzFormat, &[&str]); 3] = [
            (
                MrzFormat::Td3,
                &[
                    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
                ],
            ),
            (
                MrzFormat::Td2,
                &[
                    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
                    "D231458907UTO7408122F1204159<<<<<<<6",
                ],
            ),
            (
                MrzFormat::Td1,
                &[
                    "I<UTOD231458907<<<<<<<<<<<<<<<",
                    "7408122F1204159UTO<<<<<<<<<<<6",
                    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
                ],
            ),
        ];
        for (format, lines) in table {
            for (row, text) in lines.iter().enumerate() {
                for (at, (byte, set)) in text.bytes().zip(line(format, row)).enumerate() {
                    let class = ALPHABET.iter().position(|&a| a == byte).unwrap();
                    assert!(
                        set.has(class),
                        "{} line {row} character {at}",
                        format.name()
                    );
                }
            }
        }
    }
}
