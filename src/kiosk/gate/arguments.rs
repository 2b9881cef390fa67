//! The command line of `kiosk gate`.

use std::num::NonZeroU8;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use journey::HandReason;

use super::Form;

/// Whoever wires and mends the gate: look, watch, open, test, record, replay.
#[derive(Subcommand)]
#[command(
    after_long_help = "The lane must not run meanwhile: gate and journal have one user each. With --config, commands use the lane's port and \
    register map; with --port, a bare controller on a bench. Asking for the status feeds the controller's watchdog, so a controller \
    that has one goes to its fail position (shut) some seconds after the last question.\n\n\
    Exit codes: 0 done and in order, 1 the gate is at fault or refuses, 2 the command line, 3 out of reach, 4 not tried \
    (the lane runs, nobody may, or it could not be put on record), 78 the configuration or the register map.\n\n\
    Examples:\n  \
    kiosk gate status --port /dev/ttyUSB0                  what a bare controller says\n  \
    kiosk gate watch --config kiosk.toml --for 60\n  \
    kiosk gate open --config kiosk.toml --badge E-05 --persons 2 --reason repair\n  \
    kiosk gate selftest --config kiosk.toml --badge E-05 --report lane-3.txt\n  \
    kiosk gate record fault.tape --config kiosk.toml       bytes and times, to be sent in\n  \
    kiosk gate replay fault.tape"
)]
#[expect(missing_docs, reason = "each is told at its arguments")]
pub enum Gate {
    Status(Status),
    Watch(Watch),
    Open(Open),
    Selftest(Selftest),
    Record(Record),
    Replay(Replay),
}

impl Gate {
    pub(super) fn form(&self) -> Form {
        let json = match self {
            Self::Status(Status { line }) => line.json,
            Self::Watch(Watch { line, .. }) => line.json,
            Self::Open(Open { line, .. }) => line.json,
            Self::Selftest(Selftest { line, .. }) => line.json,
            Self::Record(Record { line, .. }) => line.json,
            Self::Replay(Replay { json, .. }) => *json,
        };
        if json { Form::Json } else { Form::Text }
    }
}

/// Which gate.
#[derive(Args)]
pub(super) struct Line {
    /// The lane's configuration file (TOML): port, rate and register map stand there.
    #[arg(long, value_name = "FILE", required_unless_present = "port")]
    pub(super) config: Option<PathBuf>,
    /// The serial port of a controller that no lane has yet.
    #[arg(long, value_name = "DEVICE", conflicts_with = "config")]
    pub(super) port: Option<String>,
    /// With --port: bits per second [default: 19200].
    #[arg(long, value_name = "RATE", conflicts_with = "config", value_parser = clap::value_parser!(u32).range(1_200..=921_600))]
    pub(super) baud: Option<u32>,
    /// With --port: parity of each character [default: even].
    #[arg(long, conflicts_with = "config")]
    pub(super) parity: Option<Parity>,
    /// With --port: "controller", "relay-box", or the path of a register map [default: controller].
    #[arg(long, conflicts_with = "config")]
    pub(super) map: Option<String>,
    /// JSON, one object a line.
    #[arg(long)]
    pub(super) json: bool,
}

impl Line {
    pub(super) fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Parity {
    Even,
    None,
    Odd,
}

impl From<Parity> for gate::Parity {
    fn from(parity: Parity) -> Self {
        match parity {
            Parity::Even => Self::Even,
            Parity::None => Self::None,
            Parity::Odd => Self::Odd,
        }
    }
}

/// A reason, in the word that an engineer gives for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason(pub(super) HandReason);

impl ValueEnum for Reason {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(HandReason::Commissioning),
            Self(HandReason::Inspection),
            Self(HandReason::Repair),
            Self(HandReason::Rescue),
            Self(HandReason::Training),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            HandReason::Commissioning => "the gate is put into service",
            HandReason::Inspection => "it is looked over",
            HandReason::Repair => "something about it is being mended",
            HandReason::Rescue => "somebody or something has to be let out",
            HandReason::Training => "somebody is shown how it works",
        };
        Some(PossibleValue::new(self.0.word()).help(help))
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        Ok(_) | Err(_) => Err("give whole seconds, 1 or more".to_owned()),
    }
}

/// Say how the gate stands, field by field.
///
/// Connects, proves by the heartbeat's echo that what it reads is fresh, and shows every field of the status, how long the line
/// takes for one question, and what is to be seen to. It gives no command.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 in order, 1 it answers and something is to be seen to, 3 out of reach, 4 the lane runs, \
    78 the configuration or the register map.\n\n\
    Examples:\n  \
    kiosk gate status --config /etc/sekisho/kiosk.toml\n  \
    kiosk gate status --port /dev/ttyUSB0 --baud 9600 --map relay-box\n  \
    kiosk gate status --port /dev/ttyUSB0 --json | jq .status.leaf"
)]
pub struct Status {
    #[command(flatten)]
    pub(super) line: Line,
}

/// Tell every change, with its time, until Ctrl-C.
///
/// A gate that is out of reach is waited for. It gives no command.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 the gate answers at the end, 3 it does not, 4 the lane runs.\n\n\
    Examples:\n  \
    kiosk gate watch --config kiosk.toml\n  \
    kiosk gate watch --port /dev/ttyUSB0 --for 60 --json | jq -c 'select(.changed) | [.ms, .changed]'"
)]
pub struct Watch {
    #[command(flatten)]
    pub(super) line: Line,
    /// Stop after this long.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
}

/// Open the gate by hand, and close it behind those who passed.
///
/// For somebody of the lane's roster who may test devices or open by hand; the PIN is asked for on the terminal without echo,
/// else it is the first line of standard input. Badge, reason and number of persons are committed to the lane's journal before
/// the gate moves, and alarms as they come. It closes when that many have passed, when the time is over, and on Ctrl-C. Run it as
/// the lane's user, whose files the journal's are.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 that many passed and it is closed, 1 they did not, or the gate refuses or stays open, 3 out of reach, \
    4 not tried (the lane runs, the PIN is wrong, the journal takes no record), 78 the configuration.\n\n\
    Examples:\n  \
    sudo -u sekisho kiosk gate open --config /etc/sekisho/kiosk.toml --badge E-05 --persons 2 --reason repair\n  \
    kiosk gate open --config kiosk.toml --badge S-02 --persons 1 --reason rescue --within 60 < pin"
)]
pub struct Open {
    #[command(flatten)]
    pub(super) line: Line,
    /// Your badge, as the roster has it.
    #[arg(long)]
    pub(super) badge: String,
    /// How many may pass: 1 to 10.
    #[arg(long, value_name = "N", value_parser = persons)]
    pub(super) persons: NonZeroU8,
    /// Why; the journal keeps its code.
    #[arg(long)]
    pub(super) reason: Reason,
    /// Close after this long, whoever has passed.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub(super) within: Duration,
    /// Record the line into this file, which must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(super) tape: Option<PathBuf>,
}

fn persons(text: &str) -> Result<NonZeroU8, String> {
    match text.parse::<NonZeroU8>() {
        Ok(persons) if persons.get() <= 10 => Ok(persons),
        Ok(_) | Err(_) => Err("a party is 1 to 10 persons".to_owned()),
    }
}

/// Walk every actuator, ask for every sensor, and print a commissioning report.
///
/// First the lamps, then the leaf: close, open, close, lock, each with the time to its acknowledgement and the leaf's travel. Then it
/// asks you to trigger each sensor of the register map and watches that the status follows and goes back; type "skip" for what
/// cannot be tried. Evacuation is tried by the fire input, never by command. An opening needs a badge of the roster and stands
/// in the journal, as with `kiosk gate open`; a bare controller is therefore tested without opening.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 nothing failed (the report names what was left out), 1 something failed, 3 out of reach, 4 not tried.\n\n\
    Examples:\n  \
    kiosk gate selftest --config kiosk.toml --badge E-05 --report lane-3.txt\n  \
    kiosk gate selftest --config kiosk.toml --badge E-05 --unattended --json < pin\n  \
    kiosk gate selftest --port /dev/ttyUSB0 --map my-plc.toml        on a bench: all but the opening"
)]
pub struct Selftest {
    #[command(flatten)]
    pub(super) line: Line,
    /// Your badge, as the roster has it; needed with --config.
    #[arg(long, requires = "config")]
    pub(super) badge: Option<String>,
    /// Why, for the journal.
    #[arg(long, default_value = "commissioning")]
    pub(super) reason: Reason,
    /// Nobody is there to trigger sensors: actuators only.
    #[arg(long)]
    pub(super) unattended: bool,
    /// How long to wait for the leaf, and for you at each sensor.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub(super) limit: Duration,
    /// Write the report into this file, too.
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Record the line into this file, which must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(super) tape: Option<PathBuf>,
}

/// Write every byte on the line with its time into a file, until Ctrl-C.
///
/// It watches as `watch` does. The file is text: hardware/gate/tape.rs explains it. `open` and `selftest` record with --tape.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 the gate answers at the end, 3 it does not, 4 not tried.\n\n\
    Example:\n  \
    kiosk gate record bad-cable.tape --config kiosk.toml --for 600"
)]
pub struct Record {
    /// The recording; it must not be there yet.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) line: Line,
    /// Stop after this long.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
}

/// Play a recording's controller to the link, and tell what the link makes of it.
///
/// No device is used. Times are the recording's. The register map is the one that the recording was made with.
#[derive(Args)]
#[command(
    after_long_help = "Exit codes: 0 replayed to its end, 1 the link says something else than the recorded one, 78 it is no recording.\n\n\
    Examples:\n  \
    kiosk gate replay bad-cable.tape\n  \
    kiosk gate replay bad-cable.tape --json | jq -c 'select(.event == \"lost\")'"
)]
pub struct Replay {
    /// The recording.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Take as long as the recording took.
    #[arg(long)]
    pub(super) real_time: bool,
    /// JSON, one object a line.
    #[arg(long)]
    pub(super) json: bool,
}
