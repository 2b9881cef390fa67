use image::RgbImage;

use crate::burst::Burst;
use crate::canvas::Canvas;
use crate::chance::Chance;
use crate::conditions::Conditions;
use crate::error::PictureError;
use crate::person;
use crate::place::Wish;
use crate::portrait::Portrait;
use crate::scene::{Layer, Scene, Subject, Surface};
use crate::texture::Texture;
use crate::worn::Worn;

/// A picture of a face held before the camera, where a living one should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attack {
    /// Printed, on a sheet with a white edge.
    Print,
    /// Printed, cut to the picture's edge.
    CutPrint,
    /// On a phone.
    Phone,
    /// On a tablet.
    Tablet,
}

impl Attack {
    /// Width and height of the thing, and of the picture on it, in millimetres.
    const fn sizes(self) -> ((f32, f32), (f32, f32)) {
        match self {
            Self::Print => ((176.0, 226.0), (150.0, 200.0)),
            Self::CutPrint => ((150.0, 200.0), (150.0, 200.0)),
            Self::Phone => ((76.0, 160.0), (68.0, 91.0)),
            Self::Tablet => ((180.0, 250.0), (165.0, 220.0)),
        }
    }
}

pub(crate) fn subject(portrait: &Portrait, attack: Attack) -> Result<Subject, PictureError> {
    let (whole, shown) = attack.sizes();
    let per_mm = 560.0 / shown.1;
    let corner = |size: (f32, f32)| (-size.0 / 2.0, -size.1 / 2.0);
    let mut body = Canvas::new(
        (-whole.0 / 2.0 - 1.0, -whole.1 / 2.0 - 1.0),
        (whole.0 + 2.0, whole.1 + 2.0),
        per_mm,
    );
    let screen = matches!(attack, Attack::Phone | Attack::Tablet);
    let (ink, radius) = if screen {
        ([16, 16, 18], 8.0)
    } else {
        ([242, 241, 237], 0.5)
    };
    let (left, top) = corner(whole);
    body.panel(left, top, whole.0, whole.1, radius, ink, 1.0);
    let mut picture = Canvas::new(corner(shown), shown, per_mm);
    let ground = [206, 211, 218];
    picture.panel(
        corner(shown).0,
        corner(shown).1,
        shown.0,
        shown.1,
        0.0,
        ground,
        1.0,
    );
    person::print(&mut picture, portrait, corner(shown), shown, 1.0)?;
    Ok(Subject {
        layers: vec![
            Layer {
                texture: Texture::from(body),
                surface: Surface::Matt,
            },
            Layer {
                texture: Texture::from(picture),
                surface: if screen {
                    Surface::Pixels
                } else {
                    Surface::Matt
                },
            },
        ],
        wish: Wish {
            interest: shown,
            fill: 0.68,
            aside: (0.0, 0.0),
            turn: 1.0,
        },
    })
}

/// Successive frames, 30 a second, of a living person who tries to stand still: the head turns by a degree or two and
/// sways, the hall behind stays.
pub struct Standing {
    portrait: Portrait,
    worn: Worn,
    size: (u32, u32),
    start: Conditions,
    /// How the person comes nearer: part of the distance a frame. Nothing while standing.
    pub approach: f32,
    phases: [f32; 6],
    moment: u32,
    doorway: bool,
}

impl Standing {
    /// A person who stands.
    #[must_use]
    pub fn new(portrait: Portrait, worn: Worn, size: (u32, u32), start: Conditions) -> Self {
        let mut chance = Chance::new(start.seed, 43);
        Self {
            portrait,
            worn,
            size,
            start,
            approach: 0.0,
            phases: std::array::from_fn(|_| chance.between(0.0, std::f32::consts::TAU)),
            moment: 0,
            doorway: false,
        }
    }

    /// The same person close before an opening in a wall, whose edges stay where they are.
    #[must_use]
    pub fn before_a_doorway(mut self) -> Self {
        self.doorway = true;
        self
    }

    /// The same person walking up.
    #[must_use]
    pub fn walking(mut self, approach: f32) -> Self {
        self.approach = approach;
        self
    }
}

impl Iterator for Standing {
    type Item = Result<RgbImage, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let t = self.moment as f32 / 30.0;
        let sway = |i: usize, rate: f32| (t * rate + self.phases[i]).sin();
        let c = &self.start;
        let near = (1.0 - self.approach * self.moment as f32).max(0.4);
        let conditions = Conditions {
            moment: c.moment.wrapping_add(self.moment),
            roll: c.roll + 1.5 * sway(0, 3.1),
            shift: (
                c.shift.0 + 0.012 * sway(1, 2.7),
                c.shift.1 + 0.005 * sway(2, 3.7),
            ),
            distance: c.distance * near * (1.0 + 0.01 * sway(3, 2.2)),
            ..c.clone()
        };
        let turn = 0.16 * sway(4, 4.1) + 0.05 * sway(5, 9.0);
        self.moment += 1;
        Some(
            person::wearing(&self.portrait, self.worn, turn, 0.5, (0.0, 0.0)).and_then(|subject| {
                let mut scene = Scene::of(vec![subject], 0.012);
                if self.doorway {
                    scene = scene.before(doorway(), self.start.clone());
                }
                scene.frame(self.size, &conditions)
            }),
        )
    }
}

/// A dark opening in a pale wall, some metres behind: as wide on the sensor as a sheet that is held up would be.
fn doorway() -> Subject {
    let mut wall = Canvas::new((-900.0, -400.0), (1800.0, 1200.0), 0.5);
    wall.panel(-900.0, -400.0, 1800.0, 1200.0, 0.0, [205, 203, 198], 1.0);
    wall.panel(-140.0, -150.0, 280.0, 950.0, 0.0, [52, 54, 60], 1.0);
    Subject {
        layers: vec![Layer {
            texture: Texture::from(wall),
            surface: Surface::Matt,
        }],
        wish: Wish {
            interest: (170.0, 230.0),
            fill: 0.5,
            aside: (0.0, 0.0),
            turn: 0.0,
        },
    }
}

impl Scene {
    /// A picture of a face, held up.
    ///
    /// # Errors
    /// See [`crate::face_frame`].
    pub fn attack(portrait: &Portrait, attack: Attack) -> Result<Self, PictureError> {
        Ok(Self::of(vec![subject(portrait, attack)?], 0.012))
    }

    /// A person with something on or before the face.
    ///
    /// # Errors
    /// See [`crate::face_frame`].
    pub fn wearing(portrait: &Portrait, worn: Worn) -> Result<Self, PictureError> {
        let subject = person::wearing(portrait, worn, 0.0, 0.5, (0.0, 0.0))?;
        Ok(Self::of(vec![subject], 0.012))
    }

    /// This scene held in a hand, 30 frames a second.
    #[must_use]
    pub fn held(&self, size: (u32, u32), start: Conditions) -> Burst<'_> {
        Burst::new(self, size, start)
    }
}
