//! The lane and the little of the world that its rules speak of. Nothing is counted: whatever is possible may
//! happen at any moment and as often as it likes, so a search that ends has seen everything.

use evidence::{Decision as Outcome, JourneyId, Likeness, QuestionId};
use journey::{
    Deadline, Decision, Device, Effect, Event, Ground, Lamp, Lane, Record, Rules, Service, Stage,
};

use crate::{
    cast::Cast,
    happening::{self, Disk, Happening, awaited},
    situation,
};

pub type Step = fn(&Lane, Event) -> (Lane, Vec<Effect>);

#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub lane: Lane,
    /// The deadline that the timer holds.
    pub armed: Option<Deadline>,
    /// The journey that the gate was last opened for, until it closes.
    pub open_for: Option<JourneyId>,
    /// True from an evacuation on until an officer has looked at the lane and orders it to serve.
    pub after_fire: bool,
    /// The rules that were broken on the last way here, by their number in the architecture page, and how.
    pub broken: Vec<(u8, &'static str)>,
}

pub fn rules() -> Rules {
    Rules {
        alike_from: Likeness::new(500).unwrap(),
        face_tries: 2,
        face_from_age: 6,
        // The other choice differs in nothing but that the lane then does less.
        tailgating: journey::OnTailgating::Close,
        language: journey::Language::English,
    }
}

/// True when a human owns the situation, so that no deadline is needed. Without a journal the lane may decide nothing;
/// it stands out of service until somebody sees to it.
pub fn owned_by_human(lane: &Lane) -> bool {
    lane.journey.is_none()
        || matches!(lane.stage(), Some(Stage::Referred { referral, .. }) if !referral.causes.is_empty())
        || lane.troubles.has(Device::Journal)
}

impl World {
    pub fn begin() -> Self {
        let mut lane = Lane::start(rules(), JourneyId::new(1), None);
        for device in [Device::Gate, Device::DocumentCamera, Device::FaceCamera] {
            lane = lane.step(Event::DeviceRecovered(device)).0;
        }
        lane = lane.step(Event::GateClosed).0;
        assert_eq!(lane.service, Service::InService);
        Self {
            lane,
            armed: None,
            open_for: None,
            after_fire: false,
            broken: Vec::new(),
        }
    }

    /// What happens, and everything that the performer then does.
    pub fn after(&self, cast: &Cast, step: Step, happening: Happening, disk: Disk) -> Option<Self> {
        let event = happening::event(cast, &self.lane, happening)?;
        let expired = match event {
            Event::Expired(deadline) => self.armed == Some(deadline),
            _ => false,
        };
        let permits = match &event {
            Event::RiskAnswered { to, verdict } if verdict.decision == Outcome::Clear => Some(*to),
            Event::OfficerDecided {
                referral,
                decision: Decision::Released,
                ..
            } => Some(*referral),
            _ => None,
        };
        let decides = match &event {
            Event::OfficerDecided { referral, .. } => Some(*referral),
            _ => None,
        };
        let closes = event == Event::GateClosed;
        let looked = matches!(event, Event::ResumeOrdered { .. })
            && self.lane.service != Service::Evacuating
            && disk == Disk::Takes;
        let (lane, effects) = step(&self.lane, event);
        let records = |effect: &Effect| matches!(effect, Effect::Record(_));
        if disk == Disk::Refuses && !effects.iter().any(records) {
            return None;
        }
        let mut next = Self {
            lane,
            armed: self.armed.filter(|_| !expired),
            open_for: self.open_for.filter(|_| !closes),
            after_fire: self.after_fire && !looked,
            broken: Vec::new(),
        };
        match disk {
            Disk::Takes => next.perform(&self.lane, permits, &effects),
            // The step did not take place.
            Disk::Refuses if effects.first() != Some(&Effect::Evacuate) => {
                let (lane, effects) = step(&self.lane, Event::RecordFailed);
                next.lane = lane;
                next.perform(&self.lane, None, &effects);
            }
            // It did, whatever the journal says: a fire does not wait.
            Disk::Refuses => {
                next.perform(&self.lane, permits, &effects);
                let before = next.lane.clone();
                let (lane, effects) = step(&before, Event::RecordFailed);
                next.lane = lane;
                next.perform(&before, None, &effects);
            }
        }
        next.compare(&self.lane, decides.filter(|_| disk == Disk::Takes));
        Some(next)
    }

    /// Performs the effects of a step from the lane `before`; `permits` is the question that was just answered with
    /// "they may pass".
    fn perform(&mut self, before: &Lane, permits: Option<QuestionId>, effects: &[Effect]) {
        let mut recorded = Vec::new();
        let mut acted = false;
        for effect in effects {
            match effect {
                Effect::Record(record) => {
                    if acted {
                        self.broken(2, "a record stands behind an act");
                    }
                    match record {
                        Record::Cleared { question, .. } => recorded.push(*question),
                        Record::Decided {
                            referral,
                            persons: Some(_),
                            ..
                        } => recorded.push(*referral),
                        _ => {}
                    }
                    continue;
                }
                // Alone may come before the records, and is no act in that sense.
                Effect::Evacuate => {
                    self.after_fire = true;
                    continue;
                }
                Effect::OpenGate(warrant) => {
                    let (Ground::Verdict(ground) | Ground::Officer(ground)) = warrant.ground();
                    let party = before.journey.as_ref().map(|journey| journey.id);
                    if !recorded.contains(&ground) {
                        self.broken(2, "the gate opens without a committed reason");
                    }
                    if permits != Some(ground) || awaited(before) != permits {
                        self.broken(1, "the gate opens and nobody let them pass");
                    }
                    if Some(warrant.journey()) != party || ground.journey != warrant.journey() {
                        self.broken(1, "the gate opens for a party that is not in the lane");
                    }
                    if Some(warrant.persons().get()) != situation::persons(before) {
                        self.broken(1, "the gate opens for more or fewer than the party");
                    }
                    self.open_for = Some(warrant.journey());
                }
                Effect::CloseGate if self.after_fire => {
                    self.broken(
                        4,
                        "the gate closes before a person has looked for the last who leave",
                    );
                }
                Effect::Light(lamp)
                    if self.lane.service == Service::Evacuating && *lamp != Lamp::Go =>
                {
                    self.broken(4, "a lamp holds up those who leave");
                }
                Effect::Arm(deadline) => self.armed = Some(*deadline),
                Effect::Disarm => self.armed = None,
                Effect::Forget(_) if !situation::travellers(&self.lane).is_empty() => {
                    self.broken(5, "the lane knows somebody who was to be forgotten");
                }
                Effect::CloseGate
                | Effect::Forget(_)
                | Effect::Light(_)
                | Effect::Look(_)
                | Effect::OpenDeclaration { .. }
                | Effect::AskRisk(_)
                | Effect::SummonOfficer(_)
                | Effect::RaiseAlarm(_) => {}
            }
            acted = true;
        }
        let left = before
            .journey
            .as_ref()
            .map(|journey| journey.id)
            .filter(|id| self.lane.journey.as_ref().map(|journey| journey.id) != Some(*id));
        if left.is_some_and(|id| !effects.contains(&Effect::Forget(id))) {
            self.broken(5, "a party left and was not forgotten");
        }
    }

    /// What may not lie between two situations; `decides` is the referral that an officer's recorded decision names.
    fn compare(&mut self, before: &Lane, decides: Option<QuestionId>) {
        if let Some(Stage::Referred { referral, .. }) = before.stage() {
            let still = matches!(self.lane.stage(), Some(Stage::Referred { referral: now, .. }) if now.id == referral.id);
            if !still && decides != Some(referral.id) {
                self.broken(7, "a referral ended without a recorded decision");
            }
        }
        if self.lane.journey.is_none()
            && self.lane.service == Service::InService
            && self.lane.gate_open
        {
            self.broken(1, "the next party is awaited at a gate that may stand open");
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

    fn broken(&mut self, rule: u8, how: &'static str) {
        self.broken.push((rule, how));
    }
}
