//! The sets as files: PNG frames that every reader opens for itself, and what is true of them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use camera::Frame;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use pictures::{Burst, Scene};
use serde_json::{Value, json};

use super::sets::{BURST, Length, Set, Subject, Task, Thing, Truth};

/// Draws every set into a folder of its own below `folder`, with its `truth.jsonl`: one line a frame, keys as `kiosk inspect`
/// writes them.
pub(super) fn draw(sets: &mut [Set], folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    for set in sets.iter_mut() {
        let place = folder.join(&set.key);
        fs::create_dir_all(&place)?;
        let grey = matches!(set.task, Task::Code | Task::Zone | Task::TrackedZone);
        frames(&mut set.subjects, &place, grey)?;
        know(&mut set.subjects);
        let mut file = fs::File::create(place.join("truth.jsonl"))?;
        for subject in &set.subjects {
            for (frame, path) in subject.frames.iter().enumerate() {
                writeln!(file, "{}", truth(subject, frame, path))?;
            }
        }
    }
    Ok(())
}

/// Draws on every core: nothing is measured yet.
fn frames(subjects: &mut [Subject], place: &Path, grey: bool) -> Result<()> {
    let next = AtomicUsize::new(0);
    let drawn = Mutex::new(Vec::new());
    let shared: &[Subject] = subjects;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(1, usize::from))
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(subject) = shared.get(index) else {
                            return Ok(());
                        };
                        let paths = photograph(subject, index, place, grey)?;
                        if let Ok(mut drawn) = drawn.lock() {
                            drawn.push((index, paths));
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("drawing panicked")))
        })
    })?;
    for (index, paths) in drawn.into_inner().unwrap_or_default() {
        subjects[index].frames = paths;
    }
    Ok(())
}

fn photograph(subject: &Subject, index: usize, place: &Path, grey: bool) -> Result<Vec<PathBuf>> {
    let path = |frame: usize| place.join(format!("{index:04}-{frame}.png"));
    let scene = match &subject.thing {
        Thing::Phone(text) => Scene::phone(text, subject.conditions.polarity)?,
        Thing::Code(shown) => Scene::code(shown)?,
        Thing::Page(page) => Scene::passport(page)?,
        Thing::Person(portrait) => Scene::person(portrait)?,
        Thing::Pair(first, second) => Scene::two_people(first, second)?,
        Thing::Wearing(portrait, worn) => Scene::wearing(portrait, *worn)?,
        Thing::Hall => Scene::hall(),
        Thing::Flat(picture) => {
            save(picture.clone(), &path(0), grey)?;
            return Ok(vec![path(0)]);
        }
    };
    let each = match &subject.length {
        Length::One => std::slice::from_ref(&subject.conditions),
        Length::Each(conditions) => conditions,
        Length::Burst => &[],
    };
    if !each.is_empty() {
        return each
            .iter()
            .enumerate()
            .map(|(frame, conditions)| {
                save(scene.frame(subject.size, conditions)?, &path(frame), grey)?;
                Ok(path(frame))
            })
            .collect();
    }
    Burst::new(&scene, subject.size, subject.conditions.clone())
        .take(BURST)
        .enumerate()
        .map(|(frame, picture)| {
            save(picture?, &path(frame), grey)?;
            Ok(path(frame))
        })
        .collect()
}

/// Grey as the lane's cameras give it, or in colour.
fn save(picture: RgbImage, path: &Path, grey: bool) -> Result<()> {
    let (width, height) = picture.dimensions();
    let file = std::io::BufWriter::new(fs::File::create(path)?);
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Up);
    if grey {
        let luma = Frame::from_rgb(picture).luma();
        encoder.write_image(&luma, width, height, ExtendedColorType::L8)?;
    } else {
        encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8)?;
    }
    Ok(())
}

/// A person is compared with the subject before it.
fn know(subjects: &mut [Subject]) {
    for index in 1..subjects.len() {
        let before = subjects[index - 1].frames.first().cloned();
        if let (Truth::Person { known, .. }, Some(before)) = (&mut subjects[index].truth, before) {
            *known = before;
        }
    }
}

fn truth(subject: &Subject, frame: usize, path: &Path) -> Value {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let codes = match &subject.truth {
        Truth::Code { text, version } => json!([{ "text": text, "version": version }]),
        _ => json!([]),
    };
    let mrz = match &subject.truth {
        Truth::Zone(lines) => json!({ "lines": lines }),
        _ => Value::Null,
    };
    let people = match &subject.truth {
        Truth::People(count) => *count,
        Truth::Person { .. } | Truth::Covered(_) => 1,
        _ => 0,
    };
    json!({
        "picture": name,
        "frame": frame,
        "seed": subject.conditions.seed,
        "size": [subject.size.0, subject.size.1],
        "codes": codes,
        "mrz": mrz,
        "faces": people,
    })
}
