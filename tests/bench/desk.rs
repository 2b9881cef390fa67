//! A whole lane in this process, whose cameras cost nothing: their frames were drawn before, and come thirty a second.
//! Everything else is as on the lane on a desk: a real office, a real journal, a pretend gate behind a pseudo-terminal.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use camera::{CameraError, Capture, Frame, Source};
use dock::controller::{Controller, Hands, Travel};
use dock::papers::{Papers, lane_name};
use evidence::UtcOffset;
use gate::{Link, Parity, RegisterMap, SerialPort};
use image::RgbImage;
use journal::{Journal, Stamp};
use journey::{Effect, Event, Service};
use officers::Desk as Panel;
use pictures::{Burst, Conditions, Scene};
use risk::Assessor;
use runtime::{Ended, Eyes, Lenses, Nobody, Parts, Timings};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use ui::Intent;

/// What the lane's cameras are asked for.
const SIZE: (u32, u32) = (1280, 720);
/// From one frame to the next.
const PACE: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// Frames before the first is shown again. A hand is never quite still, so no two are the same.
const LENGTH: usize = 12;
const PATIENCE: Duration = Duration::from_secs(30);

/// Frames of one scene.
#[derive(Clone)]
pub(crate) struct Film(Arc<[RgbImage]>);

impl Film {
    pub(crate) fn of(scene: &Scene, conditions: Conditions) -> Result<Self> {
        let burst = Burst::new(scene, SIZE, conditions).take(LENGTH);
        Ok(Self(burst.collect::<Result<_, _>>()?))
    }
}

/// A camera that plays films.
#[derive(Clone)]
struct Projector {
    film: Arc<Mutex<Film>>,
    next: usize,
    due: Instant,
}

impl Projector {
    fn new(film: Film) -> Self {
        Self {
            film: Arc::new(Mutex::new(film)),
            next: 0,
            due: Instant::now(),
        }
    }
}

impl Source for Projector {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        self.due = (self.due + PACE).max(Instant::now());
        let film = self
            .film
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.next = (self.next + 1) % film.0.len().max(1);
        let picture = film.0.get(self.next).cloned();
        picture.map(Frame::from_rgb).ok_or(CameraError::Stalled {
            name: self.describe(),
            after: PACE,
        })
    }

    fn describe(&self) -> String {
        "a film".to_owned()
    }
}

/// One step of the lane, as far as a stopwatch is concerned.
pub(crate) struct Beat {
    /// When it had been performed.
    pub(crate) at: Instant,
    pub(crate) event: Heard,
    /// It asked for a verdict.
    pub(crate) asked: bool,
    /// It told the gate to open.
    pub(crate) told_to_open: bool,
    /// The lane serves and nobody is in it.
    pub(crate) ready: bool,
}

/// What the lane heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Document,
    Code,
    Opened,
    GateOpen,
    Else,
}

/// The lane.
pub(crate) struct Desk {
    pub(crate) papers: Papers,
    pub(crate) hands: Hands,
    documents: Projector,
    faces: Projector,
    beats: UnboundedReceiver<Beat>,
    intents: UnboundedSender<Intent>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<Ended, runtime::Threads>>,
    office: office::Running,
    _gate: Controller,
}

impl Desk {
    pub(crate) async fn start(folder: &Path, hall: Film, travel: Travel) -> Result<Self> {
        vision::qr::hush_isolated_panics();
        let papers = Papers::lay_out(folder, dock::rig::now())?;
        let office = papers.open_office(([127, 0, 0, 1], 0).into()).await?;
        let gate = Controller::start(RegisterMap::controller()?, travel)?;
        let line = SerialPort {
            path: gate.path().display().to_string(),
            baud: 115_200,
            parity: Parity::Even,
        };
        let (documents, faces) = (Projector::new(hall.clone()), Projector::new(hall));
        let (journal, recovery) = Journal::open(
            &folder.join("journal.sqlite"),
            papers.digest_key()?,
            Stamp::new(papers.now.unix_seconds() * 1000),
        )?;
        let (policy, lists) = papers.judgement()?;
        let client = papers.client(office.addr(), risk::DEADLINE)?;
        let (told, beats) = unbounded_channel();
        let (intents, touched) = unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let parts = Parts {
            rules: dock::rig::rules()?,
            timings: Timings::default(),
            journal,
            recovery,
            assessor: Assessor::new(lane_name()?, policy, lists).with_office(client),
            post: None,
            retention: None,
            desk: Panel::new(papers.roster()?),
            issuers: papers.issuers()?,
            gate: Link::spawn(line, RegisterMap::controller()?, gate::Timings::default()),
            eyes: Eyes::load(&dock::rig::models())?,
            lenses: Lenses {
                documents: Capture::start(documents.clone())?,
                faces: Capture::start(faces.clone())?,
            },
            surface: Nobody,
            intents: touched,
            offset: UtcOffset::UTC,
            watcher: Box::new(move |moment| {
                // Nobody measures any more when the lane is stopping.
                let _ = told.send(beat(moment));
            }),
            alive: Box::new(|| {}),
        };
        Ok(Self {
            papers,
            hands: gate.hands(),
            documents,
            faces,
            beats,
            intents,
            stop,
            task: tokio::spawn(runtime::run(parts, stopped)),
            office,
            _gate: gate,
        })
    }

    pub(crate) fn before_documents(&self, film: &Film) {
        put(&self.documents, film);
    }

    pub(crate) fn before_faces(&self, film: &Film) {
        put(&self.faces, film);
    }

    pub(crate) fn touch(&self, intent: Intent) -> Result<()> {
        self.intents.send(intent).ok().context("the lane ended")
    }

    /// Waits for a step.
    pub(crate) async fn until(&mut self, what: &str, test: impl Fn(&Beat) -> bool) -> Result<Beat> {
        let found = async {
            loop {
                let beat = self.beats.recv().await?;
                if test(&beat) {
                    return Some(beat);
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found
            .with_context(|| format!("never came: {what}"))?
            .with_context(|| format!("the lane ended before: {what}"))
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.stop.send_replace(true);
        self.task.await.context("the lane's loop broke off")??;
        Ok(self.office.stop().await?)
    }
}

fn put(projector: &Projector, film: &Film) {
    *projector
        .film
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = film.clone();
}

fn beat(moment: &runtime::Moment<'_>) -> Beat {
    let event = match moment.event {
        Event::DocumentRead { .. } => Heard::Document,
        Event::DeclarationRead(_) => Heard::Code,
        Event::DeclarationOpened { .. } => Heard::Opened,
        Event::GateOpened => Heard::GateOpen,
        _ => Heard::Else,
    };
    let does = |test: fn(&Effect) -> bool| moment.effects.iter().any(test);
    Beat {
        at: Instant::now(),
        event,
        asked: does(|effect| matches!(effect, Effect::AskRisk(_))),
        told_to_open: does(|effect| matches!(effect, Effect::OpenGate(_))),
        ready: moment.lane.service == Service::InService && moment.lane.journey.is_none(),
    }
}
