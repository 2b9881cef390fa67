//! Which three finder patterns may be the corners of one symbol.

use super::finders::{Finder, Ink, MOST};

/// At most this many threes are returned for one polarity.
const MOST_TRIPLES: usize = 6;

/// Three finder patterns as the corners of a symbol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Triple {
    pub(super) top_left: (f32, f32),
    pub(super) top_right: (f32, f32),
    pub(super) bottom_left: (f32, f32),
    /// Modules a side, estimated to about a tenth.
    pub(super) side: f32,
    pub(super) ink: Ink,
    /// The least is the likeliest.
    cost: f32,
}

/// Threes that may be the corners of one symbol, the likeliest first.
pub(super) fn triples(finders: &[Finder], ink: Ink) -> Vec<Triple> {
    let mut known: Vec<Finder> = finders.iter().filter(|f| f.ink == ink).copied().collect();
    known.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    known.truncate(MOST);
    let mut threes = Vec::new();
    for (i, a) in known.iter().enumerate() {
        for (j, b) in known.iter().enumerate().skip(i + 1) {
            for c in known.iter().skip(j + 1) {
                threes.extend(
                    [[a, b, c], [b, a, c], [c, a, b]]
                        .map(triple)
                        .into_iter()
                        .flatten(),
                );
            }
        }
    }
    threes.sort_by(|a: &Triple, b| a.cost.total_cmp(&b.cost));
    threes.truncate(MOST_TRIPLES);
    threes
}

/// The first as the corner, the other two as ends of its arms.
fn triple([corner, one, other]: [&Finder; 3]) -> Option<Triple> {
    let modules = [corner.module, one.module, other.module];
    let spread = modules.iter().copied().fold(0.0, f32::max)
        / modules.iter().copied().fold(f32::INFINITY, f32::min);
    if spread > 1.9 {
        return None;
    }
    let arm = |to: &Finder| (to.x - corner.x, to.y - corner.y);
    let (u, v) = (arm(one), arm(other));
    let (long_u, long_v) = (u.0.hypot(u.1), v.0.hypot(v.1));
    let cosine = (u.0 * v.0 + u.1 * v.1) / (long_u * long_v).max(1e-3);
    if cosine.abs() > 0.55 {
        return None;
    }
    // A row cuts a pattern turned by an angle over a length that is longer by the cosine's inverse. A likeness is widest with a template of
    // the pattern's own size.
    let side = |d: (f32, f32), long: f32, to: &Finder| {
        let upright = if corner.soft {
            1.0
        } else {
            d.0.abs().max(d.1.abs()) / long.max(1e-3)
        };
        long / ((corner.module + to.module) / 2.0 * upright) + 7.0
    };
    let (side_u, side_v) = (side(u, long_u, one), side(v, long_v, other));
    let skew = (side_u / side_v).ln().abs();
    let mean = (side_u + side_v) / 2.0;
    if skew > 0.4 || !(17.0..=205.0).contains(&mean) {
        return None;
    }
    let clockwise = u.0 * v.1 - u.1 * v.0 > 0.0;
    let (right, left) = if clockwise {
        (one, other)
    } else {
        (other, one)
    };
    let strength = corner.strength.min(one.strength).min(other.strength);
    let merit = if corner.soft {
        4.0 * strength
    } else {
        0.25 * (1.0 + strength / 20.0).ln()
    };
    Some(Triple {
        top_left: (corner.x, corner.y),
        top_right: (right.x, right.y),
        bottom_left: (left.x, left.y),
        side: mean,
        ink: corner.ink,
        cost: 2.0 * skew + cosine.abs() + spread.ln() - merit,
    })
}

impl Triple {
    /// Corners that something else than three patterns led to: top left, top right, bottom left.
    pub(super) fn supposed(
        [top_left, top_right, bottom_left]: [(f32, f32); 3],
        side: f32,
        ink: Ink,
    ) -> Self {
        Self {
            top_left,
            top_right,
            bottom_left,
            side,
            ink,
            cost: 0.0,
        }
    }

    /// The middle of the symbol, about.
    pub(super) fn middle(&self) -> (f32, f32) {
        (
            self.top_right.0.midpoint(self.bottom_left.0),
            self.top_right.1.midpoint(self.bottom_left.1),
        )
    }

    /// Orders the likelier three first.
    pub(super) fn likelier(&self, other: &Self) -> std::cmp::Ordering {
        self.cost.total_cmp(&other.cost)
    }
}
