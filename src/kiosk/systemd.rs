//! What the service manager hears (sd_notify(3)): that the loop runs, that it is alive, that it stops. Without one nobody
//! hears anything.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// Tells the service manager that the loop is alive.
pub(crate) struct Pulse {
    begun: Instant,
    every: Option<Duration>,
    told: Option<Instant>,
}

impl Pulse {
    /// A pulse of the process that began at `begun`. The first one says that the lane is ready.
    pub(crate) fn new(begun: Instant) -> Self {
        Self {
            begun,
            // The loop is asked four times in the manager's limit, so that never more than half of it passes untold.
            every: sd_notify::watchdog_enabled().map(|limit| limit / 4),
            told: None,
        }
    }

    /// How often the loop must at least say that it is alive.
    pub(crate) fn every(&self) -> Option<Duration> {
        self.every
    }

    /// The loop is alive.
    pub(crate) fn beat(&mut self) {
        match (self.told, self.every) {
            (None, _) => {
                tell(NotifyState::Ready);
                tracing::info!(
                    ms = self.begun.elapsed().as_millis() as u64,
                    "the loop runs"
                );
            }
            (Some(told), Some(every)) if told.elapsed() >= every => tell(NotifyState::Watchdog),
            (Some(_), _) => return,
        }
        self.told = Some(Instant::now());
    }
}

/// The lane finishes with the party in it and ends.
pub(crate) fn stopping() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
