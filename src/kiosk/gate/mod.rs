//! `kiosk gate`: the gate in the hands of those who wire and mend it. The lane does not run meanwhile, and nothing opens
//! before the reason is on record.

mod arguments;
mod hand;
mod line;
mod open;
mod replay;
mod report;
mod selftest;
mod session;
mod status;
mod trials;
mod watch;
pub(crate) mod words;

use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

pub use arguments::Gate;

use crate::trouble::{line, say};

/// How things are written on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// For eyes.
    Text,
    /// One JSON object a line.
    Json,
}

/// How a command ended, as its exit code. 2 is what a wrong command line ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, and the gate is in order.
    Well = 0,
    /// The gate answers, and something is wrong with it or it refused.
    AtFault = 1,
    /// The gate does not answer.
    OutOfReach = 3,
    /// Nothing was tried: the lane runs, nobody may do it, or it could not be put on record.
    NotTried = 4,
    /// The configuration or the register map.
    Configuration = 78,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Why a command came to nothing.
type Trouble = crate::trouble::Trouble<Outcome>;

/// Carries out one of the commands.
///
/// # Errors
/// [`crate::ConfigError`] for what the configuration says or names; else what the system refuses. What is wrong with the gate
/// is told and is an exit code.
pub fn run(gate: Gate) -> anyhow::Result<ExitCode> {
    let form = gate.form();
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = tokio.block_on(async {
        match gate {
            Gate::Status(status) => status::show(status).await,
            Gate::Watch(watch) => watch::watch(&watch.line, watch.seconds, None).await,
            Gate::Record(record) => {
                watch::watch(&record.line, record.seconds, Some(&record.file)).await
            }
            Gate::Open(open) => open::open(open).await,
            Gate::Selftest(selftest) => selftest::walk(selftest).await,
            Gate::Replay(replay) => replay::play(replay).await,
        }
    });
    match ended {
        Ok(outcome) => Ok(outcome.into()),
        Err(error) => match error.downcast::<Trouble>() {
            Ok(trouble) => {
                trouble.tell(form == Form::Json)?;
                Ok(trouble.outcome.into())
            }
            Err(error) => Err(error),
        },
    }
}

/// Ctrl-C or SIGTERM, heeded from when this is made: a gate that was opened is closed first.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn heed() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Now, in UTC, as RFC 3339 has it.
fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond())
        .unwrap_or(now)
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}
