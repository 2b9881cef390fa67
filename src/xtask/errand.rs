//! Running other programs: one line as each begins, one with its seconds as it ends, its exit code handed on.

use std::{
    ffi::OsStr,
    fmt,
    io::{self, Write},
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Why a command of ours ends badly.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A program failed and has said why; its exit code becomes ours.
    Exit(u8),
    /// Something that we have to say ourselves.
    Told(String),
}

/// A program about to be run.
pub(crate) struct Errand {
    label: String,
    command: Command,
}

impl Errand {
    /// A program and its arguments, under a label for the progress lines.
    pub(crate) fn new<S: AsRef<OsStr>>(
        label: impl Into<String>,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self {
            label: label.into(),
            command,
        }
    }

    /// The program with nothing to read, so that it cannot wait for an answer.
    pub(crate) fn without_input(mut self) -> Self {
        self.command.stdin(Stdio::null());
        self
    }

    /// The program, run in this folder rather than in the caller's.
    pub(crate) fn within(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it and lets it speak.
    pub(crate) fn aloud(mut self) -> Result<(), Failure> {
        let begun = begin(&self.label);
        let status = self.command.status();
        end(
            &self.label,
            begun,
            status.map_err(|error| unable(&self.command, &error))?,
        )
    }

    /// Runs it and keeps what it says for the case that it fails.
    pub(crate) fn quietly(mut self) -> Result<(), Failure> {
        let begun = begin(&self.label);
        let output = self
            .command
            .output()
            .map_err(|error| unable(&self.command, &error))?;
        if !output.status.success() {
            // If our own output is gone, nobody is there to be told.
            let _ = io::stderr().write_all(&output.stdout);
            let _ = io::stderr().write_all(&output.stderr);
        }
        end(&self.label, begun, output.status)
    }

    /// Runs it without a word and returns what it printed, whatever its exit code; `None` when it cannot be started.
    pub(crate) fn heard(mut self) -> Option<(bool, String)> {
        let output = self.command.output().ok()?;
        Some((
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        ))
    }
}

fn begin(label: &str) -> Instant {
    println!("xtask: {label}");
    Instant::now()
}

fn end(label: &str, begun: Instant, status: ExitStatus) -> Result<(), Failure> {
    let took = Seconds(begun.elapsed());
    match exit_code(status) {
        0 => {
            println!("xtask: {label}: done in {took}");
            Ok(())
        }
        code => {
            eprintln!("xtask: {label}: failed with exit code {code} after {took}");
            Err(Failure::Exit(code))
        }
    }
}

fn unable(command: &Command, error: &io::Error) -> Failure {
    Failure::Told(format!(
        "cannot run {}: {error}",
        command.get_program().display()
    ))
}

/// As a shell counts: the exit code, or 128 and the signal's number.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds @ 60.. => write!(f, "{} min {:02} s", seconds / 60, seconds % 60),
            seconds => write!(f, "{seconds}.{} s", self.0.subsec_millis() / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn seconds_are_short() {
        let table = [
            (0, "0.0 s"),
            (1_940, "1.9 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 00 s"),
            (605_500, "10 min 05 s"),
        ];
        for (millis, expected) in table {
            assert_eq!(Seconds(Duration::from_millis(millis)).to_string(), expected);
        }
    }

    #[test]
    fn the_exit_code_is_handed_on() {
        let run = |script: &str| Errand::new("a script", "sh", ["-c", script]).quietly();
        assert_eq!(run("exit 0"), Ok(()));
        assert_eq!(run("exit 7"), Err(Failure::Exit(7)));
        assert_eq!(run("kill -9 $$"), Err(Failure::Exit(137)));
        let absent = Errand::new("nothing", "no-such-program-here", [""; 0]).aloud();
        assert!(
            matches!(absent, Err(Failure::Told(what)) if what.contains("no-such-program-here"))
        );
    }

    #[test]
    fn what_is_heard_is_what_was_printed() {
        let heard = Errand::new("a script", "sh", ["-c", "echo word; exit 3"]).heard();
        assert_eq!(heard, Some((false, "word\n".into())));
    }
}
