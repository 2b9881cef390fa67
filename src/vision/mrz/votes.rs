//! Several frames of one zone vote on its characters. Nothing is invented: a character that is elected was read
//! clearly by three frames and as anything else by none, and the elected lines' check digits are right although no one frame may have read them all.

use std::fmt;

use evidence::mrz::{self, MrzFormat};
use zeroize::Zeroize;

use super::net::ALPHABET;
use super::reading::MrzReading;
use super::trust::is_covered;

/// Ballots below which nobody is elected: two frames that agree on everything need no vote.
const FEWEST: u8 = 3;
/// Frames that must have read a character clearly; two would settle on twice as many wrong names as two frames that
/// agree on the whole zone do.
const CLEARLY: u8 = 3;
/// What clearly means where no check digit vouches for the character: as much as a single frame must have. Per mille.
const CLEAR_BARE: u16 = 820;
/// And where one does.
const CLEAR_COVERED: u16 = 500;
/// Frames of a burst share their glare and their blur, so no frame is taken to be surer than this.
const SUREST: f32 = 0.95;
/// By so much (a factor of twenty, as a logarithm) the elected character's likelihood exceeds every other's.
const LEAD: f32 = 3.0;
/// Of a hundred characters, so many may differ from what leads before the reading is another document's.
const OTHERS: usize = 25;

const LETTERS: usize = ALPHABET.len();

/// The votes on one zone's characters. Zeroed when forgotten or dropped; `Debug` hides them.
#[derive(Default)]
pub struct MrzVotes {
    format: Option<MrzFormat>,
    ballots: u8,
    rows: Vec<Vec<Tally>>,
}

/// What was said of one character.
#[derive(Clone, Copy)]
struct Tally {
    /// Sum of log-likelihoods.
    logs: [f32; LETTERS],
    /// Frames that said it clearly.
    clear: [u8; LETTERS],
}

impl fmt::Debug for MrzVotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MrzVotes")
            .field("format", &self.format)
            .field("ballots", &self.ballots)
            .finish_non_exhaustive()
    }
}

impl MrzVotes {
    /// Counts a frame's reading. A reading of another format, or one that has little in common with what leads, is
    /// another document's: the votes begin anew with it.
    pub fn cast(&mut self, reading: &MrzReading) {
        if self.format != Some(reading.format) || self.differs(reading) {
            self.forget();
            self.format = Some(reading.format);
            let blank = Tally {
                logs: [0.0; LETTERS],
                clear: [0; LETTERS],
            };
            self.rows = vec![vec![blank; reading.format.columns()]; reading.format.rows()];
        }
        self.ballots = self.ballots.saturating_add(1);
        let lines = reading.lines.iter().zip(&reading.confidences).enumerate();
        for ((row, (line, confidences)), tallies) in lines.zip(&mut self.rows) {
            let characters = line.bytes().zip(confidences).enumerate();
            for ((column, (letter, &sure)), tally) in characters.zip(tallies) {
                let least = if is_covered(reading.format, row, column) {
                    CLEAR_COVERED
                } else {
                    CLEAR_BARE
                };
                tally.count(letter, sure, least);
            }
        }
    }

    /// The lines that enough frames voted for, when their check digits are right.
    pub fn elected(&self) -> Option<Vec<String>> {
        if self.ballots < FEWEST {
            return None;
        }
        let mut lines = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let line: Option<String> = row.iter().map(|t| t.elected().map(char::from)).collect();
            let Some(line) = line else {
                lines.zeroize();
                return None;
            };
            lines.push(line);
        }
        let valid = mrz::is_valid(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        if !valid {
            lines.zeroize();
        }
        valid.then_some(lines)
    }

    /// Whether what leads the vote says the same.
    pub fn agrees_with(&self, lines: &[String]) -> bool {
        lines.len() == self.rows.len()
            && lines.iter().zip(&self.rows).all(|(line, row)| {
                line.len() == row.len()
                    && line
                        .bytes()
                        .zip(row)
                        .all(|(letter, tally)| tally.leader() == letter)
            })
    }

    /// Forgets all votes.
    pub fn forget(&mut self) {
        for tally in self.rows.iter_mut().flatten() {
            tally.logs.zeroize();
            tally.clear.zeroize();
        }
        self.rows.clear();
        self.format = None;
        self.ballots = 0;
    }

    fn differs(&self, reading: &MrzReading) -> bool {
        let (mut unlike, mut all) = (0, 0);
        for (line, row) in reading.lines.iter().zip(&self.rows) {
            for (letter, tally) in line.bytes().zip(row) {
                unlike += usize::from(tally.leader() != letter);
                all += 1;
            }
        }
        unlike * 100 > all * OTHERS
    }
}

impl Drop for MrzVotes {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Tally {
    fn count(&mut self, letter: u8, sure: u16, least: u16) {
        let Some(class) = ALPHABET.iter().position(|&l| l == letter) else {
            return;
        };
        let sure_of = (f32::from(sure) / 1_000.0).clamp(1.0 / LETTERS as f32, SUREST);
        let others = ((1.0 - sure_of) / (LETTERS - 1) as f32).ln();
        for (n, log) in self.logs.iter_mut().enumerate() {
            *log += if n == class { sure_of.ln() } else { others };
        }
        if sure >= least {
            self.clear[class] = self.clear[class].saturating_add(1);
        }
    }

    fn best(&self) -> usize {
        (0..LETTERS)
            .max_by(|&a, &b| self.logs[a].total_cmp(&self.logs[b]))
            .unwrap_or(0)
    }

    fn leader(&self) -> u8 {
        ALPHABET[self.best()]
    }

    /// The leader, when frames said it clearly, none said anything else clearly, and its lead is clear too.
    fn elected(&self) -> Option<u8> {
        let best = self.best();
        let others = || (0..LETTERS).filter(|&n| n != best);
        let lead = others().all(|n| self.logs[best] - self.logs[n] >= LEAD);
        let said = self.clear[best];
        let alone = others().all(|n| self.clear[n] == 0);
        (lead && alone && said >= CLEARLY).then_some(ALPHABET[best])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    const LINES: [&str; 2] = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ];

    fn ballot(changes: &[(usize, usize, char, u16)]) -> MrzReading {
        let mut lines: Vec<Vec<char>> = LINES.iter().map(|l| l.chars().collect()).collect();
        let mut confidences = vec![vec![990; 44]; 2];
        for &(row, column, letter, sure) in changes {
            lines[row][column] = letter;
            confidences[row][column] = sure;
        }
        MrzReading {
            format: MrzFormat::Td3,
            lines: lines.into_iter().map(String::from_iter).collect(),
            confidences,
            corners: [(0, 0); 4],
        }
    }

    #[test]
    fn frames_of_which_none_is_right_throughout_elect_the_right_lines() {
        let mut votes = MrzVotes::default();
        for (column, letter) in [(6, 'B'), (12, 'H'), (20, 'W'), (7, 'K')] {
            assert_eq!(votes.elected(), None);
            votes.cast(&ballot(&[(0, column, letter, 500)]));
        }
        assert_eq!(votes.elected().unwrap(), LINES);
        votes.forget();
        assert_eq!(votes.elected(), None);
    }

    #[test]
    fn what_was_never_read_clearly_is_not_elected_however_often_it_was_read() {
        let mut votes = MrzVotes::default();
        for _ in 0..30 {
            votes.cast(&ballot(&[(0, 12, 'H', 700)]));
        }
        assert_eq!(votes.elected(), None);
        assert!(votes.agrees_with(&ballot(&[(0, 12, 'H', 0)]).lines));
    }

    #[test]
    fn frames_that_contradict_each_other_clearly_elect_nobody() {
        let mut votes = MrzVotes::default();
        for n in 0..9 {
            let letter = if n == 4 { 'H' } else { 'N' };
            votes.cast(&ballot(&[(0, 12, letter, 950)]));
        }
        assert_eq!(votes.elected(), None);
    }

    #[test]
    fn lines_with_wrong_check_digits_are_not_elected() {
        let mut votes = MrzVotes::default();
        for _ in 0..5 {
            votes.cast(&ballot(&[(1, 9, '7', 990)]));
        }
        assert_eq!(votes.elected(), None);
    }

    #[test]
    fn another_document_begins_anew() {
        let mut votes = MrzVotes::default();
        for _ in 0..3 {
            votes.cast(&ballot(&[]));
        }
        assert!(votes.elected().is_some());
        let other: Vec<(usize, usize, char, u16)> =
            (0..30).map(|n| (n % 2, n + 5, 'Q', 990)).collect();
        votes.cast(&ballot(&other));
        assert_eq!(votes.elected(), None);
        assert!(!votes.agrees_with(&LINES.map(String::from)));
    }
}
