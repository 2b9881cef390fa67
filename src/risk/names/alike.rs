//! How alike two names are, per mille: their words laid side by side, in whatever order they stand.

use super::sound::{as_kana, folded, skeleton};
use rapidfuzz::distance::osa;

/// A word of a name with what it sounds like.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) raw: &'a [u8],
    pub(super) folded: &'a [u8],
    pub(super) bones: &'a [u8],
    /// As it sounds in Japanese; empty where it cannot be that.
    pub(super) kana: &'a [u8],
    pub(super) primary: bool,
}

/// A word with its own copy of it all.
#[derive(Clone)]
pub(super) struct OwnWord {
    pub(super) raw: Vec<u8>,
    folded: Vec<u8>,
    bones: Vec<u8>,
    kana: Vec<u8>,
    pub(super) primary: bool,
}

impl OwnWord {
    pub(super) fn new(raw: &[u8], primary: bool) -> Self {
        let folded = folded(raw);
        Self {
            raw: raw.to_vec(),
            bones: skeleton(&folded),
            kana: as_kana(raw).unwrap_or_default(),
            folded,
            primary,
        }
    }

    pub(super) fn word(&self) -> Word<'_> {
        Word {
            raw: &self.raw,
            folded: &self.folded,
            bones: &self.bones,
            kana: &self.kana,
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

/// The most frequent Korean surnames in the spellings that are found beside each other and that no rule of sound joins.
pub(super) const SPELLINGS: &[&[&[u8]]] = &[
    &[b"LEE", b"YI", b"RHEE", b"RI", b"RIE"],
    &[b"PARK", b"PAK", b"BAK"],
    &[b"KIM", b"GIM"],
    &[b"CHOI", b"CHOE"],
    &[b"JUNG", b"JEONG", b"CHUNG", b"CHONG"],
    &[b"KANG", b"GANG"],
    &[b"CHO", b"JO"],
    &[b"YOON", b"YUN"],
    &[b"LIM", b"IM", b"RIM"],
    &[b"SHIN", b"SIN"],
    &[b"RYU", b"YOO", b"YU", b"RYOO"],
    &[b"NOH", b"ROH", b"NO"],
    &[b"KWON", b"GWON"],
    &[b"KOO", b"KU", b"GU"],
    &[b"MOON", b"MUN"],
];

fn are_one_name(one: &[u8], other: &[u8]) -> bool {
    SPELLINGS
        .iter()
        .any(|spellings| spellings.contains(&one) && spellings.contains(&other))
}

/// Two words less alike than this have nothing in common.
pub(super) const LEAST: u16 = 600;

/// How alike two words are.
pub(super) fn words_alike(one: Word<'_>, other: Word<'_>) -> u16 {
    if one.raw == other.raw {
        return 1000;
    }
    if one.folded == other.folded || are_one_name(one.raw, other.raw) {
        return if one.folded.len() >= 5 { 950 } else { 900 };
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
    let near = nearness(one.folded, other.folded);
    let mut sounding = scaled(near, 960);
    // The J of German and Polish spellings is the Y of others.
    if near >= 300 && one.raw.contains(&b'J') != other.raw.contains(&b'J') {
        let y = |word: &[u8]| -> Vec<u8> {
            let y = |letter: &u8| if *letter == b'J' { b'Y' } else { *letter };
            folded(&word.iter().map(y).collect::<Vec<u8>>())
        };
        sounding = sounding.max(scaled(nearness(&y(one.raw), &y(other.raw)), 940));
    }
    if !one.kana.is_empty() && !other.kana.is_empty() {
        let kana = if one.kana == other.kana {
            920
        } else {
            scaled(nearness(one.kana, other.kana), 900)
        };
        sounding = sounding.max(kana);
    }
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
    // One letter of four makes another name, one of eight a mistake.
    let per_mille = 1000_usize.saturating_sub(1250 * distance / longest);
    u16::try_from(per_mille).unwrap_or(0)
}

/// As [`closeness`], of two words as they sound: within a word one vowel for another, or a vowel more or less, tells less than
/// a consonant does. At the end it tells as much: Yuki is not Yuko.
fn nearness(one: &[u8], other: &[u8]) -> u16 {
    const LETTER: usize = 10;
    const VOWEL: usize = 6;
    const LONGEST: usize = 63;
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 0;
    }
    let vowel = |letter: u8| matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U');
    let cost = |word: &[u8], at: usize| {
        if vowel(word[at]) && at + 1 < word.len() {
            VOWEL
        } else {
            LETTER
        }
    };
    // A word has at most 60 letters, a zone 39 of the whole name; what is beyond is as good as the end.
    let (one, other) = (
        &one[..one.len().min(LONGEST)],
        &other[..other.len().min(LONGEST)],
    );
    let mut above = [0_usize; LONGEST + 1];
    for at in 0..other.len() {
        above[at + 1] = above[at] + cost(other, at);
    }
    for (i, ours) in one.iter().enumerate() {
        let ours_alone = cost(one, i);
        let mut diagonal = above[0];
        above[0] += ours_alone;
        for (j, theirs) in other.iter().enumerate() {
            let theirs_alone = cost(other, j);
            let exchanged = if ours == theirs {
                0
            } else if vowel(*ours) && vowel(*theirs) {
                ours_alone.max(theirs_alone)
            } else {
                LETTER
            };
            let best = (diagonal + exchanged)
                .min(above[j + 1] + ours_alone)
                .min(above[j] + theirs_alone);
            diagonal = above[j + 1];
            above[j + 1] = best;
        }
    }
    let distance = above[other.len()];
    let per_mille = 1000_usize.saturating_sub(1250 * distance / (LETTER * longest));
    u16::try_from(per_mille).unwrap_or(0)
}

fn scaled(value: u16, per_mille: u32) -> u16 {
    u16::try_from(u32::from(value) * per_mille / 1000).unwrap_or(u16::MAX)
}

#[derive(Clone, Copy)]
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
    let link = |ours: u32, theirs: u32, alike: u16| Link {
        gain: (weighed(&our_weights, ours) + weighed(&their_weights, theirs)) * u32::from(alike)
            / 2,
        ours,
        theirs,
    };
    let mut links = Vec::with_capacity(ours.len() * 2);
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
            if alike >= LEAST {
                links.push(link(1 << i, 1 << j, alike));
            }
        }
    }
    let singles = taken(&mut links);
    let all = |words: &[Word<'_>]| (1_u32 << words.len()) - 1;
    if singles.ours == all(ours) && singles.theirs == all(theirs) {
        return share(&our_weights, &their_weights, singles, truncated);
    }
    joined(ours, theirs, |run, j, alike| {
        links.push(link(run, 1 << j, alike))
    });
    joined(theirs, ours, |run, i, alike| {
        links.push(link(1 << i, run, alike))
    });
    // Two words taken as one may stand in the way of better pairs, so both ways are tried.
    let best = singles.max(taken(&mut links));

    share(&our_weights, &their_weights, best, truncated)
}

/// What the words that were taken are of the whole of both names, and of the shorter one.
fn share(our_weights: &[u32], their_weights: &[u32], taken: Taken, truncated: bool) -> u16 {
    let our_total: u32 = our_weights.iter().sum();
    let mut their_total: u32 = their_weights.iter().sum();
    if truncated {
        // What the zone had no room for cannot be missed.
        their_total = their_total.min(weighed(their_weights, taken.theirs).max(our_total));
    }
    if our_total == 0 || their_total == 0 {
        return 0;
    }
    let whole = 2 * taken.gain / (our_total + their_total);
    let part = taken.gain / our_total.min(their_total);
    let alike = (whole * 55 + part.min(1000) * 45) / 100;
    let one_word = taken.ours.count_ones() < 2 && taken.theirs.count_ones() < 2;
    let alike = if one_word && our_weights.len() > 1 && their_weights.len() > 1 {
        alike.min(500)
    } else {
        alike
    };
    u16::try_from(alike.min(1000)).unwrap_or(1000)
}

fn weighed(weights: &[u32], mask: u32) -> u32 {
    weights
        .iter()
        .enumerate()
        .filter(|(at, _)| mask >> at & 1 == 1)
        .map(|(_, weight)| weight)
        .sum()
}

/// The links that are taken, the best first, no word twice: their gain, and the words that have one.
fn taken(links: &mut [Link]) -> Taken {
    links.sort_unstable_by(|one, other| {
        other
            .gain
            .cmp(&one.gain)
            .then((one.ours, one.theirs).cmp(&(other.ours, other.theirs)))
    });
    let mut taken = Taken {
        gain: 0,
        ours: 0,
        theirs: 0,
    };
    for link in links {
        if taken.ours & link.ours == 0 && taken.theirs & link.theirs == 0 {
            taken.ours |= link.ours;
            taken.theirs |= link.theirs;
            taken.gain += link.gain;
        }
    }
    taken
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    gain: u32,
    ours: u32,
    theirs: u32,
}

/// Two or three words of one name that the other writes as one: Abdul Rahman, Abdulrahman.
fn joined(several: &[Word<'_>], one: &[Word<'_>], mut found: impl FnMut(u32, usize, u16)) {
    /// Less alike, they are other words.
    const LEAST_JOINED: u16 = 700;
    for count in 2..=3_usize {
        for (i, run) in several.windows(count).enumerate() {
            let length: usize = run.iter().map(|word| word.raw.len()).sum();
            for (j, word) in one.iter().enumerate() {
                let longer = run.iter().all(|part| part.raw.len() < word.raw.len());
                let begins = run[0].bones.first() == word.bones.first();
                if length.abs_diff(word.raw.len()) > 2 || length < 4 || !longer || !begins {
                    continue;
                }
                let parts: Vec<&[u8]> = run.iter().map(|word| word.raw).collect();
                let joined = OwnWord::new(&parts.concat(), run[0].primary);
                let alike = words_alike(joined.word(), *word);
                if alike >= LEAST_JOINED {
                    found(((1 << count) - 1) << i, j, alike);
                }
            }
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
