//! The lane's certificate, renewed in time and without a restart.

use super::client::Client;
use super::error::ClientError;
use super::exchange::LONGEST_ANSWER;
use super::identity::{IdentityError, Validity, ends_after, names_lane};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// How long the office may take to sign. Nobody waits for it.
const SIGNING: Duration = Duration::from_secs(30);

/// The longest time between two looks at the calendar: the machine's clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(15 * 60);

/// Why a certificate was not renewed. The old one stays in use.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// The lane has no certificate.
    #[error("this lane has no certificate")]
    NoIdentity,
    /// The request cannot be made.
    #[error("the request for a certificate cannot be made")]
    Request(#[source] rcgen::Error),
    /// The office did not sign.
    #[error("the office did not renew this lane's certificate")]
    Office(#[source] ClientError),
    /// What came back is for somebody else.
    #[error("the office sent a certificate that is not this lane's")]
    AnotherLane,
    /// What came back is no certificate for the new key, or cannot be kept.
    #[error("the new certificate cannot be used")]
    Unusable(#[source] IdentityError),
    /// What came back is good for no longer than what is there.
    #[error("the office sent a certificate that is no newer")]
    NoNewer,
}

/// What came of a look at the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// It is not time yet.
    NotDue(Validity),
    /// There is a new one.
    Renewed(Validity),
}

impl Client {
    /// Renews the lane's certificate when two thirds of its life have passed: a new key, a request signed by it, and the
    /// office's certificate for it (`POST /v1/certificates`). Connections made from then on use it.
    ///
    /// # Errors
    /// [`RenewalError`]; the old certificate stays in use.
    pub async fn renew_if_due(&self, now: OffsetDateTime) -> Result<Renewed, RenewalError> {
        let identity = self.exchange.identity().ok_or(RenewalError::NoIdentity)?;
        let validity = identity.validity();
        if now < validity.renew_at() {
            return Ok(Renewed::NotDue(validity));
        }
        let (request, key) = self.signing_request().map_err(RenewalError::Request)?;
        let send = self
            .exchange
            .post(&self.places.certificates)
            .header(CONTENT_TYPE, "application/x-pem-file")
            .body(request);
        let answer = self.exchange.fetch(send, StatusCode::OK, LONGEST_ANSWER);
        let chain = tokio::time::timeout(SIGNING, answer)
            .await
            .unwrap_or(Err(ClientError::Late(SIGNING)))
            .map_err(RenewalError::Office)?;
        let chain = String::from_utf8_lossy(&chain);
        if !names_lane(&chain, self.lane().as_str()) {
            return Err(RenewalError::AnotherLane);
        }
        if !ends_after(&chain, validity.until.unix_timestamp()) {
            return Err(RenewalError::NoNewer);
        }
        let validity = identity
            .adopt(&chain, &key)
            .map_err(RenewalError::Unusable)?;
        tracing::info!(until = %validity.until.date(), "the lane's certificate is renewed");
        Ok(Renewed::Renewed(validity))
    }

    /// Looks at the calendar for as long as it runs, and renews when it is time. Ends at once where the lane has no
    /// certificate.
    pub async fn keep_certificate(&self) {
        while let Some(identity) = self.exchange.identity() {
            if let Err(error) = self.renew_if_due(OffsetDateTime::now_utc()).await {
                let left = identity.validity().until - OffsetDateTime::now_utc();
                let error: &dyn std::error::Error = &error;
                if left.is_negative() {
                    tracing::error!(
                        error,
                        "the lane's certificate has run out: the office's operator has to issue a new one"
                    );
                } else {
                    tracing::warn!(
                        error,
                        days = left.whole_days(),
                        "the lane's certificate is not renewed yet"
                    );
                }
            }
            // Lanes that were set up together do not all ask in the same minute.
            tokio::time::sleep(LOOK.mul_f64(self.share())).await;
        }
    }

    fn signing_request(&self) -> Result<(String, Zeroizing<String>), rcgen::Error> {
        let key = KeyPair::generate()?;
        let name = self.lane().as_str();
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let request = params.serialize_request(&key)?.pem()?;
        Ok((request, Zeroizing::new(key.serialize_pem())))
    }
}
