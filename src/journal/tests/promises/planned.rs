//! A child process that does the same each time, so that it can be stopped or failed at each of its calls in turn.

use std::{
    env,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use journal::{DigestKey, Journal, JournalError, Retention, Stamp};
use journey::{Decision, Ending, Record};

use crate::specimens::{KEY, NOON, began, cleared, decided, ended, gathered, referred};

const PLACE: &str = "JOURNAL_OF_A_PLANNED_LANE";

/// What the lane does in a day: three journeys in several commits, what the office has is noted, and on a later day all that is
/// personal goes. Each step leaves so many records.
fn steps() -> Vec<Step> {
    let commit = |records: &[Record]| Step::Commit(records.to_vec());
    vec![
        commit(&[began(1)]),
        commit(&[gathered(1)]),
        commit(&[cleared(1)]),
        commit(&[ended(1, Ending::Passed(1))]),
        Step::Acknowledge(3),
        commit(&[began(2), gathered(2)]),
        commit(&[referred(2, 4)]),
        commit(&[
            decided(2, 4, Decision::Held, false),
            ended(2, Ending::Decided(Decision::Held)),
        ]),
        Step::Retain,
        Step::Acknowledge(9),
        commit(&[began(3), gathered(3), cleared(3)]),
        commit(&[ended(3, Ending::Passed(1))]),
    ]
}

enum Step {
    Commit(Vec<Record>),
    Acknowledge(u64),
    Retain,
}

impl Step {
    fn take(&self, journal: &mut Journal) -> Result<(), JournalError> {
        match self {
            Self::Commit(records) => journal.commit(records, NOON),
            Self::Acknowledge(seq) => journal.acknowledge(*seq),
            Self::Retain => {
                let month = Some(Duration::from_secs(30 * 86_400));
                let retention = Retention {
                    travellers: month,
                    officers: month,
                };
                let later = Stamp::new(NOON.unix_milliseconds() + 31 * 86_400_000);
                // A journal whose records are all young has nothing to erase.
                journal.retain(later, retention).map(drop)
            }
        }
    }
}

/// Not a promise but the child of others: without its variable it has nothing to do. It says `open`, and after each step
/// `ack <records> <acknowledged>`; a step that fails it tells, and tries again.
#[test]
fn a_lane_with_a_plan() {
    let Ok(path) = env::var(PLACE) else {
        return;
    };
    let mut said = io::stderr();
    // In one call, so that a line is there or is not.
    let mut faults = 0;
    let mut say = |line: String| {
        faults += usize::from(line.starts_with("fault "));
        assert!(faults < 50, "it does not mend: {line}");
        said.write_all(format!("{line}\n").as_bytes()).unwrap();
    };
    let (mut journal, _) = loop {
        match Journal::open(&PathBuf::from(&path), DigestKey::new(KEY), NOON) {
            Ok(opened) => break opened,
            Err(error) => say(format!("fault {}", chain(&error))),
        }
    };
    say("open".to_owned());
    for step in steps() {
        while let Err(error) = step.take(&mut journal) {
            say(format!("fault {}", chain(&error)));
        }
        say(format!("ack {}", journal.extent().unwrap().records));
    }
    journal.verify().unwrap();
    drop(journal);
    say("done".to_owned());
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text.replace('\n', " ")
}

/// Runs the lane under strace, with these arguments.
pub(crate) fn traced(place: &Path, arguments: &[&str]) -> Output {
    Command::new("strace")
        .args(["-f", "-qq"])
        .args(arguments)
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "planned::a_lane_with_a_plan",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PLACE, place)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .expect("strace, a Debian package that `cargo xtask setup` installs")
}

/// What the lane said.
pub(crate) fn heard(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let ours = |line: &&str| {
        ["open", "done"].contains(line) || line.starts_with("ack ") || line.starts_with("fault ")
    };
    let strange: Vec<_> = text.lines().filter(|line| !ours(line)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    text.lines().map(str::to_owned).collect()
}

/// The last number of records that was acknowledged.
pub(crate) fn acknowledged(heard: &[String]) -> usize {
    heard
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("ack "))
        .map_or(0, |count| count.parse().unwrap())
}
