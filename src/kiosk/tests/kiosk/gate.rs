//! The gate commands, against the pretend controller at the other end of a pseudo-terminal.

mod bench;
mod hands;
mod looks;
mod tapes;
