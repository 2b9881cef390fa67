//! The desk: sign-in, and the patience with wrong PINs.

use std::collections::BTreeMap;

use evidence::Moment;
use journey::OfficerId;
use thiserror::Error;

use crate::{
    Pin,
    roster::{Officer, Roster},
};

/// How many wrong PINs in a row a badge may have.
pub const TRIES: u8 = 5;

/// How long a badge is locked after them. At five tries in five minutes, half of all six-digit PINs take a year.
pub const LOCKOUT_SECONDS: i64 = 300;

/// How many badges that are in nobody's roster are remembered; the one heard of longest ago goes first.
const STRANGERS: usize = 256;

/// The sign-in at the officer's panel. It counts wrong PINs; a restart forgets them.
#[derive(Debug)]
pub struct Desk {
    roster: Roster,
    wrong: BTreeMap<OfficerId, Wrong>,
}

#[derive(Debug, Clone, Copy)]
struct Wrong {
    in_a_row: u8,
    last: Moment,
}

/// Why nobody signed in. A badge that does not exist is refused in the same way, at the same pace, and is locked as
/// one that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No such badge, or not its PIN.
    #[error("the badge or the PIN is not right")]
    NotRecognised {
        /// How many tries are left before the badge is locked.
        tries_left: u8,
    },
    /// Too many wrong PINs.
    #[error("the badge is locked")]
    LockedOut {
        /// Until when.
        until: Moment,
    },
}

impl Desk {
    /// A desk for these officers.
    pub const fn new(roster: Roster) -> Self {
        Self {
            roster,
            wrong: BTreeMap::new(),
        }
    }

    /// Says who has this badge and this PIN. It takes some 40 ms of computing, so not on the thread that draws.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn sign_in(&mut self, badge: &str, pin: &Pin, now: Moment) -> Result<Officer, Refusal> {
        let Ok(badge) = OfficerId::parse(badge) else {
            // No badge looks like this, so there is nothing to lock and nothing to hide but the time it takes.
            self.roster.decoy.matches(pin);
            return Err(Refusal::NotRecognised { tries_left: TRIES });
        };
        if let Some(until) = self.locked_until(&badge, now) {
            return Err(Refusal::LockedOut { until });
        }
        let known = self
            .roster
            .entries
            .iter()
            .find(|(officer, _)| officer.id == badge);
        let matches = known
            .map_or(&self.roster.decoy, |(_, hash)| hash)
            .matches(pin);
        match known {
            Some((officer, _)) if matches => {
                let officer = officer.clone();
                self.wrong.remove(&badge);
                Ok(officer)
            }
            Some(_) | None => Err(self.count(badge, now)),
        }
    }

    /// Until when the badge is locked, if it is. A clock that was set back locks nobody for longer than
    /// [`LOCKOUT_SECONDS`] from what it says now.
    fn locked_until(&mut self, badge: &OfficerId, now: Moment) -> Option<Moment> {
        let wrong = self
            .wrong
            .get_mut(badge)
            .filter(|wrong| wrong.in_a_row >= TRIES)?;
        wrong.last = wrong.last.min(now);
        let until = wrong.last.plus_seconds(LOCKOUT_SECONDS);
        if now < until {
            return Some(until);
        }
        self.wrong.remove(badge);
        None
    }

    fn count(&mut self, badge: OfficerId, now: Moment) -> Refusal {
        self.forget_a_stranger(&badge);
        let wrong = self.wrong.entry(badge).or_insert(Wrong {
            in_a_row: 0,
            last: now,
        });
        wrong.in_a_row += 1;
        wrong.last = now;
        match TRIES - wrong.in_a_row.min(TRIES) {
            0 => Refusal::LockedOut {
                until: now.plus_seconds(LOCKOUT_SECONDS),
            },
            tries_left => Refusal::NotRecognised { tries_left },
        }
    }

    fn forget_a_stranger(&mut self, badge: &OfficerId) {
        let is_known =
            |badge: &OfficerId| self.roster.officers().any(|officer| officer.id == *badge);
        if self.wrong.contains_key(badge) || is_known(badge) {
            return;
        }
        let mut strangers: Vec<_> = self
            .wrong
            .iter()
            .filter(|(badge, _)| !is_known(badge))
            .collect();
        if strangers.len() >= STRANGERS {
            strangers.sort_by_key(|(_, wrong)| wrong.last);
            let oldest = strangers[0].0.clone();
            self.wrong.remove(&oldest);
        }
    }
}
