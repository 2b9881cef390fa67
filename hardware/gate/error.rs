//! Why the gate was not reached, or not obeyed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::plan::Unreadable;
use crate::wire::Operation;
use crate::words::Order;

/// Why a command was not done, or why the gate is out of reach.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The port cannot be opened.
    #[error("opening {port}")]
    Open {
        /// Which port.
        port: String,
        /// What the system said.
        source: io::Error,
    },
    /// The line never falls silent: two masters, a wrong baud rate, or noise.
    #[error(
        "{port} never falls silent; look for a second master, the baud rate and the terminators"
    )]
    Babbling {
        /// Which port.
        port: String,
    },
    /// The line or the frames on it failed.
    #[error("{operation}: the line failed")]
    Line {
        /// What was being done.
        operation: Operation,
        /// What the Modbus client said.
        source: tokio_modbus::Error,
    },
    /// No answer.
    #[error("{operation}: no answer within {after:?}")]
    Silent {
        /// What was being done.
        operation: Operation,
        /// How long we waited.
        after: Duration,
    },
    /// An answer that cannot belong to the question.
    #[error("{operation}: the answer belongs to another question")]
    Stranger {
        /// What was being done.
        operation: Operation,
    },
    /// The device answered with a Modbus exception.
    #[error("{operation}: the device says {code}; check the register map")]
    Exception {
        /// What was being done.
        operation: Operation,
        /// Its exception code.
        code: tokio_modbus::ExceptionCode,
    },
    /// Reading back gave something else than what was written.
    #[error("{operation}: wrote {wrote:?}, read back {read:?}")]
    ReadBack {
        /// What was being done.
        operation: Operation,
        /// What was written.
        wrote: Vec<u16>,
        /// What stands there.
        read: Vec<u16>,
    },
    /// The status makes no sense.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The register map knows no such command.
    #[error("the register map has no `commands.{order}`")]
    Unsupported {
        /// Which command.
        order: Order,
    },
    /// The controller understood and said no.
    #[error("{order}: the controller refuses ({meaning})")]
    Refused {
        /// Which command.
        order: Order,
        /// Its verdict, as the map explains it.
        meaning: String,
    },
    /// It was not confirmed in time. Whether it was obeyed is not known: the status tells.
    #[error("{order}: not confirmed within {after:?}")]
    NotConfirmed {
        /// Which command.
        order: Order,
        /// How long we tried.
        after: Duration,
        /// What went wrong last, if anything did.
        source: Option<Arc<LinkError>>,
    },
    /// The gate is out of reach, as [`News::Lost`] has told.
    #[error("{order}: the gate is out of reach")]
    OutOfReach {
        /// Which command.
        order: Order,
    },
    /// The link's task has ended.
    #[error("the link has stopped")]
    Stopped,
}
