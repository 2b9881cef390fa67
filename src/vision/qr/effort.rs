//! How much work a frame may cost. Readers have no clock, so work is counted instead, in places of the picture whose brightness is
//! taken: some four nanoseconds each on one core of a development machine.

/// What a frame may cost beyond the usual, once it is known where its symbol is: the rest need not be searched.
const MORE: u32 = 2_000_000;

/// Fitting, sampling and decoding in one frame: some six milliseconds where nothing can be read.
const USUAL: u32 = 1_600_000;

/// The work that is left for a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effort {
    left: u32,
    more: u32,
}

impl Effort {
    /// What a frame has to begin with.
    pub(super) const fn frame() -> Self {
        Self {
            left: USUAL,
            more: MORE,
        }
    }

    /// For a symbol that is followed: all that a search would have cost.
    pub(super) const fn follow(&mut self) {
        self.left += self.more;
        self.more = 0;
    }

    /// For a frame that is searched after all, since what was followed is gone.
    pub(super) const fn lose(&mut self) {
        self.cap(USUAL);
    }

    /// For a symbol that was found beyond doubt; once a frame.
    pub(super) const fn find(&mut self) {
        if self.more == MORE {
            self.left += MORE / 5;
            self.more = 0;
        }
    }

    /// Spends that much, if there was anything left at all.
    pub(super) const fn spend(&mut self, places: usize) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(places as u32);
        some
    }

    /// Whether that much is left.
    pub(super) const fn has(&self, places: usize) -> bool {
        self.left as usize >= places
    }

    /// Whether all is spent.
    pub(super) const fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Leaves no more than that.
    pub(super) const fn cap(&mut self, places: u32) {
        if self.left > places {
            self.left = places;
        }
    }

    /// What was spent of what there was at another time.
    pub(super) const fn spent_since(&self, before: Self) -> u32 {
        before.left.saturating_sub(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_searched_at_the_usual_cost_when_what_was_followed_is_gone() {
        let mut effort = Effort::frame();
        effort.follow();
        assert!(effort.has((USUAL + MORE) as usize));
        effort.lose();
        effort.find();
        assert_eq!(effort.left, USUAL);
    }

    #[test]
    fn what_is_spent_is_gone_and_the_last_of_it_may_be_dearer() {
        let whole = Effort { left: 100, more: 0 };
        let mut effort = whole;
        assert!(effort.spend(60) && effort.has(40) && !effort.has(41));
        assert_eq!(effort.spent_since(whole), 60);
        effort.cap(30);
        assert!(effort.spend(1_000) && effort.is_spent() && !effort.spend(1));
    }
}
