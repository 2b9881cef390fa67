//! The loop: a message in, one step, its effects performed in order. It decides nothing about a traveller; it is
//! the only place that sees both an effect and a device.
//!
//! [`run`] is the loop. What comes in is sorted into events by [`Eyes`] (cameras), by the gate's reports and by the
//! officer's panel; what goes out is performed as `journey::Effect` promises: records first, in one commit.

mod album;
mod conduct;
mod eyes;
mod gatekeeper;
mod hints;
mod outline;
mod panel;
mod perform;
mod picture;
mod presence;
mod story;
mod surface;
mod timings;
mod track;
mod wiped;

pub use conduct::{Ended, Parts, Stop, Threads, Watcher, run};
pub use eyes::{Eyes, EyesError, Lenses};
pub use story::{Moment, effect_words, event_words};
pub use surface::{Nobody, Surface};
pub use timings::Timings;
