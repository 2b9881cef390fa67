//! A camera's controls, and what turns them.

use std::fmt;

use nokhwa::utils::{
    CameraControl, ControlValueDescription, ControlValueSetter, KnownCameraControl,
};
use nokhwa::{Camera, NokhwaError};

use crate::exposure::{Aim, Dials, Light, Range, Regulator, Setting};
use crate::{Frame, v4l2::Focus};

/// What is turned. A camera that lacks something is left alone.
pub(crate) trait Controls {
    /// What can be turned, if exposure can.
    fn dials(&mut self) -> Option<Dials>;

    /// How it is set now.
    fn present(&mut self) -> Setting;

    /// Turns it.
    fn set(&mut self, setting: Setting) -> Result<(), Stuck>;
}

/// A control did not turn.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be set")]
pub(crate) struct Stuck {
    what: &'static str,
    source: NokhwaError,
}

/// Turns one camera's exposure, for as long as it obeys.
#[derive(Debug)]
pub(crate) struct Metering(Option<Regulator>);

impl Metering {
    pub(crate) fn new(controls: &mut impl Controls, rate: u32) -> Self {
        Self(controls.dials().map(|dials| Regulator::new(dials, rate)))
    }

    /// Looks at a frame, and turns what has to be turned. A camera that does not obey is left alone from then on.
    pub(crate) fn look(
        &mut self,
        aim: Aim,
        frame: &Frame,
        controls: &mut impl Controls,
    ) -> Result<(), Stuck> {
        let (Some(regulator), Some(light)) = (
            &mut self.0,
            Light::of(frame.luma_plane(), frame.width as usize),
        ) else {
            return Ok(());
        };
        let Some(setting) = regulator.look(aim, light, || controls.present()) else {
            return Ok(());
        };
        tracing::debug!(?setting, ?light, "exposure");
        controls.set(setting).inspect_err(|_| self.0 = None)
    }
}

/// V4L2's numbers of controls that nokhwa has no names for; its own `Exposure` is another control, which webcams lack.
/// They are those of `linux/v4l2-controls.h`, camera class.
const EXPOSURE_AUTO: KnownCameraControl = KnownCameraControl::Other(0x009a_0901);
const EXPOSURE_ABSOLUTE: KnownCameraControl = KnownCameraControl::Other(0x009a_0902);
const FOCUS_ABSOLUTE: KnownCameraControl = KnownCameraControl::Other(0x009a_090a);
const FOCUS_AUTO: KnownCameraControl = KnownCameraControl::Other(0x009a_090c);

/// The entry of [`EXPOSURE_AUTO`]'s menu for exposure by hand.
const BY_HAND: i64 = 1;
/// The entry that webcams call aperture priority: exposure and gain automatic, the iris fixed.
const APERTURE_PRIORITY: i64 = 3;

/// The controls of a V4L2 camera.
pub(crate) struct Panel<'a> {
    pub(crate) camera: &'a mut Camera,
    /// The menu's entry for the camera's automatic.
    pub(crate) automatic: i64,
}

impl fmt::Debug for Panel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panel").finish_non_exhaustive()
    }
}

/// What a camera lists of itself.
pub(crate) fn listed(camera: &Camera) -> Vec<CameraControl> {
    // A camera that lists nothing has nothing to turn.
    camera.camera_controls().unwrap_or_default()
}

/// A control's range, present value and default, where it is a number.
fn number(controls: &[CameraControl], id: KnownCameraControl) -> Option<(Range, i64, i64)> {
    let control = controls.iter().find(|control| control.control() == id)?;
    match control.description() {
        ControlValueDescription::IntegerRange {
            min,
            max,
            value,
            step,
            default,
        } => {
            let (least, most, step) = (*min, *max, *step);
            Some((Range { least, most, step }, *value, *default))
        }
        _ => None,
    }
}

/// The menu's entry for the camera's automatic: the one in use, unless somebody left the camera set by hand.
pub(crate) fn automatic(controls: &[CameraControl]) -> Option<i64> {
    let (_, now, default) = number(controls, EXPOSURE_AUTO)?;
    [now, default, APERTURE_PRIORITY]
        .into_iter()
        .find(|entry| *entry != BY_HAND)
}

/// What of these can be turned, if exposure can.
pub(crate) fn dials(controls: &[CameraControl]) -> Option<Dials> {
    automatic(controls)?;
    let (exposure, ..) = number(controls, EXPOSURE_ABSOLUTE)?;
    let gain = number(controls, KnownCameraControl::Gain).map(|(range, ..)| range);
    (exposure.most > exposure.least).then_some(Dials { exposure, gain })
}

impl Panel<'_> {
    fn turn(
        &mut self,
        what: &'static str,
        control: KnownCameraControl,
        value: ControlValueSetter,
    ) -> Result<(), Stuck> {
        match self.camera.set_camera_control(control, value) {
            // nokhwa reads back, and calls a value refused that the driver rounded.
            Err(NokhwaError::SetPropertyError { error, .. }) if error == "Rejected" => Ok(()),
            turned => turned.map_err(|source| Stuck { what, source }),
        }
    }

    pub(crate) fn focus(&mut self, focus: Focus) -> Result<(), Stuck> {
        let (automatic, at) = match focus {
            Focus::AsItIs => return Ok(()),
            Focus::Automatic => (true, None),
            Focus::Fixed(at) => (false, Some(at)),
        };
        let autofocus = ControlValueSetter::Boolean(automatic);
        let turned = self.turn("automatic focus", FOCUS_AUTO, autofocus);
        match at {
            // A lens that is only turned by hand has no automatic to be turned off.
            Some(at) => {
                let at = ControlValueSetter::Integer(i64::from(at));
                self.turn("focus", FOCUS_ABSOLUTE, at)
            }
            None => turned,
        }
    }
}

impl Controls for Panel<'_> {
    fn dials(&mut self) -> Option<Dials> {
        dials(&listed(self.camera))
    }

    fn present(&mut self) -> Setting {
        let controls = listed(self.camera);
        let value = |id| number(&controls, id).map(|(_, value, _)| value);
        Setting {
            exposure: value(EXPOSURE_ABSOLUTE),
            gain: value(KnownCameraControl::Gain),
        }
    }

    fn set(&mut self, setting: Setting) -> Result<(), Stuck> {
        let mode = setting.exposure.map_or(self.automatic, |_| BY_HAND);
        let integer = ControlValueSetter::Integer;
        self.turn("automatic exposure", EXPOSURE_AUTO, integer(mode))?;
        if let Some(exposure) = setting.exposure {
            self.turn("exposure", EXPOSURE_ABSOLUTE, integer(exposure))?;
        }
        match setting.gain {
            Some(gain) => self.turn("gain", KnownCameraControl::Gain, integer(gain)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Instant;

    use nokhwa::utils::KnownCameraControl::Gain;

    use super::*;

    fn integer(
        id: KnownCameraControl,
        (min, max, value): (i64, i64, i64),
        default: i64,
    ) -> CameraControl {
        let description = ControlValueDescription::IntegerRange {
            min,
            max,
            value,
            step: 1,
            default,
        };
        CameraControl::new(id, "control".to_owned(), description, Vec::new(), true)
    }

    #[test]
    fn only_a_camera_with_automatic_and_exposure_time_is_turned() {
        let time = |max| integer(EXPOSURE_ABSOLUTE, (3, max, 156), 156);
        let menu = |now, default| integer(EXPOSURE_AUTO, (0, 3, now), default);
        let gain = integer(Gain, (0, 100, 10), 0);
        assert_eq!(dials(&[]), None);
        assert_eq!(dials(&[time(2_047), gain.clone()]), None, "no automatic");
        assert_eq!(dials(&[menu(3, 3), gain.clone()]), None, "no time");
        assert_eq!(
            dials(&[menu(3, 3), time(3)]),
            None,
            "nothing to choose from"
        );
        // The control that nokhwa calls exposure is the one of old frame grabbers.
        let old = integer(KnownCameraControl::Exposure, (0, 255, 9), 9);
        assert_eq!(dials(&[menu(3, 3), old]), None);
        let whole = dials(&[menu(3, 3), time(2_047), gain]).unwrap();
        assert_eq!((whole.exposure.least, whole.exposure.most), (3, 2_047));
        assert_eq!(whole.gain.map(|gain| gain.most), Some(100));
        for (now, default, entry) in [(3, 3, 3), (0, 0, 0), (1, 0, 0), (1, 1, 3), (1, 3, 3)] {
            assert_eq!(
                automatic(&[menu(now, default)]),
                Some(entry),
                "{now} {default}"
            );
        }
    }

    /// Controls that tell what was set, or refuse.
    struct Pretend {
        dials: Option<Dials>,
        stuck: bool,
        set: Vec<Setting>,
    }

    impl Controls for Pretend {
        fn dials(&mut self) -> Option<Dials> {
            self.dials
        }

        fn present(&mut self) -> Setting {
            Setting {
                exposure: Some(200),
                gain: None,
            }
        }

        fn set(&mut self, setting: Setting) -> Result<(), Stuck> {
            self.set.push(setting);
            let source = NokhwaError::GeneralError("unplugged".to_owned());
            let what = "exposure";
            if self.stuck {
                Err(Stuck { what, source })
            } else {
                Ok(())
            }
        }
    }

    fn looked_at_twenty_times(dials: Option<Dials>, stuck: bool) -> (Pretend, usize) {
        let mut camera = Pretend {
            dials,
            stuck,
            set: Vec::new(),
        };
        let mut luma = vec![50; 64 * 64];
        luma[..64 * 16].fill(255);
        let frame = Frame::from_luma(64, 64, luma, Instant::now()).unwrap();
        let mut metering = Metering::new(&mut camera, 30);
        let refusals = (0..20)
            .filter(|_| metering.look(Aim::Screens, &frame, &mut camera).is_err())
            .count();
        (camera, refusals)
    }

    #[test]
    fn a_camera_without_controls_or_that_refuses_is_left_alone() {
        let exposure = Range {
            least: 1,
            most: 5_000,
            step: 1,
        };
        let dials = Some(Dials {
            exposure,
            gain: None,
        });
        let (obeys, refusals) = looked_at_twenty_times(dials, false);
        assert!(obeys.set.len() > 1 && refusals == 0, "{:?}", obeys.set);
        let (lacks, refusals) = looked_at_twenty_times(None, false);
        assert_eq!((lacks.set.len(), refusals), (0, 0));
        let (refuses, refusals) = looked_at_twenty_times(dials, true);
        assert_eq!((refuses.set.len(), refusals), (1, 1), "once, and told once");
    }
}
