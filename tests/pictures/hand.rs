use crate::canvas::{Canvas, Ink};
use crate::chance::{Chance, cloud, smooth, value_noise};

/// One finger: from its root to its tip, in millimetres.
pub(crate) struct Finger {
    pub(crate) root: (f32, f32),
    pub(crate) tip: (f32, f32),
    pub(crate) radius: (f32, f32),
    /// Whether its nail faces the camera.
    pub(crate) nail: bool,
}

/// Linear-light skin, lit from the upper left.
pub(crate) fn skin(shade: f32, tan: f32) -> Ink {
    let base = [0.62 - 0.3 * tan, 0.36 - 0.2 * tan, 0.26 - 0.16 * tan];
    // Light that enters skin comes back red: the shadow side stays warmer.
    let depth = [0.75, 1.05, 1.15];
    let mut ink = [0; 3];
    for ((code, value), power) in ink.iter_mut().zip(base).zip(depth) {
        let light = (value * shade.max(0.0).powf(power)).clamp(0.0, 1.0);
        *code = (255.0 * (1.055 * light.powf(1.0 / 2.4) - 0.055).max(0.0)) as u8;
    }
    ink
}

/// Draws a finger with its shadow on what lies below.
pub(crate) fn finger(canvas: &mut Canvas, f: &Finger, tan: f32, seed: u64) {
    let (dx, dy) = (f.tip.0 - f.root.0, f.tip.1 - f.root.1);
    let length = dx.hypot(dy).max(1e-3);
    let (ux, uy) = (dx / length, dy / length);
    let reach = f.radius.0.max(f.radius.1) + 5.0;
    let low = (f.root.0.min(f.tip.0) - reach, f.root.1.min(f.tip.1) - reach);
    let high = (f.root.0.max(f.tip.0) + reach, f.root.1.max(f.tip.1) + reach);
    let measure = |x: f32, y: f32| {
        let (px, py) = (x - f.root.0, y - f.root.1);
        let along = (px * ux + py * uy).clamp(0.0, length);
        let t = along / length;
        // Slightly thicker at the joint and before the tip, as fingers are.
        let joint = 1.0
            + 0.05 * (-((t - 0.5) / 0.09).powi(2)).exp()
            + 0.06 * (-((t - 0.86) / 0.1).powi(2)).exp();
        let radius = (f.radius.0 + (f.radius.1 - f.radius.0) * t) * joint;
        let (ox, oy) = (px - along * ux, py - along * uy);
        (t, radius, ox, oy)
    };
    let step = 1.0 / canvas.per_mm;
    let mut shadows = Vec::new();
    canvas.paint(low, high, |x, y| {
        let (_, radius, ox, oy) = measure(x - 1.4, y - 1.8);
        let near = 1.0 - smooth(radius * 0.7, radius + 3.2, ox.hypot(oy));
        if near > 0.01 {
            shadows.push((x, y, 1.0 - 0.55 * near));
        }
        None
    });
    for (x, y, factor) in shadows {
        let (px, py) = (
            (x - canvas.origin.0) * canvas.per_mm,
            (y - canvas.origin.1) * canvas.per_mm,
        );
        canvas.shade(px as i32, py as i32, factor);
    }
    canvas.paint(low, high, |x, y| {
        let (t, radius, ox, oy) = measure(x, y);
        let off = ox.hypot(oy);
        let cover = ((radius - off) / step + 0.5).clamp(0.0, 1.0);
        if cover <= 0.0 {
            return None;
        }
        let (nx, ny) = (ox / radius, oy / radius);
        let nz = (1.0 - (nx * nx + ny * ny).min(1.0)).sqrt();
        let lit = (-0.45 * nx - 0.55 * ny + 0.7 * nz).max(0.0);
        let mut shade = 0.22 + 0.85 * lit;
        // Creases over the joint, pores everywhere.
        let across = ox * uy - oy * ux;
        for (place, depth) in [(0.46, 0.16), (0.5, 0.2), (0.545, 0.14), (0.12, 0.1)] {
            let wave = 0.006 * (across * 1.3 + place * 40.0).sin();
            shade *= 1.0 - depth * (-((t - place - wave) / 0.009).powi(2)).exp();
        }
        shade *= 0.92 + 0.16 * value_noise(seed, x * 3.0, y * 3.0);
        shade *= 0.9 + 0.2 * value_noise(seed ^ 9, x * 0.35, y * 0.35);
        let mut ink = skin(shade, tan);
        if f.nail {
            let (cx, cy) = (f.tip.0 - ux * radius * 0.1, f.tip.1 - uy * radius * 0.1);
            let (lx, ly) = ((x - cx) * ux + (y - cy) * uy, (x - cx) * uy - (y - cy) * ux);
            let edge = crate::canvas::round_box(lx, ly, radius * 0.82, radius * 0.62, radius * 0.5);
            let nail = 1.0 - smooth(-0.25, 0.25, edge);
            if nail > 0.0 {
                let gloss = (1.0 - ((ly + radius * 0.22) / (radius * 0.2)).powi(2)).max(0.0) * 0.35;
                let tip = smooth(radius * 0.55, radius * 0.7, lx) * 0.5;
                let rim = 1.0 - 0.3 * (-(edge / 0.3).powi(2)).exp();
                let tone = skin((shade * 1.12 + gloss + tip * 0.5) * rim, tan * 0.6);
                let pink = [tone[0], tone[1], tone[2].saturating_add(10)];
                for (code, value) in ink.iter_mut().zip(pink) {
                    *code = (f32::from(*code) + (f32::from(value) - f32::from(*code)) * nail * 0.85)
                        as u8;
                }
            }
        }
        Some((ink, cover))
    });
}

/// A thumb over the page's outer edge, clear of everything that is read, with its hand and sleeve.
pub(crate) fn hold((w, h): (f32, f32), card: bool, seed: u64) -> Canvas {
    let mut chance = Chance::new(seed, 9);
    let tan = chance.unit() * 0.7;
    let from_right = chance.one_in(2);
    let y = h * (if card { 0.34 } else { 0.4 } + chance.around(0.06));
    let reach = 95.0;
    // The hand lies beyond the page: it is drawn on its own, coarser surface.
    let mut canvas = Canvas::new((-reach, -15.0), (w + 2.0 * reach, h + 100.0), 5.0);
    let out = |distance: f32| if from_right { w + distance } else { -distance };
    let sleeve =
        [[34, 38, 52], [70, 30, 36], [52, 56, 50], [96, 90, 82]][(chance.next() % 4) as usize];
    let palm = Finger {
        root: (out(100.0), y + 118.0),
        tip: (out(38.0), y + 42.0),
        radius: (34.0, 27.0),
        nail: false,
    };
    finger(&mut canvas, &palm, tan, seed ^ 5);
    cuff(
        &mut canvas,
        (out(88.0), y + 104.0),
        if from_right { 1.0 } else { -1.0 },
        sleeve,
        seed,
    );
    let thumb = Finger {
        root: (out(46.0), y + 26.0),
        tip: (out(if card { 5.0 } else { 3.5 }), y),
        radius: (13.5, 9.4),
        nail: true,
    };
    finger(&mut canvas, &thumb, tan, seed);
    canvas
}

/// A dark sleeve that ends the hand.
fn cuff(canvas: &mut Canvas, at: (f32, f32), side: f32, ink: Ink, seed: u64) {
    let (ux, uy) = (side * 0.64, 0.77);
    canvas.paint(canvas.origin, (at.0 + 300.0, at.1 + 300.0), |x, y| {
        let (along, across) = (
            (x - at.0) * ux + (y - at.1) * uy,
            ((x - at.0) * uy - (y - at.1) * ux) / 44.0,
        );
        let cover = ((along + 2.0 * across * across) * 3.0).clamp(0.0, 1.0);
        if cover <= 0.0 || across.abs() >= 1.0 {
            return None;
        }
        let round = (1.0 - across * across).sqrt();
        let shade = (0.35 + 0.75 * round) * (0.75 + 0.5 * cloud(seed, x * 0.05, y * 0.09));
        Some((ink.map(|v| (f32::from(v) * shade).min(255.0) as u8), cover))
    });
}
