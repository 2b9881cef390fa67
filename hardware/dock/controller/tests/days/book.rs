//! What is written down in the course of a day, and the promises that are held against it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use controller::{Cause, Deed, Snapshot, Verdict};
use gate::{Alarm, Evacuation, Leaf, Mains, Obstruction};
use tokio::time::Instant;

/// Situations that seldom come together, and that a run must have met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rare {
    ReversalOnObstruction,
    CloseWithTrolleyUnderTheLeaf,
    CloseWithWheelchairUnderTheLeaf,
    CloseWithChildUnderTheLeaf,
    Tailgating,
    TurnedBack,
    WrongWay,
    NobodyEntered,
    ForcedEntry,
    Jam,
    FireWhileOpening,
    FireWhileClosing,
    FireDuringBoot,
    MainsLostWhileOpening,
    MainsLostWhileClosing,
    EvacuationByCommand,
    RebootInMidTravel,
    UnpluggedWhileOpening,
    UnpluggedWhileClosing,
    CutWhileOpening,
    WatchdogTripped,
    WatchdogHeldOffByAPerson,
    RefusedInEvacuation,
    RefusedForAFault,
    RefusedWithoutMains,
    CommandOutOfReach,
    CommandUnconfirmed,
    UnconfirmedAndYetObeyed,
    LostAndFound,
    MendedInSilence,
    MessageDropped,
    BitFlipped,
    AnswerDoubled,
    AnswerLate,
    AnswerCutShort,
    ForeignAnswer,
    Noise,
    WrongBaud,
}

pub(crate) const RARE: [Rare; 38] = {
    use Rare::*;
    [
        ReversalOnObstruction,
        CloseWithTrolleyUnderTheLeaf,
        CloseWithWheelchairUnderTheLeaf,
        CloseWithChildUnderTheLeaf,
        Tailgating,
        TurnedBack,
        WrongWay,
        NobodyEntered,
        ForcedEntry,
        Jam,
        FireWhileOpening,
        FireWhileClosing,
        FireDuringBoot,
        MainsLostWhileOpening,
        MainsLostWhileClosing,
        EvacuationByCommand,
        RebootInMidTravel,
        UnpluggedWhileOpening,
        UnpluggedWhileClosing,
        CutWhileOpening,
        WatchdogTripped,
        WatchdogHeldOffByAPerson,
        RefusedInEvacuation,
        RefusedForAFault,
        RefusedWithoutMains,
        CommandOutOfReach,
        CommandUnconfirmed,
        UnconfirmedAndYetObeyed,
        LostAndFound,
        MendedInSilence,
        MessageDropped,
        BitFlipped,
        AnswerDoubled,
        AnswerLate,
        AnswerCutShort,
        ForeignAnswer,
        Noise,
        WrongBaud,
    ]
};

/// An opening that was recorded before it was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRecord {
    None,
    Recorded { persons: u16 },
    Used,
}

#[derive(Debug)]
pub(crate) struct Entries {
    begun: Instant,
    pub(crate) warrant: OnRecord,
    pub(crate) evacuation_ordered: bool,
    /// Whether something that opens has happened since the leaf was last shut.
    warranted: bool,
    /// Persons seen by the lane since the last opening, and in all.
    pub(crate) counted: u16,
    pub(crate) seen: u64,
    /// Persons whose count a reboot wiped out before the lane could read it.
    pub(crate) erased: u64,
    pub(crate) met: BTreeSet<Rare>,
    pub(crate) broken: Vec<String>,
    pub(crate) story: Vec<String>,
}

/// The day's book; clones are the same book.
#[derive(Clone, Debug)]
pub(crate) struct Book(Arc<Mutex<Entries>>);

impl Book {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Entries {
            begun: Instant::now(),
            warrant: OnRecord::None,
            evacuation_ordered: false,
            warranted: false,
            counted: 0,
            seen: 0,
            erased: 0,
            met: BTreeSet::new(),
            broken: Vec::new(),
            story: Vec::new(),
        })))
    }

    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap()
    }

    pub(crate) fn met(&self, rare: Rare) {
        self.entries().met.insert(rare);
    }

    pub(crate) fn broken(&self, promise: String) {
        self.entries().breaks(promise);
    }

    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        self.entries().tell(what);
    }

    /// Looks at one slice of the controller's life.
    pub(crate) fn look(&self, before: &Snapshot, after: &Snapshot, deeds: &[Deed]) {
        let mut book = self.entries();
        for deed in deeds {
            book.deed(before, after, deed);
        }
        book.leaf(before, after);
        book.situations(before, after);
    }
}

impl Entries {
    pub(crate) fn tell(&mut self, what: impl FnOnce() -> String) {
        if crate::replaying() {
            let at = self.begun.elapsed().as_millis();
            self.story.push(format!("{at:>7} ms  {}", what()));
        }
    }

    fn breaks(&mut self, promise: String) {
        let at = self.begun.elapsed().as_millis();
        // What is wrong once is often wrong from then on.
        if self.broken.len() < 3 {
            self.broken.push(format!("at {at} ms: {promise}"));
        }
        self.tell(|| format!("BROKEN: {promise}"));
    }

    fn deed(&mut self, before: &Snapshot, after: &Snapshot, deed: &Deed) {
        self.tell(|| format!("gate: {deed:?}"));
        match *deed {
            Deed::Commanded {
                command: "open",
                persons,
                verdict: Verdict::Accepted,
                ..
            } => match std::mem::replace(&mut self.warrant, OnRecord::Used) {
                OnRecord::Recorded { persons: recorded } if recorded == persons => {}
                other => self.breaks(format!("opens for {persons} persons, recorded: {other:?}")),
            },
            Deed::Commanded {
                command: "close" | "lock" | "clear_fault",
                verdict: Verdict::Accepted,
                ..
            } => {
                let held = after.fire || after.mains == Mains::Lost;
                self.warranted &= held || after.position > 0;
            }
            Deed::Commanded { verdict, .. } => {
                self.met.extend(match verdict {
                    Verdict::Evacuating => Some(Rare::RefusedInEvacuation),
                    Verdict::Faulty => Some(Rare::RefusedForAFault),
                    Verdict::NoMains => Some(Rare::RefusedWithoutMains),
                    Verdict::Accepted | Verdict::Unknown => None,
                });
            }
            Deed::Opened { cause } => {
                self.warranted = true;
                match cause {
                    Cause::Evacuate if !self.evacuation_ordered => {
                        self.breaks("evacuates without an order".to_owned());
                    }
                    Cause::Evacuate => {
                        self.met.insert(Rare::EvacuationByCommand);
                    }
                    Cause::Fire if before.booting => {
                        self.met.insert(Rare::FireDuringBoot);
                    }
                    Cause::Command | Cause::Fire | Cause::MainsLost => {}
                }
            }
            Deed::WatchdogTripped => {
                self.met.insert(Rare::WatchdogTripped);
            }
            Deed::Passed { .. } | Deed::Booted => {}
        }
    }

    fn leaf(&mut self, before: &Snapshot, after: &Snapshot) {
        let blocked =
            (before.obstruction, after.obstruction) == (Obstruction::Blocked, Obstruction::Blocked);
        if blocked && after.position < before.position {
            self.breaks(format!("closes on somebody: {after:?}"));
        }
        let pushed = after.forced == Alarm::Raised;
        if before.position == 0 && after.position > 0 && !self.warranted && !pushed {
            self.breaks(format!("opens for nothing: {after:?}"));
        }
        if before.position > 0 && after.position == 0 {
            self.warranted = false;
        }
        if after.walked != after.through && after.inside == 0 {
            self.breaks(format!(
                "{} walked through, the controller counted {}",
                after.through, after.walked
            ));
        }
        // Whatever else is wrong, fire and lost mains find the leaf open or on its way.
        let must_open = after.fire || after.mains == Mains::Lost;
        if must_open && !after.jammed && after.position < before.position {
            self.breaks(format!("closes against fire or spring: {after:?}"));
        }
    }

    fn situations(&mut self, before: &Snapshot, after: &Snapshot) {
        let begins = |test: fn(&Snapshot) -> bool| !test(before) && test(after);
        let mut met = |rare, really: bool| {
            if really {
                self.met.insert(rare);
            }
        };
        let blocked = after.obstruction == Obstruction::Blocked;
        let ordinary = !after.fire && after.evacuation == Evacuation::Off;
        met(
            Rare::ReversalOnObstruction,
            blocked
                && ordinary
                && after.mains == Mains::Present
                && (before.leaf, after.leaf) == (Leaf::Closing, Leaf::Opening),
        );
        met(
            Rare::Tailgating,
            begins(|now| now.tailgate == Alarm::Raised),
        );
        met(Rare::WrongWay, begins(|now| now.wrong_way == Alarm::Raised));
        met(Rare::ForcedEntry, begins(|now| now.forced == Alarm::Raised));
        met(Rare::Jam, begins(|now| now.fault == 1));
        let fire = begins(|now| now.fire);
        met(Rare::FireWhileOpening, fire && before.leaf == Leaf::Opening);
        met(Rare::FireWhileClosing, fire && before.leaf == Leaf::Closing);
        let dark = begins(|now| now.mains == Mains::Lost);
        met(
            Rare::MainsLostWhileOpening,
            dark && before.leaf == Leaf::Opening,
        );
        met(
            Rare::MainsLostWhileClosing,
            dark && before.leaf == Leaf::Closing,
        );
        let moving = matches!(before.leaf, Leaf::Opening | Leaf::Closing);
        met(Rare::RebootInMidTravel, moving && begins(|now| now.booting));
        met(
            Rare::WatchdogHeldOffByAPerson,
            after.watchdog_tripped && blocked && ordinary && after.position > 0 && after.inside > 0,
        );
    }
}
