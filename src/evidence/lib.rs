//! What a traveller presents, parsed and verified once: declaration, travel document, likeness, verdict.
//! There is no clock here, no random source, no float and no I/O: keys, nonces and dates arrive as arguments.

pub mod declaration;
pub mod document;
pub mod ground;
pub mod ids;
pub mod likeness;
pub mod moment;
pub mod mrz;
pub mod question;
pub mod sensitive;
pub mod state;
mod states;
pub mod verdict;

pub use declaration::{
    Airport, Answer, Answers, CodeId, CodeRefusal, Content, Declaration, Envelope, Flight,
    GoodsKind, GoodsLine, Issuers, KeyId, Member, OpenRefusal, Sealed, Spirits, Unit, Verified,
};
pub use document::{
    BirthDate, DocumentCode, DocumentKind, DocumentNumber, Name, Sex, TravelDocument,
};
pub use ground::{Certainty, Commitment, Fact, Feature, Ground, Measure, RuleId, Told};
pub use ids::{JourneyId, MemberIndex, QuestionId};
pub use likeness::{Likeness, Presentation, Quality};
pub use moment::Moment;
pub use mrz::MrzFormat;
pub use question::Question;
pub use sensitive::Sensitive;
pub use state::StateCode;
pub use time::{Date, UtcOffset};
pub use verdict::{Allowance, Decider, Decision, Reason, Verdict, Version};
