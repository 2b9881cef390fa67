//! Openings by hand and self-tests: who may, what is on record, what moves.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use dock::controller::Walker;
use serde_json::Value;

use super::bench::{Bench, ENGINEER, OFFICER, SUPERVISOR};

fn opening<'a>(badge: &'a str, persons: &'a str, reason: &'a str) -> Vec<&'a str> {
    vec![
        "open",
        "--config",
        "kiosk.toml",
        "--json",
        "--badge",
        badge,
        "--persons",
        persons,
        "--reason",
        reason,
    ]
}

#[test]
fn an_opening_is_on_record_before_the_gate_moves_and_it_closes_behind_them() {
    let bench = Bench::new();
    let mut open = bench.start(&opening("E-05", "2", "repair"), ENGINEER);
    open.awaits(|line| line["status"]["leaf"] == "open");
    bench.hands().walk(2);
    let (rest, code) = open.ends();
    assert_eq!(code, 0, "{rest:?}");
    let ended = rest.last().unwrap();
    assert_eq!(
        (&ended["passed"], &ended["closed"]),
        (&2.into(), &true.into())
    );
    let [record] = bench.records().try_into().unwrap();
    assert_eq!(record.kind, "opened_by_hand");
    assert_eq!(
        record.body,
        serde_json::json!({ "officer": "E-05", "persons": 2, "reason": "H-03" })
    );
    let [opened] = bench.openings().try_into().unwrap();
    assert!(u64::try_from(record.at.unix_milliseconds()).unwrap() <= opened.wall_ms);
}

#[test]
fn whoever_may_not_opens_nothing_and_leaves_no_record() {
    let bench = Bench::new();
    let port = bench.port();
    for (arguments, typed, says) in [
        (
            opening("E-05", "1", "repair"),
            "123456\n",
            "the badge or the PIN is not right",
        ),
        (
            opening("E-99", "1", "repair"),
            ENGINEER,
            "the badge or the PIN is not right",
        ),
        (opening("E-05", "1", "repair"), "", "6 to 12 digits"),
        (
            opening("A-17", "1", "repair"),
            OFFICER,
            "who may not do this",
        ),
        (
            vec![
                "open",
                "--port",
                &port,
                "--badge",
                "E-05",
                "--persons",
                "1",
                "--reason",
                "repair",
            ],
            ENGINEER,
            "has no journal",
        ),
        (
            vec![
                "selftest",
                "--config",
                "kiosk.toml",
                "--badge",
                "S-02",
                "--unattended",
            ],
            SUPERVISOR,
            "who may not do this",
        ),
        (
            vec!["selftest", "--config", "kiosk.toml", "--unattended"],
            "",
            "say who you are",
        ),
    ] {
        let told = bench.run(&arguments, typed);
        assert_eq!(told.code, 4, "{arguments:?}: {told:?}");
        let words = told.out.clone() + &told.errors;
        assert!(words.contains(says), "{arguments:?}: {told:?}");
    }
    for wrong in [
        opening("E-05", "0", "repair"),
        opening("E-05", "1", "because"),
    ] {
        assert_eq!(bench.run(&wrong, ENGINEER).code, 2);
    }
    assert!(bench.openings().is_empty());
    assert!(bench.records().is_empty());
}

#[test]
fn an_opening_that_cannot_be_put_on_record_does_not_happen() {
    let bench = Bench::new();
    assert!(bench.records().is_empty());
    let key = journal::DigestKey::new([7; 32]);
    let path = bench.rig.path("journal.db");
    drop(journal::Journal::open(&path, key, journal::Stamp::new(0)).unwrap());
    bench.rig.put("journal.key", &hex::encode([8; 32]));
    let told = bench.run(&opening("E-05", "1", "repair"), ENGINEER);
    assert_eq!(told.code, 4, "{told:?}");
    assert!(told.out.contains("another key"), "{told:?}");
    assert!(bench.hands().log().is_empty(), "nobody spoke to the gate");
    assert!(bench.records().is_empty());
}

#[test]
fn one_too_many_is_an_alarm_and_on_record() {
    let bench = Bench::new();
    let mut open = bench.start(&opening("S-02", "1", "rescue"), SUPERVISOR);
    open.awaits(|line| line["status"]["leaf"] == "open");
    bench.hands().walkers(&[Walker::Adult, Walker::Tailgater]);
    let (rest, code) = open.ends();
    assert_eq!(code, 1, "{rest:?}");
    let kinds: Vec<_> = bench
        .records()
        .into_iter()
        .map(|record| record.kind)
        .collect();
    assert_eq!(kinds, ["opened_by_hand", "alarmed"]);
}

#[test]
fn it_closes_when_the_time_is_over_and_when_it_is_told_to_stop() {
    let bench = Bench::new();
    let within = [opening("E-05", "1", "training"), vec!["--within", "1"]].concat();
    let (rest, code) = bench.start(&within, ENGINEER).ends();
    assert_eq!(code, 1, "{rest:?}");
    assert_eq!(rest.last().unwrap()["closed"], true);
    let mut open = bench.start(&opening("E-05", "1", "training"), ENGINEER);
    open.awaits(|line| line["status"]["leaf"] == "open");
    open.interrupt();
    let (rest, code) = open.ends();
    assert_eq!(code, 1, "{rest:?}");
    let ended = rest.last().unwrap();
    assert_eq!(
        (&ended["passed"], &ended["closed"]),
        (&0.into(), &true.into())
    );
    assert_eq!(bench.records().len(), 2);
}

#[test]
fn a_gate_at_fault_is_not_opened_and_nothing_is_recorded() {
    let bench = Bench::new();
    bench.hands().mains(false);
    let told = bench.run(&opening("E-05", "1", "repair"), ENGINEER);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.out.contains("bring the mains back"), "{told:?}");
    assert!(bench.records().is_empty());
    assert!(bench.openings().is_empty());
}

fn states(report: &Value, of: &str) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = report[of].as_array().unwrap().iter();
    entries
        .map(|entry| (word(&entry["name"]), word(&entry["state"])))
        .collect()
}

#[test]
fn unattended_it_walks_the_actuators_and_asks_nobody() {
    let bench = Bench::new();
    let arguments = [
        "selftest",
        "--config",
        "kiosk.toml",
        "--badge",
        "E-05",
        "--unattended",
        "--json",
        "--report",
        "report.json",
    ];
    let told = bench.run(&arguments, ENGINEER);
    assert_eq!(told.code, 0, "{told:?}");
    let [report] = told.json().try_into().unwrap();
    let kept = std::fs::read_to_string(bench.rig.path("report.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), report);
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(report["officer"], "E-05");
    let walked = states(&report, "actuators");
    let of = |wanted: &str| {
        let names = walked.iter().filter(|(_, state)| state == wanted);
        names.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    let mut done = of("done");
    done.sort_unstable();
    assert_eq!(
        done,
        [
            "close",
            "close",
            "lamp_go",
            "lamp_off",
            "lamp_see_officer",
            "lamp_wait",
            "lock",
            "open",
            "sounder_alarm",
            "sounder_chime",
            "sounder_silent"
        ]
    );
    assert_eq!(of("apart"), ["evacuate", "clear_fault"]);
    let travelled: Vec<_> = report["actuators"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|actuator| actuator["travel_ms"].is_f64())
        .map(|actuator| &actuator["name"])
        .collect();
    assert_eq!(travelled, ["open", "close"], "{report:#}");
    assert!(
        states(&report, "sensors")
            .iter()
            .all(|(_, state)| state == "not_asked")
    );
    let [record] = bench.records().try_into().unwrap();
    assert_eq!(record.body["reason"], "H-01");
    assert_eq!(bench.openings().len(), 1);
}

#[test]
fn attended_every_sensor_is_asked_for_and_seen() {
    let bench = Bench::new();
    let hands = bench.hands();
    let arguments = [
        "selftest",
        "--config",
        "kiosk.toml",
        "--badge",
        "E-05",
        "--json",
    ];
    let mut test = bench.start(&arguments, ENGINEER);
    let mut asked = Vec::new();
    while let Some(line) = test.errors.next() {
        let line = line.unwrap();
        let about = |words: &str| line.contains(words);
        match () {
            () if about("Does the gate show") => test.types("yes"),
            () if about("walk through the gate once") => hands.walk(1),
            () if about("once more") => hands.walk(1),
            // Whoever breaks the entry beam walks on into the exit beam.
            () if about("into the entry beam") => hands.walk(1),
            () if about("in the leaf's way") => hands.stand(true),
            () if about("step out") => hands.stand(false),
            () if about("from the exit") => hands.walk_wrong_way(),
            () if about("push") => hands.force(),
            () if about("mains off") => hands.mains(false),
            () if about("switch them on") => hands.mains(true),
            () if about("throw the fire") => hands.fire(true),
            () if about("to rest") => hands.fire(false),
            () => {}
        }
        asked.push(line);
    }
    let (told, code) = test.ends();
    let [report] = told.try_into().unwrap();
    assert_eq!(code, 0, "{report:#} {asked:#?}");
    assert_eq!(report["verdict"], "passed", "{report:#} {asked:#?}");
    let names: Vec<_> = states(&report, "sensors")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "passed",
            "tailgate",
            "entry_beam",
            "exit_beam",
            "obstruction",
            "wrong_way",
            "forced",
            "mains",
            "evacuation"
        ]
    );
}

#[test]
fn what_is_skipped_is_named_and_what_is_stuck_fails() {
    let bench = Bench::new();
    bench.hands().stand(true);
    let skips = "skip\n".repeat(40);
    let port = bench.port();
    let told = bench.run(&["selftest", "--port", &port, "--json"], &skips);
    assert_eq!(told.code, 1, "{told:?}");
    let [report] = told.json().try_into().unwrap();
    assert_eq!(report["verdict"], "failed");
    let sensors = states(&report, "sensors");
    let state = |name: &str| {
        let found = sensors.iter().find(|(sensor, _)| sensor == name);
        found.map(|(_, state)| state.as_str())
    };
    assert_eq!(state("obstruction"), Some("stuck"));
    assert_eq!(state("entry_beam"), Some("skipped"));
    assert_eq!(state("passed"), Some("not_asked"));
    assert!(states(&report, "actuators").contains(&("open".into(), "left_out".into())));
    assert!(bench.openings().is_empty());
}

#[test]
fn a_sensor_that_does_not_come_in_time_is_not_seen() {
    let bench = Bench::new();
    let port = bench.port();
    let arguments = ["selftest", "--port", &port, "--json", "--limit", "1"];
    // Standard input stays open, and nobody types.
    let (told, code) = bench.start(&arguments, "").ends();
    let [report] = told.try_into().unwrap();
    assert_eq!(code, 1, "{report:#}");
    let not_seen: Vec<_> = states(&report, "sensors")
        .into_iter()
        .filter(|(_, state)| state == "not_seen")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        not_seen,
        [
            "entry_beam",
            "exit_beam",
            "obstruction",
            "forced",
            "mains",
            "evacuation"
        ]
    );
}

#[test]
fn a_test_that_ends_early_reports_what_it_walked() {
    for (lost, expected_code) in [(false, 4), (true, 3)] {
        let bench = Bench::new();
        let hands = bench.hands();
        let port = bench.port();
        let arguments = ["selftest", "--port", &port, "--json", "--limit", "600"];
        let mut test = bench.start(&arguments, "");
        // The lamps are walked; the leaf is next.
        while let Some(line) = test.errors.next() {
            let line = line.unwrap();
            if line.contains("see an officer") {
                if lost {
                    hands.unplug();
                    test.types("yes");
                } else {
                    test.interrupt();
                }
            } else if line.contains("Does") || line.contains("Is the sounder") {
                test.types("yes");
            }
        }
        let (told, code) = test.ends();
        let [report, failure] = told.try_into().unwrap();
        assert_eq!(failure["event"], "failed");
        assert_eq!(code, expected_code, "{report:#}");
        assert!(report["cut"].is_string(), "{report:#}");
        assert_ne!(report["verdict"], "passed", "{report:#}");
        assert!(
            states(&report, "actuators").contains(&("lamp_wait".into(), "done".into())),
            "{report:#}"
        );
        assert!(bench.openings().is_empty());
    }
}
