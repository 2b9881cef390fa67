//! Each reader on rendered frames, one after the other, on one thread.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Arc;

use anyhow::Result;
use camera::Frame;
use dock::cast::{Traveller, declared_by};
use dock::papers::Papers;
use evidence::{UtcOffset, mrz};
use image::RgbImage;
use pictures::{Conditions, Polarity, Scene};
use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use vision::Luma;
use vision::face::FaceReader;
use vision::mrz::MrzReader;
use vision::qr::CodeReader;

use crate::table::{Series, Unit, part};
use crate::{Effort, scratch};

const SIZES: [(u32, u32); 2] = [(1280, 720), (1920, 1080)];

/// Pictures of each kind; each is read in every round.
const PICTURES: usize = 12;
const ROUNDS: usize = 2;
/// Frames before the first that is counted.
const WARM_UP: usize = 2;

/// What the frames show, so that a reading can be held against it.
struct Truth {
    code: String,
    lines: Vec<String>,
}

/// One frame, as each reader wants it.
struct Shot {
    colour: RgbImage,
    luma: Vec<u8>,
}

impl Shot {
    fn view(&self) -> Result<Luma<'_>> {
        let (width, height) = (self.colour.width() as usize, self.colour.height() as usize);
        Ok(Luma::new(width, height, width, &self.luma)?)
    }
}

struct Shots {
    /// As few travellers hold it: askew, smeared, dim or glaring.
    hard_phones: Vec<Shot>,
    hard_pages: Vec<Shot>,
    hard_people: Vec<Shot>,
    phones: Vec<Shot>,
    pages: Vec<Shot>,
    people: Vec<Shot>,
    halls: Vec<Shot>,
}

/// How many of how many frames were read.
#[derive(Default)]
struct Rate {
    right: usize,
    wrong: usize,
    all: usize,
}

impl Rate {
    fn count(&mut self, right: bool, wrong: bool) {
        self.all += 1;
        self.right += usize::from(right);
        self.wrong += usize::from(wrong);
    }

    fn words(&self) -> String {
        format!("read {} of {}, {} wrong", self.right, self.all, self.wrong)
    }
}

pub(crate) fn measure(effort: Effort) -> Result<()> {
    vision::qr::hush_isolated_panics();
    part(
        "vision",
        "milliseconds a frame, one thread; drawn frames: as most travellers hold things, and hard ones (askew, smeared, dim, glaring)",
    );
    let anna = Traveller::specimen(0)?;
    let folder = scratch()?;
    let papers = Papers::lay_out(folder.path(), dock::rig::now())?;
    let today = papers.now.date_at(UtcOffset::UTC);
    let truth = Truth {
        code: papers.code(&declared_by(&[&anna], today)?)?,
        lines: mrz::compose(&anna.document)?,
    };
    let (mut codes, mut zones) = (CodeReader::new(), MrzReader::new()?);
    let mut faces = FaceReader::load(&dock::rig::models())?;
    for size in SIZES {
        let shots = take(size, &anna, &truth.code, effort.of(PICTURES))?;
        let rounds = effort.of(ROUNDS);
        let named = |what: &str| format!("{what} {}x{}", size.0, size.1);
        let mut cascade = |luma: Luma<'_>| {
            let read = codes.read(luma);
            read.into_iter().map(|code| code.text).collect()
        };
        qr(
            &named("QR, in view"),
            &shots.phones,
            rounds,
            &truth,
            &mut cascade,
        )?;
        qr(
            &named("QR, in view but hard"),
            &shots.hard_phones,
            rounds,
            &truth,
            &mut cascade,
        )?;
        qr(
            &named("QR, not in view"),
            &shots.halls,
            rounds,
            &truth,
            &mut cascade,
        )?;
        qr(
            &named("QR, a passport in view"),
            &shots.pages,
            rounds,
            &truth,
            &mut cascade,
        )?;
        qr(
            &named("QR by rxing alone, in view"),
            &shots.phones,
            rounds,
            &truth,
            &mut rxing_alone,
        )?;
        qr(
            &named("QR by rxing alone, in view but hard"),
            &shots.hard_phones,
            rounds,
            &truth,
            &mut rxing_alone,
        )?;
        qr(
            &named("QR by rxing alone, not in view"),
            &shots.halls,
            rounds,
            &truth,
            &mut rxing_alone,
        )?;
        without_panics_printed(|| {
            qr(
                &named("QR by rqrr alone, in view"),
                &shots.phones,
                rounds,
                &truth,
                &mut rqrr_alone,
            )?;
            qr(
                &named("QR by rqrr alone, in view but hard"),
                &shots.hard_phones,
                rounds,
                &truth,
                &mut rqrr_alone,
            )?;
            qr(
                &named("QR by rqrr alone, not in view"),
                &shots.halls,
                rounds,
                &truth,
                &mut rqrr_alone,
            )
        })?;
        zone(
            &named("MRZ, in view"),
            &shots.pages,
            rounds,
            &truth,
            &mut zones,
        )?;
        zone(
            &named("MRZ, in view but hard"),
            &shots.hard_pages,
            rounds,
            &truth,
            &mut zones,
        )?;
        zone(
            &named("MRZ, not in view"),
            &shots.halls,
            rounds,
            &truth,
            &mut zones,
        )?;
        find(
            &named("face found, in view"),
            &shots.people,
            rounds,
            1,
            &mut faces,
        );
        find(
            &named("face found, in view but hard"),
            &shots.hard_people,
            rounds,
            1,
            &mut faces,
        );
        find(
            &named("face found, not in view"),
            &shots.halls,
            rounds,
            0,
            &mut faces,
        );
        embed(
            &named("face compared (template made)"),
            &shots.people,
            rounds,
            &mut faces,
        )?;
    }
    Ok(())
}

fn take(size: (u32, u32), anna: &Traveller, code: &str, count: usize) -> Result<Shots> {
    let (phone, page) = (Scene::phone(code, Polarity::DarkOnLight)?, anna.page()?);
    let (person, hall) = (anna.face()?, Scene::hall());
    let taken = |scene: &Scene, under: fn(u64) -> Conditions| {
        (1..=count as u64)
            .map(|seed| {
                let colour = scene.frame(size, &under(seed))?;
                let luma = Frame::from_rgb(colour.clone()).luma();
                Ok(Shot { colour, luma })
            })
            .collect::<Result<Vec<_>>>()
    };
    Ok(Shots {
        hard_phones: taken(&phone, Conditions::hard)?,
        hard_pages: taken(&page, Conditions::hard)?,
        hard_people: taken(&person, Conditions::hard)?,
        phones: taken(&phone, Conditions::ordinary)?,
        pages: taken(&page, Conditions::ordinary)?,
        people: taken(&person, Conditions::ordinary)?,
        halls: taken(&hall, Conditions::ordinary)?,
    })
}

fn qr(
    what: &str,
    shots: &[Shot],
    rounds: usize,
    truth: &Truth,
    read: &mut dyn FnMut(Luma<'_>) -> Vec<String>,
) -> Result<()> {
    let (mut series, mut rate) = (Series::new(Unit::Milliseconds), Rate::default());
    for shot in shots.iter().take(WARM_UP) {
        drop(read(shot.view()?));
    }
    for shot in (0..rounds).flat_map(|_| shots) {
        let view = shot.view()?;
        let texts = series.time(|| read(view));
        let right = texts.contains(&truth.code);
        rate.count(right, texts.iter().any(|text| *text != truth.code));
    }
    series.tell(what, &rate.words());
    Ok(())
}

fn zone(
    what: &str,
    shots: &[Shot],
    rounds: usize,
    truth: &Truth,
    reader: &mut MrzReader,
) -> Result<()> {
    let (mut series, mut rate) = (Series::new(Unit::Milliseconds), Rate::default());
    let mut refused = 0;
    for shot in shots.iter().take(WARM_UP) {
        drop(reader.read(shot.view()?));
    }
    for shot in (0..rounds).flat_map(|_| shots) {
        let view = shot.view()?;
        let zone = series.time(|| reader.read(view));
        let lines = zone.map(|zone| zone.lines.clone()).unwrap_or_default();
        let right = lines == truth.lines;
        let seen: Vec<&str> = lines.iter().map(String::as_str).collect();
        let believed = mrz::is_valid(&seen);
        refused += usize::from(!lines.is_empty() && !believed);
        rate.count(right, believed && !right);
    }
    series.tell(
        what,
        &format!(
            "{} with good check digits, {refused} refused by them",
            rate.words()
        ),
    );
    Ok(())
}

fn find(what: &str, shots: &[Shot], rounds: usize, people: usize, reader: &mut FaceReader) {
    let (mut series, mut rate) = (Series::new(Unit::Milliseconds), Rate::default());
    if let Some(shot) = shots.first() {
        drop(reader.find(&shot.colour));
    }
    for shot in (0..rounds).flat_map(|_| shots) {
        let found = series.time(|| reader.find(&shot.colour)).len();
        rate.count(found > 0, found > people);
    }
    series.tell(
        what,
        &format!(
            "found {} of {}, {} one too many",
            rate.right, rate.all, rate.wrong
        ),
    );
}

fn embed(what: &str, shots: &[Shot], rounds: usize, reader: &mut FaceReader) -> Result<()> {
    let mut series = Series::new(Unit::Milliseconds);
    for shot in shots {
        let found = reader.find(&shot.colour);
        let Some(face) = found.first() else { continue };
        drop(reader.embed(&shot.colour, face));
        for _ in 0..rounds {
            series.time(|| reader.embed(&shot.colour, face));
        }
    }
    series.tell(what, "");
    Ok(())
}

/// As its documentation shows it, told to try the negative too, as our own reader does.
fn rxing_alone(luma: Luma<'_>) -> Vec<String> {
    let size = (u32::try_from(luma.width), u32::try_from(luma.height));
    let (Ok(width), Ok(height)) = size else {
        return Vec::new();
    };
    let read = catch_unwind(|| {
        let mut hints = DecodeHints {
            TryHarder: Some(true),
            AlsoInverted: Some(true),
            ..DecodeHints::default()
        };
        let wanted = Some(BarcodeFormat::QR_CODE);
        detect_in_luma_slice_with_hints(luma.bytes, width, height, wanted, &mut hints).ok()
    });
    let code = read.ok().flatten();
    code.iter().map(|code| code.getText().to_owned()).collect()
}

/// As its documentation shows it. It asserts on some pictures; they count as not read.
fn rqrr_alone(luma: Luma<'_>) -> Vec<String> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let pixel = |x: usize, y: usize| luma.row(y).get(x).copied().unwrap_or(0);
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(luma.width, luma.height, pixel);
        let grids = picture.detect_grids();
        grids
            .iter()
            .filter_map(|grid| Some(grid.decode().ok()?.1))
            .collect()
    }));
    read.unwrap_or_default()
}

fn without_panics_printed<T>(work: impl FnOnce() -> T) -> T {
    let usual = Arc::new(take_hook());
    set_hook(Box::new(|_| {}));
    let result = work();
    set_hook(Box::new(move |panic| usual(panic)));
    result
}
