//! A letter box with room for one: what comes later takes the place of what was not fetched.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

struct Inner<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
}

struct Slot<T> {
    waiting: Option<T>,
    ends: u8,
}

impl<T> Inner<T> {
    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end at which things are put.
pub(crate) struct Put<T>(Arc<Inner<T>>);

/// The end at which they are taken.
pub(crate) struct Take<T>(Arc<Inner<T>>);

/// Nothing was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// In time.
    Yet,
    /// And nothing will be: the other end is gone.
    Ever,
}

/// Both ends of one.
pub(crate) fn newest<T>() -> (Put<T>, Take<T>) {
    let inner = Arc::new(Inner {
        slot: Mutex::new(Slot {
            waiting: None,
            ends: 2,
        }),
        changed: Condvar::new(),
    });
    (Put(Arc::clone(&inner)), Take(inner))
}

impl<T> Put<T> {
    /// Puts it there; what was there is dropped. Gives it back when nobody will take it.
    pub(crate) fn put(&self, it: T) -> Result<(), T> {
        let older = {
            let mut slot = self.0.slot();
            if slot.ends < 2 {
                return Err(it);
            }
            slot.waiting.replace(it)
        };
        self.0.changed.notify_all();
        // Zeroing a frame takes a while, and nobody need wait for it.
        drop(older);
        Ok(())
    }
}

impl<T> Take<T> {
    /// Waits for the newest.
    pub(crate) fn take(&self, patience: Duration) -> Result<T, Nothing> {
        let deadline = Instant::now() + patience;
        let mut slot = self.0.slot();
        loop {
            if let Some(it) = slot.waiting.take() {
                return Ok(it);
            }
            if slot.ends < 2 {
                return Err(Nothing::Ever);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Nothing::Yet);
            }
            slot = self
                .0
                .changed
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

fn end<T>(inner: &Inner<T>) {
    inner.slot().ends -= 1;
    inner.changed.notify_all();
}

impl<T> Drop for Put<T> {
    fn drop(&mut self) {
        end(&self.0);
    }
}

impl<T> Drop for Take<T> {
    fn drop(&mut self) {
        // Nobody will fetch what waits, so it goes at once and not when the other end does.
        self.0.slot().waiting = None;
        end(&self.0);
    }
}

impl<T> std::fmt::Debug for Take<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Take").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn the_newest_takes_the_place_of_what_was_not_fetched() {
        let (put, take) = newest();
        assert_eq!(take.take(NOW), Err(Nothing::Yet));
        for number in 1..=5 {
            assert_eq!(put.put(number), Ok(()));
        }
        assert_eq!(take.take(NOW), Ok(5));
        assert_eq!(take.take(NOW), Err(Nothing::Yet));
        assert_eq!(put.put(6), Ok(()));
        drop(put);
        assert_eq!(take.take(NOW), Ok(6), "the last is still fetched");
        assert_eq!(take.take(Duration::from_secs(60)), Err(Nothing::Ever));
    }

    #[test]
    fn nothing_is_put_where_nobody_fetches() {
        let (put, take) = newest();
        assert_eq!(put.put(1), Ok(()));
        drop(take);
        assert_eq!(put.put(2), Err(2));
    }

    #[test]
    fn what_waits_goes_with_the_taker() {
        let (put, take) = newest();
        let it = Arc::new(());
        assert!(put.put(Arc::clone(&it)).is_ok());
        drop(take);
        assert_eq!(Arc::strong_count(&it), 1);
    }
}
