//! The office beside its own description: Schemathesis makes requests of the OpenAPI document, right ones and wrong ones, and
//! holds every answer against it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use office::config::Repository;
use place::history::History;
use place::{Place, request};
use rcgen::KeyPair;
use std::path::{Path, PathBuf};
use std::process::Command;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

fn run(what: &str, command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{what}: {command:?} cannot be started: {error}"));
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{what}\n  {command:?}\n{said}");
    said
}

/// Schemathesis in a Python environment of its own, made once for each version wanted.
fn schemathesis() -> Command {
    let wanted = std::fs::read_to_string(source("requirements.txt")).unwrap();
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        run(
            "no Python environment for Schemathesis: `cargo xtask setup` installs python3-venv",
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&venv),
        );
        run(
            "Schemathesis cannot be installed: this test fetches it once from the Python package index, and needs the network for that",
            Command::new(venv.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(source("requirements.txt")),
        );
        std::fs::write(&stamp, wanted).unwrap();
    }
    Command::new(venv.join("bin/schemathesis"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_office_describes() {
    let mut place = Place::guarded();
    let folder = place.folder.path().join("repository");
    for part in ["metadata", "targets"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    std::fs::write(folder.join("metadata/timestamp.json"), "{}").unwrap();
    std::fs::write(folder.join("targets/00.documents.bin"), [0; 500]).unwrap();
    place.config.repository = Some(Repository { folder });
    let office = place.open().await;
    place.enroll("lane-3").await;
    let identity = place.file("lane-3.pem", &place.identity("lane-3"));
    place.file(
        "lane-3.csr.pem",
        &request(&KeyPair::generate().unwrap(), "lane-3"),
    );
    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let mut signed: Vec<String> = (1..=6).map(|seq| history.record(seq)).collect();
    signed.extend((0..=6).map(|size| history.checkpoint(size)));
    place.file("signed.json", &serde_json::to_string(&signed).unwrap());
    // Schemathesis looks for them where it is started.
    place.file("hooks.py", include_str!("peers/hooks.py"));
    let document = place.file("openapi.json", office::openapi());

    let mut command = schemathesis();
    command
        .current_dir(place.folder.path())
        .arg("--config-file")
        .arg(source("schemathesis.toml"))
        .arg("run")
        .arg(document)
        .args(["--url", &place.at("")])
        .arg("--request-cert")
        .arg(identity)
        .args(["--tls-verify", "false"])
        .env("PYTHONWARNINGS", "ignore");
    let said = tokio::task::spawn_blocking(move || {
        run(
            "the office answered what it does not describe",
            &mut command,
        )
    })
    .await
    .expect("what Schemathesis found is said above");
    // Whoever asked nothing finds nothing.
    assert!(said.contains("Tested: 10"), "{said}");
    office.stop().await.unwrap();
}
