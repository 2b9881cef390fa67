//! The lane on a desk: the same runtime with pretend devices. Nothing that ships depends on it.
//!
//! [`rig::Rig`] is a whole lane; [`demo`] plays scenarios on it. What is pretended is pretended at its bytes: register
//! frames of a gate controller on a pseudo-terminal, pixels of a camera.

pub use controller;

pub mod cabinet;
pub mod cast;
pub mod demo;
pub mod issue;
pub mod papers;
pub mod player;
pub mod rig;
pub mod stage;
