use std::num::NonZeroU8;

use evidence::{
    Likeness, MemberIndex, Name, QuestionId, Sensitive, TravelDocument,
    declaration::{Declaration, Verified},
};
use journey::{
    Cause, Code, Face, FaceHint, Gathering, Hint, Journey, JourneyId, Lane, Language, Passage,
    Referral, Service, Stage, Timer,
};

use crate::{Panel, PanelView, Plain, ReferralView, SignInRefusal};

/// What stands on the glass: keys and numbers, no words. Its `Debug` shows nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The language in which it speaks.
    pub language: Language,
    /// The journey, if there is one.
    pub journey: Option<JourneyId>,
    /// The arming of the deadline that runs; a change of it starts time over.
    pub arming: Option<QuestionId>,
    /// True when time is nearly over and more of it may be had.
    pub nearing: bool,
    /// Which screen.
    pub view: View,
}

/// The screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Nobody is here.
    Attract,
    /// Passports and the code are being shown.
    Gathering(GatheringView),
    /// What was declared, to be read over.
    Reviewing(Box<Declaration<Verified>>),
    /// A member looks at the camera.
    Facing {
        /// Who.
        member: MemberIndex,
        /// Of how many.
        persons: NonZeroU8,
        /// Their name as in the document.
        name: Sensitive<Name>,
        /// What would help.
        hint: Option<FaceHint>,
    },
    /// The verdict is awaited.
    Moment,
    /// The gate opens or is open.
    Go {
        /// Where the leaf is.
        leaf: Leaf,
        /// How many may pass.
        persons: NonZeroU8,
        /// How many have passed.
        passed: u8,
    },
    /// The gate closes behind them.
    Closing,
    /// To an officer.
    Referral {
        /// The number that stands on the screen and on the officer's panel.
        number: JourneyId,
        /// Why, as far as the traveller may know.
        plain: Vec<Plain>,
        /// How many go there.
        persons: NonZeroU8,
    },
    /// Not in service.
    OutOfService,
    /// Everybody out.
    Evacuating,
    /// An officer signs in.
    SignIn {
        /// Why the last try was refused.
        refused: Option<SignInRefusal>,
    },
    /// The officer's panel.
    Desk(Box<PanelView>),
}

/// Where the gate's leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// On its way.
    Opening,
    /// Open.
    Open,
}

/// What has been shown so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheringView {
    /// The declaration code.
    pub code: CodeSeen,
    /// For each member in the order of the declaration, whether their document was shown; empty until it is open.
    pub shown: Vec<bool>,
    /// Documents that count: members' once the declaration is open, any before.
    pub documents: u8,
    /// How many people to expect.
    pub persons: NonZeroU8,
    /// True while a document is tried on the declaration.
    pub opening: bool,
    /// What would help.
    pub hint: Option<Hint>,
}

/// The declaration code, as far as it has been understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSeen {
    /// None was shown.
    Missing,
    /// It waits for the declarant's document.
    Sealed,
    /// It is open.
    Opened,
}

/// One member's evidence for the officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Who, or the place in the order of showing when the declaration is not open.
    pub member: MemberIndex,
    /// The document.
    pub document: TravelDocument,
    /// True when it has expired.
    pub expired: bool,
    /// The last comparison of the face, if there was one that could be made.
    pub likeness: Option<Likeness>,
}

/// The screen of a lane. Evacuation comes before everything, the officer's panel before the traveller's screens, and a
/// party in the lane before the lane's being closed to others.
pub fn screen(lane: &Lane, panel: &Panel) -> Screen {
    let journey = lane.journey.as_ref();
    let view = match (lane.service, panel) {
        (Service::Evacuating, Panel::Closed | Panel::SignIn { .. } | Panel::Open { .. }) => {
            View::Evacuating
        }
        (_, Panel::SignIn { refused }) => View::SignIn { refused: *refused },
        (
            _,
            Panel::Open {
                officer,
                notice,
                alarms,
                standing,
            },
        ) => View::Desk(Box::new(PanelView {
            officer: Sensitive::new(officer.clone()),
            notice: *notice,
            alarms: alarms.clone(),
            standing: standing.clone(),
            service: lane.service,
            troubles: lane.troubles,
            referral: lane.stage().and_then(referral),
        })),
        (service, Panel::Closed) => match journey {
            Some(journey) => travellers(journey),
            None => match service {
                Service::InService => View::Attract,
                Service::Draining | Service::OutOfService | Service::Evacuating => {
                    View::OutOfService
                }
            },
        },
    };
    Screen {
        language: lane.language(),
        journey: journey.map(|journey| journey.id),
        arming: journey
            .and_then(|journey| journey.deadline)
            .map(|deadline| deadline.arming),
        nearing: journey.is_some_and(more_time_helps),
        view,
    }
}

/// Travellers may have more time for what they do themselves; the lane grants it for these waits.
fn more_time_helps(journey: &Journey) -> bool {
    journey.nearing
        && journey
            .deadline
            .is_some_and(|deadline| match deadline.timer {
                Timer::Gathering | Timer::Reviewing | Timer::Facing | Timer::Passage => true,
                Timer::Verdict | Timer::GateOpens | Timer::GateCloses => false,
            })
}

fn travellers(journey: &Journey) -> View {
    match &journey.stage {
        Stage::Gathering(gathering) => View::Gathering(gathered(gathering)),
        Stage::Reviewing(party) => View::Reviewing(Box::new(party.declaration.clone())),
        Stage::Facing {
            party,
            member,
            hint,
            ..
        } => match party.documents.get(member.position()) {
            Some(document) => View::Facing {
                member: *member,
                persons: party.persons(),
                name: document.name.clone(),
                hint: *hint,
            },
            None => View::Moment,
        },
        Stage::AwaitingRisk { .. } => View::Moment,
        Stage::Releasing(passage) => go(Leaf::Opening, passage),
        Stage::Passing(passage) => go(Leaf::Open, passage),
        Stage::Closing { .. } => View::Closing,
        Stage::Referred {
            referral, known, ..
        } => View::Referral {
            number: referral.id.journey,
            plain: Plain::of(referral),
            persons: known.persons(),
        },
    }
}

fn go(leaf: Leaf, passage: &Passage) -> View {
    View::Go {
        leaf,
        persons: passage.persons,
        passed: passage.passed,
    }
}

fn gathered(gathering: &Gathering) -> GatheringView {
    let shown: Vec<bool> = match &gathering.code {
        Code::Opened(declaration) => members(declaration)
            .map(|member| gathering.document_of(member).is_some())
            .collect(),
        Code::Missing | Code::Sealed { .. } => Vec::new(),
    };
    let (code, opening) = match &gathering.code {
        Code::Missing => (CodeSeen::Missing, false),
        Code::Sealed { opening, .. } => (CodeSeen::Sealed, opening.is_some()),
        Code::Opened(_) => (CodeSeen::Opened, false),
    };
    let documents = match code {
        CodeSeen::Opened => shown.iter().filter(|shown| **shown).count(),
        CodeSeen::Missing | CodeSeen::Sealed => gathering.documents.len(),
    };
    GatheringView {
        code,
        shown,
        documents: u8::try_from(documents).unwrap_or(u8::MAX),
        persons: gathering.persons(),
        opening,
        hint: gathering.hint,
    }
}

fn members(declaration: &Declaration<Verified>) -> impl Iterator<Item = MemberIndex> {
    (0..declaration.party().len()).filter_map(|at| u8::try_from(at).ok().and_then(MemberIndex::new))
}

fn referral(stage: &Stage) -> Option<ReferralView> {
    match stage {
        Stage::Referred {
            referral,
            known,
            faces,
        } => Some(ReferralView {
            id: referral.id,
            causes: referral.causes.clone(),
            reasons: reasons(referral),
            grounds: grounds(referral),
            dossiers: dossiers(known, faces),
            declaration: match &known.code {
                Code::Opened(declaration) => Some(declaration.clone()),
                Code::Missing | Code::Sealed { .. } => None,
            },
        }),
        Stage::Gathering(_)
        | Stage::Reviewing(_)
        | Stage::Facing { .. }
        | Stage::AwaitingRisk { .. }
        | Stage::Releasing(_)
        | Stage::Passing(_)
        | Stage::Closing { .. } => None,
    }
}

/// The verdict, where it is a cause of the referral.
fn verdict(referral: &Referral) -> Option<&evidence::Verdict> {
    referral
        .verdict
        .as_ref()
        .filter(|_| referral.causes.contains(&Cause::Verdict))
}

fn reasons(referral: &Referral) -> Vec<evidence::Reason> {
    verdict(referral)
        .map(|verdict| verdict.reasons.clone())
        .unwrap_or_default()
}

fn grounds(referral: &Referral) -> Vec<evidence::Ground> {
    verdict(referral)
        .map(|verdict| verdict.grounds.clone())
        .unwrap_or_default()
}

fn dossiers(known: &Gathering, faces: &[(MemberIndex, Face)]) -> Vec<Dossier> {
    let dossier = |member: MemberIndex, document: &TravelDocument| Dossier {
        member,
        document: document.clone(),
        expired: known.on.is_some_and(|on| document.expired_on(on)),
        likeness: faces
            .iter()
            .rev()
            .find(|(whose, _)| *whose == member)
            .and_then(|(_, face)| face.likeness),
    };
    match &known.code {
        Code::Opened(declaration) => members(declaration)
            .filter_map(|member| {
                known
                    .document_of(member)
                    .map(|document| dossier(member, document))
            })
            .collect(),
        Code::Missing | Code::Sealed { .. } => (0u8..)
            .map_while(MemberIndex::new)
            .zip(&known.documents)
            .map(|(member, document)| dossier(member, document))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
