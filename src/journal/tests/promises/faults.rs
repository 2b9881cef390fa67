//! What the journal does when something fails below it: it says so in words that tell who must act, loses nothing that it
//! acknowledged, and goes on when it is mended.

use std::fs;

use journal::{DigestKey, Entry, Journal, JournalError, Reader, Stamp, TreeError};
use journey::Ending;

use crate::{
    planned::{acknowledged, chain, heard, traced},
    reference,
    specimens::{KEY, NOON, Place, began, cleared, ended, gathered},
};

fn entries(journal: &Journal) -> Vec<Entry> {
    journal.entries(0).map(Result::unwrap).collect()
}

/// The calls of a running lane fail from the given one on, some of them in a row, as a disk does that is full until somebody
/// makes room; then they work again.
#[test]
fn a_disk_that_is_full_or_fails_is_named_and_costs_nothing_when_it_is_mended() {
    let quiet = {
        let place = Place::new();
        traced(&place.path, &["-o", "/dev/null", "-e", "trace=none"]);
        let journal = place.open();
        entries(&journal)
            .into_iter()
            .map(|entry| entry.kind)
            .collect::<Vec<_>>()
    };
    // What writes into the log: `write`, since SQLite seeks first, or `pwrite64`. Only the log's calls are looked at.
    for (calls, error, words) in [
        ("write,pwrite64", "ENOSPC", "the disk is full; make room"),
        ("write,pwrite64", "EROFS", "the disk failed"),
        ("write,pwrite64", "EIO", "the disk failed"),
        ("fsync,fdatasync", "EIO", "the disk failed"),
        ("fsync,fdatasync", "ENOSPC", "the disk failed"),
    ] {
        for first in [1, 2, 3, 5, 8, 13] {
            let place = Place::new();
            let log = place.beside("-wal");
            let inject = format!("inject={calls}:error={error}:when={first}..{}", first + 2);
            let trace = format!("trace={calls}");
            let output = traced(
                &place.path,
                &[
                    "-o",
                    "/dev/null",
                    "-P",
                    log.to_str().unwrap(),
                    "-e",
                    &trace,
                    "-e",
                    &inject,
                ],
            );
            let heard = heard(&output);
            let what = format!("{calls} fails with {error} from call {first}: {heard:?}");
            assert!(output.status.success(), "{what}");
            let faults: Vec<_> = heard
                .iter()
                .filter(|line| line.starts_with("fault "))
                .collect();
            assert!(!faults.is_empty(), "{what}");
            assert!(faults.iter().all(|fault| fault.contains(words)), "{what}");
            let journal = place.open();
            assert_eq!(
                journal.verify().unwrap().records,
                acknowledged(&heard) as u64,
                "{what}"
            );
            let kinds: Vec<_> = entries(&journal)
                .into_iter()
                .map(|entry| entry.kind)
                .collect();
            assert_eq!(kinds, quiet, "{what}");
            drop(journal);
            assert_eq!(
                reference::check(&place.path, KEY),
                Ok(quiet.len() as i64),
                "{what}"
            );
        }
    }
}

/// The disk has gone read-only: whoever opens the file to write is refused by the system, and perhaps whoever opens it at all.
#[test]
fn a_journal_that_may_only_be_read_is_refused_until_it_may_be_written() {
    for attempts in ["1", "1..2"] {
        let place = Place::new();
        let inject = format!("inject=open,openat:error=EROFS:when={attempts}");
        let output = traced(
            &place.path,
            &[
                "-o",
                "/dev/null",
                "-P",
                place.path.to_str().unwrap(),
                "-e",
                "trace=open,openat",
                "-e",
                &inject,
            ],
        );
        let heard = heard(&output);
        assert!(
            heard[0].starts_with("fault ")
                && heard[0].contains("whether the disk has gone read-only"),
            "{heard:?}"
        );
        assert_eq!(heard[1], "open");
        assert!(output.status.success(), "{heard:?}");
        let journal = place.open();
        assert_eq!(
            journal.verify().unwrap().records,
            acknowledged(&heard) as u64
        );
    }
}

#[test]
fn a_damaged_page_is_found_wherever_it_is_and_never_read_as_something_else() {
    const PAGE: usize = 4096;
    let place = Place::new();
    let mut journal = place.open();
    for journey in 1..=600 {
        let records = [
            began(journey),
            gathered(journey),
            cleared(journey),
            ended(journey, Ending::Passed(1)),
        ];
        journal.commit(&records, NOON).unwrap();
    }
    let sound = entries(&journal);
    drop(journal);
    let whole = fs::read(&place.path).unwrap();
    let pages = whole.len() / PAGE;
    assert!(pages > 60, "{pages} pages");
    let damaged = Place::new();
    let (mut at_start, mut later) = (0, 0);
    for page in 0..pages {
        let mut content = whole.clone();
        content[page * PAGE + 2_000] ^= 0x10;
        fs::write(&damaged.path, &content).unwrap();
        let _ = fs::remove_file(damaged.beside("-wal"));
        match Journal::open(&damaged.path, DigestKey::new(KEY), NOON) {
            Err(error) => {
                assert!(
                    matches!(error, JournalError::Damaged { .. }),
                    "page {page}: {}",
                    chain(&error)
                );
                at_start += 1;
            }
            Ok((mut journal, _)) => {
                let found = journal.verify().unwrap_err();
                assert!(
                    matches!(found, TreeError::Damaged { .. } | TreeError::Unreadable(_)),
                    "page {page}: {found}"
                );
                for (entry, was) in journal.entries(0).map_while(Result::ok).zip(&sound) {
                    assert_eq!(entry, *was, "page {page}");
                }
                // It may still take records where it can; what it took is there.
                if journal.commit(&[began(601)], NOON).is_ok() {
                    assert_eq!(journal.extent().unwrap().records, sound.len() as u64 + 1);
                }
                later += 1;
            }
        }
        let _ = fs::remove_file(damaged.beside(".lock"));
    }
    assert!(
        at_start > 2 && later > 20,
        "{at_start} at the start, {later} later"
    );
}

/// Clocks jump, the order of records does not.
#[test]
fn a_clock_that_jumps_is_written_down_as_it_says_and_changes_no_order() {
    let place = Place::new();
    let mut journal = place.open();
    let times = [
        NOON.unix_milliseconds(),
        0,
        i64::MAX,
        -1,
        i64::MIN,
        NOON.unix_milliseconds(),
    ];
    for (journey, at) in (1..).zip(times) {
        journal
            .commit(
                &[began(journey), ended(journey, Ending::Abandoned)],
                Stamp::new(at),
            )
            .unwrap();
    }
    journal.verify().unwrap();
    drop(journal);
    // Opened by a clock that has fallen back as well.
    let (journal, recovery) =
        Journal::open(&place.path, DigestKey::new(KEY), Stamp::new(0)).unwrap();
    assert_eq!(recovery.next.get(), 7);
    let found: Vec<_> = entries(&journal)
        .iter()
        .map(|entry| entry.at.unix_milliseconds())
        .collect();
    assert_eq!(
        found,
        times.iter().flat_map(|at| [*at, *at]).collect::<Vec<_>>()
    );
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    assert_eq!(reader.stats().unwrap().clock_fell_back, 3);
    assert_eq!(reference::check(&place.path, KEY), Ok(12));
}
