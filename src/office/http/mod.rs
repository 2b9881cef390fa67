//! The office's addresses, and what every request goes through before it is answered: a limit for each caller, a limit
//! for all, and a deadline.

mod assessments;
mod certificates;
mod disagreements;
mod health;
mod lanes;
mod openapi;
mod records;
mod repository;
mod words;

pub use openapi::openapi;

use crate::authority::Authority;
use crate::caller::Caller;
use crate::config::{Config, Limits};
use crate::gauges::Gauges;
use crate::problem::Problem;
use crate::store::Store;
use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use risk::{Edition, LaneName};
use serde::de::DeserializeOwned;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What requests share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// What questions are judged by; a reload puts another in its place.
    pub(crate) edition: ArcSwap<Edition>,
    pub(crate) store: Store,
    pub(crate) authority: ArcSwapOption<Authority>,
    /// How long a lane's certificate is valid.
    pub(crate) lifetime: time::Duration,
    pub(crate) repository: Option<PathBuf>,
    /// One question a core is judged at a time, in the order in which they came: side by side they would all be late.
    pub(crate) cores: Semaphore,
    pub(crate) gauges: Arc<Gauges>,
}

type Shared = State<Arc<Desk>>;
type Body = Result<Bytes, BytesRejection>;

/// Every address with what it promises.
fn addresses(limits: &Limits) -> OpenApiRouter<Arc<Desk>> {
    OpenApiRouter::new()
        .routes(routes!(records::deliver))
        .layer(DefaultBodyLimit::max(limits.records_bytes))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(assessments::assess))
                .routes(routes!(disagreements::disagree))
                .routes(routes!(certificates::certify))
                .routes(routes!(lanes::report))
                .routes(routes!(lanes::list))
                .routes(routes!(health::health))
                .routes(routes!(openapi::describe))
                .routes(routes!(repository::metadata))
                .routes(routes!(repository::target))
                .layer(DefaultBodyLimit::max(limits.body_bytes)),
        )
}

pub(crate) fn router(desk: Arc<Desk>, config: &Config) -> (Router, Arc<Gate>) {
    let gate = Arc::new(Gate::new(&config.limits, Arc::clone(&desk.gauges)));
    let (router, _) = addresses(&config.limits).split_for_parts();
    let router = router
        .method_not_allowed_fallback(|| async { Problem::no_such_method() })
        .fallback(|| async { Problem::no_such_place() })
        .layer(middleware::from_fn_with_state(
            Arc::clone(&gate),
            one_of_a_few,
        ))
        .with_state(desk);
    (router, gate)
}

/// How many requests of each caller and of all, and how long each.
pub(crate) struct Gate {
    callers: DefaultKeyedRateLimiter<Caller>,
    places: Semaphore,
    longest: Duration,
    gauges: Arc<Gauges>,
}

impl Gate {
    fn new(limits: &Limits, gauges: Arc<Gauges>) -> Self {
        let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota =
            Quota::per_second(some(limits.lane_per_second)).allow_burst(some(limits.lane_burst));
        Self {
            callers: RateLimiter::keyed(quota),
            places: Semaphore::new(limits.concurrent_requests.min(Semaphore::MAX_PERMITS)),
            longest: Duration::from_millis(limits.request_ms),
            gauges,
        }
    }

    /// Forgets callers who have not asked for long.
    pub(crate) fn tidy(&self) {
        self.callers.retain_recent();
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        if let Some(caller) = request.extensions().get::<Caller>()
            && let Err(until) = self.callers.check_key(caller)
        {
            let wait = until.wait_time_from(DefaultClock::default().now());
            tracing::warn!(?caller, "asks too often");
            return Problem::too_many()
                .retry_after(wait.as_secs() + 1)
                .into_response();
        }
        let Ok(_place) = self.places.try_acquire() else {
            tracing::warn!("too many requests at the same time");
            return Problem::busy().into_response();
        };
        tokio::time::timeout(self.longest, next.run(request))
            .await
            .unwrap_or_else(|_| {
                tracing::warn!(ms = self.longest.as_millis(), "a request took too long");
                Problem::late().into_response()
            })
    }
}

async fn one_of_a_few(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = gate.answer(request, next).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    gate.gauges
        .served(route, response.status().as_u16(), begun.elapsed());
    response
}

/// The body's JSON. Nothing of a body that is refused is repeated.
fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    if essence(headers) != "application/json" {
        return Err(Problem::not_json());
    }
    serde_json::from_slice(&body?).map_err(|error| Problem::no_json(&error))
}

/// The body's media type without parameters, in small letters.
fn essence(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The lane of this name, if the caller may speak for it.
fn spoken_for(caller: &Caller, lane: &str) -> Result<LaneName, Problem> {
    let lane = LaneName::parse(lane).ok_or_else(|| {
        Problem::invalid().detail("`lane`: 1 to 32 characters of A-Z, a-z, 0-9, `.`, `_` and `-`")
    })?;
    match caller {
        Caller::Lane(name) if *name == lane => Ok(lane),
        Caller::Lane(_) => {
            tracing::warn!(?caller, %lane, "speaks for another lane");
            Err(Problem::another_lane())
        }
        Caller::Nameless => Err(Problem::no_certificate()),
        // Where certificates are required, nobody comes so far without.
        Caller::Unknown(_) => Ok(lane),
    }
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
