//! A link to the gate, with an ear on the line.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gate::tape::{Deed, Entry, Head, Tape};
use gate::{Command, Link, LinkError, News, Status, Timings};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout};

use super::line::Line;
use super::words::cure;
use super::{Outcome, Trouble};
use crate::chain;

/// The link gives a gate up after one second; opening a stuck port may take two more.
const WAIT: Duration = Duration::from_secs(6);

pub(super) struct Session {
    link: Link,
    news: Receiver<News>,
    tape: Tape,
    ear: Arc<Mutex<Ear>>,
    begun: Instant,
    pub(super) status: Option<Status>,
    name: String,
}

/// What is heard on the line.
#[derive(Default)]
struct Ear {
    asked: Option<Duration>,
    answered: Option<Duration>,
    trips: Vec<Duration>,
    file: Option<(PathBuf, File)>,
    failure: Option<(PathBuf, io::Error)>,
}

/// As many exchanges as the median is taken of at most.
const REMEMBERED: usize = 4096;

impl Ear {
    fn hear(&mut self, entry: &Entry) {
        match entry.deed {
            Deed::Sent(_) => {
                // An answer comes in pieces: it is whole when the next question is asked.
                if let (Some(asked), Some(answered)) = (self.asked, self.answered.take())
                    && self.trips.len() < REMEMBERED
                {
                    self.trips.push(answered.saturating_sub(asked));
                }
                self.asked = Some(entry.at);
            }
            Deed::Received(_) => self.answered = self.asked.map(|_| entry.at),
            Deed::Opened | Deed::NotOpened(_) | Deed::Broke(_) | Deed::Ended => {
                (self.asked, self.answered) = (None, None);
            }
            Deed::Ordered(_) => {}
        }
        if let Some((path, mut file)) = self.file.take() {
            // Each line at once: a recording is wanted most when what it was made by has died.
            match writeln!(file, "{entry}") {
                Ok(()) => self.file = Some((path, file)),
                Err(error) => self.failure = Some((path, error)),
            }
        }
    }
}

impl Session {
    /// Begins to talk, and records into this file if there is one.
    pub(super) fn begin(line: &Line, tape: Option<&Path>) -> anyhow::Result<Self> {
        let file = tape.map(|path| begin_tape(line, path)).transpose()?;
        let ear = Arc::new(Mutex::new(Ear {
            file,
            ..Ear::default()
        }));
        let listener = Arc::clone(&ear);
        let tape = Tape::new(move |entry| {
            let mut ear = listener.lock().unwrap_or_else(PoisonError::into_inner);
            ear.hear(entry);
        });
        let (link, news) = Link::spawn(
            tape.on(line.port.clone()),
            line.map.clone(),
            Timings::default(),
        );
        Ok(Self {
            link,
            news,
            tape,
            ear,
            begun: Instant::now(),
            status: None,
            name: line.port.path.clone(),
        })
    }

    /// Begins to talk, and waits for the first status.
    pub(super) async fn connect(
        line: &Line,
        tape: Option<&Path>,
    ) -> anyhow::Result<(Self, Status)> {
        let mut session = Self::begin(line, tape)?;
        let silent = || {
            Trouble::new(
                Outcome::OutOfReach,
                format!("{}: no word from the gate", line.port.path),
                "check the wiring and the controller's power",
            )
        };
        match timeout(WAIT, session.next()).await {
            Ok(News::Connected(status) | News::Changed(status)) => Ok((session, status)),
            Ok(News::Lost(error)) => Err(session.lost(&error).into()),
            Err(_) => Err(silent().into()),
        }
    }

    /// What happens next at the gate.
    pub(super) async fn next(&mut self) -> News {
        let Some(news) = self.news.recv().await else {
            return News::Lost(Arc::new(LinkError::Stopped));
        };
        self.take(&news);
        news
    }

    /// What has happened already and was not asked for.
    pub(super) fn heard(&mut self) -> Vec<News> {
        let mut heard = Vec::new();
        while let Ok(news) = self.news.try_recv() {
            self.take(&news);
            heard.push(news);
        }
        heard
    }

    fn take(&mut self, news: &News) {
        self.status = match news {
            News::Connected(status) | News::Changed(status) => Some(*status),
            News::Lost(_) => None,
        };
    }

    /// Gives a command, and says how long the gate took to acknowledge it.
    pub(super) async fn command(&self, command: Command) -> Result<Duration, LinkError> {
        let begun = Instant::now();
        self.tape.ordered(command);
        self.link.command(command).await?;
        Ok(begun.elapsed())
    }

    /// Waits until the status fits, for `limit` at most, and says how long that took; none if it never did.
    pub(super) async fn until(
        &mut self,
        limit: Duration,
        fits: impl Fn(&Status) -> bool,
    ) -> anyhow::Result<Option<Duration>> {
        let begun = Instant::now();
        loop {
            if self.status.as_ref().is_some_and(&fits) {
                return Ok(Some(begun.elapsed()));
            }
            match timeout(limit.saturating_sub(begun.elapsed()), self.next()).await {
                Ok(News::Connected(_) | News::Changed(_)) => {}
                Ok(News::Lost(error)) => return Err(self.lost(&error).into()),
                Err(_) => return Ok(None),
            }
        }
    }

    pub(super) fn lost(&self, error: &LinkError) -> Trouble {
        let says = format!("{}: the gate is out of reach: {}", self.name, chain(error));
        Trouble::new(Outcome::OutOfReach, says, cure(error))
    }

    /// Since it began.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The median time from handing a question to the port to the last byte of its answer, and of how many; none before the
    /// first.
    pub(super) fn round_trip(&self) -> Option<(Duration, usize)> {
        let ear = self.ear.lock().unwrap_or_else(PoisonError::into_inner);
        let mut trips = ear.trips.clone();
        trips.sort_unstable();
        trips
            .get(trips.len() / 2)
            .map(|median| (*median, trips.len()))
    }

    /// Why the recording is not whole, if it is not.
    pub(super) fn tape_failure(&self) -> Option<Trouble> {
        let mut ear = self.ear.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, error) = ear.failure.take()?;
        Some(Trouble::new(
            Outcome::NotTried,
            format!("{}: the recording breaks off: {error}", path.display()),
            "make room on the disk, and record again",
        ))
    }
}

fn begin_tape(line: &Line, path: &Path) -> Result<(PathBuf, File), Trouble> {
    let head = Head::new(&line.port.path, line.port.baud, &line.map_text);
    File::create_new(path)
        .and_then(|mut file| write!(file, "{head}").map(|()| file))
        .map(|file| (path.to_owned(), file))
        .map_err(|error| {
            Trouble::new(
                Outcome::NotTried,
                format!("{}: no recording can begin there: {error}", path.display()),
                "name a file that is not there yet, in a folder where you may write",
            )
        })
}
