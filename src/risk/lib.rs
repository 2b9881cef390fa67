//! One numbered question, one verdict: the engine that lane and office share, its dated policy and its lists, and the
//! client that asks the office within a deadline.
//!
//! The engine never reads a clock, a file or a socket, draws no random number and has no float: the day, the texts and the key
//! are given to it. Only [`client`] touches the network, and only [`edition`] opens files.

mod allowance;
pub mod assessor;
pub mod case;
pub mod client;
mod digest;
pub mod edition;
pub mod engine;
pub mod lists;
pub mod names;
pub mod policy;
pub mod selection;
pub mod wire;

pub use assessor::{Answer, Assessor};
pub use case::{Case, LaneName, Shown, Traveller};
pub use client::{
    Blame, Client, ClientConfig, ClientError, ClientSetupError, DEADLINE, install_crypto,
};
pub use edition::{Edition, EditionError};
pub use engine::assess;
pub use lists::{Draft, Lists, ListsError, Manifest};
pub use policy::{Bar, DeclaredAnswer, Policy, PolicyError};
pub use reqwest::Url;
