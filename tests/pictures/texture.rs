use std::sync::OnceLock;

use crate::canvas::Canvas;

/// sRGB code value to linear light.
pub(crate) fn to_linear() -> &'static [f32; 256] {
    static TABLE: OnceLock<[f32; 256]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|code| {
            let v = code as f32 / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        })
    })
}

/// Linear light to an sRGB code value, one entry per 1/4095.
pub(crate) fn to_srgb() -> &'static [u8; 4096] {
    static TABLE: OnceLock<[u8; 4096]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|step| {
            let v = step as f32 / 4095.0;
            let code = if v <= 0.003_130_8 {
                v * 12.92
            } else {
                1.055 * v.powf(1.0 / 2.4) - 0.055
            };
            (code * 255.0 + 0.5) as u8
        })
    })
}

struct Level {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

/// A flat thing's appearance, with area-averaged smaller copies for seeing it from further away.
pub(crate) struct Texture {
    levels: Vec<Level>,
    pub(crate) origin: (f32, f32),
    pub(crate) per_mm: f32,
    /// Left, right, top and bottom of what is drawn, in millimetres.
    pub(crate) drawn: [f32; 4],
}

impl From<Canvas> for Texture {
    fn from(canvas: Canvas) -> Self {
        let (origin, per_mm) = (canvas.origin, canvas.per_mm);
        let drawn = drawn(&canvas);
        let mut levels = vec![Level {
            width: canvas.width,
            height: canvas.height,
            rgba: canvas.rgba,
        }];
        while let Some(next) = levels
            .last()
            .filter(|l| levels.len() < 5 && l.width.min(l.height) >= 32)
            .map(halved)
        {
            levels.push(next);
        }
        Self {
            levels,
            origin,
            per_mm,
            drawn,
        }
    }
}

/// Left, right, top and bottom of what is drawn, in millimetres.
fn drawn(canvas: &Canvas) -> [f32; 4] {
    let (mut left, mut right, mut top, mut bottom) = (canvas.width, 0, canvas.height, 0);
    for (y, row) in canvas.rgba.chunks_exact(canvas.width * 4).enumerate() {
        let inked = |pixel: &[u8]| pixel[3] > 0;
        if let Some(first) = row.chunks_exact(4).position(inked) {
            let last = row.chunks_exact(4).rposition(inked).unwrap_or(first);
            (left, right) = (left.min(first), right.max(last + 1));
            (top, bottom) = (top.min(y), y + 1);
        }
    }
    let mm = |origin: f32, pixel: usize| origin + pixel as f32 / canvas.per_mm;
    let (x, y) = canvas.origin;
    [mm(x, left), mm(x, right), mm(y, top), mm(y, bottom)]
}

/// Averages 2 x 2 pixels in linear light, weighted by alpha.
fn halved(level: &Level) -> Level {
    let (linear, srgb) = (to_linear(), to_srgb());
    let (width, height) = (level.width / 2, level.height / 2);
    let mut rgba = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let upper = &level.rgba[y * 2 * level.width * 4..][..width * 8];
        let lower = &level.rgba[(y * 2 + 1) * level.width * 4..][..width * 8];
        for (a, b) in upper.chunks_exact(8).zip(lower.chunks_exact(8)) {
            let quad = [&a[..4], &a[4..], &b[..4], &b[4..]];
            let alpha: u32 = quad.iter().map(|p| u32::from(p[3])).sum();
            if alpha == 0 {
                rgba.extend_from_slice(&a[..4]);
                continue;
            }
            for channel in 0..3 {
                let sum: f32 = quad
                    .iter()
                    .map(|p| linear[p[channel] as usize] * f32::from(p[3]))
                    .sum();
                rgba.push(srgb[(sum / alpha as f32 * 4095.0 + 0.5) as usize & 4095]);
            }
            rgba.push(((alpha + 2) / 4) as u8);
        }
    }
    Level {
        width,
        height,
        rgba,
    }
}

/// One level of a texture, chosen for a scale.
pub(crate) struct Sampler<'a> {
    level: &'a Level,
    origin: (f32, f32),
    per_mm: f32,
    table: &'static [f32; 256],
    /// Texels of this level per frame pixel.
    pub(crate) texels_per_pixel: f32,
}

impl Texture {
    /// The level to use where a millimetre takes `pixels_per_mm` pixels of the frame.
    pub(crate) fn sampler(&self, pixels_per_mm: f32) -> Option<Sampler<'_>> {
        let ratio = (self.per_mm / pixels_per_mm.max(1e-3)).max(1e-3);
        let wanted = ratio.log2().floor().max(0.0) as usize;
        let index = wanted.min(self.levels.len().saturating_sub(1));
        let shrink = (1_usize << index) as f32;
        Some(Sampler {
            level: self.levels.get(index)?,
            origin: self.origin,
            per_mm: self.per_mm / shrink,
            table: to_linear(),
            texels_per_pixel: ratio / shrink,
        })
    }
}

impl Sampler<'_> {
    /// Linear light, premultiplied, and alpha at a place in millimetres.
    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> [f32; 4] {
        let (u, v) = (
            (x - self.origin.0) * self.per_mm - 0.5,
            (y - self.origin.1) * self.per_mm - 0.5,
        );
        let (fu, fv) = (u.floor(), v.floor());
        let (iu, iv) = (fu as i32, fv as i32);
        if iu < 0
            || iv < 0
            || iu + 1 >= self.level.width as i32
            || iv + 1 >= self.level.height as i32
        {
            return [0.0; 4];
        }
        let (tu, tv) = (u - fu, v - fv);
        let row = self.level.width * 4;
        let at = iv as usize * row + iu as usize * 4;
        let upper = &self.level.rgba[at..at + 8];
        let lower = &self.level.rgba[at + row..at + row + 8];
        let weights = [
            (1.0 - tu) * (1.0 - tv),
            tu * (1.0 - tv),
            (1.0 - tu) * tv,
            tu * tv,
        ];
        let mut out = [0.0; 4];
        for (texel, weight) in [&upper[..4], &upper[4..], &lower[..4], &lower[4..]]
            .into_iter()
            .zip(weights)
        {
            let share = weight * f32::from(texel[3]) * (1.0 / 255.0);
            out[0] += self.table[texel[0] as usize] * share;
            out[1] += self.table[texel[1] as usize] * share;
            out[2] += self.table[texel[2] as usize] * share;
            out[3] += share;
        }
        out
    }
}
