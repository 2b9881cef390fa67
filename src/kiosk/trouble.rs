//! Why a command came to nothing, and what to do: told in the form that was asked for, with an exit code of the command's own.

use std::fmt;
use std::io::{self, Write as _};

use serde_json::{Value, json};

/// Why a command came to nothing; `Outcome` is the command's own list of exit codes.
#[derive(Debug)]
pub(crate) struct Trouble<Outcome> {
    pub(crate) outcome: Outcome,
    pub(crate) says: String,
    pub(crate) cure: String,
}

impl<Outcome> Trouble<Outcome> {
    pub(crate) fn new(outcome: Outcome, says: impl Into<String>, cure: impl Into<String>) -> Self {
        let (says, cure) = (says.into(), cure.into());
        Self {
            outcome,
            says,
            cure,
        }
    }

    /// One JSON object on standard output, or one line on standard error.
    ///
    /// # Errors
    /// When standard output is gone.
    pub(crate) fn tell(&self, as_json: bool) -> io::Result<()> {
        if as_json {
            return say(&json!({ "event": "failed", "error": self.says, "cure": self.cure }));
        }
        // Nobody is left to be told when standard error is gone.
        let _ = writeln!(io::stderr(), "kiosk: {self}");
        Ok(())
    }
}

impl<Outcome> fmt::Display for Trouble<Outcome> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.says)?;
        if !self.cure.is_empty() {
            write!(f, " -> {}", self.cure)?;
        }
        Ok(())
    }
}

impl<Outcome: fmt::Debug> std::error::Error for Trouble<Outcome> {}

/// Writes one JSON line.
pub(crate) fn say(value: &Value) -> io::Result<()> {
    line(&value.to_string())
}

/// Writes one line.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
