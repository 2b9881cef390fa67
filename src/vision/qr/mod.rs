//! QR codes in a camera frame or a still picture (ISO/IEC 18004), read by a cascade of decoders.
//!
//! A phone held to a camera misses in many ways (blur, glare, a dark theme, a dense code), and no decoder reads them
//! all. Every frame gets the quickest one, rxing, at full and at half size; a frame that it misses gets one further
//! stage, the stages taking turns from frame to frame, so that no frame costs more than about twice the plain one and a
//! code that only one stage can read is read within four frames.

mod decoders;
mod isolation;
mod sharpen;

use std::fmt;

use crate::luma::{self, Luma};
use crate::witness::Witness;
use isolation::{Deadline, Isolation};

pub use isolation::hush_isolated_panics;

/// How a code was read, from the quickest stage to the dearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// rxing on the frame as it came.
    Full,
    /// rxing at half size, where noise and moiré average out.
    Half,
    /// rxing after unsharp masking and local-mean thresholding, for blur and uneven light.
    Sharpened,
    /// rxing at quarter size, for a code that fills the frame out of focus.
    Quarter,
    /// Sharpened at another size: one and a half times for a small dense code, but half in a frame wider than 1600 pixels,
    /// which has detail to spare and a blur that is as many pixels wider.
    Rescaled,
    /// rqrr, which reads a few that rxing does not; isolated, since it can panic and has no time bound.
    Second,
}

/// The stages that take turns on frames that [`Stage::Full`] and [`Stage::Half`] missed.
const TURNS: [Stage; 4] = [
    Stage::Sharpened,
    Stage::Quarter,
    Stage::Rescaled,
    Stage::Second,
];

/// Pixels a row above which a code is large enough without enlarging.
const WIDE_FRAME: usize = 1600;

/// One code that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeReading {
    /// What the code says, exactly.
    pub text: String,
    /// Top left, top right, bottom right and bottom left of the code as it is drawn (so the first is the top of the
    /// picture only for an upright code), in pixels of the frame. Good to about one module; a code that rxing's older
    /// reader found is bounded by the centres of its finder patterns instead, three modules further in.
    pub corners: [(i32, i32); 4],
    /// The stage that read it.
    pub stage: Stage,
}

/// What a code says may be personal, and hides.
impl fmt::Debug for CodeReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeReading")
            .field(
                "text",
                &format_args!("{} characters", self.text.chars().count()),
            )
            .field("corners", &self.corners)
            .field("stage", &self.stage)
            .finish()
    }
}

/// Reads QR codes from one camera's frames. It keeps whose turn is next among the stages, and no pixel.
///
/// [`Stage::Second`] works on a thread of its own with a copy of the frame, wiped when the thread ends. A thread that
/// overruns its deadline is abandoned: its late answer reaches nobody, and the stage is skipped until it has ended.
#[derive(Debug, Default)]
pub struct CodeReader {
    turn: usize,
    second: Isolation,
}

impl CodeReader {
    /// A reader at the start of its turns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The codes in one frame of a running camera: all that the first successful stage sees, none when the
    /// stages whose turn it is see none. A code in inverted colours is looked for only where no plain one is in view.
    pub fn read(&mut self, frame: Luma<'_>) -> Vec<CodeReading> {
        let codes = self.every_frame(frame);
        if !codes.is_empty() || frame.is_empty() {
            return codes;
        }
        let stage = TURNS[self.turn % TURNS.len()];
        self.turn = (self.turn + 1) % TURNS.len();
        self.try_stage(stage, frame, Deadline::Frame)
    }

    /// The codes in a still picture, which has no next frame: every stage is tried until one sees a code.
    pub fn read_still(&mut self, picture: Luma<'_>) -> Vec<CodeReading> {
        let mut codes = self.every_frame(picture);
        if picture.is_empty() {
            return codes;
        }
        for stage in TURNS {
            if codes.is_empty() {
                codes = self.try_stage(stage, picture, Deadline::Still);
            }
        }
        codes
    }

    /// [`CodeReader::read_still`] with somebody looking on.
    pub fn read_still_before(
        &mut self,
        picture: Luma<'_>,
        witness: &mut dyn Witness,
    ) -> Vec<CodeReading> {
        witness.enters("qr");
        witness.sees("qr", picture);
        self.read_still(picture)
    }

    fn every_frame(&mut self, frame: Luma<'_>) -> Vec<CodeReading> {
        let codes = self.try_stage(Stage::Full, frame, Deadline::Frame);
        if codes.is_empty() {
            self.try_stage(Stage::Half, frame, Deadline::Frame)
        } else {
            codes
        }
    }

    fn try_stage(&mut self, stage: Stage, frame: Luma<'_>, deadline: Deadline) -> Vec<CodeReading> {
        match stage {
            Stage::Full => decoders::rxing(frame, stage, |p| p),
            Stage::Half => luma::halved(frame).map_or_else(Vec::new, |half| {
                decoders::rxing(half.luma(), stage, |p| p * 2.0)
            }),
            Stage::Quarter => luma::halved(frame)
                .and_then(|half| luma::halved(half.luma()))
                .map_or_else(Vec::new, |quarter| {
                    decoders::rxing(quarter.luma(), stage, |p| p * 4.0)
                }),
            Stage::Sharpened => decoders::rxing(sharpen::binarised(frame).luma(), stage, |p| p),
            Stage::Rescaled if frame.width > WIDE_FRAME => luma::halved(frame)
                .map_or_else(Vec::new, |half| {
                    decoders::rxing(sharpen::binarised(half.luma()).luma(), stage, |p| p * 2.0)
                }),
            Stage::Rescaled => {
                let large = luma::enlarged(frame);
                decoders::rxing(sharpen::binarised(large.luma()).luma(), stage, |p| p / 1.5)
            }
            Stage::Second => decoders::rqrr(&mut self.second, frame, deadline),
        }
    }
}

#[cfg(test)]
mod tests;
