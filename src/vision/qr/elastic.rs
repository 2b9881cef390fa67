//! A grid for paper that bulges: it is followed from the finder patterns on, patch by patch, to where modules stand out most. A place between
//! modules shows the mean of its neighbours, and their middles show the most contrast, whatever the data are.

use super::effort::Effort;
use super::finders::Ink;
use super::grid::{Grid, Perspective, brightness};
use super::symbol::Layout;
use crate::luma::Luma;

/// Modules from one control point to the next, about, in a small symbol; paper bulges over many more.
const SPACING: usize = 4;
/// At most so many control points a side: a large symbol's modules are small on the paper.
const MOST: usize = 20;
/// Places that are tried for a control point, about.
const PLACES: usize = 32;
/// Modules about a control point that are looked at, both ways.
const REACH: usize = 4;
/// A known module counts so often.
const KNOWN: f32 = 3.0;
/// What the contrast of a patch is taken to lose, as a share, when it lies a module from where its neighbours suggest.
const STIFFNESS: f32 = 0.4;
/// A patch stays where its neighbours suggest unless it stands out so many times as much elsewhere.
const GAIN: f32 = 1.01;
/// What holds a plane level through few control points.
const RIGIDITY: f32 = 0.05;

/// What is looked at of a patch.
struct Patches<'a> {
    picture: Luma<'a>,
    layout: &'a Layout,
    place: Perspective,
    sign: f32,
    lines: Vec<f32>,
}

fn points(layout: &Layout) -> usize {
    ((layout.side - 7 + SPACING / 2) / SPACING + 1).min(MOST)
}

/// What that takes, in places of the picture.
pub(super) fn cost(layout: &Layout) -> usize {
    points(layout).pow(2) * PLACES * (2 * REACH).pow(2) + 3 * (169 + 25) * 64
}

/// Bends a grid on. The picture's modules take two pixels or more; `known` ones (1 dark, -1 light, 0 unknown) are those that the standard fixes, or
/// more.
pub(super) fn followed(
    picture: Luma<'_>,
    layout: &Layout,
    known: &[i8],
    from: &Grid,
    ink: Ink,
    effort: &mut Effort,
) -> Grid {
    // From the middle of one finder pattern to that of the other.
    let span = layout.side - 7;
    let n = points(layout);
    let lines: Vec<f32> = (0..n)
        .map(|i| 3.5 + i as f32 * span as f32 / (n - 1) as f32)
        .collect();
    let patches = Patches {
        picture,
        layout,
        place: from.place,
        sign: if ink == Ink::Dark { -1.0 } else { 1.0 },
        lines,
    };
    effort.spend(cost(layout));
    let mut order: Vec<usize> = (0..n * n).collect();
    let ends = [(0, 0), (n - 1, 0), (0, n - 1)];
    let far = |index: &usize| {
        let (x, y) = (index % n, index / n);
        let away = |end: &(usize, usize)| x.abs_diff(end.0).pow(2) + y.abs_diff(end.1).pow(2);
        ends.iter().map(away).min()
    };
    order.sort_by_key(far);
    let mut bends: Vec<Option<(f32, f32)>> = vec![None; n * n];
    for (x, y) in ends {
        bends[y * n + x] = Some(patches.finder(x > 0, y > 0));
    }
    for &index in &order[ends.len()..] {
        let (x, y) = (index % n, index / n);
        let start = suggested(&bends, n, x, y).unwrap_or_default();
        let patch = patches.about(x, y, &layout.fixed);
        bends[index] = Some(patch.best(patch.best(start, 0.25, 2), 0.12, 1).at);
    }
    let smooth = |bends: &[Option<(f32, f32)>]| -> Vec<Slope> {
        (0..n * n)
            .map(|i| suggested(bends, n, i % n, i / n).unwrap_or_default())
            .collect()
    };
    let again: Vec<Option<(f32, f32)>> = smooth(&bends)
        .into_iter()
        .enumerate()
        .map(|(i, slope)| Some(patches.about(i % n, i / n, known).best(slope, 0.15, 2).at))
        .collect();
    let bends = smooth(&again).into_iter().map(|slope| slope.at).collect();
    Grid {
        place: from.place,
        lines: patches.lines,
        bends,
    }
}

/// How far a grid is bent at a control point, and how much more from there to the next, in pixels.
#[derive(Clone, Copy, Default)]
struct Slope {
    at: (f32, f32),
    across: (f32, f32),
    down: (f32, f32),
}

/// What the control points about one (and itself, where it is known) suggest for it: a plane through them, those near it counting more.
fn suggested(bends: &[Option<(f32, f32)>], n: usize, x: usize, y: usize) -> Option<Slope> {
    const NEAR: isize = 2;
    // Sums of weights times 1, dx, dy, their products, and the bends with each.
    let (mut square, mut right) = ([[0.0f32; 3]; 3], [[0.0f32; 3]; 2]);
    for dy in -NEAR..=NEAR {
        for dx in -NEAR..=NEAR {
            let (Some(u), Some(v)) = (x.checked_add_signed(dx), y.checked_add_signed(dy)) else {
                continue;
            };
            if u >= n || v >= n {
                continue;
            }
            let Some(bend) = bends[v * n + u] else {
                continue;
            };
            let (dx, dy) = (dx as f32, dy as f32);
            let weight = 1.0 / (0.5 + dx * dx + dy * dy);
            let terms = [1.0, dx, dy];
            for (i, a) in terms.iter().enumerate() {
                for (j, b) in terms.iter().enumerate() {
                    square[i][j] += weight * a * b;
                }
                right[0][i] += weight * a * bend.0;
                right[1][i] += weight * a * bend.1;
            }
        }
    }
    if square[0][0] <= 0.0 {
        return None;
    }
    // Where few are known, their slope is not to be trusted.
    square[1][1] += RIGIDITY;
    square[2][2] += RIGIDITY;
    let [a, b] = right.map(|right| unknowns(square, right));
    Some(Slope {
        at: (a[0], b[0]),
        across: (a[1], b[1]),
        down: (a[2], b[2]),
    })
}

/// Three unknowns, by Cramer's rule.
fn unknowns(m: [[f32; 3]; 3], right: [f32; 3]) -> [f32; 3] {
    let minor = |a: [f32; 3], b: [f32; 3], c: [f32; 3]| {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    };
    // The matrix is symmetric: its rows are its columns.
    let whole = minor(m[0], m[1], m[2]);
    [
        minor(right, m[1], m[2]) / whole,
        minor(m[0], right, m[2]) / whole,
        minor(m[0], m[1], right) / whole,
    ]
}

impl Patches<'_> {
    /// How far a finder pattern lies from where the perspective has it: paper that bulges moves it by modules.
    fn finder(&self, right: bool, low: bool) -> (f32, f32) {
        const STEPS: i32 = 6;
        let side = self.layout.side;
        let (left, top) = (
            if right { side - 8 } else { 0 },
            if low { side - 8 } else { 0 },
        );
        let module = self.place.module();
        let mut best = (f32::NEG_INFINITY, (0.0, 0.0));
        let mut look = |about: (f32, f32), step: f32, steps: i32| {
            for i in 0..(2 * steps + 1).pow(2) {
                let (dx, dy) = (i % (2 * steps + 1) - steps, i / (2 * steps + 1) - steps);
                let bend = (about.0 + dx as f32 * step, about.1 + dy as f32 * step);
                let contrast: f32 = (0..64)
                    .map(|m| (left + m % 8, top + m / 8))
                    .map(|(u, v)| {
                        let at = self.place.at(u as f32 + 0.5, v as f32 + 0.5);
                        let seen = brightness(self.picture, (at.0 + bend.0, at.1 + bend.1));
                        // Thirty-three modules of a pattern with its separator are dark, and thirty-one light.
                        let weight = if self.layout.fixed[v * side + u] > 0 {
                            1.0 / 33.0
                        } else {
                            -1.0 / 31.0
                        };
                        self.sign * weight * seen
                    })
                    .sum();
                if contrast > best.0 {
                    best = (contrast, bend);
                }
            }
            best.1
        };
        let coarse = look((0.0, 0.0), 0.5 * module, STEPS);
        look(coarse, 0.2 * module, 2)
    }

    /// The modules about a control point.
    fn about(&self, x: usize, y: usize, known: &[i8]) -> Patch<'_> {
        let side = self.layout.side;
        let range = |at: f32| {
            let at = at as usize;
            at.saturating_sub(REACH)..(at + REACH).min(side)
        };
        let part = 1.0 / (self.lines[1] - self.lines[0]);
        let mut patch = Patch {
            picture: self.picture,
            module: self.place.module(),
            modules: [Spot::default(); AREA],
            count: 0,
        };
        for v in range(self.lines[y]) {
            for u in range(self.lines[x]) {
                let (u_mid, v_mid) = (u as f32 + 0.5, v as f32 + 0.5);
                patch.modules[patch.count] = Spot {
                    at: self.place.at(u_mid, v_mid),
                    across: (u_mid - self.lines[x]) * part,
                    down: (v_mid - self.lines[y]) * part,
                    weight: KNOWN * self.sign * f32::from(known[v * side + u]),
                };
                patch.count += 1;
            }
        }
        patch
    }
}

/// Modules that are looked at together.
const AREA: usize = (2 * REACH) * (2 * REACH);

/// One module of a patch.
#[derive(Clone, Copy, Default)]
struct Spot {
    /// Where the perspective has it.
    at: (f32, f32),
    /// How far from the control point, as a share of the way to the next.
    across: f32,
    down: f32,
    /// What its brightness counts above the mean, or nothing where it is not known what it is.
    weight: f32,
}

struct Patch<'a> {
    picture: Luma<'a>,
    module: f32,
    modules: [Spot; AREA],
    count: usize,
}

impl Patch<'_> {
    /// How much its modules stand out when it is bent so far, in counts.
    fn contrast(&self, bend: &Slope) -> f32 {
        let modules = &self.modules[..self.count];
        let mut seen = [0.0f32; AREA];
        for (seen, spot) in seen.iter_mut().zip(modules) {
            let (p, q) = (spot.across, spot.down);
            let to = (
                spot.at.0 + bend.at.0 + p * bend.across.0 + q * bend.down.0,
                spot.at.1 + bend.at.1 + p * bend.across.1 + q * bend.down.1,
            );
            *seen = brightness(self.picture, to);
        }
        let seen = &seen[..self.count];
        let mean = seen.iter().sum::<f32>() / self.count.max(1) as f32;
        let sum: f32 = seen
            .iter()
            .zip(modules)
            .map(|(&value, spot)| {
                let above = value - mean;
                if spot.weight == 0.0 {
                    above.abs()
                } else {
                    spot.weight * above
                }
            })
            .sum();
        sum / self.count.max(1) as f32
    }

    /// The best place about a start, in steps of a share of a module, so many at most.
    fn best(&self, start: Slope, step: f32, steps: u32) -> Slope {
        let module = self.module;
        let mut best = (self.contrast(&start) * GAIN, (0, 0));
        let moved = |(i, j): (i32, i32)| Slope {
            at: (
                start.at.0 + i as f32 * step * module,
                start.at.1 + j as f32 * step * module,
            ),
            ..start
        };
        for _step in 0..steps {
            let about = best.1;
            for (dx, dy) in (0..9).map(|i| (i % 3 - 1, i / 3 - 1)) {
                let to = (about.0 + dx, about.1 + dy);
                let far = (to.0 * to.0 + to.1 * to.1) as f32 * step * step;
                if to == about {
                    continue;
                }
                let contrast = self.contrast(&moved(to)) * (1.0 - STIFFNESS * far);
                if contrast > best.0 {
                    best = (contrast, to);
                }
            }
            if best.1 == about {
                break;
            }
        }
        moved(best.1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::GrayImage;

    use super::super::blocks::Part;
    use super::super::drawn::code;
    use super::super::equaliser::Breadth;
    use super::super::grid::Taken;
    use super::super::levels::{MARGIN, levelled};
    use super::super::solve::solved;
    use super::super::threes::Triple;
    use super::*;

    #[test]
    fn a_sheet_that_bulges_by_more_than_a_module_is_followed() {
        const MODULE: f32 = 4.0;
        for (number, bulge) in [(5, 0.9), (12, 1.6)] {
            let text = "SKD1:BULGING".to_owned() + &"7".repeat(usize::from(number) * 12);
            let code = code(&text, number);
            let side = code.size();
            let long = (side as f32 * MODULE) as u32 + 80;
            let module_at = |x: u32, y: u32| {
                let to = |v: u32| (v as f32 + 0.5 - 40.0) / MODULE;
                let (u, v) = (to(x), to(y));
                let wave = (v * 0.8 + u * 0.5) / side as f32 * std::f32::consts::TAU;
                (
                    (u + bulge * 0.5 * wave.cos()).floor(),
                    (v + bulge * wave.sin()).floor(),
                )
            };
            let picture = GrayImage::from_fn(long, long, |x, y| {
                let (u, v) = module_at(x, y);
                image::Luma([if code.get_module(u as i32, v as i32) {
                    40
                } else {
                    200
                }])
            });
            let picture = image::imageops::blur(&picture, 1.0);
            let (near, far) = (40.0 + 3.5 * MODULE, 40.0 + (side as f32 - 3.5) * MODULE);
            let triple = Triple::supposed(
                [(near, near), (far, near), (near, far)],
                side as f32,
                Ink::Dark,
            );
            let layout = Layout::of(usize::from(number)).unwrap();
            let flat = Grid::flat(Perspective::of(&triple, layout.side, 1.0));
            let mut effort = Effort::frame();
            let grid = followed(
                Luma::from(&picture),
                &layout,
                &layout.fixed,
                &flat,
                Ink::Dark,
                &mut effort,
            );
            let read = |grid: &Grid| {
                let samples = grid.samples(Luma::from(&picture), &layout, MARGIN, Taken::Middle);
                let seen = levelled(&samples, &layout, Ink::Dark);
                solved(
                    &seen,
                    &layout,
                    &Part::nothing(&layout),
                    Breadth::Cross,
                    &mut Effort::frame(),
                )
                .text
            };
            assert_eq!(read(&flat), None, "{number}: not bent at all");
            assert_eq!(read(&grid), Some(text), "{number}");
            assert_eq!(effort.spent_since(Effort::frame()) as usize, cost(&layout));
        }
    }
}
