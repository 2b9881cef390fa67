//! What a lane of the tests records.

use super::record_key;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use journal::{Checkpoint, Digest, LaneKey, Leaf, SignedRecord, Stamp};
use office::store::Tree;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// One history of a lane; another one has other records under the same numbers.
#[derive(Clone, Copy)]
pub struct History<'a> {
    pub lane: &'a str,
    pub which: u32,
}

impl History<'_> {
    pub fn key(&self) -> LaneKey {
        LaneKey::new(self.lane, &record_key(self.lane).to_bytes()).unwrap()
    }

    pub fn leaf(&self, seq: u64) -> Leaf {
        Leaf {
            seq,
            at: Stamp::new(1_790_000_000_000),
            journey: None,
            kind: "device_changed".to_owned(),
            body: format!("{{\"device\":\"gate\",\"works\":{}}}", self.which),
            commitments: BTreeMap::new(),
        }
    }

    pub fn record(&self, seq: u64) -> String {
        SignedRecord::sign(&self.leaf(seq), &self.key()).to_text()
    }

    pub fn checkpoint(&self, size: u64) -> String {
        let mut tree = Tree::default();
        (1..=size).for_each(|seq| tree.push(*self.leaf(seq).digest().as_bytes()));
        let note = Checkpoint::sign(size, Digest::new(tree.root()), &self.key());
        BASE64_URL_SAFE_NO_PAD.encode(note)
    }

    /// A delivery of these records with the checkpoint over them.
    pub fn delivery(&self, seqs: RangeInclusive<u64>) -> Value {
        json!({
            "lane": self.lane,
            "checkpoint": self.checkpoint(*seqs.end()),
            "records": seqs.map(|seq| self.record(seq)).collect::<Vec<_>>(),
        })
    }
}
