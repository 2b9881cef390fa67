//! After `Forget` the person's pixels are nowhere in the program's memory: not in a frame, and not in what the libraries that read it
//! have freed. The test looks for them as a debugger would, in every page that the program may write.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use image::{DynamicImage, GrayImage};
use pictures::{Conditions, PassportPage, Portrait, Scene};
use tokio::sync::mpsc::unbounded_channel;
use zeroize::Zeroize as _;

use super::*;

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
/// A bar's width, pixels: a picture that was made eight times smaller still has four of each.
const BAR: u32 = 32;
const BARS: usize = (WIDTH / BAR) as usize;
/// So many bars in a row, with the right levels, are no accident.
const ENOUGH: usize = 10;

/// The person: grey bars of random levels, which stand for her pixels. They are kept masked, so that the test is not what it finds.
struct Person {
    masked: [u8; BARS],
    mask: u8,
}

impl Person {
    fn new() -> Self {
        let random = RandomState::new();
        let mut levels = [0; BARS];
        let mut last = 0;
        for (at, level) in levels.iter_mut().enumerate() {
            // Neighbours differ by 20 at least, and none is black or white.
            *level = (0_u32..)
                .map(|turn| 40 + (random.hash_one((at, turn)) % 180) as u8)
                .find(|level| level.abs_diff(last) >= 20)
                .unwrap();
            last = *level;
        }
        let mask = (random.hash_one("mask") as u8) | 0x81;
        Self {
            masked: levels.map(|level| level ^ mask),
            mask,
        }
    }

    fn level(&self, bar: usize) -> u8 {
        self.masked[bar] ^ self.mask
    }

    /// The person's picture as a camera would give it: bars throughout.
    fn frame(&self) -> Frame {
        self.frame_with(&Shown {
            grey: GrayImage::new(WIDTH, HEIGHT),
            bars: 0..HEIGHT,
        })
    }

    /// Bars across what is shown.
    fn frame_with(&self, shown: &Shown) -> Frame {
        let mut yuyv = Zeroizing::new(Vec::with_capacity((WIDTH * HEIGHT * 2) as usize));
        for (x, y, pixel) in shown.grey.enumerate_pixels() {
            let level = match shown.bars.contains(&y) {
                true => self.level((x / BAR) as usize),
                false => pixel.0[0],
            };
            yuyv.extend([level, 128]);
        }
        Frame::from_yuyv(WIDTH, HEIGHT, &yuyv, Instant::now()).unwrap()
    }

    /// How many of the bars from `first` on these values follow, on whatever scale of brightness: bytes of luma, bytes of colour,
    /// a network's numbers.
    fn follows(&self, values: &[f32], first: usize) -> bool {
        let level = |bar: usize| f32::from(self.level(first + bar));
        let (base, step) = (values[0], values[1] - values[0]);
        let scale = step / (level(1) - level(0));
        // A converted level is off by one, and the scale is taken from as little as 20.
        let near = |(bar, value): (usize, &f32)| {
            let expected = base + (level(bar) - level(0)) * scale;
            (value - expected).abs() <= scale.abs() * 8.0
        };
        scale != 0.0 && scale.is_finite() && values.iter().enumerate().all(near)
    }

    fn is_in(&self, values: &[f32]) -> bool {
        (0..=BARS - values.len()).any(|first| self.follows(values, first))
    }
}

/// What readers find, so that they keep what they keep of people, and the rows that the bars cross: within what is cut out and kept of
/// it.
struct Shown {
    grey: GrayImage,
    bars: Range<u32>,
}

impl Shown {
    /// A passport's page; the bars cross its portrait's shoulders.
    fn page() -> Self {
        let lines = [
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ];
        let page = PassportPage::specimen(lines.map(str::to_owned).to_vec(), Portrait::original());
        Self::drawn(&Scene::passport(&page).unwrap(), |[upper, _, lower, _]| {
            upper + (lower - upper) * 0.62
        })
    }

    /// A face before the camera; the bars cross the neck.
    fn face() -> Self {
        let person = Scene::person(&Portrait::original()).unwrap();
        Self::drawn(&person, |[_, _, lower, _]| lower)
    }

    /// The bars begin at a height that lies by the upper left, upper right, lower right and lower left corner's.
    fn drawn(scene: &Scene, begin: impl Fn([f32; 4]) -> f32) -> Self {
        let (size, conditions) = ((WIDTH, HEIGHT), Conditions::perfect(2));
        let corners = scene.corners(size, &conditions).remove(0);
        let begin = (begin(corners.map(|corner| corner.1)) as u32).min(HEIGHT - 40);
        let colours = scene.frame(size, &conditions).unwrap();
        Self {
            grey: DynamicImage::ImageRgb8(colours).into_luma8(),
            bars: begin..begin + 40,
        }
    }
}

/// Runs of equal values in memory, the way a row of bars looks in any packing.
struct Runs {
    values: Vec<f32>,
    last: u64,
    length: usize,
    mixed: usize,
}

/// Between two bars lie words of both: one as they were taken, and some more once they were resized or filtered.
const MOST_MIXED: usize = 4;
/// A longer run of equal words is no bar of any size.
const LONGEST_RUN: usize = 64;

impl Runs {
    const fn new() -> Self {
        Self {
            values: Vec::new(),
            last: 0,
            length: 0,
            mixed: 0,
        }
    }

    /// One more word of memory; true when the person is in what came before it.
    fn next(&mut self, word: u64, person: &Person) -> bool {
        if word == self.last {
            self.length += 1;
            return false;
        }
        let length = std::mem::replace(&mut self.length, 1);
        let ended = std::mem::replace(&mut self.last, word);
        let value = uniform(ended).filter(|_| length <= LONGEST_RUN);
        let Some(value) = value else {
            self.mixed += length;
            if self.mixed > MOST_MIXED {
                self.values.clear();
            }
            return false;
        };
        self.mixed = 0;
        if self.values.last() != Some(&value) {
            self.values.push(value);
        }
        let Some(at) = self.values.len().checked_sub(ENOUGH) else {
            return false;
        };
        let found = person.is_in(&self.values[at..]);
        if found {
            self.values.clear();
        } else {
            self.values.drain(..=at);
        }
        found
    }
}

/// The value of a word that holds one value throughout: eight equal bytes, or two equal floats.
fn uniform(word: u64) -> Option<f32> {
    let byte = word as u8;
    if word == u64::from(byte) * 0x0101_0101_0101_0101 {
        return Some(f32::from(byte));
    }
    let (low, high) = (word as u32, (word >> 32) as u32);
    let value = f32::from_bits(low);
    (low == high && value.is_finite() && value.abs() > 1e-6 && value.abs() < 1e6).then_some(value)
}

/// Where the person is in this program's writable memory: the range and how many times.
fn found(person: &Person) -> Vec<(String, usize)> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut buffer = Zeroizing::new(vec![0_u8; 1 << 20]);
    let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
    let mut found = Vec::new();
    for (name, range) in writable() {
        let mut runs = Runs::new();
        let mut times = 0;
        let mut at = range.start;
        while at < range.end {
            let length = buffer.len().min((range.end - at) as usize);
            // A range that went away meanwhile, or that no process may read, holds nothing.
            let Ok(()) = memory.read_exact_at(&mut buffer[..length], at) else {
                break;
            };
            for (offset, word) in (at..).step_by(8).zip(buffer[..length].chunks_exact(8)) {
                let word = match own.contains(&offset) {
                    true => 0,
                    false => u64::from_ne_bytes(word.try_into().unwrap()),
                };
                times += usize::from(runs.next(word, person));
            }
            at += length as u64;
        }
        if times > 0 {
            found.push((name, times));
        }
    }
    found
}

fn writable() -> Vec<(String, Range<u64>)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let line = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let hex = |text| u64::from_str_radix(text, 16).ok();
        let name = rest.rsplit(' ').next()?.to_owned();
        rest.starts_with("rw")
            .then_some((name, hex(start)?..hex(end)?))
    };
    maps.lines().filter_map(line).collect()
}

/// A camera before which the person stands until she has gone.
struct Before {
    person: Arc<Person>,
    shown: Shown,
    there: Arc<AtomicBool>,
    frames: Arc<AtomicU64>,
}

impl Source for Before {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        // As fast as it is taken: the readers decide the pace.
        std::thread::yield_now();
        self.frames.fetch_add(1, Ordering::Relaxed);
        if self.there.load(Ordering::Relaxed) {
            return Ok(self.person.frame_with(&self.shown));
        }
        let hall = vec![60; (WIDTH * HEIGHT) as usize];
        Ok(Frame::from_luma(WIDTH, HEIGHT, hall, Instant::now()).unwrap())
    }

    fn describe(&self) -> String {
        "somebody".to_owned()
    }
}

fn models() -> std::path::PathBuf {
    std::env::var_os("SEKISHO_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
        Into::into,
    )
}

#[test]
fn a_frame_is_found_while_it_is_there_at_any_size_and_not_afterwards() {
    let person = Person::new();
    assert_eq!(found(&person), []);
    let frame = person.frame();
    assert!(!found(&person).is_empty(), "as luma");
    let small = frame.reduced(4);
    drop(frame);
    assert!(!found(&person).is_empty(), "as a small picture in colour");
    let mut floats: Vec<f32> = small
        .as_raw()
        .iter()
        .map(|&v| f32::from(v) / 127.5 - 1.0)
        .collect();
    small.into_raw().zeroize();
    assert!(!found(&person).is_empty(), "as a network's input");
    floats.zeroize();
    assert_eq!(found(&person), []);
}

#[test]
fn what_is_freed_is_overwritten_whoever_freed_it() {
    let person = Person::new();
    let frame = person.frame();
    // As a library would: copied, and dropped as they are, between others that stay.
    let copies: Vec<_> = (0..20)
        .map(|_| (frame.luma_plane()[..60_000].to_vec(), Box::new(1_u8)))
        .collect();
    let (copies, between): (Vec<_>, Vec<_>) = copies.into_iter().unzip();
    drop(copies);
    drop(frame);
    assert_eq!(found(&person), []);
    drop(between);
}

#[test]
fn after_forget_nothing_of_the_person_is_in_memory() {
    let person = Arc::new(Person::new());
    let there = Arc::new(AtomicBool::new(true));
    let frames = Arc::new(AtomicU64::new(0));
    let before = |shown| Before {
        person: Arc::clone(&person),
        shown,
        there: Arc::clone(&there),
        frames: Arc::clone(&frames),
    };
    let lenses = Lenses {
        documents: Capture::start(before(Shown::page())).unwrap(),
        faces: Capture::start(before(Shown::face())).unwrap(),
    };
    let (told, mut sights) = unbounded_channel();
    let (shown, pictures) = channel();
    let eyes = Eyes::load(&models()).unwrap();
    let watch = Watch::start(eyes, lenses, told, move |live| {
        // Drawn and gone; the screen has its own promise.
        let _ = shown.send(live.camera);
    })
    .unwrap();
    for looking in [Looking::Documents, face()] {
        watch.look(looking);
        // Every reader of these cameras sees the person several times and finds what it looks for, and the screen shows her.
        let (mut readings, mut seen) = (0, false);
        while readings < 6 || !seen {
            readings += usize::from(watch.desk.reads_after(PATIENCE));
            while let Ok(sight) = sights.try_recv() {
                seen |= matches!(
                    sight,
                    Sight::Zone {
                        portrait: Some(_),
                        ..
                    } | Sight::Face {
                        picture: Some(_),
                        ..
                    }
                );
            }
            assert!(readings < 500, "nothing of her is recognised");
        }
        pictures.recv_timeout(PATIENCE).unwrap();
    }
    assert!(!found(&person).is_empty(), "she stands there");
    // Nothing more is read, so that nothing overwrites what her last reading left; then she goes, and her journey ends.
    watch.look(Looking::Nothing);
    watch.desk.is_idle(PATIENCE);
    there.store(false, Ordering::Relaxed);
    let at = frames.load(Ordering::Relaxed);
    while frames.load(Ordering::Relaxed) < at + 8 {
        std::thread::yield_now();
    }
    watch.forget();
    assert!(watch.desk.is_idle(PATIENCE));
    drop(sights);
    assert_eq!(found(&person), []);
}
