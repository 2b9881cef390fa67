//! YuNet: a fully convolutional detector. Each cell of three grids (8, 16 and 32 pixels) says whether a face is
//! centred there, and its box and landmarks relative to the cell.

use std::path::Path;

use image::RgbImage;
use rten::{Model, NodeId, RunOptions, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;
use zeroize::Zeroizing;

use super::align::Similarity;
use super::{FaceBox, FaceReading, ModelError};

/// Longest side given to the net. At 640 a face of 10 to 300 pixels is found: an adult from 0.4 to 3 metres off a kiosk camera.
const LONGEST_SIDE: u32 = 640;
/// A face that fills the picture is too large for the net at 640; it is looked for again at this size.
const CLOSE_UP_SIDE: u32 = 224;
/// Side of the crop for a closer look, twice the face: large enough that landmarks follow the head's roll.
const CLOSER_LOOK: usize = 320;
/// A roll of 4 degrees, in radians: nearer than this SFace does not care.
const UPRIGHT: f32 = 0.07;
/// The net halves the picture five times.
const MULTIPLE_OF: usize = 32;
/// Grid cells, in pixels.
const STRIDES: [usize; 3] = [8, 16, 32];
/// OpenCV's samples use 0.6 to 0.9; a cat's face scores 0.43, portraits above 0.8.
const LEAST_SCORE: f32 = 0.6;
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
}

pub(super) struct Detector {
    model: Model,
    input: NodeId,
    /// cls, obj, bbox, kps; each for the three strides.
    outputs: [NodeId; 12],
}

impl Detector {
    pub(super) fn load(path: &Path) -> Result<Self, ModelError> {
        let model = super::embedding::load_model(path)?;
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
        let detector = Self {
            model,
            input,
            outputs,
        };
        detector
            .seen(&Planes::of(&RgbImage::new(64, 64), 1.0))
            .map_err(unsuitable)?;
        Ok(detector)
    }

    /// The faces in the picture, surest first.
    pub(super) fn find(&self, picture: &RgbImage) -> Vec<Candidate> {
        let sides = [LONGEST_SIDE, CLOSE_UP_SIDE];
        for side in sides {
            let found = self.find_at(picture, side);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    fn find_at(&self, picture: &RgbImage, side: u32) -> Vec<Candidate> {
        let (width, height) = picture.dimensions();
        let longest = width.max(height);
        if width.min(height) < 16 {
            return Vec::new();
        }
        let scale = f64::from(longest.max(side)) / f64::from(side);
        let seen = self.seen(&Planes::of(picture, scale));
        match seen {
            Ok(candidates) => suppressed(candidates)
                .into_iter()
                .map(|face| face.scaled(scale as f32))
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
        let FaceBox {
            x,
            y,
            width,
            height,
        } = face.frame;
        let centre = (
            x as f32 + width as f32 / 2.0,
            y as f32 + height as f32 / 2.0,
        );
        let scale = width.max(height) as f32 * 2.0 / CLOSER_LOOK as f32;
        if !(scale > 0.0 && scale < 1e4) {
            return landmarks;
        }
        let mut roll = roll_of(&landmarks);
        for _look in 0..3 {
            let fit = Similarity::about(centre, scale, roll, CLOSER_LOOK);
            let seen = self.seen(&Planes::square(
                &fit.crop(picture, CLOSER_LOOK),
                CLOSER_LOOK,
            ));
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
    fn seen(&self, planes: &Planes) -> Result<Vec<Candidate>, String> {
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
                if score < LEAST_SCORE || score.is_nan() {
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

/// The net's input: blue, green and red planes of values 0 to 255, padded with black at the right and below to a size that
/// the net can halve (as OpenCV does).
struct Planes {
    width: usize,
    height: usize,
    values: Zeroizing<Vec<f32>>,
}

impl Planes {
    /// A square crop, whose side the net can halve, as it is.
    fn square(crop: &[[f32; 3]], side: usize) -> Self {
        let mut values = Zeroizing::new(vec![0f32; 3 * crop.len()]);
        for (at, &[red, green, blue]) in crop.iter().enumerate() {
            for (plane, value) in [blue, green, red].into_iter().enumerate() {
                values[plane * crop.len() + at] = value;
            }
        }
        Self {
            width: side,
            height: side,
            values,
        }
    }

    /// The picture made `scale` times smaller; each value is the mean of the pixels it covers.
    fn of(picture: &RgbImage, scale: f64) -> Self {
        let (from_width, from_height) = (picture.width() as usize, picture.height() as usize);
        let fit =
            |length: usize| ((length as f64 / scale).round() as usize).clamp(1, length.max(1));
        let (to_width, to_height) = (fit(from_width), fit(from_height));
        let (width, height) = (
            to_width.next_multiple_of(MULTIPLE_OF),
            to_height.next_multiple_of(MULTIPLE_OF),
        );
        let mut values = Zeroizing::new(vec![0f32; 3 * width * height]);
        let area = width * height;
        let mut row = Zeroizing::new(vec![0u32; 3 * from_width]);
        for y in 0..to_height {
            let (top, bottom) = (
                y * from_height / to_height,
                (y + 1) * from_height / to_height,
            );
            row.fill(0);
            for line in picture.as_raw()[3 * from_width * top..3 * from_width * bottom]
                .chunks_exact(3 * from_width)
            {
                for (sum, &value) in row.iter_mut().zip(line) {
                    *sum += u32::from(value);
                }
            }
            for x in 0..to_width {
                let (left, right) = (x * from_width / to_width, (x + 1) * from_width / to_width);
                let (mut red, mut green, mut blue) = (0, 0, 0);
                for pixel in row[3 * left..3 * right].chunks_exact(3) {
                    (red, green, blue) = (red + pixel[0], green + pixel[1], blue + pixel[2]);
                }
                let part = 1.0 / ((right - left) * (bottom - top)) as f32;
                for (plane, sum) in [blue, green, red].into_iter().enumerate() {
                    values[plane * area + y * width + x] = sum as f32 * part;
                }
            }
        }
        Self {
            width,
            height,
            values,
        }
    }
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
