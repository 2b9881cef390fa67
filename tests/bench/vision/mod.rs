//! Our readers beside their peers: the same pictures, one run, one reader after the other, one core.

mod best;
mod export;
mod faces;
mod judged;
mod ours;
mod patterns;
mod process;
mod report;
mod sets;
mod specimens;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::Effort;
use crate::table::{say, seconds};
use judged::{Row, Verdict, judge};
pub(crate) use ours::serve;
use process::{Process, Recipe};
use report::Report;
use sets::{Set, Subject, Task, Truth};

/// A reader of the table.
struct Reader {
    name: &'static str,
    tasks: &'static [Task],
    home: Home,
}

/// Where a reader runs, with the name it has there.
enum Home {
    /// In this same program.
    Rust(&'static str),
    /// In `tests/bench/peers/peers.py`.
    Python(&'static str),
}

const fn reader(name: &'static str, tasks: &'static [Task], home: Home) -> Reader {
    Reader { name, tasks, home }
}

use Home::{Python, Rust};

const READERS: &[Reader] = &[
    reader(
        "ours",
        &[
            Task::Code,
            Task::Zone,
            Task::TrackedZone,
            Task::Face,
            Task::Likeness,
            Task::Covering,
            Task::BestFrame,
        ],
        Rust("ours"),
    ),
    reader("rxing alone", &[Task::Code], Rust("rxing")),
    reader("rqrr alone", &[Task::Code], Rust("rqrr")),
    reader("zxing-cpp", &[Task::Code], Python("zxing-cpp")),
    reader("zbar", &[Task::Code], Python("zbar")),
    reader("OpenCV", &[Task::Code], Python("opencv-qr")),
    reader("OpenCV Aruco", &[Task::Code], Python("opencv-qr-aruco")),
    reader("OpenCV WeChat", &[Task::Code], Python("opencv-wechat")),
    reader("PassportEye", &[Task::Zone], Python("passporteye")),
    reader(
        "PassportEye, MRZ model",
        &[Task::Zone],
        Python("passporteye-mrz"),
    ),
    reader(
        "tesseract, MRZ model",
        &[Task::Zone],
        Python("tesseract-mrz"),
    ),
    reader("rapidocr", &[Task::Zone], Python("rapidocr")),
    reader(
        "OpenCV YuNet, SFace",
        &[Task::Face, Task::Likeness],
        Python("opencv-face"),
    ),
    reader("ofiqpy", &[Task::BestFrame], Python("ofiqpy")),
];

/// What of the table is wanted.
pub(crate) struct Table {
    /// The peers of `peers.py` too, and not only those that are Rust crates.
    pub(crate) peers: bool,
    /// How the names of the sets begin that are wanted.
    pub(crate) only: String,
    /// Added to every seed.
    pub(crate) seeds: u64,
}

/// Draws the pictures, asks each reader about them, and tells the table.
///
/// # Errors
/// When a picture cannot be drawn or our own readers do not run. A peer that does not is named in the table.
pub(crate) fn measure(effort: Effort, table: &Table) -> Result<()> {
    let target = target()?;
    let mut report = Report::begin();
    let mut sets = sets::all(effort, table.seeds)?;
    sets.retain(|set| set.key.starts_with(&table.only));
    let frames = target.join("bench/vision");
    let begun = Instant::now();
    export::draw(&mut sets, &frames)?;
    say(&format!(
        "   {} pictures drawn into {} in {:.0} s",
        sets.iter()
            .flat_map(|set| &set.subjects)
            .map(|subject| subject.frames.len())
            .sum::<usize>(),
        frames.display(),
        seconds(begun.elapsed())
    ));
    let asked = |reader: &Reader| sets.iter().any(|set| reader.tasks.contains(&set.task));
    for reader in READERS.iter().filter(|reader| asked(reader)) {
        let recipe = match reader.home {
            Rust(name) => Recipe {
                program: std::env::current_exe()?.into_os_string(),
                arguments: ["--reader", name].map(OsString::from).to_vec(),
            },
            Python(_) if !table.peers => continue,
            Python(name) => Recipe {
                program: target.join("peers/bin/python").into_os_string(),
                arguments: vec![
                    Path::new(env!("CARGO_MANIFEST_DIR"))
                        .join("bench/peers/peers.py")
                        .into(),
                    name.into(),
                    ours::models().into(),
                ],
            },
        };
        let begun = Instant::now();
        match Process::start(recipe) {
            Ok(process) => {
                let rows = ask(reader, process, &sets, &mut report)?;
                say(&format!(
                    "   {}: {rows} rows in {:.0} s",
                    reader.name,
                    seconds(begun.elapsed())
                ));
            }
            Err(why) if reader.name == "ours" => return Err(why.context("our own readers")),
            Err(why) => report.absent(reader.name, &why),
        }
    }
    report.tell(&sets, &target.join("bench/vision.md"))
}

/// Asks one reader about every set that it can do, and gives the number of its rows.
fn ask(reader: &Reader, mut process: Process, sets: &[Set], report: &mut Report) -> Result<usize> {
    let (mut rows, mut peak) = (0, None::<u64>);
    for set in sets.iter().filter(|set| reader.tasks.contains(&set.task)) {
        if set.task == Task::BestFrame {
            let rated = best::rate(&mut process, set, report.rated.first())?;
            rows += rated.frames();
            report.rated.push(rated);
            let held = process.ask(&json!({ "task": "peak" }))?;
            peak = peak.max(held.and_then(|held| held["peak_kib"].as_u64()));
            continue;
        }
        // Models and caches are warm at a gate, too.
        if let Some(subject) = set.subjects.iter().find(|subject| asked(set.task, subject)) {
            process.ask(&order(set.task, subject, 0))?;
        }
        let taken = if set.is_of_bursts() {
            in_bursts(reader.name, set, &mut process)?
        } else {
            one_by_one(reader.name, set, &mut process)?
        };
        rows += taken.len();
        report.add(taken);
        // After each set: a picture that is not ended with ends the process, and what it held is forgotten with it.
        let held = process.ask(&json!({ "task": "peak" }))?;
        peak = peak.max(held.and_then(|held| held["peak_kib"].as_u64()));
    }
    report.held(reader.name, &process.about, peak);
    Ok(rows)
}

/// The known picture of a pair is no question by itself.
fn asked(task: Task, subject: &Subject) -> bool {
    task != Task::Likeness || matches!(subject.truth, Truth::Person { .. })
}

fn order(task: Task, subject: &Subject, frame: usize) -> Value {
    let task = match task {
        Task::Code => "code",
        Task::Zone => "zone",
        Task::TrackedZone => "tracked-zone",
        Task::Face => "face",
        Task::Likeness => "likeness",
        Task::Covering => "covering",
        Task::BestFrame => "best",
    };
    let known = match &subject.truth {
        Truth::Person { known, .. } => json!(known),
        _ => Value::Null,
    };
    json!({
        "task": task,
        "picture": subject.frames.get(frame),
        "known": known,
        "fresh": frame == 0,
    })
}

/// One question, counted into the row; what it comes to.
fn question(
    row: &mut Row,
    process: &mut Process,
    set: &Set,
    subject: &Subject,
    frame: usize,
) -> Result<Verdict> {
    let Some(answer) = process.ask(&order(set.task, subject, frame))? else {
        row.overran += 1;
        return Ok(Verdict::Missed);
    };
    row.times.add_value(
        answer["ms"]
            .as_f64()
            .context("an answer without its time")?,
    );
    Ok(judge(&subject.truth, &answer))
}

fn one_by_one(reader: &'static str, set: &Set, process: &mut Process) -> Result<Vec<Row>> {
    let mut row = Row::new(&set.name, reader);
    for subject in set
        .subjects
        .iter()
        .filter(|subject| asked(set.task, subject))
    {
        let verdict = question(&mut row, process, set, subject, 0)?;
        row.count(verdict, subject.kind);
        if verdict != Verdict::Right {
            row.failed.extend(subject.frames.first().cloned());
        }
    }
    Ok(vec![row])
}

/// The first frame in a row of its own. A code is done with once it is read; a zone that is followed is asked for in
/// every frame, and each counts.
fn in_bursts(reader: &'static str, set: &Set, process: &mut Process) -> Result<Vec<Row>> {
    let mut first = Row::new(&format!("{}, first frame", set.name), reader);
    let followed = set.task == Task::TrackedZone;
    let later = if followed {
        "each frame after it"
    } else {
        "within 6 frames"
    };
    let mut rest = Row::new(&format!("{}, {later}", set.name), reader);
    for subject in &set.subjects {
        let at_once = question(&mut first, process, set, subject, 0)?;
        first.count(at_once, subject.kind);
        let mut found = at_once;
        for frame in 1..subject.frames.len() {
            if !followed && found != Verdict::Missed {
                break;
            }
            let verdict = question(&mut rest, process, set, subject, frame)?;
            if followed {
                rest.count(verdict, subject.kind);
            } else {
                found = verdict;
            }
        }
        if !followed {
            rest.count(found, subject.kind);
        }
    }
    Ok(vec![first, rest])
}

/// The folder of what is built, which this program lies in.
fn target() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file() || folder.ends_with("target"))
        .context("this program lies in no target folder")?;
    Ok(folder.to_owned())
}
