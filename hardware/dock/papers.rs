//! All the files that a lane and its office need, laid out in one folder: keys, certificates, policy, lists, roster.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, spki::der::pem::LineEnding};
use evidence::{
    CodeId, Content, Envelope, KeyId, Moment, UtcOffset, Version,
    declaration::{Algorithm, Issuers, SigningKey, seal},
};
use journal::{DigestKey, LaneKey};
use officers::Roster;
use risk::{LaneName, Lists, Policy};
use time::OffsetDateTime;

/// The badge that signs in on the desk, as the sample roster has it.
pub const BADGE: &str = "A-17";
/// Its PIN, which is public.
pub const PIN: &str = "271828";

const ISSUER: &str = "Sekisho desk";
const DAY: i64 = 86_400;
const MONTH: time::Duration = time::Duration::days(30);

/// A folder of papers.
pub struct Papers {
    folder: PathBuf,
    key: SigningKey,
    key_id: KeyId,
    /// Now, when they were laid out.
    pub now: Moment,
}

impl Papers {
    /// Writes every file into `folder`. Keys are drawn anew each time.
    ///
    /// # Errors
    /// When a file cannot be written or the system gives no randomness.
    pub fn lay_out(folder: &Path, now: Moment) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let key = SigningKey::from_bytes(Algorithm::EdDsa, &secret)?;
        let papers = Self {
            folder: folder.to_owned(),
            key,
            key_id: kid(&[0x5e, 0x01])?,
            now,
        };
        papers.write("issuers.toml", &papers.issuers_text()?)?;
        // Nobody is picked at random on a desk, so that each scenario has the ending that it promises.
        let policy = include_str!("../../src/risk/policy.sample.toml")
            .replace("per_mille = 5\n", "per_mille = 0\n");
        papers.write("policy.toml", &policy)?;
        papers.write("lists.toml", &papers.lists_text()?)?;
        papers.write(
            "roster.toml",
            include_str!("../../src/officers/roster.sample.toml"),
        )?;
        let mut digest_key = [0; 32];
        getrandom::fill(&mut digest_key)?;
        fs::write(papers.path("journal.key"), digest_key)?;
        papers.certificates()?;
        papers.identity()?;
        Ok(papers)
    }

    /// The path of one of the papers.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.path(name), text).with_context(|| format!("cannot write {name}"))
    }

    /// For the owner's eyes alone: the lane takes no other key.
    fn write_secret(&self, name: &str, text: &str) -> Result<()> {
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.path(name))
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {name}"))
    }

    fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.path(name)).with_context(|| format!("cannot read {name}"))
    }

    fn issuers_text(&self) -> Result<String> {
        Ok(format!(
            "[[issuer]]\nid = \"{}\"\nname = \"{ISSUER}\"\nalgorithm = \"EdDSA\"\npublic_key = '''\n{}'''\nvalid_from = 2020-01-01T00:00:00Z\nvalid_to = 2099-12-31T23:59:59Z\n",
            self.key_id,
            self.key.public()?
        ))
    }

    fn lists_text(&self) -> Result<String> {
        let draft = risk::lists::Draft {
            version: Version::parse("desk-1").context("a version")?,
            issued: self.now.date_at(UtcOffset::UTC),
            key: None,
            documents: Vec::new(),
            names: Vec::new(),
        };
        Ok(draft.to_toml())
    }

    /// A certificate for an office on this computer, vouched for by itself.
    fn certificates(&self) -> Result<()> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)?;
        self.write("office.crt.pem", &made.cert.pem())?;
        self.write_secret("office.key.pem", &made.signing_key.serialize_pem())
    }

    /// The lanes' authority, this lane's certificate from it, and the key with which the lane signs what it delivers.
    fn identity(&self) -> Result<()> {
        let now = OffsetDateTime::from_unix_timestamp(self.now.unix_seconds())?;
        let (certificates, key) = office::Authority::make("Sekisho desk lanes", now)?;
        self.write("lanes.crt.pem", &certificates)?;
        self.write_secret("lanes.key.pem", &key)?;
        let lane = lane_name()?;
        let pair = rcgen::KeyPair::generate()?;
        let mut asked = rcgen::CertificateParams::default();
        asked.distinguished_name = rcgen::DistinguishedName::new();
        asked
            .distinguished_name
            .push(rcgen::DnType::CommonName, lane.as_str());
        let request = asked.serialize_request(&pair)?.pem()?;
        let certificate = office::Authority::read(&certificates, Some(&key))?
            .certify(&lane, &request, now, MONTH)?
            .context("an authority with its key issues")?;
        self.write("lane.crt.pem", &certificate)?;
        self.write_secret("lane.key.pem", &pair.serialize_pem())?;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let signing = ed25519_dalek::SigningKey::from_bytes(&secret);
        let pem = signing.to_pkcs8_pem(LineEnding::LF)?;
        self.write_secret("signing.key.pem", &pem)
    }

    /// What the lane signs its records with.
    ///
    /// # Errors
    /// When the file was changed meanwhile.
    pub fn signing_key(&self) -> Result<LaneKey> {
        let lane = lane_name()?;
        Ok(LaneKey::from_file(
            lane.as_str(),
            &self.path("signing.key.pem"),
        )?)
    }

    /// The keys whose codes the lane believes.
    ///
    /// # Errors
    /// When the file was changed meanwhile.
    pub fn issuers(&self) -> Result<Issuers> {
        Ok(Issuers::parse(&self.read("issuers.toml")?)?)
    }

    /// The lane's own policy and lists.
    ///
    /// # Errors
    /// When a file was changed meanwhile.
    pub fn judgement(&self) -> Result<(Policy, Lists)> {
        Ok((
            Policy::parse(&self.read("policy.toml")?)?,
            Lists::parse(&self.read("lists.toml")?)?,
        ))
    }

    /// Who may sign in.
    ///
    /// # Errors
    /// When the file was changed meanwhile.
    pub fn roster(&self) -> Result<Roster> {
        Ok(Roster::parse(&self.read("roster.toml")?)?)
    }

    /// The key of the journal's digests.
    ///
    /// # Errors
    /// When the file was changed meanwhile.
    pub fn digest_key(&self) -> Result<DigestKey> {
        Ok(DigestKey::from_file(&self.path("journal.key"))?)
    }

    /// What the office has on its disk.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn books(&self) -> Result<office::store::Store> {
        Ok(office::store::Store::open(&self.path("office.sqlite"))?)
    }

    /// Puts this lane on the office's books; once more is as good as once.
    ///
    /// # Errors
    /// When the books cannot be written, or a file was changed meanwhile.
    pub async fn enroll(&self) -> Result<()> {
        let key = self.signing_key()?.verifying_key();
        self.books()?
            .enroll(&lane_name()?, Some(&key), self.now.unix_seconds())
            .await?;
        Ok(())
    }

    /// An office at work, listening at `listen`, which has this lane on its books.
    ///
    /// # Errors
    /// When the port is taken, or a file was changed meanwhile.
    pub async fn open_office(&self, listen: SocketAddr) -> Result<office::Running> {
        self.enroll().await?;
        Ok(office::serve(self.office(listen)?).await?)
    }

    /// The office's configuration.
    ///
    /// # Errors
    /// When the text is not one that an office takes.
    pub fn office(&self, listen: SocketAddr) -> Result<office::Config> {
        let path = |name: &str| toml::Value::from(self.path(name).display().to_string());
        let text = format!(
            "listen = \"{listen}\"\ndatabase = {}\n[tls]\ncertificate = {}\nkey = {}\n[risk]\nedition = {}\n\
             [lanes]\nca = {}\nca_key = {}\n",
            path("office.sqlite"),
            path("office.crt.pem"),
            path("office.key.pem"),
            path("."),
            path("lanes.crt.pem"),
            path("lanes.key.pem"),
        );
        Ok(office::Config::parse(&text)?)
    }

    /// The lane's line to the office at `at`, on which it waits for an answer until `deadline`.
    ///
    /// # Errors
    /// When the certificate was changed meanwhile.
    pub fn client(&self, at: SocketAddr, deadline: Duration) -> Result<risk::Client> {
        risk::install_crypto();
        let config = risk::ClientConfig {
            office: format!("https://localhost:{}/", at.port()).parse()?,
            lane: lane_name()?,
            ca_pem: fs::read(self.path("office.crt.pem"))?,
            deadline,
        };
        let identity =
            risk::Identity::load(&self.path("lane.crt.pem"), &self.path("lane.key.pem"))?;
        let options = risk::LineOptions {
            identity: Some(identity),
            ..risk::LineOptions::default()
        };
        Ok(risk::Client::with(config, options)?)
    }

    /// A declaration code as the issuer of these papers signs it, valid from an hour ago for two days.
    ///
    /// # Errors
    /// When the content is not that of a declaration.
    pub fn code(&self, content: &Content) -> Result<String> {
        self.code_until(content, self.now.plus_seconds(2 * DAY))
    }

    /// A declaration code that expires at `until`.
    ///
    /// # Errors
    /// When the content is not that of a declaration.
    pub fn code_until(&self, content: &Content, until: Moment) -> Result<String> {
        sign(
            content,
            &self.key,
            &self.key_id,
            ISSUER,
            self.now.plus_seconds(-3_600).min(until.plus_seconds(-DAY)),
            until,
        )
    }

    /// A code of the same form from an issuer whom nobody knows.
    ///
    /// # Errors
    /// When the content is not that of a declaration.
    pub fn foreign_code(&self, content: &Content) -> Result<String> {
        let stranger = SigningKey::from_bytes(Algorithm::EdDsa, &[9; 32])?;
        let until = self.now.plus_seconds(2 * DAY);
        sign(
            content,
            &stranger,
            &kid(&[0xff])?,
            "Somebody else",
            self.now.plus_seconds(-3_600),
            until,
        )
    }
}

/// The name of the lane on the desk.
///
/// # Errors
/// None in a build that passed its tests.
pub fn lane_name() -> Result<LaneName> {
    LaneName::parse("desk-1").context("a lane's name")
}

fn kid(bytes: &[u8]) -> Result<KeyId> {
    KeyId::new(bytes).context("a key id has 1 to 16 bytes")
}

/// Signs a declaration with a fresh id and nonce.
pub(crate) fn sign(
    content: &Content,
    key: &SigningKey,
    key_id: &KeyId,
    issuer: &str,
    issued_at: Moment,
    expires_at: Moment,
) -> Result<String> {
    let (mut id, mut nonce) = ([0; 16], [0; 12]);
    getrandom::fill(&mut id)?;
    getrandom::fill(&mut nonce)?;
    let envelope = Envelope {
        issuer: issuer.to_owned(),
        key_id: key_id.clone(),
        issued_at,
        expires_at,
        code_id: CodeId::new(id),
    };
    Ok(seal(content, &envelope, nonce, key)?)
}
