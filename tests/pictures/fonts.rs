use std::path::Path;
use std::sync::OnceLock;

use ab_glyph::FontVec;

use crate::error::PictureError;

/// The fonts that documents and phones are lettered in.
pub(crate) struct Fonts {
    pub(crate) ocr_b: FontVec,
    pub(crate) plain: FontVec,
    pub(crate) bold: FontVec,
}

const ROOTS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];
const OCR_B: [&str; 2] = ["opentype/ocr-b/OCRB.otf", "ocr-b/OCRB.otf"];
const PLAIN: [&str; 2] = [
    "truetype/noto/NotoSans-Regular.ttf",
    "truetype/dejavu/DejaVuSans.ttf",
];
const BOLD: [&str; 2] = [
    "truetype/noto/NotoSans-Bold.ttf",
    "truetype/dejavu/DejaVuSans-Bold.ttf",
];

fn first(names: &[&str]) -> Option<FontVec> {
    ROOTS
        .iter()
        .flat_map(|root| names.iter().map(move |name| Path::new(root).join(name)))
        .find_map(|path| FontVec::try_from_vec(std::fs::read(path).ok()?).ok())
}

/// Fonts as Debian installs them, read once.
pub(crate) fn fonts() -> Result<&'static Fonts, PictureError> {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    if let Some(fonts) = FONTS.get() {
        return Ok(fonts);
    }
    let sans = PictureError::MissingFont {
        kind: "sans-serif",
        package: "fonts-noto-core",
    };
    let loaded = Fonts {
        ocr_b: first(&OCR_B).ok_or(PictureError::MissingFont {
            kind: "OCR-B",
            package: "fonts-ocr-b",
        })?,
        plain: first(&PLAIN).ok_or(sans)?,
        bold: first(&BOLD).ok_or(PictureError::MissingFont {
            kind: "bold sans-serif",
            package: "fonts-noto-core",
        })?,
    };
    Ok(FONTS.get_or_init(|| loaded))
}
