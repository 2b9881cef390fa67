use crate::chance::{Chance, smooth};
use crate::error::PictureError;
use crate::sitter::{Sitter, Source};

/// A person: one of two freely licensed portraits (an astronaut of NASA's and an admiral of the Navy's, both in the public
/// domain, as PyPI `scikit-image` and `matplotlib` carry them) or a seeded variant of it.
///
/// The variants are warped, mirrored, tinted and smoothed copies of **one** face. They look like different
/// people at a glance. A face matcher takes 1 and 4 for other people than 2 and 3 (cosine 0.25 to 0.35 with SFace),
/// but 1 for 4 and 2 for 3, and all of them for the original: they are no measure of how well it tells strangers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Portrait {
    sitter: Sitter,
    variant: u32,
}

/// The admiral's variants are numbered from here.
const ADMIRALS: u32 = 1_000;

impl Portrait {
    /// The astronaut's portrait as photographed.
    #[must_use]
    pub const fn original() -> Self {
        Self::variant(0)
    }

    /// Variant `n` of the astronaut; 0 is the original.
    #[must_use]
    pub const fn variant(n: u32) -> Self {
        Self {
            sitter: Sitter::Astronaut,
            variant: n,
        }
    }

    /// Variant `n` of the admiral, in cap and glasses; 0 is the original.
    #[must_use]
    pub const fn admiral(n: u32) -> Self {
        Self {
            sitter: Sitter::Admiral,
            variant: n,
        }
    }

    /// Which variant this is; the admiral's count from 1,000.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self.sitter {
            Sitter::Astronaut => self.variant,
            Sitter::Admiral => ADMIRALS + self.variant,
        }
    }

    /// The picture that it is made from.
    pub(crate) fn source(self) -> Result<&'static Source, PictureError> {
        self.sitter.source()
    }
}

/// One variant's proportions and colours, in source pixels about the face's middle.
pub(crate) struct Features {
    mirrored: bool,
    width: f32,
    jaw: f32,
    length: f32,
    eyes_apart: f32,
    eye_size: f32,
    eyes_up: f32,
    nose: f32,
    mouth: f32,
    mouth_down: f32,
    hair_out: f32,
    hair: [f32; 3],
    hair_strength: f32,
    skin: [f32; 3],
    smoothness: f32,
    pub(crate) coat: [f32; 3],
    pub(crate) shirt: [f32; 3],
    /// Lower for children, who stand lower in the frame and are smaller.
    pub(crate) stature: f32,
}

const MIDDLE: f32 = 223.0;
const EYES: [(f32, f32); 2] = [(202.5, 101.0), (246.5, 103.0)];

pub(crate) fn features(portrait: Portrait) -> Features {
    let mut chance = Chance::new(u64::from(portrait.number()), 61);
    if portrait.variant == 0 {
        return Features {
            mirrored: false,
            width: 1.0,
            jaw: 0.0,
            length: 1.0,
            eyes_apart: 0.0,
            eye_size: 0.0,
            eyes_up: 0.0,
            nose: 0.0,
            mouth: 0.0,
            mouth_down: 0.0,
            hair_out: 0.0,
            hair: [0.5, 0.4, 0.3],
            hair_strength: 0.0,
            skin: [1.0; 3],
            smoothness: 0.0,
            coat: [0.035, 0.05, 0.09],
            shirt: [0.02, 0.02, 0.022],
            stature: 1.0,
        };
    }
    // Every third variant is a child, every second is mirrored; the number's bits pull proportions apart.
    let child = portrait.variant.is_multiple_of(3);
    let sign = |bit: u32| {
        if (portrait.variant >> bit) & 1 == 1 {
            1.0
        } else {
            -1.0
        }
    };
    let (broad, wide_eyed) = (sign(0), sign(1));
    const HAIR: [[f32; 3]; 5] = [
        [0.16, 0.13, 0.12],
        [0.32, 0.2, 0.13],
        [0.75, 0.74, 0.74],
        [0.5, 0.24, 0.1],
        [0.9, 0.72, 0.42],
    ];
    const SKIN: [[f32; 3]; 4] = [
        [0.78, 0.68, 0.58],
        [0.5, 0.4, 0.34],
        [1.02, 0.94, 0.92],
        [0.92, 0.85, 0.7],
    ];
    const COAT: [[f32; 3]; 6] = [
        [0.09, 0.02, 0.025],
        [0.03, 0.06, 0.045],
        [0.16, 0.13, 0.09],
        [0.025, 0.025, 0.03],
        [0.05, 0.08, 0.16],
        [0.2, 0.06, 0.02],
    ];
    const SHIRT: [[f32; 3]; 4] = [
        [0.5, 0.5, 0.5],
        [0.03, 0.03, 0.035],
        [0.3, 0.36, 0.42],
        [0.45, 0.38, 0.28],
    ];
    let number = portrait.variant as usize;
    Features {
        mirrored: portrait.variant % 2 == 1,
        width: 1.0 + broad * chance.between(0.05, 0.11),
        jaw: broad * chance.between(0.05, 0.14) - if child { 0.06 } else { 0.0 },
        length: if child {
            0.9
        } else {
            1.0 - broad * chance.between(0.03, 0.09)
        },
        eyes_apart: wide_eyed * chance.between(2.5, 5.0) + if child { 1.0 } else { 0.0 },
        eye_size: if child {
            0.2
        } else {
            wide_eyed * chance.between(0.06, 0.2)
        },
        eyes_up: if child {
            -3.0
        } else {
            -wide_eyed * chance.between(1.0, 3.5)
        },
        nose: if child {
            -0.16
        } else {
            -wide_eyed * broad * chance.between(0.15, 0.4)
        },
        mouth: sign(2) * chance.between(0.1, 0.26),
        mouth_down: wide_eyed * chance.between(1.5, 4.5),
        hair_out: if child {
            0.05
        } else {
            chance.between(-0.14, 0.16)
        },
        hair: HAIR[(number * 2 + 3) % 5],
        hair_strength: 0.85,
        skin: SKIN[(number + 2) % 4],
        smoothness: if child { 0.8 } else { chance.between(0.0, 0.3) },
        coat: COAT[(number * 5 + 1) % 6],
        shirt: SHIRT[number % 4],
        stature: if child { 0.86 } else { 1.0 },
    }
}

/// How one picture of a person differs from another: the page's portrait and the live face are never the same.
#[derive(Clone, Copy)]
pub(crate) struct Sitting {
    /// Turn of the head, as a share: shifts the middle of the face against its outline.
    pub(crate) turn: f32,
    pub(crate) smile: f32,
    pub(crate) contrast: f32,
    pub(crate) gain: [f32; 3],
    /// Light from one side: negative left, positive right.
    pub(crate) side_light: f32,
}

/// A bell of height 1.
fn bell(dx: f32, dy: f32, reach: f32) -> f32 {
    (-(dx * dx + dy * dy) / (2.0 * reach * reach)).exp()
}

impl Features {
    /// Where in the source picture a place of the variant comes from.
    fn back(&self, x: f32, y: f32, sitting: &Sitting) -> (f32, f32) {
        let (mut px, mut py) = (if self.mirrored { 2.0 * MIDDLE - x } else { x }, y);
        let low = smooth(112.0, 172.0, py);
        // The collar covers what lies below 185: there the neck keeps its width.
        let neck = 1.0 - smooth(176.0, 196.0, py);
        px = MIDDLE
            + (px - MIDDLE)
                / (1.0 + (self.width - 1.0) * (0.3 + 0.7 * neck) + self.jaw * low * neck);
        if py > 96.0 {
            py = 96.0 + (py - 96.0) / self.length;
        }
        let (hx, hy) = (px - 226.0, py - 100.0);
        let out = hx.hypot(hy * if hy < 0.0 { 0.9 } else { 1.1 });
        let hair = self.hair_out * smooth(44.0, 72.0, out) * (1.0 - smooth(112.0, 150.0, py));
        px = 226.0 + hx / (1.0 + hair);
        py = 100.0 + (py - 100.0) / (1.0 + hair);
        for (side, (ex, ey)) in [-1.0, 1.0].into_iter().zip(EYES) {
            let (cx, cy) = (ex + side * self.eyes_apart, ey - self.eyes_up);
            let weight = bell(px - cx, (py - cy) * 1.3, 15.0);
            let (dx, dy) = (px - cx, py - cy);
            px -= weight * (side * self.eyes_apart + dx * self.eye_size);
            py += weight * (self.eyes_up - dy * self.eye_size);
        }
        let nose = bell(px - MIDDLE, py - 124.0, 11.0);
        px -= nose * (px - MIDDLE) * self.nose;
        let mouth = bell((px - MIDDLE) * 0.7, py - 143.0, 14.0);
        px -= mouth * (px - MIDDLE) * (self.mouth + sitting.smile);
        py -= mouth * self.mouth_down;
        // A turned head moves the nose more than the ears.
        px -= sitting.turn * 9.0 * bell(px - MIDDLE, (py - 120.0) * 0.7, 34.0);
        (px, py)
    }

    /// sRGB 0..=255 and alpha at a place of the variant, in source pixels.
    pub(crate) fn look(
        &self,
        source: &Source,
        x: f32,
        y: f32,
        sitting: &Sitting,
    ) -> Option<([f32; 3], f32)> {
        let (sx, sy) = self.back(x, y, sitting);
        let alpha = source.alpha(sx, sy);
        if alpha <= 0.004 {
            return None;
        }
        let mut ink = source.colour(sx, sy);
        // The suit's black collar is not part of the head.
        let cloth = if source.collared {
            smooth(172.0, 182.0, sy) * (1.0 - smooth(40.0, 85.0, ink[0]))
        } else {
            0.0
        };
        let alpha = alpha * (1.0 - cloth);
        // Skin by place (forehead to neck, ears) and by redness; the rest of the head is hair.
        let face = 1.0
            - smooth(
                0.86,
                1.08,
                ((sx - MIDDLE) / 47.0).hypot((sy - 132.0) / 57.0),
            );
        let below = smooth(150.0, 160.0, sy);
        let rosy = smooth(14.0, 40.0, ink[0] - ink[2]) * smooth(95.0, 150.0, ink[0]);
        let fringe = smooth(
            source.brow,
            source.brow + 10.0,
            sy + 0.06 * (sx - 223.0).abs(),
        );
        let skin = (face.max(below) * fringe).max(rosy * smooth(104.0, 112.0, sy));
        if self.smoothness > 0.0 && skin > 0.05 {
            self.soften(source, &mut ink, (sx, sy), skin);
        }
        let luma = 0.3 * ink[0] + 0.59 * ink[1] + 0.11 * ink[2];
        let chroma = smooth(8.0, 40.0, ink[0] - ink[2]);
        for (channel, value) in ink.iter_mut().enumerate() {
            let dyed = self.hair[channel] * luma * 1.25;
            let hair = *value + (dyed - *value) * self.hair_strength;
            // Teeth and the whites of the eyes have little colour, and keep it.
            let tint = 1.0 + (self.skin[channel].powf(0.45) - 1.0) * (0.25 + 0.75 * chroma);
            *value = hair + (*value * tint - hair) * skin;
        }
        let light = 1.0 + sitting.side_light * ((x - MIDDLE) / 60.0).clamp(-1.2, 1.2);
        for (channel, value) in ink.iter_mut().enumerate() {
            let toned = (*value / 255.0 - 0.5) * sitting.contrast + 0.5;
            *value = (toned * sitting.gain[channel] * light.max(0.2).powf(0.6) * 255.0)
                .clamp(0.0, 255.0);
        }
        Some((ink, alpha))
    }

    /// Evens the skin out, away from eyes and mouth.
    fn soften(&self, source: &Source, ink: &mut [f32; 3], at: (f32, f32), skin: f32) {
        let detail = EYES
            .iter()
            .map(|e| bell(at.0 - e.0, (at.1 - e.1) * 1.2, 9.0))
            .fold(0.0, f32::max);
        let detail = detail
            .max(bell((at.0 - MIDDLE) * 0.6, at.1 - 143.0, 8.0))
            .max(bell(at.0 - MIDDLE, at.1 - 124.0, 6.0));
        let share = self.smoothness * skin * (1.0 - detail).powi(2);
        let mut mean = [0.0; 3];
        for (dx, dy) in [(-2.6, 0.0), (2.6, 0.0), (0.0, -2.6), (0.0, 2.6)] {
            let near = source.colour(at.0 + dx, at.1 + dy);
            mean.iter_mut().zip(near).for_each(|(m, v)| *m += v / 4.0);
        }
        ink.iter_mut()
            .zip(mean)
            .for_each(|(value, m)| *value += (m - *value) * share);
    }

    /// Where the collar's upper edge stands, in source pixels.
    pub(crate) fn collar(&self) -> f32 {
        96.0 + (183.0 - 96.0) * self.length
    }
}
