//! What the sources of each room never say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{none, plan::below, root, shown};

/// Every file under a folder of the repository, what git and cargo keep for themselves left out, in order.
pub(crate) fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut next) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = next.pop() {
        for entry in
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let kept_apart = name.starts_with('.') || (folder == root() && name == "target");
            let wanted = path
                .extension()
                .is_some_and(|x| extensions.iter().any(|wanted| x == *wanted));
            if path.is_dir() && !kept_apart {
                next.push(path);
            } else if path.is_file() && (wanted || extensions.is_empty()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// `file:line` of each line that holds one of the words as a whole word. These tests name them all and are left out.
pub(crate) fn lines_with(paths: &[PathBuf], words: &[&str], comments_too: bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths
        .iter()
        .filter(|path| !path.starts_with(root().join("tests/rooms")))
    {
        for (number, line) in text(path).lines().enumerate() {
            let seen = comments_too || !line.trim_start().starts_with("//");
            for word in words.iter().filter(|word| seen && has_word(line, word)) {
                found.push(format!("{}:{}: {word}", shown(path), number + 1));
            }
        }
    }
    found
}

pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let glued = |end: Option<char>, edge: Option<char>| {
            end.is_some_and(part_of_word) && edge.is_some_and(part_of_word)
        };
        !glued(before, word.chars().next()) && !glued(after, word.chars().next_back())
    })
}

#[test]
fn evidence_and_journey_have_no_clock_and_no_float() {
    let in_tests = |path: &PathBuf| path.components().any(|part| part.as_os_str() == "tests");
    let sources: Vec<_> = ["src/evidence", "src/journey"]
        .iter()
        .flat_map(|room| files(room, &["rs"]))
        .filter(|path| !in_tests(path))
        .collect();
    let words = [
        "Instant",
        "SystemTime",
        "now_utc",
        "now_local",
        "std::fs",
        "std::net",
        "std::io",
        "std::env",
        "std::thread",
        "std::process",
        "async",
        "f32",
        "f64",
        "println!",
        "tracing",
    ];
    none(
        &lines_with(&sources, &words, false),
        "no clock, no input or output, no float, no waiting:",
    );
}

#[test]
fn each_room_knows_its_own_words_only() {
    let lower = |rooms: &[&str], words: &[&str]| {
        let mut found = Vec::new();
        for path in rooms.iter().flat_map(|room| files(room, &[])) {
            let content = text(&path).to_lowercase();
            found.extend(
                words
                    .iter()
                    .filter(|word| content.contains(**word))
                    .map(|word| format!("{}: {word}", shown(&path))),
            );
        }
        found
    };
    none(
        &lower(
            &["hardware/camera", "hardware/gate"],
            &["traveller", "traveler"],
        ),
        "a device does not know whom it serves:",
    );
    none(
        &lower(&["src/journey"], &["serialport", "modbus", "serial port"]),
        "the lane does not know how its gate is wired:",
    );
}

#[test]
fn only_those_who_may_build_things_build_them() {
    let outside = |rooms: &[&str]| -> Vec<PathBuf> {
        let rooms: Vec<_> = rooms.iter().map(|room| root().join(room)).collect();
        files("", &["rs"])
            .into_iter()
            .filter(|path| !rooms.iter().any(|room| path.starts_with(room)))
            .collect()
    };
    none(
        &lines_with(
            &outside(&["src/journey"]),
            &["Warrant {", "Warrant{", "Warrant::new"],
            true,
        ),
        "only journey builds a warrant:",
    );
    let fields = text(&root().join("src/journey/warrant.rs"));
    let fields = fields
        .split("pub struct Warrant {")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    assert!(!fields.contains("pub"), "a warrant's fields are its own");
    none(
        &lines_with(
            &[files("src/runtime", &["rs"]), files("src/kiosk", &["rs"])].concat(),
            &["attested("],
            true,
        ),
        "a lane believes a declaration for its signature, not because it is told to:",
    );
    none(
        &lines_with(
            &outside(&["hardware", "src/kiosk", "tests", "src/runtime/tests"]),
            &[
                "V4l2::open(",
                "Pictures::open(",
                "Capture::start(",
                "Link::spawn(",
            ],
            true,
        ),
        "only kiosk and dock construct devices:",
    );
    for name in [
        "evidence", "journey", "ui", "journal", "officers", "vision", "risk", "office",
    ] {
        let devices: Vec<_> = below(name)
            .into_iter()
            .filter(|used| ["camera", "gate"].contains(used))
            .map(String::from)
            .collect();
        none(&devices, &format!("{name} sees a device:"));
    }
}

#[test]
fn files_are_short_and_finished() {
    let sources = files("", &["rs", "slint"]);
    let long: Vec<_> = sources
        .iter()
        .map(|path| (shown(path), text(path).lines().count()))
        .filter(|(_, lines)| *lines >= 500)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    none(&long, "to be split before they have 500 lines:");
    none(
        &lines_with(&sources, &["todo!", "unimplemented!", "#[ignore"], false),
        "unfinished:",
    );
}

#[test]
fn words_are_whole_words() {
    let table = [
        ("let x: f32 = 0", "f32", true),
        ("0xf32a", "f32", false),
        ("InstantX", "Instant", false),
        ("time::Instant::now()", "Instant", true),
        ("journey::Warrant { journey }", "Warrant {", true),
        ("OpenWarrant {", "Warrant {", false),
        ("#[ignore = \"x\"]", "#[ignore", true),
    ];
    for (line, word, expected) in table {
        assert_eq!(has_word(line, word), expected, "{line} / {word}");
    }
}
