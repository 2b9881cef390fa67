#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bus;
mod line;
mod rules;
