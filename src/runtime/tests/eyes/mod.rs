//! The threads before cameras of the tests' own. Nothing waits for time to pass: a frame comes when the test gives it, and
//! a reader goes on when the test lets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod memory;
mod order;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use camera::{Aim, CameraError, Capture, Frame, Source};

use super::*;

/// Generous: a loaded machine must not fail a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A camera whose frames the test hands over one by one.
struct Handed(Receiver<Frame>);

impl Handed {
    fn next(frames: &Receiver<Frame>) -> Result<Frame, CameraError> {
        frames.recv().map_err(|_| CameraError::Stopped {
            name: "a test's hand".to_owned(),
        })
    }
}

impl Source for Handed {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        Self::next(&self.0)
    }

    fn describe(&self) -> String {
        "a test's hand".to_owned()
    }
}

fn handed() -> (Sender<Frame>, Capture) {
    let (frames, source) = channel();
    (frames, Capture::start(Handed(source)).unwrap())
}

/// A frame that shows its number, too small for anything else.
fn numbered(number: u32) -> Frame {
    Frame::from_luma(4, 1, number.to_le_bytes().to_vec(), Instant::now()).unwrap()
}

fn number(frame: &Frame) -> u32 {
    u32::from_le_bytes(frame.luma_plane().try_into().unwrap())
}

fn face() -> Looking {
    Looking::Face {
        question: QuestionId {
            journey: evidence::JourneyId::new(7),
            serial: 1,
        },
        member: MemberIndex::DECLARANT,
        portrait: None,
    }
}
