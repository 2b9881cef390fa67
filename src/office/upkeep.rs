//! What an office does beside answering: it forgets what is too old, and shows its figures.

use crate::config::Retention;
use crate::gauges::Gauges;
use crate::http::{Desk, Gate};
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

/// How often figures are gathered; until then each request's duration is kept by itself.
const GATHER: Duration = Duration::from_secs(5);

/// Gatherings between two looks at what is too old: an hour.
const GATHERINGS: u32 = 720;

/// Rows that are deleted at a time, so that no lane waits long for its turn to write.
const AT_A_TIME: u32 = 500;

pub(crate) async fn forever(desk: Arc<Desk>, gate: Arc<Gate>, retention: Retention) {
    let mut tick = tokio::time::interval(GATHER);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for gathering in (0..GATHERINGS).cycle() {
        tick.tick().await;
        desk.gauges.tidy();
        if gathering == 0 {
            gate.tidy();
            let before =
                OffsetDateTime::now_utc() - time::Duration::days(i64::from(retention.answers_days));
            forget(&desk, before).await;
        }
    }
}

async fn forget(desk: &Desk, before: OffsetDateTime) {
    loop {
        match desk.store.forget(before.unix_timestamp(), AT_A_TIME).await {
            Ok(0) => return,
            Ok(rows) => {
                tracing::info!(rows, "forgot what is too old");
                desk.gauges.forgot(rows);
            }
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "what is too old cannot be forgotten");
                return;
            }
        }
    }
}

pub(crate) async fn figures(listener: TcpListener, gauges: Arc<Gauges>) {
    let text = move || async move {
        let kind = (header::CONTENT_TYPE, "text/plain; version=0.0.4");
        ([kind], gauges.text()).into_response()
    };
    let router = Router::new().route("/metrics", get(text));
    // It ends only with the office.
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "figures are no longer served");
    }
}
