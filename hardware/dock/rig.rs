//! One lane on the desk: the real runtime, office and screen; gate, cameras and travellers are pretended at their bytes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use evidence::{Likeness, Moment, UtcOffset};
use gate::{Link, Parity, RegisterMap, SerialPort};
use journal::{Entry, Journal, Reader, Stamp};
use journey::{Lane, Language, OnTailgating, Rules};
use officers::Desk;
use risk::Assessor;
use runtime::{Ended, Eyes, Lenses, Parts, Post, Surface, Timings, effect_words, event_words};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use ui::Intent;
use vision::face::STRICT_THRESHOLD;

use crate::controller::{Controller, Hands, Travel};
use crate::papers::{Papers, lane_name};
use crate::player::{Canvas, Player};

/// One step of the lane, told without personal data.
#[derive(Debug, Clone)]
pub struct Told {
    /// Since the lane began.
    pub at: Duration,
    /// What happened.
    pub event: String,
    /// What was done.
    pub effects: Vec<String>,
    /// How long the commit of its records took.
    pub committed_in: Option<Duration>,
}

/// Hears of every step as it happens.
pub type Listener = Box<dyn FnMut(&Told) + Send>;

/// A line to the office by way of something that stands between.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Where the lane finds it.
    pub at: SocketAddr,
    /// How long the lane waits for an answer.
    pub deadline: Duration,
}

/// How the lane on the desk differs from one in a hall.
pub struct Setup {
    /// How long things may take.
    pub timings: Timings,
    /// Whether there is an office to ask.
    pub office: bool,
    /// The line to the office; none is a straight one.
    pub line: Option<Line>,
    /// How the gate moves.
    pub travel: Travel,
    /// What the leaf does on tailgating.
    pub tailgating: OnTailgating,
    /// Hears of every step.
    pub listener: Listener,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            timings: Timings::default(),
            office: true,
            line: None,
            travel: Travel::default(),
            tailgating: OnTailgating::LetThrough,
            listener: Box::new(|_| {}),
        }
    }
}

/// The folder of face models: `SEKISHO_MODELS`, or the workspace's own.
pub fn models() -> PathBuf {
    std::env::var_os("SEKISHO_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
        PathBuf::from,
    )
}

/// The rules that the desk decides by: those of the sample configuration.
///
/// # Errors
/// None in a build that passed its tests.
pub fn rules() -> Result<Rules> {
    Ok(Rules {
        alike_from: Likeness::new(STRICT_THRESHOLD).context("a likeness is 0 to 1000")?,
        face_tries: 3,
        face_from_age: 6,
        tailgating: OnTailgating::LetThrough,
        language: Language::English,
    })
}

/// What time it is.
pub fn now() -> Moment {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// A lane at work.
pub struct Rig {
    /// Its files.
    pub papers: Papers,
    /// What stands before the document camera.
    pub documents: Player,
    /// What stands before the face camera.
    pub faces: Player,
    /// The pretend gate.
    pub gate: Controller,
    /// The people and things at the gate.
    pub hands: Hands,
    lane: watch::Receiver<Lane>,
    steps: Arc<Mutex<Vec<Told>>>,
    office: Option<office::Running>,
    office_at: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<Ended, runtime::Threads>>,
}

impl Rig {
    /// Starts everything in `folder`, drawn on `surface`, touched through `intents`.
    ///
    /// # Errors
    /// When a model, a font, a port or a file is missing.
    pub async fn start(
        folder: &Path,
        setup: Setup,
        surface: impl Surface,
        intents: UnboundedReceiver<Intent>,
    ) -> Result<Self> {
        vision::qr::hush_isolated_panics();
        let papers = Papers::lay_out(folder, now())?;
        let office = if setup.office {
            Some(papers.open_office(([127, 0, 0, 1], 0).into()).await?)
        } else {
            None
        };
        let office_at = office
            .as_ref()
            .map_or(([127, 0, 0, 1], 9).into(), office::Running::addr);
        let gate = Controller::start(RegisterMap::controller()?, setup.travel)?;
        gate.log_to(&folder.join("gate.log"))?;
        let hands = gate.hands();
        let line = SerialPort {
            path: gate.path().display().to_string(),
            baud: 115_200,
            parity: Parity::Even,
        };
        let (document_stage, face_stage) = (camera::Stage::new(), camera::Stage::new());
        let documents = Player::start(Canvas::Stage(document_stage.clone()))?;
        let faces = Player::start(Canvas::Stage(face_stage.clone()))?;
        let stamp = Stamp::new(papers.now.unix_seconds() * 1000);
        let (journal, recovery) =
            Journal::open(&folder.join("journal.sqlite"), papers.digest_key()?, stamp)?;
        let (policy, lists) = papers.judgement()?;
        let line_to_office = setup.line.unwrap_or(Line {
            at: office_at,
            deadline: risk::DEADLINE,
        });
        let client = papers.client(line_to_office.at, line_to_office.deadline)?;
        let post = Post {
            key: papers.signing_key()?,
            reader: Reader::open(&folder.join("journal.sqlite"), papers.digest_key()?)?,
            client: client.clone(),
        };
        let assessor = Assessor::new(lane_name()?, policy, lists).with_office(client);
        let rules = Rules {
            tailgating: setup.tailgating,
            ..rules()?
        };
        let (show, lane) = watch::channel(Lane::start(rules, recovery.next, recovery.unfinished));
        let steps = Arc::new(Mutex::new(Vec::new()));
        let (told, mut listener) = (Arc::clone(&steps), setup.listener);
        let (stop, stopped) = watch::channel(false);
        let parts = Parts {
            rules,
            timings: setup.timings,
            journal,
            recovery,
            assessor,
            post: Some(post),
            retention: None,
            desk: Desk::new(papers.roster()?),
            issuers: papers.issuers()?,
            gate: Link::spawn(line, RegisterMap::controller()?, gate::Timings::default()),
            eyes: Eyes::load(&models())?,
            lenses: Lenses {
                documents: camera::Capture::start(document_stage)?,
                faces: camera::Capture::start(face_stage)?,
            },
            surface,
            intents,
            offset: UtcOffset::UTC,
            watcher: Box::new(move |moment| {
                let step = Told {
                    at: moment.at,
                    event: event_words(moment.event),
                    effects: moment.effects.iter().map(effect_words).collect(),
                    committed_in: moment.committed_in,
                };
                listener(&step);
                told.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(step);
                show.send_replace(moment.lane.clone());
            }),
            alive: Box::new(|| {}),
        };
        let task = tokio::spawn(runtime::run(parts, stopped));
        Ok(Self {
            papers,
            documents,
            faces,
            gate,
            hands,
            lane,
            steps,
            office,
            office_at,
            stop,
            task,
        })
    }

    /// Waits until the lane is as wanted.
    ///
    /// # Errors
    /// When it is not within `patience`; the message tells where it stands instead.
    pub async fn until(
        &self,
        what: &str,
        patience: Duration,
        test: impl Fn(&Lane) -> bool,
    ) -> Result<Lane> {
        let mut lane = self.lane.clone();
        let waited = tokio::time::timeout(patience, lane.wait_for(|lane| test(lane))).await;
        match waited {
            Ok(Ok(lane)) => Ok(lane.clone()),
            Ok(Err(_)) => anyhow::bail!("the lane ended while waiting for: {what}"),
            Err(_) => {
                let lane = self.lane.borrow().clone();
                let stage = lane.stage().map(journey::Stage::name);
                let last: Vec<_> = self
                    .steps()
                    .iter()
                    .rev()
                    .take(6)
                    .map(|step| step.event.clone())
                    .collect();
                anyhow::bail!(
                    "not within {} s: {what}; the lane is {:?} at {stage:?}; it last heard: {}",
                    patience.as_secs(),
                    lane.service,
                    last.join(" / ")
                )
            }
        }
    }

    /// The lane as it is now.
    pub fn lane(&self) -> Lane {
        self.lane.borrow().clone()
    }

    /// Every step so far.
    pub fn steps(&self) -> Vec<Told> {
        self.steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Where the office listens.
    pub fn office_at(&self) -> SocketAddr {
        self.office_at
    }

    /// Cuts the office off, as when the line breaks.
    ///
    /// # Errors
    /// When the office was not well before.
    pub async fn cut_network(&mut self) -> Result<()> {
        match self.office.take() {
            Some(office) => Ok(office.cut().await?),
            None => Ok(()),
        }
    }

    /// Brings the office back at the same address.
    ///
    /// # Errors
    /// When its port has been taken meanwhile.
    pub async fn mend_network(&mut self) -> Result<()> {
        if self.office.is_none() {
            self.office = Some(self.papers.open_office(self.office_at).await?);
        }
        Ok(())
    }

    /// The journal's entries, read beside the running lane.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn journal(&self) -> Result<Vec<Entry>> {
        read_journal(&self.papers)
    }

    /// Asks the lane to stop and waits until it has.
    ///
    /// # Errors
    /// When its loop failed.
    pub async fn stop(mut self) -> Result<Ended> {
        self.stop.send_replace(true);
        let ended = (&mut self.task)
            .await
            .context("the lane's loop broke off")??;
        if let Some(office) = self.office.take() {
            office.stop().await?;
        }
        Ok(ended)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads and verifies the journal that belongs to these papers.
///
/// # Errors
/// When it cannot be read or does not verify.
pub fn read_journal(papers: &Papers) -> Result<Vec<Entry>> {
    let reader = Reader::open(&papers.path("journal.sqlite"), papers.digest_key()?)?;
    reader.verify()?;
    reader
        .entries(0)
        .collect::<Result<Vec<_>, _>>()
        .map_err(Into::into)
}
