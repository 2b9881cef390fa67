//! What an answer is worth, and a reader's row of the table.

use std::path::PathBuf;

use evidence::mrz;
use serde_json::Value;
use vision::face::STRICT_THRESHOLD;

use super::sets::Truth;
use crate::table::{Series, Unit};

/// The advice to a covered face, as an answer names it.
pub(super) const UNCOVER: &str = "uncover";

/// One answer held against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of it, exactly; or nothing where nothing is.
    Right,
    /// Something was reported as read that is not there.
    Wrong,
    /// Nothing was read, or lines that their check digits disown.
    Missed,
}

/// Holds an answer against the truth.
pub(super) fn judge(truth: &Truth, answer: &Value) -> Verdict {
    match truth {
        Truth::Code { text, .. } => {
            let read = texts(&answer["codes"]);
            if read.iter().any(|read| read != text) {
                Verdict::Wrong
            } else if read.is_empty() {
                Verdict::Missed
            } else {
                Verdict::Right
            }
        }
        Truth::Zone(lines) => {
            let read = texts(&answer["lines"]);
            if read == *lines {
                Verdict::Right
            } else if believed(&read) {
                Verdict::Wrong
            } else {
                Verdict::Missed
            }
        }
        Truth::People(there) => match answer["faces"].as_u64().unwrap_or(0) {
            found if found == *there as u64 => Verdict::Right,
            found if found > *there as u64 => Verdict::Wrong,
            _ => Verdict::Missed,
        },
        Truth::Person { same, .. } => {
            let alike = answer["likeness"]
                .as_f64()
                .map(|likeness| likeness >= f64::from(STRICT_THRESHOLD));
            match (alike, same) {
                (Some(true), false) => Verdict::Wrong,
                (Some(alike), same) if alike == *same => Verdict::Right,
                _ => Verdict::Missed,
            }
        }
        // A face that is told to come closer first is not let through either, but not for its cover.
        Truth::Covered(covered) => {
            let found = answer["faces"].as_u64().unwrap_or(0) > 0;
            let (asked, free) = (answer["advice"] == UNCOVER, answer["advice"].is_null());
            match (found, covered) {
                (false, _) => Verdict::Missed,
                (true, true) if asked => Verdict::Right,
                (true, true) if free => Verdict::Wrong,
                (true, true) => Verdict::Missed,
                (true, false) if asked => Verdict::Wrong,
                (true, false) => Verdict::Right,
            }
        }
        Truth::Nothing => {
            let read = !texts(&answer["codes"]).is_empty()
                || believed(&texts(&answer["lines"]))
                || answer["faces"].as_u64().unwrap_or(0) > 0;
            if read { Verdict::Wrong } else { Verdict::Right }
        }
    }
}

fn texts(of: &Value) -> Vec<String> {
    let texts = of.as_array().map(Vec::as_slice).unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

/// Lines that would be taken for a document's: of a known shape, all check digits right.
fn believed(lines: &[String]) -> bool {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    !lines.is_empty() && mrz::is_valid(&lines)
}

/// What one reader made of one set.
pub(super) struct Row {
    pub(super) set: String,
    pub(super) reader: &'static str,
    pub(super) right: usize,
    pub(super) wrong: usize,
    pub(super) missed: usize,
    /// Pictures that it did not come to an end with.
    pub(super) overran: usize,
    pub(super) times: Series,
    /// Pictures that it was not right about, where each is a question of its own.
    pub(super) failed: Vec<PathBuf>,
    /// Right, and all, of each kind in the set's order.
    kinds: Vec<(&'static str, usize, usize)>,
}

impl Row {
    pub(super) fn new(set: &str, reader: &'static str) -> Self {
        Self {
            set: set.to_owned(),
            reader,
            right: 0,
            wrong: 0,
            missed: 0,
            overran: 0,
            times: Series::new(Unit::Milliseconds),
            failed: Vec::new(),
            kinds: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, verdict: Verdict, kind: Option<&'static str>) {
        match verdict {
            Verdict::Right => self.right += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::Missed => self.missed += 1,
        }
        let Some(kind) = kind else { return };
        let at = self.kinds.iter().position(|(known, ..)| *known == kind);
        let at = at.unwrap_or_else(|| {
            self.kinds.push((kind, 0, 0));
            self.kinds.len() - 1
        });
        self.kinds[at].1 += usize::from(verdict == Verdict::Right);
        self.kinds[at].2 += 1;
    }

    /// As the columns of the table: subjects, right, wrong, missed, milliseconds, and what else there is to say.
    pub(super) fn cells(&self) -> [String; 8] {
        let all = self.right + self.wrong + self.missed;
        let share = 100.0 * self.right as f64 / all.max(1) as f64;
        let [median, p95, worst] = self.times.cells();
        let overran = (self.overran > 0).then(|| format!("{} not ended in time", self.overran));
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, right, all)| format!("{kind} {right} of {all}"));
        let note = kinds.chain(overran).collect::<Vec<_>>().join(", ");
        [
            all.to_string(),
            format!("{} ({share:.0} %)", self.right),
            self.wrong.to_string(),
            self.missed.to_string(),
            median,
            p95,
            worst,
            note,
        ]
    }
}
