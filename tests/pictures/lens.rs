use std::io::Cursor;
use std::sync::OnceLock;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, ImageReader, RgbImage};

use crate::chance::{Chance, mix};
use crate::conditions::Conditions;
use crate::error::PictureError;
use crate::scene::Linear;
use crate::texture::to_srgb;

/// Lens, sensor and stream: linear light in, 8-bit sRGB out.
pub(crate) fn expose(mut frame: Linear, c: &Conditions) -> Result<RgbImage, PictureError> {
    let grain = frame.width as f32 / 1280.0;
    gaussian(&mut frame, c.blur * grain);
    smear(&mut frame, c.motion * grain, c.motion_angle.to_radians());
    let bytes = develop(&frame, c);
    let (width, height) = (frame.width as u32, frame.height as u32);
    let picture = RgbImage::from_raw(width, height, bytes)
        .ok_or(PictureError::UnusableSize { width, height })?;
    match c.jpeg {
        None => Ok(picture),
        Some(quality) => {
            let mut stream = Vec::new();
            JpegEncoder::new_with_quality(&mut stream, quality.clamp(1, 100))
                .encode_image(&picture)
                .map_err(PictureError::Jpeg)?;
            let decoded = ImageReader::with_format(Cursor::new(stream), ImageFormat::Jpeg).decode();
            Ok(decoded.map_err(PictureError::Jpeg)?.into_rgb8())
        }
    }
}

/// Separable blur; rows first, then columns as whole-row sums.
pub(crate) fn gaussian(frame: &mut Linear, sigma: f32) {
    if sigma < 0.15 {
        return;
    }
    let reach = (sigma * 2.8).ceil() as usize;
    let mut weights: Vec<f32> = (0..=2 * reach)
        .map(|i| (-0.5 * ((i as f32 - reach as f32) / sigma).powi(2)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total);
    let row = frame.width * 3;
    let mut padded = vec![0.0_f32; row + reach * 6];
    let mut across = vec![0.0_f32; frame.light.len()];
    for (line, out) in frame
        .light
        .chunks_exact(row)
        .zip(across.chunks_exact_mut(row))
    {
        for i in 0..reach {
            padded[i * 3..i * 3 + 3].copy_from_slice(&line[..3]);
            padded[reach * 3 + row + i * 3..][..3].copy_from_slice(&line[row - 3..]);
        }
        padded[reach * 3..reach * 3 + row].copy_from_slice(line);
        for (i, &weight) in weights.iter().enumerate() {
            for (o, v) in out.iter_mut().zip(&padded[i * 3..i * 3 + row]) {
                *o += v * weight;
            }
        }
    }
    let last = frame.height as isize - 1;
    for (y, out) in frame.light.chunks_exact_mut(row).enumerate() {
        out.fill(0.0);
        for (i, &weight) in weights.iter().enumerate() {
            let from = (y as isize + i as isize - reach as isize).clamp(0, last) as usize;
            for (o, v) in out.iter_mut().zip(&across[from * row..(from + 1) * row]) {
                *o += v * weight;
            }
        }
    }
}

/// Motion during the exposure: a straight smear `length` pixels long.
fn smear(frame: &mut Linear, length: f32, angle: f32) {
    if length < 0.4 {
        return;
    }
    let steps = (length * 4.0).ceil().max(4.0) as usize;
    let mut taps: Vec<(isize, isize, f32)> = Vec::new();
    for step in 0..steps {
        let t = ((step as f32 + 0.5) / steps as f32 - 0.5) * length;
        let (x, y) = (t * angle.cos(), t * angle.sin());
        let (fx, fy) = (x.floor(), y.floor());
        let (tx, ty) = (x - fx, y - fy);
        for (dx, dy, weight) in [
            (0, 0, (1.0 - tx) * (1.0 - ty)),
            (1, 0, tx * (1.0 - ty)),
            (0, 1, (1.0 - tx) * ty),
            (1, 1, tx * ty),
        ] {
            let (px, py) = (fx as isize + dx, fy as isize + dy);
            match taps.iter_mut().find(|tap| tap.0 == px && tap.1 == py) {
                Some(tap) => tap.2 += weight / steps as f32,
                None => taps.push((px, py, weight / steps as f32)),
            }
        }
    }
    taps.retain(|tap| tap.2 > 0.004);
    let total: f32 = taps.iter().map(|tap| tap.2).sum();
    let row = frame.width * 3;
    let reach = taps
        .iter()
        .map(|tap| tap.0.unsigned_abs())
        .max()
        .unwrap_or(0)
        .min(frame.width - 1);
    let source = frame.light.clone();
    let last = frame.height as isize - 1;
    for (y, out) in frame.light.chunks_exact_mut(row).enumerate() {
        let inner = reach * 3..row.saturating_sub(reach * 3).max(reach * 3);
        out[inner.clone()].fill(0.0);
        for &(dx, dy, weight) in &taps {
            let from = (y as isize + dy).clamp(0, last) as usize * row;
            let begin = (from as isize + inner.start as isize + dx * 3) as usize;
            for (o, v) in out[inner.clone()]
                .iter_mut()
                .zip(&source[begin..begin + inner.len()])
            {
                *o += v * (weight / total);
            }
        }
    }
}

/// 8192 normal deviates: drawing one is a shift and a mask.
fn deviates() -> &'static [f32; 8192] {
    static TABLE: OnceLock<Box<[f32; 8192]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut chance = Chance::new(77, 1);
        Box::new(std::array::from_fn(|_| {
            (0..12).map(|_| chance.unit()).sum::<f32>() - 6.0
        }))
    })
}

/// Vignette, exposure, white balance, shot and read noise, tone curve.
fn develop(frame: &Linear, c: &Conditions) -> Vec<u8> {
    let (curve, normal) = (to_srgb(), deviates());
    let (width, height) = (frame.width as f32, frame.height as f32);
    let gain =
        [1.0 + c.warmth * 0.9, 1.0, 1.0 - c.warmth * 1.1].map(|tint| tint * c.exposure * 0.92);
    let half = 2.0 / width.hypot(height);
    // The curve's slope at middle grey (linear 0.21) is 1.1; shot noise grows with the root of the light.
    let sigma = c.noise / 255.0 / 1.1;
    let moment = mix(c.seed ^ (u64::from(c.moment) << 40) ^ 0x005E_ED0F_1A5E);
    let mut bytes = vec![0_u8; frame.light.len()];
    let rows = frame
        .light
        .chunks_exact(frame.width * 3)
        .zip(bytes.chunks_exact_mut(frame.width * 3));
    for (y, (line, out)) in rows.enumerate() {
        let v = (y as f32 - height / 2.0) * half;
        let mut state = mix(moment ^ (y as u64) << 20);
        let mut before = 0.0_f32;
        for (x, (light, code)) in line
            .chunks_exact(3)
            .zip(out.chunks_exact_mut(3))
            .enumerate()
        {
            let u = (x as f32 - width / 2.0) * half;
            let shade = 1.0 - c.vignette * (u * u + v * v);
            state = state
                .wrapping_mul(0x5851_F42D_4C95_7F2D)
                .wrapping_add(0x1405_7B7E_F767_814F);
            let draws = state ^ (state >> 29);
            // Luma noise shared by the channels and leaning on its neighbour (demosaicing), some colour noise of each.
            let luma = normal[(draws >> 8) as usize & 8191] * 0.75 + before * 0.35;
            before = luma;
            for channel in 0..3 {
                let signal = light[channel] * shade * gain[channel];
                let own = normal[(draws >> (21 + 13 * channel)) as usize & 8191];
                let noisy = signal
                    + (luma + own * 0.5) * sigma * ((signal.max(0.0) + 0.015) / 0.225).sqrt();
                code[channel] = curve[(shoulder(noisy).clamp(0.0, 1.0) * 4095.0) as usize];
            }
        }
    }
    bytes
}

/// Straight to 0.7, then bends towards 1, as a camera's own curve keeps highlights.
#[inline]
fn shoulder(x: f32) -> f32 {
    if x <= 0.7 {
        x
    } else {
        let over = (x - 0.7) / 0.3;
        0.7 + 0.3 * (over / (1.0 + over * over * 0.35).sqrt().max(1.0)).min(1.0)
    }
}
