//! People who walk through the pretend gate. Lengths in millimetres along the passage.

use std::collections::VecDeque;
use std::time::Duration;

const ENTRY_BEAM: i64 = 300;
const LEAF_FROM: i64 = 600;
const LEAF_TO: i64 = 1200;
const EXIT_BEAM: i64 = 1500;
const END: i64 = 1800;
/// Nobody walks closer behind another than this, unless he tailgates.
const COURTESY: i64 = 500;

/// As close as two bodies come.
const TOUCHING: i64 = 20;

/// Who walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walker {
    /// An adult at an ordinary pace.
    Adult,
    /// A child.
    Child,
    /// An adult who pushes a luggage trolley.
    Trolley,
    /// A wheelchair.
    Wheelchair,
    /// Somebody who walks right behind the one before.
    Tailgater,
}

impl Walker {
    /// Pace in millimetres a second and depth in millimetres.
    fn body(self) -> (i64, i64) {
        match self {
            Self::Adult | Self::Tailgater => (1300, 300),
            Self::Child => (1000, 200),
            Self::Trolley => (1000, 1200),
            Self::Wheelchair => (800, 1200),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Inside {
    pace: i64,
    depth: i64,
    /// Distance of the body's leading edge from the passage's beginning, in micrometres.
    front: i64,
    /// Walks from the exit to the entry, or back out again.
    backwards: bool,
}

impl Inside {
    fn covers(&self, from: i64, to: i64) -> bool {
        let front = self.front / 1000;
        let (near, far) = if self.backwards {
            (front, front + self.depth)
        } else {
            (front - self.depth, front)
        };
        near <= to && far >= from
    }
}

/// The passage and those in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Passage {
    waiting: VecDeque<Walker>,
    inside: VecDeque<Inside>,
}

impl Passage {
    pub(super) fn queue(&mut self, walkers: impl IntoIterator<Item = Walker>) {
        self.waiting.extend(walkers);
    }

    pub(super) fn enter_from_exit(&mut self) {
        let (pace, depth) = Walker::Adult.body();
        self.inside.push_back(Inside {
            pace,
            depth,
            front: END * 1000,
            backwards: true,
        });
    }

    pub(super) fn leave(&mut self) {
        self.waiting.clear();
        for body in self
            .inside
            .iter_mut()
            .filter(|body| body.front / 1000 < LEAF_FROM && !body.backwards)
        {
            body.backwards = true;
            body.front -= body.depth * 1000;
        }
    }

    pub(super) fn advance(&mut self, time: Duration, inviting: bool) {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        if let Some(next) = self.waiting.front().filter(|_| inviting) {
            let (pace, depth) = next.body();
            let distance = if *next == Walker::Tailgater {
                50
            } else {
                COURTESY
            };
            let rear = self
                .inside
                .iter()
                .filter(|b| !b.backwards)
                .map(|b| b.front / 1000 - b.depth)
                .min();
            if rear.is_none_or(|rear| rear >= distance) {
                self.waiting.pop_front();
                self.inside.push_back(Inside {
                    pace,
                    depth,
                    front: 0,
                    backwards: false,
                });
            }
        }
        let mut ahead = i64::MAX;
        for body in &mut self.inside {
            let step = body.pace * micros / 1000;
            if body.backwards {
                // Nobody walks backwards through a leaf that is not open.
                let stop = if inviting || body.front / 1000 <= LEAF_TO {
                    i64::MIN
                } else {
                    (LEAF_TO + 1) * 1000
                };
                body.front = (body.front - step).max(stop);
            } else {
                let stop = if inviting || body.front / 1000 >= LEAF_FROM {
                    i64::MAX
                } else {
                    (LEAF_FROM - 1) * 1000
                };
                // Nor does anybody walk through the one before.
                body.front = (body.front + step).min(stop).min(ahead.max(body.front));
                ahead = body.front - (body.depth + TOUCHING) * 1000;
            }
        }
        self.inside.retain(|body| {
            if body.backwards {
                body.front / 1000 + body.depth > 0
            } else {
                body.front / 1000 - body.depth < END
            }
        });
    }

    pub(super) fn entry_beam(&self) -> bool {
        self.inside
            .iter()
            .any(|body| body.covers(ENTRY_BEAM, ENTRY_BEAM))
    }

    pub(super) fn exit_beam(&self) -> bool {
        self.inside
            .iter()
            .any(|body| body.covers(EXIT_BEAM, EXIT_BEAM))
    }

    pub(super) fn in_leaf_path(&self) -> bool {
        self.inside
            .iter()
            .any(|body| body.covers(LEAF_FROM, LEAF_TO))
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.len()
    }
}
