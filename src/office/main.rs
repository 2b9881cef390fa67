//! The program `office`: serves until it is told to stop, and is what its operator enrolls lanes and makes list files
//! with. It decides nothing itself.

mod desk;

#[path = "main/lists.rs"]
mod lists;
#[path = "main/picks.rs"]
mod picks;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use office::Config;
use office::config::{Log, LogFormat};
use office::publish::command::{KeysCommand, PublishCommand};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

/// The customs office's server for declaration gates.
#[derive(Parser)]
#[command(
    name = "office",
    version,
    after_help = "A new office, in order:
  cp office.sample.toml office.toml              then edit it: every key is explained there
  office authority --config office.toml          makes the authority that vouches for lanes
  office enroll lane-3 --config office.toml --request lane-3.csr.pem --record-key lane-3.pub.pem > lane-3.crt.pem
  office run --config office.toml                serves; lanes renew their certificates by themselves
  office lanes --config office.toml              who is enrolled, who was seen when, whose history forked"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C; SIGHUP reads edition and certificates anew.
    Run {
        /// Configuration file (TOML); office.sample.toml explains every key.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make the authority that vouches for lanes: the two files that `[lanes]` names.
    Authority {
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Name of the authority, as certificates show it.
        #[arg(long, default_value = "Sekisho lanes")]
        name: String,
    },
    /// Enroll a lane: take note of the key that it signs records with, and write its first certificate to standard output.
    ///
    /// The same again adds a key, or issues a certificate in the place of one that has run out. The office may be running.
    Enroll {
        /// Name of the lane: A-Z, a-z, 0-9, `.`, `_` and `-`, at most 32.
        lane: String,
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Certificate request of the lane (PKCS #10, PEM); its subject and DNS name are the lane's name.
        #[arg(long, value_name = "FILE", required_unless_present = "record_key")]
        request: Option<PathBuf>,
        /// Public key that the lane signs its records with (Ed25519, PEM).
        #[arg(long, value_name = "FILE")]
        record_key: Option<PathBuf>,
    },
    /// Refuse a lane from now on, whatever certificate it shows. What it recorded stays, and its name is not used again.
    Retire {
        /// Name of the lane.
        lane: String,
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// List the lanes: records delivered, second histories, when each last reported and what.
    Lanes {
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make the keys that sign editions, and the root that names them.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Sign an edition of policy and lists, and lay it into the repository that lanes fetch it from.
    Publish(PublishCommand),
    /// Make lists: a list file on standard output, or with --folder a whole edition's files.
    Lists(lists::Arguments),
    /// Random selection: promise the keys of days to come, reveal a day's key, check every pick of a day.
    #[command(subcommand)]
    Picks(picks::Command),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run { config } => serve(&config),
        Command::Authority { config, name } => desk::authority(&Config::load(&config)?, &name),
        Command::Enroll {
            lane,
            config,
            request,
            record_key,
        } => desk::enroll(
            &Config::load(&config)?,
            &lane,
            request.as_deref(),
            record_key.as_deref(),
        ),
        Command::Retire { lane, config } => desk::retire(&Config::load(&config)?, &lane),
        Command::Lanes { config } => desk::lanes(&Config::load(&config)?),
        Command::Keys(command) => Ok(command.run(&mut std::io::stdout())?),
        Command::Publish(command) => Ok(command.run(&mut std::io::stdout())?),
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
    let mut hang_up = signal(SignalKind::hangup()).context("SIGHUP cannot be watched")?;
    let mut running = office::serve(config).await?;
    loop {
        tokio::select! {
            ended = running.ended() => return ended.context("the server ended by itself"),
            _ = terminate.recv() => break,
            pressed = tokio::signal::ctrl_c() => {
                pressed.context("Ctrl-C cannot be watched")?;
                break;
            }
            _ = hang_up.recv() => {
                if let Err(error) = tokio::task::block_in_place(|| running.reload()) {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "nothing is reloaded");
                }
            }
        }
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
