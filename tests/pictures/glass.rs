use crate::canvas::{Canvas, round_box};
use crate::chance::{Chance, cloud, smooth, value_noise};

/// Faint reflections in the front glass: a window's panes, a lamp, smudges where a thumb has been.
pub(crate) fn reflections((w, h): (f32, f32), top: f32, seed: u64) -> Canvas {
    let mut canvas = Canvas::new((-w / 2.0, top), (w, h), 2.0);
    let mut chance = Chance::new(seed, 52);
    let slant = chance.between(0.25, 0.6);
    let at = chance.between(-20.0, 10.0);
    let smudge = (chance.around(20.0), chance.around(40.0));
    canvas.paint((-w / 2.0, top), (w / 2.0, top + h), |x, y| {
        let edge = round_box(x, y - top - h / 2.0, w / 2.0 - 1.5, h / 2.0 - 1.5, 9.0);
        if edge > 0.0 {
            return None;
        }
        let across = x + y * slant - at;
        let pane = smooth(0.0, 5.0, across) * (1.0 - smooth(26.0, 36.0, across));
        let bar = 1.0 - 0.8 * smooth(11.0, 13.0, across) * (1.0 - smooth(14.0, 16.0, across));
        let (sx, sy) = ((x - smudge.0) / 13.0, (y - smudge.1) / 19.0);
        let grease = 0.3 / (1.0 + (sx * sx + sy * sy).powi(3));
        let value = (16.0 + 46.0 * pane * bar + 24.0 * grease) as u8;
        Some(([value, value, value.saturating_add(3)], 1.0))
    });
    canvas
}

/// A protector: an even haze, scratches, bubbles, and a rim a little inside of the glass.
pub(crate) fn protector((w, h): (f32, f32), top: f32, strength: f32, seed: u64) -> Canvas {
    let mut canvas = Canvas::new((-w / 2.0, top), (w, h), 4.0);
    let mut chance = Chance::new(seed, 54);
    let bubbles: Vec<(f32, f32, f32)> = (0..(8.0 * strength) as usize)
        .map(|_| {
            let (x, y) = (chance.around(w / 2.0), top + h * chance.unit());
            (x, y, chance.between(0.4, 2.2))
        })
        .collect();
    canvas.paint((-w / 2.0, top), (w / 2.0, top + h), |x, y| {
        let edge = round_box(x, y - top - h / 2.0, w / 2.0 - 2.0, h / 2.0 - 2.0, 8.0);
        if edge > 0.0 {
            return None;
        }
        let rim = 40.0 * smooth(-0.6, -0.1, edge);
        let haze = 26.0 + 50.0 * strength * cloud(seed ^ 3, x * 0.05, y * 0.05);
        let bubble: f32 = bubbles
            .iter()
            .map(|&(bx, by, radius)| {
                let away = (x - bx).hypot(y - by) / radius;
                60.0 * (-((away - 0.9) / 0.15).powi(2)).exp()
            })
            .sum();
        let value = (strength * (haze + bubble) + rim).min(255.0) as u8;
        Some(([value; 3], 1.0))
    });
    for _scratch in 0..(14.0 * strength) as usize {
        let (x, y) = (chance.around(w / 2.0 - 4.0), top + h * chance.unit());
        let (turn, long) = (chance.around(3.2), chance.between(3.0, 18.0));
        let bend = chance.around(0.02);
        let points = (0..12).map(|i| {
            let t = i as f32 / 11.0 * long;
            let a = turn + bend * t;
            (x + t * a.cos(), y + t * a.sin())
        });
        canvas.stroke(points, 0.06, [150; 3], strength);
    }
    canvas
}

/// Cracks from one blow: jagged rays and the arcs between them, once dark and once catching the light.
pub(crate) fn cracks((w, h): (f32, f32), top: f32, strength: f32, seed: u64) -> [Canvas; 2] {
    let mut canvases = [7.0, 7.0].map(|per_mm| Canvas::new((-w / 2.0, top), (w, h), per_mm));
    let mut chance = Chance::new(seed, 55);
    let blow = (
        (w / 2.0 - 6.0) * if chance.one_in(2) { 1.0 } else { -1.0 },
        top + h * chance.between(0.05, 0.9),
    );
    let rays = 4 + (6.0 * strength) as usize;
    let mut lines: Vec<Vec<(f32, f32)>> = Vec::new();
    for ray in 0..rays {
        let turn = (ray as f32 + chance.around(0.35)) / rays as f32 * std::f32::consts::TAU;
        let long = w * chance.between(0.3, 0.5 + 0.9 * strength);
        let salt = seed ^ (ray as u64) << 8;
        lines.push(
            (0..40)
                .map(|i| {
                    let t = i as f32 / 39.0 * long;
                    let a = turn + 0.7 * (value_noise(salt, t * 0.11, 0.0) - 0.5);
                    (blow.0 + t * a.cos(), blow.1 + t * a.sin())
                })
                .collect(),
        );
    }
    for pair in 0..rays {
        let (one, other) = (&lines[pair], &lines[(pair + 1) % rays]);
        let at = chance.next() as usize % 16 + 4;
        let arc = vec![one[at], other[(at + 2).min(39)]];
        if chance.one_in(2) {
            lines.push(arc);
        }
    }
    let (dark, bright) = (0.14 + 0.1 * strength, 0.1 + 0.06 * strength);
    for line in lines {
        canvases[0].stroke(line.iter().copied(), dark, [6, 6, 8], 0.75);
        let lit = line.iter().map(|&(x, y)| (x + 0.12, y + 0.1));
        canvases[1].stroke(lit, bright, [230, 232, 236], 1.0);
    }
    canvases
}
