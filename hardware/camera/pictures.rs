//! A camera that plays a folder of pictures, or one file: what stands there right now is what the lens sees.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use image::ImageError;

use crate::still::{StillError, still};
use crate::{CameraError, Frame, Source};

/// More pixels than any camera's frame has, or a telephone's photograph.
const MOST_PIXELS: u64 = 50_000_000;

/// Plays `*.png`, `*.jpg` and `*.jpeg` of a folder in the order of their names, over and over. The folder is read again
/// each round, and a file each time it is shown, so that pictures may be swapped (by renaming) while it plays.
///
/// A picture that is half written or broken is reported once a round by its name, and passed over.
#[derive(Debug)]
pub struct Pictures {
    path: PathBuf,
    pace: Duration,
    round: Vec<PathBuf>,
    next_at: Instant,
    /// The latest picture as it was decoded: one that stays the same is not decoded again.
    latest: Option<Decoded>,
}

#[derive(Debug)]
struct Decoded {
    path: PathBuf,
    /// Inode, size and time of change: a swapped file has another.
    stamp: (u64, u64, i64, i64),
    frame: Frame,
}

impl Pictures {
    /// Opens a folder or a file, to be played at `rate` frames a second.
    ///
    /// # Errors
    /// [`CameraError::Missing`] when nothing is there.
    pub fn open(path: impl Into<PathBuf>, rate: u32) -> Result<Self, CameraError> {
        let path = path.into();
        fs::metadata(&path).map_err(|source| missing(&path, source))?;
        let pace = Duration::from_secs(1) / rate.max(1);
        Ok(Self {
            path,
            pace,
            round: Vec::new(),
            next_at: Instant::now(),
            latest: None,
        })
    }

    fn next_path(&mut self) -> Result<PathBuf, CameraError> {
        if let Some(path) = self.round.pop() {
            return Ok(path);
        }
        if self.path.is_file() {
            return Ok(self.path.clone());
        }
        let entries = fs::read_dir(&self.path).map_err(|source| missing(&self.path, source))?;
        self.round = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_picture(path))
            .collect();
        self.round.sort_unstable_by(|a, b| b.cmp(a));
        self.round.pop().ok_or_else(|| CameraError::Empty {
            path: self.path.clone(),
        })
    }

    fn show(&mut self, path: &Path) -> Result<Frame, CameraError> {
        use std::os::unix::fs::MetadataExt as _;
        let unreadable = |source| CameraError::Unreadable {
            name: path.display().to_string(),
            source,
        };
        let file = fs::File::open(path).map_err(|source| missing(path, source))?;
        let about = file
            .metadata()
            .map_err(|error| unreadable(ImageError::IoError(error)))?;
        let stamp = (about.ino(), about.size(), about.mtime(), about.mtime_nsec());
        let known = self
            .latest
            .as_ref()
            .filter(|latest| latest.path == path && latest.stamp == stamp);
        if known.is_none() {
            let decoded =
                still(io::BufReader::new(file), MOST_PIXELS).map_err(|error| match error {
                    StillError::TooLarge { width, height } => CameraError::TooLarge {
                        name: path.display().to_string(),
                        width,
                        height,
                    },
                    StillError::Image(source) => unreadable(source),
                })?;
            let frame = Frame::from_rgb(decoded.into_rgb8());
            self.latest = Some(Decoded {
                path: path.to_owned(),
                stamp,
                frame,
            });
        }
        match &self.latest {
            Some(Decoded { frame, .. }) => Ok(frame.again()),
            None => Err(CameraError::Empty {
                path: self.path.clone(),
            }),
        }
    }
}

fn is_picture(path: &Path) -> bool {
    let kind = path
        .extension()
        .and_then(|kind| kind.to_str())
        .unwrap_or_default();
    ["png", "jpg", "jpeg"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

fn missing(path: &Path, source: io::Error) -> CameraError {
    CameraError::Missing {
        path: path.to_owned(),
        source: Some(source),
    }
}

impl Source for Pictures {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        thread::sleep(self.next_at.saturating_duration_since(Instant::now()));
        self.next_at = (self.next_at + self.pace).max(Instant::now());
        let path = self.next_path()?;
        self.show(&path)
    }

    fn describe(&self) -> String {
        format!("pictures in {}", self.path.display())
    }
}
