//! The lane's side of the line to the office: one question, one answer, one deadline.

use crate::case::{Case, LaneName};
use crate::wire::{AnswerError, AssessmentRequest, AssessmentResponse};
use bytes::Bytes;
use evidence::{Question, Verdict};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Response, StatusCode, Url};
use std::error::Error;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the lane waits for the office where its configuration says nothing. A traveller who has just been
/// photographed stands and waits meanwhile.
pub const DEADLINE: Duration = Duration::from_millis(1_500);

/// Longest answer that is read, in bytes. A real one has some hundred.
const LONGEST_ANSWER: usize = 64 * 1024;

/// What the client has to know.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Address of the office, such as `https://office.example:8443/`; https only.
    pub office: Url,
    /// This lane's name.
    pub lane: LaneName,
    /// Certificates of the authorities that may vouch for the office, PEM. No other authority is trusted.
    pub ca_pem: Vec<u8>,
    /// Time from question to answer, everything included.
    pub deadline: Duration,
}

/// Why a client cannot be made from its configuration.
#[derive(Debug, thiserror::Error)]
pub enum ClientSetupError {
    /// The address is not https, or cannot have a path.
    #[error("the office's address has to be an https address such as https://office.example:8443/")]
    Address,
    /// The PEM text holds no certificate.
    #[error("the file of authorities holds no PEM certificate")]
    NoAuthority,
    /// A certificate cannot be read.
    #[error("a certificate of the file of authorities cannot be read")]
    Authority(#[source] reqwest::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTPS client cannot be set up")]
    Https(#[source] reqwest::Error),
}

/// Why the office gave no verdict. No text of it holds a personal value.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The question cannot be put into words.
    #[error("the question cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// No connection.
    #[error("the office cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// A connection to somebody who is not the office.
    #[error("whoever answered has no certificate of the office")]
    Untrusted(#[source] reqwest::Error),
    /// The connection broke before the answer was complete.
    #[error("the connection to the office broke")]
    Interrupted(#[source] reqwest::Error),
    /// No answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    /// The office refuses the question (4xx).
    #[error("the office refuses the question: {status}{}", in_brackets(.title))]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Title of the problem (RFC 9457), when it has one.
        title: Option<String>,
    },
    /// The office is in trouble, or another server stands in its place (any status that is neither 200 nor 4xx).
    #[error("the office is in trouble: {status}{}", in_brackets(.title))]
    Trouble {
        /// HTTP status.
        status: StatusCode,
        /// Title of the problem (RFC 9457), when it has one.
        title: Option<String>,
    },
    /// The answer is longer than any verdict.
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    /// The answer is no verdict.
    #[error("the answer is not in the agreed form")]
    Unreadable(#[source] serde_json::Error),
    /// The answer is for another question, or contradicts itself.
    #[error("the answer is not one to this question")]
    Unusable(#[source] AnswerError),
}

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The office or the line to it.
    Service,
    /// This lane: its program or its configuration.
    Us,
}

impl ClientError {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unwritable(_) | Self::Refused { .. } => Blame::Us,
            Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::Interrupted(_)
            | Self::Late(_)
            | Self::Trouble { .. }
            | Self::TooLong
            | Self::Unreadable(_)
            | Self::Unusable(_) => Blame::Service,
        }
    }
}

fn in_brackets(title: &Option<String>) -> String {
    title
        .as_ref()
        .map(|title| format!(" ({title})"))
        .unwrap_or_default()
}

/// A line to the office. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    assessments: Url,
    lane: LaneName,
    deadline: Duration,
}

impl Client {
    /// Makes ready for asking; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientSetupError`] names the part of the configuration that cannot be used.
    pub fn new(config: ClientConfig) -> Result<Self, ClientSetupError> {
        install_crypto();
        let mut base = config.office;
        if base.scheme() != "https" || base.host().is_none() {
            return Err(ClientSetupError::Address);
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let assessments = base
            .join("v1/assessments")
            .map_err(|_| ClientSetupError::Address)?;
        let authorities =
            Certificate::from_pem_bundle(&config.ca_pem).map_err(ClientSetupError::Authority)?;
        if authorities.is_empty() {
            return Err(ClientSetupError::NoAuthority);
        }
        let http = reqwest::Client::builder()
            .tls_certs_only(authorities)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("sekisho-lane/", env!("CARGO_PKG_VERSION")))
            .tcp_nodelay(true)
            .build()
            .map_err(ClientSetupError::Https)?;
        Ok(Self {
            http,
            assessments,
            lane: config.lane,
            deadline: config.deadline,
        })
    }

    /// The lane in whose name the client asks.
    #[must_use]
    pub fn lane(&self) -> &LaneName {
        &self.lane
    }

    /// Asks the office about a party.
    ///
    /// # Errors
    /// [`ClientError`], at the latest when the deadline has passed.
    pub async fn assess(&self, question: &Question) -> Result<Verdict, ClientError> {
        self.assess_case(&Case::new(&self.lane, question)).await
    }

    /// Asks the office about a case.
    ///
    /// # Errors
    /// [`ClientError`], at the latest when the deadline has passed.
    pub async fn assess_case(&self, case: &Case) -> Result<Verdict, ClientError> {
        let body =
            serde_json::to_vec(&AssessmentRequest::from(case)).map_err(ClientError::Unwritable)?;
        let body = Bytes::from_owner(Zeroizing::new(body));
        let asked = case.question_name();
        tokio::time::timeout(self.deadline, self.ask(&asked, body))
            .await
            .unwrap_or(Err(ClientError::Late(self.deadline)))
    }

    async fn ask(&self, asked: &str, body: Bytes) -> Result<Verdict, ClientError> {
        let answer = match self.send(body.clone()).await {
            // The office may close an idle connection in the moment in which it is used again. It answers a question
            // only once, whatever it is sent, so that the question can safely be put a second time.
            Err(ClientError::Interrupted(_)) => self.send(body).await?,
            other => other?,
        };
        let answer: AssessmentResponse =
            serde_json::from_slice(&answer).map_err(ClientError::Unreadable)?;
        answer.verdict_on(asked).map_err(ClientError::Unusable)
    }

    async fn send(&self, body: Bytes) -> Result<Vec<u8>, ClientError> {
        let response = self
            .http
            .post(self.assessments.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(on_the_way)?;
        let status = response.status();
        let text = read(response).await?;
        if status == StatusCode::OK {
            return Ok(text);
        }
        let title = problem_title(&text);
        if status.is_client_error() {
            Err(ClientError::Refused { status, title })
        } else {
            Err(ClientError::Trouble { status, title })
        }
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, ClientError> {
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ClientError::Interrupted)? {
        if text.len() + chunk.len() > LONGEST_ANSWER {
            return Err(ClientError::TooLong);
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

fn on_the_way(error: reqwest::Error) -> ClientError {
    if certificate_refused(&error) {
        ClientError::Untrusted(error)
    } else if error.is_connect() {
        ClientError::Unreachable(error)
    } else {
        ClientError::Interrupted(error)
    }
}

fn certificate_refused(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return true;
        }
        next = match error.downcast_ref::<std::io::Error>() {
            // An I/O error hides what it carries from `source`.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}

fn problem_title(text: &[u8]) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_slice(text).ok()?;
    let title = problem.get("title")?.as_str()?;
    Some(title.chars().filter(|c| !c.is_control()).take(80).collect())
}

/// Makes ring the process's provider of TLS cryptography, unless there is one already. [`Client::new`] calls it.
pub fn install_crypto() {
    // An error says that a provider is installed already: the one that is there will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
