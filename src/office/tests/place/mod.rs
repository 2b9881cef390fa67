//! An office's folder on loopback, for the tests.
#![allow(dead_code, unreachable_pub)]

pub mod history;

#[path = "../../../risk/tests/cases/mod.rs"]
pub mod cases;
#[path = "../../../risk/tests/cases/tls.rs"]
mod tls;

use cases::{case, lane, line};
use ed25519_dalek::SigningKey;
use evidence::GoodsKind;
use office::config::Lanes;
use office::config::{Limits, Log, Risk, Tls};
use office::store::Store;
use office::{Authority as Vouching, Config, Running};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair};
use reqwest::{Response, StatusCode};
use risk::wire::AssessmentRequest;
use risk::{Case, Client, ClientConfig, Identity, LaneName, LineOptions, Url};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tls::Authority;

/// A folder with everything that an office needs.
pub struct Place {
    pub folder: TempDir,
    pub authority: Authority,
    pub config: Config,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let identity = authority.identity("127.0.0.1");
        let file = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        std::fs::create_dir(folder.path().join("edition")).unwrap();
        file("edition/policy.toml", cases::POLICY);
        file("edition/lists.toml", &cases::draft().to_toml());
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: folder.path().join("office.sqlite"),
            tls: Tls {
                certificate: file("office.crt.pem", &identity.certificate),
                key: file("office.key.pem", &identity.key),
            },
            risk: Risk {
                edition: folder.path().join("edition"),
                exact_documents: None,
            },
            lanes: None,
            repository: None,
            metrics: None,
            retention: office::config::Retention::default(),
            // Unoptimised builds on a busy machine are slow; no test here is about being fast.
            limits: Limits {
                request_ms: 30_000,
                lane_per_second: 100_000,
                lane_burst: 100_000,
                ..Limits::default()
            },
            log: Log::default(),
        };
        Self {
            folder,
            authority,
            config,
        }
    }

    /// A place whose office knows lanes by their certificates.
    pub fn guarded() -> Self {
        let mut place = Self::new();
        let now = time::OffsetDateTime::now_utc();
        let (certificate, key) = Vouching::make("Lanes", now).unwrap();
        place.config.lanes = Some(Lanes {
            ca: place.file("lanes.crt.pem", &certificate),
            ca_key: Some(place.file("lanes.key.pem", &key)),
            required: true,
            certificate_days: 30,
        });
        place
    }

    /// Writes a file into the place's folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The lanes' authority of a guarded place.
    pub fn vouching(&self) -> Vouching {
        let lanes = self.config.lanes.as_ref().unwrap();
        let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        let key = lanes.ca_key.as_ref().map(text);
        Vouching::read(&text(&lanes.ca), key.as_deref()).unwrap()
    }

    /// Certificate chain and key of a lane of a guarded place, PEM in one text.
    pub fn identity(&self, lane: &str) -> String {
        self.identity_since(lane, time::OffsetDateTime::now_utc())
    }

    /// The same, of a certificate that was made then and is valid for a day.
    pub fn identity_since(&self, lane: &str, made: time::OffsetDateTime) -> String {
        let key = KeyPair::generate().unwrap();
        let chain = self
            .vouching()
            .certify(
                &LaneName::parse(lane).unwrap(),
                &request(&key, lane),
                made,
                time::Duration::days(1),
            )
            .unwrap()
            .unwrap();
        format!("{chain}{}", key.serialize_pem())
    }

    /// Certificate and key that the lanes' authority signed under these two names, as the office itself never does.
    pub fn identity_of(&self, common: &str, dns: &str) -> String {
        let lanes = self.config.lanes.as_ref().unwrap();
        let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        let ca_key = KeyPair::from_pem(&text(lanes.ca_key.as_ref().unwrap())).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&text(&lanes.ca), ca_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params(common, dns).signed_by(&key, &issuer).unwrap();
        format!("{}{}", certificate.pem(), key.serialize_pem())
    }

    /// Enrolls a lane with the key of [`record_key`].
    pub async fn enroll(&self, lane: &str) {
        let store = Store::open(&self.config.database).unwrap();
        let key = record_key(lane).verifying_key();
        store
            .enroll(&LaneName::parse(lane).unwrap(), Some(&key), 0)
            .await
            .unwrap();
    }

    /// A client that shows this certificate, or none.
    pub fn showing(&self, identity: Option<&str>) -> reqwest::Client {
        risk::install_crypto();
        let authority = reqwest::Certificate::from_pem(self.authority.ca_pem.as_bytes()).unwrap();
        let mut client = reqwest::Client::builder()
            .tls_certs_only([authority])
            .no_proxy();
        if let Some(identity) = identity {
            let identity = reqwest::Identity::from_pem(identity.as_bytes()).unwrap();
            client = client.identity(identity);
        }
        client.build().unwrap()
    }

    pub fn at(&self, path: &str) -> String {
        format!("https://{}{path}", self.config.listen)
    }

    /// An office at work, and the configuration that opens it again at the same address.
    pub async fn open(&mut self) -> Running {
        let running = office::serve(self.config.clone()).await.unwrap();
        self.config.listen = running.addr();
        running
    }

    pub fn client(&self) -> Client {
        self.line(None)
    }

    /// The lane's own client.
    pub fn line(&self, identity: Option<Arc<Identity>>) -> Client {
        let config = ClientConfig {
            office: Url::parse(&format!("https://{}", self.config.listen)).unwrap(),
            lane: lane(),
            ca_pem: self.authority.ca_pem.clone().into_bytes(),
            deadline: Duration::from_secs(30),
        };
        let options = LineOptions {
            identity,
            ..LineOptions::default()
        };
        Client::with(config, options).unwrap()
    }

    pub async fn post(&self, kind: &str, body: impl Into<reqwest::Body>) -> Response {
        let url = format!("https://{}/v1/assessments", self.config.listen);
        self.browser()
            .post(url)
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn ask(&self, case: &Case) -> Response {
        self.post(
            "application/json",
            serde_json::to_string(&AssessmentRequest::from(case)).unwrap(),
        )
        .await
    }

    pub fn browser(&self) -> reqwest::Client {
        self.showing(None)
    }
}

/// A request for a lane's certificate, PEM.
pub fn request(key: &KeyPair, lane: &str) -> String {
    let request = params(lane, lane).serialize_request(key).unwrap();
    request.pem().unwrap()
}

fn params(common: &str, dns: &str) -> CertificateParams {
    let mut params = CertificateParams::new([dns.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common);
    params
}

/// The key that a lane of the tests signs its records with.
pub fn record_key(lane: &str) -> SigningKey {
    let mut seed = [0; 32];
    seed[..lane.len()].copy_from_slice(lane.as_bytes());
    SigningKey::from_bytes(&seed)
}

/// A question that refers for cigars.
pub fn asked() -> Case {
    case(&[30], vec![line(GoodsKind::Cigars, 51, 1)])
}

/// Status and kind of a problem.
pub async fn problem(response: Response) -> (StatusCode, String) {
    let status = response.status();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert!(!problem["title"].as_str().unwrap().is_empty());
    (
        status,
        problem["type"]
            .as_str()
            .unwrap()
            .strip_prefix("urn:sekisho:problem:")
            .unwrap()
            .to_owned(),
    )
}
