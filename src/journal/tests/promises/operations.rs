//! Anything that callers do to a journal, in any order, against a simple model of it.

use std::time::Duration;

use journal::{Checkpoint, JournalError, LaneKey, Retention, SignedRecord, Stamp};
use journey::{Decision, Ending};
use proptest::{collection::vec, prelude::*};

use crate::{
    reference,
    specimens::{KEY, NOON, Place, began, decided, ended, gathered, referred},
};

#[derive(Debug, Clone)]
enum Operation {
    /// A journey, with personal fields, in so many commits.
    Journey(usize),
    /// A commit that is refused.
    Contradiction,
    /// What the office acknowledges: so many records of the batch, of at most so many.
    Deliver { limit: u32, taken: usize },
    /// An acknowledgement of something already acknowledged, or of what is not there.
    Late(u64),
    /// So many days pass.
    Days(i64),
    /// What is older than so many days goes, of travellers and of officers.
    Retain(u64, u64),
    /// The lane is stopped and started.
    Restart,
}

fn operations() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => (1_usize..5).prop_map(Operation::Journey),
        1 => Just(Operation::Contradiction),
        3 => (0_u32..12, 0_usize..12).prop_map(|(limit, taken)| Operation::Deliver { limit, taken }),
        1 => (0_u64..40).prop_map(Operation::Late),
        2 => (0_i64..20).prop_map(Operation::Days),
        2 => (0_u64..40, 0_u64..40).prop_map(|(travellers, officers)| Operation::Retain(travellers, officers)),
        1 => Just(Operation::Restart),
    ]
}

/// A record of the model: its day, its personal fields by name, and whether each is still there.
struct Kept {
    kind: &'static str,
    day: i64,
    personal: Vec<(&'static str, bool)>,
}

fn stamp(day: i64) -> Stamp {
    Stamp::new(NOON.unix_milliseconds() + day * 86_400_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_journal_does_what_its_model_does(operations in vec(operations(), 1..40)) {
        let lane = LaneKey::new("lane-3", &[5; 32]).unwrap();
        let place = Place::new();
        let mut journal = place.open();
        let mut kept: Vec<Kept> = Vec::new();
        let (mut day, mut next, mut acknowledged) = (0, 1, 0_u64);
        let mut witnessed: Option<Checkpoint> = None;
        for operation in operations {
            match operation {
                Operation::Journey(commits) => {
                    let records = [
                        began(next),
                        gathered(next),
                        referred(next, 3),
                        decided(next, 3, Decision::Held, false),
                        ended(next, Ending::Decided(Decision::Held)),
                    ];
                    for step in records.chunks(5_usize.div_ceil(commits)) {
                        journal.commit(step, stamp(day)).unwrap();
                    }
                    for kind in ["began", "gathered", "referred", "decided", "ended"] {
                        let personal = match kind {
                            "gathered" => vec![("code", true), ("documents", true)],
                            "decided" => vec![("officer", true)],
                            _ => vec![],
                        };
                        kept.push(Kept { kind, day, personal });
                    }
                    next += 1;
                }
                Operation::Contradiction => {
                    let twice = [began(next), gathered(next), began(next)];
                    let error = journal.commit(&twice, stamp(day)).unwrap_err();
                    prop_assert!(matches!(error, JournalError::Contradiction { .. }), "{error}");
                }
                Operation::Deliver { limit, taken } => {
                    let batch = journal.outbox(&lane, limit).unwrap();
                    let waiting = kept.len() as u64 - acknowledged;
                    prop_assert_eq!(batch.acknowledged, acknowledged);
                    prop_assert_eq!(batch.records.len() as u64, waiting.min(u64::from(limit)));
                    prop_assert_eq!(batch.remaining, waiting - batch.records.len() as u64);
                    for (record, seq) in batch.records.iter().zip(acknowledged + 1..) {
                        let entry = SignedRecord::verify(record.as_bytes(), &lane.verifying_key()).unwrap();
                        prop_assert_eq!(entry.leaf.seq, seq);
                        prop_assert_eq!(&entry.leaf.kind, kept[seq as usize - 1].kind);
                    }
                    if let Some(note) = batch.checkpoint {
                        let now = Checkpoint::verify(&note, &lane.verifying_key()).unwrap();
                        if let Some(before) = witnessed.as_ref().filter(|before| before.records <= now.records) {
                            let proof = journal.consistency(before.records, now.records).unwrap();
                            now.follows(before, &proof).unwrap();
                        }
                        witnessed = Some(now);
                    }
                    let taken = taken.min(batch.records.len()) as u64;
                    journal.acknowledge(acknowledged + taken).unwrap();
                    acknowledged += taken;
                }
                Operation::Late(seq) => match journal.acknowledge(seq) {
                    Ok(()) => {
                        prop_assert!(seq <= kept.len() as u64);
                        acknowledged = acknowledged.max(seq);
                    }
                    Err(error) => {
                        prop_assert!(matches!(error, JournalError::NeverWritten { .. }), "{error}");
                        prop_assert!(seq > kept.len() as u64);
                    }
                },
                Operation::Days(days) => day += days,
                Operation::Retain(travellers, officers) => {
                    let days = |days: u64| Some(Duration::from_secs(days * 86_400));
                    let retention = Retention { travellers: days(travellers), officers: days(officers) };
                    let mut gone = 0;
                    let known = kept.len();
                    for (names, days) in [(&["code", "documents"][..], travellers), (&["officer"], officers)] {
                        let mut of_these = 0;
                        for record in &mut kept[..known] {
                            for (name, there) in &mut record.personal {
                                if *there && names.contains(name) && record.day < day - days as i64 {
                                    *there = false;
                                    of_these += 1;
                                }
                            }
                        }
                        if of_these > 0 {
                            kept.push(Kept { kind: "erased", day, personal: vec![] });
                        }
                        gone += of_these;
                    }
                    prop_assert_eq!(journal.retain(stamp(day), retention).unwrap().fields, gone);
                }
                Operation::Restart => {
                    drop(journal);
                    journal = place.open();
                }
            }
            prop_assert_eq!(journal.verify().unwrap().records, kept.len() as u64);
        }
        for (entry, model) in journal.entries(0).map(Result::unwrap).zip(&kept) {
            prop_assert_eq!((entry.kind.as_str(), entry.at), (model.kind, stamp(model.day)));
            for (name, there) in &model.personal {
                prop_assert_eq!(entry.body.get(*name).is_some(), *there);
                prop_assert_eq!(entry.erased.iter().any(|erased| erased == name), !*there);
            }
        }
        drop(journal);
        prop_assert_eq!(reference::check(&place.path, KEY), Ok(kept.len() as i64));
    }
}
