//! The log: one line for each step and each trouble, to standard error. Nothing personal comes here: the words of a step
//! are those of `runtime::event_words` and `runtime::effect_words`.

use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

use runtime::{Moment, effect_words, event_words};
use serde::{Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt as lines, registry};

use crate::chain;
use crate::config::{Log, LogFormat};

/// Starts the log of this process.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter: Targets = log.filter.parse()?;
    // It tells of each migration, with the path of its own source.
    let filter = filter.with_target("rusqlite_migration", LevelFilter::WARN);
    match log.format {
        LogFormat::Json => registry().with(Json.with_filter(filter)).try_init()?,
        LogFormat::Text => {
            let lines = lines::layer()
                .with_ansi(io::stderr().is_terminal())
                .with_writer(io::stderr);
            registry().with(lines.with_filter(filter)).try_init()?;
        }
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
        ms = u64::try_from(moment.at.as_millis()).unwrap_or(u64::MAX),
        service = ?moment.lane.service,
        stage,
        event = event_words(moment.event),
        effects = effects.join("; "),
        commit_ms = moment.committed_in.map(|took| (took.as_secs_f64() * 1e5).round() / 1e2),
        "step"
    );
}

/// One JSON object a line: `time` (UTC), `level`, `from` (the part of the program), `message`, and the line's own fields. An
/// error is told with everything behind it, which the form that comes with `tracing-subscriber` leaves out.
struct Json;

impl<S: Subscriber> Layer<S> for Json {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        let mut line = Line(Vec::new());
        let now = OffsetDateTime::now_utc();
        let now = now.truncate_to_millisecond().format(&Rfc3339);
        line.put("time", now.unwrap_or_default());
        line.put("level", about.level().as_str());
        line.put("from", about.target());
        event.record(&mut line);
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        // A log that nobody takes can tell nobody.
        let _ = io::stderr().lock().write_all(&text);
    }
}

/// Fields in the order in which they were told.
struct Line(Vec<(String, Value)>);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Line {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        // What the bridge from the `log` crate adds says where in which crate's source a line stands.
        if !key.starts_with("log.") {
            self.0.push((key.to_owned(), value.into()));
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field.name(), chain(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What [`Json`] makes of events, kept instead of written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<Value>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut line = Line(Vec::new());
            event.record(&mut line);
            self.0
                .lock()
                .unwrap()
                .push(serde_json::to_value(line).unwrap());
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Full;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot commit")]
    struct Outer(#[source] Full);

    #[test]
    fn an_error_is_told_with_what_is_behind_it_and_fields_keep_their_kind() {
        let kept = Kept::default();
        tracing::subscriber::with_default(registry().with(kept.clone()), || {
            let error = Outer(Full);
            tracing::warn!(
                error = &error as &dyn Error,
                ms = 3_u64,
                ok = true,
                name = "x",
                none = None::<u8>,
                "trouble"
            );
        });
        let told = kept.0.lock().unwrap().clone();
        let line = serde_json::json!({
            "error": "cannot commit: the disk is full", "ms": 3, "ok": true, "name": "x", "message": "trouble"
        });
        assert_eq!(told, [line]);
    }
}
