//! The editions on the disk: files under their digests, an edition as a folder of links to them, and the one in use as a link
//! that is exchanged in one step.
//!
//! ```text
//! metadata/          what the framework's client has checked: roots, timestamp, snapshot, targets
//! store/DIGEST       a file, kept once whatever its names; DIGEST.part is one that is on its way
//! editions/17/       edition 17: its files, and signed.json, by which it is checked at every start
//! current            -> editions/17
//! confirmed          when the office last said that this is the newest, in seconds of Unix time
//! lock               held by the process that fetches
//! ```

use super::error::UpdateError;
use super::fetch::digest_of;
use crate::edition::Edition;
use ring::digest::{Context, SHA256};
use sigstore_tuf::{FileStore, Metadata, MetadataStore, Root, Targets, TrustedMetadataSet};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// Longest name of a file in an edition.
pub const LONGEST_NAME: usize = 100;

/// The signed list of an edition's files, in its folder.
const SIGNED: &str = "signed.json";

/// Whether a name stays in its folder: letters, digits, `.`, `-` and `_`, no dot first, and not one of ours.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('.')
        && name != SIGNED
}

/// The roots from the shipped one to the newest that follows from it, each signed by the one before.
pub(super) fn chain(shipped: &[u8], metadata: &Path) -> Result<Vec<Root>, UpdateError> {
    let mut trusted = TrustedMetadataSet::from_root(shipped).map_err(UpdateError::Metadata)?;
    let mut roots = vec![trusted.root().clone()];
    loop {
        let next = trusted.root().version + 1;
        let path = metadata.join(format!("root_history/{next}.root.json"));
        let Ok(bytes) = fs::read(path) else {
            return Ok(roots);
        };
        if trusted.update_root(&bytes).is_err() {
            return Ok(roots);
        }
        roots.push(trusted.root().clone());
    }
}

#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    _lock: File,
}

impl Shelf {
    pub(super) fn open(folder: &Path) -> Result<Self, UpdateError> {
        for part in ["metadata", "store", "editions"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        let path = folder.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(UpdateError::InUse(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => return Err(UpdateError::Disk(path, error)),
        }
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// The edition in use, checked against the signature that it came with.
    pub(super) fn current(&self, roots: &[Root]) -> Result<Option<(u64, Edition)>, UpdateError> {
        let link = self.folder.join("current");
        let edition = match fs::read_link(&link) {
            Ok(to) => self.folder.join(to),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(UpdateError::Disk(link, error)),
        };
        let path = edition.join(SIGNED);
        let signed = fs::read(&path).map_err(at(&path))?;
        let signed = Metadata::<Targets>::from_slice(&signed).map_err(UpdateError::Metadata)?;
        // A root that came later may have taken the key away that signed it; then the newer edition is on its way.
        roots
            .iter()
            .rev()
            .map(|root| signed_by(&signed, root))
            .reduce(|found, older| found.or(older))
            .unwrap_or(Err(sigstore_tuf::Error::NotRefreshed))
            .map_err(UpdateError::Metadata)?;
        let targets = signed.into_signed();
        super::check(&targets)?;
        for (name, file) in &targets.targets {
            let path = edition.join(name);
            let mut bytes = File::open(&path).map_err(at(&path))?;
            let found = digest(&mut bytes).map_err(at(&path))?;
            if found != digest_of(name, file)? {
                return Err(UpdateError::Tampered(name.clone()));
            }
        }
        let edition = Edition::load(&edition).map_err(UpdateError::Edition)?;
        Ok(Some((targets.version, edition)))
    }

    /// Whether the keys of this root still stand for the edition in use. Where they do not, its number means nothing: whoever had
    /// the keys may have chosen it.
    pub(super) fn stands(&self, root: &Root) -> bool {
        let Ok(signed) = fs::read(self.folder.join("current").join(SIGNED)) else {
            return false;
        };
        let signed = Metadata::<Targets>::from_slice(&signed);
        signed.is_ok_and(|signed| signed_by(&signed, root).is_ok())
    }

    /// Whether the file of this digest and length is here, and still is what it was. One that is not is taken away.
    pub(super) fn holds(&self, wanted: &str, length: u64) -> Result<bool, UpdateError> {
        let path = self.stored(wanted);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(UpdateError::Disk(path, error)),
        };
        let found = file.metadata().map_err(at(&path))?.len();
        if found == length && digest(&mut file).map_err(at(&path))? == wanted {
            return Ok(true);
        }
        fs::remove_file(&path).map_err(at(&path))?;
        Ok(false)
    }

    /// What has come of a file so far.
    pub(super) fn part(&self, digest: &str) -> Result<Part, UpdateError> {
        let path = self.folder.join("store").join(format!("{digest}.part"));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        let length = file.seek(io::SeekFrom::End(0)).map_err(at(&path))?;
        Ok(Part {
            digest: digest.to_owned(),
            whole: self.stored(digest),
            path,
            file,
            length,
        })
    }

    /// Makes the edition's folder, tries it, and exchanges the link. Everything before the exchange can be lost without harm,
    /// and is done again.
    pub(super) fn put_in_place(
        &self,
        targets: &Targets,
        signed: &Path,
    ) -> Result<Edition, UpdateError> {
        let number = targets.version;
        let folder = self.folder.join("editions").join(number.to_string());
        if folder.exists() {
            // Made by a program that did not come to the exchange.
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        fs::create_dir(&folder).map_err(at(&folder))?;
        for (name, file) in &targets.targets {
            let path = folder.join(name);
            fs::hard_link(self.stored(&digest_of(name, file)?), &path).map_err(at(&path))?;
        }
        let path = folder.join(SIGNED);
        let text = fs::read(signed).map_err(at(signed))?;
        let kept = Metadata::<Targets>::from_slice(&text).map_err(UpdateError::Metadata)?;
        if kept.signed() != targets {
            // The framework's client goes on when its cache cannot be written.
            let error = io::Error::other("not what has just been checked");
            return Err(UpdateError::Disk(signed.to_owned(), error));
        }
        fs::write(&path, text).map_err(at(&path))?;
        sync(&path)?;
        sync(&folder)?;
        sync(&self.folder.join("editions"))?;
        let edition = Edition::load(&folder).map_err(UpdateError::Edition)?;

        let (next, link) = (self.folder.join("current.new"), self.folder.join("current"));
        if next.symlink_metadata().is_ok() {
            fs::remove_file(&next).map_err(at(&next))?;
        }
        let to = Path::new("editions").join(number.to_string());
        std::os::unix::fs::symlink(to, &next).map_err(at(&next))?;
        fs::rename(&next, &link).map_err(at(&link))?;
        sync(&self.folder)?;
        if let Err(error) = self.clear(&folder, targets) {
            // Only room is lost.
            tracing::warn!(error = %error.in_full(), "old editions are not cleared");
        }
        Ok(edition)
    }

    /// Notes when the office last confirmed the edition in use. Only told, never decided by.
    pub(super) fn confirm(&self, now: jiff::Timestamp) {
        let put = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            writeln!(file, "{}", now.as_second())?;
            file.persist(self.folder.join("confirmed"))
                .map_err(|error| error.error)
        };
        if let Err(error) = put() {
            tracing::warn!(%error, "the last confirmation is not noted");
        }
    }

    /// Takes away what only older editions needed. Whoever reads one still has its files open.
    fn clear(&self, kept: &Path, targets: &Targets) -> Result<(), UpdateError> {
        let editions = self.folder.join("editions");
        for path in entries(&editions)? {
            if path != kept {
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
        let wanted = targets
            .targets
            .iter()
            .map(|(name, file)| digest_of(name, file))
            .collect::<Result<BTreeSet<_>, _>>()?;
        for path in entries(&self.folder.join("store"))? {
            let name = path.file_name().and_then(|name| name.to_str());
            if !name.is_some_and(|name| wanted.contains(name)) {
                fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }

    fn stored(&self, digest: &str) -> PathBuf {
        self.folder.join("store").join(digest)
    }
}

fn signed_by(signed: &Metadata<Targets>, root: &Root) -> Result<(), sigstore_tuf::Error> {
    match root.role("targets") {
        Some(role) => signed.verify_threshold(&root.keys, role, "targets"),
        None => Err(sigstore_tuf::Error::UnknownRole("targets".to_owned())),
    }
}

/// What the framework's client keeps: the newest of each role, and every root.
#[derive(Debug)]
pub(super) struct Kept(pub(super) FileStore);

impl MetadataStore for Kept {
    fn load(&self, name: &str) -> sigstore_tuf::Result<Option<Vec<u8>>> {
        self.0.load(name)
    }

    fn store(&self, name: &str, bytes: &[u8]) -> sigstore_tuf::Result<()> {
        // It would keep every snapshot under its number, too, for good.
        if name.ends_with(".snapshot.json") {
            return Ok(());
        }
        self.0.store(name, bytes)
    }
}

/// A file on its way.
#[derive(Debug)]
pub(super) struct Part {
    digest: String,
    whole: PathBuf,
    path: PathBuf,
    file: File,
    length: u64,
}

impl Part {
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), UpdateError> {
        self.file.write_all(bytes).map_err(at(&self.path))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn begin_again(&mut self) -> Result<(), UpdateError> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .map_err(at(&self.path))?;
        self.length = 0;
        Ok(())
    }

    /// Puts the whole file on the shelf, if it is the one that was signed.
    pub(super) fn finish(mut self, name: &str, length: u64) -> Result<(), UpdateError> {
        self.file.rewind().map_err(at(&self.path))?;
        let found = digest(&mut self.file).map_err(at(&self.path))?;
        if self.length != length || found != self.digest {
            fs::remove_file(&self.path).map_err(at(&self.path))?;
            return Err(UpdateError::Tampered(name.to_owned()));
        }
        self.file.sync_all().map_err(at(&self.path))?;
        fs::rename(&self.path, &self.whole).map_err(at(&self.whole))?;
        sync(self.whole.parent().unwrap_or(&self.whole))
    }
}

fn digest(from: &mut File) -> io::Result<String> {
    let (mut context, mut bytes) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        let count = from.read(&mut bytes)?;
        if count == 0 {
            return Ok(hex::encode(context.finish()));
        }
        context.update(&bytes[..count]);
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, UpdateError> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(at(folder))
}

fn sync(path: &Path) -> Result<(), UpdateError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> UpdateError {
    let path = path.to_owned();
    move |error| UpdateError::Disk(path, error)
}
