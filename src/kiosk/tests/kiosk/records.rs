//! `kiosk journal`: what an auditor is told, and what ends how.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::process::Output;

use evidence::JourneyId;
use journal::{DigestKey, Journal, Stamp};
use journey::{Ending, OfficerId, Record};
use serde_json::Value;

use crate::rig::Rig;

/// The key of RFC 8032, 7.1, test 1, as `openssl` writes it (RFC 8410).
const LANE_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
const LANE_PUB: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";

const DATE: Stamp = Stamp::new(1_790_000_000_000);

fn rig() -> Rig {
    let rig = Rig::new();
    rig.put("lane.key", LANE_KEY);
    rig.put("lane.pub", LANE_PUB);
    rig.change(
        "kiosk.toml",
        "key = \"journal.key\"",
        "key = \"journal.key\"\nlane_key = \"lane.key\"",
    );
    let key = DigestKey::new([7; 32]);
    let (mut journal, _) = Journal::open(&rig.path("journal.db"), key, DATE).unwrap();
    for journey in (1..=5).map(JourneyId::new) {
        let records = [
            Record::Began { journey },
            Record::Ended {
                journey,
                ending: Ending::Abandoned,
            },
        ];
        journal.commit(&records, DATE).unwrap();
    }
    let officer = Some(OfficerId::parse("E-05").unwrap());
    let ordered = Record::ServiceOrdered {
        officer,
        open: true,
    };
    journal.commit(&[ordered], DATE).unwrap();
    journal.acknowledge(4).unwrap();
    rig
}

fn told(rig: &Rig, arguments: &[&str]) -> Output {
    rig.kiosk().arg("journal").args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_journal_and_its_export_are_verified_and_counted() {
    let rig = rig();
    let verified = told(&rig, &["verify", "--config", "kiosk.toml", "--json"]);
    assert_eq!(verified.status.code(), Some(0));
    let verified = json(&verified);
    assert_eq!(
        (&verified["records"], &verified["lane"]),
        (&11.into(), &"lane-3".into())
    );
    for (after, personal) in [("0", false), ("0", true), ("7", false)] {
        let mut export = vec!["export", "--config", "kiosk.toml", "--after", after];
        export.extend(personal.then_some("--personal"));
        let exported = told(&rig, &export);
        assert_eq!(exported.status.code(), Some(0), "{exported:?}");
        let text = String::from_utf8(exported.stdout).unwrap();
        assert_eq!(text.contains("E-05"), personal);
        rig.put("export.jsonl", &text);
        let audited = told(
            &rig,
            &[
                "verify",
                "--export",
                "export.jsonl",
                "--key",
                "lane.pub",
                "--json",
            ],
        );
        assert_eq!(audited.status.code(), Some(0), "{audited:?}");
        assert_eq!(json(&audited)["root"], verified["root"]);
    }
    let stats = json(&told(&rig, &["stats", "--config", "kiosk.toml", "--json"]));
    assert_eq!(stats["kinds"]["began"], 5);
    assert_eq!(
        (&stats["waiting"], &stats["acknowledged"]),
        (&7.into(), &4.into())
    );
    assert_eq!(stats["first"], "2026-09-21T14:13:20Z");
    assert_eq!(stats["personal"]["held"], 1);
    let words = told(&rig, &["stats", "--config", "kiosk.toml"]);
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(words.contains("has 4, 7 wait for it"), "{words}");
}

#[test]
fn an_altered_export_and_a_damaged_journal_are_told_as_such() {
    let rig = rig();
    let exported = told(&rig, &["export", "--config", "kiosk.toml"]);
    let text = String::from_utf8(exported.stdout).unwrap();
    let verify = ["verify", "--export", "export.jsonl", "--key", "lane.pub"];
    let line = text.lines().nth(3).unwrap();
    for (altered, says) in [
        (
            text.replace(&format!("{line}\n"), ""),
            "line 4: record 4 stands where record 3 belongs",
        ),
        (
            text.replace("\"kind\":\"ended\"", "\"kind\":\"began\""),
            "line 3: record 2 was changed",
        ),
        (
            text[..text.len() / 2].to_owned(),
            "it is not as an export writes it",
        ),
    ] {
        rig.put("export.jsonl", &altered);
        let refused = told(&rig, &verify);
        assert_eq!(refused.status.code(), Some(1));
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.contains(says), "{error}");
    }
    let mut damaged = fs::read(rig.path("journal.db")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(rig.path("journal.db"), damaged).unwrap();
    let refused = told(&rig, &["verify", "--config", "kiosk.toml", "--json"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(json(&refused)["event"], "failed");
    rig.put("journal.key", &"08".repeat(32));
    let refused = told(&rig, &["verify", "--config", "kiosk.toml"]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("another key")
    );
}

#[test]
fn what_is_missing_is_named() {
    let rig = rig();
    rig.put("lane.key", "no key");
    let refused = told(&rig, &["export", "--config", "kiosk.toml"]);
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("journal.lane_key")
    );
    fs::remove_file(rig.path("journal.db")).unwrap();
    let refused = told(&rig, &["stats", "--config", "kiosk.toml"]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    for wrong in [
        &["verify"][..],
        &["verify", "--export", "x"],
        &[
            "verify",
            "--config",
            "kiosk.toml",
            "--export",
            "x",
            "--key",
            "y",
        ],
    ] {
        assert_eq!(told(&rig, wrong).status.code(), Some(2), "{wrong:?}");
    }
}
