//! Rosters with a slip in them: the message names the entry, the key and the cure.
#![allow(clippy::unwrap_used)]

use officers::Roster;
use proptest::prelude::*;

const SAMPLE: &str = include_str!("../roster.sample.toml");
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$QUFBQUFBQUFBQUFBQUFBQQ$2CPJUSZZVEiTnDSH8JzMUyx3Fkxpkp+oUHwEcqs6TtI";

fn entry(badge: &str, role: &str, pin: &str) -> String {
    format!("[[officer]]\nbadge = {badge}\nname = \"Specimen\"\nrole = {role}\npin = \"{pin}\"\n")
}

#[test]
fn the_sample_is_a_roster() {
    let roster = Roster::parse(SAMPLE).unwrap();
    let badges: Vec<_> = roster
        .officers()
        .map(|officer| officer.id.as_str().to_owned())
        .collect();
    assert_eq!(badges, ["A-17", "S-02", "E-05"]);
    assert!(!format!("{roster:?}").contains("argon2"));
}

#[test]
fn each_slip_is_named_with_its_cure() {
    let good = entry("\"A-17\"", "\"officer\"", HASH);
    for (roster, message) in [
        (
            String::new(),
            "the roster is empty: add an [[officer]] entry, for without an officer no referral can end",
        ),
        (
            format!("{good}[[oficer]]\n"),
            "the roster has 'oficer', which it does not know: it consists of [[officer]] entries",
        ),
        (
            "officer = 3".to_owned(),
            "the roster has 'officer = ..', which it does not know: it consists of [[officer]] entries",
        ),
        (
            "officer = [3]".to_owned(),
            "the roster has 'officer = [..]', which it does not know: it consists of [[officer]] entries",
        ),
        (
            "[[officer]]\nname = \"Specimen\"\nrole = \"officer\"\n".to_owned(),
            "officer 1: 'badge' is missing: add badge = \"A-17\"",
        ),
        (
            format!(
                "{good}[[officer]]\nbadge = \"A-18\"\nname = \"Specimen\"\nrole = \"officer\"\n"
            ),
            "officer 2 (badge A-18): 'pin' is missing: add pin = \"$argon2id$..\"",
        ),
        (
            good.replace("name", "nmae"),
            "officer 1 (badge A-17): 'nmae' is not known: an entry has badge, name, role and pin; correct or remove it",
        ),
        (
            entry("17", "\"officer\"", HASH),
            "officer 1: 'badge' is not a text: put it in quotation marks",
        ),
        (
            entry("\"a-17\"", "\"officer\"", HASH),
            "officer 1 (badge a-17): 'badge' is not a badge number: write 1 to 16 characters of A-Z, 0-9 and '-'",
        ),
        (
            entry("\"A-17\"", "\"Officer\"", HASH),
            "officer 1 (badge A-17): 'role' is not a role: write \"officer\", \"supervisor\" or \"engineer\"",
        ),
        (
            good.replace("Specimen", " "),
            "officer 1 (badge A-17): 'name' cannot be shown: write 1 to 60 visible characters",
        ),
        (
            entry("\"A-17\"", "\"officer\"", "271828"),
            "officer 1 (badge A-17): 'pin' is not a PHC string: make it with the tool that adds officers; never write \
             the PIN itself here",
        ),
        (
            format!("{good}{good}"),
            "officer 2 (badge A-17): 'badge' is that of officer 1 already: give each entry its own",
        ),
        (
            entry("\"E-05\"", "\"engineer\"", HASH),
            "nobody in the roster may decide a referral: give an entry the role 'officer' or 'supervisor'",
        ),
    ] {
        assert_eq!(
            Roster::parse(&roster).unwrap_err().to_string(),
            message,
            "{roster}"
        );
    }
}

#[test]
fn no_message_shows_what_stands_in_the_file() {
    let broken = entry("\"A-17\"", "\"officer\"", HASH).replace("pin = \"", "pin = \"\"");
    let message = Roster::parse(&broken).unwrap_err().to_string();
    assert!(
        message.starts_with("the roster is not TOML: line 5: "),
        "{message}"
    );
    assert!(!message.contains("argon2"), "{message}");
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Roster::parse(&text);
        let _ = Roster::parse(&format!("{SAMPLE}{text}"));
    }
}
