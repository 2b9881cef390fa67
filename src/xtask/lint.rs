//! The checks that need no run: formatting, clippy, and cargo-deny by `deny.toml`.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    errand::{Errand, Failure},
    order::Part,
    place, setup, tasks,
};

pub(crate) fn perform(parts: &[Part]) -> Result<(), Failure> {
    for part in parts {
        match part {
            Part::Fmt => cargo("formatting", &["fmt", "--all", "--check"])?,
            Part::Clippy => {
                setup::perform()?;
                cargo(
                    "clippy",
                    &[
                        "clippy",
                        "--workspace",
                        "--all-targets",
                        "--",
                        "-D",
                        "warnings",
                    ],
                )?;
            }
            Part::Deny => deny()?,
        }
    }
    Ok(())
}

fn cargo(label: &str, arguments: &[&str]) -> Result<(), Failure> {
    Errand::new(label, tasks::cargo(), arguments)
        .within(&place::root())
        .aloud()
}

/// The release of cargo-deny that reads `deny.toml` as it was written.
const CARGO_DENY: &str = "0.20.2";

/// Seconds after which the advisory database counts as out of reach.
const FETCH_SECONDS: &str = "120";

fn deny() -> Result<(), Failure> {
    let program = cargo_deny()?;
    Errand::new(
        "licences, bans, sources",
        &program,
        ["check", "bans", "licenses", "sources"],
    )
    .within(&place::root())
    .aloud()?;
    // Fetched apart from the check, so that a database out of reach is not mistaken for an advisory.
    let fetch = [
        OsString::from(FETCH_SECONDS),
        program.clone(),
        "fetch".into(),
        "db".into(),
    ];
    let fetched = Errand::new("", "timeout", fetch)
        .within(&place::root())
        .without_input()
        .heard();
    if fetched.is_some_and(|(well, _)| well) {
        return Errand::new(
            "advisories",
            &program,
            ["check", "--disable-fetch", "advisories"],
        )
        .within(&place::root())
        .aloud();
    }
    println!("xtask: ************************************************************************");
    println!("xtask: ADVISORIES WERE NOT CHECKED: their database could not be fetched.");
    println!("xtask: Run `cargo xtask lint deny` once more where it can be, before a release.");
    println!("xtask: ************************************************************************");
    Ok(())
}

/// cargo-deny where it is installed, else one of our own, built without optimisation: 75 s of machine time rather than
/// several minutes, for a check of five seconds.
fn cargo_deny() -> Result<OsString, Failure> {
    let works = |program: &OsString| {
        Errand::new("", program, ["--version"])
            .heard()
            .is_some_and(|(well, _)| well)
    };
    let installed = OsString::from("cargo-deny");
    if works(&installed) {
        return Ok(installed);
    }
    let tools: PathBuf = place::target().join("tools");
    let own = tools.join("bin/cargo-deny").into_os_string();
    if works(&own) {
        return Ok(own);
    }
    let building = tools.join("build");
    let mut arguments: Vec<OsString> = [
        "install",
        "cargo-deny",
        "--version",
        CARGO_DENY,
        "--locked",
        "--debug",
    ]
    .into_iter()
    .chain(["--no-default-features", "--quiet", "--root"])
    .map(OsString::from)
    .collect();
    arguments.extend([
        tools.into_os_string(),
        "--target-dir".into(),
        building.clone().into_os_string(),
    ]);
    Errand::new(
        format!("building cargo-deny {CARGO_DENY}, about two minutes"),
        tasks::cargo(),
        arguments,
    )
    .quietly()?;
    tasks::sweep(&building);
    Ok(own)
}
