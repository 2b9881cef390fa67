use std::path::PathBuf;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Frames are drawn from 64 x 64 up to 8192 x 8192 pixels.
    #[error("a frame of {width} x {height} pixels cannot be drawn: each side must be 64 to 8192")]
    UnusableSize {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The portrait's source picture is not on this machine.
    #[error(
        "the portrait picture {} is missing: run `cargo xtask demo` or `cargo xtask test`, which fetch it, \
         or set SEKISHO_MODELS to the folder that holds it", path.display()
    )]
    MissingPortrait {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The portrait's source picture is there but is not the picture expected.
    #[error("the portrait picture {} is unusable: {reason}", path.display())]
    UnusablePortrait {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No font of a wanted kind is installed.
    #[error(
        "no {kind} font is installed: `cargo xtask demo` or `cargo xtask test` install the Debian package {package}"
    )]
    MissingFont {
        /// What the font is for.
        kind: &'static str,
        /// The Debian package that carries it.
        package: &'static str,
    },
    /// The machine-readable lines have the shape of no format.
    #[error("{rows} lines of {columns:?} characters are no machine-readable zone of ICAO Doc 9303")]
    UnfitLines {
        /// How many lines were given.
        rows: usize,
        /// How many characters each has.
        columns: Vec<usize>,
    },
    /// The text is longer than the largest QR code.
    #[error("a text of {bytes} bytes fits no QR code at level M")]
    TooLongForACode {
        /// The text's length.
        bytes: usize,
    },
    /// The JPEG round trip failed.
    #[error("the JPEG round trip failed")]
    Jpeg(#[source] image::ImageError),
    /// A picture could not be saved.
    #[error("cannot write {}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
}
