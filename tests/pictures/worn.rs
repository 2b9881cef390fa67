use crate::canvas::Ink;
use crate::chance::{smooth, value_noise};

/// What a cloth looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cloth {
    /// White, as many masks are.
    White,
    /// The blue-green of surgical masks.
    Surgical,
    /// Black.
    Black,
    /// Two colours in squares.
    Checked,
    /// Two colours in stripes.
    Striped,
    /// Blotches of several colours.
    Flowered,
}

/// What a person has on or before the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Worn {
    /// Nothing.
    Nothing,
    /// A mask over nose and mouth.
    Mask(Cloth),
    /// A scarf drawn up to the nose.
    Scarf(Cloth),
    /// A hand over the mouth.
    Hand,
    /// Dark glasses.
    DarkGlasses,
    /// A cap whose peak hides the forehead and shades the eyes.
    Visor,
    /// Glasses that one can see through; they cover nothing.
    Glasses,
    /// A full beard; it covers nothing that matters.
    Beard,
    /// A cap without a peak, above the brows.
    Cap,
    /// A cloth about the head that leaves the whole face free.
    Headscarf(Cloth),
}

impl Worn {
    /// Whether the mouth or the eyes are hidden.
    #[must_use]
    pub const fn covers(self) -> bool {
        match self {
            Self::Mask(_) | Self::Scarf(_) | Self::Hand | Self::DarkGlasses | Self::Visor => true,
            Self::Nothing | Self::Glasses | Self::Beard | Self::Cap | Self::Headscarf(_) => false,
        }
    }
}

/// Middle of the face, eyes and mouth in the source portrait.
const MIDDLE: f32 = 222.5;
const EYES: [(f32, f32); 2] = [(202.0, 102.0), (246.0, 103.0)];
const MOUTH: (f32, f32) = (220.0, 143.5);

/// The ink and its strength at a place of the source portrait, over a face whose skin there is `skin`.
pub(crate) fn at(worn: Worn, seed: u64, x: f32, y: f32, skin: Ink) -> Option<(Ink, f32)> {
    let across = (x - MIDDLE) / 45.0;
    let (ink, strength) = match worn {
        Worn::Nothing => return None,
        Worn::Mask(kind) => {
            let top = 114.0 + 9.0 * across * across + 2.0 * vary(seed, 1);
            let low = 172.0 - 34.0 * across * across;
            let inside = (y - top).min(low - y).min((1.02 - across.abs()) * 45.0);
            (
                cloth(kind, seed, x, y, 1.0 - 0.4 * across * across),
                smooth(-0.7, 0.7, inside),
            )
        }
        Worn::Scarf(kind) => {
            let top = 117.0 + 6.0 * across * across + 5.0 * vary(seed, 2);
            let inside = (y - top).min((1.45 + (y - top) * 0.004 - across.abs()) * 45.0);
            let round = 1.0 - 0.35 * across * across;
            (cloth(kind, seed, x, y, round), smooth(-1.0, 1.0, inside))
        }
        Worn::Hand => hand(seed, x, y)?,
        Worn::DarkGlasses => dark_glasses(x, y, skin),
        Worn::Visor => visor(seed, x, y, across, skin),
        Worn::Glasses => {
            let off = rim(x, y, 17.0, 13.5).abs();
            ([32, 30, 30], 1.0 - smooth(0.7, 1.7, off.min(bridge(x, y))))
        }
        Worn::Beard => beard(seed, x, y, across)?,
        Worn::Cap => cap(seed, x, y, across),
        Worn::Headscarf(kind) => headscarf(kind, seed, x, y),
    };
    (strength > 0.003).then_some((ink, strength))
}

fn vary(seed: u64, purpose: u64) -> f32 {
    2.0 * value_noise(seed ^ (purpose << 8), 0.37 + purpose as f32 * 3.1, 7.7) - 1.0
}

fn tint(seed: u64, purpose: u64) -> [f32; 3] {
    [0, 1, 2].map(|c| 128.0 + 115.0 * vary(seed, purpose * 3 + c + 20))
}

fn lit(colour: [f32; 3], light: f32) -> Ink {
    colour.map(|v| (v * light).clamp(0.0, 255.0) as u8)
}

/// A cloth with folds; `light` rounds it off.
fn cloth(kind: Cloth, seed: u64, x: f32, y: f32, light: f32) -> Ink {
    let colour = match kind {
        Cloth::White => [232.0, 233.0, 230.0],
        Cloth::Surgical => [138.0, 188.0, 206.0],
        Cloth::Black => [24.0, 24.0, 27.0],
        Cloth::Checked | Cloth::Striped => {
            let turn = 0.6 * vary(seed, 3);
            let u = (x * turn.cos() + y * turn.sin()) / (3.5 + 1.5 * vary(seed, 4));
            let v = (y * turn.cos() - x * turn.sin()) / 4.0;
            let odd = u.rem_euclid(2.0) < 1.0;
            let other = kind == Cloth::Checked && v.rem_euclid(2.0) < 1.0;
            tint(seed, if odd ^ other { 1 } else { 2 })
        }
        Cloth::Flowered => {
            let (u, v) = (x * 0.17, y * 0.17);
            let petal = value_noise(seed ^ 5, u, v);
            let leaf = value_noise(seed ^ 6, u * 1.4 + 9.0, v * 1.4);
            tint(
                seed,
                if petal > 0.58 {
                    4
                } else if leaf > 0.6 {
                    5
                } else {
                    6
                },
            )
        }
    };
    let pleats = 0.06 * (y * 0.45 + vary(seed, 8) * 3.0).sin();
    let folds = 0.2 * (value_noise(seed ^ 7, x * 0.05, y * 0.08) - 0.5);
    let weave = 0.05 * (value_noise(seed ^ 9, x * 2.3, y * 2.3) - 0.5);
    lit(colour, (light.max(0.3) + pleats + folds + weave).max(0.1))
}

/// Four fingers and the back of a hand, from the side.
fn hand(seed: u64, x: f32, y: f32) -> Option<(Ink, f32)> {
    let lean = 0.12 * vary(seed, 10);
    let y = y - lean * (x - MIDDLE);
    let top = 126.0 + 4.0 * vary(seed, 11);
    let tip = 180.0 + 6.0 * vary(seed, 12);
    let finger = ((y - top) / 11.0).floor().clamp(0.0, 3.0);
    let from = tip + [6.0, 0.0, 1.0, 8.0][finger as usize];
    let middle = top + (finger + 0.5) * 11.0;
    let off = ((y - middle) / 5.9).abs();
    let inside = (x - from).min(292.0 - x).min((1.0 - off) * 5.9 + 0.6);
    let between = y >= top && y <= top + 44.0;
    if !between {
        return None;
    }
    let round = 0.62 + 0.42 * (1.0 - off * off).max(0.0).sqrt();
    let grain = 0.06 * (value_noise(seed ^ 13, x * 0.8, y * 0.8) - 0.5);
    let joint = 0.1 * (-((x - from - 22.0) / 3.0).powi(2)).exp();
    Some((
        lit([214.0, 160.0, 134.0], round + grain - joint),
        smooth(-0.8, 0.8, inside),
    ))
}

/// Signed distance to the nearer lens's rim, negative inside.
fn rim(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    EYES.iter()
        .map(|(ex, ey)| {
            let (u, v) = ((x - ex) / half_width, (y - ey - 1.5) / half_height);
            ((u.powi(4) + v.powi(4)).powf(0.25) - 1.0) * half_height
        })
        .fold(f32::INFINITY, f32::min)
}

/// Distance to the bridge and the temples.
fn bridge(x: f32, y: f32) -> f32 {
    let level = (y - 100.0).abs();
    let between = (217.5..=230.5).contains(&x);
    let beside = (166.0..=186.0).contains(&x) || (262.0..=284.0).contains(&x);
    if between || beside {
        level
    } else {
        f32::INFINITY
    }
}

fn dark_glasses(x: f32, y: f32, skin: Ink) -> (Ink, f32) {
    let lens = rim(x, y, 19.5, 15.5);
    let glass = 1.0 - smooth(-0.6, 0.6, lens);
    let frame = 1.0 - smooth(0.9, 1.9, lens.abs().min(bridge(x, y)));
    let sky = 30.0 * (1.0 - smooth(92.0, 118.0, y));
    let through = skin.map(|v| (f32::from(v) * 0.1 + 14.0 + sky).clamp(0.0, 255.0) as u8);
    if frame > 0.5 {
        ([14, 14, 15], frame)
    } else {
        (through, glass.max(frame))
    }
}

/// A cap's peak down to the brows, its shadow down to the nose.
fn visor(seed: u64, x: f32, y: f32, across: f32, skin: Ink) -> (Ink, f32) {
    let peak = 86.0 + 5.0 * across * across + 4.0 * vary(seed, 14);
    if y < peak + 1.0 {
        let dome = (1.0 - (across / 1.75).powi(2) - ((y - 88.0) / 78.0).powi(2)) * 45.0;
        return (
            lit(
                tint(seed, 9),
                0.45 + 0.25 * (1.0 - across * across).max(0.0),
            ),
            (1.0 - smooth(-0.8, 0.8, y - peak)) * smooth(-0.8, 0.8, dome),
        );
    }
    // Beside the head there is nothing to lie in the shade.
    let head = if skin == [0; 3] { 0.0 } else { 1.0 };
    let shade = 0.88 * head * (1.0 - smooth(112.0, 124.0, y + 0.05 * (x - MIDDLE)));
    (skin.map(|v| (f32::from(v) * 0.12) as u8), shade)
}

fn cap(seed: u64, x: f32, y: f32, across: f32) -> (Ink, f32) {
    let low = 74.0 + 5.0 * across * across + 4.0 * vary(seed, 16);
    let dome = (1.0 - (across / 1.72).powi(2) - ((y - 84.0) / 72.0).powi(2)) * 45.0;
    let ribs = 0.06 * (x * 0.9).sin();
    let round = 0.55 + 0.3 * (1.0 - (across / 1.7).powi(2)).max(0.0) + ribs;
    (
        lit(tint(seed, 17), round),
        smooth(-0.8, 0.8, low - y) * smooth(-0.8, 0.8, dome),
    )
}

fn headscarf(kind: Cloth, seed: u64, x: f32, y: f32) -> (Ink, f32) {
    let from = |(across, down): (f32, f32)| {
        (1.0 - ((x - MIDDLE) / across).hypot((y - 120.0) / down)) * across
    };
    let face = from((43.0 + 2.5 * vary(seed, 18), 55.0 + 3.0 * vary(seed, 19)));
    let round = 1.0 - 0.4 * ((x - MIDDLE) / 75.0).powi(2);
    (
        cloth(kind, seed, x, y, round),
        smooth(-1.0, 1.0, -face) * smooth(-1.0, 1.0, from((74.0, 104.0))),
    )
}

fn beard(seed: u64, x: f32, y: f32, across: f32) -> Option<(Ink, f32)> {
    let top = 131.0 - 26.0 * smooth(0.45, 0.85, across.abs());
    let low = 176.0 - 22.0 * across * across;
    let inside = (y - top).min(low - y).min((0.95 - across.abs()) * 45.0);
    let (u, v) = ((x - MOUTH.0) / 21.0, (y - MOUTH.1) / 6.0);
    let lips = smooth(0.85, 1.15, u.hypot(v));
    let strands = value_noise(seed ^ 15, x * 1.6, y * 0.45);
    let strength = 0.85 * smooth(-2.5, 3.0, inside) * lips;
    Some((lit([58.0, 42.0, 34.0], 0.55 + 0.9 * strands), strength))
}
