//! The certificate by which the lane is known at the office, its key, and how both are kept and exchanged.
//!
//! The key's text is in memory only while it is read or written; what stays is the key itself, in the TLS library.

use arc_swap::ArcSwap;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::watch;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

/// From when to when a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub from: OffsetDateTime,
    /// Last moment.
    pub until: OffsetDateTime,
}

impl Validity {
    /// When the certificate is to be renewed: at two thirds of its life, so that the last third is there for an office that
    /// is gone.
    #[must_use]
    pub fn renew_at(&self) -> OffsetDateTime {
        self.from + (self.until - self.from) * 2 / 3
    }

    /// Whether the last moment has passed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        OffsetDateTime::now_utc() > self.until
    }
}

/// Why a certificate and its key cannot be used. No text of it holds the key.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// A file cannot be written.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// Somebody else on the machine may read the key.
    #[error("{} may be read by others: `chmod 600` it", .0.display())]
    Exposed(PathBuf),
    /// No PEM certificate.
    #[error("the certificate is no PEM certificate")]
    Certificate,
    /// No PEM private key.
    #[error("the key is no PEM private key")]
    Key,
    /// Certificate and key do not belong together, or the key is of a kind that is not supported.
    #[error("certificate and key do not belong together")]
    Pair(#[source] rustls::Error),
}

struct Held {
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

/// The lane's certificate and key. Connections made after a renewal use the new one.
pub struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    held: ArcSwap<Held>,
    seen: watch::Sender<Validity>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificate", &self.certificate)
            .field("validity", &self.validity())
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads certificate chain and key, PEM. A renewal that a power cut interrupted is finished first.
    ///
    /// # Errors
    /// [`IdentityError`] names the file and the cure. An expired certificate is none: the office will say so.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, IdentityError> {
        let held = match (hold_files(certificate, key), next(certificate), next(key)) {
            (held, new_certificate, _) if new_certificate.exists() => {
                finish(certificate, key, held)?
            }
            (held, _, _) => held?,
        };
        Ok(Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            seen: watch::Sender::new(held.validity),
            held: ArcSwap::from_pointee(held),
        }))
    }

    /// From when to when the certificate is good.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.held.load().validity
    }

    /// The same, and every renewal: for the officer's panel and for metrics.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Validity> {
        self.seen.subscribe()
    }

    /// Puts a new certificate and key in the place of the old, on the disk first and whole.
    pub(super) fn adopt(
        &self,
        certificate: &str,
        key: &Zeroizing<String>,
    ) -> Result<Validity, IdentityError> {
        let held = hold(certificate.as_bytes(), key.as_bytes())?;
        let validity = held.validity;
        // Both lie complete beside their places before either takes it; the certificate comes last, so that its `.new` says
        // what is still to be done.
        write_new(&self.key, key.as_bytes())?;
        write_new(&self.certificate, certificate.as_bytes())?;
        take_place(&self.key)?;
        take_place(&self.certificate)?;
        self.held.store(Arc::new(held));
        self.seen.send_replace(validity);
        Ok(validity)
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(
        &self,
        _authorities: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let certified = Arc::clone(&self.held.load().certified);
        certified.key.choose_scheme(schemes)?;
        Some(certified)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What a power cut between two steps of [`Identity::adopt`] left.
fn finish(
    certificate: &Path,
    key: &Path,
    held: Result<Held, IdentityError>,
) -> Result<Held, IdentityError> {
    for new_key in [next(key), key.to_owned()] {
        if let Ok(renewed) = hold_files(&next(certificate), &new_key) {
            if new_key != key {
                take_place(key)?;
            }
            take_place(certificate)?;
            return Ok(renewed);
        }
    }
    // The new pair is not complete, so that the old one is still in its place.
    held
}

fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn write_new(path: &Path, text: &[u8]) -> Result<(), IdentityError> {
    let failed = |error| IdentityError::Write(next(path), error);
    // Readable for its owner alone (0600), as temporary files are.
    let mut file = tempfile::NamedTempFile::new_in(folder(path)).map_err(failed)?;
    file.write_all(text).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(next(path))
        .map_err(|error| failed(error.error))?;
    sync_folder(path).map_err(failed)
}

fn take_place(path: &Path) -> Result<(), IdentityError> {
    std::fs::rename(next(path), path)
        .and_then(|()| sync_folder(path))
        .map_err(|error| IdentityError::Write(path.to_owned(), error))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

fn hold_files(certificate: &Path, key: &Path) -> Result<Held, IdentityError> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| IdentityError::Read(path.to_owned(), error))
    };
    let text = read(certificate)?;
    let mode = std::fs::metadata(key)
        .map_err(|error| IdentityError::Read(key.to_owned(), error))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(IdentityError::Exposed(key.to_owned()));
    }
    hold(&text, &Zeroizing::new(read(key)?))
}

fn hold(certificate: &[u8], key: &[u8]) -> Result<Held, IdentityError> {
    let chain = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| IdentityError::Certificate)?;
    let validity = chain
        .first()
        .and_then(|leaf| validity(leaf))
        .ok_or(IdentityError::Certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| IdentityError::Key)?;
    let provider = rustls::crypto::ring::default_provider();
    let certified = CertifiedKey::from_der(chain, key, &provider).map_err(IdentityError::Pair)?;
    Ok(Held {
        certified: Arc::new(certified),
        validity,
    })
}

fn validity(leaf: &[u8]) -> Option<Validity> {
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    let moment = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
    Some(Validity {
        from: moment(leaf.validity().not_before.timestamp())?,
        until: moment(leaf.validity().not_after.timestamp())?,
    })
}

/// Whether a certificate, PEM, has this lane as its subject.
#[must_use]
pub fn names_lane(certificate: &str, lane: &str) -> bool {
    let Ok(der) = CertificateDer::from_pem_slice(certificate.as_bytes()) else {
        return false;
    };
    let Ok((_, leaf)) = X509Certificate::from_der(&der) else {
        return false;
    };
    leaf.subject()
        .iter_common_name()
        .any(|name| name.as_str() == Ok(lane))
}

/// Whether a certificate, PEM, is good for longer than until then, in seconds of Unix time.
#[must_use]
pub fn ends_after(certificate: &str, moment: i64) -> bool {
    CertificateDer::from_pem_slice(certificate.as_bytes())
        .ok()
        .and_then(|leaf| validity(&leaf))
        .is_some_and(|validity| validity.until.unix_timestamp() > moment)
}
