//! `kiosk officer hash-pin`: what the roster keeps of a PIN. The PIN itself is shown nowhere and kept nowhere.

use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;

use anyhow::{Context as _, bail};
use officers::{Pin, Salt, hash_pin};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Asks for a PIN on the terminal, twice and without echo, or takes it from the first line of standard input, and gives the
/// roster's line for it.
///
/// # Errors
/// When it is no PIN, the two differ, or the terminal cannot be made silent.
pub fn roster_line() -> anyhow::Result<String> {
    let mut input = io::stdin().lock();
    let pin = if input.is_terminal() {
        let first = asked("PIN (6 to 12 digits): ", &mut input)?;
        if first != asked("The same again: ", &mut input)? {
            bail!("the two PINs differ; nothing was made: start again");
        }
        first
    } else {
        typed(&mut input)?
    };
    let mut salt: Salt = Salt::default();
    getrandom::fill(&mut salt).context("the system gives no random numbers")?;
    Ok(format!("pin = \"{}\"", hash_pin(&pin, &salt)?))
}

/// A PIN, asked for once: on the terminal without echo, else the first line of standard input.
pub(crate) fn pin(question: &str) -> anyhow::Result<Pin> {
    let mut input = io::stdin().lock();
    if input.is_terminal() {
        asked(question, &mut input)
    } else {
        typed(&mut input)
    }
}

fn asked(question: &str, input: &mut (impl BufRead + AsFd)) -> anyhow::Result<Pin> {
    // Before the question: whoever answers at once is not shown either.
    let quiet = Quiet::new(input.as_fd().try_clone_to_owned()?)?;
    let mut screen = io::stderr();
    write!(screen, "{question}")?;
    screen.flush()?;
    let pin = typed(&mut *input);
    drop(quiet);
    writeln!(screen)?;
    pin
}

fn typed(input: impl BufRead) -> anyhow::Result<Pin> {
    // Longer than any PIN, so that the text never moves and leaves a copy behind.
    let mut line = String::with_capacity(256);
    input
        .take(256)
        .read_line(&mut line)
        .context("standard input cannot be read")?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Pin::parse(line)?)
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Quiet<F: AsFd> {
    terminal: F,
    before: Termios,
}

impl<F: AsFd> Quiet<F> {
    fn new(terminal: F) -> anyhow::Result<Self> {
        let before = tcgetattr(&terminal).context("the terminal does not say how it is set")?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)
            .context("the terminal cannot be made silent")?;
        Ok(Self { terminal, before })
    }
}

impl<F: AsFd> Drop for Quiet<F> {
    fn drop(&mut self) {
        // A terminal that has gone has no echo to get back.
        let _ = tcsetattr(&self.terminal, OptionalActions::Drain, &self.before);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_line_is_the_pin() {
        for (text, good) in [
            ("271828\n", true),
            ("271828\r\n", true),
            ("271828", true),
            ("271828\n314159\n", true),
            ("27182\n", false),
            ("27182a\n", false),
            (" 271828\n", false),
            ("\n", false),
            ("", false),
        ] {
            assert_eq!(typed(text.as_bytes()).is_ok(), good, "{text:?}");
        }
    }
}
