//! Who may do what at the lane: badges, PINs, roles. It never keeps a PIN, decides nothing about a traveller, and
//! has no clock and no source of chance: the [`evidence::Moment`] of a sign-in and the salt of a new PIN are given in.
//!
//! [`Roster::parse`] reads who there is, [`Desk::sign_in`] says who stands at the panel, [`Officer::may`] what they may do.

mod desk;
mod permission;
mod pin;
mod roster;

pub use desk::{Desk, LOCKOUT_SECONDS, Refusal, TRIES};
pub use journey::OfficerId;
pub use permission::{Action, Role};
pub use pin::{HashError, Pin, PinError, Salt, hash_pin};
pub use roster::{Officer, Roster, RosterError};
