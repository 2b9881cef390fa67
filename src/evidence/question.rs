//! What the lane asks about a party once all evidence is gathered.

use time::Date;

use crate::declaration::{Declaration, Verified};
use crate::document::TravelDocument;
use crate::ids::QuestionId;

/// One numbered question: may this party pass?
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    /// Its number; the verdict must name it.
    pub id: QuestionId,
    /// The date at the lane, which picks dated rates and allowances and settles ages.
    pub on: Date,
    /// The party's declaration.
    pub declaration: Declaration<Verified>,
    /// The members' travel documents, by member index.
    pub documents: Vec<TravelDocument>,
}
