use crate::canvas::{Canvas, Ink};
use crate::chance::{Chance, cloud, mix, smooth, value_noise};
use crate::code::qr;
use crate::error::PictureError;
use crate::fonts::fonts;
use crate::hand::{Finger, finger};
use crate::place::Wish;
use crate::scene::{Layer, Subject, Surface};
use crate::shown::CodeShown;
use crate::texture::Texture;

// Half an A5 sheet, in millimetres; the origin is the middle of the code.
const SHEET: (f32, f32) = (105.0, 148.0);
const CODE_BELOW_TOP: f32 = 66.0;
const PER_MM: f32 = 12.0;
const PAPER: Ink = [240, 239, 234];

/// A printed declaration: folded, bulging, short of toner.
pub(crate) fn subject(shown: &CodeShown) -> Result<Subject, PictureError> {
    let fonts = fonts()?;
    let code = qr(&shown.text)?;
    let mut chance = Chance::new(shown.seed, 53);
    let (w, h) = SHEET;
    let (left, top) = (-w / 2.0, -CODE_BELOW_TOP);
    let mut sheet = Canvas::new((left, top), SHEET, PER_MM);
    let grain = shown.seed ^ 0xA5;
    sheet.paint((left, top), (left + w, top + h), |x, y| {
        let shade = 0.97 + 0.05 * (cloud(grain, x * 0.12, y * 0.12) - 0.5);
        Some((PAPER.map(|c| (f32::from(c) * shade) as u8), 1.0))
    });
    let ink: Ink = [26, 26, 30];
    sheet.text(
        &fonts.bold,
        (left + 9.0, top + 14.0),
        5.0,
        "Customs declaration",
        ink,
        1.0,
    );
    sheet.text(
        &fonts.plain,
        (left + 9.0, top + 21.0),
        2.8,
        "Keep this page flat and show it at the gate",
        ink,
        0.9,
    );
    let side = 50.0_f32;
    let modules = code.size() as f32;
    let module = side / modules;
    // The sheet bulges: what is drawn shifts along it by as much.
    let phase = chance.between(0.0, std::f32::consts::TAU);
    let long = chance.between(60.0, 120.0);
    let bulge = |x: f32, y: f32| {
        let wave = ((x * 0.6 + y) / long * std::f32::consts::TAU + phase).sin();
        shown.curl * wave
    };
    let toner = shown.seed ^ 0x70;
    sheet.paint(
        (-side / 2.0 - 2.0, -side / 2.0 - 2.0),
        (side / 2.0 + 2.0, side / 2.0 + 2.0),
        |x, y| {
            let (u, v) = (x + bulge(x, y) * 0.5, y + bulge(y, x));
            let at = |p: f32| ((p + side / 2.0) / module).floor() as i32;
            if !code.get_module(at(u), at(v)) {
                return None;
            }
            // Toner sits in fibres: it thins out in patches and drops out in specks.
            let patch = smooth(0.25, 0.75, cloud(toner, x * 0.09, y * 0.09));
            let speck = (mix(toner ^ ((x * 7.0) as i64 as u64) << 24 ^ (y * 7.0) as i64 as u64)
                >> 40) as f32
                / (1_u64 << 24) as f32;
            let gone = shown.worn * patch;
            let alpha = (1.0 - 0.6 * gone) * if speck < 0.35 * gone { 0.25 } else { 1.0 };
            Some((ink, alpha))
        },
    );
    for row in 0..6 {
        let y = side / 2.0 + 9.0 + row as f32 * 6.0;
        sheet.text(
            &fonts.plain,
            (left + 9.0, y),
            2.8,
            [
                "Name",
                "Flight UT 271",
                "Arrival",
                "Goods: none to declare",
                "Travellers 1",
                "Signed",
            ][row],
            ink,
            0.85,
        );
    }
    crease(&mut sheet, shown, &mut chance);
    let tan = chance.unit() * 0.7;
    let mut thumb = Canvas::new((w / 2.0 - 20.0, top + 60.0), (60.0, 90.0), 8.0);
    let ball = Finger {
        root: (w / 2.0 + 26.0, top + 112.0),
        tip: (w / 2.0 - 8.0, top + 92.0),
        radius: (14.0, 9.4),
        nail: true,
    };
    finger(&mut thumb, &ball, tan, shown.seed ^ 77);
    let layers = [sheet, thumb]
        .map(|canvas| Layer {
            texture: Texture::from(canvas),
            surface: Surface::Matt,
        })
        .into();
    let whole = side + 8.0 * module;
    Ok(Subject {
        layers,
        wish: Wish {
            interest: (whole, whole),
            fill: 0.8,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

/// Folds: a bright ridge beside a dark valley, and the paper a little darker on one side.
fn crease(sheet: &mut Canvas, shown: &CodeShown, chance: &mut Chance) {
    if shown.creases <= 0.0 {
        return;
    }
    let folds: Vec<(f32, f32, f32)> = (0..4)
        .map(|i| {
            let turn = if i % 2 == 0 {
                0.0
            } else {
                std::f32::consts::FRAC_PI_2
            };
            (
                turn + chance.around(0.15),
                chance.around(24.0),
                chance.between(0.4, 1.0),
            )
        })
        .collect();
    let rough = shown.seed ^ 0xF0;
    for row in 0..sheet.height as i32 {
        for column in 0..sheet.width as i32 {
            let x = sheet.origin.0 + column as f32 / PER_MM;
            let y = sheet.origin.1 + row as f32 / PER_MM;
            let mut factor = 1.0;
            for &(turn, at, deep) in &folds {
                let away = x * turn.cos() + y * turn.sin() - at
                    + 0.5 * value_noise(rough, x * 0.3, y * 0.3);
                let near = (-(away / 0.5).powi(2)).exp();
                let side = smooth(-6.0, 6.0, away) - 0.5;
                factor *= 1.0 + shown.creases * deep * (0.25 * near * away.signum() - 0.12 * side);
            }
            sheet.shade(column, row, factor.clamp(0.4, 1.3));
        }
    }
}
