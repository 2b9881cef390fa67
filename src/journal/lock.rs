//! One writer at a time, and a memory that a journal was here.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::JournalError;

/// The hold on `<journal>.lock`. The system lets go of it when the process ends, however it ends. The file stays: once
/// it names a writer, a journal was kept beside it.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
    path: PathBuf,
    held_before: bool,
}

impl WriterLock {
    /// Takes the lock of the journal at `journal`.
    pub(crate) fn take(journal: &Path) -> Result<Self, JournalError> {
        let mut name = journal.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let cannot = |source| JournalError::CannotLock {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(cannot)?;
        let locked = file.try_lock();
        let mut holder = String::new();
        file.read_to_string(&mut holder).map_err(cannot)?;
        match locked {
            Ok(()) => Ok(Self {
                held_before: !holder.trim().is_empty(),
                file,
                path,
            }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse {
                path: journal.to_owned(),
                holder: holder.trim().parse().ok(),
            }),
            Err(TryLockError::Error(source)) => Err(cannot(source)),
        }
    }

    /// True when a journal was kept here before.
    pub(crate) const fn held_before(&self) -> bool {
        self.held_before
    }

    /// Writes down who holds it.
    pub(crate) fn sign(&mut self) -> Result<(), JournalError> {
        let signed = self
            .file
            .rewind()
            .and_then(|()| self.file.set_len(0))
            .and_then(|()| writeln!(self.file, "{}", std::process::id()))
            .and_then(|()| self.file.sync_all());
        signed.map_err(|source| JournalError::CannotLock {
            path: self.path.clone(),
            source,
        })
    }
}

impl Drop for WriterLock {
    /// Lets go of the lock itself, which merely closing the file does not while a child of this process, on its way to its own
    /// program, still has the file open.
    fn drop(&mut self) {
        // If it fails, closing does it.
        let _ = self.file.unlock();
    }
}
