//! The pictures of the journey in the lane, and nobody else's. They never reach the journal.

use evidence::{DocumentNumber, MemberIndex, Sensitive};
use journey::{Lane, Stage};
use ui::{EvidencePicture, Picture};
use vision::face::Embedding;

#[derive(Default)]
pub(crate) struct Album {
    portraits: Vec<(Sensitive<DocumentNumber>, Portrait)>,
    faces: Vec<(MemberIndex, Picture)>,
}

/// The portrait on a document's page.
pub(crate) struct Portrait {
    pub(crate) picture: Picture,
    pub(crate) embedding: Embedding,
}

/// More documents than this are never taken by the lane either.
const MOST: usize = journey::Gathering::MOST_DOCUMENTS;

impl Album {
    pub(crate) fn keep_portrait(&mut self, number: Sensitive<DocumentNumber>, portrait: Portrait) {
        self.portraits.retain(|(held, _)| *held != number);
        if self.portraits.len() < MOST {
            self.portraits.push((number, portrait));
        }
    }

    pub(crate) fn keep_face(&mut self, member: MemberIndex, picture: Picture) {
        self.faces.retain(|(held, _)| *held != member);
        self.faces.push((member, picture));
    }

    /// The portrait to compare this member's face with.
    pub(crate) fn embedding(&self, lane: &Lane, member: MemberIndex) -> Option<Embedding> {
        let party = lane.stage()?.party()?;
        let document = party.documents.get(member.position())?;
        self.portrait(&document.number)
            .map(|portrait| portrait.embedding.clone())
    }

    fn portrait(&self, number: &Sensitive<DocumentNumber>) -> Option<&Portrait> {
        self.portraits
            .iter()
            .find(|(held, _)| held == number)
            .map(|(_, portrait)| portrait)
    }

    /// What an officer may look at side by side: everybody of the party that was referred.
    pub(crate) fn evidence(&self, lane: &Lane) -> Vec<EvidencePicture> {
        let Some(Stage::Referred { known, .. }) = lane.stage() else {
            return Vec::new();
        };
        let indices = (0..known.documents.len())
            .filter_map(|index| u8::try_from(index).ok().and_then(MemberIndex::new));
        indices
            .zip(&known.documents)
            .map(|(index, document)| {
                let member = match &known.code {
                    journey::Code::Opened(declaration) => {
                        declaration.member_of(document).unwrap_or(index)
                    }
                    journey::Code::Missing | journey::Code::Sealed { .. } => index,
                };
                EvidencePicture {
                    member,
                    portrait: self
                        .portrait(&document.number)
                        .map(|portrait| portrait.picture.clone()),
                    live: self
                        .faces
                        .iter()
                        .find(|(held, _)| *held == member)
                        .map(|(_, picture)| picture.clone()),
                }
            })
            .collect()
    }

    /// Drops every picture; their memory is zeroed.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}
