//! One request and its answer: sent, read within bounds, and every way of failing told apart.

use super::error::{ClientError, ClientSetupError};
use super::identity::Identity;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{AlertDescription, CertificateError, RootCertStore};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Longest answer that is read, in bytes, where no other length is agreed. A real one has some hundred.
pub(super) const LONGEST_ANSWER: u64 = 64 * 1024;

/// How long a connection may take to come about, whatever else is allowed to take longer.
const CONNECT: Duration = Duration::from_secs(10);

/// The HTTP client with the addresses of one office. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    http: reqwest::Client,
    base: Url,
    identity: Option<Arc<Identity>>,
}

/// An answer to a request for a part of a file.
#[derive(Debug)]
pub(crate) enum Ranged {
    /// The bytes from the place that was asked for on.
    Rest(Response),
    /// The whole file: the office does not give parts.
    Whole(Response),
    /// There is no such file.
    Absent,
}

impl Exchange {
    pub(super) fn new(
        mut base: Url,
        ca_pem: &[u8],
        identity: Option<Arc<Identity>>,
    ) -> Result<Self, ClientSetupError> {
        install_crypto();
        if base.scheme() != "https" || base.host().is_none() {
            return Err(ClientSetupError::Address);
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(ca_pem, identity.clone())?)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("sekisho-lane/", env!("CARGO_PKG_VERSION")))
            .tcp_nodelay(true)
            .connect_timeout(CONNECT)
            .build()
            .map_err(ClientSetupError::Https)?;
        Ok(Self {
            http,
            base,
            identity,
        })
    }

    pub(super) fn identity(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    /// An address below the office's.
    pub(super) fn url(&self, path: &str) -> Result<Url, ClientSetupError> {
        self.base.join(path).map_err(|_| ClientSetupError::Address)
    }

    pub(super) fn post(&self, url: &Url) -> RequestBuilder {
        self.http.post(url.clone())
    }

    pub(super) fn get(&self, url: &Url) -> RequestBuilder {
        self.http.get(url.clone())
    }

    /// The body of an answer with this status.
    pub(super) async fn fetch(
        &self,
        request: RequestBuilder,
        agreed: StatusCode,
        longest: u64,
    ) -> Result<Vec<u8>, ClientError> {
        let response = self.send(request).await?;
        if response.status() == agreed {
            read(response, longest).await
        } else {
            Err(refusal(response).await)
        }
    }

    /// A file from this byte on.
    pub(super) async fn fetch_from(&self, url: &Url, from: u64) -> Result<Ranged, ClientError> {
        let mut request = self.get(url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::OK => Ok(Ranged::Whole(response)),
            StatusCode::PARTIAL_CONTENT if starts_at(&response) == Some(from) => {
                Ok(Ranged::Rest(response))
            }
            // A part that was not asked for cannot be put anywhere.
            StatusCode::PARTIAL_CONTENT => Err(ClientError::Trouble {
                status: StatusCode::PARTIAL_CONTENT,
                title: None,
            }),
            StatusCode::NOT_FOUND => Ok(Ranged::Absent),
            _ => Err(refusal(response).await),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        request.send().await.map_err(|error| self.on_the_way(error))
    }

    fn on_the_way(&self, error: reqwest::Error) -> ClientError {
        match tls_complaint(&error) {
            Some(Complaint::TheirCertificate) => ClientError::Untrusted(error),
            Some(Complaint::TheirDates) => ClientError::UntrustedToday(error),
            Some(Complaint::OurCertificate) => match self.identity.as_ref().map(|id| id.validity())
            {
                Some(validity) if validity.is_over() => {
                    ClientError::CertificateExpired(validity.until)
                }
                _ => ClientError::NotAdmitted(error),
            },
            None if error.is_connect() => ClientError::Unreachable(error),
            None => ClientError::Interrupted(error),
        }
    }
}

fn tls(
    ca_pem: &[u8],
    identity: Option<Arc<Identity>>,
) -> Result<rustls::ClientConfig, ClientSetupError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem) {
        let certificate = certificate.map_err(ClientSetupError::Pem)?;
        roots
            .add(certificate)
            .map_err(ClientSetupError::Authority)?;
    }
    if roots.is_empty() {
        return Err(ClientSetupError::NoAuthority);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(ClientSetupError::Tls)?
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(identity) => config.with_client_cert_resolver(identity),
        None => config.with_no_client_auth(),
    };
    // A resumed session would go on under the certificate with which it began (RFC 8446, 2.2), renewed or not.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

fn starts_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    first.parse().ok()
}

/// The body, when it is no longer than this.
pub(super) async fn read(mut response: Response, longest: u64) -> Result<Vec<u8>, ClientError> {
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ClientError::Interrupted)? {
        if (text.len() + chunk.len()) as u64 > longest {
            return Err(ClientError::TooLong(longest));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

async fn refusal(response: Response) -> ClientError {
    let status = response.status();
    let (title, expected) = match read(response, LONGEST_ANSWER).await {
        Ok(text) => problem(&text),
        Err(error) => return error,
    };
    if status.is_client_error() {
        ClientError::Refused {
            status,
            title,
            expected,
        }
    } else {
        ClientError::Trouble { status, title }
    }
}

enum Complaint {
    TheirCertificate,
    TheirDates,
    OurCertificate,
}

fn tls_complaint(error: &(dyn Error + 'static)) -> Option<Complaint> {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref() {
            Some(rustls::Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            )) => return Some(Complaint::TheirDates),
            Some(rustls::Error::InvalidCertificate(_)) => return Some(Complaint::TheirCertificate),
            Some(rustls::Error::AlertReceived(alert)) if about_a_certificate(*alert) => {
                return Some(Complaint::OurCertificate);
            }
            _ => {}
        }
        next = match error.downcast_ref::<std::io::Error>() {
            // An I/O error hides what it carries from `source`.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// RFC 8446, 6.2: what a server says about the certificate of its client.
fn about_a_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
            // A signature in the chain that does not hold.
            | AlertDescription::DecryptError
    )
}

/// Title of a problem, and the record that it wants, as far as the text has them.
fn problem(text: &[u8]) -> (Option<String>, Option<u64>) {
    let Ok(problem) = serde_json::from_slice::<serde_json::Value>(text) else {
        return (None, None);
    };
    let title = problem
        .get("title")
        .and_then(serde_json::Value::as_str)
        .map(|title| title.chars().filter(|c| !c.is_control()).take(80).collect());
    let expected = problem.get("expected").and_then(serde_json::Value::as_u64);
    (title, expected)
}

/// Makes ring the process's provider of TLS cryptography, unless there is one already. Making a client calls it.
pub fn install_crypto() {
    // An error says that a provider is installed already: the one that is there will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
