//! The SQLite file: how it is created, opened and brought to this release's shape.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use rusqlite_migration::{Error as MigrationError, M, Migrations};

use crate::{DigestKey, JournalError, Operation, head::Head, key::FILE_KIND};

/// In the order of their numbers.
const MIGRATIONS: &[M<'static>] = &[M::up(include_str!(
    "../../migrations/journal/0001_begin.sql"
))];

/// `SKJ2`, as the first migration writes it.
const APPLICATION_ID: i32 = 0x534b_4a32;

/// What a file of SQLite begins with that is not encrypted (SQLite file format, section 1.3.1).
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// A reader may hold the file for a moment while it takes over the log; a writer has no rival.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes a journal without records at `path`. It is made beside and moved into place whole, so that an
/// empty or half-made file at `path` is never a beginning: it is damage.
pub(crate) fn create(path: &Path, key: &DigestKey) -> Result<(), JournalError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let refused = |source| JournalError::FileSystem {
        operation: Operation::Open,
        path: beside.clone(),
        source,
    };
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
        Ok(()) | Err(_) => {}
    }
    let of_sqlite = |source| JournalError::sqlite(Operation::Open, &beside, source);
    let mut connection = Connection::open(&beside).map_err(of_sqlite)?;
    unlock(&connection, key).map_err(of_sqlite)?;
    // Without a log of its own the file is whole as soon as it is closed; it may be moved with nothing beside it.
    connection
        .pragma_update(None, "journal_mode", "memory")
        .map_err(of_sqlite)?;
    migrate(&mut connection, &beside)?;
    Head::first(key).insert(&connection).map_err(of_sqlite)?;
    connection
        .close()
        .map_err(|(_, source)| of_sqlite(source))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(&beside)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(refused)
}

/// Opens the journal at `path` for writing.
pub(crate) fn open(path: &Path, key: &DigestKey) -> Result<Connection, JournalError> {
    let mut connection = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let of_sqlite = |source| JournalError::sqlite(Operation::Open, path, source);
    // A commit returns when its records are on the disk, not when they are on the way.
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)
        .map_err(of_sqlite)?;
    // What is erased is overwritten, too.
    connection
        .pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
        .map_err(of_sqlite)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Opens the journal at `path` to be read only.
pub(crate) fn open_to_read(path: &Path, key: &DigestKey) -> Result<Connection, JournalError> {
    connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Gives the connection the file's key. Nothing is read of the file yet.
fn unlock(connection: &Connection, key: &DigestKey) -> rusqlite::Result<()> {
    // SQLCipher writes to standard error what SQLite's codes tell as well.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&key.unlocking())
}

/// Why a file's first page makes no sense under this key. The file is looked at only now: a process that closes a file by
/// itself lets go of the locks that SQLite holds on it (SQLite, "How To Corrupt", section 2.2).
fn unreadable(path: &Path, key: &DigestKey, source: rusqlite::Error) -> JournalError {
    let path_of = || path.to_owned();
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    if read.is_ok() && head == *PLAIN {
        JournalError::NotEncrypted { path: path_of() }
    } else if read.is_err() || head[..4] != FILE_KIND {
        JournalError::NotAJournal { path: path_of() }
    } else if head != key.file_head() {
        JournalError::WrongKey { path: path_of() }
    } else {
        JournalError::sqlite(Operation::Open, path, source)
    }
}

fn connect(path: &Path, key: &DigestKey, access: OpenFlags) -> Result<Connection, JournalError> {
    let not_a_journal = || JournalError::NotAJournal {
        path: path.to_owned(),
    };
    let metadata = fs::metadata(path).map_err(|source| JournalError::FileSystem {
        operation: Operation::Open,
        path: path.to_owned(),
        source,
    })?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Err(not_a_journal());
    }
    let of_sqlite = |source| JournalError::sqlite(Operation::Open, path, source);
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(of_sqlite)?;
    unlock(&connection, key).map_err(of_sqlite)?;
    connection.busy_timeout(PATIENCE).map_err(of_sqlite)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "trusted_schema", false)
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "cell_size_check", true)
        .map_err(of_sqlite)?;
    let application: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|source| match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                unreadable(path, key, source)
            }
            _ => of_sqlite(source),
        })?;
    if application != APPLICATION_ID {
        return Err(not_a_journal());
    }
    let version: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(of_sqlite)?;
    if version as usize > MIGRATIONS.len() {
        return Err(JournalError::Newer {
            path: path.to_owned(),
        });
    }
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    migrate_by(MIGRATIONS, connection, path)
}

fn migrate_by(
    migrations: &[M<'_>],
    connection: &mut Connection,
    path: &Path,
) -> Result<(), JournalError> {
    Migrations::from_slice(migrations)
        .to_latest(connection)
        .map_err(|error| match error {
            // A statement that cannot be carried out on a sound file is this software's fault and not the file's.
            MigrationError::RusqliteError { err, .. }
                if !matches!(
                    err.sqlite_error_code(),
                    Some(ErrorCode::Unknown | ErrorCode::ConstraintViolation)
                ) =>
            {
                JournalError::sqlite(Operation::Migrate, path, err)
            }
            other => JournalError::Migration {
                path: path.to_owned(),
                source: other,
            },
        })
}

/// The first table, index or trigger that is not as the migrations made it, if there is one. A trigger that is
/// gone no longer refuses anything.
pub(crate) fn misshapen(connection: &Connection) -> Result<Option<String>, MigrationError> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut sound = Connection::open_in_memory()?;
    Migrations::from_slice(MIGRATIONS).to_version(&mut sound, version as usize)?;
    let (found, sound) = (shape(connection)?, shape(&sound)?);
    Ok(found
        .symmetric_difference(&sound)
        .next()
        .map(|(name, _)| name.clone()))
}

fn shape(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, Option<String>)>> {
    connection
        .prepare("SELECT type || ' ' || name, sql FROM sqlite_schema")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KEY: DigestKey = DigestKey::new([3; 32]);

    fn begun() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        create(&path, &KEY).unwrap();
        (folder, path)
    }

    /// What stands in the file as its next opener sees it.
    fn stands(path: &Path) -> (i32, BTreeSet<(String, Option<String>)>) {
        let connection = open_to_read(path, &KEY).unwrap();
        let version = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        (version, shape(&connection).unwrap())
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let (_folder, path) = begun();
        let before = stands(&path);
        let next = [
            MIGRATIONS[0].clone(),
            M::up(
                "CREATE TABLE photograph (taken INTEGER);
                 DROP TRIGGER record_stays;
                 INSERT INTO nowhere VALUES (1);",
            ),
        ];
        let mut connection = open(&path, &KEY).unwrap();
        let error = migrate_by(&next, &mut connection, &path).unwrap_err();
        assert!(
            error.to_string().contains("cannot bring")
                && error.to_string().contains("it is as it was"),
            "{error}"
        );
        drop(connection);
        assert_eq!(stands(&path), before);
        drop(open(&path, &KEY).unwrap());
    }

    /// The power fails in the middle of a migration: the files as they are then, opened elsewhere.
    #[test]
    fn a_migration_cut_off_half_way_leaves_the_file_as_it_was() {
        let (folder, path) = begun();
        let before = stands(&path);
        let connection = open(&path, &KEY).unwrap();
        // Even if SQLite had to write half of it into the log already.
        connection.pragma_update(None, "cache_size", 1).unwrap();
        connection
            .execute_batch(
                "BEGIN IMMEDIATE;
                 DROP TRIGGER record_stays;
                 CREATE TABLE photograph (taken BLOB);
                 INSERT INTO photograph SELECT zeroblob(3000) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]');
                 PRAGMA user_version = 2;",
            )
            .unwrap();
        let cut = tempfile::tempdir().unwrap();
        for name in ["journal.db", "journal.db-wal"] {
            fs::copy(folder.path().join(name), cut.path().join(name)).unwrap();
        }
        let log = fs::metadata(cut.path().join("journal.db-wal")).unwrap();
        assert!(log.len() > 20_000, "{} bytes of it were written", log.len());
        let path = cut.path().join("journal.db");
        drop(open(&path, &KEY).unwrap());
        assert_eq!(stands(&path), before);
    }

    #[test]
    fn the_migrations_are_well_formed_and_all_compiled_in() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/journal");
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files.len(), MIGRATIONS.len());
        for (index, file) in files.iter().enumerate() {
            assert!(
                file.to_str()
                    .unwrap()
                    .starts_with(&format!("{:04}_", index + 1)),
                "{file:?}"
            );
        }
    }
}
