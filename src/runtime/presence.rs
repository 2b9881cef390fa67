//! Whether anything moves before a camera. Looking for a code or a zone in vain takes a core; an empty hall is
//! looked at four times a second instead, and at every frame as soon as something moves.

use std::time::{Duration, Instant};

use zeroize::Zeroize as _;

/// The picture is compared in so many cells: at a metre's distance one is about as large as a thumb.
const ACROSS: usize = 32;
const DOWN: usize = 18;
/// A cell has changed when its mean is this many levels from what it should be, given how much brighter the whole picture
/// is: lamps flicker and automatic exposure follows them, for all cells alike; a sensor's noise is half a level in a cell's
/// mean.
const CHANGED: i32 = 5;
/// So many changed cells are something that moves.
const MOVING: usize = 2;
/// Every so many rows are enough.
const ROWS_APART: usize = 4;
/// From one look at a still picture to the next: a passport that was laid down is found in this time.
pub(crate) const GLANCE: Duration = Duration::from_millis(250);
/// After something moved or was read, every frame is looked at for this long: people pause.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

type Cells = [u8; ACROSS * DOWN];

/// What a camera saw last, coarsely.
#[derive(Default)]
pub(crate) struct Presence {
    before: Option<(Cells, Instant)>,
    awake_until: Option<Instant>,
    looked: Option<Instant>,
}

impl Presence {
    /// Whether this frame is worth reading; `luma` is one byte a pixel without padding.
    pub(crate) fn wants(&mut self, luma: &[u8], width: u32, taken: Instant) -> bool {
        let Some(now) = cells(luma, width as usize) else {
            return true;
        };
        let (moves, stale) = match &self.before {
            Some((before, at)) => (differ(before, &now), taken >= *at + GLANCE),
            None => (true, true),
        };
        if moves || stale {
            self.before = Some((now, taken));
        }
        if moves {
            self.awake_until = Some(taken + LINGER);
        }
        let awake = self.is_awake(taken);
        let wanted = awake || self.looked.is_none_or(|at| taken >= at + GLANCE);
        if wanted {
            self.looked = Some(taken);
        }
        wanted
    }

    /// Something was read: whoever shows it is still there.
    pub(crate) fn read(&mut self, taken: Instant) {
        self.awake_until = Some(taken + LINGER);
    }

    /// Whether every frame is looked at.
    pub(crate) fn is_awake(&self, at: Instant) -> bool {
        self.awake_until.is_some_and(|until| at < until)
    }

    /// Forgets what was there.
    pub(crate) fn forget(&mut self) {
        if let Some((cells, _)) = &mut self.before {
            cells.zeroize();
        }
        *self = Self::default();
    }
}

/// The means of the cells; none of a picture with fewer pixels than cells.
fn cells(luma: &[u8], width: usize) -> Option<Cells> {
    let height = luma.len().checked_div(width)?;
    let (wide, high) = (width / ACROSS, height / DOWN);
    if wide == 0 || high == 0 {
        return None;
    }
    let mut cells = [0; ACROSS * DOWN];
    for (band, row) in cells.chunks_exact_mut(ACROSS).enumerate() {
        let mut sums = [0_u32; ACROSS];
        let mut rows = 0;
        for y in (band * high..(band + 1) * high).step_by(ROWS_APART) {
            let line = &luma[y * width..][..wide * ACROSS];
            for (sum, part) in sums.iter_mut().zip(line.chunks_exact(wide)) {
                *sum += part.iter().map(|&level| u32::from(level)).sum::<u32>();
            }
            rows += 1;
        }
        let pixels = (rows * wide) as u32;
        for (cell, sum) in row.iter_mut().zip(sums) {
            *cell = u8::try_from(sum / pixels).unwrap_or(u8::MAX);
        }
    }
    Some(cells)
}

fn differ(before: &Cells, now: &Cells) -> bool {
    let sum = |cells: &Cells| cells.iter().map(|&cell| i32::from(cell)).sum::<i32>();
    let (all_before, all_now) = (sum(before).max(1), sum(now));
    let changed = before.iter().zip(now).filter(|(before, now)| {
        let expected = i32::from(**before) * all_now / all_before;
        (i32::from(**now) - expected).abs() >= CHANGED
    });
    changed.count() >= MOVING
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WIDTH: usize = 640;
    const HEIGHT: usize = 360;
    const INTERVAL: Duration = Duration::from_millis(33);

    /// A hall with structure, seen by a noisy sensor.
    struct Hall {
        chance: u32,
        now: Instant,
    }

    impl Hall {
        fn new() -> Self {
            Self {
                chance: 7,
                now: Instant::now(),
            }
        }

        /// The next frame, this much brighter in per cent, with a white thing of 60 by 90 pixels at `thing`.
        fn frame(&mut self, brighter: i32, thing: Option<(usize, usize)>) -> Vec<u8> {
            self.now += INTERVAL;
            let mut luma = vec![0; WIDTH * HEIGHT];
            for (at, pixel) in luma.iter_mut().enumerate() {
                let (x, y) = (at % WIDTH, at / WIDTH);
                let covered = thing.is_some_and(|(left, top)| {
                    (left..left + 60).contains(&x) && (top..top + 90).contains(&y)
                });
                let level = if covered {
                    210
                } else {
                    60 + (x / 5 % 90) as i32 + (y / 90) as i32 * 12
                };
                self.chance = self
                    .chance
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                let noise = (self.chance >> 28) as i32 - 8;
                *pixel = (level * (100 + brighter) / 100 + noise).clamp(0, 255) as u8;
            }
            luma
        }
    }

    /// How many of these frames were wanted.
    fn wanted(
        presence: &mut Presence,
        hall: &mut Hall,
        frames: usize,
        scene: impl Fn(usize) -> (i32, Option<(usize, usize)>),
    ) -> usize {
        (0..frames)
            .filter(|&number| {
                let (brighter, thing) = scene(number);
                let luma = hall.frame(brighter, thing);
                presence.wants(&luma, WIDTH as u32, hall.now)
            })
            .count()
    }

    #[test]
    fn an_empty_hall_is_looked_at_four_times_a_second_whatever_its_lamps_do() {
        let (mut presence, mut hall) = (Presence::default(), Hall::new());
        wanted(&mut presence, &mut hall, 90, |_| (0, None));
        let still = wanted(&mut presence, &mut hall, 300, |_| (0, None));
        assert!((30..=40).contains(&still), "{still} of ten seconds");
        let flickering = wanted(&mut presence, &mut hall, 300, |at| {
            ((at % 5) as i32 - 2, None)
        });
        assert!((30..=40).contains(&flickering), "{flickering}");
        let dimming = wanted(&mut presence, &mut hall, 300, |at| {
            (-(at as i32) / 10, None)
        });
        assert!((30..=40).contains(&dimming), "{dimming}");
    }

    #[test]
    fn what_comes_in_is_read_at_once_and_for_a_while_after_it_came_to_rest() {
        let (mut presence, mut hall) = (Presence::default(), Hall::new());
        wanted(&mut presence, &mut hall, 100, |_| (0, None));
        assert!(!presence.is_awake(hall.now));
        let coming = wanted(&mut presence, &mut hall, 20, |at| (0, Some((at * 6, 100))));
        assert_eq!(coming, 20, "the first frame already");
        // Slower than a cell in a second, which no two frames show.
        let drifting = wanted(&mut presence, &mut hall, 150, |at| {
            (0, Some((120 + at / 3, 100)))
        });
        assert_eq!(drifting, 150);
        let resting = |_: usize| (0, Some((169, 100)));
        assert!(wanted(&mut presence, &mut hall, 59, resting) >= 55);
        let later = wanted(&mut presence, &mut hall, 300, resting);
        assert!((30..=46).contains(&later), "{later}");
        presence.read(hall.now);
        assert_eq!(
            wanted(&mut presence, &mut hall, 30, resting),
            30,
            "something was read"
        );
    }

    #[test]
    fn the_forgotten_is_new_again() {
        let (mut presence, mut hall) = (Presence::default(), Hall::new());
        wanted(&mut presence, &mut hall, 100, |_| (0, None));
        presence.forget();
        assert!(presence.before.is_none());
        assert_eq!(wanted(&mut presence, &mut hall, 10, |_| (0, None)), 10);
    }

    #[test]
    fn pictures_of_any_size_are_taken() {
        let mut presence = Presence::default();
        let now = Instant::now();
        for (width, height) in [
            (0, 0),
            (1, 1),
            (31, 400),
            (400, 17),
            (33, 19),
            (1_920, 1_080),
        ] {
            let luma = vec![9; width as usize * height];
            presence.wants(&luma, width, now);
        }
    }
}
