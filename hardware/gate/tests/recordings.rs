//! Recordings of gates, replayed: the link makes the same news of the same bytes, release after release.
//!
//! `NAME.tape` is the recording; `NAME.news` is one line for each thing that the link tells, at the recording's time in
//! milliseconds: how the gate stands then, or that it was lost, or what became of a command.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gate::tape::{Deed, Diverged, Pace, Played, Recording, replay};
use gate::{Alarm, Beam, News, Obstruction, Status, Timings};

fn standing(status: &Status) -> String {
    let mut words = format!("{:?}, {} passed", status.leaf, status.passed);
    for (is, word) in [
        (status.entry_beam == Beam::Broken, "entry beam"),
        (status.exit_beam == Beam::Broken, "exit beam"),
        (status.obstruction == Obstruction::Blocked, "obstruction"),
        (status.tailgate == Alarm::Raised, "tailgating"),
    ] {
        if is {
            words.push_str(", ");
            words.push_str(word);
        }
    }
    words
}

/// What the link makes of it, in words, and whether it followed to the end.
fn news(recording: &Recording, pace: Pace) -> (String, Result<(), Diverged>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let mut told = String::new();
    let map = recording.head.register_map().unwrap();
    let played = replay(recording, map, Timings::default(), pace, |played| {
        let (at, words) = match played {
            Played::News { at, news } => (
                at,
                match news {
                    News::Connected(status) => format!("connected: {}", standing(&status)),
                    News::Changed(status) => standing(&status),
                    News::Lost(_) => "lost".to_owned(),
                },
            ),
            Played::Done {
                at,
                command,
                result,
            } => (
                at,
                match result {
                    Ok(()) => format!("{}: done", command.order()),
                    Err(error) => format!("not done: {error}"),
                },
            ),
        };
        writeln!(told, "{:>6} {words}", at.as_millis()).unwrap();
    });
    let end = runtime.block_on(played);
    (told, end)
}

fn tapes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut tapes: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "tape"))
        .collect();
    tapes.sort();
    tapes
}

#[test]
fn every_recording_makes_its_news_at_either_pace() {
    let tapes = tapes();
    assert!(tapes.len() >= 2);
    for tape in tapes {
        let recording: Recording = fs::read_to_string(&tape).unwrap().parse().unwrap();
        let expected = fs::read_to_string(tape.with_extension("news")).unwrap();
        let (told, end) = news(&recording, Pace::Recorded);
        assert_eq!(told, expected, "{}", tape.display());
        assert_eq!(end, Ok(()), "{}", tape.display());
        // In haste the moments differ by the length of an answer.
        let (told, end) = news(&recording, Pace::Fast);
        assert_eq!(words(&told), words(&expected), "{}", tape.display());
        assert_eq!(end, Ok(()), "{}", tape.display());
    }
}

/// Without the times.
fn words(news: &str) -> Vec<&str> {
    news.lines()
        .map(|line| line.trim().split_once(' ').unwrap().1)
        .collect()
}

/// One bit of any answer changed, and nothing is taken for an answer that is none: the link leaves the recording, or says less.
#[test]
fn a_flipped_bit_never_opens_a_gate_in_the_news() {
    for tape in tapes() {
        let text = fs::read_to_string(&tape).unwrap();
        let recording: Recording = text.parse().unwrap();
        let whole = fs::read_to_string(tape.with_extension("news")).unwrap();
        let stood = words(&whole);
        for entry in (0..recording.entries.len()).step_by(7) {
            let mut hurt = recording.clone();
            let Deed::Received(bytes) = &mut hurt.entries[entry].deed else {
                continue;
            };
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
            // It ends where the link leaves the recording.
            let (told, _) = news(&hurt, Pace::Fast);
            for told in words(&told) {
                assert!(
                    stood.contains(&told) || told == "lost" || told.contains("not confirmed"),
                    "{}: entry {entry}: {told}",
                    tape.display()
                );
            }
        }
    }
}
