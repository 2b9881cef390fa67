//! The recorded controller's side: a port that answers as the script says, when the script says.

use std::fmt;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::play::{Diverged, Pace};
use super::{Deed, Entry, hex};
use crate::{Command, PortFactory, Timings};

/// What is shared by the driver and the port.
pub(super) struct Stage {
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
    /// The recording's time now: between the entry that is done and the one that is due.
    fn time(&self) -> Duration {
        let last = self.next.checked_sub(1);
        let done = last
            .and_then(|last| self.entries.get(last))
            .map_or(Duration::ZERO, |entry| entry.at);
        let end = self.entries.last().map_or(done, |entry| entry.at);
        // A port that cannot be opened is due all the while.
        let outage = |entry: &&Entry| matches!(entry.deed, Deed::NotOpened(_));
        let ahead = self.entries.iter().skip(self.next);
        let due = ahead.skip_while(outage).map(|entry| entry.at).next();
        (done + self.since.elapsed()).min(due.unwrap_or(end).max(done))
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
    pub(super) fn new(entries: Vec<Entry>, pace: Pace, timings: Timings) -> Self {
        let script = Script {
            entries,
            next: 0,
            offset: 0,
            since: Instant::now(),
            end: None,
            waiting: Vec::new(),
        };
        Self {
            script: Mutex::new(script),
            call: Notify::new(),
            turn: Notify::new(),
            pace,
            timings,
        }
    }

    /// The driver has something to do: [`Stage::end`], or [`Stage::due`].
    pub(super) async fn called(&self) {
        self.call.notified().await;
    }

    /// The recording's time now.
    pub(super) fn time(&self) -> Duration {
        self.script().time()
    }

    /// Whether it is over, and where the link left the script if it did.
    pub(super) fn end(&self) -> Option<Option<Diverged>> {
        self.script().end.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on to the entry `to`. A command that is due then is given at once, while the link is still busy with what was
    /// before it, or idle.
    fn advance(&self, script: &mut Script, to: usize) {
        script.advance(to);
        if matches!(
            script.entries.get(to),
            Some(Entry {
                deed: Deed::Ordered(_),
                ..
            })
        ) {
            self.call.notify_one();
        }
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
    pub(super) fn due(&self) -> Option<Command> {
        let script = self.script();
        match script.entries.get(script.next)?.deed {
            Deed::Ordered(command) => Some(command),
            _ => None,
        }
    }

    /// The command has been given.
    pub(super) fn passed(&self) {
        let mut script = self.script();
        let next = script.next + 1;
        self.advance(&mut script, next);
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
            self.advance(&mut script, here + skipped);
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
                self.advance(&mut script, here + 1);
                Some(Ok(()))
            }
            Some(Deed::NotOpened(trouble)) => {
                let closed = |entry: &&Entry| matches!(entry.deed, Deed::NotOpened(_));
                let times = script.entries.iter().skip(here).take_while(closed).count();
                let outage = self.outage(script.pause(here, here + times - 1));
                if script.since.elapsed() >= outage {
                    self.advance(&mut script, here + times);
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
pub(super) struct Player {
    pub(super) stage: Arc<Stage>,
    pub(super) port: String,
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

pub(super) struct PlayedPort {
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
                    stage.advance(&mut script, here + 1);
                }
                Poll::Ready(Ok(()))
            }
            Deed::Broke(trouble) => {
                stage.advance(&mut script, here + 1);
                Poll::Ready(Err(trouble.error()))
            }
            Deed::Ended => {
                stage.advance(&mut script, here + 1);
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
                        stage.advance(&mut script, here + 1);
                    }
                    return Poll::Ready(Ok(count));
                }
                stage.diverge(&mut script, format!("sends {}", hex(bytes)));
            }
            Some(Deed::Broke(trouble)) => {
                stage.advance(&mut script, here + 1);
                return Poll::Ready(Err(trouble.error()));
            }
            Some(Deed::Ended) => {
                stage.advance(&mut script, here + 1);
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
