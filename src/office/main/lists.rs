//! `office lists`: what an author of lists has in clear becomes what lanes judge by.

use crate::read;
use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use evidence::Sensitive;
use office::author::edition::{documents, finish, keep, people, write};
use office::author::{self, EntryError};
use risk::lists::DocumentDigests;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// What an edition of the lists is made of.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Name of this edition; it stands in every verdict.
    #[arg(long)]
    version: String,
    /// Day of issue, such as 2026-11-23.
    #[arg(long, value_name = "DAY")]
    issued: String,
    /// Last day of use, such as 2026-12-23. Later the lists refer everybody.
    #[arg(long, value_name = "DAY")]
    expires: Option<String>,
    /// Documents, one a line: UTO,L898902C3
    #[arg(long, value_name = "FILE")]
    documents: Option<PathBuf>,
    /// Names and birth dates that have to be exactly so, one a line: ERIKSSON,ANNA MARIA,1974-08-12
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Key of the digests: a file of 64 hexadecimal digits. Without one, whoever has the list can try out numbers.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write the edition's files into this folder instead of a list file to standard output.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Lost and stolen documents by the million, one a line as above: they become a filter. Needs --folder and --key.
    #[arg(long, value_name = "FILE", requires_all = ["folder", "key"])]
    lost: Option<PathBuf>,
    /// Also write the list itself, for the office alone. It never goes to a lane.
    #[arg(long, value_name = "FILE", requires = "lost")]
    lost_exact: Option<PathBuf>,
    /// Take the filter of an earlier edition that lies in the folder, by its name there, instead of making one.
    #[arg(long, value_name = "NAME", conflicts_with = "lost", requires_all = ["folder", "key"])]
    snapshot: Option<String>,
    /// Documents that were lost since the snapshot.
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    added: Option<PathBuf>,
    /// Documents that were found since the snapshot.
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    removed: Option<PathBuf>,
    /// People whose names are searched for likeness, one a line: Müller,Jürgen,1974-08-12,D (the last two may be empty).
    #[arg(long, value_name = "FILE", requires = "folder")]
    people: Option<PathBuf>,
}

pub(crate) fn make(arguments: &Arguments) -> anyhow::Result<()> {
    let key = arguments.key.as_deref().map(read).transpose()?;
    let key = key.as_ref().map(|key| key.as_str());
    let mut draft = author::draft(&arguments.version, &arguments.issued, key)?;
    if let Some(path) = &arguments.documents {
        draft.documents = entries(path, author::documents)?;
    }
    if let Some(path) = &arguments.names {
        draft.names = entries(path, author::names)?;
    }
    let mut manifest = draft.to_toml();
    if let Some(expires) = &arguments.expires {
        let day = author::day(expires)
            .with_context(|| format!("--expires {expires} has to be a day such as 2026-12-23"))?;
        manifest = format!("expires = {day}\n{manifest}");
    }
    match &arguments.folder {
        Some(folder) => edition(arguments, folder, manifest, draft.key.as_ref()),
        None => std::io::stdout()
            .write_all(manifest.as_bytes())
            .context("the lists cannot be written"),
    }
}

fn edition(
    arguments: &Arguments,
    folder: &Path,
    mut manifest: String,
    key: Option<&Sensitive<[u8; 32]>>,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let version: String = arguments
        .version
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let progress = |path: &Path, lines: u64| tell(&format!("{}: {lines} lines", path.display()));
    if let Some(key) = key {
        if let Some(path) = &arguments.lost {
            let digests = documents(path, key, &progress)?;
            tell(&format!(
                "{} documents; the filter is being built",
                digests.len()
            ));
            let name = format!("documents-{version}.filter");
            write(
                folder,
                "document_filter",
                &name,
                &mut manifest,
                |mut out| digests.write_filter(&mut out),
            )?;
            if let Some(path) = &arguments.lost_exact {
                let unwritten = || format!("{} cannot be written", path.display());
                let mut out = BufWriter::new(File::create(path).with_context(unwritten)?);
                digests.write_exact(&mut out).with_context(unwritten)?;
                out.flush().with_context(unwritten)?;
            }
        }
        if let Some(name) = &arguments.snapshot {
            let snapshot = keep(folder, "document_filter", name, &mut manifest)?;
            let none = || DocumentDigests::new(key);
            let of = |path: &Option<PathBuf>| match path {
                Some(path) => documents(path, key, &progress),
                None => Ok(none()),
            };
            let (added, removed) = (of(&arguments.added)?, of(&arguments.removed)?);
            let name = format!("documents-{version}.delta");
            write(folder, "document_delta", &name, &mut manifest, |mut out| {
                DocumentDigests::write_delta(&added, &removed, &snapshot, &mut out)
            })?;
        }
    } else if arguments.lost.is_some() || arguments.snapshot.is_some() {
        bail!("a filter needs --key");
    }
    if let Some(path) = &arguments.people {
        let list = people(path, &progress)?;
        let name = format!("people-{version}.names");
        write(folder, "names", &name, &mut manifest, |mut out| {
            list.write(&mut out)
        })?;
    }
    finish(folder, &manifest)?;
    let mut said = format!("{}: lists.toml", folder.display());
    let _ = write!(said, ", version {}", arguments.version);
    tell(&said);
    Ok(())
}

fn entries<T>(
    path: &Path,
    of: impl Fn(&str) -> Result<Vec<T>, EntryError>,
) -> anyhow::Result<Vec<T>> {
    of(&read(path)?).map_err(|error| anyhow!("{}, {error}", path.display()))
}

/// Progress goes to the error stream: the standard output may be a file.
fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}
