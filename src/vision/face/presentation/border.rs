//! The straight edges of a sheet, a phone or a tablet about a face.

use super::glance::Glance;

/// An edge is worth its name from this many grey levels a pixel.
const STEEP: f32 = 5.0;
/// Part of a line that has to be edge.
const WHOLE: f32 = 0.85;
/// Lines are tried at so many degrees either side of upright.
const LEAN: i32 = 14;

/// Whether at least three sides of the face have a straight edge near by, square to each other within a few degrees.
pub(super) fn framed(glance: &Glance) -> bool {
    (-LEAN..=LEAN).step_by(2).any(|degrees| {
        let turn = (degrees as f32).to_radians();
        let sides = SIDES
            .iter()
            .filter(|side| side.has_edge(glance, turn))
            .count();
        sides >= 3
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
    fn has_edge(&self, glance: &Glance, turn: f32) -> bool {
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
        let mut away = self.from * reach;
        while away <= self.to * reach {
            if is_edge(glance, out, along, away, self.length * length) {
                return true;
            }
            away += 1.0;
        }
        false
    }
}

/// Whether nearly all of a line is an edge. Behind a sheet the hall may be darker here and brighter there.
fn is_edge(
    glance: &Glance,
    out: (f32, f32),
    along: (f32, f32),
    away: f32,
    half_length: f32,
) -> bool {
    const STEPS: i32 = 24;
    let mut edge = 0;
    for step in -STEPS..=STEPS {
        let t = step as f32 / STEPS as f32 * half_length;
        let (x, y) = (
            glance.middle.0 + out.0 * away + along.0 * t,
            glance.middle.1 + out.1 * away + along.1 * t,
        );
        let Some((gx, gy)) = glance.slope(x, y) else {
            return false;
        };
        let across = gx * out.0 + gy * out.1;
        let beside = gx * along.0 + gy * along.1;
        if across.abs() >= STEEP && across.abs() > 2.0 * beside.abs() {
            edge += 1;
        }
    }
    edge as f32 >= WHOLE * (2 * STEPS + 1) as f32
}
