//! The shipped program `kiosk` in a process of its own: from exec to its first step, to service, to its first screen, and
//! the most memory that it ever held.

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dock::cabinet::{Cabinet, Fittings, program};
use dock::cast::{Traveller, declared_by};
use dock::player::{Canvas, Player};
use evidence::UtcOffset;
use pictures::{Conditions, Polarity, Scene};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use crate::table::{Series, Unit, part, say};
use crate::{Effort, scratch};

const PATIENCE: Duration = Duration::from_secs(60);
/// As in the hall.
const SIZE: (usize, usize) = (1080, 1920);

pub(crate) async fn measure(effort: Effort) -> Result<()> {
    part(
        "start",
        "the shipped program, its files in the disk's cache; office, gate and cameras are there already",
    );
    let folder = scratch()?;
    let mut cabinet = Cabinet::set_up(
        folder.path(),
        Fittings {
            fps: 30,
            ..Fittings::default()
        },
    )
    .await?;
    let config = folder.path().join("kiosk.toml");
    let plain = std::fs::read_to_string(&config)?;
    let upright = folder.path().join("upright.toml");
    let screen = format!("[screen]\nsize = \"{}x{}\"\n", SIZE.0, SIZE.1);
    std::fs::write(&upright, plain + &screen)?;
    // Their last pictures stay: drawing new ones would take the processor from what is measured.
    drop(cabinet.documents);
    drop(cabinet.faces);

    let (mut first, mut service) = (
        Series::new(Unit::Milliseconds),
        Series::new(Unit::Milliseconds),
    );
    for n in 0..=effort.of(10) {
        let mut computer = Computer::switch_on(&config, None)?;
        let step = computer.until("its first step", |_| true).await?;
        let serves = computer.until("service", Step::serves).await?;
        computer.switch_off().await?;
        if n > 0 {
            first.add(step);
            service.add(serves);
        }
    }
    first.tell(
        "exec to the first step, headless",
        "models loaded, journal open",
    );
    service.tell("exec to service, headless", "gate and both cameras answer");
    let display = match XServer::start(folder.path()).await {
        Ok(display) => Some(display),
        Err(error) => {
            say(&format!(
                "   NOT MEASURED: the first screen needs Xvfb: {error:#}"
            ));
            None
        }
    };
    if let Some(display) = &display {
        let (mut drawn, mut service) = (
            Series::new(Unit::Milliseconds),
            Series::new(Unit::Milliseconds),
        );
        for n in 0..=effort.of(10) {
            let mut computer = Computer::switch_on(&upright, Some(&display.name))?;
            let begun = computer.begun;
            let picture = display.picture.clone();
            let first = tokio::task::spawn_blocking(move || seen(&picture, begun));
            let serves = computer.until("service", Step::serves).await?;
            let first = first.await??;
            computer.switch_off().await?;
            if n > 0 {
                drawn.add(first);
                service.add(serves);
            }
        }
        drawn.tell(
            "exec to the first screen",
            "1080x1920, software renderer, X server in memory",
        );
        service.tell("exec to service, with a screen", "");
    }

    let canvas = |name: &str| Canvas::Folder(folder.path().join(name));
    cabinet.documents = Player::start(canvas("documents"))?;
    cabinet.faces = Player::start(canvas("faces"))?;
    memory(&cabinet, &config, None, "headless").await?;
    if let Some(display) = &display {
        memory(&cabinet, &upright, Some(&display.name), "with a screen").await?;
    }
    Ok(())
}

/// The most memory that the program held up to its service, and after one journey.
async fn memory(cabinet: &Cabinet, config: &Path, display: Option<&str>, how: &str) -> Result<()> {
    let mut computer = Computer::switch_on(config, display)?;
    computer.until("service", Step::serves).await?;
    let mut idle = Series::new(Unit::Mebibytes);
    idle.add_value(computer.peak()?);
    journey(cabinet, &mut computer).await?;
    let mut after = Series::new(Unit::Mebibytes);
    after.add_value(computer.peak()?);
    computer.switch_off().await?;
    idle.tell(&format!("peak memory up to service, {how}"), "VmHWM");
    after.tell(&format!("peak memory after a journey, {how}"), "VmHWM");
    Ok(())
}

/// One traveller, cleared. The time for reviewing runs out, which confirms.
async fn journey(cabinet: &Cabinet, computer: &mut Computer) -> Result<()> {
    let anna = Traveller::specimen(0)?;
    let today = cabinet.papers.now.date_at(UtcOffset::UTC);
    let code = cabinet.papers.code(&declared_by(&[&anna], today)?)?;
    let phone = Scene::phone(&code, Polarity::DarkOnLight)?;
    cabinet.documents.show(anna.page()?, Conditions::good(2));
    computer
        .until("the passport is read", |step| {
            step.event.starts_with("document read")
        })
        .await?;
    cabinet.documents.show(phone, Conditions::good(3));
    computer
        .until("the declaration is open", |step| step.stage == "Reviewing")
        .await?;
    cabinet.documents.clear();
    cabinet.faces.show(anna.face()?, Conditions::good(5));
    computer
        .until("the gate is open", |step| step.stage == "Passing")
        .await?;
    cabinet.faces.clear();
    cabinet.gate.hands().walk(1);
    computer
        .until("the lane is empty", |step| step.stage == "Idle")
        .await?;
    Ok(())
}

/// One step, as the program's log tells it.
struct Step {
    event: String,
    stage: String,
    service: String,
}

impl Step {
    fn parse(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let word = |key: &str| Some(line.get(key)?.as_str()?.to_owned());
        Some(Self {
            event: word("event")?,
            stage: word("stage")?,
            service: word("service")?,
        })
    }

    fn serves(&self) -> bool {
        self.service == "InService"
    }
}

/// The running program.
struct Computer {
    begun: Instant,
    process: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Computer {
    fn switch_on(config: &Path, display: Option<&str>) -> Result<Self> {
        let mut command = Command::new(program("kiosk")?);
        command.arg("run").arg("--config").arg(config);
        command
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WAYLAND_DISPLAY");
        match display {
            Some(display) => command.env("DISPLAY", display),
            None => command.arg("--headless"),
        };
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let begun = Instant::now();
        let mut process = command.spawn()?;
        let log = BufReader::new(process.stderr.take().context("no log")?).lines();
        Ok(Self {
            begun,
            process,
            log,
        })
    }

    /// Waits for a step, and gives the time since exec.
    async fn until(&mut self, what: &str, test: impl Fn(&Step) -> bool) -> Result<Duration> {
        let mut last = String::new();
        let found = timeout(PATIENCE, async {
            while let Some(line) = self.log.next_line().await? {
                if Step::parse(&line).is_some_and(|step| test(&step)) {
                    return Ok(self.begun.elapsed());
                }
                last = line;
            }
            anyhow::bail!("the program ended")
        })
        .await;
        match found {
            Ok(found) => found.with_context(|| format!("waiting for {what}; it said: {last}")),
            Err(_) => anyhow::bail!("never came: {what}; it last said: {last}"),
        }
    }

    /// The most memory that it ever held, in MiB.
    fn peak(&self) -> Result<f64> {
        let id = self.process.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().nth(1));
        let kibibytes: f64 = kibibytes.context("no VmHWM")?.parse()?;
        Ok(kibibytes / 1024.0)
    }

    async fn switch_off(mut self) -> Result<()> {
        terminate(&self.process)?;
        let drained = async {
            // A full pipe would keep it from ending.
            while let Ok(Some(_)) = self.log.next_line().await {}
            self.process.wait().await
        };
        let status = timeout(PATIENCE, drained)
            .await
            .context("it does not end")??;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }
}

fn terminate(process: &Child) -> Result<()> {
    let id = process.id().and_then(|id| i32::try_from(id).ok());
    let id = id.and_then(rustix::process::Pid::from_raw);
    let id = id.context("it has ended already")?;
    Ok(rustix::process::kill_process(
        id,
        rustix::process::Signal::TERM,
    )?)
}

/// An X server whose screen is a file.
struct XServer {
    name: String,
    picture: PathBuf,
    _process: Child,
    _said: BufReader<ChildStdout>,
}

impl XServer {
    async fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-br", "-screen", "0"])
            .arg(format!("{}x{}x24", SIZE.0, SIZE.1))
            .arg("-fbdir")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut said = BufReader::new(process.stdout.take().context("no output")?);
        let mut number = String::new();
        timeout(PATIENCE, said.read_line(&mut number))
            .await
            .context("it names no display")??;
        ensure!(!number.trim().is_empty(), "it ended without a display");
        Ok(Self {
            name: format!(":{}", number.trim()),
            picture: folder.join("Xvfb_screen0"),
            _process: process,
            _said: said,
        })
    }
}

/// Waits until most of the screen is no longer the server's black, and gives the time since `begun`.
fn seen(picture: &Path, begun: Instant) -> Result<Duration> {
    let file = std::fs::File::open(picture)?;
    // The picture's rows end the file, four bytes a pixel; a few rows tell.
    let row = SIZE.0 * 4;
    let top = file.metadata()?.len() - (row * SIZE.1) as u64;
    let mut bytes = vec![0; row];
    let rows: Vec<_> = (0..9).map(|n| (SIZE.1 / 18) * (2 * n + 1)).collect();
    while begun.elapsed() < PATIENCE {
        let mut lit = 0;
        for y in &rows {
            file.read_exact_at(&mut bytes, top + (row * y) as u64)?;
            let coloured = |pixel: &&[u8]| pixel[..3] != [0; 3];
            lit += bytes.chunks_exact(4).filter(coloured).count();
        }
        if lit * 10 > rows.len() * SIZE.0 * 9 {
            return Ok(begun.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    anyhow::bail!("the screen stayed black")
}
