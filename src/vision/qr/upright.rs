//! Finder patterns of a code that is turned by any angle, sought in a picture of it that is turned upright.
//!
//! Likeness is judged by upright squares, and runs are counted along rows: both lose a pattern that is turned by an eighth and out of focus besides.
//! But a code's edges all run two ways, and show together by how much it is turned.

use super::decoders::Corners;
use super::finders::Finder;
use super::grid::brightness;
use super::template;
use super::texture;
use crate::luma::{self, Luma, Plane};

/// Codes turned by less, in radians, are found as they are.
const TURNED: f32 = 0.15;
/// Squares of texture that are looked at in a frame.
const SQUARES: usize = 2;
/// Pixels about a square that are looked at with it.
const MARGIN: f32 = 20.0;
/// Pixels a side of the picture that is turned upright, at most: three a module of the largest codes.
const SIDE: f32 = 480.0;

/// The squares of texture that are turned. They are looked for in `small`, which is `scale` times smaller than the frame; codes that are `known`, in
/// pixels of the frame, are left out.
pub(super) fn squares(small: Luma<'_>, scale: f32, known: &[Corners]) -> Vec<Upright> {
    let known: Vec<Corners> = known
        .iter()
        .map(|code| code.map(|(x, y)| (x / scale, y / scale)))
        .collect();
    texture::squares(small, &known)
        .into_iter()
        .take(SQUARES)
        .filter_map(|corners| Upright::of(corners.map(|(x, y)| (x * scale, y * scale))))
        .collect()
}

/// A square part of a frame, turned.
pub(super) struct Upright {
    /// Where its first pixel lies in the frame.
    start: (f32, f32),
    /// From one pixel to the next, in pixels of the frame.
    across: (f32, f32),
    width: usize,
    height: usize,
}

impl Upright {
    fn of([a, b, _, d]: Corners) -> Option<Self> {
        let (across, down) = ((b.0 - a.0, b.1 - a.1), (d.0 - a.0, d.1 - a.1));
        let (wide, high) = (across.0.hypot(across.1), down.0.hypot(down.1));
        if across.1.atan2(across.0).abs() < TURNED {
            return None;
        }
        let scale = ((wide.max(high) + 2.0 * MARGIN) / SIDE).max(1.0);
        let unit = (across.0 / wide, across.1 / wide);
        let pixels = |long: f32| ((long + 2.0 * MARGIN) / scale) as usize;
        Some(Self {
            start: (
                a.0 - MARGIN * (unit.0 - unit.1),
                a.1 - MARGIN * (unit.1 + unit.0),
            ),
            across: (unit.0 * scale, unit.1 * scale),
            width: pixels(wide),
            height: pixels(high),
        })
    }

    /// From its own pixels to the frame's.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let (u, v) = self.across;
        (self.start.0 + x * u - y * v, self.start.1 + x * v + y * u)
    }

    /// Pixels that a search of it visits.
    pub(super) const fn cost(&self) -> usize {
        template::cost(self.width * self.height * 5 / 4)
    }

    /// The patterns in it. `left` is how many pixels may be visited.
    pub(super) fn patterns(&self, frame: Luma<'_>, left: &mut usize) -> Vec<Finder> {
        let picture = Plane::drawn(self.width, self.height, |x, y| {
            brightness(frame, self.at(x as f32 + 0.5, y as f32 + 0.5)) as u8
        });
        let mut found = Vec::new();
        if let Some(half) = luma::halved(picture.luma()) {
            found.extend(template::find(half.luma(), 2.0, &[], left, 0));
        }
        found.extend(template::find(picture.luma(), 1.0, &[], left, 0));
        let scale = self.across.0.hypot(self.across.1);
        found
            .into_iter()
            .map(|f| Finder::soft(self.at(f.x, f.y), f.module * scale, f.strength, f.ink))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use image::GrayImage;
    use imageproc::filter::gaussian_blur_f32;
    use qrcodegen::{QrCode, QrCodeEcc};

    use super::*;

    #[test]
    fn a_code_turned_by_an_eighth_and_out_of_focus_shows_its_patterns() {
        let text = "SKD1:".to_owned() + &"6BF+70790T9WJWG".repeat(30);
        let code = QrCode::encode_text(&text, QrCodeEcc::Medium).unwrap();
        let module = 3.0f32;
        for degrees in [25.0f32, 40.0, -35.0] {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            let half = code.size() as f32 / 2.0;
            let sharp = GrayImage::from_fn(640, 480, |x, y| {
                let (x, y) = (x as f32 + 0.5 - 320.0, y as f32 + 0.5 - 240.0);
                let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
                let at = |w: f32| (w / module + half).floor() as i32;
                image::Luma([if code.get_module(at(u), at(v)) {
                    50
                } else {
                    190
                }])
            });
            let soft = gaussian_blur_f32(&sharp, 1.8);
            let frame = Luma::from(&soft);
            let found: Vec<Finder> = squares(frame, 1.0, &[])
                .iter()
                .flat_map(|square| square.patterns(frame, &mut 3_000_000))
                .collect();
            let far = half - 3.5;
            for (u, v) in [(-far, -far), (far, -far), (-far, far)] {
                let (x, y) = (
                    module * (u * cosine - v * sine),
                    module * (u * sine + v * cosine),
                );
                let near = |f: &&Finder| (f.x - 320.0 - x).hypot(f.y - 240.0 - y) < 1.5 * module;
                let pattern = found.iter().find(near).expect("the pattern is found");
                assert!(
                    (pattern.module / module - 1.0).abs() < 0.2,
                    "{}",
                    pattern.module
                );
            }
        }
    }
}
