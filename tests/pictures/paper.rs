use crate::canvas::{Canvas, Ink, round_box};
use crate::chance::{Chance, cloud, value_noise};
use crate::page::PageFormat;

/// Paper and security-print colours, one set a state.
pub(crate) struct Palette {
    pub(crate) paper: Ink,
    pub(crate) wash: Ink,
    pub(crate) lines: [Ink; 3],
    pub(crate) heading: Ink,
    pub(crate) cover: Ink,
}

pub(crate) const PALETTES: [Palette; 4] = [
    Palette {
        paper: [236, 234, 226],
        wash: [214, 222, 230],
        lines: [[150, 172, 198], [206, 160, 162], [168, 186, 150]],
        heading: [40, 52, 96],
        cover: [70, 22, 30],
    },
    Palette {
        paper: [234, 236, 228],
        wash: [222, 226, 204],
        lines: [[150, 186, 160], [196, 178, 130], [150, 170, 200]],
        heading: [26, 74, 56],
        cover: [22, 34, 66],
    },
    Palette {
        paper: [238, 232, 226],
        wash: [232, 214, 208],
        lines: [[204, 156, 150], [160, 158, 196], [196, 186, 140]],
        heading: [110, 30, 40],
        cover: [26, 52, 40],
    },
    Palette {
        paper: [232, 234, 238],
        wash: [210, 214, 230],
        lines: [[158, 160, 204], [150, 188, 196], [200, 164, 186]],
        heading: [58, 44, 104],
        cover: [30, 28, 36],
    },
];

/// Cover's rim and the page above the fold.
pub(crate) fn booklet(canvas: &mut Canvas, (w, h): (f32, f32), palette: &Palette, seed: u64) {
    canvas.panel(-1.6, -60.0, w + 3.2, h + 61.8, 4.0, palette.cover, 1.0);
    for leaf in 0..4 {
        let out = 1.0 - leaf as f32 * 0.22;
        let tone = 225 - (leaf % 2) as u8 * 32;
        canvas.panel(
            -out,
            -60.0,
            w + 2.0 * out,
            h + 60.0 + out,
            3.6,
            [tone, tone, tone - 8],
            1.0,
        );
    }
    canvas.panel(0.0, -60.0, w, 60.0, 0.0, palette.paper, 1.0);
    for row in 0..30 {
        let y = -1.5 - row as f32 * 1.1;
        let wave = |x: f32| y + 0.8 * (x * 0.16 + row as f32 * 0.35).sin();
        canvas.stroke(
            (0..126).map(|x| (x as f32 * w / 125.0, wave(x as f32))),
            0.12,
            palette.lines[row % 3],
            0.6,
        );
    }
    // A stamp on the page above, half out of sight.
    let ink = [70, 60, 130];
    let mut chance = Chance::new(seed, 3);
    let (cx, cy, r) = (w * chance.between(0.3, 0.7), -17.0, 13.0);
    for ring in [r, r - 1.6] {
        canvas.stroke(
            (0..=120).map(|i| {
                let a = i as f32 / 120.0 * std::f32::consts::TAU;
                (cx + ring * 1.3 * a.cos(), cy + ring * a.sin())
            }),
            0.4,
            ink,
            0.55,
        );
    }
    canvas.panel(cx - 12.0, cy - 1.6, 24.0, 3.2, 0.2, ink, 0.4);
    // The fold: paper bends away from the light.
    let per_mm = canvas.per_mm;
    let (ox, oy) = canvas.origin;
    for y in ((-5.0 - oy) * per_mm) as i32..((4.0 - oy) * per_mm) as i32 {
        let mm = oy + y as f32 / per_mm;
        let bend = if mm < 0.0 {
            0.5 * (mm / 2.2).exp()
        } else {
            0.32 * (-mm / 1.4).exp()
        };
        for x in ((-2.0 - ox) * per_mm) as i32..((w + 2.0 - ox) * per_mm) as i32 {
            canvas.shade(x, y, 1.0 - bend);
        }
    }
}

/// Paper with a coloured wash, fibres and slight waviness.
pub(crate) fn paper(canvas: &mut Canvas, format: PageFormat, palette: &Palette, seed: u64) {
    let (w, h) = format.size_mm();
    let radius = if format == PageFormat::Td3 { 3.2 } else { 2.8 };
    let zone = h - 23.2_f32.min(h * 0.45);
    let edge = canvas.per_mm;
    let coarse = NoiseGrid::new(w, h, |x, y| {
        (
            cloud(seed, x * 0.06, y * 0.06),
            value_noise(seed ^ 5, x * 0.03, y * 0.05),
        )
    });
    let mut grain = seed;
    canvas.paint((0.0, 0.0), (w, h), |x, y| {
        // The fold side of a booklet page is straight; the outer corners are round.
        let y_box = if format == PageFormat::Td3 {
            y.max(h / 2.0)
        } else {
            y
        };
        let inside = -round_box(x - w / 2.0, y_box - h / 2.0, w / 2.0, h / 2.0, radius);
        let cover = (inside * edge + 0.5).clamp(0.0, 1.0);
        let (wash, wave) = coarse.at(x, y);
        let strength = (0.25 + 0.75 * wash) * if y > zone { 0.35 } else { 1.0 };
        grain = grain
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        let fibre = ((grain >> 56) as f32 / 255.0 - 0.5) * 7.0;
        let light = 0.965 + 0.05 * wave;
        let mut ink = [0; 3];
        for ((code, &base), &tint) in ink.iter_mut().zip(&palette.paper).zip(&palette.wash) {
            let value = f32::from(base) + (f32::from(tint) - f32::from(base)) * strength;
            *code = (value * light + fibre).clamp(0.0, 255.0) as u8;
        }
        (cover > 0.0).then_some((ink, cover))
    });
}

/// Slow noise, computed once a millimetre.
struct NoiseGrid {
    columns: usize,
    values: Vec<(f32, f32)>,
}

impl NoiseGrid {
    fn new(w: f32, h: f32, noise: impl Fn(f32, f32) -> (f32, f32)) -> Self {
        let (columns, rows) = (w.ceil() as usize + 2, h.ceil() as usize + 2);
        let values = (0..columns * rows)
            .map(|i| noise((i % columns) as f32, (i / columns) as f32))
            .collect();
        Self { columns, values }
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let (cx, cy) = (x.max(0.0) as usize, y.max(0.0) as usize);
        let (tx, ty) = (x - cx as f32, y - cy as f32);
        let at = |dx: usize, dy: usize| {
            self.values
                .get((cy + dy) * self.columns + cx + dx)
                .copied()
                .unwrap_or((0.5, 0.5))
        };
        let mix =
            |a: (f32, f32), b: (f32, f32), t: f32| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        mix(mix(at(0, 0), at(1, 0), tx), mix(at(0, 1), at(1, 1), tx), ty)
    }
}

/// Interlaced waves and rosettes in three colours.
pub(crate) fn guilloche(canvas: &mut Canvas, (w, h): (f32, f32), palette: &Palette, seed: u64) {
    let mut chance = Chance::new(seed, 4);
    let zone = h - 22.0_f32.min(h * 0.42);
    for (family, ink) in palette.lines.iter().enumerate() {
        let (f1, f2) = (chance.between(0.05, 0.12), chance.between(0.15, 0.3));
        let (a1, a2) = (chance.between(3.0, 6.0), chance.between(0.8, 2.0));
        let turn = chance.between(0.25, 0.5);
        let count = 26;
        for line in 0..count {
            let phase = line as f32 * turn;
            let base = zone * (line as f32 + 0.5 + 0.3 * family as f32) / count as f32;
            let points = (0..=260).map(|i| {
                let x = w * i as f32 / 260.0;
                let y = base + a1 * (x * f1 + phase * 0.5).sin() + a2 * (x * f2 + phase).sin();
                (x.clamp(0.3, w - 0.3), y.clamp(0.4, zone + 1.5))
            });
            canvas.stroke(points, 0.11, *ink, 0.75);
        }
    }
    for (index, place) in [(0.62, 0.42, 19.0), (0.86, 0.62, 10.0), (0.45, 0.72, 8.0)]
        .into_iter()
        .enumerate()
    {
        let (cx, cy, reach) = (w * place.0, zone * place.1, place.2 * w / 125.0);
        let petals = 7.0 + (chance.next() % 7) as f32;
        for ring in 0..14 {
            let size = reach * (0.35 + 0.65 * ring as f32 / 13.0);
            let twist = ring as f32 * 0.21;
            let points = (0..=280).map(|i| {
                let a = i as f32 / 280.0 * std::f32::consts::TAU;
                let r = size * (0.82 + 0.18 * (petals * a + twist).cos() * (3.0 * a - twist).cos());
                (cx + r * a.cos(), cy + r * a.sin())
            });
            canvas.stroke(points, 0.1, palette.lines[index % 3], 0.7);
        }
    }
    // Fine horizontal lines run under the machine-readable zone, pale as the standard asks.
    for line in 0..22 {
        let y = zone + 1.5 + line as f32 * (h - zone - 2.5) / 22.0;
        let points = (0..=120).map(|i| {
            let x = w * i as f32 / 120.0;
            (
                x.clamp(0.3, w - 0.3),
                y + 0.25 * (x * 0.25 + line as f32).sin(),
            )
        });
        canvas.stroke(points, 0.09, palette.lines[0], 0.28);
    }
}
