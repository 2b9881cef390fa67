//! Two finder patterns whose third is hidden, in a reflection or under a finger. The timing pattern between the two tells the version
//! and on which side the symbol lies, and the other one leads from its corner to where the third must be; where it is the corner between
//! them that is hidden, both timing patterns lead to it.

use super::arm::{Arm, Sought, Vector, minus, plus, times};
use super::effort::Effort;
use super::finders::{Finder, Ink, MOST};
use super::grid::Perspective;
use super::marks::{Marks, timing};
use super::sight::{Sizes, layout};
use super::symbol::Layout;
use super::threes::Triple;
use crate::luma::Luma;

/// Pairs of one polarity that are looked at, the likeliest first.
const MOST_PAIRS: usize = 6;
/// The logarithm of how much larger one pattern may be than the other.
const UNLIKE: f32 = 0.35;
/// Modules a side that two patterns may be apart.
const SIDES: std::ops::RangeInclusive<f32> = 17.0..=190.0;
/// The logarithm of how much nearer one end of the known side may be than the other.
const NEARER: f32 = 0.2;
/// Counts by which a finder pattern stands out.
const LEAST_CONTRAST: f32 = 12.0;
/// Of what the known timing pattern stands out, the other must at least while it is followed; of what finder patterns do, where none is known.
const LIKE_KNOWN: f32 = 0.4;
const LIKE_FINDERS: f32 = 0.25;
/// The logarithm of how much longer one side may be than the other, in modules, where two arms meet.
const SKEW: f32 = 0.2;

/// How much a timing pattern of so many modules must stand out where finder patterns do by `contrast`: of all the places that are
/// tried, one in data does as much.
fn least(contrast: f32, length: usize) -> f32 {
    contrast * (2.2 / (length as f32).sqrt()).min(0.6)
}

/// Whether two together do so by more than data do.
fn stand_out(one: f32, two: f32, contrast: f32, length: usize) -> bool {
    let least = least(contrast, length);
    one.min(two) >= least && one.midpoint(two) >= 1.36 * least
}

/// A quarter turn clockwise, as a picture is seen.
fn turned(a: Vector) -> Vector {
    (-a.1, a.0)
}

/// The symbols that two patterns alone lead to, the likeliest first.
pub(super) fn threes(sizes: &Sizes<'_>, patterns: &[Finder], effort: &mut Effort) -> Vec<Triple> {
    let mut found: Vec<(f32, Triple)> = Vec::new();
    for ink in [Ink::Dark, Ink::Light] {
        for (one, other) in pairs(patterns, ink) {
            if effort.is_spent() {
                break;
            }
            let pair = Pair::of(sizes, one, other);
            found.extend(pair.thirds(effort));
            found.extend(pair.corner(effort));
            found.extend(pair.swapped().corner(effort));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, triple)| triple).collect()
}

fn pairs(patterns: &[Finder], ink: Ink) -> Vec<(Finder, Finder)> {
    let mut known: Vec<Finder> = patterns.iter().filter(|f| f.ink == ink).copied().collect();
    known.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    known.truncate(MOST);
    let mut pairs = Vec::new();
    for (i, &one) in known.iter().enumerate() {
        for &other in &known[i + 1..] {
            let module = one.module.midpoint(other.module);
            let unlike = (one.module / other.module).ln().abs();
            let side = (one.x - other.x).hypot(one.y - other.y) / module + 7.0;
            if unlike < UNLIKE && SIDES.contains(&side) {
                pairs.push((one.strength.min(other.strength) - unlike, one, other));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs.truncate(MOST_PAIRS);
    pairs
        .into_iter()
        .map(|(_, one, other)| (one, other))
        .collect()
}

/// Two patterns in a picture that shows their modules at two to four pixels.
struct Pair<'a> {
    picture: Luma<'a>,
    /// Pixels of the full frame for one of the picture's.
    scale: f32,
    one: Vector,
    other: Vector,
    module: f32,
    ink: Ink,
}

/// About which version has so many modules between the centres of its finder patterns, and how many more or fewer it may be.
fn guessed(span: f32) -> (usize, usize) {
    let version = ((span - 10.0) / 4.0).round().clamp(1.0, 40.0) as usize;
    (version, 1 + version / 8)
}

impl<'a> Pair<'a> {
    fn of(sizes: &'a Sizes<'_>, one: Finder, other: Finder) -> Self {
        let module = one.module.midpoint(other.module);
        let (picture, scale) = sizes.at(sizes.suiting(module));
        Self {
            picture,
            scale,
            one: times((one.x, one.y), 1.0 / scale),
            other: times((other.x, other.y), 1.0 / scale),
            module: module / scale,
            ink: one.ink,
        }
    }

    fn swapped(&self) -> Self {
        Self {
            one: self.other,
            other: self.one,
            ..*self
        }
    }

    /// The three corners in pixels of the full frame.
    fn triple(&self, corners: [Vector; 3], side: f32) -> Triple {
        Triple::supposed(corners.map(|c| times(c, self.scale)), side, self.ink)
    }

    /// How much the two patterns stand out if a side of the symbol runs that way. None where they do far less than if it ran half a right
    /// angle off, or hardly at all.
    fn clear(&self, way: Vector) -> Option<f32> {
        let sought = Sought::of(self.picture, layout(1)?, self.ink);
        let along = |way: Vector| {
            let side = times(way, self.module / way.0.hypot(way.1));
            let clear = |at: Vector| sought.finder(&Arm::new(at, side, turned(side)));
            clear(self.one).min(clear(self.other))
        };
        let clear = along(way);
        let other = along(plus(way, turned(way)));
        (clear > LEAST_CONTRAST.max(0.7 * other)).then_some(clear)
    }

    /// Where the third pattern may be if the two are the ends of a side, and how much the timing patterns stand out there.
    fn thirds(&self, effort: &mut Effort) -> Vec<(f32, Triple)> {
        let across = minus(self.other, self.one);
        let Some(clear) = self.clear(across) else {
            return Vec::new();
        };
        let (version, doubt) = guessed(across.0.hypot(across.1) / self.module);
        let mut best: Option<(f32, &Layout, Side)> = None;
        for version in version.saturating_sub(doubt).max(1)..=(version + doubt).min(40) {
            let Some(layout) = layout(version) else {
                continue;
            };
            for (a, b) in [(self.one, self.other), (self.other, self.one)] {
                let (side, contrast) = Side::of(self, layout, (a, b), effort);
                if best.as_ref().is_none_or(|best| best.0 < contrast) {
                    best = Some((contrast, layout, side));
                }
            }
        }
        let Some((contrast, layout, side)) = best else {
            return Vec::new();
        };
        let sought = Sought::of(self.picture, layout, self.ink);
        let arms = side.arms(layout);
        let length = layout.side - 16;
        if contrast < least(clear, length) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (arm, first) in arms.into_iter().zip([true, false]) {
            let followed = sought.followed(arm, length, contrast * LIKE_KNOWN, effort);
            let Some((arm, seen)) = followed.filter(|f| stand_out(contrast, f.1, clear, length))
            else {
                continue;
            };
            let third = arm.at(layout.side as f32 - 7.0);
            let corners = if first {
                [side.a, side.b, third]
            } else {
                [side.b, third, side.a]
            };
            found.push((contrast + seen, self.triple(corners, layout.side as f32)));
        }
        found
    }

    /// Where the top left pattern may be if the first of the two is the one at the top right and the other the one at the bottom left.
    fn corner(&self, effort: &mut Effort) -> Option<(f32, Triple)> {
        let across = minus(self.one, self.other);
        let top = times(plus(across, turned(across)), 0.5);
        let clear = self.clear(top)?;
        let span = top.0.hypot(top.1) / self.module;
        let (version, doubt) = guessed(span);
        let sought = Sought::of(self.picture, layout(version)?, self.ink);
        let right = times(top, 1.0 / span);
        let down = turned(right);
        let from_right = Arm::new(self.one, down, times(right, -1.0));
        let from_left = Arm::new(self.other, right, times(down, -1.0));
        // The timing pattern of the smallest symbol that it may be.
        let length = 4 * version.saturating_sub(doubt).max(1) + 1;
        let (from_right, one) =
            sought.followed(from_right, length, clear * LIKE_FINDERS, effort)?;
        let (from_left, two) = sought.followed(from_left, length, one * LIKE_KNOWN, effort)?;
        if !stand_out(one, two, clear, length) {
            return None;
        }
        let (a, b) = meeting(&from_right, &from_left, span)?;
        let side = a.midpoint(b) + 7.0;
        ((a / b).ln().abs() < SKEW && SIDES.contains(&side)).then(|| {
            let corners = [from_right.at(a), self.one, self.other];
            (one + two, self.triple(corners, side))
        })
    }
}

/// How many modules along each of them two arms meet, by Newton's method.
fn meeting(one: &Arm, other: &Arm, span: f32) -> Option<(f32, f32)> {
    let (mut a, mut b) = (span, span);
    for _ in 0..6 {
        let gap = minus(other.at(b), one.at(a));
        let (u, v) = (one.step(a), other.step(b));
        let det = u.1 * v.0 - u.0 * v.1;
        if det.abs() < 1e-3 {
            return None;
        }
        a += (gap.1 * v.0 - gap.0 * v.1) / det;
        b += (u.0 * gap.1 - u.1 * gap.0) / det;
    }
    (a > 0.0 && b > 0.0).then_some((a, b))
}

/// A side of a symbol: its inner side is to the right of the way from `a` to `b`.
struct Side {
    a: Vector,
    b: Vector,
    /// How much nearer `b` is.
    nearer: f32,
}

impl Side {
    /// The side with the perspective in which its timing pattern stands out most, and how much that is.
    fn of(
        pair: &Pair<'_>,
        layout: &Layout,
        (a, b): (Vector, Vector),
        effort: &mut Effort,
    ) -> (Self, f32) {
        let [across, _] = timing(layout);
        let marks = Marks::of(layout, pair.ink, &[across]);
        let inner = plus(a, turned(minus(b, a)));
        let square = Triple::supposed([a, b, inner], layout.side as f32, pair.ink);
        let place = Perspective::of(&square, layout.side, 1.0);
        let step = 2.0 / (layout.side as f32 - 7.0);
        let steps = (NEARER / step).ceil() as i32;
        effort.spend((2 * steps as usize + 1) * marks.len());
        let (nearer, contrast) = (-steps..=steps)
            .map(|i| (i as f32 * step).exp())
            .map(|near| (near, marks.contrast(pair.picture, &place.tilted(near, 1.0))))
            .fold((1.0, f32::NEG_INFINITY), |best, one| {
                if one.1 > best.1 { one } else { best }
            });
        (Self { a, b, nearer }, contrast)
    }

    /// The arms that begin at `a` and at `b`.
    fn arms(&self, layout: &Layout) -> [Arm; 2] {
        // A module of the perspective at either end.
        let along = times(minus(self.b, self.a), 1.0 / (layout.side as f32 - 7.0));
        let (at_a, at_b) = (times(along, self.nearer), times(along, 1.0 / self.nearer));
        [
            Arm::new(self.a, at_a, turned(at_a)),
            Arm::new(self.b, times(at_b, -1.0), turned(at_b)),
        ]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::GrayImage;
    use qrcodegen::QrCode;

    use super::super::drawn::code;
    use super::*;

    const MODULE: f32 = 3.0;
    const EDGE: f32 = 30.0;

    /// A symbol of version 12 in a picture that is a little nearer at the bottom right.
    fn picture(is_dark: impl Fn(i32, i32) -> bool) -> GrayImage {
        GrayImage::from_fn(300, 300, |x, y| {
            let near = 1.0 + (x + y) as f32 / 9_000.0;
            let module = |at: u32| ((at as f32 + 0.5) * near - EDGE).div_euclid(MODULE) as i32;
            image::Luma([if is_dark(module(x), module(y)) {
                40
            } else {
                200
            }])
        })
    }

    fn symbol() -> QrCode {
        code("SKD1:ONE.PATTERN.IS.HIDDEN", 12)
    }

    /// Where a module's middle is in the picture.
    fn pixel(u: f32, v: f32) -> Vector {
        let (x, y) = (u * MODULE + EDGE, v * MODULE + EDGE);
        let (mut px, mut py) = (x, y);
        for _ in 0..9 {
            let near = 1.0 + (px + py) / 9_000.0;
            (px, py) = (x / near, y / near);
        }
        (px, py)
    }

    fn found(picture: &GrayImage, known: [Vector; 2]) -> Vec<Triple> {
        let patterns = known.map(|at| Finder::soft(at, MODULE, 0.9, Ink::Dark));
        let mut effort = Effort::frame();
        threes(&Sizes::of(picture.into()), &patterns, &mut effort)
    }

    #[test]
    fn timing_patterns_lead_to_the_hidden_one() {
        let symbol = symbol();
        let side = symbol.size();
        let far = side as f32 - 3.5;
        let centres = [(3.5, 3.5), (far, 3.5), (3.5, far)];
        for hidden in 0..3 {
            let (u, v) = centres[hidden];
            let picture = picture(|x, y| {
                let away = (x as f32 + 0.5 - u).hypot(y as f32 + 0.5 - v);
                away > 6.0 && symbol.get_module(x, y)
            });
            let corners = centres.map(|(u, v)| pixel(u, v));
            let known: Vec<Vector> = (0..3)
                .filter(|&n| n != hidden)
                .map(|n| corners[n])
                .collect();
            for known in [[known[0], known[1]], [known[1], known[0]]] {
                let triple = *found(&picture, known).first().expect("some");
                let all = [triple.top_left, triple.top_right, triple.bottom_left];
                for (seen, truth) in all.into_iter().zip(corners) {
                    let off = minus(seen, truth);
                    assert!(off.0.hypot(off.1) < 1.5 * MODULE, "{hidden}: {triple:?}");
                }
                assert!((triple.side - side as f32).abs() < 3.0, "{triple:?}");
            }
        }
    }

    #[test]
    fn two_patterns_without_timing_seldom_lead_anywhere() {
        let symbol = symbol();
        let far = symbol.size() as f32 - 3.5;
        let misled = (0..24u32).filter(|&seed| {
            let picture = picture(|x, y| {
                let finder = (0..9).contains(&y) && !(9..symbol.size() - 9).contains(&x);
                let at = ((x as u32) << 16 ^ y as u32 ^ seed << 8).wrapping_mul(0x9E37_79B9);
                let data = (at ^ at >> 15).wrapping_mul(0x85EB_CA6B) >> 31 == 1;
                if finder {
                    symbol.get_module(x, y)
                } else {
                    data
                }
            });
            !found(&picture, [pixel(3.5, 3.5), pixel(far, 3.5)]).is_empty()
        });
        let misled = misled.count();
        assert!(misled <= 4, "{misled} of 24");
    }
}
