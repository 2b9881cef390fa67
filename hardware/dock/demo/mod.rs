//! The demonstration: six scenarios, played before the cameras and at the screen, with an ending each.

mod cut;
mod director;
mod scenarios;
mod switchboard;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::sync::watch;
use ui::{Display, Settings, Signs, Size, Way};

use crate::stage::Stage;
use director::Theatre;
use switchboard::Switchboard;

/// How to play.
#[derive(Debug, Clone, clap::Args)]
pub struct Play {
    /// Play only this scenario; may be given more than once.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Draw in memory, even where there is a display.
    #[arg(long, conflicts_with = "window")]
    pub headless: bool,
    /// Draw in a window, and fail where there is no display.
    #[arg(long)]
    pub window: bool,
    /// Leave every touch of the screen to you: traveller and officer (badge A-17, PIN 271828) are yours to play.
    #[arg(long, requires = "window")]
    pub by_hand: bool,
    /// List the scenarios and end.
    #[arg(long)]
    pub list: bool,
    /// Where the pictures of the screens go.
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    pub into: PathBuf,
}

/// Plays. True when every scenario ended as promised.
///
/// # Errors
/// When something that every scenario needs is missing: a display, a font, a model.
pub fn play(play: &Play) -> Result<bool> {
    let chosen = scenarios::choose(&play.scenario)?;
    if play.list {
        for scenario in scenarios::ALL {
            say(&format!("{:<10} {}", scenario.name, scenario.promise));
        }
        return Ok(true);
    }
    let headless = play.headless || (!play.window && !has_display());
    if headless {
        Stage::without_display().context("no window can be drawn in memory")?;
    }
    let switchboard = Switchboard::default();
    let listening = switchboard.clone();
    let display = Display::with(&settings(headless), move |intent| listening.tell(intent))
        .with_context(no_window)?;
    let stage = if headless {
        Stage::of(&display)
    } else {
        Stage::of_window(&display)
    };
    let theatre = Theatre {
        handle: display.handle(),
        stage,
        switchboard,
        pictures: absolute(&play.into)?,
        by_hand: play.by_hand,
        seen: Arc::new(watch::Sender::new(())),
    };
    let curtain = theatre.handle.clone();
    // The window's loop stands on this thread; the lane and whoever plays it run beside it.
    let players = std::thread::Builder::new()
        .name("director".to_owned())
        .spawn(move || {
            let _falls_at_the_end = Curtain(curtain);
            perform(&theatre, &chosen)
        })?;
    display.run().with_context(no_window)?;
    players
        .join()
        .map_err(|_| anyhow::anyhow!("the director broke off"))?
}

fn perform(theatre: &Theatre, chosen: &[&scenarios::Scenario]) -> Result<bool> {
    let _ = std::fs::remove_dir_all(&theatre.pictures);
    std::fs::create_dir_all(&theatre.pictures)
        .with_context(|| format!("cannot make {}", theatre.pictures.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()?;
    let mut endings = Vec::new();
    for scenario in chosen {
        say(&format!("\n== {}: {}", scenario.name, scenario.promise));
        let begun = Instant::now();
        let outcome = runtime.block_on((scenario.play)(theatre));
        let seconds = begun.elapsed().as_secs_f32();
        match &outcome {
            Ok(()) => say(&format!(
                "== {}: as promised, {seconds:.1} s",
                scenario.name
            )),
            Err(error) => say(&format!(
                "== {}: NOT as promised, {seconds:.1} s: {error:#}",
                scenario.name
            )),
        }
        endings.push((scenario.name, outcome.is_ok()));
    }
    let kept = endings.iter().filter(|(_, kept)| *kept).count();
    say(&format!(
        "\n{kept} of {} scenarios ended as promised; the screens are in {}",
        endings.len(),
        theatre.pictures.display()
    ));
    Ok(kept == endings.len())
}

/// Ends the window's loop when the play is over, however it is over.
struct Curtain(ui::Handle);

impl Drop for Curtain {
    fn drop(&mut self) {
        self.0.quit();
    }
}

fn settings(headless: bool) -> Settings {
    Settings {
        // Upright as in the hall; small enough for a desk's monitor when it is a real window.
        size: Some(if headless {
            Size::PORTRAIT
        } else {
            Size {
                width: 540,
                height: 960,
            }
        }),
        signs: Signs {
            lane: "3".to_owned(),
            desk: "12".to_owned(),
            desk_way: Way::Right,
            next_lane: Some("4".to_owned()),
            next_lane_way: Way::Left,
            exit_way: Way::Ahead,
        },
        reading_time: runtime::Timings::default().reviewing,
        ..Settings::default()
    }
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn no_window() -> String {
    "no window can be opened: is DISPLAY set? `--headless` needs none".to_owned()
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))
}

/// One line for whoever watches.
#[expect(
    clippy::print_stdout,
    reason = "the transcript is what the demonstration prints"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
