//! Where each module of a symbol lies in a picture: a perspective, moved until the modules that the standard fixes stand out most,
//! and bent to the alignment patterns where the paper is.

use super::effort::Effort;
use super::finders::Ink;
use super::marks::{Marks, climbed, finder_and_timing, square};
use super::symbol::Layout;
use super::threes::Triple;
use crate::luma::Luma;

/// A perspective through the centres of the three finder patterns; pixels of the picture, centres of pixels at halves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Perspective {
    /// Top left, top right and bottom left finder pattern.
    a: (f32, f32),
    b: (f32, f32),
    c: (f32, f32),
    /// How much nearer than the top left the other two are.
    alpha: f32,
    beta: f32,
    /// Modules a side.
    side: f32,
}

impl Perspective {
    pub(super) fn of(triple: &Triple, side: usize, scale: f32) -> Self {
        let to = |p: (f32, f32)| (p.0 / scale, p.1 / scale);
        Self {
            a: to(triple.top_left),
            b: to(triple.top_right),
            c: to(triple.bottom_left),
            alpha: 1.0,
            beta: 1.0,
            side: side as f32,
        }
    }

    /// The same finder patterns, with the other two so much nearer than the top left.
    pub(super) fn tilted(self, alpha: f32, beta: f32) -> Self {
        Self {
            alpha,
            beta,
            ..self
        }
    }

    /// The same in a picture `factor` times as large.
    pub(super) fn scaled(self, factor: f32) -> Self {
        let to = |p: (f32, f32)| (p.0 * factor, p.1 * factor);
        Self {
            a: to(self.a),
            b: to(self.b),
            c: to(self.c),
            ..self
        }
    }

    /// Share of the way between finder centres for a place in modules.
    fn share(&self, module: f32) -> f32 {
        (module - 3.5) / (self.side - 7.0)
    }

    /// Modules, counted from the symbol's top left corner, to pixels.
    pub(super) fn at(&self, u: f32, v: f32) -> (f32, f32) {
        self.between(self.share(u), self.share(v))
    }

    #[inline]
    pub(super) fn between(&self, p: f32, q: f32) -> (f32, f32) {
        let (pb, qc) = (p * self.alpha, q * self.beta);
        let rest = 1.0 - p - q;
        let w = 1.0 / (rest + pb + qc);
        (
            (rest * self.a.0 + pb * self.b.0 + qc * self.c.0) * w,
            (rest * self.a.1 + pb * self.b.1 + qc * self.c.1) * w,
        )
    }

    /// Mean pixels a module.
    pub(super) fn module(&self) -> f32 {
        let arm = |p: (f32, f32)| (p.0 - self.a.0).hypot(p.1 - self.a.1);
        (arm(self.b) + arm(self.c)) / 2.0 / (self.side - 7.0)
    }

    /// The perspective that also takes a place on the diagonal to a given pixel.
    fn through(self, module: f32, pixel: (f32, f32)) -> Option<Self> {
        let p = self.share(module);
        let (bx, by) = (p * (self.b.0 - pixel.0), p * (self.b.1 - pixel.1));
        let (cx, cy) = (p * (self.c.0 - pixel.0), p * (self.c.1 - pixel.1));
        let rest = 1.0 - 2.0 * p;
        let (rx, ry) = (rest * (pixel.0 - self.a.0), rest * (pixel.1 - self.a.1));
        let det = bx * cy - by * cx;
        if det.abs() < 1e-3 {
            return None;
        }
        let (alpha, beta) = ((rx * cy - ry * cx) / det, (bx * ry - by * rx) / det);
        let sane = |w: f32| (0.4..2.5).contains(&w);
        (sane(alpha) && sane(beta)).then_some(Self {
            alpha,
            beta,
            ..self
        })
    }

    /// The eight numbers, moved one at a time by pixels of the corner that each governs.
    pub(super) fn moved(mut self, number: usize, by: f32) -> Self {
        let long = self.module() * (self.side - 7.0);
        match number {
            0 => self.a.0 += by,
            1 => self.a.1 += by,
            2 => self.b.0 += by,
            3 => self.b.1 += by,
            4 => self.c.0 += by,
            5 => self.c.1 += by,
            6 => self.alpha += 2.0 * by / long,
            _ => self.beta += 2.0 * by / long,
        }
        self
    }

    /// The symbol's middle.
    pub(super) fn middle(&self) -> (f32, f32) {
        self.between(0.5, 0.5)
    }

    /// Whether a pixel lies in the symbol.
    pub(super) fn holds(&self, pixel: (f32, f32)) -> bool {
        hold(self.corners(), pixel)
    }

    /// Top left, top right, bottom right, bottom left of the symbol.
    pub(super) fn corners(&self) -> [(f32, f32); 4] {
        let s = self.side;
        [(0.0, 0.0), (s, 0.0), (s, s), (0.0, s)].map(|(u, v)| self.at(u, v))
    }
}

/// Whether a pixel lies between four corners, clockwise.
pub(super) fn hold(corners: [(f32, f32); 4], pixel: (f32, f32)) -> bool {
    (0..4).all(|i| {
        let (p, q) = (corners[i], corners[(i + 1) % 4]);
        (q.0 - p.0) * (pixel.1 - p.1) - (q.1 - p.1) * (pixel.0 - p.0) >= 0.0
    })
}

/// The brightness at a place, between the four pixels about it; the border's outside is as its edge.
#[inline]
pub(super) fn brightness(picture: Luma<'_>, (x, y): (f32, f32)) -> f32 {
    let (x, y) = (
        (x - 0.5).clamp(0.0, (picture.width - 1) as f32),
        (y - 0.5).clamp(0.0, (picture.height - 1) as f32),
    );
    let (left, top) = (x as usize, y as usize);
    let (across, down) = (x - left as f32, y - top as f32);
    let mix = |a: u8, b: u8| f32::from(a) + (f32::from(b) - f32::from(a)) * across;
    let (upper, stride) = (top * picture.stride + left, picture.stride);
    let (over, under) = if left + 1 < picture.width && top + 1 < picture.height {
        let (over, under) = (
            &picture.bytes[upper..][..2],
            &picture.bytes[upper + stride..][..2],
        );
        (mix(over[0], over[1]), mix(under[0], under[1]))
    } else {
        let right = usize::from(left + 1 < picture.width);
        let below = upper + stride * usize::from(top + 1 < picture.height);
        let at = |i: usize| picture.bytes[i];
        (
            mix(at(upper), at(upper + right)),
            mix(at(below), at(below + right)),
        )
    };
    over + (under - over) * down
}

/// A symbol found in a picture.
#[derive(Clone)]
pub(super) struct Grid {
    pub(super) place: Perspective,
    /// Columns (and rows), in modules, at whose crossings it is bent.
    pub(super) lines: Vec<f32>,
    /// How far each crossing lies from where the perspective has it, row by row, in pixels. Empty for a flat grid.
    pub(super) bends: Vec<(f32, f32)>,
}

/// Fits all fixed patterns, from a place that is right to about a module near the finder patterns.
pub(super) fn fine(
    picture: Luma<'_>,
    layout: &Layout,
    start: Perspective,
    ink: Ink,
    effort: &mut Effort,
) -> (Grid, f32) {
    let module = start.module();
    let mut patches = finder_and_timing(layout);
    let mut place = start;
    let alignments = layout.alignments();
    if let Some(&(last, _)) = alignments.last() {
        // Perspective is least known at the fourth corner: look about for its alignment pattern.
        let centre = last as f32 + 0.5;
        let marks = pattern_marks(ink);
        let span = 2.0 + layout.side as f32 / 14.0;
        let reach = (span * 2.0) as i32;
        effort.spend(25 * (2 * reach + 1).pow(2) as usize);
        let expected = place.at(centre, centre);
        let mut best = (
            marks.contrast(picture, &place, (centre, centre), (0.0, 0.0)),
            expected,
        );
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let offset = (dx as f32 * 0.5 * module, dy as f32 * 0.5 * module);
                // The nearer of two equals: a little is taken off for distance.
                let far = (dx as f32).hypot(dy as f32) / reach as f32;
                let contrast =
                    marks.contrast(picture, &place, (centre, centre), offset) * (1.0 - 0.25 * far);
                if contrast > best.0 {
                    best = (contrast, (expected.0 + offset.0, expected.1 + offset.1));
                }
            }
        }
        if let Some(through) = place.through(centre, best.1) {
            place = through;
        }
        patches.extend(
            alignments
                .iter()
                .map(|&centre| square(centre, 2, layout.side)),
        );
    }
    let marks = Marks::of(layout, ink, &patches);
    let steps = [0.5 * module, 0.25 * module, 0.1 * module];
    let (there, contrast) = climbed(picture, &marks, place, &steps, effort);
    // Where the alignment pattern was mistaken, the place without it may be the better one.
    let (place, contrast) = if place == start {
        (there, contrast)
    } else {
        let other = climbed(picture, &marks, start, &steps[1..], effort);
        if other.1 > contrast {
            other
        } else {
            (there, contrast)
        }
    };
    effort.spend(25 * 121 * alignments.len());
    let grid = Grid {
        lines: layout.alignment_lines().map(|c| c as f32 + 0.5).collect(),
        bends: bends(picture, layout, &place, ink),
        place,
    };
    (grid, contrast)
}

/// The marks of one alignment pattern about its centre, in modules.
struct PatternMarks([(f32, f32, f32); 25]);

fn pattern_marks(ink: Ink) -> PatternMarks {
    let sign = if ink == Ink::Dark { 1.0 } else { -1.0 };
    PatternMarks(std::array::from_fn(|i| {
        let (x, y) = ((i % 5) as f32 - 2.0, (i / 5) as f32 - 2.0);
        let light = x.abs().max(y.abs()) == 1.0;
        (x, y, if light { sign / 8.0 } else { -sign / 17.0 })
    }))
}

impl PatternMarks {
    fn contrast(
        &self,
        picture: Luma<'_>,
        place: &Perspective,
        centre: (f32, f32),
        offset: (f32, f32),
    ) -> f32 {
        self.0
            .iter()
            .map(|&(x, y, weight)| {
                let at = place.at(centre.0 + x, centre.1 + y);
                weight * brightness(picture, (at.0 + offset.0, at.1 + offset.1))
            })
            .sum()
    }
}

/// Looks for each alignment pattern up to a module and a half about its place.
fn bends(picture: Luma<'_>, layout: &Layout, place: &Perspective, ink: Ink) -> Vec<(f32, f32)> {
    let lines: Vec<usize> = layout.alignment_lines().collect();
    if lines.len() < 3 {
        return Vec::new();
    }
    let marks = pattern_marks(ink);
    let module = place.module();
    let patterns = layout.alignments();
    let mut bends = vec![(0.0f32, 0.0f32); lines.len() * lines.len()];
    for (index, bend) in bends.iter_mut().enumerate() {
        let centre = (lines[index % lines.len()], lines[index / lines.len()]);
        if !patterns.contains(&centre) {
            continue;
        }
        let centre = (centre.0 as f32 + 0.5, centre.1 as f32 + 0.5);
        let here = marks.contrast(picture, place, centre, (0.0, 0.0));
        let mut best = (here * 1.15 + 2.0, (0.0, 0.0));
        for dy in -5..=5 {
            for dx in -5..=5 {
                let offset = (dx as f32 * 0.3 * module, dy as f32 * 0.3 * module);
                let contrast = marks.contrast(picture, place, centre, offset);
                if contrast > best.0 {
                    best = (contrast, offset);
                }
            }
        }
        *bend = best.1;
    }
    // One pattern that strays alone is a mistake, paper bends smoothly: each is drawn to its neighbours' median.
    let n = lines.len();
    let smooth = |pick: fn(&(f32, f32)) -> f32, index: usize| {
        let (x, y) = (index % n, index / n);
        let mut around: Vec<f32> = (y.saturating_sub(1)..(y + 2).min(n))
            .flat_map(|y| (x.saturating_sub(1)..(x + 2).min(n)).map(move |x| (x, y)))
            .map(|(x, y)| pick(&bends[y * n + x]))
            .collect();
        around.sort_by(f32::total_cmp);
        let median = around[around.len() / 2];
        let own = pick(&bends[index]);
        median + (own - median).clamp(-0.7 * module, 0.7 * module)
    };
    (0..n * n)
        .map(|index| (smooth(|b| b.0, index), smooth(|b| b.1, index)))
        .collect()
}

/// Which brightness stands for a module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// That of its middle.
    Middle,
    /// The least of five places in it.
    Darkest,
}

impl Grid {
    /// The same in a picture twice as large.
    pub(super) fn doubled(&self) -> Self {
        Self {
            place: self.place.scaled(2.0),
            lines: self.lines.clone(),
            bends: self.bends.iter().map(|b| (b.0 * 2.0, b.1 * 2.0)).collect(),
        }
    }

    /// A grid without bends.
    pub(super) fn flat(place: Perspective) -> Self {
        Self {
            place,
            lines: Vec::new(),
            bends: Vec::new(),
        }
    }

    /// Which two lines a module lies between, and how far.
    fn cell(&self, at: f32) -> (usize, f32) {
        let lines = &self.lines;
        let i = lines
            .iter()
            .rposition(|&l| l <= at)
            .unwrap_or(0)
            .min(lines.len().saturating_sub(2));
        let share = (at - lines[i]) / (lines[i + 1] - lines[i]);
        (i, share.clamp(-0.5, 1.5))
    }

    /// How far a place between lines is bent.
    fn bend(&self, (i, across): (usize, f32), (j, down): (usize, f32)) -> (f32, f32) {
        let n = self.lines.len();
        let at = |i: usize, j: usize| self.bends[j * n + i];
        let mix = |pick: fn((f32, f32)) -> f32| {
            let over = pick(at(i, j)) * (1.0 - across) + pick(at(i + 1, j)) * across;
            let under = pick(at(i, j + 1)) * (1.0 - across) + pick(at(i + 1, j + 1)) * across;
            over * (1.0 - down) + under * down
        };
        (mix(|b| b.0), mix(|b| b.1))
    }

    /// Whether it is bent by more than so many modules anywhere.
    pub(super) fn bends_by(&self, modules: f32) -> bool {
        let least = modules * self.place.module();
        self.bends.iter().any(|b| b.0.hypot(b.1) > least)
    }

    /// Brightness in the middle of each module, and of `margin` rows and columns about the symbol, row by row.
    pub(super) fn samples(
        &self,
        picture: Luma<'_>,
        layout: &Layout,
        margin: usize,
        taken: Taken,
    ) -> Vec<f32> {
        let off = 0.3 * self.place.module();
        let wide = layout.side + 2 * margin;
        let middles: Vec<f32> = (0..wide).map(|i| i as f32 - margin as f32 + 0.5).collect();
        let cells: Vec<(usize, f32)> = if self.bends.is_empty() {
            Vec::new()
        } else {
            middles.iter().map(|&at| self.cell(at)).collect()
        };
        let mut samples = Vec::with_capacity(wide * wide);
        for (row, &v) in middles.iter().enumerate() {
            for (column, &u) in middles.iter().enumerate() {
                let mut at = self.place.at(u, v);
                if !cells.is_empty() {
                    let bend = self.bend(cells[column], cells[row]);
                    at = (at.0 + bend.0, at.1 + bend.1);
                }
                let middle = brightness(picture, at);
                samples.push(match taken {
                    Taken::Middle => middle,
                    Taken::Darkest => [(off, 0.0), (-off, 0.0), (0.0, off), (0.0, -off)]
                        .iter()
                        .map(|o| brightness(picture, (at.0 + o.0, at.1 + o.1)))
                        .fold(middle, f32::min),
                });
            }
        }
        samples
    }
}
