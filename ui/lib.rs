//! Draws the lane and passes on what was touched. It decides nothing: [`screen`] turns a lane into a [`Screen`],
//! a pure function, and [`Display`] puts that on the glass in the traveller's language.

mod bridge;
pub mod calibrate;
mod detail;
mod intent;
mod keys;
mod paint;
mod panel;
mod picture;
mod plain;
mod samples;
mod screen;
mod settings;
mod sign;
mod view;

pub use bridge::{Display, Handle};
pub use intent::Intent;
pub use panel::{OfficeLine, Panel, PanelNotice, PanelView, ReferralView, SignInRefusal, Standing};
pub use picture::{Camera, EvidencePicture, LivePicture, Outline, Picture};
pub use plain::Plain;
pub use samples::{calibrations, samples};
pub use screen::{CodeSeen, Dossier, GatheringView, Leaf, Screen, View, screen};
pub use settings::{Contrast, Motion, Settings, Signs, Size, Way};
/// The window itself, for what only a window can do: pictures of itself, and controls found by their labels.
pub use view::{Calibrate, Kiosk};
