//! Other people's readers, which `bench vision` asks about the same pictures as ours: a Python environment under
//! `target/peers` and two Debian packages. None of it is built into anything, and none has to be there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    debian::PEERS,
    errand::{Errand, Failure},
    place, setup,
};

/// The words that ask for other people's readers or against them; the bench itself knows only the first.
const WITH: &str = "--peers";
const WITHOUT: &str = "--no-peers";

/// What the bench is handed, and whether other people's readers are to be gathered for it: always where the readers'
/// table is named, unless somebody said no.
pub(crate) fn wanted(handed_on: &[String]) -> (Vec<String>, bool) {
    let said = |word: &str| handed_on.iter().any(|argument| argument == word);
    let wanted = said("vision") && !said(WITHOUT) && !said("--help");
    let ours = handed_on
        .iter()
        .filter(|word| *word != WITHOUT && *word != WITH);
    let with = wanted.then(|| WITH.to_owned());
    (ours.cloned().chain(with).collect(), wanted)
}

/// Puts in place what is missing. What cannot be had is told, and the table then says of that reader that it is not here.
pub(crate) fn gather() {
    if setup::packages(PEERS).is_err() {
        println!(
            "xtask: going on without them; the table names the readers that are not here for it"
        );
    }
    let folder = place::target().join("peers");
    let list = place::root().join("tests/bench/peers/requirements.txt");
    let wanted = fs::read_to_string(&list).unwrap_or_default();
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return;
    }
    println!(
        "xtask: readers to compare ours with, {} Python packages, will be installed into {} (300 MB to fetch, 830 MB \
         there; --no-peers leaves them out)",
        names(&wanted).count(),
        folder.display()
    );
    if install(&folder, &list, &wanted).is_ok() {
        // If this cannot be written, they are looked for again next time.
        let _ = fs::write(stamp, wanted);
    }
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Everything at once; where that fails, one by one, so that one package does not take the others with it.
fn install(folder: &Path, list: &Path, wanted: &str) -> Result<(), Failure> {
    Errand::new(
        "making a Python environment",
        "python3",
        ["-m".as_ref(), "venv".as_ref(), folder.as_os_str()],
    )
    .without_input()
    .quietly()?;
    let file = ["-r".into(), list.as_os_str().to_owned()];
    let Err(whole) = pip(folder, "installing the readers to compare with", file) else {
        return Ok(());
    };
    for package in names(wanted) {
        // Each failure has said so itself.
        let _ = pip(folder, package, [package.into()]);
    }
    Err(whole)
}

fn pip(
    folder: &Path,
    label: &str,
    what: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<(), Failure> {
    let python: PathBuf = folder.join("bin/python");
    let fixed = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-input"];
    let fixed = fixed.into_iter().chain(["--disable-pip-version-check"]);
    let arguments = fixed.map(Into::into).chain(what);
    Errand::new(label, python, arguments)
        .without_input()
        .quietly()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn peers_come_with_the_readers_table_alone() {
        let table = [
            ("", "", false),
            ("gate journal", "gate journal", false),
            ("vision", "vision --peers", true),
            ("vision --quick", "vision --quick --peers", true),
            ("vision --no-peers", "vision", false),
            ("--no-peers vision --quick", "vision --quick", false),
            ("vision --peers", "vision --peers", true),
            ("vision --help", "vision --help", false),
        ];
        for (line, handed_on, gathered) in table {
            let words: Vec<String> = line.split_whitespace().map(String::from).collect();
            let (told, wanted) = wanted(&words);
            assert_eq!(
                (told.join(" ").as_str(), wanted),
                (handed_on, gathered),
                "{line}"
            );
        }
    }

    #[test]
    fn every_requirement_is_pinned() {
        let list = place::root().join("tests/bench/peers/requirements.txt");
        let list = fs::read_to_string(list).unwrap();
        assert!(names(&list).count() > 5);
        for name in names(&list) {
            let (package, version) = name.split_once("==").unwrap();
            assert!(
                !package.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()),
                "{name}"
            );
        }
    }
}
