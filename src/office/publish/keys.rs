//! The author's keys and the root that names them. The root's own keys are needed for nothing but a new root, and belong into a
//! safe, each in another.

use super::PublishError;
use super::files::{Disk, put, put_secret, read, remove};
use super::words::{self, moment, root_of, signed};
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding,
};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sigstore_tuf::canonical_json;
use std::fmt;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// A role of the framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Says which keys the others have.
    Root,
    /// Says which files an edition has.
    Targets,
    /// Says which lists of files belong together.
    Snapshot,
    /// Says which snapshot is the newest.
    Timestamp,
}

impl Role {
    const ALL: [Self; 4] = [Self::Root, Self::Targets, Self::Snapshot, Self::Timestamp];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Targets => "targets",
            Self::Snapshot => "snapshot",
            Self::Timestamp => "timestamp",
        }
    }
}

/// How long each role's word is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// A year: to come together with the keys of the safes once.
    pub root: Duration,
    /// A quarter: an edition that nobody renewed for so long should not look like one that somebody keeps.
    pub targets: Duration,
    /// A quarter, as it is signed together with the targets.
    pub snapshot: Duration,
    /// Two days: so long can lanes be kept from learning of something newer, and so long may the author's timer fail over a night.
    pub timestamp: Duration,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            root: Duration::days(365),
            targets: Duration::days(90),
            snapshot: Duration::days(90),
            timestamp: Duration::days(2),
        }
    }
}

/// Why a key cannot be used. No text of it holds the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system gives no randomness.
    #[error("the system gives no random bytes for a key")]
    Random(#[source] getrandom::Error),
    /// A file is no key.
    #[error("{} is no Ed25519 key in PKCS #8 PEM", .0.display())]
    Form(PathBuf),
    /// The key is not the one that the root names.
    #[error("{} is not a key that the root names for this role", .0.display())]
    Unnamed(PathBuf),
    /// There are fewer of the root's keys than it needs.
    #[error(
        "a new root needs {needed} of the root's keys, and {found} are here: bring them out of their safes"
    )]
    TooFew {
        /// How many are needed.
        needed: u64,
        /// How many are there.
        found: usize,
    },
    /// More keys needed than there are, or none.
    #[error("of {keys} root keys, between one and all can be needed, and at most 16 made")]
    Threshold {
        /// How many keys.
        keys: u8,
    },
}

/// A key that signs. It cannot print.
pub(super) struct SecretKey {
    key: SigningKey,
    id: String,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

impl SecretKey {
    fn of(key: SigningKey) -> Result<Self, PublishError> {
        let words =
            canonical_json::to_canonical_bytes(&words_of(&key)).map_err(PublishError::Refused)?;
        Ok(Self {
            key,
            id: hex::encode(Sha256::digest(words)),
        })
    }

    fn new() -> Result<Self, PublishError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(KeyError::Random)?;
        Self::of(SigningKey::from_bytes(&seed))
    }

    fn read(path: &Path) -> Result<Self, PublishError> {
        let form = || KeyError::Form(path.to_owned());
        let text = Zeroizing::new(read(path)?);
        let text = std::str::from_utf8(&text).map_err(|_| form())?;
        Self::of(SigningKey::from_pkcs8_pem(text).map_err(|_| form())?)
    }

    fn write(&self, path: &Path) -> Result<(), PublishError> {
        let text = self.key.to_pkcs8_pem(LineEnding::LF);
        let text = text.map_err(|_| KeyError::Form(path.to_owned()))?;
        Ok(put_secret(path, text.as_bytes())?)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.key.sign(message).to_bytes())
    }
}

fn words_of(key: &SigningKey) -> Value {
    let public = hex::encode(key.verifying_key().as_bytes());
    json!({ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": public } })
}

/// The folder of keys and roots.
pub(super) struct Keys {
    folder: PathBuf,
    root: sigstore_tuf::Root,
    held: Vec<SecretKey>,
}

impl Keys {
    /// The newest root and the keys of the other roles, as far as they are here.
    pub(super) fn open(folder: &Path) -> Result<Self, PublishError> {
        settle(folder)?;
        let path = folder.join("root.json");
        let root = root_of(&read(&path)?).map_err(|_| PublishError::Form(path))?;
        Self {
            folder: folder.to_owned(),
            root,
            held: Vec::new(),
        }
        .with_keys()
    }

    fn with_keys(mut self) -> Result<Self, PublishError> {
        for role in [Role::Targets, Role::Snapshot, Role::Timestamp] {
            let path = key_file(&self.folder, role, 1);
            if path.exists() {
                self.held.push(SecretKey::read(&path)?);
            }
        }
        Ok(self)
    }

    /// The key of a role, if it is the one that the root names.
    pub(super) fn of(&self, role: Role) -> Result<Vec<&SecretKey>, PublishError> {
        let named = self.root.role(role.as_str());
        let key = self
            .held
            .iter()
            .find(|key| named.is_some_and(|named| named.keyids.iter().any(|id| id == key.id())));
        match key {
            Some(key) => Ok(vec![key]),
            None => {
                let path = key_file(&self.folder, role, 1);
                if path.exists() {
                    Err(KeyError::Unnamed(path).into())
                } else {
                    Err(Disk::Read(path, std::io::ErrorKind::NotFound.into()).into())
                }
            }
        }
    }

    /// All roots, from the first.
    pub(super) fn roots(&self) -> Result<Vec<Vec<u8>>, PublishError> {
        (1..=self.root.version)
            .map(|version| Ok(read(&root_file(&self.folder, version))?))
            .collect()
    }
}

fn key_file(folder: &Path, role: Role, number: u8) -> PathBuf {
    folder.join(match role {
        Role::Root => format!("root-{number}.key.pem"),
        other => format!("{}.key.pem", other.as_str()),
    })
}

fn root_file(folder: &Path, version: u64) -> PathBuf {
    folder.join(format!("{version}.root.json"))
}

/// Makes the keys of all roles and the first root: `root.json`, which lanes are set up with.
///
/// # Errors
/// [`PublishError`]; no file is ever overwritten.
pub fn new_keys(
    folder: &Path,
    (keys, needed): (u8, u8),
    now: OffsetDateTime,
    life: Life,
) -> Result<(), PublishError> {
    if needed == 0 || needed > keys || keys > 16 {
        return Err(KeyError::Threshold { keys }.into());
    }
    std::fs::create_dir_all(folder).map_err(|error| Disk::Write(folder.to_owned(), error))?;
    let root = folder.join("root.json");
    if root.exists() {
        return Err(Disk::Exists(root).into());
    }
    let mut words = words::role(
        "root",
        1,
        now + life.root,
        ("consistent_snapshot", json!(true)),
    );
    let mut roots = Vec::new();
    for role in Role::ALL {
        let count = if role == Role::Root { keys } else { 1 };
        let made = make(folder, role, count)?;
        let threshold = if role == Role::Root { needed } else { 1 };
        name(&mut words, role, &made, threshold);
        if role == Role::Root {
            roots = made;
        }
    }
    put_root(folder, 1, words, &roots.iter().collect::<Vec<_>>())
}

/// Makes a new root: with new keys for this role, or with a later end only. Signed by the old root's keys, and by the new ones
/// where these change. The old keys of the role are taken out of use: `NAME.VERSION.retired`.
///
/// # Errors
/// [`PublishError`]
pub fn renew(
    folder: &Path,
    role: Option<Role>,
    now: OffsetDateTime,
    life: Life,
) -> Result<u64, PublishError> {
    settle(folder)?;
    let path = folder.join("root.json");
    let text = read(&path)?;
    let form = || PublishError::Form(path.clone());
    let old = root_of(&text).map_err(|_| form())?;
    let mut words: Value = serde_json::from_slice(&text).map_err(|_| form())?;
    let mut words = words["signed"].take();
    let named = old.role("root").ok_or_else(form)?;
    let (count, needed) = (named.keyids.len(), named.threshold as u64);
    let count = u8::try_from(count).unwrap_or(u8::MAX);
    let mut signers = Vec::new();
    for number in 1..=count {
        let path = key_file(folder, Role::Root, number);
        if path.exists() {
            let key = SecretKey::read(&path)?;
            if !old
                .role("root")
                .is_some_and(|role| role.keyids.iter().any(|id| id == key.id()))
            {
                return Err(KeyError::Unnamed(path).into());
            }
            signers.push(key);
        }
    }
    if (signers.len() as u64) < needed {
        let found = signers.len();
        return Err(KeyError::TooFew { needed, found }.into());
    }
    let version = old.version + 1;
    words["version"] = json!(version);
    words["expires"] = json!(moment(now + life.root));
    if let Some(role) = role {
        let (count, threshold) = match role {
            Role::Root => (count, u8::try_from(needed).unwrap_or(u8::MAX)),
            Role::Targets | Role::Snapshot | Role::Timestamp => (1, 1),
        };
        let made = (1..=count)
            .map(|number| {
                let key = SecretKey::new()?;
                let path = new_file(&key_file(folder, role, number));
                if path.exists() {
                    remove(&path)?;
                }
                key.write(&path)?;
                Ok(key)
            })
            .collect::<Result<Vec<_>, PublishError>>()?;
        forget(&mut words, role);
        name(&mut words, role, &made, threshold);
        if role == Role::Root {
            signers.extend(made);
        }
    }
    put_root(folder, version, words, &signers.iter().collect::<Vec<_>>())?;
    settle(folder)?;
    Ok(version)
}

/// Lets new keys take their places once the root names them, and takes the old ones out of use. Done again after a power cut.
fn settle(folder: &Path) -> Result<(), PublishError> {
    let path = folder.join("root.json");
    let root = root_of(&read(&path)?).map_err(|_| PublishError::Form(path))?;
    for role in Role::ALL {
        let Some(named) = root.role(role.as_str()) else {
            continue;
        };
        for number in 1..=u8::try_from(named.keyids.len()).unwrap_or(u8::MAX) {
            let path = key_file(folder, role, number);
            let new = new_file(&path);
            if !new.exists() || !named.keyids.contains(&SecretKey::read(&new)?.id) {
                continue;
            }
            let mut retired = path.clone().into_os_string();
            retired.push(format!(".{}.retired", root.version - 1));
            let moved = match std::fs::rename(&path, retired) {
                // A root key may lie in its safe.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                other => other,
            };
            moved
                .and_then(|()| std::fs::rename(&new, &path))
                .map_err(|error| Disk::Write(path, error))?;
        }
    }
    Ok(())
}

fn new_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn make(folder: &Path, role: Role, count: u8) -> Result<Vec<SecretKey>, PublishError> {
    (1..=count)
        .map(|number| {
            let key = SecretKey::new()?;
            key.write(&key_file(folder, role, number))?;
            Ok(key)
        })
        .collect()
}

fn name(words: &mut Value, role: Role, keys: &[SecretKey], threshold: u8) {
    for key in keys {
        words["keys"][key.id()] = words_of(&key.key);
    }
    let ids: Vec<&str> = keys.iter().map(SecretKey::id).collect();
    words["roles"][role.as_str()] = json!({ "keyids": ids, "threshold": threshold });
}

/// Takes the keys of a role out of the root.
fn forget(words: &mut Value, role: Role) {
    let ids = words["roles"][role.as_str()]["keyids"].take();
    if let (Some(ids), Some(keys)) = (ids.as_array(), words["keys"].as_object_mut()) {
        for id in ids.iter().filter_map(Value::as_str) {
            keys.remove(id);
        }
    }
}

fn put_root(
    folder: &Path,
    version: u64,
    words: Value,
    signers: &[&SecretKey],
) -> Result<(), PublishError> {
    let file = signed(words, signers)?;
    put(&root_file(folder, version), &file)?;
    put(&folder.join("root.json"), &file)?;
    Ok(())
}
