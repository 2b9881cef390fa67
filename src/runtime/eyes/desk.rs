//! What the loop, the thread that reads and the thread that watches it know of each other.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use journey::Device;
use tokio::sync::mpsc::UnboundedSender;
use ui::Outline;

use super::{Looking, Sight, reading::Found};

/// The desk between them.
pub(super) struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    sights: UnboundedSender<Sight>,
}

pub(super) struct State {
    pub(super) order: Order,
    pub(super) stop: bool,
    /// What is being read, since when.
    pub(super) busy: Option<(Device, Instant)>,
    /// What the latest reading recognised.
    pub(super) outline: Option<Outline>,
    /// Whether every frame is read.
    pub(super) awake: bool,
    /// The latest order that the thread that reads has carried out.
    pub(super) carried_out: u64,
    /// How many frames have been read.
    pub(super) readings: u64,
    pub(super) reader_ended: bool,
}

/// What is to be read, until the next order.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) looking: Arc<Looking>,
    /// Every order has another number, so that no answer is taken for another's.
    pub(super) number: u64,
    /// How many times it was ordered to forget.
    pub(super) forgets: u64,
}

impl Order {
    /// What stands before any order was given.
    pub(super) fn first() -> Self {
        Self {
            looking: Arc::new(Looking::Nothing),
            number: 0,
            forgets: 0,
        }
    }
}

impl Desk {
    pub(super) fn new(sights: UnboundedSender<Sight>) -> Self {
        Self {
            state: Mutex::new(State {
                order: Order::first(),
                stop: false,
                busy: None,
                outline: None,
                awake: true,
                carried_out: 0,
                readings: 0,
                reader_ended: false,
            }),
            changed: Condvar::new(),
            sights,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, or for this long.
    pub(super) fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        patience: Duration,
    ) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, patience);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    pub(super) fn look(&self, looking: Looking) {
        self.change(|state| {
            state.order.looking = Arc::new(looking);
            state.order.number += 1;
            state.outline = None;
            state.awake = true;
        });
    }

    /// From here on nothing that was seen before is told.
    pub(super) fn forget(&self) {
        self.change(|state| {
            state.order.number += 1;
            state.order.forgets += 1;
            state.outline = None;
        });
    }

    pub(super) fn stop(&self) {
        self.change(|state| state.stop = true);
    }

    /// The thread that reads has ended.
    pub(super) fn ended(&self) {
        self.change(|state| state.reader_ended = true);
    }

    /// The thread that reads has carried out this order.
    pub(super) fn carried_out(&self, order: &Order) {
        self.change(|state| state.carried_out = order.number);
    }

    pub(super) fn begins(&self, device: Device) {
        self.state().busy = Some((device, Instant::now()));
    }

    /// A frame was read as this order wanted it: what was found is told, unless another order was given meanwhile.
    pub(super) fn found(&self, order: u64, found: Found) {
        self.change(|state| {
            state.busy = None;
            state.readings += 1;
            if state.order.number != order {
                return;
            }
            state.outline = found.outline;
            if found.done {
                state.order.looking = Arc::new(Looking::Nothing);
            }
            for sight in found.sights {
                self.tell(sight);
            }
        });
    }

    pub(super) fn tell(&self, sight: Sight) {
        // The loop that no longer listens is about to end these threads.
        let _ = self.sights.send(sight);
    }

    pub(super) fn awake(&self, awake: bool) {
        self.state().awake = awake;
    }
}

#[cfg(test)]
impl Desk {
    fn waits(&self, patience: Duration, test: impl Fn(&State) -> bool) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.state();
        while !test(&state) && Instant::now() < until {
            state = self.wait(state, patience);
        }
        test(&state)
    }

    /// Waits for another frame to be read.
    pub(super) fn reads_after(&self, patience: Duration) -> bool {
        let before = self.state().readings;
        self.waits(patience, |state| state.readings > before)
    }

    /// Waits until everything is forgotten that was ordered to be, and nothing is being read any more.
    pub(super) fn is_idle(&self, patience: Duration) -> bool {
        self.waits(patience, |state| {
            state.carried_out == state.order.number && state.busy.is_none()
        })
    }
}
