//! The program `office` as an operator meets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use ed25519_dalek::pkcs8::EncodePublicKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use place::history::History;
use place::{Place, asked, record_key, request};
use rcgen::KeyPair;
use reqwest::StatusCode;
use risk::wire::AssessmentRequest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const SAMPLE: &str = include_str!("../office.sample.toml");

fn office(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_office"));
    command.args(["run", "--config"]).arg(config);
    command
}

/// Ends the program when a test fails half-way.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The words of the log, one JSON object a line, until one says this.
fn said(log: &mut impl BufRead, message: &str, before: &mut String) -> Value {
    log.lines()
        .map(|line| {
            let line = line.unwrap();
            before.push_str(&line);
            serde_json::from_str::<Value>(&line).unwrap()
        })
        .find(|line| line["fields"]["message"] == message)
        .unwrap()
}

/// A place with the shipped configuration, made ready as `office --help` says.
struct Set {
    place: Place,
    config: PathBuf,
}

impl Set {
    fn up() -> Self {
        let place = Place::new();
        let config = place.file(
            "office.toml",
            &SAMPLE
                .replace("127.0.0.1:8443", "127.0.0.1:0")
                .replace("127.0.0.1:9464", "127.0.0.1:0")
                .replace("1_400", "30_000"),
        );
        for part in ["metadata", "targets"] {
            std::fs::create_dir_all(place.folder.path().join("repository").join(part)).unwrap();
        }
        let set = Self { place, config };
        set.command(&["authority"]);
        set
    }

    fn tried(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_office"))
            .current_dir(self.place.folder.path())
            .args(words)
            .arg("--config")
            .arg(&self.config)
            .output()
            .unwrap()
    }

    fn command(&self, words: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.tried(words);
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    fn refused(&self, words: &[&str]) -> String {
        let Output { status, stderr, .. } = self.tried(words);
        assert!(!status.success(), "{words:?}");
        String::from_utf8(stderr).unwrap()
    }

    /// Enrolls a lane, and gives certificate and key in one text.
    fn enroll(&self, lane: &str) -> String {
        let key = KeyPair::generate().unwrap();
        self.place.file("lane.csr.pem", &request(&key, lane));
        let public = record_key(lane).verifying_key();
        self.place.file(
            "lane.pub.pem",
            &public.to_public_key_pem(LineEnding::LF).unwrap(),
        );
        let certificate = self.command(&[
            "enroll",
            lane,
            "--request",
            "lane.csr.pem",
            "--record-key",
            "lane.pub.pem",
        ]);
        format!("{certificate}{}", key.serialize_pem())
    }
}

#[tokio::test]
async fn it_serves_from_the_sample_configuration_until_it_is_told_to_stop() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut set = Set::up();
        let identity = set.enroll("lane-3");
        let mut program = Ended(office(&set.config).stderr(Stdio::piped()).spawn().unwrap());
        let mut log = BufReader::new(program.0.stderr.take().unwrap());
        let mut rest = String::new();
        let listening = said(&mut log, "listening", &mut rest);
        let addr = listening["fields"]["addr"].as_str().unwrap();
        set.place.config.listen = addr.parse().unwrap();
        let lane = set.place.showing(Some(&identity));
        let asks = lane
            .post(set.place.at("/v1/assessments"))
            .json(&AssessmentRequest::from(&asked()));
        assert_eq!(asks.send().await.unwrap().status(), StatusCode::OK);

        let lists = set.place.config.risk.edition.join("lists.toml");
        let text = std::fs::read_to_string(&lists).unwrap();
        std::fs::write(&lists, "spoilt").unwrap();
        kill_process(Pid::from_child(&program.0), Signal::HUP).unwrap();
        said(&mut log, "nothing is reloaded", &mut rest);
        std::fs::write(&lists, text.replace("lists-1", "lists-2")).unwrap();
        kill_process(Pid::from_child(&program.0), Signal::HUP).unwrap();
        said(&mut log, "reloaded", &mut rest);
        let health = lane.get(set.place.at("/v1/health")).send().await.unwrap();
        let health: Value = health.json().await.unwrap();
        assert_eq!(health["lists"], "lists-2");

        kill_process(Pid::from_child(&program.0), signal).unwrap();
        log.read_to_string(&mut rest).unwrap();
        assert!(program.0.wait().unwrap().success(), "{rest}");
        assert!(
            rest.contains("lane-3/J42-1") && rest.contains("R-202"),
            "{rest}"
        );
        assert!(rest.contains("stopping"), "{rest}");
        for personal in ["ERIKSSON", "ANNA", "L898902C3", "as declared", "1996"] {
            assert!(!rest.contains(personal), "{rest}");
        }
    }
}

#[tokio::test]
async fn lanes_are_enrolled_listed_and_retired_beside_an_office_that_runs() {
    let mut set = Set::up();
    let office = office::serve(office::Config::load(&set.config).unwrap())
        .await
        .unwrap();
    set.place.config.listen = office.addr();
    let identity = set.enroll("lane-3");
    let lane = set.place.showing(Some(&identity));
    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let deliver = || {
        let body = history.delivery(1..=4);
        lane.post(set.place.at("/v1/records")).json(&body).send()
    };
    assert_eq!(deliver().await.unwrap().status(), StatusCode::OK);
    let listed = set.command(&["lanes"]);
    let row: Vec<&str> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        row,
        ["lane-3", "enrolled", "1", "4", "0", "never"],
        "{listed}"
    );

    set.command(&["retire", "lane-3"]);
    assert_eq!(deliver().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(set.command(&["lanes"]).contains("retired"));
    let csr = ["enroll", "lane-3", "--request", "lane.csr.pem"];
    assert!(set.refused(&csr).contains("lane-3 cannot be enrolled"));
    for (words, says) in [
        (
            &["retire", "lane-9"][..],
            "no lane of this name is enrolled",
        ),
        (&["retire", "lane 9"], "is no lane's name"),
        (&["enroll", "lane-9"], "--request <FILE>"),
        (
            &["enroll", "lane-9", "--request", "lane.csr.pem"],
            "names another than this lane",
        ),
        (
            &["enroll", "lane-9", "--record-key", "lane.csr.pem"],
            "is no Ed25519 public key in PEM",
        ),
        (&["authority"], "never written over"),
    ] {
        let said = set.refused(words);
        assert!(said.contains(says), "{said}");
    }
    office.stop().await.unwrap();
}

#[test]
fn the_authoritys_key_is_for_the_offices_user_only() {
    let set = Set::up();
    let key = set.place.folder.path().join("lanes.key.pem");
    let mode = std::fs::metadata(key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

fn fails(config: &Path) -> String {
    let Output { status, stderr, .. } = office(config).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_wrong_configuration_is_named_with_its_cure() {
    let set = Set::up();
    let path = set.place.folder.path().join("office.toml");
    for (from, to, says) in [
        (
            "body_bytes",
            "bodybytes",
            "`limits.bodybytes` is no key: did you mean `body_bytes`?",
        ),
        ("\"edition\"", "\"edtion\"", "`risk.edition`: "),
        ("lanes.crt.pem", "lane.crt.pem", "`lanes.ca` names"),
        (
            "\"lanes.key.pem\"",
            "\"office.key.pem\"",
            "`lanes`: the authority cannot be used",
        ),
        ("\"repository\"", "\"repo\"", "`repository.folder`: "),
        (
            "filter = \"info\"",
            "filter = \"office=loud\"",
            "`log.filter` is",
        ),
    ] {
        assert!(SAMPLE.contains(from), "{from}");
        std::fs::write(&path, SAMPLE.replace(from, to)).unwrap();
        let said = fails(&path);
        assert!(said.contains(says), "{said}");
    }
    let said = fails(&set.place.folder.path().join("missing.toml"));
    assert!(said.contains("missing.toml: cannot be read"), "{said}");
}

#[test]
fn help_tells_how_to_run_it() {
    let help = Command::new(env!("CARGO_BIN_EXE_office"))
        .args(["run", "--help"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("--config <FILE>")
    );
}

#[test]
fn it_makes_lists_that_an_office_reads() {
    let place = Place::new();
    let file = |name: &str, text: &str| {
        let path = place.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let documents = file("documents.csv", "# lost and stolen\nUTO,STOLEN1\n");
    let names = file("names.csv", "WATCHED,PERSON,1970-01-01\n");
    let key = file("list.key", &format!("{}\n", "07".repeat(32)));
    let mut command = Command::new(env!("CARGO_BIN_EXE_office"));
    command.args([
        "lists",
        "--version",
        "lists-1",
        "--issued",
        "2026-11-23",
        "--documents",
    ]);
    command
        .arg(&documents)
        .arg("--names")
        .arg(&names)
        .arg("--key")
        .arg(&key);
    let made = command.output().unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert_eq!(
        String::from_utf8(made.stdout).unwrap(),
        place::cases::draft().to_toml()
    );

    std::fs::write(
        &names,
        "WATCHED,PERSON,1970-01-01\nWatched,Person,1970-01-01\n",
    )
    .unwrap();
    let refused = command.output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(
        said.contains("names.csv, line 2: the name") && !said.contains("Watched"),
        "{said}"
    );
}
