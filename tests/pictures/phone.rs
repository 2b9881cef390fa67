use crate::canvas::{Canvas, Ink, round_box, text_width};
use crate::chance::{Chance, smooth};
use crate::code::qr;
use crate::conditions::Polarity;
use crate::error::PictureError;
use crate::fonts::{Fonts, fonts};
use crate::hand::{Finger, finger};
use crate::place::Wish;
use crate::scene::{Layer, Subject, Surface};
use crate::texture::Texture;

// A 6.1 inch phone, in millimetres; the origin is the middle of the code.
const BODY: (f32, f32) = (71.5, 147.0);
const SCREEN: (f32, f32) = (66.0, 141.5);
const CODE_BELOW_TOP: f32 = 66.0;
const PER_MM: f32 = 12.0;

struct Colours {
    ground: Ink,
    card: Ink,
    text: Ink,
    faint: Ink,
    dark: Ink,
    light: Ink,
}

fn colours(polarity: Polarity) -> Colours {
    match polarity {
        Polarity::DarkOnLight => Colours {
            ground: [242, 243, 247],
            card: [255, 255, 255],
            text: [26, 28, 46],
            faint: [120, 124, 140],
            dark: [8, 8, 12],
            light: [255, 255, 255],
        },
        Polarity::LightOnDark => Colours {
            ground: [10, 10, 14],
            card: [24, 24, 30],
            text: [232, 232, 240],
            faint: [150, 152, 164],
            dark: [240, 240, 246],
            light: [24, 24, 30],
        },
    }
}

pub(crate) fn subject(text: &str, polarity: Polarity) -> Result<Subject, PictureError> {
    let fonts = fonts()?;
    let code = qr(text)?;
    let seed = text.bytes().fold(5_u64, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(u64::from(byte))
    });
    let mut chance = Chance::new(seed, 51);
    let tan = chance.unit() * 0.7;
    let top = -CODE_BELOW_TOP;
    let mut body = Canvas::new((-62.0, top - 8.0), (124.0, BODY.1 + 26.0), 8.0);
    // Fingers reach round from behind on the left; the phone hides most of each.
    for (index, y) in [12.0, 31.0, 50.0, 67.0].into_iter().enumerate() {
        let drop = chance.around(1.5);
        let out = [1.0, 3.5, 2.5, 0.0][index];
        let one = Finger {
            root: (-8.0, y + 7.0 + drop),
            tip: (-BODY.0 / 2.0 - out, y + drop),
            radius: (8.5, 7.6),
            nail: false,
        };
        finger(&mut body, &one, tan, seed ^ index as u64);
    }
    shell(&mut body, top);
    let mut screen = Canvas::new((-SCREEN.0 / 2.0, top + 2.75), SCREEN, PER_MM);
    let c = colours(polarity);
    screen.panel(
        -SCREEN.0 / 2.0,
        top + 2.75,
        SCREEN.0,
        SCREEN.1,
        8.5,
        c.ground,
        1.0,
    );
    let side = draw_code(&mut screen, &code, &c);
    furniture(&mut screen, fonts, &c, top, side);
    let mut thumb = Canvas::new((18.0, top + 40.0), (60.0, 100.0), 8.0);
    let low = 45.0 + chance.around(4.0);
    let ball = Finger {
        root: (66.0, low + 36.0),
        tip: (32.5, low),
        radius: (14.0, 9.4),
        nail: true,
    };
    finger(&mut thumb, &ball, tan, seed ^ 77);
    Ok(Subject {
        layers: vec![
            Layer {
                texture: Texture::from(body),
                surface: Surface::Matt,
            },
            Layer {
                texture: Texture::from(screen),
                surface: Surface::Lit,
            },
            Layer {
                texture: Texture::from(glass(top, seed)),
                surface: Surface::Glass,
            },
            Layer {
                texture: Texture::from(thumb),
                surface: Surface::Matt,
            },
        ],
        wish: Wish {
            interest: (side, side),
            fill: 0.8,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

/// Metal frame and black front glass.
fn shell(body: &mut Canvas, top: f32) {
    let (w, h) = BODY;
    body.paint(
        (-w / 2.0 - 1.0, top - 1.0),
        (w / 2.0 + 1.0, top + h + 1.0),
        |x, y| {
            let edge = round_box(x, y - top - h / 2.0, w / 2.0, h / 2.0, 11.0);
            let cover = (-edge * 8.0 + 0.5).clamp(0.0, 1.0);
            // A rounded rim catches the ceiling above and the dark below.
            let rim = smooth(-1.5, -0.2, edge);
            let sheen = (0.5 - (y - top) / h * 0.35 - x / w * 0.2)
                * rim
                * (1.0 - smooth(-0.5, 0.1, edge) * 0.6);
            let value = 9.0 + 190.0 * sheen;
            (cover > 0.0).then_some(([value as u8, value as u8, (value * 1.04) as u8], cover))
        },
    );
    body.panel(
        w / 2.0 - 0.3,
        top + 38.0,
        1.0,
        11.0,
        0.4,
        [96, 97, 102],
        1.0,
    );
}

/// The code in its card; returns the card's side in millimetres.
fn draw_code(screen: &mut Canvas, code: &qrcodegen::QrCode, c: &Colours) -> f32 {
    let modules = code.size() + 8;
    // Phones draw modules on whole pixels, or the code looks uneven.
    let module = ((62.0 * PER_MM) as i32 / modules).max(1);
    let side = (module * modules) as f32 / PER_MM;
    screen.panel(-side / 2.0, -side / 2.0, side, side, 2.5, c.light, 1.0);
    let start_x = ((-side / 2.0 - screen.origin.0) * PER_MM).round() as i32 + 4 * module;
    let start_y = ((-side / 2.0 - screen.origin.1) * PER_MM).round() as i32 + 4 * module;
    for row in 0..code.size() {
        for column in 0..code.size() {
            if code.get_module(column, row) {
                for y in 0..module {
                    for x in 0..module {
                        screen.blend(
                            start_x + column * module + x,
                            start_y + row * module + y,
                            c.dark,
                            1.0,
                        );
                    }
                }
            }
        }
    }
    side
}

/// Status bar, heading, what stands below the code, home bar.
fn furniture(screen: &mut Canvas, fonts: &Fonts, c: &Colours, top: f32, side: f32) {
    let head = top + 2.75;
    let half = SCREEN.0 / 2.0;
    screen.text(
        &fonts.bold,
        (-half + 6.0, head + 6.4),
        3.0,
        "9:41",
        c.text,
        1.0,
    );
    for bar in 0..4 {
        let tall = 0.8 + 0.5 * bar as f32;
        screen.panel(
            half - 16.5 + bar as f32 * 0.9,
            head + 6.3 - tall,
            0.6,
            tall,
            0.15,
            c.text,
            1.0,
        );
    }
    screen.panel(half - 10.6, head + 4.0, 5.0, 2.3, 0.7, c.faint, 1.0);
    screen.panel(half - 10.3, head + 4.3, 3.4, 1.7, 0.4, c.text, 1.0);
    screen.panel(-9.0, head + 2.6, 18.0, 4.8, 2.4, [4, 4, 5], 1.0);
    screen.text(
        &fonts.bold,
        (-half + 5.0, head + 17.5),
        5.0,
        "Declaration",
        c.text,
        1.0,
    );
    screen.text(
        &fonts.plain,
        (-half + 5.0, head + 23.0),
        2.6,
        "Show this code at the gate",
        c.faint,
        1.0,
    );
    let below = side / 2.0 + 4.0;
    screen.panel(-half + 4.0, below, SCREEN.0 - 8.0, 24.0, 2.5, c.card, 1.0);
    for (row, (name, value)) in [
        ("Flight", "UT 271"),
        ("Arrival", "Today"),
        ("Travellers", "Whole party"),
    ]
    .into_iter()
    .enumerate()
    {
        let y = below + 6.2 + row as f32 * 6.8;
        screen.text(&fonts.plain, (-half + 7.0, y), 2.5, name, c.faint, 1.0);
        let wide = text_width(&fonts.bold, 2.5, value);
        screen.text(&fonts.bold, (half - 7.0 - wide, y), 2.5, value, c.text, 1.0);
    }
    let button = below + 28.0;
    screen.panel(
        -half + 4.0,
        button,
        SCREEN.0 - 8.0,
        9.5,
        2.5,
        [48, 72, 168],
        1.0,
    );
    let label = "Brighten the screen";
    let wide = text_width(&fonts.bold, 2.7, label);
    screen.text(
        &fonts.bold,
        (-wide / 2.0, button + 5.8),
        2.7,
        label,
        [244, 245, 250],
        1.0,
    );
    screen.panel(-11.0, head + SCREEN.1 - 3.4, 22.0, 0.9, 0.45, c.text, 0.9);
}

/// Faint reflections in the front glass: a window's panes, a lamp, smudges where a thumb has been.
fn glass(top: f32, seed: u64) -> Canvas {
    let (w, h) = BODY;
    let mut canvas = Canvas::new((-w / 2.0, top), BODY, 2.0);
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
