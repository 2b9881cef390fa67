//! What stands in for a camera, and the capture that runs it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use camera::{Aim, CameraError, Capture, Frame, Health, Pictures, Source, Stage};
use image::{Rgb, RgbImage};

/// Generous: a loaded machine must not fail a test.
const PATIENCE: Duration = Duration::from_secs(20);

fn plain(shade: u8) -> RgbImage {
    RgbImage::from_pixel(4, 3, Rgb([shade, shade, shade]))
}

fn shade(frame: &Frame) -> u8 {
    frame.luma()[0]
}

/// Writes a picture the way one should: aside, then renamed into place.
fn swap(folder: &Path, name: &str, shade: u8) {
    let aside = folder.join("aside.tmp");
    plain(shade)
        .save_with_format(&aside, image::ImageFormat::Png)
        .unwrap();
    fs::rename(aside, folder.join(name)).unwrap();
}

#[test]
fn a_folder_plays_in_the_order_of_names_and_is_read_again_each_round() {
    let folder = tempfile::tempdir().unwrap();
    for (name, shade) in [("b.png", 20), ("a.png", 10), ("c.PNG", 30)] {
        swap(folder.path(), name, shade);
    }
    fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
    let mut pictures = Pictures::open(folder.path(), 1000).unwrap();
    let mut round = |count: usize| {
        (0..count)
            .map(|_| shade(&pictures.frame().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(round(6), [10, 20, 30, 10, 20, 30]);
    swap(folder.path(), "b.png", 99);
    swap(folder.path(), "d.png", 40);
    assert_eq!(round(4), [10, 99, 30, 40]);
    fs::remove_file(folder.path().join("a.png")).unwrap();
    assert_eq!(round(3), [99, 30, 40]);
}

#[test]
fn one_file_shows_what_stands_in_it_now() {
    let folder = tempfile::tempdir().unwrap();
    swap(folder.path(), "scene.png", 1);
    let mut pictures = Pictures::open(folder.path().join("scene.png"), 1000).unwrap();
    for now in [1_u8, 50, 51, 200] {
        swap(folder.path(), "scene.png", now);
        assert_eq!(shade(&pictures.frame().unwrap()), now);
        assert_eq!(shade(&pictures.frame().unwrap()), now);
    }
}

#[test]
fn a_broken_picture_is_named_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    swap(folder.path(), "a.png", 10);
    swap(folder.path(), "c.png", 30);
    let whole = fs::read(folder.path().join("a.png")).unwrap();
    fs::write(folder.path().join("b.png"), &whole[..whole.len() / 2]).unwrap();
    let mut pictures = Pictures::open(folder.path(), 1000).unwrap();
    for _round in 0..2 {
        assert_eq!(shade(&pictures.frame().unwrap()), 10);
        let error = pictures.frame().expect_err("half a picture");
        assert!(
            matches!(&error, CameraError::Unreadable { name, .. } if name.ends_with("b.png")),
            "{error}"
        );
        assert_eq!(shade(&pictures.frame().unwrap()), 30);
    }
}

/// A few bytes can say that they are a hundred million pixels.
#[test]
fn a_picture_that_no_camera_gives_is_refused_before_it_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = std::io::Cursor::new(Vec::new());
    plain(9)
        .write_to(&mut small, image::ImageFormat::Jpeg)
        .unwrap();
    let small = small.into_inner();
    // The size stands in the frame header (ITU-T T.81, B.2.2).
    let header = small
        .windows(2)
        .position(|two| two == [0xFF, 0xC0])
        .unwrap();
    let jpeg = |high: u16, wide: u16| {
        let mut bytes = small.clone();
        bytes[header + 5..header + 7].copy_from_slice(&high.to_be_bytes());
        bytes[header + 7..header + 9].copy_from_slice(&wide.to_be_bytes());
        bytes
    };
    for (high, wide) in [(16_000, 10_264), (8_000, 8_000)] {
        fs::write(folder.path().join("a.jpg"), jpeg(high, wide)).unwrap();
        let mut pictures = Pictures::open(folder.path().join("a.jpg"), 1000).unwrap();
        let error = pictures.frame().expect_err("too large");
        let size = format!("{wide} x {high}");
        let refused = matches!(error, CameraError::TooLarge { .. });
        assert!(refused && error.to_string().contains(&size), "{error}");
    }
}

#[test]
fn a_picture_is_shown_on_white_where_it_is_transparent() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("code.png");
    image::RgbaImage::new(4, 3).save(&at).unwrap();
    let frame = Pictures::open(&at, 1000).unwrap().frame().unwrap();
    assert_eq!(frame.rgb().get_pixel(1, 1).0, [255; 3]);
}

#[test]
fn no_folder_and_an_empty_one_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let error = Pictures::open(folder.path().join("nowhere"), 10).expect_err("missing");
    assert!(matches!(error, CameraError::Missing { .. }), "{error}");
    let error = Pictures::open(folder.path(), 1000)
        .unwrap()
        .frame()
        .expect_err("empty");
    assert!(matches!(error, CameraError::Empty { .. }), "{error}");
}

#[test]
fn the_stage_shows_the_newest_scene_to_every_reader() {
    let stage = Stage::new();
    let mut one = Capture::start(stage.clone()).unwrap();
    let mut two = one.clone();
    for now in [10, 20, 30] {
        stage.show(plain(now));
        for reader in [&mut one, &mut two] {
            while shade(&reader.newest(PATIENCE).unwrap()) != now {}
        }
    }
}

/// A camera that does what the test says.
struct Scripted(Receiver<Result<Frame, CameraError>>);

impl Scripted {
    fn new() -> (Sender<Result<Frame, CameraError>>, Self) {
        let (script, lines) = channel();
        (script, Self(lines))
    }
}

impl Source for Scripted {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        self.0.recv().unwrap_or_else(|_| {
            Err(CameraError::Stopped {
                name: self.describe(),
            })
        })
    }
    fn describe(&self) -> String {
        "a script".to_owned()
    }
}

fn ill() -> Result<Frame, CameraError> {
    Err(CameraError::Stalled {
        name: "a script".to_owned(),
        after: Duration::ZERO,
    })
}

#[test]
fn a_slow_reader_misses_frames_and_never_sees_one_twice_or_an_old_one() {
    let (script, source) = Scripted::new();
    let mut capture = Capture::start(source).unwrap();
    script.send(Ok(Frame::from_rgb(plain(1)))).unwrap();
    assert_eq!(shade(&capture.newest(PATIENCE).unwrap()), 1);
    let again = capture
        .newest(Duration::from_millis(20))
        .expect_err("seen already");
    assert!(matches!(again, CameraError::Stalled { .. }), "{again}");
    let mut other = capture.clone();
    for now in 2..=9 {
        script.send(Ok(Frame::from_rgb(plain(now)))).unwrap();
    }
    while shade(&other.newest(PATIENCE).unwrap()) != 9 {}
    assert_eq!(
        shade(&capture.newest(PATIENCE).unwrap()),
        9,
        "the newest only"
    );
}

#[test]
fn illness_and_recovery_are_told_once_each() {
    let (script, source) = Scripted::new();
    let mut capture = Capture::start(source).unwrap();
    assert!(matches!(capture.health(), Health::Starting));
    script.send(ill()).unwrap();
    assert!(matches!(capture.turn(PATIENCE), Some(Health::Ill(_))));
    script.send(ill()).unwrap();
    script.send(Ok(Frame::from_rgb(plain(5)))).unwrap();
    assert!(
        matches!(capture.turn(PATIENCE), Some(Health::Working)),
        "the second failure is no news"
    );
    script.send(ill()).unwrap();
    assert!(matches!(capture.turn(PATIENCE), Some(Health::Ill(_))));
    assert_eq!(shade(&capture.newest(PATIENCE).unwrap()), 5);
}

#[test]
fn what_is_forgotten_is_not_shown_again() {
    let (script, source) = Scripted::new();
    let mut capture = Capture::start(source).unwrap();
    let mut other = capture.clone();
    script.send(Ok(Frame::from_rgb(plain(5)))).unwrap();
    capture.newest(PATIENCE).unwrap();
    capture.forget();
    assert!(other.newest(Duration::from_millis(20)).is_err());
    script.send(Ok(Frame::from_rgb(plain(6)))).unwrap();
    assert_eq!(shade(&other.newest(PATIENCE).unwrap()), 6);
}

#[test]
fn the_thread_ends_with_the_last_reader() {
    let (script, source) = Scripted::new();
    let capture = Capture::start(source).unwrap();
    drop(capture.clone());
    script.send(Ok(Frame::from_rgb(plain(1)))).unwrap();
    drop(capture);
    // The script's other end goes away with the thread.
    while script.send(Ok(Frame::from_rgb(plain(1)))).is_ok() {
        std::thread::yield_now();
    }
}

/// A camera that says what it was aimed at, in its frames' shade.
struct Aimed(Receiver<()>, u8);

impl Source for Aimed {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        self.0
            .recv()
            .map_or_else(|_| ill(), |()| Ok(Frame::from_rgb(plain(self.1))))
    }
    fn describe(&self) -> String {
        "a camera that can be aimed".to_owned()
    }
    fn aim(&mut self, aim: Aim) {
        self.1 += match aim {
            Aim::Scene => 1,
            Aim::Screens => 100,
        };
    }
}

#[test]
fn a_change_of_aim_reaches_the_source_once_before_its_next_frame() {
    let (tick, ticks) = channel();
    let mut capture = Capture::start(Aimed(ticks, 0)).unwrap();
    let mut after = |aim: Option<Aim>, frames: usize| {
        let seen: Vec<u8> = (0..frames)
            .map(|_| {
                tick.send(()).unwrap();
                shade(&capture.newest(PATIENCE).unwrap())
            })
            .collect();
        aim.into_iter().for_each(|aim| capture.aim(aim));
        seen
    };
    assert_eq!(after(Some(Aim::Screens), 1), [0]);
    // The source was waiting for its next frame already; the one after that is aimed.
    assert_eq!(after(Some(Aim::Screens), 3)[1..], [100, 100]);
    assert_eq!(after(Some(Aim::Scene), 1), [100]);
    assert_eq!(after(None, 3)[1..], [101, 101]);
}
