//! What can go wrong with the journal, told to whoever must act.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use evidence::JourneyId;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::TreeError;

/// What the journal was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Opening or creating the file.
    Open,
    /// Bringing the file to this release's shape.
    Migrate,
    /// Closing what an interruption left open.
    Recover,
    /// Putting records on disk.
    Commit,
    /// Reading records.
    Read,
    /// Noting how far the office has everything.
    Acknowledge,
    /// Erasing what is personal and whose time is over.
    Erase,
}

/// Reads after "cannot".
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open the journal",
            Self::Migrate => "bring the journal to this release's shape",
            Self::Recover => "recover the journal",
            Self::Commit => "commit to the journal",
            Self::Read => "read the journal",
            Self::Acknowledge => "note in the journal what the office has",
            Self::Erase => "erase from the journal",
        })
    }
}

/// Why the journal could not do what it was asked. After any of these on a commit, none of that commit's records
/// counts, and everything acknowledged before still stands.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The key's file cannot be read.
    #[error("cannot read the journal's key {}: make the file readable for this user, or correct its path", .path.display())]
    KeyUnreadable {
        /// The key's file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key's file holds something else.
    #[error("{} is not a journal key: it must hold 32 random bytes or 64 hexadecimal digits", .path.display())]
    KeyMalformed {
        /// The key's file.
        path: PathBuf,
    },
    /// The file of the lane's signing key, or of its public half, holds something else.
    #[error("{} is not a lane's key: it must hold an Ed25519 key in PEM (`openssl genpkey -algorithm ed25519`, and \
        `openssl pkey -pubout` for the public half), of a lane with a proper name", .path.display())]
    LaneKeyMalformed {
        /// The key's file.
        path: PathBuf,
    },
    /// The journal was begun with another key.
    #[error("{} was begun with another key: restore that key's file; a journal never changes its key. Should this be its key, \
        the file's first bytes are damaged: put the journal back from its backup", .path.display())]
    WrongKey {
        /// The journal's file.
        path: PathBuf,
    },
    /// The file is a database that is not encrypted.
    #[error("{} is not encrypted: it is another program's, or a journal of a build before encryption, which this release does \
        not take over; correct the path, or keep the file aside with its '.lock' and '-wal' and begin anew", .path.display())]
    NotEncrypted {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes this journal.
    #[error("another process{} is writing {}: stop it first; a journal has one writer",
        .holder.map(|holder| format!(" ({holder})")).unwrap_or_default(), .path.display())]
    InUse {
        /// The journal's file.
        path: PathBuf,
        /// The other process, where it said its number.
        holder: Option<u32>,
    },
    /// The folder's lock file cannot be made or locked.
    #[error("cannot lock the journal with {}: its folder must exist and be writable for this user", .path.display())]
    CannotLock {
        /// The lock file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There was a journal here and it is gone.
    #[error("{} is missing although a journal was kept here: put it back from its backup; to begin a new one, whose \
        journeys start again at 1, remove the '.lock' and '-wal' files beside it first", .path.display())]
    Missing {
        /// The journal's file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a journal: correct the path, or put the journal back from its backup", .path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later release.
    #[error("{} was written by a newer release of this software: install that release or a later one", .path.display())]
    Newer {
        /// The journal's file.
        path: PathBuf,
    },
    /// The file cannot be brought to this release's shape.
    #[error("cannot bring {} to this release's shape; it is as it was: keep the former release and report this", .path.display())]
    Migration {
        /// The journal's file.
        path: PathBuf,
        /// What the migration says.
        source: rusqlite_migration::Error,
    },
    /// The disk is full.
    #[error("cannot {operation} {}: the disk is full; make room, nothing that was acknowledged is lost", .path.display())]
    DiskFull {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file or the disk cannot be written.
    #[error("cannot {operation} {}: it cannot be written; check the owner of the file and its folder, and whether the disk \
        has gone read-only", .path.display())]
    NotWritable {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is torn or damaged.
    #[error("cannot {operation} {}: the file is damaged; keep it aside as evidence, check the disk, and put the journal back from \
        its backup", .path.display())]
    Damaged {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The tree's end does not hold.
    #[error("{} was altered; keep it aside as evidence and put the journal back from its backup", .path.display())]
    Altered {
        /// The journal's file.
        path: PathBuf,
        /// What does not hold.
        source: Box<TreeError>,
    },
    /// The disk did not do what it was told.
    #[error("cannot {operation} {}: the disk failed; check it before this lane serves again", .path.display())]
    DiskFailed {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file system refused.
    #[error("cannot {operation} {}: the file system refused", .path.display())]
    FileSystem {
        /// What was being done.
        operation: Operation,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A record begins or ends a journey twice, or comes before its beginning. The lane's own fault.
    #[error("a record contradicts what stands in the journal: {journey} {contradiction}")]
    Contradiction {
        /// Whose record.
        journey: JourneyId,
        /// What is wrong with it.
        contradiction: &'static str,
    },
    /// The system gives no random bytes, without which nothing personal is kept.
    #[error("cannot {operation} {}: the system gives no random bytes", .path.display())]
    NoChance {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What the system says.
        source: getrandom::Error,
    },
    /// The journal is larger than its tree can number. No lane gets there.
    #[error("{} has as many records as it can hold: keep it aside and begin anew", .path.display())]
    Full {
        /// The journal's file.
        path: PathBuf,
    },
    /// The office has records that are not in this journal.
    #[error("the office acknowledged record {acknowledged} and {} ends at {records}: an older journal was put back; find the \
        newer one, or have the office close this lane's book", .path.display())]
    NeverWritten {
        /// The journal's file.
        path: PathBuf,
        /// What was acknowledged.
        acknowledged: u64,
        /// How many records there are.
        records: u64,
    },
    /// The tree never had that many records.
    #[error("the journal has {records} records and {asked} were asked about")]
    NotThatFar {
        /// What was asked.
        asked: u64,
        /// How many there are.
        records: u64,
    },
    /// The clock says a time before the journal's last record. Nothing is erased by such a clock.
    #[error("nothing is erased from {}: the clock says a time before the last record; set the clock", .path.display())]
    ClockBehind {
        /// The journal's file.
        path: PathBuf,
    },
    /// Another program holds the file for longer than the journal waits.
    #[error("cannot {operation} {}: another program holds the file; close it", .path.display())]
    Busy {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Anything else that SQLite says.
    #[error("cannot {operation} {}", .path.display())]
    Sqlite {
        /// What was being done.
        operation: Operation,
        /// The journal's file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl JournalError {
    pub(crate) fn altered(path: &Path, source: TreeError) -> Self {
        Self::Altered {
            path: path.to_owned(),
            source: Box::new(source),
        }
    }

    /// Sorts what SQLite says by who must act.
    pub(crate) fn sqlite(operation: Operation, path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        // The statements are fixed and the columns are strict: if a table is not there or a value has another
        // shape, it is the file that is wrong.
        let code = source
            .sqlite_error_code()
            .unwrap_or(ErrorCode::DatabaseCorrupt);
        if code == ErrorCode::DiskFull {
            Self::DiskFull {
                operation,
                path,
                source,
            }
        } else if matches!(
            code,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied
        ) {
            Self::NotWritable {
                operation,
                path,
                source,
            }
        } else if matches!(
            code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown
        ) {
            Self::Damaged {
                operation,
                path,
                source,
            }
        } else if code == ErrorCode::SystemIoFailure {
            Self::DiskFailed {
                operation,
                path,
                source,
            }
        } else if matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
            Self::Busy {
                operation,
                path,
                source,
            }
        } else {
            Self::Sqlite {
                operation,
                path,
                source,
            }
        }
    }
}
