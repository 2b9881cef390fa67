//! Faces before the kiosk or on a document's photo page: found, judged, and turned into numbers that can be compared.
//!
//! Finding is YuNet (Wu et al., *Machine Intelligence Research* 20, 2023), comparing is SFace (Zhong et al., *IEEE TIP*
//! 30, 2021), both as published in OpenCV Zoo; `models/fetch.py` makes the files. A comparison says how alike two
//! pictures are; whether that is enough, and whether the face is alive, is decided elsewhere.

mod align;
mod detection;
mod embedding;
mod quality;

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::witness::Witness;
use detection::Detector;
use embedding::Embedder;

pub use embedding::{Embedding, OPENCV_THRESHOLD, STRICT_THRESHOLD};
pub use quality::{ADVISE_BELOW, Advice, FaceQuality};

/// A model file that does not serve. The set-up makes them: `python3 src/vision/models/fetch.py --into DIR`.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file is missing, cannot be read, or is no ONNX model.
    #[error("cannot load the model {}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the inference library says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model, but not the one that the name promises.
    #[error("the model {} has other inputs or outputs than expected: {found}", path.display())]
    Unsuitable {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
}

/// A rectangle in pixels of the picture. It may reach beyond the picture's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceBox {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// One face that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceReading {
    /// From forehead to chin.
    pub frame: FaceBox,
    /// The eye at the left of the picture (the person's right eye), the other eye, the tip of the nose, the corner of the
    /// mouth at the left of the picture, the other corner; in pixels of the picture.
    pub landmarks: [(i32, i32); 5],
    /// YuNet's own confidence that this is a face, in per mille.
    pub confidence: u16,
    /// How well the picture of this face serves for a comparison, and what to change.
    pub quality: FaceQuality,
}

/// Finds and compares faces. It holds models only; pixels and tensors of a call are wiped when it returns (the inference
/// library's own intermediate buffers are freed, but not wiped).
pub struct FaceReader {
    detector: Detector,
    embedder: Embedder,
}

impl FaceReader {
    /// A reader with `face_detection.onnx` and `face_recognition.onnx` of the folder `models`.
    ///
    /// Both are run once on a blank picture, so that a wrong file is noticed at start-up and not at the first traveller.
    pub fn load(models: &Path) -> Result<Self, ModelError> {
        Ok(Self {
            detector: Detector::load(&models.join("face_detection.onnx"))?,
            embedder: Embedder::load(&models.join("face_recognition.onnx"))?,
        })
    }

    /// The faces in the picture, the nearest (largest) first.
    pub fn find(&mut self, picture: &RgbImage) -> Vec<FaceReading> {
        let mut faces: Vec<_> = self
            .detector
            .find(picture)
            .into_iter()
            .map(|face| FaceReading {
                frame: face.frame(),
                landmarks: face
                    .landmarks
                    .map(|(x, y)| (x.round() as i32, y.round() as i32)),
                confidence: (face.score * 1000.0).round() as u16,
                quality: quality::judge(picture, &face),
            })
            .collect();
        faces.sort_by_key(|face| {
            std::cmp::Reverse(i64::from(face.frame.width) * i64::from(face.frame.height))
        });
        faces
    }

    /// [`FaceReader::find`] with somebody looking on.
    pub fn find_before(
        &mut self,
        picture: &RgbImage,
        witness: &mut dyn Witness,
    ) -> Vec<FaceReading> {
        witness.enters("face");
        self.find(picture)
    }

    /// The numbers by which `face`, found in this same `picture`, is compared with another.
    ///
    /// The face is looked at once more, larger and turned upright: YuNet's landmarks of a small face follow no more than a
    /// fifth of a head's roll, and SFace then takes the same person for another (likeness 350 at 30 degrees, 970 upright).
    pub fn embed(&mut self, picture: &RgbImage, face: &FaceReading) -> Embedding {
        let landmarks = self.detector.upright_landmarks(picture, face);
        self.embedder.embed(picture, &landmarks)
    }
}

#[cfg(test)]
mod tests;
