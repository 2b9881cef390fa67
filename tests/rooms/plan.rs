//! The arrows, as `cargo metadata` sees them.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::OnceLock,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use crate::{none, root};

/// Which of our crates each of them may use in what it ships. Tests (development dependencies) may look further.
const ARROWS: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("journey", &["evidence"]),
    ("ui", &["evidence", "journey"]),
    ("journal", &["evidence", "journey"]),
    ("officers", &["evidence", "journey"]),
    ("vision", &["evidence"]),
    ("risk", &["evidence"]),
    ("camera", &[]),
    ("gate", &[]),
    ("runtime", LANE),
    ("kiosk", ABOVE_RUNTIME),
    ("dock", DESK),
    ("controller", &["gate"]),
    ("office", &["evidence", "risk", "journal", "officers"]),
    ("pictures", &[]),
    ("xtask", &[]),
    ("acceptance", &[]),
];
const LANE: &[&str] = &[
    "evidence", "journey", "ui", "journal", "officers", "vision", "risk", "camera", "gate",
];
const ABOVE_RUNTIME: &[&str] = &[
    "runtime", "evidence", "journey", "ui", "journal", "officers", "vision", "risk", "camera",
    "gate",
];
/// The lane on a desk has its office on the same desk, and pictures for its cameras.
const DESK: &[&str] = &[
    "runtime",
    "evidence",
    "journey",
    "ui",
    "journal",
    "officers",
    "vision",
    "risk",
    "camera",
    "gate",
    "controller",
    "office",
    "pictures",
];

/// Runtimes, clocks, sockets and sources of chance. `rand_core` is not among them: it holds traits and no source.
const IMPURE: &[&str] = &[
    "async-std",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "mio",
    "nanorand",
    "oorandom",
    "rand",
    "rand_chacha",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "tokio",
    "ureq",
    "web-time",
];

pub(crate) fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        // Crates for other systems are in Cargo.lock and need not be on this machine.
        let here = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(["--offline".into(), "--filter-platform".into(), here])
            .exec()
            .unwrap()
    })
}

pub(crate) fn ours(name: &str) -> &'static Package {
    let members = metadata().workspace_packages();
    members
        .into_iter()
        .find(|package| package.name.as_str() == name)
        .unwrap_or_else(|| panic!("no crate {name}"))
}

/// The crates that this one uses directly in what it ships, build scripts included.
pub(crate) fn uses(id: &PackageId) -> Vec<&'static PackageId> {
    let nodes = &metadata().resolve.as_ref().unwrap().nodes;
    let node = nodes.iter().find(|node| node.id == *id).unwrap();
    let shipped = |kind: &DependencyKind| *kind != DependencyKind::Development;
    node.deps
        .iter()
        .filter(|dep| dep.dep_kinds.iter().any(|info| shipped(&info.kind)))
        .map(|dep| &dep.pkg)
        .collect()
}

/// The names of all crates below this one.
pub(crate) fn below(name: &str) -> BTreeSet<&'static str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![&ours(name).id]);
    while let Some(id) = next.pop() {
        for used in uses(id) {
            if seen.insert(used) {
                next.push(used);
            }
        }
    }
    seen.into_iter()
        .map(|id| metadata()[id].name.as_str())
        .collect()
}

#[test]
fn arrows_run_as_drawn() {
    let drawn: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let members: BTreeSet<_> = metadata()
        .workspace_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(
        members,
        drawn.keys().copied().collect(),
        "every crate has its arrows in the plan"
    );
    let mut wrong = Vec::new();
    for (name, allowed) in ARROWS {
        for used in uses(&ours(name).id) {
            let used = metadata()[used].name.as_str();
            if members.contains(used) && !allowed.contains(&used) {
                wrong.push(format!("{name} uses {used}"));
            }
        }
    }
    none(&wrong, "arrows that the plan does not have:");
}

#[test]
fn the_shipped_kiosk_is_free_of_the_desk() {
    let shipped = below("kiosk");
    for absent in ["dock", "controller", "pictures", "office", "acceptance"] {
        assert!(!shipped.contains(absent), "the kiosk ships {absent}");
    }
    let on_the_desk: Vec<_> = shipped
        .iter()
        .filter(|name| {
            metadata()
                .workspace_packages()
                .iter()
                .any(|package| package.name.as_str() == **name)
        })
        .filter(|name| below(name).contains("dock"))
        .map(ToString::to_string)
        .collect();
    none(&on_the_desk, "crates of the kiosk that depend on the dock:");
}

/// `cargo metadata` counts in what a feature would switch on if its crate were there (`crate?/feature`); `cargo tree`
/// shows what is built.
#[test]
fn what_is_built_into_the_kiosk_holds_no_test_equipment() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", "kiosk", "-e", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        // What is shipped is built by itself, without the features that the rest of the workspace asks for.
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .current_dir(root())
        .output()
        .unwrap();
    let built = String::from_utf8(output.stdout).unwrap();
    assert!(
        built.lines().any(|line| line.starts_with("slint v")),
        "{built}"
    );
    for absent in [
        "i-slint-backend-testing ",
        "proptest ",
        "openssl-sys ",
        "aws-lc-sys ",
    ] {
        assert!(
            !built.lines().any(|line| line.starts_with(absent)),
            "the kiosk ships {absent}"
        );
    }
}

#[test]
fn nothing_impure_lies_below_evidence_and_journey() {
    for name in ["evidence", "journey"] {
        let impure: Vec<_> = below(name)
            .into_iter()
            .filter(|used| IMPURE.contains(used))
            .map(String::from)
            .collect();
        none(&impure, &format!("below {name} there is"));
    }
    let direct: BTreeSet<_> = uses(&ours("journey").id)
        .into_iter()
        .map(|id| metadata()[id].name.as_str())
        .collect();
    assert_eq!(
        direct,
        BTreeSet::from(["evidence", "thiserror"]),
        "journey needs words and errors, and nothing else"
    );
}
