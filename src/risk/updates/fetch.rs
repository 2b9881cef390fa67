//! The repository as files at the office: small ones whole, large ones from where they broke off.

use super::error::UpdateError;
use super::shelf::{Part, Shelf};
use crate::line::{Client, ClientError, Ranged};
use reqwest::{Response, StatusCode, Url};
use sigstore_tuf::transport::FetchFuture;
use sigstore_tuf::{Error as Tuf, Repository, TargetFile};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long nothing may come before the line is taken for broken.
const STALLED: Duration = Duration::from_secs(30);

/// How often a broken download is taken up again in one look, each time only if something has come.
const RESUMPTIONS: u32 = 20;

/// The repository's addresses.
#[derive(Clone, Debug)]
pub(super) struct Places {
    metadata: Url,
    targets: Url,
}

impl Places {
    pub(super) fn new(mut base: Url) -> Result<Self, UpdateError> {
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let below = |path| {
            base.join(path)
                .map_err(|_| UpdateError::Address(crate::line::ClientSetupError::Address))
        };
        Ok(Self {
            metadata: below("metadata/")?,
            targets: below("targets/")?,
        })
    }
}

/// The repository, for the verifier.
pub(super) struct Office {
    pub(super) client: Client,
    pub(super) places: Arc<Places>,
}

impl Office {
    async fn file(&self, base: &Url, name: &str, longest: u64) -> Result<Option<Vec<u8>>, Tuf> {
        let url = base
            .join(name)
            .map_err(|error| Tuf::transport_with_source("no address", error))?;
        timeout(STALLED, self.client.fetch_file(&url, longest))
            .await
            .unwrap_or(Err(ClientError::Late(STALLED)))
            .map_err(|error| Tuf::transport_with_source("the office gives no file", error))
    }
}

impl Repository for Office {
    fn fetch_metadata<'a>(&'a self, name: &'a str, longest: u64) -> FetchFuture<'a> {
        Box::pin(self.file(&self.places.metadata, name, longest))
    }

    fn fetch_target<'a>(&'a self, path: &'a str, longest: u64) -> FetchFuture<'a> {
        Box::pin(self.file(&self.places.targets, path, longest))
    }
}

/// Fetches a file of an edition, unless its bytes are on the shelf already under whatever name.
pub(super) async fn target(
    client: &Client,
    places: &Places,
    shelf: &Arc<Shelf>,
    consistent: bool,
    name: &str,
    file: &TargetFile,
) -> Result<(), UpdateError> {
    let digest = digest_of(name, file)?;
    let (holding, wanted, length) = (Arc::clone(shelf), digest.clone(), file.length);
    let held = tokio::task::spawn_blocking(move || holding.holds(&wanted, length))
        .await
        .map_err(|_| UpdateError::Stopped)??;
    if held {
        return Ok(());
    }
    let path = if consistent {
        format!("{digest}.{name}")
    } else {
        name.to_owned()
    };
    let url = places
        .targets
        .join(&path)
        .map_err(|_| UpdateError::Name(name.to_owned()))?;
    let begun_before = shelf.part(&digest)?.length() > 0;
    match whole(client, shelf, &url, name, &digest, file.length).await {
        // What was on the disk may have been spoilt there, or belong to a line that lied: once more from the first byte.
        Err(UpdateError::Tampered(_)) if begun_before => {
            whole(client, shelf, &url, name, &digest, file.length).await
        }
        other => other,
    }
}

async fn whole(
    client: &Client,
    shelf: &Arc<Shelf>,
    url: &Url,
    name: &str,
    digest: &str,
    length: u64,
) -> Result<(), UpdateError> {
    let mut part = shelf.part(digest)?;
    if part.length() > length {
        part.begin_again()?;
    }
    let mut left = RESUMPTIONS;
    while part.length() < length {
        let before = part.length();
        match rest(client, url, name, &mut part, length).await {
            Err(UpdateError::Fetch(error)) if left > 0 && part.length() > before => {
                tracing::debug!(name, at = part.length(), %error, "taken up again");
                left -= 1;
            }
            result => result?,
        }
    }
    let (name, length) = (name.to_owned(), length);
    tokio::task::spawn_blocking(move || part.finish(&name, length))
        .await
        .map_err(|_| UpdateError::Stopped)?
}

/// What is still missing, as far as the line carries it.
async fn rest(
    client: &Client,
    url: &Url,
    name: &str,
    part: &mut Part,
    length: u64,
) -> Result<(), UpdateError> {
    let from = part.length();
    let answer = timeout(STALLED, client.fetch_from(url, from))
        .await
        .unwrap_or(Err(ClientError::Late(STALLED)));
    let response = match answer {
        Ok(Ranged::Rest(response)) => response,
        Ok(Ranged::Whole(response)) => {
            part.begin_again()?;
            response
        }
        Ok(Ranged::Absent) => return Err(UpdateError::Absent(name.to_owned())),
        Err(ClientError::Refused { status, .. }) if status == StatusCode::RANGE_NOT_SATISFIABLE => {
            return shorter(name, part);
        }
        Err(error) => return Err(UpdateError::Fetch(error)),
    };
    take(response, part, length).await?;
    if part.length() == from {
        return shorter(name, part);
    }
    Ok(())
}

/// The office's file ends before the one that was signed.
fn shorter(name: &str, part: &mut Part) -> Result<(), UpdateError> {
    part.begin_again()?;
    Err(UpdateError::Tampered(name.to_owned()))
}

async fn take(mut response: Response, part: &mut Part, length: u64) -> Result<(), UpdateError> {
    loop {
        let chunk = timeout(STALLED, response.chunk())
            .await
            .map_err(|_elapsed| UpdateError::Fetch(ClientError::Late(STALLED)))?
            .map_err(|error| UpdateError::Fetch(ClientError::Interrupted(error)))?;
        match chunk {
            Some(chunk) if part.length() + chunk.len() as u64 > length => {
                part.begin_again()?;
                return Err(UpdateError::Fetch(ClientError::TooLong(length)));
            }
            Some(chunk) => part.add(&chunk)?,
            None => return Ok(()),
        }
    }
}

/// The digest by which a file is known, in small hexadecimal digits.
pub(super) fn digest_of(name: &str, file: &TargetFile) -> Result<String, UpdateError> {
    let digest = file.hashes.get("sha256").map(|text| text.to_lowercase());
    digest
        .filter(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| UpdateError::NoDigest(name.to_owned()))
}
