//! The questions of Japan Customs' form C-5360.

use std::num::NonZeroU16;

/// An answer on the form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    #[default]
    No,
}

impl Answer {
    /// Whether the answer is yes.
    pub const fn is_yes(self) -> bool {
        match self {
            Self::Yes => true,
            Self::No => false,
        }
    }
}

/// The answers of form C-5360, side A. The default is "no" throughout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Answers {
    /// Question 1 (1): prohibited or restricted goods.
    pub prohibited: Answer,
    /// Question 1 (2): gold bullion or gold products.
    pub gold: Answer,
    /// Question 1 (3): goods over the duty-free allowance.
    pub over_allowance: Answer,
    /// Question 1 (4): commercial goods or samples.
    pub commercial: Answer,
    /// Question 1 (5): anything carried for somebody else.
    pub for_others: Answer,
    /// Question 2: means of payment over 1,000,000 yen in all, or precious metal over 1 kg.
    pub cash_over_limit: Answer,
    /// Question 3: unaccompanied articles, with the number of pieces.
    pub unaccompanied: Option<NonZeroU16>,
}

impl Answers {
    /// The six answers as bits, question 1 (1) lowest, yes as 1.
    pub(super) fn bits(&self) -> u8 {
        [
            self.prohibited,
            self.gold,
            self.over_allowance,
            self.commercial,
            self.for_others,
            self.cash_over_limit,
        ]
        .into_iter()
        .rev()
        .fold(0, |bits, answer| bits << 1 | u8::from(answer.is_yes()))
    }

    /// The answers of these bits; `None` when a bit above the sixth is set.
    pub(super) fn of_bits(bits: u8, unaccompanied: Option<NonZeroU16>) -> Option<Self> {
        let answer = |at: u8| {
            if bits >> at & 1 == 1 {
                Answer::Yes
            } else {
                Answer::No
            }
        };
        (bits < 1 << 6).then(|| Self {
            prohibited: answer(0),
            gold: answer(1),
            over_allowance: answer(2),
            commercial: answer(3),
            for_others: answer(4),
            cash_over_limit: answer(5),
            unaccompanied,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bits_read_back() {
        for bits in 0..64 {
            assert_eq!(Answers::of_bits(bits, None).unwrap().bits(), bits);
        }
        assert_eq!(Answers::of_bits(64, None), None);
        assert_eq!(
            Answers {
                gold: Answer::Yes,
                ..Answers::default()
            }
            .bits(),
            2
        );
    }
}
