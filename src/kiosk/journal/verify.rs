//! `kiosk journal verify`: whether a record was changed, removed or moved.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use journal::{Extent, Fault, TreeError, verify_export};
use serde_json::json;

use super::arguments::Verify;
use super::{EVIDENCE, Outcome, Trouble, of_record, opened, row, say};
use crate::chain;

pub(super) fn verify(arguments: &Verify) -> anyhow::Result<()> {
    match (&arguments.config, &arguments.export, &arguments.key) {
        (Some(config), ..) => of_journal(config, arguments.json),
        (None, Some(export), Some(key)) => of_export(export, key, arguments.json),
        // The command line sees to it that one of them is there.
        (None, ..) => anyhow::bail!("name a journal by --config, or an --export and its --key"),
    }
}

fn of_journal(config: &Path, as_json: bool) -> anyhow::Result<()> {
    let (config, reader) = opened(config)?;
    let begun = Instant::now();
    let extent = reader.verify().map_err(|error| match &error {
        TreeError::Unreadable(inner) => of_record(inner),
        _ => Trouble::new(Outcome::Altered, chain(&error), EVIDENCE),
    })?;
    told(config.lane.as_str(), 0, extent, begun, as_json)
}

fn of_export(export: &Path, key: &Path, as_json: bool) -> anyhow::Result<()> {
    let key = journal::verifying_key(key).map_err(|error| of_record(&error))?;
    let lines: Box<dyn BufRead> = if export == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(export).map_err(|error| {
            Trouble::new(
                Outcome::OutOfReach,
                format!("{} cannot be read ({error})", export.display()),
                "check the path and the file's rights",
            )
        })?;
        Box::new(BufReader::new(file))
    };
    let begun = Instant::now();
    let audit = verify_export(lines, &key).map_err(|error| {
        let outcome = match error.fault {
            Fault::Unreadable(_) => Outcome::OutOfReach,
            _ => Outcome::Altered,
        };
        Trouble::new(
            outcome,
            format!("{}: {}", export.display(), chain(&error)),
            "have it exported again, and compare; if the lane's own journal holds, it was altered on its way",
        )
    })?;
    told(&audit.lane, audit.after, audit.extent, begun, as_json)
}

fn told(
    lane: &str,
    after: u64,
    extent: Extent,
    begun: Instant,
    as_json: bool,
) -> anyhow::Result<()> {
    let looked_at = extent.records - after;
    let took = begun.elapsed();
    if as_json {
        say(&json!({
            "event": "verified",
            "lane": lane,
            "after": after,
            "records": extent.records,
            "root": extent.root.to_string(),
            "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }))?;
    } else {
        row("lane", lane)?;
        row("records", &extent.records.to_string())?;
        row("root", &extent.root.to_string())?;
        row(
            "verdict",
            &format!(
                "{looked_at} records hold (looked through in {} ms)",
                took.as_millis()
            ),
        )?;
    }
    Ok(())
}
