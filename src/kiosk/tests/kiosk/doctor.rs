#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use serde_json::Value;

use crate::rig::{ISSUERS, Rig};

fn examine(rig: &Rig) -> (Vec<Value>, i32) {
    let told = rig
        .kiosk()
        .args(["doctor", "--json", "--config", "kiosk.toml"])
        .output()
        .unwrap();
    let lines = String::from_utf8(told.stdout).unwrap();
    let findings = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (findings, told.status.code().unwrap())
}

fn finding<'a>(findings: &'a [Value], check: &str) -> &'a Value {
    findings
        .iter()
        .find(|finding| finding["check"] == check)
        .expect(check)
}

#[test]
fn a_rig_without_a_gate_has_one_fault() {
    let rig = Rig::new();
    let (findings, code) = examine(&rig);
    assert_eq!(code, 2);
    for name in [
        "configuration",
        "lane",
        "journal",
        "disk",
        "journal key",
        "policy",
        "lists",
        "issuing keys",
        "roster",
        "models",
        "fonts",
        "clock",
        "document camera",
        "face camera",
        "gate",
        "office",
    ] {
        let state = &finding(&findings, name)["state"];
        match name {
            "gate" => assert_eq!(state, "fault"),
            // The machine's own.
            "disk" | "fonts" | "clock" => assert_ne!(state, &Value::Null),
            _ => assert_eq!(state, "ok", "{name}: {findings:#?}"),
        }
    }
    for finding in &findings {
        assert_eq!(
            finding["state"] == "ok",
            finding["cure"].is_null(),
            "{finding}"
        );
    }
    assert!(
        !rig.path("journal.db").exists(),
        "a doctor begins no journal"
    );
}

#[test]
fn every_ill_has_its_own_finding_and_its_cure() {
    let rig = Rig::new();
    fs::remove_file(rig.path("pictures/hall.png")).unwrap();
    rig.change("policy.toml", "per_mille = ", "permille = ");
    rig.put("lists.toml", "version = \"old\"\nissued = 2026-01-01\n");
    rig.put("issuers.toml", &ISSUERS.replace("2099", "2021"));
    rig.put("roster.toml", "");
    rig.allow("journal.key", 0o644);
    rig.put("ca.pem", "no certificate");
    rig.change(
        "kiosk.toml",
        "[risk]",
        "[office]\nurl = \"https://localhost:1/\"\nca = \"ca.pem\"\n[risk]",
    );
    rig.change(
        "kiosk.toml",
        "port = \"no-such-port\"",
        "port = \"x\"\nmap = \"no-such-map.toml\"",
    );
    let (findings, code) = examine(&rig);
    assert_eq!(code, 2);
    for (check, state, says, cure) in [
        ("policy", "fault", "risk.policy", "per_mille"),
        ("lists", "ok", "version old", ""),
        ("issuing keys", "fault", "no code can be read", "next key"),
        ("roster", "fault", "officers.roster", "[[officer]]"),
        ("journal key", "fault", "mode 644", "chmod 600"),
        ("office", "fault", "`office`", "PEM"),
        ("gate", "fault", "gate.map", "no-such-map.toml"),
        ("document camera", "fault", "no .png", "PNG or JPEG"),
    ] {
        let finding = finding(&findings, check);
        assert_eq!(finding["state"], state, "{finding}");
        assert!(
            finding["says"].as_str().unwrap().contains(says),
            "{finding}"
        );
        assert!(
            finding["cure"].as_str().unwrap_or_default().contains(cure),
            "{finding}"
        );
    }
}

#[test]
fn old_lists_and_ending_keys_are_told_before_they_stop_the_lane() {
    let rig = Rig::new();
    let in_days = |days: i64| (time::OffsetDateTime::now_utc() + time::Duration::days(days)).date();
    rig.put(
        "issuers.toml",
        &ISSUERS.replace("2099-12-31", &in_days(10).to_string()),
    );
    rig.put(
        "lists.toml",
        &format!("version = \"old\"\nissued = {}\n", in_days(-400)),
    );
    let (findings, _) = examine(&rig);
    assert_eq!(finding(&findings, "issuing keys")["state"], "warning");
    assert_eq!(finding(&findings, "lists")["state"], "fault");
}

#[test]
fn an_altered_journal_is_a_fault() {
    let rig = Rig::new();
    let key = journal::DigestKey::new([7; 32]);
    let stamp = journal::Stamp::new(1_790_000_000_000);
    let (mut kept, _) = journal::Journal::open(&rig.path("journal.db"), key, stamp).unwrap();
    kept.commit(&[journey::Record::Evacuation { began: true }], stamp)
        .unwrap();
    let (findings, _) = examine(&rig);
    assert!(
        finding(&findings, "lane")["says"]
            .as_str()
            .unwrap()
            .contains(&std::process::id().to_string())
    );
    assert!(
        finding(&findings, "gate")["says"]
            .as_str()
            .unwrap()
            .contains("left to the lane")
    );
    drop(kept);
    let (findings, _) = examine(&rig);
    assert!(
        finding(&findings, "journal")["says"]
            .as_str()
            .unwrap()
            .starts_with("1 records")
    );
    assert_eq!(finding(&findings, "lane")["says"], "it does not run");
    rig.put("journal.key", &hex::encode([8; 32]));
    let (findings, _) = examine(&rig);
    assert_eq!(finding(&findings, "journal")["state"], "fault");
    rig.put(
        "journal.db",
        "not a journal at all, but long enough to be looked at as if it might be one",
    );
    let (findings, _) = examine(&rig);
    assert_eq!(finding(&findings, "journal")["state"], "fault");
}

#[test]
fn a_wrong_configuration_is_all_that_is_told() {
    let rig = Rig::new();
    rig.change("kiosk.toml", "[gate]\nport", "[gate]\nprot");
    let told = rig
        .kiosk()
        .args(["doctor", "--config", "kiosk.toml"])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(2));
    let lines = String::from_utf8(told.stdout).unwrap();
    assert_eq!(
        lines,
        "fault    configuration    line 8: `gate.prot` is no key -> did you mean `port`?\n"
    );
}
