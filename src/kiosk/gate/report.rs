//! The commissioning report: what was walked, what was seen, and what that amounts to.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::status::milliseconds;

/// What became of an actuator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Walked {
    /// It did what it was told.
    Done,
    /// It did not.
    Failed,
    /// It was left out.
    LeftOut,
    /// It is not a test's to walk.
    Apart,
}

/// What became of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sensed {
    /// The status followed, and went back where it does so by itself.
    Seen,
    /// Nothing came of it.
    NotSeen,
    /// It stays on, or was on before it was triggered.
    Stuck,
    /// The engineer skipped it.
    Skipped,
    /// Nobody was asked.
    NotAsked,
}

/// One actuator.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Actuator {
    /// Its command in the register map.
    pub(super) name: String,
    pub(super) state: Walked,
    /// From the command to the controller's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acknowledged_ms: Option<f64>,
    /// From the command to the leaf's end position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) travel_ms: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

impl Actuator {
    pub(super) fn left_out(name: &str, note: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: Walked::LeftOut,
            acknowledged_ms: None,
            travel_ms: None,
            note: note.to_owned(),
        }
    }

    pub(super) fn apart(name: &str, note: &str) -> Self {
        Self {
            state: Walked::Apart,
            ..Self::left_out(name, note)
        }
    }

    pub(super) fn failed(name: &str, acknowledged: Option<Duration>, note: String) -> Self {
        Self {
            state: Walked::Failed,
            acknowledged_ms: acknowledged.map(milliseconds),
            note,
            ..Self::left_out(name, "")
        }
    }

    pub(super) fn done(name: &str, acknowledged: Duration, travel: Option<Duration>) -> Self {
        Self {
            state: Walked::Done,
            acknowledged_ms: Some(milliseconds(acknowledged)),
            travel_ms: travel.map(milliseconds),
            ..Self::left_out(name, "")
        }
    }
}

/// One sensor.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sensor {
    /// Its point in the register map.
    pub(super) name: &'static str,
    pub(super) state: Sensed,
    /// From the question to the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_ms: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

/// What it amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Everything that the register map has was tried and works.
    Passed,
    /// What was tried works; something was left out.
    Incomplete,
    /// Something does not work.
    Failed,
}

/// The report.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    /// Always `commissioning`.
    pub(super) event: &'static str,
    /// UTC, RFC 3339.
    pub(super) at: String,
    pub(super) software: &'static str,
    /// The badge of whoever tested; none on a bench.
    pub(super) officer: Option<String>,
    pub(super) port: String,
    pub(super) baud: u32,
    pub(super) map: String,
    pub(super) unit: u8,
    /// Whether what was read is proven fresh by a heartbeat's echo.
    pub(super) fresh: bool,
    pub(super) firmware: Option<String>,
    pub(super) round_trip_ms: Option<f64>,
    pub(super) actuators: Vec<Actuator>,
    pub(super) sensors: Vec<Sensor>,
    /// Why the test ended before its end; what is not listed was not reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cut: Option<String>,
    pub(super) verdict: Verdict,
}

impl Report {
    /// The verdict on what was walked and seen.
    pub(super) fn judge(actuators: &[Actuator], sensors: &[Sensor]) -> Verdict {
        let failed = actuators
            .iter()
            .any(|actuator| actuator.state == Walked::Failed)
            || sensors
                .iter()
                .any(|sensor| matches!(sensor.state, Sensed::NotSeen | Sensed::Stuck));
        let left_out = actuators
            .iter()
            .any(|actuator| actuator.state == Walked::LeftOut)
            || sensors
                .iter()
                .any(|sensor| matches!(sensor.state, Sensed::Skipped | Sensed::NotAsked));
        match (failed, left_out) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::Incomplete,
            (false, false) => Verdict::Passed,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Commissioning report of a gate\n")?;
        let mut row = |name: &str, words: &str| writeln!(f, "{name:<16} {words}");
        row("date", &self.at)?;
        row("software", self.software)?;
        row("tested by", self.officer.as_deref().unwrap_or("a bench"))?;
        row(
            "port",
            &format!("{}, {} baud, unit {}", self.port, self.baud, self.unit),
        )?;
        row("register map", &self.map)?;
        row("firmware", self.firmware.as_deref().unwrap_or("not told"))?;
        if let Some(round_trip) = self.round_trip_ms {
            row("round trip", &format!("{round_trip:.1} ms, median"))?;
        }
        row(
            "freshness",
            if self.fresh {
                "proven by the heartbeat's echo"
            } else {
                "not proven: no heartbeat"
            },
        )?;
        let time = |time: Option<f64>| time.map_or_else(String::new, |ms| format!("{ms:.0} ms"));
        writeln!(
            f,
            "\n{:<18} {:<12} {:>14} {:>10}",
            "actuator", "", "acknowledged", "travel"
        )?;
        for actuator in &self.actuators {
            let state = match actuator.state {
                Walked::Done => "done",
                Walked::Failed => "FAILED",
                Walked::LeftOut => "left out",
                Walked::Apart => "apart",
            };
            let text = format!(
                "{:<18} {state:<12} {:>14} {:>10}  {}",
                actuator.name,
                time(actuator.acknowledged_ms),
                time(actuator.travel_ms),
                actuator.note
            );
            writeln!(f, "{}", text.trim_end())?;
        }
        writeln!(f, "\n{:<18} {:<12} {:>14}", "sensor", "", "after")?;
        for sensor in &self.sensors {
            let state = match sensor.state {
                Sensed::Seen => "seen",
                Sensed::NotSeen => "NOT SEEN",
                Sensed::Stuck => "STUCK",
                Sensed::Skipped => "skipped",
                Sensed::NotAsked => "not asked",
            };
            let text = format!(
                "{:<18} {state:<12} {:>14}  {}",
                sensor.name,
                time(sensor.after_ms),
                sensor.note
            );
            writeln!(f, "{}", text.trim_end())?;
        }
        if let Some(cut) = &self.cut {
            writeln!(
                f,
                "\nended early: {cut}; what is not listed was not reached"
            )?;
        }
        let verdict = match self.verdict {
            Verdict::Passed => "passed",
            Verdict::Incomplete => "incomplete: nothing failed, and something was left out",
            Verdict::Failed => "FAILED",
        };
        writeln!(f, "\nverdict: {verdict}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensor(state: Sensed) -> Sensor {
        Sensor {
            name: "exit_beam",
            state,
            after_ms: None,
            note: String::new(),
        }
    }

    #[test]
    fn the_verdict_is_that_of_the_worst() {
        let done = Actuator::done("open", Duration::from_millis(12), None);
        let failed = Actuator::failed("open", None, "jammed".to_owned());
        let left_out = Actuator::left_out("open", "no journal");
        for (actuator, sensed, verdict) in [
            (&done, Sensed::Seen, Verdict::Passed),
            (&done, Sensed::Skipped, Verdict::Incomplete),
            (&done, Sensed::NotAsked, Verdict::Incomplete),
            (&done, Sensed::NotSeen, Verdict::Failed),
            (&done, Sensed::Stuck, Verdict::Failed),
            (&left_out, Sensed::Seen, Verdict::Incomplete),
            (&failed, Sensed::Seen, Verdict::Failed),
            (&failed, Sensed::Skipped, Verdict::Failed),
        ] {
            let judged = Report::judge(std::slice::from_ref(actuator), &[sensor(sensed)]);
            assert_eq!(judged, verdict, "{actuator:?} {sensed:?}");
        }
    }
}
