//! After a journey nothing personal is in the journal's files, in the lane, or in any line that was logged.

use std::fs;
use std::path::Path;

use dock::cast::Traveller;
use dock::rig::Setup;
use journey::StageName;

use crate::hall::Hall;
use crate::lone::{Lone, quick, until};

/// What the first specimen's passport and declaration say about her, in the spellings in which it may turn up.
const PERSONAL: [&str; 11] = [
    "L898902C3",
    "ERIKSSON",
    "Eriksson",
    "ANNA MARIA",
    "Anna Maria",
    "ANNA<MARIA",
    "1974-08-12",
    "UTO7408122",
    "Jacket",
    "SKD1:",
    "EvidencePicture {",
];

#[track_caller]
fn is_clean(what: &str, bytes: &[u8]) {
    for value in PERSONAL {
        let found = bytes
            .windows(value.len())
            .position(|window| window == value.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
            panic!(
                "{what} holds {value:?} at {at}: {}",
                String::from_utf8_lossy(around)
            );
        }
    }
}

/// The journal with its write-ahead log and whatever else SQLite keeps beside it.
fn journal_is_clean(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("journal.sqlite") {
            is_clean(&name, &fs::read(&path).unwrap());
            files += 1;
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_lane_and_its_journal() {
    let mut hall = Hall::open(Setup::default()).await;
    let anna = Traveller::specimen(0).unwrap();
    let tell = |hall: &Hall, when: &str| {
        is_clean(when, format!("{:?}", hall.rig.lane()).as_bytes());
    };
    let code = hall.code(&[&anna]);
    hall.shows_all(&[&anna], &code).await;
    tell(&hall, "the lane at the review");
    hall.confirms_and_faces(&[&anna]).await;
    hall.stage(StageName::Passing).await;
    tell(&hall, "the lane at the gate");
    assert!(
        hall.rig
            .lane()
            .journey
            .is_some_and(|journey| format!("{journey:?}").len() > 100),
        "there is a journey to be told of"
    );
    hall.rig.hands.walk(1);
    hall.is_ready_for_the_next().await;
    assert!(journal_is_clean(hall.folder()) >= 2, "database and log");
    // The files are encrypted: what they say with the key counts as well. `src/journal` deciphers its own pages.
    is_clean("the records", format!("{:?}", hall.journal()).as_bytes());
    let steps = format!("{:?}", hall.rig.steps());
    is_clean("the steps", steps.as_bytes());
    is_clean("warnings", crate::witness::heard().join("\n").as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_shipped_programs_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut talkative = quick();
    talkative.log = "trace".to_owned();
    let lone = Lone::walks_up(folder.path(), talkative, 70).await;
    let mut computer = lone.switch_on();
    until(&mut computer, "the traveller has passed", |step| {
        step.effects.contains("ended: Passed(1)")
    })
    .await;
    let status = computer.shut_down(crate::hall::PATIENCE).await.unwrap();
    assert!(status.success(), "{status}");
    let log = lone.cabinet.log().unwrap();
    assert!(log.contains("cleared by Office"), "the office was asked");
    is_clean("the log", log.as_bytes());
    assert!(journal_is_clean(folder.path()) >= 1);
    let records = format!("{:?}", lone.cabinet.journal().unwrap());
    is_clean("the records", records.as_bytes());
    let errors: Vec<_> = log
        .lines()
        .filter(|line| line.contains("\"level\":\"ERROR\""))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
