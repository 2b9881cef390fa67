//! What a reader tells of its work while it works: for engineers, never for a decision.

use crate::Luma;

/// Somebody who looks over a reader's shoulder. Readers have no clock: who wants times takes them between the calls.
pub trait Witness {
    /// The stage begins; it lasts until the next one begins or the reader returns.
    fn enters(&mut self, stage: &'static str);

    /// What the stage works on, told only to a witness that [wants pictures](Witness::wants_pictures).
    fn sees(&mut self, stage: &'static str, picture: Luma<'_>);

    /// Whether pictures are worth preparing for this witness.
    fn wants_pictures(&self) -> bool {
        false
    }
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Witness for Nobody {
    fn enters(&mut self, _: &'static str) {}

    fn sees(&mut self, _: &'static str, _: Luma<'_>) {}
}
