//! A first judgement of a face picture, in the spirit of ISO/IEC 29794-5: model-free measures of size, place, light,
//! sharpness and pose, each mapped to per mille. The score is the weakest measure, since one is enough to spoil a comparison,
//! and the advice says what to do about it.

use evidence::Quality;
use image::RgbImage;
use zeroize::Zeroizing;

use super::align::{SIDE, Similarity};
use super::detection::Candidate;

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
    /// The detector is unsure though size, light and pose are good: most often a mask, a scarf or a hand.
    UncoverFace,
}

/// How well a picture of a face serves for a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceQuality {
    /// The weakest measure.
    pub score: Quality,
    /// What to change first; none from [`ADVISE_BELOW`] upwards.
    pub advice: Option<Advice>,
}

/// Judges one face of the picture it was found in.
pub(super) fn judge(picture: &RgbImage, face: &Candidate) -> FaceQuality {
    let mut measures = place(picture, face);
    measures.extend(pose(&face.landmarks));
    // A cover also lowers the detector's confidence, if only a little.
    let mut uncovered = ramp(face.score, 0.60, 0.84);
    if let Some(fit) = Similarity::to_landmarks(&face.landmarks) {
        let crop = fit.crop(picture, SIDE);
        // BT.601 luma, as a camera's Y plane has it.
        let luma: Zeroizing<Vec<f32>> = Zeroizing::new(
            crop.iter()
                .map(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b)
                .collect(),
        );
        measures.extend(light(&luma));
        uncovered = uncovered.min(features_seen(&luma));
    }
    let weakest = measures.into_iter().min_by_key(|&(value, _)| value);
    let (value, advice) = weakest.unwrap_or((0, Advice::LookAtCamera));
    // Size, light and pose wrong look like a cover as well: one is named only when they are good.
    let (score, advice) = if value >= ADVISE_BELOW && uncovered < value {
        (uncovered, Advice::UncoverFace)
    } else {
        (value, advice)
    };
    #[expect(clippy::expect_used, reason = "ramp ends at 1000")]
    let quality = Quality::new(score).expect("at most 1000");
    FaceQuality {
        score: quality,
        advice: (score < ADVISE_BELOW).then_some(advice),
    }
}

type Measure = (u16, Advice);

/// Per mille of the way from `worst` to `good`, whichever is the larger; nothing for a NaN.
fn ramp(value: f32, worst: f32, good: f32) -> u16 {
    (((value - worst) / (good - worst)).clamp(0.0, 1.0) * 1000.0).round() as u16
}

/// Head size and margins.
fn place(picture: &RgbImage, face: &Candidate) -> Vec<Measure> {
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

/// Roll, yaw and pitch as far as five points tell: the nose's place between eyes and mouth.
fn pose(landmarks: &[(f32, f32); 5]) -> Vec<Measure> {
    let [right_eye, left_eye, nose, right_mouth, left_mouth] = *landmarks;
    let middle = |a: (f32, f32), b: (f32, f32)| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
    let (eyes, mouth) = (middle(right_eye, left_eye), middle(right_mouth, left_mouth));
    let (across_x, across_y) = (left_eye.0 - right_eye.0, left_eye.1 - right_eye.1);
    let between_eyes = across_x.hypot(across_y).max(f32::MIN_POSITIVE);
    let roll = across_y.atan2(across_x).to_degrees().abs();
    // In the head's own axes, so that a tilted head is not taken for a turned one.
    let along =
        |(x, y): (f32, f32)| ((x - eyes.0) * across_x + (y - eyes.1) * across_y) / between_eyes;
    let down =
        |(x, y): (f32, f32)| ((y - eyes.1) * across_x - (x - eyes.0) * across_y) / between_eyes;
    let turn = (along(nose) - along(mouth) * 0.5).abs() / between_eyes;
    let nod = (down(nose) / down(mouth) - 0.56).abs();
    vec![
        // SFace loses heads rolled by 40 degrees although they are turned upright first.
        (ramp(roll, 40.0, 15.0), Advice::LookAtCamera),
        // The nose's tip leaves the middle by about 0.6 sin(yaw) eye distances: 45 and 15 degrees.
        (ramp(turn, 0.42, 0.15), Advice::LookAtCamera),
        (ramp(nod, 0.35, 0.15), Advice::LookAtCamera),
    ]
}

/// Brightness, contrast, evenness and sharpness of the aligned face.
fn light(luma: &[f32]) -> Vec<Measure> {
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
            let laplacian = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * here;
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
    let evenness = left.min(right) / left.max(right).max(1.0);
    // Energy of the finest detail as a part of all: what blur takes away first, whatever the light.
    let sharpness = (edges / count) / variance.max(1.0);
    vec![
        // Low on purpose: dark skin in good light has a mean near 60.
        (ramp(mean, 12.0, 40.0), Advice::MoreLight),
        (ramp(mean, 250.0, 215.0), Advice::LessLight),
        (ramp(bright / count, 0.7, 0.2), Advice::LessLight),
        (
            ramp(variance.sqrt(), 5.0, 18.0),
            if mean > 150.0 {
                Advice::LessLight
            } else {
                Advice::MoreLight
            },
        ),
        (ramp(evenness, 0.25, 0.6), Advice::MoreLight),
        (ramp(sharpness, 0.005, 0.05), Advice::HoldStill),
    ]
}

/// Eyes and mouth have the most detail of a face; each is compared with the other, so that blur and light cancel. Measured on
/// one portrait: mouth to eyes 0.4 to 0.75, under a plain mask at most 0.1; eyes to mouth over 1, behind plain dark glasses
/// nothing. A patterned scarf and clear glasses pass.
fn features_seen(luma: &[f32]) -> u16 {
    let detail = |left: usize, top: usize, width: usize, height: usize| {
        let mut sum = 0.0;
        for y in top..top + height {
            for at in y * SIDE + left..y * SIDE + left + width {
                sum +=
                    (luma[at + 1] - luma[at - 1]).abs() + (luma[at + SIDE] - luma[at - SIDE]).abs();
            }
        }
        sum / (width * height) as f32
    };
    // Around SFace's template points; one eye may lie in shadow.
    let eyes = detail(28, 44, 20, 16).max(detail(64, 44, 20, 16));
    let mouth = detail(40, 84, 32, 16);
    let least = f32::MIN_POSITIVE;
    ramp(mouth / eyes.max(least), 0.08, 0.22).min(ramp(eyes / mouth.max(least), 0.2, 0.7))
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

    fn weakest(measures: Vec<Measure>) -> u16 {
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
            let measures = light(&[level; SIDE * SIDE]);
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
