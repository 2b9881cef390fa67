//! Hears what the program logs. An error on record is a broken promise, whatever else came out right.

use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

static HEARD: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());

/// Begins to listen to the whole process.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ears = tracing_subscriber::registry().with(Ears);
        tracing::subscriber::set_global_default(ears).expect("nobody else listens");
    });
}

/// Warnings and errors so far, to be looked at when something else failed.
pub(crate) fn heard() -> Vec<String> {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard
        .iter()
        .map(|(level, text)| format!("{level} {text}"))
        .collect()
}

/// No error was logged.
pub(crate) fn no_error() {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let errors: Vec<_> = heard
        .iter()
        .filter(|(level, _)| *level == Level::ERROR)
        .map(|(_, text)| text.clone())
        .collect();
    drop(heard);
    assert!(errors.is_empty(), "errors were logged: {errors:#?}");
}

struct Ears;

impl<S: Subscriber> Layer<S> for Ears {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::WARN {
            return;
        }
        let mut words = Words(event.metadata().target().to_owned());
        event.record(&mut words);
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push((level, words.0));
    }
}

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}
