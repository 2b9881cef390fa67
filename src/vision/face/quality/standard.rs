//! Measures of ISO/IEC 29794-5:2025 that need no model of their own, with the formulas of its reference implementation OFIQ
//! 1.1 (BSI; PyPI `ofiqpy` follows it to the digit). Each has a native value and a scalar from 0 (worst) to 100.
//!
//! OFIQ places them by 98 landmarks. Here five are known, and a mean face is laid over them: the chin and the face's outline
//! are where most people's are.

use image::RgbImage;

use super::super::align::{Similarity, bilinear};
use super::Advice;

/// OFIQ's aligned face is 616 pixels wide and high; eyes, nose and mouth corners lie here.
const ALIGNED: [(f32, f32); 5] = [
    (251.0, 272.0),
    (364.0, 272.0),
    (308.0, 336.0),
    (262.0, 402.0),
    (355.0, 402.0),
];
/// Every so many pixels of the aligned face are looked at: a histogram of 16,000 is as good as one of 65,000.
const STEP: usize = 2;
/// From the eyes' middle to the chin, in distances from there to the mouth: the mean of adult faces.
const CHIN: f32 = 1.6;
/// The nose's tip stands out by this part of the eyes' distance.
const NOSE: f32 = 0.6;
/// Where the nose's tip lies on the way from eyes to mouth of a level head.
const NOSE_LEVEL: f32 = 0.56;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// Both cheeks are equally bright: shared part of their histograms.
    IlluminationUniformity,
    /// Mean luminance of the face, 0 to 1.
    LuminanceMean,
    /// Variance of the face's luminance, in squares of 0 to 1.
    LuminanceVariance,
    /// Part of the face that is all but black.
    UnderExposurePrevention,
    /// Part of the face that is all but white.
    OverExposurePrevention,
    /// Entropy of the face's luminance, in bits.
    DynamicRange,
    /// Finest detail as a part of all. The standard's own needs a random forest; this one is ours.
    Sharpness,
    /// How far the cheeks' colour is from any skin's, in CIELAB units.
    NaturalColour,
    /// Between the eyes, in pixels, were the head not turned.
    InterEyeDistance,
    /// From the eyes' line to the chin, as a part of the picture's height.
    HeadSize,
    /// Room at the left of the picture, in eye distances.
    LeftwardCrop,
    /// Room at the right of the picture, in eye distances.
    RightwardCrop,
    /// Room above the eyes, in lengths from eyes to chin.
    MarginAbove,
    /// Room below the eyes, in lengths from eyes to chin.
    MarginBelow,
    /// The head's turn to a side, in degrees.
    HeadPoseYaw,
    /// The head's nod, in degrees.
    HeadPosePitch,
    /// The head's tilt, in degrees.
    HeadPoseRoll,
}

/// One measure of one face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What is measured.
    pub component: Component,
    /// In the component's own unit.
    pub native: f32,
    /// 0 (worst) to 100.
    pub scalar: u8,
    /// What the traveller can do where it is low.
    pub advice: Advice,
}

impl Measure {
    pub(super) fn new(component: Component, native: f32, scalar: f32, advice: Advice) -> Self {
        Self {
            component,
            native,
            scalar: scalar.round().clamp(0.0, 100.0) as u8,
            advice,
        }
    }
}

fn sigmoid(x: f32, middle: f32, width: f32) -> f32 {
    1.0 / (1.0 + ((middle - x) / width).exp())
}

/// The angles of a head, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pose {
    pub(super) yaw: f32,
    pub(super) pitch: f32,
    pub(super) roll: f32,
}

impl Pose {
    /// As far as five points tell: by the nose's place between eyes and mouth, in the head's own axes, so that a tilted head is
    /// not taken for a turned one.
    pub(super) fn of(landmarks: &[(f32, f32); 5]) -> Self {
        let [right_eye, left_eye, nose, right_mouth, left_mouth] = *landmarks;
        let (eyes, mouth) = (middle(right_eye, left_eye), middle(right_mouth, left_mouth));
        let (across_x, across_y) = (left_eye.0 - right_eye.0, left_eye.1 - right_eye.1);
        let apart = across_x.hypot(across_y).max(f32::MIN_POSITIVE);
        let along =
            |(x, y): (f32, f32)| ((x - eyes.0) * across_x + (y - eyes.1) * across_y) / apart;
        let down = |(x, y): (f32, f32)| ((y - eyes.1) * across_x - (x - eyes.0) * across_y) / apart;
        let turn = (along(nose) - along(mouth) * 0.5) / apart;
        let nod = down(nose) / down(mouth) - NOSE_LEVEL;
        // A face is 1.1 eye distances from eyes to mouth.
        let angle = |slope: f32| {
            if slope.is_nan() {
                90.0
            } else {
                slope.atan().to_degrees()
            }
        };
        Self {
            yaw: angle(turn / NOSE),
            pitch: angle(nod * 1.1 / NOSE),
            roll: across_y.atan2(across_x).to_degrees(),
        }
    }
}

fn middle(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

/// All measures but sharpness, which [`super::light`] takes from the aligned face.
pub(super) fn measures(picture: &RgbImage, landmarks: &[(f32, f32); 5]) -> Vec<Measure> {
    let mut all = geometry(picture.dimensions(), landmarks);
    if let Some(fit) = Similarity::between(&ALIGNED, landmarks) {
        all.extend(pixels(picture, &fit, landmarks));
    }
    all
}

fn geometry(size: (u32, u32), landmarks: &[(f32, f32); 5]) -> Vec<Measure> {
    let [right_eye, left_eye, _, right_mouth, left_mouth] = *landmarks;
    let (width, height) = (size.0 as f32, size.1 as f32);
    let (eyes, mouth) = (middle(right_eye, left_eye), middle(right_mouth, left_mouth));
    let pose = Pose::of(landmarks);
    let apart = (left_eye.0 - right_eye.0)
        .hypot(left_eye.1 - right_eye.1)
        .max(1e-3);
    let chin = ((mouth.0 - eyes.0).hypot(mouth.1 - eyes.1) * CHIN).max(1e-3);
    let cosine = pose.yaw.to_radians().cos().max(0.1);
    let head = chin / height;
    let margins = [
        (Component::LeftwardCrop, right_eye.0 / apart, 0.9),
        (Component::RightwardCrop, (width - left_eye.0) / apart, 0.9),
        (Component::MarginAbove, eyes.1 / chin, 1.4),
        (Component::MarginBelow, (height - eyes.1) / chin, 1.8),
    ];
    let angles = [
        (Component::HeadPoseYaw, pose.yaw),
        (Component::HeadPosePitch, pose.pitch),
        (Component::HeadPoseRoll, pose.roll),
    ];
    let mut all = vec![
        Measure::new(
            Component::InterEyeDistance,
            apart / cosine,
            100.0 * sigmoid(apart / cosine, 70.0, 20.0),
            Advice::ComeCloser,
        ),
        Measure::new(
            Component::HeadSize,
            head,
            200.0 * (1.0 - sigmoid((head - 0.45).abs(), 0.0, 0.05)),
            if head < 0.45 {
                Advice::ComeCloser
            } else {
                Advice::StepBack
            },
        ),
    ];
    all.extend(margins.map(|(component, native, middle)| {
        Measure::new(
            component,
            native,
            100.0 * sigmoid(native, middle, 0.1),
            Advice::StepBack,
        )
    }));
    all.extend(angles.map(|(component, degrees)| {
        let cosine = degrees.to_radians().cos().max(0.0);
        Measure::new(
            component,
            degrees,
            100.0 * cosine * cosine,
            Advice::LookAtCamera,
        )
    }));
    all
}

/// The outline that OFIQ draws round the landmarks: brows, temples, jaw.
fn on_the_face(u: f32, v: f32) -> bool {
    let across = (u - 308.0) / 130.0;
    if v >= 280.0 {
        let down = (v - 280.0) / 200.0;
        across * across + down * down <= 1.0
    } else {
        v >= 222.0 && across.abs() <= 1.0 - 0.28 * (280.0 - v) / 58.0
    }
}

fn pixels(picture: &RgbImage, fit: &Similarity, landmarks: &[(f32, f32); 5]) -> Vec<Measure> {
    let mut face = Histogram::new();
    for v in (222..480).step_by(STEP) {
        for u in (178..438).step_by(STEP) {
            let (u, v) = (u as f32, v as f32);
            if on_the_face(u, v) {
                let (x, y) = fit.apply(u, v);
                face.add(luminance(bilinear(picture, x, y)));
            }
        }
    }
    let cheeks = cheeks(picture, fit, landmarks);
    let shared: f32 = (0..256)
        .map(|level| cheeks.light[0].part(level).min(cheeks.light[1].part(level)))
        .sum();
    let mean = face.moment(|level| level);
    let variance = face.moment(|level| (level - mean) * (level - mean));
    let (under, over) = (face.between(0, 25), face.between(247, 255));
    let entropy = face.entropy();
    let spread = 60.0 * variance / (60.0 * variance + 1.0);
    let brighter_or_darker = if mean > 0.55 {
        Advice::LessLight
    } else {
        Advice::MoreLight
    };
    vec![
        Measure::new(
            Component::IlluminationUniformity,
            shared,
            100.0 * shared.powf(0.3),
            Advice::MoreLight,
        ),
        Measure::new(
            Component::LuminanceMean,
            mean,
            100.0 * sigmoid(mean, 0.2, 0.05) * (1.0 - sigmoid(mean, 0.8, 0.05)),
            brighter_or_darker,
        ),
        Measure::new(
            Component::LuminanceVariance,
            variance,
            100.0 * (spread * std::f32::consts::PI).sin(),
            brighter_or_darker,
        ),
        Measure::new(
            Component::UnderExposurePrevention,
            under,
            120.0 * (0.832 - sigmoid(under, 0.92, 0.05)),
            Advice::MoreLight,
        ),
        Measure::new(
            Component::OverExposurePrevention,
            over,
            1.0 / (over + 0.01),
            Advice::LessLight,
        ),
        Measure::new(
            Component::DynamicRange,
            entropy,
            12.5 * entropy,
            brighter_or_darker,
        ),
        Measure::new(
            Component::NaturalColour,
            cheeks.from_skin,
            200.0 * (1.0 - sigmoid(cheeks.from_skin, 0.0, 10.0)),
            Advice::MoreLight,
        ),
    ]
}

/// Two squares under the eyes, half-way to the mouth.
struct Cheeks {
    light: [Histogram; 2],
    from_skin: f32,
}

fn cheeks(picture: &RgbImage, fit: &Similarity, landmarks: &[(f32, f32); 5]) -> Cheeks {
    let place = landmarks.map(|(x, y)| fit.back(x, y));
    let [right_eye, left_eye, _, right_mouth, left_mouth] = place;
    let (eyes, mouth) = (middle(right_eye, left_eye), middle(right_mouth, left_mouth));
    let zone = (0.3 * (left_eye.0 - right_eye.0).hypot(left_eye.1 - right_eye.1)).floor();
    let down = ((mouth.0 - eyes.0).hypot(mouth.1 - eyes.1) / 2.0).floor();
    let corners = [
        (right_eye.0, right_eye.1 + down),
        (left_eye.0 - zone, left_eye.1 + down),
    ];
    let mut light = [Histogram::new(), Histogram::new()];
    let (mut sum, mut count) = ([0.0f32; 3], 0.0);
    for (histogram, (left, top)) in light.iter_mut().zip(corners) {
        for row in 0..zone as u32 {
            for column in 0..zone as u32 {
                let (x, y) = fit.apply(left + column as f32, top + row as f32);
                let colour = bilinear(picture, x, y);
                histogram.add(luminance(colour));
                count += 1.0;
                for (sum, value) in sum.iter_mut().zip(colour) {
                    *sum += value;
                }
            }
        }
    }
    let from_skin = if count > 0.0 {
        from_skin(sum.map(|v| v / count))
    } else {
        100.0
    };
    Cheeks { light, from_skin }
}

/// Distance in CIELAB's a and b to the colours of skin, a 5 to 25 and b 5 to 35; 100 where no skin can be. D50, as OFIQ.
fn from_skin(colour: [f32; 3]) -> f32 {
    let [r, g, b] = colour.map(|v| linear(v / 255.0));
    let x = 0.436_05 * r + 0.385_08 * g + 0.143_09 * b;
    let y = 0.222_49 * r + 0.716_89 * g + 0.060_62 * b;
    let z = 0.013_93 * r + 0.097_10 * g + 0.714_19 * b;
    let f = |t: f32| {
        if t <= 216.0 / 24389.0 {
            (24389.0 / 27.0 * t + 16.0) / 116.0
        } else {
            t.cbrt()
        }
    };
    let (x, y, z) = (f(x / 0.964_22), f(y), f(z / 0.825_21));
    let (a, b) = (500.0 * (x - y), 200.0 * (y - z));
    if a < 0.0 || b < 0.0 {
        return 100.0;
    }
    let off = |value: f32, low: f32, high: f32| (low - value).max(value - high).max(0.0);
    off(a, 5.0, 25.0).hypot(off(b, 5.0, 35.0))
}

/// sRGB's curve, both ways 0 to 1.
fn linear(v: f32) -> f32 {
    if v <= 0.04045 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

/// BT.709 luminance of an sRGB colour, in light and not in code values: 0 to 255.
fn luminance([r, g, b]: [f32; 3]) -> u8 {
    let light = LINEAR.with(|table| {
        let of = |v: f32| table[v.round().clamp(0.0, 255.0) as usize];
        0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b)
    });
    (light * 255.0 + 0.5) as u8
}

thread_local! {
    static LINEAR: [f32; 256] = std::array::from_fn(|code| linear(code as f32 / 255.0));
}

struct Histogram {
    counts: [u32; 256],
    total: u32,
}

impl Histogram {
    fn new() -> Self {
        Self {
            counts: [0; 256],
            total: 0,
        }
    }

    fn add(&mut self, level: u8) {
        self.counts[usize::from(level)] += 1;
        self.total += 1;
    }

    fn part(&self, level: usize) -> f32 {
        self.counts[level] as f32 / self.total.max(1) as f32
    }

    fn between(&self, low: usize, high: usize) -> f32 {
        self.counts[low..=high].iter().sum::<u32>() as f32 / self.total.max(1) as f32
    }

    /// The mean of a function of the level, 0 to 1.
    fn moment(&self, of: impl Fn(f32) -> f32) -> f32 {
        (0..256)
            .map(|level| self.part(level) * of(level as f32 / 255.0))
            .sum()
    }

    fn entropy(&self) -> f32 {
        -(0..256)
            .map(|level| self.part(level))
            .filter(|&p| p > 0.0)
            .map(|p| p * p.log2())
            .sum::<f32>()
    }
}
