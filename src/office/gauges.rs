//! The office's figures, for Prometheus. No label holds more than a route, a status, a kind or a lane's name.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusRecorder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Bounds of the buckets for durations, seconds: a lane waits 1.5 s in all.
const SECONDS: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5,
];

/// Bounds of the buckets for errands in one transaction.
const ERRANDS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// One office's figures. They are its own and not the process's, since tests and demos run several.
pub(crate) struct Gauges(PrometheusRecorder);

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gauges")
    }
}

impl Gauges {
    pub(crate) fn new() -> Arc<Self> {
        // The bounds above are not empty, which is all that can be wrong with bounds; without them there are quantiles.
        let recorder = bounds().map_or_else(
            |_| PrometheusBuilder::new().build_recorder(),
            PrometheusBuilder::build_recorder,
        );
        metrics::with_local_recorder(&recorder, describe);
        Arc::new(Self(recorder))
    }

    fn within<T>(&self, note: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.0, note)
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        self.0.handle().render()
    }

    /// Moves what histograms have gathered to where it is read from; otherwise it is kept one by one.
    pub(crate) fn tidy(&self) {
        self.0.handle().run_upkeep();
    }

    pub(crate) fn served(&self, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.within(|| {
            histogram!("office_request_seconds", "route" => route.clone()).record(took);
            counter!("office_requests_total", "route" => route, "status" => status.to_string())
                .increment(1);
        });
    }

    pub(crate) fn committed(&self, errands: usize, took: Duration) {
        self.within(|| {
            histogram!("office_commit_seconds").record(took);
            histogram!("office_commit_errands")
                .record(f64::from(u32::try_from(errands).unwrap_or(u32::MAX)));
        });
    }

    pub(crate) fn assessed(&self, decision: &'static str) {
        self.within(|| counter!("office_assessments_total", "decision" => decision).increment(1));
    }

    pub(crate) fn recorded(&self, new: u64) {
        self.within(|| counter!("office_records_total").increment(new));
    }

    pub(crate) fn forked(&self) {
        self.within(|| counter!("office_forks_total").increment(1));
    }

    pub(crate) fn disagreed(&self) {
        self.within(|| counter!("office_disagreements_total").increment(1));
    }

    pub(crate) fn certified(&self) {
        self.within(|| counter!("office_certificates_total").increment(1));
    }

    pub(crate) fn forgot(&self, rows: usize) {
        self.within(|| counter!("office_forgotten_total").increment(rows as u64));
    }

    pub(crate) fn reported(&self, lane: &str, seen_at: i64, outbox: u64) {
        let lane = lane.to_owned();
        self.within(|| {
            gauge!("office_lane_seen_timestamp_seconds", "lane" => lane.clone())
                .set(as_float(seen_at.unsigned_abs()));
            gauge!("office_lane_outbox_records", "lane" => lane).set(as_float(outbox));
        });
    }

    pub(crate) fn lists_issued(&self, at: i64) {
        self.within(|| {
            gauge!("office_lists_issued_timestamp_seconds").set(as_float(at.unsigned_abs()));
        });
    }
}

/// Prometheus knows floats only; seconds and counts are exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn as_float(number: u64) -> f64 {
    number as f64
}

fn bounds() -> Result<PrometheusBuilder, BuildError> {
    use metrics_exporter_prometheus::Matcher;
    let named = |name: &str| Matcher::Full(name.to_owned());
    PrometheusBuilder::new()
        .set_buckets_for_metric(named("office_request_seconds"), SECONDS)?
        .set_buckets_for_metric(named("office_commit_seconds"), SECONDS)?
        .set_buckets_for_metric(named("office_commit_errands"), ERRANDS)
}

fn describe() {
    describe_counter!("office_requests_total", "requests answered");
    describe_histogram!(
        "office_request_seconds",
        "from a request's head to its answer's head"
    );
    describe_histogram!(
        "office_commit_seconds",
        "from the first errand of a transaction to its being on the disk"
    );
    describe_histogram!("office_commit_errands", "errands in one transaction");
    describe_counter!("office_assessments_total", "questions answered anew");
    describe_counter!("office_records_total", "records taken in from lanes");
    describe_counter!(
        "office_forks_total",
        "deliveries that showed a second history of a lane"
    );
    describe_counter!(
        "office_disagreements_total",
        "questions that a lane alone and the office judged otherwise"
    );
    describe_counter!("office_certificates_total", "certificates issued to lanes");
    describe_counter!(
        "office_forgotten_total",
        "answers and disagreements deleted for their age"
    );
    describe_gauge!(
        "office_lane_seen_timestamp_seconds",
        "when a lane last reported"
    );
    describe_gauge!(
        "office_lane_outbox_records",
        "records that a lane had not delivered when it last reported"
    );
    describe_gauge!(
        "office_lists_issued_timestamp_seconds",
        "day of issue of the lists that the office judges by"
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_one_offices_own() {
        let (one, other) = (Gauges::new(), Gauges::new());
        one.served("/v1/records", 200, Duration::from_millis(2));
        one.committed(3, Duration::from_millis(1));
        one.recorded(3);
        one.recorded(4);
        let text = one.text();
        for line in [
            "# HELP office_records_total records taken in from lanes",
            "office_records_total 7",
            "office_requests_total{route=\"/v1/records\",status=\"200\"} 1",
            "office_commit_errands_bucket{le=\"4\"} 1",
            "office_request_seconds_bucket{route=\"/v1/records\",le=\"0.0025\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!other.text().contains("office_records_total 7"));
    }
}
