//! What stands where in a QR symbol of model 2 (ISO/IEC 18004).

use rxing::qrcode::common::{Version, VersionRef};

/// A symbol's modules of which the standard says what they are, and the order of all others.
pub(super) struct Layout {
    pub(super) version: VersionRef,
    /// Modules a side.
    pub(super) side: usize,
    /// Row by row: 1 a dark module, -1 a light one, 0 one that carries data or format.
    pub(super) fixed: Vec<i8>,
    /// Indices of the data modules, first bit first.
    pub(super) path: Vec<u32>,
}

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
}

fn version_bits(version: u32) -> u32 {
    let mut rest = version;
    for _ in 0..12 {
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
    }
    version << 12 | rest
}
