//! What the Slint compiler made of `kiosk.slint`.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::todo
)]

slint::include_modules!();
