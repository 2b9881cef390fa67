//! Exposure for a bright screen in a darker hall: what to set, from what the pictures show. Nothing is set here.
//!
//! A camera's automatic works on the mean of the picture. A telephone of 200 to 1,000 cd/m² in a hall where white paper
//! has 50 to 100 is five or ten times too bright for it: dark modules bloom, and nothing can be read. So exposure is driven for
//! the screen while one is seen, and given back afterwards, for pages and faces want the automatic.

/// Samples at or above this are washed out. Cameras that keep to the narrow range (BT.601) end at 235.
const CEILING: u8 = 230;
/// A screen covers at least this part of the picture, per mille: a telephone at arm's length covers eighty. It is also
/// the part that counts as "the brightest", so that a lamp's small image is neither.
const LEAST_PART: u32 = 20;
/// More than this washed out, per mille, is no screen in a picture but a camera that has just started or been uncovered,
/// and its automatic is at work already; a code so close that it fills the frame is exposed well by the mean.
const MOST_PART: u32 = 700;
/// Frames in a row that must show a screen: one is a reflection that passes.
const SURE: u8 = 2;
/// Frames that a setting takes to be seen, at most: the sensor reads out one while the next is exposed, and another waits in
/// the driver. What comes in this time was taken with the setting before.
const SETTLE: u8 = 3;
/// How far exposure comes down while the brightest part is washed out and tells no more than that.
const STEP_DOWN: i64 = 4;
/// Where the brightest part should come to lie, and where it may stay. The field is wide because codes are read anywhere in
/// it, and because a narrow one would be missed by cameras whose response is not the usual.
const WANTED: u8 = 170;
const FIELD: std::ops::RangeInclusive<u8> = 110..=CEILING - 1;
/// Below this the brightest part is no screen any more: paper that is a fifth as bright as the screen that was exposed for.
const GONE: u8 = 90;
/// Frames in a row without a screen after which exposure is given back.
const AWAY: u8 = 5;
/// Exposure that has come up again to this part, in per cent, of the automatic's is given back: no screen needs it.
const AS_AUTOMATIC: i64 = 70;
/// Frames, three seconds, after which exposure is given back although something bright is still there: a code is read in
/// less, and a lamp or a window must not keep the pages dark.
const PATIENCE: u16 = 90;
/// Frames that the automatic takes to find its way back. In this time nothing is taken for a screen.
const RECOVERY: u16 = 15;
/// Frames, ten seconds, in which what was given up as no code is left alone, unless it goes away before.
const LEFT_ALONE: u16 = 300;

/// What a picture shows of its light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Light {
    /// The level that the brightest fiftieth of the picture reaches.
    pub brightest: u8,
    /// The part of the picture that is washed out, per mille.
    pub washed_out: u16,
}

impl Light {
    /// Measured on every eighth pixel of every eighth row of a luma picture without padding; none of an empty one.
    #[must_use]
    pub fn of(luma: &[u8], width: usize) -> Option<Self> {
        let mut levels = [0_u32; 256];
        for row in luma.chunks_exact(width.max(1)).step_by(8) {
            for &level in row.iter().step_by(8) {
                levels[usize::from(level)] += 1;
            }
        }
        let all: u32 = levels.iter().sum();
        let washed: u32 = levels[usize::from(CEILING)..].iter().sum();
        let mut above = 0;
        let brightest = (0..=u8::MAX).rev().find(|&level| {
            above += levels[usize::from(level)];
            above * 1000 >= all * LEAST_PART
        })?;
        let washed_out = u16::try_from(washed * 1000 / all.max(1)).unwrap_or(1000);
        (all > 0).then_some(Self {
            brightest,
            washed_out,
        })
    }

    fn shows_a_screen(self) -> bool {
        (LEAST_PART..=MOST_PART).contains(&u32::from(self.washed_out))
    }
}

/// What a picture is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aim {
    /// Pages, faces, the hall: the camera's automatic knows best.
    #[default]
    Scene,
    /// Screens too: when a bright one is seen, exposure is driven for it.
    Screens,
}

/// The values that a control takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub least: i64,
    /// The most.
    pub most: i64,
    /// From one to the next.
    pub step: i64,
}

impl Range {
    fn nearest(self, value: i64) -> i64 {
        let step = self.step.max(1);
        let value = value.clamp(self.least, self.most.max(self.least));
        self.least + (value - self.least) / step * step
    }
}

/// The controls that a camera has. One without an exposure to set has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dials {
    /// Exposure time in units of 100 microseconds, as V4L2 counts it.
    pub exposure: Range,
    /// Gain, in the camera's own unit.
    pub gain: Option<Range>,
}

/// What a camera is to be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Exposure time in units of 100 microseconds; none is the camera's automatic.
    pub exposure: Option<i64>,
    /// Gain, in the camera's own unit; none leaves it.
    pub gain: Option<i64>,
}

/// Watches the light and says what to set. It counts frames, and has no clock.
#[derive(Debug)]
pub struct Regulator {
    dials: Dials,
    /// No frame can be exposed for longer than it lasts, whatever a camera says of itself.
    longest: i64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The camera's automatic.
    Given {
        /// Frames in a row that showed a screen.
        seen: u8,
        /// Frames for which none is looked for.
        rest: u16,
        /// Frames in a row without one.
        without: u8,
    },
    Driven {
        /// As the automatic had it.
        before: Setting,
        exposure: i64,
        gain: Option<i64>,
        settling: u8,
        /// Whether the setting that was last made brought the light down.
        came_down: bool,
        /// The least exposure that was too long, at the present gain: going up again stops half-way to it.
        too_long: Option<i64>,
        away: u8,
        frames: u16,
    },
}

impl Regulator {
    /// For a camera with these controls at this rate, frames a second.
    #[must_use]
    pub fn new(dials: Dials, rate: u32) -> Self {
        Self {
            dials,
            longest: i64::from(10_000 / rate.clamp(1, 1_000)),
            state: State::given(0),
        }
    }

    /// Looks at one more frame; gives what to set, if anything. `present` asks the camera for its present exposure and
    /// gain, which takes a while and is done once for each screen.
    pub fn look(
        &mut self,
        aim: Aim,
        light: Light,
        present: impl FnOnce() -> Setting,
    ) -> Option<Setting> {
        match &mut self.state {
            State::Given {
                seen,
                rest,
                without,
            } => {
                let screen = aim == Aim::Screens && light.shows_a_screen();
                *without = if screen { 0 } else { without.saturating_add(1) };
                *rest = match *without > AWAY {
                    true => (*rest).min(RECOVERY),
                    false => *rest,
                };
                *rest = rest.saturating_sub(1);
                *seen = if screen && *rest == 0 { *seen + 1 } else { 0 };
                (*seen >= SURE).then(|| self.take(present()))
            }
            State::Driven { .. } if aim == Aim::Scene => Some(self.give_back(RECOVERY)),
            State::Driven { settling, .. } if *settling > 0 => {
                *settling -= 1;
                None
            }
            State::Driven { .. } => self.adjust(light),
        }
    }

    fn take(&mut self, present: Setting) -> Setting {
        let now = present.exposure.unwrap_or(self.longest).min(self.longest);
        let exposure = self.dials.exposure.nearest(now / STEP_DOWN);
        self.state = State::Driven {
            before: Setting {
                exposure: Some(now),
                gain: present.gain,
            },
            exposure,
            gain: None,
            settling: SETTLE,
            came_down: true,
            too_long: None,
            away: 0,
            frames: 0,
        };
        Setting {
            exposure: Some(exposure),
            gain: None,
        }
    }

    fn adjust(&mut self, light: Light) -> Option<Setting> {
        let dials = self.dials;
        let State::Driven {
            before,
            exposure,
            gain,
            settling,
            came_down,
            too_long,
            away,
            frames,
        } = &mut self.state
        else {
            return None;
        };
        *frames += 1;
        if *frames > PATIENCE {
            return Some(self.give_back(LEFT_ALONE));
        }
        let down = std::mem::take(came_down);
        if light.brightest < GONE && !down {
            *away += 1;
            return (*away >= AWAY).then(|| self.give_back(RECOVERY));
        }
        *away = 0;
        if FIELD.contains(&light.brightest) {
            return None;
        }
        let washed_out = light.brightest >= CEILING;
        let wanted = if washed_out {
            *too_long = Some(too_long.map_or(*exposure, |least| least.min(*exposure)));
            *exposure / STEP_DOWN
        } else {
            // Dark at the first look after a step down: the step was too long for this camera; or the screen went just
            // then, which the next look will tell.
            let up = if light.brightest < GONE {
                *exposure * 2
            } else {
                raised(*exposure, light.brightest)
            };
            too_long.map_or(up, |too_long| up.min(i64::midpoint(*exposure, too_long)))
        };
        if wanted * 100 >= before.exposure.unwrap_or(self.longest) * AS_AUTOMATIC {
            return Some(self.give_back(RECOVERY));
        }
        let wanted = dials.exposure.nearest(wanted);
        *came_down = washed_out;
        if wanted != *exposure {
            *exposure = wanted;
        } else if let (Some(range), Some(now)) = (dials.gain, gain.or(before.gain))
            && washed_out
            && now > range.least
        {
            // Exposure is at its end, so gain comes down.
            *too_long = None;
            *gain = Some(range.nearest(range.least + (now - range.least) / STEP_DOWN));
        } else {
            return None;
        }
        *settling = SETTLE;
        Some(Setting {
            exposure: Some(*exposure),
            gain: *gain,
        })
    }

    fn give_back(&mut self, rest: u16) -> Setting {
        let given = State::given(rest);
        let gain = match std::mem::replace(&mut self.state, given) {
            State::Driven {
                before,
                gain: Some(_),
                ..
            } => before.gain,
            State::Driven { gain: None, .. } | State::Given { .. } => None,
        };
        Setting {
            exposure: None,
            gain,
        }
    }
}

impl State {
    fn given(rest: u16) -> Self {
        Self::Given {
            seen: 0,
            rest,
            without: 0,
        }
    }
}

/// The exposure that brings this level to the wanted one in a camera whose levels go straight with light. In the others, where
/// levels go with a root of it, it comes nearer and never too far.
fn raised(exposure: i64, level: u8) -> i64 {
    let up = exposure * i64::from(WANTED) / i64::from(level.max(1));
    up.max(exposure + 1)
}

#[cfg(test)]
#[path = "exposure_tests.rs"]
mod tests;
