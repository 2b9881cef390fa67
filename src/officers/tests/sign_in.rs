//! Signing in at the panel, by the sample roster.
#![allow(clippy::unwrap_used)]

use evidence::Moment;
use journey::Decision;
use officers::{Action, Desk, LOCKOUT_SECONDS, Officer, Pin, Refusal, Role, Roster, TRIES};

const SAMPLE: &str = include_str!("../roster.sample.toml");
const NOON: Moment = Moment::new(1_790_000_000);
const WRONG: &str = "000000";

fn desk() -> Desk {
    Desk::new(Roster::parse(SAMPLE).unwrap())
}

fn attempt(desk: &mut Desk, badge: &str, pin: &str, now: Moment) -> Result<Officer, Refusal> {
    desk.sign_in(badge, &Pin::parse(pin.to_owned()).unwrap(), now)
}

fn locked_at(now: Moment) -> Result<Officer, Refusal> {
    Err(Refusal::LockedOut {
        until: now.plus_seconds(LOCKOUT_SECONDS),
    })
}

#[test]
fn everybody_in_the_sample_signs_in_with_the_pin_that_it_tells() {
    let mut desk = desk();
    for (badge, pin, role, decides) in [
        ("A-17", "271828", Role::Officer, true),
        ("S-02", "314159", Role::Supervisor, true),
        ("E-05", "161803", Role::Engineer, false),
    ] {
        let officer = attempt(&mut desk, badge, pin, NOON).unwrap();
        assert_eq!((officer.id.as_str(), officer.role), (badge, role));
        assert_eq!(officer.may(Action::Decide(Decision::Released)), decides);
        assert!(!format!("{officer:?}").contains(&officer.name));
    }
}

#[test]
fn a_badge_that_nobody_has_is_treated_as_one_with_a_wrong_pin() {
    let mut desk = desk();
    for _ in 0..TRIES {
        let known = attempt(&mut desk, "A-17", WRONG, NOON);
        // The PIN of the badge whose hash stands in for the unknown ones opens nothing either.
        let unknown = attempt(&mut desk, "A-99", "271828", NOON);
        assert_eq!(known, unknown);
        assert!(known.is_err());
    }
    assert_eq!(attempt(&mut desk, "A-17", "271828", NOON), locked_at(NOON));
    assert_eq!(attempt(&mut desk, "A-99", "271828", NOON), locked_at(NOON));
    assert_eq!(
        attempt(&mut desk, "no badge", "271828", NOON),
        Err(Refusal::NotRecognised { tries_left: TRIES })
    );
}

#[test]
fn five_wrong_pins_lock_the_badge_and_no_other_for_five_minutes() {
    let mut desk = desk();
    for tries_left in (1..TRIES).rev() {
        assert_eq!(
            attempt(&mut desk, "A-17", WRONG, NOON),
            Err(Refusal::NotRecognised { tries_left })
        );
    }
    assert_eq!(attempt(&mut desk, "A-17", WRONG, NOON), locked_at(NOON));
    assert_eq!(
        attempt(
            &mut desk,
            "A-17",
            "271828",
            NOON.plus_seconds(LOCKOUT_SECONDS - 1)
        ),
        locked_at(NOON)
    );
    assert!(attempt(&mut desk, "S-02", "314159", NOON).is_ok());
    assert!(
        attempt(
            &mut desk,
            "A-17",
            "271828",
            NOON.plus_seconds(LOCKOUT_SECONDS)
        )
        .is_ok()
    );
}

#[test]
fn the_right_pin_clears_the_count_and_so_does_a_lock_that_has_passed() {
    let mut desk = desk();
    for _ in 0..2 {
        for _ in 1..TRIES {
            attempt(&mut desk, "A-17", WRONG, NOON).unwrap_err();
        }
        assert!(attempt(&mut desk, "A-17", "271828", NOON).is_ok());
    }
    for _ in 0..TRIES {
        attempt(&mut desk, "A-17", WRONG, NOON).unwrap_err();
    }
    assert_eq!(
        attempt(&mut desk, "A-17", WRONG, NOON.plus_seconds(LOCKOUT_SECONDS)),
        Err(Refusal::NotRecognised {
            tries_left: TRIES - 1
        })
    );
}

#[test]
fn a_clock_set_back_locks_nobody_for_longer() {
    let mut desk = desk();
    for _ in 0..TRIES {
        attempt(&mut desk, "A-17", WRONG, NOON).unwrap_err();
    }
    let last_year = NOON.plus_seconds(-31_536_000);
    assert_eq!(
        attempt(&mut desk, "A-17", "271828", last_year),
        locked_at(last_year)
    );
    let later = last_year.plus_seconds(LOCKOUT_SECONDS);
    assert!(attempt(&mut desk, "A-17", "271828", later).is_ok());
}
