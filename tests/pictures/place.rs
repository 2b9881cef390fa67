use crate::conditions::Conditions;

/// Where a flat thing stands before the camera: a homography from its millimetres to frame pixels.
pub(crate) struct Place {
    forward: [f64; 9],
    backward: [f64; 9],
    /// Frame pixels per millimetre at the thing's middle.
    pub(crate) scale: f32,
}

/// What a subject asks of its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Width and height in millimetres of the part that matters, about the origin.
    pub(crate) interest: (f32, f32),
    /// Share of the frame (in the tighter direction) that it takes at distance 1.
    pub(crate) fill: f32,
    /// Offset from the middle, as a share of the frame.
    pub(crate) aside: (f32, f32),
    /// How much of the conditions' turn applies: heads turn less than hands.
    pub(crate) turn: f32,
}

impl Place {
    /// A pinhole camera of about 56 degrees across, as kiosk cameras are.
    pub(crate) fn new(wish: &Wish, size: (u32, u32), c: &Conditions) -> Self {
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let focal = 0.94 * width.max(height);
        let turn = f64::from(wish.turn);
        let (sr, cr) = (f64::from(c.roll) * turn).to_radians().sin_cos();
        let (sp, cp) = (f64::from(c.pitch) * turn).to_radians().sin_cos();
        let (sy, cy) = (f64::from(c.yaw) * turn).to_radians().sin_cos();
        let (w, h) = (f64::from(wish.interest.0), f64::from(wish.interest.1));
        let (across, down) = (w * cr.abs() + h * sr.abs(), w * sr.abs() + h * cr.abs());
        let scale =
            f64::from(wish.fill / c.distance.max(0.05)) * (width / across).min(height / down);
        let depth = focal / scale;
        let middle = (width / 2.0, height / 2.0);
        let tx = f64::from(c.shift.0 + wish.aside.0) * width / scale;
        let ty = f64::from(c.shift.1 + wish.aside.1) * height / scale;
        let right = [cy * cr - sy * sp * sr, cy * sr + sy * sp * cr, -sy * cp];
        let down = [-cp * sr, cp * cr, sp];
        let forward = [
            focal * right[0] + middle.0 * right[2],
            focal * down[0] + middle.0 * down[2],
            focal * tx + middle.0 * depth,
            focal * right[1] + middle.1 * right[2],
            focal * down[1] + middle.1 * down[2],
            focal * ty + middle.1 * depth,
            right[2],
            down[2],
            depth,
        ];
        Self {
            backward: inverse(&forward),
            forward,
            scale: scale as f32,
        }
    }

    /// Millimetres to frame pixels.
    pub(crate) fn project(&self, x: f32, y: f32) -> (f32, f32) {
        apply(&self.forward, f64::from(x), f64::from(y))
    }

    /// Frame pixels to millimetres.
    #[cfg(test)]
    pub(crate) fn back(&self, x: f32, y: f32) -> (f32, f32) {
        apply(&self.backward, f64::from(x), f64::from(y))
    }

    /// The three numerators at the start of a row and their steps per pixel.
    pub(crate) fn row(&self, y: f32) -> ([f32; 3], [f32; 3]) {
        let b = &self.backward;
        let v = f64::from(y) + 0.5;
        let start = |r: usize| (b[r * 3] * 0.5 + b[r * 3 + 1] * v + b[r * 3 + 2]) as f32;
        (
            [start(0), start(1), start(2)],
            [b[0] as f32, b[3] as f32, b[6] as f32],
        )
    }
}

fn apply(m: &[f64; 9], x: f64, y: f64) -> (f32, f32) {
    let w = m[6] * x + m[7] * y + m[8];
    (
        ((m[0] * x + m[1] * y + m[2]) / w) as f32,
        ((m[3] * x + m[4] * y + m[5]) / w) as f32,
    )
}

fn inverse(m: &[f64; 9]) -> [f64; 9] {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    let det = m[0] * minor(4, 5, 7, 8) - m[1] * minor(3, 5, 6, 8) + m[2] * minor(3, 4, 6, 7);
    let adjugate = [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ];
    adjugate.map(|value| value / det)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_projects_there_and_back() {
        let wish = Wish {
            interest: (125.0, 88.0),
            fill: 0.9,
            aside: (0.0, 0.0),
            turn: 1.0,
        };
        let place = Place::new(&wish, (1280, 720), &Conditions::hard(5));
        for (x, y) in [(0.0, 0.0), (-62.5, 44.0), (62.5, -44.0)] {
            let (u, v) = place.project(x, y);
            let (bx, by) = place.back(u, v);
            assert!((bx - x).abs() < 0.01 && (by - y).abs() < 0.01, "{bx} {by}");
        }
    }
}
