//! What the journal promises. Each file is one group of promises.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod boundaries;
mod disk;
mod exports;
mod faults;
mod interruptions;
mod operations;
mod outbox;
mod planned;
mod power;
mod privacy;
mod reference;
mod refusals;
mod retention;
mod specimens;
mod tampering;
