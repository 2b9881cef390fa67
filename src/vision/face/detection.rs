//! YuNet: a fully convolutional detector. Each cell of three grids (8, 16 and 32 pixels) says whether a face is
//! centred there, and its box and landmarks relative to the cell.

use std::path::Path;

use image::RgbImage;
use image::imageops::thumbnail;
use rten::{Model, NodeId, RunOptions, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;
use zeroize::{Zeroize, Zeroizing};

use super::{FaceBox, ModelError};

/// Longest side given to the net. At 640 a face of 10 to 300 pixels is found: an adult from 0.4 to 3 metres off a kiosk camera.
const LONGEST_SIDE: u32 = 640;
/// A face that fills the picture is too large for the net at 640; it is looked for again at this size.
const CLOSE_UP_SIDE: u32 = 224;
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
        detector.seen(&RgbImage::new(64, 64)).map_err(unsuitable)?;
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
        let seen = if longest <= side {
            self.seen(picture)
        } else {
            let fit = |length: u32| {
                (u64::from(length) * u64::from(side) / u64::from(longest)).max(1) as u32
            };
            let mut small = thumbnail(picture, fit(width), fit(height));
            let seen = self.seen(&small);
            small.as_flat_samples_mut().samples.zeroize();
            seen
        };
        let scale = longest as f32 / longest.min(side) as f32;
        match seen {
            Ok(candidates) => suppressed(candidates)
                .into_iter()
                .map(|face| face.scaled(scale))
                .collect(),
            Err(error) => {
                tracing::error!(error, "the face detector failed on a picture");
                Vec::new()
            }
        }
    }

    /// Everything above the least score, overlapping, in pixels of `picture`.
    fn seen(&self, picture: &RgbImage) -> Result<Vec<Candidate>, String> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (padded_width, padded_height) = (
            width.next_multiple_of(MULTIPLE_OF),
            height.next_multiple_of(MULTIPLE_OF),
        );
        // Planes in the order blue, green, red, values 0 to 255, padded with black at the right and below (as OpenCV does).
        let area = padded_width * padded_height;
        let mut planes = Zeroizing::new(vec![0f32; 3 * area]);
        for (y, row) in picture.rows().enumerate() {
            for (x, pixel) in row.enumerate() {
                let at = y * padded_width + x;
                planes[at] = f32::from(pixel.0[2]);
                planes[area + at] = f32::from(pixel.0[1]);
                planes[2 * area + at] = f32::from(pixel.0[0]);
            }
        }
        let input = NdTensorView::from_data([1, 3, padded_height, padded_width], &planes[..]);
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
            let (columns, rows) = (padded_width / stride, padded_height / stride);
            let of = |kind: usize, width: usize| {
                numbers(&outputs[kind * 3 + index], columns * rows * width)
            };
            let (class, object, boxes, points) = (of(0, 1)?, of(1, 1)?, of(2, 4)?, of(3, 10)?);
            for cell in 0..columns * rows {
                let score = (class[cell].clamp(0.0, 1.0) * object[cell].clamp(0.0, 1.0)).sqrt();
                // A NaN is no face either.
                if !(score >= LEAST_SCORE) {
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
        assert_eq!(lefts, [2.0, 30.0, 8.5].map(|l| l));
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
