//! One picture through every reader: what `kiosk inspect` and `kiosk calibrate` show.

mod line;
#[cfg(test)]
mod tests;
mod watch;

use std::path::Path;
use std::time::Instant;

use image::{DynamicImage, RgbImage};
use serde::Serialize;
use zeroize::{Zeroize, Zeroizing};

use crate::Luma;
use crate::face::{FaceReader, FaceReading, ModelError};
use crate::mrz::{LineReaderError, MrzReader, MrzReading, MrzSighting, MrzTrail, MrzVotes};
use crate::qr::{CodeReader, CodeReading};

pub use line::advice_in_words;
use watch::Watch;

/// Why the readers cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ReadersError {
    /// The reader of machine readable zones.
    #[error(transparent)]
    LineReader(#[from] LineReaderError),
    /// The face models.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// All readers of this crate.
pub struct Readers {
    /// QR codes.
    pub codes: CodeReader,
    /// Machine readable zones.
    pub mrz: MrzReader,
    /// Faces.
    pub faces: FaceReader,
    /// Where the last frame's zone was.
    pub trail: MrzTrail,
    /// What the frames so far say of a zone.
    pub votes: MrzVotes,
}

impl Readers {
    /// The readers, faces by the two files in the folder `models` (see [`FaceReader::load`]).
    pub fn load(models: &Path) -> Result<Self, ReadersError> {
        Ok(Self {
            codes: CodeReader::new(),
            mrz: MrzReader::new()?,
            faces: FaceReader::load(models)?,
            trail: MrzTrail::default(),
            votes: MrzVotes::default(),
        })
    }

    /// Leaves behind whatever the frames so far have taught: another camera or video begins.
    pub fn begin_anew(&mut self) {
        self.codes.forget();
        self.trail.forget();
        self.votes.forget();
    }
}

/// One of the readers, by the name that engineers know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reader {
    /// QR codes.
    Qr,
    /// Machine readable zones.
    Mrz,
    /// Faces.
    Face,
}

impl Reader {
    /// Each reader, in the order in which a picture is shown to them.
    pub const ALL: [Self; 3] = [Self::Qr, Self::Mrz, Self::Face];

    /// `qr`, `mrz` or `face`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qr => "qr",
            Self::Mrz => "mrz",
            Self::Face => "face",
        }
    }
}

/// How the readers look at a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A still, which has no next one: every stage is tried.
    Still,
    /// A frame of a camera or a video, by its number from 0: readers may leave to the next frame what this one does not
    /// show.
    Frame(u64),
}

/// A picture as readers want it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// For codes and zones; a camera's Y plane as it is.
    pub luma: Luma<'a>,
    /// For faces, of the same size.
    pub colours: &'a RgbImage,
}

/// Somebody who wants to see what each stage sees.
pub trait Onlooker {
    /// What a stage of this reader works on. The time that it takes to look is counted to nobody.
    fn sees(&mut self, reader: Reader, stage: &'static str, picture: Luma<'_>);

    /// Whether pictures are worth preparing.
    fn wants_pictures(&self) -> bool {
        true
    }
}

impl Onlooker for crate::Nobody {
    fn sees(&mut self, _: Reader, _: &'static str, _: Luma<'_>) {}

    fn wants_pictures(&self) -> bool {
        false
    }
}

/// What the readers see in one picture. It holds personal values and has no `Debug`; its only way out is serde:
///
/// ```json
/// {"picture":"a.y4m","frame":7,
///  "codes":[{"text":"SKD1:...","corners":[[412,96],[801,101],[797,489],[408,484]],"stage":"half"}],
///  "mrz":{"format":"TD3","lines":["P<UTO...","L898..."],"valid":true,"confidence":[987,934],
///         "checks":[{"field":"document number","valid":true}],
///         "corners":[[80,520],[1190,524],[1188,610],[79,606]]},
///  "voted":["P<UTO...","L898..."],
///  "faces":[{"box":[178,63,90,114],"quality":1000,"advice":null,"confidence":912}],
///  "ms":{"qr":4.2,"mrz":31.0,"face":38.5},
///  "stages":[{"reader":"qr","stage":"full","ms":3.1}]}
/// ```
///
/// `frame` is there in videos only; `mrz` is null when none is found; `valid` says that every check digit is right and `checks` which
/// are; `confidence` is that of each line's least sure character, per mille; `voted` is there when the frames of a video so far
/// elect lines together, which a vague one among them may have been needed for; corners and boxes (left, top, width, height) are in
/// pixels; quality and a face's confidence are per mille; `ms` are milliseconds per reader and per stage.
#[derive(Serialize)]
pub struct Inspection {
    /// The picture's name, as given.
    pub picture: String,
    /// The frame's number in a video, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// The codes in view.
    #[serde(serialize_with = "line::each_code")]
    pub codes: Vec<CodeReading>,
    /// The machine readable zone.
    #[serde(serialize_with = "line::zone")]
    pub mrz: Option<MrzReading>,
    /// The lines that the frames of a burst elect together, when they do; they are zeroed when it goes.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "line::voted"
    )]
    pub voted: Option<Zeroizing<Vec<String>>>,
    /// The faces, nearest first.
    #[serde(serialize_with = "line::each_face")]
    pub faces: Vec<FaceReading>,
    /// How long each reader took.
    pub ms: Milliseconds,
    /// What each reader did in that time, in order.
    pub stages: Vec<StageTime>,
}

/// How long each reader took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Milliseconds {
    /// The code reader, all its stages.
    pub qr: f64,
    /// The zone reader.
    pub mrz: f64,
    /// Finding and judging faces, without comparing any.
    pub face: f64,
}

/// One stage of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageTime {
    /// Whose.
    pub reader: Reader,
    /// What the reader calls it.
    pub stage: &'static str,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// Shows a still picture to every reader. `clock` is the caller's, since this crate has none.
pub fn inspect(
    readers: &mut Readers,
    name: &str,
    picture: &DynamicImage,
    clock: impl Fn() -> Instant,
) -> Inspection {
    let mut grey = picture.to_luma8();
    let mut colours = picture.to_rgb8();
    let view = View {
        luma: Luma::from(&grey),
        colours: &colours,
    };
    let inspection = look(
        readers,
        name,
        view,
        Manner::Still,
        clock,
        &mut crate::Nobody,
    );
    grey.as_flat_samples_mut().samples.zeroize();
    colours.as_flat_samples_mut().samples.zeroize();
    inspection
}

/// Shows a picture to every reader, with somebody looking on.
pub fn look(
    readers: &mut Readers,
    name: &str,
    view: View<'_>,
    manner: Manner,
    clock: impl Fn() -> Instant,
    onlooker: &mut dyn Onlooker,
) -> Inspection {
    let mut watch = Watch::new(&clock, onlooker);
    let (codes, qr) = watch.over(Reader::Qr, |watch| match manner {
        Manner::Still => readers.codes.read_still_before(view.luma, watch),
        Manner::Frame(_) => readers.codes.read_before(view.luma, watch),
    });
    let (mrz, mrz_ms) = watch.over(Reader::Mrz, |watch| match manner {
        Manner::Still => readers.mrz.read_still_before(view.luma, watch),
        Manner::Frame(_) => {
            let sighting = readers
                .mrz
                .follow_before(view.luma, &mut readers.trail, watch)?;
            readers.votes.cast(sighting.reading());
            match sighting {
                MrzSighting::Clear(reading) => Some(reading),
                // A vague sighting is one voice in a vote, and never told alone.
                MrzSighting::Vague(_) => None,
            }
        }
    });
    let voted = match manner {
        Manner::Still => None,
        Manner::Frame(_) => readers.votes.elected().map(Zeroizing::new),
    };
    let (faces, face) = watch.over(Reader::Face, |watch| {
        readers.faces.find_before(view.colours, watch)
    });
    Inspection {
        picture: name.to_owned(),
        frame: match manner {
            Manner::Still => None,
            Manner::Frame(number) => Some(number),
        },
        codes,
        mrz,
        voted,
        faces,
        ms: Milliseconds {
            qr,
            mrz: mrz_ms,
            face,
        },
        stages: watch.into_stages(),
    }
}
