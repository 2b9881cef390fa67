//! The pretend controller's own logic: a leaf, its sensors and its rules. Time is given in; nothing here waits.

use std::collections::VecDeque;
use std::time::Duration;

use gate::{Alarm, Beam, Evacuation, Lamp, Leaf, Mains, Obstruction, Sounder};

use super::seen::{Cause, Deed, Snapshot, Verdict};
use super::walkers::{Passage, Walker};

/// The leaf's position when fully open, in millionths of its travel.
const FULL: i64 = 1_000_000;
/// A person walks in when the leaf is this far open.
const INVITING: i64 = 800_000;
/// The longest stretch of time for which the world is taken as standing still.
pub(super) const SLICE: Duration = Duration::from_millis(5);
/// After this long without a broken beam, whoever was in the leaf's path has gone back the way he came.
const FORGOTTEN: Duration = Duration::from_secs(1);

/// A full battery carries the electronics this long, and an empty one is full again after so much on the mains.
const DRAINING: Duration = Duration::from_secs(30 * 60);
const CHARGING: Duration = Duration::from_secs(4 * 60 * 60);

/// How the pretend gate moves and reacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Travel {
    /// From closed to open.
    pub open: Duration,
    /// From open to closed. Slower than opening: the leaf's energy must stay harmless.
    pub close: Duration,
    /// How long the leaf's path must have been clear before a closing leaf tries again.
    pub clear: Duration,
    /// How long the drive may strain against a leaf that does not move before it reports fault 1.
    pub strain: Duration,
    /// Silence of the heartbeat after which the gate goes to its fail position: closed and locked as soon as nobody is
    /// in the way, since a gate that nobody watches must let nobody in. The way out stays free by the leaf's mechanical
    /// release; fire input, evacuation and mains loss outrank it.
    pub watchdog: Duration,
    /// From power-up until the bus is served.
    pub boot: Duration,
}

impl Default for Travel {
    fn default() -> Self {
        Self {
            open: Duration::from_millis(600),
            close: Duration::from_millis(900),
            clear: Duration::from_millis(300),
            strain: Duration::from_millis(400),
            watchdog: Duration::from_secs(3),
            boot: Duration::from_millis(1500),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    Open,
    Close,
    Stay,
}

/// A command as it leaves the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) order: gate::Order,
    pub(super) persons: u16,
    pub(super) ticket: u16,
}

/// The state machine.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a wire of the controller"
)]
pub struct Machine {
    travel: Travel,
    goal: Goal,
    position: i64,
    motion: i64,
    hold_off: Duration,
    strained: Duration,
    since_beat: Duration,
    tripped: bool,
    boot_left: Duration,
    locked: bool,
    fire: bool,
    evacuate: bool,
    mains: bool,
    jammed: bool,
    fault: u16,
    permitted: u16,
    passed: u16,
    walked: u64,
    tailgate: bool,
    forced: bool,
    wrong_way: bool,
    lamp: Lamp,
    sounder: Sounder,
    /// Charge of the battery, in millionths.
    charge: i64,
    in_path: bool,
    leaving: bool,
    coming_out: bool,
    quiet: Duration,
    standing: bool,
    passage: Passage,
    deeds: VecDeque<Deed>,
}

impl Machine {
    /// A closed gate that has just been switched on and hears no heartbeat yet.
    #[must_use]
    pub fn new(travel: Travel) -> Self {
        Self {
            travel,
            goal: Goal::Close,
            position: 0,
            motion: 0,
            hold_off: Duration::ZERO,
            strained: Duration::ZERO,
            since_beat: Duration::ZERO,
            tripped: false,
            boot_left: Duration::ZERO,
            locked: false,
            fire: false,
            evacuate: false,
            mains: true,
            jammed: false,
            fault: 0,
            permitted: 0,
            passed: 0,
            walked: 0,
            tailgate: false,
            forced: false,
            wrong_way: false,
            lamp: Lamp::Off,
            sounder: Sounder::Silent,
            charge: FULL,
            in_path: false,
            leaving: false,
            coming_out: false,
            quiet: Duration::ZERO,
            standing: false,
            passage: Passage::default(),
            deeds: VecDeque::new(),
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, mut time: Duration) {
        while !time.is_zero() {
            let slice = time.min(SLICE);
            time -= slice;
            self.slice(slice);
        }
    }

    fn slice(&mut self, time: Duration) {
        if !self.boot_left.is_zero() {
            self.boot_left = self.boot_left.saturating_sub(time);
            if self.boot_left.is_zero() {
                self.deed(Deed::Booted);
            }
        } else {
            self.since_beat += time;
            if self.since_beat >= self.travel.watchdog && !self.tripped {
                self.tripped = true;
                self.permitted = 0;
                self.locked = true;
                self.goal = Goal::Close;
                self.deed(Deed::WatchdogTripped);
            }
        }
        self.charge(time);
        self.passage.advance(time, self.position >= INVITING);
        self.sense(time);
        self.drive(time);
    }

    fn charge(&mut self, time: Duration) {
        let whole = if self.mains { CHARGING } else { DRAINING };
        let share = i64::try_from(time.as_micros() * 1_000_000 / whole.as_micros()).unwrap_or(FULL);
        let change = if self.mains { share } else { -share };
        self.charge = (self.charge + change).clamp(0, FULL);
    }

    /// The sensors' logic. It knows the beams only, never the walkers.
    fn sense(&mut self, time: Duration) {
        let exit = self.passage.exit_beam();
        let quiet = !exit && !self.passage.entry_beam() && !self.passage.in_leaf_path();
        self.quiet = if quiet {
            self.quiet + time
        } else {
            Duration::ZERO
        };
        if self.quiet >= FORGOTTEN {
            self.in_path = false;
        }
        // Who breaks the exit beam comes out only if the leaf's path was covered before: a body longer than the way
        // between the two covers both at once, whichever way it goes.
        if exit && !self.leaving {
            self.coming_out = self.in_path;
            self.wrong_way |= !self.in_path && !self.evacuating();
        }
        if !exit && self.leaving && self.coming_out {
            self.walked += 1;
            self.passed = self.passed.saturating_add(1);
            self.tailgate |= self.passed > self.permitted && !self.evacuating() && self.mains;
            self.in_path = false;
            self.deed(Deed::Passed {
                passed: self.passed,
            });
        }
        self.leaving = exit;
        self.in_path |= self.passage.in_leaf_path();
    }

    fn drive(&mut self, time: Duration) {
        let obstructed = self.obstructed();
        self.hold_off = if obstructed {
            self.travel.clear
        } else {
            self.hold_off.saturating_sub(time)
        };
        // Fire input and spring act on the drive past the electronics: neither boot nor fault stops them.
        let goal = if self.fire || self.evacuate || !self.mains {
            Goal::Open
        } else if self.fault != 0 || !self.boot_left.is_zero() {
            Goal::Stay
        } else {
            self.goal
        };
        let wanted = match goal {
            Goal::Open if self.position < FULL => 1,
            Goal::Close if self.position > 0 && self.hold_off.is_zero() => -1,
            // The safety edge turns a closing leaf round.
            Goal::Close if obstructed && self.position > 0 && self.position < FULL => 1,
            Goal::Open | Goal::Close | Goal::Stay => 0,
        };
        if wanted != 0 && self.jammed {
            self.motion = 0;
            self.strained += time;
            if self.strained >= self.travel.strain {
                self.fault = 1;
            }
            return;
        }
        self.strained = Duration::ZERO;
        self.motion = wanted;
        let whole = if wanted > 0 {
            self.travel.open
        } else {
            self.travel.close
        };
        let step = i64::try_from((time.as_micros() * 1_000_000).div_ceil(whole.as_micros().max(1)))
            .unwrap_or(FULL);
        self.position = (self.position + wanted * step).clamp(0, FULL);
    }

    fn obstructed(&self) -> bool {
        self.standing || self.passage.in_leaf_path()
    }

    fn evacuating(&self) -> bool {
        self.fire || self.evacuate
    }

    fn deed(&mut self, deed: Deed) {
        self.deeds.push_back(deed);
    }

    /// What has happened since the last call.
    pub fn deeds(&mut self) -> impl Iterator<Item = Deed> + '_ {
        self.deeds.drain(..)
    }

    /// Feeds the watchdog.
    pub fn beat(&mut self) {
        self.since_beat = Duration::ZERO;
        self.tripped = false;
    }

    /// Judges a command and obeys it if it may.
    pub(super) fn obey(&mut self, heard: Heard) -> Verdict {
        let verdict = self.judge(heard);
        let Heard {
            order,
            persons,
            ticket,
        } = heard;
        let persons = if order == gate::Order::Open {
            persons
        } else {
            0
        };
        self.deed(Deed::Commanded {
            command: order.key(),
            persons,
            ticket,
            verdict,
        });
        if verdict == Verdict::Accepted {
            match order {
                gate::Order::Open => self.deed(Deed::Opened {
                    cause: Cause::Command,
                }),
                gate::Order::Evacuate => self.deed(Deed::Opened {
                    cause: Cause::Evacuate,
                }),
                gate::Order::Close
                | gate::Order::Lock
                | gate::Order::Lamp(_)
                | gate::Order::Sounder(_)
                | gate::Order::ClearFault => {}
            }
        }
        verdict
    }

    fn judge(&mut self, heard: Heard) -> Verdict {
        use gate::Order;
        match heard.order {
            Order::Lamp(lamp) => self.lamp = lamp,
            Order::Sounder(sounder) => self.sounder = sounder,
            Order::Evacuate => {
                self.evacuate = true;
                self.locked = false;
            }
            Order::ClearFault => {
                // The leaf stays where it is: whoever mended it may still have a hand in it.
                self.goal = if self.fault == 0 {
                    self.goal
                } else {
                    Goal::Stay
                };
                self.fault = 0;
                self.strained = Duration::ZERO;
                (self.tailgate, self.forced, self.wrong_way) = (false, false, false);
            }
            Order::Open | Order::Close | Order::Lock if self.fire => return Verdict::Evacuating,
            Order::Close | Order::Lock if !self.mains => return Verdict::NoMains,
            Order::Open if self.evacuate => return Verdict::Evacuating,
            Order::Open | Order::Close | Order::Lock if self.fault != 0 => return Verdict::Faulty,
            Order::Open => {
                self.goal = Goal::Open;
                self.locked = false;
                self.permitted = heard.persons;
                self.passed = 0;
                (self.tailgate, self.forced, self.wrong_way) = (false, false, false);
            }
            Order::Close | Order::Lock => {
                self.evacuate = false;
                self.goal = Goal::Close;
                self.locked = heard.order == Order::Lock;
            }
        }
        Verdict::Accepted
    }

    /// Throws the hard-wired fire input.
    pub fn fire(&mut self, on: bool) {
        if on && !self.fire {
            self.deed(Deed::Opened { cause: Cause::Fire });
            self.locked = false;
        }
        // When the panel is reset the leaf stays open until somebody commands otherwise.
        self.goal = if self.fire && !on {
            Goal::Stay
        } else {
            self.goal
        };
        self.fire = on;
    }

    /// Takes the mains away, or gives them back.
    pub fn mains(&mut self, on: bool) {
        if !on && self.mains {
            self.deed(Deed::Opened {
                cause: Cause::MainsLost,
            });
            self.locked = false;
        }
        self.goal = if !self.mains && on {
            Goal::Stay
        } else {
            self.goal
        };
        self.mains = on;
    }

    /// Wedges the leaf, or frees it. The fault stays until it is cleared.
    pub fn jam(&mut self, on: bool) {
        self.jammed = on;
    }

    /// Puts something into the leaf's path, or takes it away.
    pub fn stand(&mut self, on: bool) {
        self.standing = on;
    }

    /// Pushes a closed leaf open by a third.
    pub fn force(&mut self) {
        if self.position < FULL / 3 && self.goal == Goal::Close {
            self.position = FULL / 3;
            self.forced = true;
        }
    }

    /// Sends walkers to the gate; each waits until the leaf invites.
    pub fn walk(&mut self, walkers: impl IntoIterator<Item = Walker>) {
        self.passage.queue(walkers);
    }

    /// Sends one walker in from the exit.
    pub fn walk_wrong_way(&mut self) {
        self.passage.enter_from_exit();
    }

    /// Sends those away who wait before the leaf.
    pub fn leave(&mut self) {
        self.passage.leave();
    }

    /// Starts the controller anew. The leaf stays where it is until a command or the watchdog moves it; a commanded
    /// evacuation is kept in its memory.
    pub fn reboot(&mut self) {
        self.boot_left = self.travel.boot;
        self.goal = Goal::Stay;
        self.since_beat = Duration::ZERO;
        self.tripped = false;
        (self.fault, self.permitted, self.passed) = (0, 0, 0);
        (self.tailgate, self.forced, self.wrong_way) = (false, false, false);
        self.lamp = Lamp::Off;
        self.sounder = Sounder::Silent;
    }

    /// Everything that can be seen.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let alarm = |raised| if raised { Alarm::Raised } else { Alarm::Quiet };
        let beam = |broken| if broken { Beam::Broken } else { Beam::Clear };
        Snapshot {
            leaf: match (self.position, self.motion) {
                (0, _) => Leaf::Closed,
                (FULL, _) => Leaf::Open,
                (_, 1) => Leaf::Opening,
                (_, -1) => Leaf::Closing,
                (_, _) => Leaf::Between,
            },
            position: u16::try_from(self.position / 1000).unwrap_or(0),
            locked: self.locked,
            obstruction: if self.obstructed() {
                Obstruction::Blocked
            } else {
                Obstruction::Clear
            },
            entry_beam: beam(self.passage.entry_beam()),
            exit_beam: beam(self.passage.exit_beam()),
            permitted: self.permitted,
            passed: self.passed,
            walked: self.walked,
            through: self.passage.through(),
            waiting: self.passage.waiting(),
            inside: self.passage.inside(),
            tailgate: alarm(self.tailgate),
            forced: alarm(self.forced),
            wrong_way: alarm(self.wrong_way),
            evacuation: if self.evacuating() {
                Evacuation::On
            } else {
                Evacuation::Off
            },
            fire: self.fire,
            mains: if self.mains {
                Mains::Present
            } else {
                Mains::Lost
            },
            jammed: self.jammed,
            fault: self.fault,
            booting: !self.boot_left.is_zero(),
            watchdog_tripped: self.tripped,
            lamp: self.lamp,
            sounder: self.sounder,
            battery: u16::try_from(self.charge / 10_000).unwrap_or(0),
        }
    }
}
