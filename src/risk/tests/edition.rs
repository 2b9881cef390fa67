//! An edition as it lies in a folder: read as a whole, or refused as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
#[path = "cases/laid.rs"]
mod laid;

use cases::{DAY, aged, case, name, number};
use evidence::{Certainty, Decider, Decision, DocumentNumber, Fact, Reason, Sensitive, StateCode};
use laid::{KEY, digests, exact_path, sha256};
use risk::edition::{LISTS, POLICY};
use risk::lists::DocumentDigests;
use risk::{Edition, EditionError, assess};
use std::fs;
use std::path::Path;
use time::Duration;
use time::macros::date;

/// The sample policy without random selection, over the lists of `laid`.
fn lay_out(folder: &Path) {
    let policy = cases::POLICY.replace("per_mille = 5", "per_mille = 0");
    laid::lay_out(folder, &policy);
}

fn listed(edition: &Edition, number: &str) -> Option<Certainty> {
    let number = DocumentNumber::parse(number).unwrap();
    edition.lists.document(StateCode::UTOPIA, &number)
}

#[test]
fn a_folder_is_an_edition() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let edition = Edition::load(folder.path()).unwrap();
    assert_eq!(edition.lists.version().as_str(), "2026-11-23.1");
    let missed = (0..5_000)
        .filter(|number| *number != 1 && listed(&edition, &format!("LOST{number}")).is_none())
        .count();
    assert_eq!(missed, 0, "a filter misses nothing that was put in");
    // 2^-16 of 100,000 is 1.5.
    let wrong = (0..100_000)
        .filter(|number| listed(&edition, &format!("GOOD{number}")).is_some())
        .count();
    assert!(wrong <= 8, "{wrong}");
    assert_eq!(listed(&edition, "NEW1"), Some(Certainty::Exact));
    assert_eq!(listed(&edition, "LOST1"), None);
    assert_eq!(
        listed(&edition, "LOST2"),
        Some(Certainty::Probable {
            wrong_per_million: 15
        })
    );
    assert!(edition.lists.bytes() > 10_000);
}

#[test]
fn the_office_has_the_list_itself() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let edition =
        Edition::load_with_exact_documents(folder.path(), &exact_path(folder.path())).unwrap();
    assert_eq!(listed(&edition, "LOST2"), Some(Certainty::Exact));
    assert_eq!(listed(&edition, "LOST1"), None);
    let wrong = (0..200_000).filter(|number| listed(&edition, &format!("GOOD{number}")).is_some());
    assert_eq!(wrong.count(), 0);
}

#[test]
fn a_hit_names_its_rule_and_what_it_saw_and_nobody() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let edition = Edition::load(folder.path()).unwrap();
    let mut asked = case(&[30], vec![]);
    asked.travellers[0].number = number("LOST2");
    asked.travellers[0].name = name("SCHERBAKOV", "IURI");
    asked.travellers[0].birth = cases::birth(date!(1961 - 07 - 03));
    asked.travellers[0].nationality = StateCode::parse("RUS").unwrap();
    let verdict = assess(&asked, &edition.policy, &edition.lists, Decider::Lane);
    let member = evidence::MemberIndex::DECLARANT;
    assert_eq!(
        verdict.reasons,
        [Reason::DocumentListed(member), Reason::NameListed(member)]
    );
    let [document, person] = &verdict.grounds[..] else {
        panic!("{verdict:?}")
    };
    assert_eq!(document.rule.as_str(), "lists.document");
    assert_eq!(
        document.evidence[0],
        Fact::Listed(Certainty::Probable {
            wrong_per_million: 15
        })
    );
    assert_eq!(person.rule.as_str(), "lists.name");
    assert_eq!(person.evidence[0], Fact::Entry(1));
    assert!(matches!(
        person.evidence[1],
        Fact::Likeness {
            score: 820..,
            threshold: 820
        }
    ));
    assert_eq!(person.evidence.len(), 5, "name, birth date and nationality");
    assert!(verdict.grounds.iter().all(|ground| ground.told.is_none()));
    let shown = format!("{verdict:?} {edition:?}");
    for personal in ["SCHERBAKOV", "SHCHERBAKOV", "IURI", "LOST2", "1961", "RUS"] {
        assert!(!shown.contains(personal), "{personal}");
    }
}

#[test]
fn a_name_without_birth_date_is_found_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let edition = Edition::load(folder.path()).unwrap();
    let mut asked = case(&[30], vec![]);
    for (primary, secondary, refers) in [
        ("VAN ANH", "NGUYEN", true),
        ("NGUYEN", "VANANH", true),
        ("NGUYEN", "THI HOA", false),
        ("ERIKSSON", "ANNA", false),
    ] {
        asked.travellers[0].name = name(primary, secondary);
        let verdict = assess(&asked, &edition.policy, &edition.lists, Decider::Lane);
        let found = verdict.decision == Decision::Refer;
        assert_eq!(found, refers, "{primary} {secondary}");
    }
}

#[test]
fn an_edition_past_its_age_refers_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let edition = Edition::load(folder.path()).unwrap();
    let mut asked = case(&[30], vec![]);
    for (days, facts) in [
        (0, vec![]),
        (3, vec![]),
        (
            4,
            vec![Fact::ListsAge {
                days: 4,
                allowed: 3,
            }],
        ),
        (
            31,
            vec![
                Fact::ListsAge {
                    days: 31,
                    allowed: 3,
                },
                Fact::ListsExpired,
            ],
        ),
    ] {
        asked.on = DAY + Duration::days(days);
        let verdict = assess(&asked, &edition.policy, &edition.lists, Decider::Lane);
        let found: Vec<Fact> = verdict
            .grounds
            .iter()
            .flat_map(|ground| ground.evidence.clone())
            .collect();
        assert_eq!(found, facts, "{days}");
        assert_eq!(verdict.reasons.is_empty(), facts.is_empty());
    }
}

#[test]
fn a_folder_that_is_none_is_refused_by_its_file() {
    let refused = |spoil: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        spoil(folder.path());
        let error = Edition::load(folder.path()).unwrap_err();
        let source = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
        format!("{error}: {source}")
    };
    let edit = |file: &'static str, at: usize| {
        move |folder: &Path| {
            let path = folder.join(file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        }
    };
    for (says, spoil) in [
        (
            "policy.toml cannot be read",
            Box::new(|folder: &Path| fs::remove_file(folder.join(POLICY)).unwrap())
                as Box<dyn Fn(&Path)>,
        ),
        (
            "policy.toml is refused",
            Box::new(|folder| fs::write(folder.join(POLICY), "x").unwrap()),
        ),
        (
            "lists.toml is refused",
            Box::new(|folder| fs::write(folder.join(LISTS), "x").unwrap()),
        ),
        (
            "documents.filter cannot be read",
            Box::new(|folder| fs::remove_file(folder.join("documents.filter")).unwrap()),
        ),
        (
            "no file of this kind",
            Box::new(edit("documents.filter", 0)),
        ),
        (
            "made with another key",
            Box::new(edit("documents.filter", 16)),
        ),
        (
            "segments do not fit",
            Box::new(edit("documents.filter", 32)),
        ),
        (
            "bytes, and its head speaks",
            Box::new(edit("documents.filter", 41)),
        ),
        ("another SHA-256", Box::new(edit("documents.filter", 900))),
        ("another SHA-256", Box::new(edit("documents.filter", 24))),
        (
            "bytes, and its head speaks",
            Box::new(edit("documents.delta", 8)),
        ),
        (
            "another snapshot",
            Box::new(|folder| {
                let mut delta = Vec::new();
                DocumentDigests::write_delta(
                    &digests(["A"]),
                    &digests(["B"]),
                    &[0; 32],
                    &mut delta,
                )
                .unwrap();
                let lists = fs::read_to_string(folder.join(LISTS)).unwrap();
                let old = hex::encode(sha256(&fs::read(folder.join("documents.delta")).unwrap()));
                fs::write(
                    folder.join(LISTS),
                    lists.replace(&old, &hex::encode(sha256(&delta))),
                )
                .unwrap();
                fs::write(folder.join("documents.delta"), delta).unwrap();
            }),
        ),
        ("no file of this kind", Box::new(edit("people.names", 3))),
        ("its head is spoilt", Box::new(edit("people.names", 17))),
        (
            "bytes, and its head speaks",
            Box::new(edit("people.names", 8)),
        ),
    ] {
        let error = refused(&*spoil);
        assert!(error.contains(says), "{says}: {error}");
    }
    let error = Edition::load(Path::new("nowhere")).unwrap_err();
    assert!(matches!(error, EditionError::Read { .. }));
}

#[test]
fn what_is_not_settled_is_not_written() {
    let mut digests = DocumentDigests::new(&Sensitive::new(KEY));
    for number in ["B", "A", "A"] {
        digests.add(StateCode::UTOPIA, &DocumentNumber::parse(number).unwrap());
    }
    assert_eq!((digests.len(), digests.is_empty()), (3, false));
    assert!(digests.write_filter(&mut Vec::new()).is_err());
    digests.settle();
    assert_eq!(digests.len(), 2);
    assert!(digests.write_filter(&mut Vec::new()).is_ok());
    let both = DocumentDigests::write_delta(&digests, &digests, &[0; 32], &mut Vec::new());
    assert!(both.is_err());
    assert_eq!(aged(30).state, StateCode::UTOPIA);
}
