use super::FaceReading;

/// A second face counts when it is at least this part, in per cent, of the nearest one's area: people wait behind
/// the line, two metres back, and are smaller than that.
const SECOND_FACE_PERCENT: i64 = 40;

/// Who stands before the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearest<'a> {
    /// No face.
    Nobody,
    /// One person, however many wait further back.
    One(&'a FaceReading),
    /// At least two people equally near.
    Several,
}

/// The one person to look at: the largest face, unless another is nearly as large.
#[must_use]
pub fn nearest(faces: &[FaceReading]) -> Nearest<'_> {
    let area = |face: &FaceReading| i64::from(face.frame.width) * i64::from(face.frame.height);
    let Some(largest) = faces.iter().max_by_key(|face| area(face)) else {
        return Nearest::Nobody;
    };
    let close = faces
        .iter()
        .filter(|face| area(face) * 100 >= area(largest) * SECOND_FACE_PERCENT);
    if close.count() > 1 {
        Nearest::Several
    } else {
        Nearest::One(largest)
    }
}
