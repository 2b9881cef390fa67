//! The shipped program in a process of its own, with a traveller before its cameras who needs nobody to direct them:
//! passport and phone in turn, the face, and feet that walk when the gate is open.

use std::path::Path;
use std::time::Duration;

use dock::cabinet::{Cabinet, Computer, Fittings, Step};
use dock::cast::{Traveller, declared_by};
use dock::controller::{Hands, Travel};
use evidence::UtcOffset;
use gate::Leaf;
use pictures::{Conditions, Polarity, Scene};
use tokio::task::JoinHandle;

use crate::hall::PATIENCE;

/// The travellers' part, which goes on for as long as this is kept.
pub(crate) struct Lone {
    pub(crate) cabinet: Cabinet,
    feet: JoinHandle<()>,
}

/// The gate is as quick as it can be: the traveller is what takes time. The cameras are not: each of their pictures is decoded,
/// and computing is what several of these side by side have little of.
pub(crate) fn quick() -> Fittings {
    Fittings {
        travel: Travel {
            open: Duration::from_millis(150),
            close: Duration::from_millis(150),
            clear: Duration::from_millis(50),
            ..Travel::default()
        },
        fps: 12,
        reviewing: Duration::from_millis(20),
        ..Fittings::default()
    }
}

impl Lone {
    pub(crate) async fn walks_up(folder: &Path, fittings: Fittings, seed: u64) -> Self {
        let cabinet = Cabinet::set_up(folder, fittings).await.unwrap();
        let anna = Traveller::specimen(0).unwrap();
        let today = cabinet.papers.now.date_at(UtcOffset::UTC);
        let content = declared_by(&[&anna], today).unwrap();
        let code = cabinet.papers.code(&content).unwrap();
        let phone = Scene::phone(&code, Polarity::DarkOnLight).unwrap();
        let good = |n| Conditions::good(seed + n);
        let held = vec![(anna.page().unwrap(), good(1)), (phone, good(2))];
        cabinet.documents.pin(held).unwrap();
        let faces = vec![(anna.face().unwrap(), good(3))];
        cabinet.faces.pin(faces).unwrap();
        let feet = tokio::spawn(walk_whenever_it_opens(cabinet.gate.hands()));
        Self { cabinet, feet }
    }

    pub(crate) fn switch_on(&self) -> Computer {
        self.cabinet.switch_on().unwrap()
    }
}

impl Drop for Lone {
    fn drop(&mut self) {
        self.feet.abort();
    }
}

/// One walker waits at the closed gate, and no more than one: a second would follow through the same opening.
async fn walk_whenever_it_opens(hands: Hands) {
    let mut state = hands.state();
    loop {
        let alone = state
            .wait_for(|gate| gate.leaf == Leaf::Closed && gate.waiting == 0 && gate.inside == 0);
        if alone.await.is_err() {
            return;
        }
        hands.walk(1);
    }
}

/// Waits for a step of the lane.
pub(crate) async fn until(
    computer: &mut Computer,
    what: &str,
    test: impl FnMut(&Step) -> bool,
) -> Step {
    computer.until(what, PATIENCE, test).await.unwrap()
}
