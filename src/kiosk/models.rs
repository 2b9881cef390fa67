//! Where the face models are.

use std::error::Error;
use std::path::{Path, PathBuf};

use vision::face::FaceModels;

use crate::config::Complaint;
use crate::{Config, chain, provisions};

/// The folder of an installed lane.
pub const INSTALLED: &str = "/usr/share/sekisho/models";

/// The folder of the face models: the one that is named, else `$SEKISHO_MODELS`, else `target/models` above the program or
/// above the working folder, else [`INSTALLED`].
#[must_use]
pub fn folder(named: Option<&Path>) -> PathBuf {
    let said = named
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("SEKISHO_MODELS").map(PathBuf::from));
    said.unwrap_or_else(|| {
        let starts = [std::env::current_exe(), std::env::current_dir()];
        starts
            .iter()
            .flatten()
            .flat_map(|start| start.ancestors())
            .map(|above| above.join("target/models"))
            .find(|folder| folder.join("face_detection.onnx").is_file())
            .unwrap_or_else(|| PathBuf::from(INSTALLED))
    })
}

/// The lane's face models, file by file.
pub(crate) fn of(config: &Config) -> FaceModels {
    FaceModels {
        presentation: config.presentation.clone(),
        ..FaceModels::in_folder(&folder(config.models.as_deref()))
    }
}

/// What to say of models of the lane's that do not serve.
pub(crate) fn complaint_of(config: &Config, error: &dyn Error) -> Complaint {
    let text = chain(error);
    match &config.presentation {
        Some(net) if text.contains(&*net.to_string_lossy()) => provisions::complaint(
            "models.presentation",
            format!("does not serve: {text}"),
            "name another net, or leave the key out: it serves evaluation only",
        ),
        _ => complaint(&folder(config.models.as_deref()), error),
    }
}

/// What to say of a folder whose models do not serve.
pub(crate) fn complaint(folder: &Path, error: &dyn Error) -> Complaint {
    provisions::complaint(
        "models.folder",
        format!("({}) does not serve: {}", folder.display(), chain(error)),
        "name the folder of the models, or make it: `python3 src/vision/models/fetch.py --into DIR`",
    )
}
