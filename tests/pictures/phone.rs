use crate::canvas::{Canvas, Ink, round_box, text_width};
use crate::chance::{Chance, smooth};
use crate::code::qr;
use crate::conditions::Polarity;
use crate::error::PictureError;
use crate::fonts::{Fonts, fonts};
use crate::glass;
use crate::hand::{Finger, finger, skin};
use crate::place::Wish;
use crate::scene::{Layer, Subject, Surface};
use crate::shown::{Carrier, CodeShown};
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

/// Outer sizes in millimetres, and how many pixels of the drawing a millimetre of screen takes.
struct Device {
    body: (f32, f32),
    screen: (f32, f32),
    code_below_top: f32,
    /// Across the code with its quiet zone.
    code: f32,
    round: f32,
}

const PHONE: Device = Device {
    body: BODY,
    screen: SCREEN,
    code_below_top: CODE_BELOW_TOP,
    code: 62.0,
    round: 11.0,
};
const WATCH: Device = Device {
    body: (39.0, 46.0),
    screen: (34.5, 41.5),
    code_below_top: 23.0,
    code: 33.0,
    round: 10.0,
};

pub(crate) fn subject(text: &str, polarity: Polarity) -> Result<Subject, PictureError> {
    subject_of(&CodeShown::on(Carrier::Phone, text, polarity))
}

/// A phone in a hand, or a watch on a wrist.
pub(crate) fn subject_of(shown: &CodeShown) -> Result<Subject, PictureError> {
    let fonts = fonts()?;
    let code = qr(&shown.text)?;
    let (seed, polarity) = (shown.seed, shown.polarity);
    let watch = shown.carrier == Carrier::Watch;
    let device = if watch { WATCH } else { PHONE };
    let (body_size, screen_size) = (device.body, device.screen);
    let mut chance = Chance::new(seed, 51);
    let tan = chance.unit() * 0.7;
    let top = -device.code_below_top;
    let mut body = Canvas::new((-62.0, top - 38.0), (124.0, body_size.1 + 76.0), 8.0);
    if watch {
        wrist(&mut body, tan, seed);
    }
    // Fingers reach round from behind on the left; the phone hides most of each.
    let behind = if watch { 0 } else { 4 };
    for (index, y) in [12.0, 31.0, 50.0, 67.0]
        .into_iter()
        .take(behind)
        .enumerate()
    {
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
    shell(&mut body, top, &device);
    let rim = (body_size.1 - screen_size.1) / 2.0;
    let start = (-screen_size.0 / 2.0, top + rim);
    let mut screen = Canvas::new(start, screen_size, PER_MM);
    let c = colours(polarity);
    screen.panel(
        start.0,
        start.1,
        screen_size.0,
        screen_size.1,
        device.round - 2.5,
        c.ground,
        1.0,
    );
    let side = draw_code(&mut screen, &code, &c, &device, shown.quiet);
    if !watch {
        furniture(&mut screen, fonts, &c, top, side);
    }
    let mut thumb = Canvas::new((18.0, top + 40.0), (60.0, 100.0), 8.0);
    let low = 45.0 + chance.around(4.0);
    let ball = Finger {
        root: (66.0, low + 36.0),
        tip: (32.5, low),
        radius: (14.0, 9.4),
        nail: true,
    };
    if !watch {
        finger(&mut thumb, &ball, tan, seed ^ 77);
    }
    if shown.covered > 0.0 {
        let reach = side / 2.0 - shown.covered * side;
        let low = chance.between(-0.05, 0.3) * side;
        thumb = Canvas::new((reach - 14.0, low - 40.0), (70.0, 110.0), 8.0);
        let over = Finger {
            root: (reach + 42.0, low + 34.0),
            tip: (reach + 8.0, low + 3.0),
            radius: (13.0, 8.6),
            nail: true,
        };
        finger(&mut thumb, &over, tan, seed ^ 78);
    }
    let mut layers = vec![
        Layer {
            texture: Texture::from(body),
            surface: Surface::Matt,
        },
        Layer {
            texture: Texture::from(screen),
            surface: Surface::Lit,
        },
        Layer {
            texture: Texture::from(glass::reflections(body_size, top, seed)),
            surface: Surface::Glass,
        },
    ];
    if shown.protector > 0.0 {
        layers.push(Layer {
            texture: Texture::from(glass::protector(body_size, top, shown.protector, seed)),
            surface: Surface::Glass,
        });
    }
    if shown.cracks > 0.0 {
        let [dark, bright] = glass::cracks(body_size, top, shown.cracks, seed);
        layers.push(Layer {
            texture: Texture::from(dark),
            surface: Surface::Matt,
        });
        layers.push(Layer {
            texture: Texture::from(bright),
            surface: Surface::Glass,
        });
    }
    layers.push(Layer {
        texture: Texture::from(thumb),
        surface: Surface::Matt,
    });
    Ok(Subject {
        layers,
        wish: Wish {
            interest: (side, side),
            fill: 0.8,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

/// Metal frame and black front glass.
fn shell(body: &mut Canvas, top: f32, device: &Device) {
    let (w, h) = device.body;
    let round = device.round;
    body.paint(
        (-w / 2.0 - 1.0, top - 1.0),
        (w / 2.0 + 1.0, top + h + 1.0),
        |x, y| {
            let edge = round_box(x, y - top - h / 2.0, w / 2.0, h / 2.0, round);
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
fn draw_code(
    screen: &mut Canvas,
    code: &qrcodegen::QrCode,
    c: &Colours,
    device: &Device,
    quiet: u8,
) -> f32 {
    let modules = code.size() + 8;
    // Phones draw modules on whole pixels, or the code looks uneven.
    let module = ((device.code * PER_MM) as i32 / modules).max(1);
    let side = (module * modules) as f32 / PER_MM;
    let card = side - 2.0 * (4.0 - f32::from(quiet)) * module as f32 / PER_MM;
    let ground = (f32::from(quiet) * module as f32 / PER_MM).min(2.5);
    screen.panel(-card / 2.0, -card / 2.0, card, card, ground, c.light, 1.0);
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

/// An arm below a watch, and the strap round it.
fn wrist(body: &mut Canvas, tan: f32, seed: u64) {
    body.paint((-62.0, -32.0), (62.0, 32.0), |x, y| {
        let across = y / 30.0;
        let round = 1.0 - across * across;
        (round > 0.0).then(|| {
            let grain = crate::chance::cloud(seed ^ 9, x * 0.4, y * 0.4) - 0.5;
            (skin(0.25 + 0.65 * round.sqrt() + 0.1 * grain, tan), 1.0)
        })
    });
    let strap: Ink = if seed.is_multiple_of(2) {
        [28, 28, 34]
    } else {
        [176, 170, 160]
    };
    body.panel(-11.0, -60.0, 22.0, 120.0, 3.0, strap, 1.0);
}
