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

/// Who comes from the exit looks this long whether anybody comes towards him. Beams could not tell him from one who
/// comes out right after another has turned back under the leaf.
const LOOKS: Duration = Duration::from_millis(1100);

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
    /// An adult who turns back under the very leaf.
    TurnsBack,
}

impl Walker {
    /// Pace in millimetres a second and depth in millimetres.
    fn body(self) -> (i64, i64) {
        match self {
            Self::Adult | Self::Tailgater | Self::TurnsBack => (1300, 300),
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
    /// Turns round half way.
    turns: bool,
}

impl Inside {
    fn turn(&mut self) {
        self.backwards = true;
        self.turns = false;
        self.front -= self.depth * 1000;
    }

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
    /// Those who wait at the exit to come in from there.
    wrong: usize,
    /// How long nobody has been inside.
    empty: Duration,
    /// How many have walked out at the far end, as nobody but the walkers themselves can know.
    through: u64,
}

impl Passage {
    pub(super) fn queue(&mut self, walkers: impl IntoIterator<Item = Walker>) {
        self.waiting.extend(walkers);
    }

    pub(super) fn enter_from_exit(&mut self) {
        self.wrong += 1;
    }

    pub(super) fn leave(&mut self) {
        self.waiting.clear();
        self.wrong = 0;
        self.inside
            .retain(|body| !body.backwards || body.front / 1000 <= LEAF_TO);
        for body in self
            .inside
            .iter_mut()
            .filter(|body| body.front / 1000 < LEAF_FROM && !body.backwards)
        {
            body.turn();
        }
    }

    pub(super) fn advance(&mut self, time: Duration, inviting: bool) {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        // Nobody walks into one who comes towards him.
        let towards = self.inside.iter().any(|body| body.backwards);
        self.empty = if self.inside.is_empty() {
            self.empty + time
        } else {
            Duration::ZERO
        };
        if self.wrong > 0 && self.empty > LOOKS {
            self.wrong -= 1;
            let (pace, depth) = Walker::Adult.body();
            self.inside.push_back(Inside {
                pace,
                depth,
                front: END * 1000,
                backwards: true,
                turns: false,
            });
        } else if let Some(next) = self.waiting.front().filter(|_| inviting && !towards) {
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
                let turns = *next == Walker::TurnsBack;
                self.waiting.pop_front();
                self.inside.push_back(Inside {
                    pace,
                    depth,
                    front: 0,
                    backwards: false,
                    turns,
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
                if body.turns && body.front / 1000 > (LEAF_FROM + LEAF_TO) / 2 {
                    body.turn();
                }
            }
        }
        let through = &mut self.through;
        self.inside.retain(|body| {
            if body.backwards {
                body.front / 1000 + body.depth > 0
            } else {
                let stays = body.front / 1000 - body.depth < END;
                *through += u64::from(!stays);
                stays
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

    pub(super) fn through(&self) -> u64 {
        self.through
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.len()
    }
}
