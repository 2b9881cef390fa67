//! What the office has answered: one row a question, written before the answer leaves.

use super::{Store, StoreError, not_retired};
use risk::LaneName;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

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

impl Store {
    /// The answer to a question: the stored one when the same body was asked under this name before, else the new one,
    /// which is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has been stored then.
    pub async fn answer_once(
        &self,
        lane: &LaneName,
        question: &str,
        body: Zeroizing<Vec<u8>>,
        now: i64,
        answer: String,
    ) -> Result<Outcome, StoreError> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(StoreError::Salt)?;
        let (lane, question) = (lane.clone(), question.to_owned());
        self.writer
            .write(move |connection| {
                not_retired(connection, &lane)?;
                once(connection, &question, &body, salt, now, answer)
            })
            .await
    }
}

fn once(
    connection: &Connection,
    question: &str,
    body: &[u8],
    salt: [u8; 16],
    now: i64,
    answer: String,
) -> Result<Outcome, StoreError> {
    let known = connection
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
    connection
        .prepare_cached(
            "INSERT INTO assessment (question, salt, digest, answer, answered_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((question, salt, salted(&salt, body), &answer, now))?;
    Ok(Outcome::Answered(answer))
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

    #[tokio::test]
    async fn a_question_is_answered_once_even_after_reopening_and_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.sqlite");
        let lane = LaneName::parse("lane-1").unwrap();
        let ask = async |store: &Store, body: &[u8], answer: &str| {
            store
                .answer_once(
                    &lane,
                    "lane-1/J1-1",
                    body.to_vec().into(),
                    10,
                    answer.to_owned(),
                )
                .await
                .unwrap()
        };
        let store = Store::open(&path).unwrap();
        let first = Outcome::Answered("first".to_owned());
        let again = Outcome::Repeated("first".to_owned());
        assert_eq!(ask(&store, b"body", "first").await, first);
        assert_eq!(ask(&store, b"body", "second").await, again);
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(ask(&store, b"body", "third").await, again);
        assert_eq!(ask(&store, b"other", "third").await, Outcome::Conflict);
        store.check().await.unwrap();

        assert_eq!(store.forget(10, 100).await.unwrap(), 0);
        assert_eq!(ask(&store, b"body", "third").await, again);
        assert_eq!(store.forget(11, 100).await.unwrap(), 1);
        let anew = Outcome::Answered("third".to_owned());
        assert_eq!(ask(&store, b"other", "third").await, anew);
    }
}
