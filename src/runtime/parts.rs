//! What the loop works with, how it is stopped, and how it ends.

use evidence::{UtcOffset, declaration::Issuers};
use gate::{Link, News};
use journal::{Journal, Recovery, Retention};
use journey::Rules;
use officers::Desk;
use risk::Assessor;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::sync::watch;
use ui::Intent;

use crate::{Eyes, Lenses, Moment, Timings, courier::Post};

/// Hears of every step, after it was performed.
pub type Watcher = Box<dyn FnMut(&Moment<'_>) + Send>;

/// Everything that the loop works with.
pub struct Parts<S> {
    /// What the decisions are measured by.
    pub rules: Rules,
    /// How long things may take.
    pub timings: Timings,
    /// The record.
    pub journal: Journal,
    /// What was found when the journal was opened.
    pub recovery: Recovery,
    /// Who gives verdicts.
    pub assessor: Assessor,
    /// Carries the records to the office; none where there is no office.
    pub post: Option<Post>,
    /// How long what is personal stays in the record; none leaves it there.
    pub retention: Option<Retention>,
    /// Who may sign in.
    pub desk: Desk,
    /// Whose codes are believed.
    pub issuers: Issuers,
    /// The gate.
    pub gate: (Link, Receiver<News>),
    /// The readers.
    pub eyes: Eyes,
    /// The cameras.
    pub lenses: Lenses,
    /// The screen.
    pub surface: S,
    /// What is touched on it.
    pub intents: UnboundedReceiver<Intent>,
    /// The lane's offset from UTC, which settles what day it is.
    pub offset: UtcOffset,
    /// Hears of every step.
    pub watcher: Watcher,
    /// Told again and again that the loop is alive.
    pub alive: Box<dyn FnMut() + Send>,
}

/// How the loop is asked to stop: keep one end, give the other to [`run`].
pub type Stop = watch::Receiver<bool>;

/// Why there is no loop.
#[derive(Debug, thiserror::Error)]
pub enum Threads {
    /// The system gives no thread for the eyes.
    #[error("the system gives no thread for the readers")]
    Eyes(#[source] std::io::Error),
}

/// How the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Asked to, with nobody in the lane.
    Empty,
    /// Asked to, with a referral that the next start takes up again.
    ReferralOpen,
    /// Asked to, and the party in the lane did not finish in time; the next start closes their journey.
    Impatient,
}
