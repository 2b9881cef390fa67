//! How well a camera is set up: sharpness, light, distance. Field engineers turn a lens by these; nothing is decided by them.

mod distance;
mod exposure;
mod sharpness;

pub use distance::{
    Distance, EYES_MM, MRZ_PITCH_MM, Spacing, millimetres, of_code, of_face, of_zone,
};
pub use exposure::{BINS, Exposure, Levels, Light, exposure};
pub use sharpness::{Focus, REGIONS, Sharpness, sharpness};
