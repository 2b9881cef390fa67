//! YuNet: a fully convolutional detector. Each cell of three grids (8, 16 and 32 pixels) says whether a face is
//! centred there, and its box and landmarks relative to the cell.

use std::path::Path;

use image::RgbImage;
use rten::{Model, NodeId, RunOptions, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;
use zeroize::Zeroizing;

use crate::Luma;
use crate::witness::Witness;

use super::align::Similarity;
use super::covering::{self, Covering};
use super::planes::{Planes, Window};
use super::{FaceBox, FaceReading, ModelError};

/// Longest side given to the net. At 640 a face of 10 to 300 pixels is found: an adult from 0.4 to 3 metres off a kiosk camera.
const LONGEST_SIDE: u32 = 640;
/// A face that fills the picture is too large for the net at 640; it is looked for again at this size.
const CLOSE_UP_SIDE: u32 = 224;
/// Side of the crop for a closer look, twice the face: large enough that landmarks follow the head's roll.
const CLOSER_LOOK: usize = 320;
/// A roll of 4 degrees, in radians: nearer than this SFace does not care.
const UPRIGHT: f32 = 0.07;
/// Grid cells, in pixels.
const STRIDES: [usize; 3] = [8, 16, 32];
/// OpenCV's samples use 0.6 to 0.9; a cat's face scores 0.43, portraits above 0.8.
const LEAST_SCORE: f32 = 0.6;
/// From here up a face is taken at its first word.
const SURE: f32 = 0.8;
/// A doubtful face is looked at again with twice its size, at each of these sides: what chance makes of two blurred heads in
/// the hall is a face at one size (0.77, and 0.60 at 160), and none at the others (0.48 at 128, 0.31 at 224).
const DOUBT_SIDES: [usize; 3] = [128, 160, 224];
const LEAST_DOUBTED: f32 = 0.1;
/// Of 24 things that are no face none had more than 0.47, of 60 doubtful faces, most of them masked, one less than 0.5.
const LEAST_DOUBTED_MEAN: f32 = 0.5;
/// A face is followed in a window of so many times its size, seen at [`FOLLOW_SIDE`].
const FOLLOWED: f32 = 3.0;
const FOLLOW_SIDE: u32 = 256;
/// Two boxes that share more than this part of their union are one face (OpenCV's default).
const SAME_FACE_OVERLAP: f32 = 0.3;
/// More faces than this are no queue at a kiosk, and suppression costs the square of their number.
const MOST_CANDIDATES: usize = 500;

/// A face as the net sees it, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) landmarks: [(f32, f32); 5],
    /// 0 to 1.
    pub(super) score: f32,
}

impl Candidate {
    pub(super) fn frame(&self) -> FaceBox {
        FaceBox {
            x: self.left.round() as i32,
            y: self.top.round() as i32,
            width: self.width.round() as i32,
            height: self.height.round() as i32,
        }
    }

    fn overlap(&self, other: &Self) -> f32 {
        let shared = |a: f32, a_length: f32, b: f32, b_length: f32| {
            ((a + a_length).min(b + b_length) - a.max(b)).max(0.0)
        };
        let both = shared(self.left, self.width, other.left, other.width)
            * shared(self.top, self.height, other.top, other.height);
        both / (self.width * self.height + other.width * other.height - both).max(f32::MIN_POSITIVE)
    }

    fn scaled(mut self, by: f32) -> Self {
        for length in [
            &mut self.left,
            &mut self.top,
            &mut self.width,
            &mut self.height,
        ] {
            *length *= by;
        }
        self.landmarks = self.landmarks.map(|(x, y)| (x * by, y * by));
        self
    }

    fn moved(mut self, (dx, dy): (f32, f32)) -> Self {
        self.left += dx;
        self.top += dy;
        self.landmarks = self.landmarks.map(|(x, y)| (x + dx, y + dy));
        self
    }
}

pub(super) struct Detector {
    model: Model,
    input: NodeId,
    /// cls, obj, bbox, kps; each for the three strides.
    outputs: [NodeId; 12],
    /// Inner values, for [`covering`].
    taps: [NodeId; 2],
}

impl Detector {
    pub(super) fn load(path: &Path) -> Result<Self, ModelError> {
        let model = super::models::load_model(path)?;
        let unsuitable = |found: String| ModelError::Unsuitable {
            path: path.to_owned(),
            found,
        };
        let node = |name: &str| {
            model
                .node_id(name)
                .map_err(|_| unsuitable(format!("no node {name}")))
        };
        let input = node("input")?;
        let mut outputs = Vec::with_capacity(12);
        for kind in ["cls", "obj", "bbox", "kps"] {
            for stride in STRIDES {
                outputs.push(node(&format!("{kind}_{stride}"))?);
            }
        }
        let outputs = outputs
            .try_into()
            .map_err(|_| unsuitable("not twelve outputs".to_owned()))?;
        let taps = [node(covering::TAPS[0])?, node(covering::TAPS[1])?];
        let detector = Self {
            model,
            input,
            outputs,
            taps,
        };
        detector
            .inner(&Planes::of(
                &RgbImage::new(covering::SIDE as u32, covering::SIDE as u32),
                1.0,
            ))
            .map_err(unsuitable)?;
        detector
            .seen(&Planes::of(&RgbImage::new(64, 64), 1.0), LEAST_SCORE)
            .map_err(unsuitable)?;
        Ok(detector)
    }

    /// The faces in the picture, surest first.
    pub(super) fn find(&self, picture: &RgbImage, witness: &mut dyn Witness) -> Vec<Candidate> {
        if picture.width().min(picture.height()) < 16 {
            return Vec::new();
        }
        for side in [LONGEST_SIDE, CLOSE_UP_SIDE] {
            let longest = picture.width().max(picture.height());
            let scale = f64::from(longest.max(side)) / f64::from(side);
            witness.enters("face resize");
            let planes = Planes::of(picture, scale);
            witness.enters("face detect");
            if witness.wants_pictures() {
                let luma = planes.luma();
                if let Ok(view) = Luma::new(planes.width, planes.height, planes.width, &luma) {
                    witness.sees("face detect", view);
                }
            }
            let mut found = self.faces(&planes, scale as f32, (0.0, 0.0));
            found.retain(|face| face.score >= SURE || self.is_face(picture, face));
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The face that was at `last` in the frame before, looked for only round there; none when it is not plainly there.
    pub(super) fn follow(&self, picture: &RgbImage, last: &FaceBox) -> Option<Candidate> {
        let longer = last.width.max(last.height) as f32;
        let window = Window::about(picture, middle_of(last), FOLLOWED * longer)?;
        let scale = (FOLLOWED * longer / FOLLOW_SIDE as f32).max(1.0);
        let planes = Planes::of_window(picture, window, f64::from(scale));
        let mut found = self.faces(&planes, scale, (window.left as f32, window.top as f32));
        let before = last.width as f32 * last.height as f32;
        found.retain(|face| {
            let (dx, dy) = (
                face.left + face.width / 2.0 - middle_of(last).0,
                face.top + face.height / 2.0 - middle_of(last).1,
            );
            let grown = face.width * face.height / before.max(1.0);
            face.score >= SURE && dx.hypot(dy) < longer / 2.0 && (0.5..2.0).contains(&grown)
        });
        // Two faces so close together are a matter for a whole look.
        (found.len() == 1).then(|| found.remove(0))
    }

    /// Whether a doubtful face is still one at other sizes and in a mirror: a squirrel scores 0.77, and 0.47 then.
    fn is_face(&self, picture: &RgbImage, face: &Candidate) -> bool {
        let frame = face.frame();
        let surest = |planes: &Planes| {
            self.seen(planes, LEAST_DOUBTED)
                .unwrap_or_default()
                .iter()
                .map(|face| face.score)
                .fold(0.0, f32::max)
        };
        let mut sum = 0.0;
        for side in DOUBT_SIDES {
            let scale = 2.0 * frame.width.max(frame.height) as f32 / side as f32;
            if !(scale > 0.0 && scale < 1e4) {
                return false;
            }
            let crop = Similarity::about(middle_of(&frame), scale, 0.0, side);
            let planes = Planes::square(&crop.crop(picture, side), side);
            sum += surest(&planes);
            sum += surest(&planes.mirrored());
        }
        sum / (2 * DOUBT_SIDES.len()) as f32 >= LEAST_DOUBTED_MEAN
    }

    /// What of a face is covered. A face that cannot be looked at counts as covered.
    pub(super) fn covering(&self, picture: &RgbImage, landmarks: &[(f32, f32); 5]) -> Covering {
        let unseen = Covering {
            mouth: f32::INFINITY,
            eyes: f32::INFINITY,
        };
        let Some(planes) = covering::crop(picture, landmarks) else {
            return unseen;
        };
        match self.inner(&planes) {
            Ok([mouth, eyes]) => {
                let told = Covering::of([&mouth, &eyes]);
                Covering {
                    eyes: told.eyes.max(covering::shadow(&planes)),
                    ..told
                }
            }
            Err(error) => {
                tracing::error!(error, "the face detector failed on a face");
                unseen
            }
        }
    }

    /// The inner values that [`Covering`] reads.
    fn inner(&self, planes: &Planes) -> Result<[Zeroizing<Vec<f32>>; 2], String> {
        let input =
            NdTensorView::from_data([1, 3, planes.height, planes.width], &planes.values[..]);
        let outputs = self
            .model
            .run(
                vec![(self.input, input.into())],
                &self.taps,
                None::<RunOptions>,
            )
            .map_err(|error| error.to_string())?;
        let of = |index: usize, stride: usize| {
            numbers(
                outputs.get(index).ok_or("an inner value is missing")?,
                64 * (planes.width / stride) * (planes.height / stride),
            )
        };
        Ok([of(0, 8)?, of(1, 4)?])
    }

    fn faces(&self, planes: &Planes, scale: f32, corner: (f32, f32)) -> Vec<Candidate> {
        match self.seen(planes, LEAST_SCORE) {
            Ok(candidates) => suppressed(candidates)
                .into_iter()
                .map(|face| face.scaled(scale).moved(corner))
                .collect(),
            Err(error) => {
                tracing::error!(error, "the face detector failed on a picture");
                Vec::new()
            }
        }
    }

    /// The landmarks of a face that was found, from up to three closer looks at it, each turned by the roll that the one before
    /// saw; as they were, where a closer look shows no face.
    pub(super) fn upright_landmarks(
        &self,
        picture: &RgbImage,
        face: &FaceReading,
    ) -> [(f32, f32); 5] {
        let mut landmarks = face.landmarks.map(|(x, y)| (x as f32, y as f32));
        let centre = middle_of(&face.frame);
        let scale = face.frame.width.max(face.frame.height) as f32 * 2.0 / CLOSER_LOOK as f32;
        if !(scale > 0.0 && scale < 1e4) {
            return landmarks;
        }
        let mut roll = roll_of(&landmarks);
        for _look in 0..3 {
            let fit = Similarity::about(centre, scale, roll, CLOSER_LOOK);
            let seen = self.seen(
                &Planes::square(&fit.crop(picture, CLOSER_LOOK), CLOSER_LOOK),
                LEAST_SCORE,
            );
            let middle = CLOSER_LOOK as f32 / 2.0;
            let covers_middle = |face: &Candidate| {
                (face.left..face.left + face.width).contains(&middle)
                    && (face.top..face.top + face.height).contains(&middle)
            };
            let surest = suppressed(seen.unwrap_or_default())
                .into_iter()
                .find(covers_middle);
            let Some(closer) = surest else { break };
            landmarks = closer.landmarks.map(|(u, v)| fit.apply(u, v));
            let rest = roll_of(&closer.landmarks);
            roll += rest;
            if rest.abs() < UPRIGHT {
                break;
            }
        }
        landmarks
    }

    /// Everything above the least score, overlapping, in pixels of the planes.
    fn seen(&self, planes: &Planes, least: f32) -> Result<Vec<Candidate>, String> {
        let input =
            NdTensorView::from_data([1, 3, planes.height, planes.width], &planes.values[..]);
        let outputs = self
            .model
            .run(
                vec![(self.input, input.into())],
                &self.outputs,
                None::<RunOptions>,
            )
            .map_err(|error| error.to_string())?;
        let mut candidates = Vec::new();
        for (index, stride) in STRIDES.into_iter().enumerate() {
            let (columns, rows) = (planes.width / stride, planes.height / stride);
            let of = |kind: usize, width: usize| {
                numbers(&outputs[kind * 3 + index], columns * rows * width)
            };
            let (class, object, boxes, points) = (of(0, 1)?, of(1, 1)?, of(2, 4)?, of(3, 10)?);
            for cell in 0..columns * rows {
                let score = (class[cell].clamp(0.0, 1.0) * object[cell].clamp(0.0, 1.0)).sqrt();
                if score < least || score.is_nan() {
                    continue;
                }
                let (column, row, step) = (
                    (cell % columns) as f32,
                    (cell / columns) as f32,
                    stride as f32,
                );
                let b = &boxes[cell * 4..][..4];
                let (width, height) = (b[2].exp() * step, b[3].exp() * step);
                let p = &points[cell * 10..][..10];
                let candidate = Candidate {
                    left: (column + b[0]) * step - width / 2.0,
                    top: (row + b[1]) * step - height / 2.0,
                    width,
                    height,
                    landmarks: std::array::from_fn(|i| {
                        ((p[2 * i] + column) * step, (p[2 * i + 1] + row) * step)
                    }),
                    score,
                };
                if [candidate.left, candidate.top, width, height]
                    .iter()
                    .all(|v| v.is_finite())
                {
                    candidates.push(candidate);
                }
            }
        }
        Ok(candidates)
    }
}

fn middle_of(frame: &FaceBox) -> (f32, f32) {
    (
        frame.x as f32 + frame.width as f32 / 2.0,
        frame.y as f32 + frame.height as f32 / 2.0,
    )
}

/// The angle of the line between the eyes, in radians, clockwise.
fn roll_of(landmarks: &[(f32, f32); 5]) -> f32 {
    let [right_eye, left_eye, ..] = *landmarks;
    (left_eye.1 - right_eye.1).atan2(left_eye.0 - right_eye.0)
}

fn numbers(value: &Value, expected: usize) -> Result<Zeroizing<Vec<f32>>, String> {
    let Value::FloatTensor(tensor) = value else {
        return Err("an output is not of floats".to_owned());
    };
    let numbers = Zeroizing::new(tensor.to_vec());
    if numbers.len() == expected {
        Ok(numbers)
    } else {
        Err(format!("an output of {} numbers", numbers.len()))
    }
}

/// Non-maximum suppression: of boxes that overlap much the surest stays.
fn suppressed(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MOST_CANDIDATES);
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if kept
            .iter()
            .all(|other| other.overlap(&candidate) <= SAME_FACE_OVERLAP)
        {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: f32, side: f32, score: f32) -> Candidate {
        Candidate {
            left,
            top: 0.0,
            width: side,
            height: side,
            landmarks: [(0.0, 0.0); 5],
            score,
        }
    }

    #[test]
    fn of_overlapping_boxes_the_surest_stays() {
        let all = vec![
            square(0.0, 10.0, 0.7),
            square(2.0, 10.0, 0.9),
            square(30.0, 10.0, 0.8),
            square(8.5, 10.0, 0.65),
        ];
        let lefts: Vec<f32> = suppressed(all).iter().map(|c| c.left).collect();
        assert_eq!(lefts, [2.0, 30.0, 8.5]);
    }

    #[test]
    fn overlap_is_shared_area_over_union() {
        let cases = [(0.0, 1.0), (5.0, 1.0 / 3.0), (10.0, 0.0), (40.0, 0.0)];
        for (left, expected) in cases {
            let overlap = square(0.0, 10.0, 1.0).overlap(&square(left, 10.0, 1.0));
            assert!((overlap - expected).abs() < 1e-6, "{left}: {overlap}");
        }
        assert!(
            square(0.0, 0.0, 1.0)
                .overlap(&square(0.0, 0.0, 1.0))
                .is_finite()
        );
    }
}
