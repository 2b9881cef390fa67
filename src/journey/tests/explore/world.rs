//! The lane and everything round it that can happen to it, small enough to be explored whole.

use std::collections::BTreeSet;

use evidence::{
    Decision as Outcome, JourneyId, Likeness, MemberIndex, Quality, QuestionId,
    declaration::OpenRefusal,
};
use journey::{
    Alarm, Code, Deadline, Decision, DecisionReason, Device, Effect, Event, FaceOutcome, Ground,
    Lane, Look, OfficerId, Record, Rules, Service, Stage, Touch,
};

use crate::{cast, cast::Cast};

/// What a violated rule is called; the number is the rule's in the architecture page.
pub type Violation = (u8, &'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub lane: Lane,
    /// Questions asked so far, answered or not. Late and doubled answers come from here.
    pub asked: Vec<Asked>,
    /// The deadline that the timer holds.
    pub armed: Option<Deadline>,
    /// Deadlines that were replaced, whose expiry may still be on its way.
    pub stale: Vec<Deadline>,
    /// The questions and referrals whose answer was "they may pass", as they were really answered.
    pub granted: BTreeSet<QuestionId>,
    /// The grounds that are on record.
    pub recorded: BTreeSet<QuestionId>,
    /// The journey that the open gate was opened for.
    pub open_for: Option<JourneyId>,
    pub evacuated: bool,
    /// Travellers whose journey was forgotten and who have shown nothing since.
    pub forgotten: BTreeSet<u8>,
    pub shown: BTreeSet<u8>,
    pub budget: Budget,
    pub violation: Option<Violation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    Open(QuestionId, evidence::CodeId, u8),
    Face(QuestionId),
    Risk(QuestionId),
}

/// How often each trouble may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    pub journeys: u8,
    pub fire: u8,
    pub gate_faults: u8,
    pub camera_faults: u8,
    pub lost_records: u8,
    pub expiries: u8,
    pub repeats: u8,
    pub touches: u8,
    pub alarms: u8,
    pub orders: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    ShowCode(u8),
    ShowDocument(u8),
    Opened(QuestionId, evidence::CodeId, u8),
    Face(QuestionId, Seen),
    Risk(QuestionId, Outcome),
    Expires(Deadline),
    GateOpens,
    Passes(u8),
    Clears,
    GateCloses,
    GateFails,
    GateRecovers,
    CameraFails,
    CameraRecovers,
    /// This happens, and the disk refuses its records.
    DiskRefuses(Trigger),
    DiskRecovers,
    Decides(QuestionId, Decision),
    Touched(Touch),
    Fire,
    FireEnds,
    Tailgated,
    Drain,
    Resume,
}

/// The events whose record is refused in the model: the ones that would open the gate or end something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    Risk(QuestionId),
    Decides(QuestionId),
    Closes,
    Fire,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seen {
    Alike,
    Unlike,
}

pub type Step = fn(&Lane, Event) -> (Lane, Vec<Effect>);

pub fn rules() -> Rules {
    Rules {
        alike_from: Likeness::new(500).unwrap(),
        face_tries: 2,
        face_from_age: 6,
        language: journey::Language::English,
    }
}

impl World {
    pub fn begin(budget: Budget) -> Self {
        let mut lane = Lane::start(rules(), JourneyId::new(1), None);
        for device in [Device::Gate, Device::DocumentCamera, Device::FaceCamera] {
            lane = lane.step(Event::DeviceRecovered(device)).0;
        }
        lane = lane.step(Event::GateClosed).0;
        assert_eq!(lane.service, Service::InService);
        Self {
            lane,
            asked: Vec::new(),
            armed: None,
            stale: Vec::new(),
            granted: BTreeSet::new(),
            recorded: BTreeSet::new(),
            open_for: None,
            evacuated: false,
            forgotten: BTreeSet::new(),
            shown: BTreeSet::new(),
            budget,
            violation: None,
        }
    }

    /// Everything that can happen next.
    pub fn happenings(&self, into: &mut Vec<Happening>) {
        let lane = &self.lane;
        let may_begin = lane.journey.is_some() || self.budget.journeys > 0;
        let gathering = lane
            .stage()
            .is_none_or(|stage| matches!(stage, Stage::Gathering(_)));
        if may_begin && gathering {
            into.extend((0..2).map(Happening::ShowCode));
            into.extend((0..3).map(Happening::ShowDocument));
        }
        for asked in &self.asked {
            let current = self.awaits(*asked);
            if !current && self.budget.repeats == 0 {
                continue;
            }
            match *asked {
                Asked::Open(question, code, document) => {
                    into.push(Happening::Opened(question, code, document))
                }
                Asked::Face(question) => {
                    into.extend([
                        Happening::Face(question, Seen::Alike),
                        Happening::Face(question, Seen::Unlike),
                    ]);
                }
                Asked::Risk(question) => {
                    into.extend(
                        [Outcome::Clear, Outcome::Refer]
                            .map(|outcome| Happening::Risk(question, outcome)),
                    );
                    if current && self.budget.lost_records > 0 {
                        into.push(Happening::DiskRefuses(Trigger::Risk(question)));
                    }
                }
            }
        }
        if self.budget.expiries > 0 {
            into.extend(
                self.armed
                    .iter()
                    .chain(&self.stale)
                    .copied()
                    .map(Happening::Expires),
            );
        }
        if let Some(stage) = lane.stage() {
            self.in_stage(stage, into);
        }
        if lane.gate_open {
            into.push(Happening::GateCloses);
            if self.budget.lost_records > 0 {
                into.push(Happening::DiskRefuses(Trigger::Closes));
            }
        }
        if lane.troubles.has(Device::Gate) {
            into.push(Happening::GateRecovers);
        } else if self.budget.gate_faults > 0 {
            into.push(Happening::GateFails);
        }
        if lane.troubles.has(Device::FaceCamera) {
            into.push(Happening::CameraRecovers);
        } else if self.budget.camera_faults > 0 {
            into.push(Happening::CameraFails);
        }
        if lane.troubles.has(Device::Journal) {
            into.push(Happening::DiskRecovers);
        }
        if lane.service == Service::Evacuating {
            into.push(Happening::FireEnds);
        } else if self.budget.fire > 0 {
            into.push(Happening::Fire);
            if self.budget.lost_records > 0 {
                into.push(Happening::DiskRefuses(Trigger::Fire));
            }
        }
        if self.budget.orders > 0 {
            into.push(Happening::Drain);
        }
        if lane.service != Service::InService {
            into.push(Happening::Resume);
        }
    }

    fn in_stage(&self, stage: &Stage, into: &mut Vec<Happening>) {
        match stage {
            Stage::Reviewing(_) => {
                into.push(Happening::Touched(Touch::Confirm));
                if self.budget.touches > 0 {
                    into.extend(
                        [Touch::Dispute, Touch::AskOfficer, Touch::MoreTime]
                            .map(Happening::Touched),
                    );
                }
            }
            Stage::Releasing(_) => into.push(Happening::GateOpens),
            Stage::Passing(passage) => {
                into.push(Happening::Passes(passage.passed + 1));
                into.push(Happening::Clears);
                if self.budget.alarms > 0 {
                    into.push(Happening::Tailgated);
                }
            }
            Stage::Referred { referral, .. } => {
                into.extend(
                    Decision::ALL.map(|decision| Happening::Decides(referral.id, decision)),
                );
                if self.budget.lost_records > 0 {
                    into.push(Happening::DiskRefuses(Trigger::Decides(referral.id)));
                }
                if self.budget.repeats > 0 {
                    let other = QuestionId {
                        serial: referral.id.serial + 1,
                        ..referral.id
                    };
                    into.push(Happening::Decides(other, Decision::Released));
                }
            }
            Stage::Gathering(_)
            | Stage::Facing { .. }
            | Stage::AwaitingRisk { .. }
            | Stage::Closing { .. } => {}
        }
    }

    /// True when this is the answer that the lane waits for.
    pub fn awaits(&self, asked: Asked) -> bool {
        match (self.lane.stage(), asked) {
            (Some(Stage::Gathering(gathering)), Asked::Open(question, ..)) => {
                matches!(&gathering.code, Code::Sealed { opening, .. } if *opening == Some(question))
            }
            (Some(Stage::Facing { question, .. }), Asked::Face(named))
            | (Some(Stage::AwaitingRisk { question, .. }), Asked::Risk(named)) => {
                *question == named
            }
            _ => false,
        }
    }

    pub fn event(&self, cast: &Cast, happening: Happening) -> Event {
        match happening {
            Happening::ShowCode(party) => {
                Event::DeclarationRead(cast.parties[usize::from(party)].sealed.clone())
            }
            Happening::ShowDocument(who) => Event::DocumentRead {
                document: cast.documents[usize::from(who)].clone(),
                on: cast::TODAY,
            },
            Happening::Opened(to, code, document) => {
                let party = cast.party_of(code);
                let declarant = party
                    .opened
                    .member_of(&cast.documents[usize::from(document)]);
                let outcome = if declarant == Some(MemberIndex::DECLARANT) {
                    Ok(party.opened.clone())
                } else {
                    Err(OpenRefusal::NotThisDocument)
                };
                Event::DeclarationOpened { to, outcome }
            }
            Happening::Face(to, seen) => Event::FaceLooked {
                to,
                outcome: FaceOutcome::Captured {
                    quality: Quality::new(900).unwrap(),
                    likeness: Likeness::new(if seen == Seen::Alike { 800 } else { 100 }),
                },
            },
            Happening::Risk(to, outcome) => Event::RiskAnswered {
                to,
                verdict: cast::verdict(outcome),
            },
            Happening::Expires(deadline) => Event::Expired(deadline),
            Happening::GateOpens => Event::GateOpened,
            Happening::Passes(total) => Event::PersonPassed { total },
            Happening::Clears => Event::PassageCleared,
            Happening::GateCloses => Event::GateClosed,
            Happening::GateFails => Event::DeviceFailed(Device::Gate),
            Happening::GateRecovers => Event::DeviceRecovered(Device::Gate),
            Happening::CameraFails => Event::DeviceFailed(Device::FaceCamera),
            Happening::CameraRecovers => Event::DeviceRecovered(Device::FaceCamera),
            Happening::DiskRefuses(Trigger::Risk(question)) => Event::RiskAnswered {
                to: question,
                verdict: cast::verdict(Outcome::Clear),
            },
            Happening::DiskRefuses(Trigger::Decides(referral)) => {
                decided(referral, Decision::Released)
            }
            Happening::DiskRefuses(Trigger::Closes) => Event::GateClosed,
            Happening::DiskRefuses(Trigger::Fire) | Happening::Fire => Event::EvacuationSignalled,
            Happening::DiskRecovers => Event::DeviceRecovered(Device::Journal),
            Happening::Decides(referral, decision) => decided(referral, decision),
            Happening::Touched(touch) => Event::Touched(touch),
            Happening::FireEnds => Event::EvacuationEnded,
            Happening::Tailgated => Event::GateAlarmed(Alarm::Tailgating),
            Happening::Drain => Event::DrainOrdered { officer: None },
            Happening::Resume => Event::ResumeOrdered { officer: officer() },
        }
    }

    /// What happens, and everything that the performer then does.
    pub fn after(&self, cast: &Cast, step: Step, happening: Happening) -> Self {
        let mut next = self.clone();
        next.spend(happening);
        let event = self.event(cast, happening);
        match happening {
            Happening::Risk(question, Outcome::Clear) => drop(next.granted.insert(question)),
            Happening::Decides(referral, Decision::Released) => drop(next.granted.insert(referral)),
            Happening::ShowDocument(who) => {
                next.forgotten.remove(&who);
                next.shown.insert(who);
            }
            Happening::ShowCode(party) => {
                let members: &[u8] = if party == 0 { &[0, 1] } else { &[2] };
                next.forgotten.retain(|who| !members.contains(who));
                next.shown.extend(members);
            }
            Happening::Expires(deadline) => {
                next.stale.retain(|held| *held != deadline);
                next.armed = next.armed.filter(|held| *held != deadline);
            }
            _ => {}
        }
        let before = self.lane.clone();
        let refuses = matches!(happening, Happening::DiskRefuses(_));
        next.perform(cast, step, event.clone(), refuses);
        next.check_transition(&before, &event);
        // Answers to journeys long past are all alike; the last few stand for them.
        let keep = next.asked.len().saturating_sub(4);
        next.asked.drain(..keep);
        let keep = next.stale.len().saturating_sub(1);
        next.stale.drain(..keep);
        next
    }

    fn perform(&mut self, cast: &Cast, step: Step, event: Event, refuses: bool) {
        let journeys_before = self.lane.journey.as_ref().map(|journey| journey.id);
        let (lane, effects) = step(&self.lane, event);
        let mut acted = false;
        let records = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Record(_)))
            .count();
        if refuses && records > 0 && !matches!(effects.first(), Some(Effect::Evacuate)) {
            let (lane, effects) = step(&self.lane, Event::RecordFailed);
            self.lane = lane;
            for effect in effects {
                self.act(cast, effect, &mut acted);
            }
            return;
        }
        self.lane = lane;
        for effect in effects {
            if refuses && matches!(effect, Effect::Record(_)) {
                let (lane, effects) = step(&self.lane, Event::RecordFailed);
                self.lane = lane;
                for effect in effects {
                    self.act(cast, effect, &mut acted);
                }
                return;
            }
            self.act(cast, effect, &mut acted);
        }
        if self.lane.journey.as_ref().map(|journey| journey.id) != journeys_before
            && self.lane.journey.is_some()
        {
            self.budget.journeys = self.budget.journeys.saturating_sub(1);
        }
    }

    fn act(&mut self, cast: &Cast, effect: Effect, acted: &mut bool) {
        match effect {
            Effect::Record(record) => {
                if *acted {
                    self.broken(2, "a record stands behind an act");
                }
                match record {
                    Record::Cleared { question, .. } => drop(self.recorded.insert(question)),
                    Record::Decided { referral, .. } => drop(self.recorded.insert(referral)),
                    _ => {}
                }
                return;
            }
            Effect::Evacuate => {
                self.evacuated = true;
                return;
            }
            Effect::OpenGate(warrant) => {
                let ground = match warrant.ground() {
                    Ground::Verdict(question) | Ground::Officer(question) => question,
                };
                if !self.recorded.contains(&ground) {
                    self.broken(2, "the gate opens without a committed reason");
                }
                if !self.granted.contains(&ground) || ground.journey != warrant.journey() {
                    self.broken(1, "the gate opens for a party that nobody let pass");
                }
                if self.lane.journey.as_ref().map(|journey| journey.id) != Some(warrant.journey()) {
                    self.broken(1, "the gate opens for a party that is not in the lane");
                }
                self.open_for = Some(warrant.journey());
            }
            Effect::OpenDeclaration {
                question,
                declaration,
                document,
            } => {
                let who = cast
                    .documents
                    .iter()
                    .position(|held| *held == *document)
                    .unwrap();
                self.asked.push(Asked::Open(
                    question,
                    declaration.code_id(),
                    u8::try_from(who).unwrap(),
                ));
            }
            Effect::Look(Look::Face { question, .. }) => self.asked.push(Asked::Face(question)),
            Effect::AskRisk(question) => self.asked.push(Asked::Risk(question.id)),
            Effect::Arm(deadline) => {
                self.stale.extend(self.armed.take());
                self.armed = Some(deadline);
            }
            Effect::Disarm => self.stale.extend(self.armed.take()),
            Effect::Forget(_) => {
                self.forgotten.extend(&self.shown);
                self.shown.clear();
            }
            Effect::CloseGate
            | Effect::Light(_)
            | Effect::Look(_)
            | Effect::SummonOfficer(_)
            | Effect::RaiseAlarm(_) => {}
        }
        *acted = true;
    }

    fn check_transition(&mut self, before: &Lane, event: &Event) {
        if matches!(event, Event::GateClosed) {
            self.open_for = None;
        }
        if let Some(Stage::Referred { referral, .. }) = before.stage() {
            let still = matches!(self.lane.stage(), Some(Stage::Referred { referral: now, .. }) if now.id == referral.id);
            let decided = matches!(event, Event::OfficerDecided { referral: named, .. } if *named == referral.id);
            if !still && !(decided && self.recorded.contains(&referral.id)) {
                self.broken(7, "a referral ended without a recorded decision");
            }
        }
        if let (Some(open_for), Some(journey)) = (self.open_for, &self.lane.journey)
            && open_for != journey.id
            && self.lane.service == Service::InService
        {
            self.broken(
                1,
                "the next party is served while the gate stands open for the former one",
            );
        }
    }

    fn broken(&mut self, rule: u8, what: &'static str) {
        self.violation.get_or_insert((rule, what));
    }

    fn spend(&mut self, happening: Happening) {
        let answered = match happening {
            Happening::Opened(to, code, who) => Some(Asked::Open(to, code, who)),
            Happening::Face(to, _) => Some(Asked::Face(to)),
            Happening::Risk(to, _) => Some(Asked::Risk(to)),
            _ => None,
        };
        let late = answered.is_some_and(|asked| !self.awaits(asked));
        let budget = &mut self.budget;
        let counter = match happening {
            _ if late => &mut budget.repeats,
            Happening::Expires(_) => &mut budget.expiries,
            Happening::GateFails => &mut budget.gate_faults,
            Happening::CameraFails => &mut budget.camera_faults,
            Happening::DiskRefuses(_) => &mut budget.lost_records,
            Happening::Touched(touch) if touch != Touch::Confirm => &mut budget.touches,
            Happening::Fire => &mut budget.fire,
            Happening::Tailgated => &mut budget.alarms,
            Happening::Drain => &mut budget.orders,
            _ => return,
        };
        *counter = counter.saturating_sub(1);
    }
}

fn officer() -> OfficerId {
    OfficerId::parse("K-1").unwrap()
}

pub fn decided(referral: QuestionId, decision: Decision) -> Event {
    Event::OfficerDecided {
        referral,
        officer: officer(),
        decision,
        reason: DecisionReason::IdentityConfirmed,
    }
}

/// The document numbers that can be reached from the lane.
pub fn reachable<'lane>(lane: &'lane Lane) -> Vec<&'lane str> {
    let Some(stage) = lane.stage() else {
        return Vec::new();
    };
    let (known, party) = match stage {
        Stage::Gathering(known) | Stage::Referred { known, .. } => (Some(known), None),
        Stage::Reviewing(party)
        | Stage::Facing { party, .. }
        | Stage::AwaitingRisk { party, .. } => (None, Some(party)),
        Stage::Releasing(passage) | Stage::Passing(passage) | Stage::Closing { passage, .. } => {
            (Some(&passage.known), None)
        }
    };
    let documents = known
        .map(|known| &known.documents)
        .or(party.map(|party| &party.documents));
    let declaration = match (known.map(|known| &known.code), party) {
        (Some(Code::Opened(declaration)), _) => Some(declaration),
        (_, Some(party)) => Some(&party.declaration),
        _ => None,
    };
    let members = declaration
        .into_iter()
        .flat_map(|declaration| declaration.party())
        .map(|member| &member.number);
    documents
        .into_iter()
        .flatten()
        .map(|document| &document.number)
        .chain(members)
        .map(|number| number.expose().as_str())
        .collect()
}

/// True when a human owns the situation, so that no deadline is needed.
pub fn owned_by_human(lane: &Lane) -> bool {
    lane.journey.is_none()
        || matches!(lane.stage(), Some(Stage::Referred { referral, .. }) if !referral.causes.is_empty())
        || lane.troubles.has(Device::Journal)
}
