//! An office that runs: bound, listening, and stopped gently or at once.

use crate::config::Config;
use crate::http::{self, Desk};
use crate::store::{Store, StoreError};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use risk::{Lists, ListsError, Policy, PolicyError};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

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
    /// The policy is refused.
    #[error("`risk.policy`: {} is refused", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// Key and cure.
        #[source]
        source: PolicyError,
    },
    /// The lists are refused.
    #[error("`risk.lists`: {} is refused", path.display())]
    Lists {
        /// The file.
        path: PathBuf,
        /// Key and cure.
        #[source]
        source: ListsError,
    },
    /// Certificate and key cannot be used.
    #[error("`tls`: certificate and key cannot be used; both have to be PEM and belong together")]
    Tls(#[source] io::Error),
    /// The database cannot be used.
    #[error("`database`: {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: StoreError,
    },
    /// The address cannot be listened on.
    #[error("`listen`: {addr} cannot be listened on; another program may hold it")]
    Listen {
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
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
    stop_after: Duration,
}

/// Starts an office; when this returns, it listens.
///
/// # Errors
/// [`StartError`] names the key of the configuration that cannot be used.
pub async fn serve(config: Config) -> Result<Running, StartError> {
    let desk = Arc::new(Desk {
        policy: policy(&config.risk.policy)?,
        lists: lists(&config.risk.lists)?,
        store: Store::open(&config.database).map_err(|source| StartError::Store {
            path: config.database.clone(),
            source,
        })?,
    });
    risk::install_crypto();
    let tls = RustlsConfig::from_pem(
        read("tls.certificate", &config.tls.certificate)?,
        read("tls.key", &config.tls.key)?,
    )
    .await
    .map_err(StartError::Tls)?;

    let not_listening = |source| StartError::Listen {
        addr: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).map_err(not_listening)?;
    listener.set_nonblocking(true).map_err(not_listening)?;
    let addr = listener.local_addr().map_err(not_listening)?;
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)
        .map_err(not_listening)?
        .acceptor(RustlsAcceptor::new(tls).handshake_timeout(HANDSHAKE))
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
    let service = http::router(Arc::clone(&desk), &config.limits).into_make_service();
    tracing::info!(
        %addr,
        policy = %desk.policy.version(),
        lists = %desk.lists.version(),
        lists_issued = %desk.lists.issued(),
        "listening"
    );
    let task = tokio::spawn(server.serve(service));
    Ok(Running {
        addr,
        handle,
        task,
        stop_after: Duration::from_secs(config.limits.stop_seconds),
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops: no new connection, requests in work are finished (as long as `limits.stop_seconds` allows).
    ///
    /// # Errors
    /// What kept the server from ending well.
    pub async fn stop(mut self) -> io::Result<()> {
        self.handle.graceful_shutdown(Some(self.stop_after));
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

fn policy(path: &Path) -> Result<Policy, StartError> {
    Policy::parse(&text("risk.policy", path)?).map_err(|source| StartError::Policy {
        path: path.to_owned(),
        source,
    })
}

fn lists(path: &Path) -> Result<Lists, StartError> {
    Lists::parse(&text("risk.lists", path)?).map_err(|source| StartError::Lists {
        path: path.to_owned(),
        source,
    })
}
