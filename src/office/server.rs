//! An office that runs: bound, listening, and stopped gently or at once.

use crate::authority::{Authority, AuthorityError};
use crate::caller::Door;
use crate::config::{Config, Risk};
use crate::gauges::Gauges;
use crate::http::{self, Desk};
use crate::store::{Store, StoreError};
use crate::upkeep;
use arc_swap::{ArcSwap, ArcSwapOption};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use risk::{Edition, EditionError};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

/// Longest TLS handshake: a lane gives up after 1.5 s, so that nobody who is in earnest needs more.
const HANDSHAKE: Duration = Duration::from_secs(3);

/// A connection on which nothing is asked for so long is closed. Lanes in use ask several times a minute.
const IDLE: Duration = Duration::from_secs(60);

/// Why an office does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file that the configuration names cannot be read.
    #[error("`{key}` names {}, which cannot be read", path.display())]
    File {
        /// Key of the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The edition of policy and lists is refused.
    #[error("`risk.edition`: {} is refused", path.display())]
    Edition {
        /// The folder.
        path: PathBuf,
        /// The file in it, and what is wrong with it.
        #[source]
        source: EditionError,
    },
    /// Certificate and key cannot be used.
    #[error("`tls`: certificate and key cannot be used; both have to be PEM and belong together")]
    Tls(#[source] rustls::Error),
    /// Certificate or key is no PEM.
    #[error("`{0}` holds no PEM text of that kind")]
    Pem(&'static str, #[source] rustls::pki_types::pem::Error),
    /// The lanes' authority cannot be used.
    #[error("`lanes`: the authority cannot be used")]
    Authority(#[from] AuthorityError),
    /// Clients' certificates cannot be checked against the lanes' authority.
    #[error("`lanes.ca`: nobody's certificate can be checked by it")]
    Clients(#[from] rustls::server::VerifierBuilderError),
    /// The folder of signed lists is none.
    #[error("`repository.folder`: {} is no folder with `metadata` and `targets` in it; `office publish` makes it", .0.display())]
    Repository(PathBuf),
    /// The database cannot be used.
    #[error("`database`: {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: StoreError,
    },
    /// An address cannot be listened on.
    #[error("`{key}`: {addr} cannot be listened on; another program may hold it")]
    Listen {
        /// Key of the configuration.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// An office at work. Dropping it cuts it off.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    metrics: Option<SocketAddr>,
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
    beside: Vec<JoinHandle<()>>,
    desk: Arc<Desk>,
    tls: RustlsConfig,
    config: Config,
}

/// Starts an office; when this returns, it listens.
///
/// # Errors
/// [`StartError`] names the key of the configuration that cannot be used.
pub async fn serve(config: Config) -> Result<Running, StartError> {
    risk::install_crypto();
    let gauges = Gauges::new();
    let authority = authority(&config)?;
    let tls = RustlsConfig::from_config(tls(&config, authority.as_ref())?);
    let desk = desk(&config, authority, Arc::clone(&gauges))?;

    let (listener, addr) = listen("listen", config.listen)?;
    let metrics = config
        .metrics
        .as_ref()
        .map(|metrics| listen("metrics.listen", metrics.listen))
        .transpose()?;
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)
        .map_err(|source| StartError::Listen {
            key: "listen",
            addr,
            source,
        })?
        .acceptor(Door(
            RustlsAcceptor::new(tls.clone()).handshake_timeout(HANDSHAKE),
        ))
        .handle(handle.clone());
    let connections = server.http_builder();
    connections
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE);
    connections
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(IDLE);
    let (router, gate) = http::router(Arc::clone(&desk), &config);
    let mut beside = vec![tokio::spawn(upkeep::forever(
        Arc::clone(&desk),
        gate,
        config.retention.clone(),
    ))];
    let metrics = match metrics {
        None => None,
        Some((listener, addr)) => {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(|source| {
                StartError::Listen {
                    key: "metrics.listen",
                    addr,
                    source,
                }
            })?;
            beside.push(tokio::spawn(upkeep::figures(listener, gauges)));
            Some(addr)
        }
    };
    let edition = desk.edition.load_full();
    tracing::info!(
        %addr,
        metrics = metrics.map(tracing::field::display),
        policy = %edition.policy.version(),
        lists = %edition.lists.version(),
        lists_issued = %edition.lists.issued(),
        certificates = config.lanes.as_ref().is_some_and(|lanes| lanes.required),
        "listening"
    );
    let task = tokio::spawn(server.serve(router.into_make_service()));
    Ok(Running {
        addr,
        metrics,
        handle,
        task,
        beside,
        desk,
        tls,
        config,
    })
}

/// Everything that requests share. Blocks.
pub(crate) fn desk(
    config: &Config,
    authority: Option<Authority>,
    gauges: Arc<Gauges>,
) -> Result<Arc<Desk>, StartError> {
    let edition = edition(&config.risk)?;
    let store = Store::open_counted(&config.database, Arc::clone(&gauges)).map_err(|source| {
        StartError::Store {
            path: config.database.clone(),
            source,
        }
    })?;
    gauges.lists_issued(issued(&edition));
    Ok(Arc::new(Desk {
        edition: ArcSwap::from_pointee(edition),
        store,
        authority: ArcSwapOption::from_pointee(authority),
        lifetime: config.lanes.as_ref().map_or(time::Duration::ZERO, |lanes| {
            time::Duration::days(lanes.certificate_days.into())
        }),
        repository: repository(config)?,
        cores: Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)),
        gauges,
    }))
}

fn listen(key: &'static str, addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let not_listening = |source| StartError::Listen { key, addr, source };
    let listener = TcpListener::bind(addr).map_err(not_listening)?;
    listener.set_nonblocking(true).map_err(not_listening)?;
    let addr = listener.local_addr().map_err(not_listening)?;
    Ok((listener, addr))
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where its figures are read, if anywhere.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Reads the edition, the office's certificate and the lanes' authority again and puts them in the place of those in
    /// use; connections that are open stay. Blocks.
    ///
    /// # Errors
    /// [`StartError`] names the key of the configuration; everything stays as it was.
    pub fn reload(&self) -> Result<(), StartError> {
        let edition = edition(&self.config.risk)?;
        let authority = authority(&self.config)?;
        let tls = tls(&self.config, authority.as_ref())?;
        self.desk.gauges.lists_issued(issued(&edition));
        let edition = Arc::new(edition);
        self.desk.edition.store(Arc::clone(&edition));
        self.desk.authority.store(authority.map(Arc::new));
        self.tls.reload_from_config(tls);
        tracing::info!(
            policy = %edition.policy.version(),
            lists = %edition.lists.version(),
            lists_issued = %edition.lists.issued(),
            "reloaded"
        );
        Ok(())
    }

    /// Stops: no new connection, requests in work are finished (as long as `limits.stop_seconds` allows).
    ///
    /// # Errors
    /// What kept the server from ending well.
    pub async fn stop(mut self) -> io::Result<()> {
        let longest = Duration::from_secs(self.config.limits.stop_seconds);
        self.handle.graceful_shutdown(Some(longest));
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Cuts every connection at once and frees the port, as a dead machine would.
    ///
    /// # Errors
    /// What kept the server from ending.
    pub async fn cut(mut self) -> io::Result<()> {
        self.handle.shutdown();
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Waits until the server ends by itself, which only a fault makes it do.
    ///
    /// # Errors
    /// The fault.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.shutdown();
        for task in &self.beside {
            task.abort();
        }
    }
}

pub(crate) fn authority(config: &Config) -> Result<Option<Authority>, StartError> {
    let Some(lanes) = &config.lanes else {
        return Ok(None);
    };
    let key = lanes
        .ca_key
        .as_deref()
        .map(|path| text("lanes.ca_key", path).map(Zeroizing::new))
        .transpose()?;
    let certificates = text("lanes.ca", &lanes.ca)?;
    let key = key.as_ref().map(|key| key.as_str());
    Ok(Some(Authority::read(&certificates, key)?))
}

fn issued(edition: &Edition) -> i64 {
    let day = edition.lists.issued();
    day.midnight().assume_utc().unix_timestamp()
}

fn tls(config: &Config, authority: Option<&Authority>) -> Result<Arc<ServerConfig>, StartError> {
    let (files, lanes) = (&config.tls, config.lanes.as_ref().zip(authority));
    let chain = CertificateDer::pem_slice_iter(&read("tls.certificate", &files.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| StartError::Pem("tls.certificate", source))?;
    let key = Zeroizing::new(read("tls.key", &files.key)?);
    let key =
        PrivateKeyDer::from_pem_slice(&key).map_err(|source| StartError::Pem("tls.key", source))?;
    let clients = match lanes {
        None => WebPkiClientVerifier::no_client_auth(),
        Some((lanes, authority)) => {
            let clients = WebPkiClientVerifier::builder(authority.roots()?);
            if lanes.required {
                clients.build()?
            } else {
                clients.allow_unauthenticated().build()?
            }
        }
    };
    let mut tls = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(StartError::Tls)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

fn repository(config: &Config) -> Result<Option<PathBuf>, StartError> {
    let Some(repository) = &config.repository else {
        return Ok(None);
    };
    let folder = &repository.folder;
    if ["metadata", "targets"]
        .iter()
        .all(|part| folder.join(part).is_dir())
    {
        Ok(Some(folder.clone()))
    } else {
        Err(StartError::Repository(folder.clone()))
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, StartError> {
    std::fs::read(path).map_err(|source| StartError::File {
        key,
        path: path.to_owned(),
        source,
    })
}

fn text(key: &'static str, path: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(path).map_err(|source| StartError::File {
        key,
        path: path.to_owned(),
        source,
    })
}

/// Blocks: an edition with large lists takes about a second.
fn edition(risk: &Risk) -> Result<Edition, StartError> {
    match &risk.exact_documents {
        None => Edition::load(&risk.edition),
        Some(exact) => Edition::load_with_exact_documents(&risk.edition, exact),
    }
    .map_err(|source| StartError::Edition {
        path: risk.edition.clone(),
        source,
    })
}
