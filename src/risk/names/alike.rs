//! How alike two names are, per mille: their words laid side by side, in whatever order they stand.

use super::sound::{folded, skeleton};
use rapidfuzz::distance::osa;

/// A word of a name with what it sounds like.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) raw: &'a [u8],
    pub(super) folded: &'a [u8],
    pub(super) bones: &'a [u8],
    pub(super) primary: bool,
}

/// A word with its own copy of it all.
#[derive(Clone)]
pub(super) struct OwnWord {
    pub(super) raw: Vec<u8>,
    folded: Vec<u8>,
    bones: Vec<u8>,
    pub(super) primary: bool,
}

impl OwnWord {
    pub(super) fn new(raw: &[u8], primary: bool) -> Self {
        let folded = folded(raw);
        Self {
            raw: raw.to_vec(),
            bones: skeleton(&folded),
            folded,
            primary,
        }
    }

    pub(super) fn word(&self) -> Word<'_> {
        Word {
            raw: &self.raw,
            folded: &self.folded,
            bones: &self.bones,
            primary: self.primary,
        }
    }
}

/// Words that many names have and few documents spell alike: articles, and what stands for son or daughter of.
const PARTICLES: &[&[u8]] = &[
    b"AL", b"EL", b"UL", b"BIN", b"BEN", b"IBN", b"BINT", b"BTE", b"VAN", b"VON", b"DER", b"DEN",
    b"DE", b"DA", b"DO", b"DOS", b"DAS", b"DI", b"DEL", b"DELLA", b"LA", b"LE", b"DU", b"ZU",
    b"TER", b"TEN", b"Y", b"E", b"AS", b"AD", b"AR", b"AZ", b"ASH", b"ABD",
];

pub(super) fn is_particle(word: &[u8]) -> bool {
    PARTICLES.contains(&word)
}

/// Two words less alike than this have nothing in common.
pub(super) const LEAST: u16 = 600;

/// How alike two words are.
pub(super) fn words_alike(one: Word<'_>, other: Word<'_>) -> u16 {
    if one.raw == other.raw {
        return 1000;
    }
    if one.folded == other.folded {
        return 950;
    }
    if one.raw.len() == 1 || other.raw.len() == 1 {
        // An initial stands for every name that begins with it.
        return if one.raw.first() == other.raw.first() {
            700
        } else {
            0
        };
    }
    let spelt = closeness(one.raw, other.raw);
    let sounding = scaled(closeness(one.folded, other.folded), 960);
    let bones = if one.bones == other.bones {
        match one.bones.len() {
            0..=1 => 0,
            2 => 700,
            3 => 780,
            _ => 840,
        }
    } else if one.bones.len() >= 4 && other.bones.len() >= 4 {
        scaled(closeness(one.bones, other.bones), 850)
    } else {
        0
    };
    let mixed = if bones > 0 {
        // Consonants agree and vowels nearly do.
        (u32::from(bones) + u32::from(sounding.max(spelt))) / 2
    } else {
        0
    };
    spelt
        .max(sounding)
        .max(bones.min(u16::try_from(mixed + 60).unwrap_or(bones)))
}

fn closeness(one: &[u8], other: &[u8]) -> u16 {
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 0;
    }
    let distance = osa::distance(one.iter().copied(), other.iter().copied());
    let per_mille = 1000 - 1000 * distance.min(longest) / longest;
    u16::try_from(per_mille).unwrap_or(0)
}

fn scaled(value: u16, per_mille: u32) -> u16 {
    u16::try_from(u32::from(value) * per_mille / 1000).unwrap_or(u16::MAX)
}

struct Link {
    gain: u32,
    ours: u32,
    theirs: u32,
}

/// How alike two names are. `pair` tells how alike word `i` of ours and word `j` of theirs are. A truncated name's last word may
/// go on, and words may follow it.
pub(super) fn names_alike(
    ours: &[Word<'_>],
    theirs: &[Word<'_>],
    truncated: bool,
    pair: impl Fn(usize, usize) -> u16,
) -> u16 {
    let (our_weights, their_weights) = (weights(ours), weights(theirs));
    let mut links = Vec::with_capacity(ours.len() * 2);
    let weight = |of: &[u32], mask: u32| -> u32 {
        of.iter()
            .enumerate()
            .filter(|(at, _)| mask >> at & 1 == 1)
            .map(|(_, weight)| weight)
            .sum()
    };
    let mut link = |ours: u32, theirs: u32, alike: u16| {
        if alike >= LEAST {
            let both = weight(&our_weights, ours) + weight(&their_weights, theirs);
            links.push(Link {
                gain: both * u32::from(alike) / 2,
                ours,
                theirs,
            });
        }
    };
    for (i, our) in ours.iter().enumerate() {
        for (j, their) in theirs.iter().enumerate() {
            let mut alike = pair(i, j);
            // A name of which more may be missing, or whose end the zone cut off.
            let cut = truncated && i + 1 == ours.len() && our.raw.len() >= 2;
            if cut && their.raw.starts_with(our.raw) {
                alike = alike.max(950);
            }
            if our.primary != their.primary {
                alike = alike.saturating_sub(20);
            }
            link(1 << i, 1 << j, alike);
        }
    }
    join(ours, theirs, &mut |i, j, alike| {
        link(0b11 << i, 1 << j, alike)
    });
    join(theirs, ours, &mut |j, i, alike| {
        link(1 << i, 0b11 << j, alike)
    });
    links.sort_unstable_by(|one, other| {
        other
            .gain
            .cmp(&one.gain)
            .then((one.ours, one.theirs).cmp(&(other.ours, other.theirs)))
    });

    let (mut our_seen, mut their_seen, mut gained) = (0_u32, 0_u32, 0_u32);
    for link in &links {
        if our_seen & link.ours == 0 && their_seen & link.theirs == 0 {
            our_seen |= link.ours;
            their_seen |= link.theirs;
            gained += link.gain;
        }
    }
    let our_total: u32 = our_weights.iter().sum();
    let mut their_total: u32 = their_weights.iter().sum();
    if truncated {
        // What the zone had no room for cannot be missed.
        their_total = their_total.min(weight(&their_weights, their_seen).max(our_total));
    }
    if our_total == 0 || their_total == 0 {
        return 0;
    }
    let whole = 2 * gained / (our_total + their_total);
    let part = gained / our_total.min(their_total);
    let alike = (whole * 55 + part.min(1000) * 45) / 100;
    let one_word = our_seen.count_ones() < 2 && their_seen.count_ones() < 2;
    let alike = if one_word && ours.len() > 1 && theirs.len() > 1 {
        alike.min(500)
    } else {
        alike
    };
    u16::try_from(alike.min(1000)).unwrap_or(1000)
}

/// Two words of one name that the other writes as one: Abdul Rahman, Abdulrahman.
fn join(two: &[Word<'_>], one: &[Word<'_>], found: &mut impl FnMut(usize, usize, u16)) {
    for i in 0..two.len().saturating_sub(1) {
        let length = two[i].raw.len() + two[i + 1].raw.len();
        for (j, word) in one.iter().enumerate() {
            if length.abs_diff(word.raw.len()) > 2 || length < 4 {
                continue;
            }
            let joined = [two[i].raw, two[i + 1].raw].concat();
            let joined = OwnWord::new(&joined, two[i].primary);
            found(i, j, words_alike(joined.word(), *word));
        }
    }
}

/// Longer words tell more; particles tell little beside two words that are none.
fn weights(words: &[Word<'_>]) -> Vec<u32> {
    let telling = words.iter().filter(|word| !is_particle(word.raw)).count();
    words
        .iter()
        .map(|word| {
            if telling >= 2 && is_particle(word.raw) {
                1
            } else {
                3 + u32::try_from(word.raw.len().min(8)).unwrap_or(8)
            }
        })
        .collect()
}
