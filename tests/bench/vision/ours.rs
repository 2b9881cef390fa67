//! The far end of [`super::process`] for readers in Rust: ours, all loaded, and rxing and rqrr alone.

use std::io::{BufRead as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use image::{GrayImage, RgbImage};
use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use serde_json::{Value, json};
use vision::Luma;
use vision::face::{Advice, BestShot, FaceReader, measure};
use vision::mrz::{MrzReader, MrzSighting, MrzTrail};
use vision::qr::CodeReader;

use super::judged::UNCOVER;

/// Answers orders on standard input until it ends.
///
/// # Errors
/// When a picture cannot be read, or the models cannot.
pub(crate) fn serve(name: &str) -> Result<()> {
    vision::qr::hush_isolated_panics();
    let mut reader: Box<dyn Reader> = match name {
        "ours" => Box::new(Ours::load()?),
        "rxing" => Box::new(Rxing),
        "rqrr" => {
            // It asserts on some pictures; they count as not read.
            std::panic::set_hook(Box::new(|_| {}));
            Box::new(Rqrr)
        }
        other => bail!("there is no reader {other}"),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "about": reader.about() }))?;
    for line in std::io::stdin().lock().lines() {
        let order: Value = serde_json::from_str(&line?)?;
        let answer = match order["task"].as_str().unwrap_or_default() {
            "peak" => json!({ "peak_kib": peak() }),
            task => {
                if order["fresh"] == true {
                    reader.begin();
                }
                let picture = Picture::open(&order["picture"], task)?;
                reader.read(task, &picture, &order)?
            }
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// The most memory that this process has held, from proc(5).
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

struct Picture {
    grey: GrayImage,
    colour: RgbImage,
}

impl Picture {
    fn open(path: &Value, task: &str) -> Result<Self> {
        let path = path.as_str().context("a picture's path")?;
        let picture = image::open(path).with_context(|| path.to_owned())?;
        Ok(
            if matches!(task, "face" | "likeness" | "covering" | "best") {
                Self {
                    grey: GrayImage::new(0, 0),
                    colour: picture.into_rgb8(),
                }
            } else {
                Self {
                    grey: picture.into_luma8(),
                    colour: RgbImage::new(0, 0),
                }
            },
        )
    }

    fn luma(&self) -> Luma<'_> {
        Luma::from(&self.grey)
    }
}

trait Reader {
    fn about(&self) -> String;
    /// Another subject comes before the camera.
    fn begin(&mut self) {}
    fn read(&mut self, task: &str, picture: &Picture, order: &Value) -> Result<Value>;
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let result = std::hint::black_box(work());
    (result, begun.elapsed().as_secs_f64() * 1e3)
}

/// What the lane runs.
struct Ours {
    codes: CodeReader,
    zones: MrzReader,
    trail: MrzTrail,
    faces: FaceReader,
    burst: BestShot,
}

impl Ours {
    fn load() -> Result<Self> {
        Ok(Self {
            codes: CodeReader::new(),
            zones: MrzReader::new()?,
            trail: MrzTrail::default(),
            faces: FaceReader::load(&dock::rig::models())?,
            burst: BestShot::new(),
        })
    }
}

impl Ours {
    /// One more frame of a burst: what it is worth, and whether it is the best so far.
    fn rated(&mut self, picture: &RgbImage) -> Value {
        let (face, ms) = timed(|| self.faces.find(picture).into_iter().next());
        let Some(face) = face else {
            return json!({ "ms": ms });
        };
        let measures: serde_json::Map<String, Value> = measure(picture, &face.landmarks)
            .into_iter()
            .map(|m| (format!("{:?}", m.component), json!([m.native, m.scalar])))
            .collect();
        let score = face.quality.score.per_mille();
        self.burst.offer(picture.clone(), face.clone());
        let best = self.burst.best().is_some_and(|shot| *shot.face() == face);
        json!({ "ms": ms, "score": score, "best": best, "landmarks": face.landmarks, "measures": measures })
    }
}

impl Reader for Ours {
    fn about(&self) -> String {
        "all our readers in one process".to_owned()
    }

    fn begin(&mut self) {
        self.codes = CodeReader::new();
        self.trail.forget();
        self.burst.clear();
    }

    fn read(&mut self, task: &str, picture: &Picture, order: &Value) -> Result<Value> {
        Ok(match task {
            "code" => {
                let (codes, ms) = timed(|| self.codes.read(picture.luma()));
                let texts: Vec<&str> = codes.iter().map(|code| code.text.as_str()).collect();
                json!({ "ms": ms, "codes": texts })
            }
            "zone" => {
                let (zone, ms) = timed(|| self.zones.read(picture.luma()));
                let lines = zone.map(|zone| zone.lines.clone()).unwrap_or_default();
                json!({ "ms": ms, "lines": lines })
            }
            "tracked-zone" => {
                let (seen, ms) = timed(|| self.zones.follow(picture.luma(), &mut self.trail));
                // What is vague is for a vote, and is never told alone.
                let lines = match seen {
                    Some(MrzSighting::Clear(zone)) => zone.lines.clone(),
                    Some(MrzSighting::Vague(_)) | None => Vec::new(),
                };
                json!({ "ms": ms, "lines": lines })
            }
            "face" => {
                let (faces, ms) = timed(|| self.faces.find(&picture.colour));
                json!({ "ms": ms, "faces": faces.len() })
            }
            "likeness" => {
                let known = Picture::open(&order["known"], task)?;
                let Some(face) = self.faces.find(&known.colour).into_iter().next() else {
                    return Ok(json!({ "ms": 0.0 }));
                };
                let reference = self.faces.embed(&known.colour, &face);
                let (likeness, ms) = timed(|| {
                    let face = self.faces.find(&picture.colour).into_iter().next()?;
                    let live = self.faces.embed(&picture.colour, &face);
                    Some(live.likeness(&reference).per_mille())
                });
                json!({ "ms": ms, "likeness": likeness })
            }
            "covering" => {
                let (faces, ms) = timed(|| self.faces.find(&picture.colour));
                let advice = faces.first().and_then(|face| face.quality.advice);
                let advice = advice.map(|advice| match advice {
                    Advice::UncoverMouth | Advice::UncoverEyes => UNCOVER,
                    _ => "something else",
                });
                json!({ "ms": ms, "faces": faces.len(), "advice": advice })
            }
            "best" => self.rated(&picture.colour),
            other => bail!("our readers have no task {other}"),
        })
    }
}

/// As its documentation shows it, told to try the negative too, as our own reader does.
struct Rxing;

impl Reader for Rxing {
    fn about(&self) -> String {
        "TryHarder, AlsoInverted".to_owned()
    }

    fn read(&mut self, _: &str, picture: &Picture, _: &Value) -> Result<Value> {
        let (width, height) = picture.grey.dimensions();
        let (code, ms) = timed(|| {
            catch_unwind(|| {
                let mut hints = DecodeHints {
                    TryHarder: Some(true),
                    AlsoInverted: Some(true),
                    ..DecodeHints::default()
                };
                let wanted = Some(BarcodeFormat::QR_CODE);
                let bytes = picture.grey.as_raw();
                detect_in_luma_slice_with_hints(bytes, width, height, wanted, &mut hints).ok()
            })
        });
        let code = code.ok().flatten();
        let texts: Vec<&str> = code.iter().map(|code| code.getText()).collect();
        Ok(json!({ "ms": ms, "codes": texts }))
    }
}

/// As its documentation shows it.
struct Rqrr;

impl Reader for Rqrr {
    fn about(&self) -> String {
        "as its documentation shows it".to_owned()
    }

    fn read(&mut self, _: &str, picture: &Picture, _: &Value) -> Result<Value> {
        let luma = picture.luma();
        let (texts, ms) = timed(|| {
            catch_unwind(AssertUnwindSafe(|| {
                let pixel = |x: usize, y: usize| luma.row(y).get(x).copied().unwrap_or(0);
                let mut picture =
                    rqrr::PreparedImage::prepare_from_greyscale(luma.width, luma.height, pixel);
                let grids = picture.detect_grids();
                let texts = grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1));
                texts.collect::<Vec<String>>()
            }))
        });
        Ok(json!({ "ms": ms, "codes": texts.unwrap_or_default() }))
    }
}

/// The models' folder, as peers are told it.
pub(super) fn models() -> std::path::PathBuf {
    let folder = dock::rig::models();
    std::path::absolute(&folder).unwrap_or_else(|_| Path::new(".").join(folder))
}
