//! Recordings are made of the line as it is, and replayed without one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;

use super::bench::{Bench, ENGINEER};

/// What the gate was seen to do, without the times.
fn seen(lines: &[Value]) -> Vec<(String, Value)> {
    let news = lines.iter().filter(|line| {
        ["connected", "changed", "lost"]
            .map(Value::from)
            .contains(&line["event"])
    });
    news.map(|line| (line["event"].to_string(), line["status"].clone()))
        .collect()
}

#[test]
fn an_opening_that_was_recorded_replays_to_the_same_news() {
    let bench = Bench::new();
    let arguments = [
        "open",
        "--config",
        "kiosk.toml",
        "--json",
        "--badge",
        "E-05",
        "--persons",
        "2",
        "--reason",
        "inspection",
        "--tape",
        "two.tape",
    ];
    let mut open = bench.start(&arguments, ENGINEER);
    let mut lines = Vec::new();
    loop {
        lines.push(open.awaits(|_| true));
        if lines.last().unwrap()["status"]["leaf"] == "open" {
            break;
        }
    }
    bench.hands().walk(2);
    let (rest, code) = open.ends();
    assert_eq!(code, 0, "{rest:?}");
    lines.extend(rest);
    let replayed = bench.run(&["replay", "two.tape", "--json"], "");
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert_eq!(seen(&replayed.json()), seen(&lines));
    let told = bench.run(&["replay", "two.tape"], "");
    for words in [
        "the gate answers; leaf: closed",
        "open: done",
        "leaf: closed -> opening",
        "close: done",
    ] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    let again = bench.run(&arguments, ENGINEER);
    assert_eq!(again.code, 4, "{again:?}");
    assert!(again.out.contains("not there yet"), "{again:?}");
}

#[test]
fn a_gate_that_vanishes_while_it_is_open_is_on_record_and_replays_as_lost() {
    let bench = Bench::new();
    let arguments = [
        "open",
        "--config",
        "kiosk.toml",
        "--json",
        "--badge",
        "E-05",
        "--persons",
        "1",
        "--reason",
        "repair",
        "--tape",
        "gone.tape",
    ];
    let mut open = bench.start(&arguments, ENGINEER);
    let mut lines = Vec::new();
    while lines
        .last()
        .is_none_or(|line: &Value| line["status"]["leaf"] != "opening")
    {
        lines.push(open.awaits(|_| true));
    }
    bench.hands().unplug();
    let (rest, code) = open.ends();
    assert_eq!(code, 3, "{rest:?}");
    let failed = rest.last().unwrap();
    assert!(
        failed["error"].as_str().unwrap().contains("out of reach"),
        "{failed}"
    );
    lines.extend(rest);
    let [record] = bench.records().try_into().unwrap();
    assert_eq!(record.kind, "opened_by_hand");
    let replayed = bench.run(&["replay", "gone.tape", "--json"], "");
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert_eq!(seen(&replayed.json()), seen(&lines));
    assert_eq!(seen(&lines).last().unwrap().0, "\"lost\"");
}

#[test]
fn an_unplugging_that_was_recorded_replays_to_the_same_news() {
    let bench = Bench::new();
    let port = bench.port();
    let mut record = bench.start(&["record", "out.tape", "--port", &port, "--json"], "");
    let mut lines = vec![record.awaits(|_| true)];
    bench.hands().unplug();
    lines.push(record.awaits(|line| line["event"] == "lost"));
    bench.hands().replug();
    lines.push(record.awaits(|line| line["event"] == "connected"));
    record.interrupt();
    assert_eq!(record.ends().1, 0);
    let replayed = bench.run(&["replay", "out.tape", "--json"], "");
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert_eq!(seen(&replayed.json()), seen(&lines));
    let text = std::fs::read_to_string(bench.rig.path("out.tape")).unwrap();
    assert!(
        text.contains("\nmap\n| name = \"gate controller\"\n") && text.contains(" no-open "),
        "{text}"
    );
}

#[test]
fn what_is_no_recording_is_refused() {
    let bench = Bench::new();
    bench.rig.put("letter", "dear all\n");
    bench.rig.put(
        "torn",
        "sekisho gate tape 1\nsoftware 0.1.0\nport p\nbaud 9600\nmap\n0 open\n5 > xy\n",
    );
    let head = gate::tape::Head::new("p", 9600, gate::tape::CONTROLLER);
    bench
        .rig
        .put("other", &format!("{head}0 open\n60000 > 0102030405\n"));
    std::fs::write(bench.rig.path("noise"), [0xff, 0xfe, 0, 1]).unwrap();
    for (file, code, says) in [
        ("letter", 78, "line 1: a recording begins with"),
        ("torn", 78, "line 7: bytes are pairs"),
        ("noise", 78, "is no text"),
        ("missing", 78, "check the path"),
        ("other", 1, "at 60000 us the link sends"),
    ] {
        let told = bench.run(&["replay", file], "");
        assert_eq!(told.code, code, "{file}: {told:?}");
        assert!(told.errors.contains(says), "{file}: {told:?}");
    }
}
