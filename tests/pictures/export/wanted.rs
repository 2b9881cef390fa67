//! The kinds of things and the presets that one can ask for. A new one is a variant here and its lines below.

use clap::ValueEnum;
use evidence::MrzFormat;
use pictures::{Cloth, CodeShown, Conditions, PictureError, Polarity, Portrait, Scene, Worn};

use crate::chance::Chance;
use crate::specimen;
use crate::truth::Content;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A passport's data page (TD3).
    Passport,
    /// An identity card (TD1).
    Card,
    /// A large identity card (TD2).
    Td2,
    /// A visa of 44 columns (MRV-A).
    Visa,
    /// A visa of 36 columns (MRV-B).
    SmallVisa,
    /// Any of the five documents.
    Document,
    /// A phone with a declaration code, versions 5 to 25.
    Phone,
    /// The same on what travellers bring: a phone, a watch or paper, scratched, cracked, folded, under a finger.
    Code,
    /// One person.
    Face,
    /// One person with something on or before the face: a mask, a scarf, a hand, dark glasses, a peak.
    Covered,
    /// Two people.
    Pair,
    /// The hall with nobody.
    Empty,
}

impl Kind {
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// What is drawn when no kind is named: each once.
    const EACH: [Self; 9] = [
        Self::Passport,
        Self::Phone,
        Self::Face,
        Self::Card,
        Self::Td2,
        Self::Visa,
        Self::SmallVisa,
        Self::Pair,
        Self::Empty,
    ];
}

/// A preset of the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Light {
    /// Held steadily, well lit.
    Good,
    /// What most travellers do.
    Ordinary,
    /// Dim or glaring light, haste.
    Hard,
    /// The broad mix of all that a code meets at a kiosk.
    Kiosk,
    /// Held so near that a code fills the frame.
    Close,
}

impl Light {
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    fn conditions(self, seed: u64) -> Conditions {
        match self {
            Self::Good => Conditions::good(seed),
            Self::Ordinary => Conditions::ordinary(seed),
            Self::Hard => Conditions::hard(seed),
            Self::Kiosk => Conditions::kiosk(seed),
            Self::Close => Conditions::close(seed),
        }
    }

    /// What is drawn when no preset is named. The other two are made for codes.
    const EACH: [Self; 3] = [Self::Good, Self::Ordinary, Self::Hard];
}

const COVERS: [Worn; 5] = [
    Worn::Mask(Cloth::Surgical),
    Worn::Scarf(Cloth::Flowered),
    Worn::Hand,
    Worn::DarkGlasses,
    Worn::Visor,
];

/// One thing to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    number: u32,
    pub(crate) kind: Kind,
    pub(crate) light: Light,
    pub(crate) seed: u64,
}

/// A thing before the camera, and what is true of it.
pub(crate) struct Shown {
    /// What was chosen, where the wish left a choice.
    pub(crate) kind: Kind,
    pub(crate) scene: Scene,
    pub(crate) content: Content,
    /// A phone's colours; none for anything else.
    pub(crate) polarity: Option<Polarity>,
}

impl Wanted {
    /// The thing at `index`, counted from 0: kinds take turns, and each kind goes through the presets.
    pub(crate) fn choose(index: u32, seed: u64, kinds: &[Kind], lights: &[Light]) -> Self {
        let kinds = if kinds.is_empty() { &Kind::EACH } else { kinds };
        let lights = if lights.is_empty() {
            &Light::EACH
        } else {
            lights
        };
        let at = index as usize;
        Self {
            number: index + 1,
            kind: kinds[at % kinds.len()],
            light: lights[at / kinds.len() % lights.len()],
            seed: seed.wrapping_add(u64::from(index)),
        }
    }

    /// The file's name without its ending.
    pub(crate) fn name(&self) -> String {
        format!(
            "{:04}-{}-{}",
            self.number,
            self.kind.name(),
            self.light.name()
        )
    }

    pub(crate) fn conditions(&self, polarity: Option<Polarity>) -> Conditions {
        let conditions = self.light.conditions(self.seed);
        Conditions {
            polarity: polarity.unwrap_or(conditions.polarity),
            ..conditions
        }
    }

    pub(crate) fn shown(&self) -> Result<Shown, PictureError> {
        let mut chance = Chance::new(self.seed);
        let document = |chance: &mut Chance, kind, format| {
            let page = specimen::page(chance, format);
            Ok(Shown {
                kind,
                scene: Scene::passport(&page)?,
                content: Content::Document {
                    format,
                    lines: page.lines,
                },
                polarity: None,
            })
        };
        match self.kind {
            Kind::Passport => document(&mut chance, self.kind, MrzFormat::Td3),
            Kind::Card => document(&mut chance, self.kind, MrzFormat::Td1),
            Kind::Td2 => document(&mut chance, self.kind, MrzFormat::Td2),
            Kind::Visa => document(&mut chance, self.kind, MrzFormat::MrvA),
            Kind::SmallVisa => document(&mut chance, self.kind, MrzFormat::MrvB),
            Kind::Document => {
                let (kind, format) = [
                    (Kind::Passport, MrzFormat::Td3),
                    (Kind::Card, MrzFormat::Td1),
                    (Kind::Td2, MrzFormat::Td2),
                    (Kind::Visa, MrzFormat::MrvA),
                    (Kind::SmallVisa, MrzFormat::MrvB),
                ][chance.below(5)];
                document(&mut chance, kind, format)
            }
            Kind::Phone => {
                let code = specimen::code(&mut chance);
                let polarity = [Polarity::DarkOnLight, Polarity::LightOnDark][chance.below(2)];
                Ok(Shown {
                    kind: self.kind,
                    scene: Scene::phone(&code.text, polarity)?,
                    content: Content::Code(code),
                    polarity: Some(polarity),
                })
            }
            Kind::Code => {
                let code = specimen::code(&mut chance);
                let mut shown = CodeShown::varied(&code.text, self.seed);
                // The truth knows one code.
                shown.beside = None;
                Ok(Shown {
                    kind: self.kind,
                    scene: Scene::code(&shown)?,
                    content: Content::Code(code),
                    polarity: Some(shown.polarity),
                })
            }
            Kind::Covered => {
                let who = specimen::person(&mut chance);
                let worn = COVERS[chance.below(COVERS.len())];
                Ok(Shown {
                    kind: self.kind,
                    scene: Scene::wearing(&Portrait::variant(who), worn)?,
                    content: Content::People(vec![who]),
                    polarity: None,
                })
            }
            Kind::Face => {
                let who = specimen::person(&mut chance);
                Ok(Shown {
                    kind: self.kind,
                    scene: Scene::person(&Portrait::variant(who))?,
                    content: Content::People(vec![who]),
                    polarity: None,
                })
            }
            Kind::Pair => {
                let (near, far) = (specimen::person(&mut chance), specimen::person(&mut chance));
                Ok(Shown {
                    kind: self.kind,
                    scene: Scene::two_people(&Portrait::variant(near), &Portrait::variant(far))?,
                    // The scene's first subject stands behind.
                    content: Content::People(vec![far, near]),
                    polarity: None,
                })
            }
            Kind::Empty => Ok(Shown {
                kind: self.kind,
                scene: Scene::hall(),
                content: Content::People(Vec::new()),
                polarity: None,
            }),
        }
    }
}
