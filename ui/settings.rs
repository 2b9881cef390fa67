use std::time::Duration;

/// How the lane's screen is set up. None of it changes while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The window's size; the whole screen if none is given.
    pub size: Option<Size>,
    /// How strongly colours stand apart.
    pub contrast: Contrast,
    /// Whether things move.
    pub motion: Motion,
    /// How long the declaration is shown before the lane goes on by itself: the runtime's timing for
    /// [`journey::Timer::Reviewing`]. It only sets the pace of a line that fills.
    pub reading_time: Duration,
    /// Where things are in the hall.
    pub signs: Signs,
}

/// A window's size in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Size {
    /// The upright display that the lane is built with.
    pub const PORTRAIT: Self = Self {
        width: 1080,
        height: 1920,
    };
    /// The same display on its side.
    pub const LANDSCAPE: Self = Self {
        width: 1920,
        height: 1080,
    };
    /// A small panel.
    pub const SMALL: Self = Self {
        width: 1280,
        height: 800,
    };
    /// All that are looked after.
    pub const ALL: [Self; 3] = [Self::PORTRAIT, Self::LANDSCAPE, Self::SMALL];
}

/// How strongly colours stand apart: 4.5:1 at least, or 7:1 at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Contrast {
    /// 4.5:1 and more.
    #[default]
    Normal,
    /// 7:1 and more.
    High,
}

/// Whether things move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motion {
    /// They do, for 200 to 400 ms.
    #[default]
    Full,
    /// They do not.
    Reduced,
}

/// Where things are, as seen by somebody who faces the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signs {
    /// This lane's number or letter.
    pub lane: String,
    /// The officer's desk, as it is marked in the hall.
    pub desk: String,
    /// The way to it.
    pub desk_way: Way,
    /// The lane to use when this one is closed, as it is marked; none if there is no other.
    pub next_lane: Option<String>,
    /// The way to it.
    pub next_lane_way: Way,
    /// The way out in an emergency.
    pub exit_way: Way,
}

/// A way, as seen by somebody who faces the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Straight on.
    Ahead,
    /// Back where they came from.
    Back,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            size: None,
            contrast: Contrast::Normal,
            motion: Motion::Full,
            reading_time: Duration::from_secs(20),
            signs: Signs::default(),
        }
    }
}

impl Default for Signs {
    fn default() -> Self {
        Self {
            lane: "1".to_owned(),
            desk: "1".to_owned(),
            desk_way: Way::Right,
            next_lane: None,
            next_lane_way: Way::Left,
            exit_way: Way::Ahead,
        }
    }
}
