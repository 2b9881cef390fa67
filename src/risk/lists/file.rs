//! What the binary files of an edition have in common: a head that tells kind, count and key, and a reader that never
//! takes more memory than the file has bytes.

use std::io::{self, Read, Write};

/// Why a binary file is refused. None of these can be mended at the lane: the edition has to be made or fetched anew.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read, or ends too early.
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    /// It is a file of another kind, or of a later version of this program.
    #[error("it is no file of this kind; it begins otherwise")]
    Kind,
    /// It was made with another key than the edition's.
    #[error("it was made with another key; make it with the `key` of lists.toml")]
    Key,
    /// Its length is not what its head says.
    #[error("it has {found} bytes, and its head speaks of {stated}")]
    Length {
        /// Bytes of the file.
        found: u64,
        /// Bytes that the head speaks of.
        stated: u64,
    },
    /// Its head or its content cannot be.
    #[error("{0}")]
    Shape(&'static str),
    /// The delta belongs to another snapshot.
    #[error("it belongs to another snapshot than the edition's")]
    Snapshot,
}

/// Bytes that every file begins with: kind, count, key check.
pub(crate) const HEAD: u64 = 24;

/// The head of a file.
pub(crate) struct Head {
    pub(crate) count: u64,
}

impl Head {
    pub(crate) fn read(
        from: &mut dyn Read,
        kind: &[u8; 8],
        key_check: u64,
    ) -> Result<Self, FileError> {
        let mut found = [0; 8];
        from.read_exact(&mut found)?;
        if found != *kind {
            return Err(FileError::Kind);
        }
        let count = number(from)?;
        if number(from)? != key_check {
            return Err(FileError::Key);
        }
        Ok(Self { count })
    }

    pub(crate) fn write(
        into: &mut impl Write,
        kind: &[u8; 8],
        count: u64,
        key_check: u64,
    ) -> io::Result<()> {
        into.write_all(kind)?;
        into.write_all(&count.to_le_bytes())?;
        into.write_all(&key_check.to_le_bytes())
    }
}

/// The file's length has to be what its head says; asked before anything is allocated.
pub(crate) fn long(found: u64, stated: Option<u64>) -> Result<(), FileError> {
    let stated = stated.unwrap_or(u64::MAX);
    if found == stated {
        Ok(())
    } else {
        Err(FileError::Length { found, stated })
    }
}

pub(crate) fn number(from: &mut dyn Read) -> Result<u64, FileError> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// So many words of `N` bytes, read in portions.
pub(crate) fn words<const N: usize, T>(
    from: &mut dyn Read,
    count: usize,
    word: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, FileError> {
    const PORTION: usize = 1 << 16;
    let mut words = Vec::with_capacity(count);
    let mut portion = vec![0_u8; PORTION.min(count.saturating_mul(N)) / N * N];
    while words.len() < count {
        let bytes = portion.len().min((count - words.len()) * N);
        from.read_exact(&mut portion[..bytes])?;
        let (whole, _) = portion[..bytes].as_chunks::<N>();
        words.extend(whole.iter().map(|bytes| word(*bytes)));
    }
    Ok(words)
}

/// Digests in strictly ascending order, as a search needs them.
pub(crate) fn digests(from: &mut dyn Read, count: u64) -> Result<Vec<u64>, FileError> {
    let count = usize::try_from(count).map_err(|_| FileError::Shape("too many digests"))?;
    let digests = words(from, count, u64::from_le_bytes)?;
    if digests.is_sorted_by(|one, other| one < other) {
        Ok(digests)
    } else {
        Err(FileError::Shape("its digests are not in ascending order"))
    }
}

pub(crate) fn write_digests(into: &mut impl Write, digests: &[u64]) -> io::Result<()> {
    for portion in digests.chunks(8192) {
        let bytes: Vec<u8> = portion
            .iter()
            .flat_map(|digest| digest.to_le_bytes())
            .collect();
        into.write_all(&bytes)?;
    }
    Ok(())
}
