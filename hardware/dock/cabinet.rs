//! A lane whose computer can lose its power: the shipped `kiosk` in a process of its own, with office, gate and cameras
//! outside it, as they are in a hall.

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

use crate::controller::{Cause, Controller, Deed, Travel};
use crate::papers::{Papers, lane_name};
use crate::player::{Canvas, Player};
use crate::rig::{models, now, read_journal};

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
}

/// The lane's computer, switched on.
pub struct Computer {
    process: Child,
    steps: UnboundedReceiver<Step>,
    last: Vec<String>,
}

/// The shipped program, where cargo puts it beside the program that runs now.
///
/// # Errors
/// When it has not been built.
pub fn kiosk_program() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    here.ancestors()
        .skip(1)
        .take(3)
        .map(|folder| folder.join("kiosk"))
        .find(|program| program.is_file())
        .context("the program `kiosk` is not built; `cargo build -p kiosk` builds it")
}

impl Cabinet {
    /// Sets everything up in `folder`.
    ///
    /// # Errors
    /// When a file, a port or the program `kiosk` is missing.
    pub async fn set_up(folder: &Path, travel: Travel) -> Result<Self> {
        let kiosk = kiosk_program()?;
        let papers = Papers::lay_out(folder, now())?;
        let office = office::serve(papers.office(([127, 0, 0, 1], 0).into())?).await?;
        let gate = Controller::start(RegisterMap::controller()?, travel)?;
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
                 [cameras.documents]\nsource = {}\nfps = 10\n[cameras.face]\nsource = {}\nfps = 10\n\
                 [gate]\nport = {}\nbaud = 115200\n\
                 [office]\nurl = \"https://localhost:{}/\"\nca = \"office.crt.pem\"\n\
                 [risk]\npolicy = \"policy.toml\"\nlists = \"lists.toml\"\n\
                 [evidence]\nissuers = \"issuers.toml\"\n[officers]\nroster = \"roster.toml\"\n\
                 [journal]\npath = \"journal.sqlite\"\nkey = \"journal.key\"\n\
                 [models]\nfolder = {}\n\
                 [timings]\nreviewing = \"300 ms\"\n[log]\nformat = \"json\"\n",
                text(lane_name()?.as_str().to_owned()),
                text(format!("pictures:{}", folder.join("documents").display())),
                text(format!("pictures:{}", folder.join("faces").display())),
                path(gate.path()),
                office.addr().port(),
                path(
                    &std::fs::canonicalize(models())
                        .context("the models are missing; `cargo xtask setup` gets them")?
                ),
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
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let step = step(&line).unwrap_or(Step {
                    ms: 0,
                    event: line,
                    effects: String::new(),
                    stage: String::new(),
                    service: String::new(),
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

    /// Holds the gate's own log against the journal: it opened no more often than the journal has reasons for.
    ///
    /// # Errors
    /// When it opened once too often.
    pub fn every_opening_has_its_record(&self) -> Result<usize> {
        let opened = self
            .gate
            .hands()
            .log()
            .iter()
            .filter(|entry| {
                matches!(
                    entry.deed,
                    Deed::Opened {
                        cause: Cause::Command
                    }
                )
            })
            .count();
        let reasons = self
            .journal()?
            .iter()
            .filter(|entry| {
                entry.kind == "cleared"
                    || (entry.kind == "decided" && !entry.body["persons"].is_null())
            })
            .count();
        ensure!(
            opened <= reasons,
            "the gate opened {opened} times for {reasons} records"
        );
        Ok(opened)
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

    /// Asks it to stop, as a service manager does.
    ///
    /// # Errors
    /// When it has ended already or does not end within `patience`.
    pub async fn shut_down(mut self, patience: Duration) -> Result<ExitStatus> {
        let id = self
            .process
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .context("it has ended already")?;
        let id = rustix::process::Pid::from_raw(id).context("a process has a number")?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        Ok(tokio::time::timeout(patience, self.process.wait())
            .await
            .context("it does not end")??)
    }
}
