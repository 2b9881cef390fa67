//! The top level, the rooms' pages, and the paths that they name.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::{
    none,
    plan::metadata,
    root, shown,
    sources::{files, text},
};

const TOP_LEVEL: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "deny.toml",
    "hardware",
    "kiosk-image",
    "migrations",
    "rust-toolchain.toml",
    "src",
    "target",
    "tests",
    "ui",
];

#[test]
fn the_top_level_is_fixed() {
    let extra: Vec<_> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    none(&extra, "these belong in a room:");
    let missing: Vec<_> = TOP_LEVEL
        .iter()
        .filter(|name| **name != "target" && !root().join(name).exists())
        .map(ToString::to_string)
        .collect();
    none(&missing, "missing at the top level:");
}

#[test]
fn every_room_has_a_page_and_every_crate_says_its_job() {
    let mut rooms: BTreeSet<PathBuf> = [
        "",
        "src",
        "hardware",
        "ui",
        "migrations",
        "kiosk-image",
        "tests",
    ]
    .iter()
    .map(|room| root().join(room))
    .collect();
    let mut wrong = Vec::new();
    for package in metadata().workspace_packages() {
        rooms.insert(package.manifest_path.parent().unwrap().into());
        for target in package
            .targets
            .iter()
            .filter(|target| target.is_lib() || target.is_bin())
        {
            let source = target.src_path.as_std_path();
            let flat = source.parent()
                == package
                    .manifest_path
                    .parent()
                    .map(|folder| folder.as_std_path());
            if !flat || !text(source).starts_with("//! ") || text(source).starts_with("//! stub") {
                wrong.push(shown(source));
            }
        }
    }
    let bare = rooms
        .iter()
        .filter(|room| !room.join("README.md").is_file());
    wrong.extend(bare.map(|room| format!("no README.md in /{}", shown(room))));
    none(
        &wrong,
        "rooms without a page, crates that are not flat or do not begin with their job:",
    );
}

#[test]
fn every_path_that_a_page_names_exists() {
    let mut lost = Vec::new();
    for page in files("", &["md"])
        .into_iter()
        .filter(|page| page.ends_with("README.md"))
    {
        for (number, named) in paths_named_in(&text(&page)) {
            let here = page.parent().unwrap();
            let found = match &named {
                // A room that has a folder of this name itself may mean its own.
                Named::FromTheTop(path) => root().join(path).exists() || here.join(path).exists(),
                Named::FromHere(path) => here.join(path).exists(),
            };
            if !found {
                lost.push(format!("{}:{number}: {named:?}", shown(&page)));
            }
        }
    }
    none(&lost, "pages that name what is not there:");
}

#[derive(Debug, PartialEq)]
enum Named {
    FromTheTop(String),
    FromHere(String),
}

/// The paths in a page with their line numbers: in backticks when they begin with one of our rooms, and the targets of
/// links. Where a path has a pattern (`*`, `{a,b}`, `<name>`) the folder before it is meant.
fn paths_named_in(page: &str) -> Vec<(usize, Named)> {
    let rooms = [
        "src/",
        "hardware/",
        "ui/",
        "migrations/",
        "kiosk-image/",
        "tests/",
    ];
    let (mut found, mut fenced) = (Vec::new(), false);
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for span in line.split('`').skip(1).step_by(2) {
            let path = span.split([' ', '#', ':']).next().unwrap_or_default();
            if rooms.iter().any(|room| path.starts_with(room)) {
                let plain = match path.find(['*', '{', '<', '…']) {
                    Some(at) => path[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
                    None => path,
                };
                found.push((number + 1, Named::FromTheTop(plain.into())));
            }
        }
        for link in line.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                found.push((number + 1, Named::FromHere(target.into())));
            }
        }
    }
    found
}

#[test]
fn paths_are_found_in_a_page() {
    let page = "See `src/journey/step.rs:12` and [the gate](hardware/gate), `cargo xtask`.\n\
                ```\n`src/gone`\n```\n`migrations/journal/*.sql` [far](https://example.org) `ui/{a,b}.slint`";
    let top = |path: &str| Named::FromTheTop(path.into());
    let expected = [
        (1, top("src/journey/step.rs")),
        (1, Named::FromHere("hardware/gate".into())),
        (5, top("migrations/journal")),
        (5, top("ui")),
    ];
    assert_eq!(paths_named_in(page), expected);
}
