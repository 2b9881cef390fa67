//! The sets of faces: people before the kiosk, with and without something on, and bursts of which one frame is the best.
//!
//! Two people sat for all of them (`pictures::Portrait`), in many variants.

use std::path::PathBuf;

use pictures::{Cloth, Conditions, Portrait, Worn};

use super::sets::{BURST, HD, Length, PRESETS, Preset, Seeds, Set, Subject, Task, Thing, Truth};
use super::specimens::Chance;
use crate::Effort;

/// Every set of faces, in the order of the table.
pub(super) fn all(effort: Effort, from: Seeds) -> Vec<Set> {
    let mut sets = Vec::new();
    for (level, preset) in PRESETS.into_iter().enumerate() {
        sets.push(people(from, 30 + level as u64, preset, effort.of(150)));
    }
    for (level, preset) in PRESETS.into_iter().take(2).enumerate() {
        let seeds = 33 + 2 * level as u64;
        sets.push(worn(from, seeds, preset, &COVERS, "covered", effort.of(60)));
        sets.push(worn(from, seeds + 1, preset, &FREE, "free", effort.of(60)));
    }
    sets.push(bursts(from, effort.of(24)));
    sets.push(pairs(from, effort.of(12)));
    sets
}

/// In turn one of the two sitters, as a dozen people each.
fn somebody(index: usize) -> Portrait {
    let variant = index as u32 / 2 % 12;
    if index.is_multiple_of(2) {
        Portrait::variant(variant)
    } else {
        Portrait::admiral(variant)
    }
}

/// One person; every fourth time two.
fn people(from: Seeds, set: u64, (name, met): Preset, count: usize) -> Set {
    let subjects = (0..count).map(|index| {
        let seed = from.of(set, index);
        // Fourths and halves would go in step.
        let one = somebody(index + index / 4);
        let (thing, number) = if index % 4 == 3 {
            (Thing::Pair(one, somebody(index + index / 4 + 3)), 2)
        } else {
            (Thing::Person(one), 1)
        };
        Subject::new(thing, HD, met(seed), Truth::People(number))
    });
    Set::new(
        &format!("face found, {name}, 720p"),
        &format!("face-{name}-720"),
        Task::Face,
        subjects.collect(),
    )
}

const CLOTHS: [Cloth; 6] = [
    Cloth::White,
    Cloth::Surgical,
    Cloth::Black,
    Cloth::Checked,
    Cloth::Striped,
    Cloth::Flowered,
];

/// What is worn, by the name that it is counted under; the cloth comes from the index.
type Wear = (&'static str, fn(Cloth) -> Worn);
const COVERS: [Wear; 5] = [
    ("masks", Worn::Mask),
    ("scarves", Worn::Scarf),
    ("hands", |_| Worn::Hand),
    ("dark glasses", |_| Worn::DarkGlasses),
    ("peaks", |_| Worn::Visor),
];
const FREE: [Wear; 5] = [
    ("bare", |_| Worn::Nothing),
    ("glasses", |_| Worn::Glasses),
    ("beards", |_| Worn::Beard),
    ("caps", |_| Worn::Cap),
    ("headscarves", Worn::Headscarf),
];

fn worn(
    from: Seeds,
    set: u64,
    (name, met): Preset,
    wears: &[Wear],
    state: &str,
    count: usize,
) -> Set {
    let subjects = (0..count).map(|index| {
        let (kind, wear) = wears[index % wears.len()];
        let round = index / wears.len();
        let worn = wear(CLOTHS[round % CLOTHS.len()]);
        let thing = Thing::Wearing(somebody(round), worn);
        let truth = Truth::Covered(worn.covers());
        Subject {
            kind: Some(kind),
            ..Subject::new(thing, HD, met(from.of(set, index)), truth)
        }
    });
    Set::new(
        &format!("face {state}, {name}, 720p"),
        &format!("face-{state}-{name}-720"),
        Task::Covering,
        subjects.collect(),
    )
}

/// Bursts of varied focus, light and pose: far more varied than a fifth of a second is, so that there is something to choose.
fn bursts(from: Seeds, count: usize) -> Set {
    let subjects = (0..count).map(|index| {
        let seed = from.of(37, index);
        let mut chance = Chance::new(seed);
        let mut between =
            |low: f32, high: f32| low + (high - low) * chance.below(1001) as f32 / 1e3;
        let frames = (0..BURST as u32).map(|moment| Conditions {
            moment,
            blur: between(0.3, 2.5),
            motion: between(0.0, 2.0),
            exposure: between(0.35, 1.2),
            uneven: between(0.0, 0.6),
            yaw: between(-10.0, 10.0),
            pitch: between(-8.0, 8.0),
            noise: between(0.8, 3.8),
            distance: between(0.9, 1.3),
            ..Conditions::good(seed)
        });
        let frames = frames.collect();
        Subject {
            length: Length::Each(frames),
            ..Subject::new(
                Thing::Person(somebody(index)),
                HD,
                Conditions::good(seed),
                Truth::People(1),
            )
        }
    });
    Set::new(
        "best frame of a burst, 720p",
        "face-bursts-720",
        Task::BestFrame,
        subjects.collect(),
    )
}

/// In turn the same person and another. The variants of the one portrait that serve as another person are 1 or 4
/// against 2 or 3 (see `tests/pictures/README.md`). The known picture is the one before it in the set.
fn pairs(from: Seeds, count: usize) -> Set {
    const PAIRS: [(u32, u32); 8] = [
        (1, 1),
        (1, 2),
        (2, 2),
        (4, 3),
        (3, 3),
        (2, 4),
        (4, 4),
        (3, 1),
    ];
    let mut subjects = Vec::new();
    for index in 0..count {
        let (known, live) = PAIRS[index % PAIRS.len()];
        let seed = from.of(40, index * 2);
        subjects.push(Subject::new(
            Thing::Person(Portrait::variant(known)),
            HD,
            Conditions::good(seed),
            Truth::Nothing,
        ));
        subjects.push(Subject::new(
            Thing::Person(Portrait::variant(live)),
            HD,
            Conditions::ordinary(seed + 1),
            Truth::Person {
                known: PathBuf::new(),
                same: known == live,
            },
        ));
    }
    Set::new(
        "face compared with a known one, 720p",
        "face-pairs-720",
        Task::Likeness,
        subjects,
    )
}
