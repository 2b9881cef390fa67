//! Made-up people by the million: words of syllables, few of them common and most of them rare, as surnames and given names
//! are.

use crate::progress;
use evidence::{BirthDate, DocumentNumber, Name, Sensitive, StateCode};
use risk::names::NameList;
use risk::{Edition, Traveller};
use std::time::{Duration, Instant};

const SYLLABLES: &[&str] = &[
    "MA", "RI", "KO", "VA", "LEN", "SHI", "RA", "AL", "BER", "TO", "NG", "YU", "KHA", "LI", "D",
    "MO", "HAM", "ED", "SER", "GEI", "IV", "AN", "OV", "SKI", "ENKO", "PO", "LOS", "CHEN", "WEI",
    "XIAO", "MING", "TA", "NA", "KA", "SU", "ZU", "KI", "HA", "SSAN", "OGLU", "YIL", "DIZ", "SCH",
    "MID", "TER", "SEN", "JO", "HAN", "GUS", "TAF", "RO", "DRI", "GUEZ", "FER", "DEZ", "PA", "TEL",
    "SING", "GUP", "BA", "KER", "WOOD", "FIELD", "SON",
];

/// splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Low numbers far more often than high ones: the cube of a fraction.
    fn skewed(&mut self, bound: u64) -> u64 {
        let fraction = u128::from(self.next() >> 43);
        let cube = fraction * fraction * fraction;
        u64::try_from((cube * u128::from(bound)) >> 63).unwrap_or_default()
    }
}

/// The word of this rank; the same rank always gives the same word.
fn word(kind: u64, rank: u64) -> String {
    let mut chance = Chance(kind << 40 | rank);
    let count = 2 + chance.below(3);
    (0..count)
        .map(|_| SYLLABLES[usize::try_from(chance.below(SYLLABLES.len() as u64)).unwrap_or(0)])
        .collect()
}

struct Person {
    name: Name,
    birth: BirthDate,
    state: StateCode,
}

fn person(chance: &mut Chance) -> Option<Person> {
    let surname = word(1, chance.skewed(300_000));
    let mut given = word(2, chance.skewed(60_000));
    if chance.below(2) == 0 {
        given = format!("{given} {}", word(2, chance.skewed(60_000)));
    }
    let states: Vec<StateCode> = StateCode::all().collect();
    let year = 1940 + chance.below(70);
    let birth = BirthDate::new(
        u16::try_from(year).ok()?,
        u8::try_from(1 + chance.below(12)).ok(),
        u8::try_from(1 + chance.below(28)).ok(),
    );
    Some(Person {
        name: Name::new(&surname, &given).ok()?,
        birth: birth.ok()?,
        state: states[usize::try_from(chance.skewed(states.len() as u64)).ok()?],
    })
}

pub(crate) fn listed(count: u64) -> NameList {
    let mut list = NameList::new();
    let begun = Instant::now();
    for at in 0..count {
        if let Some(person) = person(&mut Chance(at)) {
            // A tenth of a list's birth dates and a twentieth of its nationalities are not known.
            let birth = (at % 10 > 0).then_some(&person.birth);
            let state = (at % 20 > 0).then_some(person.state);
            list.add(&person.name, birth, state);
        }
        progress("names", at, count);
    }
    println!("{} names in {:?}", list.len(), begun.elapsed());
    list
}

/// One letter exchanged for the next, missing, or doubled.
fn mistyped(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<u8> = text.bytes().collect();
    let at = usize::try_from(chance.below(letters.len() as u64)).unwrap_or(0);
    let next = (at + 1).min(letters.len() - 1);
    if letters[at] != b' ' && letters[next] != b' ' {
        match chance.below(3) {
            0 => letters.swap(at, next),
            1 if letters.len() > 3 => drop(letters.remove(at)),
            _ => letters.insert(at, letters[at]),
        }
    }
    String::from_utf8(letters).unwrap_or_default()
}

/// How many travellers are looked for; one of four is on the list, and mistyped.
const QUERIES: u64 = 2_000;

pub(crate) fn check(edition: &Edition, count: u64) {
    let mut bar = edition.policy.bar();
    if let Ok(Ok(alone)) = std::env::var("ALONE").map(|alone| alone.parse()) {
        bar.alone = alone;
    }
    let (mut strangers, mut known) = (Vec::new(), Vec::new());
    let (mut hits, mut found) = (0_u32, 0_u32);
    for at in 0..QUERIES {
        let mut chance = Chance(u64::MAX / 2 + at);
        let on_list = at % 4 == 0;
        let mut from = if on_list {
            Chance(chance.below(count))
        } else {
            Chance(chance.next())
        };
        progress("travellers", at, QUERIES);
        let Some(person) = person(&mut from) else {
            continue;
        };
        let name = if on_list {
            Name::new(
                &mistyped(person.name.primary(), &mut chance),
                person.name.secondary(),
            )
        } else {
            Ok(person.name)
        };
        let (Ok(name), Ok(number)) = (name, DocumentNumber::parse("L898902C3")) else {
            continue;
        };
        let traveller = Traveller {
            state: person.state,
            number: Sensitive::new(number),
            name: Sensitive::new(name),
            birth: Sensitive::new(person.birth),
            nationality: person.state,
            shown: None,
        };
        let begun = on_processor();
        let hit = edition.lists.nearest_name(&traveller, &bar);
        let taken = on_processor().saturating_sub(begun);
        if on_list {
            known.push(taken);
            found += u32::from(hit.is_some());
        } else {
            strangers.push(taken);
            hits += u32::from(hit.is_some());
        }
    }
    println!(
        "listed and mistyped: {found} of {} found; not listed: {hits} of {} like a listed name",
        known.len(),
        strangers.len()
    );
    tell("not listed", &mut strangers);
    tell("listed", &mut known);
}

/// Time that this thread had a processor: another program's work does not count.
fn on_processor() -> Duration {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = line.split_whitespace().next().map(str::parse);
    Duration::from_nanos(nanoseconds.and_then(Result::ok).unwrap_or_default())
}

fn tell(what: &str, taken: &mut [Duration]) {
    taken.sort_unstable();
    let at = |per_mille: usize| taken[(taken.len() - 1) * per_mille / 1000];
    println!(
        "{what}: p50 {:?}, p95 {:?}, p99 {:?}, longest {:?}",
        at(500),
        at(950),
        at(990),
        at(1000)
    );
}
