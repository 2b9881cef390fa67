//! The kiosk's unit, as systemd reads it and as the program needs it.

use std::{fs, process::Command, time::Duration};

use crate::root;

const UNITS: [&str; 3] = [
    "sekisho-kiosk.service",
    "sekisho-screen.service",
    "sekisho-screen.socket",
];

fn unit(name: &str) -> String {
    fs::read_to_string(root().join("kiosk-image/systemd").join(name)).unwrap()
}

/// What `systemd-analyze verify` says of our units on a root of their own, where the programs that they start exist.
/// It ends well in spite of some of what it complains of, so both count.
fn verified(kiosk: &str) -> (bool, String) {
    let tree = tempfile::tempdir().unwrap();
    let folder = |path: &str| {
        let folder = tree.path().join(path);
        fs::create_dir_all(&folder).unwrap();
        folder
    };
    let (programs, theirs, ours) = (
        folder("usr/bin"),
        folder("usr/lib/systemd/system"),
        folder("etc/systemd/system"),
    );
    for program in ["kiosk", "weston"] {
        fs::copy("/bin/true", programs.join(program)).unwrap();
    }
    for entry in fs::read_dir("/usr/lib/systemd/system").unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), theirs.join(entry.file_name())).unwrap();
        }
    }
    for name in UNITS {
        fs::write(ours.join(name), unit(name)).unwrap();
    }
    fs::write(ours.join(UNITS[0]), kiosk).unwrap();
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--recursive-errors=one"])
        .arg(format!("--root={}", tree.path().display()))
        .args(UNITS)
        .output()
        .expect("systemd-analyze is there: cargo xtask setup installs it");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said.into_owned())
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    assert_eq!(verified(&unit(UNITS[0])), (true, String::new()));
}

#[test]
fn systemd_would_find_a_misspelt_key_and_a_program_that_is_not_there() {
    for (right, wrong) in [
        ("WatchdogSec=", "WatchdogSex="),
        ("/usr/bin/kiosk run", "/usr/bin/koisk run"),
    ] {
        let (well, said) = verified(&unit(UNITS[0]).replace(right, wrong));
        assert!(!well || !said.is_empty(), "{wrong} went unnoticed");
    }
}

#[test]
fn the_kiosk_is_shut_in() {
    // In tenths: 2.0 of 10. What remains open are the network, the cameras and the serial port.
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
        .arg(root().join("kiosk-image/systemd").join(UNITS[0]))
        .output()
        .expect("systemd-analyze is there: cargo xtask setup installs it");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// The seconds of a setting such as `TimeoutStopSec=60s`.
fn seconds(unit: &str, setting: &str) -> Duration {
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix(setting)?.strip_prefix('='))
        .unwrap();
    Duration::from_secs(line.strip_suffix('s').unwrap().parse().unwrap())
}

#[test]
fn the_unit_gives_the_runtime_the_time_that_it_takes() {
    let (unit, timings) = (unit(UNITS[0]), runtime::Timings::default());
    assert!(
        seconds(&unit, "TimeoutStopSec") >= timings.stop + Duration::from_secs(10),
        "a stop waits for the party in the lane"
    );
    assert!(
        seconds(&unit, "WatchdogSec") >= timings.alive * 4,
        "one slow turn of the loop is no death"
    );
}

#[test]
fn the_rules_name_the_devices_of_the_sample_configuration() {
    let rules = fs::read_to_string(root().join("kiosk-image/udev/60-sekisho.rules")).unwrap();
    let sample = fs::read_to_string(root().join("src/kiosk/kiosk.sample.toml")).unwrap();
    for name in ["sekisho-documents", "sekisho-face", "sekisho-gate"] {
        assert!(
            rules.contains(&format!("SYMLINK+=\"{name}\"")),
            "{name} has no rule"
        );
        assert!(
            sample.contains(&format!("/dev/{name}\"")),
            "{name} is not in the sample"
        );
    }
}
