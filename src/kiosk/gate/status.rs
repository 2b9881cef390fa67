//! `kiosk gate status`: how the gate stands, field by field.

use std::time::Duration;

use gate::News;
use serde_json::json;
use tokio::time::timeout;

use super::arguments::Status as Arguments;
use super::line::Line;
use super::session::Session;
use super::words::{attention, fields, object};
use super::{Form, Outcome, line, say};

/// As many exchanges make a median that another run repeats.
const EXCHANGES: usize = 24;
/// How long they may take on a slow line.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn show(arguments: Arguments) -> anyhow::Result<Outcome> {
    let form = arguments.line.form();
    let gate = Line::of(&arguments.line)?.hands_off();
    let (mut session, mut status) = Session::connect(&gate, None).await?;
    while session.elapsed() < PATIENCE
        && session
            .round_trip()
            .is_none_or(|(_, exchanges)| exchanges < EXCHANGES)
    {
        match timeout(Duration::from_millis(50), session.next()).await {
            Ok(News::Connected(newer) | News::Changed(newer)) => status = newer,
            Ok(News::Lost(error)) => return Err(session.lost(&error).into()),
            Err(_) => {}
        }
    }
    let fields = fields(&status, &gate.map);
    let seen_to = attention(&status);
    let round_trip = session.round_trip();
    let fresh = gate.map.heartbeat.is_some();
    match form {
        Form::Json => {
            let seen_to: Vec<_> = seen_to
                .iter()
                .map(|attention| json!({ "what": attention.what, "cure": attention.cure }))
                .collect();
            say(&json!({
                "event": "status",
                "port": gate.port.path,
                "baud": gate.port.baud,
                "map": gate.map.name,
                "unit": gate.map.unit,
                "fresh": fresh,
                "status": object(&fields),
                "round_trip": round_trip.map(|(median, exchanges)| json!({ "median_ms": milliseconds(median), "exchanges": exchanges })),
                "in_order": seen_to.is_empty(),
                "attention": seen_to,
            }))?;
        }
        Form::Text => {
            let row = |name: &str, words: &str| line(&format!("{name:<16} {words}"));
            row(
                "port",
                &format!(
                    "{}, {} baud, unit {}",
                    gate.port.path, gate.port.baud, gate.map.unit
                ),
            )?;
            row("register map", &gate.map.name)?;
            for field in &fields {
                row(field.name, &field.words())?;
            }
            if let Some((median, exchanges)) = round_trip {
                row(
                    "round trip",
                    &format!(
                        "{:.1} ms, median of {exchanges} questions",
                        milliseconds(median)
                    ),
                )?;
            }
            row(
                "freshness",
                if fresh {
                    "proven by the heartbeat's echo"
                } else {
                    "not proven: the register map has no heartbeat"
                },
            )?;
            for attention in &seen_to {
                row(
                    "attention",
                    &format!("{} -> {}", attention.what, attention.cure),
                )?;
            }
            if seen_to.is_empty() {
                row("verdict", "in order")?;
            }
        }
    }
    Ok(if seen_to.is_empty() {
        Outcome::Well
    } else {
        Outcome::AtFault
    })
}

/// To the microsecond.
pub(super) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
