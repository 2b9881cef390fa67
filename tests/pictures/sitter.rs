use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::RgbImage;

use crate::chance::smooth;
use crate::error::PictureError;

/// Who sat for the portraits. Both pictures are works of the United States' government and in the public domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sitter {
    /// NASA's picture of an astronaut, as PyPI `scikit-image` carries it.
    Astronaut,
    /// The Navy's picture of Grace Hopper, in cap and glasses, as PyPI `matplotlib` carries it.
    Admiral,
}

/// A sitter's picture, with the outline's mask. Places are those of the astronaut's picture, whatever the sitter: eyes and
/// mouth lie where hers do.
pub(crate) struct Source {
    picture: RgbImage,
    place: Placing,
    /// Alpha in `0..=1`, one value a place.
    mask: Vec<f32>,
    /// Above this line is hair, or a cap.
    pub(crate) brow: f32,
    /// Whether a black collar is to be cut off.
    pub(crate) collared: bool,
}

/// From a place to a pixel of the sitter's own picture: turned, and enlarged about a point of each.
#[derive(Clone, Copy)]
struct Placing {
    here: (f32, f32),
    there: (f32, f32),
    /// Cosine and sine, enlarged.
    turn: (f32, f32),
}

impl Placing {
    fn pixel(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.here.0, y - self.here.1);
        (
            self.there.0 + self.turn.0 * dx + self.turn.1 * dy,
            self.there.1 - self.turn.1 * dx + self.turn.0 * dy,
        )
    }

    fn place(&self, (u, v): (f32, f32)) -> (f32, f32) {
        let (du, dv) = (u - self.there.0, v - self.there.1);
        let size = self.turn.0 * self.turn.0 + self.turn.1 * self.turn.1;
        (
            self.here.0 + (self.turn.0 * du - self.turn.1 * dv) / size,
            self.here.1 + (self.turn.1 * du + self.turn.0 * dv) / size,
        )
    }
}

/// Places across and down.
const SIDE: u32 = 512;

/// Hair, ears, jaw and neck down to the collar, traced on the astronaut's picture.
const ASTRONAUT: [(f32, f32); 60] = [
    (227.0, 16.5),
    (237.0, 16.5),
    (241.0, 19.0),
    (248.0, 18.5),
    (259.0, 22.5),
    (268.0, 27.5),
    (276.0, 31.5),
    (282.0, 36.5),
    (286.0, 41.0),
    (292.0, 50.0),
    (295.5, 58.0),
    (296.0, 66.0),
    (298.5, 72.0),
    (300.0, 82.0),
    (299.5, 92.0),
    (297.0, 102.0),
    (293.5, 111.0),
    (287.0, 118.5),
    (280.0, 127.0),
    (275.5, 133.0),
    (270.5, 136.0),
    (267.0, 135.0),
    (266.0, 141.0),
    (264.0, 150.0),
    (260.0, 158.0),
    (256.5, 163.0),
    (255.5, 170.0),
    (254.0, 178.0),
    (252.0, 187.0),
    (252.0, 200.0),
    (188.0, 200.0),
    (187.0, 184.0),
    (186.0, 178.0),
    (185.5, 166.0),
    (185.5, 158.0),
    (184.0, 148.0),
    (182.5, 140.0),
    (182.0, 131.0),
    (179.0, 131.0),
    (175.5, 127.0),
    (172.5, 121.0),
    (171.0, 116.5),
    (167.0, 114.5),
    (161.5, 109.0),
    (157.5, 104.0),
    (155.5, 98.0),
    (154.5, 88.0),
    (154.5, 80.0),
    (153.5, 70.0),
    (154.5, 64.0),
    (157.0, 58.0),
    (164.0, 51.0),
    (174.0, 43.5),
    (183.0, 38.5),
    (189.5, 35.0),
    (193.5, 29.0),
    (199.0, 25.0),
    (205.0, 21.5),
    (212.0, 21.5),
    (219.0, 18.0),
];

/// Cap, ears, jaw and neck down to the collar, traced on the admiral's.
const ADMIRAL: [(f32, f32); 54] = [
    (262.3, 23.5),
    (275.6, 25.0),
    (288.3, 30.3),
    (300.7, 41.0),
    (315.3, 45.5),
    (328.0, 51.5),
    (344.6, 65.2),
    (351.6, 78.5),
    (353.3, 87.5),
    (364.0, 88.8),
    (368.6, 96.8),
    (371.6, 146.8),
    (370.3, 168.5),
    (368.3, 180.0),
    (374.6, 188.5),
    (374.0, 200.0),
    (370.0, 213.5),
    (366.6, 230.2),
    (363.3, 251.8),
    (361.3, 261.8),
    (360.0, 280.0),
    (351.6, 295.2),
    (340.0, 305.0),
    (329.3, 315.2),
    (329.3, 330.2),
    (320.0, 350.0),
    (310.6, 360.0),
    (208.0, 360.0),
    (204.3, 356.8),
    (203.6, 330.2),
    (206.0, 316.8),
    (202.6, 301.8),
    (193.3, 293.5),
    (180.6, 289.5),
    (166.6, 276.8),
    (162.0, 258.0),
    (162.6, 240.0),
    (161.3, 230.0),
    (155.3, 220.0),
    (153.3, 206.8),
    (152.0, 196.8),
    (148.3, 186.8),
    (146.6, 173.5),
    (147.3, 125.8),
    (157.3, 102.5),
    (173.3, 86.8),
    (176.0, 78.5),
    (183.3, 65.2),
    (195.0, 55.2),
    (206.6, 46.8),
    (219.3, 41.8),
    (218.6, 35.2),
    (228.3, 30.2),
    (242.3, 24.2),
];

impl Sitter {
    /// Where the sitter's picture is looked for: the folder that `SEKISHO_MODELS` names, or the workspace's
    /// `target/models`.
    pub(crate) fn path(self) -> PathBuf {
        let folder = std::env::var_os("SEKISHO_MODELS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
            PathBuf::from,
        );
        folder.join(match self {
            Self::Astronaut => "astronaut.png",
            Self::Admiral => "grace_hopper.jpg",
        })
    }

    const fn size(self) -> (u32, u32) {
        match self {
            Self::Astronaut => (SIDE, SIDE),
            Self::Admiral => (512, 600),
        }
    }

    const fn placing(self) -> Placing {
        match self {
            Self::Astronaut => Placing {
                here: (0.0, 0.0),
                there: (0.0, 0.0),
                turn: (1.0, 0.0),
            },
            // Twice as near to the camera; her head leans by two degrees and a half more.
            Self::Admiral => Placing {
                here: (224.5, 102.0),
                there: (263.0, 187.9),
                turn: (1.998, 0.087),
            },
        }
    }

    const fn outline(self) -> &'static [(f32, f32)] {
        match self {
            Self::Astronaut => &ASTRONAUT,
            Self::Admiral => &ADMIRAL,
        }
    }

    /// Reads the sitter's picture once.
    pub(crate) fn source(self) -> Result<&'static Source, PictureError> {
        static SOURCES: [OnceLock<Source>; 2] = [OnceLock::new(), OnceLock::new()];
        let kept = &SOURCES[self as usize];
        if let Some(source) = kept.get() {
            return Ok(source);
        }
        let path = self.path();
        if !path.is_file() {
            return Err(PictureError::MissingPortrait { path });
        }
        let picture = match image::open(&path) {
            Ok(picture) => picture.into_rgb8(),
            Err(error) => {
                return Err(PictureError::UnusablePortrait {
                    path,
                    reason: error.to_string(),
                });
            }
        };
        let (found, expected) = (picture.dimensions(), self.size());
        if found != expected {
            let reason = format!("it is {found:?} pixels, not {expected:?}");
            return Err(PictureError::UnusablePortrait { path, reason });
        }
        let place = self.placing();
        let outline: Vec<_> = self.outline().iter().map(|&at| place.place(at)).collect();
        Ok(kept.get_or_init(|| Source {
            picture,
            place,
            mask: mask(&outline),
            brow: match self {
                Self::Astronaut => 80.0,
                Self::Admiral => 68.0,
            },
            collared: self == Self::Astronaut,
        }))
    }
}

/// The outline filled, then softened over about two pixels, a hair's breadth inside.
fn mask(outline: &[(f32, f32)]) -> Vec<f32> {
    let side = SIDE as usize;
    let mut mask = vec![0.0; side * side];
    for (y, row) in mask.chunks_exact_mut(side).enumerate().take(204) {
        for (x, cell) in row.iter_mut().enumerate().take(310).skip(145) {
            *cell = smooth(-0.4, 2.0, inside(outline, x as f32 + 0.5, y as f32 + 0.5));
        }
    }
    mask
}

/// Distance to the outline, positive inside.
fn inside(outline: &[(f32, f32)], x: f32, y: f32) -> f32 {
    let mut nearest = f32::INFINITY;
    let mut within = false;
    let ends = outline.iter().zip(outline.iter().cycle().skip(1));
    for (&(ax, ay), &(bx, by)) in ends {
        let (dx, dy) = (bx - ax, by - ay);
        let t = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        nearest = nearest.min((x - ax - t * dx).hypot(y - ay - t * dy));
        if (ay > y) != (by > y) && x < ax + (y - ay) / dy * dx {
            within = !within;
        }
    }
    if within { nearest } else { -nearest }
}

impl Source {
    /// Catmull-Rom sampling: 8-bit sRGB values as floats.
    pub(crate) fn colour(&self, x: f32, y: f32) -> [f32; 3] {
        let (x, y) = self.place.pixel(x, y);
        let (width, height) = self.picture.dimensions();
        let (fx, fy) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (wx, wy) = (cubic(x - 0.5 - fx), cubic(y - 0.5 - fy));
        let mut out = [0.0; 3];
        for (j, weight_y) in wy.iter().enumerate() {
            let row = (fy as i32 + j as i32 - 1).clamp(0, height as i32 - 1) as u32;
            for (i, weight_x) in wx.iter().enumerate() {
                let column = (fx as i32 + i as i32 - 1).clamp(0, width as i32 - 1) as u32;
                let pixel = self.picture.get_pixel(column, row);
                for (sum, &value) in out.iter_mut().zip(&pixel.0) {
                    *sum += f32::from(value) * weight_x * weight_y;
                }
            }
        }
        out
    }

    pub(crate) fn alpha(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (tx, ty) = (x - 0.5 - fx, y - 0.5 - fy);
        let at = |dx: i32, dy: i32| {
            let (column, row) = (fx as i32 + dx, fy as i32 + dy);
            if column < 0 || row < 0 || column >= SIDE as i32 || row >= SIDE as i32 {
                0.0
            } else {
                self.mask[(row as u32 * SIDE + column as u32) as usize]
            }
        };
        let top = at(0, 0) + (at(1, 0) - at(0, 0)) * tx;
        let low = at(0, 1) + (at(1, 1) - at(0, 1)) * tx;
        top + (low - top) * ty
    }
}

fn cubic(t: f32) -> [f32; 4] {
    [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]
}
