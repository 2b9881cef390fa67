//! How many verdicts a second one office gives to many lanes, each over its own kept-alive line with certificates on both
//! sides. `cargo run --release -p office --example load -- --help`.
#![allow(clippy::print_stdout, reason = "the figures are what it prints")]

mod yard;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use yard::{Figures, Yard};

/// Lanes that ask one office, on this machine's loopback; lanes and office share its cores.
#[derive(Parser)]
struct Arguments {
    /// Lanes.
    #[arg(long, default_value_t = 200)]
    lanes: u32,
    /// Seconds of each series.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Made-up people whom the lists watch: every question is searched for among them.
    #[arg(long, default_value_t = 0)]
    names: u32,
    /// Folder of the database, on the disk that is to be measured; a new one inside it is used and removed.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // As many workers as the program has; the lanes have a runtime of their own.
    let office = runtime()?;
    let lanes = runtime()?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let policy = include_str!("../../risk/policy.sample.toml");
    let yard = office.block_on(Yard::open(folder.path(), policy, arguments.names))?;
    lanes.block_on(async {
        let mut asking = yard.lanes(arguments.lanes).await?;
        let long = Duration::from_secs(arguments.seconds);
        for (what, every) in [
            ("each as fast as it is answered", None),
            ("each once a second", Some(Duration::from_secs(1))),
        ] {
            let before = yard.commits().await?;
            let figures = yard::ask(&mut asking, long, every).await?;
            let after = yard.commits().await?;
            let together = (after[1] - before[1]) / (after[0] - before[0]);
            tell(&arguments, what, figures, together);
        }
        anyhow::Ok(())
    })?;
    office.block_on(yard.close())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// The columns of `cargo xtask bench`.
fn tell(arguments: &Arguments, what: &str, mut figures: Figures, together: f64) {
    figures.answers.sort_unstable();
    let count = figures.answers.len();
    let rank = |per_mille: usize| {
        let at = (count * per_mille).div_ceil(1000).clamp(1, count.max(1)) - 1;
        let took = figures.answers.get(at);
        format!("{:.2}", took.map_or(0.0, |took| took.as_secs_f64() * 1e3))
    };
    println!(
        "   {:<52} {:>4} {count:>6} {:>9} {:>9} {:>9} {:>9}   {:.0} verdicts/s, {together:.1} a commit, {} refused; {} names watched",
        format!("{} lanes, {what}", arguments.lanes),
        "ms",
        rank(500),
        rank(950),
        rank(990),
        rank(1000),
        count as f64 / figures.took.as_secs_f64(),
        figures.refused,
        arguments.names,
    );
}
