//! Blocks corrected from how surely each bit is known: ordered statistics decoding (Fossorier and Lin, 1995), on the bits of the
//! Reed-Solomon code.
//!
//! Algebra counts codewords, and a codeword with one wrong bit of eight is as wrong as any. Seen as a code of bits, the surest ones of a
//! block say what all others must be: those that are wrong are mostly among the others, and come out right by themselves. One or two of the
//! surest may be supposed wrong. A guess is believed when it agrees with nearly all that was seen of the others, as chance never does.

use rten_simd::{Isa, SimdOp};

use super::reed_solomon::power;

/// No block of a symbol has more check codewords (ISO/IEC 18004, table 9).
const MOST_CHECKS: usize = 30;
const WORDS: usize = (8 * MOST_CHECKS).div_ceil(64);
/// How many of the surest bits, the least sure first, may be wrong together.
#[derive(Clone, Copy)]
pub(super) struct Depth {
    /// Any two of so many, ...
    two: usize,
    /// ... and any three of so many.
    three: usize,
    /// What an attempt costs, in samples for each check codeword and codeword.
    cost: usize,
}

impl Depth {
    /// For a symbol of which little is known.
    pub(super) const PLAIN: Self = Self {
        two: 200,
        three: 48,
        cost: 15,
    };
    /// For the last blocks of one.
    pub(super) const DEEP: Self = Self {
        two: 400,
        three: 110,
        cost: 45,
    };

    /// What an attempt at a block costs, in samples.
    pub(super) const fn cost(self, length: usize, checks: usize) -> usize {
        length * checks * self.cost
    }
}

/// What one bit of a block adds to its check bits.
type Column = [u64; WORDS];

#[inline(always)]
fn sum(a: &Column, b: &Column) -> Column {
    std::array::from_fn(|w| a[w] ^ b[w])
}

#[inline(always)]
fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Whether no more bits are set than that. The first half mostly tells.
#[inline(always)]
fn are_few(column: &Column, most: usize) -> bool {
    let (first, rest) = column.split_at(WORDS / 2);
    let some = ones(first);
    some <= most && some + ones(rest) <= most
}

/// Of so many bits that chance would get wrong by half, that few are never wrong: eight standard deviations less.
fn believable(bits: usize) -> usize {
    (bits as f32 / 2.0 - 4.0 * (bits as f32).sqrt()).max(0.0) as usize
}

/// Corrects a block in place: data codewords first, then check codewords, `sure` telling of each bit, highest first, how surely it is known.
/// Returns how many bits were changed, or none when nothing believable was found.
pub(super) fn corrected(
    block: &mut [u8],
    checks: usize,
    sure: &[f32],
    depth: Depth,
) -> Option<usize> {
    Attempt {
        block,
        checks,
        sure,
        depth,
    }
    .dispatch()
}

/// The work, compiled for every width of register that the machine may have; all give the same.
struct Attempt<'a> {
    block: &'a mut [u8],
    checks: usize,
    sure: &'a [f32],
    depth: Depth,
}

impl SimdOp for Attempt<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) -> Option<usize> {
        attempted(self.block, self.checks, self.sure, self.depth)
    }
}

#[inline(always)]
fn attempted(block: &mut [u8], checks: usize, sure: &[f32], depth: Depth) -> Option<usize> {
    let length = block.len();
    if length > 255 || checks > MOST_CHECKS || checks >= length || sure.len() != 8 * length {
        return None;
    }
    let mut order: Vec<usize> = (0..8 * length).collect();
    order.sort_by(|&a, &b| sure[a].total_cmp(&sure[b]));
    let mut columns: Vec<Column> = order
        .iter()
        .map(|&bit| column(length - 1 - bit / 8, 7 - bit % 8, checks))
        .collect();
    let determined = reduced(&mut columns, 8 * checks)?;
    let is_one = |&bit: &usize| block[bit / 8] >> (7 - bit % 8) & 1 == 1;
    let seen = order
        .iter()
        .zip(&columns)
        .filter(|(bit, _)| is_one(bit))
        .fold([0; WORDS], |all, (_, column)| sum(&all, column));
    let mut is_determined = vec![false; columns.len()];
    for &at in &determined {
        is_determined[at] = true;
    }
    let surest: Vec<usize> = (0..columns.len())
        .filter(|&at| !is_determined[at])
        .collect();
    let (flipped, mut wrong) = likely(&columns, &surest, &seen, believable(8 * checks), depth)?;
    let mut changed = 0;
    let mut turn = |at: usize| {
        let bit = order[at];
        block[bit / 8] ^= 1 << (7 - bit % 8);
        changed += 1;
    };
    flipped.into_iter().flatten().for_each(&mut turn);
    for (word, bits) in wrong.iter_mut().enumerate() {
        while *bits != 0 {
            turn(determined[64 * word + bits.trailing_zeros() as usize]);
            *bits &= *bits - 1;
        }
    }
    Some(changed)
}

/// The syndrome of a single bit of the codeword that stands before so many others.
fn column(after: usize, bit: usize, checks: usize) -> Column {
    let mut column = [0; WORDS];
    let mut exponent = 0;
    for check in 0..checks {
        column[check / 8] |= u64::from(power(exponent + bit)) << (8 * (check % 8));
        exponent += after;
        if exponent >= 255 {
            exponent -= 255;
        }
    }
    column
}

/// Solves the check equations for the first bits that they determine: afterwards each of these stands in one equation alone. Returns which one
/// each equation determines.
#[inline(always)]
fn reduced(columns: &mut [Column], equations: usize) -> Option<Vec<usize>> {
    let mut determined = vec![usize::MAX; equations];
    let mut free: Column =
        std::array::from_fn(|w| match equations.saturating_sub(64 * w).min(64) {
            0 => 0,
            bits => u64::MAX >> (64 - bits),
        });
    let mut left = equations;
    for at in 0..columns.len() {
        if left == 0 {
            break;
        }
        let candidate = columns[at];
        let Some(word) = (0..WORDS).find(|&w| candidate[w] & free[w] != 0) else {
            continue;
        };
        let bit = (candidate[word] & free[word]).trailing_zeros();
        free[word] &= !(1 << bit);
        determined[64 * word + bit as usize] = at;
        left -= 1;
        let mut rest = candidate;
        rest[word] &= !(1 << bit);
        // Those before are determined already, or else depend on bits that are: neither has it.
        let rest_of = &mut columns[at..];
        match word {
            0 => cleared::<0>(rest_of, &rest, bit),
            1 => cleared::<1>(rest_of, &rest, bit),
            2 => cleared::<2>(rest_of, &rest, bit),
            _ => cleared::<3>(rest_of, &rest, bit),
        }
    }
    (left == 0).then_some(determined)
}

/// Takes the rest of an equation off all columns that have its bit.
#[inline(always)]
fn cleared<const WORD: usize>(columns: &mut [Column], rest: &Column, bit: u32) {
    for column in columns {
        let has = ((column[WORD] << (63 - bit)) as i64 >> 63) as u64;
        *column = std::array::from_fn(|w| column[w] ^ rest[w] & has);
    }
}

/// Which of the surest bits to suppose wrong so that at most so many of the determined ones are, and which these are.
#[inline(always)]
fn likely(
    columns: &[Column],
    surest: &[usize],
    seen: &Column,
    most: usize,
    depth: Depth,
) -> Option<([Option<usize>; 3], Column)> {
    if are_few(seen, most) {
        return Some(([None; 3], *seen));
    }
    for &one in surest {
        let wrong = sum(seen, &columns[one]);
        if are_few(&wrong, most) {
            return Some(([Some(one), None, None], wrong));
        }
    }
    let two = &surest[..surest.len().min(depth.two)];
    for (i, &one) in two.iter().enumerate() {
        let once = sum(seen, &columns[one]);
        for (j, &other) in two[..i].iter().enumerate() {
            let twice = sum(&once, &columns[other]);
            if are_few(&twice, most) {
                return Some(([Some(one), Some(other), None], twice));
            }
            if i >= depth.three {
                continue;
            }
            for &third in &two[..j] {
                let wrong = sum(&twice, &columns[third]);
                if are_few(&wrong, most) {
                    return Some(([Some(one), Some(other), Some(third)], wrong));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::super::reed_solomon::{self, syndromes};
    use super::*;

    /// A block of a version 19 symbol at level M.
    const LENGTH: usize = 71;
    const CHECKS: usize = 26;

    /// Numbers between 0 and 1, the same every time.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> f32 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 40) as f32 / (1u64 << 24) as f32
        }

        /// About zero, with a spread of one.
        fn noise(&mut self) -> f32 {
            (0..12).map(|_| self.next()).sum::<f32>() - 6.0
        }
    }

    /// A right block: what is left of any data when its check codewords are taken as lost and filled in.
    fn right(data: impl Fn(usize) -> u8) -> Vec<u8> {
        let mut block: Vec<u8> = (0..LENGTH)
            .map(|i| if i < LENGTH - CHECKS { data(i) } else { 0 })
            .collect();
        let lost: Vec<usize> = (LENGTH - CHECKS..LENGTH).collect();
        let unlike = syndromes(&block, CHECKS);
        reed_solomon::correct(&mut block, &unlike, &lost, 0).unwrap();
        block
    }

    /// What is seen of a block through noise: its bits as they seem, and how sure they seem.
    fn seen(block: &[u8], noise: f32, chance: &mut Chance) -> (Vec<u8>, Vec<f32>) {
        let mut bytes = vec![0; block.len()];
        let mut sure = Vec::new();
        for bit in 0..8 * block.len() {
            let one = block[bit / 8] >> (7 - bit % 8) & 1 == 1;
            let value = if one { 1.0 } else { -1.0 } + noise * chance.noise();
            bytes[bit / 8] |= u8::from(value > 0.0) << (7 - bit % 8);
            sure.push(value.abs());
        }
        (bytes, sure)
    }

    #[test]
    fn blocks_with_far_more_wrong_codewords_than_algebra_corrects_are_corrected() {
        let mut chance = Chance(7);
        let block = right(|i| (i * 37 + 11) as u8);
        assert!(syndromes(&block, CHECKS).iter().all(|&s| s == 0));
        let (mut corrected_ones, mut beyond) = (0, 0);
        for _ in 0..50 {
            // One bit in twenty is wrong, and so one codeword in three.
            let (mut read, sure) = seen(&block, 0.6, &mut chance);
            let wrong = read.iter().zip(&block).filter(|(a, b)| a != b).count();
            beyond += u32::from(wrong > CHECKS / 2);
            if corrected(&mut read, CHECKS, &sure, Depth::PLAIN).is_some() {
                assert_eq!(read, block, "a false correction");
                corrected_ones += 1;
            }
        }
        assert!(beyond > 45, "{beyond} are beyond algebra");
        assert!(corrected_ones > 40, "{corrected_ones}");
    }

    #[test]
    fn deeper_is_better() {
        let block = right(|i| (i * 91) as u8);
        let count = |depth| {
            let mut chance = Chance(8);
            (0..40)
                .filter(|_| {
                    let (mut read, sure) = seen(&block, 0.72, &mut chance);
                    corrected(&mut read, CHECKS, &sure, depth).is_some() && read == block
                })
                .count()
        };
        let (plain, deep) = (count(Depth::PLAIN), count(Depth::DEEP));
        assert!(deep > plain && deep < 40, "{plain} {deep}");
    }

    #[test]
    fn blocks_of_chance_stay_as_they_are() {
        let mut chance = Chance(9);
        for (length, checks) in [(LENGTH, CHECKS), (26, 10), (44, 18), (26, 7), (153, 30)] {
            for _ in 0..20 {
                let before: Vec<u8> = (0..length).map(|_| (255.0 * chance.next()) as u8).collect();
                let sure: Vec<f32> = (0..8 * length).map(|_| chance.next()).collect();
                let mut block = before.clone();
                assert_eq!(corrected(&mut block, checks, &sure, Depth::DEEP), None);
                assert_eq!(block, before);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_corrected_is_right_and_nothing_panics(
            bytes in prop::collection::vec(any::<u8>(), 0..160),
            checks in 0usize..40,
            odd in any::<u32>(),
        ) {
            let mut block = bytes.clone();
            let mut chance = Chance(u64::from(odd));
            let mut sure: Vec<f32> = (0..8 * block.len()).map(|_| chance.next()).collect();
            if let Some(first) = sure.first_mut() {
                *first = if odd % 3 == 0 { f32::NAN } else { f32::INFINITY };
            }
            match corrected(&mut block, checks, &sure, Depth::PLAIN) {
                Some(_) => prop_assert!(syndromes(&block, checks).iter().all(|&s| s == 0)),
                None => prop_assert_eq!(block, bytes),
            }
        }
    }
}
