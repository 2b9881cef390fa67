//! One commit of the journal, which is on the disk before it returns.

use std::path::Path;

use anyhow::{Context as _, Result};
use journal::{DigestKey, Journal, LaneKey, Privacy, Reader, Stamp, export, verify_export};
use journey::{Ending, Record};

use crate::table::{Series, Unit, part};
use crate::{Effort, scratch};

pub(crate) fn measure(effort: Effort) -> Result<()> {
    let folder = scratch()?;
    part(
        "journal",
        &format!(
            "each commit is synced; on {}",
            file_system(folder.path()).unwrap_or_else(|| "an unknown file system".to_owned())
        ),
    );
    let path = folder.path().join("journal.sqlite");
    let now = |n: usize| Stamp::new(1_700_000_000_000 + n as i64 * 1000);
    let (mut journal, recovery) = Journal::open(&path, DigestKey::new([7; 32]), now(0))?;
    let mut journey = recovery.next;
    let mut series = Series::new(Unit::Milliseconds);
    let count = effort.of(1000);
    for n in 0..count {
        let begun = [Record::Began { journey }];
        let ended = [Record::Ended {
            journey,
            ending: Ending::Abandoned,
        }];
        if n < 10 {
            journal.commit(&begun, now(n))?;
            journal.commit(&ended, now(n))?;
        } else {
            series.time(|| journal.commit(&begun, now(n)))?;
            series.time(|| journal.commit(&ended, now(n)))?;
        }
        journey = journey.next();
    }
    series.tell("one record committed", "");
    let mut series = Series::new(Unit::Milliseconds);
    let mut records = 0;
    for _ in 0..effort.of(10) {
        records = series.time(|| journal.verify())?.records;
    }
    series.tell("the whole tree verified", &format!("{records} records"));
    let lane = LaneKey::new("lane-3", &[7; 32]).context("a lane's name")?;
    let mut series = Series::new(Unit::Milliseconds);
    for _ in 0..effort.of(10) {
        series.time(|| journal.outbox(&lane, 100))?;
    }
    series.tell("100 records signed for the office", "");
    let reader = Reader::open(&path, DigestKey::new([7; 32]))?;
    let mut series = Series::new(Unit::Milliseconds);
    let mut lines = Vec::new();
    for _ in 0..effort.of(3) {
        lines.clear();
        series.time(|| export(&reader, &lane, 0, Privacy::Told, &mut lines))?;
    }
    series.tell("all records exported", &format!("{records} records"));
    let mut series = Series::new(Unit::Milliseconds);
    for _ in 0..effort.of(3) {
        series.time(|| verify_export(lines.as_slice(), &lane.verifying_key()))?;
    }
    series.tell("the export verified", &format!("{records} records"));
    drop((reader, journal));
    let mut series = Series::new(Unit::Milliseconds);
    for n in 0..effort.of(10) {
        let opened =
            series.time(|| Journal::open(&path, DigestKey::new([7; 32]), now(count + n)))?;
        drop(opened);
    }
    series.tell("opened after a clean end", &format!("{records} records"));
    Ok(())
}

/// The file system that holds this folder, and where it is mounted from: `ext4 of /dev/sda1`.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mounted = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let (from, at, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(&at).then_some((at.len(), from, kind))
    };
    let (_, from, kind) = mounts
        .lines()
        .filter_map(mounted)
        .max_by_key(|(length, ..)| *length)?;
    Some(format!("{kind} of {from}"))
}
