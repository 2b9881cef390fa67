//! The lane's memory: an append-only record in one SQLite file that survives a power cut. It never keeps a
//! picture, a name or a document number, and never changes or removes what it has acknowledged.
//!
//! [`Journal::open`] closes what was interrupted and tells which journey is next; [`Journal::commit`] puts the
//! records of one step on disk, all or none. [`Reader`] looks at a journal that another process is writing.
//! There is no clock here: every [`Stamp`] is the caller's.

mod body;
mod chain;
mod error;
mod file;
mod key;
mod lock;
mod read;
mod recovery;
mod stamp;
mod store;

pub use chain::{ChainError, Digest, Extent};
pub use error::{JournalError, Operation};
pub use key::DigestKey;
pub use read::{Entries, Entry, Reader};
pub use recovery::Recovery;
pub use stamp::Stamp;
pub use store::Journal;
