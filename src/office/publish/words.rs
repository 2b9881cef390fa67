//! The framework's metadata in words, and signatures under them.

use super::PublishError;
use super::files::{Disk, put_copy};
use super::keys::SecretKey;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sigstore_tuf::{Metadata, TrustedMetadataSet, canonical_json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::format_description;

/// Version of the framework's specification.
const SPECIFICATION: &str = "1.0.31";

/// A file of an edition.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) length: u64,
    path: PathBuf,
    sha256: String,
}

pub(super) fn describe(path: &Path, name: &str) -> Result<Described, Disk> {
    let failed = |error| Disk::Read(path.to_owned(), error);
    let (mut hash, mut length, mut bytes) = (Sha256::new(), 0, vec![0; 1 << 16]);
    let mut file = File::open(path).map_err(failed)?;
    loop {
        let count = file.read(&mut bytes).map_err(failed)?;
        if count == 0 {
            break;
        }
        hash.update(&bytes[..count]);
        length += count as u64;
    }
    Ok(Described {
        name: name.to_owned(),
        length,
        path: path.to_owned(),
        sha256: hex::encode(hash.finalize()),
    })
}

impl Described {
    pub(super) fn words(&self) -> Value {
        json!({ "length": self.length, "hashes": { "sha256": self.sha256 } })
    }

    /// Lays the file into the repository, unless it is there. Tells whether it was new.
    pub(super) fn lay(&self, targets: &Path) -> Result<bool, Disk> {
        let place = targets.join(format!("{}.{}", self.sha256, self.name));
        if place.exists() {
            return Ok(false);
        }
        put_copy(&place, &self.path)?;
        let laid = describe(&place, &self.name)?;
        if laid.sha256 != self.sha256 {
            super::files::remove(&place)?;
            let error = io::Error::other("changed while it was published");
            return Err(Disk::Read(self.path.clone(), error));
        }
        Ok(true)
    }
}

/// The `signed` part of a role's file, with what is particular to the role.
pub(super) fn role(
    kind: &str,
    version: u64,
    until: OffsetDateTime,
    (key, value): (&str, Value),
) -> Value {
    let mut words = json!({
        "_type": kind,
        "spec_version": SPECIFICATION,
        "version": version,
        "expires": moment(until),
    });
    words[key] = value;
    words
}

/// `2026-11-23T09:30:00Z`, as the specification writes moments.
pub(super) fn moment(at: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.to_offset(time::UtcOffset::UTC)
        .format(form)
        .unwrap_or_default()
}

/// What a role says of the file of another.
pub(super) fn pinned(version: u64, file: &[u8]) -> Value {
    json!({
        "version": version,
        "length": file.len(),
        "hashes": { "sha256": hex::encode(Sha256::digest(file)) },
    })
}

/// A role's file, signed by these keys.
pub(super) fn signed(words: Value, keys: &[&SecretKey]) -> Result<Vec<u8>, PublishError> {
    let message = canonical_json::to_canonical_bytes(&words).map_err(PublishError::Refused)?;
    let signatures: Vec<Value> = keys
        .iter()
        .map(|key| json!({ "keyid": key.id(), "sig": key.sign(&message) }))
        .collect();
    let file = json!({ "signed": words, "signatures": signatures });
    Ok(file.to_string().into_bytes())
}

/// What a lane would make of it.
pub(super) fn check_whole(
    roots: &[Vec<u8>],
    timestamp: &[u8],
    snapshot: &[u8],
    targets: &[u8],
    now: OffsetDateTime,
) -> Result<(), sigstore_tuf::Error> {
    risk::updates::install_crypto();
    let now = Timestamp::from_second(now.unix_timestamp())
        .map_err(|error| sigstore_tuf::Error::Malformed(error.to_string()))?;
    let mut roots = roots.iter();
    let first = roots.next().map_or(&[][..], Vec::as_slice);
    let mut trusted = TrustedMetadataSet::from_root(first)?;
    for root in roots {
        trusted.update_root(root)?;
    }
    trusted.check_root_expired(now)?;
    trusted.update_timestamp(timestamp, now)?;
    trusted.update_snapshot(snapshot, now)?;
    trusted.update_targets(targets, now)?;
    Ok(())
}

/// The keys and roles of a root, read back.
pub(super) fn root_of(file: &[u8]) -> Result<sigstore_tuf::Root, sigstore_tuf::Error> {
    Metadata::from_slice(file).map(Metadata::into_signed)
}
