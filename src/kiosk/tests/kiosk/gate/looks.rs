//! Looking: status, watch, and all that keeps anybody from the gate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::bench::{Bench, ENGINEER};

#[test]
fn the_status_of_a_bare_controller_is_told_field_by_field() {
    let bench = Bench::new();
    let port = bench.port();
    let told = bench.run(&["status", "--port", &port, "--json"], "");
    assert_eq!(told.code, 0, "{told:?}");
    let [status] = told.json().try_into().unwrap();
    assert_eq!(status["status"]["leaf"], "closed");
    assert_eq!(status["status"]["passed"], 0);
    assert_eq!(status["status"]["mains"], "present");
    assert_eq!(status["status"]["fault"], "none");
    assert_eq!(status["status"].as_object().unwrap().len(), 13);
    assert_eq!(
        (&status["map"], &status["unit"], &status["fresh"]),
        (&"gate controller".into(), &1.into(), &true.into())
    );
    assert!(status["round_trip"]["median_ms"].as_f64().unwrap() > 0.0);
    assert!(status["round_trip"]["exchanges"].as_u64().unwrap() > 0);

    bench.hands().stand(true);
    let told = bench.run(&["status", "--config", "kiosk.toml"], "");
    assert_eq!(told.code, 1, "{told:?}");
    for words in [
        "leaf             closed",
        "leaf's way       blocked",
        "proven by the heartbeat's echo",
        "something is in the leaf's way -> clear the passage",
    ] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    assert!(bench.openings().is_empty());
}

#[test]
fn what_a_relay_box_cannot_tell_is_not_made_up() {
    let bench = Bench::relay_box();
    let told = bench.run(&["status", "--config", "kiosk.toml", "--json"], "");
    assert_eq!(told.code, 0, "{told:?}");
    let [status] = told.json().try_into().unwrap();
    assert_eq!(status["fresh"], false);
    assert_eq!(status["status"]["leaf"], "closed");
    for absent in ["tailgate", "forced", "wrong_way", "fault", "firmware"] {
        let value = &status["status"][absent];
        assert!(value.is_null(), "{absent}: {value}");
    }
    let told = bench.run(&["status", "--config", "kiosk.toml"], "");
    assert!(
        told.out
            .contains("firmware         not in the register map")
            && told
                .out
                .contains("not proven: the register map has no heartbeat"),
        "{told:?}"
    );
    let arguments = [
        "selftest",
        "--config",
        "kiosk.toml",
        "--badge",
        "E-05",
        "--unattended",
        "--json",
        "--tape",
        "relays.tape",
    ];
    let told = bench.run(&arguments, ENGINEER);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(bench.openings().len(), 1);
    assert_eq!(bench.records().len(), 1);
    let replayed = bench.run(&["replay", "relays.tape"], "");
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert!(replayed.out.contains("lock: done"), "{replayed:?}");
}

#[test]
fn a_gate_that_is_out_of_reach_is_told_with_the_cure() {
    let bench = Bench::new();
    let port = bench.port();
    let told = bench.run(&["status", "--port", "/dev/no-such-port"], "");
    assert_eq!(told.code, 3);
    assert!(told.errors.contains("plug the adapter in"), "{told:?}");
    bench.hands().cut();
    let told = bench.run(&["status", "--port", &port, "--json"], "");
    assert_eq!(told.code, 3);
    let [failed] = told.json().try_into().unwrap();
    assert_eq!(failed["event"], "failed");
    assert!(
        failed["cure"].as_str().unwrap().contains("wires A and B"),
        "{failed}"
    );
}

#[test]
fn a_wrong_map_is_told_as_one() {
    let bench = Bench::new();
    let port = bench.port();
    let map = include_str!("../../../../../hardware/gate/maps/controller.toml");
    // Codes of another controller.
    bench.rig.put(
        "other.toml",
        &map.replace("closed = 0, opening = 1", "closed = 8, opening = 9"),
    );
    bench
        .rig
        .put("torn.toml", &map.replace("unit = 1", "unit = 0"));
    for (map, code, says) in [
        ("other.toml", 3, "compare the register map"),
        ("torn.toml", 78, "a Modbus unit address is 1 to 247"),
        ("missing.toml", 78, "missing.toml"),
    ] {
        let told = bench.run(&["status", "--port", &port, "--map", map], "");
        assert_eq!(told.code, code, "{map}: {told:?}");
        assert!(told.errors.contains(says), "{map}: {told:?}");
    }
    let told = bench.run(
        &["status", "--config", "kiosk.toml", "--map", "other.toml"],
        "",
    );
    assert_eq!(told.code, 2, "{told:?}");
}

#[test]
fn nothing_is_tried_while_the_lane_runs() {
    let bench = Bench::new();
    let key = journal::DigestKey::new([7; 32]);
    let stamp = journal::Stamp::new(1_790_000_000_000);
    let kept = journal::Journal::open(&bench.rig.path("journal.db"), key, stamp).unwrap();
    let open = [
        "open",
        "--badge",
        "E-05",
        "--persons",
        "1",
        "--reason",
        "repair",
    ];
    for command in [
        &["status"][..],
        &["watch"],
        &["record", "a.tape"],
        &["selftest", "--badge", "E-05"],
        &open,
    ] {
        let told = bench.run(&[command, &["--config", "kiosk.toml"]].concat(), ENGINEER);
        assert_eq!(told.code, 4, "{command:?}: {told:?}");
        let process = std::process::id().to_string();
        assert!(told.errors.contains(&process), "{command:?}: {told:?}");
        assert!(
            told.errors.contains("systemctl stop"),
            "{command:?}: {told:?}"
        );
    }
    drop(kept);
    assert!(bench.hands().log().is_empty(), "nobody spoke to the gate");
    assert!(bench.records().is_empty());
    assert!(!bench.rig.path("a.tape").exists());
}

#[test]
fn a_port_that_somebody_has_is_not_shared() {
    let bench = Bench::new();
    let port = bench.port();
    let mut first = bench.start(&["watch", "--port", &port, "--json"], "");
    first.awaits(|line| line["event"] == "connected");
    let told = bench.run(&["status", "--port", &port], "");
    assert_eq!(told.code, 3);
    assert!(
        told.errors.contains("another program has the port"),
        "{told:?}"
    );
    first.interrupt();
    assert_eq!(first.ends().1, 0);
}

#[test]
fn every_change_is_told_with_its_time_until_it_is_told_to_stop() {
    let bench = Bench::new();
    let mut watch = bench.start(&["watch", "--config", "kiosk.toml", "--json"], "");
    let first = watch.awaits(|line| line["event"] == "connected");
    assert!(
        first["ms"].is_u64() && first["at"].as_str().unwrap().ends_with('Z'),
        "{first}"
    );
    bench.hands().fire(true);
    let changed = watch.awaits(|line| line["status"]["evacuation"] == "on");
    assert_eq!(changed["event"], "changed");
    assert!(
        changed["changed"]
            .as_array()
            .unwrap()
            .contains(&"evacuation".into()),
        "{changed}"
    );
    watch.awaits(|line| line["status"]["leaf"] == "open");
    bench.hands().unplug();
    let lost = watch.awaits(|line| line["event"] == "lost");
    assert!(lost["cure"].is_string(), "{lost}");
    watch.interrupt();
    assert_eq!(watch.ends().1, 3);
}

#[test]
fn the_commands_teach() {
    let bench = Bench::new();
    for (arguments, words) in [
        (&["--help"][..], "Exit codes"),
        (
            &["status", "--help"],
            "kiosk gate status --port /dev/ttyUSB0",
        ),
        (&["watch", "--help"], "--for 60"),
        (&["open", "--help"], "before the gate moves"),
        (
            &["open", "--help"],
            "somebody or something has to be let out",
        ),
        (
            &["selftest", "--help"],
            "Evacuation is tried by the fire input",
        ),
        (&["record", "--help"], "hardware/gate/tape.rs"),
        (&["replay", "--help"], "--real-time"),
    ] {
        let told = bench.run(arguments, "");
        assert_eq!(told.code, 0);
        let flat = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{arguments:?}: {}", told.out);
    }
    assert_eq!(bench.run(&["status"], "").code, 2, "which gate?");
}
