//! Bytes like the seeds, and spoilt. The same number always gives the same bytes.

/// What breaks parsers more often than chance finds it.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f",
    b"\x80",
    b"\r\n",
    b"\n",
    b"<<",
    b"-1",
    b"0",
    b"65535",
    b"65536",
    b"4294967296",
    b"18446744073709551616",
    b"1e999",
    b"[[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"'''",
    b"=",
    b"null",
    b"[]",
    b"\xe2\x80\xae",
    b"\xf0\x9f\xa6\x80",
    b"\x9f",
    b"\xbf",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"SKD1:",
    b"9999-12-31",
    b"inf",
    b"nan",
];

pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(turn: u64) -> Self {
        Self(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5e41_5e41)
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`, which is at least 1.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    /// A stretch of `bytes`, mostly a short one.
    fn stretch(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let longest = if self.below(4) == 0 { bytes.len() } else { 8 };
        let length = self.below(longest + 1).min(bytes.len() - from);
        from..from + length
    }

    pub(crate) fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            self.once(&mut bytes, seeds);
        }
        bytes
    }

    fn once(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        match self.below(9) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            2 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            // Another letter or digit of the same text keeps it closer to what the door expects.
            3 if at < bytes.len() => bytes[at] = bytes[self.below(bytes.len())],
            4 => drop(bytes.drain(self.stretch(bytes))),
            5 => {
                let again = bytes[self.stretch(bytes)].to_vec();
                bytes.splice(at..at, again);
            }
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let part = other[self.stretch(other)].to_vec();
                let replaced = self.stretch(bytes);
                bytes.splice(replaced, part);
            }
            7 => bytes.truncate(at),
            _ => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
}
