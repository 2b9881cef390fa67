//! The lane on a desk: the same runtime with pretend devices. Nothing that ships depends on it.

pub mod controller;
