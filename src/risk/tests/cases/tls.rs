//! A certificate authority for one test.
#![allow(dead_code, unreachable_pub)]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

pub struct Authority {
    pub ca_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Certificate and key, PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = params.self_signed(&key).unwrap().pem();
        Self {
            ca_pem,
            issuer: Issuer::new(params, key),
        }
    }

    pub fn identity(&self, host: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity {
            certificate,
            key: key.serialize_pem(),
        }
    }
}

impl Authority {
    pub fn certify(&self, params: &CertificateParams, key: &KeyPair) -> String {
        params.signed_by(key, &self.issuer).unwrap().pem()
    }

    pub fn sign(&self, request: rcgen::CertificateSigningRequestParams) -> String {
        request.signed_by(&self.issuer).unwrap().pem()
    }
}

impl Authority {
    /// An identity that is good from and until so many days from now.
    pub fn of_days(&self, host: &str, (from, until): (i64, i64)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = time::OffsetDateTime::now_utc() + time::Duration::days(from);
        params.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(until);
        Identity {
            certificate: self.certify(&params, &key),
            key: key.serialize_pem(),
        }
    }
}
