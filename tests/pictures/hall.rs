use crate::chance::{Chance, cloud, smooth};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::focus::{disc, enlarge};
use crate::scene::Linear;

/// The hall behind the subject, out of focus, filling a frame.
///
/// It is drawn small, in linear light with lamps far brighter than white, blurred by a disc as a lens does
/// (so that lamps become discs), and enlarged.
pub(crate) fn backdrop(size: (u32, u32), seed: u64, blur: f32) -> Linear {
    let (width, height) = (size.0 as usize, size.1 as usize);
    let shrink = 3.0_f32.max(size.0.max(size.1) as f32 / 440.0);
    let small = (
        ((size.0 as f32 / shrink) as usize).max(16),
        ((size.1 as f32 / shrink) as usize).max(16),
    );
    enlarge(&kept(small, seed, blur), width, height)
}

/// The small hall, blurred; the last few are kept, since a camera sees the same hall frame after frame.
fn kept(small: (usize, usize), seed: u64, blur: f32) -> Arc<Linear> {
    type Key = ((usize, usize), u64, u32);
    static RECENT: Mutex<VecDeque<(Key, Arc<Linear>)>> = Mutex::new(VecDeque::new());
    const KEPT: usize = 8;
    let key = (small, seed, blur.to_bits());
    if let Ok(recent) = RECENT.lock()
        && let Some((_, hall)) = recent.iter().find(|(known, _)| *known == key)
    {
        return Arc::clone(hall);
    }
    let mut hall = draw(small.0, small.1, seed);
    let radius = blur * small.0.max(small.1) as f32;
    disc(&mut hall, radius);
    disc(&mut hall, radius * 0.45);
    let hall = Arc::new(hall);
    if let Ok(mut recent) = RECENT.lock() {
        recent.push_back((key, Arc::clone(&hall)));
        while recent.len() > KEPT {
            recent.pop_front();
        }
    }
    hall
}

type Light = [f32; 3];

struct Painter {
    hall: Linear,
}

impl Painter {
    fn at(&mut self, x: usize, y: usize) -> Option<&mut [f32]> {
        let start = (y * self.hall.width + x) * 3;
        self.hall.light.get_mut(start..start + 3)
    }

    /// A quadrilateral with upright sides: x0..x1, the y range given at each end. Shares of the frame.
    fn slab(
        &mut self,
        x: (f32, f32),
        left: (f32, f32),
        right: (f32, f32),
        light: Light,
        alpha: f32,
    ) {
        let (w, h) = (self.hall.width as f32, self.hall.height as f32);
        let (x0, x1) = ((x.0 * w).max(0.0), (x.1 * w).min(w));
        for column in (x0 as usize)..(x1.max(0.0) as usize) {
            let t = ((column as f32 / w - x.0) / (x.1 - x.0)).clamp(0.0, 1.0);
            let top = (left.0 + (right.0 - left.0) * t) * h;
            let low = (left.1 + (right.1 - left.1) * t) * h;
            for row in (top.max(0.0) as usize)..(low.clamp(0.0, h) as usize) {
                self.mix(column, row, light, alpha);
            }
        }
    }

    fn oval(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, light: Light, alpha: f32) {
        let (w, h) = (self.hall.width as f32, self.hall.height as f32);
        let rows =
            (((cy - ry) * h).max(0.0) as usize)..(((cy + ry) * h).clamp(0.0, h).ceil() as usize);
        let columns =
            (((cx - rx) * w).max(0.0) as usize)..(((cx + rx) * w).clamp(0.0, w).ceil() as usize);
        for row in rows.start..rows.end.min(self.hall.height) {
            for column in columns.start..columns.end.min(self.hall.width) {
                let (dx, dy) = ((column as f32 / w - cx) / rx, (row as f32 / h - cy) / ry);
                if dx * dx + dy * dy <= 1.0 {
                    self.mix(column, row, light, alpha);
                }
            }
        }
    }

    fn mix(&mut self, x: usize, y: usize, light: Light, alpha: f32) {
        if let Some(pixel) = self.at(x, y) {
            for (channel, value) in pixel.iter_mut().zip(light) {
                *channel += (value - *channel) * alpha;
            }
        }
    }
}

fn draw(width: usize, height: usize, seed: u64) -> Linear {
    let mut chance = Chance::new(seed, 31);
    let horizon = chance.between(0.42, 0.52);
    let vanish = chance.between(0.3, 0.7);
    let tone = [chance.between(0.97, 1.1), 1.0, chance.between(0.84, 1.0)];
    let level = chance.between(0.8, 1.15);
    let mut light = Vec::with_capacity(width * height * 3);
    let texture = seed ^ 0xA11;
    // Ceiling panels and floor tiles run towards the vanishing point.
    let (panels, tiles) = (chance.between(5.0, 9.0), chance.between(3.0, 6.0));
    for y in 0..height {
        let v = y as f32 / height as f32;
        let (depth, base) = if v < horizon {
            (
                (horizon - v) / horizon,
                0.24 + 0.22 * ((horizon - v) / horizon).powf(0.8),
            )
        } else {
            (
                (v - horizon) / (1.0 - horizon),
                0.2 + 0.2 * (v - horizon) / (1.0 - horizon),
            )
        };
        let away = 1.0 / (depth + 0.06);
        let beam = (away * panels * 0.35).sin();
        for x in 0..width {
            let u = x as f32 / width as f32;
            let across = (u - vanish) * away;
            let lines = if v < horizon {
                let rib = (across * panels * 0.8).sin();
                1.0 + 0.1 * beam.signum() * smooth(0.0, 0.25, depth)
                    - 0.12 * smooth(0.9, 0.99, rib.abs())
            } else {
                let tile = (across * tiles).sin() * (away * tiles * 0.7).sin();
                1.0 + 0.07 * tile.signum() * smooth(0.02, 0.3, depth)
            };
            let mottled = base * level * lines * (0.6 + 0.8 * cloud(texture, u * 4.0, v * 4.0));
            light.extend(tone.map(|t| mottled * t));
        }
    }
    let mut p = Painter {
        hall: Linear {
            width,
            height,
            light,
        },
    };
    walls(&mut p, &mut chance, horizon);
    windows(&mut p, &mut chance, horizon, vanish);
    lamps(&mut p, &mut chance, horizon, vanish, level);
    furniture(&mut p, &mut chance, horizon);
    crowd(&mut p, &mut chance, horizon, 16, (0.0, 0.3));
    floor(&mut p, horizon);
    crowd(&mut p, &mut chance, horizon, 3, (0.5, 1.1));
    p.hall
}

/// The far wall: shops' lit fronts, doors, posters.
fn walls(p: &mut Painter, chance: &mut Chance, horizon: f32) {
    let mut x = chance.between(-0.1, 0.0);
    while x < 1.0 {
        let w = chance.between(0.05, 0.18);
        let top = horizon - chance.between(0.06, 0.13);
        let low = horizon + 0.03;
        let glow = chance.between(0.08, 0.8);
        let tint = [
            chance.between(0.85, 1.1),
            chance.between(0.85, 1.0),
            chance.between(0.6, 1.05),
        ];
        p.slab(
            (x, x + w),
            (top, low),
            (top, low),
            tint.map(|t| t * glow),
            0.85,
        );
        for _ in 0..3 {
            let (px, pw) = (x + w * chance.unit() * 0.7, w * chance.between(0.08, 0.3));
            let (a, b) = (
                top + 0.02 + 0.04 * chance.unit(),
                low - 0.03 * chance.unit(),
            );
            let dark = chance.between(0.02, 0.6);
            let ink = [
                dark * chance.between(0.5, 1.3),
                dark,
                dark * chance.between(0.4, 1.2),
            ];
            p.slab((px, px + pw), (a, b), (a, b), ink, 0.8);
        }
        x += w + chance.between(0.0, 0.06);
    }
}

/// A side wall of daylight between mullions.
fn windows(p: &mut Painter, chance: &mut Chance, horizon: f32, vanish: f32) {
    let left = chance.one_in(2);
    let daylight = chance.between(0.75, 1.3);
    let sky = [0.8, 0.9, 1.0].map(|v| v * daylight);
    let panes = 6 + chance.next() % 5;
    let end = if left { vanish - 0.12 } else { vanish + 0.12 };
    for pane in 0..panes {
        let (a, b) = (
            (pane as f32 + 0.08) / panes as f32,
            (pane as f32 + 0.92) / panes as f32,
        );
        let outer = if left { -0.05 } else { 1.05 };
        let (xa, xb) = (
            outer + (end - outer) * a.powf(0.7),
            outer + (end - outer) * b.powf(0.7),
        );
        let tall = |t: f32| {
            (
                horizon - 0.32 * (1.0 - t) - 0.08,
                horizon + 0.09 * (1.0 - t),
            )
        };
        let (ya, yb) = (tall(a), tall(b));
        if left {
            p.slab((xa, xb), ya, yb, sky, 0.9);
        } else {
            p.slab((xb, xa), yb, ya, sky, 0.9);
        }
    }
}

/// Rows of lamps, round or long, that run towards the vanishing point.
fn lamps(p: &mut Painter, chance: &mut Chance, horizon: f32, vanish: f32, level: f32) {
    let rows = 3 + chance.next() % 3;
    let warm = [1.0, chance.between(0.86, 0.98), chance.between(0.7, 0.95)];
    let long = chance.one_in(2);
    for row in 0..rows {
        let start = -0.25 + 1.5 * (row as f32 + chance.between(0.3, 0.7)) / rows as f32;
        for lamp in 0..8 {
            let t = 1.0 - 0.72_f32.powi(lamp);
            let x = start + (vanish - start) * t;
            let y = -0.02 + (horizon - 0.14) * t;
            let r = 0.016 * (1.0 - t) + 0.002;
            let glow = warm.map(|v| v * (2.0 + 1.5 * t) * level);
            if long {
                p.slab(
                    (x - r * 3.6, x + r * 3.6),
                    (y - r * 0.5, y + r * 0.5),
                    (y - r * 0.5, y + r * 0.5),
                    glow,
                    1.0,
                );
            } else {
                p.oval(x, y, r * 1.5, r, glow, 1.0);
            }
        }
    }
}

/// Pillars, lit signs, counters.
fn furniture(p: &mut Painter, chance: &mut Chance, horizon: f32) {
    for _ in 0..2 + chance.next() % 3 {
        let x = chance.unit();
        let wide = chance.between(0.012, 0.04);
        let grey = chance.between(0.12, 0.4);
        let foot = horizon + wide * 4.0;
        p.slab(
            (x - wide, x),
            (0.0, foot),
            (0.0, foot),
            [grey * 0.7, grey * 0.7, grey * 0.72],
            0.95,
        );
        p.slab(
            (x, x + wide),
            (0.0, foot),
            (0.0, foot),
            [grey, grey, grey * 0.98],
            0.95,
        );
    }
    const SIGNS: [Light; 5] = [
        [0.9, 0.62, 0.05],
        [0.05, 0.2, 0.6],
        [0.02, 0.45, 0.3],
        [0.8, 0.82, 0.85],
        [0.6, 0.05, 0.05],
    ];
    for _ in 0..3 + chance.next() % 4 {
        let ink = SIGNS[(chance.next() % 5) as usize];
        let (x, y) = (
            chance.between(-0.05, 0.95),
            chance.between(0.12, horizon - 0.06),
        );
        let (w, h) = (chance.between(0.05, 0.16), chance.between(0.025, 0.06));
        p.slab((x, x + w), (y, y + h), (y, y + h), ink, 0.92);
        let white = ink.map(|v| v * 0.4 + 0.55);
        for word in 0..3 {
            let wx = x + w * (0.1 + 0.3 * word as f32);
            let (top, low) = (y + h * 0.35, y + h * 0.65);
            p.slab(
                (wx, wx + w * chance.between(0.1, 0.24)),
                (top, low),
                (top, low),
                white,
                0.9,
            );
        }
    }
    for _ in 0..2 + chance.next() % 3 {
        let (x, w) = (chance.between(-0.1, 0.9), chance.between(0.1, 0.3));
        let (top, low) = (
            horizon + chance.between(0.0, 0.05),
            horizon + chance.between(0.08, 0.16),
        );
        let grey = chance.between(0.05, 0.5);
        p.slab(
            (x, x + w),
            (top, low),
            (top, low),
            [grey, grey * 0.97, grey * 0.92],
            0.9,
        );
        p.slab(
            (x, x + w),
            (top, top + 0.012),
            (top, top + 0.012),
            [0.5, 0.5, 0.5],
            0.8,
        );
    }
}

/// Travellers behind, standing and walking: `near` is 0 far away, 1 some metres off.
fn crowd(p: &mut Painter, chance: &mut Chance, horizon: f32, count: usize, near: (f32, f32)) {
    const CLOTHES: [Light; 8] = [
        [0.02, 0.025, 0.04],
        [0.05, 0.05, 0.05],
        [0.14, 0.03, 0.03],
        [0.04, 0.07, 0.16],
        [0.3, 0.28, 0.24],
        [0.02, 0.02, 0.02],
        [0.45, 0.42, 0.4],
        [0.1, 0.09, 0.05],
    ];
    let aspect = p.hall.height as f32 / p.hall.width as f32;
    for _ in 0..count {
        let mut x = chance.between(-0.05, 1.05);
        let near = chance.between(near.0, near.1);
        if near > 0.4 {
            // Those close by pass at the sides, not through the subject.
            x = if x < 0.5 {
                x * 0.5 - 0.05
            } else {
                1.05 - (1.0 - x) * 0.5
            };
        }
        let tall = 0.11 + 0.55 * near;
        let head = horizon - tall * 0.12 + chance.around(0.012);
        let pick = |chance: &mut Chance| CLOTHES[(chance.next() % 8) as usize];
        let (coat, legs) = (pick(chance), pick(chance));
        let lit = chance.between(0.35, 1.0);
        let skin = [0.42, 0.27, 0.2].map(|v| v * lit);
        let w = tall * 0.15 * aspect;
        let stride = w * chance.between(0.15, 0.5);
        let shadow = head + tall * 1.02;
        p.oval(x, shadow, w * 1.3, tall * 0.03, [0.05, 0.05, 0.05], 0.5);
        p.oval(
            x - stride,
            head + tall * 0.76,
            w * 0.42,
            tall * 0.27,
            legs,
            0.95,
        );
        p.oval(
            x + stride,
            head + tall * 0.76,
            w * 0.42,
            tall * 0.27,
            legs.map(|v| v * 0.8),
            0.95,
        );
        p.oval(x, head + tall * 0.33, w, tall * 0.24, coat, 0.97);
        p.oval(
            x - w * 0.35,
            head + tall * 0.3,
            w * 0.45,
            tall * 0.2,
            coat.map(|v| v * 1.5 + 0.01),
            0.6,
        );
        p.oval(x, head, w * 0.46, tall * 0.08, skin, 0.97);
        p.oval(
            x,
            head - tall * 0.03,
            w * 0.5,
            tall * 0.065,
            [0.03, 0.022, 0.018],
            0.95,
        );
        if chance.one_in(2) {
            let side = x + w * if chance.one_in(2) { 1.6 } else { -1.6 };
            let span = (head + tall * 0.62, head + tall);
            p.slab(
                (side - w * 0.5, side + w * 0.5),
                span,
                span,
                pick(chance),
                0.95,
            );
        }
    }
}

/// A polished floor mirrors what stands above the horizon.
fn floor(p: &mut Painter, horizon: f32) {
    let (w, h) = (p.hall.width, p.hall.height);
    let line = (horizon * h as f32) as usize + h / 12;
    for y in line..h {
        let from = (2 * line).saturating_sub(y);
        let far = (y - line) as f32 / (h - line).max(1) as f32;
        let share = 0.34 * (1.0 - far * 0.5);
        for x in 0..w {
            let start = (from * w + x) * 3;
            let mirrored = [
                p.hall.light[start],
                p.hall.light[start + 1],
                p.hall.light[start + 2],
            ];
            if let Some(pixel) = p.at(x, y) {
                for (channel, value) in pixel.iter_mut().zip(mirrored) {
                    *channel = *channel * (1.0 - share * 0.5) + value.min(1.6) * share * 0.6;
                }
            }
        }
    }
}
