//! `kiosk gate watch` and `kiosk gate record`: every change with its time.

use std::path::Path;
use std::time::Duration;

use gate::{News, RegisterMap};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::arguments::Line as Arguments;
use super::line::Line;
use super::session::Session;
use super::words::{Field, cure, fields, object};
use super::{Form, Outcome, Stop, line, now, say};
use crate::chain;

pub(super) async fn watch(
    arguments: &Arguments,
    seconds: Option<Duration>,
    tape: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let gate = Line::of(arguments)?.hands_off();
    let mut stop = Stop::heed()?;
    let mut session = Session::begin(&gate, tape)?;
    let mut teller = Teller::new(arguments.form());
    let over = async {
        match seconds {
            Some(time) => sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    loop {
        tokio::select! {
            biased;
            news = session.next() => {
                teller.news(session.elapsed(), Some(now()), &news, &gate.map)?;
            }
            () = &mut over => break,
            () = stop.asked() => break,
        }
    }
    if let Some(failure) = session.tape_failure() {
        return Err(failure.into());
    }
    Ok(match session.status {
        Some(_) => Outcome::Well,
        None => Outcome::OutOfReach,
    })
}

/// Tells news as changes of fields.
pub(super) struct Teller {
    form: Form,
    last: Vec<Field>,
}

impl Teller {
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            last: Vec::new(),
        }
    }

    /// Tells what is new. `at` is since the beginning, `clock` the time of day where there is one.
    pub(super) fn news(
        &mut self,
        at: Duration,
        clock: Option<String>,
        news: &News,
        map: &RegisterMap,
    ) -> anyhow::Result<()> {
        let (event, status) = match news {
            News::Connected(status) => ("connected", status),
            News::Changed(status) => ("changed", status),
            News::Lost(error) => {
                let (says, cure) = (chain(error.as_ref()), cure(error));
                return match self.form {
                    Form::Json => self.json(
                        at,
                        clock,
                        json!({ "event": "lost", "error": says, "cure": cure }),
                    ),
                    Form::Text => self.text(at, &format!("out of reach: {says} -> {cure}")),
                };
            }
        };
        let fields = fields(status, map);
        let changed: Vec<(&Field, Option<&Field>)> = fields
            .iter()
            .map(|field| {
                let before = self.last.iter().find(|last| last.key == field.key);
                (field, before)
            })
            .filter(|(field, before)| *before != Some(*field))
            .collect();
        match self.form {
            Form::Json => {
                let keys: Vec<_> = changed.iter().map(|(field, _)| field.key).collect();
                self.json(
                    at,
                    clock,
                    json!({ "event": event, "status": object(&fields), "changed": keys }),
                )?;
            }
            Form::Text => {
                let words: Vec<_> = changed
                    .iter()
                    .filter(|(field, before)| before.is_some() || field.value != Value::Null)
                    .map(|(field, before)| match before {
                        Some(before) => {
                            format!("{}: {} -> {}", field.name, before.short(), field.short())
                        }
                        None => format!("{}: {}", field.name, field.words()),
                    })
                    .collect();
                let words = words.join(", ");
                match news {
                    News::Connected(_) if words.is_empty() => {
                        self.text(at, "the gate answers, and nothing has changed")?;
                    }
                    News::Connected(_) => self.text(at, &format!("the gate answers; {words}"))?,
                    News::Changed(_) | News::Lost(_) => self.text(at, &words)?,
                }
            }
        }
        self.last = fields;
        Ok(())
    }

    /// Tells something else.
    pub(super) fn told(&self, at: Duration, words: &str, value: Value) -> anyhow::Result<()> {
        match self.form {
            Form::Json => self.json(at, Some(now()), value),
            Form::Text => self.text(at, words),
        }
    }

    pub(super) fn json(
        &self,
        at: Duration,
        clock: Option<String>,
        mut value: Value,
    ) -> anyhow::Result<()> {
        value["ms"] = u64::try_from(at.as_millis()).unwrap_or(u64::MAX).into();
        if let Some(clock) = clock {
            value["at"] = clock.into();
        }
        Ok(say(&value)?)
    }

    pub(super) fn text(&self, at: Duration, words: &str) -> anyhow::Result<()> {
        Ok(line(&format!("{:>10.3}  {words}", at.as_secs_f64()))?)
    }
}
