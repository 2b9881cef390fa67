//! The log: one line for each step and each trouble, to standard error. Nothing personal comes here: the words of a step
//! are those of `runtime::event_words` and `runtime::effect_words`.

use runtime::{Moment, effect_words, event_words};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

use crate::config::{Log, LogFormat};

/// Starts the log of this process.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter: Targets = log.filter.parse()?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => registry()
            .with(lines.json().flatten_event(true).with_filter(filter))
            .try_init()?,
        LogFormat::Text => registry().with(lines.with_filter(filter)).try_init()?,
    }
    Ok(())
}

/// One step, one line.
pub(crate) fn step(moment: &Moment<'_>) {
    let effects: Vec<String> = moment.effects.iter().map(effect_words).collect();
    let stage = moment
        .stage()
        .map_or_else(|| "Idle".to_owned(), |stage| format!("{stage:?}"));
    tracing::info!(
        target: "lane",
        ms = moment.at.as_millis() as u64,
        service = ?moment.lane.service,
        stage,
        event = event_words(moment.event),
        effects = effects.join("; "),
        commit_ms = moment.committed_in.map(|took| took.as_secs_f64() * 1e3),
        "step"
    );
}
