//! Recordings of the line: every byte with its time and direction, written as text, and played back to a link.
//!
//! A recording is lines of text, so that it can be read, cut and mailed. First its head, then one entry a line:
//!
//! ```text
//! sekisho gate tape 1
//! software 0.1.0
//! port /dev/sekisho-gate
//! baud 19200
//! map
//! | name = "gate controller"
//! | unit = 1
//! | ...
//! 0 open
//! 61204 > 01060004000109cb
//! 66410 < 01060004000109cb
//! 90112 order open 2
//! 1500233 broke 5 Input/output error
//! 1751009 no-open 0 No such file or directory
//! ```
//!
//! | line | meaning |
//! |---|---|
//! | `sekisho gate tape 1` | the form's version; another number is refused |
//! | `software`, `port`, `baud` | which release recorded, on which line, at which rate; for people |
//! | `map` | and after it the register map itself, each of its lines behind `\| `: maps change, and recordings do not |
//! | *microseconds* | since the recording began; it never goes back |
//! | `open`, `no-open` *code* *words* | the port was opened, or could not be; the code is the system's number, 0 for none |
//! | `>` *hex* | bytes from the lane to the controller, as they were taken by the port |
//! | `<` *hex* | bytes from the controller to the lane, as they came |
//! | `broke` *code* *words* | the port failed while it was open |
//! | `end` | the open port read as ended: the adapter has gone |
//! | `order` *command* | a command was given to the link: its key in the register map, `open` with its persons |
//!
//! Empty lines and lines that begin with `#` are passed over.

use std::fmt;
use std::fmt::Write as _;
use std::io;
use std::num::NonZeroU8;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::{Command, Lamp, MapError, RegisterMap, Sounder};

mod play;
mod record;
mod stage;
#[cfg(test)]
mod tests;

pub use play::{Diverged, Pace, Played, replay};
pub use record::{Tape, Taped, TapedPort};

/// The first line of every recording of this form.
const FORM: &str = "sekisho gate tape 1";

/// What a port said when it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The system's own number, where it gave one.
    pub code: Option<i32>,
    /// In words, on one line.
    pub words: String,
}

impl Trouble {
    pub(crate) fn of(error: &io::Error) -> Self {
        Self {
            code: error.raw_os_error().filter(|code| *code != 0),
            words: one_line(&error.to_string()),
        }
    }

    pub(crate) fn error(&self) -> io::Error {
        match self.code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::other(self.words.clone()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.unwrap_or(0), one_line(&self.words))
    }
}

/// Something that happened on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The port was opened.
    Opened,
    /// The port could not be opened.
    NotOpened(Trouble),
    /// Bytes went to the controller.
    Sent(Vec<u8>),
    /// Bytes came from the controller.
    Received(Vec<u8>),
    /// The open port failed.
    Broke(Trouble),
    /// The open port read as ended.
    Ended,
    /// A command was given to the link.
    Ordered(Command),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("open"),
            Self::NotOpened(trouble) => write!(f, "no-open {trouble}"),
            Self::Sent(bytes) => write!(f, "> {}", hex(bytes)),
            Self::Received(bytes) => write!(f, "< {}", hex(bytes)),
            Self::Broke(trouble) => write!(f, "broke {trouble}"),
            Self::Ended => f.write_str("end"),
            Self::Ordered(Command::Open { persons }) => write!(f, "order open {persons}"),
            Self::Ordered(command) => write!(f, "order {}", command.order()),
        }
    }
}

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Since the recording began; kept in whole microseconds.
    pub at: Duration,
    /// What happened.
    pub deed: Deed,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.as_micros(), self.deed)
    }
}

/// The text of the shipped map of a gate controller.
pub const CONTROLLER: &str = include_str!("maps/controller.toml");
/// The text of the shipped map of a relay box.
pub const RELAY_BOX: &str = include_str!("maps/relay-box.toml");

/// What stands above the entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The release that recorded.
    pub software: String,
    /// The device's path.
    pub port: String,
    /// Bits per second.
    pub baud: u32,
    /// The register map, TOML.
    pub map: String,
}

impl Head {
    /// The head of a recording that this release makes with this register map. Comments of the map stay at home.
    #[must_use]
    pub fn new(port: &str, baud: u32, map: &str) -> Self {
        let whole = map.parse::<RegisterMap>().ok();
        let bare: String = map
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .flat_map(|line| [line, "\n"])
            .collect();
        let same = bare.parse::<RegisterMap>().ok() == whole;
        Self {
            software: env!("CARGO_PKG_VERSION").to_owned(),
            port: one_line(port),
            baud,
            map: if same { bare } else { map.to_owned() },
        }
    }

    /// The register map.
    ///
    /// # Errors
    /// When the text is no map.
    pub fn register_map(&self) -> Result<RegisterMap, MapError> {
        self.map.parse()
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORM}")?;
        writeln!(f, "software {}", self.software)?;
        writeln!(f, "port {}", self.port)?;
        writeln!(f, "baud {}", self.baud)?;
        writeln!(f, "map")?;
        self.map
            .lines()
            .try_for_each(|line| writeln!(f, "| {line}"))
    }
}

/// A whole recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What stands above the entries.
    pub head: Head,
    /// What happened, in the order of time.
    pub entries: Vec<Entry>,
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.head)?;
        self.entries
            .iter()
            .try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

/// Why a text is no recording.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct TapeError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl FromStr for Recording {
    type Err = TapeError;

    fn from_str(text: &str) -> Result<Self, TapeError> {
        let mut lines = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
            .peekable();
        let wrong = |line: usize, problem: &str| TapeError {
            line,
            problem: problem.to_owned(),
        };
        match lines.next() {
            Some((FORM, _)) => {}
            Some((line, number)) if line.starts_with("sekisho gate tape ") => {
                return Err(wrong(
                    number,
                    "a form that this release does not read; replay it with the release that recorded it",
                ));
            }
            other => {
                let number = other.map_or(1, |(_, number)| number);
                return Err(wrong(
                    number,
                    "a recording begins with \"sekisho gate tape 1\"",
                ));
            }
        }
        let mut key = |key: &str| match lines.next() {
            Some((line, number)) => match line.split_once(' ') {
                Some((found, value)) if found == key => Ok((value, number)),
                _ => Err(wrong(
                    number,
                    &format!("here stands `{key}` in a recording"),
                )),
            },
            None => Err(wrong(text.lines().count(), &format!("`{key}` is missing"))),
        };
        let (software, _) = key("software")?;
        let (port, _) = key("port")?;
        let (baud, number) = key("baud")?;
        let baud = baud
            .parse()
            .map_err(|_| wrong(number, "the baud rate is no number"))?;
        match lines.next() {
            Some(("map", _)) => {}
            other => {
                let number = other.map_or(text.lines().count(), |(_, number)| number);
                return Err(wrong(
                    number,
                    "here stands `map` in a recording, and after it the map's lines",
                ));
            }
        }
        let mut map = String::new();
        while let Some((line, _)) = lines.next_if(|(line, _)| line.starts_with('|')) {
            map.push_str(line.strip_prefix("| ").unwrap_or(""));
            map.push('\n');
        }
        let mut entries: Vec<Entry> = Vec::new();
        for (line, number) in lines {
            let entry = entry(line).map_err(|problem| wrong(number, problem))?;
            if entries.last().is_some_and(|last| last.at > entry.at) {
                return Err(wrong(number, "time goes back"));
            }
            entries.push(entry);
        }
        let head = Head {
            software: software.to_owned(),
            port: port.to_owned(),
            baud,
            map,
        };
        Ok(Self { head, entries })
    }
}

fn entry(line: &str) -> Result<Entry, &'static str> {
    let (at, deed) = line
        .split_once(' ')
        .ok_or("an entry is microseconds, a space, and what happened")?;
    let at = at
        .parse()
        .map(Duration::from_micros)
        .map_err(|_| "an entry begins with microseconds")?;
    let (word, rest) = deed.split_once(' ').unwrap_or((deed, ""));
    let deed = match word {
        "open" if rest.is_empty() => Deed::Opened,
        "no-open" => Deed::NotOpened(trouble(rest)?),
        "broke" => Deed::Broke(trouble(rest)?),
        "end" if rest.is_empty() => Deed::Ended,
        ">" => Deed::Sent(bytes(rest)?),
        "<" => Deed::Received(bytes(rest)?),
        "order" => Deed::Ordered(command(rest).ok_or("this release knows no such command")?),
        _ => return Err("what happened is one of open, no-open, >, <, broke, end and order"),
    };
    Ok(Entry { at, deed })
}

fn trouble(text: &str) -> Result<Trouble, &'static str> {
    let (code, words) = text.split_once(' ').unwrap_or((text, ""));
    let code: i32 = code
        .parse()
        .map_err(|_| "a failure has the system's number, 0 for none, and then words")?;
    Ok(Trouble {
        code: (code != 0).then_some(code),
        // As it would be written: a stray carriage return is none of the words.
        words: one_line(words),
    })
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    let digit = |digit: &u8| (*digit as char).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes
        .filter(|bytes| !bytes.is_empty())
        .ok_or("bytes are pairs of hexadecimal digits")
}

/// The command of these words: the reverse of what an `order` line shows.
fn command(words: &str) -> Option<Command> {
    Some(match words {
        "close" => Command::Close,
        "lock" => Command::Lock,
        "evacuate" => Command::Evacuate,
        "clear_fault" => Command::ClearFault,
        "lamp_off" => Command::Lamp(Lamp::Off),
        "lamp_wait" => Command::Lamp(Lamp::Wait),
        "lamp_go" => Command::Lamp(Lamp::Go),
        "lamp_see_officer" => Command::Lamp(Lamp::SeeOfficer),
        "sounder_silent" => Command::Sounder(Sounder::Silent),
        "sounder_chime" => Command::Sounder(Sounder::Chime),
        "sounder_alarm" => Command::Sounder(Sounder::Alarm),
        words => Command::Open {
            persons: words.strip_prefix("open ")?.parse::<NonZeroU8>().ok()?,
        },
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
