//! Seeded, photo-like pictures of what the lane's cameras see: a passport page, a phone with a
//! declaration code, a person, two people, an empty hall.
//!
//! Nothing here reads a picture or judges what a document says: lines are printed as given, wrong
//! check digits included, and the same seed always gives the same bytes.

mod burst;
mod canvas;
mod chance;
mod code;
mod conditions;
mod error;
mod focus;
mod fonts;
mod glass;
mod hall;
mod hand;
mod layout;
mod lens;
mod page;
mod paper;
mod person;
mod phone;
mod place;
mod portrait;
mod presented;
mod scene;
mod sheet;
mod shown;
mod sitter;
#[cfg(test)]
mod tests;
mod texture;
mod worn;

use image::RgbImage;

pub use burst::Burst;
pub use code::code_image;
pub use conditions::{Conditions, Polarity};
pub use error::PictureError;
pub use page::{PageFormat, PassportPage};
pub use portrait::Portrait;
pub use presented::{Attack, Standing};
pub use scene::Scene;
pub use shown::{Carrier, CodeShown};
pub use worn::{Cloth, Worn};

/// A passport page (or card, or visa) held before the document camera.
///
/// `size` is width and height in pixels.
///
/// # Errors
/// When the size is unusable, a font or the portrait's source picture is missing, or the page's
/// machine-readable lines fit no format of ICAO Doc 9303.
pub fn passport_frame(
    page: &PassportPage,
    size: (u32, u32),
    conditions: &Conditions,
) -> Result<RgbImage, PictureError> {
    scene::recent(page, || Scene::passport(page))?.frame(size, conditions)
}

/// A phone held in a hand, its screen showing `code_text` as a QR code at level M.
///
/// # Errors
/// When the size is unusable, the text fits no QR code, or a font is missing.
pub fn phone_frame(
    code_text: &str,
    size: (u32, u32),
    conditions: &Conditions,
) -> Result<RgbImage, PictureError> {
    scene::recent(&(code_text, conditions.polarity), || {
        Scene::phone(code_text, conditions.polarity)
    })?
    .frame(size, conditions)
}

/// One person before the kiosk.
///
/// # Errors
/// When the size is unusable or the portrait's source picture is missing.
pub fn face_frame(
    portrait: &Portrait,
    size: (u32, u32),
    conditions: &Conditions,
) -> Result<RgbImage, PictureError> {
    scene::recent(portrait, || Scene::person(portrait))?.frame(size, conditions)
}

/// Two people side by side before the kiosk, the first a little nearer.
///
/// # Errors
/// When the size is unusable or the portraits' source picture is missing.
pub fn two_faces_frame(
    portraits: (&Portrait, &Portrait),
    size: (u32, u32),
    conditions: &Conditions,
) -> Result<RgbImage, PictureError> {
    scene::recent(&portraits, || Scene::two_people(portraits.0, portraits.1))?
        .frame(size, conditions)
}

/// The hall, with nobody and nothing before the camera.
///
/// # Errors
/// When the size is unusable.
pub fn empty_frame(size: (u32, u32), conditions: &Conditions) -> Result<RgbImage, PictureError> {
    Scene::hall().frame(size, conditions)
}

/// Writes a picture as PNG, making the folder where it is missing.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn save_png(picture: &RgbImage, path: &std::path::Path) -> Result<(), PictureError> {
    let failed = |source: image::ImageError| PictureError::Unwritable {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| failed(image::ImageError::IoError(e)))?;
    }
    picture
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(failed)
}
