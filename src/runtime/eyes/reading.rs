//! The thread that reads. Whenever it is free it takes the newest frame there is, so that it never reads an old one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use camera::{Aim, Capture, Frame};
use journey::Device;
use ui::Outline;

use super::desk::{Desk, Order};
use super::{FRAME_WAIT, Lenses, Looking, Sight};
use crate::presence::Presence;

/// A frame should be read in this time: ten times what the readers take together on a small computer, and short enough
/// that whoever holds up a passport does not take it away.
const IN_TIME: Duration = Duration::from_millis(500);
/// A reader that takes this long does not come back, and the lane is blind.
const LOST: Duration = Duration::from_secs(5);

/// What reads frames: the readers, or a test's.
pub(super) trait Reads: Send + 'static {
    /// Reads one frame.
    fn read(&mut self, looking: &Looking, frame: &Frame) -> Found;

    /// Begins anew: something else is looked for.
    fn turn(&mut self);

    /// Drops whatever it holds of the journey that is over.
    fn forget(&mut self);
}

/// What was found in one frame.
#[derive(Default)]
pub(super) struct Found {
    pub(super) sights: Vec<Sight>,
    pub(super) outline: Option<Outline>,
    /// Somebody holds something up, though nothing may move.
    pub(super) presence: bool,
    /// There is nothing more to look for.
    pub(super) done: bool,
}

/// How the thread that reads keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    InTime,
    /// A frame takes longer than it may; it is left to end.
    Late,
    /// It will not end.
    Lost,
}

impl Pace {
    /// Of a frame that has been read since then.
    pub(super) fn of(since: Instant, now: Instant) -> Self {
        match now.saturating_duration_since(since) {
            long if long >= LOST => Self::Lost,
            long if long >= IN_TIME => Self::Late,
            _ => Self::InTime,
        }
    }
}

pub(super) struct Reading<R> {
    pub(super) desk: Arc<Desk>,
    pub(super) lenses: Lenses,
    pub(super) reads: R,
    pub(super) presence: Presence,
}

impl<R: Reads> Reading<R> {
    pub(super) fn run(mut self) {
        // Not the order as it stands: what was ordered while this thread was starting is carried out like the rest.
        let mut order = Order::first();
        while let Some(next) = self.next(&order) {
            if next.number != order.number {
                self.obey(&order, &next);
            }
            order = next;
            match &*order.looking {
                Looking::Nothing => {}
                Looking::Documents => self.look(&order, Device::DocumentCamera),
                Looking::Face { .. } => self.look(&order, Device::FaceCamera),
            }
        }
        self.desk.ended();
    }

    /// The order as it stands, once there is something to do; none when it is to stop.
    fn next(&self, last: &Order) -> Option<Order> {
        let mut state = self.desk.state();
        loop {
            if state.stop {
                return None;
            }
            let order = &state.order;
            if order.number != last.number || !matches!(*order.looking, Looking::Nothing) {
                return Some(order.clone());
            }
            state = self.desk.wait(state, FRAME_WAIT);
        }
    }

    fn obey(&mut self, last: &Order, next: &Order) {
        if next.forgets != last.forgets {
            self.presence.forget();
            self.reads.forget();
        }
        if !Arc::ptr_eq(&next.looking, &last.looking) {
            self.reads.turn();
            let aim = match &*next.looking {
                Looking::Documents => Aim::Screens,
                Looking::Nothing | Looking::Face { .. } => Aim::Scene,
            };
            self.lenses.documents.aim(aim);
        }
        self.desk.carried_out(next);
    }

    fn look(&mut self, order: &Order, device: Device) {
        let documents = matches!(device, Device::DocumentCamera);
        let capture: &mut Capture = if documents {
            &mut self.lenses.documents
        } else {
            &mut self.lenses.faces
        };
        let Ok(frame) = capture.newest(FRAME_WAIT) else {
            return;
        };
        // Whoever is asked to look into a camera stands before it.
        if documents {
            let wanted = self
                .presence
                .wants(frame.luma_plane(), frame.width, frame.taken);
            self.desk.awake(self.presence.is_awake(frame.taken));
            if !wanted {
                return;
            }
        }
        self.desk.begins(device);
        let reads = &mut self.reads;
        // The readers hold models and what they saw before, none of which a panic leaves half done.
        let found = catch_unwind(AssertUnwindSafe(|| reads.read(&order.looking, &frame)));
        let found = found.unwrap_or_else(|_| {
            tracing::error!("a reader broke off");
            Found::default()
        });
        if found.presence {
            self.presence.read(frame.taken);
        }
        drop(frame);
        self.desk.found(order.number, found);
    }
}
