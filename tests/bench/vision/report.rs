//! The table, on the screen and in a file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::best::{self, Rated};
use super::judged::Row;
use super::sets::Set;
use crate::table::{machine, say};

/// What every reader made of every set.
pub(super) struct Report {
    machine: String,
    rows: Vec<Row>,
    readers: Vec<(&'static str, String)>,
    /// What our reader, and then its peer, think of the frames of bursts.
    pub(super) rated: Vec<Rated>,
}

const COLUMNS: [&str; 9] = [
    "reader",
    "n",
    "right",
    "wrong",
    "missed",
    "median ms",
    "p95 ms",
    "max ms",
    "",
];

impl Report {
    pub(super) fn begin() -> Self {
        Self {
            machine: machine(),
            rows: Vec::new(),
            readers: Vec::new(),
            rated: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// The most memory that a reader's process held.
    pub(super) fn held(&mut self, reader: &'static str, about: &str, peak: Option<u64>) {
        let peak = peak.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string());
        self.readers
            .push((reader, format!("{peak} MiB at most; {about}")));
    }

    /// A reader that could not be started.
    pub(super) fn absent(&mut self, reader: &'static str, why: &anyhow::Error) {
        let why = format!("{why:#}");
        say(&format!("   {reader}: not here: {why}"));
        self.readers.push((reader, format!("not here: {why}")));
    }

    /// Prints the table, and keeps it as Markdown.
    pub(super) fn tell(&self, sets: &[Set], file: &Path) -> Result<()> {
        let mut page = format!(
            "# Our readers beside their peers\n\n{}\n\nOne core, one reader after the other, the same PNG frames; milliseconds of \
             the reading alone. Right: exactly what is there. Wrong: reported as read and not there (a zone's lines count when their \
             check digits are right). p95 is given from 20 values on.\n",
            self.machine
        );
        for set in sets {
            let titles = self.titles(set);
            for title in titles {
                self.tell_set(&mut page, title)?;
            }
        }
        if let [ours, peer] = &self.rated[..] {
            best::tell(&mut page, ours, peer)?;
        }
        write!(page, "\n## Peak memory of each reader's process\n\n")?;
        for (reader, about) in &self.readers {
            writeln!(page, "- {reader}: {about}")?;
        }
        say(&page);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, page).with_context(|| file.display().to_string())?;
        say(&format!("   kept in {}", file.display()));
        Ok(())
    }

    /// A set of bursts gives two kinds of rows.
    fn titles(&self, set: &Set) -> Vec<&str> {
        let mut titles: Vec<&str> = Vec::new();
        for row in &self.rows {
            if row.set.starts_with(&set.name) && !titles.contains(&row.set.as_str()) {
                titles.push(&row.set);
            }
        }
        titles
    }

    fn tell_set(&self, page: &mut String, title: &str) -> Result<()> {
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .filter(|row| row.set == title)
            .map(|row| {
                std::iter::once(row.reader.to_owned())
                    .chain(row.cells())
                    .collect()
            })
            .collect();
        let width = |column: usize| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .chain([COLUMNS[column].len()])
                .max()
                .unwrap_or(0)
        };
        let line = |cells: &[String]| {
            let padded: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(column, cell)| {
                    let width = width(column);
                    if column == 0 {
                        format!("{cell:<width$}")
                    } else {
                        format!("{cell:>width$}")
                    }
                })
                .collect();
            format!("| {} |", padded.join(" | "))
        };
        let head: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
        let rule: Vec<String> = (0..COLUMNS.len())
            .map(|column| "-".repeat(width(column)))
            .collect();
        writeln!(page, "\n## {title}\n\n{}\n{}", line(&head), line(&rule))?;
        for row in &rows {
            writeln!(page, "{}", line(row))?;
        }
        let ours = self
            .rows
            .iter()
            .find(|row| row.set == title && row.reader == "ours");
        let failed: Vec<String> = ours
            .into_iter()
            .flat_map(|row| &row.failed)
            .map(|path| {
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into()
            })
            .collect();
        if !failed.is_empty() {
            writeln!(page, "\nOurs was not right about {}.", failed.join(", "))?;
        }
        Ok(())
    }
}
