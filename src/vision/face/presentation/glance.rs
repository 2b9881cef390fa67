use image::RgbImage;
use zeroize::Zeroizing;

use super::super::{FaceBox, FaceReading};

/// Side of a glance, in pixels.
pub(super) const SIDE: usize = 224;
/// It shows so many times the face's height.
const SHOWN: f32 = 3.0;

/// Which part of the picture the glances of a burst show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Anchor {
    left: f32,
    top: f32,
    /// Picture pixels a glance pixel.
    scale: f32,
    face: FaceBox,
}

fn middle(frame: &FaceBox) -> (f32, f32) {
    (
        frame.x as f32 + frame.width as f32 / 2.0,
        frame.y as f32 + frame.height as f32 / 2.0,
    )
}

impl Anchor {
    pub(super) fn about(face: &FaceReading) -> Self {
        let (x, y) = middle(&face.frame);
        let side = SHOWN * face.frame.width.max(face.frame.height).max(16) as f32;
        Self {
            left: x - side / 2.0,
            top: y - side / 2.0,
            scale: side / SIDE as f32,
            face: face.frame,
        }
    }

    /// Whether the face is still near enough to where it was, in place and size.
    pub(super) fn holds(&self, face: &FaceReading) -> bool {
        let ((x0, y0), (x, y)) = (middle(&self.face), middle(&face.frame));
        let width = self.face.width.max(1) as f32;
        let grown = face.frame.width as f32 / width;
        (x - x0).hypot(y - y0) < 0.5 * width && (0.75..1.35).contains(&grown)
    }
}

/// One frame of a burst about the face: grey, small, always the same part of the picture.
pub(super) struct Glance {
    grey: Zeroizing<Vec<f32>>,
    /// Landmarks in pixels of the glance.
    pub(super) landmarks: [(f32, f32); 5],
    /// The face's middle and half its width and height, in pixels of the glance.
    pub(super) middle: (f32, f32),
    pub(super) half: (f32, f32),
}

impl Glance {
    pub(super) fn of(picture: &RgbImage, face: &FaceReading, anchor: &Anchor) -> Self {
        let edge = |start: f32, index: usize, length: u32| {
            (start + index as f32 * anchor.scale)
                .round()
                .clamp(0.0, length as f32) as usize
        };
        let (width, height) = picture.dimensions();
        let columns: Vec<usize> = (0..=SIDE).map(|i| edge(anchor.left, i, width)).collect();
        let rows: Vec<usize> = (0..=SIDE).map(|i| edge(anchor.top, i, height)).collect();
        let raw = picture.as_raw();
        let mut grey = Zeroizing::new(vec![0f32; SIDE * SIDE]);
        for (row, line) in grey.chunks_exact_mut(SIDE).enumerate() {
            // Beyond the edge the last pixels go on.
            let top = rows[row].min((height as usize).saturating_sub(1));
            let bottom = rows[row + 1].max(top + 1).min(height as usize);
            for (column, out) in line.iter_mut().enumerate() {
                let left = columns[column].min((width as usize).saturating_sub(1));
                let right = columns[column + 1].max(left + 1).min(width as usize);
                let mut sum = 0u32;
                for y in top..bottom {
                    let pixels = &raw[3 * (y * width as usize + left)..][..3 * (right - left)];
                    for pixel in pixels.chunks_exact(3) {
                        // Twice green, red, blue: near enough to luma.
                        sum += 2 * u32::from(pixel[1]) + u32::from(pixel[0]) + u32::from(pixel[2]);
                    }
                }
                *out = sum as f32 / (4 * ((bottom - top) * (right - left)).max(1)) as f32;
            }
        }
        let place = |(x, y): (f32, f32)| {
            (
                (x - anchor.left) / anchor.scale - 0.5,
                (y - anchor.top) / anchor.scale - 0.5,
            )
        };
        Self {
            grey,
            landmarks: face.landmarks.map(|(x, y)| place((x as f32, y as f32))),
            middle: place(middle(&face.frame)),
            half: (
                face.frame.width as f32 / anchor.scale / 2.0,
                face.frame.height as f32 / anchor.scale / 2.0,
            ),
        }
    }

    /// A value between pixels; none outside.
    pub(super) fn at(&self, x: f32, y: f32) -> Option<f32> {
        let (left, top) = (x.floor(), y.floor());
        if !(left >= 0.0 && top >= 0.0 && left < (SIDE - 1) as f32 && top < (SIDE - 1) as f32) {
            return None;
        }
        let (u, v) = (x - left, y - top);
        let at = top as usize * SIDE + left as usize;
        let (a, b) = (&self.grey[at..at + 2], &self.grey[at + SIDE..at + SIDE + 2]);
        let upper = a[0] + (a[1] - a[0]) * u;
        let lower = b[0] + (b[1] - b[0]) * u;
        Some(upper + (lower - upper) * v)
    }

    /// How steeply the values rise to the right and downwards, a pixel.
    pub(super) fn slope(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let across = self.at(x + 1.0, y)? - self.at(x - 1.0, y)?;
        let down = self.at(x, y + 1.0)? - self.at(x, y - 1.0)?;
        Some((across / 2.0, down / 2.0))
    }
}
