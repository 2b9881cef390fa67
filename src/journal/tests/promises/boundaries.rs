//! The power fails at every point at which the journal waits for the disk: in turn, with the process killed, and with all the
//! ways in which a disk can have lost or torn what it had not yet been told to keep.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use journal::{DigestKey, Entry, Journal, Reader};

use crate::{
    disk::{Disk, Fate},
    planned::{acknowledged, heard, traced},
    reference,
    specimens::{KEY, NOON, Place},
};

fn entries(journal: &Journal) -> Vec<Entry> {
    journal.entries(0).map(Result::unwrap).collect()
}

/// Opens what a cut has left, holds it to what was promised, and gives what stood there.
///
/// `known` is what the lane wrote, had it not been cut, and may be of another run: salts differ.
fn held_to(path: &Path, acknowledged: usize, known: &[(String, Option<u64>)]) -> Vec<Entry> {
    let (journal, recovery) = Journal::open(path, DigestKey::new(KEY), NOON).unwrap();
    let found = entries(&journal);
    assert_eq!(journal.verify().unwrap().records, found.len() as u64);
    let closed = recovery.interrupted.len();
    let stood = &found[..found.len() - closed];
    assert!(
        stood.len() >= acknowledged,
        "{} of {acknowledged} acknowledged records",
        stood.len()
    );
    for (entry, (kind, journey)) in stood.iter().zip(known) {
        assert_eq!(
            (&entry.kind, entry.journey),
            (kind, *journey),
            "record {}",
            entry.seq
        );
    }
    assert!(stood.len() <= known.len(), "something was written twice");
    for entry in &found[stood.len()..] {
        assert_eq!(entry.kind, "ended");
    }
    drop(journal);
    assert_eq!(reference::check(path, KEY), Ok(found.len() as i64));
    found[..stood.len()].to_vec()
}

/// What the lane writes when nothing happens to it.
fn undisturbed() -> Vec<(String, Option<u64>)> {
    let place = Place::new();
    let output = traced(&place.path, &["-o", "/dev/null", "-e", "trace=none"]);
    assert!(output.status.success(), "{:?}", heard(&output));
    let reader = Reader::open(&place.path, DigestKey::new(KEY)).unwrap();
    reader
        .entries(0)
        .map(Result::unwrap)
        .map(|entry| (entry.kind, entry.journey))
        .collect()
}

#[test]
fn killed_at_each_sync_in_turn_it_has_everything_it_acknowledged() {
    let known = undisturbed();
    let mut told = BTreeSet::new();
    for turn in 1.. {
        let place = Place::new();
        let cut = format!("inject=fsync,fdatasync:signal=KILL:when={turn}");
        let output = traced(
            &place.path,
            &["-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", &cut],
        );
        let heard = heard(&output);
        told.insert(acknowledged(&heard));
        if output.status.success() {
            assert_eq!(heard.last().unwrap(), "done");
            assert!(turn > 20, "{turn} syncs");
            break;
        }
        assert_ne!(heard.last().map(String::as_str), Some("done"));
        let stood = held_to(&place.path, acknowledged(&heard), &known);
        // It goes on from there.
        let mut journal = place.open();
        assert_eq!(entries(&journal)[..stood.len()], stood);
        let next = stood
            .iter()
            .filter_map(|entry| entry.journey)
            .max()
            .unwrap_or(0)
            + 1;
        journal
            .commit(&[crate::specimens::began(next)], NOON)
            .unwrap();
        journal.verify().unwrap();
    }
    assert!(told.contains(&0) && told.contains(&known.len()), "{told:?}");
}

/// The lane's calls are recorded once. Then, for each sync, the disk as it may be if the power fails there: with nothing but
/// what earlier syncs had made sure of, with everything, with some of it, in any order, and torn.
#[test]
fn whatever_the_disk_loses_of_what_it_was_not_told_to_keep_everything_acknowledged_is_there() {
    let place = Place::new();
    let record = place.beside(".trace");
    let calls = "trace=open,openat,close,lseek,read,write,pwrite64,pwritev,ftruncate,fsync,fdatasync,rename,unlink";
    let output = traced(
        &place.path,
        &[
            "-o",
            record.to_str().unwrap(),
            "-xx",
            "-s",
            "1048576",
            "-e",
            calls,
        ],
    );
    assert!(output.status.success(), "{:?}", heard(&output));
    let written: Vec<Entry> = entries(&place.open());
    let known: Vec<_> = written
        .iter()
        .map(|entry| (entry.kind.clone(), entry.journey))
        .collect();
    let folder = place.path.parent().unwrap();
    let trace = fs::read_to_string(&record).unwrap();
    let mut disk = Disk::of(folder);
    let (mut syncs, mut tried) = (0_u64, 0_u64);
    let mut stood = BTreeMap::new();
    for line in trace.lines() {
        if disk.is_sync(line) {
            syncs += 1;
            let mut fates = vec![Fate::Lost, Fate::Kept, Fate::LastTorn];
            fates.extend((0..6).map(|seed| Fate::Chance(syncs * 100 + seed)));
            for fate in fates {
                let after = Place::new();
                disk.as_after(&fate, after.path.parent().unwrap());
                let found = held_to(&after.path, disk.acknowledged(), &known);
                // The same records byte for byte: it is the same run. What was erased may still be there.
                for (found, written) in found.iter().zip(&written) {
                    assert_eq!(
                        (found.seq, found.digest),
                        (written.seq, written.digest),
                        "{fate:?}"
                    );
                }
                *stood.entry(found.len()).or_insert(0) += 1;
                tried += 1;
            }
        }
        disk.happened(line);
    }
    assert_eq!(
        disk.acknowledged(),
        written.len(),
        "the trace was not understood"
    );
    assert!(syncs > 20 && tried > 180, "{syncs} syncs, {tried} disks");
    // From nothing to all, and some disks had kept a commit that was not yet acknowledged.
    assert!(
        stood.contains_key(&0) && stood.contains_key(&written.len()),
        "{stood:?}"
    );
}
