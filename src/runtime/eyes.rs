//! The thread that reads what the cameras see, for as long as the lane wants something read.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use camera::{Capture, Frame, Health};
use evidence::{MemberIndex, Presentation, QuestionId};
use journey::{Device, FaceHint, FaceOutcome};
use tokio::sync::mpsc::UnboundedSender;
use ui::{Camera, LivePicture, Outline};
use vision::{
    Luma,
    face::{Embedding, FaceReader, FaceReading, ModelError},
    mrz::{LineReaderError, MrzReader, MrzReading},
    qr::{CodeReader, CodeReading},
};
use zeroize::Zeroizing;

use crate::{
    album::Portrait,
    hints, outline,
    picture::Colour,
    track::{Standing, Track},
};

/// How long to wait for a frame before looking at the orders again.
const FRAME_WAIT: Duration = Duration::from_millis(100);
/// Between two live pictures. Twelve a second look alive, and cost a tenth of a core at 640 pixels.
const LIVE_EVERY: Duration = Duration::from_millis(80);
/// A camera that has not shown anything for this long does not work. Cameras take up to two seconds to start.
const BLIND_AFTER: Duration = Duration::from_secs(3);
/// Good pictures of a face that are compared with each other before the best is taken: three are a quarter of a
/// second, in which one blink ends.
const BURST: usize = 3;

/// The cameras. One camera may serve as both.
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
        Ok(Self {
            codes: CodeReader::new(),
            zones: MrzReader::new()?,
            faces: FaceReader::load(models)?,
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

/// The thread, as the loop holds it.
pub(crate) struct Watch {
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Orders {
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    looking: Option<Looking>,
    forget: bool,
    stop: bool,
}

impl Orders {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    pub(crate) fn start(
        eyes: Eyes,
        lenses: Lenses,
        sights: UnboundedSender<Sight>,
        live: impl Fn(LivePicture) + Send + 'static,
    ) -> std::io::Result<Self> {
        let orders = Arc::new(Orders::default());
        let watching = Arc::clone(&orders);
        let mut watcher = Watcher {
            eyes,
            documents: Lens::new(Device::DocumentCamera, lenses.documents),
            faces: Lens::new(Device::FaceCamera, lenses.faces),
            sights,
            live: Box::new(live),
            shown: Instant::now(),
            track: Track::default(),
            zone_in_view: false,
            burst: Vec::new(),
            hint: None,
        };
        let thread = Builder::new()
            .name("eyes".to_owned())
            .spawn(move || watcher.watch(&watching))?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    pub(crate) fn look(&self, looking: Looking) {
        self.orders.desk().looking = Some(looking);
        self.orders.changed.notify_all();
    }

    /// Drops every frame and reading of the journey that is over.
    pub(crate) fn forget(&self) {
        self.orders.desk().forget = true;
        self.orders.changed.notify_all();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.orders.desk().stop = true;
        self.orders.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed already, and the loop is on its way out.
            let _ = thread.join();
        }
    }
}

struct Lens {
    device: Device,
    capture: Capture,
    works: Option<bool>,
    seen: Instant,
}

impl Lens {
    fn new(device: Device, capture: Capture) -> Self {
        Self {
            device,
            capture,
            works: None,
            seen: Instant::now(),
        }
    }

    fn frame(&mut self) -> Option<Arc<Frame>> {
        let frame = self.capture.newest(FRAME_WAIT).ok();
        if frame.is_some() {
            self.seen = Instant::now();
        }
        frame
    }

    /// Tells when the camera begins to work or ceases to.
    fn report(&mut self) -> Option<Sight> {
        let works = match self.capture.health() {
            Health::Working => Some(true),
            Health::Starting | Health::Ill(_) if self.seen.elapsed() > BLIND_AFTER => Some(false),
            Health::Starting | Health::Ill(_) => self.works,
        };
        if matches!(works, Some(true)) {
            self.seen = Instant::now();
        }
        if works == self.works {
            return None;
        }
        self.works = works;
        works.map(|works| {
            if works {
                Sight::Works(self.device)
            } else {
                Sight::Fails(self.device)
            }
        })
    }
}

struct Watcher {
    eyes: Eyes,
    documents: Lens,
    faces: Lens,
    sights: UnboundedSender<Sight>,
    live: Box<dyn Fn(LivePicture) + Send>,
    shown: Instant,
    track: Track,
    zone_in_view: bool,
    burst: Vec<(Colour, FaceReading)>,
    hint: Option<FaceHint>,
}

impl Watcher {
    fn watch(&mut self, orders: &Orders) {
        let mut looking = Looking::Nothing;
        loop {
            {
                let mut desk = orders.desk();
                if matches!(looking, Looking::Nothing)
                    && desk.looking.is_none()
                    && !desk.forget
                    && !desk.stop
                {
                    let waited = orders.changed.wait_timeout(desk, FRAME_WAIT);
                    desk = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                if desk.stop {
                    return;
                }
                if std::mem::take(&mut desk.forget) {
                    self.track.forget();
                    self.documents.capture.forget();
                    self.faces.capture.forget();
                }
                if let Some(next) = desk.looking.take() {
                    looking = next;
                    self.burst.clear();
                    self.hint = None;
                }
            }
            for report in [self.documents.report(), self.faces.report()]
                .into_iter()
                .flatten()
            {
                self.tell(report);
            }
            match &looking {
                Looking::Nothing => {}
                Looking::Documents => self.documents(),
                Looking::Face {
                    question,
                    member,
                    portrait,
                } => {
                    if self.face(*question, *member, portrait.as_ref()) {
                        looking = Looking::Nothing;
                    }
                }
            }
        }
    }

    fn tell(&self, sight: Sight) {
        // The loop that no longer listens is about to end this thread.
        let _ = self.sights.send(sight);
    }

    fn documents(&mut self) {
        let Some(frame) = self.documents.frame() else {
            return;
        };
        let luma = Zeroizing::new(frame.luma());
        let (width, height) = (frame.width as usize, frame.height as usize);
        let Ok(view) = Luma::new(width, height, width, &luma) else {
            return;
        };
        let (codes, zone) = self.read(view);
        self.show(
            Camera::Documents,
            &frame,
            outline::of_document(codes.first(), zone.as_ref()),
        );
        for code in codes {
            if self.track.is_new_code(&code.text) {
                self.tell(Sight::Code(Zeroizing::new(code.text)));
            }
        }
        if let Some(zone) = zone {
            self.zone(&frame, &zone);
        }
    }

    /// Codes or a zone, whichever the last frame had first: nobody holds up both at once, and looking in vain for a code
    /// takes as long as reading a zone.
    fn read(&mut self, view: Luma<'_>) -> (Vec<CodeReading>, Option<MrzReading>) {
        let (codes, zone) = if self.zone_in_view {
            let zone = self.eyes.zones.read(view);
            let codes = match &zone {
                Some(_) => Vec::new(),
                None => self.eyes.codes.read(view),
            };
            (codes, zone)
        } else {
            let codes = self.eyes.codes.read(view);
            let zone = if codes.is_empty() {
                self.eyes.zones.read(view)
            } else {
                None
            };
            (codes, zone)
        };
        self.zone_in_view = zone.is_some();
        (codes, zone)
    }

    fn zone(&mut self, frame: &Frame, zone: &MrzReading) {
        let lines: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
        match self
            .track
            .zone(&zone.lines, evidence::mrz::is_valid(&lines))
        {
            Standing::Tentative | Standing::Known => {}
            Standing::Hopeless => self.tell(Sight::Unreadable),
            Standing::Settled => {
                let portrait = self.page_portrait(frame, zone);
                let lines = zone
                    .lines
                    .iter()
                    .map(|line| Zeroizing::new(line.clone()))
                    .collect();
                self.tell(Sight::Zone { lines, portrait });
            }
        }
    }

    /// The portrait that belongs to this zone: the face nearest to it, once the page is turned upright.
    fn page_portrait(&mut self, frame: &Frame, zone: &MrzReading) -> Option<Portrait> {
        let [begin, end, ..] = zone.corners;
        let (along, across) = (end.0 - begin.0, end.1 - begin.1);
        let quarters = match (along.abs() >= across.abs(), along >= 0, across >= 0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 3,
            (false, _, false) => 1,
        };
        let length = along.abs().max(across.abs());
        let page = Colour::of(frame).turned(quarters);
        let faces = self.eyes.faces.find(&page.0);
        // A page is as wide as its zone, and its portrait a third of that; a face that is wider is its holder's own.
        let face = faces.iter().find(|face| face.frame.width * 2 < length)?;
        Some(Portrait {
            picture: page.portrait(&face.frame)?,
            embedding: self.eyes.faces.embed(&page.0, face),
        })
    }

    /// Looks for one good picture; true when it has been told and there is nothing more to look for.
    fn face(
        &mut self,
        question: QuestionId,
        member: MemberIndex,
        portrait: Option<&Embedding>,
    ) -> bool {
        let Some(frame) = self.faces.frame() else {
            return false;
        };
        let colour = Colour::of(&frame);
        let faces = self.eyes.faces.find(&colour.0);
        let outline = faces
            .first()
            .map(|face| outline::of_face(face, self.burst.len(), BURST));
        self.show(Camera::Face, &frame, outline);
        match hints::choose(&faces) {
            Err(hint) => {
                if self.hint.replace(hint) != Some(hint) {
                    self.tell(Sight::Face {
                        question,
                        member,
                        outcome: FaceOutcome::NotYet(hint),
                        picture: None,
                    });
                }
                false
            }
            Ok(face) => {
                self.burst.push((colour, face.clone()));
                if self.burst.len() < BURST {
                    return false;
                }
                let burst = std::mem::take(&mut self.burst);
                let Some((colour, face)) =
                    burst.into_iter().max_by_key(|(_, face)| face.quality.score)
                else {
                    return false;
                };
                let likeness = portrait
                    .map(|portrait| self.eyes.faces.embed(&colour.0, &face).likeness(portrait));
                let outcome = FaceOutcome::Captured {
                    quality: face.quality.score,
                    likeness,
                    presentation: Presentation::BonaFide,
                };
                self.tell(Sight::Face {
                    question,
                    member,
                    outcome,
                    picture: colour.portrait(&face.frame),
                });
                true
            }
        }
    }

    fn show(&mut self, camera: Camera, frame: &Frame, outline: Option<Outline>) {
        if self.shown.elapsed() < LIVE_EVERY {
            return;
        }
        self.shown = Instant::now();
        if let Some((picture, factor)) = Colour::of(frame).live() {
            let scale = |value: i32| (value as f32 * factor) as i32;
            let outline = outline.map(|outline| Outline {
                corners: outline.corners.map(|(x, y)| (scale(x), scale(y))),
                progress: outline.progress,
            });
            (self.live)(LivePicture {
                camera,
                picture,
                outline,
            });
        }
    }
}
