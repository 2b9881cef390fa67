//! The lane's side of the line to the office: one question, one answer, one deadline; a breaker that spares travellers the
//! wait for an office that is gone; and the certificate by which the lane is known there.
//!
//! Nothing that the office says opens anything by itself: an answer is taken only to the question that it names, and only
//! before the deadline.

mod breaker;
mod client;
mod error;
mod exchange;
mod identity;
mod renewal;
mod reports;

pub use breaker::{Breaking, LineState, LineStatus};
pub use client::{Asked, Client, ClientConfig, DEADLINE, LATE_LIMIT, Later, LineOptions};
pub use error::{Blame, ClientError, ClientSetupError};
pub(crate) use exchange::Ranged;
pub use exchange::install_crypto;
pub use identity::{Identity, IdentityError, Validity, ends_after, names_lane};
pub use renewal::{RenewalError, Renewed};
pub use reports::{Delivery, Disagreement, LaneHealth, RecordWords, VerdictWords};
