use image::RgbImage;

use crate::chance::Chance;
use crate::conditions::Conditions;
use crate::error::PictureError;
use crate::scene::Scene;

/// Successive frames of one scene, held in a hand: each a little elsewhere, some smeared.
///
/// Endless; take as many as wanted. The hall and the light stay, the noise and the hand change.
pub struct Burst<'a> {
    scene: &'a Scene,
    size: (u32, u32),
    start: Conditions,
    /// How unsteady the hand is: 0 frozen, 1 ordinary, 3 in haste.
    pub unrest: f32,
    phases: [f32; 14],
    moment: u32,
}

impl<'a> Burst<'a> {
    /// A burst about `start`, at 30 frames a second, with an ordinary hand.
    #[must_use]
    pub fn new(scene: &'a Scene, size: (u32, u32), start: Conditions) -> Self {
        let mut chance = Chance::new(start.seed, 41);
        let phases = std::array::from_fn(|_| chance.between(0.0, std::f32::consts::TAU));
        Self {
            scene,
            size,
            start,
            unrest: 1.0,
            phases,
            moment: 0,
        }
    }

    /// The same burst with another hand.
    #[must_use]
    pub fn with_unrest(mut self, unrest: f32) -> Self {
        self.unrest = unrest;
        self
    }

    /// What the camera would meet at the given frame.
    #[must_use]
    pub fn conditions(&self, moment: u32) -> Conditions {
        let t = moment as f32 / 30.0;
        // Hand tremor: a slow drift and a quicker shake, never in step.
        let sway = |i: usize| {
            (t * 2.3 + self.phases[i]).sin() * 0.75 + (t * 9.1 + self.phases[i + 7]).sin() * 0.25
        };
        let pace = ((t * 3.1 + self.phases[6]).sin()).max(0.0);
        let c = &self.start;
        Conditions {
            moment: c.moment.wrapping_add(moment),
            roll: c.roll + 1.2 * self.unrest * sway(0),
            pitch: c.pitch + 1.8 * self.unrest * sway(1),
            yaw: c.yaw + 1.8 * self.unrest * sway(2),
            shift: (
                c.shift.0 + 0.007 * self.unrest * sway(3),
                c.shift.1 + 0.009 * self.unrest * sway(4),
            ),
            distance: c.distance * (1.0 + 0.02 * self.unrest * sway(5)),
            motion: c.motion + 1.6 * self.unrest * pace * pace,
            ..c.clone()
        }
    }
}

impl Iterator for Burst<'_> {
    type Item = Result<RgbImage, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.scene.frame(self.size, &self.conditions(self.moment));
        self.moment += 1;
        Some(frame)
    }
}
