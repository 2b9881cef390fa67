//! Why the office gave no answer, and who has to act.

use crate::wire::AnswerError;
use reqwest::StatusCode;
use std::time::Duration;
use time::OffsetDateTime;

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
    Authority(#[source] rustls::Error),
    /// A text is no PEM.
    #[error("the file of authorities is no PEM text")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTPS client cannot be set up")]
    Https(#[source] reqwest::Error),
}

/// Why the office gave no verdict, or did not take what it was sent. No text of it holds a personal value.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The words cannot be written.
    #[error("the words for the office cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// No connection.
    #[error("the office cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// A connection to somebody who is not the office.
    #[error("whoever answered has no certificate of the office")]
    Untrusted(#[source] reqwest::Error),
    /// The office's certificate is not good at the time that the lane's clock shows.
    #[error(
        "the office's certificate is not good on this day: look at this lane's clock, then have the office's operator renew it"
    )]
    UntrustedToday(#[source] reqwest::Error),
    /// The office does not accept the lane's certificate, or asks for one where the lane has none.
    #[error(
        "the office does not admit this lane by its certificate: the office's operator has to look at the lane's registration"
    )]
    NotAdmitted(#[source] reqwest::Error),
    /// The lane's certificate has run out, so that the lane cannot renew it by itself any more.
    #[error(
        "this lane's certificate ran out on {}: the office's operator has to issue a new one, and it has to be put into its place at the lane",
        .0.date()
    )]
    CertificateExpired(OffsetDateTime),
    /// The connection broke before the answer was complete.
    #[error("the connection to the office broke")]
    Interrupted(#[source] reqwest::Error),
    /// No answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    /// The office failed several times in a row, and is not asked for a while.
    #[error("the office failed lately and is not asked for another {} ms", .0.as_millis())]
    Resting(Duration),
    /// The office refuses what it was sent (4xx).
    #[error("the office refuses: {status}{}", in_brackets(.title))]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Title of the problem (RFC 9457), when it has one.
        title: Option<String>,
        /// The record that it wants first, where it misses one.
        expected: Option<u64>,
    },
    /// The office is in trouble, or another server stands in its place (any status that is neither agreed nor 4xx).
    #[error("the office is in trouble: {status}{}", in_brackets(.title))]
    Trouble {
        /// HTTP status.
        status: StatusCode,
        /// Title of the problem (RFC 9457), when it has one.
        title: Option<String>,
    },
    /// The answer is longer than any that was agreed.
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
    /// The answer is not in the agreed form.
    #[error("the answer is not in the agreed form")]
    Unreadable(#[source] serde_json::Error),
    /// The answer is for another question, or contradicts itself.
    #[error("the answer is not one to this question")]
    Unusable(#[source] AnswerError),
    /// The acknowledgement is for another lane.
    #[error("the acknowledgement is not for this lane")]
    AnotherLane,
}

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The office or the line to it.
    Service,
    /// This lane: its program, its configuration or its certificate.
    Us,
}

impl ClientError {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unwritable(_)
            | Self::Refused { .. }
            | Self::NotAdmitted(_)
            | Self::CertificateExpired(_) => Blame::Us,
            Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::UntrustedToday(_)
            | Self::Interrupted(_)
            | Self::Late(_)
            | Self::Resting(_)
            | Self::Trouble { .. }
            | Self::TooLong(_)
            | Self::Unreadable(_)
            | Self::Unusable(_)
            | Self::AnotherLane => Blame::Service,
        }
    }

    /// The record that the office wants first, where it misses one that comes before those that it was sent.
    #[must_use]
    pub fn expects(&self) -> Option<u64> {
        match self {
            Self::Refused { expected, .. } => *expected,
            _ => None,
        }
    }

    /// Whether the office has something else under this name (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::CONFLICT)
    }

    /// Whether the same words may be sent once more at once: nothing was answered, and the reason may have passed already.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            // The office may close an idle connection in the moment in which it is used again, or be in the middle of a
            // restart.
            Self::Interrupted(_) | Self::Unreachable(_) => true,
            Self::Unwritable(_)
            | Self::Untrusted(_)
            | Self::UntrustedToday(_)
            | Self::NotAdmitted(_)
            | Self::CertificateExpired(_)
            | Self::Late(_)
            | Self::Resting(_)
            | Self::Refused { .. }
            | Self::Trouble { .. }
            | Self::TooLong(_)
            | Self::Unreadable(_)
            | Self::Unusable(_)
            | Self::AnotherLane => false,
        }
    }

    /// Whether the office was there and answered, though not as wished.
    pub(super) fn is_an_answer(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

fn in_brackets(title: &Option<String>) -> String {
    title
        .as_ref()
        .map(|title| format!(" ({title})"))
        .unwrap_or_default()
}
