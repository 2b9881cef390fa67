//! Videos, frame by frame: Y4M and Motion-JPEG by ourselves, everything else through ffmpeg where it is installed.

mod ffmpeg;
pub(super) mod jpeg;
mod y4m;

use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use super::shot::Shot;
use super::still;
use ffmpeg::Ffmpeg;
use y4m::Y4m;

/// Endings of files that hold one JPEG after the other.
const JPEGS: [&str; 2] = ["mjpeg", "mjpg"];
/// Endings of files that are handed to ffmpeg; anything else has to look like a picture or a Y4M.
const FOREIGN: [&str; 10] = [
    "avi", "mp4", "m4v", "mov", "mkv", "webm", "gif", "ogv", "ts", "mpg",
];
/// An AVI names the form of its frames in the first of its headers.
const HEADERS: usize = 4_096;

/// A file, of which the beginning has been read to see what it is.
type Stream<R> = BufReader<std::io::Chain<Cursor<Vec<u8>>, R>>;

/// What a file holds.
pub(super) enum Contents<R: Read> {
    /// One picture: the bytes are for [`still::decoded`].
    Still(Stream<R>),
    /// Frames.
    Video(Box<Video<R>>),
}

/// A running video.
pub(super) enum Video<R: Read> {
    Y4m(Y4m<Stream<R>>),
    Jpegs(Stream<R>),
    Foreign(Ffmpeg),
}

/// Looks at the beginning of a file, and at its name where the beginning does not tell.
pub(super) fn contents<R: Read>(path: &Path, mut file: R) -> Result<Contents<R>, String> {
    let mut head = Vec::new();
    file.by_ref()
        .take(HEADERS as u64)
        .read_to_end(&mut head)
        .map_err(|error| format!("cannot be read ({error}); check the file"))?;
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let is_one_of = |endings: &[&str]| endings.iter().any(|known| ending == *known);
    let is_y4m = head.starts_with(y4m::MAGIC) || ending == "y4m";
    let is_jpegs = is_one_of(&JPEGS) || holds_jpegs(&head);
    let is_picture = jpeg::begins(&head) || head.starts_with(b"\x89PNG\r\n\x1a\n");
    let stream = BufReader::new(Cursor::new(head).chain(file));
    Ok(if is_y4m {
        Contents::Video(Box::new(Video::Y4m(Y4m::open(stream)?)))
    } else if is_jpegs {
        Contents::Video(Box::new(Video::Jpegs(stream)))
    } else if is_one_of(&FOREIGN) && !is_picture {
        Contents::Video(Box::new(Video::Foreign(Ffmpeg::start(path)?)))
    } else {
        Contents::Still(stream)
    })
}

/// Whether these headers are of an AVI whose frames are JPEGs.
fn holds_jpegs(head: &[u8]) -> bool {
    let is_avi = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"AVI ");
    let names = |name: &[u8]| head.windows(name.len()).any(|word| word == name);
    is_avi && [b"MJPG", b"mjpg"].iter().any(|name| names(*name))
}

impl<R: Read> Video<R> {
    /// The next frame; None at the end. After an error there may be more.
    pub(super) fn next(&mut self) -> Result<Option<Shot>, Trouble> {
        match self {
            Self::Y4m(frames) => frames.next().map_err(Trouble::Final),
            Self::Jpegs(stream) => next_jpeg(stream),
            Self::Foreign(frames) => frames.next().map_err(Trouble::Final),
        }
    }
}

/// Why there is no frame.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The one that should have come is damaged; there may be another.
    Frame(String),
    /// There is no way on.
    Final(String),
}

fn next_jpeg(stream: &mut impl BufRead) -> Result<Option<Shot>, Trouble> {
    let cut = jpeg::next(stream)
        .map_err(|error| Trouble::Final(format!("cannot be read ({error}); copy it again")))?;
    match cut {
        None => Ok(None),
        Some(jpeg::Cut::Torn) => Err(Trouble::Frame("is torn".to_owned())),
        Some(jpeg::Cut::Whole(bytes)) => still::decoded(&bytes).map(Some).map_err(Trouble::Frame),
    }
}

#[cfg(test)]
mod tests;
