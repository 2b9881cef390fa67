//! `kiosk run`: everything is read and checked, then the devices are put to work, then the loop runs until it is told to stop.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow};
use evidence::declaration::Issuers;
use gate::{Link, News};
use journal::{DigestKey, Journal, Reader, Recovery, Stamp};
use officers::{Desk, Roster};
use risk::updates::{Updates, UpdatesConfig};
use risk::{Assessor, Client};
use runtime::{Ended, Eyes, Lenses, Nobody, Parts, Post, Stop};
use tokio::runtime::{Builder, Handle as Tokio};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use ui::{Display, Intent};

use crate::provisions::Provisions;
use crate::systemd::{self, Pulse};
use crate::{Config, ConfigError, cameras, log, models};

/// Whether the lane has a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// It has, on this thread, which is the main one.
    Shown,
    /// It has none: a test rig.
    None,
}

/// Runs a lane until SIGTERM, SIGINT or its window's end, and lets the party in it finish. `begun` is when the process began.
///
/// # Errors
/// [`crate::ConfigError`] for what the configuration says or names; else what the system or the journal refuses.
pub fn run(config: &Path, screen: Screen, begun: Instant) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    log::start(&config.log)?;
    vision::qr::hush_isolated_panics();
    risk::install_crypto();
    let (provisions, eyes) = everything_named(&config)?;
    let (journal, recovery) = open_journal(&config, provisions.journal_key)?;
    let tokio = Builder::new_multi_thread()
        .worker_threads(thread::available_parallelism().map_or(2, |cores| cores.get().max(2)))
        .enable_all()
        .build()
        .context("the system gives no threads")?;
    let inside = tokio.enter();
    let (end, stop) = watch::channel(false);
    heed_signals(end.clone())?;
    let assessor = Assessor::new(config.lane.clone(), provisions.policy, provisions.lists);
    let mut post = None;
    let assessor = match provisions.client {
        Some(client) => {
            if let Some((key, journal_key)) = provisions.signing {
                let reader = Reader::open(&config.journal, journal_key)?;
                post = Some(Post {
                    key,
                    reader,
                    client: client.clone(),
                });
            }
            keep_up(&config, &client, assessor.with_office(client.clone()))?
        }
        None => assessor,
    };
    let lane = Lane {
        journal,
        recovery,
        assessor,
        post,
        roster: provisions.roster,
        issuers: provisions.issuers,
        gate: Link::spawn(
            config.port.clone(),
            provisions.map,
            gate::Timings::default(),
        ),
        eyes,
        lenses: cameras::lenses(&config).context("the system gives no thread for a camera")?,
        pulse: Pulse::new(begun),
    };
    let ended = match screen {
        Screen::None => {
            // Nobody touches anything; the sender stays, so that the loop does not find its channel shut.
            let (_untouched, intents) = unbounded_channel();
            tokio.block_on(runtime::run(lane.parts(&config, Nobody, intents), stop))?
        }
        Screen::Shown => shown(lane, &config, tokio.handle(), end, stop)?,
    };
    tracing::info!(?ended, "ended");
    drop(inside);
    tokio.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// Reads what the configuration names, the models beside the rest: they take the longest.
fn everything_named(config: &Config) -> anyhow::Result<(Provisions, Eyes)> {
    let files = models::of(config);
    let (eyes, provisions) = thread::scope(|scope| {
        let eyes = scope.spawn(|| Eyes::load_from(&files));
        let provisions = Provisions::gather(config);
        (eyes.join(), provisions)
    });
    let eyes = eyes
        .map_err(|_| anyhow!("a model's reader panicked"))?
        .map_err(|error| models::complaint_of(config, &error));
    match (provisions, eyes) {
        (Ok(provisions), Ok(eyes)) => Ok((provisions, eyes)),
        (provisions, eyes) => {
            let mut complaints = provisions.err().unwrap_or_default();
            complaints.extend(eyes.err());
            Err(ConfigError::Complaints {
                path: config.file.clone(),
                complaints,
            }
            .into())
        }
    }
}

/// Renews what the lane is known by and what it judges by, for as long as it runs.
fn keep_up(config: &Config, client: &Client, assessor: Assessor) -> anyhow::Result<Assessor> {
    if client.identity().is_some() {
        let client = client.clone();
        tokio::spawn(async move { client.keep_certificate().await });
    }
    let Some(updates) = &config.updates else {
        return Ok(assessor);
    };
    let (mut updates, edition) = Updates::open(
        UpdatesConfig {
            root: updates.root.clone(),
            repository: updates.repository.clone(),
            every: updates.every,
            folder: updates.folder.clone(),
        },
        client.clone(),
    )
    .context("the updates of policy and lists cannot be used")?;
    if let Some(edition) = edition {
        assessor.renew(edition);
    }
    let renewed = assessor.clone();
    tokio::spawn(async move { updates.keep(&renewed).await });
    Ok(assessor)
}

fn open_journal(config: &Config, key: DigestKey) -> anyhow::Result<(Journal, Recovery)> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = Stamp::new(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    let (journal, recovery) = Journal::open(&config.journal, key, now)?;
    tracing::info!(
        lane = %config.lane,
        next = %recovery.next,
        interrupted = recovery.interrupted.len(),
        referral_open = recovery.unfinished.is_some(),
        "the journal is open"
    );
    Ok((journal, recovery))
}

/// SIGTERM and SIGINT ask the loop to end once the party in the lane has finished.
fn heed_signals(end: watch::Sender<bool>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be heard")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to end");
        systemd::stopping();
        end.send_replace(true);
    });
    Ok(())
}

/// The lane, but for where it is drawn.
struct Lane {
    journal: Journal,
    recovery: Recovery,
    assessor: Assessor,
    post: Option<Post>,
    roster: Roster,
    issuers: Issuers,
    gate: (Link, Receiver<News>),
    eyes: Eyes,
    lenses: Lenses,
    pulse: Pulse,
}

impl Lane {
    fn parts<S>(self, config: &Config, surface: S, intents: UnboundedReceiver<Intent>) -> Parts<S> {
        let mut pulse = self.pulse;
        let mut timings = config.timings;
        if let Some(every) = pulse.every() {
            timings.alive = timings.alive.min(every);
        }
        Parts {
            rules: config.rules,
            timings,
            journal: self.journal,
            recovery: self.recovery,
            assessor: self.assessor,
            post: self.post,
            retention: Some(config.retention),
            desk: Desk::new(self.roster),
            issuers: self.issuers,
            gate: self.gate,
            eyes: self.eyes,
            lenses: self.lenses,
            surface,
            intents,
            offset: config.offset,
            watcher: Box::new(log::step),
            alive: Box::new(move || pulse.beat()),
        }
    }
}

/// The window on this thread, the loop beside it; whichever ends first ends the other.
fn shown(
    lane: Lane,
    config: &Config,
    tokio: &Tokio,
    end: watch::Sender<bool>,
    stop: Stop,
) -> anyhow::Result<Ended> {
    let (touched, intents) = unbounded_channel();
    let display = Display::with(&config.screen, move |intent| {
        // A loop that has ended takes its window with it.
        let _ = touched.send(intent);
    })
    .context("there is no display; on a rig without one, add --headless")?;
    let parts = lane.parts(config, display.handle(), intents);
    let quit = Quit(display.handle());
    let running = tokio.spawn(async move {
        let _quit = quit;
        runtime::run(parts, stop).await
    });
    let drawn = display.run();
    end.send_replace(true);
    let ended = tokio.block_on(running).context("the loop panicked")??;
    drawn.context("the display broke")?;
    Ok(ended)
}

/// Ends the window when the loop ends, however it does.
struct Quit(ui::Handle);

impl Drop for Quit {
    fn drop(&mut self) {
        self.0.quit();
    }
}
