//! One camera, and whether it works.

use std::time::{Duration, Instant};

use camera::{Capture, Health};
use journey::Device;

use super::{Sight, reading::Pace};

/// A camera that has not shown anything for this long does not work. Cameras take up to two seconds to start.
const BLIND_AFTER: Duration = Duration::from_secs(3);

pub(super) struct Lens {
    pub(super) device: Device,
    pub(super) capture: Capture,
    works: Option<bool>,
    seen: Instant,
}

impl Lens {
    pub(super) fn new(device: Device, capture: Capture) -> Self {
        Self {
            device,
            capture,
            works: None,
            seen: Instant::now(),
        }
    }

    /// Tells when the camera begins to work or ceases to. One whose pictures nobody reads any more is of no more use than one
    /// without pictures.
    pub(super) fn report(&mut self, reader: Pace) -> Option<Sight> {
        let works = match (reader, self.capture.health()) {
            (Pace::Lost, _) => Some(false),
            (Pace::InTime | Pace::Late, Health::Working) => Some(true),
            (_, Health::Starting | Health::Ill(_)) if self.seen.elapsed() > BLIND_AFTER => {
                Some(false)
            }
            (_, Health::Starting | Health::Ill(_)) => self.works,
        };
        if matches!(works, Some(true)) {
            self.seen = Instant::now();
        }
        if works == self.works {
            return None;
        }
        self.works = works;
        works.map(|works| {
            if works {
                Sight::Works(self.device)
            } else {
                Sight::Fails(self.device)
            }
        })
    }
}
