//! `office picks`: random selection is promised before the day, revealed after it, and checked by anybody.

use crate::read;
use anyhow::{Context as _, anyhow, bail};
use clap::Subcommand;
use evidence::{Commitment, JourneyId};
use office::author::day;
use risk::selection::{Audit, DayKey, Drawn, audit};
use risk::{LaneName, Policy};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// What is done about picks.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the promises of days to come, one a line: `2026-11-26 SHA-256`. Publish them before those days.
    Commit {
        /// The policy, which has the master key.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// First day, such as 2026-11-26.
        #[arg(long, value_name = "DAY")]
        from: String,
        /// How many days.
        #[arg(long, default_value_t = 31)]
        days: u16,
    },
    /// Print the key of a day that is over. It tells nothing of any other day.
    Reveal {
        /// The policy, which has the master key.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// The day, such as 2026-11-26.
        #[arg(long, value_name = "DAY")]
        day: String,
    },
    /// Recompute every pick of a day. Ends with 1 when one was not by lot.
    Audit {
        /// The day's revealed key, 64 hexadecimal digits in a file.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The promise that was published before the day.
        #[arg(long, value_name = "SHA-256")]
        promise: String,
        /// Travellers of a thousand who were to be picked, as that day's policy says.
        #[arg(long)]
        per_mille: u16,
        /// The day's journeys, one JSON object a line: {"lane":"lane-3","journey":42,"picked":false,"draw":"..."}
        #[arg(long, value_name = "FILE")]
        export: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    lane: String,
    journey: u64,
    picked: bool,
    draw: Option<String>,
}

pub(crate) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Commit { policy, from, days } => {
            let policy = policy_of(policy)?;
            let mut on = day_of(from)?;
            for _ in 0..*days {
                say(&format!("{on} {}", policy.commitment(on)))?;
                on = on.next_day().context("there is no day after that")?;
            }
            Ok(())
        }
        Command::Reveal { policy, day } => {
            let key = policy_of(policy)?.day_key(day_of(day)?);
            say(&key.reveal())
        }
        Command::Audit {
            key,
            promise,
            per_mille,
            export,
        } => {
            let key = DayKey::parse(&read(key)?)
                .with_context(|| format!("{} is no key of 64 hexadecimal digits", key.display()))?;
            let promise = promise_of(promise)
                .with_context(|| format!("{promise} is no promise of 64 hexadecimal digits"))?;
            judge(&audit(&key, promise, *per_mille, drawn(export)?))
        }
    }
}

fn judge(audit: &Audit) -> anyhow::Result<()> {
    say(&format!(
        "{} journeys, {} picked by the key",
        audit.journeys, audit.picked
    ))?;
    for (what, names) in [
        ("picked, and not by lot", &audit.not_by_lot),
        ("by lot, and not picked", &audit.spared),
        ("judged under another promise", &audit.other_promise),
    ] {
        for name in names {
            say(&format!("{name}: {what}"))?;
        }
    }
    if audit.in_order() {
        say("every pick was by lot, under the key that was promised")
    } else if audit.promised {
        bail!("not every pick was by lot")
    } else {
        bail!("the key is not the one that was promised")
    }
}

fn drawn(path: &Path) -> anyhow::Result<Vec<Drawn>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut drawn = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.with_context(|| format!("{} cannot be read", path.display()))?;
        let wrong = || anyhow!("{}, line {number}: no journey", path.display());
        let line: Line = serde_json::from_str(&line).map_err(|_| wrong())?;
        drawn.push(Drawn {
            lane: LaneName::parse(&line.lane).ok_or_else(wrong)?,
            journey: JourneyId::new(line.journey),
            picked: line.picked,
            draw: match line.draw {
                Some(digits) => Some(promise_of(&digits).ok_or_else(wrong)?),
                None => None,
            },
        });
    }
    Ok(drawn)
}

fn promise_of(digits: &str) -> Option<Commitment> {
    let mut promise = [0; 32];
    hex::decode_to_slice(digits.trim(), &mut promise).ok()?;
    Some(Commitment(promise))
}

fn policy_of(path: &Path) -> anyhow::Result<Policy> {
    Policy::parse(&read(path)?).with_context(|| format!("{} is refused", path.display()))
}

fn day_of(text: &str) -> anyhow::Result<evidence::Date> {
    day(text).with_context(|| format!("{text} has to be a day such as 2026-11-26"))
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("standard output cannot be written")
}
