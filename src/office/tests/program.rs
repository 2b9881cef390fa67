//! The program `office` as an operator meets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use place::{Place, asked};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
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

#[tokio::test]
async fn it_serves_from_the_sample_configuration_until_it_is_told_to_stop() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut place = Place::new();
        let path = place.folder.path().join("office.toml");
        std::fs::write(
            &path,
            SAMPLE
                .replace("127.0.0.1:8443", "127.0.0.1:0")
                .replace("1_400", "30_000"),
        )
        .unwrap();
        let mut program = Ended(office(&path).stderr(Stdio::piped()).spawn().unwrap());
        let mut log = BufReader::new(program.0.stderr.take().unwrap());

        let listening = log
            .by_ref()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
            .find(|line| line["fields"]["message"] == "listening")
            .unwrap();
        place.config.listen = listening["fields"]["addr"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(place.client().assess_case(&asked()).await.is_ok());

        kill_process(Pid::from_child(&program.0), signal).unwrap();
        let mut rest = String::new();
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

fn fails(config: &Path) -> String {
    let Output { status, stderr, .. } = office(config).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_wrong_configuration_is_named_with_its_cure() {
    let place = Place::new();
    let path = place.folder.path().join("office.toml");
    for (from, to, says) in [
        (
            "body_bytes",
            "bodybytes",
            "`limits.bodybytes` is no key: did you mean `body_bytes`?",
        ),
        ("policy.toml", "polcy.toml", "`risk.policy` names"),
        (
            "filter = \"info\"",
            "filter = \"office=loud\"",
            "`log.filter` is",
        ),
    ] {
        std::fs::write(&path, SAMPLE.replace(from, to)).unwrap();
        let said = fails(&path);
        assert!(said.contains(says), "{said}");
    }
    let said = fails(&place.folder.path().join("missing.toml"));
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
