use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use image::RgbImage;

use crate::chance::Chance;
use crate::conditions::{Conditions, Polarity};
use crate::error::PictureError;
use crate::hall;
use crate::lens;
use crate::page::PassportPage;
use crate::person;
use crate::phone;
use crate::place::{Place, Wish};
use crate::portrait::Portrait;
use crate::sheet;
use crate::shown::{Carrier, CodeShown};
use crate::texture::Texture;

/// How a layer meets the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Seen by the hall's light.
    Matt,
    /// As matt, under a laminate that mirrors lamps.
    Laminate,
    /// Shines by itself: a screen.
    Lit,
    /// As lit, seen so near that the grid of its pixels beats with the camera's.
    Pixels,
    /// Adds a reflection and hides nothing: glass.
    Glass,
}

pub(crate) struct Layer {
    pub(crate) texture: Texture,
    pub(crate) surface: Surface,
}

pub(crate) struct Subject {
    pub(crate) layers: Vec<Layer>,
    pub(crate) wish: Wish,
}

/// A picture in linear light, three values a pixel.
pub(crate) struct Linear {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) light: Vec<f32>,
}

/// Something before the camera, drawn once and photographed as often as wanted.
pub struct Scene {
    subjects: Vec<Subject>,
    /// Sigma of the hall's blur, as a share of the frame's width.
    hall_blur: f32,
    /// What stands behind them, and stays where these conditions put it.
    behind: Option<(Subject, Conditions)>,
}

impl Scene {
    pub(crate) fn of(subjects: Vec<Subject>, hall_blur: f32) -> Self {
        Self {
            subjects,
            hall_blur,
            behind: None,
        }
    }

    pub(crate) fn before(mut self, behind: Subject, stays: Conditions) -> Self {
        self.behind = Some((behind, stays));
        self
    }

    /// A passport page, card or visa, in a hand.
    ///
    /// # Errors
    /// See [`crate::passport_frame`].
    pub fn passport(page: &PassportPage) -> Result<Self, PictureError> {
        Ok(Self::of(vec![crate::page::subject(page)?], 0.019))
    }

    /// A phone in a hand, showing a QR code at level M.
    ///
    /// # Errors
    /// See [`crate::phone_frame`].
    pub fn phone(code_text: &str, polarity: Polarity) -> Result<Self, PictureError> {
        Ok(Self::of(vec![phone::subject(code_text, polarity)?], 0.019))
    }

    /// A code as it is shown, in a hand or on a wrist.
    ///
    /// # Errors
    /// See [`crate::phone_frame`].
    pub fn code(shown: &CodeShown) -> Result<Self, PictureError> {
        let mut subjects = vec![match shown.carrier {
            Carrier::Phone | Carrier::Watch => phone::subject_of(shown)?,
            Carrier::Paper => sheet::subject(shown)?,
        }];
        if let Some(other) = &shown.beside {
            // A paper in the other hand, further away: a boarding pass.
            let mut pass =
                sheet::subject(&CodeShown::on(Carrier::Paper, other, Polarity::DarkOnLight))?;
            let left = shown.seed.is_multiple_of(2);
            pass.wish.fill = 0.42;
            pass.wish.aside = (if left { -0.33 } else { 0.33 }, 0.02);
            subjects.insert(0, pass);
        }
        Ok(Self::of(subjects, 0.019))
    }

    /// A person before the kiosk.
    ///
    /// # Errors
    /// See [`crate::face_frame`].
    pub fn person(portrait: &Portrait) -> Result<Self, PictureError> {
        Ok(Self::of(
            vec![person::subject(portrait, 0.5, (0.0, 0.0))?],
            0.012,
        ))
    }

    /// Two people, the first nearer.
    ///
    /// # Errors
    /// See [`crate::two_faces_frame`].
    pub fn two_people(first: &Portrait, second: &Portrait) -> Result<Self, PictureError> {
        Ok(Self::of(
            vec![
                person::subject(second, 0.4, (0.19, -0.03))?,
                person::subject(first, 0.46, (-0.15, 0.02))?,
            ],
            0.012,
        ))
    }

    /// The hall alone.
    #[must_use]
    pub fn hall() -> Self {
        Self::of(Vec::new(), 0.0075)
    }

    /// Where the corners of what matters (the page; the code with its quiet zone; the head) fall in a
    /// frame: upper left, upper right, lower right, lower left, in pixels. One entry a subject.
    #[must_use]
    pub fn corners(&self, size: (u32, u32), conditions: &Conditions) -> Vec<[(f32, f32); 4]> {
        self.subjects
            .iter()
            .map(|subject| {
                let place = Place::new(&subject.wish, size, conditions);
                let (w, h) = (subject.wish.interest.0 / 2.0, subject.wish.interest.1 / 2.0);
                [
                    place.project(-w, -h),
                    place.project(w, -h),
                    place.project(w, h),
                    place.project(-w, h),
                ]
            })
            .collect()
    }

    /// One exposure.
    ///
    /// # Errors
    /// When a side of `size` is under 64 or over 8192 pixels, or the JPEG round trip fails.
    pub fn frame(
        &self,
        size: (u32, u32),
        conditions: &Conditions,
    ) -> Result<RgbImage, PictureError> {
        if !(64..=8192).contains(&size.0) || !(64..=8192).contains(&size.1) {
            return Err(PictureError::UnusableSize {
                width: size.0,
                height: size.1,
            });
        }
        let mut linear = hall::backdrop(size, conditions.seed, self.hall_blur);
        let lamp = Lamp::new(size, conditions);
        let behind = self.behind.iter().map(|(subject, stays)| (subject, stays));
        let before = self.subjects.iter().map(|subject| (subject, conditions));
        for (subject, met) in behind.chain(before) {
            let place = Place::new(&subject.wish, size, met);
            for layer in &subject.layers {
                lay(&mut linear, layer, &place, &lamp);
            }
        }
        lens::expose(linear, conditions)
    }
}

/// The light on the subject: a slope across the frame, a soft shadow, a lamp's mirror image.
struct Lamp {
    slope: (f32, f32),
    base: f32,
    shadow: (f32, f32, f32, f32),
    mirror: (f32, f32),
    mirror_turn: (f32, f32),
    mirror_size: f32,
    glare: f32,
    screen: f32,
    moire: f32,
}

/// Between two pixels of a phone's screen, in millimetres: 460 an inch.
const PIXEL_PITCH: f32 = 0.0552;

impl Lamp {
    fn new(size: (u32, u32), c: &Conditions) -> Self {
        let mut chance = Chance::new(c.seed, 21);
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let (width, height) = (size.0 as f32, size.1 as f32);
        let steep = c.uneven * 1.3;
        let slope = (angle.cos() * steep / width, angle.sin() * steep / height);
        let turn = chance.between(0.0, std::f32::consts::PI);
        Self {
            slope,
            base: 1.0 - 0.25 * c.uneven - (slope.0 * width + slope.1 * height) / 2.0,
            shadow: (
                width * chance.between(0.1, 0.9),
                height * chance.between(0.1, 0.9),
                1.0 / (width * chance.between(0.15, 0.35)),
                c.uneven * 0.45,
            ),
            mirror: (chance.around(45.0), chance.around(30.0)),
            mirror_turn: (turn.cos(), turn.sin()),
            mirror_size: 1.0 / chance.between(12.0, 22.0),
            glare: c.glare,
            screen: 0.1 + 1.15 * c.brightness.clamp(0.0, 2.5).powf(1.4),
            moire: c.moire.clamp(0.0, 1.0),
        }
    }

    #[inline]
    fn on(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (
            (x - self.shadow.0) * self.shadow.2,
            (y - self.shadow.1) * self.shadow.2,
        );
        let near = 1.0 / (1.0 + dx * dx + dy * dy);
        ((self.base + self.slope.0 * x + self.slope.1 * y) * (1.0 - self.shadow.3 * near * near))
            .max(0.06)
    }

    /// How bright the three colours of a screen are at a place: each has a stripe of every pixel, black between.
    #[inline]
    fn stripes(&self, x: f32, y: f32) -> [f32; 3] {
        let turn = std::f32::consts::TAU / PIXEL_PITCH;
        let row = 1.0 + 0.6 * self.moire * (y * turn).cos();
        [0.0, 2.094, 4.189].map(|stripe| row * (1.0 + self.moire * (x * turn + stripe).cos()))
    }

    #[inline]
    fn mirrored(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.mirror.0, y - self.mirror.1);
        let along = (dx * self.mirror_turn.0 + dy * self.mirror_turn.1) * self.mirror_size;
        let across = (dy * self.mirror_turn.0 - dx * self.mirror_turn.1) * self.mirror_size * 2.4;
        let near = 1.0 / (1.0 + along * along + across * across);
        self.glare * near * near * 1.4
    }
}

/// The light of a screen's pixels about their mean, sampled where the camera's pixel looks: what it cannot resolve comes
/// out as moire.
#[inline]
fn pixel_grid(mx: f32, my: f32) -> f32 {
    /// Millimetres from pixel to pixel: 230 to the inch.
    const PITCH: f32 = 0.11;
    let wave = |v: f32| (std::f32::consts::TAU * v / PITCH).cos();
    1.0 + 0.09 * wave(mx) + 0.06 * wave(my)
}

fn lay(frame: &mut Linear, layer: &Layer, place: &Place, lamp: &Lamp) {
    let texture = &layer.texture;
    let Some(sampler) = texture.sampler(place.scale) else {
        return;
    };
    let [left, right, top, bottom] = texture.drawn;
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        .map(|(x, y)| place.project(x, y));
    let low = |pick: fn(&(f32, f32)) -> f32| {
        corners
            .iter()
            .map(pick)
            .fold(f32::INFINITY, f32::min)
            .floor()
    };
    let high = |pick: fn(&(f32, f32)) -> f32| {
        corners
            .iter()
            .map(pick)
            .fold(f32::NEG_INFINITY, f32::max)
            .ceil()
    };
    let columns =
        (low(|p| p.0).max(0.0) as usize)..(high(|p| p.0).clamp(0.0, frame.width as f32) as usize);
    let rows =
        (low(|p| p.1).max(0.0) as usize)..(high(|p| p.1).clamp(0.0, frame.height as f32) as usize);
    // Above this many texels a pixel one sample would skip print; four then share the pixel.
    let four = sampler.texels_per_pixel > 1.25;
    for y in rows {
        let (start, step) = place.row(y as f32);
        let line = &mut frame.light[y * frame.width * 3..(y + 1) * frame.width * 3];
        for x in columns.clone() {
            let fx = x as f32;
            let (nx, ny, nw) = (
                start[0] + step[0] * fx,
                start[1] + step[1] * fx,
                start[2] + step[2] * fx,
            );
            if nw <= 1e-9 {
                continue;
            }
            let (mx, my) = (nx / nw, ny / nw);
            if mx < left || mx > right || my < top || my > bottom {
                continue;
            }
            let sample = if four {
                let d = 0.25 / place.scale;
                let mut sum = [0.0; 4];
                for (ox, oy) in [(-d, -0.5 * d), (0.5 * d, -d), (d, 0.5 * d), (-0.5 * d, d)] {
                    let one = sampler.at(mx + ox, my + oy);
                    sum.iter_mut().zip(one).for_each(|(s, v)| *s += v * 0.25);
                }
                sum
            } else {
                sampler.at(mx, my)
            };
            if sample[3] <= 0.002 {
                continue;
            }
            let (gain, added) = match layer.surface {
                Surface::Matt => (lamp.on(fx, y as f32), 0.0),
                Surface::Laminate => (lamp.on(fx, y as f32), lamp.mirrored(mx, my) * sample[3]),
                Surface::Lit => (lamp.screen, 0.0),
                Surface::Pixels => (lamp.screen * pixel_grid(mx, my), 0.0),
                Surface::Glass => (
                    0.25 + lamp.glare * 1.6,
                    lamp.mirrored(mx, my) * 0.6 * sample[3],
                ),
            };
            let keep = if layer.surface == Surface::Glass {
                1.0
            } else {
                1.0 - sample[3]
            };
            let stripes = if lamp.moire > 0.0 && layer.surface == Surface::Lit {
                lamp.stripes(mx, my)
            } else {
                [1.0; 3]
            };
            let pixel = line[x * 3..x * 3 + 3].iter_mut().zip(sample).zip(stripes);
            for ((channel, value), stripe) in pixel {
                *channel = *channel * keep + value * gain * stripe + added;
            }
        }
    }
}

/// Keeps the last few scenes, since demo and tests photograph the same thing many times.
pub(crate) fn recent<K: Hash>(
    key: &K,
    build: impl FnOnce() -> Result<Scene, PictureError>,
) -> Result<Arc<Scene>, PictureError> {
    let mut hasher = DefaultHasher::new();
    std::any::type_name::<K>().hash(&mut hasher);
    key.hash(&mut hasher);
    recent_by(hasher.finish(), build)
}

fn recent_by(
    key: u64,
    build: impl FnOnce() -> Result<Scene, PictureError>,
) -> Result<Arc<Scene>, PictureError> {
    static RECENT: Mutex<VecDeque<(u64, Arc<Scene>)>> = Mutex::new(VecDeque::new());
    const KEPT: usize = 6;
    if let Ok(recent) = RECENT.lock()
        && let Some((_, scene)) = recent.iter().find(|(known, _)| *known == key)
    {
        return Ok(Arc::clone(scene));
    }
    let scene = Arc::new(build()?);
    if let Ok(mut recent) = RECENT.lock() {
        recent.push_back((key, Arc::clone(&scene)));
        while recent.len() > KEPT {
            recent.pop_front();
        }
    }
    Ok(scene)
}
