//! Where things stand: the workspace and what is built in it.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The workspace's folder: two above this package, as it was when this program was built, a moment ago.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds: what CARGO_TARGET_DIR names, else `target`.
pub(crate) fn target() -> PathBuf {
    under(
        &root(),
        env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
        "target",
    )
}

/// The folder of the face models: what SEKISHO_MODELS names, else `target/models`, where the tests look for them.
pub(crate) fn models() -> PathBuf {
    under(
        &root(),
        env::var_os("SEKISHO_MODELS").map(PathBuf::from),
        "target/models",
    )
}

/// `named` seen from `root`, or `usual` in it.
fn under(root: &Path, named: Option<PathBuf>, usual: &str) -> PathBuf {
    match named {
        Some(folder) if !folder.as_os_str().is_empty() => root.join(folder),
        _ => root.join(usual),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn a_named_folder_wins_and_an_empty_name_is_none() {
        let root = Path::new("/r");
        let table = [
            (None, "/r/target"),
            (Some(""), "/r/target"),
            (Some("t"), "/r/t"),
            (Some("/t"), "/t"),
        ];
        for (named, expected) in table {
            assert_eq!(
                under(root, named.map(PathBuf::from), "target"),
                Path::new(expected)
            );
        }
    }
}
