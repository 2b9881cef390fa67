//! Passports and the code, in any order.

use evidence::{
    Date, DocumentKind, MemberIndex, QuestionId, TravelDocument,
    declaration::{CodeRefusal, Declaration, OpenRefusal, Sealed, Verified},
};

use super::{Effects, begin, finish, refer};
use crate::{
    Cause, Code, Effect, Ending, Gathering, Hint, Journey, Lane, Language, Look, Party, Record,
    Stage, Timer,
};

/// The gathering under way; begins a journey if the lane takes one.
fn gathering<'lane>(lane: &'lane mut Lane, effects: &mut Effects) -> Option<&'lane mut Gathering> {
    match &mut begin(lane, effects)?.stage {
        Stage::Gathering(gathering) => Some(gathering),
        Stage::Reviewing(_)
        | Stage::Facing { .. }
        | Stage::AwaitingRisk { .. }
        | Stage::Releasing(_)
        | Stage::Passing(_)
        | Stage::Closing { .. }
        | Stage::Referred { .. } => None,
    }
}

pub(super) fn declaration_read(
    lane: &mut Lane,
    declaration: Declaration<Sealed>,
    effects: &mut Effects,
) {
    let Some(gathering) = gathering(lane, effects) else {
        return;
    };
    let known = match &gathering.code {
        Code::Missing => false,
        Code::Sealed {
            declaration: held, ..
        } => held.code_id() == declaration.code_id(),
        // An open declaration has found its declarant; another code shown now is not this party's.
        Code::Opened(_) => true,
    };
    if known {
        return;
    }
    gathering.code = Code::Sealed {
        declaration,
        tried: 0,
        opening: None,
    };
    gathering.hint = None;
    progressed(lane, effects);
}

pub(super) fn code_refused(lane: &mut Lane, refusal: CodeRefusal, effects: &mut Effects) {
    let Some(gathering) = gathering(lane, effects) else {
        return;
    };
    if gathering.hint == Some(Hint::Code(refusal)) || matches!(gathering.code, Code::Opened(_)) {
        return;
    }
    gathering.hint = Some(Hint::Code(refusal));
    // A boarding pass or a web address held up by mistake is nobody's business.
    if refusal != CodeRefusal::NotADeclaration
        && let Some(journey) = &lane.journey
    {
        effects.push(Effect::Record(Record::CodeRefused {
            journey: journey.id,
            refusal,
        }));
    }
}

pub(super) fn document_unreadable(lane: &mut Lane, effects: &mut Effects) {
    if let Some(gathering) = gathering(lane, effects) {
        gathering.hint = Some(Hint::Unreadable);
    }
}

pub(super) fn document_read(
    lane: &mut Lane,
    document: TravelDocument,
    on: Date,
    effects: &mut Effects,
) {
    let Some(gathering) = gathering(lane, effects) else {
        return;
    };
    if document.kind == DocumentKind::Visa {
        gathering.hint = Some(Hint::PhotoPage);
        return;
    }
    let same = |held: &TravelDocument| {
        held.number == document.number && held.issuing_state == document.issuing_state
    };
    if gathering.documents.iter().any(same)
        || gathering.documents.len() >= Gathering::MOST_DOCUMENTS
    {
        return;
    }
    if let Code::Opened(declaration) = &gathering.code
        && declaration.member_of(&document).is_none()
    {
        gathering.hint = Some(Hint::NotInParty);
        return;
    }
    let first = gathering.documents.is_empty();
    let language = Language::of_state(document.issuing_state);
    gathering.documents.push(document);
    gathering.on = Some(on);
    gathering.hint = None;
    if let Some(journey) = lane
        .journey
        .as_mut()
        .filter(|journey| first && !journey.language_chosen)
    {
        journey.language = language;
    }
    progressed(lane, effects);
}

pub(super) fn declaration_opened(
    lane: &mut Lane,
    to: QuestionId,
    outcome: Result<Declaration<Verified>, OpenRefusal>,
    effects: &mut Effects,
) {
    let Some(Stage::Gathering(gathering)) = lane.journey.as_mut().map(|journey| &mut journey.stage)
    else {
        return;
    };
    let Code::Sealed { tried, opening, .. } = &mut gathering.code else {
        return;
    };
    if *opening != Some(to) {
        return;
    }
    match outcome {
        Ok(declaration) => {
            let shown = gathering.documents.len();
            gathering
                .documents
                .retain(|document| declaration.member_of(document).is_some());
            gathering.hint = (gathering.documents.len() < shown).then_some(Hint::NotInParty);
            gathering.code = Code::Opened(declaration);
        }
        Err(OpenRefusal::NotThisDocument) => {
            *opening = None;
            *tried += 1;
        }
        Err(OpenRefusal::Malformed(flaw)) => {
            let refusal = CodeRefusal::Malformed(flaw);
            gathering.code = Code::Missing;
            gathering.hint = Some(Hint::Code(refusal));
            effects.push(Effect::Record(Record::CodeRefused {
                journey: to.journey,
                refusal,
            }));
        }
    }
    progressed(lane, effects);
}

pub(super) fn gathering_expired(lane: &mut Lane, effects: &mut Effects) {
    let Some(Stage::Gathering(gathering)) = lane.stage() else {
        return;
    };
    if gathering.is_empty() {
        finish(lane, Ending::Abandoned, effects);
    } else {
        refer(lane, &[Cause::EvidenceIncomplete], None, effects);
    }
}

/// Something new was shown: the party has its full time again, and what can be done now is done.
fn progressed(lane: &mut Lane, effects: &mut Effects) {
    let Some(journey) = lane.journey.as_mut() else {
        return;
    };
    if journey.deadline.is_some()
        && !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Arm(_)))
    {
        journey.arm(Timer::Gathering, effects);
    }
    open_next(journey, effects);
    if let Some(party) = complete(journey) {
        effects.push(Effect::Record(Record::Gathered {
            journey: journey.id,
            code: party.declaration.code_id(),
            documents: party
                .documents
                .iter()
                .map(|document| document.number.clone())
                .collect(),
        }));
        effects.push(Effect::Look(Look::Nothing));
        let expired = expired_documents(&party);
        journey.stage = Stage::Reviewing(party);
        if expired.is_empty() {
            journey.arm(Timer::Reviewing, effects);
        } else {
            refer(lane, &expired, None, effects);
        }
    }
}

/// Tries the next document on the declaration, one at a time.
fn open_next(journey: &mut Journey, effects: &mut Effects) {
    let question = QuestionId {
        journey: journey.id,
        serial: journey.serial + 1,
    };
    let Stage::Gathering(gathering) = &mut journey.stage else {
        return;
    };
    let Code::Sealed {
        declaration,
        tried,
        opening,
    } = &mut gathering.code
    else {
        return;
    };
    if opening.is_some() {
        return;
    }
    match gathering.documents.get(*tried) {
        Some(document) => {
            *opening = Some(question);
            effects.push(Effect::OpenDeclaration {
                question,
                declaration: declaration.clone(),
                document: Box::new(document.clone()),
            });
            journey.serial = question.serial;
        }
        None if *tried > 0 => gathering.hint = Some(Hint::DeclarantsDocument),
        None => {}
    }
}

/// The party, once the declaration is open and each member's document is there.
fn complete(journey: &Journey) -> Option<Party> {
    let Stage::Gathering(gathering) = &journey.stage else {
        return None;
    };
    let Code::Opened(declaration) = &gathering.code else {
        return None;
    };
    let documents: Option<Vec<_>> = members(declaration)
        .map(|member| gathering.document_of(member).cloned())
        .collect();
    Some(Party {
        declaration: declaration.clone(),
        documents: documents?,
        on: gathering.on?,
        faces: Vec::new(),
        causes: Vec::new(),
    })
}

pub(super) fn members(declaration: &Declaration<Verified>) -> impl Iterator<Item = MemberIndex> {
    (0..declaration.party().len())
        .filter_map(|index| u8::try_from(index).ok().and_then(MemberIndex::new))
}

fn expired_documents(party: &Party) -> Vec<Cause> {
    members(&party.declaration)
        .zip(&party.documents)
        .filter(|(_, document)| document.expired_on(party.on))
        .map(|(member, _)| Cause::DocumentExpired(member))
        .collect()
}
