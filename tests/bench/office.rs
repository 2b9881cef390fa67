//! Verdicts a second that one office gives to two hundred lanes, by a program of the office's own room (`src/office/load`):
//! it shares the machine's cores with its lanes, as nobody would have it in earnest.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::table::{part, say};
use crate::{Effort, scratch};

/// People on the lists: every question is searched for among them.
const NAMES: [&str; 3] = ["0", "100000", "1000000"];

pub(crate) fn measure(effort: Effort) -> Result<()> {
    part(
        "office",
        "each lane over its own kept-alive line, certificates on both sides, each question new, and stored before it is answered",
    );
    // Built beside this one.
    let load = std::env::current_exe()?.with_file_name("load");
    let folder = scratch()?;
    for names in NAMES {
        let run = Command::new(&load)
            .args(["--lanes", "200", "--names", names, "--seconds"])
            .arg(effort.of(20).to_string())
            .arg("--folder")
            .arg(folder.path())
            .output()
            .with_context(|| format!("{} cannot be started", load.display()))?;
        ensure!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        say(String::from_utf8_lossy(&run.stdout).trim_end());
    }
    Ok(())
}
