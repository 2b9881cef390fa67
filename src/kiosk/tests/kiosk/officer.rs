#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write as _;
use std::process::{Output, Stdio};

use evidence::Moment;
use officers::{Desk, Pin, Roster};

use crate::rig::kiosk;

fn hash(typed: &str) -> Output {
    let mut child = kiosk()
        .args(["officer", "hash-pin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_line_serves_in_a_roster_and_shows_nothing_of_the_pin() {
    let told = hash("271828\n");
    assert!(told.status.success());
    let line = String::from_utf8(told.stdout).unwrap();
    assert!(
        line.starts_with("pin = \"$argon2id$") && line.lines().count() == 1,
        "{line}"
    );
    assert!(!line.contains("271828"));
    let roster = format!(
        "[[officer]]\nbadge = \"A-17\"\nname = \"Specimen Officer\"\nrole = \"officer\"\n{line}"
    );
    let mut desk = Desk::new(Roster::parse(&roster).unwrap());
    let now = Moment::new(1_800_000_000);
    assert!(
        desk.sign_in("A-17", &Pin::parse("314159".to_owned()).unwrap(), now)
            .is_err()
    );
    assert!(
        desk.sign_in("A-17", &Pin::parse("271828".to_owned()).unwrap(), now)
            .is_ok()
    );
}

#[test]
fn what_is_no_pin_is_refused() {
    for typed in ["", "12345\n", "12345a\n"] {
        let told = hash(typed);
        assert_eq!(told.status.code(), Some(1));
        assert!(told.stdout.is_empty());
        assert!(
            String::from_utf8(told.stderr)
                .unwrap()
                .contains("6 to 12 digits")
        );
    }
}
