//! `kiosk inspect`: what the readers see in pictures, one JSON line each. It says what documents hold, to whoever asked: the
//! lines go to standard output and nowhere else.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use image::{DynamicImage, ImageError, ImageReader};
use vision::inspect::{Readers, inspect};

use crate::{chain, models};

/// Inspects these pictures, and every picture of these folders in the order of their names. What cannot be read is told on
/// `troubles`, and the others are inspected all the same; true when everything could be read.
///
/// # Errors
/// When the models do not serve, or nobody reads what is written.
pub fn pictures(
    paths: &[PathBuf],
    folder: Option<&Path>,
    out: &mut impl Write,
    troubles: &mut impl Write,
) -> anyhow::Result<bool> {
    vision::qr::hush_isolated_panics();
    let folder = models::folder(folder);
    let mut readers = Readers::load(&folder)
        .map_err(|error| anyhow::anyhow!("--models: {}", models::complaint(&folder, &error)))?;
    let mut all_read = true;
    for path in paths {
        let pictures = match listed(path) {
            Ok(pictures) => pictures,
            Err(trouble) => {
                writeln!(troubles, "{}: {trouble}", path.display())?;
                all_read = false;
                continue;
            }
        };
        for path in pictures {
            let name = path.display().to_string();
            match open(&path) {
                Ok(picture) => {
                    let inspection = inspect(&mut readers, &name, &picture, Instant::now);
                    serde_json::to_writer(&mut *out, &inspection)
                        .map_err(io::Error::from)
                        .and_then(|()| writeln!(out))
                        .context("standard output takes nothing")?;
                }
                Err(trouble) => {
                    writeln!(troubles, "{name}: {trouble}")?;
                    all_read = false;
                }
            }
        }
    }
    Ok(all_read)
}

/// The pictures of a folder, or the path itself.
fn listed(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = path
        .read_dir()
        .map_err(|error| format!("cannot be listed ({error}); check the folder's rights"))?;
    let mut pictures: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let kind = path.extension().unwrap_or_default().to_ascii_lowercase();
            ["png", "jpg", "jpeg"].iter().any(|known| kind == *known)
        })
        .collect();
    pictures.sort_unstable();
    if pictures.is_empty() {
        return Err("holds no .png, .jpg or .jpeg; name a folder that does".to_owned());
    }
    Ok(pictures)
}

fn open(path: &Path) -> Result<DynamicImage, String> {
    let decoded = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(ImageError::IoError)
        .and_then(ImageReader::decode);
    decoded.map_err(|error| match &error {
        ImageError::IoError(io) if io.kind() == io::ErrorKind::NotFound => {
            "is not there; check the path".to_owned()
        }
        ImageError::IoError(io) if io.kind() == io::ErrorKind::PermissionDenied => {
            "may not be read; check the file's rights".to_owned()
        }
        _ => format!(
            "is damaged, or no picture ({}); copy it again, or give a PNG or a JPEG",
            chain(&error)
        ),
    })
}
