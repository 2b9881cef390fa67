//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A file or folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Disk {
    /// It cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// It cannot be written.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// Somebody else publishes.
    #[error("{}: somebody else is publishing there", .0.display())]
    InUse(PathBuf),
    /// It is there already.
    #[error("{} is there already and is not overwritten", .0.display())]
    Exists(PathBuf),
}

/// Holds a repository, and makes its folders.
pub(super) fn lock(repository: &Path) -> Result<File, Disk> {
    for part in ["metadata", "targets"] {
        let path = repository.join(part);
        fs::create_dir_all(&path).map_err(|error| Disk::Write(path, error))?;
    }
    let path = repository.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Disk::Write(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Disk::InUse(repository.to_owned())),
        Err(TryLockError::Error(error)) => Err(Disk::Write(path, error)),
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Disk> {
    fs::read(path).map_err(|error| Disk::Read(path.to_owned(), error))
}

/// Puts a file that everybody may read in its place, in one step.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), Disk> {
    put_from(path, 0o644, |file| file.write_all(bytes))
}

/// Puts a file that only its owner may read in its place, where none is.
pub(super) fn put_secret(path: &Path, bytes: &[u8]) -> Result<(), Disk> {
    if path.exists() {
        return Err(Disk::Exists(path.to_owned()));
    }
    put_from(path, 0o600, |file| file.write_all(bytes))
}

/// Puts a copy of a file in its place.
pub(super) fn put_copy(path: &Path, from: &Path) -> Result<(), Disk> {
    let mut from = File::open(from).map_err(|error| Disk::Read(from.to_owned(), error))?;
    put_from(path, 0o644, |file| io::copy(&mut from, file).map(drop))
}

fn put_from(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Disk> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let put = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        write(file.as_file_mut())?;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    put().map_err(|error| Disk::Write(path.to_owned(), error))
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Disk> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut paths = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    };
    list().map_err(|error| Disk::Read(folder.to_owned(), error))
}

pub(super) fn remove(path: &Path) -> Result<(), Disk> {
    fs::remove_file(path).map_err(|error| Disk::Write(path.to_owned(), error))
}
