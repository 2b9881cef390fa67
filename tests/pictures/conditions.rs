use crate::chance::Chance;

/// Which of a code's modules are dark on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// As printed: dark modules on a light screen.
    DarkOnLight,
    /// Dark mode: light modules on a dark screen.
    LightOnDark,
}

/// Everything about one exposure. All fields are public: take a preset, change what matters.
///
/// Lengths in pixels are meant at a frame 1280 pixels wide and grow with the frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// Chooses the hall, the places of light and shade, and the noise.
    pub seed: u64,
    /// Which frame of a burst this is: changes the noise and nothing else.
    pub moment: u32,
    /// Turn in the picture's plane, degrees clockwise. 180 is upside down.
    pub roll: f32,
    /// Lean towards or away from the camera, degrees.
    pub pitch: f32,
    /// Turn to the side, degrees.
    pub yaw: f32,
    /// Offset from the middle, as a share of the frame's width and height.
    pub shift: (f32, f32),
    /// How far away, where 1 fills the frame as the lane's screen asks for.
    pub distance: f32,
    /// Defocus: sigma of the blur, in pixels.
    pub blur: f32,
    /// Length of the smear during the exposure, in pixels.
    pub motion: f32,
    /// Direction of the smear, in degrees.
    pub motion_angle: f32,
    /// Noise sigma at middle grey, in 8-bit counts.
    pub noise: f32,
    /// Exposure: 1 puts white paper just below white.
    pub exposure: f32,
    /// Colour of the light: 0 neutral, positive warmer, about -0.2 to 0.2.
    pub warmth: f32,
    /// How unequal the light on the subject is: 0 even, 1 one side nearly dark.
    pub uneven: f32,
    /// How much darker the corners are: 0 to 1.
    pub vignette: f32,
    /// A lamp mirrored in laminate or glass: 0 none, 1 burnt out at its middle.
    pub glare: f32,
    /// JPEG quality of the camera's stream (1 to 100), or none.
    pub jpeg: Option<u8>,
    /// The phone's colours.
    pub polarity: Polarity,
    /// The phone screen's brightness: 0 (barely lit) to 1, and up to 2.5 for one that outshines the hall.
    pub brightness: f32,
    /// How much of a screen's subpixel grid the sensor catches, which beats with the sensor's own: 0 none, 0.3 stripes.
    pub moire: f32,
}

impl Conditions {
    /// No tilt, no blur, even light, no noise: for looking at the drawing itself.
    #[must_use]
    pub fn perfect(seed: u64) -> Self {
        Self {
            seed,
            moment: 0,
            roll: 0.0,
            pitch: 0.0,
            yaw: 0.0,
            shift: (0.0, 0.0),
            distance: 1.0,
            blur: 0.0,
            motion: 0.0,
            motion_angle: 0.0,
            noise: 0.0,
            exposure: 1.0,
            warmth: 0.0,
            uneven: 0.0,
            vignette: 0.0,
            glare: 0.0,
            jpeg: None,
            polarity: Polarity::DarkOnLight,
            brightness: 0.85,
            moire: 0.0,
        }
    }

    /// Held steadily, well lit: every reader should succeed on one frame.
    #[must_use]
    pub fn good(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 11);
        Self {
            roll: chance.around(3.0),
            pitch: chance.around(4.0),
            yaw: chance.around(4.0),
            shift: (chance.around(0.015), chance.around(0.015)),
            distance: chance.between(1.0, 1.1),
            blur: chance.between(0.35, 0.6),
            noise: chance.between(0.8, 1.6),
            exposure: chance.between(0.92, 1.04),
            warmth: chance.around(0.04),
            uneven: chance.between(0.05, 0.2),
            vignette: chance.between(0.08, 0.18),
            glare: chance.between(0.0, 0.05),
            brightness: chance.between(0.75, 0.95),
            ..Self::perfect(seed)
        }
    }

    /// What most travellers do: some tilt, a little smear, light from one side.
    #[must_use]
    pub fn ordinary(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 12);
        Self {
            roll: chance.around(8.0),
            pitch: chance.around(10.0),
            yaw: chance.around(10.0),
            shift: (chance.around(0.03), chance.around(0.03)),
            distance: chance.between(1.05, 1.3),
            blur: chance.between(0.5, 1.0),
            motion: chance.between(0.0, 2.0),
            motion_angle: chance.between(0.0, 180.0),
            noise: chance.between(1.5, 3.0),
            exposure: chance.between(0.75, 1.1),
            warmth: chance.around(0.1),
            uneven: chance.between(0.15, 0.45),
            vignette: chance.between(0.1, 0.3),
            glare: chance.between(0.0, 0.15),
            brightness: chance.between(0.5, 0.95),
            jpeg: if chance.one_in(2) { Some(90) } else { None },
            ..Self::perfect(seed)
        }
    }

    /// Dim or glaring light, haste, a low screen: a single frame may well be unreadable.
    #[must_use]
    pub fn hard(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 13);
        Self {
            roll: chance.around(20.0),
            pitch: chance.around(20.0),
            yaw: chance.around(20.0),
            shift: (chance.around(0.05), chance.around(0.05)),
            distance: chance.between(1.2, 1.6),
            blur: chance.between(0.8, 1.6),
            motion: chance.between(0.5, 4.0),
            motion_angle: chance.between(0.0, 180.0),
            noise: chance.between(3.0, 6.0),
            exposure: chance.between(0.5, 1.3),
            warmth: chance.around(0.18),
            uneven: chance.between(0.35, 0.75),
            vignette: chance.between(0.2, 0.45),
            glare: chance.between(0.1, 0.6),
            brightness: chance.between(0.2, 0.7),
            polarity: if chance.one_in(2) {
                Polarity::LightOnDark
            } else {
                Polarity::DarkOnLight
            },
            jpeg: Some(chance.between(70.0, 90.0) as u8),
            ..Self::perfect(seed)
        }
    }

    /// What a kiosk meets in a day, from a code held well to one held badly: screens dim and glaring, in both polarities, near
    /// and far, tilted, out of focus, moving, with moiré and reflections. Most frames are readable, some barely, few not.
    #[must_use]
    pub fn kiosk(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 14);
        let tilt = chance.between(2.0, 24.0);
        let unsteady = chance.unit() * chance.unit();
        let lit = chance.unit();
        let turned = if chance.one_in(12) { 180.0 } else { 14.0 };
        Self {
            roll: chance.around(turned),
            pitch: chance.around(tilt),
            yaw: chance.around(tilt),
            shift: (chance.around(0.04), chance.around(0.03)),
            distance: 0.95 + 1.6 * chance.unit() * chance.between(0.4, 1.0),
            blur: chance.between(0.4, 1.8),
            motion: 5.0 * unsteady,
            motion_angle: chance.between(0.0, 180.0),
            noise: chance.between(1.0, 6.5),
            exposure: if lit < 0.8 {
                chance.between(0.5, 1.3)
            } else {
                chance.between(0.5, 1.0)
            },
            warmth: chance.around(0.15),
            uneven: chance.between(0.05, 0.7),
            vignette: chance.between(0.05, 0.4),
            glare: chance.unit() * chance.between(0.0, 1.0),
            brightness: if lit < 0.2 {
                chance.between(0.15, 0.4)
            } else if lit < 0.8 {
                chance.between(0.4, 1.0)
            } else {
                chance.between(1.0, 1.8)
            },
            polarity: if chance.one_in(3) {
                Polarity::LightOnDark
            } else {
                Polarity::DarkOnLight
            },
            moire: if chance.one_in(2) {
                chance.between(0.03, 0.3)
            } else {
                0.0
            },
            jpeg: if chance.one_in(2) {
                Some(chance.between(55.0, 95.0) as u8)
            } else {
                None
            },
            ..Self::perfect(seed)
        }
    }

    /// Pressed against the glass: the code fills the frame's height, its quiet zone is cut or nearly, and the lens cannot focus
    /// so near.
    #[must_use]
    pub fn close(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 15);
        Self {
            roll: chance.around(3.0),
            pitch: chance.around(5.0),
            yaw: chance.around(5.0),
            shift: (chance.around(0.03), chance.around(0.01)),
            distance: chance.between(0.8, 0.9),
            blur: chance.between(0.8, 4.0),
            ..Self::kiosk(seed)
        }
    }
}
