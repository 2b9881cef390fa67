//! Five million names, searched in milliseconds: every distinct word once with what it sounds like, the words that share
//! pairs of letters, and for every word the names that have it.

use super::alike::{LEAST, OwnWord, SPELLINGS, Word, is_particle, names_alike, words_alike};
use super::file::PRIMARY;
use super::sound::{as_kana, folded, skeleton};
use super::{Likeness, births_alike, own_words, packed, weigh};
use crate::case::Traveller;
use crate::policy::Bar;
use std::collections::HashMap;

/// Byte strings one after the other.
#[derive(Clone)]
pub(super) struct Arena {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Arena {
    /// The strings of these lengths, if they fill the bytes.
    pub(super) fn of(lengths: &[u8], bytes: Vec<u8>) -> Option<Self> {
        let mut end = 0_u32;
        let ends: Vec<u32> = lengths
            .iter()
            .map(|length| {
                end += u32::from(*length);
                end
            })
            .collect();
        (usize::try_from(end) == Ok(bytes.len())).then_some(Self { ends, bytes })
    }

    fn made(strings: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut arena = Self {
            ends: Vec::new(),
            bytes: Vec::new(),
        };
        for string in strings {
            arena.bytes.extend_from_slice(&string);
            arena
                .ends
                .push(u32::try_from(arena.bytes.len()).unwrap_or(u32::MAX));
        }
        arena
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> &[u8] {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[begin as usize..self.ends[at] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at))
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * 4
    }
}

/// For each of some things a run of numbers.
struct Runs {
    begins: Vec<u32>,
    items: Vec<u32>,
}

impl Runs {
    /// Sorted into runs by counting; `pairs` is gone through twice.
    fn sorted<I: Iterator<Item = (usize, u32)>>(runs: usize, pairs: impl Fn() -> I) -> Self {
        let mut begins = vec![0_u32; runs + 1];
        for (run, _) in pairs() {
            begins[run + 1] += 1;
        }
        for run in 0..runs {
            begins[run + 1] += begins[run];
        }
        let mut next = begins.clone();
        let mut items = vec![0_u32; begins[runs] as usize];
        for (run, item) in pairs() {
            items[next[run] as usize] = item;
            next[run] += 1;
        }
        Self { begins, items }
    }

    fn of(&self, run: usize) -> &[u32] {
        &self.items[self.begins[run] as usize..self.begins[run + 1] as usize]
    }

    fn size(&self) -> usize {
        (self.begins.len() + self.items.len()) * 4
    }
}

/// The names of a list, ready to be searched. `Debug` tells how many.
pub(crate) struct NameIndex {
    raw: Arena,
    folded: Arena,
    bones: Arena,
    kana: Arena,
    /// Words by their bones, for a search by halves.
    by_bones: Vec<u32>,
    /// Words by the pairs of letters in their folded form.
    by_pair: Runs,
    /// Words of an entry.
    spelt: Runs,
    /// Entries with a word.
    having: Runs,
    births: Vec<u32>,
    states: Vec<[u8; 3]>,
}

impl std::fmt::Debug for NameIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameIndex")
            .field("entries", &self.births.len())
            .finish_non_exhaustive()
    }
}

/// Pairs of 26 letters and the edge of a word.
const PAIRS: usize = 27 * 27;

/// The pairs of a word: `^A AN NN NA A$`.
fn pairs(word: &[u8]) -> impl Iterator<Item = usize> {
    let place = |letter: u8| usize::from(letter.saturating_sub(b'A') % 26) + 1;
    let edge = std::iter::once(0);
    let letters = edge
        .clone()
        .chain(word.iter().map(move |letter| place(*letter)))
        .chain(edge);
    letters
        .clone()
        .zip(letters.skip(1))
        .map(|(one, other)| one * 27 + other)
}

/// What is looked for: a word, and the words of the traveller's name that a find stands for.
struct Probe {
    word: OwnWord,
    stands_for: u8,
    /// The word of the name, where the probe is just that.
    own: Option<usize>,
}

impl NameIndex {
    pub(super) fn build(
        raw: Arena,
        counts: &[u8],
        words: Vec<u32>,
        births: Vec<u32>,
        states: Vec<[u8; 3]>,
    ) -> Self {
        let folded = Arena::made(raw.iter().map(folded));
        let bones = Arena::made(folded.iter().map(skeleton));
        let kana = Arena::made(raw.iter().map(|word| as_kana(word).unwrap_or_default()));
        let id = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut by_bones: Vec<u32> = (0..raw.len()).map(id).collect();
        by_bones.sort_unstable_by_key(|word| (bones.get(*word as usize), *word));
        let by_pair = Runs::sorted(PAIRS, || {
            (0..folded.len()).flat_map(|at| pairs(folded.get(at)).map(move |pair| (pair, id(at))))
        });
        let mut begins = Vec::with_capacity(counts.len() + 1);
        begins.push(0);
        let mut end = 0_u32;
        for count in counts {
            end += u32::from(*count);
            begins.push(end);
        }
        let spelt = Runs {
            begins,
            items: words,
        };
        let having = Runs::sorted(raw.len(), || {
            (0..counts.len()).flat_map(|entry| {
                let words = spelt.of(entry);
                words
                    .iter()
                    .map(move |word| ((word & !PRIMARY) as usize, id(entry)))
            })
        });
        Self {
            raw,
            folded,
            bones,
            kana,
            by_bones,
            by_pair,
            spelt,
            having,
            births,
            states,
        }
    }

    /// Bytes that the index holds.
    pub(crate) fn size(&self) -> usize {
        self.raw.size()
            + self.folded.size()
            + self.bones.size()
            + self.kana.size()
            + self.by_bones.len() * 4
            + self.by_pair.size()
            + self.spelt.size()
            + self.having.size()
            + self.births.len() * 7
    }

    /// The entry that is most like the traveller, if it is alike enough; of several the first.
    pub(crate) fn nearest(&self, traveller: &Traveller, bar: &Bar) -> Option<Likeness> {
        let own = own_words(traveller.name.expose());
        let words: Vec<Word<'_>> = own.iter().map(OwnWord::word).collect();
        let truncated = traveller.shown.is_some_and(|shown| shown.name_truncated);
        let telling = telling(&words);
        let mut alike: Vec<HashMap<u32, u16>> = vec![HashMap::new(); words.len()];
        let mut seen = vec![0_u8; self.births.len()];
        let (probes, halves) = self.probes(&own, &telling);
        for (word, stands_for) in halves {
            for entry in self.having.of(word as usize) {
                seen[*entry as usize] |= stands_for;
            }
        }
        for probe in probes {
            let cut = truncated && probe.own == Some(words.len() - 1);
            let judge = probe.own.map_or(&probe.word, |own_word| &own[own_word]);
            for (word, likeness) in self.similar(&probe.word, judge, cut) {
                if let Some(own) = probe.own {
                    alike[own].insert(word, likeness);
                }
                for entry in self.having.of(word as usize) {
                    seen[*entry as usize] |= probe.stands_for;
                }
            }
        }
        let birth = packed(traveller.birth.expose());
        let state = traveller.nationality.mrz();
        let least = u32::try_from(telling.len().min(2)).unwrap_or(2);
        let mut best: Option<Likeness> = None;
        for (entry, found) in found(&seen) {
            let spelt = self.spelt.of(entry);
            if found.count_ones() < least && spelt.len() > 1 {
                continue;
            }
            let born = self.births[entry];
            let birth = (born > 0).then(|| births_alike(birth, born));
            let their_state = self.states[entry];
            let nationality =
                (their_state != [0; 3]).then_some(if their_state == state { 1000 } else { 0 });
            let id = u32::try_from(entry + 1).unwrap_or(u32::MAX);
            let better = |likeness: &Likeness| {
                let before = best.as_ref().map_or(0, |best| best.score);
                likeness.is_hit() && likeness.score > before
            };
            // What the name could make up for is known before the words are laid side by side.
            if !better(&weigh(id, 1000, birth, nationality, bar)) {
                continue;
            }
            let theirs: Vec<Word<'_>> = spelt.iter().map(|word| self.word(*word)).collect();
            let name = names_alike(&words, &theirs, truncated, |i, j| {
                let word = spelt[j] & !PRIMARY;
                match alike[i].get(&word) {
                    Some(likeness) => *likeness,
                    None if is_particle(words[i].raw) => words_alike(words[i], theirs[j]),
                    None => 0,
                }
            });
            let likeness = weigh(id, name, birth, nationality, bar);
            if better(&likeness) {
                best = Some(likeness);
            }
        }
        best
    }

    fn word(&self, marked: u32) -> Word<'_> {
        let at = (marked & !PRIMARY) as usize;
        Word {
            raw: self.raw.get(at),
            folded: self.folded.get(at),
            bones: self.bones.get(at),
            kana: self.kana.get(at),
            primary: marked & PRIMARY != 0,
        }
    }

    /// The name's telling words; two of them together as one; one of them as the two that it may be elsewhere.
    fn probes(&self, own: &[OwnWord], telling: &[usize]) -> (Vec<Probe>, Vec<(u32, u8)>) {
        let bit = |at: usize| {
            telling
                .iter()
                .position(|word| *word == at)
                .map_or(0, |place| 1_u8 << place)
        };
        let (mut probes, mut halves) = (Vec::new(), Vec::new());
        for (at, word) in own.iter().enumerate() {
            if bit(at) == 0 {
                continue;
            }
            let others = SPELLINGS
                .iter()
                .filter(|spellings| spellings.contains(&word.raw.as_slice()))
                .flat_map(|spellings| spellings.iter())
                .filter(|other| **other != word.raw);
            let with = |from: u8, to: u8| -> Vec<u8> {
                let exchanged = |letter: &u8| if *letter == from { to } else { *letter };
                word.raw.iter().map(exchanged).collect()
            };
            // J and Y are one sound in two spellings, and two in a third.
            let glides = [(b'J', b'Y'), (b'Y', b'J')]
                .into_iter()
                .filter(|(from, _)| word.raw.contains(from))
                .map(|(from, to)| OwnWord::new(&with(from, to), word.primary));
            let own = std::iter::once(word.clone());
            probes.extend(
                own.chain(others.map(|other| OwnWord::new(other, word.primary)))
                    .chain(glides)
                    .map(|word| Probe {
                        word,
                        stands_for: bit(at),
                        own: Some(at),
                    }),
            );
            for cut in 3..word.raw.len().saturating_sub(2) {
                let (one, other) = word.raw.split_at(cut);
                // What is left and right of an article in the middle (Abd al Rahman) is known by its longer end.
                let (one, other) = (self.known(one), self.known(other));
                let both = one.is_some() && other.is_some();
                let long = |half: &u32| both || self.raw.get(*half as usize).len() >= 5;
                halves.extend(
                    [one, other]
                        .into_iter()
                        .flatten()
                        .filter(long)
                        .map(|half| (half, bit(at))),
                );
            }
        }
        for count in 2..=3_usize {
            for (at, run) in own.windows(count).enumerate() {
                let stands_for = (at..at + count).map(bit).fold(0, |all, bit| all | bit);
                let parts: Vec<&[u8]> = run.iter().map(|word| word.raw.as_slice()).collect();
                let joined = parts.concat();
                if stands_for > 0 && joined.len() >= 4 {
                    probes.push(Probe {
                        word: OwnWord::new(&joined, run[0].primary),
                        stands_for,
                        own: None,
                    });
                }
            }
        }
        (probes, halves)
    }

    fn known(&self, word: &[u8]) -> Option<u32> {
        let (mut low, mut high) = (0, self.raw.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.raw.get(middle).cmp(word) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return u32::try_from(middle).ok(),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The list's words near `word` that are like `judge`, each once. With `cut`, also those that only begin like it.
    fn similar(&self, word: &OwnWord, judge: &OwnWord, cut: bool) -> Vec<(u32, u16)> {
        let (sought, judge) = (word.word(), judge.word());
        let mut shared = vec![0_u8; self.raw.len()];
        let mut wanted = 0_u8;
        for pair in pairs(sought.folded) {
            wanted = wanted.saturating_add(1);
            for id in self.by_pair.of(pair) {
                let count = &mut shared[*id as usize];
                *count = count.saturating_add(1);
            }
        }
        // An exchanged, missing or added letter costs two pairs. Words of which more than three letters in ten are wrong are
        // not alike, unless they are so by their bones.
        let length = sought.folded.len();
        let wrong = u8::try_from((length * 3 + 2) / 10)
            .unwrap_or(u8::MAX)
            .max(1);
        let least = wanted.saturating_sub(wrong.saturating_mul(2)).max(1);
        let boned = self
            .by_bones
            .partition_point(|id| self.bones.get(*id as usize) < sought.bones);
        let same_bones = self.by_bones[boned..]
            .iter()
            .copied()
            .take_while(|id| self.bones.get(*id as usize) == sought.bones);
        let mut found: Vec<(u32, u16)> = Vec::new();
        let mut take = |id: u32| {
            let theirs = self.word(id);
            let mut alike = words_alike(judge, theirs);
            if cut && judge.raw.len() >= 2 && theirs.raw.starts_with(judge.raw) {
                alike = alike.max(950);
            }
            if alike >= LEAST {
                found.push((id, alike));
            }
        };
        for id in same_bones {
            shared[id as usize] = 0;
            take(id);
        }
        let near = |id: u32| self.folded.get(id as usize).len().abs_diff(length) <= length / 2;
        for (id, count) in (0_u32..).zip(&shared) {
            if *count >= least && (cut || near(id)) {
                take(id);
            }
        }
        found
    }
}

/// Entries of which something was found. Most have nothing, so eight are passed over at a time.
fn found(seen: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let (eights, rest) = seen.as_chunks::<8>();
    let last = eights.len() * 8;
    eights
        .iter()
        .enumerate()
        .filter(|(_, eight)| u64::from_ne_bytes(**eight) != 0)
        .flat_map(|(at, eight)| (at * 8..).zip(eight.iter().copied()))
        .chain((last..).zip(rest.iter().copied()))
        .filter(|(_, found)| *found > 0)
}

/// The places of the words by which a name is looked for: those that are no particles, at most eight, the longest first.
fn telling(words: &[Word<'_>]) -> Vec<usize> {
    let mut telling: Vec<usize> = (0..words.len())
        .filter(|at| !is_particle(words[*at].raw))
        .collect();
    if telling.is_empty() {
        telling = (0..words.len()).collect();
    }
    telling.sort_by_key(|at| std::cmp::Reverse(words[*at].raw.len()));
    telling.truncate(8);
    telling
}
