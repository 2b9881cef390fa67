//! The lane's memory: an append-only record in one encrypted SQLite file that survives a power cut. It never keeps a
//! picture, a name or a document number, and never changes or removes what it has acknowledged; what is personal is kept apart
//! and goes when its time is over, on record.
//!
//! [`Journal::open`] closes what was interrupted and tells which journey is next; [`Journal::commit`] puts the
//! records of one step on disk, all or none. [`Reader`] looks at a journal that another process is writing.
//! There is no clock here: every [`Stamp`] is the caller's.

mod audit;
mod body;
mod checkpoint;
mod digest;
mod error;
mod export;
mod file;
mod head;
mod key;
mod lane;
mod leaf;
mod lock;
mod outbox;
mod read;
mod recovery;
mod retention;
mod row;
pub mod signed;
mod stamp;
mod stats;
mod store;
mod tree;
mod verify;

pub use audit::{Audit, AuditError, Fault, verify_export};
pub use checkpoint::Checkpoint;
pub use digest::Digest;
pub use ed25519_dalek::VerifyingKey;
pub use error::{JournalError, Operation};
pub use export::{ExportError, Privacy, export};
pub use key::DigestKey;
pub use lane::{LaneKey, verifying_key};
pub use leaf::Leaf;
pub use outbox::Batch;
pub use read::{Entries, Entry, Reader};
pub use recovery::Recovery;
pub use retention::{Erasure, Retention};
pub use signed::{SignedError, SignedRecord};
pub use stamp::Stamp;
pub use stats::Stats;
pub use store::Journal;
pub use tree::{Extent, Frontier};
pub use verify::TreeError;
