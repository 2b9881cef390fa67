//! One lane in a hall: what stands before its cameras, what is touched, and what its screen says. Pixels go in at the
//! cameras and bytes at the gate; nothing is put in behind them.

use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use dock::cast::{Traveller, declared_by};
use dock::papers::{BADGE, PIN};
use dock::rig::{Rig, Setup, Told};
use evidence::{Content, UtcOffset};
use gate::Leaf;
use journal::Entry;
use journey::{Cause, Decision, DecisionReason, Service, Stage, StageName, Touch};
use pictures::{Conditions, Polarity, Scene};
use runtime::{Surface, Timings};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use ui::{EvidencePicture, GatheringView, Intent, LivePicture, PanelView, Screen, View};

use crate::witness;

/// Longer than anything takes on a small computer that does something else beside.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The lane's deadlines where a promise is about what happens when one passes.
pub(crate) fn brisk() -> Timings {
    Timings {
        gathering: Duration::from_secs(4),
        facing: Duration::from_secs(4),
        passage: Duration::from_secs(3),
        alarm: Duration::from_secs(1),
        ..Timings::default()
    }
}

pub(crate) struct Hall {
    pub(crate) rig: Rig,
    screens: watch::Receiver<Option<Screen>>,
    touches: UnboundedSender<Intent>,
    seed: u64,
    folder: TempDir,
}

/// Keeps the latest screen.
#[derive(Clone)]
struct Glass(Arc<watch::Sender<Option<Screen>>>);

impl Surface for Glass {
    fn screen(&self, screen: Screen) {
        self.0.send_replace(Some(screen));
    }

    fn live(&self, _: LivePicture) {}

    fn evidence(&self, _: Vec<EvidencePicture>) {}

    fn forget(&self) {}
}

impl Hall {
    /// A lane that serves, with nobody in it.
    pub(crate) async fn open(setup: Setup) -> Self {
        witness::listen();
        let folder = tempfile::tempdir().unwrap();
        let (shown, screens) = watch::channel(None);
        let (touches, touched) = unbounded_channel();
        let glass = Glass(Arc::new(shown));
        let rig = Rig::start(folder.path(), setup, glass, touched)
            .await
            .unwrap();
        let hall = Self {
            rig,
            screens,
            touches,
            seed: 1,
            folder,
        };
        hall.sees("the invitation", |screen| screen.view == View::Attract)
            .await;
        hall
    }

    pub(crate) async fn with(timings: Timings) -> Self {
        Self::open(Setup {
            timings,
            ..Setup::default()
        })
        .await
    }

    /// Waits until the screen shows what is wanted.
    pub(crate) async fn sees(&self, what: &str, test: impl Fn(&Screen) -> bool) -> Screen {
        let mut screens = self.screens.clone();
        let wanted = |screen: &Option<Screen>| screen.as_ref().is_some_and(&test);
        match tokio::time::timeout(PATIENCE, screens.wait_for(wanted)).await {
            Ok(Ok(screen)) => screen.clone().unwrap(),
            Ok(Err(_)) => panic!("the lane ended before its screen showed {what}"),
            Err(_) => panic!(
                "the screen does not show {what} but {:?}",
                self.screens.borrow().as_ref().map(|screen| &screen.view)
            ),
        }
    }

    pub(crate) async fn gathering(
        &self,
        what: &str,
        test: impl Fn(&GatheringView) -> bool,
    ) -> Screen {
        self.sees(
            what,
            |screen| matches!(&screen.view, View::Gathering(view) if test(view)),
        )
        .await
    }

    pub(crate) async fn stage(&self, name: StageName) {
        let at = |lane: &journey::Lane| lane.stage().is_some_and(|stage| stage.name() == name);
        self.rig.until(name.code(), PATIENCE, at).await.unwrap();
    }

    fn conditions(&mut self) -> Conditions {
        self.seed += 1;
        Conditions::good(self.seed)
    }

    /// Holds something to the document camera.
    pub(crate) fn holds(&mut self, scene: Scene) {
        let conditions = self.conditions();
        self.rig.documents.show(scene, conditions);
    }

    pub(crate) fn holds_passport(&mut self, traveller: &Traveller) {
        self.holds(traveller.page().unwrap());
    }

    pub(crate) fn holds_code(&mut self, text: &str) {
        self.holds(Scene::phone(text, Polarity::DarkOnLight).unwrap());
    }

    /// Waits until the lane has heard of something, whatever it made of it; gives what it did.
    pub(crate) async fn heard(&self, beginning: &str) -> Told {
        let told = || {
            self.rig
                .steps()
                .into_iter()
                .find(|step| step.event.starts_with(beginning))
        };
        self.rig
            .until(beginning, PATIENCE, |_| told().is_some())
            .await
            .unwrap();
        told().unwrap()
    }

    pub(crate) fn puts_away(&self) {
        self.rig.documents.clear();
    }

    /// Stands before the face camera.
    pub(crate) fn faces(&mut self, scene: Scene) {
        let conditions = self.conditions();
        self.rig.faces.show(scene, conditions);
    }

    pub(crate) fn touches(&self, intent: Intent) {
        self.touches.send(intent).unwrap();
    }

    /// What a party declares.
    pub(crate) fn content(&self, party: &[&Traveller]) -> Content {
        let today = self.rig.papers.now.date_at(UtcOffset::UTC);
        declared_by(party, today).unwrap()
    }

    pub(crate) fn code(&self, party: &[&Traveller]) -> String {
        self.rig.papers.code(&self.content(party)).unwrap()
    }

    /// Shows every passport and the code, up to the review.
    pub(crate) async fn shows_all(&mut self, party: &[&Traveller], code: &str) {
        for (shown, traveller) in (1..).zip(party) {
            self.holds_passport(traveller);
            self.gathering("the passport", |view| view.documents == shown)
                .await;
        }
        self.holds_code(code);
        self.sees("the declaration", |screen| {
            matches!(screen.view, View::Reviewing(_))
        })
        .await;
        self.puts_away();
    }

    /// Confirms, and shows every face.
    pub(crate) async fn confirms_and_faces(&mut self, party: &[&Traveller]) {
        self.touches(Intent::Touched(Touch::Confirm));
        for (index, traveller) in party.iter().enumerate() {
            let turn = move |screen: &Screen| matches!(&screen.view, View::Facing { member, .. } if member.position() == index);
            self.sees("the look for a face", turn).await;
            self.faces(traveller.face().unwrap());
            self.sees("the next", |screen| !turn(screen)).await;
        }
        self.rig.faces.clear();
    }

    /// From the first passport to the gate's opening.
    pub(crate) async fn goes_to_the_gate(&mut self, party: &[&Traveller]) {
        let code = self.code(party);
        self.shows_all(party, &code).await;
        self.confirms_and_faces(party).await;
        let persons = NonZeroU8::new(u8::try_from(party.len()).unwrap()).unwrap();
        self.sees(
            "the way",
            |screen| matches!(screen.view, View::Go { persons: may, .. } if may == persons),
        )
        .await;
    }

    /// Waits for the referral, and that it has the causes that it should.
    pub(crate) async fn is_referred(&self, causes: &[Cause]) -> Screen {
        let screen = self
            .sees("the referral", |screen| {
                matches!(screen.view, View::Referral { .. })
            })
            .await;
        self.stage(StageName::Referred).await;
        let lane = self.rig.lane();
        let Some(Stage::Referred { referral, .. }) = lane.stage() else {
            panic!("the referral is gone");
        };
        assert_eq!(referral.causes, causes);
        screen
    }

    /// Opens the panel and signs in; what comes of it is on the screen.
    pub(crate) async fn signs_in(&self, badge: &str, pin: &str) {
        self.touches(Intent::OpenPanel);
        self.sees("the sign-in", |screen| {
            matches!(screen.view, View::SignIn { .. })
        })
        .await;
        self.touches(Intent::SignIn {
            badge: badge.to_owned(),
            pin: pin.to_owned(),
        });
    }

    pub(crate) async fn panel(&self, what: &str, test: impl Fn(&PanelView) -> bool) -> PanelView {
        let seen = self
            .sees(
                what,
                |screen| matches!(&screen.view, View::Desk(panel) if test(panel)),
            )
            .await;
        match seen.view {
            View::Desk(panel) => *panel,
            other => panic!("not the panel: {other:?}"),
        }
    }

    /// Decides on the referral that the panel shows.
    pub(crate) async fn decides(&self, decision: Decision, reason: DecisionReason) {
        let panel = self
            .panel("a referral", |panel| panel.referral.is_some())
            .await;
        self.touches(Intent::Decide {
            referral: panel.referral.unwrap().id,
            decision,
            reason,
        });
    }

    /// An officer comes and takes the party along.
    pub(crate) async fn officer_takes_over(&self) {
        self.signs_in(BADGE, PIN).await;
        self.decides(Decision::SentToInspection, DecisionReason::GoodsToExamine)
            .await;
    }

    /// The kinds of a journey's records, in order.
    pub(crate) fn kinds(&self, journey: u64) -> Vec<String> {
        let entries = self.journal().into_iter();
        entries
            .filter(|entry| entry.journey == Some(journey))
            .map(|entry| entry.kind)
            .collect()
    }

    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.rig.journal().unwrap()
    }

    /// The only record of this kind.
    pub(crate) fn record(&self, kind: &str) -> Entry {
        let mut found: Vec<_> = self.journal();
        found.retain(|entry| entry.kind == kind);
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        found.remove(0)
    }

    /// Waits until something of this kind is on record that no step of the lane put there.
    pub(crate) async fn is_on_record(&self, kind: &str) {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let found = async {
            while self.journal().iter().all(|entry| entry.kind != kind) {
                looks.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .unwrap_or_else(|_| panic!("{kind} does not come on record"));
    }

    /// How often a command of the lane opened the gate.
    pub(crate) fn openings(&self) -> usize {
        use dock::controller::{Cause, Deed};
        let opened = Deed::Opened {
            cause: Cause::Command,
        };
        let log = self.rig.hands.log();
        log.iter().filter(|entry| entry.deed == opened).count()
    }

    /// Waits until the leaf stands so.
    pub(crate) async fn leaf(&self, wanted: Leaf) {
        let mut state = self.rig.hands.state();
        let there = state.wait_for(|gate| gate.leaf == wanted);
        match tokio::time::timeout(PATIENCE, there).await {
            Ok(seen) => drop(seen.unwrap()),
            Err(_) => panic!("the leaf is not {wanted:?}"),
        }
    }

    /// Where the folder of this lane's files is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Nobody is in the lane, the gate is closed, nothing was logged as an error, and the next traveller's passport is taken.
    pub(crate) async fn is_ready_for_the_next(&mut self) {
        self.puts_away();
        self.rig.faces.clear();
        self.sees("the invitation", |screen| {
            screen.view == View::Attract && screen.journey.is_none()
        })
        .await;
        self.rig
            .until("a lane in service with nobody in it", PATIENCE, |lane| {
                lane.service == Service::InService && lane.journey.is_none() && lane.troubles.none()
            })
            .await
            .unwrap();
        self.leaf(Leaf::Closed).await;
        let next = Traveller::specimen(5).unwrap();
        self.holds_passport(&next);
        self.gathering("the next traveller's passport", |view| {
            view.documents == 1 && view.hint.is_none()
        })
        .await;
        witness::no_error();
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a failing run leaves something to look at"
)]
impl Drop for Hall {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        eprintln!("-- what the lane did");
        for step in self.rig.steps() {
            eprintln!(
                "{:>7} ms  {} -> {}",
                step.at.as_millis(),
                step.event,
                step.effects.join("; ")
            );
        }
        eprintln!("-- what the gate did");
        for entry in self.rig.hands.log() {
            eprintln!("{:>4}  {:?}", entry.sequence, entry.deed);
        }
        eprintln!("-- what was logged\n{}", witness::heard().join("\n"));
    }
}
