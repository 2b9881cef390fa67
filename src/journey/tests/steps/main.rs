//! What the lane promises, one promise a test.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "../cast/mod.rs"]
mod cast;
mod chance;
mod documents;
mod gate;
mod officers;
mod party;
mod troubles;
mod walk;
