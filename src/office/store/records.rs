//! What the lanes recorded, in order and without a gap. A second history is kept beside the first, never in its place.

use super::{Store, StoreError, Tree, not_retired};
use risk::LaneName;
use rusqlite::{Connection, OptionalExtension as _};

/// One record whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its number in its lane, from 1.
    pub seq: u64,
    /// RFC 6962 leaf hash: two records with one hash are the same record.
    pub leaf: [u8; 32],
    /// As it was sent.
    pub signed: Vec<u8>,
}

/// A lane's word on its whole history, its signature checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// How many records it is about.
    pub size: u64,
    /// Head of their Merkle tree.
    pub root: [u8; 32],
    /// As it was sent.
    pub signed: Vec<u8>,
}

/// What a lane sends at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Records, in their order.
    pub records: Vec<Incoming>,
    /// The checkpoint over them and what was before.
    pub checkpoint: Option<Root>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// All records up to this number are on the disk; `new` of them came with this delivery.
    Acknowledged {
        /// Number of the last.
        seq: u64,
        /// How many were not here before.
        new: u64,
    },
    /// A record before this one is missing; nothing of the delivery was kept.
    Gap {
        /// The number that comes next.
        expected: u64,
    },
    /// Under this number stands another record. Both are kept, and nothing after it.
    Fork {
        /// The number.
        seq: u64,
    },
    /// The checkpoint is over other records than those that are here. It is kept, and so are the records.
    OtherHistory {
        /// The checkpoint's tree size.
        size: u64,
    },
}

impl Store {
    /// Takes in a delivery; what it acknowledges is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`], [`StoreError::Retired`]; nothing has been stored then.
    pub async fn ingest(
        &self,
        lane: &LaneName,
        delivery: Delivery,
        now: i64,
    ) -> Result<Ingested, StoreError> {
        let lane = lane.clone();
        self.writer
            .write(move |connection| {
                not_retired(connection, &lane)?;
                Shelf::open(connection, lane.as_str(), now)?.take(&delivery)
            })
            .await
    }
}

/// One lane's records, while they are added to.
struct Shelf<'a> {
    connection: &'a Connection,
    lane: &'a str,
    now: i64,
    tree: Tree,
}

impl<'a> Shelf<'a> {
    fn open(connection: &'a Connection, lane: &'a str, now: i64) -> Result<Self, StoreError> {
        let progress = connection
            .prepare_cached("SELECT seq, peaks FROM progress WHERE lane = ?1")?
            .query_row([lane], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let tree = match progress {
            None => Tree::default(),
            Some((seq, peaks)) => Tree::from_peaks(seq.unsigned_abs(), &peaks)
                .ok_or(StoreError::Spoilt("a lane's peaks do not fit its records"))?,
        };
        Ok(Self {
            connection,
            lane,
            now,
            tree,
        })
    }

    fn take(mut self, delivery: &Delivery) -> Result<Ingested, StoreError> {
        if let Some(expected) = self.gap(&delivery.records) {
            return Ok(Ingested::Gap { expected });
        }
        let before = self.tree.size();
        for record in &delivery.records {
            if record.seq > self.tree.size() {
                self.add(record)?;
            } else if self.leaf(record.seq)? != Some(record.leaf) {
                self.close(before)?;
                self.fork("record", record.seq, &record.leaf, &record.signed)?;
                return Ok(Ingested::Fork { seq: record.seq });
            }
        }
        self.close(before)?;
        if let Some(root) = &delivery.checkpoint
            && !self.agrees(root)?
        {
            self.fork("checkpoint", root.size, &root.root, &root.signed)?;
            return Ok(Ingested::OtherHistory { size: root.size });
        }
        Ok(Ingested::Acknowledged {
            seq: self.tree.size(),
            new: self.tree.size() - before,
        })
    }

    /// The first number that neither is here nor comes with these records in its place.
    fn gap(&self, records: &[Incoming]) -> Option<u64> {
        let mut next = self.tree.size() + 1;
        for record in records {
            if record.seq > next {
                return Some(next);
            }
            next = next.max(record.seq + 1);
        }
        None
    }

    fn add(&mut self, record: &Incoming) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO record (lane, seq, leaf, signed, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((
                self.lane,
                number(record.seq)?,
                record.leaf,
                &record.signed,
                self.now,
            ))?;
        self.tree.push(record.leaf);
        Ok(())
    }

    fn leaf(&self, seq: u64) -> Result<Option<[u8; 32]>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT leaf FROM record WHERE lane = ?1 AND seq = ?2")?
            .query_row((self.lane, number(seq)?), |row| row.get(0))
            .optional()?)
    }

    /// Notes how far the lane has come.
    fn close(&self, before: u64) -> Result<(), StoreError> {
        if self.tree.size() > before {
            self.connection
                .prepare_cached(
                    "INSERT INTO progress (lane, seq, peaks) VALUES (?1, ?2, ?3)
                     ON CONFLICT (lane) DO UPDATE SET seq = excluded.seq, peaks = excluded.peaks",
                )?
                .execute((self.lane, number(self.tree.size())?, self.tree.peaks()))?;
        }
        Ok(())
    }

    fn fork(&self, kind: &str, seq: u64, leaf: &[u8; 32], signed: &[u8]) -> Result<(), StoreError> {
        let new = self
            .connection
            .prepare_cached(
                "INSERT INTO fork (lane, kind, seq, leaf, signed, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((self.lane, kind, number(seq)?, leaf, signed, self.now))?;
        if new > 0 {
            self.connection
                .prepare_cached(
                    "INSERT INTO progress (lane, seq, peaks, forks) VALUES (?1, 0, x'', 1)
                     ON CONFLICT (lane) DO UPDATE SET forks = forks + 1",
                )?
                .execute([self.lane])?;
        }
        Ok(())
    }

    /// Whether a checkpoint is over the records that are here; if so it is kept. One that runs ahead of them says nothing yet.
    fn agrees(&self, said: &Root) -> Result<bool, StoreError> {
        if said.size > self.tree.size() {
            return Ok(true);
        }
        let root = if said.size == self.tree.size() {
            self.tree.root()
        } else {
            self.earlier(said.size)?.root()
        };
        if root != said.root {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO checkpoint (lane, size, root, signed, received_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((
                self.lane,
                number(said.size)?,
                said.root,
                &said.signed,
                self.now,
            ))?;
        Ok(true)
    }

    /// The tree as it was. Reads that many leaves: only a delivery that comes a second time asks for it.
    fn earlier(&self, size: u64) -> Result<Tree, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT leaf FROM record WHERE lane = ?1 AND seq <= ?2 ORDER BY seq")?;
        let mut tree = Tree::default();
        for leaf in select.query_map((self.lane, number(size)?), |row| row.get(0))? {
            tree.push(leaf?);
        }
        if tree.size() == size {
            Ok(tree)
        } else {
            Err(StoreError::Spoilt("a lane's records have a gap"))
        }
    }
}

/// SQLite's integers end at 2^63 - 1; no lane records so much.
fn number(seq: u64) -> Result<i64, StoreError> {
    i64::try_from(seq).map_err(|_| StoreError::Spoilt("a record's number is beyond every number"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    fn record(seq: u64, history: u8) -> Incoming {
        let signed = format!("{seq} in {history}").into_bytes();
        Incoming {
            seq,
            leaf: Sha256::digest(&signed).into(),
            signed,
        }
    }

    fn root(size: u64, history: u8) -> Root {
        let mut tree = Tree::default();
        (1..=size).for_each(|seq| tree.push(record(seq, history).leaf));
        Root {
            size,
            root: tree.root(),
            signed: b"signed".to_vec(),
        }
    }

    fn delivery(seqs: impl IntoIterator<Item = u64>, history: u8) -> Delivery {
        Delivery {
            records: seqs.into_iter().map(|seq| record(seq, history)).collect(),
            checkpoint: None,
        }
    }

    fn lane() -> LaneName {
        LaneName::parse("lane-1").unwrap()
    }

    async fn store(folder: &std::path::Path) -> Store {
        let store = Store::open(&folder.join("office.sqlite")).unwrap();
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
        store.enroll(&lane(), Some(&key), 0).await.unwrap();
        store
    }

    async fn forks(store: &Store) -> u64 {
        store.lanes().await.unwrap()[0].forks
    }

    #[tokio::test]
    async fn records_come_in_order_once_and_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let take = async |what: Delivery| store.ingest(&lane(), what, 0).await.unwrap();
        let here = |seq, new| Ingested::Acknowledged { seq, new };
        assert_eq!(take(Delivery::default()).await, here(0, 0));
        assert_eq!(take(delivery(2..4, 0)).await, Ingested::Gap { expected: 1 });
        assert_eq!(take(delivery(1..4, 0)).await, here(3, 3));
        assert_eq!(take(delivery(1..4, 0)).await, here(3, 0));
        assert_eq!(take(delivery(2..6, 0)).await, here(5, 2));
        assert_eq!(
            take(delivery([6, 8], 0)).await,
            Ingested::Gap { expected: 7 }
        );
        assert_eq!(take(delivery([6, 6, 7], 0)).await, here(7, 2));
        assert_eq!(forks(&store).await, 0);
    }

    #[tokio::test]
    async fn another_record_under_the_same_number_is_evidence_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let take = async |what: Delivery| store.ingest(&lane(), what, 0).await.unwrap();
        take(delivery(1..4, 0)).await;
        for _ in 0..2 {
            assert_eq!(take(delivery(3..6, 1)).await, Ingested::Fork { seq: 3 });
            assert_eq!(forks(&store).await, 1);
        }
        let first = Ingested::Acknowledged { seq: 5, new: 2 };
        assert_eq!(take(delivery(3..6, 0)).await, first);
        let mut both = delivery([], 0);
        both.records = vec![record(6, 0), record(6, 1), record(7, 1)];
        assert_eq!(take(both).await, Ingested::Fork { seq: 6 });
        let nothing = Ingested::Acknowledged { seq: 6, new: 0 };
        assert_eq!(take(Delivery::default()).await, nothing);
        assert_eq!(forks(&store).await, 2);
    }

    #[tokio::test]
    async fn a_checkpoint_is_held_against_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let take = async |what: Delivery| store.ingest(&lane(), what, 0).await.unwrap();
        let with = |what: Delivery, root| Delivery {
            checkpoint: Some(root),
            ..what
        };
        let here = |seq, new| Ingested::Acknowledged { seq, new };
        assert_eq!(take(with(delivery(1..6, 0), root(5, 0))).await, here(5, 5));
        assert_eq!(take(with(delivery([], 0), root(3, 0))).await, here(5, 0));
        assert_eq!(take(with(delivery([6], 0), root(9, 0))).await, here(6, 1));
        for size in [2, 6] {
            assert_eq!(
                take(with(delivery([], 0), root(size, 1))).await,
                Ingested::OtherHistory { size }
            );
        }
        assert_eq!(forks(&store).await, 2);
        assert_eq!(take(with(delivery([7], 0), root(7, 0))).await, here(7, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

        /// Whatever arrives in whatever order, what is here is one history without a gap, and nothing acknowledged goes.
        #[test]
        fn nothing_acknowledged_is_ever_lost(deliveries in prop::collection::vec(
            (prop::collection::vec((1_u64..12, 0_u8..2), 0..6), prop::option::of((0_u64..12, 0_u8..2))), 1..30,
        )) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("office.sqlite");
                let store = store(folder.path()).await;
                let mut kept: Vec<[u8; 32]> = Vec::new();
                for (records, checkpoint) in deliveries {
                    let delivery = Delivery {
                        records: records.iter().map(|(seq, history)| record(*seq, *history)).collect(),
                        checkpoint: checkpoint.map(|(size, history)| root(size, history)),
                    };
                    store.ingest(&lane(), delivery, 0).await.unwrap();
                    let look = Connection::open(&path).unwrap();
                    let now: Vec<(u64, [u8; 32])> = look
                        .prepare("SELECT seq, leaf FROM record ORDER BY seq").unwrap()
                        .query_map([], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))).unwrap()
                        .map(Result::unwrap).collect();
                    assert!(now.iter().zip(1..).all(|((seq, _), expected)| *seq == expected));
                    let now: Vec<[u8; 32]> = now.into_iter().map(|(_, leaf)| leaf).collect();
                    assert!(now.starts_with(&kept));
                    let (seq, peaks): (i64, Vec<u8>) = look
                        .query_row("SELECT coalesce(max(seq), 0), coalesce(max(peaks), x'') FROM progress", [], |row| {
                            Ok((row.get(0)?, row.get(1)?))
                        }).unwrap();
                    assert_eq!(seq.unsigned_abs(), now.len() as u64);
                    let mut tree = Tree::default();
                    now.iter().for_each(|leaf| tree.push(*leaf));
                    assert_eq!(tree.peaks(), peaks);
                    kept = now;
                }
            });
        }
    }
}
