//! Where the face models are.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::config::Complaint;
use crate::{chain, provisions};

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

/// What to say of a folder whose models do not serve.
pub(crate) fn complaint(folder: &Path, error: &dyn Error) -> Complaint {
    provisions::complaint(
        "models.folder",
        format!("({}) does not serve: {}", folder.display(), chain(error)),
        "name the folder of the models, or make it: `python3 src/vision/models/fetch.py --into DIR`",
    )
}
