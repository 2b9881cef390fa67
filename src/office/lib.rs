//! The customs office's server: it judges the questions of many lanes by one policy, answers each question once, and
//! keeps what lanes recorded.
//!
//! It never stores or logs a name, a document number or a declared good: what it keeps of a question is a salted digest.

#[cfg(test)]
#[path = "../risk/tests/cases/mod.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod cases;

pub mod author;
pub mod authority;
pub mod bare;
mod caller;
mod complaint;
pub mod config;
mod gauges;
mod http;
mod problem;
pub mod publish;
pub mod server;
pub mod signed;
pub mod store;
mod upkeep;

pub use authority::Authority;
pub use config::{Config, ConfigError};
pub use http::openapi;
pub use risk::LaneName;
pub use server::{Running, StartError, serve};
