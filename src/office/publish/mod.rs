//! The author's side of The Update Framework: editions of policy and lists, signed and laid out as files that any server can give.
//! The office's server only gives them; it has no key to sign them with.

pub mod command;
mod files;
mod keys;
mod words;

pub use keys::{KeyError, Life, Role, new_keys, renew};

use files::{Disk, lock, put, read};
use keys::Keys;

use risk::Edition;
use risk::updates::{LARGEST_EDITION, MOST_FILES, is_plain_name};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use words::{Described, check_whole, describe, pinned, signed};

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Number of the edition.
    pub edition: u64,
    /// Its files.
    pub files: usize,
    /// How many of them lanes have to fetch that have the edition before.
    pub new_files: usize,
    /// Until when lanes take it for the newest without a word more.
    pub good_until: OffsetDateTime,
}

/// Why nothing was published. What was published before stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] Disk),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The folder is no edition.
    #[error("{} cannot be judged by; nothing is published", .0.display())]
    Edition(PathBuf, #[source] risk::EditionError),
    /// A file whose name would not do at a lane.
    #[error(
        "`{0}`: a file of an edition is named by letters, digits, '.', '-' and '_', no dot first, and is no folder"
    )]
    Name(String),
    /// More than a lane takes.
    #[error("an edition has at most {MOST_FILES} files and {LARGEST_EDITION} bytes")]
    TooLarge,
    /// What lies in the repository is not what this program wrote there.
    #[error("{} is not in the framework's form", .0.display())]
    Form(PathBuf),
    /// There is nothing to refresh.
    #[error("nothing has been published in {}: `office publish --from EDITION` comes first", .0.display())]
    Nothing(PathBuf),
    /// What would be published would be refused by a lane.
    #[error(
        "a lane would refuse it; nothing is published (have keys been changed? then publish with --from)"
    )]
    Refused(#[source] sigstore_tuf::Error),
}

/// Publishes the edition in a folder: its files under their digests, signed lists of them, and at last the timestamp by which
/// lanes learn of it. Until that is in place lanes have the edition before, and a publication that breaks off is repeated.
///
/// # Errors
/// [`PublishError`]; lanes see nothing of it.
pub fn publish(
    from: &Path,
    repository: &Path,
    keys: &Path,
    now: OffsetDateTime,
    life: Life,
) -> Result<Published, PublishError> {
    Edition::load(from).map_err(|error| PublishError::Edition(from.to_owned(), error))?;
    let _lock = lock(repository)?;
    let keys = Keys::open(keys)?;
    let described = described(from)?;
    let place = Place::of(repository);
    let before = place.newest()?;

    let number = before.as_ref().map_or(0, |before| before.targets) + 1;
    let list: serde_json::Map<String, Value> = described
        .iter()
        .map(|file| (file.name.clone(), file.words()))
        .collect();
    let targets = words::role(
        "targets",
        number,
        now + life.targets,
        ("targets", json!(list)),
    );
    let targets = signed(targets, &keys.of(Role::Targets)?)?;

    let meta = json!({ "targets.json": pinned(number, &targets) });
    let version = before.as_ref().map_or(0, |before| before.snapshot) + 1;
    let snapshot = words::role("snapshot", version, now + life.snapshot, ("meta", meta));
    let snapshot = signed(snapshot, &keys.of(Role::Snapshot)?)?;

    let meta = json!({ "snapshot.json": pinned(version, &snapshot) });
    let turn = before.as_ref().map_or(0, |before| before.timestamp) + 1;
    let until = now + life.timestamp;
    let timestamp = words::role("timestamp", turn, until, ("meta", meta));
    let timestamp = signed(timestamp, &keys.of(Role::Timestamp)?)?;

    check_whole(&keys.roots()?, &timestamp, &snapshot, &targets, now)
        .map_err(PublishError::Refused)?;
    let mut new_files = 0;
    for file in &described {
        new_files += usize::from(file.lay(&place.targets)?);
    }
    place.put_roots(&keys)?;
    put(
        &place.metadata.join(format!("{number}.targets.json")),
        &targets,
    )?;
    put(
        &place.metadata.join(format!("{version}.snapshot.json")),
        &snapshot,
    )?;
    put(&place.metadata.join("timestamp.json"), &timestamp)?;
    place.clear(number, version)?;
    Ok(Published {
        edition: number,
        files: described.len(),
        new_files,
        good_until: until,
    })
}

/// Says once more that the edition is the newest: signs the timestamp anew, and nothing else. To be done by a timer, well before
/// the last one ends.
///
/// # Errors
/// [`PublishError`]; what is there stays.
pub fn refresh(
    repository: &Path,
    keys: &Path,
    now: OffsetDateTime,
    life: Life,
) -> Result<Published, PublishError> {
    let _lock = lock(repository)?;
    let keys = Keys::open(keys)?;
    let place = Place::of(repository);
    let before = place
        .newest()?
        .ok_or_else(|| PublishError::Nothing(repository.to_owned()))?;
    let file = |version, role| read(&place.metadata.join(format!("{version}.{role}.json")));
    let (snapshot, targets) = (
        file(before.snapshot, "snapshot")?,
        file(before.targets, "targets")?,
    );
    let until = now + life.timestamp;
    let meta = json!({ "snapshot.json": pinned(before.snapshot, &snapshot) });
    let timestamp = words::role("timestamp", before.timestamp + 1, until, ("meta", meta));
    let timestamp = signed(timestamp, &keys.of(Role::Timestamp)?)?;
    check_whole(&keys.roots()?, &timestamp, &snapshot, &targets, now)
        .map_err(PublishError::Refused)?;
    place.put_roots(&keys)?;
    put(&place.metadata.join("timestamp.json"), &timestamp)?;
    Ok(Published {
        edition: before.targets,
        files: 0,
        new_files: 0,
        good_until: until,
    })
}

fn described(from: &Path) -> Result<Vec<Described>, PublishError> {
    let mut files = Vec::new();
    for path in files::entries(from)? {
        let name = path.file_name().and_then(|name| name.to_str());
        match name {
            Some(name) if is_plain_name(name) && path.is_file() => {
                files.push(describe(&path, name)?);
            }
            _ => return Err(PublishError::Name(path.display().to_string())),
        }
    }
    let bytes: u64 = files.iter().map(|file| file.length).sum();
    if files.len() > MOST_FILES || bytes > LARGEST_EDITION {
        return Err(PublishError::TooLarge);
    }
    Ok(files)
}

/// The newest versions in the repository.
struct Newest {
    timestamp: u64,
    snapshot: u64,
    targets: u64,
}

struct Place {
    metadata: PathBuf,
    targets: PathBuf,
}

impl Place {
    fn of(repository: &Path) -> Self {
        Self {
            metadata: repository.join("metadata"),
            targets: repository.join("targets"),
        }
    }

    fn newest(&self) -> Result<Option<Newest>, PublishError> {
        let path = self.metadata.join("timestamp.json");
        if !path.exists() {
            return Ok(None);
        }
        let timestamp = self.signed("timestamp.json")?;
        let form = || PublishError::Form(path.clone());
        let version = |of: &Value| of["version"].as_u64();
        let pinned = version(&timestamp["meta"]["snapshot.json"]).ok_or_else(form)?;
        let snapshot = self.signed(&format!("{pinned}.snapshot.json"))?;
        Ok(Some(Newest {
            timestamp: version(&timestamp).ok_or_else(form)?,
            snapshot: pinned,
            targets: version(&snapshot["meta"]["targets.json"]).ok_or_else(form)?,
        }))
    }

    fn signed(&self, name: &str) -> Result<Value, PublishError> {
        let path = self.metadata.join(name);
        let text = read(&path)?;
        let mut file: Value =
            serde_json::from_slice(&text).map_err(|_| PublishError::Form(path.clone()))?;
        Ok(file["signed"].take())
    }

    fn put_roots(&self, keys: &Keys) -> Result<(), PublishError> {
        for (index, root) in keys.roots()?.iter().enumerate() {
            put(
                &self.metadata.join(format!("{}.root.json", index + 1)),
                root,
            )?;
        }
        Ok(())
    }

    /// Keeps this edition and the one before, which lanes may be fetching in this moment; roots stay for good.
    fn clear(&self, number: u64, version: u64) -> Result<(), PublishError> {
        let mut wanted = BTreeSet::new();
        for number in [number, number - 1] {
            if let Ok(targets) = self.signed(&format!("{number}.targets.json"))
                && let Some(targets) = targets["targets"].as_object()
            {
                let names = targets.iter().filter_map(|(name, file)| {
                    Some(format!("{}.{name}", file["hashes"]["sha256"].as_str()?))
                });
                wanted.extend(names);
            }
        }
        for path in files::entries(&self.targets)? {
            let name = path.file_name().and_then(|name| name.to_str());
            if !name.is_some_and(|name| wanted.contains(name)) {
                files::remove(&path)?;
            }
        }
        for path in files::entries(&self.metadata)? {
            let old = |suffix: &str, newest: u64| {
                let name = path.file_name()?.to_str()?;
                let number: u64 = name.strip_suffix(suffix)?.parse().ok()?;
                (number + 1 < newest).then_some(())
            };
            if old(".targets.json", number)
                .or(old(".snapshot.json", version))
                .is_some()
            {
                files::remove(&path)?;
            }
        }
        Ok(())
    }
}
