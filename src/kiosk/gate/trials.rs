//! What an engineer is asked to do at each sensor, and how the status shows that it was done.

use gate::{Alarm, Beam, Evacuation, Mains, Obstruction, Status, StatusMap};

/// A sensor, what to do about it, and how the status shows it.
pub(super) struct Trial {
    pub(super) name: &'static str,
    pub(super) wired: fn(&StatusMap) -> bool,
    pub(super) ask: &'static str,
    pub(super) on: fn(&Status) -> bool,
    /// What to do to end it; none for what stays until the next opening.
    pub(super) release: Option<&'static str>,
}

/// With the leaf open and one person allowed.
pub(super) const OPEN: [Trial; 6] = [
    Trial {
        name: "passed",
        wired: |map| map.passed.is_some() || map.exit_beam.is_some(),
        ask: "walk through the gate once, from the entry",
        on: |status| status.passed >= 1,
        release: None,
    },
    Trial {
        name: "tailgate",
        wired: |map| map.tailgate.is_some(),
        ask: "walk through once more: one too many",
        on: |status| status.tailgate == Alarm::Raised,
        release: None,
    },
    Trial {
        name: "entry_beam",
        wired: |map| map.entry_beam.is_some(),
        ask: "hold a hand into the entry beam",
        on: |status| status.entry_beam == Beam::Broken,
        release: Some("take it away"),
    },
    Trial {
        name: "exit_beam",
        wired: |map| map.exit_beam.is_some(),
        ask: "hold a hand into the exit beam",
        on: |status| status.exit_beam == Beam::Broken,
        release: Some("take it away"),
    },
    Trial {
        name: "obstruction",
        wired: |map| map.obstruction.is_some(),
        ask: "stand in the leaf's way",
        on: |status| status.obstruction == Obstruction::Blocked,
        release: Some("step out of it"),
    },
    Trial {
        name: "wrong_way",
        wired: |map| map.wrong_way.is_some(),
        ask: "walk in from the exit",
        on: |status| status.wrong_way == Alarm::Raised,
        release: None,
    },
];

/// With the leaf closed.
pub(super) const CLOSED: [Trial; 3] = [
    Trial {
        name: "forced",
        wired: |map| map.forced.is_some(),
        ask: "push the closed leaf open",
        on: |status| status.forced == Alarm::Raised,
        release: None,
    },
    Trial {
        name: "mains",
        wired: |map| map.mains.is_some(),
        ask: "switch the controller's mains off; the leaf opens",
        on: |status| status.mains == Mains::Lost,
        release: Some("switch them on again"),
    },
    Trial {
        name: "evacuation",
        wired: |map| map.evacuation.is_some(),
        ask: "throw the fire input; the leaf opens",
        on: |status| status.evacuation == Evacuation::On,
        release: Some("put it to rest"),
    },
];
