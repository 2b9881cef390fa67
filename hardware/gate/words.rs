//! What is said to a gate, and what a gate says.

use std::fmt;
use std::num::NonZeroU8;

/// One command to the gate. A command says what to do, never why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open, and stay open for this many persons; the count of [`Status::passed`] starts again at nought.
    Open {
        /// How many may pass before the controller calls it tailgating.
        persons: NonZeroU8,
    },
    /// Close as soon as nobody stands in the way. It also ends an evacuation that [`Command::Evacuate`] began.
    Close,
    /// Close, and hold the leaf shut against pushing.
    Lock,
    /// Open and stay open. No controller refuses it.
    Evacuate,
    /// Show a lamp.
    Lamp(Lamp),
    /// Sound, or be silent.
    Sounder(Sounder),
    /// Forget a fault whose cause has been mended.
    ClearFault,
}

impl Command {
    /// The command without its argument: the name under which a register map knows it.
    #[must_use]
    pub fn order(self) -> Order {
        match self {
            Self::Open { .. } => Order::Open,
            Self::Close => Order::Close,
            Self::Lock => Order::Lock,
            Self::Evacuate => Order::Evacuate,
            Self::Lamp(lamp) => Order::Lamp(lamp),
            Self::Sounder(sounder) => Order::Sounder(sounder),
            Self::ClearFault => Order::ClearFault,
        }
    }
}

/// A command's name, without its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// [`Command::Open`]
    Open,
    /// [`Command::Close`]
    Close,
    /// [`Command::Lock`]
    Lock,
    /// [`Command::Evacuate`]
    Evacuate,
    /// [`Command::Lamp`]
    Lamp(Lamp),
    /// [`Command::Sounder`]
    Sounder(Sounder),
    /// [`Command::ClearFault`]
    ClearFault,
}

impl Order {
    /// The key of this order in a register map.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Lock => "lock",
            Self::Evacuate => "evacuate",
            Self::Lamp(Lamp::Wait) => "lamp_wait",
            Self::Lamp(Lamp::Go) => "lamp_go",
            Self::Lamp(Lamp::SeeOfficer) => "lamp_see_officer",
            Self::Lamp(Lamp::Off) => "lamp_off",
            Self::Sounder(Sounder::Silent) => "sounder_silent",
            Self::Sounder(Sounder::Chime) => "sounder_chime",
            Self::Sounder(Sounder::Alarm) => "sounder_alarm",
            Self::ClearFault => "clear_fault",
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What the lamp over the leaf shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lamp {
    /// Wait here.
    Wait,
    /// Walk through.
    Go,
    /// See an officer.
    SeeOfficer,
    /// Dark.
    #[default]
    Off,
}

/// What the gate's sounder gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sounder {
    /// Nothing.
    #[default]
    Silent,
    /// A friendly tone: walk on.
    Chime,
    /// The tone that calls an officer, until it is silenced.
    Alarm,
}

/// Where the leaf is and which way it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// Shut.
    Closed,
    /// On its way open.
    Opening,
    /// Fully open.
    Open,
    /// On its way shut.
    Closing,
    /// Neither open nor shut, and not known to move.
    Between,
}

/// What the safety edge or the curtain over the leaf's path says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Obstruction {
    /// Nobody in the leaf's path.
    #[default]
    Clear,
    /// Somebody or something stands in the leaf's path.
    Blocked,
}

/// A light beam across the passage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Beam {
    /// Light arrives.
    #[default]
    Clear,
    /// Somebody stands in it.
    Broken,
}

/// An alarm that the controller holds until the next opening or [`Command::ClearFault`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// Nothing to report.
    #[default]
    Quiet,
    /// It happened.
    Raised,
}

/// Whether the gate stands open for an evacuation, be it by the hard-wired input or by command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Evacuation {
    /// Ordinary service.
    #[default]
    Off,
    /// Open, whatever the bus says.
    On,
}

/// Where the controller's power comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mains {
    /// From the mains.
    #[default]
    Present,
    /// From its battery: the leaf has been opened by its spring.
    Lost,
}

/// How full the controller's battery is, in per cent, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Battery(pub u8);

impl fmt::Display for Battery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

/// The controller's own number for what is wrong with it; never nought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FaultCode(pub std::num::NonZeroU16);

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:03}", self.0)
    }
}

/// The controller's firmware, as it reports it: major in the high byte, minor in the low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Firmware(pub u16);

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 >> 8, self.0 & 0xff)
    }
}

/// Everything that the gate says about itself, read in one poll.
///
/// A gate that has no sensor for something says the harmless value: an alarm that nobody can raise is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the leaf is.
    pub leaf: Leaf,
    /// Whether somebody stands in its path.
    pub obstruction: Obstruction,
    /// The beam on the side where one walks in.
    pub entry_beam: Beam,
    /// The beam on the side where one walks out.
    pub exit_beam: Beam,
    /// Persons passed since the last [`Command::Open`].
    pub passed: u16,
    /// More than were allowed, or two at once.
    pub tailgate: Alarm,
    /// The leaf was moved by force.
    pub forced: Alarm,
    /// Somebody came in from the exit.
    pub wrong_way: Alarm,
    /// Whether the gate stands open for an evacuation.
    pub evacuation: Evacuation,
    /// Whether the mains are there.
    pub mains: Mains,
    /// How full its battery is, where it tells.
    pub battery: Option<Battery>,
    /// What is wrong with the controller, if anything.
    pub fault: Option<FaultCode>,
    /// The controller's firmware, where it tells.
    pub firmware: Option<Firmware>,
}
