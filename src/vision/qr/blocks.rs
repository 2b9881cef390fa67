//! From modules that are only more or less dark to text (ISO/IEC 18004): format, blocks, correction. What was read of a symbol in one frame is
//! kept for the next.

use rxing::qrcode::common::ErrorCorrectionLevel;
use rxing::qrcode::cpp_port::decoder::DecodeBitStream;
use rxing::qrcode::decoder::DataBlock;
use zeroize::{Zeroize, Zeroizing};

use super::effort::Effort;
use super::ordered::Depth;
use super::symbol::Layout;
use super::{ordered, reed_solomon};

/// What can be read of a symbol.
pub(super) enum Reading {
    /// All of it: what it says, and its modules.
    Text(String, Part),
    /// Some of its blocks, but not all.
    Part(Part),
    Nothing,
}

/// A symbol of which some blocks could be corrected.
#[derive(Clone)]
pub(super) struct Part {
    /// How many.
    pub(super) blocks: usize,
    /// Their modules and those that the standard fixes, row by row: 1 dark, -1 light, 0 unknown.
    pub(super) modules: Zeroizing<Vec<i8>>,
    /// What its format is, once a block was read by it.
    format: Option<Format>,
}

/// How a symbol's data are laid down.
#[derive(Clone, Copy, PartialEq)]
struct Format {
    level: ErrorCorrectionLevel,
    mask: u32,
}

impl Part {
    /// No block.
    pub(super) fn nothing(layout: &Layout) -> Self {
        Self {
            blocks: 0,
            modules: Zeroizing::new(layout.fixed.clone()),
            format: None,
        }
    }
}

/// So many blocks lost before one is corrected end the attempt.
const HOPELESS: usize = 4;

/// Where the codewords of a block stand in the stream, and how many of them, the first, are data.
struct Block {
    places: Vec<usize>,
    data: usize,
}

impl Layout {
    /// The text of a symbol whose modules are `dark` (above zero) or light, the further from zero the surer.
    #[cfg(test)]
    pub(super) fn text(&self, dark: &[f32]) -> Option<String> {
        match self.read(dark, &Part::nothing(self)) {
            Reading::Text(text, _) => Some(text),
            Reading::Part(_) | Reading::Nothing => None,
        }
    }

    /// What can be read of a symbol whose modules are `dark` (above zero) or light, the further from zero the surer. `known` is what was
    /// read before.
    pub(super) fn read(&self, dark: &[f32], known: &Part) -> Reading {
        self.decoded(dark, known, None).unwrap_or(Reading::Nothing)
    }

    /// The same with every doubtful block looked at bit by bit, as long as that can be paid.
    pub(super) fn read_closely(&self, dark: &[f32], known: &Part, effort: &mut Effort) -> Reading {
        self.decoded(dark, known, Some(effort))
            .unwrap_or(Reading::Nothing)
    }

    fn decoded(
        &self,
        dark: &[f32],
        known: &Part,
        mut closely: Option<&mut Effort>,
    ) -> Option<Reading> {
        let format = known.format.or_else(|| self.format(dark))?;
        let total = self.version.getTotalCodewords() as usize;
        let mut words = Zeroizing::new(vec![0u8; total]);
        let mut sure = vec![[0.0f32; 8]; total];
        for (bit, index, masked) in self.bits(format.mask) {
            words[bit / 8] |= u8::from((dark[index] > 0.0) != masked) << (7 - bit % 8);
            sure[bit / 8][bit % 8] = dark[index].abs();
        }
        let checks = self.checks(format.level);
        let mut message = Zeroizing::new(Vec::with_capacity(total));
        let mut right = vec![false; total];
        let (mut read, mut corrected_now, mut lost) = (0, 0, 0);
        let blocks = self.blocks(format.level)?;
        let depth = if 2 * known.blocks >= blocks.len() {
            Depth::DEEP
        } else {
            Depth::PLAIN
        };
        for Block { places, data } in blocks {
            let mut block = Zeroizing::new(places.iter().map(|&p| words[p]).collect::<Vec<u8>>());
            let least = |index: usize| {
                let bits = &sure[places[index]];
                bits.iter().copied().fold(f32::INFINITY, f32::min)
            };
            let mut changed = corrected(&mut block, checks, least);
            if let (None, Some(effort)) = (changed, closely.as_deref_mut()) {
                let cost = depth.cost(block.len(), checks);
                if effort.has(cost) {
                    effort.spend(cost);
                    let sure: Vec<f32> = places.iter().flat_map(|&p| sure[p]).collect();
                    changed = ordered::corrected(&mut block, checks, &sure, depth);
                }
            }
            let Some(changed) = changed else {
                lost += 1;
                if corrected_now == 0 && lost == HOPELESS {
                    break;
                }
                continue;
            };
            read += 1;
            corrected_now += usize::from(changed > 0);
            for (&place, &word) in places.iter().zip(block.iter()) {
                words[place] = word;
                right[place] = true;
            }
            message.extend_from_slice(&block[..data]);
        }
        let part = Part {
            blocks: read,
            modules: self.known(format.mask, &words, &right),
            format: Some(format),
        };
        if lost > 0 {
            return (read > 0).then_some(Reading::Part(part));
        }
        let read = DecodeBitStream(&message, self.version, format.level).ok()?;
        let mut text = read.text();
        if !read.isValid() || text.is_empty() {
            text.zeroize();
            return None;
        }
        Some(Reading::Text(text, part))
    }

    /// The blocks of two parts of one symbol, as far as a sight of it bears them out.
    pub(super) fn joined(&self, one: &Part, other: &Part, dark: &[f32]) -> Part {
        let mut both = one.clone();
        both.format = one.format.or(other.format);
        if both.format == other.format {
            let modules = both.modules.iter_mut().zip(other.modules.iter());
            modules
                .filter(|(one, _)| **one == 0)
                .for_each(|(one, &other)| *one = other);
        }
        self.confirmed(&both, dark)
    }

    /// The blocks of a part that another sight of the symbol bears out: of another symbol's, half of the modules would agree by chance.
    pub(super) fn confirmed(&self, part: &Part, dark: &[f32]) -> Part {
        let nothing = Part::nothing(self);
        let Some(format) = part.format else {
            return nothing;
        };
        let total = self.version.getTotalCodewords() as usize;
        let mut words = Zeroizing::new(vec![0u8; total]);
        // Bits known and bits that agree, codeword by codeword.
        let mut agree = vec![(0u32, 0u32); total];
        for (bit, index, masked) in self.bits(format.mask) {
            let known = part.modules[index];
            words[bit / 8] |= u8::from((known > 0) != masked) << (7 - bit % 8);
            agree[bit / 8].0 += u32::from(known != 0);
            agree[bit / 8].1 += u32::from(known != 0 && (known > 0) == (dark[index] > 0.0));
        }
        let mut right = vec![false; total];
        let mut blocks = 0;
        for Block { places, .. } in self.blocks(format.level).unwrap_or_default() {
            let sum = |of: fn(&(u32, u32)) -> u32| places.iter().map(|&p| of(&agree[p])).sum();
            let (known, same): (u32, u32) = (sum(|a| a.0), sum(|a| a.1));
            if known as usize == 8 * places.len() && 3 * same > 2 * known {
                blocks += 1;
                places.iter().for_each(|&place| right[place] = true);
            }
        }
        if blocks == 0 {
            return nothing;
        }
        Part {
            blocks,
            modules: self.known(format.mask, &words, &right),
            format: Some(format),
        }
    }

    /// Every data bit's number in the stream, its module, and whether the mask turns that over.
    fn bits(&self, mask: u32) -> impl Iterator<Item = (usize, usize, bool)> {
        let total = self.version.getTotalCodewords() as usize;
        self.path
            .iter()
            .enumerate()
            .take(total * 8)
            .map(move |(bit, &index)| {
                let index = index as usize;
                (
                    bit,
                    index,
                    masked(mask, index % self.side, index / self.side),
                )
            })
    }

    fn checks(&self, level: ErrorCorrectionLevel) -> usize {
        self.version
            .getECBlocksForLevel(level)
            .getECCodewordsPerBlock() as usize
    }

    fn blocks(&self, level: ErrorCorrectionLevel) -> Option<Vec<Block>> {
        let total = self.version.getTotalCodewords() as usize;
        // Which codewords of the stream make up which block: numbers take the codewords' way.
        let numbers = |byte: fn(usize) -> u8| {
            let marks: Vec<u8> = (0..total).map(byte).collect();
            DataBlock::getDataBlocks(&marks, self.version, level).ok()
        };
        let (low, high) = (numbers(|n| n as u8)?, numbers(|n| (n >> 8) as u8)?);
        let block = |(low, high): (&DataBlock, &DataBlock)| Block {
            places: low
                .getCodewords()
                .iter()
                .zip(high.getCodewords())
                .map(|(&l, &h)| usize::from(l) | usize::from(h) << 8)
                .collect(),
            data: low.getNumDataCodewords() as usize,
        };
        Some(low.iter().zip(&high).map(block).collect())
    }

    /// The modules that the standard fixes, and those of all codewords that are `right`.
    fn known(&self, mask: u32, words: &[u8], right: &[bool]) -> Zeroizing<Vec<i8>> {
        let mut known = Zeroizing::new(self.fixed.clone());
        for (bit, index, masked) in self.bits(mask) {
            if right[bit / 8] {
                let dark = (words[bit / 8] >> (7 - bit % 8) & 1 == 1) != masked;
                known[index] = if dark { 1 } else { -1 };
            }
        }
        known
    }

    /// Error correction level and mask, from the two copies of the format together.
    fn format(&self, dark: &[f32]) -> Option<Format> {
        let at = |x: usize, y: usize| dark[y * self.side + x];
        let mut bits = [0.0f32; 15];
        for (i, bit) in bits.iter_mut().enumerate() {
            let (x, y) = match i {
                0..=5 => (8, i),
                6 => (8, 7),
                7 => (8, 8),
                8 => (7, 8),
                _ => (14 - i, 8),
            };
            let second = if i < 8 {
                at(self.side - 1 - i, 8)
            } else {
                at(8, self.side + i - 15)
            };
            *bit = at(x, y) + second;
        }
        let mut best = (f32::NEG_INFINITY, 0);
        let mut next = f32::NEG_INFINITY;
        for format in 0..32u32 {
            let word = format_bits(format);
            let likeness: f32 = bits
                .iter()
                .enumerate()
                .map(|(i, &b)| if word >> i & 1 == 1 { b } else { -b })
                .sum();
            if likeness > best.0 {
                next = best.0;
                best = (likeness, format);
            } else {
                next = next.max(likeness);
            }
        }
        let level = ErrorCorrectionLevel::forBits((best.1 >> 3) as u8).ok()?;
        (best.0 > 0.0 && best.0 > next).then_some(Format {
            level,
            mask: best.1 & 7,
        })
    }
}

/// In so many steps codewords are given up, up to four fifths of what the check symbols can fill in.
const PARTS: usize = 8;

/// Corrects a block as it is, or else with ever more of its least sure codewords taken as unknown (generalised minimum
/// distance decoding).
fn corrected(block: &mut [u8], checks: usize, sure: impl Fn(usize) -> f32) -> Option<usize> {
    let plain_spare = if checks > 12 { 0 } else { 2 };
    let syndromes = reed_solomon::syndromes(block, checks);
    if let Some(fixed) = reed_solomon::correct(block, &syndromes, &[], plain_spare) {
        return Some(fixed);
    }
    let mut order: Vec<usize> = (0..block.len()).collect();
    order.sort_by(|&a, &b| sure(a).total_cmp(&sure(b)));
    // Two check symbols for every attempt's own chance, and one more.
    let spare = 3;
    let most = checks.saturating_sub(spare) * 4 / 5;
    (1..=PARTS).find_map(|part| {
        let doubtful = &order[..(most * part / PARTS).min(order.len())];
        reed_solomon::correct(block, &syndromes, doubtful, spare)
    })
}

/// Whether a mask turns a module over (ISO/IEC 18004, table 10).
fn masked(mask: u32, x: usize, y: usize) -> bool {
    let sum = match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (x / 3 + y / 2) % 2,
        5 => x * y % 2 + x * y % 3,
        6 => (x * y % 2 + x * y % 3) % 2,
        _ => ((x + y) % 2 + x * y % 3) % 2,
    };
    sum == 0
}

fn format_bits(format: u32) -> u32 {
    let mut rest = format;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    (format << 10 | rest) ^ 0x5412
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::{QrCode, QrCodeEcc};

    use super::super::drawn::{code, code_at};
    use super::*;

    fn modules(code: &QrCode) -> Vec<f32> {
        let side = code.size();
        (0..side * side)
            .map(|i| {
                if code.get_module(i % side, i / side) {
                    1.0
                } else {
                    -1.0
                }
            })
            .collect()
    }

    #[test]
    fn every_version_is_read_and_its_fixed_modules_are_where_an_encoder_puts_them() {
        for version in 1..=40 {
            for level in [
                QrCodeEcc::Low,
                QrCodeEcc::Medium,
                QrCodeEcc::Quartile,
                QrCodeEcc::High,
            ] {
                let text = format!("{version}:A1");
                let dark = modules(&code_at(&text, version, level));
                let layout = Layout::of(usize::from(version)).unwrap();
                for (fixed, &drawn) in layout.fixed.iter().zip(&dark) {
                    assert!(*fixed == 0 || f32::from(*fixed) == drawn, "{version}");
                }
                assert_eq!(layout.text(&dark), Some(text), "{version} {level:?}");
            }
        }
        assert!(Layout::of(0).is_none() && Layout::of(41).is_none());
    }

    #[test]
    fn doubtful_modules_are_repaired_where_plain_correction_gives_up() {
        // A sixth of a version 10 code under a reflection: unknown, and half of it wrong.
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        let mut dark = modules(&code(&text, 10));
        let layout = Layout::of(10).unwrap();
        let covered = |i: usize| (16..41).contains(&(i % 57)) && (15..37).contains(&(i / 57));
        for (i, module) in dark.iter_mut().enumerate() {
            if covered(i) {
                *module = if (i * 7919) % 16 < 8 { 0.02 } else { -0.02 };
            }
        }
        assert_eq!(layout.text(&dark), Some(text));
        for (i, module) in dark.iter_mut().enumerate() {
            if covered(i) {
                *module = module.signum();
            }
        }
        assert_eq!(layout.text(&dark), None, "the same, with false certainty");
    }

    #[test]
    fn blocks_that_can_be_corrected_are_known_when_another_cannot() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        let whole = modules(&code(&text, 10));
        let layout = Layout::of(10).unwrap();
        // Five blocks of 43 or 44 codewords, woven into each other: all of the second's are turned over.
        let mut dark = whole.clone();
        for (bit, &index) in layout.path.iter().enumerate() {
            if bit / 8 < 215 && (bit / 8) % 5 == 1 {
                dark[index as usize] *= -1.0;
            }
        }
        let Reading::Part(part) = layout.read(&dark, &Part::nothing(&layout)) else {
            panic!("four blocks are whole");
        };
        assert_eq!(part.blocks, 4);
        let known = part.modules.iter().filter(|&&m| m != 0).count();
        assert!(known * 5 > whole.len() * 3, "{known} of {}", whole.len());
        for (&known, &drawn) in part.modules.iter().zip(&whole) {
            assert!(known == 0 || f32::from(known) == drawn);
        }
    }

    #[test]
    fn blocks_that_another_sight_does_not_bear_out_are_dropped() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(12);
        let whole = modules(&code(&text, 10));
        let layout = Layout::of(10).unwrap();
        let Reading::Text(_, part) = layout.read(&whole, &Part::nothing(&layout)) else {
            panic!("it is whole");
        };
        // One module in ten is misread, as in a frame out of focus.
        let again: Vec<f32> = (0..)
            .zip(&whole)
            .map(|(i, m)| if i % 10 == 3 { -m } else { *m })
            .collect();
        let borne_out = layout.confirmed(&part, &again);
        assert_eq!(borne_out.blocks, part.blocks);
        assert_eq!(borne_out.modules, part.modules);
        // The next one on the screen begins like it: it has the first block in common.
        let next = text[..60].to_owned() + &"Z0".repeat((text.len() - 60) / 2);
        let next = modules(&code(&next, 10));
        let common = layout.confirmed(&part, &next);
        assert!(common.blocks < part.blocks, "{}", common.blocks);
        for (&known, &drawn) in common.modules.iter().zip(&next) {
            assert!(known == 0 || f32::from(known) == drawn);
        }
    }

    #[test]
    fn modules_of_chance_are_no_text() {
        let mut state = 7u64;
        for version in 1..=40 {
            let layout = Layout::of(version).unwrap();
            for _ in 0..20 {
                let dark: Vec<f32> = layout
                    .fixed
                    .iter()
                    .map(|&f| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        if f == 0 {
                            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
                        } else {
                            f32::from(f)
                        }
                    })
                    .collect();
                assert_eq!(layout.text(&dark), None);
                let mut effort = Effort::frame();
                let closely = layout.read_closely(&dark, &Part::nothing(&layout), &mut effort);
                assert!(matches!(closely, Reading::Nothing));
            }
        }
    }
}
