//! Policy and list files: the shipped sample, and what is refused with which cure.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;

use cases::{POLICY, draft};
use proptest::prelude::*;
use risk::{DeclaredAnswer, Lists, Manifest, Policy};
use time::macros::date;

#[test]
fn the_shipped_sample_is_a_policy() {
    let policy = Policy::parse(POLICY).unwrap();
    assert_eq!(policy.version().as_str(), "sample-2026-11");
    assert_eq!(policy.lists_greatest_age_days(), 3);
    assert!(policy.refers(DeclaredAnswer::Gold, date!(2026 - 11 - 23)));
    assert!(policy.allowances(date!(2026 - 11 - 23)).is_some());
    assert_ne!(
        policy.allowances(date!(2020 - 01 - 01)),
        policy.allowances(date!(2026 - 11 - 23))
    );
    assert!(policy.allowances(date!(2010 - 01 - 01)).is_none());
}

#[test]
fn a_wrong_policy_is_refused_with_key_and_cure() {
    for (from, to, says) in [
        (
            "per_mille = 5",
            "per_mille = 1001",
            "`random.per_mille` is 1001: write 0 to 1000",
        ),
        ("per_mille = 5", "per_mile = 5", "unknown field `per_mile`"),
        (
            "key = \"53",
            "key = \"",
            "`random.key`: write 64 hexadecimal digits",
        ),
        (
            "version = \"sample-2026-11\"",
            "version = \"\"",
            "`version`",
        ),
        (
            "valid_to = 2021-09-30",
            "",
            "`allowance`, rules 1 and 2 are valid on the same day",
        ),
        (
            "valid_to = 2021-09-30",
            "valid_to = 2021-10-01",
            "rules 1 and 2",
        ),
        (
            "valid_to = 2021-09-30",
            "valid_to = 2017-01-01",
            "`valid_to` is before `valid_from`",
        ),
        (
            "valid_to = 2021-09-30",
            "valid_to = 2021-09-30T00:00:00",
            "`allowance`, rule 2: `valid_to` has to be a day",
        ),
        (
            "answer = \"gold\"",
            "answer = \"silver\"",
            "unknown variant `silver`",
        ),
        (
            "answer = \"gold\"",
            "answer = \"prohibited\"",
            "`referral`, rules 1 and 2",
        ),
        (
            "id = \"answers.gold\"",
            "id = \"random\"",
            "the id `random` is given twice",
        ),
        (
            "id = \"answers.gold\"",
            "id = \"Gold!\"",
            "`referral`, rule 2: `id`",
        ),
        ("id = \"answers.gold\"", "", "missing field `id`"),
        ("issued = 2026-11-20", "issued = 20", "invalid type"),
        (
            "issued = 2026-11-20",
            "issued = 2026-11-20T00:00:00",
            "`issued` has to be a day",
        ),
        (
            "threshold_per_mille = 820",
            "threshold_per_mille = 82",
            "`names.threshold_per_mille`",
        ),
        (
            "alone_per_mille = 900",
            "alone_per_mille = 819",
            "`names.alone_per_mille`",
        ),
        ("birth = 240", "birth = 241", "`names.weights`"),
        (
            "https://www.customs.go.jp/english",
            "see ",
            "`allowance`, rule 1: `source`",
        ),
        (
            "cigars = 50",
            "cigars = 0",
            "`allowance.tobacco.cigars`, rule 1",
        ),
        ("cigars = 50", "", "missing field `cigars`"),
        ("[random]", "[ramdom]", "unknown field `ramdom`"),
    ] {
        assert!(POLICY.contains(from), "{from}");
        let error = Policy::parse(&POLICY.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("656b6973686f"), "{error}");
    }
    let none = &POLICY[..POLICY.find("[[allowance]]").unwrap()];
    assert!(
        Policy::parse(none)
            .unwrap_err()
            .to_string()
            .contains("7104")
    );
}

#[test]
fn wrong_lists_are_refused_with_key_and_cure() {
    let text = draft().to_toml();
    for (from, to, says) in [
        (
            "version = \"lists-1\"",
            "version = \"two words\"",
            "`version`",
        ),
        (
            "issued = 2026-11-23",
            "issued = 2026-11-23T00:00:00Z",
            "`issued` has to be a day",
        ),
        ("key = \"07", "key = \"", "`key`"),
        (
            "names = [\n  \"",
            "names = [\n  \"WATCHED",
            "`names`, entry 1",
        ),
        ("documents", "papers", "unknown field `papers`"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Lists::parse(&text.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("WATCHED"), "{error}");
    }
}

#[test]
fn a_rule_of_the_house_names_what_it_looks_at() {
    let head = "\n[[rule]]\nid = \"house\"\nvalid_from = 2026-11-20\nsource = \"order: the head\"\n[rule.when]\n";
    let with = |when: &str| Policy::parse(&format!("{POLICY}{head}{when}"));
    assert!(with("everybody_younger_than = 15").is_ok());
    for (when, says) in [
        ("", "name at least one condition"),
        ("silent = true", "name at least one condition"),
        ("issuing_states = [\"ZZZ\"]", "`issuing_states`"),
        ("nationalities = []", "`nationalities`"),
        ("document_kinds = []", "`document_kinds`"),
        ("document_kinds = [\"book\"]", "unknown variant `book`"),
        ("flights = [\"JL\"]", "`flights`"),
        ("carriers = [\"J\"]", "`carriers`"),
        ("departures = [\"hel\"]", "`departures`"),
        (
            "without_document = true\nexpires_within_days = 3",
            "cannot both hold",
        ),
        ("moon = \"full\"", "unknown field `moon`"),
    ] {
        let error = with(when).unwrap_err().to_string();
        assert!(error.contains(says), "{when}: {error}");
    }
    let nobody =
        format!("{POLICY}{head}travellers_at_least = 5").replace("order: the head", "order: ");
    assert!(
        Policy::parse(&nobody)
            .unwrap_err()
            .to_string()
            .contains("`source`")
    );
}

#[test]
fn a_manifest_names_files_of_its_own_folder_only() {
    let text = |name: &str, sha256: &str, key: &str| {
        format!(
            "version = \"1\"\nissued = 2026-11-23\n{key}\n[files.document_filter]\nname = \"{name}\"\nsha256 = \"{sha256}\"\n"
        )
    };
    let (sha256, key) = ("ab".repeat(32), format!("key = \"{}\"", "07".repeat(32)));
    let manifest = Manifest::parse(&text("documents-1.filter", &sha256, &key)).unwrap();
    assert_eq!(manifest.files().collect::<Vec<_>>(), ["documents-1.filter"]);
    for name in ["", "../policy.toml", "/etc/shadow", ".hidden", "a b"] {
        let error = Manifest::parse(&text(name, &sha256, &key)).unwrap_err();
        assert!(
            error.to_string().contains("`files.document_filter`"),
            "{name}"
        );
    }
    assert!(Manifest::parse(&text("a", "ab", &key)).is_err());
    let keyless = Manifest::parse(&text("a", &sha256, "")).unwrap_err();
    assert!(keyless.to_string().contains("needs a `key`"));
    let alone = text("a", &sha256, &key).replace("document_filter", "document_delta");
    let alone = Manifest::parse(&alone).unwrap_err().to_string();
    assert!(alone.contains("`files.document_delta` needs"));
    let loose = Lists::parse(&text("a", &sha256, &key)).unwrap_err();
    assert!(loose.to_string().contains("load the folder"));
    for expires in ["2026-11-22", "2026-11-23T00:00:00"] {
        let text = format!("expires = {expires}\n{}", text("a", &sha256, &key));
        assert!(
            Manifest::parse(&text)
                .unwrap_err()
                .to_string()
                .contains("`expires`")
        );
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,400}", from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let _ = Policy::parse(&text);
        let _ = Lists::parse(&text);
        let mut spoilt = POLICY.as_bytes().to_vec();
        let (from, to) = (from.index(spoilt.len()), to.index(spoilt.len()));
        spoilt.splice(from.min(to)..from.max(to).min(from.min(to) + 12), text.bytes().take(12));
        let _ = Policy::parse(&String::from_utf8_lossy(&spoilt));
    }
}
