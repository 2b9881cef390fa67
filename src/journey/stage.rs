use std::num::NonZeroU8;

use evidence::{
    Date, JourneyId, Likeness, MemberIndex, Quality, QuestionId, TravelDocument,
    declaration::{CodeRefusal, Declaration, Sealed, Verified},
};

use crate::{Cause, Deadline, Ending, FaceHint, Language, Referral};

/// One party under one declaration, on its way through the lane.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Journey {
    /// Its number, never given twice.
    pub id: JourneyId,
    /// The language in which the lane speaks to this party.
    pub language: Language,
    /// True once a traveller chose the language by hand; no document changes it after that.
    pub language_chosen: bool,
    /// Where it stands.
    pub stage: Stage,
    /// What the lane waits for, unless a human owns the stage.
    pub deadline: Option<Deadline>,
    /// True when most of the deadline's time is gone.
    pub nearing: bool,
    /// The last serial number used for a question or a deadline of this journey.
    pub(crate) serial: u32,
}

/// The situations of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Passports and the code are being shown, in any order.
    Gathering(Gathering),
    /// The declaration stands on the screen to be read over.
    Reviewing(Party),
    /// A member of the party looks at the camera.
    Facing {
        /// The party.
        party: Party,
        /// Who looks.
        member: MemberIndex,
        /// The question that a look must answer.
        question: QuestionId,
        /// Pictures that were compared and were not alike.
        misses: u8,
        /// What would help.
        hint: Option<FaceHint>,
    },
    /// The question is with the office or with the lane's own engine.
    AwaitingRisk {
        /// The party.
        party: Party,
        /// The question that the verdict must answer.
        question: QuestionId,
    },
    /// The gate has been told to open.
    Releasing(Passage),
    /// The gate is open.
    Passing(Passage),
    /// The gate has been told to close.
    Closing {
        /// Who went through, and how many.
        passage: Passage,
        /// What the journey ends with once the gate is closed.
        ending: Ending,
    },
    /// An officer owns it.
    Referred {
        /// The question to the officer.
        referral: Referral,
        /// What is known of the party.
        known: Gathering,
        /// The faces that were compared.
        faces: Vec<(MemberIndex, Face)>,
    },
}

/// A stage without what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the stage of the same name")]
pub enum StageName {
    Gathering,
    Reviewing,
    Facing,
    AwaitingRisk,
    Releasing,
    Passing,
    Closing,
    Referred,
}

impl StageName {
    /// The word that the journal keeps.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gathering => "gathering",
            Self::Reviewing => "reviewing",
            Self::Facing => "facing",
            Self::AwaitingRisk => "awaiting_risk",
            Self::Releasing => "releasing",
            Self::Passing => "passing",
            Self::Closing => "closing",
            Self::Referred => "referred",
        }
    }
}

impl Stage {
    /// Its name.
    pub const fn name(&self) -> StageName {
        match self {
            Self::Gathering(_) => StageName::Gathering,
            Self::Reviewing(_) => StageName::Reviewing,
            Self::Facing { .. } => StageName::Facing,
            Self::AwaitingRisk { .. } => StageName::AwaitingRisk,
            Self::Releasing(_) => StageName::Releasing,
            Self::Passing(_) => StageName::Passing,
            Self::Closing { .. } => StageName::Closing,
            Self::Referred { .. } => StageName::Referred,
        }
    }

    /// The party, where everything has been gathered and the stage still needs it.
    pub const fn party(&self) -> Option<&Party> {
        match self {
            Self::Reviewing(party)
            | Self::Facing { party, .. }
            | Self::AwaitingRisk { party, .. } => Some(party),
            Self::Gathering(_)
            | Self::Releasing(_)
            | Self::Passing(_)
            | Self::Closing { .. }
            | Self::Referred { .. } => None,
        }
    }
}

/// What has been shown so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Gathering {
    /// The declaration.
    pub code: Code,
    /// The documents, in the order in which they were shown; at most [`Gathering::MOST_DOCUMENTS`].
    pub documents: Vec<TravelDocument>,
    /// The date on which they were read.
    pub on: Option<Date>,
    /// What would help.
    pub hint: Option<Hint>,
}

/// The declaration, as far as it has been understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Code {
    /// None was shown yet.
    #[default]
    Missing,
    /// Its signature holds; its personal part waits for the declarant's document.
    Sealed {
        /// The declaration.
        declaration: Declaration<Sealed>,
        /// How many of the documents have been tried in vain, from the first on.
        tried: usize,
        /// The try under way.
        opening: Option<QuestionId>,
    },
    /// It is open.
    Opened(Declaration<Verified>),
}

/// What would help a traveller who is showing documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// The code cannot be taken, and why.
    Code(CodeRefusal),
    /// None of the documents shown so far is the declarant's.
    DeclarantsDocument,
    /// The document shown is not one of this declaration's.
    NotInParty,
    /// A visa was shown where the passport's photo page is needed.
    PhotoPage,
    /// The machine-readable lines could not be read without doubt.
    Unreadable,
}

/// A party whose declaration is open and whose documents are all there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Party {
    /// The declaration.
    pub declaration: Declaration<Verified>,
    /// Each member's document, in the order of the declaration.
    pub documents: Vec<TravelDocument>,
    /// The date on which the documents were read.
    pub on: Date,
    /// The faces that were compared.
    pub faces: Vec<(MemberIndex, Face)>,
    /// What an officer will have to look at, whatever the verdict.
    pub causes: Vec<Cause>,
}

/// A face that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Face {
    /// The picture's quality.
    pub quality: Quality,
    /// How much it is like the document's portrait.
    pub likeness: Option<Likeness>,
}

/// A party that may go through the gate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Passage {
    /// How many may pass.
    pub persons: NonZeroU8,
    /// How many have passed.
    pub passed: u8,
    /// True while somebody may stand in the passage: set by each person counted, unset by "passage clear".
    pub occupied: bool,
    /// True once more people than the warrant names, or two at once, are on record for this opening.
    pub tailgated: bool,
    /// Who they are, should an officer have to look after all.
    pub known: Gathering,
    /// Their faces, as they were compared.
    pub faces: Vec<(MemberIndex, Face)>,
}

impl Passage {
    pub(crate) const fn new(
        persons: NonZeroU8,
        known: Gathering,
        faces: Vec<(MemberIndex, Face)>,
    ) -> Self {
        Self {
            persons,
            passed: 0,
            occupied: false,
            tailgated: false,
            known,
            faces,
        }
    }
}

impl Gathering {
    /// Ten members and as many strangers' documents shown by mistake.
    pub const MOST_DOCUMENTS: usize = 20;

    /// How many people to expect: the declaration's party if it is open, else one for each document.
    pub fn persons(&self) -> NonZeroU8 {
        let count = match &self.code {
            Code::Opened(declaration) => declaration.party().len(),
            Code::Missing | Code::Sealed { .. } => self.documents.len(),
        };
        u8::try_from(count)
            .ok()
            .and_then(NonZeroU8::new)
            .unwrap_or(NonZeroU8::MIN)
    }

    /// The document of this member, if it was shown.
    pub fn document_of(&self, member: MemberIndex) -> Option<&TravelDocument> {
        match &self.code {
            Code::Opened(declaration) => self
                .documents
                .iter()
                .find(|document| declaration.member_of(document) == Some(member)),
            Code::Missing | Code::Sealed { .. } => None,
        }
    }

    /// What an officer gets to see of it: nothing is awaited and nothing is suggested any more.
    pub(crate) fn set_aside(mut self) -> Self {
        self.hint = None;
        if let Code::Sealed { opening, .. } = &mut self.code {
            *opening = None;
        }
        self
    }

    /// True when nothing that was shown could be taken.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.code == Code::Missing
    }
}

impl Party {
    /// How many there are.
    pub fn persons(&self) -> NonZeroU8 {
        u8::try_from(self.documents.len())
            .ok()
            .and_then(NonZeroU8::new)
            .unwrap_or(NonZeroU8::MIN)
    }

    /// Gives up the order of the party for what an officer wants to see.
    pub(crate) fn into_known(self) -> (Gathering, Vec<(MemberIndex, Face)>) {
        let known = Gathering {
            code: Code::Opened(self.declaration),
            documents: self.documents,
            on: Some(self.on),
            hint: None,
        };
        (known, self.faces)
    }
}
