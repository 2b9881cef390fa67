//! The power goes: the shipped kiosk, in a process of its own, is killed in the middle of a journey, twice.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evidence::UtcOffset;
use pictures::{Conditions, Polarity, Scene};

use super::{director::Theatre, director::kinds, say};
use crate::cabinet::{Cabinet, Computer, Fittings, Step};
use crate::cast::{Traveller, declared_by};

const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn kill(_theatre: &Theatre) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let cabinet = Cabinet::set_up(folder.path(), Fittings::default()).await?;
    let anna = Traveller::specimen(0)?;

    let mut computer = switch_on(&cabinet).await?;
    approach(&cabinet, &mut computer, &anna).await?;
    wait(&mut computer, "the lane looks for a face", |step| {
        step.stage == "Facing"
    })
    .await?;
    cut_power(computer, "before anybody was cleared").await?;
    let opened = cabinet.every_opening_has_its_record()?;
    ensure!(opened == 0, "the gate opened for nobody");

    let mut computer = switch_on(&cabinet).await?;
    approach(&cabinet, &mut computer, &anna).await?;
    cabinet.faces.show(anna.face()?, Conditions::good(5));
    wait(&mut computer, "the gate is told to open", |step| {
        step.effects.contains("open gate")
    })
    .await?;
    cut_power(computer, "when the gate was told to open").await?;
    cabinet.faces.clear();
    cabinet.every_opening_has_its_record()?;

    let mut computer = switch_on(&cabinet).await?;
    approach(&cabinet, &mut computer, &anna).await?;
    cabinet.faces.show(anna.face()?, Conditions::good(6));
    wait(&mut computer, "the gate is open", |step| {
        step.stage == "Passing"
    })
    .await?;
    cabinet.gate.hands().walk(1);
    wait(
        &mut computer,
        "the gate is closed behind the traveller",
        |step| step.effects.contains("ended: Passed(1)"),
    )
    .await?;
    let status = computer.shut_down(PATIENCE).await?;
    ensure!(status.success(), "the lane did not end cleanly: {status}");

    let entries = cabinet.journal()?;
    let opened = cabinet.every_opening_has_its_record()?;
    say(&format!(
        "            {} records verified; the gate opened {opened} times, each with its record",
        entries.len()
    ));
    let ends: Vec<_> = entries
        .iter()
        .filter(|entry| entry.kind == "ended")
        .map(|entry| {
            (
                entry.journey.unwrap_or(0),
                entry.body["ending"].as_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    let word = |ending: &str| ending.to_owned();
    let expected = [
        (1, word("interrupted")),
        (2, word("interrupted")),
        (3, word("passed")),
    ];
    ensure!(
        ends == expected,
        "the journal tells {ends:?}: {:?}",
        kinds(&entries)
    );
    Ok(())
}

async fn switch_on(cabinet: &Cabinet) -> Result<Computer> {
    say("            [power] on");
    cabinet.documents.clear();
    let mut computer = cabinet.switch_on()?;
    wait(&mut computer, "the lane serves", |step| {
        step.service == "InService"
    })
    .await?;
    Ok(computer)
}

async fn cut_power(computer: Computer, when: &str) -> Result<()> {
    say(&format!("            [power] kill -9, {when}"));
    computer.cut_power().await
}

/// Shows passport and code.
async fn approach(cabinet: &Cabinet, computer: &mut Computer, traveller: &Traveller) -> Result<()> {
    let today = cabinet.papers.now.date_at(UtcOffset::UTC);
    let code = cabinet.papers.code(&declared_by(&[traveller], today)?)?;
    cabinet
        .documents
        .show(traveller.page()?, Conditions::good(2));
    wait(computer, "the passport is read", |step| {
        step.event.starts_with("document read")
    })
    .await?;
    cabinet.documents.show(
        Scene::phone(&code, Polarity::DarkOnLight)?,
        Conditions::good(3),
    );
    wait(computer, "the declaration is open", |step| {
        step.stage == "Reviewing"
    })
    .await?;
    cabinet.documents.clear();
    Ok(())
}

async fn wait(
    computer: &mut Computer,
    what: &str,
    mut test: impl FnMut(&Step) -> bool,
) -> Result<()> {
    let tell = |step: &Step| {
        if !step.stage.is_empty() {
            say(&format!(
                "{:>9} ms  {} -> {}",
                step.ms, step.event, step.effects
            ));
        }
        test(step)
    };
    computer.until(what, PATIENCE, tell).await.map(drop)
}
