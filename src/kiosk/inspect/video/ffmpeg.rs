//! Videos of every other kind: ffmpeg unpacks them, we read what it writes.

use std::ffi::OsString;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::super::shot::Shot;
use super::y4m::Y4m;

/// Enough of ffmpeg's complaints to see what is wrong.
const MOST_WORDS: u64 = 2_000;

/// A running ffmpeg; it is ended when this goes.
pub(in crate::inspect) struct Ffmpeg {
    child: Child,
    complaints: Option<JoinHandle<String>>,
    /// None until it has written its header, which it does with the first frame.
    frames: Option<Y4m<BufReader<ChildStdout>>>,
}

impl Ffmpeg {
    pub(super) fn start(path: &Path) -> Result<Self, String> {
        // The prefix keeps a name such as `concat:...` or `-i` a name.
        let mut input = OsString::from("file:");
        input.push(path);
        let mut command = Command::new("ffmpeg");
        command
            .args([
                "-v",
                "error",
                "-nostdin",
                "-protocol_whitelist",
                "file,pipe",
                "-i",
            ])
            .arg(input)
            .args(["-an", "-sn", "-fps_mode", "passthrough"])
            .args(["-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-"]);
        Self::run(&mut command)
    }

    fn run(command: &mut Command) -> Result<Self, String> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                "is neither PNG, JPEG, Y4M nor Motion-JPEG, and ffmpeg, which reads the others, \
                is not installed: apt-get install ffmpeg"
                    .to_owned()
            }
            _ => format!("ffmpeg cannot be started ({error})"),
        })?;
        let complaints = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut words = Vec::new();
                // A complaint that is no text, or a pipe that breaks, leaves what came before.
                let _ = stderr.by_ref().take(MOST_WORDS).read_to_end(&mut words);
                let _ = io::copy(&mut stderr, &mut io::sink());
                String::from_utf8_lossy(&words).trim().replace('\n', "; ")
            })
        });
        Ok(Self {
            child,
            complaints,
            frames: None,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Shot>, String> {
        if self.frames.is_none() {
            let Some(stdout) = self.child.stdout.take() else {
                return Ok(None);
            };
            match Y4m::open(BufReader::new(stdout)) {
                Ok(frames) => self.frames = Some(frames),
                Err(error) => return Err(self.reason().unwrap_or(error)),
            }
        }
        let next = self.frames.as_mut().map_or(Ok(None), Y4m::next);
        match next {
            Ok(Some(shot)) => Ok(Some(shot)),
            Ok(None) => self.reason().map_or(Ok(None), Err),
            Err(error) => Err(self.reason().unwrap_or(error)),
        }
    }

    /// What ffmpeg says when it has failed, once it has ended.
    fn reason(&mut self) -> Option<String> {
        self.frames = None;
        let ended_well = self.child.wait().is_ok_and(|status| status.success());
        let said = self.complaints.take()?.join().unwrap_or_default();
        (!ended_well)
            .then(|| format!("ffmpeg cannot read it ({said}); copy it again, or convert it"))
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill and only its exit code to collect.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A shell in ffmpeg's place, which answers as the script says.
    fn told_by(script: &str) -> Ffmpeg {
        Ffmpeg::run(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn what_ffmpeg_writes_is_read_to_the_end() {
        let mut video = told_by(r"printf 'YUV4MPEG2 W2 H1 Cmono\nFRAME\nabFRAME\ncd'");
        for expected in [b"ab", b"cd"] {
            assert_eq!(video.next().unwrap().unwrap().view().luma.bytes, expected);
        }
        assert!(video.next().unwrap().is_none());
        assert!(video.next().unwrap().is_none());
    }

    #[test]
    fn its_complaint_is_the_reason_and_what_came_before_is_kept() {
        let mut video = told_by(
            r"printf 'YUV4MPEG2 W2 H1 Cmono\nFRAME\nab'; echo 'moov atom not found' >&2; exit 1",
        );
        assert!(video.next().unwrap().is_some());
        assert!(video.next().err().unwrap().contains("moov atom not found"));
        let mut video = told_by("echo 'no such codec' >&2; exit 69");
        assert!(video.next().err().unwrap().contains("no such codec"));
    }

    #[test]
    fn without_it_the_cure_is_said() {
        let error = Ffmpeg::run(&mut Command::new("no-such-program-here"))
            .err()
            .unwrap();
        assert!(error.contains("apt-get install ffmpeg"), "{error}");
    }
}
