//! The personal part of a declaration: who arrives, by what flight, with what answers and goods.

use std::fmt;

use thiserror::Error;
use time::Date;

use super::{Airport, Answers, Flight, GoodsLine};
use crate::document::{BirthDate, DocumentNumber, Name, TravelDocument};
use crate::sensitive::Sensitive;
use crate::state::StateCode;

/// Everything that a declaration says, as form C-5360 asks. `Debug` tells only how many travellers and goods lines there are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Content {
    /// The flight that the party arrives by.
    pub flight: Flight,
    /// The date of arrival.
    pub arrival: Date,
    /// The airport where the flight departed.
    pub departure: Airport,
    /// The travellers, 1 to 10, no document twice; the first is the declarant.
    pub party: Vec<Member>,
    /// The answers of side A.
    pub answers: Answers,
    /// The lines of side B, at most 20.
    pub goods: Vec<GoodsLine>,
}

impl Content {
    /// Travellers in the largest party.
    pub const LARGEST_PARTY: usize = 10;
    /// Lines in the longest list of goods.
    pub const MOST_GOODS: usize = 20;

    /// Whether this can be a declaration.
    ///
    /// # Errors
    /// [`ContentError`] names the first rule that is broken.
    pub fn check(&self) -> Result<(), ContentError> {
        if !(1..=Self::LARGEST_PARTY).contains(&self.party.len()) {
            return Err(ContentError::Party);
        }
        let twice = |at: usize| {
            self.party[..at]
                .iter()
                .any(|other| other.number == self.party[at].number)
        };
        if (0..self.party.len()).any(twice) {
            return Err(ContentError::SameDocumentTwice);
        }
        if self.goods.len() > Self::MOST_GOODS
            || !self
                .goods
                .iter()
                .all(|line| line.is_sound(self.party.len()))
        {
            return Err(ContentError::Goods);
        }
        Ok(())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("travellers", &self.party.len())
            .field("goods", &self.goods.len())
            .finish_non_exhaustive()
    }
}

/// Why a content is not that of a declaration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum ContentError {
    /// Nobody, or more than ten travellers.
    #[error("a party has 1 to 10 travellers")]
    Party,
    /// Two members with one document number.
    #[error("two travellers of the party have the same document number")]
    SameDocumentTwice,
    /// Too many goods lines, or one without name or quantity, or owned by nobody of the party.
    #[error(
        "there are at most 20 goods lines, each with a name of 1 to 40 characters, a quantity, and an owner of the party if any"
    )]
    Goods,
}

/// A traveller whom a declaration names. `Debug` tells nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// The name as in the travel document's MRZ.
    pub name: Sensitive<Name>,
    /// The travel document's number.
    pub number: Sensitive<DocumentNumber>,
    /// The birth date as in the travel document.
    pub birth: Sensitive<BirthDate>,
    /// The travel document's date of expiry.
    pub expiry: Date,
    /// The nationality.
    pub nationality: StateCode,
}

impl Member {
    /// The member who holds this document.
    pub fn from_document(document: &TravelDocument) -> Self {
        Self {
            name: document.name.clone(),
            number: document.number.clone(),
            birth: document.birth.clone(),
            expiry: document.expiry,
            nationality: document.nationality,
        }
    }

    /// Whether the document is this member's: number, birth date and expiry date agree. Names are not compared, because an MRZ
    /// may cut them short.
    pub fn holds(&self, document: &TravelDocument) -> bool {
        self.number == document.number
            && self.birth == document.birth
            && self.expiry == document.expiry
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}
