//! A changed, removed or swapped record is found, and so is damage to the file.

use std::fs;

use journal::{DigestKey, Entry, Journal, JournalError, Reader, TreeError};
use journey::Ending;
use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags};

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

fn at(place: &Place) -> Connection {
    reference::connect(&place.path, KEY, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// Someone with the file, its key and SQLCipher, and no respect for triggers. They are put back afterwards.
fn tamper(place: &Place, statements: &str) {
    let connection = at(place);
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
    // `PRAGMA foreign_keys` is another thing that is not respected.
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    connection.execute_batch(statements).unwrap();
    for (_, sql) in &triggers {
        connection.execute_batch(sql).unwrap();
    }
}

fn verify(place: &Place) -> Result<u64, TreeError> {
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
            "leaf",
            "UPDATE record SET leaf = zeroblob(32) WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "commitments",
            "UPDATE record SET commitments = NULL WHERE seq = 6",
            "record 6 was changed or moved",
        ),
        (
            "a record and its leaf",
            "UPDATE record SET (body, leaf) = (SELECT body, leaf FROM record WHERE seq = 11) WHERE seq = 7",
            "record 7 was changed or moved",
        ),
        (
            "a node",
            "UPDATE node SET digest = zeroblob(32) WHERE at = 2",
            "the tree above record 2 was altered",
        ),
        (
            "a node removed",
            "DELETE FROM node WHERE at = (SELECT max(at) FROM node)",
            "the tree above record 20 was altered",
        ),
        (
            "a node too many",
            "INSERT INTO node VALUES (1000, zeroblob(32))",
            "the tree above record 20 was altered",
        ),
        (
            "another root",
            "UPDATE head SET root = zeroblob(32)",
            "the journal's head was altered: its seal does not hold",
        ),
        (
            "what the office has",
            "UPDATE head SET acknowledged = 20",
            "the journal's head was altered: its seal does not hold",
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
             UPDATE head SET seq = 19",
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
fn what_is_personal_can_neither_change_nor_move_nor_vanish_unseen() {
    for (what, statements, found) in [
        (
            "changed",
            "UPDATE personal SET value = '[\"00\"]' WHERE seq = 6 AND field = 'documents'",
            "the field documents of record 6 was changed, or moved there",
        ),
        (
            "another salt",
            "UPDATE personal SET salt = zeroblob(32) WHERE seq = 6 AND field = 'code'",
            "the field code of record 6 was changed, or moved there",
        ),
        (
            "moved",
            "UPDATE personal SET (salt, value) = (SELECT salt, value FROM personal WHERE seq = 10 AND field = 'code')
                 WHERE seq = 6 AND field = 'code'",
            "the field code of record 6 was changed, or moved there",
        ),
        (
            "gone",
            "DELETE FROM personal WHERE seq = 6 AND field = 'documents'",
            "the field documents of record 6 is gone, and no record says that it was erased",
        ),
        (
            "blanked",
            "UPDATE personal SET salt = zeroblob(32), value = '\"\"' WHERE seq = 6 AND field = 'documents'",
            "the field documents of record 6 is gone, and no record says that it was erased",
        ),
        (
            "one too many",
            "INSERT INTO personal SELECT 7, field, salt, value FROM personal WHERE seq = 6 AND field = 'code'",
            "the field code of record 7 was changed, or moved there",
        ),
        (
            "of no record",
            "INSERT INTO personal SELECT 21, field, salt, value FROM personal WHERE seq = 6 AND field = 'code'",
            "the field code of record 21 was changed, or moved there",
        ),
    ] {
        let place = kept(5);
        tamper(&place, statements);
        let told = verify(&place).map_err(|error| error.to_string());
        assert_eq!(told, Err(found.to_owned()), "{what}");
        assert!(
            reference::check(&place.path, KEY).is_err(),
            "{what}: the second opinion differs"
        );
    }
}

#[test]
fn a_tree_computed_anew_without_the_key_does_not_fit_its_seal() {
    let place = kept(5);
    let other = Place::new();
    let mut journal = Journal::open(&other.path, DigestKey::new([1; 32]), NOON)
        .unwrap()
        .0;
    journal
        .commit(&[began(1), ended(1, Ending::Abandoned)], NOON)
        .unwrap();
    drop(journal);
    let (leaf, node, root): ([[u8; 32]; 2], [u8; 32], [u8; 32]) = {
        let other = reference::connect(&other.path, [1; 32], OpenFlags::SQLITE_OPEN_READ_ONLY);
        let one = |sql: &str| other.query_one(sql, [], |row| row.get(0)).unwrap();
        (
            [
                one("SELECT leaf FROM record WHERE seq = 1"),
                one("SELECT leaf FROM record WHERE seq = 2"),
            ],
            one("SELECT digest FROM node"),
            one("SELECT root FROM head"),
        )
    };
    tamper(
        &place,
        &format!(
            "DELETE FROM personal;
             DELETE FROM record WHERE seq > 2;
             DELETE FROM node WHERE at > 2;
             UPDATE record SET kind = 'began', body = '{{}}', commitments = NULL, leaf = x'{}' WHERE seq = 1;
             UPDATE record SET kind = 'ended', body = '{{\"ending\":\"abandoned\"}}', commitments = NULL, leaf = x'{}'
                 WHERE seq = 2;
             UPDATE node SET digest = x'{}';
             UPDATE head SET seq = 2, root = x'{}', next_journey = 2;",
            hex::encode(leaf[0]),
            hex::encode(leaf[1]),
            hex::encode(node),
            hex::encode(root),
        ),
    );
    assert!(matches!(verify(&place), Err(TreeError::SealBroken)));
}

#[test]
fn plain_sql_can_neither_change_nor_remove_nor_replace() {
    let place = kept(5);
    let connection = at(&place);
    for statement in [
        "UPDATE record SET at = 0",
        "UPDATE record SET at = 0 WHERE seq = 3",
        "DELETE FROM record",
        "DELETE FROM record WHERE seq = 20",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 3",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 20",
        "INSERT INTO record SELECT 22, at, NULL, kind, body, commitments, leaf FROM record WHERE seq = 20",
        "INSERT INTO record SELECT 21, at, 5, 'ended', body, commitments, leaf FROM record WHERE seq = 20",
        "UPDATE node SET digest = zeroblob(32)",
        "DELETE FROM node",
        "INSERT OR REPLACE INTO node SELECT * FROM node WHERE at = 2",
        "INSERT INTO node VALUES (4, zeroblob(32))",
        "UPDATE personal SET value = '\"X\"'",
        "DELETE FROM personal",
        "DELETE FROM personal WHERE seq = 2",
        "UPDATE personal SET salt = zeroblob(32), value = printf('%-*s', length(value), '\"\"') WHERE seq = 2",
        "INSERT OR REPLACE INTO personal SELECT * FROM personal WHERE seq = 2",
        "INSERT INTO personal SELECT 1, field, salt, value FROM personal WHERE seq = 2",
        "INSERT INTO personal SELECT 21, field, salt, value FROM personal WHERE seq = 2",
        "UPDATE head SET acknowledged = -1",
        "UPDATE head SET acknowledged = 21",
        "UPDATE head SET seq = seq - 1",
        "UPDATE head SET next_journey = 1",
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
