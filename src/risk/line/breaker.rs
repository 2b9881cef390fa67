//! When the office is not even asked: a circuit breaker, so that not every traveller waits out the deadline of an office that
//! is gone.
//!
//! It has no clock but tokio's. The crates that offer a breaker read the system's own clock, which a test cannot move.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// When the line opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaking {
    /// Failures in a row after which the office is not asked. One lost packet is no reason; three travellers who waited in
    /// vain are.
    pub failures: u32,
    /// The first pause. It doubles with every trial that fails.
    pub first_pause: Duration,
    /// The longest pause: so long may an office be back unnoticed.
    pub longest_pause: Duration,
}

impl Default for Breaking {
    fn default() -> Self {
        Self {
            failures: 3,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(60),
        }
    }
}

/// What the line does with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineState {
    /// It is put to the office.
    Closed,
    /// It is not put; the lane decides at once.
    Open,
    /// One at a time is put, to try whether the office is back.
    HalfOpen,
}

impl LineState {
    /// The word for metrics and panel: `closed`, `open` or `half-open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

impl fmt::Display for LineState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is to be seen of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineStatus {
    /// What it does with a question.
    pub state: LineState,
    /// Failures in a row.
    pub failures: u32,
    /// How often it has opened since the start.
    pub openings: u64,
}

#[derive(Debug)]
enum Position {
    Closed,
    /// `until`, and whether somebody is trying right now.
    Open {
        until: Instant,
        trial: bool,
    },
}

#[derive(Debug)]
struct Inner {
    position: Position,
    failures: u32,
    openings: u64,
    /// The pause that the next opening takes.
    pause: Duration,
    chance: fastrand::Rng,
}

impl Inner {
    /// Whether this is the trial that is under way, and not one of an opening that is over.
    fn is_tried_by(&self, trial: Option<u64>) -> bool {
        trial == Some(self.openings) && matches!(self.position, Position::Open { trial: true, .. })
    }
}

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    options: Breaking,
    inner: Mutex<Inner>,
    seen: watch::Sender<LineStatus>,
}

/// The permission for one request. One that is dropped without a word says nothing about the office.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    /// Of which opening it is the trial, if it is one.
    trial: Option<u64>,
}

impl Breaker {
    pub(super) fn new(options: Breaking, seed: u64) -> Self {
        let status = LineStatus {
            state: LineState::Closed,
            failures: 0,
            openings: 0,
        };
        Self {
            options,
            inner: Mutex::new(Inner {
                position: Position::Closed,
                failures: 0,
                openings: 0,
                pause: options.first_pause,
                chance: fastrand::Rng::with_seed(seed),
            }),
            seen: watch::Sender::new(status),
        }
    }

    /// May the office be asked?
    ///
    /// # Errors
    /// How much longer it may not.
    pub(super) fn permit(&self) -> Result<Permit<'_>, Duration> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let trial = match &mut inner.position {
            Position::Closed => None,
            Position::Open { until, trial } => {
                let rest = until.saturating_duration_since(Instant::now());
                if *trial || !rest.is_zero() {
                    return Err(rest);
                }
                *trial = true;
                Some(inner.openings)
            }
        };
        self.show(inner);
        Ok(Permit {
            breaker: self,
            trial,
        })
    }

    /// What is to be seen, and every change of it.
    pub(super) fn watch(&self) -> watch::Receiver<LineStatus> {
        self.show(&self.inner());
        self.seen.subscribe()
    }

    /// When the next trial may be made; `None` when the office is asked as usual.
    pub(super) fn next_trial(&self) -> Option<Instant> {
        match self.inner().position {
            Position::Closed => None,
            Position::Open { until, .. } => Some(until),
        }
    }

    fn show(&self, inner: &Inner) {
        let state = match &inner.position {
            Position::Closed => LineState::Closed,
            Position::Open { until, .. } if *until <= Instant::now() => LineState::HalfOpen,
            Position::Open { .. } => LineState::Open,
        };
        let status = LineStatus {
            state,
            failures: inner.failures,
            openings: inner.openings,
        };
        self.seen.send_if_modified(|seen| {
            let changed = *seen != status;
            *seen = status;
            changed
        });
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        // Nobody panics while holding it, and a half-made change could not be seen.
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The office gave a usable answer to a question.
    pub(super) fn answered(mut self) {
        self.trial = None;
        let mut inner = self.breaker.inner();
        inner.position = Position::Closed;
        inner.failures = 0;
        inner.pause = self.breaker.options.first_pause;
        self.breaker.show(&inner);
    }

    /// The office says that it is well, which is less than an answer: one failure more opens the line again, for longer.
    pub(super) fn said_well(mut self) {
        let mut inner = self.breaker.inner();
        if !inner.is_tried_by(self.trial.take()) {
            return;
        }
        inner.position = Position::Closed;
        inner.failures = self.breaker.options.failures.saturating_sub(1);
        self.breaker.show(&inner);
    }

    /// The office failed.
    pub(super) fn failed(mut self) {
        let options = self.breaker.options;
        let mut inner = self.breaker.inner();
        inner.failures = inner.failures.saturating_add(1);
        let trial = inner.is_tried_by(self.trial.take());
        if trial
            || (inner.failures >= options.failures && matches!(inner.position, Position::Closed))
        {
            // Half of the pause to the whole of it: lanes that lost the office in the same moment do not come back in one.
            let share = 0.5 + inner.chance.f64() / 2.0;
            let pause = inner.pause.min(options.longest_pause).mul_f64(share);
            inner.position = Position::Open {
                until: Instant::now() + pause,
                trial: false,
            };
            inner.openings += 1;
            inner.pause = (inner.pause * 2).min(options.longest_pause);
        }
        self.breaker.show(&inner);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.trial.is_none() {
            return;
        }
        let mut inner = self.breaker.inner();
        if inner.is_tried_by(self.trial)
            && let Position::Open { trial, .. } = &mut inner.position
        {
            *trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn breaker() -> Breaker {
        Breaker::new(Breaking::default(), 7)
    }

    fn state(breaker: &Breaker) -> LineState {
        breaker.watch().borrow().state
    }

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.permit().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn three_failures_in_a_row_open_it_and_a_trial_closes_it() {
        let breaker = breaker();
        fail(&breaker, 2);
        breaker.permit().unwrap().answered();
        fail(&breaker, 2);
        assert_eq!(state(&breaker), LineState::Closed);
        fail(&breaker, 1);
        assert_eq!(state(&breaker), LineState::Open);

        let rest = breaker.permit().unwrap_err();
        assert!((1.0..=2.0).contains(&rest.as_secs_f64()), "{rest:?}");
        tokio::time::advance(rest).await;
        assert_eq!(state(&breaker), LineState::HalfOpen);
        let trial = breaker.permit().unwrap();
        assert!(breaker.permit().is_err(), "a second one at the same time");
        trial.answered();
        assert_eq!(state(&breaker), LineState::Closed);
        assert_eq!(breaker.watch().borrow().failures, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_their_limit_and_are_never_quite_the_same() {
        let breaker = breaker();
        fail(&breaker, 3);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let rest = breaker.permit().unwrap_err();
            pauses.push(rest.as_secs_f64());
            tokio::time::advance(rest).await;
            breaker.permit().unwrap().failed();
        }
        for (turn, pause) in pauses.iter().enumerate() {
            let whole = f64::min(2.0 * f64::from(1 << turn), 60.0);
            assert!((whole / 2.0..=whole).contains(pause), "{turn}: {pause}");
        }
        let other = Breaker::new(Breaking::default(), 8);
        fail(&other, 3);
        assert_ne!(other.permit().unwrap_err().as_secs_f64(), pauses[0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_nobody_finishes_leaves_the_place_free() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::advance(Duration::from_secs(2)).await;
        drop(breaker.permit().unwrap());
        assert!(breaker.permit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_office_that_only_says_it_is_well_gets_one_question() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::advance(Duration::from_secs(2)).await;
        breaker.permit().unwrap().said_well();
        assert_eq!(state(&breaker), LineState::Closed);
        fail(&breaker, 1);
        assert_eq!(state(&breaker), LineState::Open);
        assert!(
            breaker.permit().unwrap_err() >= Duration::from_secs(2),
            "longer than the first"
        );
    }

    proptest! {
        /// Whatever happens, no two trials are under way at once, and no pause is longer than the longest.
        #[test]
        fn any_history(seed: u64, steps in prop::collection::vec((0_u8..5, 0_u64..70_000), 1..200)) {
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
                let breaker = Breaker::new(Breaking::default(), seed);
                let mut held = Vec::new();
                for (step, wait) in steps {
                    match step {
                        0 => match breaker.permit() {
                            Ok(permit) => held.push(permit),
                            Err(rest) => prop_assert!(rest <= Duration::from_secs(60)),
                        },
                        1 => drop(held.pop()),
                        2 => if let Some(permit) = held.pop() { permit.answered() },
                        3 => if let Some(permit) = held.pop() { permit.failed() },
                        _ => tokio::time::advance(Duration::from_millis(wait)).await,
                    }
                    prop_assert!(held.iter().filter(|permit| breaker.inner().is_tried_by(permit.trial)).count() <= 1);
                }
                Ok(())
            })?;
        }
    }
}
