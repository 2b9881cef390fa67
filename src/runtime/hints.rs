//! What vision advises, in the words that the lane knows.

use journey::FaceHint;
use vision::face::{Advice, FaceReading, Nearest, nearest};

/// The face to compare, or what would help.
pub(crate) fn choose(faces: &[FaceReading]) -> Result<&FaceReading, FaceHint> {
    let face = match nearest(faces) {
        Nearest::Nobody => return Err(FaceHint::LookHere),
        Nearest::Several => return Err(FaceHint::OneAtATime),
        Nearest::One(face) => face,
    };
    match face.quality.advice {
        None => Ok(face),
        Some(Advice::ComeCloser) => Err(FaceHint::ComeCloser),
        Some(Advice::StepBack) => Err(FaceHint::StepBack),
        Some(Advice::MoreLight) => Err(FaceHint::MoreLight),
        Some(Advice::LessLight) => Err(FaceHint::LessLight),
        Some(Advice::LookAtCamera) => Err(FaceHint::LookStraight),
        Some(Advice::HoldStill) => Err(FaceHint::HoldStill),
        Some(Advice::UncoverMouth) => Err(FaceHint::UncoverMouth),
        Some(Advice::UncoverEyes) => Err(FaceHint::UncoverEyes),
    }
}
