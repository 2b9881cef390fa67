//! What a fuzzer throws at every door of the lane: each function takes any bytes at all. A panic means
//! that a door breaks, or that it broke its promise.
//!
//! Each asserts what its door promises of everything that it takes. The fuzzer runs these for hours; an ordinary test runs them for seconds over the seeds and mutations of them.

#![allow(clippy::expect_used, unreachable_pub)]

use evidence::declaration::{self, Algorithm, Issuers, SigningKey};
use evidence::{Date, Decider, DocumentNumber, KeyId, Moment, StateCode, UtcOffset, mrz};
use gate::RegisterMap;
use officers::Roster;
use risk::wire::{AssessmentRequest, AssessmentResponse};
use risk::{Case, Lists, Policy};

#[path = "readers.rs"]
mod readers;
#[path = "scenes.rs"]
mod scenes;

pub use readers::{
    code_luma, code_scene, driver_buffer, face_rgb, face_scene, picture_file, zone_luma, zone_scene,
};

#[path = "gates.rs"]
mod gates;
pub use gates::{converse, gate_answers, gate_operations, gate_tape};

#[path = "journal.rs"]
mod kept;
pub use kept::{checkpoint_note, export_lines, lane, signed_record};

#[path = "office.rs"]
mod office;
pub use office::{repository, wire_certificate, wire_delivery};

#[path = "desk.rs"]
mod desk;
pub use desk::office_body;

#[path = "editions.rs"]
mod editions;
pub use editions::{document_delta, document_filter, manifest, names_file};

/// Takes any bytes, and tells whether its door did: a seed that no door takes any more finds nothing behind it.
pub type Target = fn(&[u8]) -> bool;

/// Every target that needs nothing but the lane's own crates, by the name of its seeds' folder.
pub const ALL: &[(&str, Target)] = &[
    ("code_text", code_text),
    ("code_body", code_body),
    ("mrz_lines", mrz_lines),
    ("register_map", register_map),
    ("issuers", issuers),
    ("policy", policy),
    ("lists", lists),
    ("manifest", manifest),
    ("document_filter", document_filter),
    ("document_delta", document_delta),
    ("names_file", names_file),
    ("roster", roster),
    ("wire_question", wire_question),
    ("wire_answer", wire_answer),
    ("wire_certificate", wire_certificate),
    ("wire_delivery", wire_delivery),
    ("repository", repository),
    ("office_body", office_body),
    ("gate_answers", gate_answers),
    ("gate_operations", gate_operations),
    ("gate_tape", gate_tape),
    ("code_luma", code_luma),
    ("code_scene", code_scene),
    ("zone_luma", zone_luma),
    ("zone_scene", zone_scene),
    ("face_rgb", face_rgb),
    ("face_scene", face_scene),
    ("picture_file", picture_file),
    ("driver_buffer", driver_buffer),
    ("signed_record", signed_record),
    ("checkpoint_note", checkpoint_note),
    ("export_lines", export_lines),
];

/// Who signs the seeds of `code_text` and `code_body`.
pub const ISSUER: &str = "Fuzzed";

/// When the seeds of `code_text` and `code_body` are valid: 23 November 2026, noon.
pub const NOW: Moment = Moment::new(1_795_435_200);

/// The key that signs the seeds of `code_text` and `code_body`. It is public and signs nothing else.
///
/// # Panics
/// Never in a build that passed its tests.
pub fn key() -> SigningKey {
    SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32]).expect("32 bytes are a key")
}

/// The id of [`key`].
///
/// # Panics
/// Never in a build that passed its tests.
pub fn key_id() -> KeyId {
    KeyId::new(&[0xf0, 0x22]).expect("two bytes are a key id")
}

/// A day on which the seeds' passports are valid.
///
/// # Panics
/// Never.
pub fn day() -> Date {
    NOW.date_at(UtcOffset::UTC)
}

fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}

/// The list with that one key.
///
/// # Panics
/// Never in a build that passed its tests.
pub fn issuers_text() -> String {
    let public = key().public().expect("a key has a public half");
    format!(
        "[[issuer]]\nid = \"{}\"\nname = \"{ISSUER}\"\nalgorithm = \"EdDSA\"\npublic_key = '''\n{public}'''\n\
         valid_from = 2020-01-01T00:00:00Z\nvalid_to = 2099-12-31T23:59:59Z\n",
        key_id()
    )
}

thread_local! {
    static TRUSTED: Issuers = Issuers::parse(&issuers_text()).expect("these issuers are well formed");
}

/// The text of a QR code. What is believed was signed by the one trusted key, and no fuzzer can sign.
pub fn code_text(input: &[u8]) -> bool {
    text(input).is_some_and(believed)
}

/// The bytes behind a code's text, so that the fuzzer need not learn base45.
pub fn code_body(input: &[u8]) -> bool {
    believed(&format!("{}{}", declaration::PREFIX, base45::encode(input)))
}

fn believed(text: &str) -> bool {
    TRUSTED.with(|issuers| {
        let Ok(sealed) = declaration::read(text, issuers, NOW) else {
            return false;
        };
        assert_eq!(sealed.issuer(), ISSUER, "believed, and nobody's");
        assert!(text.len() <= declaration::LONGEST, "longer than allowed");
        assert!(sealed.expires_at() > NOW, "expired");
        true
    })
}

/// Lines of a machine-readable zone. What is parsed has all its check digits right.
pub fn mrz_lines(input: &[u8]) -> bool {
    let Some(text) = text(input) else {
        return false;
    };
    let lines: Vec<&str> = text.lines().collect();
    let judged = mrz::verdicts(&lines);
    let Ok(document) = mrz::parse(&lines, day()) else {
        return false;
    };
    assert!(mrz::is_valid(&lines), "parsed, and a check digit is wrong");
    assert!(judged.is_some(), "parsed, and of no format");
    assert_eq!(Some(document.format), evidence::MrzFormat::of(&lines));
    assert!(!document.number.expose().as_str().is_empty());
    true
}

/// A gate's register map. What is accepted can be polled.
pub fn register_map(input: &[u8]) -> bool {
    let Some(Ok(map)) = text(input).map(str::parse::<RegisterMap>) else {
        return false;
    };
    let mut image = gate::Image::new();
    for reading in map.readings() {
        for address in reading.address..reading.address.saturating_add(reading.count) {
            image.insert((reading.table, address), address.rotate_left(7));
        }
    }
    // Registers may hold what the map has no word for, and are then refused.
    drop(map.status(&image));
    true
}

/// The list of keys whose codes are believed.
pub fn issuers(input: &[u8]) -> bool {
    let Some(Ok(issuers)) = text(input).map(Issuers::parse) else {
        return false;
    };
    assert!(issuers.iter().all(|issuer| !issuer.name().is_empty()));
    true
}

/// The policy. What is accepted can be asked about any day, and judges a question on it.
pub fn policy(input: &[u8]) -> bool {
    let Some(Ok(policy)) = text(input).map(Policy::parse) else {
        return false;
    };
    thread_local! {
        static ASKED: (Case, Lists) = (
            Case::try_from(
                &serde_json::from_str::<AssessmentRequest>(include_str!(
                    "seeds/wire_question/one-of-each.json"
                ))
                .expect("the seed"),
            )
            .expect("the seed"),
            Lists::parse(include_str!("seeds/lists/one-of-each.toml")).expect("the seed"),
        );
    }
    ASKED.with(|(case, lists)| {
        for day in [Date::MIN, day(), Date::MAX] {
            let _there_may_be_none = policy.allowances(day);
            let _promise = policy.commitment(day);
            let case = Case {
                on: day,
                ..case.clone()
            };
            let verdict = risk::assess(&case, &policy, lists, Decider::Lane);
            assert_eq!(verdict.reasons.is_empty(), verdict.grounds.is_empty());
        }
    });
    true
}

/// The lists of documents and names.
pub fn lists(input: &[u8]) -> bool {
    let Some(Ok(lists)) = text(input).map(Lists::parse) else {
        return false;
    };
    let number = DocumentNumber::parse("L898902C3").expect("a number");
    let _listed_or_not = lists.has_document(StateCode::UTOPIA, &number);
    true
}

/// The list of officers.
pub fn roster(input: &[u8]) -> bool {
    let Some(Ok(roster)) = text(input).map(Roster::parse) else {
        return false;
    };
    assert!(roster.officers().count() > 0, "a list of nobody");
    true
}

/// A lane's question, as the office gets it. What is accepted can be told again in words of the same meaning, and judged.
pub fn wire_question(input: &[u8]) -> bool {
    let Ok(request) = serde_json::from_slice::<AssessmentRequest>(input) else {
        return false;
    };
    let Ok(case) = Case::try_from(&request) else {
        return false;
    };
    let told = AssessmentRequest::from(&case);
    let again = Case::try_from(&told).expect("our own words");
    assert_eq!(
        told,
        AssessmentRequest::from(&again),
        "said twice, differently"
    );
    thread_local! {
        static JUDGEMENT: (Policy, Lists) = (
            Policy::parse(include_str!("../../src/risk/policy.sample.toml")).expect("the sample"),
            Lists::parse(include_str!("seeds/lists/one-of-each.toml")).expect("the seed"),
        );
    }
    JUDGEMENT.with(|(policy, lists)| drop(risk::assess(&case, policy, lists, Decider::Office)));
    true
}

/// The office's answer, as the lane gets it. What is accepted answers the question that was asked.
pub fn wire_answer(input: &[u8]) -> bool {
    let Ok(response) = serde_json::from_slice::<AssessmentResponse>(input) else {
        return false;
    };
    let asked = "lane-3/J42-7";
    let named = response.question == asked;
    let taken = response.verdict_on(asked).is_ok();
    assert!(named || !taken, "an answer to another question");
    taken
}
