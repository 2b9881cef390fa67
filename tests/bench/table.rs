//! What a line of the table says.

use std::time::{Duration, Instant};

use anyhow::Result;

/// What the values of a line are.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Milliseconds,
    Microseconds,
    Mebibytes,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Mebibytes => "MiB",
        }
    }

    fn of(self, duration: Duration) -> f64 {
        match self {
            Self::Milliseconds => seconds(duration) * 1e3,
            Self::Microseconds => seconds(duration) * 1e6,
            Self::Mebibytes => 0.0,
        }
    }
}

pub(crate) fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// Values of one kind.
pub(crate) struct Series {
    unit: Unit,
    values: Vec<f64>,
}

impl Series {
    pub(crate) fn new(unit: Unit) -> Self {
        Self {
            unit,
            values: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, duration: Duration) {
        self.values.push(self.unit.of(duration));
    }

    pub(crate) fn add_value(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Adds the time that `work` takes, and gives its result.
    pub(crate) fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = std::hint::black_box(work());
        self.add(begun.elapsed());
        result
    }

    /// As [`Series::time`]; a failure's time is not counted.
    pub(crate) async fn time_async<T, E: Into<anyhow::Error>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        let begun = Instant::now();
        let result = std::hint::black_box(work.await);
        let took = begun.elapsed();
        let result = result.map_err(Into::into)?;
        self.add(took);
        Ok(result)
    }

    /// Prints the line.
    pub(crate) fn tell(mut self, what: &str, note: &str) {
        self.values.sort_by(f64::total_cmp);
        let cell = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), shown);
        say(format!(
            "   {what:<52} {:>4} {:>6} {:>9} {:>9} {:>9} {:>9}   {note}",
            self.unit.name(),
            self.values.len(),
            cell(self.percentile(50)),
            cell(self.percentile(95)),
            cell(self.percentile(99)),
            cell(self.values.last().copied()),
        )
        .trim_end());
    }

    /// Median, p95 and the largest value.
    pub(crate) fn cells(&self) -> [String; 3] {
        let mut sorted = Self {
            unit: self.unit,
            values: self.values.clone(),
        };
        sorted.values.sort_by(f64::total_cmp);
        let largest = sorted.values.last().copied();
        [sorted.percentile(50), sorted.percentile(95), largest]
            .map(|value| value.map_or_else(|| "-".to_owned(), shown))
    }

    /// The nearest rank. A percentile that the largest value alone would decide is not given: p95 takes 20 values, p99 100.
    fn percentile(&self, percent: usize) -> Option<f64> {
        let count = self.values.len();
        if count == 0 || (percent > 50 && count * (100 - percent) < 100) {
            return None;
        }
        let rank = (count * percent).div_ceil(100).max(1);
        self.values.get(rank - 1).copied()
    }
}

/// Three digits that count.
fn shown(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// Says what kind of machine this is and names the columns.
pub(crate) fn head() {
    say(&machine());
    say(
        "p95 is given from 20 values on, p99 from 100; all are single values after a warm-up, none is discarded",
    );
}

/// What was measured on.
pub(crate) fn machine() -> String {
    let build = if cfg!(debug_assertions) {
        "a DEVELOPMENT build, whose figures mean nothing"
    } else {
        "a release build"
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!(
        "{build}, on {cores} cores of {}; load before it began {load}",
        processor().unwrap_or_else(|| "an unknown processor".to_owned())
    )
}

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Begins a part of the table.
pub(crate) fn part(title: &str, about: &str) {
    say(&format!("\n== {title}: {about}"));
    say(&format!(
        "   {:<52} {:>4} {:>6} {:>9} {:>9} {:>9} {:>9}",
        "", "unit", "n", "median", "p95", "p99", "worst"
    ));
}

/// One line for whoever reads.
#[expect(clippy::print_stdout, reason = "the table is what the bench prints")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
