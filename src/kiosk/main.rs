//! The program `kiosk`: its arguments and its exit codes, and nothing else.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use kiosk::run::Screen;
use kiosk::{ConfigError, doctor, gate, inspect, officer, run};

/// sysexits(3) `EX_CONFIG`: a unit with `RestartPreventExitStatus=78` does not start such a lane again and again.
const CONFIG: u8 = 78;

/// The software of one electronic customs declaration gate.
#[derive(Parser)]
#[command(
    name = "kiosk",
    version,
    after_help = "Begin with src/kiosk/kiosk.sample.toml, or /usr/share/sekisho/kiosk.sample.toml on a lane: \
        it explains every key."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Run),
    Inspect(Inspect),
    Doctor(Doctor),
    /// The gate in the hands of those who wire and mend it: look, watch, open, test, record, replay.
    #[command(subcommand)]
    Gate(gate::Gate),
    /// Tools for the list of officers.
    #[command(subcommand)]
    Officer(Officer),
}

/// Run the lane until SIGTERM or Ctrl-C.
///
/// Everything that the configuration names is read and checked first; whatever is wrong is told at once. A camera or a gate
/// that does not answer keeps the lane out of service, and it serves as soon as they do. When it is told to stop, the party in
/// the lane finishes first.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 stopped as asked, 1 a failure, 78 the configuration.\n\n\
    Examples:\n  \
    kiosk run --config /etc/sekisho/kiosk.toml\n  \
    kiosk run --config kiosk.toml --headless        a rig without a display\n  \
    kiosk run --config kiosk.toml 2>&1 | grep -o '\"event\":\"[^\"]*\"'"
)]
struct Run {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Draw nothing: for rigs without a display.
    #[arg(long)]
    headless: bool,
}

/// Say what the readers see in pictures, one JSON line each.
///
/// For each picture: codes, the machine readable zone and whether its check digits are right, faces with their quality in
/// per mille, and milliseconds per reader. The lines hold whatever the documents hold.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 every picture was read, 1 one could not be read (the others are there all the same).\n\n\
    Examples:\n  \
    kiosk inspect passport.jpg\n  \
    kiosk inspect recordings/ | jq -c '[.picture, .mrz.valid, .ms.mrz]'"
)]
struct Inspect {
    /// Pictures (PNG or JPEG), or folders of them.
    #[arg(required = true, value_name = "PICTURE")]
    pictures: Vec<PathBuf>,
    /// Folder of the face models; else $SEKISHO_MODELS, target/models, or /usr/share/sekisho/models.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

/// Check a lane: what is plugged in, what answers, what is out of date.
///
/// One line for each check, with the cure where something is wrong. It never moves the gate, and leaves gate and cameras
/// alone while the lane runs.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 all is well, 1 something needs attention soon, 2 something does not work.\n\n\
    Examples:\n  \
    CREDENTIALS_DIRECTORY=/etc/sekisho kiosk doctor --config /etc/sekisho/kiosk.toml\n  \
    kiosk doctor --config kiosk.toml --json | jq -r 'select(.state != \"ok\") | .cure'"
)]
struct Doctor {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Officer {
    /// Make the roster's `pin = ...` line from a PIN.
    ///
    /// The PIN is asked for twice on a terminal, without echo; else it is the first line of standard input. It is never an
    /// argument, since arguments stand in the list of processes for all to read.
    #[command(after_long_help = "Example:\n  kiosk officer hash-pin >> roster.toml")]
    HashPin,
}

fn main() -> ExitCode {
    let begun = Instant::now();
    let done = match Arguments::parse().command {
        Command::Run(Run { config, headless }) => {
            let screen = if headless {
                Screen::None
            } else {
                Screen::Shown
            };
            run::run(&config, screen, begun).map(|()| ExitCode::SUCCESS)
        }
        Command::Inspect(Inspect { pictures, models }) => {
            let mut out = BufWriter::new(io::stdout().lock());
            inspect::pictures(&pictures, models.as_deref(), &mut out, &mut io::stderr()).and_then(
                |all_read| {
                    out.flush()?;
                    Ok(if all_read {
                        ExitCode::SUCCESS
                    } else {
                        ExitCode::FAILURE
                    })
                },
            )
        }
        Command::Doctor(Doctor { config, json }) => {
            let form = if json {
                doctor::Form::Json
            } else {
                doctor::Form::Text
            };
            doctor::examine(&config, form, &mut io::stdout().lock())
                .map_err(anyhow::Error::from)
                .map(|worst| ExitCode::from(worst.exit_code()))
        }
        Command::Gate(command) => gate::run(command),
        Command::Officer(Officer::HashPin) => officer::roster_line().and_then(|line| {
            writeln!(io::stdout(), "{line}")?;
            Ok(ExitCode::SUCCESS)
        }),
    };
    done.unwrap_or_else(|error| {
        // Nobody is left to be told when standard error is gone.
        let _ = writeln!(io::stderr(), "kiosk: {error:#}");
        match error.downcast_ref::<ConfigError>() {
            Some(_) => ExitCode::from(CONFIG),
            None => ExitCode::FAILURE,
        }
    })
}
