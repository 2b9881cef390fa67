//! What stands where in a QR symbol of model 2 (ISO/IEC 18004), and how modules that are only more or less dark become text.

use rxing::qrcode::common::{ErrorCorrectionLevel, Version, VersionRef};
use rxing::qrcode::cpp_port::decoder::DecodeBitStream;
use rxing::qrcode::decoder::DataBlock;
use zeroize::{Zeroize, Zeroizing};

use super::reed_solomon;

/// A symbol's modules of which the standard says what they are, and the order of all others.
pub(super) struct Layout {
    version: VersionRef,
    /// Modules a side.
    pub(super) side: usize,
    /// Row by row: 1 a dark module, -1 a light one, 0 one that carries data or format.
    pub(super) fixed: Vec<i8>,
    /// Indices of the data modules, first bit first.
    path: Vec<u32>,
}

/// What can be read of a symbol.
pub(super) enum Reading {
    Text(String),
    /// Some of its blocks, but not all.
    Part(Part),
    Nothing,
}

/// A symbol of which some blocks could be corrected.
pub(super) struct Part {
    /// How many.
    pub(super) blocks: usize,
    /// Their modules and those that the standard fixes, row by row: 1 dark, -1 light, 0 unknown.
    pub(super) modules: Zeroizing<Vec<i8>>,
}

/// So many blocks lost before one is read end the attempt.
const HOPELESS: usize = 4;

/// Finder pattern and separator: dark, light or outside of the ring at a distance from the centre.
fn ring(distance: usize) -> i8 {
    if matches!(distance, 2 | 4) { -1 } else { 1 }
}

impl Layout {
    /// The layout of a version, 1 to 40.
    pub(super) fn of(version: usize) -> Option<Self> {
        let version = Version::getVersionForNumber(u32::try_from(version).ok()?).ok()?;
        let side = version.getDimensionForVersion() as usize;
        let function = version.buildFunctionPattern().ok()?;
        let mut fixed = vec![0i8; side * side];
        for i in 8..side - 8 {
            let mark = if i % 2 == 0 { 1 } else { -1 };
            fixed[6 * side + i] = mark;
            fixed[i * side + 6] = mark;
        }
        for (centre_x, centre_y) in [(3, 3), (side - 4, 3), (3, side - 4)] {
            for y in centre_y.saturating_sub(4)..(centre_y + 5).min(side) {
                for x in centre_x.saturating_sub(4)..(centre_x + 5).min(side) {
                    fixed[y * side + x] = ring(x.abs_diff(centre_x).max(y.abs_diff(centre_y)));
                }
            }
        }
        let mut layout = Self {
            version,
            side,
            fixed,
            path: Vec::new(),
        };
        for (centre_x, centre_y) in layout.alignments() {
            for y in centre_y - 2..=centre_y + 2 {
                for x in centre_x - 2..=centre_x + 2 {
                    let distance = x.abs_diff(centre_x).max(y.abs_diff(centre_y));
                    layout.fixed[y * side + x] = if distance == 1 { -1 } else { 1 };
                }
            }
        }
        layout.fixed[(side - 8) * side + 8] = 1;
        if version.getVersionNumber() >= 7 {
            let bits = version_bits(version.getVersionNumber());
            for i in 0..18 {
                let mark = if bits >> i & 1 == 1 { 1 } else { -1 };
                let (a, b) = (side - 11 + i % 3, i / 3);
                layout.fixed[b * side + a] = mark;
                layout.fixed[a * side + b] = mark;
            }
        }
        let mut right = side as i32 - 1;
        let mut upwards = true;
        while right > 0 {
            if right == 6 {
                right -= 1;
            }
            for step in 0..side {
                let y = if upwards { side - 1 - step } else { step };
                for x in [right as usize, right as usize - 1] {
                    if !function.get(x as u32, y as u32) {
                        layout.path.push((y * side + x) as u32);
                    }
                }
            }
            upwards = !upwards;
            right -= 2;
        }
        Some(layout)
    }

    /// Columns (and rows) of the alignment patterns' centres; none in version 1.
    pub(super) fn alignment_lines(&self) -> impl Iterator<Item = usize> {
        self.version
            .getAlignmentPatternCenters()
            .iter()
            .map(|&c| c as usize)
    }

    /// Centres of the alignment patterns.
    pub(super) fn alignments(&self) -> Vec<(usize, usize)> {
        let lines: Vec<usize> = self.alignment_lines().collect();
        let (Some(&first), Some(&last)) = (lines.first(), lines.last()) else {
            return Vec::new();
        };
        let corner =
            |x, y| (x, y) == (first, first) || (x, y) == (last, first) || (x, y) == (first, last);
        lines
            .iter()
            .flat_map(|&y| lines.iter().map(move |&x| (x, y)))
            .filter(|&(x, y)| !corner(x, y))
            .collect()
    }

    /// The text of a symbol whose modules are `dark` (above zero) or light, the further from zero the surer.
    #[cfg(test)]
    pub(super) fn text(&self, dark: &[f32]) -> Option<String> {
        match self.read(dark) {
            Reading::Text(text) => Some(text),
            Reading::Part(_) | Reading::Nothing => None,
        }
    }

    /// What can be read of a symbol whose modules are `dark` (above zero) or light, the further from zero the surer.
    pub(super) fn read(&self, dark: &[f32]) -> Reading {
        self.decoded(dark).unwrap_or(Reading::Nothing)
    }

    fn decoded(&self, dark: &[f32]) -> Option<Reading> {
        let (level, mask) = self.format(dark)?;
        let total = self.version.getTotalCodewords() as usize;
        let mut words = Zeroizing::new(vec![0u8; total]);
        let mut sure = vec![f32::INFINITY; total];
        for (bit, &index) in self.path.iter().enumerate().take(total * 8) {
            let index = index as usize;
            let masked = masked(mask, index % self.side, index / self.side);
            let value = dark[index];
            words[bit / 8] |= u8::from((value > 0.0) != masked) << (7 - bit % 8);
            sure[bit / 8] = sure[bit / 8].min(value.abs());
        }
        // Which codewords of the stream make up which block: numbers take the codewords' way.
        let numbers = |byte: fn(usize) -> u8| {
            let marks: Vec<u8> = (0..total).map(byte).collect();
            DataBlock::getDataBlocks(&marks, self.version, level).ok()
        };
        let (low, high) = (numbers(|n| n as u8)?, numbers(|n| (n >> 8) as u8)?);
        let checks = self
            .version
            .getECBlocksForLevel(level)
            .getECCodewordsPerBlock() as usize;
        let mut message = Zeroizing::new(Vec::with_capacity(total));
        let mut right = vec![false; total];
        let (mut read, mut lost) = (0, 0);
        for (low, high) in low.iter().zip(&high) {
            let places = low.getCodewords().iter().zip(high.getCodewords());
            let places: Vec<usize> = places
                .map(|(&l, &h)| usize::from(l) | usize::from(h) << 8)
                .collect();
            let mut block = Zeroizing::new(places.iter().map(|&p| words[p]).collect::<Vec<u8>>());
            if corrected(&mut block, checks, |index| sure[places[index]]).is_none() {
                lost += 1;
                if read == 0 && lost == HOPELESS {
                    return None;
                }
                continue;
            }
            read += 1;
            for (&place, &word) in places.iter().zip(block.iter()) {
                words[place] = word;
                right[place] = true;
            }
            message.extend_from_slice(&block[..low.getNumDataCodewords() as usize]);
        }
        if lost > 0 {
            let blocks = read;
            return (read > 0).then(|| {
                Reading::Part(Part {
                    blocks,
                    modules: self.known(mask, &words, &right),
                })
            });
        }
        let read = DecodeBitStream(&message, self.version, level).ok()?;
        let mut text = read.text();
        if !read.isValid() || text.is_empty() {
            text.zeroize();
            return None;
        }
        Some(Reading::Text(text))
    }

    /// The modules that the standard fixes, and those of all codewords that are `right`.
    fn known(&self, mask: u32, words: &[u8], right: &[bool]) -> Zeroizing<Vec<i8>> {
        let mut known = Zeroizing::new(self.fixed.clone());
        for (bit, &index) in self.path.iter().enumerate().take(words.len() * 8) {
            if right[bit / 8] {
                let index = index as usize;
                let masked = masked(mask, index % self.side, index / self.side);
                let dark = (words[bit / 8] >> (7 - bit % 8) & 1 == 1) != masked;
                known[index] = if dark { 1 } else { -1 };
            }
        }
        known
    }

    /// Error correction level and mask, from the two copies of the format together.
    fn format(&self, dark: &[f32]) -> Option<(ErrorCorrectionLevel, u32)> {
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
        (best.0 > 0.0 && best.0 > next).then_some((level, best.1 & 7))
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

fn version_bits(version: u32) -> u32 {
    let mut rest = version;
    for _ in 0..12 {
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
    }
    version << 12 | rest
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

    use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version as Number};

    use super::*;

    fn code(version: u8, level: QrCodeEcc, text: &str) -> QrCode {
        let segments = QrSegment::make_segments(text);
        let version = Number::new(version);
        QrCode::encode_segments_advanced(&segments, level, version, version, None, false).unwrap()
    }

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
                let dark = modules(&code(version, level, &text));
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
        let mut dark = modules(&code(10, QrCodeEcc::Medium, &text));
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
        let whole = modules(&code(10, QrCodeEcc::Medium, &text));
        let layout = Layout::of(10).unwrap();
        // Five blocks of 43 or 44 codewords, woven into each other: all of the second's are turned over.
        let mut dark = whole.clone();
        for (bit, &index) in layout.path.iter().enumerate() {
            if bit / 8 < 215 && (bit / 8) % 5 == 1 {
                dark[index as usize] *= -1.0;
            }
        }
        let Reading::Part(part) = layout.read(&dark) else {
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
            }
        }
    }
}
