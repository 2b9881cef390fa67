//! The demonstration opens a real window on a display, and touches from outside the program, where it says that its controls
//! are, bring a scenario to its promised end.

use std::process::Stdio;

use dock::cabinet::program;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::hall::PATIENCE;

/// A display of its own, gone with the test.
struct Screen {
    name: String,
    _server: Child,
}

impl Screen {
    async fn on() -> Self {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1080x1920x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Xvfb is installed; `cargo xtask setup` installs it");
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let number = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let number = number.expect("Xvfb starts").unwrap().expect("Xvfb lives");
        Self {
            name: format!(":{number}"),
            _server: server,
        }
    }

    async fn touch(&self, (x, y): (&str, &str)) {
        let done = Command::new("xdotool")
            .args(["mousemove", "--sync", x, y, "click", "1"])
            .env("DISPLAY", &self.name)
            .stdin(Stdio::null())
            .output()
            .await
            .expect("xdotool is installed; `cargo xtask setup` installs it");
        assert!(done.status.success(), "{done:?}");
    }
}

/// Without a window manager a window stands in the display's corner, so that its pixels are the display's.
fn wanted(line: &str) -> Option<(&str, &str)> {
    let (_, place) = line
        .trim()
        .strip_prefix("[your turn] touch ")?
        .rsplit_once(" at ")?;
    place.split_once(',')
}

#[test]
fn a_wanted_touch_is_understood() {
    let line = "            [your turn] touch \"Yes, that is right\" at 270,812";
    assert_eq!(wanted(line), Some(("270", "812")));
    assert_eq!(wanted("            [touch] Staff"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_review_to_the_officers_decision() {
    let screen = Screen::on().await;
    let pictures = tempfile::tempdir().unwrap();
    let mut demo = Command::new(program("dock").unwrap())
        .args([
            "demo",
            "--window",
            "--by-hand",
            "--scenario",
            "referred",
            "--into",
        ])
        .arg(pictures.path())
        .env("DISPLAY", &screen.name)
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut transcript = Vec::new();
    let mut touches = 0;
    loop {
        let line = tokio::time::timeout(2 * PATIENCE, lines.next_line()).await;
        let Ok(line) = line else {
            panic!("nothing happens any more after\n{}", transcript.join("\n"));
        };
        let Some(line) = line.unwrap() else { break };
        if let Some(place) = wanted(&line) {
            screen.touch(place).await;
            touches += 1;
        }
        transcript.push(line);
    }
    let ended = demo.wait_with_output().await.unwrap();
    assert!(
        ended.status.success(),
        "{}\n{}\n{}",
        ended.status,
        transcript.join("\n"),
        String::from_utf8_lossy(&ended.stderr)
    );
    // One to confirm, one for the panel, four and one for the badge, six and one for the PIN, three for the decision.
    assert_eq!(touches, 17, "{}", transcript.join("\n"));
}
