//! An export is checked without the journal: whatever is changed, removed or moved in it is found.

use std::time::Duration;

use journal::{
    Audit, DigestKey, Journal, JournalError, LaneKey, Privacy, Reader, Retention, Stamp, export,
    verify_export,
};
use journey::{Decision, Ending};
use serde_json::{Value, json};

use crate::specimens::{KEY, NOON, Place, began, decided, ended, gathered, referred};

fn lane() -> LaneKey {
    LaneKey::new("lane-3", &[0x1a; 32]).unwrap()
}

fn kept(journeys: u64) -> (Place, Journal) {
    let place = Place::new();
    let mut journal = place.open();
    for journey in 1..=journeys {
        let records = [
            began(journey),
            gathered(journey),
            referred(journey, 3),
            decided(journey, 3, Decision::Held, false),
            ended(journey, Ending::Decided(Decision::Held)),
        ];
        journal.commit(&records, NOON).unwrap();
    }
    (place, journal)
}

fn exported(place: &Place, after: u64, privacy: Privacy) -> String {
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    let mut lines = Vec::new();
    export(&reader, &lane(), after, privacy, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn judged(lines: &str) -> Result<Audit, String> {
    verify_export(lines.as_bytes(), &lane().verifying_key()).map_err(|error| {
        let source = std::error::Error::source(&error.fault);
        match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    })
}

#[test]
fn an_export_is_what_the_journal_holds() {
    let (place, journal) = kept(4);
    for (privacy, personal) in [(Privacy::Withheld, 0), (Privacy::Told, 12)] {
        let lines = exported(&place, 0, privacy);
        assert_eq!(
            judged(&lines).unwrap(),
            Audit {
                lane: "lane-3".to_owned(),
                after: 0,
                extent: journal.extent().unwrap(),
                personal
            }
        );
        let entries = journal.entries(0).map(Result::unwrap);
        for (line, entry) in lines.lines().skip(1).zip(entries) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(
                (&line["seq"], &line["kind"]),
                (&json!(entry.seq), &json!(entry.kind))
            );
            assert_eq!(line["at"], entry.at.unix_milliseconds());
            for (field, value) in entry.body.as_object().unwrap() {
                let public = line["body"].get(field);
                let told = line["personal"].get(field).map(|opened| &opened["value"]);
                let hidden = privacy == Privacy::Withheld
                    && ["code", "documents", "officer"].contains(&field.as_str());
                assert_eq!(public.or(told), (!hidden).then_some(value));
            }
        }
    }
    // From anywhere on, also from the very end.
    for after in 0..=20 {
        let audit = judged(&exported(&place, after, Privacy::Told)).unwrap();
        assert_eq!(
            (audit.after, audit.extent),
            (after, journal.extent().unwrap())
        );
    }
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    let error = export(&reader, &lane(), 21, Privacy::Told, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("20 records"), "{error}");
    let empty = Place::new();
    drop(empty.open());
    assert_eq!(
        judged(&exported(&empty, 0, Privacy::Told))
            .unwrap()
            .extent
            .records,
        0
    );
}

#[test]
fn a_changed_a_removed_and_a_swapped_record_are_each_found_in_an_export() {
    let (place, _journal) = kept(4);
    let lines: Vec<String> = exported(&place, 0, Privacy::Told)
        .lines()
        .map(str::to_owned)
        .collect();
    let joined = |lines: &[String]| {
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    // Records stand from line 2 on: record n in line n + 1, which is place n.
    let with = |place: usize, change: &dyn Fn(&mut Value)| {
        let mut changed = lines.clone();
        let mut value: Value = serde_json::from_str(&changed[place]).unwrap();
        change(&mut value);
        changed[place] = value.to_string();
        joined(&changed)
    };
    let without = |place: usize| {
        let mut rest = lines.clone();
        rest.remove(place);
        joined(&rest)
    };
    let swapped = |one: usize, other: usize| {
        let mut moved = lines.clone();
        moved.swap(one, other);
        joined(&moved)
    };
    let doubled = {
        let mut more = lines.clone();
        more.insert(7, lines[7].clone());
        joined(&more)
    };
    let other_key = {
        let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
        let other = LaneKey::new("lane-3", &[0x1b; 32]).unwrap();
        let mut forged = Vec::new();
        export(&reader, &other, 0, Privacy::Told, &mut forged).unwrap();
        String::from_utf8(forged).unwrap()
    };
    let other_record = json!(serde_json::from_str::<Value>(&lines[8]).unwrap()["record"]);
    for (what, export, found) in [
        (
            "time",
            with(7, &|line| line["at"] = json!(0)),
            "line 8: record 7 was changed",
        ),
        (
            "kind",
            with(7, &|line| line["kind"] = json!("cleared")),
            "line 8: record 7 was changed",
        ),
        (
            "journey",
            with(7, &|line| line["journey"] = json!(1)),
            "line 8: record 7 was changed",
        ),
        (
            "body",
            with(8, &|line| line["body"]["referral"] = json!(4)),
            "line 9: record 8 was changed",
        ),
        (
            "something more",
            with(7, &|line| line["note"] = json!("x")),
            "line 8: record 7 was changed",
        ),
        (
            "its number",
            with(7, &|line| line["seq"] = json!(8)),
            "line 8: record 7 was changed",
        ),
        (
            "the signed record",
            with(7, &|line| {
                let record = line["record"].as_str().unwrap();
                let mut bytes = journal::signed::of_text(record).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                line["record"] = json!(base64(&bytes));
            }),
            "line 8: what is signed in it does not hold: its signature is not made with this lane's key",
        ),
        (
            "another's signed record",
            with(7, &|line| line["record"] = other_record.clone()),
            "line 8: record 8 stands where record 7 belongs",
        ),
        (
            "a badge",
            with(9, &|line| {
                line["personal"]["officer"]["value"] = json!("E-99")
            }),
            "line 10: the field officer of record 9 is not the one",
        ),
        (
            "a field of no commitment",
            with(9, &|line| {
                line["personal"] = json!({ "name": { "salt": "00".repeat(32), "value": "x" } });
            }),
            "line 10: the field name of record 9 is not the one",
        ),
        (
            "removed",
            without(7),
            "line 8: record 8 stands where record 7 belongs",
        ),
        (
            "the first",
            without(1),
            "line 2: record 2 stands where record 1 belongs",
        ),
        (
            "the last",
            without(20),
            "line 21: its checkpoint is over 20 records, 19 are there",
        ),
        (
            "the checkpoint",
            without(21),
            "line 22: it ends without its checkpoint",
        ),
        (
            "the first line",
            without(0),
            "line 1: it is not as an export writes it (the first line)",
        ),
        (
            "swapped",
            swapped(7, 8),
            "line 8: record 8 stands where record 7 belongs",
        ),
        (
            "doubled",
            doubled,
            "line 9: record 7 stands where record 8 belongs",
        ),
        (
            "another key",
            other_key,
            "line 2: what is signed in it does not hold: its signature is not made",
        ),
        (
            "another lane",
            with(0, &|line| line["lane"] = json!("lane-4")),
            "line 2: what is signed in it does not hold: it is another lane's",
        ),
        (
            "twice",
            joined(&[lines.clone(), lines.clone()].concat()),
            "line 23: something follows its checkpoint",
        ),
        (
            "spaces",
            joined(&lines).replace(":", ": "),
            "line 1: it is not as an export writes it (not canonical)",
        ),
        (
            "cut",
            joined(&lines)[..joined(&lines).len() - 9].to_owned(),
            "line 22: it is not as an export writes it",
        ),
        (
            "nothing",
            String::new(),
            "line 1: it ends without its checkpoint",
        ),
    ] {
        let told = judged(&export).unwrap_err();
        assert!(told.starts_with(found), "{what}: {told}");
    }
    // A part of it under the whole's checkpoint, with parts of the tree that somebody made up.
    let later = exported(&place, 5, Privacy::Withheld);
    let forged = later.replacen("\"peaks\":[\"", "\"peaks\":[\"00", 1);
    assert!(judged(&forged).is_err());
    let (head, rest) = later.split_once('\n').unwrap();
    let mut head: Value = serde_json::from_str(head).unwrap();
    head["peaks"][0] = json!("00".repeat(32));
    let told = judged(&format!("{head}\n{rest}")).unwrap_err();
    assert_eq!(
        told,
        "line 17: its records are not those whose root the lane signed"
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn an_altered_journal_is_not_exported_under_the_lane_s_signature() {
    let (place, journal) = kept(2);
    drop(journal);
    let at = crate::reference::connect(
        &place.path,
        KEY,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE,
    );
    at.execute_batch("DROP TRIGGER record_stays_as_it_is; UPDATE record SET at = 0 WHERE seq = 3")
        .unwrap();
    drop(at);
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    let error = export(&reader, &lane(), 0, Privacy::Told, &mut Vec::new()).unwrap_err();
    assert!(
        matches!(
            &error,
            journal::ExportError::Journal(JournalError::Altered { .. })
        ),
        "{error}"
    );
}

#[test]
fn what_was_erased_is_not_exported_and_the_rest_still_holds() {
    let (place, mut journal) = kept(2);
    let before = exported(&place, 0, Privacy::Withheld);
    let month = Retention {
        travellers: Some(Duration::from_secs(30 * 86_400)),
        officers: None,
    };
    let later = Stamp::new(NOON.unix_milliseconds() + 31 * 86_400_000);
    journal.retain(later, month).unwrap();
    let lines = exported(&place, 0, Privacy::Told);
    let audit = judged(&lines).unwrap();
    assert_eq!((audit.extent.records, audit.personal), (11, 2));
    assert!(!lines.contains("documents\":{"));
    // Nothing of what had been given away before changes.
    let after = exported(&place, 0, Privacy::Withheld);
    assert!(before.lines().take(11).eq(after.lines().take(11)));
    let stats = Reader::open(&place.path, DigestKey::new(KEY))
        .unwrap()
        .stats()
        .unwrap();
    assert_eq!((stats.held, stats.erased), (2, 4));
    assert_eq!(stats.times, Some((NOON, later)));
    assert_eq!(stats.kinds["erased"], 1);
    assert_eq!(
        (stats.open, stats.clock_fell_back, stats.acknowledged),
        (0, 0, 0)
    );
    assert_eq!(stats.kinds.values().sum::<u64>(), stats.extent.records);
    journal.commit(&[began(3)], NOON).unwrap();
    journal.acknowledge(5).unwrap();
    let stats = Reader::open(&place.path, DigestKey::new(KEY))
        .unwrap()
        .stats()
        .unwrap();
    assert_eq!(
        (stats.open, stats.clock_fell_back, stats.acknowledged),
        (1, 1, 5)
    );
    assert!(stats.bytes > 4096);
}
