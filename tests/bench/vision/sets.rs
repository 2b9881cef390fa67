//! Which sets of pictures the readers are shown, and what is true of each.
//!
//! Seeds start at [`SEEDS`], which neither a test nor the training uses.

use std::path::PathBuf;

use anyhow::Result;
use evidence::MrzFormat;
use image::RgbImage;
use pictures::{CodeShown, Conditions, PassportPage, Portrait, Worn};

use super::faces;
use super::patterns;
use super::specimens::{Chance, code_text, zone_lines};
use crate::Effort;

/// The first seed.
const SEEDS: u64 = 3_000_000_000;

/// Where the seeds begin; each set has a hundred thousand of its own.
#[derive(Clone, Copy)]
pub(super) struct Seeds(u64);

impl Seeds {
    pub(super) fn of(self, set: u64, index: usize) -> u64 {
        self.0 + set * 100_000 + index as u64
    }
}

pub(super) const HD: (u32, u32) = (1280, 720);
const FULL_HD: (u32, u32) = (1920, 1080);

/// The versions that declarations take, of one traveller to a large family.
const VERSIONS: std::ops::RangeInclusive<u32> = 5..=25;
/// Frames of a burst: a fifth of a second.
pub(super) const BURST: usize = 6;

/// What is asked of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Code,
    Zone,
    /// Zones in successive frames, where the last place is known.
    TrackedZone,
    Face,
    /// The same person in two pictures?
    Likeness,
    /// Is the face covered?
    Covering,
    /// Which frame of a burst serves best?
    BestFrame,
}

/// What a subject's frames show.
#[derive(Clone, Debug)]
pub(super) enum Truth {
    Code {
        text: String,
        version: u32,
    },
    Zone(Vec<String>),
    /// So many people.
    People(usize),
    /// The person of this picture, or another.
    Person {
        known: PathBuf,
        same: bool,
    },
    /// Whether mouth or eyes are hidden.
    Covered(bool),
    Nothing,
}

/// What is drawn.
pub(super) enum Thing {
    Phone(String),
    Code(Box<CodeShown>),
    Page(Box<PassportPage>),
    Person(Portrait),
    Pair(Portrait, Portrait),
    Wearing(Portrait, Worn),
    Hall,
    /// A picture as it is, whatever the conditions.
    Flat(RgbImage),
}

/// How the frames of one subject follow each other.
#[derive(Clone, PartialEq)]
pub(super) enum Length {
    One,
    /// [`BURST`] frames in an unsteady hand; the subject is read when one of them is.
    Burst,
    /// Each frame under conditions of its own.
    Each(Vec<Conditions>),
}

/// One thing before the camera.
pub(super) struct Subject {
    pub(super) thing: Thing,
    pub(super) conditions: Conditions,
    pub(super) size: (u32, u32),
    pub(super) length: Length,
    pub(super) truth: Truth,
    /// What its set is counted by, besides all of it.
    pub(super) kind: Option<&'static str>,
    /// Where its frames lie once they are drawn.
    pub(super) frames: Vec<PathBuf>,
}

impl Subject {
    pub(super) fn new(
        thing: Thing,
        size: (u32, u32),
        conditions: Conditions,
        truth: Truth,
    ) -> Self {
        Self {
            thing,
            conditions,
            size,
            length: Length::One,
            truth,
            kind: None,
            frames: Vec::new(),
        }
    }
}

/// A row of the table for every reader that can do its task.
pub(super) struct Set {
    pub(super) name: String,
    /// A folder's name.
    pub(super) key: String,
    pub(super) task: Task,
    pub(super) subjects: Vec<Subject>,
}

impl Set {
    pub(super) fn new(name: &str, key: &str, task: Task, subjects: Vec<Subject>) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            task,
            subjects,
        }
    }

    /// Whether a subject of it has more than one frame to be read in.
    pub(super) fn is_of_bursts(&self) -> bool {
        self.subjects
            .iter()
            .any(|subject| subject.length == Length::Burst)
    }
}

/// How a page or a face is met: a preset and its name.
pub(super) type Preset = (&'static str, fn(u64) -> Conditions);
pub(super) const PRESETS: [Preset; 3] = [
    ("good", Conditions::good),
    ("ordinary", Conditions::ordinary),
    ("hard", Conditions::hard),
];

/// Everything that is drawn, in the order of the table.
pub(super) fn all(effort: Effort, seeds: u64) -> Result<Vec<Set>> {
    let from = Seeds(SEEDS + seeds);
    let mut sets = vec![
        phones(
            from,
            "QR, kiosk frames v5-25, 720p",
            "qr-kiosk-720",
            0,
            HD,
            effort.of(42),
            Length::Burst,
        )?,
        phones(
            from,
            "QR, kiosk frames v5-25, 1080p",
            "qr-kiosk-1080",
            1,
            FULL_HD,
            effort.of(42),
            Length::Burst,
        )?,
        close(from, effort.of(57))?,
        brought(from, effort.of(63))?,
    ];
    for (at, (size, name)) in [(HD, "720p"), (FULL_HD, "1080p")].into_iter().enumerate() {
        for (level, preset) in PRESETS.into_iter().enumerate() {
            let about = format!("MRZ, {} page, {name}", preset.0);
            let key = format!("mrz-{}-{name}", preset.0);
            let seeds = 10 + (at * 3 + level) as u64;
            sets.push(Set::new(
                &about,
                &key,
                Task::Zone,
                pages(from, seeds, size, preset.1, effort.of(10))?,
            ));
        }
    }
    for (seeds, size, name) in [(16, HD, "720p"), (17, FULL_HD, "1080p")] {
        let about = format!("MRZ, carried page of another state, {name}");
        let key = format!("mrz-carried-{name}");
        let mut subjects = pages(from, seeds, size, Conditions::ordinary, effort.of(20))?;
        for (index, subject) in subjects.iter_mut().enumerate() {
            carried(subject, from.of(seeds, index));
        }
        sets.push(Set::new(&about, &key, Task::Zone, subjects));
    }
    let mut tracked = pages(from, 20, FULL_HD, Conditions::ordinary, effort.of(8))?;
    for subject in &mut tracked {
        subject.length = Length::Burst;
    }
    sets.push(Set::new(
        "MRZ, tracked over 6 frames, 1080p",
        "mrz-tracked-1080p",
        Task::TrackedZone,
        tracked,
    ));
    sets.extend(faces::all(effort, from));
    sets.extend(nothing(effort, from)?);
    Ok(sets)
}

fn phones(
    from: Seeds,
    name: &str,
    key: &str,
    set: u64,
    size: (u32, u32),
    count: usize,
    length: Length,
) -> Result<Set> {
    let subjects = (0..count).map(|index| {
        let seed = from.of(set, index);
        let version = version(index);
        let text = code_text(version, &mut Chance::new(seed))?;
        Ok(Subject {
            length: length.clone(),
            ..Subject::new(
                Thing::Phone(text.clone()),
                size,
                Conditions::kiosk(seed),
                Truth::Code { text, version },
            )
        })
    });
    Ok(Set::new(
        name,
        key,
        Task::Code,
        subjects.collect::<Result<_>>()?,
    ))
}

/// Codes on what travellers bring: telephones with protectors and broken glass, watches, folded and faded paper, under a finger.
fn brought(from: Seeds, count: usize) -> Result<Set> {
    let subjects = (0..count).map(|index| {
        let seed = from.of(3, index);
        let version = version(index);
        let text = code_text(version, &mut Chance::new(seed))?;
        let mut shown = CodeShown::varied(&text, seed);
        // Another code in view would be right as well, and is counted nowhere.
        shown.beside = None;
        Ok(Subject {
            length: Length::Burst,
            ..Subject::new(
                Thing::Code(Box::new(shown)),
                HD,
                Conditions::kiosk(seed),
                Truth::Code { text, version },
            )
        })
    });
    Ok(Set::new(
        "QR, as travellers bring it, 720p",
        "qr-brought-720",
        Task::Code,
        subjects.collect::<Result<_>>()?,
    ))
}

/// Every version in turn, spread so that a few are of every size.
fn version(index: usize) -> u32 {
    let count = VERSIONS.end() - VERSIONS.start() + 1;
    VERSIONS.start() + (index as u32 * 8) % count
}

/// Codes so near that they fill the frame's height: the quiet zone is cut off in part, and the lens is out of its depth.
fn close(from: Seeds, count: usize) -> Result<Set> {
    let subjects = (0..count).map(|index| {
        let seed = from.of(2, index);
        let version = version(index);
        let text = code_text(version, &mut Chance::new(seed))?;
        Ok(Subject::new(
            Thing::Phone(text.clone()),
            FULL_HD,
            Conditions::close(seed),
            Truth::Code { text, version },
        ))
    });
    Ok(Set::new(
        "QR, so close that it fills the frame, 1080p",
        "qr-close-1080",
        Task::Code,
        subjects.collect::<Result<_>>()?,
    ))
}

/// Every second a passport, then the other formats in turn.
fn pages(
    from: Seeds,
    set: u64,
    size: (u32, u32),
    met: fn(u64) -> Conditions,
    count: usize,
) -> Result<Vec<Subject>> {
    const OTHERS: [MrzFormat; 4] = [
        MrzFormat::Td1,
        MrzFormat::Td2,
        MrzFormat::MrvA,
        MrzFormat::MrvB,
    ];
    (0..count)
        .map(|index| {
            let seed = from.of(set, index);
            let format = if index % 2 == 0 {
                MrzFormat::Td3
            } else {
                OTHERS[index / 2 % OTHERS.len()]
            };
            let lines = zone_lines(format, &mut Chance::new(seed))?;
            let portrait = Portrait::variant(u32::try_from(index % 9)?);
            let page = PassportPage::specimen(lines.clone(), portrait);
            Ok(Subject::new(
                Thing::Page(Box::new(page)),
                size,
                met(seed),
                Truth::Zone(lines),
            ))
        })
        .collect()
}

/// Another state's document than Utopia's, which is drawn new: its security print may run on behind the zone, its ink be pale, and it
/// is as worn as `seed` has it.
fn carried(subject: &mut Subject, seed: u64) {
    if let Thing::Page(page) = &mut subject.thing {
        page.state = format!("STATE {}", seed % 97);
        page.number = format!("{seed:09}");
    }
}

/// Pictures without any: for each task what the others look for, an empty hall, photographs, and patterns that look
/// like much and are nothing.
fn nothing(effort: Effort, from: Seeds) -> Result<Vec<Set>> {
    let flat = |picture: RgbImage| {
        let size = picture.dimensions();
        Subject::new(
            Thing::Flat(picture),
            size,
            Conditions::perfect(0),
            Truth::Nothing,
        )
    };
    let mut sets = Vec::new();
    for (at, (task, what)) in [
        (Task::Code, "qr"),
        (Task::Zone, "mrz"),
        (Task::Face, "face"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut subjects = Vec::new();
        for index in 0..effort.of(6) {
            let seed = from.of(50 + at as u64, index);
            let size = if index % 2 == 0 { HD } else { FULL_HD };
            let mut shows = |thing: Thing| {
                subjects.push(Subject::new(
                    thing,
                    size,
                    Conditions::ordinary(seed),
                    Truth::Nothing,
                ));
            };
            shows(Thing::Hall);
            if task != Task::Code {
                shows(Thing::Phone(code_text(13, &mut Chance::new(seed))?));
            }
            // A page bears a face.
            if task == Task::Code {
                let lines = zone_lines(MrzFormat::Td3, &mut Chance::new(seed))?;
                shows(Thing::Page(Box::new(PassportPage::specimen(
                    lines,
                    Portrait::variant(3),
                ))));
            }
            if task != Task::Face {
                shows(Thing::Person(Portrait::variant(index as u32 % 9)));
            }
        }
        subjects.extend(patterns::photographs()?.into_iter().map(flat));
        subjects.extend(patterns::all(HD, from.0).into_iter().map(flat));
        let title = match task {
            Task::Code => "QR, nothing to read",
            Task::Zone | Task::TrackedZone => "MRZ, nothing to read",
            Task::Face | Task::Likeness | Task::Covering | Task::BestFrame => "face, nobody there",
        };
        sets.push(Set::new(title, &format!("nothing-{what}"), task, subjects));
    }
    Ok(sets)
}
