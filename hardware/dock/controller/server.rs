//! The pretend controller in real time: ticks, hands, and a pseudo-terminal.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use gate::RegisterMap;
use serde::Serialize;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::machine::{Machine, Travel};
use super::pty::Pty;
use super::registers::Registers;
use super::rtu;
use super::seen::{Deed, Snapshot};
use super::walkers::Walker;

const TICK: Duration = Duration::from_millis(5);
/// Silence that ends a message: more than 3.5 characters at 9,600 baud, which are 4 ms.
const GAP: Duration = Duration::from_millis(10);
/// How many entries of the log are kept in memory; the file keeps all.
const REMEMBERED: usize = 4096;

/// One line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub sequence: u64,
    /// Wall time in milliseconds since 1970.
    pub wall_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub deed: Deed,
}

/// How the line stands between the lane and the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plug {
    /// Plugged in.
    In,
    /// The adapter is gone, and its device file with it.
    Out,
    /// The adapter is there, the wire behind it is not.
    Cut,
}

struct World {
    machine: Machine,
    registers: Registers,
    plug: Plug,
    log: VecDeque<Entry>,
    sequence: u64,
    file: Option<File>,
    tell: watch::Sender<Snapshot>,
    /// The plug as the server has carried it out.
    plugged: watch::Sender<bool>,
}

impl World {
    /// Publishes what has changed.
    fn settle(&mut self) {
        let now = self.machine.snapshot();
        self.registers.show(&now);
        for deed in self.machine.deeds() {
            self.sequence += 1;
            let wall = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default();
            let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
            let entry = Entry {
                sequence: self.sequence,
                wall_ms,
                deed,
            };
            if let Some(file) = &mut self.file {
                let line = serde_json::to_string(&entry).map_err(io::Error::from);
                if let Err(error) = line.and_then(|line| writeln!(file, "{line}")) {
                    tracing::warn!(%error, "the pretend controller's log cannot be written");
                }
            }
            if self.log.len() == REMEMBERED {
                self.log.pop_front();
            }
            self.log.push_back(entry);
        }
        self.tell
            .send_if_modified(|old| std::mem::replace(old, now) != now);
    }
}

struct Shared {
    world: Mutex<World>,
    wake: Notify,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pretend controller. Dropping it takes the gate off the line.
pub struct Controller {
    shared: Arc<Shared>,
    path: PathBuf,
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Controller")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Controller {
    /// Switches a controller on, on the running tokio runtime.
    ///
    /// # Errors
    /// When the system gives no pseudo-terminal or no temporary folder.
    pub fn start(map: RegisterMap, travel: Travel) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("gate-").tempdir()?;
        let path = folder.path().join("line");
        let machine = Machine::new(travel);
        let mut registers = Registers::new(map);
        registers.show(&machine.snapshot());
        let world = World {
            tell: watch::Sender::new(machine.snapshot()),
            plugged: watch::Sender::new(true),
            machine,
            registers,
            plug: Plug::In,
            log: VecDeque::new(),
            sequence: 0,
            file: None,
        };
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            wake: Notify::new(),
        });
        let pty = plug_in(&path)?;
        let task = tokio::spawn(serve(Arc::clone(&shared), pty, path.clone()));
        Ok(Self {
            shared,
            path,
            task,
            _folder: folder,
        })
    }

    /// The name of the line, as a udev rule would give it: it stays the same when the adapter is plugged in again.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands that walk, jam and pull plugs.
    #[must_use]
    pub fn hands(&self) -> Hands {
        Hands {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Appends every further [`Entry`] to a file, one JSON object a line.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn log_to(&self, path: &Path) -> io::Result<()> {
        let file = File::options().create(true).append(true).open(path)?;
        self.shared.world().file = Some(file);
        Ok(())
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a bystander can do to the pretend gate. Cheap to clone; every method returns at once.
#[derive(Clone)]
pub struct Hands {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hands")
    }
}

impl Hands {
    fn machine(&self, touch: impl FnOnce(&mut Machine)) {
        let mut world = self.shared.world();
        touch(&mut world.machine);
        world.settle();
    }

    fn plug(&self, plug: Plug) {
        self.shared.world().plug = plug;
        self.shared.wake.notify_one();
    }

    /// Sends adults to the gate. Each walks through as soon as the leaf is open and the one before is ahead.
    pub fn walk(&self, persons: u8) {
        self.machine(|machine| machine.walk((0..persons).map(|_| Walker::Adult)));
    }

    /// Sends these walkers to the gate.
    pub fn walkers(&self, walkers: &[Walker]) {
        self.machine(|machine| machine.walk(walkers.iter().copied()));
    }

    /// Sends one in from the exit.
    pub fn walk_wrong_way(&self) {
        self.machine(Machine::walk_wrong_way);
    }

    /// Sends away those who wait before the leaf.
    pub fn leave(&self) {
        self.machine(Machine::leave);
    }

    /// Puts a suitcase into the leaf's path, or takes it away.
    pub fn stand(&self, on: bool) {
        self.machine(|machine| machine.stand(on));
    }

    /// Wedges the leaf.
    pub fn jam(&self) {
        self.machine(|machine| machine.jam(true));
    }

    /// Frees the leaf. The fault stays until `ClearFault`.
    pub fn unjam(&self) {
        self.machine(|machine| machine.jam(false));
    }

    /// Pushes the closed leaf open.
    pub fn force(&self) {
        self.machine(Machine::force);
    }

    /// Throws the hard-wired fire input.
    pub fn fire(&self, on: bool) {
        self.machine(|machine| machine.fire(on));
    }

    /// Gives or takes the mains.
    pub fn mains(&self, on: bool) {
        self.machine(|machine| machine.mains(on));
    }

    /// Starts the controller's electronics anew.
    pub fn reboot(&self) {
        let mut world = self.shared.world();
        world.machine.reboot();
        world.registers.reset();
        world.settle();
    }

    /// Pulls the adapter: the device file goes away and open ones fail.
    pub fn unplug(&self) {
        self.plug(Plug::Out);
    }

    /// Plugs the adapter in again, or mends the wire.
    pub fn replug(&self) {
        self.plug(Plug::In);
    }

    /// Cuts the wire behind the adapter: the device file stays and nobody answers.
    pub fn cut(&self) {
        self.plug(Plug::Cut);
    }

    /// Follows what can be seen of the gate.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<Snapshot> {
        self.shared.world().tell.subscribe()
    }

    /// Follows whether the device file is there.
    #[must_use]
    pub fn plugged(&self) -> watch::Receiver<bool> {
        self.shared.world().plugged.subscribe()
    }

    /// The latest entries of the log, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.shared.world().log.iter().copied().collect()
    }
}

/// Opens a line and puts it in its place in one step.
fn plug_in(path: &Path) -> io::Result<Pty> {
    let pty = Pty::open()?;
    let aside = path.with_extension("new");
    let _there_may_be_none = std::fs::remove_file(&aside);
    std::os::unix::fs::symlink(pty.path(), &aside)?;
    std::fs::rename(&aside, path)?;
    Ok(pty)
}

async fn serve(shared: Arc<Shared>, pty: Pty, path: PathBuf) {
    let mut port = Some(pty);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Instant::now();
    let mut inbox = Vec::new();
    let mut heard_at = before;
    let mut bytes = [0; 256];
    loop {
        let got = tokio::select! {
            _ = ticks.tick() => Ok(0),
            () = shared.wake.notified() => Ok(0),
            got = read(&mut port, &mut bytes) => got,
        };
        let now = Instant::now();
        let plug = {
            let mut world = shared.world();
            world.machine.advance(now - before);
            world.settle();
            world.plug
        };
        before = now;
        match (plug, &port) {
            (Plug::Out, Some(_)) => {
                let _gone_already = std::fs::remove_file(&path);
                port = None;
            }
            (Plug::In | Plug::Cut, None) => match plug_in(&path) {
                Ok(pty) => port = Some(pty),
                Err(error) => tracing::warn!(%error, "the pretend controller cannot be plugged in"),
            },
            (Plug::Out, None) | (Plug::In | Plug::Cut, Some(_)) => {}
        }
        shared
            .world()
            .plugged
            .send_if_modified(|old| std::mem::replace(old, port.is_some()) != port.is_some());
        let Some(pty) = &mut port else {
            inbox.clear();
            continue;
        };
        pty.release_claim();
        let count = match got {
            Ok(count) => count,
            Err(error) => {
                tracing::warn!(%error, "the pretend controller's line fails");
                0
            }
        };
        if now - heard_at > GAP {
            inbox.clear();
        }
        if count == 0 {
            continue;
        }
        heard_at = now;
        inbox.extend(&bytes[..count]);
        let answers = {
            let mut world = shared.world();
            let World {
                machine, registers, ..
            } = &mut *world;
            if plug == Plug::Cut || machine.snapshot().booting {
                inbox.clear();
            }
            rtu::answer(&mut inbox, registers, machine)
        };
        shared.world().settle();
        if !answers.is_empty() {
            // Nobody may be reading: a killed program leaves its line full.
            match timeout(GAP, pty.write_all(&answers)).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the pretend controller cannot answer"),
            }
        }
    }
}

async fn read(port: &mut Option<Pty>, bytes: &mut [u8]) -> io::Result<usize> {
    match port {
        Some(pty) => pty.read(bytes).await,
        None => std::future::pending().await,
    }
}
