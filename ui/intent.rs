use std::fmt;

use evidence::QuestionId;
use journey::{Decision, DecisionReason, Touch};

/// What somebody wants who touched the screen.
#[derive(Clone, PartialEq, Eq)]
pub enum Intent {
    /// A traveller's touch, for the lane.
    Touched(Touch),
    /// An officer wants to sign in.
    OpenPanel,
    /// An officer signs in. Whoever takes it overwrites the PIN.
    SignIn {
        /// The badge number as typed.
        badge: String,
        /// The PIN as typed.
        pin: String,
    },
    /// The signed-in officer decides.
    Decide {
        /// The referral that stood on the panel.
        referral: QuestionId,
        /// What.
        decision: Decision,
        /// Why.
        reason: DecisionReason,
    },
    /// The signed-in officer orders the lane out of service or back.
    OrderService {
        /// True for back in service.
        open: bool,
    },
    /// The signed-in officer has seen the gate's alarms.
    SawAlarms,
    /// The officer is done.
    LeavePanel,
}

/// Badge and PIN are hidden.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Touched(touch) => f.debug_tuple("Touched").field(touch).finish(),
            Self::OpenPanel => f.write_str("OpenPanel"),
            Self::SignIn { .. } => f.debug_struct("SignIn").finish_non_exhaustive(),
            Self::Decide {
                referral,
                decision,
                reason,
            } => f
                .debug_struct("Decide")
                .field("referral", referral)
                .field("decision", decision)
                .field("reason", reason)
                .finish(),
            Self::OrderService { open } => {
                f.debug_struct("OrderService").field("open", open).finish()
            }
            Self::SawAlarms => f.write_str("SawAlarms"),
            Self::LeavePanel => f.write_str("LeavePanel"),
        }
    }
}
