//! `kiosk inspect`: what the readers see in pictures and videos, one JSON line each. It says what documents hold, to whoever
//! asked: the lines go to standard output and nowhere else.

mod listing;
pub(crate) mod shot;
mod still;
mod summary;
mod trace;
mod video;

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use vision::Nobody;
use vision::inspect::{Manner, Onlooker, Readers, look};
use zeroize::Zeroizing;

use crate::models;
use shot::Shot;
use summary::Summary;
use trace::Trace;
use video::{Contents, Trouble, contents};

/// A picture file of more bytes than this is none.
const LARGEST_FILE: u64 = 512 << 20;
/// With fewer files than this nobody asks how far it is.
const MANY: usize = 20;
/// Progress in a video is told after this many frames.
const EACH: u64 = 30;

/// What is asked of the readers.
#[derive(Debug, Default)]
pub struct Request<'a> {
    /// Pictures, videos, and folders of them.
    pub paths: &'a [PathBuf],
    /// Folder of the face models, when it is named.
    pub models: Option<&'a Path>,
    /// Folder for what each stage saw.
    pub trace: Option<&'a Path>,
    /// How long a picture is looked at.
    pub patience: Patience,
    /// What stands at the end.
    pub ending: Ending,
    /// Whether it is told how far the run is.
    pub progress: Progress,
}

/// How long a picture file is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patience {
    /// As a still, which has no next one: every stage is tried.
    #[default]
    Still,
    /// As a frame of a running camera: the pictures of one folder are frames of one burst, in the order of their names.
    Frame,
}

/// What stands at the end of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// Nothing: the lines say it all.
    #[default]
    Plain,
    /// Counts and times.
    Summary,
}

/// Whether it is told how far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Progress {
    /// It is not.
    #[default]
    Silent,
    /// Where there are many files, and in videos: somebody looks at a terminal.
    Shown,
}

/// Inspects these pictures and videos, and every one of these folders and the folders in them in the order of their names. What
/// cannot be read is told on `troubles`, and the others are inspected all the same; true when everything could be read.
///
/// # Errors
/// When the models do not serve, the trace's folder cannot be made, or nobody reads what is written.
pub fn inspect(
    request: &Request<'_>,
    out: &mut impl Write,
    troubles: &mut impl Write,
) -> anyhow::Result<bool> {
    vision::qr::hush_isolated_panics();
    let folder = models::folder(request.models);
    let readers = Readers::load(&folder)
        .map_err(|error| anyhow::anyhow!("--models: {}", models::complaint(&folder, &error)))?;
    let mut run = Run {
        readers,
        trace: request.trace.map(Trace::into_folder).transpose()?,
        summary: Summary::default(),
        number: 0,
        patience: request.patience,
        burst: None,
        all_read: true,
        progress: request.progress,
        out,
        troubles,
    };
    let found: Vec<_> = request
        .paths
        .iter()
        .flat_map(|path| listing::listed(path))
        .collect();
    for file in &found {
        run.number += 1;
        if found.len() >= MANY {
            run.progress(&format!("{} of {}", run.number, found.len()))?;
        }
        match file {
            Ok(path) => run.file(path)?,
            Err((path, trouble)) => run.complain(path, trouble)?,
        }
    }
    run.progress("")?;
    if request.ending == Ending::Summary {
        write!(run.troubles, "{}", run.summary)?;
    }
    Ok(run.all_read)
}

/// One run of the command.
struct Run<'a, Out, Troubles> {
    readers: Readers,
    trace: Option<Trace>,
    summary: Summary,
    /// Of the file in hand, from 1.
    number: usize,
    patience: Patience,
    /// The folder whose pictures are a burst, and the number of the next.
    burst: Option<(PathBuf, u64)>,
    all_read: bool,
    progress: Progress,
    out: &'a mut Out,
    troubles: &'a mut Troubles,
}

impl<Out: Write, Troubles: Write> Run<'_, Out, Troubles> {
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let contents = File::open(path)
            .map_err(|error| missing(&error))
            .and_then(|file| contents(path, file));
        match contents {
            Err(trouble) => self.complain(path, &trouble),
            Ok(Contents::Still(stream)) => {
                let mut bytes = Zeroizing::new(Vec::new());
                let read = stream.take(LARGEST_FILE).read_to_end(&mut bytes);
                let decoded = read
                    .map_err(|error| missing(&error))
                    .and_then(|_| still::decoded(&bytes));
                match decoded {
                    Ok(shot) => {
                        let manner = self.manner(path);
                        self.show(path, &shot, manner)
                    }
                    Err(trouble) => self.complain(path, &trouble),
                }
            }
            Ok(Contents::Video(mut video)) => {
                let (mut number, mut shown) = (0, false);
                self.readers.begin_anew();
                loop {
                    if number > 0 && number % EACH == 0 {
                        self.progress(&format!("{}: frame {number}", path.display()))?;
                    }
                    match video.next() {
                        Ok(Some(shot)) => {
                            self.show(path, &shot, Manner::Frame(number))?;
                            shown = true;
                        }
                        Ok(None) if shown => return Ok(()),
                        Ok(None) => {
                            return self.complain(path, "holds no frame; copy it again");
                        }
                        Err(Trouble::Frame(trouble)) => {
                            self.complain(path, &format!("frame {number}: {trouble}"))?;
                            shown = true;
                        }
                        Err(Trouble::Final(trouble)) => {
                            return self.complain(path, &format!("frame {number}: {trouble}"));
                        }
                    }
                    number += 1;
                }
            }
        }
    }

    fn manner(&mut self, path: &Path) -> Manner {
        if self.patience == Patience::Still {
            return Manner::Still;
        }
        let folder = path.parent().unwrap_or(path);
        let number = match &self.burst {
            Some((of, next)) if of == folder => *next,
            Some(_) | None => {
                self.readers.begin_anew();
                0
            }
        };
        self.burst = Some((folder.to_owned(), number + 1));
        Manner::Frame(number)
    }

    fn show(&mut self, path: &Path, shot: &Shot, manner: Manner) -> anyhow::Result<()> {
        let name = path.display().to_string();
        if let Some(trace) = &mut self.trace {
            let frame = match manner {
                Manner::Still => None,
                Manner::Frame(number) => Some(number),
            };
            trace.begin(self.number, path, frame);
        }
        let mut nobody = Nobody;
        let onlooker: &mut dyn Onlooker = match &mut self.trace {
            Some(trace) => trace,
            None => &mut nobody,
        };
        let readers = &mut self.readers;
        // A picture that breaks a reader must not keep the others from being read. The readers hold models and what they saw before,
        // none of which a panic leaves half done.
        let seen = catch_unwind(AssertUnwindSafe(|| {
            look(readers, &name, shot.view(), manner, Instant::now, onlooker)
        }));
        let Ok(seen) = seen else {
            return self.complain(
                path,
                "breaks a reader; please report the picture, or how to draw it",
            );
        };
        self.summary.add(&seen);
        serde_json::to_writer(&mut *self.out, &seen)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(self.out))
            .and_then(|()| self.out.flush())
            .context("standard output takes nothing")?;
        if let Some(trouble) = self.trace.as_mut().and_then(Trace::trouble) {
            self.all_read = false;
            self.progress("")?;
            writeln!(self.troubles, "{trouble}")?;
        }
        Ok(())
    }

    /// Puts these words in the place of those that were told last; none clear the place.
    fn progress(&mut self, words: &str) -> io::Result<()> {
        match self.progress {
            Progress::Silent => Ok(()),
            Progress::Shown => {
                // ECMA-48: to the line's begin, and clear to its end.
                write!(self.troubles, "\r{words}\x1b[K")?;
                self.troubles.flush()
            }
        }
    }

    fn complain(&mut self, path: &Path, trouble: &str) -> anyhow::Result<()> {
        self.all_read = false;
        self.summary.miss();
        self.progress("")?;
        writeln!(self.troubles, "{}: {trouble}", path.display())?;
        Ok(())
    }
}

fn missing(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "is not there; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read; check the file's rights".to_owned(),
        _ => format!("cannot be read ({error}); check the path"),
    }
}
