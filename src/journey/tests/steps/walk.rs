//! A lane and what it last ordered.

use std::sync::LazyLock;

use evidence::{
    Decision as Outcome, JourneyId, Likeness, Presentation, Quality, QuestionId, TravelDocument,
    Verdict,
};
use journey::{
    Deadline, Decision, DecisionReason, Device, Effect, Event, FaceOutcome, Lamp, Lane, Language,
    Look, OfficerId, Record, Referral, Rules, Stage, StageName, Timer, Touch, Warrant,
};

use crate::cast::{self, Cast};

pub static CAST: LazyLock<Cast> = LazyLock::new(Cast::assemble);

pub struct Walk {
    pub lane: Lane,
    /// What the last event made necessary.
    pub effects: Vec<Effect>,
}

pub const RULES: Rules = Rules {
    alike_from: Likeness::new(500).unwrap(),
    face_tries: 2,
    face_from_age: 6,
    tailgating: journey::OnTailgating::LetThrough,
    language: Language::English,
};

pub const DEVICES: [Device; 3] = [Device::Gate, Device::DocumentCamera, Device::FaceCamera];

pub fn officer() -> OfficerId {
    OfficerId::parse("K-1024").unwrap()
}

impl Walk {
    /// A lane that has started and awaits its first traveller.
    pub fn begin() -> Self {
        let mut walk = Self::cold(None);
        for device in DEVICES {
            walk.on(Event::DeviceRecovered(device));
        }
        walk.on(Event::GateClosed);
        walk
    }

    /// A lane of which no device has reported yet.
    pub fn cold(unfinished: Option<QuestionId>) -> Self {
        Self {
            lane: Lane::start(RULES, JourneyId::new(7), unfinished),
            effects: Vec::new(),
        }
    }

    pub fn on(&mut self, event: Event) -> &mut Self {
        (self.lane, self.effects) = self.lane.step(event);
        self
    }

    /// The event's records are refused, so it did not take place.
    pub fn refused(&mut self, event: Event) -> &mut Self {
        let (_, effects) = self.lane.step(event);
        assert!(
            effects
                .iter()
                .any(|effect| matches!(effect, Effect::Record(_)))
        );
        self.on(Event::RecordFailed)
    }

    pub fn code(&mut self, party: usize) -> &mut Self {
        self.on(Event::DeclarationRead(CAST.parties[party].sealed.clone()))
    }

    pub fn document(&mut self, document: TravelDocument) -> &mut Self {
        self.on(Event::DocumentRead {
            document,
            on: cast::TODAY,
        })
    }

    pub fn traveller(&mut self, who: usize) -> &mut Self {
        self.document(CAST.documents[who].clone())
    }

    /// Tries the document on the declaration, as ordered, with the real key derivation.
    pub fn opens(&mut self) -> &mut Self {
        let (to, outcome) = self.opening().unwrap();
        self.on(Event::DeclarationOpened { to, outcome })
    }

    pub fn opening(
        &self,
    ) -> Option<(
        QuestionId,
        Result<evidence::Declaration<evidence::Verified>, evidence::OpenRefusal>,
    )> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::OpenDeclaration {
                question,
                declaration,
                document,
            } => Some((*question, declaration.open(document))),
            _ => None,
        })
    }

    pub fn touch(&mut self, touch: Touch) -> &mut Self {
        self.on(Event::Touched(touch))
    }

    pub fn face(&mut self, likeness: Option<u16>) -> &mut Self {
        let Some(Stage::Facing { question, .. }) = self.lane.stage() else {
            panic!("nobody is to be looked at");
        };
        let to = *question;
        self.on(Event::FaceLooked {
            to,
            outcome: captured(likeness),
        })
    }

    pub fn verdict(&mut self, outcome: Outcome) -> &mut Self {
        let Some(Stage::AwaitingRisk { question, .. }) = self.lane.stage() else {
            panic!("no verdict is awaited");
        };
        let to = *question;
        self.on(Event::RiskAnswered {
            to,
            verdict: cast::verdict(outcome),
        })
    }

    pub fn decides(&mut self, decision: Decision) -> &mut Self {
        let referral = self.referral().id;
        self.on(decided(referral, decision))
    }

    pub fn expires(&mut self) -> &mut Self {
        let deadline = self.deadline().unwrap();
        self.on(Event::Expired(deadline))
    }

    /// The one who travels alone, up to the review.
    pub fn reviewing() -> Self {
        let mut walk = Self::begin();
        walk.code(1).traveller(2).opens();
        walk
    }

    /// The one who travels alone, up to the verdict.
    pub fn awaiting() -> Self {
        let mut walk = Self::reviewing();
        walk.touch(Touch::Confirm).face(Some(800));
        walk
    }

    /// The one who travels alone, with the gate told to open.
    pub fn releasing() -> Self {
        let mut walk = Self::awaiting();
        walk.verdict(Outcome::Clear);
        walk
    }

    pub fn passing() -> Self {
        let mut walk = Self::releasing();
        walk.on(Event::GateOpened);
        walk
    }

    pub fn closing() -> Self {
        let mut walk = Self::passing();
        walk.on(Event::PersonPassed { total: 1 })
            .on(Event::PassageCleared);
        walk
    }

    pub fn referred() -> Self {
        let mut walk = Self::awaiting();
        walk.verdict(Outcome::Refer);
        walk
    }

    /// One lane in each stage of a journey, and one that waits.
    pub fn everywhere() -> Vec<Self> {
        let mut gathering = Self::begin();
        gathering.traveller(0);
        let mut facing = Self::reviewing();
        facing.touch(Touch::Confirm);
        vec![
            Self::begin(),
            gathering,
            Self::reviewing(),
            facing,
            Self::awaiting(),
            Self::releasing(),
            Self::passing(),
            Self::closing(),
            Self::referred(),
        ]
    }

    pub fn at(&self) -> Option<StageName> {
        self.lane.stage().map(Stage::name)
    }

    pub fn deadline(&self) -> Option<Deadline> {
        self.lane.journey.as_ref().unwrap().deadline
    }

    pub fn timer(&self) -> Option<Timer> {
        self.deadline().map(|deadline| deadline.timer)
    }

    pub fn referral(&self) -> &Referral {
        match self.lane.stage() {
            Some(Stage::Referred { referral, .. }) => referral,
            _ => panic!("nobody is referred: {:?}", self.at()),
        }
    }

    pub fn records(&self) -> Vec<&Record> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Record(record) => Some(record),
                _ => None,
            })
            .collect()
    }

    pub fn warrant(&self) -> Option<&Warrant> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::OpenGate(warrant) => Some(warrant),
            _ => None,
        })
    }

    pub fn orders(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }

    /// The lamp and the look that stand after the last event, if it changed them.
    pub fn signs(&self) -> (Option<Lamp>, Option<Look>) {
        let lamp = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Light(lamp) => Some(*lamp),
            _ => None,
        });
        let look = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Look(look) => Some(*look),
            _ => None,
        });
        (lamp, look)
    }

    /// True when the last event changed nothing and ordered nothing.
    pub fn ignores(&self, event: Event) -> bool {
        self.lane.step(event) == (self.lane.clone(), Vec::new())
    }
}

pub fn captured(likeness: Option<u16>) -> FaceOutcome {
    FaceOutcome::Captured {
        quality: Quality::new(900).unwrap(),
        likeness: likeness.and_then(Likeness::new),
        presentation: Presentation::BonaFide,
    }
}

pub fn decided(referral: QuestionId, decision: Decision) -> Event {
    Event::OfficerDecided {
        referral,
        officer: officer(),
        decision,
        reason: DecisionReason::IdentityConfirmed,
    }
}

pub fn clear() -> Verdict {
    cast::verdict(Outcome::Clear)
}
