//! What the journal refuses, in words that say who must do what.

use std::{fs, path::Path};

use journal::{DigestKey, Journal, JournalError, Reader};
use journey::{Decision, Ending};
use rusqlite::{Connection, OpenFlags};

use crate::reference;
use crate::specimens::{KEY, NOON, Place, began, decided, ended, referred};

fn refused(place: &Place) -> JournalError {
    Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap_err()
}

#[test]
fn a_second_writer_is_refused_and_told_who_the_first_is() {
    let place = Place::new();
    let journal = place.open();
    let error = refused(&place);
    let JournalError::InUse { holder, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*holder, Some(std::process::id()));
    assert!(error.to_string().starts_with(&format!(
        "another process ({}) is writing",
        std::process::id()
    )));
    drop(journal);
    place.open();
}

#[test]
fn a_reader_sees_what_the_writer_has_committed_and_changes_nothing() {
    let place = Place::new();
    let mut journal = place.open();
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    for journey in 1..=600 {
        journal.commit(&[began(journey)], NOON).unwrap();
    }
    assert_eq!(reader.verify().unwrap(), journal.extent().unwrap());
    assert_eq!(reader.entries(0).count(), 600);
    assert_eq!(
        reader
            .entries(598)
            .map(|entry| entry.unwrap().seq)
            .collect::<Vec<_>>(),
        [599, 600]
    );
    assert_eq!(reader.entries(u64::MAX).count(), 0);
}

#[test]
fn another_key_is_refused() {
    let place = Place::new();
    drop(place.open());
    let before = fs::read(&place.path).unwrap();
    let error = Journal::open(&place.path, DigestKey::new([1; 32]), NOON).unwrap_err();
    assert!(matches!(error, JournalError::WrongKey { .. }), "{error}");
    let error = Reader::open(&place.path, DigestKey::new([1; 32])).unwrap_err();
    assert!(matches!(error, JournalError::WrongKey { .. }), "{error}");
    assert_eq!(fs::read(&place.path).unwrap(), before);
    place.open();
}

#[test]
fn a_newer_release_s_journal_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    reference::connect(&place.path, KEY, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let before = fs::read(&place.path).unwrap();
    assert!(matches!(refused(&place), JournalError::Newer { .. }));
    let error = Reader::open(&place.path, DigestKey::new(KEY)).unwrap_err();
    assert!(matches!(error, JournalError::Newer { .. }), "{error}");
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn something_else_is_no_journal() {
    for (content, message) in [
        (vec![], "is not a journal"),
        (b"[lane]\nname = \"7\"\n".repeat(100), "is not a journal"),
        (vec![0; 8_192], "is not a journal"),
        (b"SKJ2".repeat(2_000), "was begun with another key"),
    ] {
        let place = Place::new();
        fs::write(&place.path, &content).unwrap();
        let error = refused(&place);
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(fs::read(&place.path).unwrap(), content);
    }
    let place = Place::new();
    Connection::open(&place.path)
        .unwrap()
        .execute_batch("CREATE TABLE photographs (taken INTEGER)")
        .unwrap();
    let plain = fs::read(&place.path).unwrap();
    assert!(matches!(refused(&place), JournalError::NotEncrypted { .. }));
    let error = Reader::open(&place.path, DigestKey::new(KEY)).unwrap_err();
    assert!(
        matches!(error, JournalError::NotEncrypted { .. }),
        "{error}"
    );
    assert_eq!(fs::read(&place.path).unwrap(), plain);
    // Another program's, under the same key.
    let place = Place::new();
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    reference::connect(&place.path, KEY, access)
        .execute_batch("CREATE TABLE photographs (taken INTEGER)")
        .unwrap();
    assert!(matches!(refused(&place), JournalError::NotAJournal { .. }));
    let place = Place::new();
    fs::create_dir(&place.path).unwrap();
    assert!(matches!(refused(&place), JournalError::NotAJournal { .. }));
}

#[test]
fn a_journal_that_is_gone_is_not_begun_anew_in_silence() {
    let place = Place::new();
    let mut journal = place.open();
    journal.commit(&[began(1)], NOON).unwrap();
    drop(journal);
    let kept = fs::read(&place.path).unwrap();
    fs::remove_file(&place.path).unwrap();
    assert!(matches!(refused(&place), JournalError::Missing { .. }));
    fs::write(&place.path, kept).unwrap();
    place.open();
}

#[test]
fn a_beginning_that_was_interrupted_is_made_anew() {
    let place = Place::new();
    fs::write(place.beside(".new"), b"half a page").unwrap();
    fs::write(place.beside(".lock"), b"").unwrap();
    place.open();
    assert!(!place.beside(".new").exists());
}

#[test]
fn a_folder_that_is_not_there_or_not_writable_is_named() {
    for path in ["/nowhere/at/all/journal.db", "/proc/journal.db"] {
        let error = Journal::open(Path::new(path), DigestKey::new(KEY), NOON).unwrap_err();
        assert!(matches!(error, JournalError::CannotLock { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("its folder must exist and be writable"),
            "{error}"
        );
    }
}

#[test]
fn a_journey_begins_once_and_ends_once_and_a_refused_step_leaves_nothing() {
    let place = Place::new();
    let mut journal = place.open();
    journal
        .commit(&[began(7), ended(7, Ending::Abandoned)], NOON)
        .unwrap();
    let before = journal.extent().unwrap();
    for (records, message) in [
        (vec![began(7)], "J7 began before"),
        (vec![began(3)], "J3 began before"),
        (vec![began(8), began(8)], "J8 began before"),
        (
            vec![began(8), ended(7, Ending::Passed(1))],
            "J7 ended before",
        ),
        (vec![began(u64::MAX)], "has a number beyond"),
        (vec![began(i64::MAX.cast_unsigned())], "has the last number"),
    ] {
        let error = journal.commit(&records, NOON).unwrap_err();
        assert!(
            matches!(error, JournalError::Contradiction { .. }),
            "{error}"
        );
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(journal.verify().unwrap(), before);
    }
    journal.commit(&[], NOON).unwrap();
    assert_eq!(journal.extent().unwrap(), before);
    journal
        .commit(
            &[
                began(8),
                referred(8, 2),
                decided(8, 2, Decision::Held, false),
            ],
            NOON,
        )
        .unwrap();
    assert_eq!(journal.verify().unwrap().records, before.records + 3);
}
