//! The goods lines of form C-5360, side B.

use std::fmt;

use crate::ids::MemberIndex;
use crate::sensitive::Sensitive;

/// What a line's goods are, as far as allowances and simplified rates tell goods apart (Japan Customs c-answers 7104 and 7105).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GoodsKind {
    /// Wine, beer, sake and other drinks that are not distilled. Millilitres.
    WineOrBeer,
    /// Distilled drinks and liqueurs. Millilitres.
    Spirits(Spirits),
    /// Cigarettes. Pieces.
    Cigarettes,
    /// Heated tobacco. Pieces are sticks.
    HeatedTobacco,
    /// Cigars. Pieces.
    Cigars,
    /// Other tobacco. Grams.
    OtherTobacco,
    /// Perfume. Tenths of a fluid ounce (1 oz is about 28 ml).
    Perfume,
    /// Wrist watches, which bear consumption tax only. Pieces.
    Watch,
    /// Anything else. Pieces.
    Other,
}

/// Sorts of spirits that bear different rates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Spirits {
    /// Whisky and brandy.
    WhiskyOrBrandy,
    /// Rum, gin and vodka.
    RumGinOrVodka,
    /// Liqueur.
    Liqueur,
    /// Shochu and other distilled drinks.
    OtherDistilled,
}

/// What a line's quantity counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unit {
    /// Millilitres.
    Millilitres,
    /// Pieces.
    Pieces,
    /// Grams.
    Grams,
    /// Tenths of a fluid ounce.
    TenthsOfOunce,
}

impl GoodsKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Other,
        Self::WineOrBeer,
        Self::Spirits(Spirits::WhiskyOrBrandy),
        Self::Spirits(Spirits::RumGinOrVodka),
        Self::Spirits(Spirits::Liqueur),
        Self::Spirits(Spirits::OtherDistilled),
        Self::Cigarettes,
        Self::HeatedTobacco,
        Self::Cigars,
        Self::OtherTobacco,
        Self::Perfume,
        Self::Watch,
    ];

    /// What the quantity of such a line counts.
    pub const fn unit(self) -> Unit {
        match self {
            Self::WineOrBeer | Self::Spirits(_) => Unit::Millilitres,
            Self::Cigarettes | Self::HeatedTobacco | Self::Cigars | Self::Watch | Self::Other => {
                Unit::Pieces
            }
            Self::OtherTobacco => Unit::Grams,
            Self::Perfume => Unit::TenthsOfOunce,
        }
    }

    /// The number that stands for the kind in a declaration code.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::WineOrBeer => 1,
            Self::Spirits(Spirits::WhiskyOrBrandy) => 2,
            Self::Spirits(Spirits::RumGinOrVodka) => 3,
            Self::Spirits(Spirits::Liqueur) => 4,
            Self::Spirits(Spirits::OtherDistilled) => 5,
            Self::Cigarettes => 6,
            Self::HeatedTobacco => 7,
            Self::Cigars => 8,
            Self::OtherTobacco => 9,
            Self::Perfume => 10,
            Self::Watch => 11,
        }
    }

    /// The kind of a number, or `None` for one that means nothing.
    pub(super) fn of_number(number: u64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| u64::from(kind.number()) == number)
    }
}

/// One line of goods. `Debug` tells only the kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GoodsLine {
    /// What it is.
    pub kind: GoodsKind,
    /// How much the whole line is, in the kind's [`unit`](GoodsKind::unit): three bottles of 750 ml are 2250.
    pub quantity: u32,
    /// Into how many bottles, packs or boxes the quantity is divided, at least 1; 1 for goods that are counted in pieces.
    pub packages: u16,
    /// Overseas retail price of the whole line, in yen.
    pub value_yen: u32,
    /// As declared: 1 to 40 characters, without control characters.
    pub name: Sensitive<String>,
    /// Whose it is; `None` when the form does not say.
    pub owner: Option<MemberIndex>,
}

impl GoodsLine {
    /// Characters in the longest name.
    pub const LONGEST_NAME: usize = 40;

    /// A line that is one package and nobody's in particular.
    pub fn new(kind: GoodsKind, quantity: u32, value_yen: u32, name: &str) -> Self {
        Self {
            kind,
            quantity,
            packages: 1,
            value_yen,
            name: Sensitive::new(name.to_owned()),
            owner: None,
        }
    }

    pub(super) fn is_sound(&self, travellers: usize) -> bool {
        let name = self.name.expose();
        let named = (1..=Self::LONGEST_NAME).contains(&name.chars().count())
            && !name.chars().any(char::is_control);
        let owned = self.owner.is_none_or(|owner| owner.position() < travellers);
        named && owned && self.quantity > 0 && self.packages > 0
    }
}

impl fmt::Debug for GoodsLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoodsLine")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back_from_their_numbers() {
        for (at, kind) in GoodsKind::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(kind.number()), at);
            assert_eq!(GoodsKind::of_number(u64::from(kind.number())), Some(kind));
        }
        assert_eq!(GoodsKind::of_number(12), None);
    }
}
