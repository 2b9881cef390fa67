use std::path::{Path, PathBuf};

use rten::Model;

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

/// Where the models lie, file by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceModels {
    /// YuNet, weights folded to fp32.
    pub detection: PathBuf,
    /// SFace, weights folded to fp32.
    pub recognition: PathBuf,
    /// A presentation-attack net, for evaluation only: its origin is not stated, so nothing that ships carries it. It takes a
    /// face with 2.7 times its box, 128 pixels square, blue green red, 0 to 255, and gives the probability of a live face first.
    pub presentation: Option<PathBuf>,
}

impl FaceModels {
    /// `face_detection.onnx` and `face_recognition.onnx` of a folder, as set-up lays them; no presentation-attack net.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            detection: folder.join("face_detection.onnx"),
            recognition: folder.join("face_recognition.onnx"),
            presentation: None,
        }
    }
}

pub(super) fn load_model(path: &Path) -> Result<Model, ModelError> {
    Model::load_file(path).map_err(|source| ModelError::Load {
        path: path.to_owned(),
        source: Box::new(source),
    })
}
