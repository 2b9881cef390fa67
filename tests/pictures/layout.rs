use crate::canvas::Canvas;
use crate::chance::{Chance, value_noise};
use crate::paper::Palette;

/// Where one issuing state puts things, and what its documents have been through. Utopia's are as in the standard and
/// new; every other state differs from it in its own way, always the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// On which side the portrait stands.
    pub(crate) portrait: Side,
    /// A pale strip is printed under the machine-readable zone.
    pub(crate) strip: bool,
    /// Security print runs on through the zone: darkness of its lines, 0 for none.
    pub(crate) behind_zone: f32,
    /// The zone's offset to the right, in millimetres: the standard leaves about a millimetre.
    pub(crate) zone_aside: f32,
    /// Darkness of the zone's ink, 1 for the standard's.
    pub(crate) ink: f32,
    /// How far strokes spread or shrink, in millimetres.
    pub(crate) spread: f32,
    /// How worn: 0 new, 1 carried for ten years.
    wear: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Layout {
    /// The layout of a state; `holder` tells its documents apart, which age differently.
    pub(crate) fn of(state: &str, seed: u64, holder: u64) -> Self {
        if state == "UTOPIA" {
            return Self {
                portrait: Side::Left,
                strip: false,
                behind_zone: 0.0,
                zone_aside: 0.0,
                ink: 1.0,
                spread: 0.0,
                wear: 0.0,
            };
        }
        let mut chance = Chance::new(seed, 21);
        let mut life = Chance::new(seed ^ holder.wrapping_mul(0x9E37_79B9), 22);
        Self {
            portrait: if chance.one_in(3) {
                Side::Right
            } else {
                Side::Left
            },
            strip: chance.one_in(3),
            behind_zone: if chance.one_in(2) {
                chance.between(0.2, 0.7)
            } else {
                0.0
            },
            zone_aside: chance.around(0.9),
            ink: chance.between(0.72, 1.0),
            spread: chance.between(-0.01, 0.05),
            wear: life.between(0.0, 1.0),
        }
    }

    /// What the zone is printed on, beyond the page's paper.
    pub(crate) fn ground(&self, canvas: &mut Canvas, (w, h): (f32, f32), palette: &Palette) {
        let top = h - 21.0_f32.min(h * 0.42);
        if self.strip {
            canvas.panel(0.5, top, w - 1.0, h - top - 0.5, 0.0, [246, 246, 243], 0.7);
        }
        if self.behind_zone <= 0.0 {
            return;
        }
        for line in 0..26 {
            let y = top + (h - top - 1.0) * (line as f32 + 0.5) / 26.0;
            let points = (0..=200).map(|i| {
                let x = w * i as f32 / 200.0;
                let wave = 1.6 * (x * 0.13 + line as f32 * 0.4).sin();
                (x.clamp(0.3, w - 0.3), (y + wave).clamp(top, h - 0.4))
            });
            canvas.stroke(points, 0.16, palette.lines[line % 3], self.behind_zone);
        }
    }

    /// Rubbed print, a crease, scratches, and sometimes a stamp that reaches the zone.
    pub(crate) fn age(
        &self,
        canvas: &mut Canvas,
        (w, h): (f32, f32),
        palette: &Palette,
        seed: u64,
    ) {
        if self.wear < 0.25 {
            return;
        }
        let mut chance = Chance::new(seed, 23);
        let noise = chance.next();
        let most = 0.55 * self.wear;
        canvas.paint((0.0, h * 0.55), (w, h), |x, y| {
            let rubbed = value_noise(noise, x * 0.35, y * 0.35) * 2.0 - 1.1;
            let grain = value_noise(noise ^ 5, x * 2.3, y * 2.3);
            let alpha = most * (rubbed * (0.5 + grain)).clamp(0.0, 1.0);
            (alpha > 0.01).then_some((palette.paper, alpha))
        });
        let x = w * chance.between(0.15, 0.85);
        let lean = chance.around(6.0);
        for (aside, ink, alpha) in [(0.0, [120, 116, 110], 0.35), (0.16, [250, 250, 248], 0.5)] {
            let points = [(x + aside, 1.0), (x + aside + lean, h - 1.0)];
            canvas.stroke(points.into_iter(), 0.14, ink, alpha * self.wear);
        }
        for _ in 0..(self.wear * 9.0) as usize {
            let (x, y) = (w * chance.unit(), h * chance.between(0.6, 0.98));
            let (dx, dy) = (chance.around(14.0), chance.around(3.0));
            let points = [
                (x, y),
                ((x + dx).clamp(0.5, w - 0.5), (y + dy).clamp(0.5, h - 0.5)),
            ];
            canvas.stroke(points.into_iter(), 0.1, palette.paper, 0.6);
        }
        if chance.one_in(4) {
            let (cx, cy) = (w * chance.unit(), h - chance.between(16.0, 24.0));
            for radius in [9.0, 10.0] {
                let ring = (0..=90).map(|i| {
                    let a = i as f32 / 90.0 * std::f32::consts::TAU;
                    let (x, y) = (cx + radius * a.cos(), cy + radius * a.sin());
                    (x.clamp(0.3, w - 0.3), y.clamp(0.3, h - 0.3))
                });
                canvas.stroke(ring, 0.3, [84, 76, 140], 0.45);
            }
        }
    }
}
