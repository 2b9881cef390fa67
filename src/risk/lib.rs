//! One numbered question, one verdict: the engine that lane and office share, its dated policy and its lists, and the
//! client that asks the office within a deadline.
//!
//! The engine never reads a clock, a file or a socket, draws no random number and has no float: the day, the texts and the key
//! are given to it. Only [`line`] and [`updates`] touch the network, and only [`edition`], [`updates`] and the lane's certificate
//! files.

mod allowance;
pub mod assessor;
pub mod case;
mod digest;
pub mod edition;
pub mod engine;
pub mod line;
pub mod lists;
pub mod names;
pub mod policy;
pub mod selection;
pub mod updates;
pub mod wire;

pub use assessor::{Answer, Assessor, Late};
pub use case::{Case, LaneName, Shown, Traveller};
pub use edition::{Edition, EditionError};
pub use engine::assess;
pub use line::{
    Blame, Client, ClientConfig, ClientError, ClientSetupError, DEADLINE, Identity, LineOptions,
    LineState, install_crypto,
};
pub use lists::{Draft, Lists, ListsError, Manifest};
pub use policy::{Bar, DeclaredAnswer, Policy, PolicyError};
pub use reqwest::Url;
