use crate::canvas::{Canvas, Ink, round_box, text_width};
use crate::chance::{Chance, cloud, mix, value_noise};
use crate::error::PictureError;
use crate::fonts::{Fonts, fonts};
use crate::hand::{Finger, finger};
use crate::person;
use crate::place::Wish;
use crate::portrait::Portrait;
use crate::scene::{Layer, Subject, Surface};
use crate::texture::Texture;

/// What a travel document's page says, as printed. Nothing is computed: the machine-readable lines may
/// disagree with the printed fields, or carry wrong check digits.
///
/// The layout follows ICAO Doc 9303 parts 4 to 7 in spirit; the design is invented.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PassportPage {
    /// Machine-readable lines: 2 of 44 (passport, large visa), 2 of 36 (TD2, small visa) or 3 of 30 (card).
    pub lines: Vec<String>,
    /// Issuing state's name, as the page's heading prints it.
    pub state: String,
    /// Issuing state's code.
    pub state_code: String,
    /// Surname as printed.
    pub surname: String,
    /// Given names as printed.
    pub given: String,
    /// Document number as printed.
    pub number: String,
    /// Nationality as printed.
    pub nationality: String,
    /// Birth date as printed.
    pub birth: String,
    /// Sex as printed.
    pub sex: String,
    /// Place of birth as printed.
    pub birthplace: String,
    /// Date of issue as printed.
    pub issue: String,
    /// Expiry date as printed.
    pub expiry: String,
    /// Whose portrait it bears.
    pub portrait: Portrait,
}

impl PassportPage {
    /// A specimen page of Utopia, as Doc 9303's own examples are, around machine-readable lines.
    #[must_use]
    pub fn specimen(lines: Vec<String>, portrait: Portrait) -> Self {
        Self {
            lines,
            state: "UTOPIA".into(),
            state_code: "UTO".into(),
            surname: "ERIKSSON".into(),
            given: "ANNA MARIA".into(),
            number: "L898902C3".into(),
            nationality: "UTOPIAN".into(),
            birth: "12 AUG 1974".into(),
            sex: "F".into(),
            birthplace: "ZENITH".into(),
            issue: "16 APR 2022".into(),
            expiry: "15 APR 2032".into(),
            portrait,
        }
    }

    /// The format that the shape of the lines stands for.
    ///
    /// # Errors
    /// When they fit none.
    pub fn format(&self) -> Result<PageFormat, PictureError> {
        let columns: Vec<usize> = self.lines.iter().map(|line| line.chars().count()).collect();
        let visa = self.lines.first().is_some_and(|line| line.starts_with('V'));
        match columns.as_slice() {
            [44, 44] if visa => Ok(PageFormat::MrvA),
            [44, 44] => Ok(PageFormat::Td3),
            [36, 36] if visa => Ok(PageFormat::MrvB),
            [36, 36] => Ok(PageFormat::Td2),
            [30, 30, 30] => Ok(PageFormat::Td1),
            _ => Err(PictureError::UnfitLines {
                rows: columns.len(),
                columns,
            }),
        }
    }
}

/// The document formats of ICAO Doc 9303.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageFormat {
    /// Card, 85.6 x 54 mm; the side with the machine-readable zone.
    Td1,
    /// Large card, 105 x 74 mm.
    Td2,
    /// Passport data page, 125 x 88 mm.
    Td3,
    /// Large visa, 120 x 80 mm.
    MrvA,
    /// Small visa, 105 x 74 mm.
    MrvB,
}

impl PageFormat {
    /// Width and height in millimetres.
    #[must_use]
    pub fn size_mm(self) -> (f32, f32) {
        match self {
            Self::Td1 => (85.6, 54.0),
            Self::Td2 | Self::MrvB => (105.0, 74.0),
            Self::Td3 => (125.0, 88.0),
            Self::MrvA => (120.0, 80.0),
        }
    }

    /// Distance between the machine-readable lines in millimetres.
    fn line_pitch(self) -> f32 {
        if self == Self::Td1 { 4.23 } else { 6.35 }
    }

    fn title(self) -> [&'static str; 2] {
        match self {
            Self::Td1 | Self::Td2 => ["IDENTITY CARD", "CARTE D'IDENTITÉ"],
            Self::Td3 => ["PASSPORT", "PASSEPORT"],
            Self::MrvA | Self::MrvB => ["VISA", "VISA"],
        }
    }
}

/// OCR-B at 10 characters to the inch.
const CHARACTER_PITCH: f32 = 2.54;
const PER_MM: f32 = 16.0;
const BLACK: Ink = [28, 27, 32];
/// Room around the page for the booklet and the hand.
const MARGIN: f32 = 22.0;

/// Paper and security-print colours, one set a state.
struct Palette {
    paper: Ink,
    wash: Ink,
    lines: [Ink; 3],
    heading: Ink,
    cover: Ink,
}

const PALETTES: [Palette; 4] = [
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

/// The page as a thing in a hand.
pub(crate) fn subject(page: &PassportPage) -> Result<Subject, PictureError> {
    let format = page.format()?;
    let fonts = fonts()?;
    let (w, h) = format.size_mm();
    let seed = mix(page
        .state
        .bytes()
        .fold(7, |sum, byte| sum * 31 + u64::from(byte)));
    let palette = &PALETTES[(seed % 4) as usize];
    // The page's upper left corner is the drawing's origin while it is lettered.
    let mut canvas = Canvas::new(
        (-MARGIN, -MARGIN * 1.4),
        (w + 2.0 * MARGIN, h + MARGIN * 1.8),
        PER_MM,
    );
    if matches!(
        format,
        PageFormat::Td3 | PageFormat::MrvA | PageFormat::MrvB
    ) {
        booklet(&mut canvas, (w, h), palette, seed);
    }
    paper(&mut canvas, format, palette, seed);
    guilloche(&mut canvas, (w, h), palette, seed);
    fields(&mut canvas, fonts, page, format, palette)?;
    machine_readable(&mut canvas, fonts, page, format, seed);
    hold(
        &mut canvas,
        (w, h),
        format,
        seed ^ u64::from(page.portrait.number()),
    );
    canvas.origin = (canvas.origin.0 - w / 2.0, canvas.origin.1 - h / 2.0);
    Ok(Subject {
        layers: vec![Layer {
            texture: Texture::from(canvas),
            surface: Surface::Laminate,
        }],
        wish: Wish {
            interest: (w, h),
            fill: 0.9,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

/// Cover's rim and the page above the fold.
fn booklet(canvas: &mut Canvas, (w, h): (f32, f32), palette: &Palette, seed: u64) {
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
fn paper(canvas: &mut Canvas, format: PageFormat, palette: &Palette, seed: u64) {
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
fn guilloche(canvas: &mut Canvas, (w, h): (f32, f32), palette: &Palette, seed: u64) {
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

fn fields(
    canvas: &mut Canvas,
    fonts: &Fonts,
    page: &PassportPage,
    format: PageFormat,
    palette: &Palette,
) -> Result<(), PictureError> {
    let (w, h) = format.size_mm();
    let k = h / 88.0;
    let card = format == PageFormat::Td1;
    let zone = if card { h - 19.0 } else { h - 23.2 };
    let title = format.title();
    let head = if card { 2.6 } else { 3.6 * k };
    canvas.text(
        &fonts.bold,
        4.5 * k,
        7.6 * k,
        head,
        &page.state,
        palette.heading,
        0.92,
    );
    canvas.text(
        &fonts.bold,
        w * 0.36,
        7.6 * k,
        head,
        title[0],
        palette.heading,
        0.92,
    );
    canvas.text(
        &fonts.plain,
        w * 0.36 + text_width(&fonts.bold, head, title[0]) + 2.0,
        7.6 * k,
        head * 0.72,
        title[1],
        palette.heading,
        0.8,
    );
    // Portrait at left: 32 x 41 mm on a passport page.
    let (pw, ph) = if card {
        (19.0, zone - 9.0)
    } else {
        (32.0 * k, 41.0 * k)
    };
    let (px, py) = (5.0 * k, if card { 7.0 } else { 13.5 * k });
    person::print(canvas, &page.portrait, (px, py), (pw, ph), 1.0)?;
    for line in 0..9 {
        let y = py + ph * (line as f32 + 0.5) / 9.0;
        let wave = (0..=60).map(|i| {
            let x = px + pw * i as f32 / 60.0;
            (x, y + 1.4 * k * (x * 0.35 + line as f32 * 0.7).sin())
        });
        canvas.stroke(wave, 0.1, palette.lines[line % 3], 0.45);
    }
    if !card {
        person::print(
            canvas,
            &page.portrait,
            (w - 20.0 * k, zone - 22.0 * k),
            (14.0 * k, 18.0 * k),
            0.28,
        )?;
    }
    let left = px + pw + 5.0 * k;
    let right = left + (w - left) * 0.46;
    let third = left + (w - left) * 0.72;
    let row = if card { 5.4 } else { 8.1 * k };
    let first = if card { 11.2 } else { 17.5 * k };
    let (label, value) = if card {
        (1.35, 2.5)
    } else {
        (1.75 * k, 3.35 * k)
    };
    let kind = page
        .lines
        .first()
        .and_then(|l| l.chars().next())
        .unwrap_or('P')
        .to_string();
    let rows: [&[(f32, &str, &str)]; 6] = [
        &[
            (left, "Type / Type", &kind),
            (left + 22.0 * k, "Code / Code", &page.state_code),
            (right + 4.0, "No. / N°", &page.number),
        ],
        &[(left, "Surname / Nom", &page.surname)],
        &[(left, "Given names / Prénoms", &page.given)],
        &[
            (left, "Nationality / Nationalité", &page.nationality),
            (right, "Date of birth / Naissance", &page.birth),
        ],
        &[
            (left, "Sex / Sexe", &page.sex),
            (left + 14.0 * k, "Place of birth / Lieu", &page.birthplace),
            (third, "", ""),
        ],
        &[
            (left, "Date of issue / Délivrance", &page.issue),
            (right, "Date of expiry / Expiration", &page.expiry),
        ],
    ];
    for (index, row_fields) in rows.iter().enumerate() {
        let y = first + row * index as f32;
        if y > zone - 1.0 {
            break;
        }
        for (x, name, text) in *row_fields {
            canvas.text(
                &fonts.plain,
                *x,
                y - value * 0.92,
                label,
                name,
                palette.heading,
                0.75,
            );
            canvas.text(&fonts.plain, *x, y, value, text, BLACK, 0.9);
        }
    }
    signature(canvas, (left, zone - 3.0 * k), w * 0.2, page);
    Ok(())
}

/// A pen's line that differs from name to name.
fn signature(canvas: &mut Canvas, at: (f32, f32), width: f32, page: &PassportPage) {
    let seed = page
        .surname
        .bytes()
        .fold(3_u64, |sum, byte| sum * 131 + u64::from(byte));
    let mut chance = Chance::new(seed, 6);
    let waves: Vec<(f32, f32, f32)> = (0..4)
        .map(|i| {
            (
                chance.between(0.2, 1.0) / (1.0 + i as f32),
                chance.between(6.0, 34.0),
                chance.unit() * 6.0,
            )
        })
        .collect();
    let points = (0..=160).map(|i| {
        let t = i as f32 / 160.0;
        let swing: f32 = waves
            .iter()
            .map(|(size, pace, phase)| size * (t * pace + phase).sin())
            .sum();
        (
            at.0 + t * width + 0.8 * (t * 31.0).cos(),
            at.1 + swing * 1.5 * (1.0 - 0.6 * t),
        )
    });
    canvas.stroke(points, 0.24, [34, 38, 84], 0.8);
}

fn machine_readable(
    canvas: &mut Canvas,
    fonts: &Fonts,
    page: &PassportPage,
    format: PageFormat,
    seed: u64,
) {
    let (w, h) = format.size_mm();
    let columns = page.lines.first().map_or(0, |line| line.chars().count()) as f32;
    let left = ((w - columns * CHARACTER_PITCH) / 2.0).max(4.0);
    let pitch = format.line_pitch();
    let rows = page.lines.len() as f32;
    // The zone's lines are centred 11.7 mm above the lower edge (9.3 mm on a card).
    let middle = h - if format == PageFormat::Td1 { 9.6 } else { 11.7 };
    let mut chance = Chance::new(seed, 8);
    for (row, line) in page.lines.iter().enumerate() {
        let baseline = middle + (row as f32 - (rows - 1.0) / 2.0) * pitch + 1.25;
        // Printers' ink is never quite even.
        let strength = chance.between(0.88, 0.97);
        canvas.pitched(
            &fonts.ocr_b,
            left,
            baseline,
            CHARACTER_PITCH,
            line,
            [22, 22, 26],
            strength,
        );
    }
}

/// Fingers at the page's outer edges, clear of everything that is read.
fn hold(canvas: &mut Canvas, (w, h): (f32, f32), format: PageFormat, seed: u64) {
    let mut chance = Chance::new(seed, 9);
    let tan = chance.unit() * 0.7;
    let from_right = chance.one_in(2);
    let high = if format == PageFormat::Td1 { 0.3 } else { 0.36 };
    let y = h * (high + chance.around(0.06));
    let reach = if format == PageFormat::Td1 { 1.0 } else { 3.0 };
    let (tip, root) = if from_right {
        (w - reach, w + 34.0)
    } else {
        (reach - 2.0, -34.0)
    };
    let thumb = Finger {
        root: (root, y + 16.0),
        tip: (tip, y),
        radius: (12.5, 9.2),
        nail: true,
    };
    finger(canvas, &thumb, tan, seed);
}
