//! The officer's session at the panel.

use std::sync::{Arc, Mutex, PoisonError};

use evidence::{Moment, QuestionId};
use journey::{Alarm, Decision, DecisionReason, Event, Lane, Stage};
use officers::{Action, Desk, Officer, Pin, Refusal};
use tokio::time::Instant;
use ui::{Panel, PanelNotice, SignInRefusal, Standing};

pub(crate) struct Session {
    desk: Arc<Mutex<Desk>>,
    officer: Option<Officer>,
    touched: Instant,
    shown: Panel,
    alarms: Vec<Alarm>,
}

impl Session {
    pub(crate) fn new(desk: Desk) -> Self {
        Self {
            desk: Arc::new(Mutex::new(desk)),
            officer: None,
            touched: Instant::now(),
            shown: Panel::Closed,
            alarms: Vec::new(),
        }
    }

    pub(crate) fn shown(&self) -> &Panel {
        &self.shown
    }

    pub(crate) fn touched(&mut self) {
        self.touched = Instant::now();
    }

    /// Since when nobody touched an open panel.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        (self.shown != Panel::Closed).then_some(self.touched)
    }

    pub(crate) fn ask(&mut self) {
        if self.officer.is_none() {
            self.shown = Panel::SignIn { refused: None };
        }
    }

    /// The check of a PIN, which takes some 40 ms of computing, to be run where it keeps nobody waiting.
    pub(crate) fn sign_in(
        &self,
        badge: String,
        pin: Pin,
        now: Moment,
    ) -> impl FnOnce() -> Result<Officer, Refusal> + Send + 'static {
        let desk = Arc::clone(&self.desk);
        move || {
            desk.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .sign_in(&badge, &pin, now)
        }
    }

    pub(crate) fn signed_in(&mut self, outcome: Result<Officer, Refusal>, standing: Standing) {
        // Somebody may have left the panel while the PIN was checked.
        if !matches!(self.shown, Panel::SignIn { .. }) {
            return;
        }
        match outcome {
            Ok(officer) => {
                tracing::info!(badge = officer.id.as_str(), "officer signed in");
                self.shown = Panel::Open {
                    officer: officer.name.clone(),
                    notice: None,
                    alarms: self.alarms.clone(),
                    standing,
                };
                self.officer = Some(officer);
            }
            Err(refusal) => self.refuse(match refusal {
                Refusal::NotRecognised { .. } => SignInRefusal::NotAccepted,
                Refusal::LockedOut { .. } => SignInRefusal::LockedOut,
            }),
        }
    }

    pub(crate) fn refuse(&mut self, refused: SignInRefusal) {
        self.shown = Panel::SignIn {
            refused: Some(refused),
        };
    }

    pub(crate) fn leave(&mut self) {
        if let Some(officer) = self.officer.take() {
            tracing::info!(badge = officer.id.as_str(), "officer signed out");
        }
        self.shown = Panel::Closed;
    }

    /// The gate noticed something. It stands on the panel until an officer has seen it, whoever signs in meanwhile.
    pub(crate) fn alarm(&mut self, alarm: Alarm) {
        if !self.alarms.contains(&alarm) {
            self.alarms.push(alarm);
        }
        self.alarms_changed();
    }

    /// The signed-in officer has seen the alarms; false when nobody is signed in.
    pub(crate) fn saw_alarms(&mut self) -> bool {
        let Some(officer) = &self.officer else {
            return false;
        };
        tracing::info!(badge = officer.id.as_str(), alarms = ?self.alarms, "alarms seen");
        self.alarms.clear();
        self.alarms_changed();
        true
    }

    /// What the lane stands on, for whoever is signed in.
    pub(crate) fn stand(&mut self, now: Standing) {
        if let Panel::Open { standing, .. } = &mut self.shown {
            *standing = now;
        }
    }

    /// Whether a signed-in officer reads something else.
    pub(crate) fn stood_otherwise(&self, now: &Standing) -> bool {
        matches!(&self.shown, Panel::Open { standing, .. } if standing != now)
    }

    fn alarms_changed(&mut self) {
        if let Panel::Open { alarms, .. } = &mut self.shown {
            alarms.clone_from(&self.alarms);
        }
    }

    pub(crate) fn notice(&mut self, what: Option<PanelNotice>) {
        if let Panel::Open { notice, .. } = &mut self.shown {
            *notice = what;
        }
    }

    /// The officer's decision as the lane hears it, if they may decide so and it is not too late.
    pub(crate) fn decide(
        &mut self,
        lane: &Lane,
        referral: QuestionId,
        decision: Decision,
        reason: DecisionReason,
    ) -> Option<Event> {
        let officer = self.permitted(Action::Decide(decision))?;
        let open = matches!(lane.stage(), Some(Stage::Referred { referral: asked, .. }) if asked.id == referral);
        if !open {
            self.notice(Some(PanelNotice::TooLate));
            return None;
        }
        Some(Event::OfficerDecided {
            referral,
            officer,
            decision,
            reason,
        })
    }

    /// The officer's order as the lane hears it, if they may give it.
    pub(crate) fn order(&mut self, open: bool) -> Option<Event> {
        let officer = self.permitted(Action::OrderService)?;
        Some(if open {
            Event::ResumeOrdered { officer }
        } else {
            Event::DrainOrdered {
                officer: Some(officer),
            }
        })
    }

    fn permitted(&mut self, action: Action) -> Option<journey::OfficerId> {
        let officer = self.officer.as_ref()?;
        if officer.may(action) {
            let id = officer.id.clone();
            self.notice(None);
            return Some(id);
        }
        self.notice(Some(PanelNotice::NotPermitted));
        None
    }
}
