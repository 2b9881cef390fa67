//! The register map: which register means what, read from a file that an integrator edits.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

use crate::words::{Lamp, Order, Sounder};

mod file;
#[cfg(test)]
mod tests;

/// The four tables of a Modbus device (Modbus application protocol V1.1b3, section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// Bits that can be written.
    Coil,
    /// Bits that can only be read.
    Discrete,
    /// Registers that can be written.
    Holding,
    /// Registers that can only be read.
    Input,
}

impl Table {
    /// Whether its entries are single bits.
    #[must_use]
    pub fn is_bits(self) -> bool {
        matches!(self, Self::Coil | Self::Discrete)
    }

    /// Whether it can be written.
    #[must_use]
    pub fn is_writable(self) -> bool {
        matches!(self, Self::Coil | Self::Holding)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coil => "coil",
            Self::Discrete => "discrete",
            Self::Holding => "holding",
            Self::Input => "input",
        })
    }
}

/// What was read from a device: one value for each address; a bit is 0 or 1.
pub type Image = BTreeMap<(Table, u16), u16>;

/// A yes or no in a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// Where.
    pub table: Table,
    /// Protocol address, from 0.
    pub address: u16,
    /// Which bit of a register; `None` in a table of bits.
    pub bit: Option<u8>,
    /// Whether 0 means yes.
    pub inverted: bool,
}

impl Bit {
    /// What the image says, if the address was read.
    #[must_use]
    pub fn of(self, image: &Image) -> Option<bool> {
        let word = *image.get(&(self.table, self.address))?;
        Some((word >> self.bit.unwrap_or(0)) & 1 == u16::from(!self.inverted))
    }

    /// Writes a yes or a no into an image, as a device does.
    pub fn put(self, yes: bool, image: &mut Image) {
        let mask = 1_u16 << self.bit.unwrap_or(0);
        let word = image.entry((self.table, self.address)).or_default();
        if yes == self.inverted {
            *word &= !mask
        } else {
            *word |= mask
        }
    }
}

/// A number in a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Where.
    pub table: Table,
    /// Protocol address, from 0.
    pub address: u16,
    /// The register counts this many for one; at least 1.
    pub divide: u16,
}

impl Number {
    /// What the image says, if the address was read.
    #[must_use]
    pub fn of(self, image: &Image) -> Option<u16> {
        image
            .get(&(self.table, self.address))
            .map(|word| word / self.divide.max(1))
    }

    /// Writes a number into an image, as a device does.
    pub fn put(self, number: u16, image: &mut Image) {
        image.insert(
            (self.table, self.address),
            number.saturating_mul(self.divide),
        );
    }
}

/// A register that names the leaf's position by a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafCodes {
    /// Which register.
    pub number: Number,
    /// Its value when closed.
    pub closed: u16,
    /// Its value when opening.
    pub opening: u16,
    /// Its value when open.
    pub open: u16,
    /// Its value when closing.
    pub closing: u16,
    /// Its value in between, where it has one.
    pub between: Option<u16>,
}

/// Two end switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contacts {
    /// Made when fully open.
    pub open: Bit,
    /// Made when closed.
    pub closed: Bit,
}

/// How the leaf's position is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafPoint {
    /// By a code in a register.
    Codes(LeafCodes),
    /// By two end switches.
    Contacts(Contacts),
}

/// Where the status is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each point is named after the field of Status that it feeds"
)]
pub struct StatusMap {
    pub leaf: LeafPoint,
    pub passed: Option<Number>,
    pub battery: Option<Number>,
    pub fault: Option<Number>,
    pub firmware: Option<Number>,
    pub obstruction: Option<Bit>,
    pub entry_beam: Option<Bit>,
    pub exit_beam: Option<Bit>,
    pub tailgate: Option<Bit>,
    pub forced: Option<Bit>,
    pub wrong_way: Option<Bit>,
    pub evacuation: Option<Bit>,
    pub mains: Option<Bit>,
}

/// One value that a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Always this number.
    Number(u16),
    /// How many persons may pass.
    Persons,
    /// A number that is new with every command.
    Ticket,
}

/// One message that a command writes: values for consecutive addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// [`Table::Coil`] or [`Table::Holding`].
    pub table: Table,
    /// The first address.
    pub address: u16,
    /// The values, at least one.
    pub values: Vec<Value>,
}

/// Where the controller says which ticket it dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledge {
    /// The ticket last dealt with.
    pub ticket: Number,
    /// How it was dealt with.
    pub verdict: Number,
    /// The verdict that means yes.
    pub accepted: u16,
    /// What other verdicts mean.
    pub refused: BTreeMap<u16, String>,
}

/// The whole map. Read one with [`str::parse`] from TOML; `maps/controller.toml` explains every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterMap {
    /// A name for logs.
    pub name: String,
    /// The Modbus unit (slave) address, 1 to 247.
    pub unit: u8,
    /// How many unused addresses one read may run over.
    pub gap: u16,
    /// The holding register that takes the heartbeat.
    pub heartbeat: Option<u16>,
    /// What is written for each command.
    pub commands: BTreeMap<Order, Vec<Write>>,
    /// How a command is acknowledged, if the controller does so.
    pub acknowledge: Option<Acknowledge>,
    /// Where the status is read.
    pub status: StatusMap,
}

/// Every order that a map may name.
pub(crate) const ORDERS: [Order; 12] = [
    Order::Open,
    Order::Close,
    Order::Lock,
    Order::Evacuate,
    Order::Lamp(Lamp::Off),
    Order::Lamp(Lamp::Wait),
    Order::Lamp(Lamp::Go),
    Order::Lamp(Lamp::SeeOfficer),
    Order::Sounder(Sounder::Silent),
    Order::Sounder(Sounder::Chime),
    Order::Sounder(Sounder::Alarm),
    Order::ClearFault,
];

impl RegisterMap {
    /// The map of a gate controller with position, counters and faults, as it ships.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn controller() -> Result<Self, MapError> {
        include_str!("maps/controller.toml").parse()
    }

    /// The map of a plain relay and input module, as it ships.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn relay_box() -> Result<Self, MapError> {
        include_str!("maps/relay-box.toml").parse()
    }

    /// Reads a map from a file.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`str::parse`] does.
    pub fn load(path: &std::path::Path) -> Result<Self, MapError> {
        std::fs::read_to_string(path)
            .map_err(|source| MapError::Unreadable {
                path: path.to_owned(),
                source,
            })?
            .parse()
    }
}

impl FromStr for RegisterMap {
    type Err = MapError;

    fn from_str(text: &str) -> Result<Self, MapError> {
        file::parse(text)
    }
}

/// Why a register map was refused; the message names the key and the cure.
#[derive(Debug, Error)]
pub enum MapError {
    /// The file cannot be read.
    #[error("register map {}: cannot be read; check the path in the lane's configuration and the file's rights", path.display())]
    Unreadable {
        /// Which file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not TOML, or a key is unknown, missing or of the wrong kind.
    #[error("register map: {0}\nEvery key is explained in hardware/gate/maps/controller.toml")]
    Syntax(#[from] Box<toml::de::Error>),
    /// A key's value makes no sense.
    #[error("register map: `{key}` {problem}; {cure}")]
    Invalid {
        /// Which key, with its table.
        key: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        cure: String,
    },
}
