//! Measures lists of the size that they have: a hundred million documents, five million names. All of it is made up, and
//! nothing of it is kept in the repository.
//!
//! ```text
//! cargo run -p risk --release --example lists -- build FOLDER 100000000 5000000
//! cargo run -p risk --release --example lists -- check FOLDER 100000000 5000000
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod documents;
mod people;

use risk::Edition;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

/// The key of these lists, which are nobody's.
const KEY: [u8; 32] = [0x5e; 32];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, folder, documents, names] = &arguments[..] else {
        return Err("build|check FOLDER DOCUMENTS NAMES".into());
    };
    let (folder, documents, names) = (Path::new(folder), documents.parse()?, names.parse()?);
    match command.as_str() {
        "build" => build(folder, documents, names),
        "check" => check(folder, documents, names),
        other => Err(format!("{other}: build or check").into()),
    }
}

fn build(folder: &Path, documents: u64, names: u64) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut manifest = format!(
        "version = \"made-up\"\nissued = 2026-11-23\nkey = \"{}\"\n",
        hex::encode(KEY)
    );
    let mut file =
        |key: &str, name: &str, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>| {
            let mut out = Hashed(
                BufWriter::new(File::create(folder.join(name))?),
                Sha256::new(),
            );
            write(&mut out)?;
            out.flush()?;
            let _ = write!(
                manifest,
                "[files.{key}]\nname = \"{name}\"\nsha256 = \"{}\"\n",
                hex::encode(out.1.finalize())
            );
            Ok::<(), io::Error>(())
        };
    if documents > 0 {
        let digests = documents::collected(documents);
        let begun = Instant::now();
        file("document_filter", "documents.filter", &mut |mut out| {
            digests.write_filter(&mut out)
        })?;
        println!("filter built in {:?}", begun.elapsed());
    }
    if names > 0 {
        let list = people::listed(names);
        file("names", "people.names", &mut |mut out| list.write(&mut out))?;
    }
    fs::write(folder.join("lists.toml"), manifest)?;
    fs::write(
        folder.join("policy.toml"),
        include_str!("../../policy.sample.toml"),
    )?;
    println!("peak memory {} MB", memory("VmHWM")?);
    Ok(())
}

fn check(folder: &Path, documents: u64, names: u64) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let edition = Edition::load(folder)?;
    println!(
        "loaded in {:?}: the lists hold {} MB, the process {} MB, at most {} MB",
        begun.elapsed(),
        edition.lists.bytes() / 1_000_000,
        memory("VmRSS")?,
        memory("VmHWM")?
    );
    if documents > 0 {
        documents::check(&edition.lists, documents)?;
    }
    if names > 0 {
        people::check(&edition, names);
    }
    println!("peak memory {} MB", memory("VmHWM")?);
    Ok(())
}

/// A line of `/proc/self/status`, in MB.
fn memory(key: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no such line")?;
    Ok(kib.parse::<u64>()? * 1024 / 1_000_000)
}

struct Hashed(BufWriter<File>, Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.1.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Tells how far a long work has come, some twenty times.
fn progress(what: &str, done: u64, of: u64) {
    if done > 0 && done.is_multiple_of((of / 20).max(1)) {
        eprintln!("{what}: {} of {of}", done);
    }
}
