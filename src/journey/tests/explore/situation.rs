//! When two worlds are one situation: when they differ only in the numbers of their questions. The step compares
//! numbers and does nothing else with them, and each number that it gives out is new; so of two such worlds one can
//! do what the other can, and to explore one is to explore both.

use std::hash::{Hash, Hasher};

use evidence::TravelDocument;
use journey::{Code, Gathering, Lane, Party, Passage, Stage};

use crate::{CAST, world::World};

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            lane,
            armed,
            open_for,
            after_fire,
            broken,
        } = self;
        (lane.service, lane.troubles, lane.gate_open).hash(state);
        (lane.is_wanted(), after_fire, broken).hash(state);
        let journey = lane.journey.as_ref();
        open_for
            .map(|journey_id| journey.map(|journey| journey.id == journey_id))
            .hash(state);
        let Some(journey) = journey else {
            armed.is_some().hash(state);
            return;
        };
        (*armed == journey.deadline, armed.is_some()).hash(state);
        journey.deadline.map(|deadline| deadline.timer).hash(state);
        journey.nearing.hash(state);
        journey.stage.name().hash(state);
        match &journey.stage {
            Stage::Gathering(known) => gathering(known, state),
            Stage::Reviewing(party) | Stage::AwaitingRisk { party, .. } => {
                self::party(party, state)
            }
            Stage::Facing {
                party,
                member,
                question: _,
                misses,
                hint,
            } => {
                self::party(party, state);
                (member, misses, hint).hash(state);
            }
            Stage::Releasing(passage) | Stage::Passing(passage) => self::passage(passage, state),
            Stage::Closing { passage, ending } => {
                self::passage(passage, state);
                ending.hash(state);
            }
            Stage::Referred {
                referral,
                known,
                faces,
            } => {
                gathering(known, state);
                (&referral.causes, &referral.verdict, faces).hash(state);
            }
        }
    }
}

fn gathering<H: Hasher>(known: &Gathering, state: &mut H) {
    match &known.code {
        Code::Missing => 0_u8.hash(state),
        Code::Sealed {
            declaration,
            tried,
            opening,
        } => {
            1_u8.hash(state);
            (declaration.code_id(), tried, opening.is_some()).hash(state);
        }
        Code::Opened(declaration) => {
            2_u8.hash(state);
            declaration.envelope().code_id.hash(state);
        }
    }
    documents(&known.documents, state);
    known.hint.hash(state);
}

fn party<H: Hasher>(party: &Party, state: &mut H) {
    party.declaration.code_id().hash(state);
    documents(&party.documents, state);
    (&party.faces, &party.causes).hash(state);
}

fn passage<H: Hasher>(passage: &Passage, state: &mut H) {
    (passage.persons, passage.passed, passage.occupied).hash(state);
    gathering(&passage.known, state);
    passage.faces.hash(state);
}

fn documents<H: Hasher>(documents: &[TravelDocument], state: &mut H) {
    for document in documents {
        document.number.hash(state);
    }
}

/// How many people the lane should let through if it lets anybody through.
pub fn persons(lane: &Lane) -> Option<u8> {
    let known = match lane.stage()? {
        Stage::Referred { known, .. } => known,
        stage => {
            return stage
                .party()
                .and_then(|party| u8::try_from(party.declaration.party().len()).ok());
        }
    };
    let count = match &known.code {
        Code::Opened(declaration) => declaration.party().len(),
        Code::Missing | Code::Sealed { .. } => known.documents.len().max(1),
    };
    u8::try_from(count).ok()
}

/// The travellers, by their place in the cast, whose document number stands anywhere in the lane. The lane's own
/// `Hash` lends every byte that it holds, so no field can be overlooked.
pub fn travellers(lane: &Lane) -> Vec<usize> {
    struct Bytes(Vec<u8>);
    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut bytes = Bytes(Vec::new());
    lane.hash(&mut bytes);
    let holds = |number: &str| {
        bytes
            .0
            .windows(number.len())
            .any(|window| window == number.as_bytes())
    };
    (0..CAST.documents.len())
        .filter(|who| holds(CAST.documents[*who].number.expose().as_str()))
        .collect()
}
