//! A face turned upright and brought to the size that SFace was trained on.

use image::RgbImage;

/// Side of the aligned face, in pixels.
pub(super) const SIDE: usize = 112;

/// Where SFace expects eyes, nose and mouth corners (OpenCV's `FaceRecognizerSF::alignCrop`, ArcFace's template).
pub(super) const TEMPLATE: [(f32, f32); 5] = [
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
];

/// Above this many source pixels a crop pixel, samples are averaged four by four at most: finer detail cannot be seen at 112.
const MOST_SAMPLES: f32 = 4.0;

/// Rotation, uniform scale and shift from the crop to the picture: `x = a u - b v + dx`, `y = b u + a v + dy`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Similarity {
    a: f32,
    b: f32,
    dx: f32,
    dy: f32,
}

impl Similarity {
    /// From SFace's aligned face to the picture.
    pub(super) fn to_landmarks(landmarks: &[(f32, f32); 5]) -> Option<Self> {
        Self::between(&TEMPLATE, landmarks)
    }

    /// The transform that brings the template nearest to the landmarks, in least squares. None when it would have no size.
    pub(super) fn between(template: &[(f32, f32); 5], landmarks: &[(f32, f32); 5]) -> Option<Self> {
        let mean = |points: &[(f32, f32); 5]| {
            let (x, y) = points
                .iter()
                .fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
            (x / 5.0, y / 5.0)
        };
        let ((mu, mv), (mx, my)) = (mean(template), mean(landmarks));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (&(u, v), &(x, y)) in template.iter().zip(landmarks) {
            let (u, v, x, y) = (u - mu, v - mv, x - mx, y - my);
            along += u * x + v * y;
            across += u * y - v * x;
            spread += u * u + v * v;
        }
        let (a, b) = (along / spread, across / spread);
        let scale = a.hypot(b);
        if !(scale.is_finite() && scale > 1e-3) {
            return None;
        }
        Some(Self {
            a,
            b,
            dx: mx - a * mu + b * mv,
            dy: my - b * mu - a * mv,
        })
    }

    /// The transform to a square crop of `side` pixels about `centre`, `scale` picture pixels a crop pixel, from a head rolled
    /// clockwise by `roll` radians.
    pub(super) fn about(centre: (f32, f32), scale: f32, roll: f32, side: usize) -> Self {
        let (a, b) = (scale * roll.cos(), scale * roll.sin());
        let half = side as f32 / 2.0;
        Self {
            a,
            b,
            dx: centre.0 - a * half + b * half,
            dy: centre.1 - b * half - a * half,
        }
    }

    pub(super) fn apply(&self, u: f32, v: f32) -> (f32, f32) {
        (
            self.a * u - self.b * v + self.dx,
            self.b * u + self.a * v + self.dy,
        )
    }

    /// The place in the crop that `(x, y)` of the picture comes to.
    pub(super) fn back(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y, square) = (x - self.dx, y - self.dy, self.a * self.a + self.b * self.b);
        (
            (self.a * x + self.b * y) / square,
            (self.a * y - self.b * x) / square,
        )
    }

    /// The square crop of `side` pixels, row by row, red green blue, values 0 to 255; black where the picture has ended.
    pub(super) fn crop(
        &self,
        picture: &RgbImage,
        side: usize,
    ) -> zeroize::Zeroizing<Vec<[f32; 3]>> {
        self.crop_to(picture, side, side)
    }

    /// [`Similarity::crop`] with two sides.
    pub(super) fn crop_to(
        &self,
        picture: &RgbImage,
        width: usize,
        height: usize,
    ) -> zeroize::Zeroizing<Vec<[f32; 3]>> {
        let samples = self.a.hypot(self.b).round().clamp(1.0, MOST_SAMPLES) as usize;
        let weight = 1.0 / (samples * samples) as f32;
        // Sample positions about a pixel's centre, in pixels of the crop.
        let offset = |i: usize| (i as f32 + 0.5) / samples as f32 - 0.5;
        let mut crop = zeroize::Zeroizing::new(vec![[0f32; 3]; width * height]);
        for (index, out) in crop.iter_mut().enumerate() {
            let (u, v) = ((index % width) as f32, (index / width) as f32);
            for i in 0..samples * samples {
                let (x, y) = self.apply(u + offset(i % samples), v + offset(i / samples));
                let colour = bilinear(picture, x, y);
                for (sum, part) in out.iter_mut().zip(colour) {
                    *sum += part * weight;
                }
            }
        }
        crop
    }
}

pub(super) fn bilinear(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (along, down) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let mut colour = [0.0; 3];
    let corners = [
        (0, 0, (1.0 - along) * (1.0 - down)),
        (1, 0, along * (1.0 - down)),
        (0, 1, (1.0 - along) * down),
        (1, 1, along * down),
    ];
    for (right, below, weight) in corners {
        let (Ok(x), Ok(y)) = (
            u32::try_from(left.saturating_add(right)),
            u32::try_from(top.saturating_add(below)),
        ) else {
            continue;
        };
        if let Some(pixel) = picture.get_pixel_checked(x, y) {
            for (sum, part) in colour.iter_mut().zip(pixel.0) {
                *sum += f32::from(part) * weight;
            }
        }
    }
    colour
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_turned_and_scaled_template_is_found_again() {
        let (sin, cos) = 0.4f32.sin_cos();
        let landmarks = TEMPLATE.map(|(u, v)| {
            (
                3.0 * (cos * u - sin * v) + 40.0,
                3.0 * (sin * u + cos * v) - 7.0,
            )
        });
        let fit = Similarity::to_landmarks(&landmarks).unwrap();
        for ((u, v), (x, y)) in TEMPLATE.into_iter().zip(landmarks) {
            let (fx, fy) = fit.apply(u, v);
            assert!(
                (fx - x).abs() < 1e-3 && (fy - y).abs() < 1e-3,
                "{fx} {fy} for {x} {y}"
            );
            let (bu, bv) = fit.back(x, y);
            assert!((bu - u).abs() < 1e-3 && (bv - v).abs() < 1e-3);
        }
    }

    #[test]
    fn landmarks_in_one_point_have_no_transform() {
        assert_eq!(Similarity::to_landmarks(&[(5.0, 5.0); 5]), None);
        assert_eq!(Similarity::to_landmarks(&[(f32::NAN, 5.0); 5]), None);
    }

    #[test]
    fn beyond_the_edge_is_black() {
        let white = RgbImage::from_pixel(20, 20, image::Rgb([255; 3]));
        assert_eq!(bilinear(&white, 10.0, 10.0), [255.0; 3]);
        assert_eq!(bilinear(&white, 19.5, 10.0), [127.5; 3]);
        assert_eq!(bilinear(&white, -3.0, 10.0), [0.0; 3]);
        assert_eq!(bilinear(&white, f32::MAX, f32::MIN), [0.0; 3]);
    }
}
