//! What is personal goes when its time is over; the records stay, and the tree still holds.

use std::time::Duration;

use journal::{
    DigestKey, Entry, Erasure, Journal, JournalError, LaneKey, Reader, Retention, SignedRecord,
    Stamp, TreeError,
};
use journey::{Decision, Ending};
use rusqlite::OpenFlags;

use crate::{
    reference,
    specimens::{KEY, NOON, Place, began, decided, ended, gathered, referred},
};

const DAY: i64 = 86_400_000;

fn days(days: u64) -> Option<Duration> {
    Some(Duration::from_secs(days * 86_400))
}

/// Day 0 is [`NOON`]'s.
fn day(day: i64) -> Stamp {
    Stamp::new(NOON.unix_milliseconds() + day * DAY)
}

fn journey(journal: &mut Journal, number: u64, at: Stamp) {
    let records = [
        began(number),
        gathered(number),
        referred(number, 3),
        decided(number, 3, Decision::Held, false),
        ended(number, Ending::Decided(Decision::Held)),
    ];
    journal.commit(&records, at).unwrap();
}

fn entries(journal: &Journal) -> Vec<Entry> {
    journal.entries(0).map(Result::unwrap).collect()
}

fn holds(content: &[u8], text: &[u8]) -> bool {
    content.windows(text.len()).any(|window| window == text)
}

const MONTH: Retention = Retention {
    travellers: Some(Duration::from_secs(30 * 86_400)),
    officers: None,
};

#[test]
fn what_is_personal_goes_on_time_and_its_deletion_is_on_record() {
    let place = Place::new();
    let mut journal = place.open();
    for number in 1..=60 {
        journey(&mut journal, number, day(number.cast_signed()));
    }
    let before = entries(&journal);
    let outbox = journal
        .outbox(&LaneKey::new("lane-3", &[1; 32]).unwrap(), 300)
        .unwrap();
    let erasure = journal.retain(day(60), MONTH).unwrap();
    // Journeys of days 1 to 29 are older than thirty days on day 60: two fields each.
    assert_eq!(
        erasure,
        Erasure {
            fields: 58,
            more: false,
            lingers: false
        }
    );
    let extent = journal.verify().unwrap();
    assert_eq!(extent.records, 301);
    let after = entries(&journal);
    for (was, is) in before.iter().zip(&after) {
        assert_eq!(
            (was.seq, &was.kind, was.digest),
            (is.seq, &is.kind, is.digest)
        );
        if was.seq <= 29 * 5 && was.kind == "gathered" {
            assert_eq!(is.erased, ["code", "documents"]);
            assert_eq!(is.body, serde_json::json!({}));
        } else {
            assert_eq!(was, is);
        }
    }
    let erased = after.last().unwrap();
    assert_eq!(
        (erased.kind.as_str(), &erased.body),
        (
            "erased",
            &serde_json::json!({
                "fields": ["code", "documents"],
                "through": 29 * 5,
                "before": day(30).unix_milliseconds(),
                "count": 58,
            })
        )
    );
    // What the office had got of these records is what it gets.
    let again = journal
        .outbox(&LaneKey::new("lane-3", &[1; 32]).unwrap(), 300)
        .unwrap();
    assert_eq!(again.records, outbox.records);
    // Nothing more to do on this day, and the badges when their turn comes.
    assert_eq!(journal.retain(day(60), MONTH).unwrap().fields, 0);
    assert_eq!(journal.extent().unwrap(), extent);
    let both = Retention {
        travellers: days(30),
        officers: days(50),
    };
    assert_eq!(journal.retain(day(61), both).unwrap().fields, 2 + 10);
    assert_eq!(entries(&journal)[3].erased, ["officer"]);
    journal.verify().unwrap();
    drop(journal);
    assert_eq!(reference::check(&place.path, KEY), Ok(303));
    place.open().verify().unwrap();
}

#[test]
fn much_goes_in_several_calls_so_that_a_lane_does_not_wait() {
    let place = Place::new();
    let mut journal = place.open();
    let records: Vec<_> = (1..=1_100)
        .flat_map(|number| [began(number), gathered(number)])
        .collect();
    journal.commit(&records, day(0)).unwrap();
    let mut gone = Vec::new();
    loop {
        let erasure = journal.retain(day(31), MONTH).unwrap();
        journal.verify().unwrap();
        gone.push(erasure.fields);
        if !erasure.more {
            break;
        }
    }
    assert_eq!(gone, [1_000, 1_000, 200]);
    assert_eq!(journal.retain(day(31), MONTH).unwrap().fields, 0);
    drop(journal);
    assert_eq!(reference::check(&place.path, KEY), Ok(2_203));
}

/// In no page, used or free, and not in the log: the files are deciphered and looked through.
#[test]
fn what_was_erased_is_nowhere_in_the_files() {
    let place = Place::new();
    let mut journal = place.open();
    for number in 1..=200 {
        journey(&mut journal, number, day(0));
    }
    journey(&mut journal, 201, day(40));
    let salts: Vec<Vec<u8>> = {
        let beside = reference::connect(&place.path, KEY, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let mut statement = beside
            .prepare("SELECT salt FROM personal WHERE field <> 'officer' ORDER BY seq")
            .unwrap();
        let salts = statement.query_map([], |row| row.get(0)).unwrap();
        salts.collect::<Result<_, _>>().unwrap()
    };
    let codes: Vec<String> = entries(&journal)
        .iter()
        .filter_map(|entry| entry.body["code"].as_str().map(str::to_owned))
        .collect();
    assert_eq!((salts.len(), codes.len()), (402, 201));
    let found = |journal_is: &str| {
        let pages = reference::pages(&place.path, KEY);
        let salts = salts.iter().filter(|salt| holds(&pages, salt)).count();
        let codes = codes
            .iter()
            .filter(|code| holds(&pages, code.as_bytes()))
            .count();
        assert!(
            holds(&pages, b"CREATE TABLE personal"),
            "{journal_is}: nothing was deciphered"
        );
        (salts, codes)
    };
    assert_eq!(found("full"), (402, 201));
    let erasure = journal.retain(day(41), MONTH).unwrap();
    assert_eq!(
        erasure,
        Erasure {
            fields: 400,
            more: false,
            lingers: false
        }
    );
    assert_eq!(found("running"), (2, 1));
    drop(journal);
    assert_eq!(found("closed"), (2, 1));
}

#[test]
fn while_somebody_reads_the_log_is_left_for_the_next_time() {
    let place = Place::new();
    let mut journal = place.open();
    journey(&mut journal, 1, day(0));
    let reader = reference::connect(&place.path, KEY, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let look = reader.unchecked_transaction().unwrap();
    look.query_one("SELECT count(*) FROM personal", [], |row| {
        row.get::<_, i64>(0)
    })
    .unwrap();
    let erasure = journal.retain(day(31), MONTH).unwrap();
    assert_eq!(
        erasure,
        Erasure {
            fields: 2,
            more: false,
            lingers: true
        }
    );
    drop(look);
    let erasure = journal.retain(day(31), MONTH).unwrap();
    assert_eq!(
        erasure,
        Erasure {
            fields: 0,
            more: false,
            lingers: false
        }
    );
}

/// Clocks jump: nothing goes because a record's clock had fallen back, nothing stays because it had run ahead, and a clock that
/// is behind now erases nothing.
#[test]
fn a_clock_that_jumps_neither_erases_early_nor_keeps_for_ever() {
    let place = Place::new();
    let mut journal = place.open();
    journey(&mut journal, 1, day(20));
    // The clock's battery is flat: 1970. Then it runs ten years ahead.
    journey(&mut journal, 2, Stamp::new(0));
    journey(&mut journal, 3, day(3_650));
    let error = journal.retain(day(45), MONTH).unwrap_err();
    assert!(matches!(error, JournalError::ClockBehind { .. }), "{error}");
    journey(&mut journal, 4, day(45));
    assert_eq!(journal.retain(day(45), MONTH).unwrap().fields, 0);
    assert_eq!(journal.retain(day(51), MONTH).unwrap().fields, 6);
    let left: Vec<_> = entries(&journal)
        .into_iter()
        .filter(|entry| entry.body.get("code").is_some())
        .map(|entry| entry.journey)
        .collect();
    assert_eq!(left, [Some(4)]);
    for now in [day(50), Stamp::new(0), Stamp::new(i64::MIN)] {
        let error = journal.retain(now, MONTH).unwrap_err();
        assert!(matches!(error, JournalError::ClockBehind { .. }), "{error}");
    }
    journal.verify().unwrap();
}

#[test]
fn what_was_erased_cannot_come_back_unseen() {
    let place = Place::new();
    let mut journal = place.open();
    journey(&mut journal, 1, day(0));
    drop(journal);
    let at = || reference::connect(&place.path, KEY, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let (salt, value): (Vec<u8>, String) = at()
        .query_one(
            "SELECT salt, value FROM personal WHERE field = 'code'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let mut journal = place.open();
    journal.retain(day(31), MONTH).unwrap();
    drop(journal);
    let put_back = || {
        at().execute(
            "UPDATE personal SET salt = ?1, value = ?2 WHERE seq = 2 AND field = 'code'",
            (&salt, &value),
        )
    };
    put_back().unwrap_err();
    let trigger: String = at()
        .query_one(
            "SELECT sql FROM sqlite_schema WHERE name = 'personal_is_only_erased'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    at().execute_batch("DROP TRIGGER personal_is_only_erased")
        .unwrap();
    put_back().unwrap();
    at().execute_batch(&trigger).unwrap();
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    let error = reader.verify().unwrap_err();
    assert!(
        matches!(&error, TreeError::NotErased { seq: 2, field } if field == "code"),
        "{error}"
    );
    assert!(reference::check(&place.path, KEY).is_err());
}

#[test]
fn nothing_is_erased_for_good_reasons_only() {
    let place = Place::new();
    let mut journal = place.open();
    let keep = Retention {
        travellers: None,
        officers: None,
    };
    assert_eq!(journal.retain(day(0), MONTH).unwrap().fields, 0);
    journey(&mut journal, 1, day(0));
    let extent = journal.extent().unwrap();
    assert_eq!(journal.retain(day(100_000), keep).unwrap().fields, 0);
    assert_eq!(journal.retain(day(30), MONTH).unwrap().fields, 0);
    assert_eq!(journal.extent().unwrap(), extent);
    let at_once = Retention {
        travellers: Some(Duration::ZERO),
        officers: Some(Duration::ZERO),
    };
    assert_eq!(journal.retain(day(0), at_once).unwrap().fields, 0);
    let next = Stamp::new(day(0).unix_milliseconds() + 1);
    assert_eq!(journal.retain(next, at_once).unwrap().fields, 3);
    let lane = LaneKey::new("lane-3", &[1; 32]).unwrap();
    for record in journal.outbox(&lane, 50).unwrap().records {
        SignedRecord::verify(record.as_bytes(), &lane.verifying_key()).unwrap();
    }
    journal.verify().unwrap();
}
