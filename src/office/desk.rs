//! What the operator does with lanes at the command line. The office may be running meanwhile.

use anyhow::{Context as _, anyhow, bail};
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use office::config::{Config, Lanes};
use office::store::{Enrolled, LaneRow, Store, StoreError};
use office::{Authority, LaneName};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

pub(crate) fn authority(config: &Config, name: &str) -> anyhow::Result<()> {
    let lanes = lanes_of(config)?;
    let key_file = lanes.ca_key.as_ref().ok_or_else(|| {
        anyhow!("configuration: `lanes.ca_key` is missing: add it, it says where the key goes")
    })?;
    let (certificate, key) = Authority::make(name, OffsetDateTime::now_utc())?;
    // The key first: a certificate without its key would look like an authority, and be none.
    write_new(key_file, key.as_bytes(), 0o600)?;
    write_new(&lanes.ca, certificate.as_bytes(), 0o644)?;
    tell(&format!(
        "{} vouches for lanes from now on; {} is its key: keep a copy where nobody can use it\n",
        lanes.ca.display(),
        key_file.display()
    ))
}

pub(crate) fn enroll(
    config: &Config,
    lane: &str,
    request: Option<&Path>,
    record_key: Option<&Path>,
) -> anyhow::Result<()> {
    let lane = name(lane)?;
    let key = record_key.map(public_key).transpose()?;
    let certificate = request
        .map(|path| certificate(config, &lane, path))
        .transpose()?;
    let store = store(config)?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let enrolled = wait(store.enroll(&lane, key.as_ref(), now))?
        .with_context(|| format!("{lane} cannot be enrolled"))?;
    if let Some(certificate) = certificate {
        tell(&certificate)?;
    }
    let done = match (enrolled, &key) {
        (Enrolled::New, Some(_)) => "is enrolled",
        (Enrolled::New, None) => "is enrolled, and delivers no records until it has a --record-key",
        (Enrolled::Again, Some(_)) => {
            "was enrolled before; its records may be signed with this key too"
        }
        (Enrolled::Again, None) => "was enrolled before, and its keys are as they were",
    };
    // Standard output is the certificate alone, so that it can go into a file.
    std::io::stderr()
        .write_all(format!("{lane} {done}\n").as_bytes())
        .context("standard error cannot be written")
}

pub(crate) fn retire(config: &Config, lane: &str) -> anyhow::Result<()> {
    let lane = name(lane)?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    wait(store(config)?.retire(&lane, now))?
        .with_context(|| format!("{lane} cannot be retired"))?;
    tell(&format!("{lane} is refused from now on\n"))
}

pub(crate) fn lanes(config: &Config) -> anyhow::Result<()> {
    let rows = wait(store(config)?.lanes())??;
    let head = [
        "lane", "standing", "keys", "records", "forks", "seen", "said",
    ];
    let mut table = vec![head.map(str::to_owned)];
    table.extend(rows.iter().map(cells));
    let mut widths = [0; 7];
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in &table {
        let line: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        tell(&format!("{}\n", line.join("  ").trim_end()))?;
    }
    Ok(())
}

fn cells(row: &LaneRow) -> [String; 7] {
    let standing = match (row.enrolled_at, row.retired_at) {
        (_, Some(_)) => "retired",
        (Some(_), None) => "enrolled",
        (None, None) => "unknown",
    };
    let seen = row.seen_at.and_then(|at| {
        OffsetDateTime::from_unix_timestamp(at)
            .ok()?
            .format(&Rfc3339)
            .ok()
    });
    [
        row.lane.clone(),
        standing.to_owned(),
        row.keys.to_string(),
        row.records.to_string(),
        row.forks.to_string(),
        seen.unwrap_or_else(|| "never".to_owned()),
        row.said.clone().unwrap_or_default(),
    ]
}

fn lanes_of(config: &Config) -> anyhow::Result<&Lanes> {
    config.lanes.as_ref().ok_or_else(|| {
        anyhow!("configuration: `lanes` is missing: add the table; office.sample.toml shows how")
    })
}

fn certificate(config: &Config, lane: &LaneName, request: &Path) -> anyhow::Result<String> {
    let lanes = lanes_of(config)?;
    let key = match &lanes.ca_key {
        Some(path) => Zeroizing::new(read(path, "`lanes.ca_key`; `office authority` makes it")?),
        None => bail!("configuration: `lanes.ca_key` is missing: certificates are issued with it"),
    };
    let authority = Authority::read(
        &read(&lanes.ca, "`lanes.ca`; `office authority` makes it")?,
        Some(&key),
    )?;
    authority
        .certify(
            lane,
            &read(request, "`--request`")?,
            OffsetDateTime::now_utc(),
            time::Duration::days(lanes.certificate_days.into()),
        )
        .with_context(|| format!("{} gets no certificate", request.display()))?
        .context("the authority has no key")
}

fn public_key(path: &Path) -> anyhow::Result<VerifyingKey> {
    VerifyingKey::from_public_key_pem(&read(path, "`--record-key`")?)
        .map_err(|_| anyhow!("{} is no Ed25519 public key in PEM", path.display()))
}

fn name(lane: &str) -> anyhow::Result<LaneName> {
    LaneName::parse(lane).with_context(|| {
        format!("{lane:?} is no lane's name: 1 to 32 of A-Z, a-z, 0-9, `.`, `_` and `-`")
    })
}

fn store(config: &Config) -> anyhow::Result<Store> {
    Store::open(&config.database)
        .with_context(|| format!("`database`: {}", config.database.display()))
}

fn wait<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> anyhow::Result<Result<T, StoreError>> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?
        .block_on(work))
}

fn read(path: &Path, what: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("{}: cannot be read ({what})", path.display()))
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| {
            format!(
                "{} cannot be made; what is there is never written over",
                path.display()
            )
        })?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn tell(text: &str) -> anyhow::Result<()> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("standard output cannot be written")
}
