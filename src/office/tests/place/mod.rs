//! An office's folder on loopback, for the tests.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../risk/tests/cases/mod.rs"]
pub mod cases;
#[path = "../../../risk/tests/cases/tls.rs"]
mod tls;

use cases::{case, lane, line};
use evidence::GoodsKind;
use office::config::{Limits, Log, Risk, Tls};
use office::{Config, Running};
use reqwest::{Response, StatusCode};
use risk::wire::AssessmentRequest;
use risk::{Case, Client, ClientConfig, Url};
use std::path::PathBuf;
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
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: folder.path().join("office.sqlite"),
            tls: Tls {
                certificate: file("office.crt.pem", &identity.certificate),
                key: file("office.key.pem", &identity.key),
            },
            risk: Risk {
                policy: file("policy.toml", cases::POLICY),
                lists: file("lists.toml", &cases::draft().to_toml()),
            },
            // Unoptimised builds on a busy machine are slow; no test here is about being fast.
            limits: Limits {
                request_ms: 30_000,
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

    /// An office at work, and the configuration that opens it again at the same address.
    pub async fn open(&mut self) -> Running {
        let running = office::serve(self.config.clone()).await.unwrap();
        self.config.listen = running.addr();
        running
    }

    pub fn client(&self) -> Client {
        Client::new(ClientConfig {
            office: Url::parse(&format!("https://{}", self.config.listen)).unwrap(),
            lane: lane(),
            ca_pem: self.authority.ca_pem.clone().into_bytes(),
            deadline: Duration::from_secs(30),
        })
        .unwrap()
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
        risk::install_crypto();
        let authority = reqwest::Certificate::from_pem(self.authority.ca_pem.as_bytes()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .build()
            .unwrap()
    }
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
