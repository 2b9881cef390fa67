//! The pretend gate controller: a state machine behind registers at the far end of a pseudo-terminal.
//!
//! Tests, demo and developers meet the gate here at its bytes. It outlives the program that talks to it, as a real
//! controller does, so that a lane can be killed in the middle of an opening and the log still tells what the gate did.

mod bus;
mod chance;
mod faulty;
mod machine;
mod pty;
mod registers;
mod rtu;
mod seen;
mod server;
mod uart;
mod walkers;

#[cfg(test)]
mod tests;

pub use bus::{Bus, NearEnd};
pub use chance::Dice;
pub use faulty::{Cabling, Faulty, FaultyPort, TROUBLES, Trouble};
pub use machine::{Machine, Travel};
pub use pty::Pty;
pub use rtu::crc;
pub use seen::{Cause, Deed, Snapshot, Verdict};
pub use server::{Controller, Entry, Hands, Plug};
pub use walkers::Walker;
