//! A frame in, readings out: declaration codes, machine readable zones, faces.
//!
//! There is no device here and no clock, and nothing is kept: a reader holds models and its place in a cascade,
//! never a frame or a reading of the one before.

pub mod face;
pub mod inspect;
mod luma;
pub mod measure;
pub mod mrz;
pub mod qr;
#[cfg(test)]
mod scenes;
#[cfg(test)]
mod test_models;
mod witness;

pub use luma::{BadPicture, Luma};
pub use witness::{Nobody, Witness};
