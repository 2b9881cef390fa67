//! A recording played to a link: the controller's side answers as it did, and the link makes its news of it.
//!
//! The link's bytes set the pace and are held against the recording: an answer is given when its question has been asked.
//! A link that says something else than the recorded one has [`Diverged`].

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Deed, Entry, Recording, hex};
use crate::{Command, Link, LinkError, News, PortFactory, RegisterMap, Timings};

/// How fast a recording is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Every answer takes as long as it took.
    Recorded,
    /// Answers come at once and polls follow each other; only silences that the link has to sit out last, and no longer
    /// than it takes to sit them out.
    Fast,
}

/// What a replay tells. `at` is the recording's own time.
#[derive(Debug)]
pub enum Played {
    /// The link's news.
    News {
        /// When.
        at: Duration,
        /// What it says.
        news: News,
    },
    /// What became of a recorded command.
    Done {
        /// When.
        at: Duration,
        /// Which.
        command: Command,
        /// As the link says.
        result: Result<(), LinkError>,
    },
}

/// The link does not do what the recorded one did: another release, another map, or a recording that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at {} us the link {link} where the recording has `{recorded}`", at.as_micros())]
pub struct Diverged {
    /// The recording's time of the entry that does not fit.
    pub at: Duration,
    /// What the link does.
    pub link: String,
    /// The entry's words.
    pub recorded: String,
}

/// Plays a recording to a link of its own, on the running tokio runtime, and tells what the link makes of it.
///
/// `timings` are those of the recording link. The recording's end is the replay's end.
///
/// # Errors
/// [`Diverged`] at the first byte that does not fit.
pub async fn replay(
    recording: &Recording,
    map: RegisterMap,
    timings: Timings,
    pace: Pace,
    mut tell: impl FnMut(Played),
) -> Result<(), Diverged> {
    let stage = Arc::new(Stage {
        script: Mutex::new(Script {
            entries: in_order(&recording.entries),
            next: 0,
            offset: 0,
            since: Instant::now(),
            end: None,
            waiting: Vec::new(),
        }),
        call: Notify::new(),
        turn: Notify::new(),
        pace,
        timings,
    });
    let timings = match pace {
        Pace::Recorded => timings,
        Pace::Fast => Timings {
            poll: Duration::from_millis(1),
            ..timings
        },
    };
    let player = Player {
        stage: Arc::clone(&stage),
        port: recording.head.port.clone(),
    };
    let (link, mut news) = Link::spawn(player, map, timings);
    let mut orders = Orders(Vec::new());
    let end = loop {
        tokio::select! {
            biased;
            Some(news) = news.recv() => tell(Played::News { at: stage.script().time(), news }),
            (command, result) = orders.next() => tell(Played::Done { at: stage.script().time(), command, result }),
            () = stage.call.notified() => {
                if let Some(end) = stage.script().end.clone() {
                    break end;
                }
                while let Some(command) = stage.due() {
                    orders.give(&link, command).await;
                    stage.passed();
                }
            }
        }
    };
    let at = stage.script().time();
    while let Ok(news) = news.try_recv() {
        tell(Played::News { at, news });
    }
    for (command, result) in orders.ready().await {
        tell(Played::Done {
            at,
            command,
            result,
        });
    }
    end.map_or(Ok(()), Err)
}

/// A command is given while the link waits for the answer before it, so that it cannot have begun another poll by then.
fn in_order(entries: &[Entry]) -> Vec<Entry> {
    let mut sorted: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let answer = |entry: &&Entry| matches!(entry.deed, Deed::Received(_));
        let before = match entry.deed {
            Deed::Ordered(_) => sorted.iter().rev().take_while(answer).count(),
            _ => 0,
        };
        sorted.insert(sorted.len() - before, entry.clone());
    }
    sorted
}

type Errand = Pin<Box<dyn Future<Output = (Command, Result<(), LinkError>)> + Send>>;

/// Commands that have been given and not answered.
struct Orders(Vec<Errand>);

impl Orders {
    /// Gives a command; it is in the link's hands when this returns.
    async fn give(&mut self, link: &Link, command: Command) {
        let link = link.clone();
        let errand = async move { (command, link.command(command).await) };
        self.0.push(Box::pin(errand));
        // The first poll hands it over. Its result, if it is there already, must not be lost.
        for early in self.ready().await {
            self.0.push(Box::pin(async move { early }));
        }
    }

    /// Those that are answered by now.
    async fn ready(&mut self) -> Vec<(Command, Result<(), LinkError>)> {
        poll_fn(|cx| {
            let mut answered = Vec::new();
            self.0.retain_mut(|errand| match errand.as_mut().poll(cx) {
                Poll::Ready(answer) => {
                    answered.push(answer);
                    false
                }
                Poll::Pending => true,
            });
            Poll::Ready(answered)
        })
        .await
    }

    async fn next(&mut self) -> (Command, Result<(), LinkError>) {
        poll_fn(|cx| {
            let answered = self.0.iter_mut().enumerate().find_map(|(at, errand)| {
                match errand.as_mut().poll(cx) {
                    Poll::Ready(answer) => Some((at, answer)),
                    Poll::Pending => None,
                }
            });
            match answered {
                Some((at, answer)) => {
                    drop(self.0.remove(at));
                    Poll::Ready(answer)
                }
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// What is shared by the driver and the port.
struct Stage {
    script: Mutex<Script>,
    /// The driver has something to do.
    call: Notify,
    /// The driver has done it.
    turn: Notify,
    pace: Pace,
    timings: Timings,
}

struct Script {
    entries: Vec<Entry>,
    /// The entry that is due next.
    next: usize,
    /// How much of its bytes has gone.
    offset: usize,
    /// When the entry before it was done.
    since: Instant,
    /// Set at the end: nothing, or where the link left the script.
    end: Option<Option<Diverged>>,
    waiting: Vec<Waker>,
}

impl Script {
    fn time(&self) -> Duration {
        let last = self.next.checked_sub(1);
        last.and_then(|last| self.entries.get(last))
            .map_or(Duration::ZERO, |entry| entry.at)
    }

    fn advance(&mut self, to: usize) {
        (self.next, self.offset, self.since) = (to, 0, Instant::now());
        self.waiting.drain(..).for_each(Waker::wake);
    }

    /// From the entry before `from` to the entry `to`, as recorded.
    fn pause(&self, from: usize, to: usize) -> Duration {
        let at = |entry: usize| {
            self.entries
                .get(entry)
                .map_or(Duration::ZERO, |entry| entry.at)
        };
        let before = from.checked_sub(1).map_or(Duration::ZERO, at);
        at(to).saturating_sub(before)
    }
}

impl Stage {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, script: &mut Script, end: Option<Diverged>) {
        script.end.get_or_insert(end);
        self.call.notify_one();
    }

    fn diverge(&self, script: &mut Script, link: String) {
        let Some(entry) = script.entries.get(script.next) else {
            return self.finish(script, None);
        };
        let diverged = Diverged {
            at: entry.at,
            link,
            recorded: entry.deed.to_string(),
        };
        self.finish(script, Some(diverged));
    }

    /// The command that is to be given now.
    fn due(&self) -> Option<Command> {
        let script = self.script();
        match script.entries.get(script.next)?.deed {
            Deed::Ordered(command) => Some(command),
            _ => None,
        }
    }

    /// The command has been given.
    fn passed(&self) {
        let mut script = self.script();
        let next = script.next + 1;
        script.advance(next);
        self.turn.notify_one();
    }

    /// A pause within an answer.
    fn answering(&self, pause: Duration) -> Duration {
        match self.pace {
            Pace::Recorded => pause,
            // Whatever is later than this the link may have given up waiting for, and then it must do so again.
            Pace::Fast if pause < self.timings.answer / 2 => Duration::ZERO,
            Pace::Fast => pause.min(2 * self.timings.answer),
        }
    }

    /// How long the port could not be opened.
    fn outage(&self, pause: Duration) -> Duration {
        match self.pace {
            Pace::Recorded => pause,
            Pace::Fast => pause.min(2 * self.timings.patience),
        }
    }

    /// What opening the port gives now; none while the driver has to give a command first, or at the end.
    fn open(&self) -> Option<io::Result<()>> {
        let mut script = self.script();
        let opening = |entry: &Entry| matches!(entry.deed, Deed::Opened | Deed::NotOpened(_));
        let late =
            |entry: &&Entry| matches!(entry.deed, Deed::Received(_) | Deed::Broke(_) | Deed::Ended);
        let here = script.next;
        // What came when the link had given up was read by nobody.
        let skipped = script.entries.iter().skip(here).take_while(late).count();
        if script.entries.get(here + skipped).is_some_and(opening) && skipped > 0 {
            script.advance(here + skipped);
        }
        let here = script.next;
        match script.entries.get(here).map(|entry| entry.deed.clone()) {
            None => {
                self.finish(&mut script, None);
                None
            }
            Some(Deed::Ordered(_)) => {
                self.call.notify_one();
                None
            }
            Some(Deed::Opened) => {
                script.advance(here + 1);
                Some(Ok(()))
            }
            Some(Deed::NotOpened(trouble)) => {
                let closed = |entry: &&Entry| matches!(entry.deed, Deed::NotOpened(_));
                let times = script.entries.iter().skip(here).take_while(closed).count();
                let outage = self.outage(script.pause(here, here + times - 1));
                if script.since.elapsed() >= outage {
                    script.advance(here + times);
                }
                Some(Err(trouble.error()))
            }
            Some(Deed::Sent(_) | Deed::Received(_) | Deed::Broke(_) | Deed::Ended) => {
                self.diverge(&mut script, "opens the port anew".to_owned());
                None
            }
        }
    }
}

/// The recorded port.
struct Player {
    stage: Arc<Stage>,
    port: String,
}

impl PortFactory for Player {
    type Port = PlayedPort;

    async fn open(&mut self) -> io::Result<PlayedPort> {
        loop {
            if let Some(opened) = self.stage.open() {
                return opened.map(|()| PlayedPort {
                    stage: Arc::clone(&self.stage),
                    pause: None,
                });
            }
            self.stage.turn.notified().await;
        }
    }

    fn describe(&self) -> String {
        format!("{} as recorded", self.port)
    }
}

struct PlayedPort {
    stage: Arc<Stage>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl fmt::Debug for PlayedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlayedPort")
    }
}

impl PlayedPort {
    /// Waits until the next entry is due.
    fn poll_due(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<()> {
        if due <= Instant::now() {
            self.pause = None;
            return Poll::Ready(());
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if pause.deadline() != due {
            pause.as_mut().reset(due);
        }
        ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(())
    }
}

impl AsyncRead for PlayedPort {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stage = Arc::clone(&self.stage);
        let mut script = stage.script();
        let here = script.next;
        let Some(entry) = script.entries.get(here) else {
            stage.finish(&mut script, None);
            return Poll::Pending;
        };
        let deed = entry.deed.clone();
        match &deed {
            Deed::Received(_) | Deed::Broke(_) | Deed::Ended => {}
            Deed::Ordered(_) | Deed::Sent(_) | Deed::Opened | Deed::NotOpened(_) => {
                if matches!(deed, Deed::Ordered(_)) {
                    stage.call.notify_one();
                }
                script.waiting.push(cx.waker().clone());
                return Poll::Pending;
            }
        }
        if script.offset == 0 {
            let pause = stage.answering(script.pause(here, here));
            let Some(due) = script.since.checked_add(pause) else {
                return Poll::Pending;
            };
            ready!(self.poll_due(cx, due));
        }
        match deed {
            Deed::Received(bytes) => {
                let rest = bytes.get(script.offset..).unwrap_or_default();
                let count = rest.len().min(buf.remaining());
                buf.put_slice(rest.get(..count).unwrap_or(rest));
                script.offset += count;
                if script.offset == bytes.len() {
                    script.advance(here + 1);
                }
                Poll::Ready(Ok(()))
            }
            Deed::Broke(trouble) => {
                script.advance(here + 1);
                Poll::Ready(Err(trouble.error()))
            }
            Deed::Ended => {
                script.advance(here + 1);
                Poll::Ready(Ok(()))
            }
            Deed::Ordered(_) | Deed::Sent(_) | Deed::Opened | Deed::NotOpened(_) => Poll::Pending,
        }
    }
}

impl AsyncWrite for PlayedPort {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stage = &self.stage;
        let mut script = stage.script();
        let here = script.next;
        match script.entries.get(here).map(|entry| entry.deed.clone()) {
            None => stage.finish(&mut script, None),
            Some(Deed::Ordered(_)) => {
                stage.call.notify_one();
                script.waiting.push(cx.waker().clone());
            }
            Some(Deed::Sent(recorded)) => {
                let rest = recorded.get(script.offset..).unwrap_or_default();
                let count = rest.len().min(bytes.len());
                if rest.get(..count) == bytes.get(..count) {
                    script.offset += count;
                    if script.offset == recorded.len() {
                        script.advance(here + 1);
                    }
                    return Poll::Ready(Ok(count));
                }
                stage.diverge(&mut script, format!("sends {}", hex(bytes)));
            }
            Some(Deed::Broke(trouble)) => {
                script.advance(here + 1);
                return Poll::Ready(Err(trouble.error()));
            }
            Some(Deed::Ended) => {
                script.advance(here + 1);
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            Some(Deed::Opened | Deed::NotOpened(_) | Deed::Received(_)) => {
                stage.diverge(&mut script, format!("sends {}", hex(bytes)));
            }
        }
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
