//! What each stage saw, as PNG files for an engineer to look at.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use vision::Luma;
use vision::inspect::{Onlooker, Reader};
use zeroize::Zeroizing;

/// Longer names than this are cut: the system takes 255 bytes, stage and number included.
const LONGEST_STEM: usize = 80;

/// Writes the pictures of one run into a folder that its owner alone may read: they show people and their documents.
pub(super) struct Trace {
    folder: PathBuf,
    /// How each file of the picture in hand begins: `0001-page`, `0002-video-f00017`.
    prefix: String,
    /// How many pictures each reader has shown.
    shown: [u32; Reader::ALL.len()],
    /// Why one could not be written; told with the picture's line.
    trouble: Option<String>,
}

impl Trace {
    pub(super) fn into_folder(folder: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("--trace: cannot make {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            prefix: String::new(),
            shown: [0; Reader::ALL.len()],
            trouble: None,
        })
    }

    /// The next picture: its number in the run, from 1, its path, and its frame in a video.
    pub(super) fn begin(&mut self, number: usize, path: &Path, frame: Option<u64>) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let stem: String = plain(&stem).chars().take(LONGEST_STEM).collect();
        let frame = frame.map_or_else(String::new, |frame| format!("-f{frame:05}"));
        self.prefix = format!("{number:04}-{stem}{frame}");
        self.shown = [0; Reader::ALL.len()];
    }

    /// What could not be written since the last time.
    pub(super) fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    fn write(&self, path: &Path, picture: Luma<'_>) -> io::Result<()> {
        let pixels: Zeroizing<Vec<u8>> = Zeroizing::new(
            (0..picture.height)
                .flat_map(|y| picture.row(y))
                .copied()
                .collect(),
        );
        let (Ok(width), Ok(height)) = (u32::try_from(picture.width), u32::try_from(picture.height))
        else {
            return Ok(());
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        PngEncoder::new_with_quality(BufWriter::new(file), CompressionType::Fast, FilterType::Sub)
            .write_image(&pixels, width, height, ExtendedColorType::L8)
            .map_err(io::Error::other)
    }
}

impl Onlooker for Trace {
    fn sees(&mut self, reader: Reader, stage: &'static str, picture: Luma<'_>) {
        if picture.is_empty() {
            return;
        }
        let shown = &mut self.shown[reader as usize];
        *shown += 1;
        let name = reader.name();
        // Readers may or may not begin their stages' names with their own.
        let stage = plain(stage);
        let stage = stage.strip_prefix(name).unwrap_or(&stage);
        let stage = stage.trim_start_matches('-');
        let dash = if stage.is_empty() { "" } else { "-" };
        let file = format!("{}-{name}-{shown:02}{dash}{stage}.png", self.prefix);
        let path = self.folder.join(file);
        if let Err(error) = self.write(&path, picture) {
            self.trouble
                .get_or_insert_with(|| format!("{}: cannot be written ({error})", path.display()));
        }
    }
}

/// Letters, digits, dots and underscores; everything else, folders' slashes included, as a dash.
fn plain(name: &str) -> String {
    let kept = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
    name.chars()
        .map(|letter| if kept(letter) { letter } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn files_are_numbered_by_reader_named_by_stage_and_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("a/trace");
        let mut trace = Trace::into_folder(&into).unwrap();
        let bytes = [10, 20, 99, 30, 40, 99];
        let picture = Luma::new(2, 2, 3, &bytes).unwrap();
        trace.begin(1, Path::new("x/page one.png"), None);
        trace.sees(Reader::Qr, "qr", picture);
        trace.sees(Reader::Qr, "qr: sharpened", picture);
        trace.sees(Reader::Mrz, "strokes/1280", picture);
        trace.begin(12, Path::new("../walk.y4m"), Some(7));
        trace.sees(Reader::Face, "found", picture);
        let mut names: Vec<_> = into
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        names.sort_unstable_by_key(fs::DirEntry::file_name);
        for entry in &names {
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        let names: Vec<_> = names
            .iter()
            .map(|e| e.file_name().into_string().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "0001-page-one-mrz-01-strokes-1280.png",
                "0001-page-one-qr-01.png",
                "0001-page-one-qr-02-sharpened.png",
                "0012-walk-f00007-face-01-found.png"
            ]
        );
        assert_eq!(
            fs::metadata(&into).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let read = image::open(into.join("0001-page-one-qr-01.png")).unwrap();
        assert_eq!(read.to_luma8().into_raw(), [10, 20, 30, 40]);
        assert_eq!(trace.trouble(), None);
        fs::remove_dir_all(&into).unwrap();
        trace.sees(Reader::Face, "found", picture);
        assert!(
            trace
                .trouble()
                .unwrap()
                .contains("0012-walk-f00007-face-02-found.png")
        );
    }
}
