//! How fast the lane is. Nothing is judged here: there are figures, and no thresholds.
//!
//! Every line is made of single durations, each taken after a warm-up, and tells their number, their median, and the
//! percentiles that so many durations can support.

mod desk;
mod gate;
mod journal;
mod journey;
mod office;
mod start;
mod table;
mod verdict;
mod vision;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use table::{say, seconds};

/// Measures the lane on this machine.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// What to measure; everything when nothing is named.
    what: Vec<What>,
    /// A few values of each, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// Ask other people's readers too, as `cargo xtask bench vision` installs them.
    #[arg(long)]
    peers: bool,
    /// Of the readers' table only the sets whose folder's name begins so: face, face-covered, qr, mrz-good.
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// Other pictures for the readers' table: added to their seeds, so that nothing is reported on what it was tuned on.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seeds: u64,
    /// Be one of the readers, asked by another bench.
    #[arg(long, hide = true, value_name = "NAME")]
    reader: Option<String>,
}

/// One part of the bench.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Milliseconds a frame of each reader, and how many frames it reads.
    Vision,
    /// A verdict from the office, and from the lane's own engine.
    Verdict,
    /// Verdicts a second that one office gives to many lanes.
    Office,
    /// Command to acknowledgement, and sensor to news.
    Gate,
    /// One commit.
    Journal,
    /// Machine time of a journey.
    Journey,
    /// From exec to service and to the first screen; peak memory.
    Start,
}

/// How many values are taken.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    quick: bool,
}

impl Effort {
    /// `full` values, or a few in a quick run.
    pub(crate) fn of(self, full: usize) -> usize {
        if self.quick {
            full.div_ceil(10).clamp(2, 12).min(full)
        } else {
            full
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let effort = Effort {
        quick: arguments.quick,
    };
    if let Some(name) = &arguments.reader {
        return ended(vision::serve(name));
    }
    let mut whole = ExitCode::SUCCESS;
    let chosen = if arguments.what.is_empty() {
        What::value_variants()
    } else {
        &arguments.what
    };
    let table = vision::Table {
        peers: arguments.peers,
        only: arguments.only.clone(),
        seeds: arguments.seeds,
    };
    table::head();
    let begun = Instant::now();
    for what in chosen {
        if ended(what.measure(effort, &table)) == ExitCode::FAILURE {
            whole = ExitCode::FAILURE;
        }
    }
    say(&format!("\nmeasured in {:.0} s", seconds(begun.elapsed())));
    whole
}

fn ended(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("   NOT MEASURED: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl What {
    fn measure(self, effort: Effort, table: &vision::Table) -> Result<()> {
        match self {
            Self::Vision => vision::measure(effort, table),
            Self::Verdict => runtime()?.block_on(verdict::measure(effort)),
            Self::Office => office::measure(effort),
            Self::Gate => runtime()?.block_on(gate::measure(effort)),
            Self::Journal => journal::measure(effort),
            Self::Journey => runtime()?.block_on(journey::measure(effort)),
            Self::Start => runtime()?.block_on(start::measure(effort)),
        }
    }
}

/// As many workers as the shipped program has.
fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)))
        .enable_all()
        .build()?)
}

/// A folder beside the built programs, and so on the disk that holds them: a temporary folder is often in memory.
pub(crate) fn scratch() -> Result<TempDir> {
    let program = std::env::current_exe()?;
    let target: PathBuf = program
        .ancestors()
        .find(|folder| folder.ends_with("target"))
        .map_or_else(std::env::temp_dir, PathBuf::from);
    Ok(tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(target)?)
}
