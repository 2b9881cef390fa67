//! Where each module of a symbol lies in a picture: a perspective, moved until the modules that the standard fixes stand out most,
//! and bent to the alignment patterns where the paper is.

use super::effort::Effort;
use super::finders::{Ink, Triple};
use super::symbol::Layout;
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
    fn between(&self, p: f32, q: f32) -> (f32, f32) {
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
    fn moved(mut self, number: usize, by: f32) -> Self {
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
        let corners = self.corners();
        (0..4).all(|i| {
            let (p, q) = (corners[i], corners[(i + 1) % 4]);
            (q.0 - p.0) * (pixel.1 - p.1) - (q.1 - p.1) * (pixel.0 - p.0) >= 0.0
        })
    }

    /// Top left, top right, bottom right, bottom left of the symbol.
    pub(super) fn corners(&self) -> [(f32, f32); 4] {
        let s = self.side;
        [(0.0, 0.0), (s, 0.0), (s, s), (0.0, s)].map(|(u, v)| self.at(u, v))
    }
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
    let right = (left + 1).min(picture.width - 1);
    let bottom = (top + 1).min(picture.height - 1);
    let (upper, lower) = (top * picture.stride, bottom * picture.stride);
    let at = |i: usize| f32::from(picture.bytes[i]);
    let over = at(upper + left) + (at(upper + right) - at(upper + left)) * across;
    let under = at(lower + left) + (at(lower + right) - at(lower + left)) * across;
    over + (under - over) * down
}

/// Modules whose weighted sum of brightness is high where a pattern lies as supposed: light ones count for it, dark ones
/// against it, and even light for nothing.
struct Marks {
    /// Place between the finder centres, and weight.
    marks: Vec<(f32, f32, f32)>,
}

impl Marks {
    fn of(layout: &Layout, ink: Ink, patches: &[Vec<(usize, usize)>]) -> Self {
        let span = layout.side as f32 - 7.0;
        let mut marks = Vec::new();
        for patch in patches {
            let sign = |&(x, y): &(usize, usize)| layout.fixed[y * layout.side + x];
            let dark = patch.iter().filter(|m| sign(m) > 0).count() as f32;
            let light = patch.iter().filter(|m| sign(m) < 0).count() as f32;
            if dark == 0.0 || light == 0.0 {
                continue;
            }
            let share = (dark + light) * if ink == Ink::Dark { 1.0 } else { -1.0 };
            for module in patch {
                let weight = match sign(module) {
                    1 => -share / dark,
                    -1 => share / light,
                    _ => continue,
                };
                let place = |at: usize| (at as f32 + 0.5 - 3.5) / span;
                marks.push((place(module.0), place(module.1), weight));
            }
        }
        let total: f32 = marks.iter().map(|m| m.2.abs()).sum::<f32>() / 2.0;
        for mark in &mut marks {
            mark.2 /= total.max(1.0);
        }
        Self { marks }
    }

    /// How much lighter the light marks are than the dark ones, in counts.
    fn contrast(&self, picture: Luma<'_>, place: &Perspective) -> f32 {
        self.marks
            .iter()
            .map(|&(p, q, weight)| weight * brightness(picture, place.between(p, q)))
            .sum()
    }
}

fn square(centre: (usize, usize), reach: usize, side: usize) -> Vec<(usize, usize)> {
    let range = |c: usize| c.saturating_sub(reach)..=(c + reach).min(side - 1);
    range(centre.1)
        .flat_map(|y| range(centre.0).map(move |x| (x, y)))
        .collect()
}

fn finder_and_timing(layout: &Layout) -> Vec<Vec<(usize, usize)>> {
    let side = layout.side;
    let mut patches: Vec<_> = [(3, 3), (side - 4, 3), (3, side - 4)]
        .map(|centre| square(centre, 4, side))
        .into();
    let line: Vec<usize> = (8..side - 8).collect();
    for part in line.chunks(10) {
        patches.push(part.iter().map(|&i| (i, 6)).collect());
        patches.push(part.iter().map(|&i| (6, i)).collect());
    }
    patches
}

/// Moves one number at a time as long as the contrast grows, in ever smaller steps (pixels).
fn climbed(
    picture: Luma<'_>,
    marks: &Marks,
    start: Perspective,
    steps: &[f32],
    effort: &mut Effort,
) -> (Perspective, f32) {
    let mut best = (start, marks.contrast(picture, &start));
    for &step in steps {
        for _round in 0..3 {
            let before = best.1;
            for number in 0..8 {
                for by in [step, -step] {
                    let mut stride = by;
                    // Goes on in a direction that pays, twice as far each time.
                    for _further in 0..3 {
                        if !effort.spend(marks.marks.len()) {
                            return best;
                        }
                        let moved = best.0.moved(number, stride);
                        let contrast = marks.contrast(picture, &moved);
                        if contrast <= best.1 {
                            break;
                        }
                        best = (moved, contrast);
                        stride *= 1.5;
                    }
                }
            }
            if best.1 <= before + 0.02 * before.abs() {
                break;
            }
        }
    }
    best
}

/// A symbol found in a picture.
#[derive(Clone)]
pub(super) struct Grid {
    pub(super) place: Perspective,
    /// How far each crossing of alignment lines lies from where the perspective has it, row by row, in pixels.
    bends: Vec<(f32, f32)>,
}

/// How much nearer one side of a symbol may be than the other: what is tried before the climb begins.
const NEARER: [f32; 5] = [0.8, 0.9, 1.0, 1.11, 1.25];

/// A version supposed at three finder patterns.
pub(super) struct Guess<'a> {
    picture: Luma<'a>,
    marks: Marks,
    version_marks: Option<Marks>,
    start: Perspective,
    /// The perspective of those tried that fits best, and how much the fixed patterns and the version's own mark stand out, in counts.
    best: (Perspective, f32),
}

impl<'a> Guess<'a> {
    /// `picture` shows modules at two to four pixels, if it can.
    pub(super) fn of(
        picture: Luma<'a>,
        layout: &Layout,
        start: Perspective,
        ink: Ink,
        effort: &mut Effort,
    ) -> Self {
        let mut guess = Self {
            picture,
            marks: Marks::of(layout, ink, &finder_and_timing(layout)),
            version_marks: version_mark(layout).map(|patches| Marks::of(layout, ink, &patches)),
            start,
            best: (start, f32::NEG_INFINITY),
        };
        effort.spend(guess.marks.marks.len() * NEARER.len() * NEARER.len());
        for alpha in NEARER {
            for beta in NEARER {
                let place = Perspective {
                    alpha,
                    beta,
                    ..start
                };
                let contrast = guess.marks.contrast(picture, &place);
                if contrast > guess.best.1 {
                    guess.best = (place, contrast);
                }
            }
        }
        guess
    }

    /// How well it fits.
    pub(super) fn contrast(&self) -> f32 {
        let (place, contrast) = self.best;
        contrast
            + match &self.version_marks {
                Some(marks) => marks.contrast(self.picture, &place),
                // Versions without a mark are few and small, and their timing patterns tell.
                None => contrast / 2.0,
            }
    }

    /// Moves it to where it fits best.
    pub(super) fn settle(&mut self, effort: &mut Effort) {
        let module = self.start.module();
        let steps = [0.6 * module, 0.25 * module];
        let tried = self.best.0;
        self.best = climbed(self.picture, &self.marks, tried, &steps, effort);
        if tried != self.start {
            let level = climbed(self.picture, &self.marks, self.start, &steps, effort);
            if level.1 > self.best.1 {
                self.best = level;
            }
        }
    }

    pub(super) fn place(&self) -> Perspective {
        self.best.0
    }
}

/// The two blocks that say the version (from 7 on), beside the finder patterns.
fn version_mark(layout: &Layout) -> Option<[Vec<(usize, usize)>; 2]> {
    let side = layout.side;
    (side >= 45).then(|| {
        let block = |i: usize| (side - 11 + i % 3, i / 3);
        [
            (0..18).map(block).collect(),
            (0..18).map(block).map(|(x, y)| (y, x)).collect(),
        ]
    })
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
            bends: self.bends.iter().map(|b| (b.0 * 2.0, b.1 * 2.0)).collect(),
        }
    }

    /// A grid without bends.
    pub(super) fn flat(place: Perspective) -> Self {
        Self {
            place,
            bends: Vec::new(),
        }
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
        let lines: Vec<f32> = layout.alignment_lines().map(|c| c as f32 + 0.5).collect();
        let n = lines.len();
        // Which two lines a module lies between, and how far.
        let cell = |at: f32| {
            let i = lines
                .iter()
                .rposition(|&l| l <= at)
                .unwrap_or(0)
                .min(n.saturating_sub(2));
            let share = (at - lines[i]) / (lines[i + 1] - lines[i]);
            (i, share.clamp(-0.5, 1.5))
        };
        let mut samples = Vec::with_capacity(wide * wide);
        for row in 0..wide {
            let v = row as f32 - margin as f32 + 0.5;
            let (j, down) = if self.bends.is_empty() {
                (0, 0.0)
            } else {
                cell(v)
            };
            for column in 0..wide {
                let u = column as f32 - margin as f32 + 0.5;
                let mut at = self.place.at(u, v);
                if !self.bends.is_empty() {
                    let (i, across) = cell(u);
                    let bend = |i: usize, j: usize| self.bends[j * n + i];
                    let mix = |pick: fn((f32, f32)) -> f32| {
                        let over =
                            pick(bend(i, j)) * (1.0 - across) + pick(bend(i + 1, j)) * across;
                        let under = pick(bend(i, j + 1)) * (1.0 - across)
                            + pick(bend(i + 1, j + 1)) * across;
                        over * (1.0 - down) + under * down
                    };
                    at = (at.0 + mix(|b| b.0), at.1 + mix(|b| b.1));
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
