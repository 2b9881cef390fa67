//! A source in memory: whatever is put on the stage is what the lens sees.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use image::RgbImage;
use zeroize::Zeroize as _;

use crate::{CameraError, Frame, Source};

/// A camera that shows one picture until another is put there, ten times a second, or at once when it changes.
///
/// Clones share the stage: one goes to [`crate::Capture`], another stays in the hand that changes the scene.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    shared: Arc<Shared>,
    shown: u64,
}

#[derive(Debug, Default)]
struct Shared {
    scene: Mutex<Scene>,
    changed: Condvar,
}

#[derive(Default)]
struct Scene {
    picture: Option<RgbImage>,
    changes: u64,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scene({})", self.changes)
    }
}

/// How often an unchanged scene is shown again.
const PACE: Duration = Duration::from_millis(100);
/// How long an empty stage is waited for.
const DARK: Duration = Duration::from_secs(2);

impl Stage {
    /// An empty stage: no frame comes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a picture before the lens.
    pub fn show(&self, picture: RgbImage) {
        self.set(Some(picture));
    }

    /// Takes it away: no frame comes any more, as from a camera that is unplugged. To show that nobody is there,
    /// show a picture of nobody.
    pub fn clear(&self) {
        self.set(None);
    }

    fn set(&self, picture: Option<RgbImage>) {
        let mut scene = self
            .shared
            .scene
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = std::mem::replace(&mut scene.picture, picture) {
            older.into_raw().zeroize();
        }
        scene.changes += 1;
        self.shared.changed.notify_all();
    }
}

impl Source for Stage {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        let begun = Instant::now();
        let shown = self.shown;
        let mut scene = self
            .shared
            .scene
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        loop {
            let waited = begun.elapsed();
            let due = scene.changes != shown || waited >= PACE;
            if let Some(picture) = scene.picture.as_ref().filter(|_| due) {
                self.shown = scene.changes;
                return Ok(Frame::from_rgb(picture.clone()));
            }
            if waited >= DARK {
                return Err(CameraError::Stalled {
                    name: self.describe(),
                    after: DARK,
                });
            }
            let left = if scene.picture.is_some() { PACE } else { DARK }.saturating_sub(waited);
            scene = self
                .shared
                .changed
                .wait_timeout(scene, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn describe(&self) -> String {
        "a stage in memory".to_owned()
    }
}
