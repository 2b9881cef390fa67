//! How far a zone's lines can be trusted: check digits, calendar and states, and what else the characters could be.

use evidence::mrz::{self, MrzFormat};
use evidence::{Date, Moment, UtcOffset};
use zeroize::Zeroize;

use super::decode::Line;

/// Rivals weighed against each other's company; the likeliest come first.
const MOST_RIVALS: usize = 14;

/// Mean confidence of what is print, whatever it says.
const PRINT: f32 = 0.9;

/// Whether the lines' characters are as clear as print.
pub(super) fn reads_as_print(lines: &[Line]) -> bool {
    let (sum, count) = lines
        .iter()
        .flat_map(|line| &line.confidences)
        .fold((0.0, 0u16), |(sum, count), c| (sum + c, count + 1));
    sum >= PRINT * f32::from(count)
}

/// What speaks for and against the lines as they were read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trust {
    /// Every check digit is right.
    pub(super) valid: bool,
    /// The states exist and the days are in the calendar.
    plausible: bool,
    /// Least confidence of a character that a check digit covers.
    covered: f32,
    /// Least confidence of a character that none covers: names, states, sex.
    bare: f32,
    mean: f32,
    /// Likelihood, against the lines', of other lines whose check digits are right: `6` and `G` weigh the same.
    doubt: f32,
    /// Several cuts of the same picture did not read the same.
    pub(super) torn: bool,
}

impl Trust {
    pub(super) fn of(format: MrzFormat, lines: &[Line]) -> Self {
        let mut text: Vec<String> = lines.iter().map(Line::to_text).collect();
        let valid = is_valid(&text);
        let plausible = valid && is_plausible(&text);
        let (mut covered, mut bare, mut sum, mut count) = (1.0f32, 1.0f32, 0.0, 0.0);
        for (row, line) in lines.iter().enumerate() {
            for (column, &confidence) in line.confidences.iter().enumerate() {
                let least = if is_covered(format, row, column) {
                    &mut covered
                } else {
                    &mut bare
                };
                *least = least.min(confidence);
                sum += confidence;
                count += 1.0;
            }
        }
        let doubt = doubt(format, lines, &mut text);
        text.zeroize();
        Self {
            valid,
            plausible,
            covered,
            bare,
            mean: sum / f32::max(count, 1.0),
            doubt,
            torn: false,
        }
    }

    /// So clear that one cut is enough. Of some 270 hard drawn pictures, three names were misread beside right check digits with their
    /// least sure letter between 0.81 and 0.94; of 880, one number whose twin had a likelihood of 0.016 in one cut and 0.03 in five.
    pub(super) fn is_settled(&self) -> bool {
        self.is_certain() && self.bare >= 0.96 && self.doubt <= 0.005
    }

    /// Check digits agree and nothing else would agree as well, and what they do not cover is clear: nothing better
    /// can come. Of 880 hard drawn pictures, two names were misread beside right check digits with their least sure letter at 0.79, read so by
    /// every cut.
    pub(super) fn is_certain(&self) -> bool {
        self.plausible
            && !self.torn
            && self.doubt <= 0.02
            && self.covered >= 0.25
            && self.bare >= 0.82
            && self.mean >= if self.bare >= 0.95 { 0.95 } else { 0.99 }
    }

    /// Good enough to be said. Without the check digits' word every character must be clear.
    pub(super) fn is_clear(&self) -> bool {
        // Right check digits beside a state that does not exist: one of the two was misread, unless all is very clear.
        let least = if self.valid { 0.98 } else { 0.9 };
        let clear = self.covered.min(self.bare) >= least && self.mean >= 0.99;
        self.is_certain() || (clear && (self.valid || self.doubt <= 0.01))
    }

    /// Print, whatever it says: worth a vote when more frames come.
    pub(super) fn is_print(&self) -> bool {
        self.mean >= PRINT
    }

    pub(super) fn rank(&self) -> f32 {
        self.mean + 0.25 * self.covered.min(self.bare) + if self.valid { 0.5 } else { 0.0 }
    }
}

fn borrowed(text: &[String]) -> Vec<&str> {
    text.iter().map(String::as_str).collect()
}

fn is_valid(text: &[String]) -> bool {
    mrz::is_valid(&borrowed(text))
}

/// Whether a document could say so. The date only settles centuries, and any serves: nothing here asks whether a document
/// has expired.
fn is_plausible(text: &[String]) -> bool {
    let on: Date = Moment::new(1_893_456_000).date_at(UtcOffset::UTC); // the first day of 2030
    let names = if text.len() == 3 {
        text.get(2)
    } else {
        text.first()
    };
    mrz::parse(&borrowed(text), on).is_ok() && !names.is_some_and(|line| is_broken(line))
}

/// A line of names with letters behind three fillers or more: two divide a name's parts and one its words (Doc 9303 part 3, 4.6), so a
/// letter was worn away.
fn is_broken(line: &str) -> bool {
    line.trim_end_matches('<').contains("<<<")
}

/// The sum of the likelihoods of all lines that differ from these in one or two covered characters and are as valid.
fn doubt(format: MrzFormat, lines: &[Line], text: &mut [String]) -> f32 {
    let mut rivals: Vec<(usize, usize, u8, f32)> = lines
        .iter()
        .enumerate()
        .flat_map(|(row, line)| {
            line.rivals
                .iter()
                .map(move |r| (row, r.column, r.letter, r.share))
        })
        .filter(|&(row, column, ..)| is_covered(format, row, column))
        .collect();
    rivals.sort_by(|a, b| b.3.total_cmp(&a.3));
    rivals.truncate(MOST_RIVALS);
    let mut sum = 0.0;
    for (n, &one) in rivals.iter().enumerate() {
        let before = replaced(text, one);
        if is_valid(text) {
            sum += one.3;
        }
        for &two in &rivals[n + 1..] {
            if (two.0, two.1) == (one.0, one.1) {
                continue;
            }
            let under = replaced(text, two);
            if is_valid(text) {
                sum += one.3 * two.3;
            }
            replaced(text, (two.0, two.1, under, 0.0));
        }
        replaced(text, (one.0, one.1, before, 0.0));
    }
    sum
}

/// Puts the letter in its place and gives back the one that stood there.
fn replaced(text: &mut [String], (row, column, letter, _): (usize, usize, u8, f32)) -> u8 {
    let line = &mut text[row];
    let before = line.as_bytes()[column];
    let letter = [letter];
    if let Ok(letter) = std::str::from_utf8(&letter) {
        line.replace_range(column..=column, letter);
    }
    before
}

/// Whether a check digit vouches for the character (Doc 9303 parts 4 to 7, section 4.2 of each).
pub(super) fn is_covered(format: MrzFormat, row: usize, column: usize) -> bool {
    match (format, row) {
        (MrzFormat::Td1, 0) => column >= 5,
        (MrzFormat::Td1, 1) => column != 7 && !(15..18).contains(&column),
        (MrzFormat::Td2 | MrzFormat::Td3, 1) => column != 20 && !(10..13).contains(&column),
        (MrzFormat::MrvA | MrzFormat::MrvB, 1) => {
            column < 28 && column != 20 && !(10..13).contains(&column)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::Rival;
    use super::*;

    fn line(text: &str, rivals: &[(usize, u8, f32)]) -> Line {
        Line {
            text: text.as_bytes().to_vec().into(),
            confidences: vec![0.995; text.len()],
            rivals: rivals
                .iter()
                .map(|&(column, letter, share)| Rival {
                    column,
                    letter,
                    share,
                })
                .collect(),
            start: 0,
            end: 0,
            score: 0.0,
        }
    }

    fn trust(second: &str, rivals: &[(usize, u8, f32)]) -> Trust {
        let first = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
        Trust::of(MrzFormat::Td3, &[line(first, &[]), line(second, rivals)])
    }

    const SECOND: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    #[test]
    fn a_twin_that_the_check_digits_cannot_tell_takes_certainty_away() {
        // L and 1, ten and twenty apart, weigh the same in every check digit.
        assert!(trust(SECOND, &[]).is_certain());
        assert!(trust(SECOND, &[(0, b'1', 0.01)]).is_certain());
        assert!(!trust(SECOND, &[(0, b'1', 0.2)]).is_certain());
        // 8 for B does not pass, however likely it looks.
        assert!(trust(SECOND, &[(1, b'B', 0.9)]).is_certain());
    }

    #[test]
    fn two_changes_that_cancel_out_are_seen() {
        // 0 and O where the weights are 7 and 3: each alone is refused, both together pass.
        let second = "0031824<<4GRC8509185F3210020<<<<<<<<<<<<<<06";
        let clear = trust(second, &[]);
        let torn = trust(second, &[(0, b'O', 0.6), (1, b'O', 0.6)]);
        assert!(clear.is_certain() && !torn.is_certain());
    }

    #[test]
    fn no_state_and_no_day_that_do_not_exist_are_certain() {
        let no_state = "L898902C36UTX7408122F1204159ZE184226B<<<<<10";
        let seen = trust(no_state, &[]);
        assert!(seen.valid && !seen.is_certain() && seen.is_clear());
        // Month 13, with check digits that agree.
        let no_day = "L898902C36UTO7413128F1204159ZE184226B<<<<<10";
        let seen = trust(no_day, &[]);
        assert_eq!((seen.valid, seen.is_certain()), (true, false));
    }

    #[test]
    fn a_wrong_check_digit_is_not_told_where_one_misread_character_may_be_why() {
        // The number's 9 was an 8, or the check digits are the document's own.
        let second = "L899902C36UTO7408122F1204159ZE184226B<<<<<10";
        let seen = trust(second, &[]);
        assert!(!seen.valid && seen.is_clear());
        assert!(!trust(second, &[(3, b'8', 0.05)]).is_clear());
        // A character that would not put it right is no reason.
        assert!(trust(second, &[(3, b'7', 0.05)]).is_clear());
    }
}
