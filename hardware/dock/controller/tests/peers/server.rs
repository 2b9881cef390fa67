//! The peers: how each is got, started and spoken to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use controller::Pty;
use gate::Table;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A folder of this test's own under the target folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers")
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

fn run(what: &str, command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{what}: {command:?} cannot be started: {error}"));
    assert!(
        output.status.success(),
        "{what}\n  {command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// pymodbus in a Python environment of its own, made once for each version wanted.
pub(crate) fn pymodbus() -> Command {
    let wanted = std::fs::read_to_string(source("requirements.txt")).unwrap();
    let venv = folder().join("venv");
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        std::fs::create_dir_all(folder()).unwrap();
        run(
            "no Python environment for the peer: `cargo xtask setup` installs python3-venv",
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&venv),
        );
        run(
            "pymodbus cannot be installed: this test fetches it once from the Python package index, and needs the network for that",
            Command::new(venv.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(source("requirements.txt")),
        );
        std::fs::write(&stamp, wanted).unwrap();
    }
    let mut command = Command::new(venv.join("bin/python"));
    command.arg(source("gate.py"));
    command
}

/// A small C program around libmodbus, compiled here.
pub(crate) fn libmodbus() -> Command {
    std::fs::create_dir_all(folder()).unwrap();
    let program = folder().join("libmodbus-gate");
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", "libmodbus"])
        .output()
        .expect("pkg-config, which `cargo xtask setup` installs");
    assert!(
        flags.status.success(),
        "libmodbus is not installed: `cargo xtask setup` installs libmodbus-dev"
    );
    let flags = String::from_utf8(flags.stdout).unwrap();
    run(
        "the peer around libmodbus does not compile",
        Command::new("cc")
            .args(["-O1", "-Wall", "-o"])
            .arg(&program)
            .arg(source("gate.c"))
            .args(flags.split_whitespace()),
    );
    Command::new(program)
}

/// A running peer, and the pair of pseudo-terminals between it and the link.
pub(crate) struct Server {
    child: Child,
    words: ChildStdin,
    answers: BufReader<ChildStdout>,
    line: PathBuf,
    cable: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(mut program: Command, kind: &str) -> Self {
        let (near, far) = (Pty::open().unwrap(), Pty::open().unwrap());
        let line = near.path().to_owned();
        let mut child = program
            .arg(far.path())
            .args(["115200", kind])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let words = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self {
            child,
            words,
            answers,
            line,
            cable: tokio::spawn(join(near, far)),
        };
        assert_eq!(server.answer(), "ready");
        server
    }

    /// The link's end of the line.
    pub(crate) fn line(&self) -> String {
        self.line.display().to_string()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the peer has died");
        line.trim().to_owned()
    }

    fn say(&mut self, words: &str) -> String {
        writeln!(self.words, "{words}").unwrap();
        self.answer()
    }

    pub(crate) fn put(&mut self, table: Table, address: u16, value: u16) {
        assert_eq!(self.say(&format!("put {table} {address} {value}")), "ok");
    }

    pub(crate) fn get(&mut self, table: Table, address: u16) -> u16 {
        self.say(&format!("get {table} {address}")).parse().unwrap()
    }

    /// What further commands are answered with.
    pub(crate) fn verdict(&mut self, verdict: u16) {
        assert_eq!(self.say(&format!("verdict {verdict}")), "ok");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cable.abort();
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

/// The cable between two pseudo-terminals.
async fn join(mut near: Pty, mut far: Pty) {
    let (mut left, mut right) = ([0; 256], [0; 256]);
    loop {
        tokio::select! {
            got = near.read(&mut left) => far.write_all(&left[..got.unwrap()]).await.unwrap(),
            got = far.read(&mut right) => near.write_all(&right[..got.unwrap()]).await.unwrap(),
        }
        near.release_claim();
        far.release_claim();
    }
}
