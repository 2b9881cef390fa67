//! Two or three parallel rows of one pitch: a candidate machine readable zone and its place in the picture.

use super::plane::{Bend, Homography, Pair};
use super::rows::{Place, Row};

/// Row distance in pitches: 6.35 mm by 2.54 mm in the two-line formats (ICAO Doc 9303 parts 4, 6 and 7).
const TWO_LINE_STEP: f32 = 2.5;
/// 4.23 mm by 2.54 mm in TD1 (part 5).
const THREE_LINE_STEP: f32 = 4.23 / 2.54;
/// Height of an OCR-B capital in pitches, as the marks' boxes show it (a little blur included).
const CAPITAL: f32 = 1.04;
/// A row counts as one of a zone's when it has at least this many marks.
const ROW_MARKS: usize = 10;

/// A candidate zone. `u` counts characters from the leftmost mark's left edge, `v` rows from the first row's middle.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// (u, v) to the picture's pixels, whose corners are whole numbers.
    pub(super) map: Homography,
    /// 2 or 3.
    pub(super) rows: usize,
    /// Characters from the first mark to the last.
    pub(super) span: usize,
    /// A strip's height in rows.
    pub(super) strip: f64,
    /// What each row departs from the map, in characters and rows.
    pub(super) bends: Vec<(Bend, Bend)>,
    /// Pitch in the picture's pixels.
    pub(super) pitch: f64,
    /// Marks that support it.
    pub(super) marks: usize,
    /// How tall its marks are, against what the standard's capitals are at its row distance.
    pub(super) tallness: f32,
    /// True when its rows run along the picture's y.
    pub(super) turned: bool,
}

impl Zone {
    /// How much speaks for it: its marks, no more than the longest lines have, and less where they are not of a capital's height, as
    /// the grain of a table or security print seldom is (of 204 zones that were read the heights lay between 0.79 and 1.18 of
    /// a capital's, of texture three quarters below 0.74).
    pub(super) fn support(&self) -> usize {
        let most = if self.rows == 3 { 90 } else { 88 };
        let marks = self.marks.min(most);
        if (0.72..=1.35).contains(&self.tallness) {
            marks
        } else {
            marks / 3
        }
    }

    /// Its middle in the picture.
    pub(super) fn middle(&self) -> (f64, f64) {
        self.map
            .map(self.span as f64 * 0.5, (self.rows - 1) as f64 * 0.5)
    }

    /// Whether both would be cut from the picture in nearly the same way.
    pub(super) fn is_nearly(&self, other: &Self) -> bool {
        let ends = |zone: &Self| {
            let (span, last) = (zone.span as f64, (zone.rows - 1) as f64);
            [(0.0, 0.0), (span, 0.0), (0.0, last), (span, last)].map(|(u, v)| zone.map.map(u, v))
        };
        let near = |((ax, ay), (bx, by)): ((f64, f64), (f64, f64))| {
            (ax - bx).hypot(ay - by) < 0.25 * self.pitch
        };
        self.rows == other.rows
            && self.turned == other.turned
            && self.span == other.span
            && ends(self).into_iter().zip(ends(other)).all(near)
    }
}

/// From working coordinates (one axis) to the picture's.
pub(super) struct Back {
    /// Working pixels per picture pixel.
    pub(super) scale: f64,
    /// True when rows were sought along the picture's y: x is then the picture's y, y its -x.
    pub(super) turned: bool,
    /// Where the working plane's corner lies in the picture.
    pub(super) origin: (f64, f64),
}

impl Back {
    fn map(&self) -> Homography {
        let s = 1.0 / self.scale;
        let (x, y) = self.origin;
        if self.turned {
            Homography([0.0, -s, x, s, 0.0, y, 0.0, 0.0, 1.0])
        } else {
            Homography([s, 0.0, x, 0.0, s, y, 0.0, 0.0, 1.0])
        }
    }
}

/// All plausible zones among the rows, best supported first. Rows that found no partner are tried with one where the
/// standard puts it.
pub(super) fn zones(rows: &[Row], back: &Back) -> Vec<Zone> {
    let long: Vec<&Row> = rows
        .iter()
        .filter(|row| row.places.len() >= ROW_MARKS && row.roughness() < 0.13)
        .take(40)
        .collect();
    let mut found = Vec::new();
    let mut paired = vec![false; long.len()];
    for (a, upper) in long.iter().enumerate() {
        for (b, lower) in long.iter().enumerate() {
            let Some(step) = parallel(upper, lower) else {
                continue;
            };
            if upper.places.len().max(lower.places.len()) < 14 {
                continue;
            }
            paired[a] = true;
            paired[b] = true;
            if (1.75..3.5).contains(&step) {
                found.extend(build(&[(upper, 0), (lower, 1)], 2, step, back));
            }
            if (1.2..2.2).contains(&step) {
                let third = long.iter().find(|row| {
                    parallel(lower, row).is_some_and(|s| (s / step - 1.0).abs() < 0.22)
                });
                if let Some(third) = third {
                    found.extend(build(&[(upper, 0), (lower, 1), (third, 2)], 3, step, back));
                } else {
                    found.extend(build(&[(upper, 0), (lower, 1)], 3, step, back));
                    found.extend(build(&[(upper, 1), (lower, 2)], 3, step, back));
                }
            }
            if (2.8..3.8).contains(&step) {
                found.extend(build(&[(upper, 0), (lower, 2)], 3, step * 0.5, back));
            }
        }
    }
    for row in long
        .iter()
        .zip(&paired)
        .filter(|(row, paired)| !**paired && row.places.len() >= 18)
        .map(|(row, _)| row)
    {
        if row.span() > 30 {
            let (above, below) = (beside(row, -TWO_LINE_STEP), beside(row, TWO_LINE_STEP));
            found.extend(build(&[(row, 0), (&below, 1)], 2, TWO_LINE_STEP, back));
            found.extend(build(&[(&above, 0), (row, 1)], 2, TWO_LINE_STEP, back));
        }
    }
    found.sort_by(|a, b| b.marks.cmp(&a.marks).then(b.rows.cmp(&a.rows)));
    found
}

/// The row's shadow, `step` pitches below: where its partner should be. Its marks count for nothing.
fn beside(row: &Row, step: f32) -> Row {
    let (dx, dy) = row.step();
    let places = row
        .places
        .iter()
        .map(|p| Place {
            x: p.x - dy * step,
            y: p.y + dx * step,
            height: 0.0,
            ..*p
        })
        .collect();
    Row { places }
}

/// The distance from `upper` down to `lower` in pitches, when the two can be lines of one zone.
fn parallel(upper: &Row, lower: &Row) -> Option<f32> {
    let (ux, uy) = upper.step();
    let (lx, ly) = lower.step();
    let (pu, pl) = (ux.hypot(uy), lx.hypot(ly));
    let turn = (ux * ly - uy * lx) / (pu * pl).max(1e-6);
    if !(0.84..=1.19).contains(&(pu / pl)) || turn.abs() > 0.09 {
        return None;
    }
    let middle = |row: &Row| row.at((row.first().k + row.last().k) as f32 * 0.5);
    let (mu, ml) = (middle(upper), middle(lower));
    let (dx, dy) = (ml.0 - mu.0, ml.1 - mu.1);
    let across = (ux * dy - uy * dx) / pu;
    let along = (ux * dx + uy * dy) / pu;
    let pitch = (pu + pl) * 0.5;
    // Half the shorter row must lie over the other.
    let (a, b) = (upper.span() as f32 * 0.5, lower.span() as f32 * 0.5);
    let apart = (along / pitch).abs();
    let overlap = (a + b - apart).min(2.0 * a.min(b));
    (across > pitch && across < 4.0 * pitch && overlap >= a.min(b)).then_some(across / pitch)
}

fn build(members: &[(&Row, usize)], rows: usize, step: f32, back: &Back) -> Option<Zone> {
    let base = members[0].0;
    let mut shifts = vec![0i32];
    for (row, _) in &members[1..] {
        shifts.push(column_shift(base, row));
    }
    let real = |row: &Row| row.first().height > 0.0;
    let ends = members
        .iter()
        .zip(&shifts)
        .filter(|((row, _), _)| real(row));
    let first = ends.clone().map(|((row, _), s)| row.first().k + s).min()?;
    let last = ends.map(|((row, _), s)| row.last().k + s).max()?;
    let span = last - first + 1;
    if !(18..=52).contains(&span) {
        return None;
    }
    let mut pairs: Vec<Pair> = Vec::new();
    for ((row, v), shift) in members.iter().zip(&shifts) {
        pairs.extend(row.places.iter().map(|p| Pair {
            u: f64::from(p.k + shift - first) + 0.5,
            v: *v as f64,
            x: f64::from(p.x),
            y: f64::from(p.y),
            weight: 1.0,
        }));
    }
    let pitch = f64::from(base.pitch());
    let mut map = Homography::fit(&pairs)?;
    for _ in 0..3 {
        for pair in &mut pairs {
            let (x, y) = map.map(pair.u, pair.v);
            pair.weight = 1.0 / (1.0 + ((x - pair.x).hypot(y - pair.y) / (0.12 * pitch)).powi(2));
        }
        map = Homography::fit(&pairs)?;
    }
    let inverse = map.inverse()?;
    let mut bends = vec![(Bend::default(), Bend::default()); rows];
    for ((row, v), shift) in members
        .iter()
        .zip(&shifts)
        .filter(|((row, _), _)| real(row))
    {
        let (mut along, mut across) = (Vec::new(), Vec::new());
        for p in &row.places {
            let (u, seen) = inverse.map(f64::from(p.x), f64::from(p.y));
            let (du, dv) = (u - f64::from(p.k + shift - first) - 0.5, seen - *v as f64);
            if du.abs() < 0.4 && dv.abs() < 0.25 {
                along.push((u, du));
                across.push((u, dv));
            }
        }
        bends[*v] = (Bend::fit(&along), Bend::fit(&across));
    }
    // Capitals tell the strip's height; the standard's row distance keeps the measure honest.
    let tall = members
        .iter()
        .filter(|(row, _)| real(row))
        .map(|(row, _)| upright_height(row))
        .fold(0.0, f32::max);
    let nominal = if rows == 3 {
        1.0 / THREE_LINE_STEP
    } else {
        1.0 / TWO_LINE_STEP
    };
    let seen = tall / CAPITAL / (step * base.pitch());
    let unit = (0.5 * (nominal + seen)).clamp(0.75 * nominal, 1.3 * nominal);
    let marks = members
        .iter()
        .filter(|(row, _)| real(row))
        .map(|(row, _)| row.places.len())
        .sum();
    Some(Zone {
        map: back.map().after(&map),
        rows,
        span: span as usize,
        strip: f64::from(unit) * 28.0 / 16.0,
        bends,
        pitch: pitch / back.scale,
        marks,
        tallness: seen / nominal,
        turned: back.turned,
    })
}

/// What turns `row`'s numbering into `base`'s: their columns are printed one below the other, and both rows begin and
/// end together, which helps where perspective leans.
fn column_shift(base: &Row, row: &Row) -> i32 {
    let middle = (base.first().k + base.last().k) as f32 * 0.5;
    let at = base.at(middle);
    let (dx, dy) = row.step();
    let pitch2 = (dx * dx + dy * dy).max(1e-6);
    let start = row.at((row.first().k + row.last().k) as f32 * 0.5);
    let off = ((at.0 - start.0) * dx + (at.1 - start.1) * dy) / pitch2;
    let k = (row.first().k + row.last().k) as f32 * 0.5 + off;
    let exact = middle - k;
    let cost = |shift: i32| {
        let apart = |a: i32, b: i32| (a - b).abs().min(3) as f32;
        (shift as f32 - exact).abs() * 2.5
            + apart(base.first().k, row.first().k + shift)
            + apart(base.last().k, row.last().k + shift)
    };
    let near = exact.round() as i32;
    (near - 1..=near + 1)
        .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
        .unwrap_or(near)
}

/// Height of the row's capitals across the row: a leaning box is taller than its character.
fn upright_height(row: &Row) -> f32 {
    let (dx, dy) = row.step();
    let pitch = dx.hypot(dy).max(1e-6);
    let (cos, sin) = ((dx / pitch).abs(), (dy / pitch).abs());
    row.height() / (cos + 0.72 * sin)
}
