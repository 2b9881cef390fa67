//! Power cuts: a child process works as a lane does and is killed, again and again, on one journal.

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use journal::{DigestKey, Entry, Journal, JournalError, Reader, Recovery};
use journey::{Decision, Ending, Record};

use crate::{
    reference,
    specimens::{KEY, NOON, Place, began, cleared, decided, ended, gathered, referred},
};

const PLACE: &str = "JOURNAL_OF_A_LANE_AT_WORK";
const SEED: &str = "SEED_OF_A_LANE_AT_WORK";

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): chance that a seed repeats.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Not a promise but the child of the two tests below: without its variables it has nothing to do.
/// It tells each commit that was acknowledged: `ack <seq> <digest> <journey>`.
#[test]
fn a_lane_at_work() {
    let (Ok(path), Ok(seed)) = (env::var(PLACE), env::var(SEED)) else {
        return;
    };
    let mut chance = Chance(seed.parse().unwrap());
    let mut said = io::stderr();
    writeln!(said, "start").unwrap();
    let (mut journal, recovery) =
        Journal::open(&PathBuf::from(path), DigestKey::new(KEY), NOON).unwrap();
    writeln!(said, "open {}", recovery.next.get()).unwrap();
    let mut acknowledge = |records: &[Record]| {
        journal.commit(records, NOON).unwrap();
        let extent = journal.extent().unwrap();
        let journey = records[0].journey().unwrap().get();
        writeln!(said, "ack {} {} {journey}", extent.records, extent.root).unwrap();
    };
    let Recovery {
        mut next,
        unfinished,
        ..
    } = recovery;
    if let Some(referral) = unfinished {
        let (journey, serial) = (referral.journey.get(), referral.serial);
        acknowledge(&[
            decided(journey, serial, Decision::Held, false),
            ended(journey, Ending::Decided(Decision::Held)),
        ]);
    }
    loop {
        let journey = next.get();
        let steps: &[&[Record]] = match chance.below(4) {
            0 => &[&[began(journey)], &[ended(journey, Ending::Abandoned)]],
            1 => &[
                &[began(journey)],
                &[gathered(journey)],
                &[cleared(journey)],
                &[ended(journey, Ending::Passed(1))],
            ],
            2 => &[
                &[began(journey), gathered(journey)],
                &[referred(journey, 4)],
                &[decided(journey, 4, Decision::Released, true)],
                &[ended(journey, Ending::Passed(1))],
            ],
            _ => &[&[
                began(journey),
                gathered(journey),
                cleared(journey),
                ended(journey, Ending::Passed(1)),
            ]],
        };
        for step in steps {
            acknowledge(step);
        }
        next = next.next();
    }
}

fn set_to_work(path: &Path, seed: u64) -> (Child, BufReader<ChildStderr>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "power::a_lane_at_work", "--nocapture"])
        .env(PLACE, path)
        .env(SEED, seed.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

/// Listens for that many lines, computes for a while, kills, and hears the rest.
fn cut(path: &Path, seed: u64, lines: u64, turns: u64) -> Vec<String> {
    let (mut child, mut said) = set_to_work(path, seed);
    let mut heard = Vec::new();
    let mut line = String::new();
    while (heard.len() as u64) < lines && said.read_line(&mut line).unwrap() > 0 {
        heard.push(std::mem::take(&mut line));
    }
    for _ in 0..turns {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    heard.extend(said.lines().map(|line| line.unwrap() + "\n"));
    for line in &heard {
        assert!(
            line.ends_with('\n')
                && ["start", "open", "ack"].contains(&line.split_whitespace().next().unwrap()),
            "{line}"
        );
    }
    heard
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// The root that the tree of these entries has.
fn root_of(entries: &[Entry]) -> String {
    let leaves: Vec<_> = entries
        .iter()
        .map(|entry| *entry.digest.as_bytes())
        .collect();
    hex::encode(reference::root(&leaves))
}

fn entries(path: &Path) -> Vec<Entry> {
    let reader = Reader::open(path, DigestKey::new(KEY)).unwrap();
    reader.verify().unwrap();
    reader.entries(0).collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_acknowledged_record_outlives_the_cut_and_no_number_restarts() {
    const ROUNDS: u64 = 64;
    let place = Place::new();
    let mut chance = Chance(0x5e_4150);
    let mut known: Vec<Entry> = Vec::new();
    let (mut acknowledged, mut unheard) = (0, 0);
    for round in 0..ROUNDS {
        let heard = cut(
            &place.path,
            round,
            2 + chance.below(40),
            chance.below(200_000),
        );
        let now = entries(&place.path);
        assert_eq!(
            now[..known.len()],
            known,
            "round {round} changed what stood there"
        );
        let begun = known
            .iter()
            .filter(|entry| entry.kind == "began")
            .filter_map(|entry| entry.journey)
            .max();
        let mut last = known.len() as u64;
        for line in &heard {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["open", next] => assert!(
                    next.parse::<u64>().unwrap() > begun.unwrap_or(0),
                    "round {round}"
                ),
                ["ack", seq, digest, journey] => {
                    last = seq.parse().unwrap();
                    let entry = &now[usize::try_from(last).unwrap() - 1];
                    assert_eq!(
                        root_of(&now[..usize::try_from(last).unwrap()]),
                        digest,
                        "round {round}, record {seq}"
                    );
                    assert_eq!(entry.journey, Some(journey.parse().unwrap()));
                    acknowledged += 1;
                }
                _ => {}
            }
        }
        unheard += u64::from(now.len() as u64 > last);
        known = now;
    }
    let (journal, recovery) = Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap();
    assert_eq!(
        journal.verify().unwrap().records,
        journal.entries(0).last().unwrap().unwrap().seq
    );
    assert_eq!(
        reference::check(&place.path, KEY),
        Ok(journal.extent().unwrap().records.cast_signed())
    );
    // Every journey but the one that waits for its officer has exactly one ending (the reference checks "at most one").
    let open = journal
        .entries(0)
        .map(Result::unwrap)
        .fold(0_i64, |open, entry| match entry.kind.as_str() {
            "began" => open + 1,
            "ended" => open - 1,
            _ => open,
        });
    assert_eq!(open, i64::from(recovery.unfinished.is_some()));
    assert!(
        acknowledged > ROUNDS,
        "{acknowledged} commits were acknowledged"
    );
    assert!(
        unheard > 0,
        "no cut came between a commit and the word of it"
    );
}

#[test]
fn a_cut_while_the_journal_is_begun_leaves_nothing_or_a_journal() {
    let mut chance = Chance(0xbe9);
    for round in 0..48 {
        let place = Place::new();
        cut(&place.path, round, 1, chance.below(400_000));
        let (journal, recovery) = Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap();
        let extent = journal.verify().unwrap();
        assert!(
            extent.records > 0
                || (recovery.next.get(), extent.root.to_string()) == (1, root_of(&[]))
        );
    }
}

#[test]
fn a_second_process_is_refused_while_the_first_lives_and_not_after_it_was_killed() {
    let place = Place::new();
    let (mut child, mut said) = set_to_work(&place.path, 1);
    let mut line = String::new();
    while !line.starts_with("open") {
        line.clear();
        assert!(
            said.read_line(&mut line).unwrap() > 0,
            "the first process ended"
        );
    }
    let refused = Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap_err();
    assert!(
        matches!(refused, JournalError::InUse { holder, .. } if holder == Some(child.id())),
        "{refused}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    Journal::open(&place.path, DigestKey::new(KEY), NOON).unwrap();
}
