//! The computer: the journal and its disk, the key, fonts, the clock.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use evidence::Moment;
use journal::{Reader, Stamp};

use super::Finding;
use crate::{Config, chain, provisions};

const MIB: u64 = 1024 * 1024;
/// A busy lane writes some 10 MiB a day.
const SCARCE: u64 = 1024 * MIB;
const NONE_LEFT: u64 = 100 * MIB;

/// The first day of 2026, before any release of this software: a clock that says less has lost its battery.
const FIRST_RELEASE: i64 = 1_767_225_600;

fn beside(journal: &Path, ending: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The process that writes this lane's journal, if there is one. The lock is tried for a moment only.
pub(crate) fn running(config: &Config) -> Option<String> {
    let path = beside(&config.journal, ".lock");
    match File::open(&path).ok()?.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let process = fs::read_to_string(&path).unwrap_or_default();
            Some(format!("process {}", process.trim()))
        }
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn folder(config: &Config) -> &Path {
    match config.journal.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether the journal is whole, and when its last record was made.
pub(super) fn journal(config: &Config) -> (Finding, Option<Stamp>) {
    let path = &config.journal;
    let key = match provisions::journal_key(config) {
        Ok(key) => key,
        // The key has a line of its own.
        Err(_) => {
            return (
                Finding::warning(
                    "journal",
                    "cannot be judged without its key",
                    "see the key's line",
                ),
                None,
            );
        }
    };
    if !path.exists() && !beside(path, ".lock").exists() && !beside(path, "-wal").exists() {
        let folder = folder(config);
        let writable = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
        let finding = if writable {
            Finding::ok(
                "journal",
                format!(
                    "none yet; it begins in {} at the first start",
                    folder.display()
                ),
            )
        } else {
            let cure = format!(
                "make {} a folder in which the lane's user may write",
                folder.display()
            );
            Finding::fault("journal", "none yet, and it cannot begin".to_owned(), cure)
        };
        return (finding, None);
    }
    let begun = Instant::now();
    let reader = match Reader::open(path, key) {
        Ok(reader) => reader,
        Err(error) => {
            let cure = "do as it says; the lane does not start without its journal";
            return (Finding::fault("journal", chain(&error), cure), None);
        }
    };
    match reader.verify() {
        Ok(extent) => {
            let last = reader.entries(extent.records.saturating_sub(1)).next();
            let last = last.and_then(Result::ok).map(|entry| entry.at);
            let took = begun.elapsed().as_millis();
            let says = format!(
                "{} records, and they hold (looked through in {took} ms)",
                extent.records
            );
            (Finding::ok("journal", says), last)
        }
        Err(error) => {
            let cure = "stop the lane, keep the file aside as evidence, and put the journal back from its backup";
            (Finding::fault("journal", chain(&error), cure), None)
        }
    }
}

pub(super) fn disk(config: &Config) -> Finding {
    let folder = folder(config);
    let says = match rustix::fs::statvfs(folder) {
        Ok(about) => about.f_bavail.saturating_mul(about.f_frsize),
        Err(error) => {
            let cure = format!("make the folder {}", folder.display());
            return Finding::fault("disk", error.to_string(), cure);
        }
    };
    let (free, says) = (
        says,
        format!("{} MiB free in {}", says / MIB, folder.display()),
    );
    let cure = "make room: a lane whose journal cannot be written does not serve";
    match free {
        0..NONE_LEFT => Finding::fault("disk", says, cure),
        NONE_LEFT..SCARCE => Finding::warning("disk", says, cure),
        SCARCE.. => Finding::ok("disk", says),
    }
}

pub(super) fn key(config: &Config) -> Finding {
    let read = provisions::journal_key_file(config)
        .and_then(|path| provisions::journal_key(config).map(|_| path));
    let path = match read {
        Ok(path) => path,
        Err(complaint) => return Finding::complaint("journal key", complaint),
    };
    let mode = fs::metadata(&path).map_or(0, |about| about.permissions().mode() & 0o777);
    let says = format!("{} (mode {mode:03o})", path.display());
    let cure = format!("chmod 600 {}", path.display());
    if mode & 0o007 != 0 {
        Finding::fault(
            "journal key",
            format!("{says}: everybody on this computer may use it"),
            cure,
        )
    } else if mode & 0o070 != 0 && config.journal_key.is_some() {
        Finding::warning(
            "journal key",
            format!("{says}: others than its owner may use it"),
            cure,
        )
    } else {
        Finding::ok("journal key", says)
    }
}

/// A glyph that no font has is not drawn at all.
pub(super) fn fonts() -> Finding {
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let mut folders = vec![
        (PathBuf::from("/usr/share/fonts"), 0),
        (PathBuf::from("/usr/local/share/fonts"), 0),
        (home.join(".fonts"), 0),
        (home.join(".local/share/fonts"), 0),
    ];
    let (mut latin, mut cjk, mut others) = (false, false, false);
    while let Some((folder, depth)) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                // Links may lead in circles.
                if depth < 6 {
                    folders.push((path, depth + 1));
                }
                continue;
            }
            let name = entry.file_name();
            let name = name.to_string_lossy();
            latin |= name.starts_with("NotoSans-") || name.starts_with("NotoSans[");
            cjk |= name.starts_with("NotoSansCJK");
            others |= name.ends_with(".ttf") || name.ends_with(".otf") || name.ends_with(".ttc");
        }
    }
    let cure = "apt-get install fonts-noto-core fonts-noto-cjk";
    match (latin, cjk, others) {
        (true, true, _) => Finding::ok("fonts", "Noto Sans and Noto Sans CJK"),
        (_, _, false) => Finding::fault(
            "fonts",
            "there are none, and the screen does not start",
            cure,
        ),
        _ => Finding::warning(
            "fonts",
            "Noto Sans or Noto Sans CJK is missing: words will be missing from the screen",
            cure,
        ),
    }
}

pub(super) fn clock(now: Moment, last: Option<Stamp>) -> Finding {
    let cure = "set the clock (timedatectl), and see to it that a time server is reached";
    let last = last.map_or(i64::MIN, |last| last.unix_milliseconds() / 1000);
    if now.unix_seconds() < FIRST_RELEASE {
        return Finding::fault(
            "clock",
            "it says a time before this software was made",
            cure,
        );
    }
    if now.unix_seconds() < last {
        return Finding::fault(
            "clock",
            "it says a time before the journal's last record",
            cure,
        );
    }
    let service = Path::new("/run/systemd/timesync");
    if service.is_dir() && !service.join("synchronized").exists() {
        return Finding::warning(
            "clock",
            "no time server has been reached since the start",
            cure,
        );
    }
    Finding::ok("clock", "plausible")
}
