//! One face in the face camera's frames.

use camera::Frame;
use evidence::{MemberIndex, QuestionId};
use journey::{FaceHint, FaceOutcome};
use vision::face::{Embedding, FaceReading};

use super::reading::Found;
use super::{Eyes, Sight};
use crate::{hints, outline, picture::Colour};

/// Good pictures of a face that are compared with each other before the best is taken: three are a quarter of a
/// second, in which one blink ends.
const BURST: usize = 3;

/// The good pictures so far, and what was advised last.
#[derive(Default)]
pub(super) struct Faces {
    burst: Vec<(Colour, FaceReading)>,
    hint: Option<FaceHint>,
}

impl Faces {
    /// Somebody else, or the same person once more.
    pub(super) fn turn(&mut self) {
        *self = Self::default();
    }

    /// Looks for one good picture, and is done when it has been told.
    pub(super) fn read(
        &mut self,
        eyes: &mut Eyes,
        frame: &Frame,
        question: QuestionId,
        member: MemberIndex,
        portrait: Option<&Embedding>,
    ) -> Found {
        let colour = Colour::of(frame);
        let faces = eyes.faces.find(&colour.0);
        let mut found = Found {
            outline: faces
                .first()
                .map(|face| outline::of_face(face, self.burst.len(), BURST)),
            ..Found::default()
        };
        let face = match hints::choose(&faces) {
            Ok(face) => face.clone(),
            Err(hint) => {
                if self.hint.replace(hint) != Some(hint) {
                    found.sights.push(Sight::Face {
                        question,
                        member,
                        outcome: FaceOutcome::NotYet(hint),
                        picture: None,
                    });
                }
                return found;
            }
        };
        self.burst.push((colour, face));
        if self.burst.len() < BURST {
            return found;
        }
        let burst = std::mem::take(&mut self.burst).into_iter();
        if let Some((colour, face)) = burst.max_by_key(|(_, face)| face.quality.score) {
            let likeness =
                portrait.map(|portrait| eyes.faces.embed(&colour.0, &face).likeness(portrait));
            found.sights.push(Sight::Face {
                question,
                member,
                outcome: FaceOutcome::Captured {
                    quality: face.quality.score,
                    likeness,
                },
                picture: colour.portrait(&face.frame),
            });
            found.done = true;
        }
        found
    }
}
