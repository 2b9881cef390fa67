//! Who puts travellers before the cameras, touches the screen and photographs it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use evidence::{Content, UtcOffset};
use journal::Entry;
use journey::{Lane, Service, Stage as Step, StageName};
use pictures::{Conditions, Polarity, Scene};
use runtime::Surface;
use tempfile::TempDir;
use tokio::sync::watch;
use ui::{EvidencePicture, Handle, LivePicture, Screen};

use super::{say, switchboard::Switchboard};
use crate::cast::{Traveller, declared_by};
use crate::papers::{BADGE, PIN};
use crate::rig::{Rig, Setup, Told};
use crate::stage::{Stage, StageError};

/// The longest that any one thing may take on a slow, busy computer. A person would have lost patience.
const PATIENCE: Duration = Duration::from_secs(45);

/// Between two looks at a control that may be moving: no movement on the screen is so slow that it stands still this long.
const GLANCE: Duration = Duration::from_millis(120);

/// What all scenarios share.
#[derive(Clone)]
pub(crate) struct Theatre {
    pub(crate) handle: Handle,
    pub(crate) stage: Stage,
    pub(crate) switchboard: Switchboard,
    pub(crate) pictures: PathBuf,
    pub(crate) by_hand: bool,
    /// Changes with every live picture in which something was recognised.
    pub(crate) seen: Arc<watch::Sender<()>>,
}

/// The screen, and a bell that rings when a live picture shows something that was recognised.
#[derive(Clone)]
struct Seen {
    handle: Handle,
    seen: Arc<watch::Sender<()>>,
}

impl Surface for Seen {
    fn screen(&self, screen: Screen) {
        self.handle.screen(screen);
    }

    fn live(&self, live: LivePicture) {
        let recognised = live.outline.is_some();
        self.handle.live(live);
        if recognised {
            self.seen.send_replace(());
        }
    }

    fn evidence(&self, evidence: Vec<EvidencePicture>) {
        self.handle.evidence(evidence);
    }

    fn forget(&self) {
        self.handle.forget();
    }
}

/// Plays one scenario.
pub(crate) struct Director {
    pub(crate) rig: Rig,
    pub(crate) folder: TempDir,
    theatre: Theatre,
    name: &'static str,
    shots: u32,
    seed: u64,
}

impl Director {
    pub(crate) async fn begin(theatre: &Theatre, name: &'static str) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let setup = Setup {
            listener: Box::new(tell),
            ..Setup::default()
        };
        let intents = theatre.switchboard.connect();
        let surface = Seen {
            handle: theatre.handle.clone(),
            seen: Arc::clone(&theatre.seen),
        };
        let rig = Rig::start(folder.path(), setup, surface, intents).await?;
        let mut director = Self {
            rig,
            folder,
            theatre: theatre.clone(),
            name,
            shots: 0,
            seed: 1,
        };
        director
            .until("the lane is in service", |lane| {
                lane.service == Service::InService
            })
            .await?;
        director.shot("attract")?;
        Ok(director)
    }

    pub(crate) async fn until(&self, what: &str, test: impl Fn(&Lane) -> bool) -> Result<Lane> {
        self.rig.until(what, PATIENCE, test).await
    }

    pub(crate) async fn stage(&self, name: StageName) -> Result<Lane> {
        self.until(name.code(), |lane| {
            lane.stage().is_some_and(|stage| stage.name() == name)
        })
        .await
    }

    pub(crate) async fn idle(&self) -> Result<Lane> {
        self.until("the lane is empty", |lane| lane.journey.is_none())
            .await
    }

    /// Photographs the screen.
    pub(crate) fn shot(&mut self, what: &str) -> Result<()> {
        self.shots += 1;
        let picture = tokio::task::block_in_place(|| self.theatre.stage.snapshot())?;
        let file = format!("{}-{:02}-{what}.png", self.name, self.shots);
        pictures::save_png(&picture, &self.theatre.pictures.join(&file))?;
        say(&format!("            [screen] {file}"));
        Ok(())
    }

    /// Touches a control; played by hand, tells the person where it is once it is there, and does not wait for the touch.
    pub(crate) async fn touch(&self, label: &str) -> Result<()> {
        if self.theatre.by_hand {
            self.control(label).await?;
            let (x, y) = self.place(label).await?;
            say(&format!(
                "            [your turn] touch \"{label}\" at {x},{y}"
            ));
            return Ok(());
        }
        say(&format!("            [touch] {label}"));
        Ok(tokio::task::block_in_place(|| {
            self.theatre.stage.click(label)
        })?)
    }

    /// Where a control is when it no longer moves.
    async fn place(&self, label: &str) -> Result<(i32, i32)> {
        let still = async {
            let mut before = None;
            loop {
                let now = tokio::task::block_in_place(|| self.theatre.stage.place(label));
                if let Ok(now) = now
                    && before.replace(now) == Some(now)
                {
                    return now;
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        tokio::time::timeout(PATIENCE, still)
            .await
            .with_context(|| format!("{label:?} does not stand still"))
    }

    /// Waits until the screen has this control: what was touched before needs a moment to be carried out.
    pub(crate) async fn control(&self, label: &str) -> Result<()> {
        let found = async {
            loop {
                let labels = tokio::task::block_in_place(|| self.theatre.stage.labels())?;
                if labels.iter().any(|held| held == label) {
                    return Ok::<_, StageError>(());
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, found).await {
            Ok(found) => Ok(found?),
            Err(_) => bail!("the screen never showed {label:?}"),
        }
    }

    /// Waits until the live picture on the screen shows something that was recognised.
    async fn seen(&self) -> Result<()> {
        let mut seen = self.theatre.seen.subscribe();
        seen.mark_unchanged();
        tokio::time::timeout(PATIENCE, seen.changed())
            .await
            .context("nothing was recognised")??;
        Ok(())
    }

    fn conditions(&mut self) -> Conditions {
        self.seed += 1;
        Conditions::good(self.seed)
    }

    /// Holds a passport to the camera until the lane has it.
    pub(crate) async fn show_passport(&mut self, traveller: &Traveller) -> Result<()> {
        say("            [camera] a passport page");
        let conditions = self.conditions();
        self.rig.documents.show(traveller.page()?, conditions);
        let number = traveller.document.number.clone();
        self.until("the passport is read", |lane| {
            documents(lane).iter().any(|held| **held == number)
        })
        .await?;
        Ok(())
    }

    /// Holds a phone with a code to the camera until the lane has it.
    pub(crate) async fn show_code(&mut self, text: &str, polarity: Polarity) -> Result<()> {
        say("            [camera] a phone with a declaration code");
        let conditions = self.conditions();
        self.rig
            .documents
            .show(Scene::phone(text, polarity)?, conditions);
        self.until("the code is read", |lane| match lane.stage() {
            Some(Step::Gathering(gathering)) => gathering.code != journey::Code::Missing,
            Some(_) => true,
            None => false,
        })
        .await?;
        Ok(())
    }

    /// What a party declares, signed.
    pub(crate) fn code(
        &self,
        party: &[&Traveller],
        change: impl FnOnce(Content) -> Content,
    ) -> Result<String> {
        let today = self.rig.papers.now.date_at(UtcOffset::UTC);
        self.rig.papers.code(&change(declared_by(party, today)?))
    }

    /// From the review to the last face.
    pub(crate) async fn confirm_and_face(&mut self, party: &[&Traveller]) -> Result<()> {
        self.stage(StageName::Reviewing).await?;
        self.rig.documents.clear();
        self.shot("reviewing")?;
        let yes = if self.rig.lane().language() == journey::Language::Japanese {
            "はい、合っています"
        } else {
            "Yes, that is right"
        };
        self.touch(yes).await?;
        for (index, traveller) in party.iter().enumerate() {
            let turn = move |lane: &Lane| matches!(lane.stage(), Some(Step::Facing { member, .. }) if member.position() == index);
            self.until("the lane looks for the face", turn).await?;
            say("            [camera] a face");
            let conditions = self.conditions();
            self.rig.faces.show(traveller.face()?, conditions);
            if index == 0 {
                self.seen().await?;
                self.shot("face")?;
            }
            self.until("the face is seen", move |lane| !turn(lane))
                .await?;
        }
        self.rig.faces.clear();
        Ok(())
    }

    /// Opens the panel, signs in and decides.
    pub(crate) async fn officer_decides(&mut self, decision: &str, reason: &str) -> Result<()> {
        self.sign_in().await?;
        self.control(decision).await?;
        self.shot("officer")?;
        self.touch(decision).await?;
        self.touch(reason).await?;
        self.touch("Record the decision").await
    }

    pub(crate) async fn sign_in(&mut self) -> Result<()> {
        self.control("Staff").await?;
        self.touch("Staff").await?;
        self.control("Key A").await?;
        for key in BADGE.chars() {
            self.touch(&format!("Key {key}")).await?;
        }
        self.touch("Next").await?;
        self.control("Sign in").await?;
        for key in PIN.chars() {
            self.touch(&format!("Key {key}")).await?;
        }
        self.shot("sign-in")?;
        self.touch("Sign in").await
    }

    /// Ends the scenario: stops the lane and gives its journal, which must verify.
    pub(crate) async fn end(self) -> Result<Vec<Entry>> {
        let Self { rig, folder, .. } = self;
        let entries = rig.journal()?;
        rig.stop().await?;
        drop(folder);
        Ok(entries)
    }
}

fn documents(lane: &Lane) -> Vec<&evidence::Sensitive<evidence::DocumentNumber>> {
    let documents = match lane.stage() {
        Some(Step::Gathering(known) | Step::Referred { known, .. }) => &known.documents,
        Some(stage) => match stage.party() {
            Some(party) => &party.documents,
            None => return Vec::new(),
        },
        None => return Vec::new(),
    };
    documents.iter().map(|document| &document.number).collect()
}

/// One step of the transcript.
pub(crate) fn tell(step: &Told) {
    let commit = step
        .committed_in
        .map(|took| format!("  (on record in {:.1} ms)", took.as_secs_f64() * 1000.0));
    let at = step.at.as_secs_f64() * 1000.0;
    say(&format!(
        "{at:>9.0} ms  {} -> {}{}",
        step.event,
        step.effects.join("; "),
        commit.unwrap_or_default()
    ));
}

/// The kinds of a journey's records, in order.
pub(crate) fn kinds(entries: &[Entry]) -> Vec<&str> {
    entries
        .iter()
        .filter(|entry| entry.journey.is_some())
        .map(|entry| entry.kind.as_str())
        .collect()
}

pub(crate) fn expect_kinds(entries: &[Entry], expected: &[&str]) -> Result<()> {
    let found = kinds(entries);
    ensure!(
        found == expected,
        "the journal tells {found:?} and not {expected:?}"
    );
    Ok(())
}
