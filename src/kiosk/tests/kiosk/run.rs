#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::rig::Rig;

struct Running {
    child: Child,
    log: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(rig: &Rig, environment: &[(&str, &str)]) -> Running {
    let mut child = rig
        .kiosk()
        .args(["run", "--headless", "--config", "kiosk.toml"])
        .envs(environment.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines();
    Running { child, log }
}

impl Running {
    /// The next line of the log that fits.
    fn awaits(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        self.log
            .by_ref()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .find(|line: &Value| {
                assert_ne!(line["level"], "ERROR", "{line}");
                fits(line)
            })
            .expect("the log goes on")
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).unwrap();
    }
}

#[test]
fn a_lane_without_a_gate_comes_up_out_of_service_and_stops_as_asked() {
    let rig = Rig::new();
    for (round, signal) in [rustix::process::Signal::TERM, rustix::process::Signal::INT]
        .into_iter()
        .enumerate()
    {
        let mut lane = start(&rig, &[]);
        let open = lane.awaits(|line| line["message"] == "the journal is open");
        assert_eq!(
            (&open["lane"], &open["next"]),
            (&Value::from("lane-3"), &Value::from("J1")),
            "{round}"
        );
        lane.awaits(|line| line["message"] == "the loop runs");
        let step = lane.awaits(|line| line["event"] == "Gate fails");
        assert_eq!(
            (&step["service"], &step["stage"]),
            (&Value::from("OutOfService"), &Value::from("Idle"))
        );
        assert!(step["ms"].is_u64() && step["effects"].is_string(), "{step}");
        lane.signal(signal);
        let ended = lane.awaits(|line| line["message"] == "ended");
        assert_eq!(ended["ended"], "Empty");
        assert_eq!(lane.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_camera_that_is_not_there_keeps_no_lane_from_starting_and_is_used_when_it_comes() {
    let rig = Rig::new();
    rig.change("kiosk.toml", "pictures:pictures", "pictures:later");
    let mut lane = start(&rig, &[]);
    lane.awaits(|line| line["event"] == "DocumentCamera fails");
    std::fs::rename(rig.path("pictures"), rig.path("later")).unwrap();
    lane.awaits(|line| line["event"] == "DocumentCamera works");
    lane.signal(rustix::process::Signal::TERM);
    lane.awaits(|line| line["message"] == "ended");
    assert_eq!(lane.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_service_manager_hears_of_readiness_life_and_end() {
    let rig = Rig::new();
    let socket = UnixDatagram::bind(rig.path("notify")).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let hear = || {
        let mut words = [0; 256];
        let length = socket.recv(&mut words).unwrap();
        String::from_utf8(words.get(..length).unwrap().to_vec())
            .unwrap()
            .trim()
            .to_owned()
    };
    let path = rig.path("notify").display().to_string();
    let mut lane = start(
        &rig,
        &[("NOTIFY_SOCKET", &path), ("WATCHDOG_USEC", "400000")],
    );
    assert_eq!(hear(), "READY=1");
    for _ in 0..5 {
        assert_eq!(hear(), "WATCHDOG=1");
    }
    lane.signal(rustix::process::Signal::TERM);
    assert!((0..100).map(|_| hear()).any(|words| words == "STOPPING=1"));
    assert_eq!(lane.child.wait().unwrap().code(), Some(0));
    // The pipe was read by nobody; what it held was little.
    lane.awaits(|line| line["message"] == "ended");
}

#[test]
fn everything_that_the_configuration_names_is_checked_before_anything_starts() {
    let rig = Rig::new();
    for file in ["policy.toml", "lists.toml", "issuers.toml", "journal.key"] {
        std::fs::remove_file(rig.path(file)).unwrap();
    }
    rig.put("roster.toml", "[[officer]]\nbadge = \"A-17\"\n");
    rig.change(
        "kiosk.toml",
        "[journal]",
        "[models]\nfolder = \"nowhere\"\n[journal]",
    );
    let told = rig
        .kiosk()
        .args(["run", "--headless", "--config", "kiosk.toml"])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(78));
    let errors = String::from_utf8(told.stderr).unwrap();
    for (key, cure) in [
        ("`risk.policy`", "correct the path"),
        ("`risk.lists`", "correct the path"),
        ("`evidence.issuers`", "correct the path"),
        ("`officers.roster`", "add name ="),
        ("`journal.key`", "readable"),
        ("`models.folder`", "fetch.py"),
    ] {
        let line = errors
            .lines()
            .find(|line| line.contains(key))
            .expect(&errors);
        assert!(line.contains(cure), "{line}");
    }
    assert!(!rig.path("journal.db").exists());
}

#[test]
fn a_second_lane_on_one_journal_is_refused() {
    let rig = Rig::new();
    let mut first = start(&rig, &[]);
    first.awaits(|line| line["message"] == "the loop runs");
    let told = rig
        .kiosk()
        .args(["run", "--headless", "--config", "kiosk.toml"])
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1));
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(
        errors.contains(&first.child.id().to_string()) && errors.contains("one writer"),
        "{errors}"
    );
}

#[test]
fn help_teaches_and_the_version_is_told() {
    let rig = Rig::new();
    for (arguments, words) in [
        (&["--version"][..], "kiosk "),
        (&["--help"], "kiosk.sample.toml"),
        (&["run", "--help"], "--headless"),
        (&["inspect", "--help"], "jq"),
        (&["doctor", "--help"], "never moves the gate"),
        (&["officer", "hash-pin", "--help"], "Example"),
    ] {
        let told = rig.kiosk().args(arguments).output().unwrap();
        assert!(told.status.success());
        assert!(
            String::from_utf8(told.stdout).unwrap().contains(words),
            "{arguments:?}"
        );
    }
}
