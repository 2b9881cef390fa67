//! What the configuration names, read: each file by itself, so that everything that is wrong is told at once.

use std::error::Error;
use std::path::{Path, PathBuf};

use evidence::declaration::Issuers;
use gate::RegisterMap;
use journal::{DigestKey, LaneKey};
use officers::Roster;
use risk::{Client, ClientConfig, Identity, LineOptions, Lists, Policy};

use crate::chain;
use crate::config::{Complaint, Config, Map};

/// Everything that a lane needs besides its devices and its journal.
pub(crate) struct Provisions {
    pub(crate) policy: Policy,
    pub(crate) lists: Lists,
    pub(crate) issuers: Issuers,
    pub(crate) roster: Roster,
    pub(crate) map: RegisterMap,
    pub(crate) client: Option<Client>,
    /// What the lane signs with, and the journal's key once more for whoever reads beside the writer.
    pub(crate) signing: Option<(LaneKey, DigestKey)>,
    pub(crate) journal_key: DigestKey,
}

impl Provisions {
    /// Reads them all, or says what is wrong with each.
    pub(crate) fn gather(config: &Config) -> Result<Self, Vec<Complaint>> {
        let mut complaints = Vec::new();
        let policy = keep(policy(config), &mut complaints);
        let lists = keep(lists(config), &mut complaints);
        let issuers = keep(issuers(config), &mut complaints);
        let roster = keep(roster(config), &mut complaints);
        let map = keep(map(config), &mut complaints);
        let client = keep(client(config), &mut complaints);
        let signing = keep(signing(config), &mut complaints);
        let journal_key = keep(journal_key(config), &mut complaints);
        match (
            policy,
            lists,
            issuers,
            roster,
            map,
            client,
            signing,
            journal_key,
        ) {
            (
                Some(policy),
                Some(lists),
                Some(issuers),
                Some(roster),
                Some(map),
                Some(client),
                Some(signing),
                Some(journal_key),
            ) if complaints.is_empty() => Ok(Self {
                policy,
                lists,
                issuers,
                roster,
                map,
                client,
                signing,
                journal_key,
            }),
            _ => Err(complaints),
        }
    }
}

fn keep<T>(read: Result<T, Complaint>, complaints: &mut Vec<Complaint>) -> Option<T> {
    read.map_err(|complaint| complaints.push(complaint)).ok()
}

pub(crate) fn complaint(key: &str, trouble: String, cure: impl Into<String>) -> Complaint {
    Complaint {
        line: None,
        key: key.to_owned(),
        trouble,
        cure: cure.into(),
    }
}

fn read(key: &str, path: &Path) -> Result<String, Complaint> {
    std::fs::read_to_string(path).map_err(|error| {
        let trouble = format!("names {}, which cannot be read ({error})", path.display());
        complaint(
            key,
            trouble,
            "correct the path, or put the file there and let the lane's user read it",
        )
    })
}

fn parsed<T, E: Error>(
    key: &str,
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Complaint> {
    parse(&read(key, path)?).map_err(|error| {
        let trouble = format!("names {}, which does not serve", path.display());
        complaint(key, trouble, chain(&error))
    })
}

pub(crate) fn policy(config: &Config) -> Result<Policy, Complaint> {
    parsed("risk.policy", &config.policy, Policy::parse)
}

pub(crate) fn lists(config: &Config) -> Result<Lists, Complaint> {
    parsed("risk.lists", &config.lists, Lists::parse)
}

pub(crate) fn issuers(config: &Config) -> Result<Issuers, Complaint> {
    parsed("evidence.issuers", &config.issuers, Issuers::parse)
}

pub(crate) fn roster(config: &Config) -> Result<Roster, Complaint> {
    parsed("officers.roster", &config.roster, Roster::parse)
}

pub(crate) fn map(config: &Config) -> Result<RegisterMap, Complaint> {
    match &config.map {
        Map::Controller => RegisterMap::controller(),
        Map::RelayBox => RegisterMap::relay_box(),
        Map::File(path) => RegisterMap::load(path),
    }
    .map_err(|error| complaint("gate.map", "does not serve".to_owned(), chain(&error)))
}

/// The authorities that may vouch for the office.
pub(crate) fn authorities(path: &Path) -> Result<Vec<u8>, Complaint> {
    read("office.ca", path).map(String::into_bytes)
}

pub(crate) fn client(config: &Config) -> Result<Option<Client>, Complaint> {
    let Some(office) = &config.office else {
        return Ok(None);
    };
    let setup = ClientConfig {
        office: office.url.clone(),
        lane: config.lane.clone(),
        ca_pem: authorities(&office.ca)?,
        deadline: office.deadline,
    };
    let identity = match &office.identity {
        None => None,
        Some((certificate, key)) => {
            let identity = Identity::load(certificate, key).map_err(|error| {
                let trouble = format!(
                    "names {} and {}, which do not serve",
                    certificate.display(),
                    key.display()
                );
                complaint("office.certificate", trouble, chain(&error))
            })?;
            Some(identity)
        }
    };
    let options = LineOptions {
        identity,
        ..LineOptions::default()
    };
    Client::with(setup, options).map(Some).map_err(|error| {
        let trouble = format!("({}, {}) does not serve", office.url, office.ca.display());
        complaint("office", trouble, chain(&error))
    })
}

/// What records need in order to leave the lane: its signing key, and the journal's once more for whoever reads beside the
/// writer. None where there is no office, or no signing key is named.
fn signing(config: &Config) -> Result<Option<(LaneKey, DigestKey)>, Complaint> {
    let named =
        config.lane_key.is_some() || credential_lane_key().is_some_and(|path| path.exists());
    if config.office.is_none() || !named {
        return Ok(None);
    }
    Ok(Some((lane_key(config)?, journal_key(config)?)))
}

fn credential_lane_key() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join("lane.key"))
}

/// The file of the journal's key: the one that is named, else the service manager's credential.
pub(crate) fn journal_key_file(config: &Config) -> Result<PathBuf, Complaint> {
    if let Some(path) = &config.journal_key {
        return Ok(path.clone());
    }
    std::env::var_os("CREDENTIALS_DIRECTORY")
        .map(|folder| Path::new(&folder).join("journal.key"))
        .ok_or_else(|| {
            let cure = "name the key's file, or start the lane by its unit, which has LoadCredential=journal.key:...; by hand, \
                CREDENTIALS_DIRECTORY=/etc/sekisho stands in for the unit; `openssl rand -hex 32` makes a key";
            complaint("journal.key", "is missing, and there is no credential".to_owned(), cure)
        })
}

pub(crate) fn journal_key(config: &Config) -> Result<DigestKey, Complaint> {
    DigestKey::from_file(&journal_key_file(config)?)
        .map_err(|error| complaint("journal.key", "does not serve".to_owned(), chain(&error)))
}

/// The lane's signing key: the file that is named, else the service manager's credential.
pub(crate) fn lane_key(config: &Config) -> Result<LaneKey, Complaint> {
    let path = config
        .lane_key
        .clone()
        .or_else(credential_lane_key)
        .ok_or_else(|| {
            let cure = "name the key's file, or give the lane's unit LoadCredential=lane.key:...; \
            `openssl genpkey -algorithm ed25519` makes a key";
            complaint(
                "journal.lane_key",
                "is missing, and there is no credential".to_owned(),
                cure,
            )
        })?;
    LaneKey::from_file(config.lane.as_str(), &path).map_err(|error| {
        complaint(
            "journal.lane_key",
            "does not serve".to_owned(),
            chain(&error),
        )
    })
}
