//! Whether something covers the mouth or the eyes.
//!
//! YuNet has learnt from many people, masked ones too, what belongs to a face, and its inner values say so before its answer
//! does: two linear heads on the means of a few rectangles of them tell covers of people never seen. The heads are fitted by
//! `models/covers/train.py` on covers drawn over many people made of two portraits; `models/covers/README.md` has the figures.

use image::RgbImage;

use super::align::Similarity;
use super::planes::Planes;

/// Side of the crop that the heads see.
pub(super) const SIDE: usize = 160;
/// The inner values that the heads read: 64 channels each, on grids of 8 and 4 pixels.
pub(super) const TAPS: [&str; 2] = ["214", "205"];
const STRIDES: [usize; 2] = [8, 4];
const CHANNELS: usize = 64;
/// Regions a head reads the means of.
const REGIONS: usize = 3;
/// SFace's template 1.4 times as large, its (56, 72) at (80, 86).
const SCALE: f32 = 1.4;
const MIDDLE: (f32, f32) = (80.0, 86.0);

/// Left, right, top, bottom in SFace's template. Mouth: lips, chin, nose. Eyes: both, the bridge, the forehead.
type Rectangle = (f32, f32, f32, f32);
const LOOKED_AT: [[&[Rectangle]; REGIONS]; 2] = [
    [
        &[(40.0, 72.0, 86.0, 100.0)],
        &[(44.0, 68.0, 100.0, 110.0)],
        &[(48.0, 64.0, 62.0, 76.0)],
    ],
    [
        &[(28.0, 48.0, 44.0, 60.0), (64.0, 84.0, 44.0, 60.0)],
        &[(48.0, 64.0, 44.0, 58.0)],
        &[(30.0, 82.0, 22.0, 38.0)],
    ],
];

/// Weights and a bias for the mouth, then for the eyes: little-endian fp32.
static HEADS: &[u8; 2 * (REGIONS * CHANNELS + 1) * 4] = include_bytes!("covering.bin");

/// Log odds that the mouth and the eyes are covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Covering {
    pub(super) mouth: f32,
    pub(super) eyes: f32,
}

impl Covering {
    /// From the inner values of both taps, channel by channel and row by row.
    pub(super) fn of(values: [&[f32]; 2]) -> Self {
        let [mouth, eyes] = [0, 1].map(|head| odds(head, values[head]));
        Self { mouth, eyes }
    }

    /// Per mille that nothing is covered.
    pub(super) fn uncovered(self) -> u16 {
        let covered = 1.0 / (1.0 + (-self.mouth.max(self.eyes)).exp());
        (1000.0 * (1.0 - covered)).round() as u16
    }
}

/// From this logarithm of the brighter eye's light over the cheeks' downwards a shadow hides the eyes: 95 in 100 free faces
/// have more than -1.1, a cap's peak leaves -2.6.
const SHADOW: f32 = -1.5;

/// Log odds that a shadow hides both eyes.
pub(super) fn shadow(planes: &Planes) -> f32 {
    let area = planes.width * planes.height;
    // Light goes with the code value's power of 2.2; green stands for all colours.
    let light = |(left, right, top, bottom): Rectangle| {
        let column = |u: f32| (((u - 56.0) * SCALE + MIDDLE.0) as usize).min(planes.width - 1);
        let row = |v: f32| (((v - 72.0) * SCALE + MIDDLE.1) as usize).min(planes.height - 1);
        let (mut sum, mut count) = (0.0, 0.0);
        for y in row(top)..=row(bottom) {
            for x in column(left)..=column(right) {
                sum += (planes.values[area + y * planes.width + x] / 255.0).powf(2.2);
                count += 1.0;
            }
        }
        (sum / count + 0.002f32).ln()
    };
    let eyes = light((30.0, 46.0, 46.0, 57.0)).max(light((66.0, 82.0, 46.0, 57.0)));
    let cheeks = (light((26.0, 40.0, 70.0, 80.0)) + light((72.0, 86.0, 70.0, 80.0))) / 2.0;
    4.0 * (SHADOW - (eyes - cheeks))
}

/// What the net is shown.
pub(super) fn crop(picture: &RgbImage, landmarks: &[(f32, f32); 5]) -> Option<Planes> {
    let place = super::align::TEMPLATE
        .map(|(u, v)| ((u - 56.0) * SCALE + MIDDLE.0, (v - 72.0) * SCALE + MIDDLE.1));
    let fit = Similarity::between(&place, landmarks)?;
    Some(Planes::square(&fit.crop(picture, SIDE), SIDE))
}

fn odds(head: usize, values: &[f32]) -> f32 {
    let stride = STRIDES[head];
    let cells = SIDE / stride;
    let size = REGIONS * CHANNELS + 1;
    let numbers = HEADS[head * size * 4..][..size * 4]
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let cell = |place: f32, middle: f32, shift: f32| {
        let at = ((place - middle) * SCALE + shift) / stride as f32;
        ((at + 0.5).floor().max(0.0) as usize).min(cells - 1)
    };
    let mut inputs = Vec::with_capacity(size);
    for rectangles in LOOKED_AT[head] {
        for channel in 0..CHANNELS {
            let plane = &values[channel * cells * cells..][..cells * cells];
            let mut mean = 0.0;
            for &(left, right, top, bottom) in rectangles {
                let (x0, x1) = (cell(left, 56.0, MIDDLE.0), cell(right, 56.0, MIDDLE.0));
                let (y0, y1) = (cell(top, 72.0, MIDDLE.1), cell(bottom, 72.0, MIDDLE.1));
                let (x1, y1) = (x1.max(x0 + 1), y1.max(y0 + 1));
                let sum: f32 = (y0..y1)
                    .flat_map(|y| &plane[y * cells + x0..y * cells + x1])
                    .sum();
                mean += sum / ((x1 - x0) * (y1 - y0)) as f32;
            }
            inputs.push(mean / rectangles.len() as f32);
        }
    }
    inputs.push(1.0);
    numbers
        .zip(inputs)
        .map(|(weight, input)| weight * input)
        .sum()
}
