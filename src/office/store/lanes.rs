//! The lanes: who was enrolled with which keys, who was retired, and what each last said of itself.

use super::{Store, StoreError, not_retired};
use ed25519_dalek::VerifyingKey;
use risk::LaneName;
use rusqlite::{Connection, OptionalExtension};

/// Whether a lane may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Enrolled,
    Retired,
    Unknown,
}

pub(super) fn standing(connection: &Connection, lane: &LaneName) -> Result<Standing, StoreError> {
    let retired = connection
        .prepare_cached("SELECT retired_at FROM lane WHERE name = ?1")?
        .query_row([lane.as_str()], |row| row.get::<_, Option<i64>>(0))
        .optional()?;
    Ok(match retired {
        None => Standing::Unknown,
        Some(None) => Standing::Enrolled,
        Some(Some(_)) => Standing::Retired,
    })
}

/// What an enrolment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// A lane that was not known.
    New,
    /// A lane that was known; the key was added to its keys, or was one of them.
    Again,
}

/// What is known of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneRow {
    /// Its name.
    pub lane: String,
    /// When it was enrolled, Unix seconds; `None` for one that only reports.
    pub enrolled_at: Option<i64>,
    /// When it was retired, Unix seconds.
    pub retired_at: Option<i64>,
    /// How many keys its records may be signed with.
    pub keys: u32,
    /// Highest record up to which all are here.
    pub records: u64,
    /// How often it showed a second history.
    pub forks: u64,
    /// When it last reported, Unix seconds.
    pub seen_at: Option<i64>,
    /// What it reported, JSON.
    pub said: Option<String>,
}

impl Store {
    /// Enrolls a lane, or adds a key for its records to a lane that is enrolled. Without a key it can ask and report, and
    /// deliver nothing.
    ///
    /// # Errors
    /// [`StoreError::Retired`] for a lane that was retired, whose name is never used again.
    pub async fn enroll(
        &self,
        lane: &LaneName,
        key: Option<&VerifyingKey>,
        now: i64,
    ) -> Result<Enrolled, StoreError> {
        let (lane, key) = (lane.clone(), key.map(VerifyingKey::to_bytes));
        self.writer
            .write(move |connection| {
                let enrolled = match standing(connection, &lane)? {
                    Standing::Retired => return Err(StoreError::Retired),
                    Standing::Enrolled => Enrolled::Again,
                    Standing::Unknown => {
                        connection.execute(
                            "INSERT INTO lane (name, enrolled_at) VALUES (?1, ?2)",
                            (lane.as_str(), now),
                        )?;
                        Enrolled::New
                    }
                };
                if let Some(key) = key {
                    connection.execute(
                        "INSERT INTO lane_key (lane, key, added_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                        (lane.as_str(), key, now),
                    )?;
                }
                Ok(enrolled)
            })
            .await
    }

    /// Retires a lane: from now on it is refused whatever certificate it shows. What it recorded stays.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`], [`StoreError::Retired`] when it was retired before.
    pub async fn retire(&self, lane: &LaneName, now: i64) -> Result<(), StoreError> {
        let lane = lane.clone();
        self.writer
            .write(move |connection| match standing(connection, &lane)? {
                Standing::Unknown => Err(StoreError::NotEnrolled),
                Standing::Retired => Err(StoreError::Retired),
                Standing::Enrolled => {
                    connection.execute(
                        "UPDATE lane SET retired_at = ?2 WHERE name = ?1",
                        (lane.as_str(), now),
                    )?;
                    Ok(())
                }
            })
            .await
    }

    /// Whether a lane may speak: enrolled, or known by its certificate alone.
    ///
    /// # Errors
    /// [`StoreError::Retired`].
    pub async fn admits(&self, lane: &LaneName) -> Result<(), StoreError> {
        let lane = lane.clone();
        self.read(move |connection| not_retired(connection, &lane))
            .await
    }

    /// The keys that a lane's records may be signed with.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`], [`StoreError::Retired`].
    pub async fn keys(&self, lane: &LaneName) -> Result<Vec<VerifyingKey>, StoreError> {
        let lane = lane.clone();
        self.read(move |connection| {
            match standing(connection, &lane)? {
                Standing::Unknown => return Err(StoreError::NotEnrolled),
                Standing::Retired => return Err(StoreError::Retired),
                Standing::Enrolled => {}
            }
            let mut select = connection.prepare_cached(
                "SELECT key FROM lane_key WHERE lane = ?1 ORDER BY added_at DESC, key",
            )?;
            let rows = select.query_map([lane.as_str()], |row| row.get::<_, [u8; 32]>(0))?;
            rows.map(|key| {
                VerifyingKey::from_bytes(&key?)
                    .map_err(|_| StoreError::Spoilt("a lane's key is none"))
            })
            .collect()
        })
        .await
    }

    /// Keeps what a lane says of itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn report(&self, lane: &LaneName, said: String, now: i64) -> Result<(), StoreError> {
        let lane = lane.clone();
        self.writer
            .write(move |connection| {
                not_retired(connection, &lane)?;
                connection
                    .prepare_cached(
                        "INSERT INTO health (lane, said, seen_at) VALUES (?1, ?2, ?3)
                         ON CONFLICT (lane) DO UPDATE SET said = excluded.said, seen_at = excluded.seen_at",
                    )?
                    .execute((lane.as_str(), said, now))?;
                Ok(())
            })
            .await
    }

    /// Every lane that was enrolled or has reported, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lanes(&self) -> Result<Vec<LaneRow>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT name, enrolled_at, retired_at,
                        (SELECT count(*) FROM lane_key WHERE lane_key.lane = name),
                        coalesce(seq, 0), coalesce(forks, 0), seen_at, said
                 FROM (SELECT name FROM lane UNION SELECT lane FROM health)
                 LEFT JOIN lane USING (name)
                 LEFT JOIN progress ON progress.lane = name
                 LEFT JOIN health ON health.lane = name
                 ORDER BY name",
            )?;
            let rows = select.query_map([], |row| {
                Ok(LaneRow {
                    lane: row.get(0)?,
                    enrolled_at: row.get(1)?,
                    retired_at: row.get(2)?,
                    keys: row.get(3)?,
                    records: row.get::<_, i64>(4)?.unsigned_abs(),
                    forks: row.get::<_, i64>(5)?.unsigned_abs(),
                    seen_at: row.get(6)?,
                    said: row.get(7)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ed25519_dalek::SigningKey;

    #[tokio::test]
    async fn a_lane_keeps_its_earlier_keys_and_a_retired_one_stays_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("office.sqlite")).unwrap();
        let lane = LaneName::parse("lane-1").unwrap();
        let keys = [[1; 32], [2; 32]].map(|seed| SigningKey::from_bytes(&seed).verifying_key());
        assert!(matches!(
            store.keys(&lane).await,
            Err(StoreError::NotEnrolled)
        ));
        assert!(matches!(
            store.retire(&lane, 5).await,
            Err(StoreError::NotEnrolled)
        ));
        for (key, now, expected) in [
            (&keys[0], 5, Enrolled::New),
            (&keys[1], 6, Enrolled::Again),
            (&keys[1], 7, Enrolled::Again),
        ] {
            assert_eq!(store.enroll(&lane, Some(key), now).await.unwrap(), expected);
        }
        assert_eq!(store.keys(&lane).await.unwrap(), [keys[1], keys[0]]);
        store.report(&lane, "{}".to_owned(), 8).await.unwrap();
        let other = LaneName::parse("lane-0").unwrap();
        store.report(&other, "{}".to_owned(), 9).await.unwrap();
        store.retire(&lane, 10).await.unwrap();
        for refused in [
            store.keys(&lane).await.map(drop),
            store.admits(&lane).await,
            store.report(&lane, "{}".to_owned(), 11).await,
            store.enroll(&lane, Some(&keys[0]), 11).await.map(drop),
            store.retire(&lane, 11).await,
        ] {
            assert!(matches!(refused, Err(StoreError::Retired)), "{refused:?}");
        }
        let rows = store.lanes().await.unwrap();
        let names: Vec<_> = rows
            .iter()
            .map(|row| (row.lane.as_str(), row.retired_at, row.keys, row.seen_at))
            .collect();
        assert_eq!(
            names,
            [
                ("lane-0", None, 0, Some(9)),
                ("lane-1", Some(10), 2, Some(8))
            ]
        );
    }
}
