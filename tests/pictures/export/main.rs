//! Writes frames whose truth is known into a folder, for whoever measures a reader: PNG, bursts as Y4M, and one line of truth
//! a frame. `cargo xtask pictures` runs it; README.md tells the format.
#![allow(clippy::print_stderr, reason = "a command line says why it fails")]

mod chance;
mod specimen;
mod truth;
mod video;
mod wanted;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use pictures::Burst;

use truth::Truth;
use wanted::{Kind, Light, Wanted};

/// Draw what the lane's cameras see, with the truth beside it.
#[derive(Parser)]
#[command(name = "pictures")]
struct Arguments {
    /// Folder that the pictures and truth.jsonl go to; it is made where it is missing.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// What is shown; may be given several times. Default: every kind in turn.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<Kind>,
    /// How bad it is out there; may be given several times. Default: every preset in turn.
    #[arg(long, value_enum, value_name = "PRESET")]
    conditions: Vec<Light>,
    /// How many things are shown.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    count: u32,
    /// The same seed gives the same pictures. Tests draw from small ones.
    #[arg(long, default_value_t = 7_000_000)]
    seed: u64,
    /// Width and height in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    size: (u32, u32),
    /// Write a burst of each as Y4M besides its first frame as PNG.
    #[arg(long)]
    video: bool,
    /// Frames of a burst, 30 a second.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_000), requires = "video")]
    frames: u32,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once(['x', 'X']).and_then(|(width, height)| {
        Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
    });
    match sides {
        Some((width, height)) if (64..=8192).contains(&width) && (64..=8192).contains(&height) => {
            Ok((width, height))
        }
        Some(_) => Err("each side must be 64 to 8192".to_owned()),
        None => Err("write it as 1280x720".to_owned()),
    }
}

fn main() -> ExitCode {
    match export(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pictures: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn export(arguments: &Arguments) -> anyhow::Result<()> {
    fs::create_dir_all(&arguments.into)
        .with_context(|| format!("cannot make {}", arguments.into.display()))?;
    let path = arguments.into.join("truth.jsonl");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut lines = BufWriter::new(file);
    for index in 0..arguments.count {
        let wanted = Wanted::choose(
            index,
            arguments.seed,
            &arguments.kind,
            &arguments.conditions,
        );
        for truth in draw(&wanted, arguments)? {
            serde_json::to_writer(&mut lines, &truth)?;
            writeln!(lines)?;
        }
        // A run that is stopped leaves whole lines.
        lines.flush()?;
    }
    Ok(())
}

/// Draws one thing, and tells the truth of each frame that was written.
fn draw(wanted: &Wanted, arguments: &Arguments) -> anyhow::Result<Vec<Truth>> {
    let shown = wanted.shown()?;
    let conditions = wanted.conditions(shown.polarity);
    let name = wanted.name();
    let at = |name: &str| -> PathBuf { Path::new(&arguments.into).join(name) };
    let still = format!("{name}.png");
    let frame = shown.scene.frame(arguments.size, &conditions)?;
    pictures::save_png(&frame, &at(&still))?;
    let tell = |picture: &str, frame, conditions: &_| Truth {
        picture: picture.to_owned(),
        frame,
        kind: shown.kind.name(),
        conditions: wanted.light.name(),
        seed: wanted.seed,
        size: arguments.size,
        content: shown
            .content
            .placed(&shown.scene.corners(arguments.size, conditions)),
    };
    let mut truths = vec![tell(&still, None, &conditions)];
    if arguments.video {
        let moving = format!("{name}.y4m");
        let burst = Burst::new(&shown.scene, arguments.size, conditions);
        let met: Vec<_> = (0..arguments.frames)
            .map(|at| burst.conditions(at))
            .collect();
        let length = usize::try_from(arguments.frames)?;
        video::write(&at(&moving), arguments.size, burst.take(length))?;
        truths.extend(
            met.iter()
                .zip(0..)
                .map(|(conditions, frame)| tell(&moving, Some(frame), conditions)),
        );
    }
    Ok(truths)
}

#[cfg(test)]
mod tests;
