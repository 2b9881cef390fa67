//! The straight edges of a sheet, a phone or a tablet about a face.

use super::glance::Glance;

/// An edge is worth its name from this many grey levels a pixel.
const STEEP: f32 = 5.0;
/// Part of a line that has to be edge.
const WHOLE: f32 = 0.85;
/// Lines are tried at so many degrees either side of upright.
const LEAN: i32 = 14;

/// A straight edge beside a face, in pixels of the glance.
pub(super) struct Edge {
    /// The way out from the face, and the way along the edge.
    pub(super) out: (f32, f32),
    along: (f32, f32),
    /// The edge's middle.
    pub(super) at: (f32, f32),
    half_length: f32,
}

/// The edges of at least three sides of the face, square to each other within a few degrees; none where fewer have one.
pub(super) fn edges(glance: &Glance) -> Option<Vec<Edge>> {
    (-LEAN..=LEAN).step_by(2).find_map(|degrees| {
        let turn = (degrees as f32).to_radians();
        let edges: Vec<Edge> = SIDES
            .iter()
            .filter_map(|side| side.edge(glance, turn))
            .collect();
        (edges.len() >= 3).then_some(edges)
    })
}

/// A side of the face: the way out, and how far out and how long in halves of the face's width and height.
struct Side {
    out: (f32, f32),
    from: f32,
    to: f32,
    length: f32,
}

const SIDES: [Side; 4] = [
    Side {
        out: (-1.0, 0.0),
        from: 1.15,
        to: 3.2,
        length: 1.25,
    },
    Side {
        out: (1.0, 0.0),
        from: 1.15,
        to: 3.2,
        length: 1.25,
    },
    Side {
        out: (0.0, -1.0),
        from: 1.25,
        to: 2.7,
        length: 1.25,
    },
    Side {
        out: (0.0, 1.0),
        from: 1.25,
        to: 2.7,
        length: 1.25,
    },
];

impl Side {
    fn edge(&self, glance: &Glance, turn: f32) -> Option<Edge> {
        let (sin, cos) = turn.sin_cos();
        let out = (
            self.out.0 * cos - self.out.1 * sin,
            self.out.0 * sin + self.out.1 * cos,
        );
        let along = (-out.1, out.0);
        let (reach, length) = if self.out.0 == 0.0 {
            (glance.half.1, glance.half.0)
        } else {
            (glance.half.0, glance.half.1)
        };
        let half_length = self.length * length;
        let mut away = self.from * reach;
        while away <= self.to * reach {
            let at = (
                glance.middle.0 + out.0 * away,
                glance.middle.1 + out.1 * away,
            );
            let edge = Edge {
                out,
                along,
                at,
                half_length,
            };
            if edge.is_whole(glance) {
                return Some(edge);
            }
            away += 1.0;
        }
        None
    }
}

impl Edge {
    const STEPS: i32 = 24;

    /// The slopes across and along a line beside this one, `off` pixels further out; nothing beyond the glance.
    fn slopes(&self, glance: &Glance, off: f32) -> impl Iterator<Item = Option<(f32, f32)>> {
        (-Self::STEPS..=Self::STEPS).map(move |step| {
            let t = step as f32 / Self::STEPS as f32 * self.half_length;
            let (x, y) = (
                self.at.0 + self.out.0 * off + self.along.0 * t,
                self.at.1 + self.out.1 * off + self.along.1 * t,
            );
            let (gx, gy) = glance.slope(x, y)?;
            Some((
                gx * self.out.0 + gy * self.out.1,
                gx * self.along.0 + gy * self.along.1,
            ))
        })
    }

    /// Whether nearly all of the line is an edge. Behind a sheet the hall may be darker here and brighter there.
    fn is_whole(&self, glance: &Glance) -> bool {
        let mut edge = 0;
        for slope in self.slopes(glance, 0.0) {
            let Some((across, beside)) = slope else {
                return false;
            };
            if across.abs() >= STEEP && across.abs() > 2.0 * beside.abs() {
                edge += 1;
            }
        }
        edge as f32 >= WHOLE * (2 * Self::STEPS + 1) as f32
    }

    /// How far out the edge is in this glance or another: where the line is steepest, within [`Edge::REACH`].
    pub(super) fn shift(&self, glance: &Glance) -> Option<f32> {
        let steepness = |off: f32| {
            let mut sum = 0.0;
            for slope in self.slopes(glance, off) {
                sum += slope?.0.abs();
            }
            Some(sum)
        };
        let reach = (4.0 * Self::REACH) as i32 + 4;
        (-reach..=reach)
            .filter_map(|quarter| {
                let off = quarter as f32 / 4.0;
                Some((off, steepness(off)?))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(off, _)| off)
    }

    /// In pixels of the glance.
    pub(super) const REACH: f32 = 5.0;
}
