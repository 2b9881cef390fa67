//! A recording played to a link: the controller's side answers as it did, and the link makes its news of it.
//!
//! The link's bytes set the pace and are held against the recording: an answer is given when its question has been asked.
//! A link that says something else than the recorded one has [`Diverged`].

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;

use super::stage::{Player, Stage};
use super::{Deed, Entry, Recording};
use crate::{Command, Link, LinkError, News, RegisterMap, Timings};

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
    let stage = Arc::new(Stage::new(in_order(&recording.entries), pace, timings));
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
            Some(news) = news.recv() => tell(Played::News { at: stage.time(), news }),
            (command, result) = orders.next() => tell(Played::Done { at: stage.time(), command, result }),
            () = stage.called() => {
                if let Some(end) = stage.end() {
                    break end;
                }
                while let Some(command) = stage.due() {
                    orders.give(&link, command).await;
                    stage.passed();
                }
            }
        }
    };
    let at = stage.time();
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
