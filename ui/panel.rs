use std::fmt;

use evidence::{
    Date, Ground, QuestionId, Sensitive, Version,
    declaration::{Declaration, Verified},
    verdict::Reason,
};
use journey::{Alarm, Cause, Service, Troubles};

use crate::Dossier;

/// The officer's panel as the runtime keeps it.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Panel {
    /// Travellers have the screen.
    #[default]
    Closed,
    /// Somebody signs in.
    SignIn {
        /// Why the last try was refused.
        refused: Option<SignInRefusal>,
    },
    /// An officer is signed in.
    Open {
        /// The officer's name, or badge number where names are not shown.
        officer: String,
        /// Why the last order was not carried out.
        notice: Option<PanelNotice>,
        /// What the gate noticed and no officer has seen yet, in the order in which it was.
        alarms: Vec<Alarm>,
        /// What the lane stands on.
        standing: Standing,
    },
}

/// What the lane stands on: what it judges by when it judges alone, and how it stands with its office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The edition of the lists.
    pub lists: Version,
    /// Their day of issue.
    pub issued: Date,
    /// Whether lists of that day no longer clear anybody.
    pub too_old: bool,
    /// The line to the office.
    pub office: OfficeLine,
    /// Records that the office has still to get.
    pub waiting: u64,
}

/// The line to the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeLine {
    /// The lane has none and decides alone.
    None,
    /// The office answers.
    Reached,
    /// It does not, and the lane decides alone until it does.
    NotReached,
}

/// The officer's name is hidden.
impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("Closed"),
            Self::SignIn { refused } => f.debug_struct("SignIn").field("refused", refused).finish(),
            Self::Open { notice, alarms, .. } => f
                .debug_struct("Open")
                .field("notice", notice)
                .field("alarms", alarms)
                .finish_non_exhaustive(),
        }
    }
}

/// Why nobody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Badge and PIN do not go together; which of them is wrong is not said.
    NotAccepted,
    /// Too many wrong PINs.
    LockedOut,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelNotice {
    /// The officer's role does not permit it.
    NotPermitted,
    /// The referral has been decided already.
    TooLate,
    /// It could not be recorded, so it was not done.
    NotRecorded,
}

/// What an officer sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelView {
    /// The signed-in officer.
    pub officer: Sensitive<String>,
    /// Why the last order was not carried out.
    pub notice: Option<PanelNotice>,
    /// What the gate noticed and no officer has seen yet.
    pub alarms: Vec<Alarm>,
    /// What the lane stands on.
    pub standing: Standing,
    /// Whether the lane takes travellers.
    pub service: Service,
    /// What does not work.
    pub troubles: Troubles,
    /// The party that waits for a decision.
    pub referral: Option<ReferralView>,
}

/// A party that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralView {
    /// The question to the officer.
    pub id: QuestionId,
    /// Why.
    pub causes: Vec<Cause>,
    /// The verdict's reasons.
    pub reasons: Vec<Reason>,
    /// The rules that spoke, each with what it saw.
    pub grounds: Vec<Ground>,
    /// The members whose documents were read.
    pub dossiers: Vec<Dossier>,
    /// The declaration, if it was opened.
    pub declaration: Option<Declaration<Verified>>,
}
