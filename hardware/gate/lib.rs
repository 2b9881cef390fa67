//! Words to a gate and back, over Modbus RTU. Nobody is judged here: this crate never decides whether to open.
//!
//! [`Link`] owns the line: it polls, writes, reads back, feeds the controller's watchdog, and tells what it sees as
//! [`News`]. What the registers mean stands in a file, the [`RegisterMap`], so that a PLC or a box of relays is
//! driven by editing text.

mod error;
mod link;
mod map;
mod news;
mod plan;
mod port;
pub mod tape;
mod wire;
mod words;

pub use error::LinkError;
pub use link::{Link, Timings};
pub use map::{
    Acknowledge, Bit, Contacts, Image, LeafCodes, LeafPoint, MapError, Number, RegisterMap,
    StatusMap, Table, Value, Write,
};
pub use news::News;
pub use plan::{Reading, Unreadable};
pub use port::{Parity, PortFactory, SerialPort};
pub use wire::Operation;
pub use words::{
    Alarm, Battery, Beam, Command, Evacuation, FaultCode, Firmware, Lamp, Leaf, Mains, Obstruction,
    Order, Sounder, Status,
};
