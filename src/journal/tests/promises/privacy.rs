//! Records become rows that say the same, and nothing personal reaches the files.

use std::{fs, num::NonZeroU8};

use evidence::declaration::Flaw;
use evidence::{
    CodeId, CodeRefusal, Decider, Decision as Outcome, JourneyId, MemberIndex, Reason, Verdict,
    Version,
};
use journal::{Entry, Stamp};
use journey::{
    Alarm, Cause, Decision, DecisionReason, Device, Ending, HandReason, OfficerId, Record,
    StageName,
};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use crate::{
    reference,
    specimens::{KEY, NOON, Place, began, cleared, gathered, numbered, question, records},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn records_come_back_as_they_went_in_and_no_document_number_is_in_any_file(
        steps in vec((vec(records(), 1..6), any::<i64>()), 1..8),
    ) {
        let place = Place::new();
        let mut journal = place.open();
        let flat = numbered(steps.iter().flat_map(|(records, _)| records.clone()).collect());
        let (first, mut rest) = flat.split_at(1);
        journal.commit(first, NOON).unwrap();
        let mut expected = vec![(&first[0], NOON)];
        for (records, at) in &steps {
            let (step, later) = rest.split_at(records.len());
            rest = later;
            journal.commit(step, Stamp::new(*at)).unwrap();
            expected.extend(step.iter().map(|record| (record, Stamp::new(*at))));
        }
        let entries: Vec<Entry> = journal.entries(0).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(entries.len(), expected.len());
        for ((record, at), (entry, seq)) in expected.iter().zip(entries.iter().zip(1..)) {
            prop_assert_eq!((entry.seq, entry.at), (seq, *at));
            prop_assert_eq!(entry.journey, record.journey().map(JourneyId::get));
            same(record, entry);
        }
        journal.verify().unwrap();
        // With the log beside the file, and with the log taken over into it; as it stands, and deciphered.
        let look = |_: ()| {
            let files = fs::read_dir(place.path.parent().unwrap()).unwrap();
            let mut contents: Vec<_> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
            let deciphered = reference::pages(&place.path, KEY);
            assert!(holds(&deciphered, b"CREATE TABLE record"), "nothing was deciphered");
            contents.push(deciphered);
            for content in &contents {
                for number in flat.iter().flat_map(documents) {
                    for text in [number.clone(), number.to_lowercase(), hex::encode(&number)] {
                        assert!(!holds(content, text.as_bytes()));
                    }
                }
            }
        };
        look(());
        drop(journal);
        look(());
        prop_assert_eq!(reference::check(&place.path, KEY), Ok(flat.len() as i64));
    }
}

/// Without the key the files say nothing at all, not even that somebody passed.
#[test]
fn the_files_say_nothing_without_the_key() {
    let place = Place::new();
    let mut journal = place.open();
    for journey in 1..=40 {
        let records = [began(journey), gathered(journey), cleared(journey)];
        journal.commit(&records, NOON).unwrap();
    }
    let look = || {
        for file in fs::read_dir(place.path.parent().unwrap()).unwrap() {
            let file = file.unwrap();
            let content = fs::read(file.path()).unwrap();
            for word in ["record", "SQLite", "cleared", "2026-11-01.1", "documents"] {
                assert!(
                    !holds(&content, word.as_bytes()),
                    "{word} in {:?}",
                    file.file_name()
                );
            }
        }
    };
    look();
    drop(journal);
    look();
    assert!(holds(&reference::pages(&place.path, KEY), b"2026-11-01.1"));
}

fn documents(record: &Record) -> Vec<String> {
    match record {
        Record::Gathered { documents, .. } => documents
            .iter()
            .map(|number| number.expose().as_str().to_owned())
            .collect(),
        _ => Vec::new(),
    }
}

fn holds(content: &[u8], text: &[u8]) -> bool {
    content.windows(text.len()).any(|window| window == text)
}

fn same(record: &Record, entry: &Entry) {
    let body = &entry.body;
    let journey = || JourneyId::new(entry.journey.unwrap());
    let asked = |key: &str| {
        question(
            entry.journey.unwrap(),
            u32::try_from(body[key].as_u64().unwrap()).unwrap(),
        )
    };
    let read = match entry.kind.as_str() {
        "began" => Record::Began { journey: journey() },
        "code_refused" => Record::CodeRefused {
            journey: journey(),
            refusal: refusal(body),
        },
        "gathered" => {
            let digests: Vec<String> = documents(record)
                .iter()
                .map(|number| {
                    hex::encode(reference::keyed(KEY, "document number", number.as_bytes()))
                })
                .collect();
            assert_eq!(body["documents"], Value::from(digests));
            let Record::Gathered { documents, .. } = record else {
                panic!("{entry:?}")
            };
            let code = hex::decode(text(body, "code")).unwrap();
            Record::Gathered {
                journey: journey(),
                code: CodeId::new(code.try_into().unwrap()),
                documents: documents.clone(),
            }
        }
        "cleared" => Record::Cleared {
            question: asked("question"),
            verdict: verdict(&body["verdict"]).unwrap(),
            persons: persons(body).unwrap(),
        },
        "answered_late" => Record::AnsweredLate {
            question: asked("question"),
            office: verdict(&body["verdict"]).unwrap(),
            agrees: body["agrees"].as_bool().unwrap(),
        },
        "referred" => Record::Referred {
            referral: asked("referral"),
            causes: body["causes"]
                .as_array()
                .unwrap()
                .iter()
                .map(cause)
                .collect(),
            verdict: verdict(&body["verdict"]),
        },
        "decided" => Record::Decided {
            referral: asked("referral"),
            officer: OfficerId::parse(text(body, "officer")).unwrap(),
            decision: decision(body),
            reason: DecisionReason::ALL
                .into_iter()
                .find(|reason| reason.code() == text(body, "reason"))
                .unwrap(),
            persons: persons(body),
        },
        "alarmed" => Record::Alarmed {
            journey: entry.journey.map(JourneyId::new),
            alarm: match text(body, "alarm") {
                "tailgating" => Alarm::Tailgating,
                "wrong_way" => Alarm::WrongWay,
                "forced_entry" => Alarm::ForcedEntry,
                other => panic!("{other}"),
            },
        },
        "ended" => Record::Ended {
            journey: journey(),
            ending: match text(body, "ending") {
                "passed" => {
                    Ending::Passed(u8::try_from(body["persons"].as_u64().unwrap()).unwrap())
                }
                "decided" => Ending::Decided(decision(body)),
                "abandoned" => Ending::Abandoned,
                "interrupted" => Ending::Interrupted(match text(body, "stage") {
                    "gathering" => StageName::Gathering,
                    "facing" => StageName::Facing,
                    "closing" => StageName::Closing,
                    other => panic!("{other}"),
                }),
                other => panic!("{other}"),
            },
        },
        "evacuation" => Record::Evacuation {
            began: body["began"].as_bool().unwrap(),
        },
        "device_changed" => Record::DeviceChanged {
            device: device(body),
            works: body["works"].as_bool().unwrap(),
        },
        "service_ordered" => Record::ServiceOrdered {
            officer: body["officer"]
                .as_str()
                .map(|badge| OfficerId::parse(badge).unwrap()),
            open: body["open"].as_bool().unwrap(),
        },
        "opened_by_hand" => Record::OpenedByHand {
            officer: OfficerId::parse(text(body, "officer")).unwrap(),
            persons: persons(body).unwrap(),
            reason: HandReason::ALL
                .into_iter()
                .find(|reason| reason.code() == text(body, "reason"))
                .unwrap(),
        },
        other => panic!("{other}"),
    };
    assert_eq!(&read, record);
}

fn text<'body>(body: &'body Value, key: &str) -> &'body str {
    body[key].as_str().unwrap()
}

fn persons(body: &Value) -> Option<NonZeroU8> {
    body["persons"]
        .as_u64()
        .and_then(|persons| NonZeroU8::new(u8::try_from(persons).unwrap()))
}

fn member(body: &Value) -> Option<MemberIndex> {
    body.get("member")
        .map(|member| MemberIndex::new(u8::try_from(member.as_u64().unwrap()).unwrap()).unwrap())
}

fn decision(body: &Value) -> Decision {
    Decision::ALL
        .into_iter()
        .find(|decision| decision.code() == text(body, "decision"))
        .unwrap()
}

fn device(body: &Value) -> Device {
    match text(body, "device") {
        "gate" => Device::Gate,
        "document_camera" => Device::DocumentCamera,
        "face_camera" => Device::FaceCamera,
        "journal" => Device::Journal,
        other => panic!("{other}"),
    }
}

fn cause(body: &Value) -> Cause {
    match text(body, "code") {
        "C-01" => Cause::Verdict,
        "C-02" => Cause::NoVerdict,
        "C-03" => Cause::DocumentExpired(member(body).unwrap()),
        "C-04" => Cause::EvidenceIncomplete,
        "C-06" => Cause::FaceNotMatched(member(body).unwrap()),
        "C-08" => Cause::Disputed,
        "C-09" => Cause::AskedForOfficer,
        "C-10" => Cause::PassageIncomplete,
        "C-16" => Cause::Tailgated,
        "C-13" => Cause::DeviceFailed(device(body)),
        "C-14" => Cause::Interrupted,
        "C-15" => Cause::PresentationUnclear(member(body).unwrap()),
        other => panic!("{other}"),
    }
}

fn verdict(body: &Value) -> Option<Verdict> {
    body.as_object()?;
    Some(Verdict {
        decision: match text(body, "decision") {
            "clear" => Outcome::Clear,
            "refer" => Outcome::Refer,
            other => panic!("{other}"),
        },
        reasons: body["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| Reason::parse(text(reason, "code"), member(reason)).unwrap())
            .collect(),
        decided_by: match text(body, "decided_by") {
            "office" => Decider::Office,
            "lane" => Decider::Lane,
            other => panic!("{other}"),
        },
        policy: Version::parse(text(body, "policy")).unwrap(),
        lists: Version::parse(text(body, "lists")).unwrap(),
        grounds: Vec::new(),
        draw: None,
    })
}

fn refusal(body: &Value) -> CodeRefusal {
    match text(body, "refusal") {
        "not_a_declaration" => CodeRefusal::NotADeclaration,
        "too_long" => CodeRefusal::TooLong,
        "malformed" => CodeRefusal::Malformed(match text(body, "flaw") {
            "base45" => Flaw::Base45,
            "cbor" => Flaw::Cbor,
            // Which part it was is not kept.
            "shape" => Flaw::Shape("party"),
            "not_deterministic" => Flaw::NotDeterministic,
            "declarant" => Flaw::Declarant,
            other => panic!("{other}"),
        }),
        "unknown_issuer" => CodeRefusal::UnknownIssuer,
        "issuer_not_valid" => CodeRefusal::IssuerNotValid,
        "bad_signature" => CodeRefusal::BadSignature,
        "not_yet_valid" => CodeRefusal::NotYetValid,
        "expired" => CodeRefusal::Expired,
        other => panic!("{other}"),
    }
}
