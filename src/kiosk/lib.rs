//! The shipped program `kiosk`: configuration and wiring. No decision about a traveller is taken here, and nothing here moves
//! the gate but an engineer's own hand, on record ([`gate`]).
//!
//! [`Config`] is the lane's one file; [`run::run`] turns it into `runtime::Parts` and lets the loop run.

pub mod calibrate;
mod cameras;
pub mod config;
pub mod doctor;
pub mod gate;
pub mod inspect;
pub mod journal;
mod log;
pub mod models;
pub mod officer;
mod provisions;
pub mod run;
mod systemd;
mod trouble;

pub use config::{Complaint, Config, ConfigError};

use std::error::Error;

/// An error and what is behind it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let text = error.to_string();
        if !words.ends_with(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        behind = error.source();
    }
    words.replace('\n', " ")
}
