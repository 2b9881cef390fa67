//! The thread that takes frames, and the slot that holds the newest one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Aim, CameraError, Frame, Source};

/// After a failure the source is asked again this much later: an unplugged camera must not cost a core.
const PAUSE: Duration = Duration::from_millis(200);

/// How the source is.
#[derive(Clone, Debug, Default)]
pub enum Health {
    /// No frame and no failure yet.
    #[default]
    Starting,
    /// Frames come.
    Working,
    /// The last attempt failed.
    Ill(Arc<CameraError>),
}

impl Health {
    fn is_ill(&self) -> bool {
        matches!(self, Self::Ill(_))
    }
}

#[derive(Default)]
struct Slot {
    newest: Option<Arc<Frame>>,
    /// How many frames have been put.
    count: u64,
    health: Health,
    /// How often the health turned from well to ill or back.
    turns: u64,
    aim: Aim,
    stopped: bool,
}

struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
    name: String,
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the thread when the last reader is gone.
struct Readers(Arc<Shared>);

impl Drop for Readers {
    fn drop(&mut self) {
        self.0.slot().stopped = true;
        self.0.changed.notify_all();
    }
}

/// A source at work on its own thread. Only the newest frame is kept: a slow reader misses frames, and never sees old ones.
///
/// A clone reads on its own: each sees every newest frame once. The thread ends after the last one is dropped.
#[derive(Clone)]
pub struct Capture {
    readers: Arc<Readers>,
    seen: u64,
    turns: u64,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture")
            .field("name", &self.readers.0.name)
            .finish_non_exhaustive()
    }
}

impl Capture {
    /// Puts a source to work.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(source: impl Source + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            slot: Mutex::default(),
            changed: Condvar::new(),
            name: source.describe(),
        });
        let behind = Arc::clone(&shared);
        thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || take(source, &behind))?;
        Ok(Self {
            readers: Arc::new(Readers(shared)),
            seen: 0,
            turns: 0,
        })
    }

    /// What an engineer would call the source.
    #[must_use]
    pub fn describe(&self) -> &str {
        &self.readers.0.name
    }

    /// Waits for a frame that this reader has not seen.
    ///
    /// # Errors
    /// [`CameraError::Stalled`] when none comes in time; [`Capture::health`] says whether the source has failed.
    pub fn newest(&mut self, timeout: Duration) -> Result<Arc<Frame>, CameraError> {
        let shared = &self.readers.0;
        let deadline = Instant::now() + timeout;
        let mut slot = shared.slot();
        loop {
            if slot.count > self.seen
                && let Some(frame) = &slot.newest
            {
                self.seen = slot.count;
                return Ok(Arc::clone(frame));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(CameraError::Stalled {
                    name: shared.name.clone(),
                    after: timeout,
                });
            }
            slot = shared
                .changed
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// How the source is now.
    #[must_use]
    pub fn health(&self) -> Health {
        self.readers.0.slot().health.clone()
    }

    /// Waits until the source falls ill or gets well again, and says which. `None` when nothing of the kind happens in time.
    pub fn turn(&mut self, timeout: Duration) -> Option<Health> {
        let shared = &self.readers.0;
        let seen = self.turns;
        let (slot, _) = shared
            .changed
            .wait_timeout_while(shared.slot(), timeout, |slot| slot.turns == seen)
            .unwrap_or_else(PoisonError::into_inner);
        self.turns = slot.turns;
        (slot.turns != seen).then(|| slot.health.clone())
    }

    /// Says what the next frames are wanted for. Of several readers of one camera the last one counts.
    pub fn aim(&self, aim: Aim) {
        self.readers.0.slot().aim = aim;
    }

    /// Forgets the newest frame, so that nothing of the last person stays in memory.
    pub fn forget(&self) {
        let newest = self.readers.0.slot().newest.take();
        drop(newest);
    }
}

fn take(mut source: impl Source, shared: &Shared) {
    let mut aimed = Aim::default();
    loop {
        let aim = shared.slot().aim;
        if std::mem::replace(&mut aimed, aim) != aim {
            source.aim(aim);
        }
        let taken = source.frame();
        let mut slot = shared.slot();
        if slot.stopped {
            return;
        }
        let was_ill = slot.health.is_ill();
        match taken {
            Ok(frame) => {
                slot.turns += u64::from(was_ill || matches!(slot.health, Health::Starting));
                slot.health = Health::Working;
                slot.count += 1;
                let older = slot.newest.replace(Arc::new(frame));
                shared.changed.notify_all();
                drop(slot);
                // Zeroing it takes a while, and no reader need wait for that.
                drop(older);
            }
            Err(error) => {
                if !was_ill {
                    slot.turns += 1;
                    tracing::warn!(source = %shared.name, error = &error as &dyn std::error::Error, "no picture");
                }
                slot.health = Health::Ill(Arc::new(error));
                shared.changed.notify_all();
                let stopped = |slot: &mut Slot| !slot.stopped;
                slot = shared
                    .changed
                    .wait_timeout_while(slot, PAUSE, stopped)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                if slot.stopped {
                    return;
                }
            }
        }
    }
}
