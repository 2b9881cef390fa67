//! What a power cut left open is closed at the next start, but for a referral, which waits for its officer.

use evidence::JourneyId;
use journal::{DigestKey, Journal, Recovery};
use journey::{Alarm, Decision, Ending, Record};
use serde_json::{Value, json};

use crate::specimens::{
    KEY, NOON, Place, began, cleared, decided, ended, gathered, question, referred,
};

fn reopen(place: &Place) -> (Journal, Recovery) {
    Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap()
}

fn interrupted(stage: &str) -> Value {
    json!({ "ending": "interrupted", "stage": stage })
}

#[test]
fn the_first_journey_is_number_one() {
    let (_, recovery) = reopen(&Place::new());
    assert_eq!(
        recovery,
        Recovery {
            next: JourneyId::new(1),
            interrupted: vec![],
            unfinished: None
        }
    );
}

#[test]
fn each_last_record_tells_how_the_journey_ended() {
    let alarm = Record::Alarmed {
        journey: Some(JourneyId::new(4)),
        alarm: Alarm::Tailgating,
    };
    let refused = Record::CodeRefused {
        journey: JourneyId::new(4),
        refusal: evidence::CodeRefusal::BadSignature,
    };
    for (records, ending) in [
        (vec![began(4)], interrupted("gathering")),
        (vec![began(4), refused.clone()], interrupted("gathering")),
        (vec![began(4), gathered(4)], interrupted("reviewing")),
        (
            vec![began(4), refused, gathered(4), cleared(4)],
            interrupted("releasing"),
        ),
        (
            vec![began(4), gathered(4), cleared(4), alarm],
            interrupted("releasing"),
        ),
        (
            vec![
                began(4),
                referred(4, 2),
                decided(4, 2, Decision::Released, true),
            ],
            interrupted("releasing"),
        ),
        (
            vec![
                began(4),
                referred(4, 2),
                decided(4, 2, Decision::Held, false),
            ],
            json!({ "ending": "decided", "decision": "held" }),
        ),
    ] {
        let place = Place::new();
        let mut journal = place.open();
        journal.commit(&records, NOON).unwrap();
        drop(journal);
        let (journal, recovery) = reopen(&place);
        assert_eq!(
            recovery,
            Recovery {
                next: JourneyId::new(5),
                interrupted: vec![JourneyId::new(4)],
                unfinished: None
            }
        );
        let last = journal
            .entries(records.len() as u64)
            .map(Result::unwrap)
            .collect::<Vec<_>>();
        assert_eq!(last.len(), 1);
        assert_eq!(
            (last[0].kind.as_str(), last[0].journey, &last[0].body),
            ("ended", Some(4), &ending)
        );
        drop(journal);
        // Once is enough.
        let (journal, recovery) = reopen(&place);
        assert_eq!(recovery.interrupted, []);
        assert_eq!(journal.verify().unwrap().records, records.len() as u64 + 1);
    }
}

#[test]
fn a_referral_waits_for_its_officer_through_any_number_of_starts() {
    let place = Place::new();
    let mut journal = place.open();
    journal.commit(&[began(1), referred(1, 3)], NOON).unwrap();
    drop(journal);
    for _ in 0..3 {
        let (journal, recovery) = reopen(&place);
        assert_eq!(
            recovery,
            Recovery {
                next: JourneyId::new(2),
                interrupted: vec![],
                unfinished: Some(question(1, 3))
            }
        );
        assert_eq!(journal.extent().unwrap().records, 2);
    }
    let (mut journal, _) = reopen(&place);
    // Released, the gate did not open, referred again: it is the second referral that waits now.
    journal
        .commit(
            &[decided(1, 3, Decision::Released, true), referred(1, 9)],
            NOON,
        )
        .unwrap();
    drop(journal);
    let (mut journal, recovery) = reopen(&place);
    assert_eq!(recovery.unfinished, Some(question(1, 9)));
    journal
        .commit(&[decided(1, 9, Decision::SentToInspection, false)], NOON)
        .unwrap();
    journal
        .commit(
            &[ended(1, Ending::Decided(Decision::SentToInspection))],
            NOON,
        )
        .unwrap();
    drop(journal);
    let (_, recovery) = reopen(&place);
    assert_eq!(
        recovery,
        Recovery {
            next: JourneyId::new(2),
            interrupted: vec![],
            unfinished: None
        }
    );
}

#[test]
fn several_open_journeys_are_each_closed_in_their_own_way() {
    let place = Place::new();
    let mut journal = place.open();
    journal
        .commit(
            &[
                began(1),
                began(2),
                referred(2, 1),
                began(5),
                cleared(5),
                began(9),
                referred(9, 4),
            ],
            NOON,
        )
        .unwrap();
    drop(journal);
    let (journal, recovery) = reopen(&place);
    assert_eq!(
        recovery,
        Recovery {
            next: JourneyId::new(10),
            interrupted: vec![JourneyId::new(1), JourneyId::new(5)],
            unfinished: Some(question(9, 4)),
        }
    );
    assert_eq!(journal.verify().unwrap().records, 9);
}
