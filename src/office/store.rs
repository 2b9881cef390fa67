//! What the office has answered: one row a question, written before the answer leaves.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use rusqlite_migration::{M, Migrations};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const STEPS: &[M<'static>] = &[M::up(include_str!(
    "../../migrations/office/0001_assessments.sql"
))];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Why the database does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[source] rusqlite::Error),
    /// Its tables cannot be brought up to date.
    #[error("the database's tables cannot be brought up to date")]
    Migrate(#[source] rusqlite_migration::Error),
    /// It cannot be read or written.
    #[error("the database cannot be read or written")]
    Use(#[from] rusqlite::Error),
    /// The system gives no random salt.
    #[error("the system gives no random numbers")]
    Salt(#[source] getrandom::Error),
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered now, and stored.
    Answered(String),
    /// Answered before; this is the stored answer.
    Repeated(String),
    /// Another question has this name.
    Conflict,
}

/// The database.
#[derive(Debug)]
pub struct Store(Mutex<Connection>);

impl Store {
    /// Opens the database, makes it when it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path).map_err(StoreError::Open)?;
        // FULL: an answer that a lane has received is on the disk, whatever happens to the power.
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(StoreError::Open)?;
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(StoreError::Open)?;
        // An office that was stopped a moment ago may still be closing its last transaction.
        connection
            .busy_timeout(Duration::from_secs(2))
            .map_err(StoreError::Open)?;
        MIGRATIONS
            .to_latest(&mut connection)
            .map_err(StoreError::Migrate)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// The answer to a question: the stored one when the same body was asked under this name before, else a new one,
    /// which is on the disk when this returns. Blocks.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has been stored then.
    pub fn answer_once(
        &self,
        question: &str,
        body: &[u8],
        now: i64,
        answer: impl FnOnce() -> String,
    ) -> Result<Outcome, StoreError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = transaction
            .prepare_cached("SELECT salt, digest, answer FROM assessment WHERE question = ?1")?
            .query_row([question], |row| {
                Ok((
                    row.get::<_, [u8; 16]>(0)?,
                    row.get::<_, [u8; 32]>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        if let Some((salt, digest, answer)) = known {
            let same = digest == salted(&salt, body);
            return Ok(if same {
                Outcome::Repeated(answer)
            } else {
                Outcome::Conflict
            });
        }
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(StoreError::Salt)?;
        let answer = answer();
        transaction
            .prepare_cached(
                "INSERT INTO assessment (question, salt, digest, answer, answered_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((question, salt, salted(&salt, body), &answer, now))?;
        transaction.commit()?;
        Ok(Outcome::Answered(answer))
    }

    /// Whether the database can be read. Blocks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn check(&self) -> Result<(), StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.query_row(
            "SELECT count(*) FROM (SELECT 1 FROM assessment LIMIT 1)",
            [],
            |_| Ok(()),
        )?;
        Ok(())
    }
}

fn salted(salt: &[u8; 16], body: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(body)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn migrations_are_sound() {
        MIGRATIONS.validate().unwrap();
    }

    #[test]
    fn a_question_is_answered_once_even_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.sqlite");
        let ask = |store: &Store, body: &[u8], answer: &str| {
            store
                .answer_once("lane-1/J1-1", body, 0, || answer.to_owned())
                .unwrap()
        };
        let store = Store::open(&path).unwrap();
        assert_eq!(
            ask(&store, b"body", "first"),
            Outcome::Answered("first".to_owned())
        );
        assert_eq!(
            ask(&store, b"body", "second"),
            Outcome::Repeated("first".to_owned())
        );
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(
            ask(&store, b"body", "third"),
            Outcome::Repeated("first".to_owned())
        );
        assert_eq!(ask(&store, b"other", "third"), Outcome::Conflict);
        store.check().unwrap();
    }
}
