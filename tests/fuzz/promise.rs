//! Every door of the lane takes any bytes: the fuzz targets over their seeds, and over seeded mutations of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "kiosk.rs"]
mod kiosk_target;
mod made;
mod made_journal;
mod mutation;
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mutation::Mutator;
use targets::Target;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn target(name: &str) -> Target {
    if name == "kiosk_config" {
        return kiosk_target::kiosk_config;
    }
    let known = targets::ALL.iter().find(|(known, _)| *known == name);
    known.unwrap().1
}

fn seeds(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = here().join("seeds").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut seeds: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

/// Runs a target; what breaks it is kept in a file, which `cargo fuzz run TARGET FILE` and a debugger take.
fn run(name: &str, input: &[u8]) -> bool {
    let target = target(name);
    catch_unwind(AssertUnwindSafe(|| target(input))).unwrap_or_else(|_printed_already| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
        fs::write(&kept, input).unwrap();
        panic!(
            "{name} broke on {} bytes, kept in {}",
            input.len(),
            kept.display()
        )
    })
}

/// The seeds, each of which its door takes, and `count` mutations of them.
fn hold(name: &str, count: u64) {
    let seeds = seeds(name);
    for (file, seed) in &seeds {
        assert!(
            run(name, seed),
            "{name} no longer takes its seed {file}; see made.rs"
        );
    }
    let seeds: Vec<_> = seeds.into_iter().map(|(_, seed)| seed).collect();
    assert!(!seeds.is_empty(), "{name} has no seed");
    for turn in 0..count {
        run(name, &Mutator::new(turn).mutated(&seeds));
    }
    run(name, &[]);
}

macro_rules! doors {
    ($($name:ident: $count:literal,)*) => {
        /// How many mutations each target is tried on here: some two seconds' worth in a development build.
        const DOORS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { hold(stringify!($name), $count); })*
    };
}

doors! {
    code_text: 20_000,
    code_body: 5_000,
    mrz_lines: 20_000,
    register_map: 3_000,
    issuers: 5_000,
    policy: 2_000,
    lists: 10_000,
    manifest: 10_000,
    document_filter: 2_000,
    document_delta: 2_000,
    names_file: 2_000,
    roster: 5_000,
    kiosk_config: 2_000,
    wire_question: 10_000,
    wire_answer: 20_000,
    wire_certificate: 10_000,
    wire_delivery: 20_000,
    repository: 400,
    office_body: 2_000,
    gate_answers: 300,
    gate_operations: 400,
    gate_tape: 5_000,
    code_luma: 60,
    code_scene: 30,
    zone_luma: 40,
    zone_scene: 40,
    face_rgb: 15,
    face_scene: 15,
    picture_file: 3_000,
    driver_buffer: 3_000,
    signed_record: 5_000,
    checkpoint_note: 5_000,
    export_lines: 2_000,
}

/// A target that is written and not tried, or tried and not built for the fuzzer, rots.
#[test]
fn every_target_is_tried_here_and_built_for_the_fuzzer() {
    let mut written: Vec<_> = targets::ALL.iter().map(|(name, _)| *name).collect();
    written.push("kiosk_config");
    written.sort_unstable();
    let mut tried = DOORS.to_vec();
    tried.sort_unstable();
    assert_eq!(written, tried);
    let manifest: toml::Table = fs::read_to_string(here().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let bins = manifest["bin"].as_array().unwrap();
    let mut built: Vec<_> = bins
        .iter()
        .map(|bin| bin["name"].as_str().unwrap())
        .collect();
    built.sort_unstable();
    assert_eq!(built, tried);
    for name in built {
        let program = fs::read_to_string(here().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("::{name}(input)")), "{name}");
    }
}
