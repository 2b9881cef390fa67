//! The roster: who there is. It is read once, from a TOML file that holds no PIN but its hash.

use std::fmt;

use journey::OfficerId;
use thiserror::Error;
use toml::{Table, Value};

use crate::{
    permission::{Action, Role, may},
    pin::PinHash,
};

/// An officer who is known to the lane.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Officer {
    /// The badge number, which the journal keeps.
    pub id: OfficerId,
    /// The name, as the panel shows it.
    pub name: String,
    /// What they are there for.
    pub role: Role,
}

impl Officer {
    /// Whether they may do this.
    pub const fn may(&self, action: Action) -> bool {
        may(self.role, action)
    }
}

/// Badge and role; the name is nobody's business but the panel's.
impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Officer")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Everybody who may sign in at the lane's panel.
#[derive(Debug, Clone)]
pub struct Roster {
    pub(crate) entries: Vec<(Officer, PinHash)>,
    /// The costliest hash to compare with: no known badge takes longer than an unknown one that is held against it.
    pub(crate) decoy: PinHash,
}

/// What is wrong with a roster: which entry, counted from 1, which key, and what to do. It shows no hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RosterError {
    /// The file is not TOML.
    #[error("the roster is not TOML: line {line}: {complaint}")]
    NotToml {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        complaint: String,
    },
    /// There is something else than `[[officer]]` entries.
    #[error("the roster has '{key}', which it does not know: it consists of [[officer]] entries")]
    UnknownSection {
        /// What is there.
        key: String,
    },
    /// Nobody is in it.
    #[error(
        "the roster is empty: add an [[officer]] entry, for without an officer no referral can end"
    )]
    Empty,
    /// Nobody in it may decide.
    #[error(
        "nobody in the roster may decide a referral: give an entry the role 'officer' or 'supervisor'"
    )]
    NobodyDecides,
    /// A key is not there.
    #[error("officer {entry}{}: '{key}' is missing: add {key} = {example}", named(.badge))]
    KeyMissing {
        /// Which entry.
        entry: usize,
        /// Its badge, where it has one.
        badge: Option<String>,
        /// The key.
        key: &'static str,
        /// What it could be.
        example: &'static str,
    },
    /// A key is there that entries do not have.
    #[error("officer {entry}{}: '{key}' is not known: an entry has badge, name, role and pin; correct or remove it", named(.badge))]
    KeyUnknown {
        /// Which entry.
        entry: usize,
        /// Its badge, where it has one.
        badge: Option<String>,
        /// The key.
        key: String,
    },
    /// A value cannot be taken.
    #[error("officer {entry}{}: '{key}' {complaint}: {cure}", named(.badge))]
    BadValue {
        /// Which entry.
        entry: usize,
        /// Its badge, where it has one.
        badge: Option<String>,
        /// The key.
        key: &'static str,
        /// What is wrong with the value.
        complaint: &'static str,
        /// What to do.
        cure: &'static str,
    },
    /// Two entries have the same badge.
    #[error(
        "officer {entry} (badge {badge}): 'badge' is that of officer {first} already: give each entry its own"
    )]
    BadgeTwice {
        /// The later entry.
        entry: usize,
        /// The badge.
        badge: String,
        /// The earlier entry.
        first: usize,
    },
}

fn named(badge: &Option<String>) -> String {
    badge
        .as_ref()
        .map(|badge| format!(" (badge {badge})"))
        .unwrap_or_default()
}

impl Roster {
    /// Reads a roster. `roster.sample.toml`, beside this file in the source, shows one.
    ///
    /// # Errors
    /// [`RosterError`]: the first thing that is wrong.
    pub fn parse(toml: &str) -> Result<Self, RosterError> {
        // The parser's own display quotes the line, and the line may hold a hash.
        let mut file: Table =
            toml.parse()
                .map_err(|error: toml::de::Error| RosterError::NotToml {
                    line: error.span().map_or(1, |span| {
                        toml.bytes()
                            .take(span.start)
                            .filter(|byte| *byte == b'\n')
                            .count()
                            + 1
                    }),
                    complaint: error.message().to_owned(),
                })?;
        let officers = match file.remove("officer") {
            Some(Value::Array(officers)) => officers,
            Some(_) => {
                return Err(RosterError::UnknownSection {
                    key: "officer = ..".to_owned(),
                });
            }
            None => Vec::new(),
        };
        if let Some((key, _)) = file.into_iter().next() {
            return Err(RosterError::UnknownSection { key });
        }
        let mut entries: Vec<(Officer, PinHash)> = Vec::new();
        for (index, officer) in officers.into_iter().enumerate() {
            let (officer, pin) = read(index + 1, officer)?;
            if let Some(first) = entries.iter().position(|(other, _)| other.id == officer.id) {
                return Err(RosterError::BadgeTwice {
                    entry: index + 1,
                    badge: officer.id.as_str().to_owned(),
                    first: first + 1,
                });
            }
            entries.push((officer, pin));
        }
        let Some(decoy) = entries
            .iter()
            .map(|(_, pin)| pin)
            .max_by_key(|pin| pin.work)
            .cloned()
        else {
            return Err(RosterError::Empty);
        };
        let decides = |(officer, _): &(Officer, PinHash)| {
            journey::Decision::ALL
                .iter()
                .all(|decision| officer.may(Action::Decide(*decision)))
        };
        if entries.iter().any(decides) {
            Ok(Self { entries, decoy })
        } else {
            Err(RosterError::NobodyDecides)
        }
    }

    /// Everybody in it, in the order of the file.
    pub fn officers(&self) -> impl Iterator<Item = &Officer> {
        self.entries.iter().map(|(officer, _)| officer)
    }
}

const KEYS: [&str; 4] = ["badge", "name", "role", "pin"];
const NEW_HASH: &str = "make it with the tool that adds officers; never write the PIN itself here";

fn read(entry: usize, officer: Value) -> Result<(Officer, PinHash), RosterError> {
    let Value::Table(table) = officer else {
        return Err(RosterError::UnknownSection {
            key: "officer = [..]".to_owned(),
        });
    };
    let badge = table
        .get("badge")
        .and_then(Value::as_str)
        .map(|badge| badge.chars().take(16).collect::<String>());
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(RosterError::KeyUnknown {
            entry,
            badge,
            key: key.clone(),
        });
    }
    let bad = |key, complaint, cure| RosterError::BadValue {
        entry,
        badge: badge.clone(),
        key,
        complaint,
        cure,
    };
    let text = |key, example| match table.get(key) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(bad(key, "is not a text", "put it in quotation marks")),
        None => Err(RosterError::KeyMissing {
            entry,
            badge: badge.clone(),
            key,
            example,
        }),
    };
    let id = OfficerId::parse(text("badge", "\"A-17\"")?).map_err(|_| {
        bad(
            "badge",
            "is not a badge number",
            "write 1 to 16 characters of A-Z, 0-9 and '-'",
        )
    })?;
    let name = text("name", "\"..\"")?;
    if name.trim().is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(bad(
            "name",
            "cannot be shown",
            "write 1 to 60 visible characters",
        ));
    }
    let role = Role::of_word(text("role", "\"officer\"")?).ok_or_else(|| {
        bad(
            "role",
            "is not a role",
            "write \"officer\", \"supervisor\" or \"engineer\"",
        )
    })?;
    let pin = PinHash::parse(text("pin", "\"$argon2id$..\"")?)
        .map_err(|complaint| bad("pin", complaint, NEW_HASH))?;
    Ok((
        Officer {
            id,
            name: name.trim().to_owned(),
            role,
        },
        pin,
    ))
}
