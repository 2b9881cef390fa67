//! An author's desk with its repository, and a server of its files that can be told to fail.
#![allow(dead_code, unreachable_pub)]

use crate::cases::{POLICY, draft, lane};
use crate::tls::Authority;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::{SignedDuration, Timestamp};
use office::publish::{Life, Published, new_keys, publish, refresh};
use risk::updates::{Looked, UpdateError, Updates, UpdatesConfig};
use risk::{Client, ClientConfig, Edition, Url};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What is sent for a request; a hook may change it.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: &'static str,
    /// The whole file.
    pub body: Vec<u8>,
    /// Whether parts are given.
    pub ranges: bool,
    /// The connection is cut after so many bytes of the body.
    pub cut: Option<usize>,
    /// After the body, spaces without end.
    pub endless: bool,
}

type Hook = Box<dyn FnMut(&str, &mut Reply) + Send>;

/// A request that was answered: path, first byte, bytes sent.
pub type Sent = (String, usize, usize);

pub struct Depot {
    pub folder: TempDir,
    pub authority: Authority,
    pub addr: SocketAddr,
    hook: Arc<Mutex<Hook>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Depot {
    /// Keys, an edition `lists-1` with a large file, and a server.
    pub async fn new() -> Self {
        risk::install_crypto();
        let folder = TempDir::new().unwrap();
        let authority = Authority::new();
        let identity = authority.identity("127.0.0.1");
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let depot = Self {
            addr: listener.local_addr().unwrap(),
            authority,
            hook: Arc::new(Mutex::new(Box::new(|_, _| {}))),
            sent: Arc::default(),
            folder,
        };
        let serving = Serving {
            repository: depot.repository(),
            hook: Arc::clone(&depot.hook),
            sent: Arc::clone(&depot.sent),
        };
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(acceptor.clone(), stream));
            }
        });
        new_keys(&depot.keys(), (3, 2), moment(), Life::default()).unwrap();
        depot.write("lists-1", &large(1));
        depot
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn repository(&self) -> PathBuf {
        self.path("repository")
    }

    pub fn keys(&self) -> PathBuf {
        self.path("keys")
    }

    /// Makes the edition's folder anew.
    pub fn write(&self, version: &str, large: &[u8]) {
        let edition = self.path("edition");
        fs::create_dir_all(&edition).unwrap();
        let lists = risk::Draft {
            version: evidence::Version::parse(version).unwrap(),
            ..draft()
        };
        fs::write(edition.join("policy.toml"), POLICY).unwrap();
        fs::write(edition.join("lists.toml"), lists.to_toml()).unwrap();
        fs::write(edition.join("large.bin"), large).unwrap();
    }

    pub fn publish(&self) -> Published {
        publish(
            &self.path("edition"),
            &self.repository(),
            &self.keys(),
            moment(),
            Life::default(),
        )
        .unwrap()
    }

    /// Publishes by the machine's clock.
    pub fn publish_now(&self) -> Published {
        publish(
            &self.path("edition"),
            &self.repository(),
            &self.keys(),
            OffsetDateTime::now_utc(),
            Life::default(),
        )
        .unwrap()
    }

    pub fn refresh(&self, now: OffsetDateTime) -> Published {
        refresh(&self.repository(), &self.keys(), now, Life::default()).unwrap()
    }

    /// What happens to replies from now on.
    pub fn when_asked(&self, hook: impl FnMut(&str, &mut Reply) + Send + 'static) {
        *self.hook.lock().unwrap() = Box::new(hook);
    }

    /// From now on this file is another.
    pub fn give(&self, name: &str, bytes: Vec<u8>) {
        let name = name.to_owned();
        self.when_asked(move |path, reply| {
            if path.ends_with(&name) {
                reply.status = "200 OK";
                reply.body.clone_from(&bytes);
            }
        });
    }

    pub fn honest(&self) {
        self.when_asked(|_, _| {});
    }

    /// What was sent since the last time.
    pub fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    pub fn sent_of(&self, name: &str) -> Vec<(usize, usize)> {
        let sent = self.sent();
        let of = sent.iter().filter(|(path, ..)| path.contains(name));
        of.map(|(_, from, count)| (*from, *count)).collect()
    }

    pub fn metadata(&self, name: &str) -> Vec<u8> {
        fs::read(self.repository().join("metadata").join(name)).unwrap()
    }

    pub fn config(&self) -> UpdatesConfig {
        let root = self.path("lane.root.json");
        if !root.exists() {
            // A lane is set up once, with the root of that day.
            fs::copy(self.keys().join("1.root.json"), &root).unwrap();
        }
        UpdatesConfig {
            root,
            repository: None,
            every: Duration::from_secs(600),
            folder: self.path("lane"),
        }
    }

    pub fn client(&self) -> Client {
        Client::new(ClientConfig {
            office: Url::parse(&format!("https://{}/", self.addr)).unwrap(),
            lane: lane(),
            ca_pem: self.authority.ca_pem.clone().into_bytes(),
            deadline: risk::DEADLINE,
        })
        .unwrap()
    }

    pub fn open(&self) -> (Updates, Option<Edition>) {
        Updates::open(self.config(), self.client()).unwrap()
    }

    /// Signs the newest targets once more, changed, and all that follows from them, with the right keys.
    pub fn sign_changed(&self, change: impl FnOnce(&mut Value)) {
        let metadata = self.repository().join("metadata");
        let timestamp: Value = serde_json::from_slice(&self.metadata("timestamp.json")).unwrap();
        let turn = timestamp["signed"]["version"].as_u64().unwrap();
        let name = |role: &str| format!("{turn}.{role}.json");
        let mut targets: Value = serde_json::from_slice(&self.metadata(&name("targets"))).unwrap();
        targets["signed"]["version"] = json!(turn + 1);
        change(&mut targets["signed"]);
        let next = |role: &str| format!("{}.{role}.json", turn + 1);
        let targets = self.sign("targets", targets["signed"].take());
        fs::write(metadata.join(next("targets")), &targets).unwrap();
        let mut below = targets;
        for (role, file, child) in [
            ("snapshot", next("snapshot"), "targets.json"),
            ("timestamp", "timestamp.json".to_owned(), "snapshot.json"),
        ] {
            let old = if role == "timestamp" {
                "timestamp.json".to_owned()
            } else {
                name(role)
            };
            let mut words: Value = serde_json::from_slice(&self.metadata(&old)).unwrap();
            words["signed"]["version"] = json!(turn + 1);
            words["signed"]["meta"][child] = json!({
                "version": turn + 1,
                "length": below.len(),
                "hashes": { "sha256": hex::encode(Sha256::digest(&below)) },
            });
            below = self.sign(role, words["signed"].take());
            fs::write(metadata.join(file), &below).unwrap();
        }
    }

    fn sign(&self, role: &str, words: Value) -> Vec<u8> {
        let pem = fs::read_to_string(self.keys().join(format!("{role}.key.pem"))).unwrap();
        let key = SigningKey::from_pkcs8_pem(&pem).unwrap();
        let root: Value =
            serde_json::from_slice(&fs::read(self.keys().join("root.json")).unwrap()).unwrap();
        let id = &root["signed"]["roles"][role]["keyids"][0];
        let message = sigstore_tuf::canonical_json::to_canonical_bytes(&words).unwrap();
        let signature = hex::encode(key.sign(&message).to_bytes());
        json!({ "signed": words, "signatures": [{ "keyid": id, "sig": signature }] })
            .to_string()
            .into_bytes()
    }
}

pub fn renewed(looked: Looked) -> Edition {
    match looked {
        Looked::Renewed(edition) => *edition,
        Looked::Unchanged => panic!("nothing new"),
    }
}

pub fn version(edition: &Edition) -> &str {
    edition.lists.version().as_str()
}

/// A lane with edition 1, and edition 2 at the office.
pub async fn behind() -> (Depot, Updates) {
    let depot = Depot::new().await;
    depot.publish();
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(1)).await.unwrap());
    depot.write("lists-2", &large(1));
    depot.publish();
    depot.sent();
    (depot, updates)
}

/// The look fails, the edition stays, and an honest repository is followed again.
pub async fn kept(depot: &Depot, updates: &mut Updates, hours: i64) -> UpdateError {
    let before = updates.status().borrow().edition;
    let error = updates.look(after(hours)).await.unwrap_err();
    let status = updates.status().borrow().clone();
    assert_eq!(status.edition, before);
    assert_eq!(status.trouble, Some(error.in_full()));
    depot.honest();
    error
}

/// Half a megabyte that does not repeat.
pub fn large(seed: u8) -> Vec<u8> {
    let mut block = Sha256::digest([seed]);
    let mut bytes = Vec::new();
    while bytes.len() < 500_000 {
        bytes.extend_from_slice(&block);
        block = Sha256::digest(block);
    }
    bytes
}

/// The moment of every test; what is signed then is good for some days.
pub fn moment() -> OffsetDateTime {
    time::macros::datetime!(2026-11-23 09:00 UTC)
}

/// The lane's clock, hours later.
pub fn after(hours: i64) -> Timestamp {
    Timestamp::from_second(moment().unix_timestamp()).unwrap() + SignedDuration::from_hours(hours)
}

#[derive(Clone)]
struct Serving {
    repository: PathBuf,
    hook: Arc<Mutex<Hook>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Serving {
    async fn serve(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return;
        };
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let range = head
            .lines()
            .find_map(|line| line.strip_prefix("range: bytes="))
            .map(|range| range.trim_end_matches('-').parse().unwrap());
        let (text, from, body, reply) = self.reply(&path, range);
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        let end = reply.cut.map_or(body.len(), |cut| cut.min(body.len()));
        self.sent.lock().unwrap().push((path, from, end));
        let mut sent = stream.write_all(&body[..end]).await;
        while reply.endless && sent.is_ok() {
            sent = stream.write_all(&[b' '; 4096]).await;
        }
        let _ = stream.flush().await;
        if reply.cut.is_none() {
            let _ = stream.shutdown().await;
        }
    }

    fn reply(&self, path: &str, range: Option<usize>) -> (String, usize, Vec<u8>, Reply) {
        let file = path.strip_prefix("/v1/tuf/").unwrap();
        let read = fs::read(self.repository.join(Path::new(file)));
        let mut reply = Reply {
            status: if read.is_ok() {
                "200 OK"
            } else {
                "404 Not Found"
            },
            body: read.unwrap_or_default(),
            ranges: true,
            cut: None,
            endless: false,
        };
        (self.hook.lock().unwrap())(path, &mut reply);
        let whole = reply.body.len();
        let from = range.filter(|_| reply.ranges).unwrap_or(0);
        let mut text = "HTTP/1.1 ".to_owned();
        let mut body = reply.body.get(from..).unwrap_or_default().to_vec();
        if reply.status != "200 OK" {
            text += &format!("{}\r\n", reply.status);
            body.clear();
        } else if from > 0 && from >= whole {
            text += "416 Range Not Satisfiable\r\n";
        } else if from > 0 {
            text += &format!(
                "206 Partial Content\r\ncontent-range: bytes {from}-{}/{whole}\r\n",
                whole - 1
            );
        } else {
            text += &format!("{}\r\n", reply.status);
        }
        if !reply.endless {
            text += &format!("content-length: {}\r\n", body.len());
        }
        text += "connection: close\r\n\r\n";
        (text, from, body, reply)
    }
}
