//! An office without a line: requests in, answers out. Tests and fuzzers put to it what a line could carry, and it does with
//! that what it would do with a line's.

use crate::caller::Caller;
use crate::config::Config;
use crate::gauges::Gauges;
use crate::http::{self, Desk};
use crate::server::{self, StartError};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use risk::LaneName;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tower::ServiceExt as _;

/// An office without a line.
#[derive(Clone, Debug)]
pub struct Bare {
    router: Router,
    _desk: Arc<Desk>,
}

/// What a bare office answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Media type; empty where there is none.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Bare {
    /// Opens an office; its addresses and its own certificate are not used. Blocks.
    ///
    /// # Errors
    /// [`StartError`] names the key of the configuration that cannot be used.
    pub fn open(config: &Config) -> Result<Self, StartError> {
        let authority = server::authority(config)?;
        let desk = server::desk(config, authority, Gauges::new())?;
        let (router, _) = http::router(Arc::clone(&desk), config);
        Ok(Self {
            router,
            _desk: desk,
        })
    }

    /// The answer to a body that this lane, or somebody unknown, posts to a path. `None` for what is no path.
    pub async fn post(
        &self,
        lane: Option<&LaneName>,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Option<Answered> {
        let caller = match lane {
            Some(lane) => Caller::Lane(lane.clone()),
            None => Caller::Unknown(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        };
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .ok()?;
        request.extensions_mut().insert(caller);
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        Some(Answered {
            status: response.status().as_u16(),
            kind: kind.unwrap_or_default().to_owned(),
            // What is not a file is in memory already.
            body: to_bytes(response.into_body(), usize::MAX)
                .await
                .ok()?
                .to_vec(),
        })
    }
}
