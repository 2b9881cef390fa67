#![allow(clippy::unwrap_used, clippy::expect_used)]
use nokhwa::utils::{CameraFormat, FrameFormat};

use super::*;
use crate::Encoding;
use crate::unpack::unpack;

const fn at(encoding: Encoding, width: u32, height: u32, fps: u32) -> Offer {
    Offer {
        format: Format { width, height, fps },
        encoding,
    }
}

use Encoding::{Bgr, Grey, Mjpeg, Nv12, Rgb, Yuyv};

const HD: Format = Format {
    width: 1280,
    height: 720,
    fps: 30,
};

#[test]
fn the_list_of_formats_decides() {
    let exact = |offer| Some(Choice::Exact(offer));
    let nearest = |offer| Some(Choice::Nearest(offer));
    let table: &[(&str, &[Offer], Option<Choice>)] = &[
        ("nothing", &[], None),
        (
            "only what makes no sense",
            &[at(Yuyv, 0, 720, 30), at(Yuyv, 1280, 720, 0)],
            None,
        ),
        (
            "a rate that suffices beats a packing that is liked",
            &[at(Yuyv, 1280, 720, 10), at(Mjpeg, 1280, 720, 30)],
            exact(at(Mjpeg, 1280, 720, 30)),
        ),
        (
            "the wanted rate, not 10, as nokhwa's Closest has it",
            &[
                at(Yuyv, 1280, 720, 10),
                at(Yuyv, 1280, 720, 30),
                at(Yuyv, 640, 480, 30),
            ],
            exact(at(Yuyv, 1280, 720, 30)),
        ),
        (
            "uncompressed before JPEG",
            &[
                at(Mjpeg, 1280, 720, 30),
                at(Bgr, 1280, 720, 30),
                at(Rgb, 1280, 720, 30),
                at(Yuyv, 1280, 720, 30),
            ],
            exact(at(Yuyv, 1280, 720, 30)),
        ),
        (
            "no faster than needed",
            &[at(Yuyv, 1280, 720, 120), at(Yuyv, 1280, 720, 60)],
            exact(at(Yuyv, 1280, 720, 60)),
        ),
        (
            "the fastest of the slow",
            &[
                at(Yuyv, 1280, 720, 5),
                at(Yuyv, 1280, 720, 15),
                at(Yuyv, 1280, 720, 10),
            ],
            nearest(at(Yuyv, 1280, 720, 15)),
        ),
        (
            "larger before smaller",
            &[
                at(Yuyv, 640, 480, 30),
                at(Mjpeg, 1920, 1080, 30),
                at(Mjpeg, 3840, 2160, 30),
            ],
            nearest(at(Mjpeg, 1920, 1080, 30)),
        ),
        (
            "the largest of the small",
            &[at(Yuyv, 320, 240, 30), at(Yuyv, 640, 480, 30)],
            nearest(at(Yuyv, 640, 480, 30)),
        ),
        (
            "the size before the rate",
            &[at(Yuyv, 640, 480, 30), at(Yuyv, 1280, 720, 5)],
            nearest(at(Yuyv, 1280, 720, 5)),
        ),
        // A camera with fractional rates only (7.5/s) lists nothing for them: nokhwa leaves them out.
        (
            "what is listed, when the wanted rate was fractional",
            &[at(Yuyv, 1280, 720, 8)],
            nearest(at(Yuyv, 1280, 720, 8)),
        ),
    ];
    for (name, offers, choice) in table {
        assert_eq!(choose(offers, HD), *choice, "{name}");
        let reversed: Vec<Offer> = offers.iter().rev().copied().collect();
        assert_eq!(choose(&reversed, HD), *choice, "{name}, in reverse");
    }
}

#[test]
fn a_format_that_we_cannot_unpack_is_no_offer() {
    let format = |packing| CameraFormat::new_from(640, 480, packing, 30);
    let sized = |packing, width, height| offer(&CameraFormat::new_from(width, height, packing, 30));
    assert_eq!(sized(FrameFormat::NV12, 640, 479), None);
    assert_eq!(sized(FrameFormat::NV12, 641, 480), None);
    assert_eq!(sized(FrameFormat::YUYV, 641, 480), None);
    for packing in [
        FrameFormat::YUYV,
        FrameFormat::MJPEG,
        FrameFormat::RAWRGB,
        FrameFormat::RAWBGR,
        FrameFormat::NV12,
        FrameFormat::GRAY,
    ] {
        assert_eq!(
            camera_format(offer(&format(packing)).unwrap()),
            format(packing)
        );
    }
}

#[test]
fn a_short_buffer_is_an_error_and_a_long_one_is_cut() {
    for (encoding, want) in [(Yuyv, 64), (Nv12, 48), (Grey, 32), (Rgb, 96), (Bgr, 96)] {
        let offer = at(encoding, 8, 4, 30);
        for got in [0, 1, want - 1] {
            let error = unpack("camera", offer, &vec![7; got], Instant::now()).expect_err("short");
            assert!(
                matches!(error, CameraError::Short { got: g, want: w, .. } if (g, w) == (got, want)),
                "{error}"
            );
        }
        for got in [want, want + 1, want + 4096] {
            let frame = unpack("camera", offer, &vec![7; got], Instant::now()).unwrap();
            assert_eq!(frame.luma().len(), 32);
            assert_eq!(frame.rgb().dimensions(), (8, 4));
        }
    }
}

#[test]
fn blue_first_is_turned_round() {
    let frame = unpack(
        "camera",
        at(Bgr, 2, 1, 30),
        &[1, 2, 3, 4, 5, 6],
        Instant::now(),
    )
    .unwrap();
    assert_eq!(frame.rgb().into_raw(), [3, 2, 1, 6, 5, 4]);
}

#[test]
fn a_jpeg_is_decoded_and_a_torn_or_foreign_one_is_an_error() {
    let picture =
        image::RgbImage::from_fn(32, 16, |x, y| image::Rgb([x as u8 * 8, y as u8 * 16, 128]));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95)
        .encode_image(&picture)
        .unwrap();
    let frame = unpack("camera", at(Mjpeg, 32, 16, 30), &jpeg, Instant::now()).unwrap();
    assert_eq!((frame.width, frame.height), (32, 16));
    assert!(
        frame
            .rgb()
            .pixels()
            .zip(picture.pixels())
            .all(|(a, b)| a.0[1].abs_diff(b.0[1]) < 24)
    );
    let other_size = unpack("camera", at(Mjpeg, 64, 16, 30), &jpeg, Instant::now());
    assert!(matches!(other_size, Err(CameraError::Short { .. })));
    for end in [0, 1, 20, 100, jpeg.len() - 1] {
        let torn = unpack(
            "camera",
            at(Mjpeg, 32, 16, 30),
            &jpeg[..end],
            Instant::now(),
        );
        assert!(matches!(torn, Err(CameraError::Unreadable { .. })), "{end}");
    }
}

#[test]
fn a_missing_camera_and_one_that_is_none_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let error = V4l2::open(folder.path().join("front"), HD).expect_err("missing");
    assert!(matches!(error, CameraError::Missing { .. }), "{error}");
    assert!(
        error.to_string().contains("front") && error.to_string().contains("plugged in"),
        "{error}"
    );
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "no camera").unwrap();
    let error = V4l2::open(&file, HD).expect_err("no camera");
    assert!(matches!(error, CameraError::NotACamera { .. }), "{error}");
}

#[test]
fn a_link_to_what_only_looks_like_a_camera_fails_when_a_frame_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    // A number that no machine has.
    let device = folder.path().join("video4094");
    std::fs::write(&device, "").unwrap();
    let link = folder.path().join("front-camera");
    std::os::unix::fs::symlink(&device, &link).unwrap();
    assert_eq!(index(&link).unwrap(), 4094);
    let mut camera = V4l2::open(&link, HD).unwrap();
    let error = camera.frame().expect_err("no such device");
    assert!(
        matches!(
            error,
            CameraError::Device {
                operation: "opening",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn only_video_nodes_have_numbers() {
    for (path, expected) in [
        ("/dev/video0", Some(0)),
        ("/dev/video12", Some(12)),
        ("/dev/media0", None),
        ("/dev/video", None),
        ("/dev/video0x", None),
        ("/", None),
    ] {
        assert_eq!(number(Path::new(path)), expected, "{path}");
    }
}

#[test]
fn a_camera_that_hangs_is_noticed_and_heard_again_when_it_comes_back() {
    let (put, frames) = newest();
    let worker = Worker {
        frames,
        patience: Duration::from_millis(20),
    };
    let mut camera = V4l2 {
        path: PathBuf::from("/dev/video0"),
        wanted: HD,
        tuning: Tuning::default(),
        screens: Arc::default(),
        worker: Some(worker),
    };
    assert!(matches!(camera.frame(), Err(CameraError::Stalled { .. })));
    put.put(unpack(
        "camera",
        at(Rgb, 1, 1, 30),
        &[1, 2, 3],
        Instant::now(),
    ))
    .unwrap();
    assert_eq!(camera.frame().unwrap().width, 1);
    drop(put);
    assert!(matches!(camera.frame(), Err(CameraError::Stopped { .. })));
}
