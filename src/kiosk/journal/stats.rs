//! `kiosk journal stats`: the record in numbers.

use journal::Stats;
use serde_json::json;

use super::arguments::Stats as Arguments;
use super::{of_record, opened, row, say, time};

pub(super) fn show(arguments: &Arguments) -> anyhow::Result<()> {
    let (config, reader) = opened(&arguments.config)?;
    let stats = reader.stats().map_err(|error| of_record(&error))?;
    let waiting = stats.extent.records - stats.acknowledged;
    if arguments.json {
        say(&json!({
            "event": "stats",
            "lane": config.lane.as_str(),
            "records": stats.extent.records,
            "root": stats.extent.root.to_string(),
            "acknowledged": stats.acknowledged,
            "waiting": waiting,
            "first": stats.times.map(|(first, _)| time(first)),
            "last": stats.times.map(|(_, last)| time(last)),
            "clock_fell_back": stats.clock_fell_back,
            "kinds": stats.kinds,
            "open": stats.open,
            "personal": { "held": stats.held, "erased": stats.erased },
            "bytes": stats.bytes,
        }))?;
        return Ok(());
    }
    in_words(config.lane.as_str(), &stats, waiting)?;
    Ok(())
}

fn in_words(lane: &str, stats: &Stats, waiting: u64) -> std::io::Result<()> {
    row("lane", lane)?;
    row(
        "records",
        &format!("{}, {} bytes", stats.extent.records, stats.bytes),
    )?;
    row("root", &stats.extent.root.to_string())?;
    if let Some((first, last)) = stats.times {
        row("from, to", &format!("{}, {}", time(first), time(last)))?;
    }
    row(
        "clock",
        &format!("fell back {} times", stats.clock_fell_back),
    )?;
    row(
        "office",
        &format!("has {}, {waiting} wait for it", stats.acknowledged),
    )?;
    row(
        "personal",
        &format!("{} fields held, {} erased", stats.held, stats.erased),
    )?;
    row("open", &format!("{} journeys", stats.open))?;
    for (kind, count) in &stats.kinds {
        row(&format!("  {kind}"), &count.to_string())?;
    }
    Ok(())
}
