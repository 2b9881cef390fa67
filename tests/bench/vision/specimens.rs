//! What the drawn things say: codes of a wanted version, machine-readable lines of documents that nobody holds.

use anyhow::{Context, Result, bail, ensure};
use evidence::MrzFormat;
use evidence::mrz::check_digit;

/// splitmix64: the same seed draws the same set on every machine.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0..bound`, which is at least 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    fn of<T: Copy>(&mut self, choice: &[T], otherwise: T) -> T {
        choice
            .get(self.below(choice.len()))
            .copied()
            .unwrap_or(otherwise)
    }
}

/// The letters that base45 writes with (RFC 9285): those of a QR code's alphanumeric mode.
const BASE45: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Alphanumeric characters that versions 4 to 25 hold at level M (ISO/IEC 18004, table 7).
const CAPACITY: [usize; 22] = [
    90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970, 1_035,
    1_134, 1_248, 1_326, 1_451,
];

/// A text shaped as a declaration's, of a length that takes a code of this version, 5 to 25, at level M.
pub(super) fn code_text(version: u32, chance: &mut Chance) -> Result<String> {
    let at = version.saturating_sub(5) as usize;
    let (Some(below), Some(most)) = (CAPACITY.get(at), CAPACITY.get(at + 1)) else {
        bail!("no length is known for version {version}");
    };
    let length = below + 1 + chance.below(most - below);
    let prefix = evidence::declaration::PREFIX;
    let rest = (prefix.len()..length).map(|_| char::from(chance.of(BASE45, b'A')));
    let text: String = prefix.chars().chain(rest).collect();
    let drawn = (pictures::code_image(&text, 1)?.width() - 25) / 4;
    ensure!(
        drawn == version,
        "{length} characters took version {drawn}, not {version}"
    );
    Ok(text)
}

/// States as documents write them, of different shapes: one letter, doubled letters, letters that look like digits.
const STATES: [&str; 12] = [
    "UTO", "D<<", "FRA", "JPN", "SWE", "BRA", "KEN", "IND", "NZL", "COL", "ITA", "KOR",
];

/// Lines of a document of this format, all check digits right.
pub(super) fn zone_lines(format: MrzFormat, chance: &mut Chance) -> Result<Vec<String>> {
    let state = chance.of(&STATES, "UTO");
    let number = filled(&characters(7 + chance.below(3), chance), 9);
    let (birth, expiry) = (date(40, 99, chance), date(27, 36, chance));
    let sex = chance.of(&["F", "M", "<"], "<");
    let optional = if chance.below(2) == 0 {
        String::new()
    } else {
        characters(3 + chance.below(4), chance)
    };
    let person = format!(
        "{}{state}{}{sex}{}",
        checked(&number)?,
        checked(&birth)?,
        checked(&expiry)?
    );
    let columns = format.columns();
    let composed = |over: &str| -> Result<char> { digit(over) };
    let heading = |code: &str, chance: &mut Chance| {
        filled(
            &format!("{code}{state}{}", name(columns - 5, chance)),
            columns,
        )
    };
    Ok(match format {
        MrzFormat::Td3 => {
            let optional = filled(&optional, 14);
            let second = format!("{person}{}", checked(&optional)?);
            let over = format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]);
            vec![
                heading("P<", chance),
                format!("{second}{}", composed(&over)?),
            ]
        }
        MrzFormat::Td2 => {
            let second = format!("{person}{}", filled(&optional, 7));
            let over = format!("{}{}{}", &second[..10], &second[13..20], &second[21..35]);
            vec![
                heading("I<", chance),
                format!("{second}{}", composed(&over)?),
            ]
        }
        MrzFormat::MrvA | MrzFormat::MrvB => {
            vec![
                heading("V<", chance),
                filled(&format!("{person}{optional}"), columns),
            ]
        }
        MrzFormat::Td1 => {
            let first = filled(&format!("I<{state}{}{optional}", checked(&number)?), 30);
            let dates = format!("{}{sex}{}", checked(&birth)?, checked(&expiry)?);
            let second = format!("{dates}{state}{}", filled("", 11));
            let over = format!(
                "{}{}{}{}",
                &first[5..],
                &second[..7],
                &second[8..15],
                &second[18..29]
            );
            vec![
                first,
                format!("{second}{}", composed(&over)?),
                filled(&name(30, chance), 30),
            ]
        }
    })
}

fn digit(field: &str) -> Result<char> {
    let digit = check_digit(field.as_bytes()).context("a field of the zone's alphabet")?;
    Ok(char::from(b'0' + digit))
}

fn checked(field: &str) -> Result<String> {
    Ok(format!("{field}{}", digit(field)?))
}

fn filled(text: &str, length: usize) -> String {
    format!("{text:<<length$}")[..length].to_owned()
}

fn characters(length: usize, chance: &mut Chance) -> String {
    (0..length)
        .map(|_| char::from(chance.of(b"0123456789ABCDEFGHJKLMNPRTVWXYZO", b'0')))
        .collect()
}

fn date(from: usize, to: usize, chance: &mut Chance) -> String {
    let year = from + chance.below(to - from + 1);
    format!(
        "{year:02}{:02}{:02}",
        1 + chance.below(12),
        1 + chance.below(28)
    )
}

/// Surname and given names that can be spoken, cut where the field ends as issuers do.
fn name(longest: usize, chance: &mut Chance) -> String {
    let surname = word(chance);
    let given: Vec<String> = (0..=chance.below(3)).map(|_| word(chance)).collect();
    let whole = format!("{surname}<<{}", given.join("<"));
    whole[..whole.len().min(longest)].to_owned()
}

fn word(chance: &mut Chance) -> String {
    (0..2 + chance.below(3))
        .map(|_| {
            let (start, vowel) = (
                chance.of(b"BCDFGHJKLMNPRSTVWYZQ", b'B'),
                chance.of(b"AEIOU", b'A'),
            );
            let end = chance.of(&["", "", "N", "R", "L", "S", "X", "TT"], "");
            format!("{}{}{end}", char::from(start), char::from(vowel))
        })
        .collect()
}
