//! QR codes in a camera frame or a still picture (ISO/IEC 18004), read by a cascade of decoders.
//!
//! A phone held to a camera misses in many ways (blur, glare, a dark theme, a dense code), and no decoder reads them
//! all. Every frame gets the quickest one, rxing, on the frame and on its sharpened half; a frame that it misses gets a reader of our
//! own that samples and equalises every module, and one further stage, these taking turns from frame to frame. The work on a
//! frame is bounded: what is tried is counted, and what cannot be counted sees a part of it.

mod arm;
mod blocks;
mod decoders;
#[cfg(test)]
mod drawn;
mod effort;
mod elastic;
mod equaliser;
mod finders;
mod grid;
mod guess;
mod isolation;
mod levels;
mod marks;
mod normal;
mod ordered;
mod pairs;
mod reed_solomon;
mod sampled;
mod sharpen;
mod sight;
mod solve;
mod stages;
mod symbol;
mod template;
mod texture;
mod threes;
mod threshold;
mod track;
mod upright;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::luma::{Luma, Plane};
use crate::witness::{Nobody, Witness};
use decoders::Corners;
use isolation::{Deadline, Isolation};
use stages::Look;
use track::Track;

pub use isolation::hush_isolated_panics;

/// How a code was read, from the quickest stage to the dearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// rxing on the frame as it came.
    Full,
    /// Finder patterns by their likeness, a fitted grid, every module sampled and equalised, doubtful codewords taken as unknown;
    /// frames in which the same code was seen are added up.
    Sampled,
    /// rxing at half size, where noise and moiré average out.
    Half,
    /// rxing after unsharp masking and local-mean thresholding, for blur and uneven light: what [`Stage::Rescaled`] does, at the
    /// frame's own size.
    Sharpened,
    /// rxing at quarter size, for a code that fills the frame out of focus.
    Quarter,
    /// Sharpened at another size: one and a half times for a small dense code, but half in a large picture,
    /// which has detail to spare and a blur that is as many pixels wider.
    Rescaled,
    /// rqrr, which reads a few that rxing does not; isolated, since it can panic and has no time bound, and left out where there
    /// is so much texture that it would take long.
    Second,
}

impl Stage {
    /// What a witness hears.
    fn name(self) -> &'static str {
        match self {
            Self::Full => "qr full",
            Self::Sampled => "qr sampled",
            Self::Half => "qr half",
            Self::Sharpened => "qr sharpened",
            Self::Quarter => "qr quarter",
            Self::Rescaled => "qr rescaled",
            Self::Second => "qr second",
        }
    }
}

/// The stages that every frame gets until one reads.
const ALWAYS: [Stage; 3] = [Stage::Full, Stage::Rescaled, Stage::Sampled];

/// The stages that take turns on frames that the others missed.
const TURNS: [Stage; 4] = [Stage::Sharpened, Stage::Half, Stage::Quarter, Stage::Second];

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

/// Reads QR codes from one camera's frames.
///
/// Between frames it keeps whose turn is next among the stages and, of a code that is in view but not read yet, where it is and
/// what was seen of each of its modules: evidence adds up over the frames of a burst. [`CodeReader::forget`] drops it.
///
/// Decoders work on a thread of their own with a copy of the frame, wiped when the thread ends. A thread that
/// overruns its deadline is abandoned: its late answer reaches nobody, and its stages are skipped until it has ended.
#[derive(Default)]
pub struct CodeReader {
    wanted: Option<String>,
    turn: usize,
    track: Track,
    first: Isolation,
    second: Isolation,
}

/// Where a code was and what of it was seen is personal, and hides.
impl fmt::Debug for CodeReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeReader")
            .field("wanted", &self.wanted)
            .field("turn", &self.turn)
            .finish_non_exhaustive()
    }
}

impl CodeReader {
    /// A reader at the start of its turns, content with any code.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that goes on looking until a code in view starts with `prefix`: a poster's or a boarding pass's code does not
    /// keep it from the one that is wanted. All codes that it sees on the way are returned.
    #[must_use]
    pub fn wanting(prefix: &str) -> Self {
        Self {
            wanted: Some(prefix.to_owned()),
            ..Self::default()
        }
    }

    /// The codes in one frame of a running camera: all that the first successful stage sees, none when the
    /// stages whose turn it is see none. A code in inverted colours is looked for only where no plain one is in view.
    pub fn read(&mut self, frame: Luma<'_>) -> Vec<CodeReading> {
        self.read_before(frame, &mut Nobody)
    }

    /// [`CodeReader::read`] with somebody looking on.
    pub fn read_before(&mut self, frame: Luma<'_>, witness: &mut dyn Witness) -> Vec<CodeReading> {
        if frame.is_empty() {
            return Vec::new();
        }
        let frame = Arc::new(Plane::copy_of(frame));
        let mut codes = Vec::new();
        for stage in ALWAYS {
            let seen = self.try_stage(stage, &frame, &codes, Deadline::Frame, witness);
            if self.content(&mut codes, seen) {
                return codes;
            }
        }
        let stage = TURNS[self.turn % TURNS.len()];
        let seen = self.try_stage(stage, &frame, &codes, Deadline::Frame, witness);
        // A stage that reads keeps its turn: what helped this frame helps the next one.
        if !self.content(&mut codes, seen) {
            self.turn = self.turn.wrapping_add(1);
        }
        codes
    }

    /// The codes in a still picture, which has no next frame: every stage is tried until one sees a code, on the picture as it
    /// is, smaller where it is very large, larger where it is small, and with a quiet zone added.
    pub fn read_still(&mut self, picture: Luma<'_>) -> Vec<CodeReading> {
        self.read_still_before(picture, &mut Nobody)
    }

    /// [`CodeReader::read_still`] with somebody looking on.
    pub fn read_still_before(
        &mut self,
        picture: Luma<'_>,
        witness: &mut dyn Witness,
    ) -> Vec<CodeReading> {
        self.track = Track::default();
        let mut codes = Vec::new();
        for look in stages::looks(picture) {
            let plane = Arc::new(look.plane(picture));
            if plane.luma().is_empty() {
                continue;
            }
            for &stage in look.stages(picture) {
                let mut seen = self.try_stage(stage, &plane, &[], Deadline::Still, witness);
                for code in &mut seen {
                    code.corners = code.corners.map(|corner| look.back(picture, corner));
                }
                if self.content(&mut codes, seen) {
                    self.track = Track::default();
                    return codes;
                }
            }
            self.track = Track::default();
        }
        codes
    }

    /// Drops all that was kept of what was in view; its memory is overwritten.
    pub fn forget(&mut self) {
        self.track = Track::default();
        self.turn = 0;
    }

    /// Adds what a stage saw to what others saw; whether that is enough.
    fn content(&self, codes: &mut Vec<CodeReading>, seen: Vec<CodeReading>) -> bool {
        for mut code in seen {
            if codes.iter().any(|known| known.text == code.text) {
                code.text.zeroize();
            } else {
                codes.push(code);
            }
        }
        match &self.wanted {
            None => !codes.is_empty(),
            Some(prefix) => codes.iter().any(|code| code.text.starts_with(prefix)),
        }
    }

    fn try_stage(
        &mut self,
        stage: Stage,
        frame: &Arc<Plane>,
        known: &[CodeReading],
        deadline: Deadline,
        witness: &mut dyn Witness,
    ) -> Vec<CodeReading> {
        witness.enters(stage.name());
        let round = self.turn / TURNS.len();
        let corners = self.track.corners();
        let look = Look::for_frame(stage, frame.luma(), corners, round, deadline);
        if witness.wants_pictures() {
            stages::show(stage, look, frame.luma(), deadline, witness);
        }
        let frame = Arc::clone(frame);
        let seen = if stage == Stage::Second {
            self.second.run(deadline, move || {
                stages::seen(stage, look, frame.luma(), deadline)
            })
        } else if stage == Stage::Sampled {
            // The track goes along and comes back; should the thread be abandoned, it is lost with it.
            let known: Vec<Corners> = known
                .iter()
                .map(|code| code.corners.map(|(x, y)| (x as f32, y as f32)))
                .collect();
            let (mut track, turn) = (std::mem::take(&mut self.track), self.turn);
            let wanted = self.wanted.clone();
            let outcome = self.first.run(deadline, move || {
                let seen =
                    stages::sampled(frame.luma(), &mut track, turn, &known, wanted.as_deref());
                (seen, track)
            });
            outcome.map(|(seen, track)| {
                self.track = track;
                seen
            })
        } else {
            self.first.run(deadline, move || {
                stages::seen(stage, look, frame.luma(), deadline)
            })
        };
        seen.unwrap_or_default()
            .into_iter()
            .map(|(text, corners)| CodeReading {
                text,
                corners: corners.map(|(x, y)| (pixel(x), pixel(y))),
                stage,
            })
            .collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates, and a lost corner is no harm"
)]
fn pixel(at: f32) -> i32 {
    at.round() as i32
}

#[cfg(test)]
mod tests;
