use evidence::JourneyId;
use qrcodegen::{QrCode, QrCodeEcc};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// The quiet zone of ISO/IEC 18004 is four modules.
const QUIET: i32 = 4;

/// The journey's number as a QR code, one pixel a module: `SEKISHO J42`, to be photographed or scanned at the desk.
pub(crate) fn number_code(journey: JourneyId) -> Option<Image> {
    let code = QrCode::encode_text(&format!("SEKISHO {journey}"), QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let length = u32::try_from(side).ok()?;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(length, length);
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    for (pixel, (x, y)) in buffer.make_mut_slice().iter_mut().zip(places) {
        let shade = if code.get_module(x - QUIET, y - QUIET) {
            0
        } else {
            255
        };
        *pixel = Rgb8Pixel {
            r: shade,
            g: shade,
            b: shade,
        };
    }
    Some(Image::from_rgb8(buffer))
}
