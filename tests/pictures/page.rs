use crate::canvas::{Canvas, Ink, text_width};
use crate::chance::{Chance, mix};
use crate::error::PictureError;
use crate::fonts::{Fonts, fonts};
use crate::hand::hold;
use crate::layout::{Layout, Side};
use crate::paper::{PALETTES, Palette, booklet, guilloche, paper};
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
/// Room around the page for the booklet's rim; above it, for the page beyond the fold.
const MARGIN: f32 = 6.0;

/// The page as a thing in a hand.
pub(crate) fn subject(page: &PassportPage) -> Result<Subject, PictureError> {
    let format = page.format()?;
    let fonts = fonts()?;
    let (w, h) = format.size_mm();
    let seed = mix(page.state.bytes().fold(7, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    }));
    let palette = &PALETTES[(seed % 4) as usize];
    let holder = mix(page.number.bytes().fold(5, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    }));
    let layout = Layout::of(&page.state, seed, holder);
    // The page's upper left corner is the drawing's origin while it is lettered.
    let mut canvas = Canvas::new(
        (-MARGIN, -MARGIN * 6.0),
        (w + 2.0 * MARGIN, h + MARGIN * 7.0),
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
    layout.ground(&mut canvas, (w, h), palette);
    fields(&mut canvas, fonts, page, (format, &layout), palette)?;
    machine_readable(&mut canvas, fonts, page, (format, &layout), seed);
    layout.age(&mut canvas, (w, h), palette, seed ^ holder);
    let mut hand = hold(
        (w, h),
        format == PageFormat::Td1,
        seed ^ u64::from(page.portrait.number()),
    );
    for surface in [&mut canvas, &mut hand] {
        surface.origin = (surface.origin.0 - w / 2.0, surface.origin.1 - h / 2.0);
    }
    Ok(Subject {
        layers: vec![
            Layer {
                texture: Texture::from(canvas),
                surface: Surface::Laminate,
            },
            Layer {
                texture: Texture::from(hand),
                surface: Surface::Matt,
            },
        ],
        wish: Wish {
            interest: (w, h),
            fill: 0.9,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

fn fields(
    canvas: &mut Canvas,
    fonts: &Fonts,
    page: &PassportPage,
    (format, layout): (PageFormat, &Layout),
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
        (4.5 * k, 7.6 * k),
        head,
        &page.state,
        palette.heading,
        0.92,
    );
    canvas.text(
        &fonts.bold,
        (w * 0.36, 7.6 * k),
        head,
        title[0],
        palette.heading,
        0.92,
    );
    canvas.text(
        &fonts.plain,
        (
            w * 0.36 + text_width(&fonts.bold, head, title[0]) + 2.0,
            7.6 * k,
        ),
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
    let (px, left, room) = match layout.portrait {
        Side::Left => (5.0 * k, pw + 10.0 * k, w - pw - 10.0 * k),
        Side::Right => (w - 5.0 * k - pw, 5.0 * k, w - pw - 12.0 * k),
    };
    let py = if card { 7.0 } else { 13.5 * k };
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
            (left + room - 20.0 * k, zone - 22.0 * k),
            (14.0 * k, 18.0 * k),
            0.28,
        )?;
    }
    let right = left + room * 0.46;
    let third = left + room * 0.72;
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
                (*x, y - value * 0.92),
                label,
                name,
                palette.heading,
                0.75,
            );
            canvas.text(&fonts.plain, (*x, y), value, text, BLACK, 0.9);
        }
    }
    // Only a passport page has the room for a signature.
    if format != PageFormat::Td3 {
        return Ok(());
    }
    signature(canvas, (left, zone - 3.0 * k), w * 0.2, page);
    Ok(())
}

/// A pen's line that differs from name to name.
fn signature(canvas: &mut Canvas, at: (f32, f32), width: f32, page: &PassportPage) {
    let seed = page.surname.bytes().fold(3_u64, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(u64::from(byte))
    });
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
    (format, layout): (PageFormat, &Layout),
    seed: u64,
) {
    let (w, h) = format.size_mm();
    let columns = page.lines.first().map_or(0, |line| line.chars().count()) as f32;
    let left = ((w - columns * CHARACTER_PITCH) / 2.0).max(4.0) + layout.zone_aside;
    let pitch = format.line_pitch();
    let rows = page.lines.len() as f32;
    // The zone's lines are centred 11.7 mm above the lower edge (9.3 mm on a card).
    let middle = h - if format == PageFormat::Td1 { 9.6 } else { 11.7 };
    let mut chance = Chance::new(seed, 8);
    // Ink spreads into paper: strokes come out a few hundredths of a millimetre wider than the font's.
    let spread = chance.between(0.02, 0.05) + layout.spread;
    for (row, line) in page.lines.iter().enumerate() {
        let baseline = middle + (row as f32 - (rows - 1.0) / 2.0) * pitch + 1.25;
        // Printers' ink is never quite even.
        let strength = chance.between(0.88, 0.97) * layout.ink;
        for aside in [-spread, spread] {
            let x = left + aside;
            canvas.pitched(
                &fonts.ocr_b,
                (x, baseline),
                CHARACTER_PITCH,
                line,
                [22, 22, 26],
                strength,
            );
        }
    }
}
