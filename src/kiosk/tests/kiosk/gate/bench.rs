//! A pretend controller, and a lane's folder whose configuration names it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use dock::controller::{Cause, Controller, Deed, Entry, Hands, Travel};
use gate::RegisterMap;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::rig::Rig;

/// The PINs of the sample roster.
pub(super) const ENGINEER: &str = "161803\n";
pub(super) const SUPERVISOR: &str = "314159\n";
pub(super) const OFFICER: &str = "271828\n";

pub(super) struct Bench {
    pub(super) rig: Rig,
    controller: Controller,
    _runtime: Runtime,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(RegisterMap::controller().unwrap())
    }

    /// A box of relays and contacts, and a configuration that says so.
    pub(super) fn relay_box() -> Self {
        let bench = Self::with(RegisterMap::relay_box().unwrap());
        bench
            .rig
            .change("kiosk.toml", "[gate]\n", "[gate]\nmap = \"relay-box\"\n");
        bench
    }

    fn with(map: RegisterMap) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inside = runtime.enter();
        let travel = Travel {
            open: Duration::from_millis(200),
            close: Duration::from_millis(200),
            clear: Duration::from_millis(50),
            watchdog: Duration::from_secs(10),
            ..Travel::default()
        };
        let controller = Controller::start(map, travel).unwrap();
        drop(inside);
        let rig = Rig::new();
        rig.change(
            "kiosk.toml",
            "no-such-port",
            &controller.path().display().to_string(),
        );
        Self {
            rig,
            controller,
            _runtime: runtime,
        }
    }

    pub(super) fn port(&self) -> String {
        self.controller.path().display().to_string()
    }

    pub(super) fn hands(&self) -> Hands {
        self.controller.hands()
    }

    /// When the gate was opened by command.
    pub(super) fn openings(&self) -> Vec<Entry> {
        let by_command = |entry: &Entry| {
            entry.deed
                == Deed::Opened {
                    cause: Cause::Command,
                }
        };
        self.hands().log().into_iter().filter(by_command).collect()
    }

    /// What stands in the journal, once the program has let go of it.
    pub(super) fn records(&self) -> Vec<journal::Entry> {
        let path = self.rig.path("journal.db");
        if !path.exists() {
            return Vec::new();
        }
        let key = journal::DigestKey::new([7; 32]);
        let (journal, _) = journal::Journal::open(&path, key, journal::Stamp::new(0)).unwrap();
        journal.verify().unwrap();
        journal.entries(0).map(Result::unwrap).collect()
    }

    fn gate(&self, arguments: &[&str]) -> Command {
        let mut kiosk = self.rig.kiosk();
        kiosk
            .arg("gate")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        kiosk
    }

    /// Runs to the end, with these words on standard input.
    pub(super) fn run(&self, arguments: &[&str], typed: &str) -> Told {
        let mut child = self.gate(arguments).spawn().unwrap();
        // It may have ended without reading.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        Told {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            errors: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Starts, with these words on standard input.
    pub(super) fn start(&self, arguments: &[&str], typed: &str) -> Running {
        let mut child = self.gate(arguments).spawn().unwrap();
        child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(typed.as_bytes())
            .unwrap();
        Running {
            out: BufReader::new(child.stdout.take().unwrap()).lines(),
            errors: BufReader::new(child.stderr.take().unwrap()).lines(),
            child,
        }
    }
}

/// What a program told, and how it ended.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) errors: String,
}

impl Told {
    pub(super) fn json(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

/// A program that runs.
pub(super) struct Running {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    pub(super) errors: Lines<BufReader<ChildStderr>>,
}

impl Running {
    /// The next JSON line that fits.
    pub(super) fn awaits(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        self.out
            .by_ref()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .find(|line| fits(line))
            .expect("it goes on")
    }

    pub(super) fn types(&mut self, words: &str) {
        let typed = self.child.stdin.as_mut().unwrap();
        writeln!(typed, "{words}").unwrap();
    }

    pub(super) fn interrupt(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    }

    /// The JSON lines that are left, and the exit code.
    pub(super) fn ends(mut self) -> (Vec<Value>, i32) {
        let rest = self
            .out
            .by_ref()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect();
        (rest, self.child.wait().unwrap().code().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
