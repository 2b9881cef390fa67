//! `office lists` and `office picks` as an author and an auditor meet them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use evidence::{Certainty, DocumentNumber, JourneyId, StateCode};
use risk::selection::DayKey;
use risk::{Edition, LaneName};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const POLICY: &str = include_str!("../../risk/policy.sample.toml");

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.file("list.key", &format!("{}\n", "07".repeat(32)));
        desk.file("edition/policy.toml", POLICY);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn office(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_office"))
            .current_dir(self.0.path())
            .args(arguments.split(' '))
            .output()
            .unwrap()
    }

    fn does(&self, arguments: &str) -> String {
        let output = self.office(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refuses(&self, arguments: &str) -> String {
        let output = self.office(arguments);
        assert!(!output.status.success(), "{arguments}");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn listed(edition: &Edition, number: &str) -> Option<Certainty> {
    let number = DocumentNumber::parse(number).unwrap();
    edition.lists.document(StateCode::UTOPIA, &number)
}

fn loaded(folder: &Path) -> Edition {
    Edition::load(folder).unwrap()
}

#[test]
fn an_author_makes_an_edition_and_then_a_delta_to_it() {
    let desk = Desk::new();
    let lost: String = (0..1_000).fold("# lost\n".to_owned(), |mut text, number| {
        let _ = writeln!(text, "UTO,LOST{number}");
        text
    });
    desk.file("lost.csv", &lost);
    desk.file(
        "people.csv",
        "Müller,Jürgen,1974-08-12,D\nЩербаков,Юрий,,RUS\nABDUL RAHMAN,KHALID,,\n",
    );
    let head = "lists --key list.key --folder edition --issued 2026-11-23";
    desk.does(&format!(
        "{head} --version 1 --expires 2026-12-23 --lost lost.csv --lost-exact exact --people people.csv"
    ));
    let first = loaded(&desk.path("edition"));
    let filter = Certainty::Probable {
        wrong_per_million: 15,
    };
    assert_eq!(listed(&first, "LOST999"), Some(filter));
    assert_eq!(listed(&first, "NEW1"), None);
    let office =
        Edition::load_with_exact_documents(&desk.path("edition"), &desk.path("exact")).unwrap();
    assert_eq!(listed(&office, "LOST999"), Some(Certainty::Exact));
    let manifest = fs::read_to_string(desk.path("edition/lists.toml")).unwrap();
    let names = fs::read(desk.path("edition/people-1.names")).unwrap();
    let has = |word: &[u8]| names.windows(word.len()).any(|part| part == word);
    assert!(has(b"MUELLER") && has(b"SHCHERBAKOV") && !manifest.contains("MUELLER"));

    desk.file("added.csv", "UTO,NEW1\n");
    desk.file("removed.csv", "UTO,LOST1\n");
    desk.does(&format!(
        "{head} --version 2 --snapshot documents-1.filter --added added.csv --removed removed.csv"
    ));
    let second = loaded(&desk.path("edition"));
    assert_eq!(second.lists.version().as_str(), "2");
    assert_eq!(listed(&second, "NEW1"), Some(Certainty::Exact));
    assert_eq!(listed(&second, "LOST1"), None);
    assert_eq!(listed(&second, "LOST2"), Some(filter));
}

#[test]
fn a_wrong_line_is_named_and_not_repeated() {
    let desk = Desk::new();
    let head = "lists --key list.key --folder edition --issued 2026-11-23 --version 1";
    desk.file("lost.csv", "UTO,LOST1\nUTO,lost2\n");
    let said = desk.refuses(&format!("{head} --lost lost.csv"));
    assert!(
        said.contains("lost.csv, line 2: the number") && !said.contains("lost2"),
        "{said}"
    );
    desk.file("people.csv", "李,伟,,CHN\n");
    let said = desk.refuses(&format!("{head} --people people.csv"));
    assert!(
        said.contains("people.csv, line 1: a letter") && !said.contains('李'),
        "{said}"
    );
    assert!(!desk.path("edition/lists.toml").exists());
    let said = desk.refuses("lists --issued 2026-11-23 --version 1 --lost lost.csv");
    assert!(
        said.contains("--folder") && said.contains("--key"),
        "{said}"
    );
}

#[test]
fn picks_are_promised_revealed_and_checked() {
    let desk = Desk::new();
    let policy = "--policy edition/policy.toml";
    let promises = desk.does(&format!("picks commit {policy} --from 2026-11-26 --days 2"));
    let (day, promise) = promises.lines().next().unwrap().split_once(' ').unwrap();
    assert_eq!((day, promises.lines().count()), ("2026-11-26", 2));
    let revealed = desk.does(&format!("picks reveal {policy} --day 2026-11-26"));
    desk.file("day.key", &revealed);
    let key = DayKey::parse(&revealed).unwrap();
    assert_eq!(key.commitment().to_string(), promise);

    let lane = LaneName::parse("lane-3").unwrap();
    let export = |spared: Option<u64>| {
        (0..2_000_u64).fold(String::new(), |mut text, journey| {
            let lot = key.picks(5, &lane, JourneyId::new(journey));
            let picked = lot && spared != Some(journey);
            let _ = writeln!(
                text,
                r#"{{"lane":"lane-3","journey":{journey},"picked":{picked},"draw":"{promise}"}}"#
            );
            text
        })
    };
    let audit =
        format!("picks audit --key day.key --promise {promise} --per-mille 5 --export day.jsonl");
    desk.file("day.jsonl", &export(None));
    assert!(desk.does(&audit).contains("every pick was by lot"));

    let favoured = (0..).find(|journey| key.picks(5, &lane, JourneyId::new(*journey)));
    desk.file("day.jsonl", &export(favoured));
    let output = desk.office(&audit);
    let said = String::from_utf8(output.stdout).unwrap();
    let name = format!("lane-3/J{}: by lot, and not picked", favoured.unwrap());
    assert!(!output.status.success() && said.contains(&name), "{said}");

    let other = promises.lines().nth(1).unwrap().split_once(' ').unwrap().1;
    let said = desk.refuses(&audit.replace(promise, other));
    assert!(said.contains("not the one that was promised"), "{said}");
    desk.file(
        "day.jsonl",
        "{\"lane\":\"lane 3\",\"journey\":1,\"picked\":false}\n",
    );
    assert!(
        desk.refuses(&audit)
            .contains("day.jsonl, line 1: no journey")
    );
}
