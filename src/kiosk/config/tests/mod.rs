#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::time::Duration;

use super::*;

mod complaints;

/// What has to be there where a lane has an office, a certificate and updates, and nothing else.
const SHORTEST: &str = r#"
lane.name = "lane-3"
cameras.documents.source = "v4l2:/dev/sekisho-documents"
cameras.face.source = "v4l2:/dev/sekisho-face"
gate.port = "/dev/sekisho-gate"
office.url = "https://office.example:8443/"
office.ca = "office-ca.pem"
office.certificate = "lane.crt.pem"
office.certificate_key = "lane.key.pem"
updates.root = "root.json"
updates.folder = "/var/lib/sekisho/updates"
risk.policy = "policy.toml"
risk.lists = "lists.toml"
evidence.issuers = "issuers.toml"
officers.roster = "roster.toml"
journal.path = "/var/lib/sekisho/journal.db"
"#;

fn file() -> &'static Path {
    Path::new("/etc/sekisho/kiosk.toml")
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, file())
}

fn complaints(text: &str) -> Vec<Complaint> {
    match parse(text).expect_err(text) {
        ConfigError::Complaints { complaints, path } => {
            assert_eq!(path, file());
            complaints
        }
        error @ ConfigError::Unreadable { .. } => panic!("{error}"),
    }
}

#[test]
fn the_shipped_sample_is_a_configuration_and_states_every_default() {
    assert_eq!(parse(SAMPLE).unwrap(), parse(SHORTEST).unwrap());
    let sample = parse(SAMPLE).unwrap();
    assert_eq!(sample.timings, runtime::Timings::default());
    assert_eq!(
        sample.screen,
        ui::Settings {
            signs: ui::Signs {
                lane: "3".to_owned(),
                ..ui::Signs::default()
            },
            ..ui::Settings::default()
        }
    );
    assert_eq!(sample.office.unwrap().deadline, risk::DEADLINE);
    assert_eq!(sample.port.parity, gate::Parity::default());
}

#[test]
fn the_sample_shows_every_key() {
    let commented: String = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key)
                if key
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' ')) =>
            {
                key
            }
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let every = parse(&commented).unwrap();
    assert_eq!(every.screen.signs.next_lane.as_deref(), Some("4"));
    assert_eq!(
        every.journal_key.as_deref(),
        Some(Path::new("/etc/sekisho/journal.key"))
    );
    assert_eq!(
        every.lane_key.as_deref(),
        Some(Path::new("/etc/sekisho/lane.key"))
    );
    assert_eq!(
        every.models.as_deref(),
        Some(Path::new("/usr/share/sekisho/models"))
    );
    // A key that the reader knows and the sample does not would be suggested for its own misspelling.
    let known = complaints(&every_section_misspelt(&commented));
    for complaint in known {
        let listed = complaint.cure.split("known here are ").nth(1);
        for key in listed.into_iter().flat_map(|keys| keys.split(", ")) {
            let shown = commented.contains(&format!("\n{key} = "))
                || commented.contains(&format!("{key}]\n"))
                || commented.contains(&format!("\n[{key}."));
            assert!(shown, "`{key}` is not in the sample");
        }
    }
}

fn every_section_misspelt(text: &str) -> String {
    let sections = text.lines().flat_map(|line| {
        let strange = line.starts_with('[').then_some("unheard_of_key = 1\n");
        [line, "\n", strange.unwrap_or_default()]
    });
    ["another_unheard_of_key = 1\n"]
        .into_iter()
        .chain(sections)
        .collect()
}

#[test]
fn values_are_what_they_say() {
    let text = SHORTEST
        .replace("/dev/sekisho-gate", "tty/gate")
        .replace("v4l2:/dev/sekisho-face", "pictures:faces")
        + "cameras.face.fps = 5\ncameras.face.focus = 120\ncameras.face.exposure = \"automatic\"\nlane.offset = \"-03:30\"\nscreen.size = \"1280x800\"\ntimings.facing = \"1500ms\"\n\
           timings.stop = \"2 min\"\ntimings.reviewing = \"9 s\"\ngate.baud = 0x2580\ngate.map = \"relay-box\"\n";
    let config = parse(&text).unwrap();
    assert_eq!(config.port.path, "/etc/sekisho/tty/gate");
    assert_eq!(config.port.baud, 9_600);
    assert_eq!(config.map, Map::RelayBox);
    let face = config.face.unwrap();
    assert_eq!(face.source, Source::Pictures("/etc/sekisho/faces".into()));
    assert_eq!(
        face.format,
        camera::Format {
            width: 1280,
            height: 720,
            fps: 5
        }
    );
    let fixed = camera::Tuning {
        exposure: camera::Exposure::Automatic,
        focus: camera::Focus::Fixed(120),
    };
    assert_eq!(face.tuning, fixed);
    assert_eq!(config.documents.tuning, camera::Tuning::default());
    assert_eq!(config.offset.whole_minutes(), -210);
    assert_eq!(config.screen.size, Some(ui::Size::SMALL));
    assert_eq!(config.timings.facing, Duration::from_millis(1_500));
    assert_eq!(config.timings.stop, Duration::from_secs(120));
    assert_eq!(config.screen.reading_time, Duration::from_secs(9));
}

#[test]
fn one_camera_named_twice_is_one_camera() {
    let same = SHORTEST.replace("sekisho-face", "sekisho-documents");
    assert_eq!(parse(&same).unwrap().face, None);
    let alone: String = SHORTEST
        .lines()
        .filter(|line| !line.contains("face"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(parse(&alone).unwrap().face, None);
    let no_office: String = SHORTEST
        .lines()
        .filter(|line| !line.contains("office."))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(parse(&no_office).unwrap().office, None);
}

#[test]
fn the_sign_in_the_hall_shows_the_end_of_the_lanes_name() {
    for (name, sign) in [
        ("lane-3", "3"),
        ("3", "3"),
        ("nrt.t3.B", "B"),
        ("arrivals_south_12", "12"),
        ("verylonglanename", "verylonglane"),
    ] {
        let config = parse(&SHORTEST.replace("lane-3", name)).unwrap();
        assert_eq!(config.screen.signs.lane, sign);
    }
}
