use image::{GrayImage, Luma};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::error::PictureError;

/// The QR code of a text at level M, as the lane's codes are made.
pub(crate) fn qr(text: &str) -> Result<QrCode, PictureError> {
    QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_| PictureError::TooLongForACode { bytes: text.len() })
}

/// A QR code alone, dark on light with the four-module quiet zone, each module `scale` pixels (at least 1).
///
/// # Errors
/// When the text fits no QR code at level M.
pub fn code_image(text: &str, scale: u32) -> Result<GrayImage, PictureError> {
    let code = qr(text)?;
    let scale = scale.max(1);
    let side = (code.size() as u32 + 8) * scale;
    Ok(GrayImage::from_fn(side, side, |x, y| {
        let module = |v: u32| (v / scale) as i32 - 4;
        Luma([if code.get_module(module(x), module(y)) {
            0
        } else {
            255
        }])
    }))
}
