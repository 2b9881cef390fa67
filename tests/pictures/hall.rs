use crate::chance::{Chance, cloud};
use crate::scene::Linear;

/// The hall behind the subject, out of focus, filling a frame.
///
/// It is drawn small, in linear light with lamps far brighter than white, blurred by a disc as a lens does
/// (so that lamps become discs), and enlarged.
pub(crate) fn backdrop(size: (u32, u32), seed: u64, blur: f32) -> Linear {
    let (width, height) = (size.0 as usize, size.1 as usize);
    let shrink = 3.5_f32.max(size.0.max(size.1) as f32 / 400.0);
    let small = (
        ((size.0 as f32 / shrink) as usize).max(16),
        ((size.1 as f32 / shrink) as usize).max(16),
    );
    let mut hall = draw(small.0, small.1, seed);
    let radius = blur * small.0.max(small.1) as f32;
    disc(&mut hall, radius);
    disc(&mut hall, radius * 0.45);
    enlarge(&hall, width, height)
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
    let tone = [chance.between(0.95, 1.08), 1.0, chance.between(0.88, 1.02)];
    let level = chance.between(0.75, 1.1);
    let mut light = Vec::with_capacity(width * height * 3);
    let texture = seed ^ 0xA11;
    for y in 0..height {
        let v = y as f32 / height as f32;
        let base = if v < horizon {
            0.2 + 0.14 * (horizon - v) / horizon
        } else {
            0.13 + 0.12 * (v - horizon) / (1.0 - horizon)
        };
        for x in 0..width {
            let u = x as f32 / width as f32;
            let mottled = base * level * (0.75 + 0.5 * cloud(texture, u * 5.0, v * 5.0));
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
    windows(&mut p, &mut chance, horizon, vanish);
    lamps(&mut p, &mut chance, horizon, vanish, level);
    furniture(&mut p, &mut chance, horizon);
    crowd(&mut p, &mut chance, horizon);
    floor(&mut p, horizon);
    p.hall
}

/// A side wall of daylight between mullions.
fn windows(p: &mut Painter, chance: &mut Chance, horizon: f32, vanish: f32) {
    let left = chance.one_in(2);
    let sky = [0.75, 0.88, 1.05].map(|v| v * chance.between(0.5, 0.75));
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

/// Rows of lamps that run towards the vanishing point.
fn lamps(p: &mut Painter, chance: &mut Chance, horizon: f32, vanish: f32, level: f32) {
    let rows = 3 + chance.next() % 3;
    let warm = [1.0, chance.between(0.86, 0.98), chance.between(0.7, 0.95)];
    for row in 0..rows {
        let start = -0.15 + 1.3 * (row as f32 + chance.between(0.2, 0.8)) / rows as f32;
        for lamp in 0..9 {
            let t = 1.0 - 0.72_f32.powi(lamp);
            let x = start + (vanish - start) * t;
            let y = -0.02 + (horizon - 0.1) * t;
            let r = 0.022 * (1.0 - t) + 0.0035;
            p.oval(
                x,
                y,
                r * 1.7,
                r,
                warm.map(|v| v * (2.2 + 2.2 * t) * level),
                1.0,
            );
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

/// Travellers far behind, standing and walking.
fn crowd(p: &mut Painter, chance: &mut Chance, horizon: f32) {
    const CLOTHES: [Light; 7] = [
        [0.02, 0.025, 0.04],
        [0.05, 0.05, 0.05],
        [0.12, 0.03, 0.03],
        [0.04, 0.07, 0.16],
        [0.3, 0.28, 0.24],
        [0.02, 0.02, 0.02],
        [0.45, 0.42, 0.4],
    ];
    for _ in 0..7 + chance.next() % 7 {
        let x = chance.unit();
        let near = chance.unit().powi(2);
        let tall = 0.1 + 0.22 * near;
        let head = horizon - tall * 0.12 + chance.around(0.012);
        let pick = |chance: &mut Chance| CLOTHES[(chance.next() % 7) as usize];
        let (coat, legs) = (pick(chance), pick(chance));
        let skin = [0.42, 0.27, 0.2].map(|v| v * chance.between(0.35, 1.0));
        let aspect = p.hall.height as f32 / p.hall.width as f32;
        let w = tall * 0.16 * aspect;
        p.oval(x, head + tall * 0.75, w * 0.7, tall * 0.36, legs, 0.9);
        p.oval(x, head + tall * 0.34, w, tall * 0.25, coat, 0.95);
        p.oval(x, head, w * 0.5, tall * 0.085, skin, 0.95);
        p.oval(
            x,
            head - tall * 0.03,
            w * 0.52,
            tall * 0.07,
            [0.03, 0.022, 0.018],
            0.9,
        );
        if chance.one_in(3) {
            let side = x + w * if chance.one_in(2) { 1.6 } else { -1.6 };
            p.slab(
                (side - w * 0.5, side + w * 0.5),
                (head + tall * 0.6, head + tall),
                (head + tall * 0.6, head + tall),
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

/// Mean over a disc, by running sums along each row.
fn disc(hall: &mut Linear, radius: f32) {
    if radius < 0.5 {
        return;
    }
    let (w, h) = (hall.width, hall.height);
    let reach = radius.ceil() as isize;
    let mut sums = vec![0.0_f64; (w + 1) * 3 * h];
    for y in 0..h {
        for x in 0..w {
            for channel in 0..3 {
                let at = (y * (w + 1) + x) * 3 + channel;
                sums[at + 3] = sums[at] + f64::from(hall.light[(y * w + x) * 3 + channel]);
            }
        }
    }
    let halves: Vec<(isize, isize)> = (-reach..=reach)
        .filter_map(|dy| {
            let span = radius * radius - (dy * dy) as f32;
            (span >= 0.0).then(|| (dy, (span.sqrt() + 0.3) as isize))
        })
        .collect();
    for y in 0..h {
        for x in 0..w {
            let mut total = [0.0_f64; 3];
            let mut count = 0_isize;
            for &(dy, half) in &halves {
                let row = (y as isize + dy).clamp(0, h as isize - 1) as usize * (w + 1);
                let begin = (x as isize - half).max(0) as usize;
                let end = (x as isize + half + 1).min(w as isize) as usize;
                count += (end - begin) as isize;
                for (channel, sum) in total.iter_mut().enumerate() {
                    *sum += sums[(row + end) * 3 + channel] - sums[(row + begin) * 3 + channel];
                }
            }
            for (channel, sum) in total.iter().enumerate() {
                hall.light[(y * w + x) * 3 + channel] = (sum / count.max(1) as f64) as f32;
            }
        }
    }
}

fn enlarge(hall: &Linear, width: usize, height: usize) -> Linear {
    let mut light = vec![0.0; width * height * 3];
    let place = |i: usize, n: usize, small: usize| {
        let at = ((i as f32 + 0.5) * small as f32 / n as f32 - 0.5).clamp(0.0, (small - 1) as f32);
        let cell = (at as usize).min(small.saturating_sub(2));
        let t = at - cell as f32;
        // A smooth step hides the grid of the small picture.
        (cell, t * t * (3.0 - 2.0 * t) * 0.5 + t * 0.5)
    };
    let columns: Vec<(usize, f32)> = (0..width).map(|x| place(x, width, hall.width)).collect();
    let row = hall.width * 3;
    let mut between = vec![0.0_f32; row];
    for (y, out) in light.chunks_exact_mut(width * 3).enumerate() {
        let (cell, t) = place(y, height, hall.height);
        let (upper, lower) = (
            &hall.light[cell * row..(cell + 1) * row],
            &hall.light[(cell + 1) * row..(cell + 2) * row],
        );
        for ((b, u), l) in between.iter_mut().zip(upper).zip(lower) {
            *b = u + (l - u) * t;
        }
        for (pixel, &(cell, t)) in out.chunks_exact_mut(3).zip(&columns) {
            let pair = &between[cell * 3..cell * 3 + 6];
            for channel in 0..3 {
                pixel[channel] = pair[channel] + (pair[channel + 3] - pair[channel]) * t;
            }
        }
    }
    Linear {
        width,
        height,
        light,
    }
}
