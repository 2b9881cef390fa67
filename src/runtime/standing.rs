//! How the lane stands with its office: what is told at the panel, what the office is told, and what comes late.

use std::sync::Arc;
use std::time::Duration;

use journal::Stamp;
use journey::{Device, Record, Service, Troubles};
use risk::line::LaneHealth;
use risk::{Assessor, Client, Late, LineState};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, interval};
use ui::{OfficeLine, Standing};

use crate::{
    Surface,
    conduct::{Answer, Conductor, unix_milliseconds},
    courier::{self, Arrived, Post},
};

/// Late answers that wait for the journal. More at once would mean that the office answers everything late.
const MOST_LATE: usize = 64;

/// How the lane is, as the office is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) service: Service,
    pub(crate) troubles: Troubles,
    pub(crate) gate: &'static str,
}

/// The lane's side of everything that passes between it and its office besides questions.
pub(crate) struct Correspondence {
    /// Told of every commit.
    pub(crate) written: Arc<Notify>,
    /// Records that the office has still to get.
    waiting: watch::Receiver<u64>,
    condition: watch::Sender<Option<Condition>>,
}

impl Correspondence {
    /// Puts the courier and the reports to work; they end with the runtime. Gives also the assessor that tells of late
    /// answers, and where they are heard.
    pub(crate) fn begin(
        assessor: Assessor,
        post: Option<Post>,
        health_every: Duration,
        answers: &mpsc::UnboundedSender<Answer>,
    ) -> (Self, Assessor, mpsc::Receiver<Late>) {
        let (late_in, late) = mpsc::channel(MOST_LATE);
        let assessor = assessor.with_late(late_in);
        let written = Arc::new(Notify::new());
        let (waiting_in, waiting) = watch::channel(0);
        let (condition, conditions) = watch::channel(None);
        if let Some(post) = post {
            let (written, answers) = (Arc::clone(&written), answers.clone());
            let arrived = move |arrived: Arrived| answers.send(Answer::Delivered(arrived)).is_ok();
            tokio::spawn(courier::carry(post, written, waiting_in, arrived));
        }
        if let Some(client) = assessor.office().cloned() {
            tokio::spawn({
                let client = client.clone();
                async move { client.keep_line().await }
            });
            tokio::spawn(report(
                client,
                assessor.clone(),
                conditions,
                waiting.clone(),
                health_every,
            ));
        }
        let correspondence = Self {
            written,
            waiting,
            condition,
        };
        (correspondence, assessor, late)
    }
}

impl<S: Surface> Conductor<S> {
    /// What the lane stands on, for the panel.
    pub(crate) fn standing(&self) -> Standing {
        let edition = self.assessor.edition();
        let today = crate::conduct::now().date_at(self.offset);
        Standing {
            lists: edition.lists.version().clone(),
            issued: edition.lists.issued(),
            too_old: risk::engine::lists_are_too_old(&edition.policy, &edition.lists, today),
            office: match self.assessor.office() {
                None => OfficeLine::None,
                Some(client) if client.status().borrow().state == LineState::Closed => {
                    OfficeLine::Reached
                }
                Some(_) => OfficeLine::NotReached,
            },
            waiting: *self.correspondence.waiting.borrow(),
        }
    }

    /// Lets the office be told how the lane is.
    pub(crate) fn tell_condition(&self) {
        let now = Some(Condition {
            service: self.lane.service,
            troubles: self.lane.troubles,
            gate: self.reports.word(),
        });
        self.correspondence
            .condition
            .send_if_modified(|known| std::mem::replace(known, now) != now);
    }

    /// The office has these records on its disk.
    pub(crate) fn arrived(&mut self, arrived: Arrived) {
        match tokio::task::block_in_place(|| self.journal.acknowledge(arrived.seq)) {
            // The courier goes on by itself where nobody listens any more.
            Ok(()) => drop(arrived.noted.send(())),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                seq = arrived.seq,
                "the delivery cannot be noted"
            ),
        }
    }

    /// The office answers when the lane has decided. It is recorded and changes nothing.
    pub(crate) fn answered_late(&mut self, late: Late) {
        let record = Record::AnsweredLate {
            question: late.question,
            office: late.office,
            agrees: late.agrees,
        };
        let stamp = Stamp::new(unix_milliseconds());
        match tokio::task::block_in_place(|| self.journal.commit(&[record], stamp)) {
            Ok(()) => self.correspondence.written.notify_one(),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                question = %late.question,
                "a late answer is not on record"
            ),
        }
    }

    /// Erases what is personal and whose time is over, when nobody is in the lane to wait for it.
    pub(crate) fn retain(&mut self) {
        let Some(retention) = self.retention else {
            return;
        };
        if self.lane.journey.is_some() || self.lane.troubles.has(Device::Journal) {
            return;
        }
        let stamp = Stamp::new(unix_milliseconds());
        match tokio::task::block_in_place(|| self.journal.retain(stamp, retention)) {
            Ok(erasure) if erasure.fields > 0 => {
                tracing::info!(fields = erasure.fields, "personal fields erased, on record");
                self.correspondence.written.notify_one();
                if erasure.more {
                    self.retain_at = Instant::now();
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what is personal cannot be erased"
            ),
        }
    }
}

/// Tells the office how the lane is, again and again and at every change.
async fn report(
    client: Client,
    assessor: Assessor,
    mut conditions: watch::Receiver<Option<Condition>>,
    waiting: watch::Receiver<u64>,
    every: Duration,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            changed = conditions.changed() => if changed.is_err() { return },
        }
        let Some(condition) = *conditions.borrow_and_update() else {
            continue;
        };
        let health = {
            let edition = assessor.edition();
            LaneHealth {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                policy: edition.policy.version().to_string(),
                lists: edition.lists.version().to_string(),
                lists_issued: edition.lists.issued().to_string(),
                outbox: *waiting.borrow(),
                service: service(condition.service).to_owned(),
                gate: condition.gate.to_owned(),
                troubles: condition
                    .troubles
                    .iter()
                    .map(device)
                    .map(str::to_owned)
                    .collect(),
            }
        };
        if let Err(error) = client.report_health(&health).await {
            tracing::debug!(%error, "the office does not hear how the lane is");
        }
    }
}

const fn service(service: Service) -> &'static str {
    match service {
        Service::InService => "in-service",
        Service::Draining => "draining",
        Service::Evacuating => "evacuating",
        Service::OutOfService => "out-of-service",
    }
}

const fn device(device: Device) -> &'static str {
    match device {
        Device::Gate => "gate",
        Device::DocumentCamera => "document-camera",
        Device::FaceCamera => "face-camera",
        Device::Journal => "journal",
    }
}
