//! The customs office's server: it judges the questions of many lanes by one policy, and answers each question once.
//!
//! It never stores or logs a name, a document number or a declared good: what it keeps of a question is a salted digest.

pub mod author;
pub mod config;
mod http;
mod problem;
pub mod publish;
pub mod server;
pub mod store;

pub use config::{Config, ConfigError};
pub use server::{Running, StartError, serve};
