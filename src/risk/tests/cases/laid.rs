//! An edition in a folder: five thousand lost documents, a delta to them, and two names.
#![allow(dead_code, unreachable_pub)]

use super::cases::{DAY, name};
use evidence::{BirthDate, DocumentNumber, Sensitive, StateCode};
use risk::edition::{LISTS, POLICY};
use risk::lists::{DocumentDigests, SnapshotId};
use risk::names::NameList;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use time::macros::date;

/// Where the list itself lies, beside what a lane gets.
pub fn exact_path(folder: &Path) -> PathBuf {
    folder.join("exact")
}

/// The sample policy with a rule of the house of every sort.
pub const POLICY_WITH_RULES: &str = concat!(
    include_str!("../../policy.sample.toml"),
    r#"
[[rule]]
id = "party.children-alone"
valid_from = 2026-11-20
source = "order: the head of this customs house"
[rule.when]
everybody_younger_than = 15

[[rule]]
id = "party.large"
valid_from = 2026-11-20
source = "order: the head of this customs house"
[rule.when]
travellers_at_least = 6

[[rule]]
id = "document.expires-soon"
valid_from = 2026-11-20
source = "order: the head of this customs house"
[rule.when]
document_kinds = ["passport", "visa"]
expires_within_days = 30

[[rule]]
id = "document.none"
valid_from = 2026-11-20
source = "order: the head of this customs house"
[rule.when]
silent = true
without_document = true
travellers_at_least = 2

[[rule]]
id = "flight.watched"
valid_from = 2026-11-20
valid_to = 2026-12-20
source = "order: the head of this customs house"
[rule.when]
carriers = ["NH"]
departures = ["MNL"]
"#
);

pub const KEY: [u8; 32] = [9; 32];

pub fn digests<'a>(numbers: impl IntoIterator<Item = &'a str>) -> DocumentDigests {
    let mut digests = DocumentDigests::new(&Sensitive::new(KEY));
    for number in numbers {
        digests.add(StateCode::UTOPIA, &DocumentNumber::parse(number).unwrap());
    }
    digests.settle();
    digests
}

pub fn sha256(bytes: &[u8]) -> SnapshotId {
    Sha256::digest(bytes).into()
}

/// The listed numbers are `LOST0` to `LOST4999`; `LOST1` was taken off since, and `NEW1` was added.
pub fn lay_out(folder: &Path, policy: &str) {
    let numbers: Vec<String> = (0..5_000).map(|number| format!("LOST{number}")).collect();
    let listed = digests(numbers.iter().map(String::as_str));
    let mut filter = Vec::new();
    listed.write_filter(&mut filter).unwrap();
    let mut exact = Vec::new();
    listed.write_exact(&mut exact).unwrap();
    let mut delta = Vec::new();
    let (added, removed) = (digests(["NEW1"]), digests(["LOST1"]));
    DocumentDigests::write_delta(&added, &removed, &sha256(&filter), &mut delta).unwrap();
    let mut list = NameList::new();
    for (primary, secondary, birth, state) in [
        (
            "SHCHERBAKOV",
            "YURII",
            Some(date!(1961 - 03 - 07)),
            Some("RUS"),
        ),
        ("NGUYEN", "VAN ANH", None, None),
    ] {
        list.add(
            name(primary, secondary).expose(),
            birth.map(|day| BirthDate::try_from(day).unwrap()).as_ref(),
            state.and_then(StateCode::parse),
        );
    }
    let mut names = Vec::new();
    list.write(&mut names).unwrap();

    let mut manifest = format!(
        "version = \"2026-11-23.1\"\nissued = {DAY}\nexpires = 2026-12-23\nkey = \"{}\"\n",
        hex::encode(KEY)
    );
    for (key, file, bytes) in [
        ("document_filter", "documents.filter", &filter),
        ("document_delta", "documents.delta", &delta),
        ("names", "people.names", &names),
    ] {
        fs::write(folder.join(file), bytes).unwrap();
        let _ = write!(
            manifest,
            "[files.{key}]\nname = \"{file}\"\nsha256 = \"{}\"\n",
            hex::encode(sha256(bytes))
        );
    }
    fs::write(exact_path(folder), exact).unwrap();
    fs::write(folder.join(LISTS), manifest).unwrap();
    fs::write(folder.join(POLICY), policy).unwrap();
}
