//! Foreign decoders behind a wall: their panics are nothing seen, and their time is bounded.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

thread_local! {
    /// True while this thread runs a decoder whose panic is caught.
    static WALLED: Cell<bool> = const { Cell::new(false) };
}

/// Leaves the message of a decoder's caught panic unprinted, and every other panic as it was.
///
/// A decoder's panic is an expected outcome (rqrr asserts on ordinary pictures), but Rust prints its message before
/// it can be caught, and a kiosk that reads all day would fill its log with them. The panic hook belongs to the program,
/// not to a library: so a program calls this once at its start, after it has set any hook of its own; without it,
/// readings are the same and the messages appear on standard error. They hold coordinates, never what a code says.
pub fn hush_isolated_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !WALLED.get() {
                others(info);
            }
        }));
    });
}

/// The job's result, or none when it panics.
pub(super) fn quietly<T>(job: impl FnOnce() -> T) -> Option<T> {
    let before = WALLED.replace(true);
    // The job owns or only reads what it works on, so that nothing half-done can be seen after its panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(job));
    WALLED.set(before);
    outcome.ok()
}

/// How long an isolated decoder may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deadline {
    /// A running camera waits. What is tried on a frame is counted already and takes a tenth of this; a machine under load
    /// must not lose readings to a tight limit that only an endless decoder would meet.
    Frame,
    /// Nobody waits but a field engineer.
    Still,
}

impl Deadline {
    fn duration(self) -> Duration {
        match self {
            Self::Frame => Duration::from_millis(300),
            Self::Still => Duration::from_secs(3),
        }
    }
}

/// Runs one job at a time on a thread of its own, which waits for the next. There is no way to stop a thread: one that overran is
/// abandoned, and until it ends no other is started, so at most one core is ever lost.
#[derive(Default)]
pub(super) struct Isolation {
    worker: Option<Worker>,
    overran: Option<JoinHandle<()>>,
}

struct Worker {
    /// The thread ends when this is dropped.
    jobs: mpsc::Sender<Box<dyn FnOnce() + Send>>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start() -> Option<Self> {
        let (jobs, given) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let thread = thread::Builder::new()
            .name("code decoder".to_owned())
            .spawn(move || given.into_iter().for_each(|job| job()))
            .ok()?;
        Some(Self { jobs, thread })
    }
}

impl Isolation {
    /// True while an abandoned thread still runs.
    pub(super) fn is_busy(&mut self) -> bool {
        self.overran.take_if(|thread| thread.is_finished());
        self.overran.is_some()
    }

    /// The job's result, or none when it panics, overruns, or cannot start.
    pub(super) fn run<T: Send + 'static>(
        &mut self,
        deadline: Deadline,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.run_within(deadline.duration(), job)
    }

    fn run_within<T: Send + 'static>(
        &mut self,
        time: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if self.is_busy() {
            return None;
        }
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start()?,
        };
        // The channel is this job's alone: an answer that comes too late finds nobody to take it for another frame's.
        let (answer, answered) = mpsc::sync_channel(1);
        let walled = Box::new(move || {
            let _nobody_waits_any_more = answer.send(quietly(job));
        });
        worker.jobs.send(walled).ok()?;
        match answered.recv_timeout(time) {
            Ok(outcome) => {
                self.worker = Some(worker);
                outcome
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.overran = Some(worker.thread);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_is_nothing_seen_and_the_next_job_runs() {
        let mut isolation = Isolation::default();
        assert_eq!(
            isolation.run(Deadline::Still, || -> u8 {
                panic!("an assertion of a foreign decoder")
            }),
            None
        );
        assert!(!isolation.is_busy());
        assert_eq!(isolation.run(Deadline::Still, || 7), Some(7));
        assert_eq!(quietly(|| -> u8 { panic!("on the caller's thread") }), None);
        assert!(!WALLED.get());
    }

    #[test]
    fn a_job_that_overruns_is_abandoned_and_replaced_when_it_ends() {
        let mut isolation = Isolation::default();
        let (release, held) = mpsc::channel::<()>();
        let stuck = move || held.recv().is_ok();
        assert_eq!(isolation.run_within(Duration::from_millis(5), stuck), None);
        assert!(isolation.is_busy());
        assert_eq!(
            isolation.run(Deadline::Still, || 1),
            None,
            "no second thread beside a stuck one"
        );

        release.send(()).unwrap();
        isolation.overran.take().unwrap().join().unwrap();
        assert!(!isolation.is_busy());
        assert_eq!(
            isolation.run(Deadline::Still, || 2),
            Some(2),
            "and not the late answer"
        );
    }

    #[test]
    fn only_walled_panics_are_hushed() {
        // The program's own hook, as it was before this crate's.
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let words = info
                .payload()
                .downcast_ref::<&str>()
                .copied()
                .unwrap_or_default()
                .to_owned();
            if words.starts_with("test:") {
                ears.lock().unwrap().push(words);
            } else {
                before(info);
            }
        }));
        hush_isolated_panics();
        hush_isolated_panics();

        assert_eq!(quietly(|| -> u8 { panic!("test: inside the wall") }), None);
        assert!(panic::catch_unwind(|| panic!("test: outside")).is_err());
        assert_eq!(*heard.lock().unwrap(), ["test: outside"]);
    }
}
