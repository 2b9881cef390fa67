//! The program `kiosk`: its arguments and its exit codes, and nothing else.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use kiosk::run::Screen;
use kiosk::{ConfigError, calibrate, doctor, gate, inspect, journal, officer, run};

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
    Calibrate(Calibrate),
    Doctor(Doctor),
    /// The gate in the hands of those who wire and mend it: look, watch, open, test, record, replay.
    #[command(subcommand)]
    Gate(gate::Gate),
    /// The lane's record in the hands of those who audit it: verify, export, stats.
    #[command(subcommand)]
    Journal(journal::Journal),
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

/// Say what the readers see in pictures and videos, one JSON line each.
///
/// For each picture or frame: codes, the machine readable zone and whether its check digits are right, faces with their quality
/// in per mille, and milliseconds per reader and per stage. The lines hold whatever the documents hold.
#[derive(Args)]
#[command(
    after_long_help = "PNG and JPEG, Y4M and Motion-JPEG are read as they are, other videos through ffmpeg where it is installed. \
    A video's frames are read one after the other as a camera's are.\n\n\
    Exit codes: 0 everything was read, 1 something could not be read (the others are there all the same).\n\n\
    Examples:\n  \
    kiosk inspect passport.jpg\n  \
    kiosk inspect recordings/ --summary | jq -c '[.picture, .mrz.valid, .ms.mrz]'\n  \
    kiosk inspect --live burst/ --summary\n  \
    kiosk inspect walk.y4m --trace seen | jq -c 'select(.codes != []) | .frame'"
)]
struct Inspect {
    /// Pictures, videos, or folders of them (with the folders in them).
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder of the face models; else $SEKISHO_MODELS, target/models, or /usr/share/sekisho/models.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Write what each stage saw as PNG into this folder. They show what documents hold.
    #[arg(long, value_name = "DIR")]
    trace: Option<PathBuf>,
    /// Read each picture as a frame of a running camera, the pictures of a folder as one burst: quicker, and what one frame
    /// does not show is left to the next. Without it a picture is a still, and every stage is tried (up to a second or so).
    #[arg(long)]
    live: bool,
    /// Counts, median and slow times at the end, on standard error.
    #[arg(long)]
    summary: bool,
    /// One JSON object a line: the default, and the only form.
    #[arg(long)]
    json: bool,
}

/// Turn a lens: the live picture with its sharpness, light and distance, and what each reader sees.
///
/// In a window; without a display `--headless` writes a line a second. What documents say is masked: their sort and state stay.
#[derive(Args)]
#[command(
    group = ArgGroup::new("from").required(true).args(["config", "device", "pictures"]),
    after_long_help = "Sharpness: how many pixels wide the sharper edges are, and the variance of the Laplacian, which is highest \
    at the best focus (\"best\" is the highest so far).\n\n\
    Exit codes: 0 ended as asked, 1 no picture or no display, 78 the configuration.\n\n\
    Examples:\n  \
    kiosk calibrate --config /etc/sekisho/kiosk.toml --camera face\n  \
    kiosk calibrate --device /dev/video0 --headless --field-of-view 62\n  \
    kiosk calibrate --pictures recordings/ --frames 50 --json | jq .sharpness.edge_px"
)]
struct Calibrate {
    /// The lane's configuration file (TOML), which names its cameras. Stop the lane first: a camera serves one program.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Which of the lane's cameras.
    #[arg(long, value_enum, default_value_t = Eye::Documents)]
    camera: Eye,
    /// A V4L2 device instead.
    #[arg(long, value_name = "/dev/videoN")]
    device: Option<PathBuf>,
    /// A folder of pictures instead, played over and over.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Lines instead of a window, one a second.
    #[arg(long)]
    headless: bool,
    /// A line for each of so many frames, and then the end.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// One line, the same as `--frames 1`.
    #[arg(long, conflicts_with = "frames")]
    once: bool,
    /// Lines as JSON.
    #[arg(long)]
    json: bool,
    /// Degrees that the lens sees across the picture; then distances are told in millimetres.
    #[arg(long, value_name = "DEGREES")]
    field_of_view: Option<f32>,
    /// Tell what documents say.
    #[arg(long)]
    show_text: bool,
    /// Folder of the face models; else the configuration's, $SEKISHO_MODELS, target/models, or /usr/share/sekisho/models.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

/// A camera of the lane.
#[derive(Clone, Copy, ValueEnum)]
enum Eye {
    /// Passports and codes.
    Documents,
    /// Faces.
    Face,
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
        Command::Inspect(asked) => inspected(&asked),
        Command::Calibrate(asked) => calibrated(&asked).map(|()| ExitCode::SUCCESS),
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
        Command::Journal(command) => journal::run(&command),
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

fn inspected(asked: &Inspect) -> anyhow::Result<ExitCode> {
    // On one terminal the count would stand in the lines' way.
    let progress = if io::stderr().is_terminal() && !io::stdout().is_terminal() {
        inspect::Progress::Shown
    } else {
        inspect::Progress::Silent
    };
    let request = inspect::Request {
        paths: &asked.paths,
        models: asked.models.as_deref(),
        trace: asked.trace.as_deref(),
        patience: if asked.live {
            inspect::Patience::Frame
        } else {
            inspect::Patience::Still
        },
        ending: if asked.summary {
            inspect::Ending::Summary
        } else {
            inspect::Ending::Plain
        },
        progress,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let all_read = inspect::inspect(&request, &mut out, &mut io::stderr())?;
    Ok(if all_read {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn calibrated(asked: &Calibrate) -> anyhow::Result<()> {
    use calibrate::{Form, Origin, Request, Run, Text, Which};
    let from = match (&asked.config, &asked.device, &asked.pictures) {
        (_, Some(device), _) => Origin::Device(device),
        (_, _, Some(pictures)) => Origin::Pictures(pictures),
        (Some(config), ..) => Origin::Config(config),
        (None, None, None) => anyhow::bail!("name a camera: --config, --device or --pictures"),
    };
    let request = Request {
        from,
        camera: match asked.camera {
            Eye::Documents => Which::Documents,
            Eye::Face => Which::Face,
        },
        models: asked.models.as_deref(),
        text: if asked.show_text {
            Text::Shown
        } else {
            Text::Masked
        },
        field_of_view: asked.field_of_view,
    };
    let run = match asked.frames {
        Some(frames) => Run::Frames(frames),
        None if asked.once => Run::Frames(1),
        None if asked.headless || asked.json => Run::Endless,
        None => return calibrate::window(&request),
    };
    let form = if asked.json { Form::Json } else { Form::Plain };
    let mut out = io::stdout().lock();
    calibrate::lines(&request, form, run, &mut out, &mut io::stderr())
}
