//! How fast the lane is. Nothing is judged here: there are figures, and no thresholds.
//!
//! Every line is made of single durations, each taken after a warm-up, and tells their number, their median, and the
//! percentiles that so many durations can support.

mod desk;
mod gate;
mod journal;
mod journey;
mod start;
mod table;
mod verdict;
mod vision;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};
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
}

/// One part of the bench.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Milliseconds a frame of each reader, and how many frames it reads.
    Vision,
    /// A verdict from the office, and from the lane's own engine.
    Verdict,
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

/// rten's own name for the number of its threads; it is read once, at a process's first inference.
const THREADS: &str = "RTEN_NUM_THREADS";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let effort = Effort {
        quick: arguments.quick,
    };
    let single = std::env::var_os(THREADS).is_some_and(|threads| threads == "1");
    let mut whole = ExitCode::SUCCESS;
    let chosen = if arguments.what.is_empty() {
        What::value_variants()
    } else {
        &arguments.what
    };
    let alone = matches!(chosen, [What::Vision]) && single;
    if !alone {
        table::head();
    }
    let begun = Instant::now();
    for what in chosen {
        let outcome = match what {
            What::Vision if !single => in_one_thread(effort),
            what => what.measure(effort),
        };
        if let Err(error) = outcome {
            say(&format!("   NOT MEASURED: {error:#}"));
            whole = ExitCode::FAILURE;
        }
    }
    if !alone {
        say(&format!("\nmeasured in {:.0} s", seconds(begun.elapsed())));
    }
    whole
}

impl What {
    fn measure(self, effort: Effort) -> Result<()> {
        match self {
            Self::Vision => vision::measure(effort),
            Self::Verdict => runtime()?.block_on(verdict::measure(effort)),
            Self::Gate => runtime()?.block_on(gate::measure(effort)),
            Self::Journal => journal::measure(effort),
            Self::Journey => runtime()?.block_on(journey::measure(effort)),
            Self::Start => runtime()?.block_on(start::measure(effort)),
        }
    }
}

/// The readers in a process of their own, with one thread for inference: other parts may use as many as they like.
fn in_one_thread(effort: Effort) -> Result<()> {
    let mut alone = Command::new(std::env::current_exe()?);
    alone.arg("vision").env(THREADS, "1");
    if effort.quick {
        alone.arg("--quick");
    }
    let status = alone.status().context("the readers' process")?;
    anyhow::ensure!(status.success(), "the readers' process ended with {status}");
    Ok(())
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
