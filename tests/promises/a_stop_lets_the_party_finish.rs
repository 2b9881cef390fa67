//! The service manager asks the lane to stop while somebody is in it: they finish first, and then it ends cleanly.

use std::fs;
use std::path::Path;

use dock::cabinet::Cabinet;

use crate::hall::PATIENCE;
use crate::lone::{Lone, quick, until};

#[tokio::test(flavor = "multi_thread")]
async fn in_mid_journey() {
    let folder = tempfile::tempdir().unwrap();
    let lone = Lone::walks_up(folder.path(), quick(), 40).await;
    let mut computer = lone.switch_on();
    until(&mut computer, "the lane looks for a face", |step| {
        step.stage == "Facing"
    })
    .await;
    computer.ask_to_stop().unwrap();
    until(&mut computer, "the order to finish", |step| {
        step.event == "ordered to finish"
    })
    .await;
    let last = until(&mut computer, "the traveller has passed", |step| {
        step.effects.contains("ended: Passed(1)")
    })
    .await;
    assert_eq!(last.service, "OutOfService");
    let status = computer.end(PATIENCE).await.unwrap();
    assert!(status.success(), "{status}");
    let kinds: Vec<_> = lone
        .cabinet
        .journal()
        .unwrap()
        .into_iter()
        .filter(|entry| entry.journey.is_some())
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(kinds, ["began", "gathered", "cleared", "ended"]);
    assert_eq!(lone.cabinet.every_opening_has_its_record().unwrap(), 1);
    an_opening_too_many_is_found(&lone.cabinet, folder.path());
}

/// What holds openings against records finds one that has none: here the same opening once more, after its journey's end.
fn an_opening_too_many_is_found(cabinet: &Cabinet, folder: &Path) {
    let path = folder.join("gate.log");
    let log = fs::read_to_string(&path).unwrap();
    let again: String = log
        .lines()
        .filter(|line| line.contains("\"opened\""))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&path, format!("{log}{again}")).unwrap();
    let twice = cabinet.every_opening_has_its_record().unwrap_err();
    assert!(twice.to_string().contains("twice"), "{twice}");

    let end = cabinet.journal().unwrap();
    let end = end.iter().rfind(|entry| entry.kind == "ended").unwrap();
    let later = end.at.unix_milliseconds() + 1;
    let stray = format!(r#"{{"wall_ms":{later},"event":"opened","cause":"command"}}"#);
    fs::write(&path, format!("{stray}\n")).unwrap();
    let stray = cabinet.every_opening_has_its_record().unwrap_err();
    assert!(stray.to_string().contains("had ended"), "{stray}");
}
