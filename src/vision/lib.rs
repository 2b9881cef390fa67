//! A frame in, readings out: declaration codes, machine readable zones, faces.
//!
//! There is no device here and no clock, and no frame is kept but the best of a burst: what a reader learns from one frame for
//! the next is where to look and how sure it was, until it is told to forget.

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
