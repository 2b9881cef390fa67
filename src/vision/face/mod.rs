//! Faces before the kiosk or on a document's photo page: found, judged, and turned into numbers that can be compared.
//!
//! Finding is YuNet (Wu et al., *Machine Intelligence Research* 20, 2023), comparing is SFace (Zhong et al., *IEEE TIP*
//! 30, 2021), both as published in OpenCV Zoo; `models/fetch.py` makes the files. A comparison says how alike two
//! pictures are; whether that is enough, and whether the face is alive, is decided elsewhere.

mod align;
mod best;
mod covering;
mod detection;
mod embedding;
mod models;
mod nearest;
mod planes;
mod portrait;
mod presentation;
mod quality;

use std::path::Path;

use image::RgbImage;

use crate::witness::{Nobody, Witness};
use detection::Detector;
use embedding::Embedder;
use presentation::LivenessNet;

pub use best::{BestShot, Shot};
pub use embedding::{Embedding, OPENCV_THRESHOLD, STRICT_THRESHOLD};
pub use models::{FaceModels, ModelError};
pub use nearest::{Nearest, nearest};
pub use portrait::{PORTRAIT_HEIGHT, PORTRAIT_WIDTH, Portrait, portrait};
pub use presentation::{AttackSign, Presentation, PresentationCheck};
pub use quality::{ADVISE_BELOW, Advice, Component, FaceQuality, Measure, measure};

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
    liveness: Option<LivenessNet>,
}

impl FaceReader {
    /// A reader with `face_detection.onnx` and `face_recognition.onnx` of the folder `models`.
    ///
    /// Both are run once on a blank picture, so that a wrong file is noticed at start-up and not at the first traveller.
    pub fn load(models: &Path) -> Result<Self, ModelError> {
        Self::load_from(&FaceModels::in_folder(models))
    }

    /// A reader with each model from its own file; see [`FaceReader::load`].
    pub fn load_from(models: &FaceModels) -> Result<Self, ModelError> {
        Ok(Self {
            detector: Detector::load(&models.detection)?,
            embedder: Embedder::load(&models.recognition)?,
            liveness: models
                .presentation
                .as_deref()
                .map(LivenessNet::load)
                .transpose()?,
        })
    }

    /// The faces in the picture, the nearest (largest) first.
    pub fn find(&mut self, picture: &RgbImage) -> Vec<FaceReading> {
        self.find_before(picture, &mut Nobody)
    }

    /// [`FaceReader::find`] with somebody looking on. Stages: `face resize` and `face detect` (its picture is what the detector
    /// sees), twice when the first look finds nothing, then `face quality`.
    pub fn find_before(
        &mut self,
        picture: &RgbImage,
        witness: &mut dyn Witness,
    ) -> Vec<FaceReading> {
        let mut faces = self.detector.find(picture, witness);
        faces.sort_by(|a, b| (b.width * b.height).total_cmp(&(a.width * a.height)));
        witness.enters("face quality");
        faces
            .iter()
            .map(|face| self.reading(picture, face))
            .collect()
    }

    /// The face of the frame before, looked for where it was: the same reading as from [`FaceReader::find`] in about a third of
    /// its time. It sees nobody else, so that every tenth frame or so wants a whole look; and it takes one by itself where the
    /// face is not plainly there.
    pub fn follow(&mut self, picture: &RgbImage, last: &FaceReading) -> Vec<FaceReading> {
        match self.detector.follow(picture, &last.frame) {
            Some(face) => vec![self.reading(picture, &face)],
            None => self.find(picture),
        }
    }

    /// Shows one more frame of a burst, and the face in it, to the presentation-attack check.
    pub fn study(&mut self, picture: &RgbImage, face: &FaceReading, check: &mut PresentationCheck) {
        let live = self
            .liveness
            .as_ref()
            .and_then(|net| net.live(picture, &face.frame));
        check.see(picture, face, live);
    }

    fn reading(&self, picture: &RgbImage, face: &detection::Candidate) -> FaceReading {
        FaceReading {
            frame: face.frame(),
            landmarks: face
                .landmarks
                .map(|(x, y)| (x.round() as i32, y.round() as i32)),
            confidence: (face.score * 1000.0).round() as u16,
            quality: quality::judge(picture, face, || {
                self.detector.covering(picture, &face.landmarks)
            }),
        }
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
