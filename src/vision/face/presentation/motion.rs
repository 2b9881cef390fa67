//! How a face and what is about it move over a burst.
//!
//! A living head turns a little, so that its nose moves otherwise than its cheeks, before a background that stays. A flat
//! picture moves as one plane, and its own background with it.

use std::collections::VecDeque;

use super::border;
use super::glance::Glance;

/// Less motion than this, in glance pixels (about 2 mm each), is none: people sway by more within a few frames.
const STILL: f32 = 0.06;
/// The surround says nothing while the face moves less than this.
const MOVED: f32 = 1.5;
/// A plane's points stay this close to a plane's motion: the tracker's own error.
const PLANE: f32 = 0.085;
/// Parallax is looked for once the face has moved so far.
const PARALLAX: f32 = 4.0;
/// Half the side of a tracked patch.
const PATCH: i32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Motion {
    pub(super) still: bool,
    pub(super) plane: bool,
    pub(super) surround: bool,
}

pub(super) fn judge(glances: &VecDeque<Glance>) -> Motion {
    let mut motion = Motion {
        still: false,
        plane: false,
        surround: false,
    };
    let Some(first) = glances.front() else {
        return motion;
    };
    let compared: Vec<Field> = glances
        .iter()
        .skip(1)
        .map(|later| Field::between(first, later))
        .filter(|field| field.points.len() >= 12)
        .collect();
    let furthest = compared
        .iter()
        .max_by(|a, b| a.moved().total_cmp(&b.moved()));
    let Some(furthest) = furthest else {
        return motion;
    };
    motion.still = furthest.moved() < STILL;
    let planes: Vec<f32> = compared
        .iter()
        .filter(|field| field.moved() >= PARALLAX)
        .filter_map(Field::off_plane)
        .collect();
    motion.plane = !planes.is_empty() && super::median(&planes) < PLANE;
    let votes: Vec<bool> = glances
        .iter()
        .skip(1)
        .map(|later| (later, Field::between(first, later)))
        .filter(|(_, field)| field.points.len() >= 12 && field.moved() >= MOVED)
        .filter_map(|(later, field)| surround_moves(first, later, &field))
        .collect();
    motion.surround = !votes.is_empty() && votes.iter().filter(|&&v| v).count() * 2 > votes.len();
    motion
}

/// How far the face has to move across an edge before the edge says whether it came along.
const PASSED: f32 = 0.6;

/// Whether the edges about the face stayed while the face moved: a doorway behind somebody, or a screen in a holder. A sheet's
/// edges go where its picture goes.
pub(super) fn frame_stays(glances: &VecDeque<Glance>) -> bool {
    let framed = |(at, glance)| Some((at, border::edges(glance)?));
    let Some((at, edges)) = glances.iter().enumerate().find_map(framed) else {
        return false;
    };
    let (mut stayed, mut seen) = (0, 0);
    for later in glances.iter().skip(at + 1) {
        let field = Field::between(&glances[at], later);
        if field.points.len() < 12 {
            continue;
        }
        let along_with_the_face = field.similarity();
        for edge in &edges {
            let (x, y) = along_with_the_face(edge.at.0, edge.at.1);
            let moved = (x - edge.at.0) * edge.out.0 + (y - edge.at.1) * edge.out.1;
            if !(PASSED..=border::Edge::REACH).contains(&moved.abs()) {
                continue;
            }
            if let (Some(before), Some(after)) = (edge.shift(&glances[at]), edge.shift(later)) {
                let shift = after - before;
                seen += 1;
                stayed += usize::from(shift.abs() < (moved - shift).abs());
            }
        }
    }
    seen >= 3 && stayed * 5 >= seen * 4
}

/// A place in one glance, and where it is in another.
type Pair = ((f32, f32), (f32, f32));

/// Where points of the face in one glance are in another.
struct Field {
    points: Vec<Pair>,
}

impl Field {
    fn between(first: &Glance, later: &Glance) -> Self {
        let shift = mean_shift(first, later);
        let mut points = Vec::new();
        for row in -6..=6 {
            for column in -5..=5 {
                let (u, v) = (column as f32 / 6.5, row as f32 / 7.5);
                let from = (
                    first.middle.0 + u * first.half.0,
                    first.middle.1 + v * first.half.1,
                );
                if u * u + v * v <= 0.8
                    && let Some(to) = track(first, later, from, shift)
                {
                    points.push((from, to));
                }
            }
        }
        Self { points }
    }

    /// Median distance that the points moved.
    fn moved(&self) -> f32 {
        let distances: Vec<f32> = self
            .points
            .iter()
            .map(|(a, b)| (b.0 - a.0).hypot(b.1 - a.1))
            .collect();
        super::median(&distances)
    }

    /// Median distance of the points from the nearest motion of a plane.
    fn off_plane(&self) -> Option<f32> {
        let mut kept = self.points.clone();
        for _ in 0..3 {
            let fit = PlaneMotion::of(&kept)?;
            let off: Vec<f32> = kept.iter().map(|pair| fit.off(pair)).collect();
            let usual = super::median(&off);
            kept = kept
                .into_iter()
                .zip(off)
                .filter(|(_, off)| *off <= 4.0 * usual.max(0.02))
                .map(|(pair, _)| pair)
                .collect();
        }
        let fit = PlaneMotion::of(&kept)?;
        let off: Vec<f32> = self.points.iter().map(|pair| fit.off(pair)).collect();
        Some(super::median(&off))
    }

    /// Scale and turn `(a, b)` and shift of the whole face: `x' = a x - b y + dx`, about the points' middle.
    fn similarity(&self) -> impl Fn(f32, f32) -> (f32, f32) + use<> {
        let n = self.points.len().max(1) as f32;
        let sum = self.points.iter().fold([0.0; 4], |s, (a, b)| {
            [s[0] + a.0, s[1] + a.1, s[2] + b.0, s[3] + b.1]
        });
        let [ax, ay, bx, by] = sum.map(|v| v / n);
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for ((x, y), (u, v)) in &self.points {
            let (x, y, u, v) = (x - ax, y - ay, u - bx, v - by);
            along += x * u + y * v;
            across += x * v - y * u;
            spread += x * x + y * y;
        }
        let (a, b) = (along / spread.max(1e-6), across / spread.max(1e-6));
        move |x, y| {
            let (x, y) = (x - ax, y - ay);
            (a * x - b * y + bx, b * x + a * y + by)
        }
    }
}

fn mean_shift(first: &Glance, later: &Glance) -> (f32, f32) {
    let sum = first
        .landmarks
        .iter()
        .zip(&later.landmarks)
        .fold((0.0, 0.0), |s, (a, b)| (s.0 + b.0 - a.0, s.1 + b.1 - a.1));
    (sum.0 / 5.0, sum.1 / 5.0)
}

/// Lucas and Kanade's tracker: the shift of one patch, from a first guess. None without texture or where nothing fits.
fn track(
    first: &Glance,
    later: &Glance,
    from: (f32, f32),
    guess: (f32, f32),
) -> Option<(f32, f32)> {
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    let mut patch = [(0.0f32, 0.0f32, 0.0f32); ((2 * PATCH + 1) * (2 * PATCH + 1)) as usize];
    let places = |at: usize| {
        let width = 2 * PATCH + 1;
        (
            (at as i32 % width - PATCH) as f32,
            (at as i32 / width - PATCH) as f32,
        )
    };
    for (at, slot) in patch.iter_mut().enumerate() {
        let (dx, dy) = places(at);
        let (x, y) = (from.0 + dx, from.1 + dy);
        let (gx, gy) = first.slope(x, y)?;
        *slot = (first.at(x, y)?, gx, gy);
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
    }
    let (trace, determinant) = (xx + yy, xx * yy - xy * xy);
    let least = trace / 2.0 - (trace * trace / 4.0 - determinant).max(0.0).sqrt();
    if least < 150.0 {
        return None;
    }
    let mut to = (from.0 + guess.0, from.1 + guess.1);
    let mut misfit = f32::INFINITY;
    for _ in 0..20 {
        let (mut bx, mut by, mut sum) = (0.0, 0.0, 0.0);
        // Another exposure is no motion: the patches' means are taken off.
        let mut mean = 0.0;
        for (at, (value, _, _)) in patch.iter().enumerate() {
            let (dx, dy) = places(at);
            mean += later.at(to.0 + dx, to.1 + dy)? - value;
        }
        mean /= patch.len() as f32;
        for (at, (value, gx, gy)) in patch.iter().enumerate() {
            let (dx, dy) = places(at);
            let off = later.at(to.0 + dx, to.1 + dy)? - value - mean;
            bx += off * gx;
            by += off * gy;
            sum += off.abs();
        }
        misfit = sum / patch.len() as f32;
        let step = (
            -(yy * bx - xy * by) / determinant,
            -(xx * by - xy * bx) / determinant,
        );
        to = (to.0 + step.0, to.1 + step.1);
        if step.0.hypot(step.1) < 0.005 {
            break;
        }
    }
    let strayed = (to.0 - from.0 - guess.0).hypot(to.1 - from.1 - guess.1);
    (misfit < 8.0 && strayed < 6.0).then_some(to)
}

/// A plane's motion seen through a pinhole, for small turns: eight numbers, linear in the place and its squares.
struct PlaneMotion {
    numbers: [f32; 8],
    middle: (f32, f32),
}

impl PlaneMotion {
    const UNIT: f32 = 40.0;

    fn of(points: &[Pair]) -> Option<Self> {
        if points.len() < 12 {
            return None;
        }
        let n = points.len() as f32;
        let sum = points
            .iter()
            .fold((0.0, 0.0), |s, (a, _)| (s.0 + a.0, s.1 + a.1));
        let middle = (sum.0 / n, sum.1 / n);
        let mut normal = [[0.0f64; 9]; 8];
        for pair in points {
            for (row, value) in Self::rows(middle, pair) {
                for i in 0..8 {
                    for j in 0..8 {
                        normal[i][j] += row[i] * row[j];
                    }
                    normal[i][8] += row[i] * value;
                }
            }
        }
        Some(Self {
            numbers: solved(normal)?.map(|v| v as f32),
            middle,
        })
    }

    fn rows(middle: (f32, f32), ((x, y), (u, v)): &Pair) -> [([f64; 8], f64); 2] {
        let (dx, dy) = (f64::from(u - x), f64::from(v - y));
        let (x, y) = (
            f64::from((x - middle.0) / Self::UNIT),
            f64::from((y - middle.1) / Self::UNIT),
        );
        [
            ([1.0, x, y, 0.0, 0.0, 0.0, x * x, x * y], dx),
            ([0.0, 0.0, 0.0, 1.0, x, y, x * y, y * y], dy),
        ]
    }

    fn off(&self, pair: &Pair) -> f32 {
        let [across, down] = Self::rows(self.middle, pair).map(|(row, value)| {
            let told: f64 = row
                .iter()
                .zip(self.numbers)
                .map(|(a, b)| a * f64::from(b))
                .sum();
            (value - told) as f32
        });
        across.hypot(down)
    }
}

/// Gauss's elimination of eight equations; none when they do not determine the unknowns.
fn solved(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot =
            (column..8).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        if rows[pivot][column].abs() < 1e-9 {
            return None;
        }
        rows.swap(column, pivot);
        for row in 0..8 {
            if row != column {
                let upper = rows[column];
                let factor = rows[row][column] / upper[column];
                for (value, above) in rows[row].iter_mut().zip(upper) {
                    *value -= factor * above;
                }
            }
        }
    }
    Some(std::array::from_fn(|i| rows[i][8] / rows[i][i]))
}

/// Whether what surrounds the head moved with the face rather than stayed; none where the surround shows nothing.
fn surround_moves(first: &Glance, later: &Glance, field: &Field) -> Option<bool> {
    const SECTORS: usize = 16;
    let carried = field.similarity();
    let mut stayed_off = [0.0f32; SECTORS];
    let mut moved_off = [0.0f32; SECTORS];
    let mut seen = [0u32; SECTORS];
    let reach = 3.1;
    let (hw, hh) = first.half;
    let rows = (first.middle.1 - reach * hh) as i32..(first.middle.1 + 0.7 * hh) as i32;
    for y in rows {
        let columns = (first.middle.0 - reach * hw) as i32..(first.middle.0 + reach * hw) as i32;
        for x in columns {
            let (fx, fy) = (x as f32, y as f32);
            let (u, v) = ((fx - first.middle.0) / hw, (fy - first.middle.1) / hh);
            let out = u.hypot(v);
            // Nearer is hair, and below is the body: both move with a living head as well.
            if !(1.9..=reach).contains(&out) {
                continue;
            }
            let Some((gx, gy)) = first.slope(fx, fy) else {
                continue;
            };
            if gx.hypot(gy) < 4.0 {
                continue;
            }
            let (mx, my) = carried(fx, fy);
            let (Some(here), Some(stayed), Some(moved)) =
                (first.at(fx, fy), later.at(fx, fy), later.at(mx, my))
            else {
                continue;
            };
            let angle = v.atan2(u) / std::f32::consts::TAU + 0.5;
            let sector = ((angle * SECTORS as f32) as usize).min(SECTORS - 1);
            stayed_off[sector] += (stayed - here).abs();
            moved_off[sector] += (moved - here).abs();
            seen[sector] += 1;
        }
    }
    let (mut moved, mut stayed) = (0, 0);
    for sector in 0..SECTORS {
        if seen[sector] < 12 {
            continue;
        }
        if moved_off[sector] < 0.6 * stayed_off[sector] {
            moved += 1;
        } else if stayed_off[sector] < 0.8 * moved_off[sector] {
            stayed += 1;
        }
    }
    (moved + stayed >= 2).then_some(moved >= 3 && moved > 2 * stayed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(by: impl Fn(f32, f32) -> (f32, f32)) -> Field {
        let points: Vec<Pair> = (0..120)
            .map(|i| {
                let (x, y) = (60.0 + (i % 10) as f32 * 8.0, 50.0 + (i / 10) as f32 * 8.0);
                ((x, y), by(x, y))
            })
            .collect();
        Field { points }
    }

    #[test]
    fn a_plane_that_turns_and_comes_nearer_stays_a_plane() {
        let field = moved(|x, y| {
            let w = 1.0 + 0.0001 * (x - 96.0);
            (1.02 * x / w + 0.03 * y + 4.0, 1.02 * y / w - 0.03 * x - 2.0)
        });
        assert!(field.moved() > PARALLAX);
        assert!(field.off_plane().is_some_and(|off| off < PLANE));
    }

    #[test]
    fn a_nose_that_moves_further_than_the_cheeks_leaves_the_plane() {
        let field = moved(|x, y| {
            let nose = (-((x - 96.0).powi(2) + (y - 94.0).powi(2)) / 500.0).exp();
            (x + 5.0 + 2.0 * nose, y)
        });
        assert!(field.off_plane().is_some_and(|off| off > 1.5 * PLANE));
    }

    #[test]
    fn the_whole_motion_is_found_again() {
        let field = moved(|x, y| (1.1 * x - 0.2 * y + 3.0, 0.2 * x + 1.1 * y - 1.0));
        let (x, y) = field.similarity()(10.0, 20.0);
        assert!(
            (x - 10.0).abs() < 1e-2 && (y - 23.0).abs() < 1e-2,
            "{x} {y}"
        );
    }

    #[test]
    fn too_few_points_tell_no_plane() {
        let mut field = moved(|x, y| (x, y));
        field.points.truncate(11);
        assert_eq!(field.off_plane(), None);
    }
}
