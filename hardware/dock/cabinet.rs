//! A lane whose computer can lose its power: the shipped `kiosk` in a process of its own, with office, gate and cameras
//! outside it, as they are in a hall.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use gate::RegisterMap;
use journal::Entry;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::controller::{Controller, Travel};
use crate::papers::{Papers, lane_name};
use crate::player::{Canvas, Player};
use crate::rig::{models, now, read_journal};

const GATE_LOG: &str = "gate.log";
const LANE_LOG: &str = "lane.log";

/// Everything but the lane's computer.
pub struct Cabinet {
    /// Its files.
    pub papers: Papers,
    /// What stands before the document camera.
    pub documents: Player,
    /// What stands before the face camera.
    pub faces: Player,
    /// The pretend gate, which has its own power.
    pub gate: Controller,
    config: PathBuf,
    kiosk: PathBuf,
    _office: office::Running,
}

/// How a cabinet differs from one in a hall.
#[derive(Debug, Clone)]
pub struct Fittings {
    /// How the gate moves.
    pub travel: Travel,
    /// How many pictures a second the cameras take.
    pub fps: u32,
    /// How long the travellers have to read what they declared.
    pub reviewing: Duration,
    /// How much the lane logs, as the configuration's `log.filter`.
    pub log: String,
}

impl Default for Fittings {
    fn default() -> Self {
        Self {
            travel: Travel::default(),
            fps: 10,
            reviewing: Duration::from_millis(300),
            log: "info".to_owned(),
        }
    }
}

/// One step that the lane's log tells.
#[derive(Debug, Clone)]
pub struct Step {
    /// Milliseconds since the lane began.
    pub ms: u64,
    /// What happened.
    pub event: String,
    /// What was done.
    pub effects: String,
    /// Where the journey stands; `Idle` without one.
    pub stage: String,
    /// Whether the lane serves.
    pub service: String,
    /// Whether records were committed with it.
    pub committed: bool,
}

/// The lane's computer, switched on.
pub struct Computer {
    process: Child,
    steps: UnboundedReceiver<Step>,
    last: Vec<String>,
}

/// One of our programs, where cargo puts it beside the program that runs now.
///
/// # Errors
/// When it has not been built.
pub fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    here.ancestors()
        .skip(1)
        .take(3)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .with_context(|| {
            format!("the program `{name}` is not built; `cargo build -p {name}` builds it")
        })
}

impl Cabinet {
    /// Sets everything up in `folder`.
    ///
    /// # Errors
    /// When a file, a port or the program `kiosk` is missing.
    pub async fn set_up(folder: &Path, fittings: Fittings) -> Result<Self> {
        let kiosk = program("kiosk")?;
        let papers = Papers::lay_out(folder, now())?;
        let office = papers.open_office(([127, 0, 0, 1], 0).into()).await?;
        let gate = Controller::start(RegisterMap::controller()?, fittings.travel)?;
        gate.log_to(&folder.join(GATE_LOG))?;
        let canvas = |name: &str| Canvas::Folder(folder.join(name));
        let (documents, faces) = (
            Player::start(canvas("documents"))?,
            Player::start(canvas("faces"))?,
        );
        let text = |value: String| toml::Value::from(value).to_string();
        let path = |path: &Path| text(path.display().to_string());
        let config = folder.join("kiosk.toml");
        std::fs::write(
            &config,
            format!(
                "[lane]\nname = {}\noffset = \"+00:00\"\nlanguage = \"en\"\n\
                 [cameras.documents]\nsource = {}\nfps = {fps}\n[cameras.face]\nsource = {}\nfps = {fps}\n\
                 [gate]\nport = {}\nbaud = 115200\n\
                 [office]\nurl = \"https://localhost:{}/\"\nca = \"office.crt.pem\"\ncertificate = \"lane.crt.pem\"\n\
                 certificate_key = \"lane.key.pem\"\n\
                 [risk]\npolicy = \"policy.toml\"\nlists = \"lists.toml\"\n\
                 [evidence]\nissuers = \"issuers.toml\"\n[officers]\nroster = \"roster.toml\"\n\
                 [journal]\npath = \"journal.sqlite\"\nkey = \"journal.key\"\nlane_key = \"signing.key.pem\"\n\
                 [models]\nfolder = {}\n\
                 [timings]\nreviewing = \"{} ms\"\n[log]\nformat = \"json\"\nfilter = {}\n",
                text(lane_name()?.as_str().to_owned()),
                text(format!("pictures:{}", folder.join("documents").display())),
                text(format!("pictures:{}", folder.join("faces").display())),
                path(gate.path()),
                office.addr().port(),
                path(
                    &std::fs::canonicalize(models())
                        .context("the models are missing; `cargo xtask setup` gets them")?
                ),
                fittings.reviewing.as_millis(),
                text(fittings.log),
                fps = fittings.fps,
            ),
        )?;
        Ok(Self {
            papers,
            documents,
            faces,
            gate,
            config,
            kiosk,
            _office: office,
        })
    }

    /// Switches the lane's computer on.
    ///
    /// # Errors
    /// When the program does not start.
    pub fn switch_on(&self) -> Result<Computer> {
        let mut process = Command::new(&self.kiosk)
            .args(["run", "--headless", "--config"])
            .arg(&self.config)
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (told, steps) = unbounded_channel();
        let mut lines = BufReader::new(process.stderr.take().context("no log")?).lines();
        let mut kept = File::options()
            .create(true)
            .append(true)
            .open(self.papers.path(LANE_LOG))?;
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Err(error) = writeln!(kept, "{line}") {
                    tracing::warn!(%error, "the lane's log cannot be kept");
                }
                let step = step(&line).unwrap_or(Step {
                    ms: 0,
                    event: line,
                    effects: String::new(),
                    stage: String::new(),
                    service: String::new(),
                    committed: false,
                });
                if told.send(step).is_err() {
                    return;
                }
            }
        });
        Ok(Computer {
            process,
            steps,
            last: Vec::new(),
        })
    }

    /// The journal, verified.
    ///
    /// # Errors
    /// When it cannot be read or does not verify.
    pub fn journal(&self) -> Result<Vec<Entry>> {
        read_journal(&self.papers)
    }

    /// The lane's log: every line that it ever wrote.
    ///
    /// # Errors
    /// When it was never switched on.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.papers.path(LANE_LOG))?)
    }

    /// Holds the gate's own log against the journal: each opening has a reason of its own that was on record before the
    /// leaf moved, and whose journey had not ended. Gives the number of openings.
    ///
    /// # Errors
    /// When it opened once too often, or too early, or too late.
    pub fn every_opening_has_its_record(&self) -> Result<usize> {
        let journal = self.journal()?;
        let log = std::fs::read_to_string(self.papers.path(GATE_LOG))?;
        let mut openings = 0;
        let mut used = None;
        for line in log.lines() {
            let deed: Value = serde_json::from_str(line)?;
            if deed["event"] != "opened" || deed["cause"] != "command" {
                continue;
            }
            openings += 1;
            let at = deed["wall_ms"].as_i64().context("a deed has its time")?;
            let before = |entry: &&Entry| entry.at.unix_milliseconds() <= at;
            let a_reason = |entry: &&Entry| {
                entry.kind == "cleared"
                    || (entry.kind == "decided" && !entry.body["persons"].is_null())
            };
            let reason = journal.iter().take_while(before).filter(a_reason).last();
            let reason = reason.with_context(|| {
                format!("opening {openings} came before any record of a reason")
            })?;
            ensure!(
                used.replace(reason.seq) != Some(reason.seq),
                "record {} opened the gate twice",
                reason.seq
            );
            let over = journal
                .iter()
                .take_while(before)
                .any(|entry| entry.kind == "ended" && entry.journey == reason.journey);
            ensure!(
                !over,
                "opening {openings} has no record: the latest is {}, and that journey had ended",
                reason.seq
            );
        }
        Ok(openings)
    }
}

fn step(line: &str) -> Option<Step> {
    let line: Value = serde_json::from_str(line).ok()?;
    let word = |key: &str| Some(line.get(key)?.as_str()?.to_owned());
    Some(Step {
        ms: line.get("ms")?.as_u64()?,
        event: word("event")?,
        effects: word("effects")?,
        stage: word("stage")?,
        service: word("service")?,
        committed: line.get("commit_ms").is_some_and(Value::is_number),
    })
}

impl Computer {
    /// Waits for a step of the lane.
    ///
    /// # Errors
    /// When none comes within `patience`, or the program ends; the message has the last lines of its log.
    pub async fn until(
        &mut self,
        what: &str,
        patience: Duration,
        mut test: impl FnMut(&Step) -> bool,
    ) -> Result<Step> {
        let found = tokio::time::timeout(patience, async {
            while let Some(step) = self.steps.recv().await {
                self.last.push(step.event.clone());
                let overflow = self.last.len().saturating_sub(6);
                self.last.drain(..overflow);
                if test(&step) {
                    return Some(step);
                }
            }
            None
        })
        .await;
        match found {
            Ok(Some(step)) => Ok(step),
            Ok(None) => bail!(
                "the lane ended while waiting for: {what}; it last said: {}",
                self.last.join(" / ")
            ),
            Err(_) => bail!(
                "not within {} s: {what}; the lane last said: {}",
                patience.as_secs(),
                self.last.join(" / ")
            ),
        }
    }

    /// Takes the power away.
    ///
    /// # Errors
    /// When it was off already.
    pub async fn cut_power(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    /// The next step of the lane, or none when its program has ended and all that it said has been heard.
    pub async fn next(&mut self) -> Option<Step> {
        self.steps.recv().await
    }

    /// Takes the power away, and gives what the lane had said by then and nobody had heard yet.
    ///
    /// # Errors
    /// When it was off already.
    pub async fn cut_power_and_hear(mut self) -> Result<Vec<Step>> {
        self.process.kill().await?;
        let mut rest = Vec::new();
        while let Some(step) = self.steps.recv().await {
            rest.push(step);
        }
        Ok(rest)
    }

    /// Asks it to stop, as a service manager does.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn ask_to_stop(&self) -> Result<()> {
        let id = self
            .process
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .context("it has ended already")?;
        let id = rustix::process::Pid::from_raw(id).context("a process has a number")?;
        Ok(rustix::process::kill_process(
            id,
            rustix::process::Signal::TERM,
        )?)
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it does not end within `patience`.
    pub async fn end(mut self, patience: Duration) -> Result<ExitStatus> {
        Ok(tokio::time::timeout(patience, self.process.wait())
            .await
            .context("it does not end")??)
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// When it has ended already or does not end within `patience`.
    pub async fn shut_down(self, patience: Duration) -> Result<ExitStatus> {
        self.ask_to_stop()?;
        self.end(patience).await
    }
}
