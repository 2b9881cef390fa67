//! Frames that waited in the driver.

use std::time::{Duration, Instant};

/// The buffers that the driver fills in turn: nokhwa asks for four, of which one is always in our hands.
const MOST: u32 = 3;
/// A frame that comes sooner than this after it was asked for was there already.
const AT_ONCE: Duration = Duration::from_millis(2);

/// Tells which frames were taken long before they were fetched. Whoever fetched the last one late, because a control took
/// long to turn or the computer was busy, finds the driver's buffers full, oldest first; the newest comes after them.
#[derive(Debug)]
pub(crate) struct Backlog {
    interval: Duration,
    last: Option<Instant>,
    passed_over: u32,
}

impl Backlog {
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval,
            last: None,
            passed_over: 0,
        }
    }

    /// Whether the frame that was asked for and came at these moments is an old one, to be passed over.
    pub(crate) fn holds(&mut self, asked: Instant, came: Instant) -> bool {
        let late = self
            .last
            .is_some_and(|last| asked.saturating_duration_since(last) > self.interval);
        let waited = came.saturating_duration_since(asked) >= AT_ONCE;
        if !late || waited || self.passed_over == MOST {
            self.last = Some(came);
            self.passed_over = 0;
            return false;
        }
        self.passed_over += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const INTERVAL: Duration = Duration::from_millis(33);

    /// A driver in virtual time: a frame every interval into one of three free buffers, and none when all are full.
    struct Driver {
        now: Instant,
        next: Instant,
        full: VecDeque<Instant>,
    }

    impl Driver {
        fn passes(&mut self, time: Duration) {
            self.now += time;
            while self.next <= self.now {
                if self.full.len() < 3 {
                    self.full.push_back(self.next);
                }
                self.next += INTERVAL;
            }
        }

        /// When the frame that is given out was taken.
        fn frame(&mut self) -> Instant {
            if self.full.is_empty() {
                self.passes(self.next - self.now);
            }
            self.passes(Duration::from_micros(50));
            self.full.pop_front().unwrap_or(self.now)
        }
    }

    #[test]
    fn after_a_pause_of_any_length_no_old_frame_is_used() {
        let begun = Instant::now();
        let mut driver = Driver {
            now: begun,
            next: begun + INTERVAL,
            full: VecDeque::new(),
        };
        let mut backlog = Backlog::new(INTERVAL);
        let mut passed_over = 0;
        for turn in 0_u32..500 {
            // Mostly quick; now and then it takes up to a third of a second.
            let pause = if turn % 9 == 0 {
                turn * 37 % 330
            } else {
                turn % 20
            };
            driver.passes(Duration::from_millis(pause.into()));
            let taken = loop {
                let asked = driver.now;
                let taken = driver.frame();
                if !backlog.holds(asked, driver.now) {
                    break taken;
                }
                passed_over += 1;
            };
            let age = driver.now - taken;
            assert!(age <= INTERVAL, "turn {turn}: {age:?} old after {pause} ms");
        }
        assert!(passed_over > 50, "{passed_over}");
    }

    #[test]
    fn a_reader_that_keeps_up_gets_every_frame() {
        let begun = Instant::now();
        let mut backlog = Backlog::new(INTERVAL);
        for frame in 1..200 {
            let came = begun + INTERVAL * frame;
            assert!(!backlog.holds(came - INTERVAL + Duration::from_millis(9), came));
        }
    }
}
