//! What stands before a camera: a scene in a hand that is never quite still, frame after frame.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use camera::Stage;
use pictures::{Burst, Conditions, PictureError, Scene};

/// Frame size, pixels: what the lane's cameras are asked for.
pub const SIZE: (u32, u32) = (1280, 720);

/// From one frame to the next. Rendering takes 30 to 100 ms on a small computer; a real camera is twice as fast.
const PACE: Duration = Duration::from_millis(100);

/// Where frames go.
pub enum Canvas {
    /// To a camera in this process.
    Stage(Stage),
    /// Into a folder that a camera of another process plays, one file replaced over and over.
    Folder(PathBuf),
}

/// Plays scenes on a thread of its own.
pub struct Player {
    scenes: Option<Sender<(Scene, Conditions)>>,
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
        if let Some(scenes) = &self.scenes {
            // A thread that ended has said why.
            let _ = scenes.send((scene, conditions));
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

fn play(
    canvas: &Canvas,
    next: &Receiver<(Scene, Conditions)>,
    first: &Sender<()>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut now = (Scene::hall(), Conditions::good(1));
    loop {
        let mut burst = Burst::new(&now.0, SIZE, now.1.clone());
        let replaced = loop {
            let begun = Instant::now();
            let frame = burst.next().ok_or("a burst has no end")??;
            canvas.take(frame)?;
            let _ = first.send(());
            match next.recv_timeout(PACE.saturating_sub(begun.elapsed())) {
                Ok(mut scene) => {
                    while let Ok(later) = next.try_recv() {
                        scene = later;
                    }
                    break scene;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        };
        now = replaced;
    }
}

impl Canvas {
    fn take(&self, frame: image::RgbImage) -> Result<(), PictureError> {
        match self {
            Self::Stage(stage) => stage.show(frame),
            Self::Folder(folder) => {
                let aside = folder.join("next.part");
                let unwritable = |source| PictureError::Unwritable {
                    path: aside.clone(),
                    source,
                };
                std::fs::create_dir_all(folder).map_err(|error| unwritable(error.into()))?;
                frame
                    .save_with_format(&aside, image::ImageFormat::Png)
                    .map_err(unwritable)?;
                // In one step: a camera never finds half a picture.
                std::fs::rename(&aside, folder.join("now.png"))
                    .map_err(|error| unwritable(error.into()))?;
            }
        }
        Ok(())
    }
}
