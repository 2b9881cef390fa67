//! The Reed-Solomon code of QR symbols (ISO/IEC 18004, annex B: GF(256) over 0x11D, first root 1), with erasures.
//!
//! Decoders that know only right and wrong give up half of the code's strength: a codeword that is known to be doubtful costs one
//! check symbol, an unknown wrong one costs two.

/// Powers and logarithms of the field's generator 2.
struct Field {
    power: [u8; 512],
    log: [u8; 256],
}

static FIELD: Field = field();

const fn field() -> Field {
    let mut power = [0; 512];
    let mut log = [0; 256];
    let mut value: usize = 1;
    let mut exponent = 0;
    while exponent < 255 {
        power[exponent] = value as u8;
        power[exponent + 255] = value as u8;
        log[value] = exponent as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11D;
        }
        exponent += 1;
    }
    Field { power, log }
}

/// The generator to a power below 510.
#[inline]
pub(super) fn power(exponent: usize) -> u8 {
    FIELD.power[exponent]
}

#[inline]
fn times(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    FIELD.power[usize::from(FIELD.log[usize::from(a)]) + usize::from(FIELD.log[usize::from(b)])]
}

#[inline]
fn inverse(a: u8) -> u8 {
    FIELD.power[255 - usize::from(FIELD.log[usize::from(a)])]
}

/// The value of a polynomial, lowest coefficient first, at `x`.
fn at(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, &c| times(sum, x) ^ c)
}

/// Corrects a block in place: data codewords first, then check codewords. `syndromes` are the block's, one for each check codeword,
/// and `doubtful` the indices of codewords that may be wrong. `spare` check symbols are left unspent, so that a block of chance fits only
/// once in 256 to its power. Returns how many codewords were changed, or none when the block is beyond repair (it is then as it was).
pub(super) fn correct(
    block: &mut [u8],
    syndromes: &[u8],
    doubtful: &[usize],
    spare: usize,
) -> Option<usize> {
    let (length, checks) = (block.len(), syndromes.len());
    if length > 255 || checks > length || doubtful.len() + spare > checks {
        return None;
    }
    if syndromes.iter().all(|&s| s == 0) {
        return Some(0);
    }
    // Erasures first: their locator starts the search for the errors' one.
    let mut locator = vec![1u8];
    for &index in doubtful {
        let root = FIELD.power[length - 1 - index];
        locator.push(0);
        for i in (1..locator.len()).rev() {
            locator[i] ^= times(locator[i - 1], root);
        }
    }
    let mut previous = locator.clone();
    let mut errors = doubtful.len();
    for step in doubtful.len()..checks {
        let discrepancy = (0..locator.len().min(step + 1))
            .fold(0, |sum, i| sum ^ times(locator[i], syndromes[step - i]));
        previous.insert(0, 0);
        if discrepancy == 0 {
            continue;
        }
        let grown = 2 * errors <= step + doubtful.len();
        let mut next = locator.clone();
        next.resize(next.len().max(previous.len()), 0);
        for (n, &p) in next.iter_mut().zip(&previous) {
            *n ^= times(discrepancy, p);
        }
        if grown {
            errors = step + 1 + doubtful.len() - errors;
            let part = inverse(discrepancy);
            previous = locator.iter().map(|&c| times(c, part)).collect();
        }
        locator = next;
    }
    while locator.last() == Some(&0) {
        locator.pop();
    }
    let wrong = locator.len() - 1;
    if 2 * wrong > checks + doubtful.len() - spare {
        return None;
    }
    let mut evaluator = vec![0u8; checks];
    for (i, &l) in locator.iter().enumerate() {
        for (j, &s) in syndromes.iter().enumerate().take(checks - i.min(checks)) {
            evaluator[i + j] ^= times(l, s);
        }
    }
    let mut fixes = Vec::with_capacity(wrong);
    for index in 0..length {
        let exponent = length - 1 - index;
        let x = FIELD.power[(255 - exponent) % 255];
        if at(&locator, x) != 0 {
            continue;
        }
        // The formal derivative keeps the odd terms.
        let slope = locator
            .iter()
            .skip(1)
            .step_by(2)
            .rev()
            .fold(0, |sum, &c| times(sum, times(x, x)) ^ c);
        if slope == 0 {
            return None;
        }
        let size = times(
            times(at(&evaluator, x), inverse(slope)),
            FIELD.power[exponent],
        );
        fixes.push((index, size));
    }
    if fixes.len() != wrong {
        return None;
    }
    for &(index, size) in &fixes {
        block[index] ^= size;
    }
    if self::syndromes(block, checks).iter().any(|&s| s != 0) {
        for &(index, size) in &fixes {
            block[index] ^= size;
        }
        return None;
    }
    Some(fixes.iter().filter(|(_, size)| *size != 0).count())
}

/// What each check codeword says of a block: all zero where nothing is wrong.
pub(super) fn syndromes(block: &[u8], checks: usize) -> Vec<u8> {
    (0..checks)
        .map(|i| {
            let x = FIELD.power[i];
            block.iter().fold(0, |sum, &c| times(sum, x) ^ c)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn correct(block: &mut [u8], checks: usize, doubtful: &[usize], spare: usize) -> Option<usize> {
        let syndromes = syndromes(block, checks);
        super::correct(block, &syndromes, doubtful, spare)
    }

    /// Appends check codewords by long division, as an encoder does.
    fn encoded(data: &[u8], checks: usize) -> Vec<u8> {
        let mut generator = vec![1u8];
        for i in 0..checks {
            generator.push(0);
            for j in (1..generator.len()).rev() {
                generator[j] ^= times(generator[j - 1], FIELD.power[i]);
            }
        }
        let mut rest = data.to_vec();
        rest.resize(data.len() + checks, 0);
        for i in 0..data.len() {
            let lead = rest[i];
            for (j, &g) in generator.iter().enumerate() {
                rest[i + j] ^= times(g, lead);
            }
        }
        let mut block = data.to_vec();
        block.extend_from_slice(&rest[data.len()..]);
        block
    }

    #[test]
    fn the_standards_example_has_its_check_codewords() {
        // ISO/IEC 18004:2015, annex I: "01234567" as version 1-M.
        let data = [
            0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11,
            0xEC, 0x11,
        ];
        let checks = [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55];
        assert_eq!(encoded(&data, 10)[16..], checks);
    }

    proptest! {
        #[test]
        fn what_the_code_can_carry_is_corrected(
            data in proptest::collection::vec(any::<u8>(), 9..60),
            checks in 7usize..30,
            seed in any::<u64>(),
            share in 0usize..100,
        ) {
            let whole = encoded(&data, checks);
            let mut order: Vec<usize> = (0..whole.len()).collect();
            let mut state = seed | 1;
            let mut chance = move || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as usize
            };
            for i in (1..order.len()).rev() {
                order.swap(i, chance() % (i + 1));
            }
            let erased = checks * share / 100;
            let errors = ((checks - erased) / 2).min(whole.len() - erased);
            let mut block = whole.clone();
            for &index in &order[..erased + errors] {
                block[index] ^= (chance() % 255 + 1) as u8;
            }
            let fixed = correct(&mut block, checks, &order[..erased], 0);
            prop_assert_eq!(fixed, Some(erased + errors));
            prop_assert_eq!(&block, &whole);

            // One error more than the spare symbols allow is refused, and leaves the block alone.
            if errors > 0 {
                for &index in &order[..erased + errors] {
                    block[index] ^= (chance() % 255 + 1) as u8;
                }
                let before = block.clone();
                if correct(&mut block, checks, &order[..erased], 2).is_none() {
                    prop_assert_eq!(&block, &before);
                } else {
                    prop_assert!(block.iter().zip(&before).filter(|(a, b)| a != b).count() < erased + errors + 1);
                }
            }
        }

        #[test]
        fn chance_is_not_a_codeword(block in proptest::collection::vec(any::<u8>(), 40), doubt in 0usize..10) {
            let mut changed = block.clone();
            let doubtful: Vec<usize> = (0..doubt).collect();
            // 16 checks, two spare, at most seven errors: one in a hundred million by chance.
            prop_assert_eq!(correct(&mut changed, 16, &doubtful, 4), None);
            prop_assert_eq!(changed, block);
        }
    }
}
