//! One face in the face camera's frames.

use camera::Frame;
use evidence::{MemberIndex, Presentation, QuestionId};
use journey::{FaceHint, FaceOutcome};
use vision::face::{self, BestShot, Embedding, FaceReading, PresentationCheck};

use super::reading::Found;
use super::{Eyes, Sight};
use crate::{hints, outline, picture, picture::Colour};

/// Good pictures of a face that are compared with each other before the best is taken: a third of a second, in which one
/// blink ends and a hand that holds a picture moves.
const BURST: usize = 8;
/// Between two frames in which everybody is looked for; in those between, only where the face was. Whoever steps up beside
/// is seen within a third of a second.
const EVERYBODY_EVERY: u32 = 10;

/// The burst so far, and what was advised last.
#[derive(Default)]
pub(super) struct Faces {
    shot: BestShot,
    check: PresentationCheck,
    last: Option<FaceReading>,
    looks: u32,
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
        let mut colour = Colour::of(frame);
        let everybody = self.looks.is_multiple_of(EVERYBODY_EVERY);
        self.looks = self.looks.wrapping_add(1);
        let faces = match &self.last {
            Some(last) if !everybody => eyes.faces.follow(&colour.0, last),
            Some(_) | None => eyes.faces.find(&colour.0),
        };
        self.last = faces.first().cloned();
        let mut found = Found {
            outline: faces
                .first()
                .map(|face| outline::of_face(face, self.shot.offered(), BURST)),
            ..Found::default()
        };
        let face = match hints::choose(&faces) {
            Ok(face) => face.clone(),
            Err(hint) => {
                if matches!(
                    hint,
                    FaceHint::LookHere
                        | FaceHint::OneAtATime
                        | FaceHint::UncoverMouth
                        | FaceHint::UncoverEyes
                ) {
                    // The next one may be somebody else, of whom these pictures say nothing; and one frame in twenty in which a
                    // mask is not told must not add up to a burst.
                    self.shot.clear();
                    self.check.clear();
                }
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
        eyes.faces.study(&colour.0, &face, &mut self.check);
        self.shot.offer(std::mem::take(&mut colour.0), face);
        if self.shot.offered() < BURST {
            return found;
        }
        let presentation = judged(&self.check.judge());
        self.check.clear();
        if let Some(shot) = self.shot.take() {
            let likeness = portrait.map(|portrait| {
                eyes.faces
                    .embed(shot.picture(), shot.face())
                    .likeness(portrait)
            });
            found.sights.push(Sight::Face {
                question,
                member,
                outcome: FaceOutcome::Captured {
                    quality: shot.face().quality.score,
                    likeness,
                    presentation,
                },
                picture: picture::whole(Colour(shot.portrait().into_picture())),
            });
            found.done = true;
        }
        found
    }
}

/// What the lane makes of the judgement; its signs are for the log, and name nobody.
fn judged(presentation: &face::Presentation) -> Presentation {
    match presentation {
        face::Presentation::TooLittle | face::Presentation::Genuine => Presentation::BonaFide,
        face::Presentation::NeedsOfficer(signs) => {
            tracing::info!(?signs, "an officer has to look at who stands there");
            Presentation::NeedsOfficer
        }
    }
}
