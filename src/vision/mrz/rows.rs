//! Rows of marks at a regular pitch: what a line of OCR-B is, before anything is read.

use super::ink::Mark;

/// Rows steeper than this against the picture's axis belong to the other axis.
const STEEPEST: f32 = 0.62; // tan 32 degrees
/// Fewer marks than this are no row.
const FEWEST: usize = 7;
/// Marks may stray this far from their place, in pitches.
const STRAY: f32 = 0.27;
/// Most rows kept of one picture and axis.
const MOST_ROWS: usize = 160;
/// Every so many marks begin a row in the first round, and the rest in rounds after it: a line of text has marks in each.
const STRIDE: usize = 13;
/// Most steps of the search in one picture and axis: bounds the work on texture.
const MOST_STEPS: usize = 400_000;

/// A mark with its number along the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) k: i32,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) height: f32,
}

/// Marks in a row; positions are numbered along it, gaps counted.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) places: Vec<Place>,
}

impl Row {
    pub(super) fn first(&self) -> &Place {
        &self.places[0]
    }

    pub(super) fn last(&self) -> &Place {
        &self.places[self.places.len() - 1]
    }

    /// Characters from the first mark to the last, gaps included.
    pub(super) fn span(&self) -> i32 {
        self.last().k - self.first().k + 1
    }

    /// Mean step from one character to the next.
    pub(super) fn step(&self) -> (f32, f32) {
        let (a, b) = (self.first(), self.last());
        let n = (b.k - a.k).max(1) as f32;
        ((b.x - a.x) / n, (b.y - a.y) / n)
    }

    pub(super) fn pitch(&self) -> f32 {
        let (x, y) = self.step();
        x.hypot(y)
    }

    /// Height of most marks (of ten, the eighth): fillers are lower than letters.
    pub(super) fn height(&self) -> f32 {
        let mut heights: Vec<f32> = self.places.iter().map(|p| p.height).collect();
        heights.sort_by(f32::total_cmp);
        heights[heights.len() * 8 / 10]
    }

    /// The point at character number k (fractions allowed), from the places nearest to it.
    pub(super) fn at(&self, k: f32) -> (f32, f32) {
        fit(&self.places, k).at(k)
    }

    /// Root mean square departure of the marks from a smooth regular pitch, in pitches.
    pub(super) fn roughness(&self) -> f32 {
        let mut sum = 0.0;
        for place in &self.places {
            let (x, y) = self.at(place.k as f32);
            sum += (x - place.x).powi(2) + (y - place.y).powi(2);
        }
        (sum / self.places.len() as f32).sqrt() / self.pitch().max(1e-3)
    }
}

/// A straight piece of a row: position at k0 and step.
struct Piece {
    k0: f32,
    origin: (f32, f32),
    step: (f32, f32),
}

impl Piece {
    fn at(&self, k: f32) -> (f32, f32) {
        (
            self.origin.0 + (k - self.k0) * self.step.0,
            self.origin.1 + (k - self.k0) * self.step.1,
        )
    }
}

/// Least squares over the (at most) 10 places nearest to k; `places` is sorted by k and not empty.
fn fit(places: &[Place], k: f32) -> Piece {
    let middle = places.partition_point(|p| (p.k as f32) < k);
    let from = middle
        .saturating_sub(5)
        .min(places.len().saturating_sub(10));
    let near = &places[from..(from + 10).min(places.len())];
    let n = near.len() as f32;
    let k0 = near.iter().map(|p| p.k as f32).sum::<f32>() / n;
    let origin = (
        near.iter().map(|p| p.x).sum::<f32>() / n,
        near.iter().map(|p| p.y).sum::<f32>() / n,
    );
    let (mut kk, mut kx, mut ky) = (0.0, 0.0, 0.0);
    for place in near {
        let k = place.k as f32 - k0;
        kk += k * k;
        kx += k * (place.x - origin.0);
        ky += k * (place.y - origin.1);
    }
    let step = if kk > 0.0 {
        (kx / kk, ky / kk)
    } else {
        (0.0, 0.0)
    };
    Piece { k0, origin, step }
}

/// The regular rows that run roughly along x, longest first, and the steps that finding them took: not many more than
/// `most`.
pub(super) fn rows(marks: &[Mark], most: usize) -> (Vec<Row>, usize) {
    let most = most.min(MOST_STEPS);
    let grid = Grid::new(marks);
    let mut search = Search {
        marks,
        grid,
        used: vec![false; marks.len()],
        steps: 0,
        near: Vec::new(),
        second: Vec::new(),
    };
    let mut found = Vec::new();
    // From all over the picture, since work may end before the last: a zone is at the page's foot, below all its security print.
    let seeds = (0..STRIDE).flat_map(|first| (first..marks.len()).step_by(STRIDE));
    for seed in seeds {
        if search.steps > most || found.len() >= MOST_ROWS {
            break;
        }
        if let Some(row) = search.from(seed) {
            found.push(row);
        }
    }
    let steps = search.steps;
    let mut found = joined(found);
    found.sort_by_key(|row| std::cmp::Reverse(row.places.len()));
    (found, steps)
}

struct Search<'a> {
    marks: &'a [Mark],
    grid: Grid,
    used: Vec<bool>,
    steps: usize,
    near: Vec<usize>,
    second: Vec<usize>,
}

impl Search<'_> {
    fn from(&mut self, seed: usize) -> Option<Row> {
        if self.used[seed] {
            return None;
        }
        let mark = self.marks[seed];
        let mut near = std::mem::take(&mut self.near);
        near.clear();
        self.grid
            .within(mark.x, mark.y, 2.1 * mark.height.max(mark.width), &mut near);
        let mut best: Option<(Row, Vec<usize>)> = None;
        for &second in &near {
            let other = self.marks[second];
            let (dx, dy) = (other.x - mark.x, other.y - mark.y);
            let size = mark.height.max(other.height);
            let distance = dx.hypot(dy);
            let plausible = dx > 0.0
                && !self.used[second]
                && dy.abs() <= STEEPEST * dx
                && (0.55 * size..=2.0 * size).contains(&distance)
                && alike(mark.height, other.height);
            if !plausible {
                continue;
            }
            self.steps += near.len();
            let (row, members) = self.walk(seed, second);
            if row.places.len() >= FEWEST
                && best
                    .as_ref()
                    .is_none_or(|(b, _)| row.places.len() > b.places.len())
            {
                best = Some((row, members));
            }
            if best.as_ref().is_some_and(|(b, _)| b.places.len() >= 20) {
                break;
            }
        }
        self.near = near;
        let (row, members) = best?;
        if row.places.len() * 2 < row.span() as usize {
            return None;
        }
        for member in members {
            self.used[member] = true;
        }
        Some(row)
    }

    /// Follows the pitch from a pair of neighbours to both sides.
    fn walk(&mut self, seed: usize, second: usize) -> (Row, Vec<usize>) {
        let place = |k: i32, m: &Mark| Place {
            k,
            x: m.x,
            y: m.y,
            height: m.height,
        };
        let mut places = vec![place(0, &self.marks[seed]), place(1, &self.marks[second])];
        let mut members = vec![seed, second];
        let mut near = std::mem::take(&mut self.second);
        for forward in [true, false] {
            loop {
                let tip = if forward {
                    places[places.len() - 1].k
                } else {
                    places[0].k
                };
                let tall = places
                    .iter()
                    .rev()
                    .take(12)
                    .map(|p| p.height)
                    .fold(0.0, f32::max);
                let piece = fit(&places, tip as f32);
                let pitch = piece.step.0.hypot(piece.step.1);
                let mut next = None;
                // A pair alone says little about the pitch, so it may not jump gaps.
                let farthest = if places.len() < 4 { 1 } else { 4 };
                for gap in 1..=farthest {
                    let k = if forward { tip + gap } else { tip - gap };
                    let (x, y) = piece.at(k as f32);
                    let reach = pitch
                        * if places.len() < 4 {
                            0.36
                        } else {
                            STRAY + 0.02 * (gap - 1) as f32
                        };
                    near.clear();
                    self.grid.within(x, y, reach, &mut near);
                    self.steps += 1 + near.len();
                    let off = |m: usize| (self.marks[m].x - x).hypot(self.marks[m].y - y);
                    let nearest = near
                        .iter()
                        .copied()
                        .filter(|&m| !self.used[m] && off(m) <= reach)
                        .filter(|&m| {
                            self.marks[m].height >= 0.38 * tall
                                && self.marks[m].height <= 1.7 * tall
                        })
                        .min_by(|&a, &b| off(a).total_cmp(&off(b)));
                    if let Some(m) = nearest {
                        next = Some((k, m));
                        break;
                    }
                }
                let Some((k, m)) = next else { break };
                if places.len() > 120 || members.contains(&m) {
                    break;
                }
                members.push(m);
                if forward {
                    places.push(place(k, &self.marks[m]));
                } else {
                    places.insert(0, place(k, &self.marks[m]));
                }
            }
        }
        self.second = near;
        (Row { places }, members)
    }
}

fn alike(a: f32, b: f32) -> bool {
    a <= 2.1 * b && b <= 2.1 * a
}

/// Rows that continue each other behind a gap (glare, a finger) are one row.
fn joined(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| a.first().x.total_cmp(&b.first().x));
    let mut n = 0;
    while n < rows.len() {
        let mut best: Option<(usize, i32)> = None;
        let end = *rows[n].last();
        let pitch = rows[n].pitch();
        for (m, other) in rows.iter().enumerate() {
            let start = other.first();
            if m == n || start.x <= end.x || !(0.85..=1.18).contains(&(other.pitch() / pitch)) {
                continue;
            }
            let gap = ((start.x - end.x).hypot(start.y - end.y) / pitch).round() as i32;
            if !(1..=14).contains(&gap) || best.is_some_and(|(_, g)| g <= gap) {
                continue;
            }
            let ahead = rows[n].at((end.k + gap) as f32);
            let back = other.at((start.k - gap) as f32);
            let limit = pitch * (0.3 + 0.03 * gap as f32);
            let misses = |p: (f32, f32), q: (f32, f32)| (p.0 - q.0).hypot(p.1 - q.1) > limit;
            if !misses(ahead, (start.x, start.y)) && !misses(back, (end.x, end.y)) {
                best = Some((m, gap));
            }
        }
        if let Some((m, gap)) = best {
            let other = rows.remove(m);
            let n_now = if m < n { n - 1 } else { n };
            let shift = end.k + gap - other.first().k;
            let row = &mut rows[n_now];
            row.places.extend(other.places.into_iter().map(|p| Place {
                k: p.k + shift,
                ..p
            }));
            n = n_now;
        } else {
            n += 1;
        }
    }
    rows
}

/// Marks by where they are: buckets of a fixed side.
struct Grid {
    side: f32,
    columns: usize,
    rows: usize,
    left: f32,
    top: f32,
    starts: Vec<u32>,
    members: Vec<u32>,
    at: Vec<(f32, f32)>,
}

impl Grid {
    fn new(marks: &[Mark]) -> Self {
        let side = 24.0f32;
        let bound = |f: fn(&Mark) -> f32| {
            marks
                .iter()
                .map(f)
                .fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)))
        };
        let ((left, right), (top, bottom)) = if marks.is_empty() {
            ((0.0, 0.0), (0.0, 0.0))
        } else {
            (bound(|m| m.x), bound(|m| m.y))
        };
        let columns = ((right - left) / side) as usize + 1;
        let rows = ((bottom - top) / side) as usize + 1;
        let cell =
            |m: &Mark| ((m.y - top) / side) as usize * columns + ((m.x - left) / side) as usize;
        let mut starts = vec![0u32; columns * rows + 1];
        for mark in marks {
            starts[cell(mark) + 1] += 1;
        }
        for n in 1..starts.len() {
            starts[n] += starts[n - 1];
        }
        let mut fill = starts.clone();
        let mut members = vec![0u32; marks.len()];
        for (n, mark) in marks.iter().enumerate() {
            let place = &mut fill[cell(mark)];
            members[*place as usize] = n as u32;
            *place += 1;
        }
        Self {
            side,
            columns,
            rows,
            left,
            top,
            starts,
            members,
            at: marks.iter().map(|m| (m.x, m.y)).collect(),
        }
    }

    fn within(&self, x: f32, y: f32, reach: f32, out: &mut Vec<usize>) {
        let clamp = |v: f32, n: usize| (v.max(0.0) as usize).min(n);
        let (c0, c1) = (
            clamp((x - reach - self.left) / self.side, self.columns),
            clamp((x + reach - self.left) / self.side + 1.0, self.columns),
        );
        let (r0, r1) = (
            clamp((y - reach - self.top) / self.side, self.rows),
            clamp((y + reach - self.top) / self.side + 1.0, self.rows),
        );
        for r in r0..r1 {
            for c in c0..c1 {
                let cell = r * self.columns + c;
                for &m in &self.members[self.starts[cell] as usize..self.starts[cell + 1] as usize]
                {
                    let (mx, my) = self.at[m as usize];
                    if (mx - x).abs() <= reach && (my - y).abs() <= reach {
                        out.push(m as usize);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn mark(x: f32, y: f32) -> Mark {
        Mark {
            x,
            y,
            width: 9.0,
            height: 12.0,
        }
    }

    #[test]
    fn a_tilted_row_is_found_across_a_gap() {
        let slope = 0.4f32;
        let marks: Vec<Mark> = (0..44)
            .filter(|k| !(20..29).contains(k))
            .map(|k| mark(50.0 + 12.0 * k as f32, 90.0 + 12.0 * slope * k as f32))
            .collect();
        let (found, _) = rows(&marks, MOST_STEPS);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span(), 44);
        assert!(found[0].roughness() < 0.02);
    }
}
