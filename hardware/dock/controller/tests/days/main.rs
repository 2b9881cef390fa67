//! Ten thousand random days at the gate, on a bus in memory and on a clock that the test moves.
//!
//! A day is two to five parties without the idle time between them, and up to three blows of fate. The whole link and the whole
//! controller live through each of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod book;
mod day;
mod fate;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use book::{Book, RARE, Rare};

/// Set to a number it replays that day alone, and tells its story.
const ONE: &str = "SEKISHO_DAY";
/// Set to a number it lives so many days instead of [`DAYS`].
const MANY: &str = "SEKISHO_DAYS";
const DAYS: u64 = 10_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn replaying() -> bool {
    static REPLAYING: LazyLock<bool> = LazyLock::new(|| number(ONE).is_some());
    *REPLAYING
}

fn live(seed: u64) -> Book {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(day::live(seed))
}

/// The day's broken promises, with the line that replays it.
fn judged(seed: u64, book: &Book) -> Option<String> {
    let book = book.entries();
    if book.broken.is_empty() {
        return None;
    }
    Some(format!(
        "day {seed}: {}\n  replay: {ONE}={seed} cargo test -p controller --test days -- --nocapture",
        book.broken.join("\n    ")
    ))
}

#[test]
fn whatever_a_day_brings_the_gate_keeps_its_promises() {
    if let Some(seed) = number(ONE) {
        let book = live(seed);
        let story = book.entries().story.join("\n");
        let broken = judged(seed, &book);
        assert!(broken.is_none(), "{story}\n{}", broken.unwrap());
        return;
    }
    let days = number(MANY).unwrap_or(DAYS);
    let next = AtomicU64::new(0);
    let met: Mutex<BTreeSet<Rare>> = Mutex::default();
    let broken: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..hands {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= days || broken.lock().unwrap().len() >= 10 {
                        return;
                    }
                    let book = live(seed);
                    broken.lock().unwrap().extend(judged(seed, &book));
                    met.lock().unwrap().append(&mut book.entries().met);
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let met = met.into_inner().unwrap();
    let missed: Vec<_> = RARE.iter().filter(|rare| !met.contains(rare)).collect();
    assert!(missed.is_empty(), "never met in {days} days: {missed:?}");
}
