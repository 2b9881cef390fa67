//! What can be seen of the pretend gate, and what it writes into its log.

use gate::{Alarm, Beam, Evacuation, Lamp, Leaf, Mains, Obstruction, Sounder};
use serde::Serialize;

/// Why a command was or was not obeyed; the numbers are those of the shipped map's verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Obeyed.
    Accepted = 1,
    /// Fire input or commanded evacuation.
    Evacuating = 2,
    /// A fault stands.
    Faulty = 3,
    /// No such command.
    Unknown = 4,
    /// The leaf hangs on its spring.
    NoMains = 5,
}

/// What set the leaf going towards open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An `Open` over the bus.
    Command,
    /// An `Evacuate` over the bus.
    Evacuate,
    /// The hard-wired fire input.
    Fire,
    /// The mains went away.
    MainsLost,
}

/// Something worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Deed {
    /// A command arrived and was judged.
    Commanded {
        /// Its key in the register map.
        command: &'static str,
        /// Its number of persons; nought for all but `open`.
        persons: u16,
        /// Its ticket, nought where the map has none.
        ticket: u16,
        /// What came of it.
        verdict: Verdict,
    },
    /// The leaf was sent open.
    Opened {
        /// By what.
        cause: Cause,
    },
    /// A person has come out at the far side.
    Passed {
        /// How many since the last opening.
        passed: u16,
    },
    /// The heartbeat fell silent.
    WatchdogTripped,
    /// The controller started anew.
    Booted,
}

/// Everything that can be seen of the pretend gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a hand on the desk throws"
)]
pub struct Snapshot {
    /// Where the leaf is.
    pub leaf: Leaf,
    /// How far it is open, in per mille.
    pub position: u16,
    /// Held shut against pushing.
    pub locked: bool,
    /// Whether somebody stands in the leaf's path.
    pub obstruction: Obstruction,
    /// The beam where one walks in.
    pub entry_beam: Beam,
    /// The beam where one walks out.
    pub exit_beam: Beam,
    /// How many may pass.
    pub permitted: u16,
    /// How many have passed since the last opening.
    pub passed: u16,
    /// How many have passed since the controller was built, whatever it forgets.
    pub walked: u64,
    /// How many have in truth walked out at the far end. No sensor knows it; tests hold `walked` against it.
    pub through: u64,
    /// Walkers who wait for the leaf.
    pub waiting: usize,
    /// Walkers between the ends of the passage.
    pub inside: usize,
    /// More passed than permitted.
    pub tailgate: Alarm,
    /// The leaf was pushed open.
    pub forced: Alarm,
    /// Somebody came in from the exit.
    pub wrong_way: Alarm,
    /// Fire input or commanded evacuation.
    pub evacuation: Evacuation,
    /// The fire input itself.
    pub fire: bool,
    /// Where the power comes from.
    pub mains: Mains,
    /// The leaf is stuck.
    pub jammed: bool,
    /// The fault number; nought for none.
    pub fault: u16,
    /// Starting up: the bus is not served.
    pub booting: bool,
    /// The heartbeat has fallen silent.
    pub watchdog_tripped: bool,
    /// What the lamp shows.
    pub lamp: Lamp,
    /// What the sounder gives.
    pub sounder: Sounder,
    /// Charge of the battery in per cent.
    pub battery: u16,
}
