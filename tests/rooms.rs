//! The floor plan, held to: which room may see which, what is absent from each, and that no page names a room that is gone.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "rooms/image.rs"]
mod image;
#[path = "rooms/pages.rs"]
mod pages;
#[path = "rooms/plan.rs"]
mod plan;
#[path = "rooms/sources.rs"]
mod sources;

use std::path::Path;

/// The workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// How a failure names a file.
fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn none(found: &[String], why: &str) {
    assert!(found.is_empty(), "{why}\n  {}", found.join("\n  "));
}
