//! What vision advises, in the words that the lane knows.

use journey::FaceHint;
use vision::face::{Advice, FaceReading};

/// A second face counts when it is at least this part, in per cent, of the nearest one's area: people wait behind
/// the line, two metres back, and are smaller than that.
const SECOND_FACE_PERCENT: i64 = 40;

/// The face to compare, or what would help.
pub(crate) fn choose(faces: &[FaceReading]) -> Result<&FaceReading, FaceHint> {
    let (nearest, others) = faces.split_first().ok_or(FaceHint::LookHere)?;
    let area = |face: &FaceReading| i64::from(face.frame.width) * i64::from(face.frame.height);
    if others
        .iter()
        .any(|other| area(other) * 100 >= area(nearest) * SECOND_FACE_PERCENT)
    {
        return Err(FaceHint::OneAtATime);
    }
    match nearest.quality.advice {
        None => Ok(nearest),
        Some(Advice::ComeCloser) => Err(FaceHint::ComeCloser),
        Some(Advice::StepBack) => Err(FaceHint::StepBack),
        Some(Advice::MoreLight) => Err(FaceHint::MoreLight),
        Some(Advice::LessLight) => Err(FaceHint::LessLight),
        Some(Advice::LookAtCamera) => Err(FaceHint::LookStraight),
        Some(Advice::HoldStill) => Err(FaceHint::HoldStill),
        Some(Advice::UncoverFace) => Err(FaceHint::UncoverFace),
    }
}
