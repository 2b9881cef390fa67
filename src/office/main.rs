//! The program `office`: reads its configuration, serves until it is told to stop, and makes list files. It decides nothing itself.

#[path = "main/lists.rs"]
mod lists;
#[path = "main/picks.rs"]
mod picks;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use office::Config;
use office::config::{Log, LogFormat};
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

/// The customs office's server for declaration gates.
#[derive(Parser)]
#[command(name = "office", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Run {
        /// Configuration file (TOML); office.sample.toml explains every key.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make lists: a list file on standard output, or with --folder a whole edition's files.
    Lists(Box<lists::Arguments>),
    /// Random selection: promise the keys of days to come, reveal a day's key, check every pick of a day.
    #[command(subcommand)]
    Picks(picks::Command),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run { config } => serve(&config),
        Command::Lists(arguments) => lists::make(&arguments),
        Command::Picks(command) => picks::run(&command),
    }
}

fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("{} cannot be read", path.display()))
}

fn serve(config: &Path) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    start_log(&config.log)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?
        .block_on(run(config))
}

async fn run(config: Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be watched")?;
    let mut running = office::serve(config).await?;
    tokio::select! {
        ended = running.ended() => return ended.context("the server ended by itself"),
        _ = terminate.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed.context("Ctrl-C cannot be watched")?,
    }
    tracing::info!("stopping");
    running.stop().await.context("the server did not end well")
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).with_context(|| {
        format!(
            "configuration: `log.filter` is {:?}: write a level such as info",
            log.filter
        )
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => lines.json().init(),
        LogFormat::Text => lines.init(),
    }
    Ok(())
}
