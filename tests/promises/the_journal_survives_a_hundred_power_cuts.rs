//! The power goes a hundred times, at moments spread over the whole journey: nothing that the lane acknowledged is lost,
//! nothing is there twice, and the gate never opened for a reason that was not on record before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use dock::cabinet::{Computer, Step};
use journal::Entry;

use crate::hall::PATIENCE;
use crate::lone::{Lone, quick};

/// How often the power goes: a hundred times, a minute's worth, or as often as SEKISHO_CUTS says.
fn cuts() -> usize {
    std::env::var("SEKISHO_CUTS")
        .map_or(100, |cuts| cuts.parse().expect("SEKISHO_CUTS is a number"))
}

/// Lanes that are cut off side by side, each with a journal of its own: most of a journey is walking.
const LANES: usize = 2;

/// So many steps the lane takes until it serves: the gate and two cameras work, and the leaf is closed.
const START: u64 = 4;

/// So many steps a journey has, and a few more: the next traveller's first.
const JOURNEY: u64 = 14;

/// Changes every moment; a failing run is played again with the same one, as far as a real clock allows.
const SEED: u64 = 0x5E15_0005;

/// A small, even generator (SplitMix64): which moments were chosen must not change with a library's version.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// So long after this many steps of the lane, the first of which are those of its start.
    After(u64, Duration),
    /// So long after a verdict was asked for: before the answer, between the record and the order to open, or after it.
    AroundTheOrderToOpen(Duration),
}

impl Cut {
    fn draw(chance: &mut Chance) -> Self {
        // Of eight cuts two fall around the order to open, one into the start, and five anywhere thereafter.
        match chance.below(8) {
            0 | 1 => Self::AroundTheOrderToOpen(Duration::from_micros(chance.below(90_000))),
            2 => Self::After(chance.below(START), Duration::ZERO),
            _ => {
                let pause = Duration::from_millis(chance.below(60) * chance.below(2));
                Self::After(START + chance.below(JOURNEY), pause)
            }
        }
    }

    /// Lets the lane live until its moment; gives what it said.
    async fn wait(self, computer: &mut Computer) -> Vec<Step> {
        let mut said = Vec::new();
        let mut steps = 0;
        let pause = loop {
            let (due, pause) = match self {
                Self::After(count, pause) => (steps >= count, pause),
                Self::AroundTheOrderToOpen(pause) => {
                    let asked = |step: &Step| step.effects.contains("ask for a verdict");
                    (said.last().is_some_and(asked), pause)
                }
            };
            if due {
                break pause;
            }
            let step = tokio::time::timeout(PATIENCE, computer.next()).await;
            let step = step.expect("the lane goes on").expect("the lane lives");
            steps += u64::from(!step.stage.is_empty());
            said.push(step);
        };
        let dying = async {
            while let Some(step) = computer.next().await {
                said.push(step);
            }
        };
        // The pause is the moment that was drawn, not a wait for something to happen.
        let _over = tokio::time::timeout(pause, dying).await;
        said
    }
}

/// What one lane said and where each cut met it.
#[derive(Default)]
struct Story {
    acknowledged: Vec<(String, Option<u64>)>,
    met: BTreeMap<String, usize>,
}

impl Story {
    fn hear(&mut self, steps: &[Step]) {
        for step in steps.iter().filter(|step| step.committed) {
            let records = step.effects.split("; ");
            let records: Vec<_> = records
                .filter_map(|effect| effect.strip_prefix("record "))
                .map(kind_of)
                .collect();
            assert!(!records.is_empty(), "a commit of nothing: {step:?}");
            self.acknowledged.extend(records);
        }
        let quiet: Vec<_> = steps.iter().filter(|step| step.stage.is_empty()).collect();
        for line in quiet {
            assert!(!line.event.contains("ERROR"), "{}", line.event);
        }
    }

    fn cut_at(&mut self, last: Option<&Step>) {
        let stage = last.map_or("Starting", |step| step.stage.as_str());
        *self.met.entry(stage.to_owned()).or_default() += 1;
    }
}

/// The kind and the journey of a record, from the words that the log has for it.
fn kind_of(words: &str) -> (String, Option<u64>) {
    let journey = words.strip_prefix('J').and_then(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    let kind = [
        (" began", "began"),
        (" documents under one code", "gathered"),
        (" cleared by ", "cleared"),
        (": referred: ", "referred"),
        (" ended: ", "ended"),
        (" works", "device_changed"),
        (" failed", "device_changed"),
        ("alarm ", "alarmed"),
        ("service ", "service_ordered"),
    ]
    .into_iter()
    .find(|(word, _)| words.contains(word))
    .unwrap_or_else(|| panic!("no kind is known for {words:?}"));
    (kind.1.to_owned(), journey)
}

#[test]
fn the_logs_words_are_understood() {
    for (words, kind, journey) in [
        ("J12 began", "began", Some(12)),
        ("J3: 1 documents under one code", "gathered", Some(3)),
        ("J3-8: 1 cleared by Office", "cleared", Some(3)),
        ("J3-9: referred: C-02 NoVerdict", "referred", Some(3)),
        ("J3 ended: Passed(1)", "ended", Some(3)),
        ("Gate works", "device_changed", None),
        ("alarm Tailgating", "alarmed", None),
        ("service to end", "service_ordered", None),
    ] {
        assert_eq!(kind_of(words), (kind.to_owned(), journey), "{words}");
    }
}

async fn live_through(cuts: usize, seed: u64) -> (Story, Vec<Entry>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let lone = Lone::walks_up(folder.path(), quick(), 10).await;
    let mut chance = Chance(seed);
    let mut story = Story::default();
    for _ in 0..cuts {
        let mut computer = lone.switch_on();
        let mut said = Cut::draw(&mut chance).wait(&mut computer).await;
        said.extend(computer.cut_power_and_hear().await.unwrap());
        story.cut_at(said.iter().rfind(|step| !step.stage.is_empty()));
        story.hear(&said);
        // Each cut is looked at by itself, so that the one that did the harm is known.
        lone.cabinet.every_opening_has_its_record().unwrap();
    }
    // The last traveller passes as if nothing had happened.
    let mut computer = lone.switch_on();
    let mut said = Vec::new();
    computer
        .until("a traveller passes", PATIENCE, |step| {
            said.push(step.clone());
            step.effects.contains("ended: Passed(1)")
        })
        .await
        .unwrap();
    story.hear(&said);
    let status = computer.shut_down(PATIENCE).await.unwrap();
    assert!(status.success(), "{status}");
    let openings = lone.cabinet.every_opening_has_its_record().unwrap();
    let entries = lone.cabinet.journal().unwrap();
    // What the lane sent before and after each cut is one history to the office, which checks its tree against the lane's word.
    let books = lone.cabinet.papers.books().unwrap().lanes().await.unwrap();
    let [lane] = &books[..] else {
        panic!("one lane, and not {books:?}");
    };
    assert_eq!(lane.forks, 0);
    assert!(
        (1..=entries.len() as u64).contains(&lane.records),
        "{lane:?}"
    );
    (story, entries, openings)
}

fn nothing_is_lost(story: &Story, entries: &[Entry]) {
    let mut kept = entries.iter();
    for (at, (kind, journey)) in story.acknowledged.iter().enumerate() {
        let found = kept
            .any(|entry| entry.kind == *kind && (entry.journey == *journey || journey.is_none()));
        assert!(
            found,
            "record {at}, {kind} of {journey:?}, was acknowledged and is not in the journal where it belongs"
        );
    }
}

fn nothing_is_doubled(entries: &[Entry]) {
    let mut last = 0;
    for (at, entry) in (1..).zip(entries) {
        assert_eq!(entry.seq, at, "the sequence has no gaps");
        if entry.kind == "began" {
            let journey = entry.journey.unwrap();
            assert!(journey > last, "J{journey} began after J{last}");
            last = journey;
        }
    }
    let mut ended = BTreeMap::<u64, usize>::new();
    for entry in entries {
        let Some(journey) = entry.journey else {
            continue;
        };
        assert!(
            !ended.contains_key(&journey) || entry.kind == "alarmed",
            "J{journey} has a record after its end: {}",
            entry.kind
        );
        if entry.kind == "ended" {
            *ended.entry(journey).or_default() += 1;
        }
    }
    // The stop met a lane in which the next traveller was already known; the next start would close that journey.
    let open = (1..=last)
        .filter(|journey| !ended.contains_key(journey))
        .count();
    assert!(open <= 1, "{open} journeys never ended");
}

#[expect(
    clippy::print_stderr,
    reason = "where the cuts fell is what a reader asks first"
)]
#[tokio::test(flavor = "multi_thread")]
async fn and_the_gate_never_opened_without_a_record() {
    let begun = std::time::Instant::now();
    let cuts = cuts();
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| tokio::spawn(live_through(cuts / LANES, SEED + lane as u64)))
        .collect();
    let mut met = BTreeMap::<String, usize>::new();
    let (mut records, mut opened, mut journeys, mut silent) = (0, 0, 0, 0);
    for lane in lanes {
        let (story, entries, openings) = lane.await.unwrap();
        nothing_is_lost(&story, &entries);
        nothing_is_doubled(&entries);
        for (stage, count) in &story.met {
            *met.entry(stage.clone()).or_default() += count;
        }
        let recovered = |entry: &&Entry| entry.body["ending"] == "interrupted";
        let closed = entries.iter().filter(recovered).count();
        records += entries.len();
        opened += openings;
        journeys += entries.iter().filter(|entry| entry.kind == "began").count();
        silent += entries.len() - story.acknowledged.len() - closed.min(entries.len());
    }
    let mut table = String::new();
    for (stage, count) in &met {
        writeln!(table, "{count:>5}  {stage}").unwrap();
    }
    eprintln!(
        "{cuts} cuts in {} s, seed {SEED:#x}; {journeys} journeys, {records} records, {opened} openings; \
         {silent} records were on disk before the log could say so\nthe cuts met the lane at\n{table}",
        begun.elapsed().as_secs()
    );
    let stages = [
        "Starting",
        "Gathering",
        "Facing",
        "AwaitingRisk",
        "Releasing",
        "Passing",
        "Closing",
    ];
    let missed: Vec<_> = stages
        .iter()
        .filter(|stage| !met.contains_key(**stage))
        .collect();
    assert!(missed.len() <= 1, "no cut fell at {missed:?}");
}
