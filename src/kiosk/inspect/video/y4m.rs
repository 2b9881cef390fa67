//! YUV4MPEG2 as mjpegtools' yuv4mpeg(5) describes it, with ffmpeg's `XCOLORRANGE`: the Y plane goes to the readers as it is.
//!
//! A reader of our own, since frames here are wiped when they go, and since a header may claim any size.

use std::io::{self, BufRead, Read as _};

use image::{GrayImage, Rgb, RgbImage};
use zeroize::Zeroizing;

use super::super::shot::Shot;
use super::super::still;

pub(super) const MAGIC: &[u8] = b"YUV4MPEG2 ";
/// Longer than any header, and a bound for a file that is none.
const LONGEST_LINE: u64 = 1_024;

/// How the colour planes are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chroma {
    None,
    /// Half as many samples across and down.
    Half,
    /// Half as many across.
    HalfAcross,
    Full,
}

/// Which levels are black and white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Levels {
    /// 16 and 235 (ITU-R BT.601).
    Narrow,
    /// 0 and 255.
    Full,
}

/// The shape of every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    width: u32,
    height: u32,
    chroma: Chroma,
    levels: Levels,
    /// Bits a sample: one byte up to 8, else two, the lower first.
    depth: u32,
}

/// Frames of one file.
pub(in crate::inspect) struct Y4m<R> {
    stream: R,
    form: Form,
}

impl<R: BufRead> Y4m<R> {
    /// Reads the header.
    pub(super) fn open(mut stream: R) -> Result<Self, String> {
        let line = line(&mut stream)
            .map_err(unreadable)?
            .ok_or("ends before its header does; copy it again")?;
        let form = Form::read(&line)?;
        Ok(Self { stream, form })
    }

    /// The next frame; None at the end.
    pub(super) fn next(&mut self) -> Result<Option<Shot>, String> {
        if self.stream.fill_buf().map_err(unreadable)?.is_empty() {
            return Ok(None);
        }
        let line = line(&mut self.stream)
            .map_err(unreadable)?
            .ok_or_else(torn)?;
        if line != b"FRAME" && !line.starts_with(b"FRAME ") {
            return Err("is damaged: a frame does not begin where it should".to_owned());
        }
        let (across, down) = self.form.chroma_size();
        let y = self.plane(self.form.width as usize * self.form.height as usize)?;
        let u = self.plane(across * down)?;
        let v = self.plane(across * down)?;
        Ok(Some(self.form.shot(y, &u, &v)))
    }

    /// So many samples, brought to eight bits each.
    fn plane(&mut self, samples: usize) -> Result<Zeroizing<Vec<u8>>, String> {
        let bytes = if self.form.depth > 8 { 2 } else { 1 };
        let mut plane = Zeroizing::new(vec![0; samples * bytes]);
        self.stream
            .read_exact(&mut plane)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => torn(),
                _ => unreadable(error),
            })?;
        if bytes == 1 {
            return Ok(plane);
        }
        let shift = self.form.depth - 8;
        let upper = |two: &[u8]| {
            let sample = u16::from_le_bytes([two[0], two[1]]) >> shift;
            u8::try_from(sample).unwrap_or(u8::MAX)
        };
        Ok(Zeroizing::new(plane.chunks_exact(2).map(upper).collect()))
    }
}

impl Form {
    fn read(header: &[u8]) -> Result<Self, String> {
        let words = header
            .strip_prefix(MAGIC)
            .ok_or("is no YUV4MPEG2 file, whatever it is called")?;
        let (mut width, mut height) = (0, 0);
        let (mut chroma, mut depth, mut levels) = (Chroma::Half, 8, Levels::Narrow);
        for word in String::from_utf8_lossy(words).split_ascii_whitespace() {
            match (word.get(..1), word.get(1..)) {
                (Some("W"), Some(number)) => width = number.parse().unwrap_or(0),
                (Some("H"), Some(number)) => height = number.parse().unwrap_or(0),
                (Some("C"), Some(name)) => {
                    (chroma, depth) = sampling(name).ok_or_else(|| {
                        let name: String = name.chars().take(20).collect();
                        format!(
                            "has frames of an unknown form ({name:?}); convert it: ffmpeg -i IN -pix_fmt yuv420p OUT.y4m"
                        )
                    })?;
                }
                (Some("X"), Some("COLORRANGE=FULL")) => levels = Levels::Full,
                _ => {}
            }
        }
        still::bounded(width, height)?;
        Ok(Self {
            width,
            height,
            chroma,
            levels,
            depth,
        })
    }

    fn chroma_size(&self) -> (usize, usize) {
        let (width, height) = (self.width as usize, self.height as usize);
        match self.chroma {
            Chroma::None => (0, 0),
            Chroma::Half => (width.div_ceil(2), height.div_ceil(2)),
            Chroma::HalfAcross => (width.div_ceil(2), height),
            Chroma::Full => (width, height),
        }
    }

    fn shot(&self, mut y: Zeroizing<Vec<u8>>, u: &[u8], v: &[u8]) -> Shot {
        let (across, _) = self.chroma_size();
        let colours = RgbImage::from_fn(self.width, self.height, |px, py| {
            let luma = y[(py * self.width + px) as usize];
            let (cx, cy) = match self.chroma {
                Chroma::None => return Rgb(self.rgb(luma, 128, 128)),
                Chroma::Half => (px / 2, py / 2),
                Chroma::HalfAcross => (px / 2, py),
                Chroma::Full => (px, py),
            };
            let at = cy as usize * across + cx as usize;
            Rgb(self.rgb(luma, u[at], v[at]))
        });
        let luma = GrayImage::from_raw(self.width, self.height, std::mem::take(&mut *y))
            .unwrap_or_else(|| GrayImage::new(self.width, self.height));
        Shot::new(luma, colours)
    }

    /// BT.601 in 1/65536.
    fn rgb(&self, y: u8, u: u8, v: u8) -> [u8; 3] {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        let (light, red, green_u, green_v, blue) = match self.levels {
            Levels::Narrow => (
                76_309 * (i32::from(y) - 16),
                104_597,
                25_675,
                53_279,
                132_201,
            ),
            Levels::Full => (65_536 * i32::from(y), 91_881, 22_554, 46_802, 116_130),
        };
        [
            light + red * v,
            light - green_u * u - green_v * v,
            light + blue * u,
        ]
        .map(|level| u8::try_from(((level + 0x8000) >> 16).clamp(0, 255)).unwrap_or(0))
    }
}

/// The names that ffmpeg and mjpegtools write.
fn sampling(name: &str) -> Option<(Chroma, u32)> {
    Some(match name {
        "mono" => (Chroma::None, 8),
        "mono10" => (Chroma::None, 10),
        "mono12" => (Chroma::None, 12),
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => (Chroma::Half, 8),
        "420p10" => (Chroma::Half, 10),
        "420p12" => (Chroma::Half, 12),
        "422" => (Chroma::HalfAcross, 8),
        "422p10" => (Chroma::HalfAcross, 10),
        "422p12" => (Chroma::HalfAcross, 12),
        "444" => (Chroma::Full, 8),
        "444p10" => (Chroma::Full, 10),
        "444p12" => (Chroma::Full, 12),
        _ => return None,
    })
}

/// A line without its end; None when it is not there or too long to be one.
fn line(stream: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok((line.pop() == Some(b'\n')).then_some(line))
}

fn torn() -> String {
    "ends in the middle of a frame; copy it again".to_owned()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn unreadable(error: io::Error) -> String {
    format!("cannot be read ({error}); copy it again")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use y4m::{Colorspace, Ratio, VendorExtensionString};

    use super::*;

    /// The frames of a file that the y4m crate wrote, and what each is expected to show at its first pixel.
    fn written(form: Colorspace, full: bool, planes: [&[u8]; 3], frames: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut header = y4m::encode(3, 2, Ratio::new(30, 1)).with_colorspace(form);
        if full {
            let range = VendorExtensionString::new(b"COLORRANGE=FULL".to_vec()).unwrap();
            header = header.append_vendor_extension(range);
        }
        let mut encoder = header.write_header(&mut bytes).unwrap();
        for _ in 0..frames {
            encoder.write_frame(&y4m::Frame::new(planes, None)).unwrap();
        }
        bytes
    }

    #[test]
    fn frames_of_every_form_are_what_another_program_wrote() {
        let red =
            |samples: usize, luma: usize| [vec![82; luma], vec![90; samples], vec![240; samples]];
        let wide = |eight: &[u8], bits: u32| -> Vec<u8> {
            eight
                .iter()
                .flat_map(|&b| (u16::from(b) << (bits - 8)).to_le_bytes())
                .collect()
        };
        let table = [
            (Colorspace::C420jpeg, 2, 8),
            (Colorspace::C422, 4, 8),
            (Colorspace::C444, 6, 8),
            (Colorspace::C420p10, 2, 10),
            (Colorspace::C444p12, 6, 12),
        ];
        for (form, samples, bits) in table {
            let planes = red(samples, 6).map(|p| if bits == 8 { p } else { wide(&p, bits) });
            let bytes = written(form, false, [&planes[0], &planes[1], &planes[2]], 2);
            let mut video = Y4m::open(bytes.as_slice()).unwrap();
            for _ in 0..2 {
                let shot = video.next().unwrap().unwrap();
                let view = shot.view();
                assert_eq!(view.luma.bytes, [82; 6], "{form:?}");
                assert_eq!(view.colours.dimensions(), (3, 2));
                // Pure red in BT.601's narrow range, to one level.
                let [r, g, b] = view.colours.get_pixel(2, 1).0;
                assert!(r >= 254 && g <= 1 && b <= 1, "{form:?}: {r} {g} {b}");
            }
            assert!(video.next().unwrap().is_none());
        }
        let bytes = written(
            Colorspace::Cmono,
            true,
            [&[0, 16, 128, 235, 255, 7], &[], &[]],
            1,
        );
        let shot = Y4m::open(bytes.as_slice())
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(shot.view().luma.bytes, [0, 16, 128, 235, 255, 7]);
        assert_eq!(shot.view().colours.get_pixel(1, 1).0, [255; 3]);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let table: [(&[u8], &str); 9] = [
            (b"", "before its header"),
            (b"YUV4MPEG2 W4 H4", "before its header"),
            (b"RIFF W4 H4\n", "no YUV4MPEG2"),
            (b"YUV4MPEG2 W4\n", "4 x 0"),
            (b"YUV4MPEG2 W0 H9\n", "0 x 9"),
            (b"YUV4MPEG2 W99999999999999999999 H9\n", "0 x 9"),
            (b"YUV4MPEG2 W4294967295 H4294967295\n", "too large"),
            (b"YUV4MPEG2 W16384 H16384\n", "too large"),
            (b"YUV4MPEG2 W4 H4 C9000\n", "\"9000\""),
        ];
        for (bytes, said) in table {
            let error = Y4m::open(bytes).err().unwrap();
            assert!(error.contains(said), "{error}");
        }
        let mut torn = written(Colorspace::Cmono, false, [&[1; 6], &[], &[]], 2);
        torn.pop();
        let mut video = Y4m::open(torn.as_slice()).unwrap();
        assert!(video.next().unwrap().is_some());
        assert!(video.next().err().unwrap().contains("middle of a frame"));
        let mut video = Y4m::open(b"YUV4MPEG2 W1 H1 Cmono\nFRAMES\nx".as_slice()).unwrap();
        assert!(video.next().err().unwrap().contains("does not begin"));
    }
}
