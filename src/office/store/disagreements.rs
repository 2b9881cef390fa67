//! Where a lane that judged alone and the office came to other verdicts.

use super::{Store, StoreError, not_retired};
use risk::LaneName;
use rusqlite::OptionalExtension as _;

/// What became of a disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// Kept.
    New,
    /// The same was told before.
    Again,
    /// Something else was told of this question before, and stays.
    Otherwise,
}

impl Store {
    /// Keeps a disagreement about a question; `said` is both verdicts in the office's own spelling.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disagree(
        &self,
        lane: &LaneName,
        question: &str,
        said: String,
        now: i64,
    ) -> Result<Noted, StoreError> {
        let (lane, question) = (lane.clone(), question.to_owned());
        self.writer
            .write(move |connection| {
                not_retired(connection, &lane)?;
                let known = connection
                    .prepare_cached("SELECT said FROM disagreement WHERE question = ?1")?
                    .query_row([&question], |row| row.get::<_, String>(0))
                    .optional()?;
                match known {
                    Some(known) if known == said => Ok(Noted::Again),
                    Some(_) => Ok(Noted::Otherwise),
                    None => {
                        connection
                            .prepare_cached(
                                "INSERT INTO disagreement (question, lane, said, received_at) VALUES (?1, ?2, ?3, ?4)",
                            )?
                            .execute((question, lane.as_str(), said, now))?;
                        Ok(Noted::New)
                    }
                }
            })
            .await
    }
}
