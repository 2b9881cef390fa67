//! SFace: an aligned face as a direction in 128 dimensions, near for pictures of one person.

use std::fmt;
use std::path::Path;

use evidence::Likeness;
use image::RgbImage;
use rten::{Model, NodeId, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::align::{SIDE, Similarity};
use super::models::{ModelError, load_model};

/// Numbers in an embedding.
const DIMENSIONS: usize = 128;

/// The likeness, in per mille, above which OpenCV calls two faces the same (cosine 0.363, `FaceRecognizerSF` documentation,
/// chosen on LFW). Measured on 26,691 pairs of different people it lets 0.4 % through: too many for a gate.
pub const OPENCV_THRESHOLD: u16 = 363;

/// The likeness, in per mille, that about one pair of strangers in ten thousand reaches (same 26,691 pairs): the sort of rate
/// that Frontex's guidelines ask of an automated border gate (false accepts of 0.1 % or fewer) with room to spare.
pub const STRICT_THRESHOLD: u16 = 460;

/// A face as numbers: a biometric template, and personal like the picture it came from. Wiped on drop, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Embedding(Box<[f32; DIMENSIONS]>);

impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Embedding(hidden)")
    }
}

impl Embedding {
    /// An embedding of length one; of no direction at all when the numbers are not finite or all zero.
    fn normalised(numbers: &[f32]) -> Self {
        let length = numbers.iter().map(|n| n * n).sum::<f32>().sqrt();
        let mut unit = Box::new([0f32; DIMENSIONS]);
        if numbers.len() == DIMENSIONS && length.is_finite() && length > f32::EPSILON {
            for (out, number) in unit.iter_mut().zip(numbers) {
                *out = number / length;
            }
        }
        Self(unit)
    }

    /// How alike two faces are: the cosine between them in per mille, rounded, and nothing for a cosine below zero
    /// (strangers scatter about zero; how far below says nothing). 1000 is the same picture. See [`OPENCV_THRESHOLD`]
    /// and [`STRICT_THRESHOLD`] for what the numbers mean. An embedding that could not be computed is like nobody.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Likeness {
        let cosine: f32 = self.0.iter().zip(other.0.iter()).map(|(a, b)| a * b).sum();
        // The product of two unit vectors can exceed one by a rounding error.
        let per_mille = (cosine * 1000.0).round().clamp(0.0, 1000.0) as u16;
        #[expect(clippy::expect_used, reason = "clamped to 1000 in the line above")]
        Likeness::new(per_mille).expect("at most 1000")
    }
}

pub(super) struct Embedder {
    model: Model,
    input: NodeId,
    output: NodeId,
}

impl Embedder {
    pub(super) fn load(path: &Path) -> Result<Self, ModelError> {
        let model = load_model(path)?;
        let unsuitable = |found: String| ModelError::Unsuitable {
            path: path.to_owned(),
            found,
        };
        let node = |name: &str| {
            model
                .node_id(name)
                .map_err(|_| unsuitable(format!("no node {name}")))
        };
        let (input, output) = (node("data")?, node("fc1")?);
        let embedder = Self {
            model,
            input,
            output,
        };
        embedder.run(&[[0.0; 3]; SIDE * SIDE]).map_err(unsuitable)?;
        Ok(embedder)
    }

    pub(super) fn embed(&self, picture: &RgbImage, landmarks: &[(f32, f32); 5]) -> Embedding {
        let Some(fit) = Similarity::to_landmarks(landmarks) else {
            return Embedding::normalised(&[]);
        };
        match self.run(&fit.crop(picture, SIDE)) {
            Ok(numbers) => Embedding::normalised(&numbers),
            Err(error) => {
                tracing::error!(error, "the face embedder failed on a picture");
                Embedding::normalised(&[])
            }
        }
    }

    fn run(&self, crop: &[[f32; 3]]) -> Result<Zeroizing<Vec<f32>>, String> {
        // Planes in the order red, green, blue, values 0 to 255; the net itself shifts and scales.
        let mut planes = Zeroizing::new(vec![0f32; 3 * crop.len()]);
        for (at, colour) in crop.iter().enumerate() {
            for (channel, &value) in colour.iter().enumerate() {
                planes[channel * crop.len() + at] = value;
            }
        }
        let input = NdTensorView::from_data([1, 3, SIDE, SIDE], &planes[..]);
        let outputs = self
            .model
            .run(vec![(self.input, input.into())], &[self.output], None)
            .map_err(|e| e.to_string())?;
        match outputs.first() {
            Some(Value::FloatTensor(tensor)) if tensor.len() == DIMENSIONS => {
                Ok(Zeroizing::new(tensor.to_vec()))
            }
            _ => Err("the output is not of 128 numbers".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(at: usize, sign: f32) -> Embedding {
        let mut numbers = [0.0; DIMENSIONS];
        numbers[at] = sign * 3.5;
        Embedding::normalised(&numbers)
    }

    #[test]
    fn likeness_is_the_cosine_in_per_mille() {
        let mut diagonal = [0.0; DIMENSIONS];
        (diagonal[0], diagonal[1]) = (2.0, 2.0);
        let diagonal = Embedding::normalised(&diagonal);
        let table = [
            (axis(0, 1.0), axis(0, 1.0), 1000),
            (axis(0, 1.0), axis(0, -1.0), 0),
            (axis(0, 1.0), axis(1, 1.0), 0),
            (axis(0, 1.0), diagonal.clone(), 707),
            (diagonal.clone(), diagonal, 1000),
        ];
        for (a, b, expected) in table {
            assert_eq!(a.likeness(&b).per_mille(), expected);
            assert_eq!(b.likeness(&a).per_mille(), expected);
        }
    }

    #[test]
    fn what_could_not_be_computed_is_like_nobody() {
        let mut infinite = [1.0; DIMENSIONS];
        infinite[3] = f32::INFINITY;
        for nothing in [
            &[][..],
            &[0.0; DIMENSIONS],
            &[f32::NAN; DIMENSIONS],
            &infinite,
        ] {
            let nothing = Embedding::normalised(nothing);
            assert_eq!(nothing.likeness(&nothing).per_mille(), 0);
            assert_eq!(nothing.likeness(&axis(0, 1.0)).per_mille(), 0);
        }
    }

    #[test]
    fn an_embedding_does_not_print() {
        assert_eq!(format!("{:?}", axis(0, 1.0)), "Embedding(hidden)");
    }
}
