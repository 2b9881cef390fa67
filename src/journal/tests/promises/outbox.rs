//! What the office gets: everything once, in order, signed, however often the line or the power fails.

use ct_merkle::{RootHash, mem_backed_tree::MemoryBackedTree};
use journal::{
    Batch, Checkpoint, Digest, DigestKey, Frontier, Journal, JournalError, LaneKey, Reader,
    SignedError, SignedRecord,
};
use journey::{Decision, Ending};
use sha2::Sha256;

use crate::specimens::{KEY, NOON, Place, began, cleared, decided, ended, gathered, referred};

fn lane() -> LaneKey {
    LaneKey::new("lane-3", &[0x1a; 32]).unwrap()
}

fn filled(journal: &mut Journal, journeys: std::ops::RangeInclusive<u64>) {
    for journey in journeys {
        let records = [
            began(journey),
            gathered(journey),
            referred(journey, 3),
            decided(journey, 3, Decision::Released, true),
            cleared(journey),
            ended(journey, Ending::Passed(1)),
        ];
        journal.commit(&records, NOON).unwrap();
    }
}

/// An office that takes what it is given, as the contract says, and holds the lane to it.
#[derive(Default)]
struct Office {
    leaves: Vec<journal::Leaf>,
    tree: Frontier,
    checkpoint: Option<Checkpoint>,
}

impl Office {
    fn take(&mut self, batch: &Batch) -> u64 {
        for record in &batch.records {
            let entry = SignedRecord::verify(record.as_bytes(), &lane().verifying_key()).unwrap();
            assert_eq!(
                (entry.lane.as_str(), entry.leaf.seq),
                ("lane-3", record.seq())
            );
            let place = usize::try_from(entry.leaf.seq).unwrap() - 1;
            match self.leaves.get(place) {
                Some(known) => assert_eq!(*known, entry.leaf, "a fork"),
                None => {
                    assert_eq!(self.leaves.len(), place, "a gap");
                    self.tree.push(entry.leaf.digest());
                    self.leaves.push(entry.leaf);
                }
            }
        }
        if let Some(note) = &batch.checkpoint {
            let checkpoint = Checkpoint::verify(note, &lane().verifying_key()).unwrap();
            let known = &self.leaves[..usize::try_from(checkpoint.records).unwrap()];
            assert_eq!(checkpoint.root, root_of(known).0);
            if checkpoint.records == self.tree.size() {
                assert_eq!(checkpoint.root, self.tree.root());
            }
            // It keeps the tree in two columns.
            let again = Frontier::resumed(self.tree.size(), self.tree.peaks().to_vec());
            self.tree = again.unwrap();
            self.checkpoint = Some(checkpoint);
        }
        self.leaves.len() as u64
    }
}

/// By another implementation of RFC 6962.
fn root_of(leaves: &[journal::Leaf]) -> (Digest, RootHash<Sha256>) {
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for leaf in leaves {
        tree.push(leaf.bytes());
    }
    let root = tree.root();
    (
        Digest::new(root.as_bytes().as_slice().try_into().unwrap()),
        root,
    )
}

#[test]
fn everything_arrives_once_and_in_order_however_often_it_is_sent() {
    let place = Place::new();
    let mut journal = place.open();
    let mut office = Office::default();
    let mut next = 1;
    for round in 0..40_u64 {
        filled(&mut journal, next..=next + round % 3);
        next += round % 3 + 1;
        let batch = journal.outbox(&lane(), 7).unwrap();
        assert_eq!(batch, journal.outbox(&lane(), 7).unwrap(), "asked twice");
        assert_eq!(
            batch.acknowledged + batch.records.len() as u64 + batch.remaining,
            journal.extent().unwrap().records
        );
        let has = office.take(&batch);
        match round % 4 {
            // The answer was lost.
            0 => {}
            // The power failed before the note of it.
            1 => {
                drop(journal);
                journal = place.open();
            }
            _ => journal.acknowledge(has).unwrap(),
        }
        if round % 5 == 0 {
            drop(journal);
            journal = place.open();
        }
    }
    while !journal.outbox(&lane(), 100).unwrap().records.is_empty() {
        let has = office.take(&journal.outbox(&lane(), 100).unwrap());
        journal.acknowledge(has).unwrap();
    }
    let written = journal.verify().unwrap();
    assert_eq!(office.leaves.len() as u64, written.records);
    assert_eq!(office.checkpoint.unwrap().root, written.root);
    assert_eq!(journal.outbox(&lane(), 100).unwrap().checkpoint, None);
}

#[test]
fn an_acknowledgement_outlives_a_start_and_never_goes_back() {
    let place = Place::new();
    let mut journal = place.open();
    filled(&mut journal, 1..=2);
    let acknowledged = |journal: &Journal| journal.outbox(&lane(), 1).unwrap().acknowledged;
    for (seq, stands) in [(0, 0), (5, 5), (3, 5), (5, 5), (12, 12), (1, 12)] {
        journal.acknowledge(seq).unwrap();
        assert_eq!(acknowledged(&journal), stands);
        drop(journal);
        journal = place.open();
        assert_eq!(acknowledged(&journal), stands);
        journal.verify().unwrap();
    }
    for seq in [13, u64::MAX] {
        let error = journal.acknowledge(seq).unwrap_err();
        assert!(
            matches!(error, JournalError::NeverWritten { records: 12, .. }),
            "{error}"
        );
        assert_eq!(acknowledged(&journal), 12);
    }
    filled(&mut journal, 3..=3);
    let batch = journal.outbox(&lane(), 2).unwrap();
    let seqs: Vec<_> = batch.records.iter().map(SignedRecord::seq).collect();
    assert_eq!((seqs, batch.remaining), (vec![13, 14], 4));
}

#[test]
fn whoever_delivers_reads_beside_the_lane() {
    let place = Place::new();
    let mut journal = place.open();
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    filled(&mut journal, 1..=3);
    assert_eq!(
        reader.outbox(&lane(), 50).unwrap(),
        journal.outbox(&lane(), 50).unwrap()
    );
    assert_eq!(
        reader.checkpoint(&lane()).unwrap(),
        journal.checkpoint(&lane()).unwrap()
    );
    assert_eq!(
        reader.consistency(5, 18).unwrap(),
        journal.consistency(5, 18).unwrap()
    );
    assert_eq!(
        reader.inclusion(5, 18).unwrap(),
        journal.inclusion(5, 18).unwrap()
    );
}

#[test]
fn what_is_personal_does_not_leave_the_lane() {
    let place = Place::new();
    let mut journal = place.open();
    filled(&mut journal, 7..=7);
    let entries: Vec<_> = journal.entries(0).map(Result::unwrap).collect();
    let secrets = [
        entries[1].body["documents"][0].as_str().unwrap().to_owned(),
        entries[1].body["code"].as_str().unwrap().to_owned(),
        entries[3].body["officer"].as_str().unwrap().to_owned(),
    ];
    for record in journal.outbox(&lane(), 50).unwrap().records {
        let entry = SignedRecord::verify(record.as_bytes(), &lane().verifying_key()).unwrap();
        for secret in &secrets {
            assert!(!entry.leaf.body.contains(secret.as_str()));
            let raw = hex::decode(secret).unwrap_or_else(|_| secret.clone().into_bytes());
            for text in [secret.as_bytes(), &raw] {
                assert!(
                    !record
                        .as_bytes()
                        .windows(text.len())
                        .any(|window| window == text)
                );
            }
        }
        let committed: Vec<_> = entry.leaf.commitments.keys().map(String::as_str).collect();
        match entry.leaf.kind.as_str() {
            "gathered" => assert_eq!(committed, ["code", "documents"]),
            "decided" => assert_eq!(committed, ["officer"]),
            _ => assert!(committed.is_empty()),
        }
    }
}

/// Each tree of the journal against each later one, with proofs that another implementation takes as well.
#[test]
fn a_witness_sees_that_the_tree_only_grew_and_that_a_record_is_in_it() {
    let place = Place::new();
    let mut journal = place.open();
    filled(&mut journal, 1..=6);
    let leaves: Vec<_> = journal
        .outbox(&lane(), 100)
        .unwrap()
        .records
        .iter()
        .map(|record| {
            let entry = SignedRecord::verify(record.as_bytes(), &lane().verifying_key());
            entry.unwrap().leaf
        })
        .collect();
    let at = |size: usize| {
        let (root, theirs) = root_of(&leaves[..size]);
        let checkpoint = Checkpoint {
            lane: "lane-3".to_owned(),
            records: size as u64,
            root,
        };
        (checkpoint, theirs)
    };
    let elsewhere = Digest::new([9; 32]);
    for to in 0..=leaves.len() {
        let (later, their_later) = at(to);
        for from in 0..=to {
            let (earlier, their_earlier) = at(from);
            let proof = journal.consistency(from as u64, to as u64).unwrap();
            later.follows(&earlier, &proof).unwrap();
            let forged = Checkpoint {
                root: elsewhere,
                ..earlier.clone()
            };
            assert_eq!(
                later.follows(&forged, &proof),
                Err(SignedError::NotConsistent)
            );
            if from > 0 && from < to {
                let bytes: Vec<u8> = proof.iter().flat_map(|digest| *digest.as_bytes()).collect();
                let theirs = ct_merkle::ConsistencyProof::try_from_bytes(bytes).unwrap();
                their_later
                    .verify_consistency(&their_earlier, &theirs)
                    .unwrap();
                assert_eq!(
                    earlier.follows(&later, &proof),
                    Err(SignedError::NotConsistent)
                );
                for place in 0..proof.len() {
                    let mut wrong = proof.clone();
                    wrong[place] = elsewhere;
                    assert_eq!(
                        later.follows(&earlier, &wrong),
                        Err(SignedError::NotConsistent)
                    );
                }
            }
        }
        for (number, leaf) in leaves[..to].iter().enumerate() {
            let proof = journal.inclusion(leaf.seq, to as u64).unwrap();
            later.includes(leaf, &proof).unwrap();
            let other = &leaves[(number + 1) % leaves.len()];
            assert_eq!(later.includes(other, &proof), Err(SignedError::NotIncluded));
        }
    }
    let (later, _) = at(leaves.len());
    let (earlier, _) = at(3);
    let proof = journal.consistency(3, leaves.len() as u64).unwrap();
    let foreign = Checkpoint {
        lane: "lane-4".to_owned(),
        ..earlier
    };
    assert_eq!(later.follows(&foreign, &proof), Err(SignedError::OtherLane));
    for error in [
        journal.consistency(3, 37).unwrap_err(),
        journal.consistency(4, 3).unwrap_err(),
        journal.inclusion(0, 3).unwrap_err(),
        journal.inclusion(4, 3).unwrap_err(),
        journal.inclusion(1, 37).unwrap_err(),
    ] {
        assert!(matches!(error, JournalError::NotThatFar { .. }), "{error}");
    }
}

/// A lane that was put back to an earlier day and went on is found out by whoever kept a checkpoint.
#[test]
fn a_journal_put_back_to_an_earlier_day_is_found_by_its_witness() {
    let place = Place::new();
    let mut journal = place.open();
    filled(&mut journal, 1..=1);
    drop(journal);
    let backup = std::fs::read(&place.path).unwrap();
    let mut journal = place.open();
    filled(&mut journal, 2..=3);
    let witnessed = Checkpoint::verify(
        &journal.checkpoint(&lane()).unwrap(),
        &lane().verifying_key(),
    )
    .unwrap();
    drop(journal);
    std::fs::write(&place.path, backup).unwrap();
    let mut journal = place.open();
    journal.verify().unwrap();
    let error = journal.acknowledge(witnessed.records).unwrap_err();
    assert!(
        matches!(error, JournalError::NeverWritten { .. }),
        "{error}"
    );
    filled(&mut journal, 2..=4);
    let now = Checkpoint::verify(
        &journal.checkpoint(&lane()).unwrap(),
        &lane().verifying_key(),
    )
    .unwrap();
    assert!(now.records > witnessed.records);
    let proof = journal.consistency(witnessed.records, now.records).unwrap();
    assert_eq!(
        now.follows(&witnessed, &proof),
        Err(SignedError::NotConsistent)
    );
}
