//! What the journal promises. Each file is one group of promises.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod interruptions;
mod outbox;
mod power;
mod privacy;
mod reference;
mod refusals;
mod retention;
mod specimens;
mod tampering;
