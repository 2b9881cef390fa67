//! The scenarios and the endings that they promise.

use std::future::Future;
use std::pin::Pin;

use anyhow::{Context, Result, ensure};
use journal::Entry;
use journey::{Device, Service, Stage, StageName};
use pictures::Polarity;

use super::cut;
use super::director::{Director, Theatre, expect_kinds};
use crate::cast::{Traveller, carrying_for_others};

type Playing<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A scenario.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) promise: &'static str,
    pub(crate) play: fn(&Theatre) -> Playing<'_>,
}

/// All of them, in playing order.
pub(crate) const ALL: [Scenario; 6] = [
    Scenario {
        name: "clear",
        promise: "one traveller, nothing to declare: the gate opens, one passes, the gate closes",
        play: |theatre| Box::pin(clear(theatre)),
    },
    Scenario {
        name: "referred",
        promise: "goods for somebody else: an officer is called, looks, and releases",
        play: |theatre| Box::pin(referred(theatre)),
    },
    Scenario {
        name: "family",
        promise: "four people under one code, passports in any order: four pass",
        play: |theatre| Box::pin(family(theatre)),
    },
    Scenario {
        name: "offline",
        promise: "the network is cut: the lane decides by itself, and the traveller passes",
        play: |theatre| Box::pin(offline(theatre)),
    },
    Scenario {
        name: "jam",
        promise: "the gate jams: an officer takes over, the lane closes, is mended and serves again",
        play: |theatre| Box::pin(jam(theatre)),
    },
    Scenario {
        name: "kill",
        promise: "the power goes in the middle: nothing is lost, nothing opens, and the next traveller passes",
        play: |theatre| Box::pin(cut::kill(theatre)),
    },
];

pub(crate) fn choose(names: &[String]) -> Result<Vec<&'static Scenario>> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| {
        let known: Vec<_> = ALL.iter().map(|scenario| scenario.name).collect();
        ALL.iter()
            .find(|scenario| scenario.name == name)
            .with_context(|| {
                format!(
                    "there is no scenario {name:?}; there are {}",
                    known.join(", ")
                )
            })
    };
    names.iter().map(find).collect()
}

const CLEARED: [&str; 4] = ["began", "gathered", "cleared", "ended"];

async fn clear(theatre: &Theatre) -> Result<()> {
    let mut director = Director::begin(theatre, "clear").await?;
    let anna = Traveller::specimen(0)?;
    let code = director.code(&[&anna], |content| content)?;
    director.show_passport(&anna).await?;
    director.shot("passport-shown")?;
    director.show_code(&code, Polarity::DarkOnLight).await?;
    director.confirm_and_face(&[&anna]).await?;
    pass(&mut director, 1).await?;
    director.idle().await?;
    director.shot("next-please")?;
    let entries = director.end().await?;
    expect_kinds(&entries, &CLEARED)?;
    ensure!(
        decided_by(&entries)? == "office",
        "the office did not decide"
    );
    passed(&entries, 1)
}

async fn referred(theatre: &Theatre) -> Result<()> {
    let mut director = Director::begin(theatre, "referred").await?;
    let erika = Traveller::specimen(4)?;
    let code = director.code(&[&erika], carrying_for_others)?;
    director.show_code(&code, Polarity::LightOnDark).await?;
    director.shot("code-shown")?;
    director.show_passport(&erika).await?;
    director.confirm_and_face(&[&erika]).await?;
    director.stage(StageName::Referred).await?;
    director.shot("see-an-officer")?;
    director
        .officer_decides("Release", "Goods in order")
        .await?;
    pass(&mut director, 1).await?;
    director.idle().await?;
    let entries = director.end().await?;
    expect_kinds(
        &entries,
        &["began", "gathered", "referred", "decided", "ended"],
    )?;
    passed(&entries, 1)
}

async fn family(theatre: &Theatre) -> Result<()> {
    let mut director = Director::begin(theatre, "family").await?;
    let members = (0..4)
        .map(Traveller::specimen)
        .collect::<Result<Vec<_>>>()?;
    let party: Vec<_> = members.iter().collect();
    let code = director.code(&party, |content| content)?;
    // A child's passport first: the lane asks for the declarant's when it comes to the code.
    director.show_passport(party[2]).await?;
    director.show_code(&code, Polarity::DarkOnLight).await?;
    director.shot("declarant-wanted")?;
    for member in [party[0], party[3]] {
        director.show_passport(member).await?;
    }
    director.shot("one-missing")?;
    // The last passport completes the party.
    director.show_passport(party[1]).await?;
    director.confirm_and_face(&party).await?;
    pass(&mut director, 4).await?;
    director.idle().await?;
    let entries = director.end().await?;
    expect_kinds(&entries, &CLEARED)?;
    passed(&entries, 4)
}

async fn offline(theatre: &Theatre) -> Result<()> {
    let mut director = Director::begin(theatre, "offline").await?;
    let hanako = Traveller::specimen(5)?;
    let code = director.code(&[&hanako], |content| content)?;
    director.rig.cut_network().await?;
    director.show_passport(&hanako).await?;
    director.shot("in-japanese")?;
    director.show_code(&code, Polarity::DarkOnLight).await?;
    director.confirm_and_face(&[&hanako]).await?;
    pass(&mut director, 1).await?;
    director.idle().await?;
    director.rig.mend_network().await?;
    let entries = director.end().await?;
    expect_kinds(&entries, &CLEARED)?;
    ensure!(decided_by(&entries)? == "lane", "the lane did not decide");
    passed(&entries, 1)
}

async fn jam(theatre: &Theatre) -> Result<()> {
    let mut director = Director::begin(theatre, "jam").await?;
    let anna = Traveller::specimen(0)?;
    let code = director.code(&[&anna], |content| content)?;
    director.show_passport(&anna).await?;
    director.show_code(&code, Polarity::DarkOnLight).await?;
    director.rig.hands.jam();
    director.confirm_and_face(&[&anna]).await?;
    director.stage(StageName::Referred).await?;
    director
        .until("the lane is out of service", |lane| {
            lane.service == Service::OutOfService
        })
        .await?;
    director.shot("see-an-officer")?;
    director
        .officer_decides("Send to inspection", "Fault of the lane")
        .await?;
    director.idle().await?;
    director.rig.hands.unjam();
    director.sign_in().await?;
    director.control("Back in service").await?;
    director.touch("Back in service").await?;
    director
        .until("the lane serves again", |lane| {
            lane.service == Service::InService && !lane.troubles.has(Device::Gate)
        })
        .await?;
    director.touch("Leave the panel").await?;
    director.control("Staff").await?;
    director.shot("in-service-again")?;
    let entries = director.end().await?;
    expect_kinds(
        &entries,
        &[
            "began", "gathered", "cleared", "referred", "decided", "ended",
        ],
    )
}

/// Walks the party through the gate.
pub(super) async fn pass(director: &mut Director, persons: u8) -> Result<()> {
    director.stage(StageName::Passing).await?;
    director.shot("go")?;
    director.rig.hands.walk(persons);
    director
        .until("everybody is through", move |lane| match lane.stage() {
            Some(Stage::Passing(passage)) => passage.passed >= persons,
            Some(Stage::Closing { .. }) | None => true,
            Some(_) => false,
        })
        .await?;
    Ok(())
}

fn decided_by(entries: &[Entry]) -> Result<&str> {
    let cleared = entries
        .iter()
        .find(|entry| entry.kind == "cleared")
        .context("nobody was cleared")?;
    cleared.body["verdict"]["decided_by"]
        .as_str()
        .context("the record does not tell who decided")
}

fn passed(entries: &[Entry], persons: u8) -> Result<()> {
    let ended = entries
        .iter()
        .rfind(|entry| entry.kind == "ended")
        .context("the journey never ended")?;
    ensure!(
        ended.body["ending"] == "passed" && ended.body["persons"] == persons,
        "the journey ended otherwise: {}",
        ended.body
    );
    Ok(())
}
