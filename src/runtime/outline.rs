//! What is recognised in a live picture, as the screen draws it.

use ui::Outline;
use vision::{face::FaceReading, mrz::MrzReading, qr::CodeReading};

/// The code that was read, or the zone with how sure its least sure character is.
pub(crate) fn of_document(
    code: Option<&CodeReading>,
    zone: Option<&MrzReading>,
) -> Option<Outline> {
    let read = code.map(|code| Outline {
        corners: code.corners,
        progress: 1000,
    });
    read.or_else(|| {
        zone.map(|zone| {
            let sure = zone
                .confidences
                .iter()
                .flatten()
                .copied()
                .min()
                .unwrap_or(0);
            Outline {
                corners: zone.corners,
                progress: sure.min(1000),
            }
        })
    })
}

/// The face, with how many of a burst's pictures are there.
pub(crate) fn of_face(face: &FaceReading, good: usize, burst: usize) -> Outline {
    let frame = &face.frame;
    let (right, bottom) = (frame.x + frame.width, frame.y + frame.height);
    let of_burst = u16::try_from(good * 1000 / burst).unwrap_or(1000);
    Outline {
        corners: [
            (frame.x, frame.y),
            (right, frame.y),
            (right, bottom),
            (frame.x, bottom),
        ],
        progress: of_burst,
    }
}
