//! What the commands run once the set-up stands.
//!
//! Cargo builds a dependency once for each set of features asked of it, and what is asked depends on the packages and
//! targets named. Every debug build here asks for the whole workspace with its development dependencies, so that
//! tests, demo and screens share what is built; one package alone (`-p`) would build Slint a second time.

use std::{env, ffi::OsString, fs, path::PathBuf};

use crate::{
    errand::{Errand, Failure},
    peers, place, setup,
};

/// The cargo that runs us.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cargo_errand(label: &str, arguments: &[&str], more: &[String]) -> Errand {
    let words = arguments
        .iter()
        .map(OsString::from)
        .chain(more.iter().map(OsString::from));
    Errand::new(label, cargo(), words).within(&place::root())
}

pub(crate) fn test(more: &[String]) -> Result<(), Failure> {
    setup::perform()?;
    // The promises start the shipped programs, and a test build makes only those that tests of their own package start.
    build()?;
    let nextest = Errand::new("", cargo(), ["nextest", "--version"])
        .heard()
        .is_some_and(|(well, _)| well);
    let runner: &[&str] = if nextest {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    let arguments = [runner, &["--workspace", "--all-targets"]].concat();
    cargo_errand("building and testing everything", &arguments, more).aloud()?;
    if more.is_empty() {
        cargo_errand(
            "testing the documentation's examples",
            &["test", "--workspace", "--doc", "--quiet"],
            &[],
        )
        .aloud()?;
    }
    Ok(())
}

/// Builds every program as `test` builds it; an example among the targets is what makes cargo count the development
/// dependencies' features in. The shipped kiosk is among them: the demo kills and restarts it.
fn build() -> Result<(), Failure> {
    let arguments = ["build", "--workspace", "--bins", "--example", "screens"];
    cargo_errand("building the programs", &arguments, &[]).aloud()
}

pub(crate) fn demo(more: &[String]) -> Result<(), Failure> {
    setup::perform()?;
    build()?;
    let mut arguments = vec![String::from("demo")];
    arguments.extend_from_slice(more);
    Errand::new("the demo", place::target().join("debug/dock"), arguments)
        .within(&place::root())
        .aloud()
}

pub(crate) fn issue_code(more: &[String]) -> Result<(), Failure> {
    setup::perform()?;
    build()?;
    let mut arguments = vec![String::from("issue-code")];
    arguments.extend_from_slice(more);
    // In the caller's folder: the file names among the arguments are the caller's.
    Errand::new(
        "the declaration code",
        place::target().join("debug/dock"),
        arguments,
    )
    .aloud()
}

pub(crate) fn screens(into: Option<PathBuf>) -> Result<(), Failure> {
    setup::perform()?;
    build()?;
    let into = match into {
        Some(folder) => folder,
        None => place::target().join("screens"),
    };
    let label = format!("drawing the screens into {}", into.display());
    let arguments = [OsString::from("--into"), into.into_os_string()];
    Errand::new(
        label,
        place::target().join("debug/examples/screens"),
        arguments,
    )
    .aloud()
}

pub(crate) fn pictures(more: &[String]) -> Result<(), Failure> {
    setup::perform()?;
    // One example of the whole workspace: only what it needs is built, and what it shares with tests and demo once.
    let arguments = ["build", "--workspace", "--example", "export"];
    cargo_errand("building the painter", &arguments, &[]).aloud()?;
    // In the caller's folder: the folder among the arguments is the caller's.
    Errand::new(
        "drawing the pictures",
        place::target().join("debug/examples/export"),
        more,
    )
    .aloud()
}

pub(crate) fn bench(more: &[String]) -> Result<(), Failure> {
    setup::perform()?;
    // The kiosk too: its start-up and its memory are measured on the shipped program.
    let arguments = [
        "build",
        "--release",
        "--workspace",
        "--bins",
        "--example",
        "bench",
        "--example",
        "load",
    ];
    cargo_errand("building for release", &arguments, &[]).aloud()?;
    let handed_on = match more.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => more,
    };
    let (handed_on, with_peers) = peers::wanted(handed_on);
    if with_peers {
        peers::gather();
    }
    Errand::new(
        "the bench",
        place::target().join("release/examples/bench"),
        handed_on,
    )
    .within(&place::root())
    .aloud()
}

/// Removes a folder that a build left and nobody needs again.
pub(crate) fn sweep(folder: &std::path::Path) {
    // What stays behind costs room and nothing else.
    let _ = fs::remove_dir_all(folder);
}
