//! The thread that watches: whether the cameras work, whether the readers keep up, and the live picture.

use std::sync::Arc;
use std::time::{Duration, Instant};

use camera::Frame;
use journey::Device;
use tracing::warn;
use ui::{Camera, LivePicture, Outline};

use super::desk::Desk;
use super::lens::Lens;
use super::reading::Pace;
use super::{FRAME_WAIT, Looking};
use crate::picture;
use crate::presence::GLANCE;

/// Between two live pictures. Twelve a second look alive, and cost a tenth of a core at 640 pixels.
const LIVE_EVERY: Duration = Duration::from_millis(80);

pub(super) struct Watching {
    pub(super) desk: Arc<Desk>,
    pub(super) documents: Lens,
    pub(super) faces: Lens,
    pub(super) live: Box<dyn Fn(LivePicture) + Send>,
    pub(super) shown: Instant,
    pub(super) pace: Pace,
}

/// What the watch does about the state of the desk.
struct Now {
    looks: Option<Camera>,
    busy: Option<(Device, Instant)>,
    outline: Option<Outline>,
    awake: bool,
}

impl Watching {
    pub(super) fn run(mut self) {
        while let Some(now) = self.now() {
            self.report(now.busy);
            let Some(camera) = now.looks else { continue };
            let lens = match camera {
                Camera::Documents => &mut self.documents,
                Camera::Face => &mut self.faces,
            };
            let every = if now.awake { LIVE_EVERY } else { GLANCE };
            let Ok(frame) = lens.capture.newest(FRAME_WAIT) else {
                continue;
            };
            if self.shown.elapsed() >= every {
                self.shown = Instant::now();
                self.show(camera, &frame, now.outline);
            }
        }
    }

    /// How the desk stands, at least as often as frames come; none when it is over.
    fn now(&self) -> Option<Now> {
        let mut state = self.desk.state();
        if matches!(*state.order.looking, Looking::Nothing) && !state.stop {
            state = self.desk.wait(state, FRAME_WAIT);
        }
        let looks = match &*state.order.looking {
            Looking::Nothing => None,
            Looking::Documents => Some(Camera::Documents),
            Looking::Face { .. } => Some(Camera::Face),
        };
        (!state.stop).then_some(Now {
            looks,
            busy: state.busy,
            outline: state.outline,
            awake: state.awake,
        })
    }

    fn report(&mut self, busy: Option<(Device, Instant)>) {
        let pace = busy.map_or(Pace::InTime, |(_, since)| Pace::of(since, Instant::now()));
        if std::mem::replace(&mut self.pace, pace) != pace {
            match (pace, busy) {
                (Pace::Late, Some((device, _))) => warn!(?device, "a frame takes long to read"),
                (Pace::Lost, Some((device, _))) => warn!(?device, "a reader does not come back"),
                (Pace::InTime | Pace::Late | Pace::Lost, _) => {}
            }
        }
        for lens in [&mut self.documents, &mut self.faces] {
            let reads = busy.is_some_and(|(device, _)| device == lens.device);
            let pace = if reads { pace } else { Pace::InTime };
            if let Some(sight) = lens.report(pace) {
                self.desk.tell(sight);
            }
        }
    }

    fn show(&self, camera: Camera, frame: &Frame, outline: Option<Outline>) {
        if let Some((picture, by)) = picture::live(frame) {
            let outline = outline.map(|outline| Outline {
                corners: outline.corners.map(|(x, y)| (x / by, y / by)),
                progress: outline.progress,
            });
            (self.live)(LivePicture {
                camera,
                picture,
                outline,
            });
        }
    }
}
