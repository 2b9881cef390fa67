//! A changed, removed or swapped record is found, and so is damage to the file.

use std::fs;

use journal::{ChainError, DigestKey, Entry, Journal, JournalError, Reader};
use journey::Ending;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::{
    reference,
    specimens::{KEY, NOON, Place, began, beside, cleared, ended, gathered},
};

/// A closed journal of some journeys, four records each, in one file without a log.
fn kept(journeys: u64) -> Place {
    let place = Place::new();
    let mut journal = place.open();
    for journey in 1..=journeys {
        let records = [
            began(journey),
            gathered(journey),
            cleared(journey),
            ended(journey, Ending::Passed(1)),
        ];
        journal.commit(&records, NOON).unwrap();
    }
    drop(journal);
    assert!(!place.beside("-wal").exists());
    place
}

/// Someone with the file and SQLite, and no respect for triggers. They are put back afterwards.
fn tamper(place: &Place, statements: &str) {
    let connection = Connection::open(&place.path).unwrap();
    let triggers: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &triggers {
        connection
            .execute_batch(&format!("DROP TRIGGER {name}"))
            .unwrap();
    }
    connection.execute_batch(statements).unwrap();
    for (_, sql) in &triggers {
        connection.execute_batch(sql).unwrap();
    }
}

fn verify(place: &Place) -> Result<u64, ChainError> {
    Reader::open(&place.path, DigestKey::new(KEY))
        .unwrap()
        .verify()
        .map(|extent| extent.records)
}

#[test]
fn what_nobody_touched_holds() {
    let place = kept(5);
    assert_eq!(verify(&place).unwrap(), 20);
    assert_eq!(reference::check(&place.path, KEY), Ok(20));
    tamper(&place, "");
    assert_eq!(verify(&place).unwrap(), 20);
}

#[test]
fn a_changed_a_removed_and_a_swapped_record_are_each_found() {
    const SWAP: &str = "UPDATE record SET seq = -1 WHERE seq = 6;
        UPDATE record SET seq = 6 WHERE seq = 7;
        UPDATE record SET seq = 7 WHERE seq = -1;";
    for (what, statements, found) in [
        (
            "body",
            r#"UPDATE record SET body = '{"persons":9}' WHERE seq = 7"#,
            "record 7 was changed or moved",
        ),
        (
            "time",
            "UPDATE record SET at = at + 1 WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "journey",
            "UPDATE record SET journey = 1 WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "no journey",
            "UPDATE record SET journey = NULL WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "kind",
            "UPDATE record SET kind = 'referred' WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "digest",
            "UPDATE record SET digest = zeroblob(32) WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "previous",
            "UPDATE record SET previous = zeroblob(32) WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "removed",
            "DELETE FROM record WHERE seq = 7",
            "record 7 is missing",
        ),
        (
            "the first",
            "DELETE FROM record WHERE seq = 1",
            "record 1 is missing",
        ),
        (
            "the last",
            "DELETE FROM record WHERE seq = 20",
            "the journal's end was altered: its head names 20 records, 19 are there",
        ),
        (
            "all",
            "DELETE FROM record",
            "the journal's end was altered: its head names 20 records, 0 are there",
        ),
        (
            "removed and closed up",
            "DELETE FROM record WHERE seq = 7; UPDATE record SET seq = seq - 1 WHERE seq > 7",
            "record 7 was changed or moved",
        ),
        (
            "swapped",
            &format!("PRAGMA ignore_check_constraints = 1; {SWAP}"),
            "record 6 was changed or moved",
        ),
        (
            "swapped contents",
            "UPDATE record SET body = (SELECT body FROM record WHERE seq = 10) WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "the end taken back with its head",
            "DELETE FROM record WHERE seq = 20;
             UPDATE head SET seq = 19, digest = (SELECT digest FROM record WHERE seq = 19)",
            "the journal's head was altered: its seal does not hold",
        ),
        (
            "numbers given again",
            "UPDATE head SET next_journey = 3",
            "the journal's head was altered: its seal does not hold",
        ),
        (
            "a trigger",
            "CREATE TRIGGER more AFTER INSERT ON record BEGIN SELECT 1; END",
            "the journal's trigger more was altered",
        ),
        (
            "an index",
            "DROP INDEX journey_ends_once",
            "the journal's index journey_ends_once was altered",
        ),
    ] {
        let place = kept(5);
        tamper(&place, statements);
        let told = verify(&place).map_err(|error| error.to_string());
        assert_eq!(told, Err(found.to_owned()), "{what}");
        if !["a trigger", "an index"].contains(&what) {
            assert!(
                reference::check(&place.path, KEY).is_err(),
                "{what}: the second opinion differs"
            );
            // Twenty records are all in the tail that every start checks.
            let refused = Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap_err();
            assert!(
                matches!(refused, JournalError::Altered { .. }),
                "{what}: {refused}"
            );
        }
    }
}

#[test]
fn a_chain_written_anew_without_the_key_does_not_fit_its_seal() {
    let place = kept(5);
    let other = Place::new();
    let mut journal = Journal::open(&other.path, DigestKey::new([1; 32]), NOON)
        .unwrap()
        .0;
    journal
        .commit(&[began(1), ended(1, Ending::Abandoned)], NOON)
        .unwrap();
    drop(journal);
    tamper(
        &place,
        &format!(
            "ATTACH '{}' AS forged;
             DELETE FROM record;
             INSERT INTO record SELECT * FROM forged.record;
             UPDATE head SET seq = 2, digest = (SELECT digest FROM record WHERE seq = 2), next_journey = 2,
                 seal = (SELECT seal FROM forged.head);",
            other.path.display()
        ),
    );
    assert!(matches!(verify(&place), Err(ChainError::SealBroken)));
}

#[test]
fn plain_sql_can_neither_change_nor_remove_nor_replace() {
    let place = kept(5);
    let connection = Connection::open(&place.path).unwrap();
    for statement in [
        "UPDATE record SET at = 0",
        "UPDATE record SET at = 0 WHERE seq = 3",
        "DELETE FROM record",
        "DELETE FROM record WHERE seq = 20",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 3",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 20",
        "INSERT INTO record SELECT 22, at, NULL, kind, body, previous, digest FROM record WHERE seq = 20",
        "INSERT INTO record SELECT 21, at, 5, 'ended', body, previous, digest FROM record WHERE seq = 20",
        "UPDATE head SET seq = seq - 1",
        "UPDATE head SET next_journey = 1",
        "UPDATE head SET key_check = zeroblob(32)",
        "DELETE FROM head",
        "INSERT OR REPLACE INTO head SELECT * FROM head",
    ] {
        assert!(connection.execute_batch(statement).is_err(), "{statement}");
    }
    drop(connection);
    assert_eq!(verify(&place).unwrap(), 20);
}

#[test]
fn a_file_cut_short_is_never_taken_for_whole() {
    let place = kept(40);
    let whole = fs::read(&place.path).unwrap();
    let torn = Place::new();
    for length in (0..whole.len()).step_by(512) {
        fs::write(&torn.path, &whole[..length]).unwrap();
        match Reader::open(&torn.path, DigestKey::new(KEY)) {
            Ok(reader) => assert!(
                reader.verify().is_err(),
                "{length} of {} bytes",
                whole.len()
            ),
            Err(error) => assert_sends_to_the_backup(&error),
        }
        let _ = fs::remove_file(torn.beside(".lock"));
        match Journal::open(&torn.path, DigestKey::new(KEY), NOON) {
            Ok((journal, _)) => assert!(
                journal.verify().is_err(),
                "{length} of {} bytes",
                whole.len()
            ),
            Err(error) => assert_sends_to_the_backup(&error),
        }
    }
}

fn assert_sends_to_the_backup(error: &JournalError) {
    assert!(
        error
            .to_string()
            .contains("put the journal back from its backup"),
        "{error}"
    );
}

/// The log is what a power cut tears. Whatever is left of it, the journal is a whole number of commits, and goes on.
#[test]
fn a_torn_log_leaves_whole_commits() {
    let place = Place::new();
    let mut journal = place.open();
    for journey in 1..=12 {
        journal
            .commit(&[began(journey), ended(journey, Ending::Abandoned)], NOON)
            .unwrap();
    }
    let (file, log) = (
        fs::read(&place.path).unwrap(),
        fs::read(place.beside("-wal")).unwrap(),
    );
    let written: Vec<Entry> = journal.entries(0).collect::<Result<_, _>>().unwrap();
    drop(journal);
    let torn = Place::new();
    let mut seen = std::collections::BTreeSet::new();
    let lengths = (0..log.len()).step_by(2_039).chain([log.len()]);
    for (length, garbled) in lengths.flat_map(|length| [(length, false), (length, true)]) {
        fs::write(&torn.path, &file).unwrap();
        let mut rest = log[..length].to_vec();
        if garbled {
            rest.iter_mut()
                .rev()
                .take(700)
                .for_each(|byte| *byte ^= 0x55);
        }
        fs::write(beside(&torn.path, "-wal"), &rest).unwrap();
        let _ = fs::remove_file(beside(&torn.path, "-shm"));
        let (mut journal, recovery) = Journal::open(&torn.path, DigestKey::new(KEY), NOON).unwrap();
        let extent = journal.verify().unwrap();
        assert_eq!(extent.records % 2, 0);
        assert_eq!(recovery.next.get(), extent.records / 2 + 1);
        let entries: Vec<Entry> = journal.entries(0).collect::<Result<_, _>>().unwrap();
        assert_eq!(entries, written[..entries.len()]);
        seen.insert(extent.records);
        journal.commit(&[began(recovery.next.get())], NOON).unwrap();
        drop(journal);
        let _ = fs::remove_file(torn.beside(".lock"));
    }
    assert_eq!(
        seen,
        (0..=24).step_by(2).collect(),
        "some lengths never came up"
    );
}

thread_local! {
    static KEPT: Vec<u8> = fs::read(&kept(12).path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// A bit that turned is either found, or it was one that says nothing.
    #[test]
    fn a_turned_bit_never_changes_what_a_verified_journal_says(place_in_file in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let place = KEPT.with(|kept| {
            let place = Place::new();
            fs::write(&place.path, kept).unwrap();
            place
        });
        let sound: Vec<Entry> =
            Reader::open(&place.path, DigestKey::new(KEY)).unwrap().entries(0).collect::<Result<_, _>>().unwrap();
        let mut content = fs::read(&place.path).unwrap();
        let at = place_in_file.index(content.len());
        content[at] ^= 1_u8 << bit;
        fs::write(&place.path, &content).unwrap();
        if let Ok(reader) = Reader::open(&place.path, DigestKey::new(KEY))
            && reader.verify().is_ok()
        {
            let entries: Vec<Entry> = reader.entries(0).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(entries, sound);
        }
    }
}
