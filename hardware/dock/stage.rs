//! The screen without a display: the same window, drawn in memory, looked at and touched from other threads.

use std::{sync::mpsc, time::Duration};

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use image::{DynamicImage, RgbImage, RgbaImage};
use slint::{
    ComponentHandle, LogicalPosition, PlatformError,
    platform::{PointerEventButton, SetPlatformError, WindowEvent},
};
use thiserror::Error;
use ui::{Display, Kiosk};

/// The longest that drawing may take before the loop is held to be stuck. A picture takes 15 to 50 ms in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

/// More than the longest movement on the screen, which lasts 400 ms.
const SETTLED: Duration = Duration::from_millis(500);

/// The way to look at the screen and to touch it, from any thread but the one that runs the window's loop. What was
/// sent through [`ui::Handle`] before is on the screen when a picture is taken.
#[derive(Clone)]
pub struct Stage {
    kiosk: slint::Weak<Kiosk>,
    clock: Clock,
}

/// Who moves the window's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// We do: movements are over when we say so.
    Ours,
    /// The machine does.
    Machine,
}

/// Why the screen was not seen or touched.
#[derive(Debug, Error)]
pub enum StageError {
    /// The window is gone or its loop does not run.
    #[error("the window's loop does not run")]
    NotRunning,
    /// The loop runs but did not answer.
    #[error("the window's loop did not answer within {PATIENCE:?}")]
    Stuck,
    /// Nothing that can be touched has this label.
    #[error("the screen has no control called {0:?}; it has {1:?}")]
    NoControl(String, Vec<String>),
    /// The control cannot be touched now.
    #[error("the control {0:?} is disabled")]
    Disabled(String),
    /// The picture could not be taken.
    #[error("the screen could not be drawn: {0}")]
    Drawing(#[source] PlatformError),
    /// The picture's bytes do not fill it.
    #[error("the drawn picture is incomplete")]
    Incomplete,
}

impl Stage {
    /// Makes windows of this thread be drawn in memory. Call it on the main thread before the [`Display`] is made;
    /// [`Display::run`] then runs as it does with a real display.
    ///
    /// # Errors
    /// [`SetPlatformError`] when this process has windows already.
    pub fn without_display() -> Result<(), SetPlatformError> {
        slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: true,
            renderer_name: Some("software".into()),
        })))
    }

    /// The stage of a display that was made after [`Stage::without_display`].
    pub fn of(display: &Display) -> Self {
        Self {
            kiosk: display.kiosk().as_weak(),
            clock: Clock::Ours,
        }
    }

    /// The stage of a display in a real window.
    pub fn of_window(display: &Display) -> Self {
        Self {
            kiosk: display.kiosk().as_weak(),
            clock: Clock::Machine,
        }
    }

    /// A picture of the screen when nothing moves on it any more.
    ///
    /// # Errors
    /// [`StageError`] when the loop does not answer or the picture cannot be taken.
    pub fn snapshot(&self) -> Result<RgbImage, StageError> {
        let clock = self.clock;
        let taken = self.ask(move |kiosk| {
            clock.settle();
            kiosk.window().take_snapshot()
        })?;
        let taken = taken.map_err(StageError::Drawing)?;
        let rgba = RgbaImage::from_raw(taken.width(), taken.height(), taken.as_bytes().to_vec());
        Ok(DynamicImage::from(rgba.ok_or(StageError::Incomplete)?).into_rgb8())
    }

    /// Touches the middle of the control with this label: the touch goes through the window, so whatever lies above
    /// the control gets it first.
    ///
    /// # Errors
    /// [`StageError`] when the loop does not answer, or there is no such control, or it is disabled.
    pub fn click(&self, label: &str) -> Result<(), StageError> {
        let clock = self.clock;
        let label = label.to_owned();
        self.ask(move |kiosk| {
            clock.settle();
            let found = controls(kiosk).into_iter().find(|(name, _)| *name == label);
            let Some((_, control)) = found else {
                return Err(StageError::NoControl(
                    label,
                    controls(kiosk).into_iter().map(|(name, _)| name).collect(),
                ));
            };
            if control.accessible_enabled() == Some(false) {
                return Err(StageError::Disabled(label));
            }
            let (corner, size) = (control.absolute_position(), control.size());
            let position =
                LogicalPosition::new(corner.x + size.width / 2.0, corner.y + size.height / 2.0);
            let button = PointerEventButton::Left;
            let window = kiosk.window();
            window.dispatch_event(WindowEvent::PointerMoved { position });
            window.dispatch_event(WindowEvent::PointerPressed { position, button });
            window.dispatch_event(WindowEvent::PointerReleased { position, button });
            window.dispatch_event(WindowEvent::PointerExited);
            Ok(())
        })?
    }

    /// Where the middle of the control with this label is, in pixels of the window.
    ///
    /// # Errors
    /// [`StageError`] when the loop does not answer or there is no such control.
    pub fn place(&self, label: &str) -> Result<(i32, i32), StageError> {
        let label = label.to_owned();
        self.ask(move |kiosk| {
            let found = controls(kiosk).into_iter().find(|(name, _)| *name == label);
            let Some((_, control)) = found else {
                return Err(StageError::NoControl(
                    label,
                    controls(kiosk).into_iter().map(|(name, _)| name).collect(),
                ));
            };
            let (corner, size, scale) = (
                control.absolute_position(),
                control.size(),
                kiosk.window().scale_factor(),
            );
            let pixel = |from: f32, length: f32| ((from + length / 2.0) * scale).round() as i32;
            Ok((pixel(corner.x, size.width), pixel(corner.y, size.height)))
        })?
    }

    /// The labels of everything that can be touched now.
    ///
    /// # Errors
    /// [`StageError`] when the loop does not answer.
    pub fn labels(&self) -> Result<Vec<String>, StageError> {
        let clock = self.clock;
        self.ask(move |kiosk| {
            clock.settle();
            controls(kiosk).into_iter().map(|(name, _)| name).collect()
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Kiosk) -> T + Send + 'static,
    ) -> Result<T, StageError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.kiosk
            .upgrade_in_event_loop(move |kiosk| {
                // Whoever asked may have lost patience.
                let _ = answer.send(what(&kiosk));
            })
            .map_err(|_| StageError::NotRunning)?;
        answered
            .recv_timeout(PATIENCE)
            .map_err(|reason| match reason {
                mpsc::RecvTimeoutError::Timeout => StageError::Stuck,
                mpsc::RecvTimeoutError::Disconnected => StageError::NotRunning,
            })
    }
}

impl Clock {
    fn settle(self) {
        match self {
            Self::Ours => mock_elapsed_time(SETTLED),
            Self::Machine => {}
        }
    }
}

fn controls(kiosk: &Kiosk) -> Vec<(String, ElementHandle)> {
    let touchable =
        |role: AccessibleRole| matches!(role, AccessibleRole::Button | AccessibleRole::TextInput);
    i_slint_backend_testing::ElementQuery::from_root(kiosk)
        .match_descendants()
        .find_all()
        .into_iter()
        .filter(|element| element.accessible_role().is_some_and(touchable))
        .filter_map(|element| Some((element.accessible_label()?.to_string(), element)))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::{sync::mpsc, thread};

    use journey::{Language, MemberIndex, Touch};
    use ui::{EvidencePicture, Intent, Picture, Settings, Size, samples};

    use super::*;

    fn sample(name: &str) -> ui::Screen {
        samples()
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap()
            .1
    }

    /// The loop stands on this thread, everything else on another, as in the demonstration.
    #[test]
    fn another_thread_sees_and_touches_what_it_showed() {
        Stage::without_display().unwrap();
        let (told, intents) = mpsc::channel();
        let settings = Settings {
            size: Some(Size::PORTRAIT),
            ..Settings::default()
        };
        let display = Display::with(&settings, move |intent| told.send(intent).unwrap()).unwrap();
        let (stage, handle) = (Stage::of(&display), display.handle());
        let elsewhere = thread::spawn(move || {
            handle.screen(sample("reviewing"));
            let reviewing = stage.snapshot().unwrap();
            assert_eq!(reviewing.dimensions(), (1080, 1920));
            stage.click("Yes, that is right").unwrap();
            handle.screen(ui::Screen {
                language: Language::Japanese,
                ..sample("go")
            });
            assert_ne!(stage.snapshot().unwrap(), reviewing);
            assert!(matches!(
                stage.click("Yes, that is right"),
                Err(StageError::NoControl(..))
            ));
            handle.screen(sample("desk"));
            let before = stage.snapshot().unwrap();
            let portrait = Picture::new(3, 4, vec![200; 36]);
            let member = MemberIndex::DECLARANT;
            handle.evidence(vec![EvidencePicture {
                member,
                portrait,
                live: None,
            }]);
            assert_ne!(stage.snapshot().unwrap(), before);
            handle.forget();
            assert_eq!(stage.snapshot().unwrap(), before);
            assert!(matches!(
                stage.click("Record the decision"),
                Err(StageError::Disabled(_))
            ));
            handle.quit();
        });
        display.run().unwrap();
        elsewhere.join().unwrap();
        assert_eq!(
            intents.try_iter().collect::<Vec<_>>(),
            [Intent::Touched(Touch::Confirm)]
        );
    }
}
