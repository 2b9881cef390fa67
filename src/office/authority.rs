//! The lanes' own certificate authority: it vouches for lanes to this office and for nothing else.

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use risk::LaneName;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

/// Longest certificate request, bytes; one for P-256 or Ed25519 is about 500.
pub const LONGEST_REQUEST: usize = 16 * 1024;

/// A certificate is valid from a little before it was made: a lane's clock may be slow.
const EARLIER: Duration = Duration::minutes(10);

/// How long a new authority is valid.
const AUTHORITY: Duration = Duration::days(20 * 365);

/// Why the authority cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// No certificate in the file.
    #[error("`lanes.ca` holds no PEM certificate that can vouch for lanes")]
    Certificate,
    /// No private key in the file.
    #[error("`lanes.ca_key` holds no PEM private key (PKCS #8)")]
    Key(#[source] rcgen::Error),
    /// The key is not the certificate's.
    #[error("`lanes.ca_key` is not the key of the first certificate in `lanes.ca`")]
    AnotherKey,
    /// It cannot be made.
    #[error("the authority cannot be made")]
    Make(#[source] rcgen::Error),
}

/// Why a lane gets no certificate.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No PKCS #10 request.
    #[error("this is no certificate request (PKCS #10, PEM)")]
    NoRequest,
    /// Whoever asks has not shown that the key is theirs.
    #[error("the request's signature does not hold")]
    NotPossessed,
    /// The request is for somebody else.
    #[error("the request names another than this lane")]
    AnotherName,
    /// A kind of key that the office does not take.
    #[error("the key has to be ECDSA P-256, ECDSA P-384 or Ed25519")]
    KeyKind,
    /// The certificate cannot be signed.
    #[error("the certificate cannot be signed")]
    Sign(rcgen::Error),
}

/// The authority. With its key it issues; the certificates alone only tell who is a lane.
pub struct Authority {
    trusted: Vec<CertificateDer<'static>>,
    chain: String,
    issuer: Option<Issuer<'static, KeyPair>>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("certificates", &self.trusted.len())
            .field("issues", &self.issuer.is_some())
            .finish()
    }
}

impl Authority {
    /// An authority of PEM texts: certificates (all are trusted, the first issues) and the first one's key.
    ///
    /// # Errors
    /// [`AuthorityError`] names the key of the configuration.
    pub fn read(certificates: &str, key: Option<&str>) -> Result<Self, AuthorityError> {
        let trusted: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(certificates.as_bytes())
                .collect::<Result<_, _>>()
                .map_err(|_| AuthorityError::Certificate)?;
        let first = trusted.first().ok_or(AuthorityError::Certificate)?;
        let issuer = key
            .map(|key| {
                let key = KeyPair::from_pem(key).map_err(AuthorityError::Key)?;
                let (_, certificate) =
                    X509Certificate::from_der(first).map_err(|_| AuthorityError::Certificate)?;
                if certificate.public_key().subject_public_key.data.as_ref() != key.public_key_raw()
                {
                    return Err(AuthorityError::AnotherKey);
                }
                Issuer::from_ca_cert_der(first, key).map_err(|_| AuthorityError::Certificate)
            })
            .transpose()?;
        let authority = Self {
            chain: text_of(first),
            trusted,
            issuer,
        };
        authority.roots()?;
        Ok(authority)
    }

    /// A new authority: certificate and private key, PEM.
    ///
    /// # Errors
    /// [`AuthorityError::Make`].
    pub fn make(
        name: &str,
        now: OffsetDateTime,
    ) -> Result<(String, Zeroizing<String>), AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Make)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.not_before = now - EARLIER;
        params.not_after = now + AUTHORITY;
        let certificate = params.self_signed(&key).map_err(AuthorityError::Make)?;
        Ok((certificate.pem(), Zeroizing::new(key.serialize_pem())))
    }

    /// Whom to trust.
    pub(crate) fn roots(&self) -> Result<Arc<RootCertStore>, AuthorityError> {
        let mut roots = RootCertStore::empty();
        for certificate in &self.trusted {
            roots
                .add(certificate.clone())
                .map_err(|_| AuthorityError::Certificate)?;
        }
        Ok(Arc::new(roots))
    }

    /// Whether it has its key, and so can issue.
    #[must_use]
    pub fn issues(&self) -> bool {
        self.issuer.is_some()
    }

    /// A certificate for a lane, and the authority's own after it, PEM. Of the request only the key is taken over; that it
    /// is the lane's is proven by the request's signature, and its names have to be the lane's and no other. `None`
    /// when the authority has no key.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn certify(
        &self,
        lane: &LaneName,
        request: &str,
        now: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<Option<String>, RequestError> {
        let Some(issuer) = &self.issuer else {
            return Ok(None);
        };
        let mut request =
            CertificateSigningRequestParams::from_pem(request).map_err(|error| match error {
                rcgen::Error::InvalidCertificationRequestSignature => RequestError::NotPossessed,
                rcgen::Error::UnsupportedSignatureAlgorithm => RequestError::KeyKind,
                _ => RequestError::NoRequest,
            })?;
        if !names_only(&request.params, lane) {
            return Err(RequestError::AnotherName);
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, lane.as_str());
        params.subject_alt_names = vec![SanType::DnsName(
            Ia5String::try_from(lane.as_str()).map_err(RequestError::Sign)?,
        )];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = now - EARLIER;
        params.not_after = now + lifetime;
        request.params = params;
        let certificate = request.signed_by(issuer).map_err(RequestError::Sign)?;
        Ok(Some(format!("{}{}", certificate.pem(), self.chain)))
    }
}

/// Whether whatever a request names is this lane, and it names it.
fn names_only(asked: &CertificateParams, lane: &LaneName) -> bool {
    let mut subject = asked.distinguished_name.iter();
    let subject = match (subject.next(), subject.next()) {
        (Some((DnType::CommonName, name)), None) => text(name) == Some(lane.as_str()),
        _ => false,
    };
    let other = asked
        .subject_alt_names
        .iter()
        .any(|name| !matches!(name, SanType::DnsName(name) if name.as_str() == lane.as_str()));
    subject && !other && !matches!(asked.is_ca, IsCa::Ca(_))
}

fn text(value: &rcgen::DnValue) -> Option<&str> {
    match value {
        rcgen::DnValue::Utf8String(text) => Some(text),
        rcgen::DnValue::PrintableString(text) => Some(text.as_str()),
        rcgen::DnValue::Ia5String(text) => Some(text.as_str()),
        _ => None,
    }
}

fn text_of(certificate: &CertificateDer<'_>) -> String {
    let line_ends = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(
        &pem::Pem::new("CERTIFICATE", certificate.as_ref()),
        line_ends,
    )
}

/// The lane that a certificate is for: its subject has one common name, it has one DNS name, and they are the same.
#[must_use]
pub fn lane_of(certificate: &[u8]) -> Option<LaneName> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut common = certificate.subject().iter_common_name();
    let name = common.next()?.as_str().ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    match names.value.general_names.as_slice() {
        [GeneralName::DNSName(dns)] if *dns == name && common.next().is_none() => {
            LaneName::parse(name)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
    const MONTH: Duration = Duration::days(30);

    fn authority() -> Authority {
        let (certificate, key) = Authority::make("Lanes", NOW).unwrap();
        Authority::read(&certificate, Some(&key)).unwrap()
    }

    fn lane() -> LaneName {
        LaneName::parse("lane-3").unwrap()
    }

    fn asks(
        key: &KeyPair,
        common: &str,
        names: &[&str],
        change: fn(&mut CertificateParams),
    ) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = DistinguishedName::new();
        if !common.is_empty() {
            params.distinguished_name.push(DnType::CommonName, common);
        }
        change(&mut params);
        params.serialize_request(key).unwrap().pem().unwrap()
    }

    #[test]
    fn a_lane_is_certified_under_its_own_name_only() {
        let authority = authority();
        let key = KeyPair::generate().unwrap();
        let nothing = |_: &mut CertificateParams| {};
        for names in [&["lane-3"][..], &[]] {
            let request = asks(&key, "lane-3", names, nothing);
            let chain = authority
                .certify(&lane(), &request, NOW, MONTH)
                .unwrap()
                .unwrap();
            let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes())
                .map(Result::unwrap)
                .collect();
            assert_eq!(chain.len(), 2);
            assert_eq!(chain[1], authority.trusted[0]);
            assert_eq!(lane_of(&chain[0]), Some(lane()));
            let (_, certificate) = X509Certificate::from_der(&chain[0]).unwrap();
            assert!(!certificate.is_ca());
            assert_eq!(
                certificate.validity().not_after.timestamp(),
                (NOW + MONTH).unix_timestamp()
            );
            assert_eq!(
                certificate.public_key().subject_public_key.data.as_ref(),
                key.public_key_raw()
            );
        }
        let ca = |params: &mut CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        };
        for request in [
            asks(&key, "lane-4", &["lane-4"], nothing),
            asks(&key, "lane-3", &["lane-3", "lane-4"], nothing),
            asks(&key, "lane-3", &["10.0.0.1"], nothing),
            asks(&key, "", &["lane-3"], nothing),
            asks(&key, "lane-3", &[], ca),
        ] {
            assert_eq!(
                authority.certify(&lane(), &request, NOW, MONTH),
                Err(RequestError::AnotherName)
            );
        }
    }

    #[test]
    fn a_key_that_is_not_the_askers_is_refused() {
        let authority = authority();
        let key = KeyPair::generate().unwrap();
        let request = asks(&key, "lane-3", &["lane-3"], |_| {});
        let der = pem::parse(&request).unwrap();
        // The last bytes are the signature.
        let mut forged = der.contents().to_vec();
        let last = forged.len() - 3;
        forged[last] ^= 1;
        let forged = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", forged));
        assert_eq!(
            authority.certify(&lane(), &forged, NOW, MONTH),
            Err(RequestError::NotPossessed)
        );
    }

    #[test]
    fn files_that_do_not_belong_together_are_named() {
        let (certificate, key) = Authority::make("Lanes", NOW).unwrap();
        let (_, other) = Authority::make("Others", NOW).unwrap();
        for (certificate, key, says) in [
            ("", None, "`lanes.ca` holds"),
            (&*certificate, Some("key"), "`lanes.ca_key` holds"),
            (&*certificate, Some(&**other), "is not the key"),
        ] {
            let error = Authority::read(certificate, key).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let silent = Authority::read(&certificate, None).unwrap();
        assert!(!silent.issues());
        assert_eq!(silent.certify(&lane(), "", NOW, MONTH), Ok(None));
        assert!(Authority::read(&certificate, Some(&key)).unwrap().issues());
        let debug = format!("{:?}", authority());
        assert!(!debug.contains("PRIVATE"), "{debug}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is changed about a request, nobody gets a certificate for another name or another key.
        #[test]
        fn a_changed_request_gets_nothing_else(at in 0_usize..400, flip in 1_u8..) {
            let authority = authority();
            let key = KeyPair::generate().unwrap();
            let request = asks(&key, "lane-3", &["lane-3"], |_| {});
            let mut der = pem::parse(&request).unwrap().contents().to_vec();
            let at = at % der.len();
            der[at] ^= flip;
            let changed = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", der));
            if let Ok(Some(chain)) = authority.certify(&lane(), &changed, NOW, MONTH) {
                let leaf = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
                prop_assert_eq!(lane_of(&leaf), Some(lane()));
                let (_, leaf) = X509Certificate::from_der(&leaf).unwrap();
                prop_assert_eq!(leaf.public_key().subject_public_key.data.as_ref(), key.public_key_raw());
            }
        }

        #[test]
        fn any_bytes_are_no_request_and_no_certificate(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert_eq!(authority().certify(&lane(), &text, NOW, MONTH), Err(RequestError::NoRequest));
            prop_assert_eq!(lane_of(&bytes), None);
        }
    }
}
