//! Who is at the other end: the name in the certificate that a lane showed when it connected.

use crate::authority::lane_of;
use axum::http::Request;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsAcceptor;
use risk::LaneName;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower::Service;

/// Who asks. Stands in the extensions of every request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// A lane, by its certificate.
    Lane(LaneName),
    /// Somebody whom the lanes' authority vouches for, under a name that no lane can have.
    Nameless,
    /// Somebody who was not asked for a certificate, or had none where none is required.
    Unknown(IpAddr),
}

/// Shakes hands, then notes on the connection who it is with.
#[derive(Clone, Debug)]
pub(crate) struct Door(pub(crate) RustlsAcceptor);

impl<S: Send + 'static> Accept<TcpStream, S> for Door {
    type Stream = TlsStream<TcpStream>;
    type Service = Known<S>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let address = stream.peer_addr();
        // An answer is one small write: waiting to fill a segment would only delay it.
        let undelayed = stream.set_nodelay(true);
        let handshake = self.0.accept(stream, service);
        Box::pin(async move {
            let address = address?;
            undelayed?;
            let (stream, service) = handshake.await?;
            let shown = stream.get_ref().1.peer_certificates();
            let caller = match shown.and_then(<[_]>::first) {
                None => Caller::Unknown(address.ip()),
                Some(certificate) => lane_of(certificate).map_or(Caller::Nameless, Caller::Lane),
            };
            Ok((stream, Known { service, caller }))
        })
    }
}

/// A service whose every request knows its caller.
#[derive(Clone, Debug)]
pub(crate) struct Known<S> {
    service: S,
    caller: Caller,
}

impl<S, B> Service<Request<B>> for Known<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.caller.clone());
        self.service.call(request)
    }
}
