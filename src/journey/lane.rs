use evidence::{JourneyId, Likeness, QuestionId};

use crate::{
    Cause, Deadline, Device, Effect, Event, Gathering, Journey, Language, Passage, Record,
    Referral, Stage, StageName, Timer,
};

/// The lane: whether it serves, and the party in it, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Whether it takes travellers.
    pub service: Service,
    /// What does not work.
    pub troubles: Troubles,
    /// The party in the lane.
    pub journey: Option<Journey>,
    /// True while the gate is not known to be closed.
    pub gate_open: bool,
    /// What the decisions are measured by.
    pub rules: Rules,
    /// Whether it is wanted in service.
    pub(crate) order: Order,
    pub(crate) next: JourneyId,
}

/// What the people in charge want of the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Serve,
    Rest,
    /// Everybody has left; the gate stands open until a person has looked and orders the lane to serve.
    LookFirst,
}

/// Whether the lane takes travellers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// It does.
    InService,
    /// It finishes with the party in it and takes no other.
    Draining,
    /// Everybody out, now.
    Evacuating,
    /// It does not: an order, or [`Lane::troubles`], say why.
    OutOfService,
}

/// The devices that do not work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Troubles(u8);

/// What the decisions are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules {
    /// From this likeness on, face and portrait are taken for the same person.
    pub alike_from: Likeness,
    /// How many good pictures may fail to match before an officer compares.
    pub face_tries: u8,
    /// Members younger than this, in years, are not asked to look at the camera.
    pub face_from_age: u8,
    /// What the leaf does when more people go in than the warrant names, or two at once.
    pub tailgating: OnTailgating,
    /// The language shown before anybody is known.
    pub language: Language,
}

/// What the leaf does on tailgating. The officers are told either way, and a leaf never closes on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnTailgating {
    /// The party goes on; the leaf closes behind the last of it. Nobody is parted from their family.
    LetThrough,
    /// The leaf closes as soon as nobody stands in its way, and an officer decides about the party.
    Close,
}

impl Troubles {
    const fn bit(device: Device) -> u8 {
        match device {
            Device::Gate => 1,
            Device::DocumentCamera => 2,
            Device::FaceCamera => 4,
            Device::Journal => 8,
        }
    }

    /// True when every device works.
    pub const fn none(self) -> bool {
        self.0 == 0
    }

    /// True when this device does not work.
    pub const fn has(self, device: Device) -> bool {
        self.0 & Self::bit(device) != 0
    }

    /// The devices that do not work.
    pub fn iter(self) -> impl Iterator<Item = Device> {
        [
            Device::Gate,
            Device::DocumentCamera,
            Device::FaceCamera,
            Device::Journal,
        ]
        .into_iter()
        .filter(move |device| self.has(*device))
    }

    #[must_use]
    pub(crate) const fn with(self, device: Device) -> Self {
        Self(self.0 | Self::bit(device))
    }

    #[must_use]
    pub(crate) const fn without(self, device: Device) -> Self {
        Self(self.0 & !Self::bit(device))
    }
}

impl Lane {
    /// A lane at start-up: out of service until every device has reported, which is what
    /// [`Event::DeviceRecovered`] is for. `first` comes from the journal; `unfinished` is a referral that a
    /// power cut left open, which still waits for its officer.
    pub fn start(rules: Rules, first: JourneyId, unfinished: Option<QuestionId>) -> Self {
        let journey = unfinished.map(|id| Journey {
            id: id.journey,
            language: rules.language,
            language_chosen: false,
            stage: Stage::Referred {
                referral: Referral {
                    id,
                    causes: vec![Cause::Interrupted],
                    verdict: None,
                },
                known: Gathering::default(),
                faces: Vec::new(),
            },
            deadline: None,
            nearing: false,
            serial: id.serial,
        });
        Self {
            service: Service::OutOfService,
            troubles: Troubles::default()
                .with(Device::Gate)
                .with(Device::DocumentCamera)
                .with(Device::FaceCamera),
            journey,
            gate_open: true,
            rules,
            order: Order::Serve,
            next: first,
        }
    }

    /// The language in which the screen speaks now.
    pub fn language(&self) -> Language {
        self.journey
            .as_ref()
            .map_or(self.rules.language, |journey| journey.language)
    }

    /// Whether the people in charge want it to serve; if they do and it does not, [`Lane::troubles`] or a gate that is
    /// not known to be closed stand against it.
    pub const fn is_wanted(&self) -> bool {
        matches!(self.order, Order::Serve)
    }

    /// The stage, if there is a journey.
    pub fn stage(&self) -> Option<&Stage> {
        self.journey.as_ref().map(|journey| &journey.stage)
    }

    /// The passage through the gate, from the order to open until the leaf is closed.
    pub(crate) fn passage(&self) -> Option<&Passage> {
        match self.stage()? {
            Stage::Releasing(passage)
            | Stage::Passing(passage)
            | Stage::Closing { passage, .. } => Some(passage),
            Stage::Gathering(_)
            | Stage::Reviewing(_)
            | Stage::Facing { .. }
            | Stage::AwaitingRisk { .. }
            | Stage::Referred { .. } => None,
        }
    }

    pub(crate) fn passage_mut(&mut self) -> Option<&mut Passage> {
        match &mut self.journey.as_mut()?.stage {
            Stage::Releasing(passage)
            | Stage::Passing(passage)
            | Stage::Closing { passage, .. } => Some(passage),
            Stage::Gathering(_)
            | Stage::Reviewing(_)
            | Stage::Facing { .. }
            | Stage::AwaitingRisk { .. }
            | Stage::Referred { .. } => None,
        }
    }

    /// Whether the gate may be told to close. After an evacuation a person looks first.
    pub(crate) fn may_close(&self) -> bool {
        self.gate_open
            && self.service != Service::Evacuating
            && self.order != Order::LookFirst
            && !self.troubles.has(Device::Gate)
    }

    /// True when no traveller is under way: nobody is there, or an officer has them.
    pub(crate) fn stands_by(&self) -> bool {
        self.stage()
            .is_none_or(|stage| stage.name() == StageName::Referred)
    }

    /// Sets [`Lane::service`] from what holds now. An evacuation ends only by its own event.
    pub(crate) fn settle(&mut self) {
        if self.service == Service::Evacuating {
            return;
        }
        let wanted = self.order == Order::Serve && self.troubles.none();
        self.service = match (wanted, !self.stands_by()) {
            _ if self.troubles.has(Device::Journal) => Service::OutOfService,
            (true, true) => Service::InService,
            (false, true) => Service::Draining,
            // A gate that is not known to be closed would let the next traveller straight through.
            (true, false) if self.journey.is_some() || !self.gate_open => Service::InService,
            (true | false, false) => Service::OutOfService,
        };
    }

    /// The next lane and what must be done, in order. Pure: the same lane and event always give the same.
    #[must_use]
    pub fn step(&self, event: Event) -> (Self, Vec<Effect>) {
        let mut next = self.clone();
        let mut effects = Vec::new();
        crate::step::step(&mut next, event, &mut effects);
        (next, effects)
    }
}

impl Journey {
    pub(crate) fn new(id: JourneyId, language: Language) -> Self {
        Self {
            id,
            language,
            language_chosen: false,
            stage: Stage::Gathering(Gathering::default()),
            deadline: None,
            nearing: false,
            serial: 0,
        }
    }

    /// A number that no other question or deadline of this journey has.
    pub(crate) fn ask(&mut self) -> QuestionId {
        self.serial += 1;
        QuestionId {
            journey: self.id,
            serial: self.serial,
        }
    }

    pub(crate) fn arm(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        let deadline = Deadline {
            timer,
            arming: self.ask(),
        };
        self.deadline = Some(deadline);
        self.nearing = false;
        effects.push(Effect::Arm(deadline));
    }

    pub(crate) fn disarm(&mut self, effects: &mut Vec<Effect>) {
        if self.deadline.take().is_some() {
            effects.push(Effect::Disarm);
        }
        self.nearing = false;
    }

    /// The record with which an interruption closes it.
    pub(crate) fn interrupted(&self) -> Record {
        Record::Ended {
            journey: self.id,
            ending: crate::Ending::Interrupted(self.stage_name()),
        }
    }

    /// The name of its stage.
    pub const fn stage_name(&self) -> StageName {
        self.stage.name()
    }
}
