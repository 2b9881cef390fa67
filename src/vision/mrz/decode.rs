//! From frames to exactly as many characters as a line has: the best path, with each position's alphabet.

use zeroize::Zeroizing;

use super::alphabet::{Alphabet, twins};
use super::net::{ALPHABET, BLANK, CLASSES, FRAMES, Frames};

/// Beyond the line anything may stand; no single frame of it weighs more than this.
const WORST_BEYOND: f32 = -3.0;
/// A frame inside the line weighs no more than this, or one scratch would decide everything.
const WORST_WITHIN: f32 = -7.0;
/// Floor of a frame's log-probability where confidence is judged: the net is not surer than that of anything.
const WORST_DOUBT: f32 = -12.0;
/// A character less likely than this, against the one that was chosen, is no rival.
const LEAST_RIVAL: f32 = 0.004;
/// Price of a character that is a frame nearer or farther than the pitch.
const UNEVEN: f32 = -0.7;
/// Characters take this many frames, and leave one to three before the next.
const LONGEST: usize = 3;

/// A line as it was seen.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: Zeroizing<Vec<u8>>,
    /// Per character: how sure, 0..=1.
    pub(super) confidences: Vec<f32>,
    /// What else a character could be: where, the class's letter, and its likelihood against the chosen one's.
    pub(super) rivals: Vec<Rival>,
    /// Frame at which the first character begins.
    pub(super) start: usize,
    /// Frame behind the last character.
    pub(super) end: usize,
    /// Log-likelihood of all frames.
    pub(super) score: f32,
}

impl Line {
    pub(super) fn to_text(&self) -> String {
        self.text.iter().map(|&b| char::from(b)).collect()
    }
}

/// Another character that the frames and the position allow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rival {
    pub(super) column: usize,
    pub(super) letter: u8,
    /// Its likelihood, of the chosen character's.
    pub(super) share: f32,
}

/// The best reading of exactly `line.len()` characters; `starts` bounds where it may begin. None when the frames are
/// too few.
pub(super) fn decode(
    frames: &Frames,
    line: &[Alphabet],
    starts: std::ops::RangeInclusive<usize>,
) -> Option<Line> {
    let count = line.len();
    let length = frames.at.len();
    if count == 0 || length < count * (FRAMES - 1) {
        return None;
    }
    let beyond: Vec<f32> = sums(frames, |f| f[BLANK].max(WORST_BEYOND));
    let blank: Vec<f32> = sums(frames, |f| f[BLANK].max(WORST_WITHIN));
    let mut kinds: Vec<(Alphabet, Segments)> = Vec::new();
    for &set in line {
        if !kinds.iter().any(|(known, _)| *known == set) {
            kinds.push((set, segments(frames, set)));
        }
    }
    let table = |k: usize| {
        kinds
            .iter()
            .find(|(set, _)| *set == line[k])
            .map(|(_, t)| t)
    };
    const NEVER: f32 = f32::NEG_INFINITY;
    // best[k][t]: characters before k read, character k begins at frame t.
    let mut best = vec![vec![NEVER; length + 1]; count];
    let mut from = vec![vec![(0u8, 0u8); length + 1]; count];
    let begins = *starts.start()..(starts.end() + 1).min(length + 1);
    if begins.start > begins.end {
        return None;
    }
    best[0][begins.clone()].copy_from_slice(&beyond[begins]);
    let mut finish = (NEVER, 0, 0);
    for k in 0..count {
        let table = table(k)?;
        for t in 0..length {
            let so_far = best[k][t];
            if so_far == NEVER {
                continue;
            }
            for ink in 1..=LONGEST.min(length - t) {
                let read = so_far + table[t][ink - 1].0;
                let end = t + ink;
                if k + 1 == count {
                    let score = read + beyond[length] - beyond[end];
                    if score > finish.0 {
                        finish = (score, t, ink);
                    }
                    continue;
                }
                for gap in 1..=3usize {
                    let step = ink + gap;
                    if !(FRAMES - 1..=FRAMES + 1).contains(&step) || end + gap >= length {
                        continue;
                    }
                    let uneven = if step == FRAMES { 0.0 } else { UNEVEN };
                    let score = read + blank[end + gap] - blank[end] + uneven;
                    if score > best[k + 1][end + gap] {
                        best[k + 1][end + gap] = score;
                        from[k + 1][end + gap] = (ink as u8, gap as u8);
                    }
                }
            }
        }
    }
    let (score, mut t, mut ink) = finish;
    if score == NEVER {
        return None;
    }
    let end = t + ink;
    let mut text = Zeroizing::new(vec![0; count]);
    let mut confidences = vec![0.0; count];
    let mut rivals = Vec::new();
    for k in (0..count).rev() {
        let class = table(k)?[t][ink - 1].1 as usize;
        text[k] = ALPHABET[class];
        let inked = &frames.at[t..t + ink];
        confidences[k] = confidence(inked, class, line[k]);
        rivals.extend(
            rivals_of(inked, class, line[k]).map(|(letter, share)| Rival {
                column: k,
                letter,
                share,
            }),
        );
        if k > 0 {
            let (before, gap) = from[k][t];
            t -= usize::from(before) + usize::from(gap);
            ink = usize::from(before);
        }
    }
    Some(Line {
        text,
        confidences,
        rivals,
        start: t,
        end,
        score,
    })
}

fn sums(frames: &Frames, f: impl Fn(&[f32; CLASSES]) -> f32) -> Vec<f32> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(frames.at.iter().map(|frame| {
            sum += f(frame);
            sum
        }))
        .collect()
}

/// For each frame and each length from it: the best character's score, and which it is.
type Segments = Vec<[(f32, u8); LONGEST]>;

/// For every frame and length: the best character of the set, and its log-likelihood.
fn segments(frames: &Frames, set: Alphabet) -> Segments {
    let classes: Vec<usize> = set.classes().collect();
    (0..frames.at.len())
        .map(|t| {
            let mut best = [(f32::NEG_INFINITY, 0u8); LONGEST];
            for &class in &classes {
                let mut sum = 0.0;
                for (ink, best) in best.iter_mut().enumerate() {
                    let Some(frame) = frames.at.get(t + ink) else {
                        break;
                    };
                    sum += frame[class].max(WORST_WITHIN);
                    if sum > best.0 {
                        *best = (sum, class as u8);
                    }
                }
            }
            best
        })
        .collect()
}

/// The characters of the set that come near the chosen one.
fn rivals_of(
    frames: &[[f32; CLASSES]],
    class: usize,
    set: Alphabet,
) -> impl Iterator<Item = (u8, f32)> + '_ {
    let own = mean(frames, class);
    set.classes()
        .filter(move |&other| other != class)
        .map(move |other| (ALPHABET[other], (mean(frames, other) - own).exp()))
        .filter(|&(_, share)| share >= LEAST_RIVAL)
}

/// Mean log-probability of a class over frames.
fn mean(frames: &[[f32; CLASSES]], class: usize) -> f32 {
    let sum: f32 = frames.iter().map(|f| f[class].max(WORST_DOUBT)).sum();
    sum / frames.len() as f32
}

/// The character's share of all that the frames could be. What the position forbids and a person would confuse with
/// the character is left out of the sum; what it forbids and looks different is not: there the paper disagrees.
fn confidence(frames: &[[f32; CLASSES]], class: usize, set: Alphabet) -> f32 {
    let mean = |class: usize| mean(frames, class);
    let own = mean(class).exp();
    let all: f32 = (0..ALPHABET.len())
        .filter(|&other| {
            set.has(other) || other == class || !twins(class).contains(&ALPHABET[other])
        })
        .map(|other| mean(other).exp())
        .sum();
    if all > 0.0 { own / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use evidence::mrz::MrzFormat;

    use super::super::alphabet;
    use super::*;

    fn frames(text: &str, lead: usize) -> Frames {
        let sure = |class: usize| std::array::from_fn(|c| if c == class { -0.01 } else { -8.0 });
        let mut at = vec![sure(BLANK); lead];
        for byte in text.bytes() {
            let class = ALPHABET.iter().position(|&a| a == byte).unwrap();
            at.extend([sure(class), sure(class), sure(BLANK), sure(BLANK)]);
        }
        at.extend(vec![sure(BLANK); 5]);
        Frames { at }
    }

    #[test]
    fn fillers_are_counted_and_the_margin_is_skipped() {
        let text = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
        for lead in [0, 3, 11] {
            let line = decode(
                &frames(text, lead),
                &alphabet::line(MrzFormat::Td3, 0),
                0..=16,
            )
            .unwrap();
            assert_eq!(line.text.as_slice(), text.as_bytes());
            assert_eq!(line.start, lead);
            assert!(line.confidences.iter().all(|&c| c > 0.9));
        }
    }

    #[test]
    fn a_character_that_may_not_stand_there_lowers_the_confidence() {
        let text = "K<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
        let line = decode(&frames(text, 4), &alphabet::line(MrzFormat::Td3, 0), 0..=16).unwrap();
        assert_eq!(line.text[0], b'P');
        assert!(line.confidences[0] < 0.1);
    }

    #[test]
    fn too_few_frames_are_no_line() {
        assert!(
            decode(
                &frames("P<UTO", 0),
                &alphabet::line(MrzFormat::Td3, 0),
                0..=9
            )
            .is_none()
        );
    }
}
