//! Machine time of a journey: the sum of the four stretches in which one traveller waits for the machine,
//!
//! 1. from the passport's coming into the camera's view to the step that has read it,
//! 2. from the code's coming into view to the step that has opened the declaration with the passport,
//! 3. from the confirmation to the step that has accepted the face, which is before its camera all the while,
//! 4. from there (the question is asked) to the gate's report that it is open.
//!
//! What lies between them is people's: to exchange the passport for the phone, to read and confirm, to look up. People
//! here take no time for it, and what the bench itself takes is not counted. The leaf's travel is in the fourth stretch,
//! and told apart.

use std::time::Duration;

use anyhow::Result;
use dock::cast::{Traveller, declared_by};
use dock::controller::Travel;
use evidence::UtcOffset;
use journey::Touch;
use pictures::{Conditions, Polarity, Scene};
use tokio::time::{Instant, sleep_until};
use ui::Intent;

use crate::desk::{Desk, Film, Heard};
use crate::table::{Series, Unit, part};
use crate::{Effort, scratch};

/// How long the face stands before its camera ahead of the confirmation, so that the camera's newest frame shows it.
const SETTLED: Duration = Duration::from_millis(100);

#[derive(Clone, Copy)]
struct Stretches {
    passport: Duration,
    code: Duration,
    declaration: Duration,
    face: Duration,
    verdict: Duration,
    leaf: Duration,
}

pub(crate) async fn measure(effort: Effort) -> Result<()> {
    let travel = Travel {
        // Behind the traveller, and in nobody's way here.
        close: Duration::from_millis(300),
        ..Travel::default()
    };
    part(
        "journey",
        &format!(
            "one traveller, cleared; 1280x720 frames at 30 a second; the pretend leaf travels {} ms",
            travel.open.as_millis()
        ),
    );
    let folder = scratch()?;
    let anna = Traveller::specimen(0)?;
    let hall = Film::of(&Scene::hall(), Conditions::good(1))?;
    let page = Film::of(&anna.page()?, Conditions::good(2))?;
    let face = Film::of(&anna.face()?, Conditions::good(3))?;
    let mut desk = Desk::start(folder.path(), hall.clone(), travel).await?;
    let today = desk.papers.now.date_at(UtcOffset::UTC);
    let mut all = Vec::new();
    desk.until("the lane serves", |beat| beat.ready).await?;
    for n in 0..=effort.of(8) {
        let code = desk.papers.code(&declared_by(&[&anna], today)?)?;
        let phone = Film::of(
            &Scene::phone(&code, Polarity::DarkOnLight)?,
            Conditions::good(4 + n as u64),
        )?;
        let stretches = travel_once(&mut desk, &hall, &page, &phone, &face).await?;
        // The first is the warm-up.
        if n > 0 {
            all.push(stretches);
        }
    }
    desk.end().await?;
    let tell = |what: &str, note: &str, of: fn(&Stretches) -> Duration| {
        let mut series = Series::new(Unit::Milliseconds);
        all.iter().for_each(|stretches| series.add(of(stretches)));
        series.tell(what, note);
    };
    tell("passport in view, to read", "two frames agree", |s| {
        s.passport
    });
    tell("code in view, to read and its signature checked", "", |s| {
        s.code
    });
    tell("to the declaration opened", "and on record", |s| {
        s.declaration
    });
    tell(
        "confirmed, to the face accepted",
        "the best of eight frames",
        |s| s.face,
    );
    tell(
        "question asked, to the gate told to open",
        "and on record",
        |s| s.verdict,
    );
    tell(
        "gate told to open, to its report",
        "the leaf's travel included",
        |s| s.leaf,
    );
    tell("machine time without the gate", "", |s| {
        s.passport + s.code + s.declaration + s.face + s.verdict
    });
    tell("machine time of the journey", "the sum of all above", |s| {
        s.passport + s.code + s.declaration + s.face + s.verdict + s.leaf
    });
    Ok(())
}

async fn travel_once(
    desk: &mut Desk,
    hall: &Film,
    page: &Film,
    phone: &Film,
    face: &Film,
) -> Result<Stretches> {
    let begun = std::time::Instant::now();
    desk.before_documents(page);
    let passport = desk
        .until("the passport is read", |beat| beat.event == Heard::Document)
        .await?;
    let shown = std::time::Instant::now();
    desk.before_documents(phone);
    let code = desk
        .until("the code is read", |beat| beat.event == Heard::Code)
        .await?;
    let opened = desk
        .until("the declaration is open", |beat| {
            beat.event == Heard::Opened
        })
        .await?;
    desk.before_documents(hall);
    desk.before_faces(face);
    sleep_until(Instant::now() + SETTLED).await;
    let confirmed = std::time::Instant::now();
    desk.touch(Intent::Touched(Touch::Confirm))?;
    let asked = desk
        .until("the face is accepted", |beat| beat.asked)
        .await?;
    let told = desk
        .until("the gate is told to open", |beat| beat.told_to_open)
        .await?;
    let open = desk
        .until("the gate is open", |beat| beat.event == Heard::GateOpen)
        .await?;
    desk.before_faces(hall);
    desk.hands.walk(1);
    desk.until("the lane is empty again", |beat| beat.ready)
        .await?;
    Ok(Stretches {
        passport: passport.at - begun,
        code: code.at - shown,
        declaration: opened.at - code.at,
        face: asked.at - confirmed,
        verdict: told.at - asked.at,
        leaf: open.at - told.at,
    })
}
