//! Where tests find the models and sample pictures.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

/// What `models/fetch.py` makes: in SEKISHO_MODELS, or in `target/models` of the workspace.
pub(crate) fn models() -> PathBuf {
    let folder = std::env::var_os("SEKISHO_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
        PathBuf::from,
    );
    let pictures = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];
    for file in ["face_detection.onnx", "face_recognition.onnx"]
        .into_iter()
        .chain(pictures)
    {
        assert!(
            folder.join(file).is_file(),
            "{file} is not in {}: run `cargo xtask test`, which fetches the models and sample pictures first",
            folder.display()
        );
    }
    folder
}
