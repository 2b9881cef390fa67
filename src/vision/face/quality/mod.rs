//! What a picture of a face is worth for a comparison: measures of ISO/IEC 29794-5 (`standard.rs`), and for each thing that a
//! traveller can change how far it is from spoiling a comparison (here). The score orders frames as the standard's measures do
//! while nothing is spoilt, and is the worst thing's share where something is; the advice says what to do about it.

mod standard;

use evidence::Quality;
use image::RgbImage;
use zeroize::Zeroizing;

use super::align::{SIDE, Similarity};
use super::covering::Covering;
use super::detection::Candidate;

use standard::Pose;
pub use standard::{Component, Measure};

/// Below this score, in per mille, there is an advice.
pub const ADVISE_BELOW: u16 = 500;

/// What the traveller is asked to change first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// The face is too small.
    ComeCloser,
    /// The face fills or leaves the picture.
    StepBack,
    /// The face is dark, flat or lit from one side.
    MoreLight,
    /// The face is washed out.
    LessLight,
    /// The head is turned, tilted, raised or lowered.
    LookAtCamera,
    /// The face is blurred.
    HoldStill,
    /// A mask, a scarf, a hand hides the mouth.
    UncoverMouth,
    /// Dark glasses, a peak, hair hide the eyes.
    UncoverEyes,
}

/// How well a picture of a face serves for a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceQuality {
    /// While nothing advises otherwise, 500 and five times the mean of the standard's measures; otherwise how near the worst
    /// thing is to being good enough (at [`ADVISE_BELOW`]).
    pub score: Quality,
    /// What to change first; none from [`ADVISE_BELOW`] upwards.
    pub advice: Option<Advice>,
}

/// What of a face is covered is asked only where all else is good, since it costs most.
pub(super) fn judge(
    picture: &RgbImage,
    face: &Candidate,
    covering: impl FnOnce() -> Covering,
) -> FaceQuality {
    let mut spoilers = place(picture, face);
    spoilers.extend(pose(&face.landmarks));
    let mut measures = standard::measures(picture, &face.landmarks);
    if let Some(fit) = Similarity::to_landmarks(&face.landmarks) {
        let luma = aligned_luma(picture, &fit);
        let light = Light::of(&luma);
        spoilers.extend(light.spoilers());
        measures.push(light.sharpness_measure());
    }
    let weakest = spoilers.into_iter().min_by_key(|&(value, _)| value);
    let (mut value, mut advice) = weakest.unwrap_or((0, Advice::LookAtCamera));
    if value >= ADVISE_BELOW {
        let covering = covering();
        let uncovered = covering.uncovered();
        if uncovered < value {
            (value, advice) = if covering.mouth >= covering.eyes {
                (uncovered, Advice::UncoverMouth)
            } else {
                (uncovered, Advice::UncoverEyes)
            };
        }
    }
    let mean = measures.iter().map(|m| u32::from(m.scalar)).sum::<u32>() as f32
        / measures.len().max(1) as f32;
    // What is near to spoiling something, but does not, is no reason to prefer a frame that the standard's measures do not.
    let score = if value < ADVISE_BELOW {
        value
    } else {
        ADVISE_BELOW + (5.0 * mean).round() as u16
    };
    #[expect(
        clippy::expect_used,
        reason = "a ramp ends at 1000 and a scalar at 100"
    )]
    let quality = Quality::new(score).expect("at most 1000");
    FaceQuality {
        score: quality,
        advice: (score < ADVISE_BELOW).then_some(advice),
    }
}

/// Every measure of one face of the picture it was found in, for engineers and officers.
#[must_use]
pub fn measure(picture: &RgbImage, landmarks: &[(i32, i32); 5]) -> Vec<Measure> {
    let landmarks = landmarks.map(|(x, y)| (x as f32, y as f32));
    let mut measures = standard::measures(picture, &landmarks);
    if let Some(fit) = Similarity::to_landmarks(&landmarks) {
        measures.push(Light::of(&aligned_luma(picture, &fit)).sharpness_measure());
    }
    measures
}

/// BT.601 luma of the aligned face, as a camera's Y plane has it.
fn aligned_luma(picture: &RgbImage, fit: &Similarity) -> Zeroizing<Vec<f32>> {
    Zeroizing::new(
        fit.crop(picture, SIDE)
            .iter()
            .map(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b)
            .collect(),
    )
}

type Measured = (u16, Advice);

/// Per mille of the way from `worst` to `good`, whichever is the larger; nothing for a NaN.
fn ramp(value: f32, worst: f32, good: f32) -> u16 {
    (((value - worst) / (good - worst)).clamp(0.0, 1.0) * 1000.0).round() as u16
}

/// Head size and margins.
fn place(picture: &RgbImage, face: &Candidate) -> Vec<Measured> {
    let [right_eye, left_eye, ..] = face.landmarks;
    let between_eyes = (left_eye.0 - right_eye.0).hypot(left_eye.1 - right_eye.1);
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let margin = [
        face.left,
        face.top,
        width - face.left - face.width,
        height - face.top - face.height,
    ]
    .into_iter()
    .fold(f32::INFINITY, f32::min);
    vec![
        // SFace sees 35 pixels between the eyes; ISO/IEC 39794-5 asks for 90 at enrolment.
        (ramp(between_eyes, 15.0, 45.0), Advice::ComeCloser),
        (ramp(face.height / height, 1.0, 0.75), Advice::StepBack),
        // The box ends at the hairline and the chin, and may touch the edge before anything of use is lost.
        (
            ramp(margin / face.width.max(1.0), -0.25, 0.0),
            Advice::StepBack,
        ),
    ]
}

fn pose(landmarks: &[(f32, f32); 5]) -> Vec<Measured> {
    let pose = Pose::of(landmarks);
    vec![
        // SFace loses heads rolled by 40 degrees although they are turned upright first.
        (ramp(pose.roll.abs(), 40.0, 15.0), Advice::LookAtCamera),
        (ramp(pose.yaw.abs(), 35.0, 14.0), Advice::LookAtCamera),
        (ramp(pose.pitch.abs(), 32.7, 15.4), Advice::LookAtCamera),
    ]
}

/// Brightness, contrast, evenness and sharpness of the aligned face.
struct Light {
    mean: f32,
    deviation: f32,
    /// The darker half's mean as a part of the brighter half's.
    evenness: f32,
    /// Part of the face that is burnt out.
    bright: f32,
    /// Energy of the finest detail as a part of all: what blur takes away first, whatever the light.
    sharpness: f32,
}

impl Light {
    fn of(luma: &[f32]) -> Self {
        let at = |x: usize, y: usize| luma[y * SIDE + x];
        let (mut count, mut sum, mut squares, mut edges, mut bright) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let (mut sides, mut side_counts) = ([0.0; 2], [0.0; 2]);
        for y in 1..SIDE - 1 {
            for x in 1..SIDE - 1 {
                if !on_the_face(x, y) {
                    continue;
                }
                let here = at(x, y);
                count += 1.0;
                sum += here;
                squares += here * here;
                let laplacian =
                    at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * here;
                edges += laplacian * laplacian;
                bright += f32::from(u8::from(here > 245.0));
                let side = usize::from(x >= SIDE / 2);
                sides[side] += here;
                side_counts[side] += 1.0;
            }
        }
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        let [left, right] = [sides[0] / side_counts[0], sides[1] / side_counts[1]];
        Self {
            mean,
            deviation: variance.sqrt(),
            evenness: left.min(right) / left.max(right).max(1.0),
            bright: bright / count,
            sharpness: (edges / count) / variance.max(1.0),
        }
    }

    fn spoilers(&self) -> Vec<Measured> {
        vec![
            // Low on purpose: dark skin in good light has a mean near 60.
            (ramp(self.mean, 12.0, 40.0), Advice::MoreLight),
            (ramp(self.mean, 250.0, 215.0), Advice::LessLight),
            (ramp(self.bright, 0.7, 0.2), Advice::LessLight),
            (
                ramp(self.deviation, 5.0, 18.0),
                if self.mean > 150.0 {
                    Advice::LessLight
                } else {
                    Advice::MoreLight
                },
            ),
            (ramp(self.evenness, 0.25, 0.6), Advice::MoreLight),
            (ramp(self.sharpness, 0.005, 0.05), Advice::HoldStill),
        ]
    }

    fn sharpness_measure(&self) -> Measure {
        Measure::new(
            Component::Sharpness,
            self.sharpness,
            100.0 * self.sharpness / (self.sharpness + 0.05),
            Advice::HoldStill,
        )
    }
}

/// An oval from brows to chin in the aligned face, inside hair and background.
fn on_the_face(x: usize, y: usize) -> bool {
    let (dx, dy) = ((x as f32 - 56.0) / 34.0, (y as f32 - 68.0) / 42.0);
    dx * dx + dy * dy <= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frontal face of 100 pixels between the eyes.
    const FRONTAL: [(f32, f32); 5] = [
        (100.0, 100.0),
        (200.0, 100.0),
        (150.0, 161.0),
        (110.0, 209.0),
        (190.0, 209.0),
    ];

    fn turned(degrees: f32) -> [(f32, f32); 5] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        FRONTAL.map(|(x, y)| (x * cos - y * sin, x * sin + y * cos))
    }

    fn weakest(measures: Vec<Measured>) -> u16 {
        measures
            .into_iter()
            .map(|(value, _)| value)
            .min()
            .unwrap_or(0)
    }

    #[test]
    fn pose_is_judged_in_the_heads_own_axes() {
        assert_eq!(weakest(pose(&FRONTAL)), 1000);
        assert_eq!(weakest(pose(&turned(10.0))), 1000);
        assert!((350..=450).contains(&weakest(pose(&turned(30.0)))));
        assert_eq!(weakest(pose(&turned(-45.0))), 0);
        let mut aside = FRONTAL;
        aside[2].0 += 45.0;
        assert_eq!(weakest(pose(&aside)), 0);
        let mut raised = FRONTAL;
        raised[2].1 -= 40.0;
        assert_eq!(weakest(pose(&raised)), 0);
    }

    #[test]
    fn landmarks_in_one_point_are_no_good_pose() {
        assert_eq!(weakest(pose(&[(3.0, 3.0); 5])), 0);
    }

    #[test]
    fn a_flat_face_is_told_by_its_light() {
        for (level, expected) in [
            (5.0, Advice::MoreLight),
            (100.0, Advice::MoreLight),
            (252.0, Advice::LessLight),
        ] {
            let measures = Light::of(&[level; SIDE * SIDE]).spoilers();
            let weakest = measures.into_iter().min_by_key(|&(value, _)| value);
            assert_eq!(weakest, Some((0, expected)), "{level}");
        }
    }

    #[test]
    fn a_ramp_runs_either_way_and_stops() {
        for ((value, worst, good), expected) in [
            ((5.0, 0.0, 10.0), 500),
            ((-5.0, 0.0, 10.0), 0),
            ((50.0, 0.0, 10.0), 1000),
            ((2.5, 10.0, 0.0), 750),
            ((f32::NAN, 0.0, 1.0), 0),
        ] {
            assert_eq!(ramp(value, worst, good), expected);
        }
    }
}
