//! The threads that read what the cameras see, for as long as the lane wants something read.
//!
//! One reads: whenever it is free it takes the newest frame. The other watches it, the cameras, and shows the live picture.

mod desk;
mod documents;
mod faces;
mod lens;
mod page;
mod reading;
#[cfg(test)]
#[path = "tests/eyes/mod.rs"]
mod tests;
mod watching;

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use camera::{Capture, Frame};
use evidence::{MemberIndex, QuestionId, declaration::PREFIX};
use journey::{Device, FaceOutcome};
use tokio::sync::mpsc::UnboundedSender;
use ui::LivePicture;
use vision::{
    face::{Embedding, FaceModels, FaceReader, ModelError},
    mrz::{LineReaderError, MrzReader},
    qr::CodeReader,
};
use zeroize::Zeroizing;

use crate::{album::Portrait, presence::Presence};
use desk::Desk;
use documents::Documents;
use faces::Faces;
use lens::Lens;
use reading::{Found, Pace, Reading, Reads};
use watching::Watching;

/// How long to wait for a frame before looking at the orders again.
const FRAME_WAIT: Duration = Duration::from_millis(100);
/// How long a stop waits for the frame that is being read.
const LAST_FRAME: Duration = Duration::from_secs(2);

/// The cameras. One camera may serve as both.
#[derive(Clone, Debug)]
pub struct Lenses {
    /// What looks at passports and codes.
    pub documents: Capture,
    /// What looks at faces.
    pub faces: Capture,
}

/// The readers, loaded once.
pub struct Eyes {
    codes: CodeReader,
    zones: MrzReader,
    faces: FaceReader,
}

/// Why there are no eyes.
#[derive(Debug, thiserror::Error)]
pub enum EyesError {
    /// A face model cannot be used.
    #[error(transparent)]
    Faces(#[from] ModelError),
    /// The zone reader's model cannot be used.
    #[error(transparent)]
    Zones(#[from] LineReaderError),
}

impl Eyes {
    /// Loads the readers; `models` is the folder of the face models.
    ///
    /// # Errors
    /// [`EyesError`] when a model is missing or is not what it should be.
    pub fn load(models: &Path) -> Result<Self, EyesError> {
        Self::load_from(&FaceModels::in_folder(models))
    }

    /// Loads the readers, with the face models file by file.
    ///
    /// # Errors
    /// [`EyesError`] when a model is missing or is not what it should be.
    pub fn load_from(models: &FaceModels) -> Result<Self, EyesError> {
        Ok(Self {
            codes: CodeReader::wanting(PREFIX),
            zones: MrzReader::new()?,
            faces: FaceReader::load_from(models)?,
        })
    }
}

/// What is to be read.
pub(crate) enum Looking {
    Nothing,
    Documents,
    Face {
        question: QuestionId,
        member: MemberIndex,
        portrait: Option<Embedding>,
    },
}

/// What was read.
pub(crate) enum Sight {
    Code(Zeroizing<String>),
    Zone {
        lines: Vec<Zeroizing<String>>,
        portrait: Option<Portrait>,
    },
    Unreadable,
    Face {
        question: QuestionId,
        member: MemberIndex,
        outcome: FaceOutcome,
        picture: Option<ui::Picture>,
    },
    Works(Device),
    Fails(Device),
}

/// The readers with what they saw before.
struct Readers {
    eyes: Eyes,
    documents: Documents,
    faces: Faces,
}

impl Reads for Readers {
    fn read(&mut self, looking: &Looking, frame: &Frame) -> Found {
        match looking {
            Looking::Nothing => Found::default(),
            Looking::Documents => self.documents.read(&mut self.eyes, frame),
            Looking::Face {
                question,
                member,
                portrait,
            } => {
                let (eyes, portrait) = (&mut self.eyes, portrait.as_ref());
                self.faces.read(eyes, frame, *question, *member, portrait)
            }
        }
    }

    fn turn(&mut self) {
        self.eyes.codes.forget();
        self.faces.turn();
    }

    fn forget(&mut self) {
        self.eyes.codes.forget();
        self.documents.forget();
        self.faces.turn();
    }
}

/// The threads, as the loop holds them.
pub(crate) struct Watch {
    desk: Arc<Desk>,
    lenses: Lenses,
    reading: Option<JoinHandle<()>>,
    watching: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(
        eyes: Eyes,
        lenses: Lenses,
        sights: UnboundedSender<Sight>,
        live: impl Fn(LivePicture) + Send + 'static,
    ) -> std::io::Result<Self> {
        let readers = Readers {
            eyes,
            documents: Documents::default(),
            faces: Faces::default(),
        };
        Self::with(readers, lenses, sights, live)
    }

    fn with(
        reads: impl Reads,
        lenses: Lenses,
        sights: UnboundedSender<Sight>,
        live: impl Fn(LivePicture) + Send + 'static,
    ) -> std::io::Result<Self> {
        let mut watch = Self {
            desk: Arc::new(Desk::new(sights)),
            lenses: lenses.clone(),
            reading: None,
            watching: None,
        };
        let reading = Reading {
            desk: Arc::clone(&watch.desk),
            lenses: lenses.clone(),
            reads,
            presence: Presence::default(),
        };
        let watching = Watching {
            desk: Arc::clone(&watch.desk),
            documents: Lens::new(Device::DocumentCamera, lenses.documents),
            faces: Lens::new(Device::FaceCamera, lenses.faces),
            live: Box::new(live),
            shown: Instant::now(),
            pace: Pace::InTime,
        };
        let named = |name: &str| Builder::new().name(name.to_owned());
        watch.reading = Some(named("reading").spawn(move || reading.run())?);
        watch.watching = Some(named("watching").spawn(move || watching.run())?);
        Ok(watch)
    }

    pub(crate) fn look(&self, looking: Looking) {
        self.desk.look(looking);
    }

    /// Drops every frame and reading of the journey that is over: the newest frames at once, and what is being read as soon as
    /// that frame ends. Nothing that was seen before is told any more.
    pub(crate) fn forget(&self) {
        self.desk.forget();
        self.lenses.documents.forget();
        self.lenses.faces.forget();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.desk.stop();
        if let Some(thread) = self.watching.take() {
            // A panic there has been printed already, and the loop is on its way out.
            let _ = thread.join();
        }
        let until = Instant::now() + LAST_FRAME;
        let mut state = self.desk.state();
        while !state.reader_ended && Instant::now() < until {
            state = self.desk.wait(state, FRAME_WAIT);
        }
        let ended = state.reader_ended;
        drop(state);
        // There is no way to stop a thread: a reader that does not come back is left behind.
        if let Some(thread) = self.reading.take().filter(|_| ended) {
            let _ = thread.join();
        }
    }
}
