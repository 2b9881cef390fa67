//! What paths name: files as they are, folders with everything below them.

use std::io;
use std::path::{Path, PathBuf};

/// Endings that are pictures or videos in a folder. A file that is named itself is opened whatever it is called.
const ENDINGS: [&str; 13] = [
    "png", "jpg", "jpeg", "y4m", "mjpeg", "mjpg", "avi", "mp4", "m4v", "mov", "mkv", "webm", "gif",
];

/// Endings of pictures that are not read here. In a folder they are told, or somebody would think that nothing was seen in them.
const FOREIGN: [&str; 9] = [
    "heic", "heif", "avif", "webp", "tif", "tiff", "bmp", "jp2", "pdf",
];

/// A file to be inspected, or what kept it from being found.
pub(super) type Found = Result<PathBuf, (PathBuf, String)>;

/// The path itself, or the pictures and videos of a folder and of those in it, in the order of their names.
pub(super) fn listed(path: &Path) -> Vec<Found> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    let mut found = Vec::new();
    below(path, &mut found);
    if found.is_empty() {
        found.push(Err((
            path.to_owned(),
            format!("holds no .{}; name a folder that does", ENDINGS.join(", .")),
        )));
    }
    found
}

fn below(folder: &Path, found: &mut Vec<Found>) {
    let entries = folder
        .read_dir()
        .and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            let trouble = format!("cannot be listed ({error}); check the folder's rights");
            found.push(Err((folder.to_owned(), trouble)));
            return;
        }
    };
    entries.sort_unstable_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder is not followed: it may lead back up.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&path, found);
        } else if ends_in(&path, &ENDINGS) && !path.is_dir() {
            found.push(Ok(path));
        } else if ends_in(&path, &FOREIGN) && !path.is_dir() {
            let trouble = "is passed over; make it a PNG or a JPEG".to_owned();
            found.push(Err((path, trouble)));
        }
    }
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    endings.iter().any(|known| ending == *known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_gone_through_in_the_order_of_names_and_links_to_folders_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/deep/empty")).unwrap();
        for name in [
            "c.PNG",
            "a.jpeg",
            "b/2.y4m",
            "b/10.mp4",
            "b/deep/x.jpg",
            "b/notes.txt",
            "e.HEIC",
        ] {
            fs::write(at(name), "").unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), at("b/loop.png")).unwrap();
        std::os::unix::fs::symlink(at("a.jpeg"), at("d.jpg")).unwrap();
        let mut all = listed(folder.path());
        let (path, trouble) = all.pop().unwrap().unwrap_err();
        assert_eq!(path, at("e.HEIC"));
        assert!(trouble.contains("make it a PNG"), "{trouble}");
        let found: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        let expected = [
            "a.jpeg",
            "b/10.mp4",
            "b/2.y4m",
            "b/deep/x.jpg",
            "c.PNG",
            "d.jpg",
        ]
        .map(at);
        assert_eq!(found, expected);
        let (path, trouble) = listed(&at("b/deep/empty")).remove(0).unwrap_err();
        assert_eq!(path, at("b/deep/empty"));
        assert!(trouble.contains("name a folder that does"), "{trouble}");
        assert_eq!(listed(&at("nowhere.png")), [Ok(at("nowhere.png"))]);
    }
}
