//! A large list and the small file of what has changed since.

use crate::depot::{Depot, after, moment, renewed};
use evidence::{DocumentNumber, Sensitive, StateCode};
use office::publish::{Life, publish};
use risk::Edition;
use risk::lists::DocumentDigests;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};

const KEY: [u8; 32] = [9; 32];

fn digests(numbers: &[String]) -> DocumentDigests {
    let mut digests = DocumentDigests::new(&Sensitive::new(KEY));
    for number in numbers {
        digests.add(StateCode::UTOPIA, &DocumentNumber::parse(number).unwrap());
    }
    digests.settle();
    digests
}

/// Edition 1 lists `LOST0` to `LOST59999`, and every one after it `NEW` with its number as well.
fn write(depot: &Depot, number: u32) {
    let folder = depot.path("edition");
    let lost: Vec<String> = (0..60_000).map(|number| format!("LOST{number}")).collect();
    let mut filter = Vec::new();
    digests(&lost).write_filter(&mut filter).unwrap();
    let added: Vec<String> = (2..=number).map(|number| format!("NEW{number}")).collect();
    let mut delta = Vec::new();
    let since = Sha256::digest(&filter).into();
    DocumentDigests::write_delta(&digests(&added), &digests(&[]), &since, &mut delta).unwrap();
    let mut manifest = format!(
        "version = \"lists-{number}\"\nissued = {}\nkey = \"{}\"\n",
        moment().date(),
        hex::encode(KEY)
    );
    for (key, file, bytes) in [
        ("document_filter", "documents.filter", &filter),
        ("document_delta", "documents.delta", &delta),
    ] {
        fs::write(folder.join(file), bytes).unwrap();
        let digest = hex::encode(Sha256::digest(bytes));
        let _ = write!(
            manifest,
            "[files.{key}]\nname = \"{file}\"\nsha256 = \"{digest}\"\n"
        );
    }
    fs::write(folder.join("lists.toml"), manifest).unwrap();
}

fn listed(edition: &Edition, number: &str) -> bool {
    let number = DocumentNumber::parse(number).unwrap();
    edition.lists.document(StateCode::UTOPIA, &number).is_some()
}

#[tokio::test]
async fn only_the_small_file_is_fetched() {
    let depot = Depot::new().await;
    fs::remove_file(depot.path("edition/large.bin")).unwrap();
    write(&depot, 1);
    depot.publish();
    let (mut updates, _) = depot.open();
    let edition = renewed(updates.look(after(1)).await.unwrap());
    assert!(listed(&edition, "LOST7") && !listed(&edition, "NEW2"));
    let first: usize = depot
        .sent_of("/targets/")
        .iter()
        .map(|(_, count)| count)
        .sum();
    assert!(first > 120_000, "{first}");

    for number in 2..5 {
        write(&depot, number);
        depot.publish();
        let edition = renewed(updates.look(after(1)).await.unwrap());
        assert!(listed(&edition, "LOST7") && listed(&edition, &format!("NEW{number}")));
        let sent = depot.sent_of("/targets/");
        let bytes: usize = sent.iter().map(|(_, count)| count).sum();
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(bytes < 2_000, "{bytes}");
    }
    drop(updates);
    assert!(listed(&depot.open().1.unwrap(), "NEW4"));
}

#[tokio::test]
async fn a_large_list_of_another_edition_is_not_put_beside_its_changes() {
    let depot = Depot::new().await;
    fs::remove_file(depot.path("edition/large.bin")).unwrap();
    write(&depot, 1);
    depot.publish();
    // The author has mixed two folders up: the lists name another filter than the one that lies there.
    let path = depot.path("edition/documents.filter");
    let mut filter = fs::read(&path).unwrap();
    *filter.last_mut().unwrap() ^= 1;
    fs::write(&path, filter).unwrap();
    let mixed = publish(
        &depot.path("edition"),
        &depot.repository(),
        &depot.keys(),
        moment(),
        Life::default(),
    );
    assert!(mixed.is_err(), "{mixed:?}");
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(1)).await.unwrap());
}

fn office(depot: &Depot, arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_office"))
        .args(arguments)
        .current_dir(depot.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.success(), said)
}

#[tokio::test]
async fn an_author_does_it_from_the_command_line() {
    let depot = Depot::new().await;
    let there = ["--repository", "repository", "--keys", "desk"];
    let publish = |what: &[&str]| office(&depot, &[&["publish"], what, &there].concat());
    for (arguments, says) in [
        (
            &["keys", "new", "--keys", "desk"][..],
            "desk/root.json is for the lanes",
        ),
        (
            &["keys", "renew", "--keys", "desk", "--role", "snapshot"],
            "root 2 is made",
        ),
    ] {
        let (well, said) = office(&depot, arguments);
        assert!(well && said.contains(says), "{said}");
    }
    let (well, said) = publish(&["--from", "edition"]);
    assert!(
        well && said.contains("edition 1 is published: 3 files, 3 of them new"),
        "{said}"
    );
    let (well, said) = publish(&["--refresh"]);
    assert!(
        well && said.contains("edition 1 is still the newest"),
        "{said}"
    );

    let (well, said) = office(&depot, &["keys", "new", "--keys", "desk"]);
    assert!(
        !well && said.contains("is there already and is not overwritten"),
        "{said}"
    );
    let (well, said) = publish(&[]);
    assert!(!well && said.contains("--from"), "{said}");
    fs::write(depot.path("edition/policy.toml"), "version = 7").unwrap();
    let (well, said) = publish(&["--from", "edition"]);
    assert!(
        !well && said.contains("cannot be judged by; nothing is published"),
        "{said}"
    );
    assert!(!said.contains("BEGIN PRIVATE KEY"));
}
