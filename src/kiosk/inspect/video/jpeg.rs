//! Where a JPEG begins and ends (ITU-T T.81, annex B), for files that hold one after the other and for files that are cut off.

use std::io::{self, BufRead};

use zeroize::Zeroizing;

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
/// Larger than any camera's frame; a stray start in a file of something else must not fill the memory.
const LONGEST: usize = 64 << 20;

/// Whether the bytes begin as a JPEG does.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, START, 0xFF])
}

/// Whether the picture that begins these bytes ends in them.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    matches!(next(&mut &*bytes), Ok(Some(Cut::Whole(_))))
}

/// A picture cut out of a stream.
pub(crate) enum Cut {
    /// From its start to its end.
    Whole(Zeroizing<Vec<u8>>),
    /// The stream or the sense ends before the picture does.
    Torn,
}

/// The next picture in the stream, whatever stands before it; None when there is none.
pub(crate) fn next(stream: &mut impl BufRead) -> io::Result<Option<Cut>> {
    let mut last = [0; 3];
    loop {
        let Some(byte) = one(stream)? else {
            return Ok(None);
        };
        last = [last[1], last[2], byte];
        if last[..2] == [0xFF, START] && byte == 0xFF {
            break;
        }
    }
    let mut picture = Zeroizing::new(vec![0xFF, START, 0xFF]);
    Ok(Some(match rest(stream, &mut picture)? {
        Some(()) => Cut::Whole(picture),
        None => Cut::Torn,
    }))
}

/// The picture to its end, of which the first byte of a marker has been read; None when it is torn.
fn rest(stream: &mut impl BufRead, picture: &mut Vec<u8>) -> io::Result<Option<()>> {
    let mut marker = 0xFF;
    loop {
        // Any number of fill bytes may stand before a marker's second byte.
        while marker == 0xFF {
            let Some(byte) = one(stream)? else {
                return Ok(None);
            };
            marker = byte;
            picture.push(byte);
            if picture.len() > LONGEST {
                return Ok(None);
            }
        }
        match marker {
            END => return Ok(Some(())),
            // Only damage puts the start of another picture here.
            START => return Ok(None),
            // Restart markers and TEM stand alone, and a stuffed zero is none.
            0x00 | 0x01 | 0xD0..=0xD7 => {}
            _ => {
                let (Some(high), Some(low)) = (one(stream)?, one(stream)?) else {
                    return Ok(None);
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < 2 || picture.len() + length > LONGEST {
                    return Ok(None);
                }
                picture.extend([high, low]);
                let from = picture.len();
                picture.resize(from + length - 2, 0);
                if let Err(error) = stream.read_exact(&mut picture[from..]) {
                    return torn(error);
                }
            }
        }
        if marker == SCAN || matches!(marker, 0xD0..=0xD7) {
            match entropy(stream, picture)? {
                Some(next) => marker = next,
                None => return Ok(None),
            }
        } else {
            // Decoders forgive bytes between segments, and so do we.
            marker = 0;
            while marker != 0xFF {
                let Some(byte) = one(stream)? else {
                    return Ok(None);
                };
                marker = byte;
                picture.push(byte);
                if picture.len() > LONGEST {
                    return Ok(None);
                }
            }
        }
    }
}

/// Coded pixels up to a marker that is neither a stuffed zero nor fill; its second byte.
fn entropy(stream: &mut impl BufRead, picture: &mut Vec<u8>) -> io::Result<Option<u8>> {
    let mut after_ff = false;
    loop {
        let Some(byte) = one(stream)? else {
            return Ok(None);
        };
        picture.push(byte);
        if picture.len() > LONGEST {
            return Ok(None);
        }
        match (after_ff, byte) {
            (_, 0xFF) => after_ff = true,
            (true, 0x00) => after_ff = false,
            (true, marker) => return Ok(Some(marker)),
            (false, _) => {}
        }
    }
}

fn one(stream: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = stream.fill_buf()?.first().copied();
    if byte.is_some() {
        stream.consume(1);
    }
    Ok(byte)
}

fn torn(error: io::Error) -> io::Result<Option<()>> {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Ok(None)
    } else {
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::RgbImage;
    use image::codecs::jpeg::JpegEncoder;

    use super::*;

    fn picture(level: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels = RgbImage::from_fn(40, 24, |x, y| {
            image::Rgb([level, (x * y) as u8, level ^ (x * 7) as u8])
        });
        JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode_image(&pixels)
            .unwrap();
        bytes
    }

    #[test]
    fn pictures_are_cut_out_one_after_the_other_with_anything_between_them() {
        let (first, second) = (picture(10), picture(200));
        let thumbnail = {
            // A whole JPEG inside an APP1 segment does not end the one around it.
            let mut bytes = second[..2].to_vec();
            bytes.extend([0xFF, 0xE1]);
            bytes.extend(u16::try_from(first.len() + 2).unwrap().to_be_bytes());
            bytes.extend(&first);
            bytes.extend(&second[2..]);
            bytes
        };
        let stream = [
            b"RIFF\xFF\xFFxx".as_slice(),
            &first,
            b"00dc\xFF",
            &second,
            &thumbnail,
        ]
        .concat();
        let mut stream = stream.as_slice();
        for expected in [&first, &second, &thumbnail] {
            let Some(Cut::Whole(bytes)) = next(&mut stream).unwrap() else {
                panic!("no picture of {} bytes", expected.len());
            };
            assert!(*bytes == *expected);
        }
        assert!(next(&mut stream).unwrap().is_none());
    }

    #[test]
    fn a_picture_is_whole_only_to_its_last_byte() {
        let bytes = picture(77);
        assert!(begins(&bytes) && is_whole(&bytes));
        for length in 0..bytes.len() {
            assert!(!is_whole(&bytes[..length]), "{length}");
        }
    }
}
