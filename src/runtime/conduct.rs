//! The loop itself.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use evidence::{
    MemberIndex, Moment as Now, QuestionId, UtcOffset, Verdict,
    declaration::{self, Declaration, Issuers, OpenRefusal, Verified},
    mrz,
};
use gate::{Command, News};
use journal::{Journal, Retention};
use journey::{Deadline, Device, Effect, Event, Lane, Stage};
use officers::{Officer, Pin, Refusal};
use risk::Assessor;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use ui::{Intent, PanelNotice, SignInRefusal};
use zeroize::Zeroizing;

use crate::{
    Ended, Moment, Parts, Stop, Surface, Threads, Timings, Watcher,
    album::{Album, Portrait},
    courier::Arrived,
    eyes::{Sight, Watch},
    gatekeeper::{Commands, Reports},
    panel::Session,
    standing::Correspondence,
};

pub(crate) enum Answer {
    Opened {
        to: QuestionId,
        outcome: Box<Result<Declaration<Verified>, OpenRefusal>>,
    },
    Verdict {
        to: QuestionId,
        verdict: Verdict,
    },
    SignedIn(Result<Officer, Refusal>),
    Obeyed(Command),
    Delivered(Arrived),
}

/// Runs the lane until `stop` says so. It wants a tokio runtime with more than one thread: a commit blocks its own.
///
/// # Errors
/// [`Threads`] when the system has no thread left.
pub async fn run<S: Surface>(parts: Parts<S>, mut stop: Stop) -> Result<Ended, Threads> {
    let (sights_in, mut sights) = unbounded_channel();
    let (answers_in, mut answers) = unbounded_channel();
    let live = parts.surface.clone();
    let eyes = Watch::start(parts.eyes, parts.lenses, sights_in, move |picture| {
        live.live(picture)
    })
    .map_err(Threads::Eyes)?;
    let (link, mut news) = parts.gate;
    let mut intents = parts.intents;
    let (correspondence, assessor, mut late) = Correspondence::begin(
        parts.assessor,
        parts.post,
        parts.timings.health,
        &answers_in,
    );
    let mut conductor = Conductor {
        lane: Lane::start(parts.rules, parts.recovery.next, parts.recovery.unfinished),
        timings: parts.timings,
        journal: parts.journal,
        assessor,
        correspondence,
        retention: parts.retention,
        retain_at: Instant::now(),
        issuers: parts.issuers,
        offset: parts.offset,
        watcher: parts.watcher,
        surface: parts.surface,
        gate: Commands::start(link, {
            let answers = answers_in.clone();
            move |command| {
                // The loop may have ended meanwhile.
                let _ = answers.send(Answer::Obeyed(command));
            }
        }),
        reports: Reports::default(),
        eyes,
        album: Album::default(),
        panel: Session::new(parts.desk),
        cameras: [(Device::DocumentCamera, false), (Device::FaceCamera, false)],
        armed: None,
        retry_at: None,
        sounding_until: None,
        answers: answers_in,
        began: Instant::now(),
    };
    let mut alive = parts.alive;
    let mut stopping: Option<Instant> = None;
    conductor.draw();
    loop {
        alive();
        if let Some(since) = stopping
            && let Some(ended) = conductor.may_end(since)
        {
            conductor.gate.give(Command::Lamp(gate::Lamp::Off));
            return Ok(ended);
        }
        let wake = conductor.wake_at();
        tokio::select! {
            biased;
            Some(news) = news.recv() => conductor.gate_said(&news),
            Some(answer) = answers.recv() => conductor.answered(answer),
            Some(intent) = intents.recv() => conductor.wanted(intent),
            Some(sight) = sights.recv() => conductor.saw(sight),
            Some(late) = late.recv() => conductor.answered_late(late),
            changed = stop.changed(), if stopping.is_none() => {
                if changed.is_err() || *stop.borrow() {
                    stopping = Some(Instant::now());
                    conductor.happened(Event::DrainOrdered { officer: None });
                }
            }
            () = sleep_until(wake) => conductor.woke(),
        }
    }
}

pub(crate) struct Conductor<S> {
    pub(crate) lane: Lane,
    pub(crate) timings: Timings,
    pub(crate) journal: Journal,
    pub(crate) assessor: Assessor,
    pub(crate) correspondence: Correspondence,
    pub(crate) retention: Option<Retention>,
    pub(crate) retain_at: Instant,
    pub(crate) issuers: Issuers,
    pub(crate) offset: UtcOffset,
    pub(crate) watcher: Watcher,
    pub(crate) surface: S,
    pub(crate) gate: Commands,
    pub(crate) reports: Reports,
    pub(crate) eyes: Watch,
    pub(crate) album: Album,
    pub(crate) panel: Session,
    /// The cameras and whether each works.
    pub(crate) cameras: [(Device, bool); 2],
    pub(crate) armed: Option<Armed>,
    pub(crate) retry_at: Option<Instant>,
    /// When the gate's sounder falls silent by itself.
    pub(crate) sounding_until: Option<Instant>,
    pub(crate) answers: UnboundedSender<Answer>,
    pub(crate) began: Instant,
}

pub(crate) struct Armed {
    pub(crate) deadline: Deadline,
    pub(crate) near: Option<Instant>,
    pub(crate) at: Instant,
}

impl<S: Surface> Conductor<S> {
    /// One step, and all that it makes necessary.
    fn happened(&mut self, event: Event) {
        let mut waiting = VecDeque::from([event]);
        while let Some(event) = waiting.pop_front() {
            let (next, effects) = self.lane.step(event.clone());
            let at_once = matches!(effects.first(), Some(Effect::Evacuate));
            if at_once {
                self.evacuate();
            }
            let committed = self.commit(&effects);
            if let Err(()) = committed
                && !at_once
            {
                self.retry_at = Some(Instant::now() + self.timings.journal_retry);
                waiting.push_back(Event::RecordFailed);
                continue;
            }
            self.lane = next;
            if committed.is_err() {
                self.retry_at = Some(Instant::now() + self.timings.journal_retry);
                waiting.push_back(Event::RecordFailed);
            }
            for effect in &effects {
                self.perform(effect);
            }
            self.draw();
            (self.watcher)(&Moment {
                at: self.began.elapsed(),
                event: &event,
                effects: &effects,
                lane: &self.lane,
                committed_in: committed.ok().flatten(),
            });
        }
    }

    fn draw(&mut self) {
        self.tell_condition();
        let standing = self.standing();
        self.panel.stand(standing);
        self.surface
            .screen(ui::screen(&self.lane, self.panel.shown()));
    }

    fn gate_said(&mut self, news: &News) {
        if let News::Lost(error) = news {
            tracing::warn!(
                error = error.as_ref() as &dyn std::error::Error,
                "the gate does not answer"
            );
        }
        for event in self.reports.events(news) {
            self.happened(event);
        }
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Opened { to, outcome } => self.happened(Event::DeclarationOpened {
                to,
                outcome: *outcome,
            }),
            Answer::Verdict { to, verdict } => self.happened(Event::RiskAnswered { to, verdict }),
            Answer::Obeyed(command) => {
                if let Some(event) = self.reports.found_so(command) {
                    self.happened(event);
                }
            }
            Answer::Delivered(what) => self.arrived(what),
            Answer::SignedIn(outcome) => {
                let standing = self.standing();
                self.panel.signed_in(outcome, standing);
                self.surface.evidence(self.album.evidence(&self.lane));
                self.draw();
            }
        }
    }

    fn saw(&mut self, sight: Sight) {
        match sight {
            Sight::Works(device) => {
                self.camera(device, true);
                self.happened(Event::DeviceRecovered(device));
            }
            Sight::Fails(device) => {
                self.camera(device, false);
                self.happened(Event::DeviceFailed(device));
            }
            Sight::Code(text) => self.code(&text),
            Sight::Zone { lines, portrait } => self.zone(&lines, portrait),
            Sight::Unreadable => self.happened(Event::DocumentUnreadable),
            Sight::Face {
                question,
                member,
                outcome,
                picture,
            } => {
                self.face(question, member, picture);
                self.happened(Event::FaceLooked {
                    to: question,
                    outcome,
                });
            }
        }
    }

    fn camera(&mut self, which: Device, now: bool) {
        for (device, works) in &mut self.cameras {
            if *device == which {
                *works = now;
            }
        }
    }

    fn code(&mut self, text: &Zeroizing<String>) {
        match declaration::read(text, &self.issuers, now()) {
            Ok(declaration) => self.happened(Event::DeclarationRead(declaration)),
            Err(refusal) => self.happened(Event::CodeRefused(refusal)),
        }
    }

    fn zone(&mut self, lines: &[Zeroizing<String>], portrait: Option<Portrait>) {
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        let on = now().date_at(self.offset);
        match mrz::parse(&lines, on) {
            Ok(document) => {
                if let Some(portrait) = portrait
                    && !matches!(
                        self.lane.service,
                        journey::Service::OutOfService | journey::Service::Evacuating
                    )
                {
                    self.album.keep_portrait(document.number.clone(), portrait);
                }
                self.happened(Event::DocumentRead { document, on });
            }
            Err(error) => {
                tracing::info!(error = &error as &dyn std::error::Error, "document refused");
                self.happened(Event::DocumentUnreadable);
            }
        }
    }

    /// Keeps the face only if it answers the question that is still asked.
    fn face(&mut self, to: QuestionId, member: MemberIndex, picture: Option<ui::Picture>) {
        let asked =
            matches!(self.lane.stage(), Some(Stage::Facing { question, .. }) if *question == to);
        if let Some(picture) = picture.filter(|_| asked) {
            self.album.keep_face(member, picture);
        }
    }

    fn wanted(&mut self, intent: Intent) {
        self.panel.touched();
        match intent {
            Intent::Touched(touch) => return self.happened(Event::Touched(touch)),
            Intent::OpenPanel => self.panel.ask(),
            Intent::LeavePanel => self.panel.leave(),
            Intent::SawAlarms => {
                if self.panel.saw_alarms() {
                    self.silence();
                }
            }
            Intent::SignIn { badge, pin } => match Pin::parse(pin) {
                Ok(pin) => {
                    let check = self.panel.sign_in(badge, pin, now());
                    let answers = self.answers.clone();
                    tokio::task::spawn_blocking(move || {
                        let _ = answers.send(Answer::SignedIn(check()));
                    });
                }
                Err(_) => self.panel.refuse(SignInRefusal::NotAccepted),
            },
            Intent::Decide {
                referral,
                decision,
                reason,
            } => {
                if let Some(event) = self.panel.decide(&self.lane, referral, decision, reason) {
                    self.ordered(event);
                }
            }
            Intent::OrderService { open } => {
                if let Some(event) = self.panel.order(open) {
                    if open && self.reports.fault() {
                        // Whoever orders the lane back has looked at the gate; the controller decides whether it is mended.
                        self.gate.give(Command::ClearFault);
                    }
                    self.ordered(event);
                }
            }
        }
        self.draw();
    }

    fn ordered(&mut self, event: Event) {
        let decided = matches!(event, Event::OfficerDecided { .. });
        self.happened(event);
        if self.lane.troubles.has(Device::Journal) {
            self.panel.notice(Some(PanelNotice::NotRecorded));
        } else if decided {
            // The travellers need the screen now: it tells them to walk through, or whom to follow.
            self.panel.leave();
        }
    }

    fn wake_at(&self) -> Instant {
        let deadline = self
            .armed
            .as_ref()
            .map(|armed| armed.near.unwrap_or(armed.at).min(armed.at));
        let idle = self
            .panel
            .idle_since()
            .map(|since| since + self.timings.panel_idle);
        let alive = Instant::now() + self.timings.alive;
        [deadline, idle, self.retry_at, self.sounding_until]
            .into_iter()
            .flatten()
            .fold(alive, Instant::min)
    }

    fn woke(&mut self) {
        let now = Instant::now();
        if let Some(armed) = &mut self.armed {
            if now >= armed.at {
                let deadline = armed.deadline;
                self.armed = None;
                self.happened(Event::Expired(deadline));
            } else if armed.near.is_some_and(|near| now >= near) {
                armed.near = None;
                let deadline = armed.deadline;
                self.happened(Event::Nearing(deadline));
            }
        }
        if now >= self.retain_at {
            self.retain_at = now + self.timings.erasing;
            self.retain();
        }
        if self.panel.stood_otherwise(&self.standing()) {
            self.draw();
        }
        if self.sounding_until.is_some_and(|at| now >= at) {
            self.silence();
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.retry_at = None;
            if self.lane.troubles.has(Device::Journal) {
                self.journal_again();
            }
        }
        if self
            .panel
            .idle_since()
            .is_some_and(|since| now >= since + self.timings.panel_idle)
        {
            self.panel.leave();
            self.draw();
        }
    }

    /// Tries the journal again. What was reported while it refused may have been lost with the step that it refused, so
    /// everything is told again as it stands now; the lane ignores what it knows.
    fn journal_again(&mut self) {
        self.happened(Event::DeviceRecovered(Device::Journal));
        if self.lane.troubles.has(Device::Journal) {
            self.retry_at = Some(Instant::now() + self.timings.journal_retry);
            return;
        }
        let cameras = self.cameras.map(|(device, works)| {
            if works {
                Event::DeviceRecovered(device)
            } else {
                Event::DeviceFailed(device)
            }
        });
        for event in self.reports.standing().into_iter().chain(cameras) {
            self.happened(event);
        }
    }

    fn may_end(&self, since: Instant) -> Option<Ended> {
        match self.lane.stage() {
            None => Some(Ended::Empty),
            Some(Stage::Referred { .. }) => Some(Ended::ReferralOpen),
            Some(_) => (since.elapsed() > self.timings.stop).then_some(Ended::Impatient),
        }
    }
}

pub(crate) fn unix_milliseconds() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn now() -> Now {
    Now::new(unix_milliseconds() / 1000)
}
