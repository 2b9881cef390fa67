//! The set-up: Debian packages and face models, named before they are fetched.

use std::{
    fs,
    io::{self, IsTerminal},
};

use crate::{
    debian::{self, Hand, Package},
    errand::{Errand, Failure},
    place,
};

/// Puts in place what is missing.
pub(crate) fn perform() -> Result<(), Failure> {
    packages(debian::WANTED)?;
    models()
}

/// Installs those of these Debian packages that are missing, naming them first.
pub(crate) fn packages(wanted: &[Package]) -> Result<(), Failure> {
    let Some((_, listed)) = Errand::new("", "dpkg-query", debian::query(wanted)).heard() else {
        println!(
            "xtask: no dpkg here, so these have to be there already under your system's names: {}",
            names(wanted)
        );
        return Ok(());
    };
    let missing = debian::missing(wanted, &listed);
    if missing.is_empty() {
        return Ok(());
    }
    println!(
        "xtask: {} of {} Debian packages are missing and will be installed:",
        missing.len(),
        wanted.len()
    );
    for package in &missing {
        println!("         {:20} {}", package.name, package.why);
    }
    let install = debian::install(&missing);
    let Some(hand) = hand() else {
        let by_hand = debian::apt_get(Hand::Root, &install).join(" ");
        return Err(Failure::Told(format!(
            "this needs root, and there is no sudo that would work here; as root, run\n  apt-get update && {by_hand}"
        )));
    };
    // Old lists often still serve, and whether they do the installation will tell.
    if run(hand, "reading Debian's package lists", &["update"]).is_err() {
        println!(
            "xtask: the package lists could not be renewed; going on with those that are there"
        );
    }
    let label = format!("installing {} Debian packages", missing.len());
    run(hand, &label, &install)
}

fn run(hand: Hand, label: &str, arguments: &[&str]) -> Result<(), Failure> {
    let command = debian::apt_get(hand, arguments);
    let Some((program, rest)) = command.split_first() else {
        return Ok(());
    };
    let errand = Errand::new(label, program, rest);
    match hand {
        Hand::Sudo => errand.quietly(),
        Hand::Root | Hand::SudoSilent => errand.without_input().quietly(),
    }
}

/// Who can install packages here, if anybody.
fn hand() -> Option<Hand> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if debian::effective_user(&status) == Some(0) {
        return Some(Hand::Root);
    }
    let sudo = |arguments: &[&str]| {
        Errand::new("", "sudo", arguments)
            .without_input()
            .heard()
            .is_some_and(|(well, _)| well)
    };
    if sudo(&["-n", "true"]) {
        Some(Hand::SudoSilent)
    } else if io::stdin().is_terminal() && sudo(&["--version"]) {
        Some(Hand::Sudo)
    } else {
        None
    }
}

fn names(packages: &[Package]) -> String {
    packages
        .iter()
        .map(|package| package.name)
        .collect::<Vec<_>>()
        .join(" ")
}

fn models() -> Result<(), Failure> {
    let fetch = place::root().join("src/vision/models/fetch.py");
    let models = place::models();
    let arguments = [fetch.as_os_str(), "--into".as_ref(), models.as_os_str()];
    Errand::new(
        "face models: checking, and fetching what is missing",
        "python3",
        arguments,
    )
    .without_input()
    .quietly()
}
