//! Making the binary files of an edition: read line by line, so that a hundred million documents need the memory of their
//! digests and no more.

use super::{EntryError, birth_day, document};
use evidence::{BirthDate, Name, Sensitive, StateCode};
use risk::lists::{DocumentDigests, SnapshotId};
use risk::names::{Language, NameList, transliterate};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why a file of an edition cannot be made. The author has to act.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// What the author has cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A line of it is no entry.
    #[error("{}, {source}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The line, and what belongs there.
        source: EntryError,
    },
    /// What is made cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// What becomes of long work, told every so many lines.
pub type Progress<'a> = &'a dyn Fn(&Path, u64);

/// Lines between two words of progress.
const OFTEN: u64 = 5_000_000;

/// The digests of a file of documents, one a line: `UTO,L898902C3`; settled.
///
/// # Errors
/// [`MakeError`] names the file, and the first line that is none.
pub fn documents(
    path: &Path,
    key: &Sensitive<[u8; 32]>,
    progress: Progress<'_>,
) -> Result<DocumentDigests, MakeError> {
    let mut digests = DocumentDigests::new(key);
    each_line(path, progress, |fields| {
        let (state, number) = document(fields)?;
        digests.add(state, number.expose());
        Ok(())
    })?;
    digests.settle();
    Ok(digests)
}

/// The names of a file, one a line: `Müller,Jürgen,1974-08-12,D`. Birth date and nationality may be empty, and names may
/// stand in Latin, Cyrillic or Arabic letters: they become what a passport says, by the tables of ICAO Doc 9303-3 section 6.
///
/// # Errors
/// [`MakeError`] names the file, and the first line that is none.
pub fn people(path: &Path, progress: Progress<'_>) -> Result<NameList, MakeError> {
    let mut list = NameList::new();
    each_line(path, progress, |fields| {
        let (name, birth, nationality) = person(fields)?;
        list.add(&name, birth.as_ref(), nationality);
        Ok(())
    })?;
    Ok(list)
}

fn person(fields: &[&str]) -> Result<(Name, Option<BirthDate>, Option<StateCode>), &'static str> {
    let [primary, secondary, birth, nationality] = fields else {
        return Err(
            "a line is both parts of the name, birth date and nationality, as in Müller,Jürgen,1974-08-12,D; the last two may be empty",
        );
    };
    let letters = |part: &str| {
        transliterate(part, Language::Other)
            .map(Zeroizing::new)
            .map_err(|_| "a letter has no transliteration; write the name as its passport does")
    };
    let name = Name::new(&letters(primary)?, &letters(secondary)?)
        .map_err(|_| "a name has 1 to 60 letters a part, and its first part is not empty")?;
    let birth = match *birth {
        "" => None,
        text => Some(birth_day(text).ok_or("the birth date has to be a day such as 1974-08-12")?),
    };
    let nationality = match *nationality {
        "" => None,
        text => Some(
            StateCode::parse(text)
                .ok_or("the nationality has to be a three-letter code of ICAO Doc 9303-3")?,
        ),
    };
    Ok((name, birth, nationality))
}

fn each_line(
    path: &Path,
    progress: Progress<'_>,
    mut entry: impl FnMut(&[&str]) -> Result<(), &'static str>,
) -> Result<(), MakeError> {
    let unread = |source| MakeError::Read {
        path: path.to_owned(),
        source,
    };
    let mut from = BufReader::with_capacity(1 << 20, File::open(path).map_err(unread)?);
    let mut line = Zeroizing::new(String::new());
    let (mut number, mut at) = (0, 0_u64);
    loop {
        line.clear();
        // No entry has so many bytes; a file without line ends is no reason to take all memory.
        let read = from.by_ref().take(4096).read_line(&mut line);
        if read.map_err(unread)? == 0 {
            return Ok(());
        }
        number += 1;
        at += 1;
        let text = line.trim();
        if !text.is_empty() && !text.starts_with('#') {
            let fields: Vec<&str> = text.split(',').map(str::trim).collect();
            entry(&fields).map_err(|cure| MakeError::Entry {
                path: path.to_owned(),
                source: EntryError { line: number, cure },
            })?;
        }
        if at.is_multiple_of(OFTEN) {
            progress(path, at);
        }
    }
}

/// Writes a file of the edition, and adds it to the manifest as `[files.KEY]`.
///
/// # Errors
/// [`MakeError::Write`].
pub fn write(
    folder: &Path,
    key: &str,
    name: &str,
    manifest: &mut String,
    write: impl FnOnce(&mut Hashed) -> io::Result<()>,
) -> Result<SnapshotId, MakeError> {
    let path = folder.join(name);
    let made = || -> io::Result<SnapshotId> {
        let mut out = Hashed {
            into: BufWriter::with_capacity(1 << 20, File::create(&path)?),
            hash: Sha256::new(),
        };
        write(&mut out)?;
        out.flush()?;
        out.into.get_ref().sync_all()?;
        Ok(out.hash.finalize().into())
    };
    let sha256 = made().map_err(|source| MakeError::Write {
        path: path.clone(),
        source,
    })?;
    enter(manifest, key, name, &sha256);
    Ok(sha256)
}

/// Adds a file that lies in the folder already.
///
/// # Errors
/// [`MakeError::Read`].
pub fn keep(
    folder: &Path,
    key: &str,
    name: &str,
    manifest: &mut String,
) -> Result<SnapshotId, MakeError> {
    let path = folder.join(name);
    let hash = || -> io::Result<SnapshotId> {
        let mut hash = Sha256::new();
        let mut from = BufReader::with_capacity(1 << 20, File::open(&path)?);
        loop {
            let bytes = from.fill_buf()?;
            if bytes.is_empty() {
                return Ok(hash.finalize().into());
            }
            let count = bytes.len();
            hash.update(bytes);
            from.consume(count);
        }
    };
    let sha256 = hash().map_err(|source| MakeError::Read {
        path: path.clone(),
        source,
    })?;
    enter(manifest, key, name, &sha256);
    Ok(sha256)
}

fn enter(manifest: &mut String, key: &str, name: &str, sha256: &SnapshotId) {
    let _ = write!(
        manifest,
        "\n[files.{key}]\nname = \"{name}\"\nsha256 = \"{}\"\n",
        hex::encode(sha256)
    );
}

/// Writes the manifest last, so that a folder without it is no edition.
///
/// # Errors
/// [`MakeError::Write`].
pub fn finish(folder: &Path, manifest: &str) -> Result<(), MakeError> {
    let path = folder.join(risk::edition::LISTS);
    fs::write(&path, manifest).map_err(|source| MakeError::Write { path, source })
}

/// A file that is hashed while it is written.
#[derive(Debug)]
pub struct Hashed {
    into: BufWriter<File>,
    hash: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.into.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
