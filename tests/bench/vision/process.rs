//! A reader in a process of its own: one JSON line asks, one answers. A picture that takes too long ends the process.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longer than any reader worth comparing takes for a picture.
const LIMIT: Duration = Duration::from_secs(20);
/// Loading models and libraries, on a busy machine.
const START: Duration = Duration::from_secs(90);

/// One thread each, by every name that the readers' libraries have for it.
const ALONE: [(&str, &str); 6] = [
    ("RTEN_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("OMP_THREAD_LIMIT", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OPENCV_FOR_THREADS_NUM", "1"),
    ("RAYON_NUM_THREADS", "1"),
];

/// How a reader is started.
pub(super) struct Recipe {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
}

/// A running reader.
pub(super) struct Process {
    recipe: Recipe,
    running: Running,
    /// What it said of itself when it began.
    pub(super) about: String,
}

struct Running {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<Value>,
}

impl Process {
    /// Starts a reader and waits until it has loaded.
    ///
    /// The error says why this reader is not here.
    pub(super) fn start(recipe: Recipe) -> Result<Self> {
        let (running, about) = Running::start(&recipe)?;
        Ok(Self {
            recipe,
            running,
            about,
        })
    }

    /// Asks for one answer; none when the time was up or the process ended, after which it has been started again.
    pub(super) fn ask(&mut self, order: &Value) -> Result<Option<Value>> {
        let sent =
            writeln!(self.running.orders, "{order}").and_then(|()| self.running.orders.flush());
        let answer = self.running.answers.recv_timeout(LIMIT);
        match (sent, answer) {
            (Ok(()), Ok(answer)) => Ok(Some(answer)),
            _ => {
                self.running.end();
                self.running = Running::start(&self.recipe)?.0;
                Ok(None)
            }
        }
    }
}

impl Running {
    fn start(recipe: &Recipe) -> Result<(Self, String)> {
        let mut command = on_one_core(recipe);
        command
            .envs(ALONE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().context("cannot be started")?;
        let (orders, said) = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(said)) = (orders, said) else {
            bail!("has no pipes");
        };
        let (tell, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                // Libraries print to standard output too, what is no object is theirs.
                if let Ok(value @ Value::Object(_)) = serde_json::from_str(&line)
                    && tell.send(value).is_err()
                {
                    return;
                }
            }
        });
        let running = Self {
            child,
            orders,
            answers,
        };
        let first = match running.answers.recv_timeout(START) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => bail!("was not ready after {} s", START.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("ended at once"),
        };
        if let Some(why) = first["missing"].as_str() {
            bail!("{why}");
        }
        let about = first["about"].as_str().unwrap_or_default().to_owned();
        Ok((running, about))
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Held to one core where util-linux is there: a library with threads of its own gains nothing by them.
fn on_one_core(recipe: &Recipe) -> Command {
    let held = Command::new("taskset").arg("--version").output().is_ok();
    let mut command = if held {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0"]).arg(&recipe.program);
        command
    } else {
        Command::new(&recipe.program)
    };
    command.args(&recipe.arguments);
    command
}
