//! What stands before a camera: a scene in a hand that is never quite still, frame after frame.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;
use camera::Stage;
use image::RgbImage;
use pictures::{Burst, Conditions, PictureError, Scene};

/// Frame size, pixels: what the lane's cameras are asked for.
pub const SIZE: (u32, u32) = (1280, 720);

/// From one frame to the next. Rendering takes 30 to 100 ms on a small computer; a real camera is twice as fast.
const PACE: Duration = Duration::from_millis(100);

/// This many frames of a scene are rendered, and then played over and over: a second of an unsteady hand, after which
/// the computer belongs to the lane again.
const TAKES: usize = 10;

/// Where frames go.
pub enum Canvas {
    /// To a camera in this process.
    Stage(Stage),
    /// Into a folder that a camera of another process plays.
    Folder(PathBuf),
}

/// A scene and how it is photographed.
pub type Shot = (Scene, Conditions);

enum Showing {
    Moving(Box<Shot>),
    Pinned(Vec<Shot>, Sender<()>),
}

/// Plays scenes on a thread of its own.
pub struct Player {
    scenes: Option<Sender<Showing>>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// Begins with an empty hall.
    ///
    /// # Errors
    /// When the system gives no thread, or a canvas takes no picture.
    pub fn start(canvas: Canvas) -> anyhow::Result<Self> {
        let (scenes, next) = channel();
        let (first, begun) = channel();
        let thread = thread::Builder::new()
            .name("player".to_owned())
            .spawn(move || {
                if let Err(error) = play(&canvas, &next, &first) {
                    tracing::error!(
                        error = &*error as &dyn std::error::Error,
                        "the camera's pictures have ended"
                    );
                }
            })?;
        // A camera that shows nothing yet would be taken for a broken one.
        let _ended_early = begun.recv();
        Ok(Self {
            scenes: Some(scenes),
            thread: Some(thread),
        })
    }

    /// Puts a scene before the camera.
    pub fn show(&self, scene: Scene, conditions: Conditions) {
        self.put(Showing::Moving(Box::new((scene, conditions))));
    }

    /// Photographs each of these once and leaves the photographs before the camera in turn. Returns when they are there;
    /// from then on nothing is rendered.
    ///
    /// # Errors
    /// When the player has ended, for which its log has the reason.
    pub fn pin(&self, shots: Vec<Shot>) -> anyhow::Result<()> {
        let (there, pinned) = channel();
        self.put(Showing::Pinned(shots, there));
        pinned.recv().context("the player has ended")
    }

    fn put(&self, showing: Showing) {
        if let Some(scenes) = &self.scenes {
            // A thread that ended has said why.
            let _ = scenes.send(showing);
        }
    }

    /// Nobody and nothing.
    pub fn clear(&self) {
        self.show(Scene::hall(), Conditions::good(1));
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.scenes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Trouble = Box<dyn std::error::Error>;

fn play(canvas: &Canvas, next: &Receiver<Showing>, first: &Sender<()>) -> Result<(), Trouble> {
    let mut now = Showing::Moving(Box::new((Scene::hall(), Conditions::good(1))));
    loop {
        let replaced = match now {
            Showing::Moving(shot) => moving(canvas, &shot, next, first)?,
            Showing::Pinned(shots, there) => pinned(canvas, &shots, next, &there)?,
        };
        match replaced {
            Some(later) => now = later,
            None => return Ok(()),
        }
    }
}

/// Plays one scene until another comes; none when the player is to end.
fn moving(
    canvas: &Canvas,
    (scene, conditions): &Shot,
    next: &Receiver<Showing>,
    first: &Sender<()>,
) -> Result<Option<Showing>, Trouble> {
    let mut burst = Burst::new(scene, SIZE, conditions.clone());
    let mut takes: Vec<RgbImage> = Vec::new();
    for turn in 0.. {
        let begun = Instant::now();
        if takes.len() < TAKES {
            takes.push(burst.next().ok_or("a burst has no end")??);
        }
        canvas.take(&takes[turn % takes.len()])?;
        let _ = first.send(());
        if let Some(replaced) = replaced(next, PACE.saturating_sub(begun.elapsed())) {
            return Ok(replaced);
        }
    }
    Ok(None)
}

fn pinned(
    canvas: &Canvas,
    shots: &[Shot],
    next: &Receiver<Showing>,
    there: &Sender<()>,
) -> Result<Option<Showing>, Trouble> {
    let frames = shots
        .iter()
        .map(|(scene, conditions)| scene.frame(SIZE, conditions))
        .collect::<Result<Vec<_>, _>>()?;
    match canvas {
        Canvas::Stage(stage) => {
            for turn in 0.. {
                if let Some(frame) = frames.get(turn % frames.len().max(1)) {
                    stage.show(frame.clone());
                }
                let _ = there.send(());
                if let Some(replaced) = replaced(next, PACE) {
                    return Ok(replaced);
                }
            }
            Ok(None)
        }
        Canvas::Folder(folder) => {
            let names: Vec<_> = (0..frames.len()).map(|at| format!("{at:02}.png")).collect();
            for (name, frame) in names.iter().zip(&frames) {
                write(folder, name, frame)?;
            }
            std::fs::remove_file(folder.join(NOW))?;
            let _ = there.send(());
            let later = next.recv().ok();
            if later.is_some() {
                // Something must stand there at every moment.
                write(folder, NOW, frames.last().ok_or("nothing was pinned")?)?;
                for name in names {
                    std::fs::remove_file(folder.join(name))?;
                }
            }
            Ok(later)
        }
    }
}

/// What was put before the camera meanwhile, the latest of it; the inner none when the player is to end.
fn replaced(next: &Receiver<Showing>, wait: Duration) -> Option<Option<Showing>> {
    match next.recv_timeout(wait) {
        Ok(mut showing) => {
            while let Ok(later) = next.try_recv() {
                showing = later;
            }
            Some(Some(showing))
        }
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(None),
    }
}

/// The one file of a moving scene, replaced over and over.
const NOW: &str = "now.png";

/// In one step: a camera never finds half a picture.
fn write(folder: &Path, name: &str, frame: &RgbImage) -> Result<(), PictureError> {
    let aside = folder.join("next.part");
    let unwritable = |source| PictureError::Unwritable {
        path: aside.clone(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(error.into()))?;
    frame
        .save_with_format(&aside, image::ImageFormat::Png)
        .map_err(unwritable)?;
    std::fs::rename(&aside, folder.join(name)).map_err(|error| unwritable(error.into()))
}

impl Canvas {
    fn take(&self, frame: &RgbImage) -> Result<(), PictureError> {
        match self {
            Self::Stage(stage) => stage.show(frame.clone()),
            Self::Folder(folder) => write(folder, NOW, frame)?,
        }
        Ok(())
    }
}
