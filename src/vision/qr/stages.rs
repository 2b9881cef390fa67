//! What each stage of the cascade works on, and how a still picture is looked at.

use super::decoders::{self, Corners, Seen};
use super::effort::Effort;
use super::isolation::Deadline;
use super::sampled;
use super::sharpen;
use super::threshold::BlackAndWhite;
use super::track::Track;
use super::{ALWAYS, Stage, TURNS};
use crate::luma::{self, Luma, Plane};
use crate::witness::Witness;

/// rqrr, whose time nothing bounds, sees at most so many pixels of a frame.
const PART: usize = 640 * 480;
/// Sharpening at full size sees so many: larger frames have been sharpened at half their size.
const SHARPENED_PART: usize = 1280 * 720;
/// Pictures with more pixels have detail to spare, and are looked at smaller where others are enlarged.
const ROOMY: usize = 1280 * 720 * 5 / 8;
/// Pictures with more pixels are looked at smaller first.
const LARGE: usize = 2_600_000;
/// Pictures whose shorter side is less are enlarged.
const SMALL: usize = 400;

/// The part of a frame that a stage works on, and how it is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    /// Halved so many times, where even the part is too large.
    halvings: u32,
}

impl Look {
    /// The whole frame for stages whose work is counted, and for all in a still picture. Else a part: about where a code was seen, or by
    /// turns the middle and the whole at half its size or a quarter.
    pub(super) fn for_frame(
        stage: Stage,
        frame: Luma<'_>,
        track: Option<Corners>,
        round: usize,
        deadline: Deadline,
    ) -> Self {
        let whole = Self {
            left: 0,
            top: 0,
            width: frame.width,
            height: frame.height,
            halvings: 0,
        };
        let most = match stage {
            Stage::Second => PART,
            Stage::Sharpened => SHARPENED_PART,
            _ => return whole,
        };
        if deadline == Deadline::Still || frame.width * frame.height <= most {
            return whole;
        }
        if let Some(corners) = track {
            return Self::about(corners, most, frame);
        }
        // The middle in one round of turns and the whole in the next.
        if round.is_multiple_of(2) || stage == Stage::Sharpened {
            let share = (most as f32 / (frame.width * frame.height) as f32).sqrt();
            let (width, height) = (
                (frame.width as f32 * share) as usize,
                (frame.height as f32 * share) as usize,
            );
            return Self {
                left: (frame.width - width) / 2,
                top: (frame.height - height) / 2,
                width,
                height,
                halvings: 0,
            };
        }
        Self {
            halvings: halvings(whole.width * whole.height, most),
            ..whole
        }
    }

    fn about(corners: Corners, most: usize, frame: Luma<'_>) -> Self {
        let (xs, ys) = (corners.map(|c| c.0), corners.map(|c| c.1));
        let range = |at: [f32; 4], most: usize| {
            let low = at.into_iter().fold(f32::INFINITY, f32::min);
            let high = at.into_iter().fold(f32::NEG_INFINITY, f32::max);
            let margin = 0.15 * (high - low);
            let cut = |v: f32| v.clamp(0.0, most as f32) as usize;
            (cut(low - margin), cut(high + margin))
        };
        let ((left, right), (top, bottom)) = (range(xs, frame.width), range(ys, frame.height));
        let (width, height) = (right - left, bottom - top);
        Self {
            left,
            top,
            width,
            height,
            halvings: halvings(width * height, most),
        }
    }

    fn part<'a>(&self, frame: Luma<'a>) -> Luma<'a> {
        frame.part(self.left, self.top, self.width, self.height)
    }
}

/// How often that many pixels are halved both ways before they are no more than `most`.
fn halvings(pixels: usize, most: usize) -> u32 {
    (0..8)
        .find(|&times| pixels >> (2 * times) <= most)
        .unwrap_or(8)
}

/// A stage's own picture and how many of the frame's pixels one of its pixels spans. None when nothing is left.
fn prepared(stage: Stage, look: Look, frame: Luma<'_>) -> Option<(Plane, f32)> {
    let part = look.part(frame);
    let mut smaller: Option<Plane> = None;
    for _time in 0..look.halvings {
        smaller = Some(luma::halved(smaller.as_ref().map_or(part, Plane::luma))?);
    }
    let scale = (1u32 << look.halvings) as f32;
    let part = smaller.as_ref().map_or(part, Plane::luma);
    if part.is_empty() {
        return None;
    }
    Some(match stage {
        Stage::Full | Stage::Sampled | Stage::Second => (Plane::copy_of(part), scale),
        Stage::Half => (luma::halved(part)?, 2.0 * scale),
        Stage::Quarter => (luma::halved(luma::halved(part)?.luma())?, 4.0 * scale),
        Stage::Sharpened => (sharpen::binarised(part), scale),
        Stage::Rescaled if part.width * part.height > ROOMY => {
            let half = luma::halved(part)?;
            (sharpen::binarised(half.luma()), 2.0 * scale)
        }
        Stage::Rescaled => {
            let large = luma::enlarged(part);
            (sharpen::binarised(large.luma()), scale / 1.5)
        }
    })
}

/// Shows a witness what the stage works on.
pub(super) fn show(
    stage: Stage,
    look: Look,
    frame: Luma<'_>,
    deadline: Deadline,
    witness: &mut dyn Witness,
) {
    let sharpened = match (stage, deadline) {
        (Stage::Sampled, _) => Some(frame),
        (Stage::Sharpened, Deadline::Frame) => Some(look.part(frame)),
        _ => None,
    };
    if let Some(picture) = sharpened {
        let black = BlackAndWhite::sharpened(picture);
        witness.sees(stage.name(), black.picture().luma());
    } else if let Some(half) = halved_for(stage, frame, deadline) {
        let black = BlackAndWhite::sharpened(half.luma());
        witness.sees(stage.name(), black.picture().luma());
    } else if let Some((picture, _)) = prepared(stage, look, frame) {
        witness.sees(stage.name(), picture.luma());
    }
}

/// The half of a running camera's frame, which [`Stage::Rescaled`] has sharpened on the way.
fn halved_for(stage: Stage, frame: Luma<'_>, deadline: Deadline) -> Option<Plane> {
    let roomy = frame.width * frame.height > ROOMY;
    if deadline == Deadline::Frame && stage == Stage::Rescaled && roomy {
        luma::halved(frame)
    } else {
        None
    }
}

/// What a stage but [`Stage::Sampled`] sees, in pixels of the frame.
pub(super) fn seen(stage: Stage, look: Look, frame: Luma<'_>, deadline: Deadline) -> Vec<Seen> {
    // The frame as it is needs no copy.
    if deadline == Deadline::Frame && stage == Stage::Full {
        return decoders::quick(frame);
    }
    let (seen, scale) = if let Some(half) = halved_for(stage, frame, deadline) {
        (decoders::sharpened(half.luma()), 2.0)
    } else if deadline == Deadline::Frame && stage == Stage::Sharpened && look.halvings == 0 {
        (decoders::sharpened(look.part(frame)), 1.0)
    } else {
        let Some((picture, scale)) = prepared(stage, look, frame) else {
            return Vec::new();
        };
        let seen = match stage {
            Stage::Second if deadline == Deadline::Frame => {
                decoders::rqrr_unless_textured(picture.luma())
            }
            Stage::Second => decoders::rqrr(picture.luma()),
            Stage::Full | Stage::Half => decoders::quick(picture.luma()),
            _ if deadline == Deadline::Frame => decoders::quick(picture.luma()),
            _ => decoders::thorough(picture.luma()),
        };
        (seen, scale)
    };
    let (left, top) = (look.left as f32, look.top as f32);
    seen.into_iter()
        .map(|(text, corners)| {
            (
                text,
                corners.map(|(x, y)| (x * scale + left, y * scale + top)),
            )
        })
        .collect()
}

/// What [`Stage::Sampled`] sees. `known` codes are not read again; `wanted` is how the text begins that is looked for.
pub(super) fn sampled(
    frame: Luma<'_>,
    track: &mut Track,
    turn: usize,
    known: &[Corners],
    wanted: Option<&str>,
) -> Vec<Seen> {
    sampled::read(frame, track, turn, known, wanted, &mut Effort::frame())
        .into_iter()
        .filter_map(|sight| Some((sight.text?, sight.place.corners())))
        .collect()
}

/// One way of looking at a still picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum StillLook {
    /// As it is.
    Plain,
    /// Halved so many times.
    Smaller(u32),
    /// Several times its size.
    Larger(usize),
    /// With a quiet zone of white (255) or black (0) round it.
    Bordered(u8),
}

/// The ways to look at a still picture, the most promising first.
pub(super) fn looks(picture: Luma<'_>) -> Vec<StillLook> {
    let mut looks = Vec::new();
    let mut halvings = 0;
    while (picture.width >> halvings) * (picture.height >> halvings) > LARGE {
        halvings += 1;
    }
    if halvings > 0 {
        looks.push(StillLook::Smaller(halvings));
    }
    looks.push(StillLook::Plain);
    if picture.width.min(picture.height) < SMALL {
        looks.extend([StillLook::Larger(2), StillLook::Larger(3)]);
    }
    if halvings == 0 {
        looks.extend([StillLook::Bordered(255), StillLook::Bordered(0)]);
    }
    looks
}

impl StillLook {
    pub(super) fn plane(self, picture: Luma<'_>) -> Plane {
        match self {
            Self::Plain => Plane::copy_of(picture),
            Self::Smaller(times) => {
                let mut plane = luma::halved(picture).unwrap_or_else(|| Plane::blank(0, 0));
                for _more in 1..times {
                    plane = luma::halved(plane.luma()).unwrap_or_else(|| Plane::blank(0, 0));
                }
                plane
            }
            Self::Larger(factor) => luma::multiplied(picture, factor),
            Self::Bordered(brightness) => luma::bordered(picture, border(picture), brightness),
        }
    }

    /// The stages that are worth their time on this look.
    pub(super) fn stages(self, picture: Luma<'_>) -> &'static [Stage] {
        const ALL: [Stage; 7] = [
            ALWAYS[0], ALWAYS[1], ALWAYS[2], TURNS[0], TURNS[1], TURNS[2], TURNS[3],
        ];
        match self {
            // A picture of many megapixels has been looked at smaller, and would cost the dear stages a second.
            Self::Plain if picture.width * picture.height > LARGE => {
                &[Stage::Full, Stage::Sampled, Stage::Half, Stage::Rescaled]
            }
            Self::Plain | Self::Smaller(_) => &ALL,
            Self::Larger(_) => &[Stage::Full, Stage::Sampled, Stage::Sharpened],
            Self::Bordered(_) => &[Stage::Full, Stage::Half, Stage::Sharpened, Stage::Quarter],
        }
    }

    /// From this look's pixels to the picture's.
    pub(super) fn back(self, picture: Luma<'_>, (x, y): (i32, i32)) -> (i32, i32) {
        match self {
            Self::Plain => (x, y),
            Self::Smaller(times) => (x << times, y << times),
            Self::Larger(factor) => (x / factor as i32, y / factor as i32),
            Self::Bordered(_) => {
                let border = border(picture) as i32;
                (x - border, y - border)
            }
        }
    }
}

/// As wide as a quiet zone of a code that fills the picture.
fn border(picture: Luma<'_>) -> usize {
    picture.width.min(picture.height) / 8 + 8
}
