//! The lane's decisions. There is no clock here, no device and no chance: time, readings and
//! identifiers arrive inside events, and everything that must be done leaves as an effect.
//!
//! Start at [`Lane::step`]. An event and the lane go in; the next lane and the effects, in the order in
//! which they must be performed, come out. [`Effect`] states what the performer promises.
//!
//! A gate opens only with a [`Warrant`]. Everybody may read it:
//!
//! ```
//! fn read(warrant: journey::Warrant) -> (journey::JourneyId, std::num::NonZeroU8, journey::Ground) {
//!     (warrant.journey(), warrant.persons(), warrant.ground())
//! }
//! ```
//!
//! Nobody outside this crate can make one:
//!
//! ```compile_fail,E0451
//! fn forge(journey: journey::JourneyId, persons: std::num::NonZeroU8, ground: journey::Ground) -> journey::Warrant {
//!     journey::Warrant { journey, persons, ground }
//! }
//! ```
//!
//! Nor can one be copied, so one decision opens one gate once:
//!
//! ```compile_fail,E0599
//! fn twice(warrant: journey::Warrant) -> (journey::Warrant, journey::Warrant) { (warrant.clone(), warrant) }
//! ```
#![deny(clippy::wildcard_enum_match_arm)]

mod effect;
mod event;
mod lane;
mod language;
mod officer;
mod record;
mod referral;
mod stage;
mod step;
mod warrant;

pub use effect::{Effect, Lamp, Look};
pub use event::{Alarm, Deadline, Device, Event, FaceHint, FaceOutcome, Timer, Touch};
pub use evidence::{JourneyId, MemberIndex, QuestionId};
pub use lane::{Lane, OnTailgating, Rules, Service, Troubles};
pub use language::Language;
pub use officer::{Decision, DecisionReason, HandReason, OfficerId, OfficerIdError};
pub use record::{Ending, Record};
pub use referral::{Cause, Referral};
pub use stage::{Code, Face, Gathering, Hint, Journey, Party, Passage, Stage, StageName};
pub use warrant::{Ground, Warrant};
