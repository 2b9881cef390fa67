use crate::canvas::{Canvas, Ink};
use crate::chance::{Chance, cloud, smooth, value_noise};
use crate::error::PictureError;
use crate::place::Wish;
use crate::portrait::{Features, Portrait, Sitting, features};
use crate::scene::{Layer, Subject, Surface};
use crate::sitter::Source;
use crate::texture::Texture;
use crate::worn::{self, Worn};

/// Millimetres to a pixel of the source portrait: the head, hair included, is 163 pixels high.
const MM: f32 = 1.42;
/// The head's middle in the source portrait.
const HEAD: (f32, f32) = (226.0, 97.0);

/// A person whose head takes `fill` of the frame's height.
pub(crate) fn subject(
    portrait: &Portrait,
    fill: f32,
    aside: (f32, f32),
) -> Result<Subject, PictureError> {
    wearing(portrait, Worn::Nothing, 0.0, fill, aside)
}

/// [`subject`] with something on, and the head turned a little further: 0.1 is about a degree and a half.
pub(crate) fn wearing(
    portrait: &Portrait,
    worn: Worn,
    turn: f32,
    fill: f32,
    aside: (f32, f32),
) -> Result<Subject, PictureError> {
    let (source, f) = (portrait.source()?, features(*portrait));
    let mut chance = Chance::new(u64::from(portrait.number()), 71);
    let live = Sitting {
        turn: chance.around(0.25) + turn,
        smile: chance.between(-0.1, 0.02),
        contrast: 1.0,
        gain: [0.97, 0.95, 0.93],
        side_light: chance.around(0.22),
    };
    // Three texels a source pixel for the head, one for the coat.
    let mut head = mm_canvas((122.0, 0.0), (206.0, 204.0), 2.2);
    paint_head(&mut head, source, &f, &live, portrait.number().into(), worn);
    let mut coat = mm_canvas((-60.0, 160.0), (570.0, 420.0), 0.9);
    paint_coat(&mut coat, &f, live.side_light, portrait.number().into());
    let small = f.stature;
    Ok(Subject {
        layers: vec![
            Layer {
                texture: Texture::from(head),
                surface: Surface::Matt,
            },
            Layer {
                texture: Texture::from(coat),
                surface: Surface::Matt,
            },
        ],
        wish: Wish {
            interest: (155.0 * MM, 165.0 * MM),
            fill: fill * small,
            aside: (aside.0, aside.1 + 0.3 * (1.0 - small)),
            turn: 0.35,
        },
    })
}

/// A canvas over a part of the source portrait, in millimetres about the head's middle.
fn mm_canvas(corner: (f32, f32), size: (f32, f32), per_mm: f32) -> Canvas {
    let origin = ((corner.0 - HEAD.0) * MM, (corner.1 - HEAD.1) * MM);
    Canvas::new(origin, (size.0 * MM, size.1 * MM), per_mm)
}

fn paint_head(
    canvas: &mut Canvas,
    source: &Source,
    f: &Features,
    sitting: &Sitting,
    seed: u64,
    worn: Worn,
) {
    let everywhere = (canvas.origin, (1000.0, 1000.0));
    canvas.paint(everywhere.0, everywhere.1, |mx, my| {
        let (x, y) = (mx / MM + HEAD.0, my / MM + HEAD.1);
        let (mut ink, mut alpha) = f.look(source, x, y, sitting).unwrap_or(([0.0; 3], 0.0));
        // Pores and single hairs, which the enlarged source has lost.
        let grain = (value_noise(seed, mx * 1.3, my * 1.3) - 0.5) * 7.0
            + (value_noise(seed ^ 3, mx * 3.1, my * 2.2) - 0.5) * 5.0;
        for value in &mut ink {
            *value = (*value + grain).clamp(0.0, 255.0);
        }
        // What is worn turns with the head's surface, about as the nose does.
        let on = x - sitting.turn * 5.0;
        if let Some((over, strength)) = worn::at(worn, seed, on, y, ink.map(|v| v as u8)) {
            for (value, over) in ink.iter_mut().zip(over) {
                *value += (f32::from(over) - *value) * strength;
            }
            alpha += (1.0 - alpha) * strength;
        }
        (alpha > 0.0).then(|| (ink.map(|v| v as u8), alpha))
    });
}

fn ink_of(light: [f32; 3]) -> Ink {
    light.map(|value| {
        let v = value.clamp(0.0, 1.0);
        (255.0 * (1.055 * v.powf(1.0 / 2.4) - 0.055).max(0.0)) as u8
    })
}

/// High collar, and an open coat over it.
fn paint_coat(canvas: &mut Canvas, f: &Features, side_light: f32, seed: u64) {
    let top = f.collar();
    let middle = 220.0;
    canvas.paint(canvas.origin, (2000.0, 2000.0), |mx, my| {
        let (x, y) = (mx / MM + HEAD.0 - middle, my / MM + HEAD.1);
        let down = y - top;
        let away = x.abs();
        // The collar's edge sags in front; the neck widens into shoulders that fall away into arms.
        let rim = -6.0 + 8.0 * (1.0 - (x / 36.0).powi(2)).max(0.0).sqrt();
        let neck = 35.5 + 0.16 * down.max(0.0);
        let round = ((away - 118.0) / 58.0).clamp(0.0, 1.0);
        let slope = 12.0
            + 0.26 * (away - 38.0).max(0.0)
            + 7.0 * smooth(38.0, 62.0, away)
            + 62.0 * (1.0 - (1.0 - round * round).sqrt());
        let collar_edge = (down - rim).min((neck - away) * 0.8);
        let shoulder_edge = (down - slope).min((174.5 - away) * 0.6);
        let in_coat = smooth(-0.9, 0.9, shoulder_edge);
        let in_collar = smooth(-0.9, 0.9, collar_edge);
        if in_coat <= 0.0 && in_collar <= 0.0 {
            return None;
        }
        let side = 1.0 + side_light * (x / 130.0).clamp(-1.0, 1.0);
        // Opening of the coat: a V that shows what is worn beneath.
        let opening = 31.0 + 2.0 * (down * 0.03).sin() - 0.1 * (down - 20.0).clamp(0.0, 200.0);
        let lapel = (0.62 * (down - 10.0)).min(34.0 + 10.0 * smooth(60.0, 120.0, down))
            * (1.0 - smooth(150.0, 210.0, down));
        let folds = fold(seed, x, y, away, down);
        let over = in_coat * smooth(-0.9, 0.9, away - opening);
        let shirt = {
            let curve = (1.0 - (x / 60.0).powi(2)).max(0.05).sqrt();
            let ribs = 0.93 + 0.07 * (x * 1.6).sin();
            // The chin's shadow falls on the collar, the coat's on the shirt.
            let chin = 0.4 + 0.6 * smooth(-4.0, 26.0, down - rim);
            let coat = 0.4 + 0.6 * smooth(0.0, 14.0, opening - away).max(1.0 - in_coat);
            (0.35 + 0.75 * curve) * ribs * chin * coat
        };
        let edge = away - opening - lapel;
        let mut coat = (0.35 + 0.7 * (1.0 - (away / 215.0).powi(2)).max(0.03).sqrt())
            * (1.0 + 0.45 * (1.0 - smooth(0.0, 55.0, shoulder_edge)));
        coat *= if edge < 0.0 {
            1.12
        } else {
            1.0 - 0.5 * (-edge / 6.0).exp()
        };
        coat *= 1.0 + 0.3 * (-((edge + 1.2) / 1.1).powi(2)).exp();
        coat *= 0.7 + 0.3 * smooth(0.0, 4.0, away - opening);
        // The sleeve's seam, and the arm's own roundness.
        let seam = away - 122.0 + 0.12 * down;
        coat *= 1.0 - 0.28 * (-(seam / 2.2).powi(2)).exp() * smooth(20.0, 60.0, down);
        let weave = value_noise(seed ^ 0x3EA, mx * 1.1, my * 1.1) - 0.5;
        let lit = |light: [f32; 3], shade: f32, depth: f32| {
            light.map(|v| {
                (v * (shade * side * (1.0 + depth * folds) * (1.0 + 0.22 * weave)).max(0.04))
                    .max(0.0)
            })
        };
        let (under, outer) = (lit(f.shirt, shirt, 0.35), lit(f.coat, coat, 1.25));
        let mut light = [0.0; 3];
        for ((value, a), b) in light.iter_mut().zip(under).zip(outer) {
            *value = a + (b - a) * over;
        }
        Some((ink_of(light), in_coat.max(in_collar)))
    });
}

/// Cloth's folds: long ones down from the shoulder, creases at the arm.
fn fold(seed: u64, x: f32, y: f32, away: f32, down: f32) -> f32 {
    let long = cloud(seed ^ 0xF01D, x * 0.03 + y * 0.006 + 3.0, y * 0.011) - 0.5;
    let ridge = 1.0
        - (2.0
            * value_noise(
                seed ^ 0xF03D,
                x * 0.022 - y * 0.016,
                (y + x.abs() * 0.4) * 0.012,
            )
            - 1.0)
            .abs();
    let arm = (value_noise(seed ^ 0xF02D, (away - down) * 0.05, (away + down) * 0.018) - 0.5)
        * smooth(80.0, 120.0, away);
    long * 0.8 + (ridge - 0.5) * 0.45 + arm * 0.5
}

/// The portrait as printed on a page: plain ground, another light, another turn than the live face.
pub(crate) fn print(
    canvas: &mut Canvas,
    portrait: &Portrait,
    corner: (f32, f32),
    size: (f32, f32),
    strength: f32,
) -> Result<(), PictureError> {
    let (source, f) = (portrait.source()?, features(*portrait));
    let mut chance = Chance::new(u64::from(portrait.number()), 72);
    let still = Sitting {
        turn: chance.around(0.2),
        smile: chance.between(-0.2, -0.08),
        contrast: 0.9,
        gain: [chance.between(0.96, 1.02), 0.98, chance.between(0.95, 1.02)],
        side_light: chance.around(0.1),
    };
    // Chin to crown takes some 70 to 80 % of the height, as Doc 9303 part 3 asks.
    let per_mm = 163.0 / (size.1 * 0.74);
    let view = (HEAD.0 - size.0 * per_mm / 2.0, 17.0 - size.1 * 0.1 * per_mm);
    // The coat is drawn to the same place first, then cut to the picture.
    let scale = per_mm * MM;
    let mut coat = Canvas::new(
        ((view.0 - HEAD.0) * MM, (view.1 - HEAD.1) * MM),
        (size.0 * scale, size.1 * scale),
        canvas.per_mm / scale,
    );
    paint_head(
        &mut coat,
        source,
        &f,
        &still,
        900 + u64::from(portrait.number()),
        Worn::Nothing,
    );
    paint_coat(
        &mut coat,
        &f,
        still.side_light,
        u64::from(portrait.number()),
    );
    let ground = [214.0, 218.0, 224.0];
    let (width, rgba) = (coat.width, coat.rgba);
    let (px0, py0) = (
        (corner.0 - canvas.origin.0) * canvas.per_mm,
        (corner.1 - canvas.origin.1) * canvas.per_mm,
    );
    for (y, row) in rgba.chunks_exact(width * 4).enumerate() {
        for (x, pixel) in row.chunks_exact(4).enumerate() {
            let alpha = f32::from(pixel[3]) / 255.0;
            let mut ink = [0.0; 3];
            for ((value, &code), base) in ink.iter_mut().zip(pixel).zip(ground) {
                let v = base + (f32::from(code) - base) * alpha;
                // Ink on paper is neither black nor white.
                *value = 24.0 + v * 0.88;
            }
            let edge = x.min(width - 1 - x).min(y) as f32 / (canvas.per_mm * 0.5);
            if strength < 0.9 {
                let grey = 0.3 * ink[0] + 0.59 * ink[1] + 0.11 * ink[2];
                ink = [grey, grey, grey + 12.0];
            }
            let shown = strength
                * if strength < 0.9 {
                    alpha * edge.min(1.0)
                } else {
                    1.0
                };
            canvas.blend(
                px0 as i32 + x as i32,
                py0 as i32 + y as i32,
                ink.map(|v| v.clamp(0.0, 255.0) as u8),
                shown,
            );
        }
    }
    Ok(())
}
