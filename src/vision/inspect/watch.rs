//! Times between a reader's stages, by the caller's clock.

use std::time::{Duration, Instant};

use super::{Onlooker, Reader, StageTime};
use crate::Luma;
use crate::witness::Witness;

/// Looks over one reader's shoulder after the other's.
pub(super) struct Watch<'a> {
    clock: &'a dyn Fn() -> Instant,
    onlooker: &'a mut dyn Onlooker,
    stages: Vec<StageTime>,
    reader: Reader,
    /// The stage that runs, and since when.
    open: Option<(&'static str, Instant)>,
    /// What looking on has taken from the reader that runs.
    lost: Duration,
}

impl<'a> Watch<'a> {
    pub(super) fn new(clock: &'a dyn Fn() -> Instant, onlooker: &'a mut dyn Onlooker) -> Self {
        Self {
            clock,
            onlooker,
            stages: Vec::new(),
            reader: Reader::Qr,
            open: None,
            lost: Duration::ZERO,
        }
    }

    /// Lets a reader read; its reading, and how many milliseconds that took.
    pub(super) fn over<T>(
        &mut self,
        reader: Reader,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, f64) {
        self.reader = reader;
        self.lost = Duration::ZERO;
        let begun = (self.clock)();
        let reading = read(self);
        let ended = (self.clock)();
        self.close(ended);
        let whole = ended.saturating_duration_since(begun);
        (reading, milliseconds(whole.saturating_sub(self.lost)))
    }

    pub(super) fn into_stages(self) -> Vec<StageTime> {
        self.stages
    }

    fn close(&mut self, now: Instant) {
        if let Some((stage, since)) = self.open.take() {
            self.stages.push(StageTime {
                reader: self.reader,
                stage,
                ms: milliseconds(now.saturating_duration_since(since)),
            });
        }
    }
}

impl Witness for Watch<'_> {
    fn enters(&mut self, stage: &'static str) {
        let now = (self.clock)();
        self.close(now);
        self.open = Some((stage, now));
    }

    fn sees(&mut self, stage: &'static str, picture: Luma<'_>) {
        if !self.onlooker.wants_pictures() {
            return;
        }
        let before = (self.clock)();
        self.onlooker.sees(self.reader, stage, picture);
        let lost = (self.clock)().saturating_duration_since(before);
        self.lost += lost;
        if let Some((_, since)) = &mut self.open {
            *since += lost;
        }
    }

    fn wants_pictures(&self) -> bool {
        self.onlooker.wants_pictures()
    }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
