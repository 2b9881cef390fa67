//! The lane's certificate: shown, renewed without a restart, and run out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
#[path = "cases/pretend.rs"]
mod pretend;
#[path = "cases/tls.rs"]
mod tls;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum_server::tls_rustls::RustlsConfig;
use cases::{case, lane};
use pretend::{PATIENT, config};
use rcgen::{CertificateParams, CertificateSigningRequestParams, DnType, KeyPair};
use risk::line::{IdentityError, RenewalError, Renewed};
use risk::{Blame, Case, Client, ClientError, Identity, LineOptions};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tls::Authority;

/// The verifier of a real server, with a note of every certificate that it was shown.
#[derive(Debug)]
struct Noting {
    inner: Arc<dyn ClientCertVerifier>,
    shown: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl ClientCertVerifier for Noting {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.shown.lock().unwrap().push(leaf.to_vec());
        self.inner.verify_client_cert(leaf, chain, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// What the office signs a request with.
type Signer = Arc<dyn Fn(&Authority, &str) -> String + Send + Sync>;

/// An office that asks for certificates, and renews them.
struct Office {
    authority: Arc<Authority>,
    addr: SocketAddr,
    shown: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Office {
    async fn signing(signer: Signer) -> Self {
        risk::install_crypto();
        let authority = Arc::new(Authority::new());
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(authority.ca_pem.as_bytes()).unwrap())
            .unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let verifier = Noting {
            inner: WebPkiClientVerifier::builder(Arc::new(roots))
                .build()
                .unwrap(),
            shown: Arc::clone(&shown),
        };
        let identity = authority.identity("127.0.0.1");
        let config = rustls::ServerConfig::builder()
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()],
                rustls::pki_types::PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let signing = Arc::clone(&authority);
        let router = Router::new().fallback(move |uri: Uri, body: Bytes| {
            let (signer, authority) = (Arc::clone(&signer), Arc::clone(&signing));
            async move { answer(&uri, &body, |csr| signer(&authority, csr)) }
        });
        let config = RustlsConfig::from_config(Arc::new(config));
        let server = axum_server::from_tcp_rustls(listener, config).unwrap();
        tokio::spawn(server.serve(router.into_make_service()));
        Self {
            authority,
            addr,
            shown,
        }
    }

    async fn honest() -> Self {
        Self::signing(Arc::new(|authority, csr| {
            sign(authority, csr, Duration::days(30))
        }))
        .await
    }

    fn lane(&self, days: (i64, i64)) -> Lane {
        Lane::new(&self.authority, days)
    }

    fn client(&self, identity: Option<Arc<Identity>>) -> Client {
        let options = LineOptions {
            identity,
            ..LineOptions::default()
        };
        Client::with(config(self.addr, &self.authority, PATIENT), options).unwrap()
    }

    fn shown(&self) -> Vec<Vec<u8>> {
        let mut shown = self.shown.lock().unwrap().clone();
        shown.dedup();
        shown
    }
}

fn answer(uri: &Uri, body: &[u8], sign: impl Fn(&str) -> String) -> Response {
    // One answer a connection, so that the next request makes a new one.
    let last = [("connection", "close")];
    if uri.path().ends_with("/v1/certificates") {
        return (last, sign(std::str::from_utf8(body).unwrap())).into_response();
    }
    if uri.path().ends_with("/v1/records") {
        return (last, r#"{"lane":"lane-3","acknowledged":7}"#).into_response();
    }
    StatusCode::NOT_FOUND.into_response()
}

fn sign(authority: &Authority, csr: &str, life: Duration) -> String {
    let mut request = CertificateSigningRequestParams::from_pem(csr).unwrap();
    request.params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
    request.params.not_after = OffsetDateTime::now_utc() + life;
    authority.sign(request)
}

/// A lane's folder with its certificate.
struct Lane {
    folder: TempDir,
}

impl Lane {
    fn new(authority: &Authority, (from, until): (i64, i64)) -> Self {
        let folder = TempDir::new().unwrap();
        let lane = Self { folder };
        let (certificate, key) = pair(authority, (from, until));
        fs::write(lane.certificate(), certificate).unwrap();
        lane.put_key("lane.key.pem", &key);
        lane
    }

    fn put_key(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("lane.crt.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("lane.key.pem")
    }

    fn load(&self) -> Result<Arc<Identity>, IdentityError> {
        Identity::load(&self.certificate(), &self.key())
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// A certificate of these days from today, and its key.
fn pair(authority: &Authority, (from, until): (i64, i64)) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["lane-3".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "lane-3");
    params.not_before = OffsetDateTime::now_utc() + Duration::days(from);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(until);
    (authority.certify(&params, &key), key.serialize_pem())
}

fn asked() -> Case {
    case(&[30], vec![])
}

#[tokio::test]
async fn the_office_knows_the_lane_by_its_certificate() {
    let office = Office::honest().await;
    let lane = office.lane((-1, 30));
    let client = office.client(Some(lane.load().unwrap()));
    assert_eq!(client.deliver("{}").await.unwrap(), 7);
    let mine = fs::read(lane.certificate()).unwrap();
    let mine = CertificateDer::from_pem_slice(&mine).unwrap().to_vec();
    assert_eq!(office.shown(), [mine]);
}

#[tokio::test]
async fn a_lane_without_a_certificate_or_with_a_strangers_is_told_who_must_act() {
    let office = Office::honest().await;
    let stranger = Lane::new(&Authority::new(), (-1, 30));
    for identity in [None, Some(stranger.load().unwrap())] {
        let error = office
            .client(identity)
            .assess_case(&asked())
            .await
            .unwrap_err();
        assert!(matches!(error, ClientError::NotAdmitted(_)), "{error:?}");
        assert_eq!(error.blame(), Blame::Us);
        assert!(
            error.to_string().contains("the office's operator"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_certificate_that_has_run_out_says_so_and_who_must_act() {
    let office = Office::honest().await;
    let lane = office.lane((-30, -1));
    let client = office.client(Some(lane.load().unwrap()));
    let error = client.deliver("{}").await.unwrap_err();
    assert!(
        matches!(error, ClientError::CertificateExpired(_)),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("ran out on"), "{text}");
    assert!(
        text.contains("the office's operator has to issue a new one"),
        "{text}"
    );
}

#[tokio::test]
async fn it_is_renewed_at_two_thirds_of_its_life_and_used_by_the_next_connection() {
    let office = Office::honest().await;
    let lane = office.lane((-20, 10));
    let client = office.client(Some(lane.load().unwrap()));
    client.deliver("{}").await.unwrap();

    let early = OffsetDateTime::now_utc() - Duration::hours(1);
    let renewed = client.renew_if_due(early).await.unwrap();
    assert!(matches!(renewed, Renewed::NotDue(_)));
    let due = OffsetDateTime::now_utc() + Duration::minutes(1);
    let Renewed::Renewed(validity) = client.renew_if_due(due).await.unwrap() else {
        panic!("not renewed");
    };
    assert!(validity.until > OffsetDateTime::now_utc() + Duration::days(29));

    client.deliver("{}").await.unwrap();
    let on_disk = fs::read(lane.certificate()).unwrap();
    let on_disk = CertificateDer::from_pem_slice(&on_disk).unwrap().to_vec();
    let shown = office.shown();
    assert_eq!(shown.last(), Some(&on_disk));
    assert_ne!(shown.first(), shown.last());
    assert_eq!(lane.names(), ["lane.crt.pem", "lane.key.pem"]);
    let mode = fs::metadata(lane.key()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(lane.load().unwrap().validity(), validity);
}

#[tokio::test]
async fn a_lane_that_keeps_its_certificate_renews_it_by_itself() {
    let office = Office::honest().await;
    let lane = office.lane((-29, 1));
    let identity = lane.load().unwrap();
    let mut validity = identity.watch();
    let client = office.client(Some(Arc::clone(&identity)));
    let keeper = tokio::spawn(async move { client.keep_certificate().await });
    let soon = OffsetDateTime::now_utc() + Duration::days(2);
    validity.wait_for(|new| new.until > soon).await.unwrap();
    assert!(lane.load().unwrap().validity().until > soon);
    keeper.abort();
    // A lane without a certificate has nothing to keep.
    office.client(None).keep_certificate().await;
}

#[test]
fn a_key_does_not_print() {
    let lane = Lane::new(&Authority::new(), (-1, 30));
    let key = fs::read_to_string(lane.key()).unwrap();
    let shown = format!("{:?}", lane.load().unwrap());
    assert!(shown.contains("lane.crt.pem"), "{shown}");
    let secret = key.lines().nth(1).unwrap();
    assert!(!shown.contains(&secret[..20]), "{shown}");
    fs::write(lane.certificate(), "none").unwrap();
    assert!(!format!("{:?}", lane.load()).contains(&secret[..20]));
}

#[tokio::test]
async fn what_is_not_this_lanes_newer_certificate_is_not_taken() {
    type Check = fn(&RenewalError) -> bool;
    let cases: [(Signer, Check); 5] = [
        (
            Arc::new(|authority, csr| sign(authority, csr, Duration::days(1))),
            |error| matches!(error, RenewalError::NoNewer),
        ),
        (
            Arc::new(|authority, _| pair(authority, (-1, 90)).0),
            |error| matches!(error, RenewalError::Unusable(IdentityError::Pair(_))),
        ),
        (
            Arc::new(|authority, _| authority.identity("lane-4").certificate),
            |error| matches!(error, RenewalError::AnotherLane),
        ),
        (Arc::new(|_, _| "<html>".to_owned()), |error| {
            matches!(error, RenewalError::AnotherLane)
        }),
        (Arc::new(|_, _| " ".repeat(70_000)), |error| {
            matches!(error, RenewalError::Office(ClientError::TooLong(_)))
        }),
    ];
    for (signer, expected) in cases {
        let office = Office::signing(signer).await;
        let lane = office.lane((-20, 10));
        let before = fs::read(lane.certificate()).unwrap();
        let client = office.client(Some(lane.load().unwrap()));
        let due = OffsetDateTime::now_utc() + Duration::minutes(1);
        let error = client.renew_if_due(due).await.unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(fs::read(lane.certificate()).unwrap(), before);
        assert_eq!(client.deliver("{}").await.unwrap(), 7, "the old one serves");
    }
}

#[test]
fn a_power_cut_at_any_step_of_a_renewal_leaves_a_pair() {
    let authority = Authority::new();
    let old = pair(&authority, (-20, 10));
    let new = pair(&authority, (-1, 30));
    // What is on the disk after each step: certificate, key, certificate.new, key.new; and which pair has to be found.
    let steps: [([Option<&str>; 4], bool); 6] = [
        ([Some(&old.0), Some(&old.1), None, None], false),
        ([Some(&old.0), Some(&old.1), None, Some(&new.1)], false),
        (
            [Some(&old.0), Some(&old.1), Some(&new.0), Some(&new.1)],
            true,
        ),
        ([Some(&old.0), Some(&new.1), Some(&new.0), None], true),
        ([Some(&new.0), Some(&new.1), None, None], true),
        // Half a file, which only a disk that does not keep its promises leaves.
        (
            [Some(&old.0), Some(&old.1), Some(&new.0[..90]), Some(&new.1)],
            false,
        ),
    ];
    for (step, (files, renewed)) in steps.iter().enumerate() {
        let lane = Lane {
            folder: TempDir::new().unwrap(),
        };
        let names = [
            "lane.crt.pem",
            "lane.key.pem",
            "lane.crt.pem.new",
            "lane.key.pem.new",
        ];
        for (name, text) in names.iter().zip(files) {
            if let Some(text) = text {
                lane.put_key(name, text);
            }
        }
        let identity = lane
            .load()
            .unwrap_or_else(|error| panic!("{step}: {error}"));
        let days = (identity.validity().until - OffsetDateTime::now_utc()).whole_days();
        assert_eq!(days > 20, *renewed, "{step}");
        assert_eq!(
            lane.load().unwrap().validity(),
            identity.validity(),
            "{step}: twice"
        );
    }
}

#[test]
fn a_key_that_others_may_read_or_that_is_another_ones_is_refused() {
    let authority = Authority::new();
    let lane = Lane::new(&authority, (-1, 30));
    fs::set_permissions(lane.key(), fs::Permissions::from_mode(0o644)).unwrap();
    let error = lane.load().unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");

    lane.put_key("lane.key.pem", &pair(&authority, (-1, 30)).1);
    let error = lane.load().unwrap_err();
    assert!(matches!(error, IdentityError::Pair(_)), "{error:?}");
    lane.put_key("lane.key.pem", "no key");
    assert!(matches!(lane.load().unwrap_err(), IdentityError::Key));
    fs::remove_file(lane.key()).unwrap();
    assert!(matches!(lane.load().unwrap_err(), IdentityError::Read(..)));
}

#[tokio::test]
async fn a_lane_is_asked_in_its_own_name() {
    let office = Office::honest().await;
    let held = office.lane((-1, 30));
    let client = office.client(Some(held.load().unwrap()));
    assert_eq!(client.lane(), &lane());
    let error = client.assess_case(&asked()).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { .. }), "{error:?}");
}
