//! Any bytes at every address that takes a body: the fuzzer's own target (`tests/fuzz/desk.rs`) over its seeds and mutations
//! of them, without the rest of the workspace.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, dead_code)]

#[path = "../../../tests/fuzz/desk.rs"]
mod desk;
#[path = "../../../tests/fuzz/mutation.rs"]
mod mutation;
mod place;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use journal::{Checkpoint, Digest, LaneKey, SignedRecord};
use mutation::Mutator;
use office::store::Tree;
use place::history::History;
use rcgen::KeyPair;
use std::path::PathBuf;

/// The key of the lane that signs the seeds, as in `tests/fuzz/journal.rs`.
pub fn lane() -> LaneKey {
    LaneKey::new("lane-3", &[7; 32]).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds/office_body")
}

/// The seeds that no hand can write. When a format changes, write them anew with
/// `SEKISHO_SEEDS=write cargo test -p office --test bodies`.
fn made() -> [(&'static str, String); 2] {
    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let mut tree = Tree::default();
    let records: Vec<String> = (1..=3)
        .map(|seq| {
            let leaf = history.leaf(seq);
            tree.push(*leaf.digest().as_bytes());
            SignedRecord::sign(&leaf, &lane()).to_text()
        })
        .collect();
    let note = Checkpoint::sign(tree.size(), Digest::new(tree.root()), &lane());
    let delivery = serde_json::json!({
        "lane": "lane-3", "records": records, "checkpoint": BASE64_URL_SAFE_NO_PAD.encode(note),
    });
    let request = place::request(&KeyPair::generate().unwrap(), "lane-3");
    [
        ("records", format!("r{delivery}")),
        ("certificate", format!("c{request}")),
    ]
}

#[test]
fn whatever_is_posted_the_office_answers_in_its_own_words() {
    let write = std::env::var_os("SEKISHO_SEEDS").is_some_and(|order| order == "write");
    for (name, body) in made() {
        assert!(desk::office_body(body.as_bytes()), "{name} is not taken");
        if write {
            std::fs::write(folder().join(name), body).unwrap();
        }
    }
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let seed = std::fs::read(&path).unwrap();
        assert!(desk::office_body(&seed), "{} is not taken", path.display());
        seeds.push(seed);
    }
    assert!(seeds.len() >= 5);
    for turn in 0..2_000 {
        desk::office_body(&Mutator::new(turn).mutated(&seeds));
    }
}
