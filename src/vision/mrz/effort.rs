//! How much work a picture may cost. Readers have no clock, so work is counted instead, in nominal microseconds of one
//! core of a development machine: on texture the search could otherwise go on for half a second.

/// The work that is left for a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    left: u32,
    /// Zones looked at for each working size: bounds the work on a picture full of regular texture.
    zones: usize,
}

impl Effort {
    /// Cutting, reading and decoding one character's width of one line.
    pub(super) const QUICK_CELL: u32 = 115;
    /// The same with the careful line reader.
    pub(super) const CAREFUL_CELL: u32 = 330;
    /// Thousand working pixels: resized, compared with their surroundings, joined into marks.
    pub(super) const THOUSAND_PIXELS: u32 = 14;
    /// Thousand steps of the search for rows.
    pub(super) const THOUSAND_STEPS: u32 = 25;

    /// A camera's frame: the next one comes in 33 ms, and some may be left out.
    pub(super) const fn frame() -> Self {
        Self {
            left: 100_000,
            zones: 6,
        }
    }

    /// A picture that somebody waits for.
    pub(super) const fn still() -> Self {
        Self {
            left: 900_000,
            zones: 14,
        }
    }

    /// Zones that may be looked at for each working size.
    pub(super) const fn zones(&self) -> usize {
        self.zones
    }

    /// None, and nothing is spent, when there is not that much left.
    pub(super) const fn spend(&mut self, cost: u32) -> Option<()> {
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                Some(())
            }
            None => None,
        }
    }

    /// Spends what was already used, down to nothing.
    pub(super) const fn used(&mut self, cost: u32) {
        self.left = self.left.saturating_sub(cost);
    }

    /// Steps that the search for rows may still take.
    pub(super) const fn steps(&self) -> usize {
        self.left as usize / Self::THOUSAND_STEPS as usize * 1_000
    }
}
