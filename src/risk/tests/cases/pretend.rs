//! Offices that are told what to say, on loopback and over TLS.
#![allow(dead_code, unreachable_pub)]

use crate::cases::{lane, lists, policy_without_chance};
use crate::tls::{Authority, Identity};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_server::tls_rustls::RustlsConfig;
use evidence::Decider;
use risk::wire::{AssessmentRequest, AssessmentResponse};
use risk::{Case, Client, ClientConfig, Url, assess};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

pub const PATIENT: Duration = Duration::from_secs(30);
pub const HASTY: Duration = Duration::from_millis(150);

/// A pretend office that answers every request as it is told.
pub struct Pretend {
    pub authority: Authority,
    pub addr: SocketAddr,
    pub asked: Arc<AtomicUsize>,
}

impl Pretend {
    pub async fn answering<F, R>(answer: F) -> Self
    where
        F: Fn(usize, HeaderMap, Bytes) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response> + Send,
    {
        risk::install_crypto();
        let authority = Authority::new();
        let identity = authority.identity("127.0.0.1");
        let config =
            RustlsConfig::from_pem(identity.certificate.into_bytes(), identity.key.into_bytes())
                .await
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
            answer.clone()(count.fetch_add(1, Ordering::SeqCst), headers, body)
        });
        let server = axum_server::from_tcp_rustls(listener, config).unwrap();
        tokio::spawn(server.serve(router.into_make_service()));
        Self {
            authority,
            addr,
            asked,
        }
    }

    pub async fn saying(status: StatusCode, text: impl Into<Bytes>) -> Self {
        let text = text.into();
        Self::answering(move |_, _, _| {
            let text = text.clone();
            async move { (status, text).into_response() }
        })
        .await
    }

    pub fn client(&self, deadline: Duration) -> Client {
        client(self.addr, &self.authority, deadline)
    }
}

pub fn client(addr: SocketAddr, authority: &Authority, deadline: Duration) -> Client {
    Client::new(config(addr, authority, deadline)).unwrap()
}

pub fn config(addr: SocketAddr, authority: &Authority, deadline: Duration) -> ClientConfig {
    ClientConfig {
        office: Url::parse(&format!("https://{addr}/office")).unwrap(),
        lane: lane(),
        ca_pem: authority.ca_pem.clone().into_bytes(),
        deadline,
    }
}

pub fn right_answer(body: &[u8]) -> String {
    let request: AssessmentRequest = serde_json::from_slice(body).unwrap();
    let case = Case::try_from(&request).unwrap();
    let verdict = assess(&case, policy_without_chance(), lists(), Decider::Office);
    serde_json::to_string(&AssessmentResponse::new(&request.question, &verdict)).unwrap()
}

/// What an office says that does not keep to HTTP.
#[derive(Clone, Debug)]
pub enum Say {
    /// These bytes, and the connection is cut.
    Cut(Bytes),
    /// These bytes, and nothing more.
    Halt(Bytes),
    /// These bytes, and then spaces without end.
    Endless(Bytes),
}

/// An office that says the same bytes to everybody.
pub struct Raw {
    pub authority: Authority,
    pub addr: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Raw {
    pub async fn saying(say: Say) -> Self {
        Self::showing(say, |authority| authority.identity("127.0.0.1")).await
    }

    /// Shows this certificate.
    pub async fn showing(say: Say, identity: impl FnOnce(&Authority) -> Identity) -> Self {
        risk::install_crypto();
        let authority = Authority::new();
        let acceptor = TlsAcceptor::from(Arc::new(server(&identity(&authority))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, say, count) = (acceptor.clone(), say.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    hear(&mut stream).await;
                    count.fetch_add(1, Ordering::SeqCst);
                    let (Say::Cut(bytes) | Say::Halt(bytes) | Say::Endless(bytes)) = &say;
                    let mut said = stream.write_all(bytes).await;
                    said = said.and(stream.flush().await);
                    match say {
                        Say::Cut(_) => {}
                        Say::Halt(_) => pending().await,
                        Say::Endless(_) => {
                            while said.is_ok() {
                                said = stream.write_all(&[b' '; 4096]).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            authority,
            addr,
            asked,
        }
    }

    /// How often a whole question was heard.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Reads one request, head and body.
async fn hear(stream: &mut (impl AsyncRead + Unpin)) {
    let mut text = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut text).await {
        let head = text.windows(4).position(|end| end == b"\r\n\r\n");
        let Some(head) = head else { continue };
        let lines = String::from_utf8_lossy(&text[..head]).to_lowercase();
        let length = lines
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        if text.len() >= head + 4 + length {
            return;
        }
    }
}

/// TLS for a server of this identity.
pub fn server(identity: &Identity) -> rustls::ServerConfig {
    rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap(),
        )
        .unwrap()
}
