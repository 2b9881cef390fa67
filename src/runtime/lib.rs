//! The loop: a message in, one step, its effects performed in order. It decides nothing about a traveller; it is
//! the only place that sees both an effect and a device.
//!
//! [`run`] is the loop. What comes in is sorted into events by [`Eyes`] (cameras), by the gate's reports and by the
//! officer's panel; what goes out is performed as `journey::Effect` promises: records first, in one commit.

mod album;
mod conduct;
mod courier;
mod eyes;
mod gatekeeper;
mod hints;
mod outline;
mod panel;
mod parts;
mod perform;
mod picture;
mod presence;
mod standing;
mod story;
mod surface;
mod timings;
mod track;
mod wiped;

pub use conduct::run;
pub use courier::Post;
pub use eyes::{Eyes, EyesError, Lenses};
pub use parts::{Ended, Parts, Stop, Threads, Watcher};
pub use story::{Moment, effect_words, event_words};
pub use surface::{Nobody, Surface};
pub use timings::Timings;
