use std::time::Duration;

use journey::Timer;

/// How long things may take, each with its reason. Tests move time by field name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// To show passports and the code, from the last thing shown. A passport is found in a bag in about half a minute.
    pub gathering: Duration,
    /// To read what was declared. At 200 words a minute a full declaration reads in less; a touch ends it at once.
    pub reviewing: Duration,
    /// For one member to be seen well. People who do not find the camera in this time do not find it at all.
    pub facing: Duration,
    /// For a verdict: the office's deadline of 1.5 s and the lane's own engine, with room for a slow disk.
    pub verdict: Duration,
    /// For the leaf to open. EN 17352 gates open in 0.5 to 2 s; a leaf that was pushed reverses once.
    pub gate_opens: Duration,
    /// For the next person to walk through, from the opening or from the last one who did. A wheelchair or a family
    /// with a trolley needs some ten seconds for two metres.
    pub passage: Duration,
    /// For the leaf to close behind the last one, a reversal or two included.
    pub gate_closes: Duration,
    /// How long the gate's sounder gives an alarm that no officer ends. Long enough to be heard from a desk across the hall;
    /// a sounder that never stops is one that somebody unplugs.
    pub alarm: Duration,
    /// The part of a traveller's deadline, in per cent, after which the screen offers more time.
    pub nearing_percent: u32,
    /// Between two attempts to write a journal that refused. A full disk is emptied by hand, not in milliseconds.
    pub journal_retry: Duration,
    /// After this long without a touch an officer is signed out: the panel stands in a public hall.
    pub panel_idle: Duration,
    /// From one word on the lane's health to the next; changes are told at once.
    pub health: Duration,
    /// From one look for what is personal and over its time to the next.
    pub erasing: Duration,
    /// How long a stop waits for the party in the lane. systemd's own limit is set longer.
    pub stop: Duration,
    /// At least this often the loop says that it is alive.
    pub alive: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            gathering: Duration::from_secs(60),
            reviewing: Duration::from_secs(20),
            facing: Duration::from_secs(25),
            verdict: Duration::from_secs(5),
            gate_opens: Duration::from_secs(6),
            passage: Duration::from_secs(20),
            gate_closes: Duration::from_secs(10),
            alarm: Duration::from_secs(20),
            nearing_percent: 65,
            journal_retry: Duration::from_secs(2),
            panel_idle: Duration::from_secs(120),
            health: Duration::from_secs(30),
            erasing: Duration::from_secs(3600),
            stop: Duration::from_secs(45),
            alive: Duration::from_secs(2),
        }
    }
}

impl Timings {
    /// How long this wait lasts.
    pub const fn of(&self, timer: Timer) -> Duration {
        match timer {
            Timer::Gathering => self.gathering,
            Timer::Reviewing => self.reviewing,
            Timer::Facing => self.facing,
            Timer::Verdict => self.verdict,
            Timer::GateOpens => self.gate_opens,
            Timer::Passage => self.passage,
            Timer::GateCloses => self.gate_closes,
        }
    }

    /// When, within this wait, most of it is gone.
    pub fn near(&self, timer: Timer) -> Duration {
        self.of(timer) * self.nearing_percent.min(100) / 100
    }
}
